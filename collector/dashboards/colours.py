"""The colours of all pages: what they mean, and which of many is which.

Each stands out from Grafana's light and dark panels alike, white is read on each of the four that
mean something, and the twelve are told apart by people who see no red or no green as well:
`tests/unit/dashboards/test_colours.py` works that out. Words of a page have the theme's own colour.
"""

from typing import Final

from collector.domain.report.labels import mark

TEXT: Final = "text"
"""Grafana's name for the colour of the theme's own text."""

OVER, WILL_BE_OVER, ON_COURSE, NEUTRAL = "#CF2A48", "#B06000", "#286EBE", "#6E7378"
MEANINGS: Final = (OVER, WILL_BE_OVER, ON_COURSE, NEUTRAL)

MANY: Final = (
    *("#1E96FF", "#E67305", "#1E736E", "#BE19A0", "#A07D3C", "#7850CD"),
    *("#D21E14", "#0F9BD2", "#B47DA0", "#AF00FF", "#AA504B", "#C32369"),
)
"""Of departments and places, by their numbers; the thirteenth has that of the first again."""

_NUMBERS: Final = 50


def of_number(index: int) -> str:
    """Return the pattern of the labels that have the colour number `index`, counted from 0."""
    marks = "".join(map(mark, range(index + 1, _NUMBERS + 1, len(MANY))))
    return f"/^[{marks}] /"
