"""The part of a time range that stands for all of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.queries.parameters import Parameters
from webapp.queries.sampling import SLICES, slices, within
from webapp.queries.scope import TimeRange


@given(start=st.integers(0, 2**60), length=st.integers(0, 2**60), fraction=st.floats(0, 1))
def test_slices_lie_apart_within_the_range_and_are_so_much_of_it(start: int, length: int, fraction: float) -> None:
    found = slices(TimeRange(start, start + length), fraction)
    edges = [edge for stretch in found for edge in stretch]
    assert edges == sorted(edges)
    assert all(start <= edge <= start + length for edge in edges)
    taken = sum(stop - first for first, stop in found)
    assert abs(taken - length * fraction) <= SLICES + length * 1e-9


def test_nothing_lies_within_no_slices() -> None:
    assert within([], Parameters()) == "false"
