"""Rows of paper bought against paper counted, a quarter or a fiscal year each, where any was."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Final

from collector.app.month.months import FinishedMonths
from collector.app.month.purchased import reconciled_periods
from collector.app.notes import PUBLISHED_PAPER
from collector.app.office_context import OfficeContext
from collector.domain.cost.purchased import (
    PaperPeriod,
    Reconciliation,
    quarters_between,
    with_their_years,
)
from collector.domain.cost.sheets import Paper
from collector.domain.office.fleet import EVERYBODY, WHOLE_OFFICE, Department, DepartmentId
from collector.domain.rows import Row, Value
from collector.domain.sentence import sentence
from collector.ports import Ledger, RowWords


async def paper_rows(
    ledger: Ledger,
    context: OfficeContext,
    keys: Iterable[str],
    now: datetime,
    words: RowWords,
    finished: FinishedMonths,
) -> list[Row]:
    """Return a row for each buyer and quarter that ends on a day of `keys`, as known at `now`.

    Likewise of the fiscal years of these quarters. The whole office is one of the buyers. A figure
    that is not known is absent; one that was published and is no longer known becomes 0 and is said
    not to be known, and so does all of a buyer whose purchases were taken back.
    """
    days = [date.fromisoformat(one) for one in sorted({*keys})]
    quarters = [one for day in days for one in quarters_between(day, day, context.office)]
    periods = with_their_years(quarters, context.office)
    found = await reconciled_periods(ledger, context, periods, now, finished)
    rows: list[Row] = []
    for period in periods:
        told = {
            one.of: one
            for one in found
            if one.period.name == period.name and one.sheets.bought is not None
        }
        is_year = period.quarter is None
        note = PUBLISHED_PAPER.about(period.name if is_year else period.end.isoformat())
        noted = await note.get(ledger) or frozenset()
        figures = {of: _figures(one) for of, one in told.items()}
        known = noted | {f"{of}|{name}" for of, own in figures.items() for name in own}
        if known != noted:
            await note.put(ledger, known)
        for of, names in sorted(_by_buyer(known).items()):
            fields = {name: _NOTHING.get(name, 0) for name in names} | figures.get(of, {})
            fields |= _named(of, period, context, words) | _known(told.get(of))
            tags = {"site": context.office.site, "department": of}
            kind = "paper_year" if is_year else "paper_quarter"
            rows.append(Row(kind, tags, fields, context.office.midnight(period.start)))
    return rows


_NOTHING: Final[Mapping[str, Value]] = {"unexplained_share": 0.0}


def _by_buyer(known: Collection[str]) -> Mapping[DepartmentId, Collection[str]]:
    found: dict[DepartmentId, list[str]] = {}
    for one in sorted(known):
        of, _, name = one.rpartition("|")
        found.setdefault(DepartmentId(of), []).append(name)
    return found


def _figures(one: Reconciliation) -> dict[str, Value]:
    """Return what is known of a period, in sheets."""
    sheets = one.sheets
    terms: dict[str, Paper | None] = {
        "bought": sheets.bought,
        "stock_change": sheets.stock_change,
        "counted": sheets.counted,
        "excluded": sheets.excluded,
        "unexplained": sheets.unexplained,
    }
    found: dict[str, Value] = {}
    for name, paper in terms.items():
        if paper is not None:
            found[name] = paper.value
            if name != "bought":
                found |= {f"{name}_low": paper.low, f"{name}_high": paper.high}
    return found if sheets.share is None else found | {"unexplained_share": float(sheets.share)}


def _known(one: Reconciliation | None) -> dict[str, Value]:
    sheets = None if one is None else one.sheets
    return {
        "bought_known": sheets is not None,
        "counted_known": sheets is not None and sheets.counted is not None,
        "unexplained_known": sheets is not None and sheets.unexplained is not None,
        "over": one is not None and one.over,
    }


def _named(
    of: DepartmentId, period: PaperPeriod, context: OfficeContext, words: RowWords
) -> dict[str, Value]:
    """Return what a quarter, or year, and who buys are called on a screen."""
    department = EVERYBODY if of == WHOLE_OFFICE else context.fleet.department(of)
    department = department or Department(of, of)
    said = sentence("row.fiscal_year", year=period.year)
    if period.quarter is not None:
        said = sentence("row.quarter", year=period.year, quarter=period.quarter)
    return {
        "year" if period.quarter is None else "quarter": period.name,
        "name": department.name,
        "name_en": department.name_en or department.name,
        "title": words.ja(said),
        "title_en": words.en(said),
    }
