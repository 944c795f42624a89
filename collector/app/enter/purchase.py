"""Purchased paper and counted stock taken in: what is new, what is known, and what cannot be.

Entries like all others: append-only, signed, taken back by another entry. A purchase that the
ledger holds is not entered again, whatever it was called then, and a stock counted anew replaces
the one before.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from collector.domain.cost.purchased import PaperEntry, paper_entries
from collector.domain.counting.entries import Entry, PaperPurchase, StockCount, Withdrawal
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.office_calendar import Office
from collector.domain.old_sheets.cells import Sheet, SheetRemark
from collector.domain.old_sheets.paper_rows import PaperRow
from collector.domain.sentence import sentence


class PaperNews(StrEnum):
    """What a line of a list is to the ledger; `GONE` stands in the ledger and not in the list."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class TakenPaper:
    """One purchase or stock of a list, or of the ledger where it is gone; `line` is where."""

    entry: PaperEntry
    news: PaperNews
    line: int = 0


@dataclass(frozen=True, slots=True)
class PaperPlan:
    """What a list comes to; with `refused` nothing may be entered."""

    taken: tuple[TakenPaper, ...]
    refused: tuple[SheetRemark, ...] = ()

    def entries(self, signed: Signature) -> tuple[Entry, ...]:
        """Return the entries for all that is new, differs or is gone; none for the same again."""
        now = [one.entry for one in self.taken if one.news in {PaperNews.NEW, PaperNews.CHANGED}]
        gone = [one.entry for one in self.taken if one.news is PaperNews.GONE]
        return (*now, *(Withdrawal(one.place, one.id, signed) for one in gone))


def stated_paper(rows: Iterable[PaperRow], sheet: Sheet, signed: Signature) -> list[TakenPaper]:
    """Return what `rows` of `sheet` state as entries; a purchase of 0 sheets is none."""
    found: list[TakenPaper] = []
    for row in rows:
        about, source = (row.department, row.day, row.size), sheet.where(row.line)
        if row.bought:
            by = (row.supplier, row.slip, source)
            bought = PaperPurchase(*about, row.bought, signed, *by)
            found.append(TakenPaper(bought, PaperNews.NEW, row.line))
        if row.stock is not None:
            counted = StockCount(*about, row.stock, signed, source)
            found.append(TakenPaper(counted, PaperNews.NEW, row.line))
    return found


def planned_paper(
    stated: Sequence[TakenPaper],
    entries: Iterable[Entry],
    office: Office,
    today: date,
    file: str | None = None,
    *,
    replacing: bool = False,
) -> PaperPlan:
    """Return what entering all that is `stated` beside `entries` comes to.

    What the ledger has of the same `file` and of the closing months that it speaks of, and the file
    no longer says, is refused, or gone where the file is `replacing` what it said before.
    """
    held = paper_entries(entries)
    known = Counter(one.said for one in held if isinstance(one, PaperPurchase))
    taken, refused = _taken(stated, held, known, today)
    months = {office.period_of(one.entry.day).name for one in stated}
    gone = _gone(held, known, file) if file is not None else []
    gone = [one for one in gone if office.period_of(one.day).name in months]
    if replacing:
        taken += [TakenPaper(one, PaperNews.GONE) for one in gone]
    else:
        refused += [_no_longer(one) for one in gone]
    return PaperPlan(tuple(taken), tuple(refused))


def _taken(
    stated: Iterable[TakenPaper],
    held: Iterable[PaperEntry],
    known: Counter[tuple[object, ...]],
    today: date,
) -> tuple[list[TakenPaper], list[SheetRemark]]:
    """Return what is news of all `stated`, and what cannot be; `known` loses what it says."""
    stocks = {one.about: one for one in held if isinstance(one, StockCount)}
    seen: dict[tuple[object, ...], StockCount] = {}
    taken: list[TakenPaper] = []
    refused: list[SheetRemark] = []
    for one in stated:
        entry = one.entry
        if entry.day > today:
            told = sentence("paper.yet_to_come", day=entry.day)
            refused.append(SheetRemark(one.line, None, told))
        elif isinstance(entry, PaperPurchase):
            is_known = known[entry.said] > 0
            known[entry.said] -= is_known
            taken.append(replace(one, news=PaperNews.SAME if is_known else PaperNews.NEW))
        elif seen.setdefault(entry.about, entry) is not entry:
            told = sentence("paper.stock_twice", day=entry.day, size=entry.size.value)
            refused.append(SheetRemark(one.line, None, told))
        else:
            taken.append(_stock(one, entry, stocks.get(entry.about)))
    return taken, refused


def _stock(one: TakenPaper, entry: StockCount, before: StockCount | None) -> TakenPaper:
    if before is None:
        return one
    if before.sheets == entry.sheets:
        return replace(one, news=PaperNews.SAME)
    return replace(one, entry=replace(entry, replaces=before.id), news=PaperNews.CHANGED)


def _gone(
    held: Sequence[PaperEntry], left: Counter[tuple[object, ...]], file: str
) -> list[PaperPurchase]:
    """Return the purchases of `file` among those that are `left` over by what was stated."""
    left, found = left.copy(), []
    for one in held:
        if not isinstance(one, PaperPurchase) or not one.source.startswith(f"{file}: "):
            continue
        if left[one.said] > 0:
            left[one.said] -= 1
            found.append(one)
    return found


def _no_longer(one: PaperPurchase) -> SheetRemark:
    told = sentence(
        "paper.no_longer", id=one.id, day=one.day, size=one.size.value, sheets=one.sheets
    )
    return SheetRemark(0, None, told)
