"""All that is needed to state a month, and what was sealed of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from collector.domain.charges import Machines
from collector.domain.departments import PlaceShare
from collector.domain.factors import NO_FACTORS, Factors
from collector.domain.fleet import (
    DepartmentId,
    Fleet,
)
from collector.domain.history import Daily, Past
from collector.domain.meters import Meter
from collector.domain.office import Office, Period
from collector.domain.reading import PlaceId
from collector.domain.usage import DayUsage

HISTORY = timedelta(days=62)
"""How far before a month the days of its places are looked at."""

Heard = Mapping[PlaceId, tuple[datetime, datetime]]
"""Place -> first and last time it was heard within a span."""


@dataclass(frozen=True, slots=True)
class SealedMonth:
    """What one department, or the whole office, has in a closed month, as it was sealed.

    Of the places `asked`, those `missing` were neither read nor heard since.
    """

    revision: int
    meters: Mapping[Meter, int] = field(default_factory=dict)
    estimated: int = 0
    target: int | None = None
    asked: tuple[PlaceId, ...] = ()
    missing: tuple[PlaceId, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """All that is needed to state a month, gathered beforehand.

    `days` reach from the begin of the closing month that holds `period.start - HISTORY` to the
    period's end. `heard` spans from the begin of the period up to now. `past` is impressions of
    whole months, as far as they are known: last year's, base years', this fiscal year's. `earlier`
    is impressions by day from before `days`. `machines` tells which meters a place's machine has.
    `sealed` holds the figures of a closed month by department (and `WHOLE_OFFICE`); one that is
    not named has no pages in it. It is None while the month is open.
    `sheets` is what old sheets say of places that the ledger did not count in the period, as if on
    its last day.
    """

    fleet: Fleet
    office: Office
    period: Period
    now: datetime
    days: Sequence[DayUsage]
    heard: Heard
    past: Past = field(default_factory=dict)
    earlier: Daily = field(default_factory=dict)
    factors: Factors = NO_FACTORS
    machines: Machines = field(default_factory=dict)
    sealed: Mapping[DepartmentId, SealedMonth] | None = None
    sheets: Sequence[PlaceShare] = ()

    def sealed_of(self, department: DepartmentId) -> SealedMonth | None:
        """Return what was sealed of `department`, None while the month is open."""
        if self.sealed is None:
            return None
        revision = max((one.revision for one in self.sealed.values()), default=1)
        return self.sealed.get(department, SealedMonth(revision))


def history_start(office: Office, period: Period) -> date:
    """Return the first day whose usage the facts of `period` should hold."""
    return office.period_of(period.start - HISTORY).start
