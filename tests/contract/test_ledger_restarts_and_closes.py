"""A ledger is the same after a restart, and says when it is closed."""

import pytest

from collector.errors import LedgerError
from collector.ports import Ledger, StateChange
from tests.contract.ledger_cases import HERE, MINUTE, T0, THERE, Opened, everything, full, state


async def test_a_restart_changes_nothing(opened: Opened) -> None:
    change = StateChange(HERE, T0, online=True)
    await opened.ledger.record([full(T0), full(T0 + MINUTE, 120), full(T0, 50, THERE)])
    await opened.ledger.record_change(change, state(T0))
    before = await everything(opened.ledger)
    ledger = await opened.restart()
    assert await everything(ledger) == before
    assert await ledger.change(HERE, T0) == change
    await ledger.record([full(T0)])
    assert await everything(ledger) == before


async def test_nothing_to_do_is_no_error(ledger: Ledger) -> None:
    await ledger.record([])
    await ledger.touch([])
    assert await ledger.log_after(0, 9) == []


async def test_size_counts_rows(ledger: Ledger) -> None:
    await ledger.record([full(T0)])
    rows = (await ledger.size()).rows
    assert (rows["readings"], rows["usages"], rows["findings"]) == (1, 2, 1)
    assert (rows["days"], rows["place_states"], rows["log"]) == (1, 1, 3)


async def test_a_closed_ledger_says_so(ledger: Ledger) -> None:
    await ledger.close()
    await ledger.close()
    with pytest.raises(LedgerError, match="closed"):
        await ledger.state(HERE)
    with pytest.raises(LedgerError, match="closed"):
        await ledger.record([full(T0)])
