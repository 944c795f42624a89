"""Pages between readings, and the local days they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from collector.domain.identity import DeviceKey
from collector.domain.meters import Meter
from collector.domain.reading import PlaceId


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
