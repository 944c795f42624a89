"""What the ledger mentions of its own accord, for who keeps the same facts elsewhere."""

from dataclasses import replace

from collector.domain.closing.seal import sealed
from collector.domain.office.fleet_facts import PlaceName
from collector.ports import Amendment, Ledger, LogRef
from tests.contract.ledger_cases import HERE, MINUTE, T0, Opened, full
from tests.contract.ledger_papers import WHO, entry, statement_of

AT = int(T0.timestamp())


async def refs(ledger: Ledger, after: int = 0) -> list[LogRef]:
    return [one.ref for one in await ledger.log_after(after, 100)]


async def test_entries_facts_statements_and_recounts_are_mentioned(opened: Opened) -> None:
    ledger = opened.ledger
    await ledger.record([replace(full(T0), log=())])
    before = await ledger.state(HERE)
    old = full(T0 - MINUTE).reading
    assert old is not None
    amendment = Amendment(before, T0, before.track, readings=(old,))
    await ledger.amend([entry()], [amendment])
    await ledger.add_facts([PlaceName(HERE, "1階", WHO), PlaceName(HERE, "2階", WHO)], 0)
    await ledger.add_facts([PlaceName(HERE, "3階", WHO)], 2)
    await ledger.seal(sealed(statement_of()))
    assert [one for one in await refs(await opened.restart()) if one.kind != "event"] == [
        LogRef("entry", entry().id),
        LogRef("old_reading", f"{HERE}|{AT - 60}"),
        LogRef("recount", f"{HERE}|{AT}"),
        LogRef("fact", "0"),
        LogRef("fact", "1"),
        LogRef("fact", "2"),
        LogRef("statement", "2026-11|1"),
    ]


async def test_what_was_there_already_is_not_mentioned_again(ledger: Ledger) -> None:
    await ledger.amend([entry()], [])
    await ledger.seal(sealed(statement_of()))
    newest = (await ledger.log_after(0, 100))[-1].seq
    await ledger.amend([entry()], [])
    await ledger.seal(sealed(statement_of()))
    assert await refs(ledger, newest) == []


async def test_they_are_of_no_time_when_rows_are_published_again(ledger: Ledger) -> None:
    await ledger.amend([entry()], [])
    await ledger.add_facts([PlaceName(HERE, "1階", WHO)], 0)
    await ledger.seal(sealed(statement_of()))
    newest = (await ledger.log_after(0, 100))[-1].seq
    assert await ledger.log_before(T0, T0.date(), "2026-12") == newest
