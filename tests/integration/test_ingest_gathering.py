"""Small requests share insertions, and each of them is stored once all the same."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from clickhouse_driver import Client

from tests.support.otlp import Target, record, request
from tests.support.together import side_by_side
from webapp.embedded.processes import free_port
from webapp.embedded.valkey import EmbeddedValkey
from webapp.errors import Unavailable
from webapp.ingest.arrival import REMEMBERED_NS
from webapp.ingest.batch import DAY_NS, SECOND_NS
from webapp.ingest.encoding import Encoding
from webapp.ingest.receipt import receive
from webapp.ingest.valkey import Valkey
from webapp.ingest.writer import SMALL_ROWS, Writer
from webapp.settings import Settings
from webapp.store.store import Store


@pytest.fixture
def owner(settings: Settings) -> Iterator[Client]:
    with Client.from_url(settings.clickhouse_url) as client:
        yield client


@pytest.fixture
def process(store: Store, valkey: EmbeddedValkey) -> Callable[[], Writer]:
    """Return what makes a writer that knows nothing of the others, as another process would."""
    return lambda: Writer(store, Valkey(valkey.url))


@pytest.fixture
def alone(store: Store) -> Callable[[], Writer]:
    """The same while Redis is away."""
    return lambda: Writer(store, Valkey(f"redis://127.0.0.1:{free_port()}"))


def body_of(*lines: str, times_ns: tuple[int, ...] = ()) -> bytes:
    times_ns = times_ns or (time.time_ns(),) * len(lines)
    records = (
        record(line, {"line": line.partition(" ")[0]}, time_unix_nano=at)
        for line, at in zip(lines, times_ns, strict=True)
    )
    return request(*records, resource={"service.name": "client"}).SerializeToString()


def send(writer: Writer, body: bytes, *, project_id: int = 7, received_at_ns: int | None = None) -> None:
    target = Target(project_id)
    receive(body, Encoding.PROTOBUF, target, writer, received_at_ns or time.time_ns())


def bodies(owner: Client) -> list[str]:
    return sorted(body for (body,) in owner.execute("SELECT body FROM logs"))


def insertions(owner: Client) -> int:
    """Return how many insertions brought the rows in: each begins at another moment, and its rows are 1 ns apart."""
    moments = sorted(at for (at,) in owner.execute("SELECT toUnixTimestamp64Nano(observed_timestamp) FROM logs"))
    return sum(later - earlier > 1 for earlier, later in zip([0, *moments], moments, strict=False))


def test_requests_of_one_moment_share_an_insertion(process: Callable[[], Writer], owner: Client) -> None:
    writer = process()
    lines = [f"line {number:02}" for number in range(40)]
    raised = side_by_side(*(partial(send, writer, body_of(line)) for line in lines))
    assert raised == []
    assert bodies(owner) == lines
    assert insertions(owner) < len(lines) / 2


def test_requests_of_several_projects_and_days_are_each_stored_where_they_belong(
    process: Callable[[], Writer], owner: Client
) -> None:
    writer = process()
    now_ns = time.time_ns()
    wanted = [(project, day) for project in (7, 8) for day in range(3)]
    raised = side_by_side(
        *(
            partial(send, writer, body_of(f"{project} {day}", times_ns=(now_ns - day * DAY_NS,)), project_id=project)
            for project, day in wanted
        )
    )
    assert raised == []
    assert owner.execute("SELECT project_id, body FROM logs ORDER BY 1, 2") == [
        (project, f"{project} {day}") for project, day in wanted
    ]


@pytest.mark.parametrize("later", ["process", "alone"])
@pytest.mark.parametrize("first", ["process", "alone"])
def test_request_sent_again_to_another_process_is_stored_once(
    request: pytest.FixtureRequest, owner: Client, first: str, later: str
) -> None:
    body = body_of("once 1", "once 2")
    for name in (first, later, later):
        send(request.getfixturevalue(name)(), body)
    assert bodies(owner) == ["once 1", "once 2"]


@pytest.mark.parametrize("kind", ["process", "alone"])
def test_copies_that_are_under_way_in_several_processes_are_stored_once(
    request: pytest.FixtureRequest, owner: Client, kind: str
) -> None:
    make = request.getfixturevalue(kind)
    body = body_of("copied 1")
    raised = side_by_side(*(partial(send, make(), body) for _ in range(4)))
    assert len(raised) < 4
    assert all(isinstance(error, Unavailable) and error.retry_after_s == 1 for error in raised)
    assert bodies(owner) == ["copied 1"]


def test_retry_among_new_requests_adds_only_those(process: Callable[[], Writer], owner: Client) -> None:
    known = body_of("known 1")
    send(process(), known)
    writer = process()
    raised = side_by_side(partial(send, writer, known), *(partial(send, writer, body_of(f"new {n}")) for n in range(5)))
    assert raised == []
    assert bodies(owner) == ["known 1", *(f"new {n}" for n in range(5))]


def test_requests_that_hold_the_same_rows_but_are_other_bytes_are_all_stored(
    process: Callable[[], Writer], owner: Client
) -> None:
    now_ns = time.time_ns()
    writer = process()
    send(writer, body_of("same 1", times_ns=(now_ns,)))
    send(writer, body_of("same 1", "same 1", times_ns=(now_ns, now_ns)))
    assert bodies(owner) == ["same 1"] * 3


@pytest.mark.parametrize("kind", ["process", "alone"])
def test_request_with_rows_of_several_days_is_stored_once(
    request: pytest.FixtureRequest, owner: Client, kind: str
) -> None:
    make = request.getfixturevalue(kind)
    now_ns = time.time_ns()
    body = body_of("days 0", "days 1", "days 2", times_ns=tuple(now_ns - day * DAY_NS for day in range(3)))
    for _ in range(2):
        send(make(), body)
    assert bodies(owner) == ["days 0", "days 1", "days 2"]


@pytest.mark.parametrize("kind", ["process", "alone"])
def test_rows_without_timestamps_are_stored_once_when_the_retry_comes_after_midnight(
    request: pytest.FixtureRequest, owner: Client, kind: str
) -> None:
    make = request.getfixturevalue(kind)
    midnight_ns = time.time_ns() // DAY_NS * DAY_NS
    body = body_of("late 1", times_ns=(0,))
    send(make(), body, received_at_ns=midnight_ns - SECOND_NS)
    send(make(), body, received_at_ns=midnight_ns + SECOND_NS)
    assert bodies(owner) == ["late 1"]


@pytest.mark.parametrize("stored_at_s", [-1, -900, 10])
def test_large_requests_without_timestamps_are_stored_once_around_midnight(
    process: Callable[[], Writer], owner: Client, stored_at_s: int
) -> None:
    midnight_ns = time.time_ns() // DAY_NS * DAY_NS
    lines = [f"late {number:04}" for number in range(SMALL_ROWS)]
    body = body_of(*lines, times_ns=(0,) * SMALL_ROWS)
    writer = process()
    send(writer, body, received_at_ns=midnight_ns + stored_at_s * SECOND_NS)
    for again_s in (11, 15):
        send(writer, body, received_at_ns=midnight_ns + again_s * SECOND_NS)
    assert bodies(owner) == lines


def test_retry_is_known_for_a_quarter_of_an_hour(process: Callable[[], Writer], owner: Client) -> None:
    now_ns = time.time_ns()
    body = body_of("timed 1", times_ns=(0,))
    send(process(), body, received_at_ns=now_ns - REMEMBERED_NS + 60 * SECOND_NS)
    send(process(), body, received_at_ns=now_ns)
    assert REMEMBERED_NS >= 15 * 60 * SECOND_NS
    assert bodies(owner) == ["timed 1"]


def test_large_request_is_an_insertion_of_its_own_and_stored_once(process: Callable[[], Writer], owner: Client) -> None:
    body = body_of(*(f"large {number}" for number in range(SMALL_ROWS)))
    for _ in range(2):
        send(process(), body)
    assert owner.execute("SELECT count(), max(request_hash) FROM logs") == [(SMALL_ROWS, 0)]


def test_failure_of_an_insertion_is_told_to_all_who_shared_it(process: Callable[[], Writer], owner: Client) -> None:
    owner.execute("DROP TABLE logs SYNC")
    writer = process()
    raised = side_by_side(*(partial(send, writer, body_of(f"lost {n}")) for n in range(5)))
    assert [type(error).__name__ for error in raised] == ["Unavailable"] * 5
    assert {error.args[0] for error in raised} == {
        "The tables for logs are missing from ClickHouse: start Hedgerow, which creates them."
    }


def test_process_that_is_told_to_stop_answers_those_who_wait(
    store: Store, valkey: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(store, Valkey(valkey.url))
    inserted, go_on = threading.Event(), threading.Event()

    def hang(*_: Any) -> None:
        inserted.set()
        assert go_on.wait(60)

    monkeypatch.setattr(Store, "insert", hang)
    stopping = threading.Event()
    writer.gatherer.watch(stopping.is_set)
    raised: list[Exception] = []
    sender = threading.Thread(target=lambda: raised.extend(side_by_side(partial(send, writer, body_of("cut 1")))))
    sender.start()
    assert inserted.wait(60)
    stopping.set()
    sender.join(60)
    go_on.set()
    assert [str(error) for error in raised] == [
        "Hedgerow is being stopped. Send the same request again in a few seconds."
    ]


def test_gatherer_works_on_in_a_child_that_was_forked_while_it_ran(
    process: Callable[[], Writer], owner: Client
) -> None:
    writer = process()
    send(writer, body_of("parent 1"))
    child = os.fork()
    if child == 0:
        try:
            send(writer, body_of("child 1"))
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    send(writer, body_of("parent 2"))
    assert bodies(owner) == ["child 1", "parent 1", "parent 2"]


def test_outage_of_redis_is_logged_once(alone: Callable[[], Writer], capsys: pytest.CaptureFixture[str]) -> None:
    writer = alone()
    for number in range(3):
        send(writer, body_of(f"line {number}"))
    assert capsys.readouterr().out.count("Redis does not answer") == 1
