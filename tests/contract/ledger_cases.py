"""What a ledger is given in the contract suite, and all that can be asked of it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer, DeviceStatus, Reading, Supply
from collector.domain.counting.track import MeterTrack, PlaceTrack, SaidMeters
from collector.domain.counting.usage import DayUsage, Usage
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import sentence
from collector.ports import Ledger, LogRef, PlaceState, Record

T0 = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
HERE, THERE = PlaceId("2f-general"), PlaceId("1f-tax")
TOTAL, SCAN = Meter("total"), Meter("scan")
RICOH = DeviceIdentity("Ricoh", "IM C3000", "3G12345678", None, "1.2", "1.3.6.1.4.1.367.1.1")
CANON = DeviceIdentity("Canon", "iR-ADV C3530", "QLA01234")


class Opened:
    """A ledger under test and the way to restart it."""

    def __init__(self, ledger: Ledger, again: Callable[[], Awaitable[Ledger]]) -> None:
        """Begin with `ledger`; `again` opens the same one anew."""
        self.ledger = ledger
        self._again = again

    async def restart(self) -> Ledger:
        await self.ledger.close()
        self.ledger = await self._again()
        return self.ledger


def answer(
    total: int, identity: DeviceIdentity = RICOH, supplies: tuple[Supply, ...] = ()
) -> Answer:
    meters = {TOTAL: total, SCAN: 7}
    return Answer(
        identity,
        meters,
        3600,
        DeviceStatus.IDLE,
        supplies,
        profile="ricoh",
        formulas={TOTAL: "row[total]"},
    )


def reading(
    at: datetime, total: int = 100, place: PlaceId = HERE, identity: DeviceIdentity = RICOH
) -> Reading:
    return Reading(place, at, answer(total, identity))


def state(at: datetime, place: PlaceId = HERE, total: int = 100) -> PlaceState:
    held = SaidMeters(at, 3600, {SCAN: 3})
    meters = {
        TOTAL: MeterTrack(1, 0, total, at, formula="row[total]"),
        SCAN: MeterTrack(2, 5, 7, at, 6),
    }
    track = PlaceTrack(RICOH, at, 3600, meters, top_epoch=2, held=held)
    return PlaceState(place, track, None, at, at, online=True, changed_at=T0, reason="")


def usage(end: datetime, meter: Meter = TOTAL, epoch: int = 1, place: PlaceId = HERE) -> Usage:
    return Usage(place, RICOH.key, meter, epoch, end - 5 * MINUTE, end, 96, 100)


def finding(at: datetime | None, subject: str = HERE, code: Code = Code.METER_RESET) -> Finding:
    return Finding(
        code,
        Severity.WARNING,
        subject,
        sentence(
            "finding.closing_reading_missing",
            period="2026-11",
            heard=sentence("heard.last", at=T0),
            place="2階",
        ),
        at,
        {"from": 9, "x": None},
    )


def full(at: datetime, total: int = 100, place: PlaceId = HERE) -> Record:
    """Return a record with something of everything."""
    day = at.date()
    one = reading(at, total, place)
    return Record(
        state=state(at, place, total),
        reading=one,
        usages=(usage(at, TOTAL, place=place), usage(at, SCAN, place=place)),
        days=(DayUsage(place, day, {TOTAL: 4, SCAN: 4}, 1),),
        findings=(finding(at, place),),
        log=(
            LogRef("reading", f"{place}|{int(at.timestamp())}"),
            LogRef("day", f"{place}|{day}"),
            LogRef("month", "2026-11"),
        ),
    )


async def everything(ledger: Ledger) -> object:
    """Return all that can be asked of a ledger."""
    early, late = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    places = [one.place for one in await ledger.states()]
    return (
        await ledger.states(),
        [await ledger.readings(place, early, late) for place in places],
        [await ledger.usages(place, early, late) for place in places],
        await ledger.days(date(2000, 1, 1), date(2100, 1, 1)),
        await ledger.findings(),
        await ledger.log_after(0, 10_000),
        (await ledger.size()).rows,
    )
