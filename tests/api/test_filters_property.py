"""Whatever a client asks: the rows of all pages, the count and the sparklines are what a plain evaluation finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.api import Api
from tests.support.logs import HOUR_NS, NOON_NS, SECOND_NS, Log, insert, next_uuid
from tests.support.plain_filters import LEVELS, passes
from webapp.extensions import db, store
from webapp.models import User
from webapp.services.filter_groups import LOG_KEYS
from webapp.services.filter_operators import OPERATORS
from webapp.services.projects import create_project

# The hour before noon; it holds its first moment, and all but the search itself leave out its last.
RANGE = {"date_from": "2026-09-27T11:00:00Z", "date_to": "2026-09-27T12:00:00Z"}

PIECES = ["a", "A", "ab", "error", "ERROR", " ", "  ", "'", '"', "`", "\\", "\\\\", "\\n", "\n", "\t", "\0", "\x1b[31m"]
PIECES += ["%", "_", "%%", "\\%", "{x:String}", "{p0:String}", "?", "(", ")", "[", "]", "*", "+", "|", "^", "$", "."]
PIECES += ["é", "É", "ß", "Ж", "ж", "日本", "😀", "👩‍🚒", "NULL", "\\N", "--", ";", "42", "7"]
NUMBERS = [
    "0",
    "-7",
    "+7",
    "7.0",
    ".5",
    "1e3",
    "1e400",
    "-inf",
    "NaN",
    "12345678901234567890",
    "0x10",
    " 7",
    "٧",
    "1,5",
]
DAYS = ["2026-09-27", "2026-09-28", "2024-02-29"]
DATES = [*DAYS, "2026-09-27T14:00", "2026-09-27T14:00:00Z", "2026-09-27T14:00:30Z", "2026-09-27T15:00:00+01:00"]
IN_ROWS = [*DATES, "2026-09-27T14:00:00.5Z", "2026-09-27 14:00", "2026-02-30", "1790517600", "1790517600123", "soon"]
PATTERNS = ["", ".", "^a", "b$", "a|b", "[^a]", "e.ror", "\\d{2,}", "\\berror\\b", "ER{2}OR", "(?-i)ERROR", "\\Q%_\\E"]
PATTERNS += ["\0", "'", "\\\\", "{x:String}", "日本?", "(?s)^.*$", "\\.", "[[:alpha:]]{3}", "\\x1b\\[31m", "^$"]

words = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
texts = words | st.sampled_from(NUMBERS) | st.sampled_from(IN_ROWS)
keys = st.sampled_from(["k", "k=v", "", "a.b", "it's", "日本", "\\", "\0", "%"])
often = st.just("k") | keys
maps = st.dictionaries(often, texts, max_size=3)
trace_ids = st.sampled_from(["0" * 32, "ab" * 16, "00112233445566778899aabbccddeeff"])
span_ids = trace_ids.map(lambda value: value[:16])

logs = st.builds(
    Log,
    uuid=st.builds(next_uuid),
    timestamp_ns=st.just(NOON_NS - HOUR_NS)
    | st.integers(0, 3).map(lambda n: NOON_NS - 1 - n)
    | st.integers(NOON_NS - HOUR_NS, NOON_NS - 1),
    body=texts,
    severity_text=st.sampled_from(LEVELS),
    service_name=texts,
    event_name=texts,
    scope_name=texts,
    scope_version=st.sampled_from(["", "1.2"]),
    attributes=maps,
    resource_attributes=maps,
    trace_id=trace_ids,
    span_id=span_ids,
)
OUTSIDE = [NOON_NS - HOUR_NS - 1, NOON_NS + 1_000, NOON_NS + SECOND_NS]  # an end takes in its whole microsecond


def values_of(operator: str, text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """What an operator takes."""
    listed = st.lists(text, max_size=3)
    match operator:
        case "in" | "not_in":
            return listed
        case "regex" | "not_regex":
            return st.sampled_from(PATTERNS) | st.lists(st.sampled_from(PATTERNS), max_size=3)
        case "gt" | "gte" | "lt" | "lte":
            return text | st.integers(-9, 2000) | st.sampled_from([0.5, 7.0])
        case "between" | "not_between":
            return st.lists(st.integers(-9, 2000) | st.just(0.5), min_size=2, max_size=2) | st.just(["a", "é"])
        case "is_set" | "is_not_set":
            return st.none() | text
        case "is_date_exact" | "is_date_before" | "is_date_after":
            return st.sampled_from(DATES)
        case _:
            return text | listed | st.integers(-9, 2000) | st.booleans()


def filters_on(kind: str, key: str, operator: str) -> st.SearchStrategy[dict[str, Any]]:
    """One filter, with values that may be found."""
    text, value = texts, None
    is_order = operator in ("gt", "gte", "lt", "lte", "between", "not_between")
    if kind == "log" and key.startswith("severity"):
        text = st.sampled_from(LEVELS)
        value = st.lists(text, min_size=2, max_size=2) if "between" in operator else text if is_order else None
    elif kind == "log" and key in ("trace_id", "span_id"):
        text = trace_ids if key == "trace_id" else span_ids
        operator = "not_in" if is_order or "date" in operator else operator
        value = text if operator in ("exact", "is_not") else None
    chosen = values_of(operator, text) if value is None else value
    return st.fixed_dictionaries(
        {"key": st.just(key), "type": st.just(kind), "operator": st.just(operator), "value": chosen}
    )


fields = st.tuples(st.just("log"), st.sampled_from(sorted(LOG_KEYS))) | st.tuples(
    st.sampled_from(["log_attribute", "log_resource_attribute"]), often
)
filters = st.tuples(fields, st.sampled_from(sorted(OPERATORS))).flatmap(lambda one: filters_on(*one[0], one[1]))
groups = st.recursive(
    filters,
    lambda item: st.fixed_dictionaries({"type": st.sampled_from(["AND", "OR"]), "values": st.lists(item, max_size=4)}),
    max_leaves=10,
)
asked = st.lists(groups, max_size=3) | groups.filter(lambda group: "values" in group)


def page_through(api: Api, url: str, query: dict[str, Any]) -> list[str]:
    """Return the uuids of all pages in the order in which they came."""
    visited: list[str] = []
    cursor = None
    for _ in range(100):
        page = api.post(url, {"query": {**query, "limit": 3, "after": cursor}})
        assert page.status_code == 200, page.text
        visited += [row["uuid"] for row in page.json["results"]]
        cursor = page.json["nextCursor"]
        assert page.json["hasMore"] == (cursor is not None)
        if cursor is None:
            return visited
    raise AssertionError("a hundred pages and no end")


@pytest.fixture
def new_project(api: Api) -> Callable[[], int]:
    """Makes a project of Ada's for each example."""
    ada = db.session.get_one(User, api.ada.id)
    return lambda: create_project("Another", ada).id


def store_in(project_id: int, api: Api, stored: list[Log]) -> str:
    """Store the logs, and beside them the same outside of the range and in another project; return the address."""
    outside = [changed(log, project_id, timestamp_ns=at) for log in stored[:2] for at in OUTSIDE]
    insert(store, [changed(log, project_id, uuid=log.uuid) for log in stored] + outside)
    insert(store, [changed(log, api.ada.project_id) for log in stored])
    return f"/api/projects/{project_id}/logs"


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(stored=st.lists(logs, min_size=1, max_size=10), wanted=st.lists(asked, min_size=5, max_size=5))
def test_pages_count_and_sparklines_are_what_a_plain_evaluation_finds(
    api: Api, new_project: Callable[[], int], stored: list[Log], wanted: list[Any]
) -> None:
    url = store_in(new_project(), api, stored)
    for group in wanted:
        expected = {str(log.uuid) for log in stored if passes(group, log)}
        query = {"dateRange": RANGE, "filterGroup": group}
        visited = page_through(api, f"{url}/query/", query)
        assert (len(visited), set(visited)) == (len(expected), expected), group
        assert api.post(f"{url}/count/", {"query": query}).json == {"count": len(expected)}
        for breakdown in ("severity", "service"):
            points = api.post(f"{url}/sparkline/", {"query": {**query, "sparklineBreakdownBy": breakdown}}).json
            assert sum(point["count"] for point in points) == len(expected)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(stored=st.lists(logs, min_size=10, max_size=20), data=st.data())
def test_every_operator_finds_what_a_plain_evaluation_finds(
    api: Api, new_project: Callable[[], int], stored: list[Log], data: st.DataObject
) -> None:
    url = store_in(new_project(), api, stored)
    for operator in OPERATORS:
        for field in (("log_attribute", "k"), data.draw(fields)):
            alone = data.draw(filters_on(*field, operator))
            expected = {str(log.uuid) for log in stored if passes([alone], log)}
            page = api.post(f"{url}/query/", {"query": {"dateRange": RANGE, "filterGroup": [alone]}})
            assert {row["uuid"] for row in page.json["results"]} == expected, alone


def changed(log: Log, project_id: int, **changes: Any) -> Log:
    """Return another log that is the same but for its project, its uuid and what is given."""
    values = {name: getattr(log, name) for name in Log.__dataclass_fields__}
    return Log(**{**values, "uuid": next_uuid(), "project_id": project_id, **changes})
