"""Spans of time at the command line: 45s, 30min, 1h, 1d."""

import re
from typing import Final

import click

_UNITS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_LONGEST_S: Final = 30 * 86400


def seconds(text: str) -> float:
    """Return a span with its unit, 1 second to 30 days, in seconds; raises BadParameter."""
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)\s*", text.casefold())
    if match is None or match[2] not in _UNITS:
        raise click.BadParameter(f"{text!r} is no span of time; write one like 30min, 1h or 1d")
    span = float(match[1]) * _UNITS[match[2]]
    if not 1 <= span <= _LONGEST_S:
        raise click.BadParameter(f"{text!r} is not between 1s and 30d")
    return span
