"""A search means what it says, any pasted piece of a log is text, and whatever else is an error in plain words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.language import tree
from webapp.language.errors import QuerySyntaxError
from webapp.language.lexer import MAX_PARENTHESES
from webapp.language.nanoseconds import LATEST_NS
from webapp.language.parse import MAX_CHARACTERS, MAX_NODES, parse
from webapp.language.tree import And, Match, Node, Not, Operator, Or, attribute, resource_attribute


def word(*values: str) -> Match:
    return Match(tree.MESSAGE, Operator.CONTAINS, values)


def equals(field: tree.Field, *values: str) -> Match:
    return Match(field, Operator.EQUALS, values)


A, B, C, D = word("a"), word("b"), word("c"), word("d")

MEANINGS: list[tuple[str, Node]] = [
    ("", And(())),
    (" \t\n", And(())),
    ("a", A),
    ("a b", And((A, B))),
    ("a\nb", And((A, B))),
    ("a AND b", And((A, B))),
    ("a and b", And((A, word("and"), B))),
    ('"a b"', word("a b")),
    (r'"say \"hi\" \\ C:\new"', word('say "hi" \\ C:\\new')),
    ("a OR b", Or((A, B))),
    ("a or b", And((A, word("or"), B))),
    ("a b OR c d", Or((And((A, B)), And((C, D))))),
    ("a AND b OR c", Or((And((A, B)), C))),
    ("a (b OR c) d", And((A, Or((B, C)), D))),
    ("(a b) (c d)", And((A, B, C, D))),
    ("(a OR b) OR (c)", Or((A, B, C))),
    ("((a))", A),
    ("(a)(b)", And((A, B))),
    ("-a", Not(A)),
    ('-"a b"', Not(word("a b"))),
    ("-(a b)", Not(And((A, B)))),
    ("-(-a)", A),
    ("-a OR b", Or((Not(A), B))),
    ("a-b", word("a-b")),
    ('"a"-b', And((A, word("-b")))),
    ('"a"(b', And((A, word("(b")))),
    ('"a"k:b', And((A, word("k:b")))),
    ('"OR"', word("OR")),
    ('"AND"', word("AND")),
    ("FILE NOT FOUND", And((word("FILE"), word("NOT"), word("FOUND")))),
    ("service:a", equals(tree.SERVICE, "a")),
    ("service:a,b,a", equals(tree.SERVICE, "a", "b")),
    ("-service:a", Not(equals(tree.SERVICE, "a"))),
    ("SERVICE:a", equals(tree.SERVICE, "a")),
    ("service.name:a", equals(tree.SERVICE, "a")),
    ("service_name:a", equals(tree.SERVICE, "a")),
    ('service:"a b",c', equals(tree.SERVICE, "a b", "c")),
    ('service:""', equals(tree.SERVICE, "")),
    ('service:"web-*"', equals(tree.SERVICE, "web-*")),
    ("(service:a)", equals(tree.SERVICE, "a")),
    ("level:error,fatal", equals(tree.LEVEL, "error", "fatal")),
    ("level:WARNING,Critical,err,warn", equals(tree.LEVEL, "warn", "fatal", "error")),
    ('severity:"info"', equals(tree.LEVEL, "info")),
    ("severity_text:notice", equals(tree.LEVEL, "info")),
    ("trace_id:" + "Ab" * 16, equals(tree.TRACE_ID, "ab" * 16)),
    ("span_id:" + "0F" * 8, equals(tree.SPAN_ID, "0f" * 8)),
    ("event:order.placed", equals(tree.EVENT_NAME, "order.placed")),
    ("event_name:x", equals(tree.EVENT_NAME, "x")),
    ("scope:app.db", equals(tree.SCOPE, "app.db")),
    ("message:a,b", word("a", "b")),
    ("body:a", A),
    ("http.status_code:500", equals(attribute("http.status_code"), "500")),
    ("@timestamp:x", equals(attribute("@timestamp"), "x")),
    ("app.kubernetes.io/name:web", equals(attribute("app.kubernetes.io/name"), "web")),
    ("Status:500,502", equals(attribute("Status"), "500", "502")),
    ("größe:1", equals(attribute("größe"), "1")),
    ("url:/api/v1", equals(attribute("url"), "/api/v1")),
    ("time:12:30:05", equals(attribute("time"), "12:30:05")),
    ("caller:main(x)", equals(attribute("caller"), "main(x)")),
    ('"a b":c', equals(attribute("a b"), "c")),
    ('"service":c', equals(attribute("service"), "c")),
    ('"resource.x":c', equals(attribute("resource.x"), "c")),
    ('"localhost":5432', equals(attribute("localhost"), "5432")),
    ('"":c', equals(attribute(""), "c")),
    ("resource.k8s.pod.name:c", equals(resource_attribute("k8s.pod.name"), "c")),
    ("resource.service.name:c", equals(resource_attribute("service.name"), "c")),
    ('resource."a b":c', equals(resource_attribute("a b"), "c")),
    ('-"a b":"c, d"', Not(equals(attribute("a b"), "c, d"))),
]


def match(field: tree.Field, operator: Operator, *values: str) -> Match:
    return Match(field, operator, values)


K = attribute("k")
DAY_NS = 86_400 * 10**9
TWENTIETH = 1_795_132_800 * 10**9  # 2026-11-20
MEANINGS += [
    ("k:*", match(K, Operator.EXISTS)),
    ("-user.id:*", Not(match(attribute("user.id"), Operator.EXISTS))),
    ("service:*", match(tree.SERVICE, Operator.EXISTS)),
    ("resource.k:*", match(resource_attribute("k"), Operator.EXISTS)),
    ("k:a*", match(K, Operator.STARTS_WITH, "a")),
    ("k:*a", match(K, Operator.ENDS_WITH, "a")),
    ("k:*a*", match(K, Operator.CONTAINS, "a")),
    ("k:a*,b*", match(K, Operator.STARTS_WITH, "a", "b")),
    ("k:a*,b,c*", Or((match(K, Operator.STARTS_WITH, "a", "c"), equals(K, "b")))),
    ("k:*,a", Or((match(K, Operator.EXISTS), equals(K, "a")))),
    ('k:"a b"*', match(K, Operator.STARTS_WITH, "a b")),
    ('k:*"a, b"', match(K, Operator.ENDS_WITH, "a, b")),
    ('k:*"*"*', match(K, Operator.CONTAINS, "*")),
    ('k:"*"', equals(K, "*")),
    ('k:"a*"', equals(K, "a*")),
    ("message:a*", match(tree.MESSAGE, Operator.STARTS_WITH, "a")),
    ("message:*a", match(tree.MESSAGE, Operator.ENDS_WITH, "a")),
    ("message:*a*", A),
    ('message:"a*"', word("a*")),
    ('message:="a"', match(tree.MESSAGE, Operator.EQUALS, "a")),
    ('message:=""', match(tree.MESSAGE, Operator.EQUALS, "")),
    ("level:WARN*", match(tree.LEVEL, Operator.STARTS_WITH, "warn")),
    ("trace_id:4BF9*", match(tree.TRACE_ID, Operator.STARTS_WITH, "4bf9")),
    ('trace_id:="no hex"', equals(tree.TRACE_ID, "no hex")),
    ("k>5", match(K, Operator.GREATER, "5")),
    ("k>=500", match(K, Operator.AT_LEAST, "500")),
    ("k<-.5e-3", match(K, Operator.LESS, "-.5e-3")),
    ("k<=+5.", match(K, Operator.AT_MOST, "+5.")),
    ("k>5,7", match(K, Operator.GREATER, "5", "7")),
    ("k:>=500", match(K, Operator.AT_LEAST, "500")),
    ('k>"a b"', match(K, Operator.GREATER, "a b")),
    ("-k>5", Not(match(K, Operator.GREATER, "5"))),
    ("(k>5)", match(K, Operator.GREATER, "5")),
    ("resource.k>5", match(resource_attribute("k"), Operator.GREATER, "5")),
    ('"a b">5', match(attribute("a b"), Operator.GREATER, "5")),
    ('"level">5', match(attribute("level"), Operator.GREATER, "5")),
    ('service>"m"', match(tree.SERVICE, Operator.GREATER, "m")),
    ("level>=warn", equals(tree.LEVEL, "warn", "error", "fatal")),
    ("severity:>Warning", equals(tree.LEVEL, "error", "fatal")),
    ("level<debug", equals(tree.LEVEL, "trace")),
    ('level<="debug"', equals(tree.LEVEL, "trace", "debug")),
    ('k~"a.*b"', match(K, Operator.REGEX, "a.*b")),
    (r'body~"^\d+ \"x\""', match(tree.MESSAGE, Operator.REGEX, '^\\d+ "x"')),
    ('message~"a","b"', match(tree.MESSAGE, Operator.REGEX, "a", "b")),
    ('"a b"~"c"', match(attribute("a b"), Operator.REGEX, "c")),
    ("k:2026-11-20..2026-11-22", match(K, Operator.IN_TIME, str(TWENTIETH), str(TWENTIETH + 3 * DAY_NS))),
    ("k:2026-11-20..", match(K, Operator.IN_TIME, str(TWENTIETH), "")),
    ("k:..2026-11-20", match(K, Operator.IN_TIME, "", str(TWENTIETH + DAY_NS))),
    ("k:2026-11-20T01:00+01:00..", match(K, Operator.IN_TIME, str(TWENTIETH), "")),
    ("k:..2026-11-20T00:00:00.000000001", match(K, Operator.IN_TIME, "", str(TWENTIETH + 1))),
    ("k:..2261-12-31", match(K, Operator.IN_TIME, "", str(LATEST_NS))),
    ("k:2026-11-20", equals(K, "2026-11-20")),
    ('k:"2026-11-20.."', equals(K, "2026-11-20..")),
    ("k:1.0..2.0", equals(K, "1.0..2.0")),
    ("k:..", equals(K, "..")),
    ("instrumentation_scope:app@1.0", equals(tree.INSTRUMENTATION_SCOPE, "app@1.0")),
    ("resource_fingerprint:123", equals(tree.FINGERPRINT, "123")),
]


@pytest.mark.parametrize(("text", "meaning"), MEANINGS)
def test_a_search_means_what_it_says(text: str, meaning: Node) -> None:
    assert parse(text) == meaning


# Pasted from logs: each piece is searched for as it stands, cut only at the spaces.
FRAGMENTS = [
    ["GET", "/api/v1?x=1"],
    ["http://host:8080/path"],
    ["postgres://user:secret@db:5432/app?ssl=1"],
    ["10.0.0.1:443"],
    ["[::1]:443"],
    ["[error]"],
    ["foo=bar"],
    ["level=info"],
    ['{"a":1}'],
    ['{"a":"b c (d","e":[1,2]}'],
    ["12:30:05,123"],
    ["2026-11-23T14:02:03Z"],
    ["C:\\Windows\\System32"],
    ["C:/Windows"],
    ["main.go:42"],
    ["app/views.py:12:5"],
    ["std::string::npos"],
    ["x:=5"],
    ["localhost:5432"],
    ["sha256:e3b0c442"],
    ["Error:", "boom"],
    ["status:", "500"],
    ["id:42,", "status:500,", "done"],
    ["message:", "boom"],
    ["service::Method"],
    ["foo(bar)"],
    ["main(argc,", "argv)"],
    ["at", "com.foo.Bar.baz(Bar.java:42)"],
    ["()", "=>", "{"],
    ['msg="disk full (sda1)"', "-->"],
    ['5"', "disk"],
    ["it's"],
    ["--verbose", "->", "-----BEGIN"],
    ["2026", "-", "INFO", "-", "x"],
    ["|-+-|", "-|"],
    ["*"],
    ["0.0.0.0:*"],
    ["user@host"],
    ["a\\"],
    ["NULL\x00byte"],
    ["a->b", "->5", "ptr->5"],
    ["x=>5", "()", "=>", "{"],
    ["<html>", "<b>5</b>", "</td>"],
    ["std::vector<int>", "List<5>", "array<5,3>"],
    ["a<b", "a>b", "b>a,5", "a<1,b>2"],
    ["a>5&&b<3", "i<10;", "x>5ms"],
    ["5>3", "1<2"],
    ["<34>1", "2026-11-23T14:02:03Z"],
    ["call(a,", "x>5)"],
    ["k:>5a"],
    ["message>a", "service>a", "body<p"],
    ["HEAD~3", "~user", "a~b", "PROGRA~1", "k~a"],
    ["x:=5", 'y:="z"'],
    ["web*", "*.log", "a*b"],
]


@pytest.mark.parametrize("pieces", FRAGMENTS)
def test_a_pasted_piece_of_a_log_is_text(pieces: list[str]) -> None:
    assert words_of(parse(" ".join(pieces))) == pieces


def words_of(node: Node) -> list[str]:
    items = node.items if isinstance(node, And) else (node,)
    assert all(isinstance(item, Match) and item.field == tree.MESSAGE for item in items)
    return [value for item in items if isinstance(item, Match) for value in item.values]


def test_pasted_json_with_spaces_is_text() -> None:
    assert words_of(parse('{"a": "b (c", "d": 1}')) == ['{"a":', "b (c", ",", "d", ":", "1}"]
    assert words_of(parse('"a":1,"b":2')) == ["a", ':1,"b":2']


def test_a_parenthesis_within_text_does_not_close_a_group() -> None:
    assert parse("(main(a, b) OR c) d") == And((Or((And((word("main(a,"), word("b)"))), C)), D))


def test_a_field_that_turns_out_to_be_text_leaves_the_parentheses_as_they_were() -> None:
    assert words_of(parse("(k:f(x, a) b)")) == ["k:f(x,", "a)", "b"]


THIRTY_TWO = "0123456789abcdef" * 2

FAULTS = [
    ('a "b', "This quote is not closed", '"'),
    ('a:"b', "This quote is not closed", '"'),
    ('"b\\"', "This quote is not closed", '"'),
    ("a (b", "This parenthesis is not closed", "("),
    ("(main(a b)", "This parenthesis is not closed", "("),
    ("a b) c", "This parenthesis closes nothing", ")"),
    ("a )", "This parenthesis closes nothing", ")"),
    ("service:a) b", "This parenthesis closes nothing", ")"),
    ("OR", "OR needs a term on both sides", "OR"),
    ("OR a", "OR needs a term on both sides", "OR"),
    ("a OR", "OR needs a term on both sides", "OR"),
    ("a AND", "AND needs a term on both sides", "AND"),
    ("AND a", "AND needs a term on both sides", "AND"),
    ("b (a OR)", "OR needs a term on both sides", "OR"),
    ("b (AND a)", "AND needs a term on both sides", "AND"),
    ("-OR", "OR needs a term on both sides", "OR"),
    ("a -", "There is nothing after this -", "-"),
    ("(a -)", "There is nothing after this -", "-"),
    ('a ""', "There is nothing between these quotes", '""'),
    ('message:""', "There is nothing between these quotes", '""'),
    ("a ( )", "There is nothing between these parentheses", "( )"),
    ("a service:", "service: needs a value", "service:"),
    ("level: error", "level: needs a value", "level:"),
    ("(service:)", "service: needs a value", "service:"),
    ("service:a,", "service: needs a value", "service:a,"),
    ("service:a,,b", "service: needs a value", "service:a,"),
    ('service:"a"b', "There is text right behind the closing quote", "b"),
    ("service:(a OR b)", "Write several values with commas and no parentheses: service:a,b", "("),
    ("k:a*b", 'A * stands for any text only at the beginning or the end of a value. Write k:"a*b"', "a*b"),
    ("service:x,*a*b*", "A * stands for any text only at the beginning or the end of a value", "*a*b*"),
    ("k:**", 'A * stands for any text only at the beginning or the end of a value. Write k:"**"', "**"),
    ("message:a*b", "A * stands for any text only at the beginning or the end of a value", "a*b"),
    ('service:"a"*b', "There is text right behind the closing quote", "b"),
    ('k:*"a', "This quote is not closed", '"'),
    ('k~"a', "This quote is not closed", '"'),
    ("service~a", 'Write the regular expression in quotes: service~"time.*out".', "a"),
    ("body~ a", 'Write the regular expression in quotes: body~"time.*out".', "body~"),
    ('service~"a"b', "There is text right behind the closing quote", "b"),
    ('k~"(a"', "This is not a regular expression: missing ): (a. Regular expressions follow RE2", '"(a"'),
    (r'b k~"x","\1"', r"This is not a regular expression: invalid escape sequence: \1.", r'"\1"'),
    ('k~"(?=a)"', "This is not a regular expression: invalid perl operator: (?=", '"(?=a)"'),
    (f'k~"{"a" * 1001}"', "A regular expression has 1,000 characters at most; this one has 1,001", f'"{"a" * 1001}"'),
    (r'k~"\pL{50}"', "This regular expression is too large", r'"\pL{50}"'),
    ("service>5x", 'service> needs a number, or a text in quotes such as service>"a".', "5x"),
    ("level>=loud", '"loud" is not a level', "loud"),
    ("level>= warn", "level>= needs a level right behind it, without a space, such as level>=warn", "level>="),
    ("level>fatal", "No level is above fatal.", "fatal"),
    ("level<trace", "No level is below trace.", "trace"),
    ("k:2026-11-31..", '"2026-11-31" is not a date. Write 2026-11-23 or 2026-11-23T14:00Z', "2026-11-31.."),
    ("k:2026-11-23..2026-11-22", "The start of 2026-11-23..2026-11-22 is not before its end", "2026-11-23..2026-11-22"),
    ("resource_fingerprint:ab", "A resource_fingerprint is a whole number.", "ab"),
    ("level:error,loud", '"loud" is not a level. The levels are trace, debug, info, warn, error, fatal.', "loud"),
    ('level:""', '"" is not a level', '""'),
    ("trace_id:abc", "A trace_id is 32 hexadecimal digits", "abc"),
    (f"trace_id:{THIRTY_TWO[:-1]}x", "A trace_id is 32 hexadecimal digits", f"{THIRTY_TWO[:-1]}x"),
    (f"span_id:{THIRTY_TWO}", "A span_id is 16 hexadecimal digits", THIRTY_TWO),
    ("a \ud83d", "This character is not valid Unicode", "\ud83d"),
]


@pytest.mark.parametrize(("text", "sentence", "culprit"), FAULTS)
def test_a_fault_is_said_in_words_and_marked_at_its_place(text: str, sentence: str, culprit: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert caught.value.detail.startswith(sentence)
    assert text[caught.value.start : caught.value.end] == culprit


def test_parentheses_nest_as_deep_as_the_limit_and_no_deeper() -> None:
    def nested(depth: int) -> str:
        return "-(a " * depth + "b" + ")" * depth

    assert parse(nested(MAX_PARENTHESES))
    with pytest.raises(QuerySyntaxError, match="nested 16 deep at most") as caught:
        parse(nested(MAX_PARENTHESES + 1))
    assert (caught.value.start, caught.value.end) == (4 * MAX_PARENTHESES + 1, 4 * MAX_PARENTHESES + 2)


def test_a_search_has_as_many_terms_as_the_limit_and_no_more() -> None:
    assert tree.count_nodes(parse("a " * (MAX_NODES - 1))) == MAX_NODES
    with pytest.raises(QuerySyntaxError, match="256 terms and groups at most; this one has 257"):
        parse("a " * MAX_NODES)


def test_a_search_is_as_long_as_the_limit_and_no_longer() -> None:
    assert parse("a" * MAX_CHARACTERS) == word("a" * MAX_CHARACTERS)
    with pytest.raises(QuerySyntaxError, match="4,096 characters at most; this one has 4,097") as caught:
        parse("a" * (MAX_CHARACTERS + 1))
    assert (caught.value.start, caught.value.end) == (MAX_CHARACTERS, MAX_CHARACTERS + 1)


ODD_PIECES = [
    '"',
    "\\",
    "(",
    ")",
    "-",
    " ",
    "OR",
    "AND",
    ":",
    ",",
    "a",
    "service:",
    "level:",
    "error",
    "resource.",
    "key:",
]
ODD_PIECES += [
    "*",
    "=",
    "{",
    "//",
    ">",
    "localhost:",
    "main.go:42",
    "\n",
    "\u00a0",
    "é",
    "@",
    "trace_id:",
    "message:",
    "\x00",
    "~",
    "<=",
    "5",
    "2026-11-20..",
    "(?i",
]
searches = st.lists(st.sampled_from(ODD_PIECES), max_size=25).map("".join) | st.text(st.characters(codec=None))


@given(searches)
def test_no_text_raises_anything_but_an_error_at_a_place_in_it(text: str) -> None:
    try:
        parse(text)
    except QuerySyntaxError as error:
        assert error.detail
        assert 0 <= error.start < error.end <= len(text)


@given(searches)
def test_quotes_make_any_text_a_phrase(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    if text and not any("\ud800" <= char <= "\udfff" for char in text):
        assert parse(f'"{quoted}"') == word(text)
