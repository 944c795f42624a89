"""What a month is worth as counted now: to be sealed, or to be held against what was sealed."""

from collections.abc import Iterable
from dataclasses import replace

from collector.app.month.months import MonthLedger, paper_facts
from collector.app.office_context import OfficeContext
from collector.domain.closing.statement import Statement
from collector.domain.closing.worth import Worth, factors_changed, heads_changed
from collector.domain.cost.factors import Factors
from collector.domain.counting.entries import Exclusion, in_force
from collector.domain.month.finished import NO_SHEET, sheet_months, sheet_shares, sheets_that_count
from collector.domain.month.month import MonthFacts, heads_of, worth_of
from collector.domain.office.fleet import DepartmentId
from collector.domain.sentence import sentence


class Worths:
    """Reckons what months of one ledger are worth, as things stand by a context."""

    def __init__(self, ledger: MonthLedger, context: OfficeContext) -> None:
        """Ask `ledger` by the fleet, calendar and factors of `context`."""
        self._ledger = ledger
        self._context = context

    async def of(self, statement: Statement, factors: Factors | None = None) -> Worth:
        """Return what the period of `statement` is worth by `factors`; None: by those of today."""
        ledger, context, period = self._ledger, self._context, statement.period
        entries = in_force(await ledger.entries())
        days = await ledger.days(period.start, period.end)
        sheet = sheets_that_count(sheet_months(entries).get(period.name, NO_SHEET), days)
        factors = context.factors if factors is None else factors
        known = paper_facts(await ledger.states(), factors)
        facts = MonthFacts(
            fleet=context.fleet,
            office=context.office,
            period=period,
            now=statement.closed_at,
            days=days,
            heard={},
            factors=factors,
            machines=known.machines,
            units=known.units,
            sheets=sheet_shares(sheet, context.fleet, context.office, period),
            exclusions=[one for one in entries if isinstance(one, Exclusion)],
        )
        return worth_of(facts, named_in(statement))

    async def revised(self, latest: Statement, revision: Statement) -> Worth | None:
        """Return what `revision` of `latest` is worth: its factors and heads stay as sealed.

        None where none were: what has not sealed its sheets either goes on to be told by today's.
        """
        sealed = latest.worth
        if sealed is None:
            return None
        return replace(await self.of(revision, sealed.factors), heads=sealed.heads)

    async def otherwise(self, statement: Statement) -> Worth | None:
        """Return what factors and headcounts of today make of a closed month.

        None where they come to the same figures, or where it has not been sealed what it was worth.
        """
        sealed, day = statement.worth, statement.period.end
        if sealed is None:
            return None
        factors = sealed.would_use(self._context.factors)
        heads = heads_of(self._context.fleet, named_in(statement), day)
        if (factors, heads) == (sealed.factors, sealed.heads):
            return None
        now = await self.of(statement, factors)
        by_sealed = now
        if factors != sealed.factors:
            by_sealed = await self.of(statement, sealed.factors)
        if not now.is_other(replace(by_sealed, heads=sealed.heads), day):
            return None
        return replace(now, reasons=tuple(self._reasons(sealed, now, statement)))

    def _reasons(self, sealed: Worth, now: Worth, statement: Statement) -> Iterable[str]:
        """Yield why the figures are others, worded as they are sealed."""
        if names := factors_changed(sealed.factors, now.factors, statement.period.end):
            yield self._context.say(sentence("reason.factors", names=names))
        if departments := heads_changed(sealed, now):
            yield self._context.say(sentence("reason.heads", names=departments))


def named_in(statement: Statement) -> Iterable[DepartmentId]:
    """Return the ids of the departments that `statement` names."""
    return {*(one.department for one in statement.departments), *statement.department_pages()}
