"""Sealed statements: one chain, kept as they were sealed."""

from datetime import date

import pytest

from collector.domain.closing.seal import seal_of, sealed
from collector.domain.closing.statement import Statement
from collector.domain.office.office_calendar import Period
from collector.errors import LedgerMoved
from collector.ports import Ledger, LogRef
from tests.contract.ledger_cases import Opened
from tests.contract.ledger_papers import statement_of

DECEMBER = Period("2026-12", date(2026, 12, 1), date(2026, 12, 31))
MONTH = LogRef("month", "2026-11")


async def test_statements_come_back_as_sealed(opened: Opened) -> None:
    first = sealed(statement_of())
    second = sealed(statement_of(period=DECEMBER, previous=first.seal))
    third = sealed(statement_of(revision=2, previous=second.seal))
    for one in (first, second, third):
        await opened.ledger.seal(one, [MONTH])
    ledger = await opened.restart()
    assert await ledger.statements() == [first, second, third]
    assert await ledger.statements("2026-11") == [first, third]
    assert await ledger.statements("2026-10") == []
    assert all(seal_of(one.text) == one.seal for one in await ledger.statements())


async def test_sealing_twice_is_sealing_once(ledger: Ledger) -> None:
    first = sealed(statement_of())
    await ledger.seal(first, [MONTH])
    log = await ledger.log_after(0, 10)
    await ledger.seal(first, [MONTH])
    assert await ledger.statements() == [first]
    assert await ledger.log_after(0, 10) == log


@pytest.mark.parametrize(
    "late",
    [
        statement_of(pages=41),
        statement_of(revision=2, previous=""),
        statement_of(period=DECEMBER, previous="0" * 64),
    ],
)
async def test_what_does_not_follow_the_newest_seal_is_refused(
    ledger: Ledger, late: Statement
) -> None:
    first = sealed(statement_of())
    await ledger.seal(first)
    with pytest.raises(LedgerMoved):
        await ledger.seal(sealed(late))
    assert await ledger.statements() == [first]
