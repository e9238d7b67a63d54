"""The colours of charts are seen on every ground, and told apart by everyone."""

from __future__ import annotations

import itertools

import pytest

from tests.support.colours import SIGHTS, contrast, distance, tokens
from webapp.language.tree import LEVELS

VALUES = [*(f"v{place}" for place in range(1, 6)), "other", "unset"]
LEVEL_FILLS = [f"{level}-fill" for level in LEVELS]
APART = 0.075  # about four times what is just seen between two fields that touch


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("names", [VALUES, LEVEL_FILLS], ids=["values", "levels"])
def test_what_a_chart_is_filled_with_is_seen_and_told_apart(scheme: str, names: list[str]) -> None:
    colours = tokens()[scheme]
    for name in names:
        assert contrast(colours[name], colours["bg"]) >= 3, name
    for (one, other), sight in itertools.product(itertools.combinations(names, 2), SIGHTS):
        assert distance(colours[one], colours[other], sight) >= APART, (one, other, sight)


def test_values_are_no_errors() -> None:
    for colours in tokens().values():
        for name in VALUES:
            assert distance(colours[name], colours["error-fill"], "normal") >= 0.15, name


def test_black_and_white_are_as_far_apart_as_can_be() -> None:
    white, black = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
    assert contrast(white, black) == pytest.approx(21)
    for sight in SIGHTS:
        assert distance(white, black, sight) == pytest.approx(1, abs=0.01)
