"""Verifies every statement: its seal, its chain, and whether the ledger still counts the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from collector.app.close.close_month import CloseMonth
from collector.app.office_context import OfficeContext
from collector.domain.closing.closing_plan import changes_between
from collector.domain.closing.seal import Fault, Witness, faults
from collector.domain.closing.statement import Change, Statement
from collector.domain.counting.findings import Code
from collector.ports import Ledger

_SEALING = (Code.MONTH_CLOSED, Code.MONTH_ADJUSTED)


@dataclass(frozen=True, slots=True)
class Differing:
    """A closed month that the ledger counts otherwise today: `changes` against its statement."""

    period: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What verifying came to. `statements` is how many were looked at."""

    statements: int
    faults: tuple[Fault, ...]
    differing: tuple[Differing, ...]

    @property
    def is_good(self) -> bool:
        """Say whether nothing is wrong and nothing differs."""
        return not self.faults and not self.differing


async def audit_statements(
    ledger: Ledger,
    context: OfficeContext,
    now: datetime,
    month: str | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Audit:
    """Return what is wrong with the statements of `month` (None: of all months).

    A chain is only as good as all of it, so every seal is looked at in any case.
    """
    chain = await ledger.statements()
    witnesses = [
        Witness(one.subject, int(one.evidence.get("revision") or 0), str(one.evidence.get("seal")))
        for one in await ledger.findings()
        if one.code in _SEALING
    ]
    latest: dict[str, Statement] = {}
    for one in chain:
        latest[one.statement.period.name] = one.statement
    closing = CloseMonth(ledger, context, now)
    differing = []
    for name, statement in latest.items():
        if month in {None, name}:
            revised = await closing.revised(statement)
            if revised is not None:
                differing.append(Differing(name, tuple(changes_between(statement, revised))))
            advance()
    found = [one for one in faults(chain, witnesses) if month in {None, one.period}]
    return Audit(len(chain), tuple(found), tuple(differing))
