"""A dealer's invoice checked against the ledger: finds the machines and what they said by then."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from collector.app.enter.recount import stored_readings
from collector.app.office_context import OfficeContext
from collector.domain.closing.boundary import Around
from collector.domain.closing.statement import BoundaryReading
from collector.domain.cost.factors import Contract, Price, in_force
from collector.domain.cost.invoice import CheckedLine, InvoiceCheck, checked
from collector.domain.cost.invoice_known import (
    CounterRange,
    Known,
    Own,
    RecordedCopies,
    UnchargedMachine,
)
from collector.domain.cost.invoice_sheet import (
    InvoiceSheet,
    StatedFee,
    StatedLine,
    StatedMachine,
    StatedSum,
    with_sums_apart,
)
from collector.domain.counting import entries as entered
from collector.domain.counting.entries import Entry, Exclusion, Ground, ManualReading
from collector.domain.counting.identity import DeviceIdentity, spelt
from collector.domain.counting.reading import Reading
from collector.domain.counting.recounted import from_the_panel
from collector.domain.counting.usage import Quality, Usage, day_usages
from collector.domain.meters import FAMILIES, TOTAL, Meter
from collector.domain.office.office_calendar import ONE_DAY, Period
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import SheetRemark
from collector.domain.sentence import Fact, Sentence, sentence
from collector.domain.spelling import nearest
from collector.ports import Counting

_REACHES: Final = (timedelta(days=1), timedelta(days=8), timedelta(days=40))
"""How far around a day of reading the machine's own readings are looked for."""

_LATE: Final = timedelta(days=14)
"""So long after a month's end its counters may still be read."""

_NEAR: Final = timedelta(days=10)
"""By so much the reading before may have been off the same day of the month before."""

_LONGEST: Final = timedelta(days=100)
"""So far back a machine is looked for: a dealer may charge by the quarter."""

_MOST_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class RefusedInvoice:
    """What is wrong with an invoice as a whole or with lines of it: nothing was checked."""

    flaws: tuple[SheetRemark, ...]


async def check_invoice(
    ledger: Counting, context: OfficeContext, sheet: InvoiceSheet, period: Period, now: datetime
) -> InvoiceCheck | RefusedInvoice:
    """Return what every line of `sheet`, an invoice of `period`, comes to.

    Refused are days that are not of that month, machines that were not read in it, and days of
    reading around which a machine was not read. A machine that left its place within the month is
    found at all places at which it stood. Machines of the same contracts that no line names are
    told with what was counted of them. Nothing is written.
    """
    items = with_sums_apart(sheet.items)
    about = [one for one in items if not isinstance(one, StatedSum)]
    flaws = [*_wrong_days(about, period, context.office.local_day(now))]
    wrong = {one.line for one in flaws}
    machines = [one.machine for one in about if one.line not in wrong]
    entries = entered.in_force(await ledger.entries())
    machinery = _Machinery(ledger, context, entries, now)
    if machines:
        await machinery.look(machines, period)
    asked = [one for one in about if one.line not in wrong]
    refusals = [(one.line, await machinery.refusal(one.machine)) for one in asked]
    flaws += [SheetRemark(line, None, why) for line, why in refusals if why is not None]
    if flaws:
        return RefusedInvoice(tuple(flaws))
    own = {
        number: await machinery.own(one)
        for number, one in enumerate(items)
        if not isinstance(one, StatedSum)
    }
    recorded = {spelt(one.serial): machinery.recorded(one) for one in machines}
    lines: tuple[CheckedLine, ...] = checked(items, own, recorded)
    contracts = {one.contract for one in own.values()}
    uncharged = await machinery.uncharged(machines, contracts, period)
    return InvoiceCheck(sheet.file, period.name, lines, uncharged)


def _wrong_days(
    items: Iterable[StatedLine | StatedFee], period: Period, today: date
) -> Iterator[SheetRemark]:
    for one in items:
        day, since = one.machine.day, one.machine.since
        if not period.start <= day <= period.end + _LATE:
            last = period.end + _LATE
            span = sentence("invoice.span", first=period.start, last=last)
            why = sentence("invoice.other_month", day=day, month=period.name, span=span)
            yield SheetRemark(one.line, None, why)
        elif day > today:
            yield SheetRemark(one.line, None, sentence("invoice.day_to_come", day=day))
        elif since is not None and since > day:
            why = sentence("invoice.since_after", since=since, day=day)
            yield SheetRemark(one.line, None, why)


def month_earlier(day: date) -> date:
    """Return the same day of the month before; its last day for a month's last day."""
    last_before = day.replace(day=1) - ONE_DAY
    is_last = (day + ONE_DAY).day == 1
    return last_before if is_last else last_before.replace(day=min(day.day, last_before.day))


_PAIR: Final = 2
_PAIRS: Final = tuple((whole, parts) for whole, parts in FAMILIES if len(parts) == _PAIR)
"""Meters that are the sum of just two: mono and colour, large and small."""


def counter_of(meters: Mapping[Meter, int], meter: Meter) -> int | None:
    """Return where `meter` stands; from a sum and its other part where the machine tells these."""
    if meter in meters:
        return meters[meter]
    for whole, parts in _PAIRS:
        if meter == whole and all(part in meters for part in parts):
            return sum(meters[part] for part in parts)
        others = [part for part in parts if part != meter]
        if meter in parts and whole in meters and all(part in meters for part in others):
            return meters[whole] - sum(meters[part] for part in others)
    return None


class _Machinery:
    """Which machine stood where, and what each said around a day."""

    def __init__(
        self, ledger: Counting, context: OfficeContext, entries: Sequence[Entry], now: datetime
    ) -> None:
        self._ledger = ledger
        self._context = context
        self._entries: dict[PlaceId, list[Entry]] = defaultdict(list)
        for one in entries:
            self._entries[one.place].append(one)
        self._now = now
        self._seen: dict[str, dict[PlaceId, set[date]]] = defaultdict(dict)
        self._named: dict[str, DeviceIdentity] = {}
        self._marks: dict[tuple[PlaceId, date, timedelta], tuple[BoundaryReading, ...]] = {}

    async def look(self, machines: Collection[StatedMachine], period: Period) -> None:
        """Find at which places every machine was read in the time of these readings, and in it."""
        first = min(max(since_of(one), one.day - _LONGEST) for one in machines) - ONE_DAY
        first = min(first, period.start)
        last = max(*(one.day for one in machines), period.end - ONE_DAY) + ONE_DAY
        last = min(last, self._today)
        for state in await self._ledger.states():
            if state.last is not None:
                self._see(state.last)
        day = first
        while day <= last:
            start, end = self._midnight(day), self._midnight(day + ONE_DAY)
            times = await self._ledger.heard_between(start, end)
            keys = [(place, at) for place, both in times.items() for at in dict.fromkeys(both)]
            for reading in await self._ledger.readings_at(keys):
                self._see(reading)
            day += ONE_DAY

    def _see(self, reading: Reading) -> None:
        serial = reading.answer.identity.serial
        if serial is not None and not reading.by_hand:
            self._named.setdefault(spelt(serial), reading.answer.identity)
            days = self._seen[spelt(serial)].setdefault(reading.place, set())
            days.add(self._context.office.local_day(reading.at))

    def places_of(self, serial: str) -> Sequence[PlaceId]:
        """Return where the machine was read, in the order found; empty where it never was."""
        return tuple(self._seen.get(spelt(serial), ()))

    async def refusal(self, machine: StatedMachine) -> Sentence | None:
        """Return why nothing can be said of `machine` on its day of reading; None where it can."""
        if not self.places_of(machine.serial):
            return self._no_machine(machine.serial)
        if await self._machine_marks(machine, machine.day, machine.day, _REACHES[-1]):
            return None
        reach, place = _REACHES[-1].days, self.places_of(machine.serial)[0]
        facts: dict[str, Fact] = {"serial": machine.serial, "day": machine.day, "days": reach}
        return sentence("invoice.day_not_read", place=place, **facts)

    def _no_machine(self, serial: str) -> Sentence:
        """Return why a line about a machine that nobody knows is refused."""
        known = sorted(one.serial or "" for one in self._named.values())
        near = nearest(serial, known, 0.8)
        named = tuple(known[:_MOST_NAMED]) + (("…",) if len(known) > _MOST_NAMED else ())
        hint = (
            sentence("did_you_mean", name=near)
            if near
            else sentence("invoice.known_serials", known=named)
        )
        return sentence("invoice.no_machine", serial=serial, hint=hint)

    async def uncharged(
        self,
        machines: Collection[StatedMachine],
        contracts: Collection[Contract | None],
        period: Period,
    ) -> tuple[UnchargedMachine, ...]:
        """Return the machines read in `period` under these `contracts` that are none of `machines`.

        A place without a contract counts as one of them where a machine of the invoice has none.
        """
        charged = {spelt(one.serial) for one in machines}
        found = []
        for serial, places in sorted(self._seen.items()):
            for place, days in () if serial in charged else places.items():
                inside = [day for day in days if day in period]
                if inside and self._context.factors.contract_of(place) in contracts:
                    pages = await self._printed(serial, place, period)
                    known, last = self._named[serial], max(inside)
                    found.append(
                        UnchargedMachine(known.serial or "", place, known.model or "", pages, last)
                    )
        return tuple(found)

    async def _printed(self, serial: str, place: PlaceId, period: Period) -> int | None:
        """Return the impressions of a machine at `place` in `period`, None where none are told."""
        usages = await self._ledger.usages(
            place, self._midnight(period.start), self._midnight(period.end + 2 * ONE_DAY)
        )
        own = [one for one in usages if spelt(one.device.removeprefix("serial:")) == serial]
        days = day_usages(own, self._context.office_at(place, self._now))
        counted = [one.pages[TOTAL] for one in days if one.day in period and TOTAL in one.pages]
        state = await self._ledger.state(place)
        has_total = state.track is not None and TOTAL in state.track.meters
        return sum(counted) if counted or has_total else None

    async def own(self, one: StatedLine | StatedFee) -> Own:
        """Return what we know of the machine that an item is about, by its days of reading."""
        machine = one.machine
        since = since_of(machine)
        place = await self._place_on(machine)
        contract = self._context.factors.contract_of(place)
        prices = _prices(contract, since, machine.day)
        if not isinstance(one, StatedLine):
            return Own(place, sentence("invoice.no_usage"), None, None, contract, prices)
        if one.meter is None:
            why = sentence("invoice.no_meter_for", word=one.word)
            return Own(place, why, None, None, contract, prices)
        closing = await self._range(machine, one.meter, machine.day, machine.day)
        opening = near = None
        if one.opening is not None:
            opening = await self._range(machine, one.meter, since, since)
            if machine.since is None:
                near = await self._range(machine, one.meter, since - _NEAR, since + _NEAR)
        return Own(place, closing, opening, near, contract, prices)

    def recorded(self, machine: StatedMachine) -> RecordedCopies:
        """Return the test copies entered for where the machine stood, since the reading before."""
        found = [
            one
            for place in self.places_of(machine.serial)
            for one in self._entries[place]
            if isinstance(one, Exclusion) and one.ground is Ground.MAINTENANCE
            if since_of(machine) < one.last and one.first <= machine.day
        ]
        return RecordedCopies(sum(one.pages for one in found), tuple(one.id for one in found))

    async def _place_on(self, machine: StatedMachine) -> PlaceId:
        """Return where the machine stood on its day of reading: where it was read last by then."""
        places = self.places_of(machine.serial)
        if len(places) == 1:
            return places[0]
        end = self._midnight(machine.day + ONE_DAY)
        last: tuple[datetime, PlaceId] | None = None
        for place in places:
            for mark in await self._of(machine, place, machine.day, _REACHES[-1]):
                if mark.at < end and (last is None or mark.at >= last[0]):
                    last = (mark.at, place)
        return places[0] if last is None else last[1]

    async def _range(self, machine: StatedMachine, meter: Meter, first: date, last: date) -> Known:
        """Return where `meter` stood from the day `first` to the day `last`."""
        start, end = self._midnight(first), self._midnight(last + ONE_DAY)
        low = high = None
        marks: Sequence[BoundaryReading] = ()
        for reach in _REACHES:
            marks = await self._machine_marks(machine, first, last, reach)
            low = next((one for one in reversed(marks) if one.at <= start), None)
            high = next((one for one in marks if one.at >= end), None)
            if low is not None and (high is not None or self._now <= end + reach):
                break
        if not marks:
            return sentence("invoice.not_read", serial=machine.serial, day=last)
        values = [(one, counter_of(one.meters, meter)) for one in marks]
        told = [(one, value) for one, value in values if value is not None]
        if not told:
            known = tuple(sorted({str(name) for one in marks for name in one.meters}))
            return sentence("invoice.no_meter", meter=meter, known=known)
        return await self._between(meter, told, (start, end))

    async def _between(
        self,
        meter: Meter,
        told: Sequence[tuple[BoundaryReading, int]],
        bounds: tuple[datetime, datetime],
    ) -> CounterRange:
        start, end = bounds
        before = [one for one in told if one[0].at <= start]
        after = [one for one in told if one[0].at >= end]
        by_then = [one for one in told if one[0].at < end]
        if not before:
            mark, value = told[0]
            return CounterRange(None, None, value, mark.at)
        low, value = before[-1]
        if after:
            return CounterRange(value, low.at, after[0][1], after[0][0].at)
        latest, stands = by_then[-1]
        high = await self._estimated(latest, meter, stands)
        if high is not None:
            return CounterRange(value, low.at, high[0], high[1], stands, latest.at)
        left = min(
            (one.at for one in self._others(latest) if one.at > latest.at),
            default=None,
        )
        return CounterRange(value, low.at, None, None, stands, latest.at, left)

    def _others(self, latest: BoundaryReading) -> Iterator[BoundaryReading]:
        """Yield readings of other machines where the one that said `latest` stood."""
        places = self._seen.get(spelt(_serial(latest)), {})
        for (place, *_), marks in self._marks.items():
            if place in places:
                yield from (one for one in marks if one.device != latest.device)

    async def _estimated(
        self, latest: BoundaryReading, meter: Meter, stands: int
    ) -> tuple[int, datetime] | None:
        """Return up to where a machine that was exchanged may have counted on, and until when."""
        for place in self._seen.get(spelt(_serial(latest)), ()):
            usages = await self._ledger.usages(place, latest.at, latest.at + _REACHES[-1])
            for one in usages:
                is_bridge = one.quality is Quality.ESTIMATED and one.start >= latest.at
                if one.device == latest.device and one.meter == meter and is_bridge:
                    return stands + (one.pages if one.high is None else one.high), one.end
        return None

    async def _machine_marks(
        self, machine: StatedMachine, first: date, last: date, reach: timedelta
    ) -> Sequence[BoundaryReading]:
        found: dict[datetime, BoundaryReading] = {}
        for place in self.places_of(machine.serial):
            for day in dict.fromkeys((first, last)):
                found |= {one.at: one for one in await self._of(machine, place, day, reach)}
        return [found[at] for at in sorted(found)]

    async def _of(
        self, machine: StatedMachine, place: PlaceId, day: date, reach: timedelta
    ) -> Sequence[BoundaryReading]:
        """Return the accepted readings of the machine at `place` around `day`, oldest first."""
        key = (place, day, reach)
        if key not in self._marks:
            self._marks[key] = await self._accepted(place, day, reach)
        own = spelt(machine.serial)
        return [one for one in self._marks[key] if spelt(_serial(one)) == own]

    async def _accepted(
        self, place: PlaceId, day: date, reach: timedelta
    ) -> tuple[BoundaryReading, ...]:
        since, until = self._midnight(day) - reach, self._midnight(day + ONE_DAY) + reach
        entries = self._entries[place]
        panel = [from_the_panel(one) for one in entries if isinstance(one, ManualReading)]
        panel = [one for one in panel if since <= one.at <= until]
        stored = await stored_readings(self._ledger, place, since, until, entries)
        readings = [*stored, *panel]
        usages = await self._ledger.usages(place, since - 2 * ONE_DAY, until + ONE_DAY)
        track = (await self._ledger.state(place)).track
        around = Around(self._midnight(day), tuple(readings), tuple(usages), track)
        marks = {one.at: one for one in around.marks()}
        if panel:
            usages = await self._ledger.usages(place, since - 2 * ONE_DAY, self._now)
            marks |= {one.at: one for one in _read_alone(panel, usages)}
        return tuple(marks[at] for at in sorted(marks))

    def _midnight(self, day: date) -> datetime:
        return self._context.office.midnight(day)

    @property
    def _today(self) -> date:
        return self._context.office.local_day(self._now)


def _serial(mark: BoundaryReading) -> str:
    return mark.device.removeprefix("serial:")


def _read_alone(panel: Iterable[Reading], usages: Sequence[Usage]) -> Iterator[BoundaryReading]:
    """Yield what people read of a machine that said nothing itself for long, where it counted."""
    for reading in panel:
        stood = reading.at, reading.answer.meters.get(TOTAL)
        for one in usages:
            if one.meter == TOTAL and stood in {(one.start, one.first), (one.end, one.last)}:
                meters = dict(reading.answer.meters)
                yield BoundaryReading(reading.at, one.device, meters, by_hand=True)


def since_of(machine: StatedMachine) -> date:
    """Return the day of the reading before: as stated, else the same day of the month before."""
    return machine.since or month_earlier(machine.day)


def _prices(contract: Contract | None, since: date, day: date) -> tuple[Price | None, ...]:
    """Return the prices that hold on the days after `since` up to and with `day`, each once."""
    if contract is None:
        return ()
    count = max(1, (day - since).days)
    held = (in_force(contract.prices, day - ONE_DAY * n) for n in range(count))
    return tuple(dict.fromkeys(held))
