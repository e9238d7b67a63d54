"""A search as filters of the API is read back as what was meant, and says in the API's own words what they can say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.evaluate import PlainRow, evaluate
from tests.support.searches import every_match, trees
from webapp.errors import ValidationFailed
from webapp.language import tree
from webapp.language.errors import InexpressibleError
from webapp.language.parse import parse
from webapp.language.tree import Match, Node, Operator
from webapp.services.filter_printing import print_filters
from webapp.services.filters import where

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
DATES = ["2026-11-20T00:00:00Z", "2026-11-22T10:00:00Z"]
DAY_NS = 86_400 * 10**9
TEXTS = ["", "a", "ab", "B", "5", "12.5", "x y", *DATES]
texts = st.sampled_from(TEXTS)
fields = st.sampled_from(
    [tree.MESSAGE, tree.SERVICE, tree.EVENT_NAME, tree.SCOPE, tree.attribute("k"), tree.resource_attribute("k")]
)
some = st.lists(texts, min_size=1, max_size=2, unique=True).map(tuple)
days = st.integers(20_770, 20_780).map(lambda day: str(day * DAY_NS))
leaves = st.one_of(
    st.builds(Match, fields, st.sampled_from([*Operator][:5]), some.filter(lambda values: "" not in values)),
    st.builds(Match, fields, st.sampled_from([*Operator][5:9]), some),
    st.builds(Match, fields, st.just(Operator.EXISTS), st.just(())),
    st.builds(Match, fields, st.just(Operator.IN_TIME), st.tuples(days, st.just(""))),
    st.builds(Match, fields, st.just(Operator.IN_TIME), st.tuples(st.just(""), days)),
    st.builds(Match, st.just(tree.LEVEL), st.just(Operator.EQUALS), st.tuples(st.sampled_from(tree.LEVELS))),
)
maps = st.dictionaries(st.just("k"), texts)
rows = st.builds(
    PlainRow,
    body=texts,
    severity_text=st.sampled_from(tree.LEVELS),
    service_name=texts,
    event_name=texts,
    scope_name=texts,
    attributes=maps,
    resource_attributes=maps,
)


@given(trees(leaves), st.lists(rows, min_size=1, max_size=6))
def test_what_is_written_finds_the_same_rows(node: Node, found: list[PlainRow]) -> None:
    try:
        written = print_filters(node, NOW)
    except InexpressibleError:
        return
    again = where(written, NOW)
    for row in found:
        assert evaluate(again, row) is evaluate(node, row), written


@given(trees(every_match()))
def test_whatever_is_written_can_be_read(node: Node) -> None:
    try:
        written = print_filters(node, NOW)
    except InexpressibleError:
        return
    try:
        where(written, NOW)
    except ValidationFailed as error:  # longer than a search may be
        assert error.attr == "query__q"


@pytest.mark.parametrize(
    ("search", "filters"),
    [
        ("", {}),
        ("level:error,fatal service:api", {"severityLevels": ["error", "fatal"], "serviceNames": ["api"]}),
        ("timeout", {"searchTerm": "timeout"}),
        (
            "one two",
            {
                "searchTerm": "one",
                "filterGroup": [{"key": "message", "type": "log", "operator": "icontains", "value": "two"}],
            },
        ),
        (
            "-service:web status>=500 resource.host.name:*",
            {
                "filterGroup": [
                    {"key": "service_name", "type": "log", "operator": "is_not", "value": "web"},
                    {"key": "status", "type": "log_attribute", "operator": "gte", "value": "500"},
                    {"key": "host.name", "type": "log_resource_attribute", "operator": "is_set"},
                ]
            },
        ),
        (
            "-(a:1 b:2)",
            {
                "filterGroup": [
                    {
                        "type": "OR",
                        "values": [
                            {"key": "a", "type": "log_attribute", "operator": "is_not", "value": "1"},
                            {"key": "b", "type": "log_attribute", "operator": "is_not", "value": "2"},
                        ],
                    }
                ]
            },
        ),
        ("level:error -status>500", {"severityLevels": ["error"], "q": "-status>500"}),
        ("scope:shop", {"q": "scope:shop"}),
        ("resource_fingerprint:42", {"resourceFingerprint": "42"}),
    ],
)
def test_each_term_has_its_plainest_form(search: str, filters: dict[str, object]) -> None:
    assert print_filters(parse(search), NOW) == filters


def test_more_than_a_filter_group_may_hold_stays_a_search() -> None:
    terms = [tree.Not(Match(tree.attribute("k"), Operator.EQUALS, (str(number),))) for number in range(257)]
    assert print_filters(tree.And(tuple(terms[:256])), NOW).keys() == {"filterGroup"}
    assert print_filters(tree.And(tuple(terms)), NOW) == {"q": " ".join(f"-k:{number}" for number in range(257))}
