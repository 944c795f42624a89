"""Pages between readings, and the local days they belong to."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from collector.domain.counting.identity import DeviceKey
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId, apportion, apportion_together


class Quality(StrEnum):
    """How a figure came about, as electricity metering names it."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Usage:
    """Pages one meter of one device counted at a place after `start`, up to and with `end`.

    `first` and `last` are the meter values that prove it: pages = last - first.
    `epoch` numbers the place's spans of pure growth, per meter, from 1. `low` and `high` are the
    range that holds the true pages where they are no plain difference of two counters; None where
    they are exactly `pages`.
    """

    place: PlaceId
    device: DeviceKey
    meter: Meter
    epoch: int
    start: datetime
    end: datetime
    first: int
    last: int
    quality: Quality = Quality.MEASURED
    low: int | None = None
    high: int | None = None

    @property
    def pages(self) -> int:
        """Whole pages, never negative."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class DayUsage:
    """Pages of one place on one local day, by meter; `estimated` of `total` are estimates."""

    place: PlaceId
    day: date
    pages: Mapping[Meter, int] = field(default_factory=dict)
    estimated: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of one place whose impressions are not known exactly, or not to the day.

    `parts` is what each local day from `start` to `end` was given of them, days given 0 too. The
    truth of the whole span lies between `low` and `high`; that of one day between 0 and `high`.
    """

    place: PlaceId
    start: datetime
    end: datetime
    parts: Mapping[date, int]
    low: int
    high: int

    @property
    def pages(self) -> int:
        """What the whole span was counted as."""
        return sum(self.parts.values())


# From usages to local days: the split over midnights, and what of it is an estimate.


CLOSE_ENOUGH: Final = timedelta(minutes=60)
"""Readings no further apart than this pin a boundary; a longer gap makes the split an estimate."""


def split_usage(usage: Usage, office: Office) -> dict[date, int]:
    """Return the pages of `usage` by local day, in proportion to working time.

    A stretch without any working time (a night, a holiday) is split by plain time.
    """
    return apportion(usage.pages, _weights(usage.start, usage.end, office))


def _weights(begin: datetime, end: datetime, office: Office) -> Mapping[date, float]:
    """Return the local days from `begin` to `end` with the working time on each of them."""
    days = list(office.days_between(begin, end))
    if len(days) > 1 and office.midnight(days[-1]) == end:
        days.pop()
    if len(days) == 1:
        return {days[0]: 1}
    bounds = [begin, *(office.midnight(day) for day in days[1:]), end]
    spans = list(zip(days, bounds, bounds[1:], strict=False))
    weights = {day: office.working_seconds(start, end) for day, start, end in spans}
    if any(weights.values()):
        return weights
    return {day: (end - start).total_seconds() for day, start, end in spans}


def is_estimate(usage: Usage, parts: int) -> bool:
    """Say whether a usage split in `parts` days is estimated: the boundary was not pinned."""
    if usage.quality is Quality.ESTIMATED:
        return True
    return parts > 1 and usage.end - usage.start > CLOSE_ENOUGH


def day_usages(usages: Iterable[Usage], office: Office) -> tuple[DayUsage, ...]:
    """Return the days that `usages` fall on, one value for each place and day, in order.

    The pages of every meter add up to those of the usages exactly. `estimated` counts impressions
    of the `total` meter that lie on a day by estimate.
    """
    pages: dict[tuple[date, PlaceId], dict[Meter, int]] = defaultdict(lambda: defaultdict(int))
    estimated: dict[tuple[date, PlaceId], int] = defaultdict(int)
    for (place, start, end), among in _by_span(usages).items():
        weights = _weights(start, end, office)
        counted: dict[Meter, int] = defaultdict(int)
        for usage in among:
            counted[usage.meter] += usage.pages
        for meter, parts in _split(counted, weights).items():
            for day, count in parts.items():
                pages[day, place][meter] += count
        for usage in among:
            if usage.meter == TOTAL and is_estimate(usage, len(weights)):
                for day, count in apportion(usage.pages, weights).items():
                    estimated[day, place] += count
    return tuple(
        DayUsage(place, day, dict(meters), estimated[day, place])
        for (day, place), meters in sorted(pages.items())
    )


def _split(
    pages: Mapping[Meter, int], weights: Mapping[date, float]
) -> Mapping[Meter, Mapping[date, int]]:
    if len(weights) > 1:
        return apportion_together(pages, weights)
    return {meter: dict.fromkeys(weights, count) for meter, count in pages.items()}


def _by_span(
    usages: Iterable[Usage],
) -> Mapping[tuple[PlaceId, datetime, datetime], Sequence[Usage]]:
    """Return `usages` by place, start and end: the meters of one reading are split together."""
    found: dict[tuple[PlaceId, datetime, datetime], list[Usage]] = defaultdict(list)
    for usage in usages:
        found[usage.place, usage.start, usage.end].append(usage)
    return found


def stretches_of(usages: Iterable[Usage], office: Office) -> tuple[Stretch, ...]:
    """Return the spans of `total` among `usages` that are estimates, in the order given."""
    found: list[Stretch] = []
    for usage in usages:
        if usage.meter != TOTAL:
            continue
        parts = split_usage(usage, office)
        if is_estimate(usage, len(parts)):
            low = usage.pages if usage.low is None else usage.low
            high = usage.pages if usage.high is None else usage.high
            found.append(Stretch(usage.place, usage.start, usage.end, parts, low, high))
    return tuple(found)
