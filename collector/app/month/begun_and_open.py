"""What the ledger says of a month beside its pages: since when it is read, and what is open."""

from datetime import UTC, datetime
from itertools import chain
from typing import Final

from collector.app.office_context import OfficeContext
from collector.domain.closing.boundary import boundaries
from collector.domain.counting.deciding import open_findings
from collector.domain.counting.findings import Code
from collector.domain.counting.ranges import Begun, PagesInQuestion, begun_by, questions_in
from collector.domain.counting.usage import Stretch, stretches_of
from collector.domain.office.office_calendar import Office, Period
from collector.ports import Ledger

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
END: Final = datetime(9000, 1, 1, tzinfo=UTC)


async def begun(ledger: Ledger, office: Office) -> Begun:
    """Return on which local day each place was read first."""
    heard = await ledger.heard_between(BEGINNING, END)
    first = {place: at for place, (at, _) in heard.items()}
    return begun_by(first, await ledger.entries(), office)


async def stretches_in(
    ledger: Ledger, context: OfficeContext, period: Period
) -> tuple[Stretch, ...]:
    """Return the stretches that reach into `period`, each by the calendar of its place."""
    usages = await ledger.long_usages(*boundaries(context.office, period))
    found = (stretches_of([one], context.office_at(one.place, one.end)) for one in usages)
    return tuple(chain.from_iterable(found))


async def open_questions(
    ledger: Ledger, office: Office, period: Period
) -> tuple[PagesInQuestion, ...]:
    """Return the questions about pages of `period` that nobody has decided yet."""
    begin, _ = boundaries(office, period)
    findings = await ledger.findings(begin)
    if not any(one.code is Code.PAGES_IN_QUESTION for one in findings):
        return ()
    waiting = open_findings(findings, await ledger.entries(), ())
    return questions_in(waiting, office, period)
