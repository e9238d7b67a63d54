"""Counting keys and values: every row that arrived once, whatever becomes of a step or of who does it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from clickhouse_driver import Client
from flask import Flask
from sqlalchemy import delete, update

from tests.support.attributes import attributes, attributes_of_rows
from tests.support.held import held_insertion
from tests.support.logs import DAY_NS, HOUR_NS, NOON_NS, Log, arrive
from tests.support.together import side_by_side
from webapp.extensions import db, settings, store
from webapp.models import RollupProgress
from webapp.queries.attribute_counts import count_attributes, next_arrivals
from webapp.services import attribute_counts
from webapp.services.attribute_counts import count_arrivals, counted_until_ns

UNHURRIED_S = 60.0


@pytest.fixture
def owner(app: Flask) -> Iterator[Client]:
    with Client.from_url(settings.clickhouse_url) as client:
        yield client


def count_all() -> int:
    """Count what has arrived, and return the steps: what arrived within the last millisecond is not settled yet."""
    time.sleep(0.01)
    return count_arrivals(UNHURRIED_S)


def counted(owner: Client, *, keys_alone: bool = False) -> dict[tuple[str, str, str], int]:
    """Return what is counted of each value, or of the keys by themselves."""
    kinds = "'log_key', 'resource_key'" if keys_alone else "'log', 'resource'"
    rows = owner.execute(f"SELECT kind, key, value, sum(n) FROM logs_attributes WHERE kind IN ({kinds}) GROUP BY ALL")
    return {(kind, key, value): n for kind, key, value, n in rows}


def mixed(number: int) -> list[Log]:
    """Make logs of several projects, days, keys and values."""
    return [
        Log(
            project_id=1 + index % 3,
            timestamp_ns=NOON_NS + index % 5 * DAY_NS + index * HOUR_NS // 7,
            attributes={f"key {index % 4}": f"value {index % 11}", "line": f"{number:x}{index:06x}"},
            resource_attributes={"host.name": f"host-{index % 7}", "k8s.pod.uid": f"{index % 3:064x}"},
        )
        for index in range(300)
    ]


def test_keys_and_values_are_counted(owner: Client) -> None:
    arrive(store, [Log(attributes={"a": "x"}, resource_attributes={"r": "one"})] * 3)
    arrive(store, [Log(attributes={"a": "y", "b": ""}, resource_attributes={"r": "one"})])
    assert count_all() == 1
    assert counted(owner) == {
        ("log", "a", "x"): 3,
        ("log", "a", "y"): 1,
        ("log", "b", ""): 1,
        ("resource", "r", "one"): 4,
    }


def test_keys_are_counted_by_themselves_too(owner: Client) -> None:
    arrive(store, [Log(attributes={"a": value}, resource_attributes={"r": value}) for value in ("x", "y", "123456")])
    arrive(store, [Log(attributes={"a": "", "b": "z"})])
    count_all()
    assert counted(owner, keys_alone=True) == {
        ("log_key", "a", ""): 4,
        ("log_key", "b", ""): 1,
        ("resource_key", "r", ""): 3,
    }


def test_keys_are_counted_by_project_and_hour(owner: Client) -> None:
    arrive(store, [Log(project_id=1, attributes={"a": "x"}), Log(project_id=2, attributes={"a": "x"})])
    arrive(store, [Log(timestamp_ns=NOON_NS + HOUR_NS, attributes={"a": "x"})])
    count_all()
    rows = owner.execute(
        "SELECT project_id, toUnixTimestamp(hour), sum(n) FROM logs_attributes WHERE kind = 'log'"
        " GROUP BY ALL ORDER BY ALL"
    )
    noon = NOON_NS // 10**9
    assert rows == [(1, noon, 1), (1, noon + 3600, 1), (2, noon, 1)]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("succeeded", True),  # six hex digits in a row, but a word
        ("deadline_exceeded", True),
        ("facade", True),
        ("10.1.2.3", True),
        ("12345", True),
        ("123456", False),
        ("u-00c0ffee", False),
        ("0199d0c0-0000-7000-8000-00000000abcd", False),
        ("x" * 48, True),
        ("x" * 49, False),
    ],
)
def test_values_that_look_like_ids_are_counted_without_their_text(owner: Client, value: str, kept: bool) -> None:
    arrive(store, [Log(attributes={"a": value})])
    count_all()
    assert counted(owner) == {("log", "a", value if kept else ""): 1}


def test_ids_of_resources_are_kept(owner: Client) -> None:
    pod, container = "api-7d9f8b6c5d-x2x4z", "0123456789abcdef" * 4
    arrive(store, [Log(resource_attributes={"k8s.pod.name": pod, "container.id": container})])
    count_all()
    assert counted(owner) == {("resource", "k8s.pod.name", pod): 1, ("resource", "container.id", ""): 1}


def test_what_arrives_later_is_added_and_nothing_is_counted_twice(owner: Client) -> None:
    for number in range(3):
        arrive(store, mixed(number))
        assert count_all() == 1
        assert count_all() == 0
        assert attributes(owner) == attributes_of_rows(owner)


def test_nothing_that_arrived_is_nothing_to_do(owner: Client) -> None:
    assert count_all() == 0
    assert counted(owner) == {}


def test_many_rows_are_counted_in_steps(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribute_counts, "ROWS_AT_ONCE", 70)
    for number in range(2):
        arrive(store, mixed(number))
    assert count_all() == 9
    assert attributes(owner) == attributes_of_rows(owner)


def test_no_step_begins_when_the_time_is_over(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attribute_counts, "ROWS_AT_ONCE", 70)
    arrive(store, mixed(0))
    time.sleep(0.01)
    assert [count_arrivals(0) for _ in range(7)] == [1, 1, 1, 1, 1, 0, 0]
    assert attributes(owner) == attributes_of_rows(owner)


def plan(*, after_ns: int, until_ns: int | None) -> None:
    db.session.execute(update(RollupProgress).values(counted_until_ns=after_ns, planned_until_ns=until_ns))
    db.session.commit()


def test_a_step_whose_end_was_not_noted_adds_nothing_again(owner: Client) -> None:
    arrive(store, mixed(0))
    count_all()
    plan(after_ns=0, until_ns=counted_until_ns())
    arrive(store, mixed(1))
    assert count_all() == 2
    assert attributes(owner) == attributes_of_rows(owner)


def test_steps_are_shorter_where_rows_have_many_attributes(app: Flask) -> None:
    few, many = ({f"key.{at}": "x" for at in range(n)} for n in (3, 5_000))
    for attributes_of_row in (few, few, many, few):
        arrive(store, [Log(attributes=attributes_of_row)] * 2)
        time.sleep(0.01)
    settled_ns, after_ns, steps = store.settled_until_ns(), 0, []
    while True:
        [(rows, last_ns)] = store.read(next_arrivals(after_ns, settled_ns, 1_000, most_attributes=12)).rows
        if not rows:
            break
        steps.append(rows)
        after_ns = last_ns
    assert steps == [4, 1, 1, 2]


def test_a_step_that_was_planned_and_not_done_is_done(owner: Client) -> None:
    arrive(store, mixed(0))
    count_all()
    before_ns = counted_until_ns()
    arrive(store, mixed(1))
    [(last_ns,)] = owner.execute("SELECT toUnixTimestamp64Nano(max(observed_timestamp)) FROM logs")
    plan(after_ns=before_ns, until_ns=last_ns)
    assert count_all() == 1
    assert attributes(owner) == attributes_of_rows(owner)


def test_a_step_that_was_done_for_some_days_only_is_completed(owner: Client) -> None:
    arrive(store, mixed(0))
    count_all()
    [(last_ns,)] = owner.execute("SELECT toUnixTimestamp64Nano(max(observed_timestamp)) FROM logs")
    owner.execute("TRUNCATE TABLE logs_attributes")
    step = attribute_counts.Step(0, last_ns)
    whole = count_attributes(step.after_ns, step.until_ns)
    two_days = f"WHERE hour < toDateTime({(NOON_NS // DAY_NS + 2) * DAY_NS // 10**9}) ORDER BY project_id"
    client = Client.from_url(settings.clickhouse_url)
    limits = {"server_side_params": True, "insert_deduplication_token": step.token, "optimize_on_insert": 0}
    client.execute(whole.sql.replace("ORDER BY project_id", two_days), dict(whole.params), settings=limits)
    client.disconnect()
    assert counted(owner)
    plan(after_ns=0, until_ns=last_ns)
    assert count_all() == 1
    assert attributes(owner) == attributes_of_rows(owner)


def test_counts_of_unknown_progress_are_made_anew(owner: Client) -> None:
    arrive(store, mixed(0))
    count_all()
    db.session.execute(delete(RollupProgress))
    db.session.commit()
    assert count_all() == 1
    assert attributes(owner) == attributes_of_rows(owner)


def test_a_row_whose_insertion_takes_longer_is_counted_when_it_is_there(owner: Client) -> None:
    with held_insertion(settings.clickhouse_url, Log(attributes={"a": "slow"})) as released:
        arrive(store, [Log(attributes={"a": "quick"})])
        count_all()
        released.set()
    count_all()
    assert counted(owner) == {("log", "a", "slow"): 1, ("log", "a", "quick"): 1}


def test_workers_that_count_at_the_same_time_count_once(
    app: Flask, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribute_counts, "ROWS_AT_ONCE", 200)
    count_all()
    for number in range(4):
        arrive(store, mixed(number))
    time.sleep(0.01)

    def work() -> None:
        with app.app_context():
            count_arrivals(UNHURRIED_S)

    assert side_by_side(work, work, work) == []
    assert count_all() == 0
    assert attributes(owner) == attributes_of_rows(owner)


def test_counts_leave_with_the_rows(owner: Client) -> None:
    today = datetime.now(UTC).date()
    gone = Log(attributes={"a": "gone"}, expires_on=today - timedelta(days=2))
    arrive(store, [Log(attributes={"a": "kept"}, expires_on=today), gone])
    count_all()
    owner.execute("OPTIMIZE TABLE logs_attributes FINAL")
    assert counted(owner) == {("log", "a", "kept"): 1}
