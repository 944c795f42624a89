"""Rounds of one calibration: figures off the panel, and what the counters said at that moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from collector.adapters.snmp.session import Oid, Value
from collector.domain.meters import Meter

TELLING: Final = 100
"""A smaller figure fits too many counters by chance; it proves nothing unless it moves."""


@dataclass(frozen=True, slots=True)
class Round:
    """One look at the panel. `values` are the machine's answers at about that time."""

    at: datetime
    figures: Mapping[Meter, int]
    values: Mapping[Oid, Value]


def is_telling(figures: Sequence[int]) -> bool:
    """Say whether these figures of one meter can prove a counter."""
    return max(figures, default=0) >= TELLING or len({*figures}) > 1


def went_back(rounds: Sequence[Round]) -> list[Meter]:
    """Return the meters whose figure is lower in a later round, which no counter does."""
    found: list[Meter] = []
    for meter in dict.fromkeys(meter for one in rounds for meter in one.figures):
        figures = [one.figures[meter] for one in rounds if meter in one.figures]
        if figures != sorted(figures):
            found.append(meter)
    return found
