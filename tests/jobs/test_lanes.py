"""Which worker takes what."""

from __future__ import annotations

import pytest

from jobs.worker import URGENT, chosen_queues, queues_of
from webapp.services.queues import QUEUES


@pytest.mark.parametrize("workers", range(2, 7))
def test_of_several_workers_one_is_always_free_for_alerts(workers: int) -> None:
    lanes = [queues_of(index, workers) for index in range(workers)]
    assert any(set(lane) == set(URGENT) for lane in lanes)


@pytest.mark.parametrize("workers", range(1, 7))
def test_every_queue_is_somebodys_and_alerts_come_first(workers: int) -> None:
    lanes = [queues_of(index, workers) for index in range(workers)]
    assert set().union(*lanes) == set(QUEUES)
    assert {lane[0] for lane in lanes} == {"alerts"}


def test_a_worker_can_be_told_its_queues() -> None:
    assert chosen_queues(["--queues", "exports,maintenance"], 2) == ("exports", "maintenance")
    assert chosen_queues(["--index", "0"], 2) == URGENT
    assert chosen_queues([], 2) == QUEUES


def test_an_unknown_queue_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        chosen_queues(["--queues", "alerts,parties"], 2)
    assert exit_.value.code == 2
    assert (
        "parties: no such queue; choose from alerts, deliveries, rollups, exports, maintenance"
        in capsys.readouterr().err
    )
