"""A town of copiers that print, break, move and are exchanged; it knows every page it printed."""

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer
from collector.domain.meters import Meter
from collector.domain.office.office_calendar import Office
from collector.errors import DeviceError, DeviceUnreachable

TOTAL, MONO, COPY = Meter("total"), Meter("total_mono"), Meter("copy")
WIDE = 1_000_000


@dataclass(slots=True)
class Copier:
    """One machine. Its counters may be reset, wrap, or lose the last pages at a power cut."""

    serial: str
    total: int
    copies: int = 0
    wraps: bool = False
    booted: datetime | None = None

    def print(self, pages: int) -> None:
        self.total += pages
        self.copies += pages // 2
        if self.wraps:
            self.total %= WIDE

    def says(self, now: datetime) -> Answer:
        """Return what it answers: all pages are black."""
        up = 10**7 if self.booted is None else int((now - self.booted).total_seconds())
        return Answer(
            DeviceIdentity(vendor="Ricoh", model="IM C3000", serial=self.serial),
            {TOTAL: self.total, MONO: self.total, COPY: self.copies},
            uptime_s=up,
            wraps={TOTAL: WIDE, MONO: WIDE} if self.wraps else {},
            rated_ipm=40,
        )


@dataclass(slots=True)
class Spot:
    """A place: which machine stands there, how busy it is, and whether it answers now."""

    name: str
    copier: Copier
    busy: int
    silent: bool = False
    garbage: int | None = None
    impostor: Copier | None = None

    def says(self, now: datetime) -> Answer | DeviceError:
        """Return what is answered at this address."""
        if self.silent:
            return DeviceUnreachable(self.name, "no answer")
        if self.impostor is not None:
            return self.impostor.says(now)
        answer = self.copier.says(now)
        if self.garbage is None:
            return answer
        return replace(answer, meters=dict.fromkeys(answer.meters, self.garbage))


@dataclass(slots=True)
class Town:
    """All places, and the true pages of each by local day."""

    office: Office
    spots: dict[str, Spot]
    dice: random.Random
    printed: dict[str, dict[date, int]] = field(default_factory=lambda: defaultdict(dict))

    def work(self, now: datetime, share: float) -> None:
        """Let every copier print its part of a day's pages."""
        day = self.office.local_day(now)
        for spot in self.spots.values():
            pages = round(spot.busy * share * self.dice.uniform(0.5, 1.5))
            spot.copier.print(pages)
            days = self.printed[spot.name]
            days[day] = days.get(day, 0) + pages

    def of_month(self, name: str, first: date, last: date) -> int:
        """Return the pages truly printed at a place in these days."""
        return sum(pages for day, pages in self.printed[name].items() if first <= day <= last)


def build(office: Office, places: int, seed: int) -> Town:
    """Return a town with `places` copiers, each with a serial number of its own."""
    dice = random.Random(seed)
    spots = {}
    for number in range(places):
        name = f"p{number:03}"
        total = dice.randrange(1000, 500_000)
        copier = Copier(f"SN{number:06}A", total, total // 2)
        spots[name] = Spot(name, copier, dice.randrange(8, 90))
    return Town(office, spots, dice)


def days_of(first: date, last: date) -> list[date]:
    """Return every day from `first` to `last`."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
