"""What came of the figures on a panel, meter by meter."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from collector.adapters.snmp.calibration.fits import Fit
from collector.adapters.snmp.calibration.rounds import is_telling
from collector.adapters.snmp.profile_sources import Confidence
from collector.domain.meters import Meter


class State(StrEnum):
    """What came of one meter."""

    AGREES = "agrees"
    """It is read right by now."""
    FOUND = "found"
    """Something else comes to the figure."""
    TIED = "tied"
    """Several things do, and nothing tells them apart; one was taken."""
    SMALL = "small"
    """The figure is too small to prove anything, and nothing was taken."""
    NOTHING = "nothing"
    """Nothing comes to it."""


@dataclass(frozen=True, slots=True)
class Near:
    """Something that nearly comes to the figure: its formula and what it reads."""

    text: str
    reads: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the panel's figures say of one meter.

    `before` is what is read by now. `fit` is what was taken, `ties` what
    fits just as well, `others` how many further sums fit (at least, where `more`), `refused` what
    fits and may not stand for this meter, with the reason. `chance` is how many such sums one
    expects at such a figure by chance alone. `passed_over` counts older rounds that nothing fits.
    """

    meter: Meter
    figures: tuple[int, ...]
    state: State
    before: int | None = None
    fit: Fit | None = None
    confidence: Confidence = Confidence.HIGH
    ties: tuple[Fit, ...] = ()
    others: int = 0
    more: bool = False
    near: tuple[Near, ...] = ()
    refused: tuple[tuple[Fit, str], ...] = ()
    chance: float = 0.0
    passed_over: int = 0

    @property
    def figure(self) -> int:
        """The newest figure."""
        return self.figures[-1]

    @property
    def is_telling(self) -> bool:
        """Whether the figures can prove anything."""
        return is_telling(self.figures)

    @property
    def is_settled(self) -> bool:
        """Whether a further round would tell nothing new."""
        return self.state in {State.AGREES, State.FOUND} and self.is_sure

    @property
    def is_sure(self) -> bool:
        """Whether it is proved, and not only the best of several."""
        return self.fit is not None and self.confidence is Confidence.HIGH and self.is_telling


@dataclass(frozen=True, slots=True)
class Settled:
    """Every meter's verdict. `counters` were looked at; `cut`: not all sums of a large table."""

    verdicts: Mapping[Meter, Verdict]
    counters: int
    cut: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether a further round would tell nothing new of any meter."""
        return all(one.is_settled for one in self.verdicts.values())
