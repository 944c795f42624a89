"""What a closed month was worth as tables, and what today's factors would make of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from collector.cli.output import say, worded
from collector.cli.words import CommandWords
from collector.domain.closing.worth import StatedFactor, Worth, stated_factors
from collector.domain.cost.footprint import Figure, Footprint
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.report.sentences import worth_otherwise
from collector.domain.report.table import CellKind, Column, Table, total_of
from collector.texts import ENGLISH, JAPANESE

if TYPE_CHECKING:
    from collector.app.month.months import MonthLedger
    from collector.app.office_context import OfficeContext
    from collector.domain.closing.statement import Statement


@dataclass(frozen=True, slots=True)
class _WorthRow:
    """What a department with its parts came to, or all of them."""

    department: DepartmentId
    name: str
    found: Footprint
    people: int | None


def worth_table(
    worth: Worth | None, names: dict[DepartmentId, str], words: CommandWords
) -> Table[_WorthRow]:
    """Return yen, hours, CO2 and headcounts as sealed; nothing where none were."""
    columns: tuple[Column[_WorthRow], ...] = (
        Column("department", None, words("department"), CellKind.TEXT, shown=lambda row: row.name),
        _figure("cost", lambda row: row.found.cost, words("change_cost")),
        _figure("paper_cost", lambda row: row.found.paper_cost, words("change_paper_cost")),
        _figure("hours", lambda row: row.found.hours, words("change_hours"), 2),
        _figure("co2_g", lambda row: row.found.co2_g, words("change_co2")),
        Column("people", None, words("change_people"), shown=lambda row: row.people),
    )
    rows = [] if worth is None else [*_worth_rows(worth, names)]
    reasons = () if worth is None else worth.reasons
    heading = words("worth_title")
    if reasons:
        said = words("list.between").join(map(worded, reasons))
        heading = words("worth_title_revised", reasons=said)
    total = None
    if worth is not None and rows:
        whole = (WHOLE_OFFICE, words("total"), worth.of(WHOLE_OFFICE), worth.people(WHOLE_OFFICE))
        total = total_of(columns, _WorthRow(*whole))
    return Table(
        "worths",
        columns,
        rows,
        title=heading,
        total=total,
        notes=(words("worth_note"),),
        needs_rows=True,
    )


def _figure(
    key: str, figure: Callable[[_WorthRow], Figure], heading: str, digits: int = 0
) -> Column[_WorthRow]:
    def shown(row: _WorthRow) -> str | None:
        amount = figure(row).rounded(digits)
        return None if amount is None else f"{amount:,}"

    return Column(key, None, heading, shown=shown)


def _worth_rows(worth: Worth, names: dict[DepartmentId, str]) -> Iterator[_WorthRow]:
    """Yield a row of each department of which anything is known."""
    has_factors = worth.of(WHOLE_OFFICE) != Footprint()
    for one, name in names.items():
        if has_factors or one in worth.heads:
            yield _WorthRow(one, name, worth.of(one), worth.people(one))


def factors_table(worth: Worth | None, until: date, words: CommandWords) -> Table[StatedFactor]:
    """Return the factors by which that was reckoned, each with its source."""
    text = CellKind.TEXT
    return Table(
        "factors",
        (
            Column("table", None, words("factor_table"), text, shown=lambda one: one.table),
            Column("named", None, words("factor_named"), text, shown=lambda one: one.named or None),
            Column("since", None, words("since"), text, shown=lambda one: one.start.isoformat()),
            Column("value", None, words("factor_value"), text, shown=lambda one: one.value),
            Column("source", None, words("factor_source"), text, shown=lambda one: one.source),
        ),
        [] if worth is None else [*stated_factors(worth.factors, until)],
        title=words("factors_title"),
        spare=("source",),
        needs_rows=True,
    )


async def would_be(
    ledger: "MonthLedger", context: "OfficeContext", statement: "Statement | None"
) -> Worth | None:
    """Return what a closed month would be worth by what is stated today, where that is other."""
    from collector.app.month.worth import Worths

    return None if statement is None else await Worths(ledger, context).otherwise(statement)


def say_otherwise(statement: "Statement | None", now: Worth | None, words: CommandWords) -> None:
    """Say what today's factors and headcounts would make of a closed month, if they do."""
    if statement is None or statement.worth is None or now is None:
        return
    text = worth_otherwise(statement.period, statement.worth, now)
    if text is not None:
        say((JAPANESE if words.is_japanese else ENGLISH).say(text))
