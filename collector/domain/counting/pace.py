"""How much a place usually prints: what a time without readings may hold, and what it cannot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import ceil, sqrt
from typing import Final

from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import apportion

_FORGET: Final = 0.97
"""What a working day weighs against the one after it: half is forgotten in a month."""
_ENOUGH_DAYS: Final = 2.5
"""Working days (weighted) from which a pace is known: three."""
_FULL_DAY_S: Final = 4 * 3600
"""A day observed for less of its working time says nothing of how days differ."""
_LEAST_DAY: Final = 0.25
"""A short time may differ from the usual as much as this part of a day: one job is enough."""
_HOUR: Final = 3600
_USUAL_HOURS: Final = 8.75
_PRIOR_WORKING: Final = 60
_PRIOR_OFF: Final = 3
"""Pages an hour that a place nobody knows may print at the most, before anybody asks."""
_A_JOB: Final = 20
_SLACK: Final = 100
"""Pages that no limit is drawn below: one job of copies is no news anywhere."""


@dataclass(frozen=True, slots=True)
class PaceEstimate:
    """An estimate of pages with the range that holds the truth 95 times in 100."""

    pages: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class PlacePace:
    """The impressions of one place: its day in the making, and the days before, fading.

    All that happened until `until` is in it. `day` has `work` pages in `work_s` seconds of working
    time and `off` pages in `off_s` seconds besides. The rest are sums over the days before, each
    worth a little less than the one after it: pages and hours of working and of other time, and
    the number, pages and squared pages of whole working days. `told` is true once it was told that
    `day` is above the pace.
    """

    until: datetime | None = None
    day: date | None = None
    work_s: int = 0
    work: int = 0
    off_s: int = 0
    off: int = 0
    told: bool = False
    hours: float = 0.0
    pages: float = 0.0
    off_hours: float = 0.0
    off_pages: float = 0.0
    days: float = 0.0
    total: float = 0.0
    squares: float = 0.0

    @property
    def is_known(self) -> bool:
        """Say whether enough days were seen to tell what is usual."""
        return self.days >= _ENOUGH_DAYS

    @property
    def today(self) -> int:
        """Pages of the day in the making."""
        return self.work + self.off

    def learn(self, start: datetime, end: datetime, pages: int, office: Office) -> "PlacePace":
        """Return the pace after `pages` from `start` to `end` and none from `until` to `start`."""
        known = self
        if self.until is not None and self.until < start:
            known = _added(known, self.until, start, 0, office)
        begin = start if self.until is None else max(start, self.until)
        return replace(_added(known, begin, end, pages, office), until=end)

    def skip(self, until: datetime) -> "PlacePace":
        """Return the pace as it is, with nothing known of the time before `until`."""
        return replace(self, until=until)

    def limit(self, start: datetime, end: datetime, office: Office) -> int:
        """Return the most pages that are no news from `start` to `end` at this place."""
        if not self.is_known:
            return sober_limit(start, end, office)
        expected, _, days, spread = self._expect(start, end, office)
        wide = 4 * sqrt(spread**2 * max(_LEAST_DAY, days) + expected)
        return int(1.5 * expected + wide) + _SLACK

    def guess(self, start: datetime, end: datetime, office: Office) -> PaceEstimate:
        """Return what was probably printed from `start` to `end`; 0 where no pace is known.

        Outside working time nobody need have printed.
        """
        if not self.is_known:
            return PaceEstimate(0, 0, sober_limit(start, end, office) - _SLACK + _A_JOB)
        expected, off, days, spread = self._expect(start, end, office)
        drift = (0.1 + 0.3 / sqrt(self.days)) * expected
        wide = 2 * sqrt(spread**2 * days + drift**2 + expected)
        high = max(ceil(expected + wide), ceil(expected))
        return PaceEstimate(round(expected), max(0, int(expected - off - wide)), high)

    def _expect(
        self, start: datetime, end: datetime, office: Office
    ) -> tuple[float, float, float, float]:
        """Return pages, those of off hours, working days, and by how many pages these differ."""
        working, off = _hours(start, end, office)
        rate = (self.pages + self.work) / max(1.0, self.hours + self.work_s / _HOUR)
        off_rate = (self.off_pages + self.off) / max(1.0, self.off_hours + self.off_s / _HOUR)
        usual = self.hours / self.days if self.hours else _USUAL_HOURS
        mean = self.total / self.days
        spread = sqrt(max(0.0, self.squares / self.days - mean**2))
        beside = off_rate * off
        return rate * working + beside, beside, working / max(1.0, usual), spread


def sober_limit(start: datetime, end: datetime, office: Office) -> int:
    """Return the most pages from `start` to `end` that a place of unknown pace is believed."""
    working, off = _hours(start, end, office)
    return int(_PRIOR_WORKING * working + _PRIOR_OFF * off) + _SLACK


def _hours(start: datetime, end: datetime, office: Office) -> tuple[float, float]:
    working = office.working_seconds(start, end)
    return working / _HOUR, max(0.0, (end - start).total_seconds() - working) / _HOUR


def _split(pages: int, spans: Sequence[tuple[date, int, int]]) -> dict[date, int]:
    """Return `pages` by day, in proportion to working time, or to other time without any."""
    works = any(work_s for _, work_s, _ in spans)
    return apportion(pages, {day: (work_s if works else off_s) for day, work_s, off_s in spans})


def _by_day(start: datetime, end: datetime, office: Office) -> Iterator[tuple[date, int, int]]:
    """Yield each local day from `start` to `end` with its seconds of working and other time."""
    days = [*office.days_between(start, end)] or [office.local_day(end)]
    bounds = [start, *(office.midnight(day) for day in days[1:]), end]
    for day, begin, stop in zip(days, bounds, bounds[1:], strict=False):
        work_s = int(office.working_seconds(begin, stop))
        yield day, work_s, max(0, int((stop - begin).total_seconds()) - work_s)


def _added(
    pace: PlacePace, start: datetime, end: datetime, pages: int, office: Office
) -> PlacePace:
    spans = [*_by_day(start, end, office)]
    parts = {spans[0][0]: pages} if len(spans) == 1 else _split(pages, spans)
    for day, work_s, off_s in spans:
        known = pace if day == pace.day else _folded(pace, day)
        part, works = parts[day], work_s > 0
        pace = replace(
            known,
            work_s=known.work_s + work_s,
            work=known.work + (part if works else 0),
            off_s=known.off_s + off_s,
            off=known.off + (0 if works else part),
        )
    return pace


def _folded(pace: PlacePace, day: date) -> PlacePace:
    """Begin `day`; the day before becomes one of many."""
    whole = pace.work_s >= _FULL_DAY_S
    keep = _FORGET if whole else 1.0
    return PlacePace(
        until=pace.until,
        day=day,
        hours=pace.hours * keep + pace.work_s / _HOUR,
        pages=pace.pages * keep + pace.work,
        off_hours=pace.off_hours * keep + pace.off_s / _HOUR,
        off_pages=pace.off_pages * keep + pace.off,
        days=pace.days * keep + whole,
        total=pace.total * keep + whole * pace.today,
        squares=pace.squares * keep + whole * pace.today**2,
    )
