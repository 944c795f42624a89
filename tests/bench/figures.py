"""Figures of the benchmarks: printed as they come, and kept where all of them are put together."""

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

KEPT: Final = "COPIER_FLEET_BENCH_FIGURES"
"""Names the file to which each figure is added as a line of JSON."""


class Unit(StrEnum):
    """What a figure counts."""

    CPU_S = "s CPU"
    CPU_MS = "ms CPU"
    CPU_US = "us CPU"
    WALL_S = "s"
    WALL_MS = "ms"
    KB = "kB"
    MB = "MB"
    EACH_S = "/s"
    TIMES = "x"
    COUNT = ""


_OF_A_SECOND: Final = {Unit.CPU_S: 1.0, Unit.CPU_MS: 1e3, Unit.CPU_US: 1e6}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: `goal` is what it may come to at most (of what is done in a second: at least).

    `ratio` does not depend on the machine: CPU time beside what another way took in the same run,
    or beside a fixed piece of Python; bytes as they are; None for the clock on the wall.
    """

    name: str
    value: float
    unit: Unit
    goal: float | None = None
    ratio: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met, where there is one."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.unit is Unit.EACH_S else self.value <= self.goal


def title(text: str) -> None:
    """Print what the figures below are about."""
    sys.stdout.write(f"\n{text}\n")
    sys.stdout.flush()


def figure(
    name: str, value: float, unit: Unit, *, goal: float | None = None, beside: float | None = None
) -> None:
    """Print a figure and keep it; `beside` is what a peer took in the same run and unit."""
    found = Figure(name, value, unit, goal, _ratio(value, unit, beside))
    sys.stdout.write(f"{line(found)}\n")
    sys.stdout.flush()
    if KEPT in os.environ:
        with Path(os.environ[KEPT]).open("a", encoding="utf-8") as kept:
            kept.write(f"{json.dumps(asdict(found))}\n")


def line(found: Figure) -> str:
    """Return a figure as a line of a table of 80 columns where its name allows."""
    is_whole = found.unit is Unit.COUNT or found.value >= 1000
    digits = 0 if is_whole else 1 if found.value >= 100 else 3
    text = f"  {found.name:<46}{found.value:>10,.{digits}f} {found.unit:<7}"
    if found.goal is not None:
        word = "at least" if found.unit is Unit.EACH_S else "at most"
        text += f"{'' if found.is_met else ' MISSED:'} {word} {found.goal:g}"
    return text.rstrip()


def _ratio(value: float, unit: Unit, beside: float | None) -> float | None:
    if beside is not None:
        return value / beside
    if unit in _OF_A_SECOND:
        return value / _OF_A_SECOND[unit] / yardstick_s()
    return value if unit in {Unit.KB, Unit.MB, Unit.TIMES} else None


@cache
def yardstick_s() -> float:
    """Return the CPU time of a fixed piece of Python, the least of several: how fast it is here."""
    spent = []
    for _ in range(7):
        began = time.process_time()
        made = [{"name": f"n{number}", "value": number % 97} for number in range(20_000)]
        read = json.loads(json.dumps(made))
        assert sum(one["value"] for one in read) > 0
        spent.append(time.process_time() - began)
    return min(spent)
