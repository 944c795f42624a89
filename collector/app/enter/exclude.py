"""Pages that people declare excluded: whether they fit what was counted, and what became of them.

They are entries like all others: append-only, signed, taken back by another entry.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from collector.app.office_context import OfficeContext
from collector.domain.counting.entries import Entry, Exclusion, in_force
from collector.domain.counting.exclusions import Excluding, Taken, excluding
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.month.finished import NO_SHEET, shares_in, sheet_months, sheets_that_count
from collector.domain.sentence import sentence
from collector.ports import Counting


class Unfit(StrEnum):
    """Why an exclusion is refused.

    `TOO_LARGE`: fewer pages were counted that no other exclusion has taken. `TWO_MONTHS`: its days
    are of two closing months. `YET_TO_COME`: its days are not over. `TWICE`: it is in force.
    """

    TOO_LARGE = "too_large"
    TWO_MONTHS = "two_months"
    YET_TO_COME = "yet_to_come"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class RefusedExclusion:
    """The exclusion number `number` of those asked for does not fit; `counted` pages are left."""

    number: int
    exclusion: Exclusion
    why: Unfit
    counted: int = 0


async def misfits(
    ledger: Counting, context: OfficeContext, asked: Sequence[Exclusion], now: datetime
) -> tuple[RefusedExclusion, ...]:
    """Return which of those `asked` for, one after another, cannot be; none where all can."""
    entries = [*await ledger.entries()]
    known = {one.said for one in in_force(entries) if isinstance(one, Exclusion)}
    today, office = context.office.local_day(now), context.office
    found: list[RefusedExclusion] = []
    fitting: list[tuple[int, Exclusion]] = []
    for number, one in enumerate(asked):
        if office.period_of(one.first) != office.period_of(one.last):
            found.append(RefusedExclusion(number, one, Unfit.TWO_MONTHS))
        elif one.last > max(today, office.period_of(today).end):
            found.append(RefusedExclusion(number, one, Unfit.YET_TO_COME))
        elif one.said in known:
            found.append(RefusedExclusion(number, one, Unfit.TWICE))
        else:
            known.add(one.said)
            fitting.append((number, one))
    also = [one for _, one in fitting]
    months = await taken_in_months(ledger, context, entries, also=also)
    taken = {id(one.exclusion): one for month in months.values() for one in month.taken}
    for number, one in fitting:
        if taken[id(one)].missing:
            found.append(RefusedExclusion(number, one, Unfit.TOO_LARGE, taken[id(one)].pages))
    return tuple(sorted(found, key=lambda one: one.number))


async def taken_in_months(
    ledger: Counting,
    context: OfficeContext,
    entries: Iterable[Entry],
    months: Iterable[str] | None = None,
    also: Iterable[Exclusion] = (),
) -> Mapping[str, Excluding]:
    """Return by closing month what the exclusions among `entries` take, and after them `also`.

    Of `months` only, if given.

    By what is counted now: what was sealed of a closed month is in its statement.
    """
    entries, office = [*entries], context.office
    wanted = None if months is None else {*months}
    by_month: dict[str, list[Exclusion]] = {}
    for one in (*in_force(entries), *also):
        if isinstance(one, Exclusion):
            name = office.period_of(one.first).name
            if wanted is None or name in wanted:
                by_month.setdefault(name, []).append(one)
    sheets = sheet_months(entries)
    found: dict[str, Excluding] = {}
    for name, own in sorted(by_month.items()):
        period = office.period(name)
        days = await ledger.days(period.start, period.end)
        sheet = sheets_that_count(sheets.get(name, NO_SHEET), days)
        shares = shares_in(days, sheet, context.fleet, office, period)
        found[name] = excluding(shares, own, context.fleet)
    return found


async def too_large_now(
    ledger: Counting, context: OfficeContext, months: Iterable[str], at: datetime
) -> tuple[Finding, ...]:
    """Return a finding for each exclusion in `months` that is larger than what is counted now.

    One that was told of the same figures is not told again.
    """
    months = tuple(months)
    if not months:
        return ()
    taken = await taken_in_months(ledger, context, await ledger.entries(), months)
    found = [_too_large(one, at) for month in taken.values() for one in month.taken if one.missing]
    if not found:
        return ()
    told = [one.evidence for one in await ledger.findings() if one.code is found[0].code]
    return tuple(one for one in found if one.evidence not in told)


def _too_large(one: Taken, at: datetime) -> Finding:
    entry = one.exclusion
    text = sentence(
        "finding.exclusion_too_large",
        id=entry.id,
        first=entry.first,
        last=entry.last,
        pages=entry.pages,
        counted=one.pages,
    )
    return Finding(
        Code.EXCLUSION_TOO_LARGE,
        Severity.WARNING,
        entry.department or entry.place,
        text,
        at.replace(microsecond=0),
        {"entry": entry.id, "pages": entry.pages, "counted": one.pages},
    )
