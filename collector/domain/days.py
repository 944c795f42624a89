"""From usages to local days: the split over midnights, and what of it is an estimate."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from collector.domain.meters import TOTAL, Meter
from collector.domain.office import Office
from collector.domain.reading import PlaceId
from collector.domain.shares import apportion
from collector.domain.usage import DayUsage, Quality, Stretch, Usage

CLOSE_ENOUGH: Final = timedelta(minutes=60)
"""Readings no further apart than this pin a boundary; a longer gap makes the split an estimate."""


def split_usage(usage: Usage, office: Office) -> dict[date, int]:
    """Return the pages of `usage` by local day, in proportion to working time.

    A stretch without any working time (a night, a holiday) is split by plain time.
    """
    days = list(office.days_between(usage.start, usage.end))
    if len(days) > 1 and office.midnight(days[-1]) == usage.end:
        days.pop()
    if len(days) == 1:
        return {days[0]: usage.pages}
    bounds = [usage.start, *(office.midnight(day) for day in days[1:]), usage.end]
    spans = list(zip(days, bounds, bounds[1:], strict=False))
    weights = {day: office.working_seconds(start, end) for day, start, end in spans}
    if not any(weights.values()):
        weights = {day: (end - start).total_seconds() for day, start, end in spans}
    return apportion(usage.pages, weights)


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
    for usage in usages:
        parts = split_usage(usage, office)
        guess = is_estimate(usage, len(parts))
        for day, count in parts.items():
            key = (day, usage.place)
            pages[key][usage.meter] += count
            if guess and usage.meter == TOTAL:
                estimated[key] += count
    return tuple(
        DayUsage(place, day, dict(meters), estimated[day, place])
        for (day, place), meters in sorted(pages.items())
    )


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
