"""Held against the truth: what the real counting made of a made-up office."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from collector.app.tally import LedgerTally, MonthTally
from collector.bootstrap.files import count_told, usual_office
from collector.domain.closing.accounts import added
from collector.domain.counting.findings import Code
from collector.domain.counting.told import Lines, in_order
from collector.domain.meters import TOTAL
from collector.domain.office.shares import PlaceId
from tests.truth.accidents import KINDS, PAIRS, WHOLE_OFFICE
from tests.truth.machines import a_machine
from tests.truth.office import Spot, Town
from tests.truth.people import habit

OFFICE = "whole offices"
ALONE = tuple(kind for kind in KINDS if kind not in WHOLE_OFFICE)


@dataclass(frozen=True, slots=True)
class Number:
    """One place's month: what was printed, what was counted, and what waits for a person."""

    seed: int
    kind: str
    place: str
    month: str
    truth: int
    counted: MonthTally
    waits: bool
    story: str

    @property
    def pages(self) -> int:
        return self.counted.pages[TOTAL]

    @property
    def inside(self) -> bool:
        return self.counted.low <= self.truth <= self.counted.high

    @property
    def silent_wrong(self) -> bool:
        return not self.inside and not self.waits


@dataclass(slots=True)
class Kind:
    """What became of the numbers of one kind of accident."""

    runs: int = 0
    numbers: list[Number] = field(default_factory=list)

    def share(self, good: Iterable[bool]) -> float:
        return 100 * sum(good) / max(1, len(self.numbers))

    @property
    def exact(self) -> float:
        return self.share(one.truth == one.pages for one in self.numbers)

    @property
    def inside(self) -> float:
        return self.share(one.inside for one in self.numbers)

    @property
    def silent(self) -> int:
        return sum(one.silent_wrong for one in self.numbers)

    @property
    def width(self) -> float:
        """Mean width of the range, in per cent of the pages printed."""
        wide = sum(one.counted.high - one.counted.low for one in self.numbers)
        return 100 * wide / max(1, sum(one.truth for one in self.numbers))


def a_town(seed: int, kinds: Iterable[str] = (), *, brief: bool = False) -> Town:
    """Return the office of `seed`: three places with an accident each, or one of those named.

    `brief`: asked each hour.
    """
    dice = random.Random(seed)
    named = tuple(kinds)
    whole = dice.choice((*sorted(WHOLE_OFFICE), *[None] * 8)) if not named else None
    chosen = named or ((whole,) * 2 if whole else tuple(dice.choices(ALONE, k=3)))
    often = dice.random() < 0.08
    interval = 300 if often else dice.choice((1800, *[3600] * 5))
    interval = 3600 if brief else interval
    month = 12 if "new_year" in chosen else dice.randrange(1, 13)
    first = date(2026, month, 1)
    if "new_year" not in chosen and dice.random() < 0.3:
        first = first.replace(day=dice.randrange(2, 12))
    last = _month_end(_month_end(first) + timedelta(days=1))
    town = Town(dice, first, last, interval, bounded=dice.random() < 0.8)
    for number, kind in enumerate(chosen):
        for spot in _spots(dice, town, f"p{number}", kind):
            town.spots[spot.name] = spot
    happened: set[str] = set()
    for spot in list(town.spots.values()):
        if not spot.name.endswith("-other") and spot.kind not in WHOLE_OFFICE & happened:
            KINDS[spot.kind](town, spot)
            happened.add(spot.kind)
    return town


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _spots(dice: random.Random, town: Town, name: str, kind: str) -> Iterator[Spot]:
    names = (name, f"{name}-other") if kind in PAIRS else (name,)
    for one in names:
        machine = a_machine(dice, town.begin)
        night_off = dice.random() < 0.2 and kind not in WHOLE_OFFICE
        yield Spot(one, machine, habit(dice), kind, night_off=night_off)


def counted(town: Town) -> LedgerTally:
    """Return what the real counting makes of what the collector of `town` wrote down."""
    understand = Lines()
    lines = enumerate(town.lines(), start=1)
    told = in_order([understand.told(number, line) for number, line in lines])
    return asyncio.run(count_told(told, usual_office(told), lambda: None))


def numbers(seed: int, kinds: Iterable[str] = (), *, brief: bool = False) -> list[Number]:
    """Return every month of every place of the office of `seed`."""
    town = a_town(seed, kinds, brief=brief)
    come_to = counted(town)
    waits = {
        one.subject
        for one in come_to.findings
        if one.id in come_to.waiting and one.code is not Code.DEVICE_SILENT
    }
    found = []
    for name, spot in town.spots.items():
        months = _months(come_to, name)
        for month in sorted({*months, *spot.known}):
            kind = spot.kind if month in spot.touched else "quiet"
            tally = months.get(month, MonthTally({TOTAL: 0}, 0, 0))
            story = "; ".join(spot.story) + f" | {spot.habit.daily:.0f}/day, every {town.interval}s"
            truth = (spot.truth if kind in PAIRS else spot.known)[month]
            found.append(Number(seed, kind, name, month, truth, tally, name in waits, story))
    return found


def _months(come_to: LedgerTally, name: str) -> Mapping[str, MonthTally]:
    own = come_to.places.get(PlaceId(name))
    return {} if own is None else own.months


def of_offices(all_numbers: Iterable[Number]) -> list[Number]:
    """Return the months of whole offices: what their places add up to."""
    months: dict[tuple[int, str], list[Number]] = defaultdict(list)
    for one in all_numbers:
        months[one.seed, one.month].append(one)
    return [
        Number(
            *(seed, OFFICE, "", month),
            truth=sum(one.truth for one in places),
            counted=_together([one.counted for one in places]),
            waits=any(one.waits for one in places),
            story=" / ".join(one.kind for one in places),
        )
        for (seed, month), places in months.items()
    ]


def _together(several: Sequence[MonthTally]) -> MonthTally:
    pages = added(one.pages for one in several)
    return MonthTally(pages, sum(one.low for one in several), sum(one.high for one in several))


def by_kind(all_numbers: Iterable[Number]) -> Mapping[str, Kind]:
    """Return what became of each kind; a run is a place (an office) to which it happened."""
    found: dict[str, Kind] = defaultdict(Kind)
    for one in all_numbers:
        found[one.kind].numbers.append(one)
    for kind in found.values():
        kind.runs = len({(one.seed, one.place) for one in kind.numbers})
    order = [*KINDS, OFFICE]
    return dict(sorted(found.items(), key=lambda item: order.index(item[0])))
