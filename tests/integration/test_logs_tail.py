"""The live tail: whoever polls with the last checkpoint misses nothing, however long an insertion takes."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from queue import SimpleQueue
from uuid import UUID

from flask import Flask

from tests.support.held import held_insertion
from tests.support.logs import HOUR_NS, NOON_NS, SECOND_NS, Log, arrive, insert
from webapp.extensions import settings, store
from webapp.queries.cursor import Cursor
from webapp.queries.scope import Scope, TimeRange
from webapp.services import log_tail
from webapp.services.log_tail import TailPage, tail
from webapp.settings import Settings
from webapp.store.store import LONGEST_INSERT_NS, Store

HOUR = Scope(1, TimeRange(NOON_NS, NOON_NS + HOUR_NS))
WAIT_S = 60


def uuids(page: TailPage) -> set[UUID]:
    return {row.uuid for row in page.rows}


def test_a_row_whose_insertion_took_longer_is_not_missed(app: Flask) -> None:
    slow, quick = Log(timestamp_ns=NOON_NS + 1), Log(timestamp_ns=NOON_NS + 2)
    begin = log_tail.start()
    with held_insertion(settings.clickhouse_url, slow) as released:
        arrive(store, [quick])
        first = tail(HOUR, since_ns=begin)
        assert uuids(first) == {quick.uuid}
        released.set()
    second = tail(HOUR, since_ns=first.checkpoint_ns)
    by_uuid = {row.uuid: row for row in second.rows}
    assert slow.uuid in by_uuid
    assert by_uuid[slow.uuid].observed_timestamp_ns < first.rows[0].observed_timestamp_ns


def test_what_was_seen_is_not_sent_again_when_nothing_is_under_way(app: Flask) -> None:
    begin = log_tail.start()
    arrive(store, [Log()])
    first = tail(HOUR, since_ns=begin)
    assert len(first.rows) == 1
    deadline = time.monotonic() + WAIT_S
    while tail(HOUR, since_ns=first.checkpoint_ns).rows:  # the checkpoint may lie a millisecond back
        first = tail(HOUR, since_ns=first.checkpoint_ns)
        assert time.monotonic() < deadline


def test_rows_come_in_the_order_of_their_timestamps(app: Flask) -> None:
    stored = [
        Log(timestamp_ns=NOON_NS + offset, observed_timestamp_ns=NOON_NS + arrival)
        for arrival, offset in enumerate((5, 1, 4, 2, 3))
    ]
    insert(store, stored)
    down = tail(HOUR, since_ns=NOON_NS)
    assert [row.timestamp_ns - NOON_NS for row in down.rows] == [5, 4, 3, 2, 1]
    up = tail(HOUR, since_ns=NOON_NS, latest_first=False)
    assert [row.timestamp_ns - NOON_NS for row in up.rows] == [1, 2, 3, 4, 5]
    assert tail(HOUR, since_ns=NOON_NS + 3, latest_first=False).rows == [up.rows[1], up.rows[2]]


def test_a_page_that_is_full_has_what_arrived_first_and_the_next_poll_goes_on(app: Flask) -> None:
    stored = [Log(timestamp_ns=NOON_NS + 9 - n, observed_timestamp_ns=NOON_NS + n) for n in range(10)]
    insert(store, stored)
    seen: list[UUID] = []
    since_ns = NOON_NS
    for _ in range(3):
        page = tail(HOUR, since_ns=since_ns, limit=4)
        assert not uuids(page) & set(seen)
        seen += uuids(page)
        since_ns = page.checkpoint_ns
    assert page.next_cursor is None
    assert set(seen) == {row.uuid for row in stored}


def test_pages_of_rows_that_arrived_in_one_moment_are_told_apart_by_the_cursor(app: Flask) -> None:
    stored = [Log(timestamp_ns=NOON_NS + n, observed_timestamp_ns=NOON_NS) for n in range(10)]
    insert(store, stored)
    page = tail(HOUR, since_ns=NOON_NS, limit=4)
    seen = [row.uuid for row in page.rows]
    assert page.checkpoint_ns == NOON_NS
    while page.next_cursor is not None:
        page = tail(HOUR, since_ns=NOON_NS, limit=4, after=Cursor.decode(page.next_cursor.encode()))
        seen += [row.uuid for row in page.rows]
    assert len(seen) == len(set(seen)) == 10


def test_a_later_page_has_the_checkpoint_of_the_first(app: Flask) -> None:
    """What began and ended between two pages may belong before either."""
    arrive(store, [Log(timestamp_ns=NOON_NS + n) for n in range(6)])
    begin = NOON_NS
    first = tail(HOUR, since_ns=begin, limit=5)
    assert first.next_cursor is not None
    arrive(store, [Log(timestamp_ns=NOON_NS + 100)])
    last = tail(HOUR, since_ns=begin, limit=5, after=Cursor.decode(first.next_cursor.encode()))
    assert last.next_cursor is None
    assert last.checkpoint_ns == first.next_cursor.checkpoint_ns
    assert last.checkpoint_ns < max(row.observed_timestamp_ns for row in last.rows)


def test_rows_of_one_insertion_are_a_nanosecond_apart(app: Flask) -> None:
    arrive(store, [Log(timestamp_ns=NOON_NS + n) for n in range(500)])
    moments = sorted(row.observed_timestamp_ns for row in tail(HOUR, since_ns=NOON_NS, limit=1000).rows)
    assert [moment - moments[0] for moment in moments] == list(range(500))


def test_a_checkpoint_never_goes_back(app: Flask) -> None:
    ahead = time.time_ns() + HOUR_NS
    assert tail(HOUR, since_ns=ahead).checkpoint_ns == ahead


def test_a_tail_without_an_end_has_the_rows_of_clocks_that_are_ahead(app: Flask) -> None:
    insert(store, [Log(timestamp_ns=NOON_NS + 2 * HOUR_NS)])
    assert tail(HOUR, since_ns=NOON_NS).rows == []
    assert len(tail(log_tail.open_ended(HOUR), since_ns=NOON_NS).rows) == 1


def test_where_insertions_cannot_be_seen_they_are_taken_to_run_for_as_long_as_they_may(settings: Settings) -> None:
    away = Store.from_settings(replace(settings, clickhouse_url="clickhouse://app:secret@127.0.0.1:9/hedgerow"))
    assert away.settled_until_ns() <= time.time_ns() - LONGEST_INSERT_NS


def test_a_poller_sees_every_row_of_many_writers_once(app: Flask, settings: Settings) -> None:
    """Three writers at once, some of whose insertions last for two polls or more; the poller's pages are small."""
    own = Store.from_settings(settings)
    sent: list[UUID] = []
    held: SimpleQueue[threading.Event] = SimpleQueue()

    def write(number: int) -> None:
        for turn in range(8):
            batch = [Log(timestamp_ns=NOON_NS + turn * SECOND_NS + n) for n in range(1 + (turn * 7 + number) % 12)]
            if turn % 4 == number:
                batch = batch[:1]
                with held_insertion(settings.clickhouse_url, batch[0]) as released:
                    held.put(released)
                    assert released.wait(WAIT_S)
            else:
                arrive(own, batch)
            sent.extend(row.uuid for row in batch)

    since_ns = log_tail.start()
    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    known: list[UUID] = []
    ripe: list[threading.Event] = []
    deadline = time.monotonic() + WAIT_S
    while any(thread.is_alive() for thread in threads) or set(known) != set(sent):
        assert time.monotonic() < deadline, f"{len(known)} of {len(sent)} rows"
        page = tail(HOUR, since_ns=since_ns, limit=9)
        assert page.checkpoint_ns >= since_ns
        since_ns = page.checkpoint_ns
        known += [row.uuid for row in page.rows if row.uuid not in known]
        for released in ripe:
            released.set()
        ripe = [held.get() for _ in range(held.qsize())]
    assert len(known) == len(set(known)) == len(sent) > 100
    own.close()


def test_a_look_has_every_row_as_long_as_there_are_few(app: Flask) -> None:
    insert(store, [Log(timestamp_ns=NOON_NS + n, observed_timestamp_ns=NOON_NS + n) for n in range(10)])
    look = log_tail.look(HOUR, since_ns=NOON_NS, most=10)
    assert (len(look.rows), look.total, look.unsettled, look.one_in) == (10, 10, 0, 1)
    assert [row.timestamp_ns - NOON_NS for row in look.rows] == list(reversed(range(10)))
    assert log_tail.look(HOUR, since_ns=look.checkpoint_ns, most=10).total == 0


def test_of_too_many_rows_a_look_shows_an_even_part_and_counts_all(app: Flask) -> None:
    stored = [
        Log(timestamp_ns=NOON_NS + n, observed_timestamp_ns=NOON_NS + n, severity_text="error" if n % 2 else "info")
        for n in range(5000)
    ]
    insert(store, stored)
    look = log_tail.look(HOUR, since_ns=NOON_NS, most=50)
    assert (look.total, look.unsettled, look.one_in) == (5000, 0, 128)
    assert look.checkpoint_ns > NOON_NS + 5000
    assert 10 < len(look.rows) < 100
    places = [row.timestamp_ns - NOON_NS for row in look.rows]
    assert places == sorted(places, reverse=True)
    assert min(places) < 1000
    assert max(places) > 4000
    finer = log_tail.look(HOUR, since_ns=NOON_NS, most=500, latest_first=False)
    assert {row.uuid for row in look.rows} < {row.uuid for row in finer.rows}
    assert finer.one_in == 16


def test_looks_count_each_row_once_though_an_insertion_takes_longer(app: Flask) -> None:
    """What is not settled yet is looked at again, and counted when it is first seen."""
    slow, quick = Log(timestamp_ns=NOON_NS + 1), [Log(timestamp_ns=NOON_NS + n) for n in range(200)]
    begin = log_tail.start()
    with held_insertion(settings.clickhouse_url, slow) as released:
        arrive(store, quick)
        first = log_tail.look(HOUR, since_ns=begin, most=50)
        assert (first.total, first.unsettled, first.one_in) == (200, 200, 4)
        again = log_tail.look(HOUR, since_ns=first.checkpoint_ns, most=50)
        assert {row.uuid for row in again.rows} == {row.uuid for row in first.rows}
        assert again.total - first.unsettled == 0
        released.set()
    last = log_tail.look(HOUR, since_ns=again.checkpoint_ns, most=500)
    assert last.total - again.unsettled == 1
    assert slow.uuid in {row.uuid for row in last.rows}
