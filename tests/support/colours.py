"""Colours as people see them: contrast after WCAG, and how far two are apart, also for those who see fewer."""

from __future__ import annotations

import math
import re
from typing import TypeAlias

from webapp.settings import ROOT

Colour: TypeAlias = tuple[float, float, float]  # red, green, blue in linear light, from 0 to 1

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009:
# what is seen without one kind of cone.
SIGHTS: dict[str, list[Colour]] = {
    "normal": [(1, 0, 0), (0, 1, 0), (0, 0, 1)],
    "protan": [(0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)],
    "deutan": [(0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)],
    "tritan": [(1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)],
}
# Björn Ottosson, "A perceptual color space for image processing", 2020.
_TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.793617785, -0.0040720468),
    (1.9779984951, -2.428592205, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.808675766),
)
_TOKEN = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")


def tokens() -> dict[str, dict[str, Colour]]:
    """Return the colours of the stylesheet by scheme and name."""
    text = (ROOT / "webapp" / "static" / "css" / "base.css").read_text()
    found = _TOKEN.findall(text)
    return {
        "light": {name: read(light) for name, light, _ in found},
        "dark": {name: read(dark) for name, _, dark in found},
    }


def read(text: str) -> Colour:
    """Read ``#rrggbb``."""
    red, green, blue = (_linear(int(text[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return red, green, blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio, from 1 to 21."""
    dark, light = sorted(_dot((0.2126, 0.7152, 0.0722), colour) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def distance(one: Colour, other: Colour, sight: str) -> float:
    """Return how far apart two colours look in Oklab, where black and white are 1 apart."""
    return math.dist(_lab(_seen(one, sight)), _lab(_seen(other, sight)))


def _seen(colour: Colour, sight: str) -> Colour:
    red, green, blue = (min(max(_dot(row, colour), 0.0), 1.0) for row in SIGHTS[sight])
    return red, green, blue


def _lab(colour: Colour) -> Colour:
    long, medium, short = (_dot(row, colour) ** (1 / 3) for row in _TO_CONES)
    lightness, a, b = (_dot(row, (long, medium, short)) for row in _TO_LAB)
    return lightness, a, b


def _dot(row: Colour, colour: Colour) -> float:
    return sum(weight * value for weight, value in zip(row, colour, strict=True))
