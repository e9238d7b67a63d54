"""The terms of a search have their places, and taking one away leaves what the others mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.searches import hostile_text, trees
from webapp.language.complete import typed_at
from webapp.language.errors import InexpressibleError, QuerySyntaxError
from webapp.language.parse import parse
from webapp.language.printing import print_query
from webapp.language.tree import SERVICE, Node, Or, conjunction, normalise
from webapp.language.written import filter_beside, text_without, written_terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ("a  service:web,api", ["a", "service:web,api"]),
        ('-web -user.id:* -"b c"', ["-web", "-user.id:*", '-"b c"']),
        ("a AND b", ["a", "b"]),
        ("a (b OR c) -(d e)", ["a", "(b OR c)", "-(d e)"]),
        ("a (b (c)) d", ["a", "(b (c))", "d"]),
        ("-a OR b", ["-a OR b"]),
        ('"a"b', ['"a"', "b"]),
        ("main(argc, argv) 🚀 x", ["main(argc,", "argv)", "🚀", "x"]),
    ],
)
def test_each_term_is_where_it_is_written(text: str, terms: list[str]) -> None:
    found = written_terms(text)
    assert [text[term.start : term.end] for term in found] == terms
    alone = [term for term in terms if " OR " not in term or "(" in term]
    assert [term.is_negated for term in found if text[term.start : term.end] in alone] == [
        term.startswith("-") for term in alone
    ]


@pytest.mark.parametrize(
    ("text", "gone", "left"),
    [
        ("a", 0, ""),
        ("a   b  c", 1, "a c"),
        ("a service:web  'x  y'", 0, "service:web  'x  y'"),
        ("Service:web  level:warning x", 2, "Service:web  level:warning"),
        ("a AND b AND c", 1, "a c"),
        ("a OR b", 0, ""),
        ('"a"-b', 0, '"-b"'),  # a dash there is text
        ("main(argc, argv) x", 0, '"argv)" x'),  # nothing would close what is written
        ("(a OR b) -c", 1, "(a OR b)"),
    ],
)
def test_without_a_term_the_others_stay_as_they_are_written_where_they_can(text: str, gone: int, left: str) -> None:
    terms = written_terms(text)
    assert text_without(text, terms, terms[gone]) == left


def written(tree: Node) -> str:
    try:
        return print_query(tree)
    except InexpressibleError:
        return ""


PIECES = st.sampled_from(["a", "-b", '"c d"', "k:1", "(a OR b)", "-(a b)", "AND", "(", ")", "f(x", 'k~"("', " "])
SEARCHES = trees().map(written) | hostile_text | st.lists(PIECES, max_size=7).map(" ".join)


@given(SEARCHES)
def test_the_terms_together_are_the_search_and_without_one_it_means_the_others(text: str) -> None:
    try:
        whole = parse(text)
    except QuerySyntaxError:
        return
    terms = written_terms(text)
    assert conjunction(term.node for term in terms) == whole
    for gone in terms:
        left = text_without(text, terms, gone)
        assert left is not None
        assert parse(left) == conjunction(term.node for term in terms if term is not gone)


@pytest.mark.parametrize(
    ("marked", "beside"),
    [
        ("service:|", ""),
        ("level:error -service:w| timeout", "level:error timeout"),
        ("level:error (a OR service:|", "level:error"),
        ("level:error ser|", "level:error"),
        ("a OR service:|", ""),
        ('service:"a, | level:error', "level:error"),
        ("service:api,|,web b", "b"),
        ("se| (a OR b", ""),  # a group of its own that is still open
        ("level:loud service:|", ""),
        (f"{'a ' * 300}service:|", ""),
        ("|", ""),
        ("a | b", "a b"),
    ],
)
def test_beside_what_is_typed_stand_the_other_terms(marked: str, beside: str) -> None:
    cursor = marked.index("|")
    text = marked.replace("|", "", 1)
    typed = typed_at(text, cursor, [SERVICE])
    assert filter_beside(text, typed.term, typed.end) == parse(beside)


@given(trees().map(written))
def test_a_term_that_begins_behind_a_search_has_all_of_it_beside_it(text: str) -> None:
    if isinstance(parse(text), Or):  # which the term would be a part of
        return
    typed = typed_at(f"{text} service:", len(text) + 9, [])
    assert filter_beside(f"{text} service:", typed.term, typed.end) == parse(text)


@given(hostile_text, st.data())
def test_whatever_is_typed_a_filter_in_normal_form_is_beside_it(text: str, data: st.DataObject) -> None:
    typed = typed_at(text, data.draw(st.integers(0, len(text))), [])
    beside = filter_beside(text, typed.term, typed.end)
    assert beside == normalise(beside)
