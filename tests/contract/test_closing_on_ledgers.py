"""Closing months on every ledger there is comes to the same statements, over restarts too."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from collector.app.close.close_month import RefusalKind, audit_statements
from collector.app.notes import COUNTED_SINCE
from collector.domain.closing.draw_up import guesses_left
from collector.domain.closing.seal import FaultKind
from collector.domain.closing.statement import ChangeKind
from collector.domain.office.shares import PlaceId
from collector.domain.old_readings import Pack
from collector.ports import Ledger, LogRef, Record
from tests.contract.ledger_cases import Opened
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import (
    CANON,
    GROUND,
    SECOND,
    Copier,
    closed,
    closing,
    planned,
    refused,
    tokyo,
)

SILENT = date(2026, 11, 23)


async def story(ledger: Ledger) -> Copier:
    """Work from the end of October on; the copier at 2f falls silent a week before the closing."""
    await Copier(ledger, "1f").works(date(2026, 10, 26), date(2026, 12, 1))
    two = Copier(ledger, "2f", CANON, 50_000)
    await two.works(date(2026, 10, 26), SILENT)
    await closed(ledger, ["2026-10", "2026-11"], tokyo(12, 4))
    return two


async def test_every_ledger_closes_to_the_same_text(opened: Opened) -> None:
    fake = FakeLedger()
    for ledger in (opened.ledger, fake):
        two = await story(ledger)
        await two.read(tokyo(12, 7), 150)
        await closed(ledger, ["2026-11"], tokyo(12, 7, 10))
    ledger = await opened.restart()
    found, expected = await ledger.statements(), await fake.statements()
    assert [one.text for one in found] == [one.text for one in expected]
    assert [one.seal for one in found] == [one.seal for one in expected]
    assert len(found) == 3
    assert guesses_left(found[1].statement) == {SECOND: 100}
    assert guesses_left(found[2].statement) == {}
    assert (await refused(ledger, "2026-11", tokyo(12, 8))).kind is RefusalKind.NOTHING_NEW


async def test_the_plan_shown_last_is_remembered_over_a_restart(opened: Opened) -> None:
    await Copier(opened.ledger, "1f").works(date(2026, 11, 2), date(2026, 12, 1))
    two = Copier(opened.ledger, "2f", CANON, 50_000)
    await two.works(date(2026, 11, 2), SILENT)
    shown = await planned(opened.ledger, "2026-11", tokyo(12, 2), estimate_now=True)
    await closing(opened.ledger, tokyo(12, 2)).remember(shown)
    ledger = await opened.restart()
    again = await planned(ledger, "2026-11", tokyo(12, 2), estimate_now=True)
    assert (again.checksum, again.changes) == (shown.checksum, ())
    two.ledger = ledger
    await two.read(tokyo(12, 2, 10), 99)
    later = await planned(ledger, "2026-11", tokyo(12, 2, 11), estimate_now=True)
    assert {one.subject for one in later.changes if one.kind is ChangeKind.READ} == {SECOND}


async def test_an_audit_says_what_the_ledger_counts_otherwise_today(ledger: Ledger) -> None:
    two = await story(ledger)
    now = tokyo(12, 7)
    assert (await audit_statements(ledger, GROUND, now)).is_good
    await two.read(now, 150)
    audit = await audit_statements(ledger, GROUND, now + timedelta(hours=1))
    assert audit.faults == ()
    (differing,) = audit.differing
    assert differing.period == "2026-11"
    kinds = {one.kind for one in differing.changes}
    assert {ChangeKind.REVISION, ChangeKind.READ, ChangeKind.PLACE} <= kinds
    assert (await audit_statements(ledger, GROUND, now, "2026-10")).is_good
    await closed(ledger, ["2026-11"], now + timedelta(hours=1))
    assert (await audit_statements(ledger, GROUND, now + timedelta(hours=1))).is_good


async def test_sealing_publishes_the_month_and_its_event(ledger: Ledger) -> None:
    await story(ledger)
    log = [entry.ref for entry in await ledger.log_after(0, 10**6)]
    told = [one for one in await ledger.findings() if one.code.value == "month_closed"]
    assert [one.subject for one in told] == ["2026-10", "2026-11"]
    for one in told:
        assert LogRef("event", one.id) in log
        assert LogRef("month", one.subject) in log


async def test_readings_laid_together_and_taken_apart_are_those_that_were_sealed(
    ledger: Ledger,
) -> None:
    await story(ledger)
    now = tokyo(12, 7)
    assert {place for one in await ledger.statements() for place in one.statement.evidence} == {
        PlaceId("1f"),
        SECOND,
    }
    for place in ("1f", SECOND):
        while await ledger.pack(Pack(PlaceId(place), now), 30):
            pass
    assert (await audit_statements(ledger, GROUND, now)).is_good
    some = (await ledger.readings(PlaceId("1f"), tokyo(11, 2), tokyo(11, 20)))[::40]
    await ledger.touch([LogRef("reading", f"1f|{int(one.at.timestamp())}") for one in some])
    assert (await audit_statements(ledger, GROUND, now)).is_good


async def test_a_reading_that_came_under_a_closed_month_is_found(ledger: Ledger) -> None:
    await story(ledger)
    now = tokyo(12, 7)
    record = await forged(ledger, PlaceId("1f"), tokyo(11, 10))
    await ledger.record([record])
    audit = await audit_statements(ledger, GROUND, now)
    assert [(one.kind, one.period, one.detail) for one in audit.faults] == [
        (FaultKind.READINGS, "2026-11", "1f")
    ]
    note = COUNTED_SINCE.about(PlaceId("1f"))
    await note.put(ledger, tokyo(12, 1))
    assert (await audit_statements(ledger, GROUND, now)).faults == (), "thinned: nothing is told"


async def forged(ledger: Ledger, place: PlaceId, at: datetime) -> Record:
    """Return the record of a reading that was never taken, of a machine as it stood then."""
    before = (await ledger.readings(place, at - timedelta(days=5), at))[-1]
    state = await ledger.state(place)
    return Record(state=state, reading=replace(before, at=at + timedelta(seconds=1)))
