"""The colours of all pages, worked out: contrast, and what the colour-blind see of them.

Contrast is that of WCAG 2; the eyes without red or green cones are those of Machado, Oliveira and
Fernandes (2009), fully so; distances are in CIELAB, where 2 is just noticed.
"""

import json
import re
from itertools import combinations
from math import dist

import pytest

from collector.dashboards.colours import MANY, MEANINGS, TEXT, of_number
from collector.domain.report.labels import mark
from tests.grafana.shipped import dashboards

LIGHT, DARK, WHITE = "#FFFFFF", "#181B1F", "#FFFFFF"
"""Grafana's panels in its two themes, and its text on a filled tile or cell."""

EYES = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
Triple = tuple[float, float, float]


def linear(color: str) -> Triple:
    """Return the light of a colour in its three parts."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return red, green, blue


def luminance(color: str) -> float:
    red, green, blue = linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def seen(color: str, eyes: str) -> Triple:
    """Return where a colour lies in CIELAB, as such eyes see it."""
    light = linear(color)
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, light, strict=True))))
        for row in EYES[eyes]
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("color", MEANINGS)
def test_words_on_a_colour_are_read(color: str) -> None:
    """4.5 to 1, whatever the theme: Grafana writes white on a colour as dark as these."""
    brightness = sum(
        weight * int(color[at : at + 2], 16) for weight, at in ((299, 1), (587, 3), (114, 5))
    )
    assert contrast(color, WHITE) >= 4.5
    assert brightness / 1000 <= 180, "above it Grafana writes black"


@pytest.mark.parametrize("color", [*MEANINGS, *MANY])
def test_a_bar_stands_out_in_both_themes(color: str) -> None:
    """3 to 1, what WCAG asks of graphics; no colour at all has 4.5 against white and near-black."""
    assert contrast(color, LIGHT) >= 3
    assert contrast(color, DARK) >= 3


@pytest.mark.parametrize("eyes", EYES)
def test_twelve_are_told_apart(eyes: str) -> None:
    assert len(set(MANY)) == 12
    least = 28 if eyes == "all cones" else 14
    for one, other in combinations(MANY, 2):
        assert dist(seen(one, eyes), seen(other, eyes)) >= least, (one, other)


@pytest.mark.parametrize("eyes", EYES)
def test_what_colours_mean_is_told_apart(eyes: str) -> None:
    for one, other in combinations(MEANINGS, 2):
        assert dist(seen(one, eyes), seen(other, eyes)) >= 15, (one, other)


def test_each_number_has_one_colour() -> None:
    patterns = [re.compile(of_number(index).strip("/")) for index in range(len(MANY))]
    for number in range(1, 51):
        hits = [index for index, one in enumerate(patterns) if one.match(f"{mark(number)} x")]
        assert hits == [(number - 1) % len(MANY)]


def test_no_page_has_any_other_colour() -> None:
    """Text is the theme's own, which has its contrast; everything else is of these."""
    for name, dashboard in dashboards().items():
        text = json.dumps(dashboard)
        used = set(re.findall(r'"(?:color|fixedColor|iconColor)": "(#\w+|[a-z-]+)"', text))
        assert used <= {*MEANINGS, *MANY, TEXT}, name


def test_a_number_has_the_same_colour_on_every_chart() -> None:
    found = set()
    for dashboard in dashboards().values():
        for panel in dashboard["panels"]:
            matched = [
                (one["matcher"]["options"], json.dumps(one["properties"]))
                for one in panel.get("fieldConfig", {}).get("overrides", ())
                if one["matcher"]["id"] == "byRegexp"
            ]
            if matched:
                found.add(tuple(matched))
    assert len(found) == 1
