"""Inserting: durable when it returns, once per token, and the rollups count what the table holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from clickhouse_driver import Client

from tests.support.logs import DAY_NS, HOUR_NS, MINUTE_NS, NOON_NS, Log, columns, every, insert
from webapp.errors import Unavailable
from webapp.settings import Settings
from webapp.store.store import Store
from webapp.store.tables import DEDUPLICATION_WINDOW


@pytest.fixture
def owner(settings: Settings) -> Iterator[Client]:
    with Client.from_url(settings.clickhouse_url) as client:
        yield client


def count(owner: Client) -> int:
    return int(owner.execute("SELECT count() FROM logs SETTINGS optimize_use_projections = 0")[0][0])


def minutes(owner: Client, *, projection: bool) -> list[tuple[Any, ...]]:
    """Return the counts by minute, from the projection alone or from the rows alone."""
    settings = {"optimize_use_projections": int(projection), "force_optimize_projection": int(projection)}
    found: list[tuple[Any, ...]] = owner.execute(
        "SELECT project_id, toStartOfMinute(timestamp) AS minute, service_name, severity_text, count(), sum(size_bytes)"
        " FROM logs GROUP BY project_id, minute, service_name, severity_text"
        " ORDER BY project_id, minute, service_name, severity_text",
        settings=settings,
    )
    return found


def mixed(rows: int) -> list[Log]:
    return [
        Log(
            project_id=1 + index % 2,
            timestamp_ns=NOON_NS + index * 7_300_000_000,
            severity_text=("info", "warn", "error")[index % 3],
            service_name=("api", "web")[index % 2],
            body=f"message {index}",
            attributes={"http.method": ("GET", "POST")[index % 2], "request.id": f"{index:08x}"},
            resource_attributes={"host.name": f"node-{index % 4}"},
        )
        for index in range(rows)
    ]


def test_rows_come_back_as_they_went_in(store: Store, owner: Client) -> None:
    log = Log(
        timestamp_ns=NOON_NS + 123_456_789,
        observed_timestamp_ns=NOON_NS + 987_654_321,
        trace_id="00112233445566778899aabbccddeeff",
        span_id="0011223344556677",
        trace_flags=1,
        severity_text="fatal",
        service_name="a 'quoted' service",
        body="two\nlines\0 and \\ 'quotes' 😀",
        attributes={"": "empty key", "k": "", "a=b": "c=d"},
        resource_attributes={"service.name": "x"},
        resource_fingerprint=2**64 - 1,
        scope_name="scope",
        scope_version="1.2",
        event_name="event",
        expires_on=date(2099, 12, 31),
    )
    insert(store, [log])
    block = columns([log])
    nanoseconds = {"timestamp", "observed_timestamp"}
    read = [f"toUnixTimestamp64Nano({name})" if name in nanoseconds else name for name in block]
    row = owner.execute(f"SELECT {', '.join(read)} FROM logs", settings={"strings_as_bytes": False})[0]
    stored = dict(zip(block, row, strict=True))
    stored["uuid"] = stored["uuid"].int
    for name in ("trace_id", "span_id"):
        stored[name] = owner.execute(f"SELECT lower(hex({name})) FROM logs")[0][0]
        block[name] = [getattr(log, name)]
    assert stored == {name: values[0] for name, values in block.items()}


def test_nothing_is_inserted_from_an_empty_block(store: Store, owner: Client) -> None:
    store.insert("logs", columns([]), "empty")
    assert count(owner) == 0


def test_a_block_is_stored_once_per_token(store: Store, owner: Client) -> None:
    logs = mixed(300)
    for _ in range(3):
        insert(store, logs, token="batch")
    assert count(owner) == 300
    insert(store, logs, token="another batch")
    assert count(owner) == 600


def test_a_retry_with_other_uuids_and_times_of_receipt_is_the_same_batch(store: Store, owner: Client) -> None:
    insert(store, mixed(10), token="batch")
    insert(store, mixed(10), token="batch")  # mixed() gives every log a new uuid
    assert count(owner) == 10


def test_a_token_is_remembered_past_a_quarter_of_an_hour_of_other_insertions(owner: Client, store: Store) -> None:
    assert DEDUPLICATION_WINDOW / 50 / 60 > 15
    for table in ("logs", "logs_attributes"):
        [(create,)] = owner.execute(f"SHOW CREATE TABLE {table}")
        assert f"non_replicated_deduplication_window = {DEDUPLICATION_WINDOW}" in create


def test_a_block_over_many_days_is_stored_and_its_retry_adds_nothing(store: Store, owner: Client) -> None:
    logs = [Log(timestamp_ns=moment) for moment in every(DAY_NS, 150, start_ns=NOON_NS - 150 * DAY_NS)]
    insert(store, logs, token="backfill")
    insert(store, logs, token="backfill")
    assert count(owner) == 150


def test_counts_by_minute_equal_the_rows(store: Store, owner: Client) -> None:
    for part in range(4):
        insert(store, mixed(200 + part))
    owner.execute("OPTIMIZE TABLE logs FINAL")
    insert(store, mixed(50))
    assert minutes(owner, projection=True) == minutes(owner, projection=False)
    assert sum(row[4] for row in minutes(owner, projection=True)) == count(owner)


def test_the_size_of_a_row_is_that_of_its_texts(store: Store, owner: Client) -> None:
    log = Log(body="größe", attributes={"ab": "cde"}, resource_attributes={"f": "", "g": "hi"})
    insert(store, [log])
    assert owner.execute("SELECT size_bytes FROM logs") == [(7 + 5 + 1 + 3,)]


def test_expired_rows_leave_with_everything_that_counts_them(store: Store, owner: Client) -> None:
    today = datetime.now(UTC).date()
    kept = Log(body="kept", attributes={"a": "kept"}, expires_on=today)
    insert(store, [kept, Log(attributes={"a": "gone"}, expires_on=today - timedelta(days=2))])
    owner.execute("OPTIMIZE TABLE logs FINAL")
    assert owner.execute("SELECT body FROM logs") == [("kept",)]
    assert sum(row[4] for row in minutes(owner, projection=True)) == 1


def test_every_part_holds_one_day_and_one_expiry(store: Store, owner: Client) -> None:
    days = [NOON_NS, NOON_NS + DAY_NS]
    expiries = [date(2100, 1, 1), date(2101, 1, 1)]
    insert(
        store, [Log(timestamp_ns=moment, expires_on=expiry) for moment in days for expiry in expiries for _ in range(3)]
    )
    owner.execute("OPTIMIZE TABLE logs FINAL")
    rows = owner.execute("SELECT uniq(toDate(timestamp)), uniq(expires_on), count() FROM logs GROUP BY _part")
    assert rows == [(1, 1, 3)] * 4


@pytest.mark.parametrize(
    ("table", "block", "sentence"),
    [
        ("nothing", {"project_id": [1]}, "There is no table 'nothing'."),
        ("logs", {"body) SELECT 1 --": ["x"]}, r"The table logs has no column body\) SELECT 1 -- to insert into."),
        ("logs", {"size_bytes": [1]}, "The table logs has no column size_bytes to insert into."),
    ],
)
def test_only_known_tables_and_columns_are_named(
    store: Store, table: str, block: dict[str, list[Any]], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        store.insert(table, block, "token")


def test_an_insertion_into_a_server_that_is_away_may_be_tried_again() -> None:
    store = Store.from_settings(Settings(clickhouse_url="clickhouse://app:secret@127.0.0.1:1/logs"))
    with pytest.raises(Unavailable) as caught:
        insert(store, [Log()])
    assert caught.value.retry_after_s == 5


def test_minutes_of_the_test_clock_are_whole() -> None:
    assert NOON_NS % MINUTE_NS == NOON_NS % HOUR_NS == 0
    assert NOON_NS % DAY_NS == DAY_NS / 2
