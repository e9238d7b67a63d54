from __future__ import annotations

from itertools import pairwise

import pytest

from webapp.demo.incident import CALM, FIRST_SIGN_S, STARVED_S, conditions, moment_ns
from webapp.demo.model import DAY, HOUR, MINUTE, SECOND
from webapp.demo.schedule import BAD_VERSION, CULPRIT, GOOD_VERSION, INCIDENT_LENGTH_NS, ROLLBACK_NS, Schedule, rhythm

MIDNIGHT = 20_000 * DAY


@pytest.fixture
def day() -> Schedule:
    return Schedule(seed=1, start_ns=MIDNIGHT, live_ns=MIDNIGHT + DAY)


def test_the_day_has_a_quiet_night_and_two_peaks() -> None:
    assert rhythm(20.3) > rhythm(12.7) > rhythm(17.2) > 2 * rhythm(4)
    assert rhythm(12.7) > rhythm(10)
    assert max(rhythm(hour / 10) for hour in range(240)) == pytest.approx(1, abs=0.05)


def test_the_rhythm_closes_at_midnight() -> None:
    assert rhythm(23.999) == pytest.approx(rhythm(0), rel=0.01)


def test_the_shop_keeps_its_own_time_zone() -> None:
    west = Schedule(1, MIDNIGHT, MIDNIGHT + DAY, utc_offset_s=-5 * 3600)
    assert west.hour(MIDNIGHT + 20 * HOUR) == 15.0


def test_without_a_past_every_hour_is_a_busy_one() -> None:
    live = Schedule(1, MIDNIGHT, MIDNIGHT)
    assert all(0.8 < live.busyness(MIDNIGHT + hour * HOUR) < 1.2 for hour in range(24))


def test_the_past_has_incidents_in_the_busy_hours_and_one_that_is_recent(day: Schedule) -> None:
    starts = list(day.incident_starts(MIDNIGHT, MIDNIGHT + DAY))
    hours = [(start - MIDNIGHT) / HOUR for start in starts]
    assert [round(hour) for hour in hours] == [13, 20, 23]
    assert MIDNIGHT + DAY - starts[-1] == 75 * MINUTE


def test_live_there_is_an_incident_every_forty_minutes(day: Schedule) -> None:
    live = MIDNIGHT + DAY
    starts = list(day.incident_starts(live, live + 3 * HOUR))
    assert starts[0] - live == 4 * MINUTE
    assert [(after - before) // MINUTE for before, after in pairwise(starts)] == [40, 40, 40, 40]


def test_incidents_are_the_same_whatever_span_is_asked_for(day: Schedule) -> None:
    end = MIDNIGHT + DAY + 4 * HOUR
    in_steps = [start for at in range(MIDNIGHT, end, 7 * MINUTE) for start in day.incident_starts(at, at + 7 * MINUTE)]
    assert [start for start in in_steps if start < end] == list(day.incident_starts(MIDNIGHT, end))


def test_a_deploy_begins_an_incident_and_a_rollback_ends_it(day: Schedule) -> None:
    start = next(day.incident_starts(MIDNIGHT, MIDNIGHT + DAY))
    deploys = [deploy for deploy in day.deploys(start, start + INCIDENT_LENGTH_NS) if deploy.service == CULPRIT]
    assert [(deploy.at_ns - start, deploy.version, deploy.rollback) for deploy in deploys] == [
        (0, BAD_VERSION, False),
        (ROLLBACK_NS, GOOD_VERSION, True),
    ]
    versions = [day.version(CULPRIT, GOOD_VERSION, start + offset) for offset in (-1, 0, ROLLBACK_NS - 1, ROLLBACK_NS)]
    assert versions == [GOOD_VERSION, BAD_VERSION, BAD_VERSION, GOOD_VERSION]


def test_every_deploy_starts_from_the_version_before(day: Schedule) -> None:
    known: dict[str, str] = {}
    for deploy in day.deploys(MIDNIGHT, MIDNIGHT + DAY + 6 * HOUR):
        assert known.setdefault(deploy.service, deploy.before) == deploy.before
        known[deploy.service] = deploy.version
    assert len(known) > 5


def test_no_other_deploy_distracts_from_an_incident(day: Schedule) -> None:
    others = [deploy for deploy in day.deploys(MIDNIGHT, MIDNIGHT + DAY + 6 * HOUR) if deploy.service != CULPRIT]
    assert others
    assert all(day.incident_start(deploy.at_ns) is None for deploy in others)


def test_connections_leak_slowly_and_come_back_after_the_rollback(day: Schedule) -> None:
    start = next(day.incident_starts(MIDNIGHT, MIDNIGHT + DAY))
    free = [conditions(day, start + minute * MINUTE).free_connections for minute in range(20)]
    assert free[0] == free[1] == 20
    assert all(before >= after for before, after in pairwise(free[:13]))
    assert not conditions(day, moment_ns(start, FIRST_SIGN_S)).starved
    assert conditions(day, moment_ns(start, STARVED_S)).starved
    assert free[15] == 20


def test_between_incidents_there_is_calm(day: Schedule) -> None:
    start = next(day.incident_starts(MIDNIGHT, MIDNIGHT + DAY))
    assert conditions(day, start - SECOND) is CALM
    assert conditions(day, start + INCIDENT_LENGTH_NS) is CALM
