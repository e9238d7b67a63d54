"""What is printed reads back as the same, and a click on a value changes a search as a person expects."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.evaluate import PlainRow, evaluate
from tests.support.searches import every_match, hostile_text, trees
from webapp.language import tree
from webapp.language.errors import InexpressibleError, QuerySyntaxError
from webapp.language.lexer import MAX_PARENTHESES
from webapp.language.parse import MAX_CHARACTERS, parse
from webapp.language.printing import print_query, terms, with_term, without_term
from webapp.language.tree import And, Match, Node, Not, Operator, Or, attribute, normalise


@given(trees(every_match()))
def test_what_is_printed_parses_to_the_same_tree(node: Node) -> None:
    text = print_query(node)
    if len(text) <= MAX_CHARACTERS:
        assert parse(text) == normalise(node)


@given(trees(every_match()), trees(every_match()))
def test_printed_searches_side_by_side_keep_their_meaning(one: Node, other: Node) -> None:
    text = f"({print_query(one)}) OR -({print_query(other)})"
    if len(text) <= MAX_CHARACTERS:
        assert parse(text) == normalise(Or((one, Not(other))))


@given(st.text(max_size=60) | hostile_text)
def test_printing_what_was_parsed_settles_at_once(text: str) -> None:
    try:
        node = parse(text)
    except QuerySyntaxError:
        return
    assert parse(print_query(node)) == node
    assert print_query(parse(print_query(node))) == print_query(node)


CANONICAL = [
    ("  a   AND b ", "a b"),
    ("(a b)", "a b"),
    ("((a OR b)) c", "(a OR b) c"),
    ("(a b) OR c", "a b OR c"),
    ("-(-a)", "a"),
    ("-(a OR b)", "-(a OR b)"),
    ("-(a b)", "-(a b)"),
    ('"a"', "a"),
    ('"a b"', '"a b"'),
    ("Body:a", "a"),
    ("body:a,b", "message:a,b"),
    ("SEVERITY:Warning,err", "level:warn,error"),
    ("service.name:'x'", "service:'x'"),
    ('service:"a b","c"', 'service:"a b",c'),
    ("event_name:x", "event:x"),
    ('"k":"v"', "k:v"),
    ('"level":x', '"level":x'),
    ('"LEVEL":x', '"LEVEL":x'),
    ('"resource.a":x', '"resource.a":x'),
    ('"localhost":5432', '"localhost":5432'),
    ('"main.go":42', '"main.go":42'),
    ('resource."a":x', "resource.a:x"),
    ("http://h:80/p?q=1", "http://h:80/p?q=1"),
    ("foo(bar)", "foo(bar)"),
    ("foo(bar", '"foo(bar"'),
    ('x="y', r'"x=\"y"'),
    ("--flag", "--flag"),
    ('-"--flag"', '-"--flag"'),
    ('-"->"', '-"->"'),
    ("- x", '"-" x'),
    ('"OR"', '"OR"'),
    (r'"\\"', "\\"),
    ('k:"*"', 'k:"*"'),
    ('k:":x"', 'k:":x"'),
    ("trace_id:" + "AB" * 16, "trace_id:" + "ab" * 16),
    ("trace_id:AB*", "trace_id:ab*"),
    ('trace_id:"AB"*', 'trace_id:"AB"*'),
    ('service:"web-"*', "service:web-*"),
    ('service:*"a b"*', 'service:*"a b"*'),
    ('service:""*', 'service:""*'),
    ("service:web-*,api", "service:web-* OR service:api"),
    ("-service:web-*,api", "-(service:web-* OR service:api)"),
    ("k:a*,b*", "k:a*,b*"),
    ("message:*a*", "a"),
    ('message:*""*', 'message:*""*'),
    ("body:*", "message:*"),
    ('message:="a"', 'message:="a"'),
    ('k:>="500"', "k>=500"),
    ('k>"a"', 'k>"a"'),
    ('"k"~"a"', 'k~"a"'),
    (r'k~"\d+\\.\"x\\\\"', r'k~"\d+\.\"x\\\\"'),
    ("level>=warn", "level:warn,error,fatal"),
    ("level<=DEBUG", "level:trace,debug"),
    ('level:"error"', "level:error"),
    ('level:="error"', "level:error"),
    ('level:="loud"', 'level:="loud"'),
    ("k:2026-11-20T00:00Z..2026-11-23T00:00:00.000Z", "k:2026-11-20..2026-11-22"),
    ("k:2026-11-20T01:00+01:00..", "k:2026-11-20.."),
    ('k:"2026-11-20.."', 'k:"2026-11-20.."'),
    ("", ""),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_the_printed_form_is_as_plain_as_can_be(text: str, canonical: str) -> None:
    assert print_query(parse(text)) == canonical
    assert parse(canonical) == parse(text)


def test_a_tree_of_the_deepest_groups_fits_the_nesting_of_the_language() -> None:
    node: Node = parse("a")
    for _ in range(MAX_PARENTHESES - 1):
        node = Not(And((parse("b"), node)))
    assert parse(print_query(And((parse("b"), node)))) == And((parse("b"), node))


@pytest.mark.parametrize(
    "node",
    [
        Or(()),
        Not(And(())),
        And((parse("a"), Or(()))),
        Match(tree.SERVICE, Operator.EQUALS, ()),
        Match(attribute("\ud800"), Operator.EQUALS, ("a",)),
        Match(tree.MESSAGE, Operator.CONTAINS, ("\udfff",)),
        Match(attribute("k"), Operator.REGEX, ("(",)),
        Match(attribute("k"), Operator.IN_TIME, ("", "")),
        Match(attribute("k"), Operator.IN_TIME, ("7", "7")),
        Match(attribute("k"), Operator.IN_TIME, ("07", "")),
        Match(attribute("k"), Operator.IN_TIME, ("", "9214646400000000001")),
        Match(tree.LEVEL, Operator.GREATER, ("warn",)),
        Match(tree.LEVEL, Operator.AT_LEAST, ("13",)),
    ],
)
def test_what_the_language_cannot_say_is_refused_and_not_said_wrongly(node: Node) -> None:
    with pytest.raises(InexpressibleError):
        print_query(node)


@pytest.mark.parametrize(
    ("operator", "value", "text"),
    [
        (Operator.GREATER, "info", "level:trace,warn"),
        (Operator.AT_LEAST, "info", "level:trace,info,warn"),
        (Operator.LESS, "fatal", "level:debug,error"),
        (Operator.AT_MOST, "fatal", "level:debug,error,fatal"),
    ],
)
def test_levels_that_are_compared_by_name_are_written_one_by_one(operator: Operator, value: str, text: str) -> None:
    assert print_query(Match(tree.LEVEL, operator, (value,))) == text


CLICKS = [
    # search, term, after "filter for" or, with a dash, "filter out"
    ("", "service:web", "service:web"),
    ("", "-service:web", "-service:web"),
    ("a b", "service:web", "a b service:web"),
    ("a OR b", "service:web", "(a OR b) service:web"),
    ("service:web", "service:web", "service:web"),
    ("-service:web", "-service:web", "-service:web"),
    ("-service:web,api", "-service:web", "-service:web,api"),
    ("service:api a", "service:web", "service:web a"),
    ("service:api,web a", "service:web", "service:web a"),
    ("a service:api b service:db", "service:web", "a service:web b"),
    ("-service:api", "-service:web", "-service:api -service:web"),
    ("-service:web a", "service:web", "a service:web"),
    ("-service:web,api", "service:web", "-service:api service:web"),
    ("service:web a", "-service:web", "a -service:web"),
    ("service:web,api a", "-service:web", "service:api a"),
    ("service:api", "-service:web", "service:api"),
    ("k:1", '"service":2', 'k:1 "service":2'),
    ("resource.k:1", "k:2", "resource.k:1 k:2"),
    ("k:1", "-k:1", "-k:1"),
    ("k:1", "k:2", "k:2"),
    ("level:error", "level:warn", "level:warn"),
    ("(service:api OR a)", "service:web", "(service:api OR a) service:web"),
    ("timeout", "refused", "timeout refused"),
    ("timeout", "timeout", "timeout"),
    ("-timeout", "timeout", "timeout"),
    ("timeout", "-timeout", "-timeout"),
    ("timeout", "-refused", "timeout -refused"),
    ("service:web-* a", "service:api", "service:api a"),
    ("k>=500 a k<600", "k:503", "k:503 a"),
    ("k:a*,b", "k:c", "k:c"),
    ("(k:a* OR j:b)", "k:c", "(k:a* OR j:b) k:c"),
    ('k~"a" k:*', "k:c", "k:c"),
    ("message:a* b", "c", "message:a* b c"),
    ("message:a* b", 'message:="ab"', 'message:a* b message:="ab"'),
    ("-service:web-*", "service:web-1", "service:web-1"),
    ("-service:web-*,api-*", "service:web-1", "-service:api-* service:web-1"),
    ("-service:api-*", "service:web-1", "-service:api-* service:web-1"),
    ("-k:*eb", "k:web", "k:web"),
    ("-k:*E*", "k:web", "k:web"),
    ("-k:*", "k:web", "k:web"),
    ("-k:*", 'k:""', '-k:* k:""'),
    ("-j:*", "k:web", "-j:* k:web"),
    ("k:web", "-k:*", "-k:*"),
    ('k:""', "-k:*", 'k:"" -k:*'),
    ("k:*", "-k:*", "-k:*"),
    ("-k:*", "k:*", "k:*"),
    ("-k:web", "k:*", "-k:web k:*"),
    ("k:web", "k:*", "k:web"),
    ('k:""', "k:*", 'k:"" k:*'),
    ("k:*", "-k:web", "k:* -k:web"),
    ("-k:*", "-k:web", "-k:*"),
    ("-k:web-*", "-k:web-1", "-k:web-*"),
    ("-k:web-*", "-k:api", "-k:web-* -k:api"),
    ("k:web-1,api", "-k:web-*", "k:api"),
    ("k:web-1", "-k:web-*", "-k:web-*"),
    ("k:web-*", "-k:web-1", "k:web-* -k:web-1"),
    ("k>5", "-k>5", "-k>5"),
    ("k>5", "-k>7", "k>5 -k>7"),
    ("k:2026-11-20..", "-k:2026-11-20..", "-k:2026-11-20.."),
    ("k:2026-11-20..", "-k:2026-11-20..2026-11-21", "k:2026-11-20.. -k:2026-11-20..2026-11-21"),
]


@pytest.mark.parametrize(("search", "term", "after"), CLICKS)
def test_a_click_changes_the_search_as_expected(search: str, term: str, after: str) -> None:
    assert print_query(with_term(parse(search), term_of(term))) == after


def term_of(text: str) -> Match | Not:
    node = parse(text)
    assert isinstance(node, Match | Not)
    return node


few_words = st.sampled_from(["a", "b", "ab", "A"])
few_matches = st.one_of(
    st.builds(Match, st.just(tree.MESSAGE), st.just(Operator.CONTAINS), st.lists(few_words, min_size=1).map(tuple)),
    st.builds(
        Match,
        st.sampled_from([tree.SERVICE, attribute("k")]),
        st.just(Operator.EQUALS),
        st.lists(few_words, min_size=1).map(tuple),
    ),
)
few_trees = trees(few_matches)
rows = st.builds(
    PlainRow,
    body=st.sampled_from(["", "a", "b", "ab", "ba", "c"]),
    service_name=few_words | st.just(""),
    attributes=st.dictionaries(st.just("k"), few_words),
)


def test_everything_and_nothing_take_over_or_vanish_in_the_normal_form() -> None:
    a = parse("a")
    assert normalise(And((a, Or(())))) == normalise(Not(And(()))) == Or(())
    assert normalise(Or((a, And(())))) == normalise(Not(Or(()))) == And(())
    assert normalise(And((a, And(())))) == normalise(Or((a, Or(())))) == a


@given(few_trees, rows)
def test_the_normal_form_means_the_same(node: Node, row: PlainRow) -> None:
    assert evaluate(normalise(node), row) == evaluate(node, row)


@given(few_trees, few_matches, st.booleans(), rows)
def test_after_a_click_every_row_matches_what_was_clicked(node: Node, match: Match, out: bool, row: PlainRow) -> None:
    term = Not(match) if out else match
    after = with_term(node, term)
    assert not evaluate(after, row) or evaluate(term, row)
    assert with_term(after, term) == after


@given(few_trees, few_matches, rows)
def test_filtering_out_takes_away_no_other_row(node: Node, match: Match, row: PlainRow) -> None:
    if evaluate(node, row) and not evaluate(match, row):
        assert evaluate(with_term(node, Not(match)), row)


@given(trees(every_match()), every_match())
def test_a_term_that_is_taken_away_is_gone(node: Node, match: Match) -> None:
    added = And((node, match))
    assert match not in terms(without_term(added, match))
    assert without_term(match, match) == And(())


def test_taking_a_term_away_leaves_the_others_and_all_groups() -> None:
    search = parse("a -service:web (a OR b)")
    assert print_query(without_term(search, term_of("-service:web"))) == "a (a OR b)"
    assert print_query(without_term(search, parse("a OR b"))) == "a -service:web"
    assert without_term(search, parse("b")) == search
    assert [print_query(term) for term in terms(search)] == ["a", "-service:web", "a OR b"]


def test_evaluation_compares_as_the_language_promises() -> None:
    row = PlainRow(body="SocketTimeout", service_name="web", trace_id="AB" * 16, attributes={"k": "V"})
    row = replace(row, severity_text="error", resource_attributes={"host": "x"})
    for text in ("timeout", "service:web", f"trace_id:{'ab' * 16}", "k:V", "level:error", "resource.host:x", "-k:v"):
        assert evaluate(parse(text), row), text
    for text in ("k:v", "service:Web", "-timeout", "host:x", "resource.k:V", "missing:x", 'missing:""'):
        assert not evaluate(parse(text), row), text
