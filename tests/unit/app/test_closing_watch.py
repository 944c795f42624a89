"""A copier that is silent at a closing is told once, after every try, and never before."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from collector.app.close.auto_closing import AFTER_LADDER, ClosingWatch
from collector.app.notes import CLOSING_WATCHED
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.domain.counting.findings import Code
from collector.domain.office.fleet import Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.ports import PlaceState
from tests.fakes.ledger import FakeLedger

ZONE = ZoneInfo("Asia/Tokyo")
MIDNIGHT = datetime(2026, 12, 1, tzinfo=ZONE).astimezone(UTC)
AWAKE, ASLEEP, NEW = PlaceId("awake"), PlaceId("asleep"), PlaceId("new")


@dataclass
class SetClock:
    at: datetime

    def now(self) -> datetime:
        return self.at


STATES = {
    AWAKE: PlaceState(AWAKE, seen_at=MIDNIGHT + timedelta(minutes=3), online=True),
    ASLEEP: PlaceState(ASLEEP, seen_at=MIDNIGHT - timedelta(hours=7), online=False),
}


def watch(clock: SetClock, ledger: FakeLedger) -> ClosingWatch:
    places = tuple(Place(one, str(one), "192.0.2.1") for one in (AWAKE, ASLEEP, NEW))
    current = CurrentOffice(OfficeContext(Fleet(places=places), Office("t", ZONE)))
    return ClosingWatch(ledger, current, clock)


async def watched_since_october(ledger: FakeLedger) -> None:
    await CLOSING_WATCHED.put(ledger, "2026-10")


async def test_only_the_silent_are_told_and_only_once() -> None:
    ledger = FakeLedger()
    await watched_since_october(ledger)
    clock = SetClock(MIDNIGHT + AFTER_LADDER)
    told = await watch(clock, ledger).look(STATES)
    assert [(one.code, one.subject) for one in told] == [
        (Code.CLOSING_READING_MISSING, ASLEEP),
        (Code.CLOSING_READING_MISSING, NEW),
    ]
    assert all(one.evidence["period"] == "2026-11" for one in told)
    assert list(await ledger.findings()) == list(told)
    clock.at += timedelta(hours=9)
    assert await watch(clock, ledger).look(STATES) == ()


async def test_a_place_that_ended_before_the_closing_is_not_missing() -> None:
    ledger = FakeLedger()
    await watched_since_october(ledger)
    clock = SetClock(MIDNIGHT + AFTER_LADDER)
    places = (
        Place(ASLEEP, "asleep", "192.0.2.1", until=date(2026, 11, 29)),
        Place(NEW, "new", "192.0.2.2", until=date(2026, 11, 30)),
    )
    current = CurrentOffice(OfficeContext(Fleet(places=places), Office("t", ZONE)))
    told = await ClosingWatch(ledger, current, clock).look(STATES)
    assert [one.subject for one in told] == [NEW]


async def test_nothing_is_told_while_tries_go_on() -> None:
    ledger = FakeLedger()
    await watched_since_october(ledger)
    clock = SetClock(MIDNIGHT + AFTER_LADDER - timedelta(seconds=1))
    assert await watch(clock, ledger).look(STATES) == ()
    clock.at += timedelta(seconds=1)
    assert len(await watch(clock, ledger).look(STATES)) == 2


async def test_a_new_ledger_does_not_complain_of_the_closing_before_it() -> None:
    ledger = FakeLedger()
    clock = SetClock(MIDNIGHT + timedelta(days=9))
    assert await watch(clock, ledger).look(STATES) == ()
    clock.at = datetime(2027, 1, 1, 1, tzinfo=ZONE)
    told = await watch(clock, ledger).look(STATES)
    assert [one.subject for one in told] == [AWAKE, ASLEEP, NEW]


async def test_a_closing_day_of_its_own_is_watched() -> None:
    ledger = FakeLedger()
    await watched_since_october(ledger)
    places = (Place(ASLEEP, "asleep", "192.0.2.1"),)
    office = Office("t", ZONE, closing_day=20)
    clock = SetClock(datetime(2026, 11, 21, 1, tzinfo=ZONE))
    look = ClosingWatch(
        ledger, CurrentOffice(OfficeContext(Fleet(places=places), office)), clock
    ).look
    state = PlaceState(ASLEEP, seen_at=datetime(2026, 11, 20, 23, 50, tzinfo=ZONE))
    (told,) = await look({ASLEEP: state})
    assert told.evidence["period"] == "2026-11"
