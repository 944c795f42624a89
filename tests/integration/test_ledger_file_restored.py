"""An older copy put in the ledger's place is noticed, and no number is given twice."""

import shutil
from pathlib import Path

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.close.close_month import CloseMonth
from collector.bootstrap.service import tell_restored
from collector.domain.closing.statement import ClosingPlan
from collector.domain.counting.findings import Code
from tests.integration.ledger_files import T0, record
from tests.unit.app.closing_office import GROUND, tokyo, two_copiers

DEC_1 = tokyo(12, 1, 12)


async def published(path: Path, polls: range) -> SqliteLedger:
    """Return the ledger at `path` with `polls` recorded and handed over to a sink."""
    ledger = await SqliteLedger.open(path)
    await ledger.record([record(number) for number in polls])
    entries = await ledger.log_after(0, 10**6)
    await ledger.acknowledge("influx", entries[-1].seq)
    return ledger


async def closed(ledger: SqliteLedger, month: str) -> int:
    """Close `month` and return its revision."""
    closing = CloseMonth(ledger, GROUND, DEC_1)
    plan = await closing.plan(month)
    assert isinstance(plan, ClosingPlan)
    return (await closing.apply(plan, "kato")).statement.revision


async def test_an_older_copy_is_noticed_and_numbers_go_on_above(tmp_path: Path) -> None:
    path, backup = tmp_path / "ledger.sqlite", tmp_path / "backup.sqlite"
    await (await published(path, range(1, 5))).close()
    shutil.copy(path, backup)
    again = await published(path, range(5, 12))
    assert again.restored is None
    seen = (await again.log_after(0, 10**6))[-1].seq
    await again.close()
    shutil.copy(backup, path)

    ledger = await SqliteLedger.open(path)
    assert ledger.restored is not None
    assert ledger.restored.missing == 7
    await ledger.record([record(20)])
    assert (await ledger.log_after(0, 10**6))[-1].seq > seen
    finding = await tell_restored(ledger, ledger.restored, T0)
    assert (finding.code, finding.evidence["missing"]) == (Code.LEDGER_RESTORED, 7)
    await ledger.close()
    ledger = await SqliteLedger.open(path)
    assert ledger.restored is None, "told once"
    await ledger.close()


async def test_a_revision_that_was_sealed_and_lost_is_never_given_again(tmp_path: Path) -> None:
    path, backup = tmp_path / "ledger.sqlite", tmp_path / "backup.sqlite"
    ledger = await SqliteLedger.open(path)
    await two_copiers(ledger)
    await ledger.close()
    shutil.copy(path, backup)
    ledger = await SqliteLedger.open(path)
    assert await closed(ledger, "2026-09") == 1
    await ledger.close()
    shutil.copy(backup, path)

    ledger = await SqliteLedger.open(path)
    assert ledger.restored is not None
    assert ledger.restored.sealed == {"2026-09": 1}
    assert await closed(ledger, "2026-09") == 2
    assert await closed(ledger, "2026-10") == 1
    await ledger.close()
    ledger = await SqliteLedger.open(path)
    assert ledger.restored is None
    await ledger.close()


async def test_another_ledger_beside_an_old_mark_is_said(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    await (await published(path, range(1, 5))).close()
    path.unlink()
    ledger = await SqliteLedger.open(path)
    assert ledger.restored is not None
    assert ledger.restored.is_other
    await ledger.close()


async def test_a_lost_or_damaged_mark_marks_nothing(tmp_path: Path) -> None:
    path, mark = tmp_path / "ledger.sqlite", tmp_path / "ledger.sqlite.mark"
    await (await published(path, range(1, 5))).close()
    for text in ("", "[]", "{}", '{"ledger": 1, "seq": "x", "sealed": {}}', "\0"):
        mark.write_text(text)
        ledger = await SqliteLedger.open(path)
        assert ledger.restored is None
        await ledger.close()
