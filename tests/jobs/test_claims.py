"""Slots, claims and results, on both SQL databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.jobs.support import task_row
from webapp.extensions import db
from webapp.models import RunStatus
from webapp.services.scheduling import (
    MAX_ATTEMPTS,
    Run,
    Task,
    begin_run,
    claim_due_runs,
    ensure_tasks,
    finish_run,
    next_slot,
    reclaim_lost_runs,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SWEEP = Task("sweep", "nowhere.sweep", interval_s=60, timeout_s=30)
LEASE = timedelta(seconds=SWEEP.lease_s)


@pytest.fixture
def first_run(database_app: Flask) -> Run:
    """The first run of ``SWEEP``, claimed at noon."""
    ensure_tasks([SWEEP], NOON)
    (run,) = claim_due_runs([SWEEP], NOON)
    return run


@pytest.mark.parametrize(
    ("late_s", "expected_s"),
    [(0, 60), (1, 60), (59.9, 60), (60, 120), (61, 120), (3600 * 24 + 30, 3600 * 24 + 60), (-5, 60)],
)
def test_the_next_slot_is_the_first_of_the_grid_after_now(late_s: float, expected_s: float) -> None:
    assert next_slot(NOON, 60, NOON + timedelta(seconds=late_s)) == NOON + timedelta(seconds=expected_s)


@given(interval_s=st.integers(1, 10**6), late_ms=st.integers(0, 10**12))
def test_the_next_slot_lies_on_the_grid_and_less_than_an_interval_ahead(interval_s: int, late_ms: int) -> None:
    interval, now = timedelta(seconds=interval_s), NOON + timedelta(milliseconds=late_ms)
    slot = next_slot(NOON, interval_s, now)
    assert (slot - NOON) % interval == timedelta(0)
    assert timedelta(0) < slot - now <= interval


def test_a_new_task_is_due_at_once_and_only_once(database_app: Flask) -> None:
    ensure_tasks([SWEEP], NOON)
    ensure_tasks([SWEEP], NOON + timedelta(seconds=1))
    assert claim_due_runs([SWEEP], NOON) == [Run("sweep", 1, 1, SWEEP.lease_s)]
    assert claim_due_runs([SWEEP], NOON) == []


def test_a_task_without_a_row_or_a_definition_is_left_alone(database_app: Flask) -> None:
    gone = Task("gone", "nowhere.gone", interval_s=60, timeout_s=30)
    ensure_tasks([gone], NOON)
    assert claim_due_runs([SWEEP], NOON) == []
    assert reclaim_lost_runs([SWEEP], NOON + timedelta(days=1)) == []


def test_of_many_schedulers_one_wins_each_slot(database_app: Flask) -> None:
    ensure_tasks([SWEEP], NOON)
    db.session.remove()
    threads_count, slots = 4, 12
    barrier = threading.Barrier(threads_count)
    won: list[Run] = []
    errors: list[BaseException] = []

    def schedule() -> None:
        try:
            with database_app.app_context():
                for slot in range(slots):
                    barrier.wait(30)
                    runs = claim_due_runs([SWEEP], NOON + timedelta(seconds=60 * slot))
                    won.extend(runs)
                    for run in runs:
                        assert begin_run(run, NOON)
                        assert finish_run(run, NOON)
                    barrier.wait(30)
        except BaseException as error:
            barrier.abort()
            errors.append(error)

    threads = [threading.Thread(target=schedule) for _ in range(threads_count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(run.seq for run in won) == list(range(1, slots + 1))
    assert task_row("sweep").runs == slots


def test_missed_slots_are_skipped(first_run: Run) -> None:
    assert begin_run(first_run, NOON)
    assert finish_run(first_run, NOON)
    morning = NOON + timedelta(hours=20, seconds=7)
    (late,) = claim_due_runs([SWEEP], morning)
    assert late.seq == 2
    assert finish_run(late, morning) is False, "a run that nobody began has no result"
    assert begin_run(late, morning)
    assert finish_run(late, morning)
    assert claim_due_runs([SWEEP], morning) == []
    assert task_row("sweep").next_run_at == NOON + timedelta(hours=20, minutes=1)


def test_a_slot_that_comes_while_the_last_run_is_out_waits_for_its_end(first_run: Run) -> None:
    later = NOON + timedelta(seconds=100)
    assert claim_due_runs([SWEEP], later) == []
    assert begin_run(first_run, later)
    assert finish_run(first_run, later)
    assert [run.seq for run in claim_due_runs([SWEEP], later)] == [2]


def test_a_run_is_begun_once(first_run: Run) -> None:
    assert begin_run(first_run, NOON)
    assert not begin_run(first_run, NOON)


def test_a_result_is_recorded_once(first_run: Run) -> None:
    begin_run(first_run, NOON)
    assert finish_run(first_run, NOON, "ClickHouse is away.")
    assert not finish_run(first_run, NOON)
    row = task_row("sweep")
    assert (row.runs, row.last_run_at, row.last_status) == (1, NOON, RunStatus.FAILED)
    assert row.last_error == "ClickHouse is away."


def test_a_success_clears_the_last_error(first_run: Run) -> None:
    begin_run(first_run, NOON)
    finish_run(first_run, NOON, "broken")
    (second,) = claim_due_runs([SWEEP], NOON + timedelta(minutes=1))
    begin_run(second, NOON)
    finish_run(second, NOON)
    row = task_row("sweep")
    assert (row.runs, row.last_status, row.last_error) == (2, RunStatus.SUCCEEDED, None)


def test_a_run_past_its_lease_goes_out_again_and_its_old_attempt_counts_no_more(first_run: Run) -> None:
    begin_run(first_run, NOON)
    assert reclaim_lost_runs([SWEEP], NOON + LEASE - timedelta(seconds=1)) == []
    (second,) = reclaim_lost_runs([SWEEP], NOON + LEASE)
    assert (second.seq, second.attempt) == (1, 2)
    assert not finish_run(first_run, NOON + LEASE)
    assert begin_run(second, NOON + LEASE)
    assert not finish_run(first_run, NOON + LEASE)
    assert finish_run(second, NOON + LEASE)
    row = task_row("sweep")
    assert (row.runs, row.attempt, row.last_status) == (1, 2, RunStatus.SUCCEEDED)


def test_beginning_a_run_renews_its_lease(first_run: Run) -> None:
    begin_run(first_run, NOON + LEASE / 2)
    assert reclaim_lost_runs([SWEEP], NOON + LEASE) == []
    assert reclaim_lost_runs([SWEEP], NOON + LEASE * 1.5)


def test_a_run_that_is_lost_again_and_again_is_given_up_until_the_next_slot(first_run: Run) -> None:
    now = NOON
    for attempt in range(2, MAX_ATTEMPTS + 1):
        now += LEASE
        assert [run.attempt for run in reclaim_lost_runs([SWEEP], now)] == [attempt]
    now += LEASE
    assert reclaim_lost_runs([SWEEP], now) == []
    row = task_row("sweep")
    assert (row.runs, row.last_status, row.last_run_at) == (1, RunStatus.LOST, now)
    assert row.last_error == "No worker brought it to an end in 3 attempts."
    assert [run.seq for run in claim_due_runs([SWEEP], now)] == [2]


def test_a_lost_run_goes_to_one_scheduler(first_run: Run, database_app: Flask) -> None:
    barrier = threading.Barrier(4)
    won: list[Run] = []

    def sweep() -> None:
        with database_app.app_context():
            barrier.wait(30)
            won.extend(reclaim_lost_runs([SWEEP], NOON + LEASE))

    threads = [threading.Thread(target=sweep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(run.seq, run.attempt) for run in won] == [(1, 2)]
