"""The tables of a monthly report: columns, rows and sums, before anybody draws them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from collector.adapters.report.cells import Cell, CellKind, Column, clean
from collector.adapters.report.sentences import state
from collector.adapters.report.words import ReportWords
from collector.domain.report.month_report import Figures, MonthReport, TargetVerdict
from collector.domain.report.sentences import completeness_text, since_text


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of a table; `alert` marks one that has passed its target."""

    cells: tuple[Cell, ...]
    alert: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title. `total` is its last line, `notes` stand below it."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    total: TableRow | None = None
    notes: tuple[str, ...] = ()

    def lines(self) -> tuple[TableRow, ...]:
        """Return every line, the total last."""
        return self.rows if self.total is None else (*self.rows, self.total)


@dataclass(frozen=True, slots=True)
class CellColumn:
    """A column together with its cells, one for each row and one for the total."""

    column: Column
    cells: tuple[Cell, ...]
    total: Cell = None
    optional: bool = False
    """Left out where no row has anything in it."""


def table_of(
    key: str,
    title: str,
    fields: Iterable[CellColumn],
    *,
    alerts: Sequence[bool] = (),
    has_total: bool = False,
    total_alert: bool = False,
    notes: Iterable[str] = (),
) -> Table:
    """Return the table with these columns; optional ones that are empty everywhere are left out."""
    kept = [one for one in fields if not one.optional or _is_used(one)]
    lines = list(zip(*(one.cells for one in kept), strict=True))
    flags = list(alerts) or [False] * len(lines)
    return Table(
        key=key,
        title=title,
        columns=tuple(one.column for one in kept),
        rows=tuple(TableRow(cells, alert) for cells, alert in zip(lines, flags, strict=True)),
        total=TableRow(tuple(one.total for one in kept), total_alert) if has_total else None,
        notes=tuple(notes),
    )


def _is_used(one: CellColumn) -> bool:
    return any(cell is not None for cell in (*one.cells, one.total))


def text_column(key: str, heading: str, width: int) -> Column:
    """Return a column of texts."""
    return Column(key, heading, CellKind.TEXT, width)


def word_column(key: str, heading: str, width: int) -> Column:
    """Return a column of words from a short list."""
    return Column(key, heading, CellKind.TEXT, width, is_word=True)


def only(table: Table, keys: Sequence[str]) -> Table:
    """Return `table` with the columns called `keys` only, in that order, as far as it has them.

    Its notes are left out: they are about the table as a whole.
    """
    known = {column.key: at for at, column in enumerate(table.columns)}
    order = [known[key] for key in keys if key in known]

    def picked(row: TableRow) -> TableRow:
        return replace(row, cells=tuple(row.cells[at] for at in order))

    return replace(
        table,
        columns=tuple(table.columns[at] for at in order),
        rows=tuple(picked(row) for row in table.rows),
        total=None if table.total is None else picked(table.total),
        notes=(),
    )


# The first look at a report: the office's key figures, and what proves them.


_GRAMS = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Fact:
    """One key figure: its name, its value and unit; `alert` where it is over the target."""

    label: str
    value: Cell
    kind: CellKind = CellKind.COUNT
    unit: str = ""
    alert: bool = False


def facts(report: MonthReport, words: ReportWords) -> tuple[Fact, ...]:
    """Return the office's key figures; one that is not known is not among them."""
    known = _known(report, words)
    every = (*_facts(report.office, words), Fact(words("completeness"), known, CellKind.TEXT))
    return tuple(one for one in every if one.value is not None)


def _facts(office: Figures, words: ReportWords) -> Iterator[Fact]:
    unit = words("facts_unit")
    over = office.verdict is TargetVerdict.OVER
    ends, burden = office.expected, office.burden
    yield Fact(words("pages"), office.pages, unit=unit)
    yield Fact(words("target"), office.target, unit=unit)
    yield Fact(words("left"), office.left, unit=unit, alert=over)
    yield Fact(words("ratio"), office.ratio, CellKind.SHARE, alert=over)
    if ends is not None:
        yield Fact(words("expected"), round(ends.expected), unit=unit)
        margin = words("range_of", low=f"{round(ends.low):,}", high=f"{round(ends.high):,}")
        yield Fact(words("range"), margin, CellKind.TEXT, unit)
    yield Fact(words("last_year"), office.last_year, unit=unit)
    if ends is None:
        yield Fact(words("change_ratio"), office.change_ratio, CellKind.CHANGE)
    yield Fact(words("estimated"), office.estimated, unit=unit)
    yield Fact(words("cost"), burden.cost_yen)
    yield Fact(words("paper_cost"), burden.paper_yen)
    yield Fact(words("hours"), burden.hours, CellKind.AMOUNT)
    yield Fact(
        words("co2"), None if burden.co2_g is None else burden.co2_g / _GRAMS, CellKind.AMOUNT
    )


def _known(report: MonthReport, words: ReportWords) -> str:
    """Return how complete the office's month is, and since when it is measured."""
    text = completeness_text(report.completeness, japanese=words.is_japanese)
    since = report.office.since
    if since is None:
        return text
    return f"{text}{words('joined')}{since_text(since, japanese=words.is_japanese)}"


def proof(report: MonthReport, words: ReportWords) -> tuple[tuple[str, str], ...]:
    """Return who made this report from what, and how to check it, as name and text."""
    closure, month = report.closure, report.period.name
    rows = [(words("state"), clean(state(report, words)))]
    if closure is not None:
        rows.append((words("this_seal"), closure.seal))
        rows.append((words("previous_seal"), closure.previous or words("none")))
    made = {"at": words.time(report.made_at), "version": report.version, "zone": str(report.zone)}
    return (
        *rows,
        (
            words("check_item"),
            words("verify_open" if closure is None else "verify_closed", month=month),
        ),
        (words("completeness"), _known(report, words)),
        (words("unit_item"), words("unit_meaning")),
        (words("blank_item"), words("absent_blank")),
        (words("made_item"), words("made", **made)),
    )
