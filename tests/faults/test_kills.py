"""Whatever is killed while logs come in: what was acknowledged is there exactly once, and the rollups agree."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support.kills import VICTIMS, Rounds

pytestmark = pytest.mark.xdist_group("kills")

# Each victim once; some die together, because a start of a process is what takes the time.
ROUNDS = (("clickhouse",), ("web", "worker"), ("gunicorn", "scheduler", "valkey"), ("supervisor",))


def test_every_part_can_be_killed_under_load_and_no_acknowledged_row_is_lost_or_doubled(tmp_path: Path) -> None:
    assert {victim for victims in ROUNDS for victim in victims} == set(VICTIMS)
    seed = random.randrange(2**32)
    with Rounds(tmp_path / "data", seed) as rounds:
        played = [rounds.play(*victims) for victims in ROUNDS]
    for round_ in played:
        verdict = round_.verdict
        told = f"seed {seed}, {round_.victims}"
        assert verdict.faults == [], told
        assert (verdict.lost, verdict.doubled, verdict.differences) == (0, 0, 0), told
        assert verdict.acknowledged, told
    assert sum(round_.verdict.retries for round_ in played), f"seed {seed}: nobody noticed a kill"
