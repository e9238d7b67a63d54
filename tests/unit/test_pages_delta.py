"""How much more or less there is than before, in few words that never say too much."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.pages.logs.delta import delta_of

rows = st.integers(1, 10**12)


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (12_431, 3884, "↑ 3.2×"),
        (118, 100, "↑ 18 %"),
        (199, 100, "↑ 99 %"),
        (1999, 1000, "↑ >99 %"),
        (2, 1, "↑ 2.0×"),
        (994, 100, "↑ 9.9×"),
        (995, 100, "↑ 10×"),
        (4_000_000, 1, "↑ 4M×"),
        (1001, 1000, "↑ <1 %"),
        (60, 100, "↓ 40 %"),
        (999, 1000, "↓ <1 %"),
        (1, 1000, "↓ >99 %"),
        (7, 7, "="),
        (5, 0, "new"),
        (0, 5, "gone"),
    ],
)
def test_a_change_is_a_factor_or_a_percentage(now: int, before: int, text: str) -> None:
    delta = delta_of(now, before)
    assert delta is not None
    assert delta.text == text
    estimate = delta_of(now, before, is_estimate=True)
    assert estimate is not None
    assert estimate.text == f"~{text}"


def test_where_there_is_nothing_there_is_no_change() -> None:
    assert delta_of(0, 0) is None


@given(now=rows, before=rows)
def test_a_change_points_where_it_goes(now: int, before: int) -> None:
    delta = delta_of(now, before, is_bad=True)
    assert delta is not None
    assert delta.text[0] == ("=" if now == before else "↑" if now > before else "↓")
    assert delta.is_worse == (now > before)
    assert not {"new", "gone"} & {delta.text}
    assert " 0 %" not in delta.text
    assert not delta.text.endswith(" 100 %")
    assert f"{before:,} before" in delta.said


@given(now=rows)
def test_nothing_is_new_or_gone_for_certain_that_a_sample_may_have_missed(now: int) -> None:
    for counts in ((now, 0), (0, now)):
        certain, estimate = delta_of(*counts), delta_of(*counts, is_estimate=True)
        assert certain is not None
        assert estimate is not None
        assert "sample" not in certain.said
        assert "in the sample" in estimate.said
