"""Closing by itself: after the grace time, in order, once, and never on a broken chain."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from collector.app.close.auto_closing import AUTOMATIC, AutoClosing
from collector.app.office_context import ClosingRules, CurrentOffice
from collector.domain.closing.seal import canonical
from collector.domain.closing.statement import Sealed
from collector.domain.counting.findings import Code
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import GROUND, tokyo, two_copiers

MINE = replace(GROUND, closing=ClosingRules(grace_days=3, automatic=True))


class Closer:
    """An automatic closing with a clock to turn."""

    def __init__(self, ledger: FakeLedger, at: datetime) -> None:
        """Stand ready at `at`."""
        self.clock = FakeClock(at)
        self.current = CurrentOffice(MINE)
        self.closing = AutoClosing(ledger, self.current, self.clock)

    async def look(self, at: datetime | None = None) -> list[tuple[Code, str]]:
        if at is not None:
            self.clock.at = at
        return [(one.code, one.subject) for one in await self.closing.look()]


async def revisions(ledger: FakeLedger) -> list[tuple[str, int, str]]:
    chain = [one.statement for one in await ledger.statements()]
    return [(one.period.name, one.revision, one.closed_by) for one in chain]


async def test_months_are_closed_one_a_look_once_their_grace_time_is_over() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    closer = Closer(ledger, tokyo(12, 3, 23, 59))
    assert await closer.look() == [(Code.MONTH_CLOSED, "2026-09")]
    assert await closer.look() == [(Code.MONTH_CLOSED, "2026-10")]
    assert await closer.look() == [], "three working days are not over"
    assert await closer.look(tokyo(12, 4, 0, 4)) == [(Code.MONTH_CLOSED, "2026-11")]
    assert await revisions(ledger) == [
        ("2026-09", 1, AUTOMATIC),
        ("2026-10", 1, AUTOMATIC),
        ("2026-11", 1, AUTOMATIC),
    ]
    assert await closer.look() == []
    assert await closer.look(tokyo(12, 5)) == []


async def test_nothing_is_closed_where_a_person_closes() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    closer = Closer(ledger, tokyo(12, 20))
    closer.current.context = GROUND
    assert await closer.look() == []
    assert await ledger.statements() == []
    closer.current.context = MINE
    assert await closer.look() == [(Code.MONTH_CLOSED, "2026-09")], "a reload turns it on"


async def test_a_closed_month_gets_its_next_revision_at_most_once_a_day() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    closer = Closer(ledger, tokyo(12, 4))
    for _ in range(4):
        await closer.look()
    assert len(await ledger.statements()) == 3
    await two.read(tokyo(12, 4, 10), 200)
    assert await closer.look(tokyo(12, 4, 11)) == [], "it has looked today"
    assert await closer.look(tokyo(12, 5, 0, 3)) == [(Code.MONTH_ADJUSTED, "2026-11")]
    assert await closer.look(tokyo(12, 6)) == []
    assert (await revisions(ledger))[-1] == ("2026-11", 2, AUTOMATIC)


async def test_it_looks_once_a_day_over_restarts_too() -> None:
    ledger = FakeLedger()
    _, two = await two_copiers(ledger, silent_from=date(2026, 11, 17))
    closer = Closer(ledger, tokyo(12, 4))
    for _ in range(4):
        await closer.look()
    await two.read(tokyo(12, 4, 10), 200)
    assert await Closer(ledger, tokyo(12, 4, 11)).look() == []
    assert len(await ledger.statements()) == 3


async def test_a_changed_statement_is_told_once_a_day_and_nothing_is_closed() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    closer = Closer(ledger, tokyo(12, 4))
    await closer.look()
    first = ledger._statements[0]
    forged = replace(first.statement, closed_by="somebody else")
    ledger._statements[0] = Sealed(forged, canonical(forged), first.seal)
    assert await closer.look() == [(Code.STATEMENT_BROKEN, "2026-09")]
    assert await closer.look() == []
    assert await closer.look(tokyo(12, 5)) == [(Code.STATEMENT_BROKEN, "2026-09")]
    assert len(await ledger.statements()) == 1


async def test_it_yields_to_whoever_seals_at_the_same_moment() -> None:
    """Its next look sees what the other one sealed; nothing is sealed twice."""
    ledger = FakeLedger()
    await two_copiers(ledger)
    closer = Closer(ledger, tokyo(12, 4))
    seal = ledger.seal
    others = Closer(ledger, tokyo(12, 4) + timedelta(seconds=1))

    async def overtaken(*args: object) -> None:
        ledger.seal = seal
        await others.look()
        await seal(*args)

    ledger.seal = overtaken
    assert await closer.look() == []
    assert await closer.look() == [(Code.MONTH_CLOSED, "2026-10")]
    assert [one[:2] for one in await revisions(ledger)] == [("2026-09", 1), ("2026-10", 1)]
