"""Each condition uses the index that is there for it: what EXPLAIN says of the statements that we build."""

from __future__ import annotations

import json
from typing import Any

import pytest
from clickhouse_driver import Client

from tests.support.logs import DAY_NS, HOUR_NS, NOON_NS, Log, every, insert
from webapp.language.tree import (
    LEVEL,
    MESSAGE,
    SERVICE,
    TRACE_ID,
    And,
    Field,
    Match,
    Node,
    Not,
    Operator,
    Or,
    attribute,
)
from webapp.queries.arrivals import arrivals
from webapp.queries.count import count
from webapp.queries.first_row import first_row
from webapp.queries.has_logs import has_logs
from webapp.queries.histogram import Grid, histogram
from webapp.queries.query import Query
from webapp.queries.rows import rows
from webapp.queries.scope import Scope, TimeRange
from webapp.queries.sparkline import sparkline
from webapp.settings import Settings
from webapp.store.store import Store

ROWS = 30_000  # several blocks of 2,048
BLOCK = 2_048
DAY = TimeRange(NOON_NS - HOUR_NS, NOON_NS + DAY_NS)


FILL = f"""
INSERT INTO logs (project_id, timestamp, uuid, trace_id, severity_text, service_name, body, attributes, expires_on)
SELECT 1, fromUnixTimestamp64Nano({NOON_NS} + number * {HOUR_NS // ROWS}), generateUUIDv7(number),
  unhex(leftPad(hex(number), 32, '0')), 'info', 'api',
  if(number = 100, 'Ein Quasar: gefunden, größer als sonst', concat('request ', toString(number), ' done')),
  map('tier', 'free', 'user.id', concat('u', toString(number))), '2100-01-01'
FROM numbers({ROWS})
"""


@pytest.fixture
def filled(store: Store, settings: Settings) -> Store:
    """One project with rows of an hour, in which one row is special."""
    with Client.from_url(settings.clickhouse_url) as owner:
        owner.execute(FILL)
    return store


def explained(store: Store, query: Query) -> list[dict[str, Any]]:
    """Return the indexes that ClickHouse says it uses, in order, with what each leaves of parts and blocks."""
    sql = f"EXPLAIN indexes = 1, json = 1 {query.sql}"
    answer = store.read(Query("explain", sql, query.params, query.project_id, query.settings))
    return list(_indexes(json.loads(answer.rows[0][0])))


def _indexes(plan: Any) -> Any:
    if isinstance(plan, dict):
        for key, value in plan.items():
            if key == "Indexes":
                yield from value
            else:
                yield from _indexes(value)
    elif isinstance(plan, list):
        for item in plan:
            yield from _indexes(item)


def used(store: Store, query: Query) -> dict[str, tuple[int, int]]:
    """Return what each skip index leaves of how many blocks."""
    return {
        index["Name"]: (index["Selected Granules"], index["Initial Granules"])
        for index in explained(store, query)
        if index["Type"] == "Skip"
    }


def listing(where: Node, time: TimeRange = DAY) -> Query:
    return rows(Scope(1, time, where), latest_first=True, limit=200)


def contains(text: str) -> Match:
    return Match(MESSAGE, Operator.CONTAINS, (text,))


def body(operator: Operator, text: str) -> Match:
    return Match(MESSAGE, operator, (text,))


def equals(field: Field, *values: str) -> Match:
    return Match(field, Operator.EQUALS, values)


@pytest.mark.parametrize(
    ("where", "index"),
    [
        (contains("QUASAR"), "body_letters"),
        (contains("asa"), "body_letters"),
        (contains("GRÖSSER"), None),  # an upper-case ß is another word
        (contains("größer ALS sonst"), "body_letters"),
        (contains("t 17000 d"), "body_words"),
        (equals(MESSAGE, "Ein Quasar: gefunden, größer als sonst"), "body_words"),
        (equals(MESSAGE, "request 12345 done"), "body_words"),
        (equals(TRACE_ID, f"{20000:032x}"), "trace_ids"),
        (equals(TRACE_ID, f"{20000:032X}", "f" * 32), "trace_ids"),
        (equals(attribute("user.id"), "u20000"), "attribute_pairs"),
        (equals(attribute("user.id"), "u20000", "nobody"), "attribute_pairs"),
        (body(Operator.STARTS_WITH, "Ein Qua"), "body_letters"),
        (body(Operator.STARTS_WITH, "Ein Quasar: gefunden, grö"), "body_words"),
        (body(Operator.STARTS_WITH, "request 12345 d"), "body_words"),
        (body(Operator.ENDS_WITH, "als sonst"), "body_letters"),
        (body(Operator.ENDS_WITH, " 12345 done"), "body_words"),
        (body(Operator.REGEX, "quasar"), "body_letters"),
        (body(Operator.REGEX, "^Ein Q[au]+asar?: gef"), "body_letters"),
        (body(Operator.REGEX, "(nobody|nothing) quasar|gr(ö|oe)ßer al. sonst|.*gefunden.*"), "body_letters"),
        (body(Operator.REGEX, "t 17000 [a-e]"), "body_words"),
        (And((contains("quasar"), equals(LEVEL, "info"))), "body_letters"),
        (Or((contains("quasar"), equals(attribute("user.id"), "u100"))), "body_letters"),
    ],
)
def test_a_rare_value_is_found_in_one_block(filled: Store, where: Node, index: str | None) -> None:
    left = used(filled, listing(where))
    if index is None:
        assert filled.read(listing(where)).rows == []
    else:
        assert index in left
        assert min(kept for kept, _ in left.values()) <= 1
        assert len(filled.read(listing(where)).rows) == 1


def test_an_absent_word_reads_no_row(filled: Store) -> None:
    assert filled.read(count(Scope(1, DAY, contains("nowhere")))).rows_read == 0


@pytest.mark.parametrize("pattern", ["no(thing|body) nowhere", "^nowhere", "nowhere|never[0-9]"])
def test_a_pattern_with_an_absent_word_reads_no_row(filled: Store, pattern: str) -> None:
    assert filled.read(count(Scope(1, DAY, body(Operator.REGEX, pattern)))).rows_read == 0


def test_a_number_is_found_by_its_words_where_its_trigrams_are_everywhere(filled: Store) -> None:
    left = used(filled, listing(contains("t 17000 d")))
    assert left["body_words"][0] == 1
    assert filled.read(listing(contains("t 17000 d"))).rows_read <= 3 * BLOCK


@pytest.mark.parametrize(
    "where",
    [
        Not(contains("quasar")),
        Not(equals(attribute("user.id"), "u20000")),
        Not(Not(contains("quasar"))),
        Or((Not(equals(attribute("user.id"), "u20000")), contains("quasar"))),
    ],
)
def test_a_negation_misses_no_row(filled: Store, where: Node) -> None:
    expected = 1 if where == Not(Not(contains("quasar"))) else ROWS - 1
    assert filled.read(count(Scope(1, DAY, where))).rows == [(expected,)]


def test_a_list_opens_only_the_parts_of_its_time(store: Store) -> None:
    days = 10
    for day in range(days):
        insert(store, [Log(timestamp_ns=moment) for moment in every(1000, 100, start_ns=NOON_NS + day * DAY_NS)])
    hour = TimeRange(NOON_NS + 4 * DAY_NS - HOUR_NS, NOON_NS + 4 * DAY_NS + HOUR_NS)
    by_type = {index["Type"]: index for index in explained(store, listing(And(()), hour))}
    assert by_type["Min-Max"]["Initial Parts"] == days
    assert by_type["Min-Max"]["Selected Parts"] == 1
    assert store.read(listing(And(()), hour)).rows_read <= 200  # the keys, then the rest of the 100 rows


@pytest.mark.parametrize("latest_first", [True, False])
def test_a_list_stops_reading_when_it_is_full(filled: Store, latest_first: bool) -> None:
    answer = filled.read(rows(Scope(1, DAY), latest_first=latest_first, limit=100))
    assert len(answer.rows) == 100
    assert answer.rows_read <= 2 * BLOCK


def test_a_page_far_down_costs_what_the_first_does(filled: Store) -> None:
    first = filled.read(rows(Scope(1, DAY), latest_first=True, limit=100))
    middle = TimeRange(DAY.start_ns, NOON_NS + HOUR_NS // 2)
    assert filled.read(rows(Scope(1, middle), latest_first=True, limit=100)).rows_read <= first.rows_read + BLOCK


def test_maps_are_read_for_the_rows_of_the_page_alone(filled: Store) -> None:
    lean = filled.read(rows(Scope(1, DAY), latest_first=True, limit=10, with_attributes=False))
    full = filled.read(rows(Scope(1, DAY), latest_first=True, limit=10))
    assert "attributes" in full.columns
    assert "attributes" not in lean.columns
    assert full.rows_read <= lean.rows_read + 10


@pytest.mark.parametrize(
    "where",
    [
        And(()),
        equals(LEVEL, "info"),
        And((equals(SERVICE, "api"), Not(equals(LEVEL, "error", "fatal")))),
        Match(SERVICE, Operator.REGEX, ("^a", "b$")),
        And((Match(SERVICE, Operator.EXISTS, ()), Match(LEVEL, Operator.STARTS_WITH, ("in",)))),
        Not(Match(SERVICE, Operator.LESS, ("5", "Zoo"))),
    ],
)
def test_a_histogram_reads_the_counts_by_minute(filled: Store, where: Node) -> None:
    grid = Grid.over(DAY, 1800)
    query = histogram(Scope(1, DAY, where), grid)
    assert filled.read(Query("test", query.sql, query.params, 1, {"force_optimize_projection": 1})).rows_read <= 60
    assert sum(n for _, _, n in filled.read(query).rows) == ROWS


def test_a_count_without_a_filter_reads_almost_nothing(filled: Store) -> None:
    answer = filled.read(count(Scope(1, DAY)))
    assert answer.rows == [(ROWS,)]
    assert answer.rows_read <= BLOCK


def test_whether_there_are_logs_is_known_without_a_scan(filled: Store) -> None:
    answer = filled.read(has_logs(1))
    assert answer.rows == [(1,)]
    assert answer.rows_read <= BLOCK
    assert filled.read(has_logs(2)).rows == []


@pytest.mark.parametrize("breakdown", ["severity", "service"])
def test_a_sparkline_reads_the_counts_by_minute(filled: Store, breakdown: str) -> None:
    query = sparkline(Scope(1, DAY), Grid.over(DAY, 1800), breakdown=breakdown, rank="bytes")
    assert filled.read(Query("test", query.sql, query.params, 1, {"force_optimize_projection": 1})).rows_read <= 60
    assert sum(n for _, _, _, n, _ in filled.read(query).rows) == ROWS


def test_a_tail_opens_the_blocks_that_hold_something_new(filled: Store) -> None:
    latest = "SELECT toUnixTimestamp64Nano(max(observed_timestamp)) FROM logs"
    [(since_ns,)] = filled.read(Query("test", latest, {}, 1)).rows
    query = arrivals(Scope(1, DAY), since_ns=since_ns, latest_first=True, limit=100)
    kept, blocks = used(filled, query)["observed"]
    assert kept == 1
    assert blocks > 10
    answer = filled.read(query)
    assert len(answer.rows) == 1
    assert answer.rows_read <= 2 * BLOCK  # of that one block twice: what decides, and what is shown


def test_the_first_row_is_found_without_a_scan(filled: Store) -> None:
    assert filled.read(first_row(1)).rows == [(NOON_NS,)]
    assert filled.read(first_row(1)).rows_read <= BLOCK
