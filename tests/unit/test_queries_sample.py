"""Which rows a sample reads: some of each slice of the time, and never more than it may."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.queries.intervals import finest_grid
from webapp.queries.sample import Probe, fair_share, probes, rounds
from webapp.queries.scope import SECOND_NS, TimeRange
from webapp.services.log_patterns import characters_to_read

HOUR = TimeRange(7200 * SECOND_NS + 5, 10_800 * SECOND_NS - 5)
counts_of_slices = st.lists(st.integers(0, 10_000), min_size=1, max_size=70)


@given(counts=counts_of_slices, rows=st.integers(1, 100_000))
def test_shares_are_as_large_as_the_whole_allows(counts: list[int], rows: int) -> None:
    share = fair_share(counts, rows)
    read = sum(min(count, share) for count in counts)
    assert read <= rows
    if read < sum(counts):
        assert sum(min(count, share + 1) for count in counts) > rows


def test_many_long_lines_are_looked_at_in_part() -> None:
    assert characters_to_read([1000] * 4000) == 1000
    assert characters_to_read([1000] * 10_000) == 400
    assert characters_to_read([100] * 5000 + [1000] * 5000) == 700


@given(data=st.data(), rows=st.integers(64, 5000))
def test_probes_lie_in_the_slices_that_have_rows(data: st.DataObject, rows: int) -> None:
    grid = finest_grid(HOUR, 64)
    counts = data.draw(st.none() | st.lists(st.integers(0, 9999), min_size=grid.buckets, max_size=grid.buckets))
    found = probes(HOUR, grid, counts, rows)
    assert sum(min(probe.limit, counts[probe.bucket] if counts else probe.limit) for probe in found) <= rows
    assert [probe.bucket for probe in found] == [n for n in range(grid.buckets) if counts is None or counts[n]]
    for probe in found:
        start_ns = (grid.start_s + probe.bucket * grid.interval_s) * SECOND_NS
        assert max(start_ns, HOUR.first_ns) <= probe.time.first_ns < probe.time.stop_ns
        assert probe.time.stop_ns <= min(start_ns + grid.interval_s * SECOND_NS, HOUR.stop_ns)
        if counts and counts[probe.bucket] <= probe.limit:
            assert probe.time.stop_ns - probe.time.first_ns == probe.slice_ns


def test_probes_do_not_all_begin_with_the_minute() -> None:
    grid = finest_grid(HOUR, 64)
    places = {probe.time.first_ns % (60 * SECOND_NS) // SECOND_NS for probe in probes(HOUR, grid, [1000] * 60, 600)}
    assert len(places) > 40


@given(number=st.integers(0, 70))
def test_rounds_hold_each_probe_once(number: int) -> None:
    every = [Probe(n, TimeRange(n, n + 1), 1, 1) for n in range(number)]
    dealt = rounds(every, 8)
    assert sorted(probe.bucket for batch in dealt for probe in batch) == list(range(number))
    if number >= 8:
        assert [batch[0].bucket for batch in dealt] == [0, 4, 2, 6, 1, 5, 3, 7]


def test_a_slice_is_taken_to_be_as_dense_as_what_was_read_of_it() -> None:
    probe = Probe(0, TimeRange(1000, 2000), limit=10, slice_ns=1500)
    assert probe.estimate(found=4, last_ns=1700) == 6  # all from 1000 on: the limit was not reached
    assert probe.estimate(found=10, last_ns=1099) == 150
    assert probe.estimate(found=10, last_ns=1000) == 15_000
