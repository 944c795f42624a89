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
    `epoch` numbers the place's spans of pure growth, per meter, from 1.
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
