"""The readings that open and close a period, and the proof that they come to the pages counted.

A period is opened by the accepted reading nearest its first midnight, and that same reading
closed the period before. What lies between that reading and midnight is the split; everything
else is plain subtraction over the epochs in between.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from collector.domain.closing.statement import BoundaryReading, GrowthSpan
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.reading import Reading, Stay
from collector.domain.counting.recounted import in_order
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import Usage, split_usage
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.office.office_calendar import ONE_DAY, Office, Period

PROVED: Final = (TOTAL, TOTAL_MONO, TOTAL_COLOR)
"""Meters whose pages a statement proves by its spans: the ones that are billed."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of one place near one boundary: its readings and usages there.

    `readings` may be in any order; unstored polls that they prove are found in them. `track` is
    how far the place is counted now: an answer that is held back, or that lacks a total which the
    machine has, is no reading of its pages yet.
    """

    boundary: datetime
    readings: tuple[Reading, ...] = ()
    usages: tuple[Usage, ...] = ()
    track: PlaceTrack | None = None

    def marks(self) -> Iterator[BoundaryReading]:
        """Yield every accepted reading, oldest first.

        One that was held back, dropped as a glitch or taken back by a restart is none.
        """
        device = DeviceKey("")
        for reading in in_order(self.readings):
            if reading.stay is Stay.TWICE:
                continue
            if not reading.by_hand:
                device = reading.answer.identity.key
            if self._accepted(reading, device):
                meters = dict(reading.answer.meters)
                yield BoundaryReading(reading.at, device, meters, by_hand=reading.by_hand)

    def nearest(self) -> BoundaryReading | None:
        """Return the accepted reading nearest the boundary; of two equally near ones the older."""
        return min(
            self.marks(), key=lambda mark: (abs(mark.at - self.boundary), mark.at), default=None
        )

    def last_before(self) -> BoundaryReading | None:
        """Return the last accepted reading at or before the boundary."""
        found = [mark for mark in self.marks() if mark.at <= self.boundary]
        return found[-1] if found else None

    def first_after(self) -> BoundaryReading | None:
        """Return the first accepted reading after the boundary."""
        return next((mark for mark in self.marks() if mark.at > self.boundary), None)

    @property
    def is_settled(self) -> bool:
        """Say whether an accepted reading is known on each side that has readings at all."""
        before = any(one.at <= self.boundary for one in self.readings)
        after = any(one.at > self.boundary for one in self.readings)
        return not (before and self.last_before() is None) and not (
            after and self.first_after() is None
        )

    def _accepted(self, reading: Reading, device: DeviceKey) -> bool:
        """Say whether counting went through the value of `reading`, by the usages around it."""
        totals = [usage for usage in self.usages if usage.meter == TOTAL]
        value = reading.answer.meters.get(TOTAL)
        standing = None if self.track is None else self.track.meters.get(TOTAL)
        if value is None:
            return not totals and standing is None
        if any(usage.start < reading.at < usage.end for usage in totals):
            return False
        before = [one for one in totals if one.end <= reading.at and one.device == device]
        after = [one for one in totals if one.start >= reading.at]
        # An estimate of what a restart may have taken lies beside the counted pages of its time.
        end = max((one.end for one in before), default=None)
        start = min((one.start for one in after), default=None)
        known = {one.last for one in before if one.end == end}
        known |= {one.first for one in after if one.start == start}
        if known:
            return value in known
        return standing is None or reading.at <= standing.last_at or value == standing.floor


def part_within(usage: Usage, office: Office, period: Period) -> int:
    """Return the pages of `usage` that lie in `period`."""
    parts = split_usage(usage, office)
    return sum(pages for day, pages in parts.items() if day in period)


def boundaries(office: Office, period: Period) -> tuple[datetime, datetime]:
    """Return the two midnights (UTC) between which `period` lies."""
    return office.midnight(period.start), office.midnight(period.end + ONE_DAY)


def unique(usages: Iterable[Usage]) -> Sequence[Usage]:
    """Return `usages` by their end, each once."""
    by_key = {(one.meter, one.epoch, one.device, one.end): one for one in usages}
    return sorted(by_key.values(), key=lambda one: (one.end, one.epoch))


def plain_spans(
    opening: BoundaryReading,
    closing: BoundaryReading,
    pages: Mapping[Meter, int],
    near: Iterable[Usage],
    office: Office,
    period: Period,
) -> tuple[GrowthSpan, ...] | None:
    """Return one span a meter where closing minus opening, with the splits, is what was counted.

    `near` are the usages around both boundaries. None where it is not that plain: an epoch ended
    within the period, or the readings lack a meter that was counted.
    """
    if opening.device != closing.device:
        return None
    splits: dict[Meter, int] = defaultdict(int)
    for usage in unique(near):
        whole = usage.pages if opening.at < usage.end <= closing.at else 0
        splits[usage.meter] += part_within(usage, office, period) - whole
    spans: list[GrowthSpan] = []
    for meter in PROVED:
        first, last = opening.meters.get(meter), closing.meters.get(meter)
        counted = pages.get(meter, 0)
        if first is None or last is None:
            if counted:
                return None
            continue
        if last - first + splits[meter] != counted or last < first:
            return None
        spans.append(GrowthSpan(meter, opening.device, opening.at, closing.at, first, last))
    return tuple(spans)


def spans_of(
    opening: BoundaryReading, closing: BoundaryReading, usages: Iterable[Usage]
) -> tuple[GrowthSpan, ...]:
    """Return the stretches of growth between `opening` and `closing` by meter and epoch."""
    grouped: dict[tuple[Meter, int, DeviceKey], list[Usage]] = defaultdict(list)
    for usage in unique(usages):
        if usage.meter in PROVED and opening.at < usage.end <= closing.at:
            grouped[usage.meter, usage.epoch, usage.device].append(usage)
    spans = [
        GrowthSpan(meter, device, ones[0].start, ones[-1].end, ones[0].first, ones[-1].last)
        for (meter, _, device), ones in grouped.items()
    ]
    return tuple(sorted(spans, key=lambda one: (PROVED.index(one.meter), one.start, one.end)))


def breaks_of(spans: Iterable[GrowthSpan]) -> tuple[str, ...]:
    """Return a sentence for each epoch of the total that ended between `spans`."""
    totals = [span for span in spans if span.meter == TOTAL]
    return tuple(_break(one, two) for one, two in pairwise(totals))


def _break(one: GrowthSpan, two: GrowthSpan) -> str:
    at = two.start.isoformat(timespec="minutes")
    other = f" on {two.device}" if one.device != two.device else ""
    return f"{one.device} ended at {one.last}, counted on from {two.first}{other} ({at})"


# Which closing months a ledger has to close, in order, without a gap and without an overlap.


def periods_of_ledger(
    closed: Iterable[Period], office: Office, first: date, until: date
) -> Iterator[Period]:
    """Yield the closing months from the one with `first` to the one with `until`, in order.

    `closed` are as they were sealed: where the closing day was changed since, the next month
    begins where the last closed one ended, and is as much longer or shorter.
    """
    sealed = sorted(closed, key=lambda one: one.start)
    day = (_with(first, sealed) or office.period_of(first)).start
    before: Period | None = None
    while day <= until:
        period = _with(day, sealed) or _open(day, before, office)
        yield period
        before, day = period, period.end + ONE_DAY


def _with(day: date, periods: Iterable[Period]) -> Period | None:
    return next((one for one in periods if day in one), None)


def _open(day: date, before: Period | None, office: Office) -> Period:
    """Return the month that begins on `day`, with a name that none before it has."""
    period = office.period_of(day)
    if before is not None and period.name <= before.name:
        period = office.before(period, -1)
    return Period(period.name, day, period.end)
