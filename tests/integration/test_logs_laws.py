"""Every way of counting the same logs comes to the same numbers, which are those that the rows add up to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.evaluate import evaluate
from tests.support.logs import HOUR_NS, MINUTE_NS, NOON_NS, SECOND_NS, Log, every, insert
from tests.support.searches import trees
from webapp.extensions import store
from webapp.language.tree import (
    EVENT_NAME,
    LEVEL,
    LEVELS,
    MESSAGE,
    SERVICE,
    TRACE_ID,
    And,
    Field,
    Match,
    Node,
    Operator,
    attribute,
    resource_attribute,
)
from webapp.queries.facets import without
from webapp.queries.scope import Scope, TimeRange
from webapp.services import logs
from webapp.services.attribute_counts import count_arrivals
from webapp.services.log_breakdown import break_down, break_down_before
from webapp.services.log_facets import find_facets
from webapp.services.log_groups import find_groups
from webapp.services.log_ranges import count_ranges
from webapp.services.log_services import find_services
from webapp.services.log_sparkline import sparkline
from webapp.services.log_values import Asked, find_values

TIERS = ("pro", "", "it's", "a\\b\x00", "🦔")
SERVICES = ("api", "web", "", "Api.2")
TIER, HOST, REQUEST = attribute("tier"), resource_attribute("host[0]"), attribute("request")
# What a row shows of a field that it lacks, if anything.
UNSET = {"column": ("", f"{0:032x}"), "attribute": (), "resource_attribute": ()}
FACETED = (LEVEL, SERVICE, TIER, HOST)
GROUPED = (*FACETED, EVENT_NAME, TRACE_ID, REQUEST)
ROWS = [
    Log(
        timestamp_ns=moment + n % 3,
        severity_text=LEVELS[n % 6],
        service_name=SERVICES[n % 7 % 4],
        body=("hello", "Goodbye", "")[n % 3],
        event_name=("", "boot")[n % 2],
        trace_id=f"{n % 4:032x}",
        attributes={"tier": TIERS[n % 5], **({"request": f"{n:032x}"} if n % 2 else {})} if n % 8 else {},
        resource_attributes={"host[0]": f"h{n % 3}"} if n % 5 else {},
    )
    for n, moment in enumerate(every(97 * SECOND_NS, 150))
]
OTHERS = [Log(project_id=2, timestamp_ns=row.timestamp_ns, attributes=row.attributes) for row in ROWS]


def equals(field: Field, *values: str) -> st.SearchStrategy[Match]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2).map(
        lambda chosen: Match(field, Operator.EQUALS, tuple(chosen))
    )


filters: st.SearchStrategy[Node] = st.just(And(())) | trees(
    equals(LEVEL, *LEVELS)
    | equals(SERVICE, *SERVICES)
    | equals(TIER, *TIERS)
    | equals(HOST, "h0", "h1")
    | st.builds(Match, st.just(MESSAGE), st.just(Operator.CONTAINS), st.sampled_from([("hell",), ("GOOD", "x")]))
    | st.builds(Match, st.sampled_from([TIER, HOST, SERVICE, TRACE_ID]), st.just(Operator.EXISTS), st.just(())),
    max_leaves=5,
)
ranges = st.builds(
    lambda start, offset, length: TimeRange(NOON_NS + start + offset, NOON_NS + start + offset + length),
    st.integers(-10, 300).map(lambda minutes: minutes * MINUTE_NS),
    st.sampled_from([0, 0, 1, 30 * SECOND_NS]),
    st.sampled_from([0, MINUTE_NS, HOUR_NS, 3 * HOUR_NS + 1, 30 * HOUR_NS]),
)


@pytest.fixture
def stored(app: Flask) -> Iterator[None]:
    insert(store, [*ROWS, *OTHERS])
    time.sleep(0.01)
    count_arrivals(60)
    yield


def matching(scope: Scope) -> list[Log]:
    return [
        row
        for row in ROWS
        if scope.time.first_ns <= row.timestamp_ns < scope.time.stop_ns and evaluate(scope.where, row)
    ]


def value_of(field: Field, row: Log) -> str | None:
    """Return what a row shows of a field, None if it lacks it."""
    columns = {LEVEL: row.severity_text, SERVICE: row.service_name, EVENT_NAME: row.event_name, TRACE_ID: row.trace_id}
    if field in columns:
        return columns[field]
    return (row.attributes if field.kind == "attribute" else row.resource_attributes).get(field.name)


def paged(scope: Scope) -> int:
    page = logs.search(scope, limit=60)
    found = len(page.rows)
    while page.next_cursor is not None:
        page = logs.search(scope, limit=60, after=page.next_cursor)
        found += len(page.rows)
    return found


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(where=filters, range_=ranges, buckets=st.integers(1, 100))
def test_sparkline_ranges_services_count_and_rows_agree(
    stored: None, where: Node, range_: TimeRange, buckets: int
) -> None:
    scope = Scope(1, range_, where)
    expected = len(matching(scope))
    assert logs.count(scope).count == expected
    assert paged(scope) == expected
    assert sum(point.count for point in sparkline(scope)) == expected
    assert sum(stretch.rows for stretch in count_ranges(scope, buckets).ranges) == expected
    services = find_services(scope)
    assert {service.name: service.rows for service in services.services} == Counter(
        row.service_name for row in matching(scope)
    )
    assert services.rows == sum(point.rows for point in services.points) == expected
    assert all(service.rows == sum(service.levels.values()) for service in services.services)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(where=filters, range_=ranges, data=st.data())
def test_the_count_of_a_facets_value_is_that_of_its_own_filter(
    stored: None, where: Node, range_: TimeRange, data: st.DataObject
) -> None:
    scope = Scope(1, range_, where)
    fields = data.draw(st.lists(st.sampled_from(FACETED), min_size=1, unique=True))
    facets = find_facets(scope, fields)
    for field, facet in zip(fields, facets, strict=True):
        others = Scope(1, range_, without(where, field))
        shown = [value_of(field, row) for row in matching(others)]
        assert dict(facet.values) == Counter(value for value in shown if value is not None)
        assert not facet.approximate
        if facet.values:
            value, rows = data.draw(st.sampled_from(facet.values))
            chosen = And((others.where, Match(field, Operator.EQUALS, (value,))))
            assert logs.count(Scope(1, range_, chosen)).count == rows


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(where=filters, range_=ranges, field=st.sampled_from(GROUPED), buckets=st.integers(2, 120))
def test_a_breakdown_adds_up_to_the_histogram_and_the_one_before_to_the_range_before(
    stored: None, where: Node, range_: TimeRange, field: Field, buckets: int
) -> None:
    scope = Scope(1, range_, where)
    found = break_down(scope, field, max_buckets=buckets)
    whole = logs.histogram(scope, max_buckets=buckets)
    assert [sum(bucket.counts.values()) for bucket in found.histogram.buckets] == [
        sum(bucket.counts.values()) for bucket in whole.buckets
    ]
    assert found.total == logs.count(scope).count
    before = break_down_before(scope, found)
    earlier = Scope(1, range_.before, where)
    assert before.total == sum(before.histogram.totals.values()) == logs.count(earlier).count
    assert len(before.histogram.buckets) == len(found.histogram.buckets)
    if field == LEVEL:
        return
    for side, place in ((found, scope), (before, earlier)):
        shown = Counter(value_of(field, row) for row in matching(place))
        unset = shown.pop(None, 0) + sum(shown.pop(empty, 0) for empty in UNSET[field.kind])
        assert side.histogram.totals.get("unset", 0) == unset
        if side is found:
            ranked = sorted(shown, key=lambda value: (-shown[value], str(value).encode()))
            assert found.values == ranked[:5]
        for at, value in enumerate(found.values, 1):
            assert side.histogram.totals.get(f"v{at}", 0) == shown[value]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    where=filters,
    range_=ranges,
    fields=st.lists(st.sampled_from(GROUPED), min_size=1, max_size=4, unique=True),
    limit=st.integers(1, 500),
)
def test_groups_add_up_to_the_count_of_what_has_their_keys(
    stored: None, where: Node, range_: TimeRange, fields: list[Field], limit: int
) -> None:
    present = [Match(field, Operator.EXISTS, ()) for field in fields]
    scope = Scope(1, range_, And((where, *present)))
    found = find_groups(Scope(1, range_, where), fields, limit=limit)
    assert found.rows == logs.count(scope).count
    expected = Counter(tuple(value_of(field, row) for field in fields) for row in matching(scope))
    assert found.total == len(expected)
    assert len(found.groups) == min(limit, found.total)
    assert {tuple(group.values): group.rows for group in found.groups}.items() <= expected.items()
    assert [group.rows for group in found.groups] == sorted(expected.values(), reverse=True)[:limit]


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    first=st.integers(-1, 4),
    hours=st.integers(1, 6),
    field=st.sampled_from([TIER, REQUEST, HOST]),
    text=st.sampled_from(["", "O", "0000", "'", "\x00", "h1"]),
)
def test_the_count_of_a_value_is_that_of_its_own_filter(
    stored: None, first: int, hours: int, field: Field, text: str
) -> None:
    start_ns = NOON_NS + first * HOUR_NS
    scope = Scope(1, TimeRange(start_ns, start_ns + hours * HOUR_NS))
    asked = Asked("log" if field.kind == "attribute" else "resource", field.name, text, limit=100)
    found = find_values(scope, asked)
    shown = Counter(value for row in matching(scope) if (value := value_of(field, row)) is not None)
    expected = {value: n for value, n in shown.items() if text.lower() in value.lower()}
    if found.approximate:  # only the newest of what is not counted by its text
        assert all(rows <= expected[value] for value, rows in found.values)
    else:
        assert dict(found.values) == expected
