"""The change of a number to the period before, in few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.pages.formats import compact, number
from webapp.queries.facets import MOST_VALUES
from webapp.services.log_facets import Facet

TWICE = 2.0  # from here on a change is a factor, below it a percentage


@dataclass(frozen=True, slots=True)
class Delta:
    """A change.

    Attributes:
        text: an arrow with a percentage or a factor; ``new`` and ``gone`` where there is nothing to divide.
        said: the same in full, with the number of the period before.
        is_worse: there are more of what should not be.
    """

    text: str
    said: str
    is_worse: bool = False


def delta_of(now: int, before: int, *, is_estimate: bool = False, is_bad: bool = False) -> Delta | None:
    """Return the change from a number of rows to another; None if there were none and are none.

    Args:
        is_estimate: either number may be anything like it, so that nothing is new or gone for certain.
        is_bad: more of them are worse.
    """
    sign = "~" if is_estimate else ""
    if not (now or before):
        return None
    had = f"{sign}{number(before)} before"
    if not before:
        return Delta(f"{sign}new", "Not seen in the sample of the period before" if sign else "None before", is_bad)
    if not now:
        return Delta(f"{sign}gone", f"Not seen in the sample now, {had}" if sign else f"None now, {had}")
    if now == before:
        return Delta(f"{sign}=", f"As many as before, {had}")
    if now > before:
        return Delta(f"{sign}↑ {_more(now / before)}", f"More than before, {had}", is_bad)
    return Delta(f"{sign}↓ {_percent(1 - now / before)}", f"Less than before, {had}")


def _more(factor: float) -> str:
    if factor < TWICE:
        return _percent(factor - 1)
    return f"{factor:.1f}×" if factor < 9.95 else f"{compact(round(factor))}×"


def _percent(share: float) -> str:
    """``0.183`` → ``18 %``: what has changed is never 0, and what is left never gone."""
    shown = 100 * share
    if shown < 1:
        return "<1 %"
    return ">99 %" if 99 < shown < 100 else f"{shown:.0f} %"


@dataclass(frozen=True, slots=True)
class FacetBefore:
    """A facet beside what it was in the period before; cut if it has only the most frequent values."""

    now: Mapping[str, int]
    before: Mapping[str, int]
    now_is_cut: bool
    before_is_cut: bool
    is_estimate: bool

    @classmethod
    def of(cls, now: Facet, before: Facet) -> FacetBefore:
        """Compare the values of a field in two ranges."""
        return cls(
            now=dict(now.values),
            before=dict(before.values),
            now_is_cut=len(now.values) >= MOST_VALUES,
            before_is_cut=len(before.values) >= MOST_VALUES,
            is_estimate=now.approximate or before.approximate,
        )

    def delta(self, value: str, *, is_bad: bool) -> Delta | None:
        """Return the change of a value; None also where one of its numbers is not among the most frequent."""
        if (self.now_is_cut and value not in self.now) or (self.before_is_cut and value not in self.before):
            return None
        return delta_of(self.now.get(value, 0), self.before.get(value, 0), is_estimate=self.is_estimate, is_bad=is_bad)

    def gone(self) -> list[str]:
        """List the values that are not there any more, the most frequent first; none where there may be others."""
        return [] if self.now_is_cut else [value for value in self.before if value not in self.now]
