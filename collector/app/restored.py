"""Tells that an older copy of the ledger was put in its place."""

from datetime import datetime

from collector.domain.findings import Code, Finding, Severity
from collector.ports import Ledger, Restored


async def tell_restored(ledger: Ledger, what: Restored, at: datetime) -> Finding:
    """Record, and return, the finding that says what `ledger` does not know any more."""
    finding = _finding(what, at.replace(microsecond=0))
    await ledger.record_findings([finding])
    return finding


def _finding(what: Restored, at: datetime) -> Finding:
    kind = "is another one than" if what.is_other else "is an older copy of"
    text = f"the ledger {kind} the one that was published from before"
    if what.missing:
        text += f"; {what.missing:,} of its changes are missing, readings among them"
    if what.sealed:
        named = ", ".join(f"{period} (revision {n})" for period, n in sorted(what.sealed.items()))
        text += f"; sealed before and not in it: {named}, whose next revision counts on from there"
    text += "; if a newer backup exists, stop the service and restore that"
    facts: dict[str, str | int | float | None] = {"missing": what.missing}
    facts |= {f"sealed_{period}": number for period, number in what.sealed.items()}
    return Finding(Code.LEDGER_RESTORED, Severity.ERROR, "ledger", text, at, facts)
