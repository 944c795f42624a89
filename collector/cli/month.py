"""`copier-fleet month`: what every department printed in a month, against its target."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from collector.adapters.clock import SystemClock
from collector.app.month.months import Months
from collector.cli.options import (
    ConfigOptions,
    at_office,
    configured,
    formatted,
    into,
    label,
    month_argument,
    named_period,
    of_department,
    on_level,
    refuse_unknown,
)
from collector.cli.output import ABSENT, Exit, listed, phrase, result_tables, say
from collector.cli.paper_columns import counted_in, excluded_columns, in_unit, paper_columns
from collector.cli.words import CommandWords
from collector.domain.cost.footprint import Figure
from collector.domain.meters import METERS, TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter, Unit
from collector.domain.month.course import Bearing, Course, YearToDate
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.month.forecast import Forecast
from collector.domain.office.fleet import Department
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import TargetSource
from collector.domain.report.table import CellKind, Column, Item, Table, total_of
from collector.texts.figures import (
    bring_back,
    colours_text,
    gaps_text,
    known_text,
    paper_text,
    target_text,
)

if TYPE_CHECKING:
    from collector.settings.load import Loaded

INDENT: Final = "\u3000"
"""Before a name, for each department that it is a part of; a table keeps this blank."""

_TEXT, _SHARE, _NESTED = CellKind.TEXT, CellKind.SHARE, CellKind.NESTED

# The fiscal year so far.


_YEAR_CSV = (
    *("fiscal_year", "until", "department", "name", "since", "is_whole", "pages", "target"),
    *("remaining", "ratio", "year_target", "year_remaining"),
)


def year_table(
    months: Sequence[DepartmentMonth], office: DepartmentMonth | None, words: CommandWords
) -> Table[tuple[DepartmentMonth, YearToDate]]:
    """Return the fiscal year up to these `months`, that of the `office` as the last line."""
    rows = [(one, one.year) for one in months if one.year is not None]
    columns = _year_columns(words)
    total = None
    if office is not None and office.year is not None and len(months) > 1:
        total = total_of(columns, (office, office.year), department=words("total"))
    year = rows[0][1] if rows else None
    return Table(
        "year",
        columns,
        rows,
        title="" if year is None else words("year_title", year=year.year, until=year.until),
        total=total,
        notes=tuple(_why(*row, words) for row in rows if not row[1].is_whole),
        csv=_YEAR_CSV,
        spare=("since", "year_remaining", "year_target"),
    )


def _year_columns(words: CommandWords) -> tuple[Column[tuple[DepartmentMonth, YearToDate]], ...]:
    return (
        Column("fiscal_year", lambda row: row[1].year),
        Column("until", lambda row: row[1].until),
        Column(
            "department",
            lambda row: row[0].department.id,
            words("department"),
            _TEXT,
            shown=lambda row: indented(row[0], words),
        ),
        Column("name", lambda row: row[0].department.name),
        Column("name_en", lambda row: row[0].department.name_en),
        Column("since", lambda row: row[1].since, words("since"), _TEXT),
        Column("is_whole", lambda row: row[1].is_whole),
        _yearly("pages", lambda year: year.pages, words),
        _yearly("target", lambda year: year.target, words),
        _yearly("remaining", lambda year: year.left, words),
        _ratio_column(lambda row: _ratio(row[1]), words),
        _yearly("year_target", lambda year: year.year_target, words),
        _yearly("year_remaining", lambda year: year.year_left, words, "year_left"),
        Column("months", lambda row: _months_of(row[1]), kind=_NESTED),
    )


def _yearly(
    key: str,
    value: Callable[[YearToDate], int | None],
    words: CommandWords,
    heading: str | None = None,
) -> Column[tuple[DepartmentMonth, YearToDate]]:
    """Return a sum of the year; in the unit of its targets where that is no impression."""

    def shown(row: tuple[DepartmentMonth, YearToDate]) -> int | str | None:
        return counted_in(row[0].measure, value(row[1]), words)

    return Column(key, lambda row: value(row[1]), words(heading or key), shown=shown)


def _months_of(year: YearToDate) -> list[dict[str, object]]:
    return [
        {
            "month": one.month,
            "pages": one.pages,
            "target": one.target.pages,
            "target_basis": target_text(one.target, japanese=True),
            "target_basis_en": target_text(one.target, japanese=False),
        }
        for one in year.months
    ]


def _ratio(year: YearToDate) -> float | None:
    if year.pages is None or year.target is None:
        return None
    return year.pages / year.target if year.target else float(year.pages > 0)


def _why(month: DepartmentMonth, year: YearToDate, words: CommandWords) -> str:
    """Return from which month on the sums are, and what the month before lacks."""
    before = [one for one in year.months if one.month <= year.until]
    if year.since is not None:
        before = [one for one in before if one.month < year.since]
    lacks = before[-1]
    why = words("pages_unknown", month=lacks.month)
    if lacks.target.pages is None:
        why = f"{lacks.month}: {target_text(lacks.target, japanese=words.is_japanese)}"
    name = department_name(month.department, words)
    if year.since is None:
        return f"{name}: {why}"
    return f"{name}: {words('only_since', month=year.since)} ({why})"


# The departments of a month.


_CSV = (
    *("month", "department", "name", "pages", "mono", "color", "target", "remaining", "ratio"),
    *("forecast", "forecast_low", "forecast_high", "last_year", "estimated"),
    *("places", "places_read", "elapsed", "unread"),
    *("pace", "allowed_pace", "cut", "advice", "target_basis"),
    *("cost_yen", "paper_yen", "hours", "co2_g"),
    *("final", "revision"),
    *("low", "high", "in_question", "measured_since", "completeness"),
)
"""What CSV had before the names of JSON were added behind."""

_SHOWN = (
    *(
        "department",
        "pages",
        "excluded",
        "pages_without",
        "sheets_used",
        "mono",
        "color",
        "target",
        "remaining",
        "ratio",
        "forecast",
    ),
    *("pace", "allowed_pace", "cut", "last_year", "read", "estimated", "cost_yen", "duplex_share"),
    *("pages_per_head", "sheets_per_head", "rank"),
)
_SPARE = (
    *(
        "duplex_share",
        "pages_per_head",
        "color",
        "mono",
        "estimated",
        "cost_yen",
        "last_year",
        "allowed_pace",
        "pace",
        "cut",
        "excluded",
        "remaining",
        "forecast",
    ),
)

_TOLD = (Bearing.CLOSE, Bearing.CUT, Bearing.LAST_PAGES, Bearing.OVER)
_PUZZLING = (
    *(TargetSource.BASE_UNKNOWN, TargetSource.YEAR_UNKNOWN, TargetSource.PART_MISSING),
    *(TargetSource.UNITS_DIFFER, TargetSource.SHEETS_UNKNOWN),
)


def months_table(
    months: Sequence[DepartmentMonth], words: CommandWords, office: DepartmentMonth | None = None
) -> Table[DepartmentMonth]:
    """Return `months` of one period, the `office` as the last line, and what is to be told."""
    columns = month_columns(words)
    name = label(months[0].period) if months else ""
    total = None
    if office is not None and len(months) > 1:
        total = total_of(columns, office, department=words("total"))
    return Table(
        "months",
        columns,
        months,
        title=words("month_title", month=name),
        total=total,
        notes=tuple(_told(months, office, words)),
        shown=_shown(months),
        csv=_CSV,
        spare=_SPARE,
    )


def _shown(months: Sequence[DepartmentMonth]) -> tuple[str, ...]:
    """Return what readers see: with and without what is excluded, where anything is."""
    if any(one.excluded for one in months):
        return _SHOWN
    return tuple(one for one in _SHOWN if one not in {"excluded", "pages_without"})


def month_columns(words: CommandWords) -> tuple[Column[DepartmentMonth], ...]:
    """Return everything that is stated of a department's month."""
    return (
        *_named_columns(words),
        *_page_columns(words),
        *_course_columns(words),
        *_footprint_columns(words),
        Column("final", lambda one: one.final),
        Column("revision", lambda one: one.revision),
        *_known_columns(),
        Column("level", lambda one: one.level),
        Column("parent", lambda one: one.parent),
        Column("own_pages", lambda one: one.own),
        *excluded_columns(words),
        *paper_columns(words),
    )


def _named_columns(words: CommandWords) -> tuple[Column[DepartmentMonth], ...]:
    return (
        Column("month", lambda one: one.period.name),
        Column("from", lambda one: one.period.start.isoformat()),
        Column("to", lambda one: one.period.end.isoformat()),
        Column(
            "department",
            lambda one: one.department.id,
            words("department"),
            _TEXT,
            shown=lambda one: indented(one, words),
        ),
        Column("name", lambda one: one.department.name),
        Column("name_en", lambda one: one.department.name_en),
    )


def _page_columns(words: CommandWords) -> tuple[Column[DepartmentMonth], ...]:
    return (
        Column("pages", lambda one: one.pages, words("pages")),
        _colour("mono", TOTAL_MONO, words),
        _colour("color", TOTAL_COLOR, words),
        Column("meters", _meters),
        Column(
            "target",
            lambda one: one.target,
            words("target"),
            shown=lambda one: in_unit(one, one.target, words),
        ),
        Column(
            "remaining",
            lambda one: one.remaining,
            words("remaining"),
            shown=lambda one: in_unit(one, one.remaining, words),
        ),
        _ratio_column(lambda one: one.ratio, words),
        *_forecast_columns(words),
        Column("last_year", lambda one: one.last_year, words("last_year")),
        Column("estimated", lambda one: one.estimated, words("estimated")),
        Column("places", lambda one: one.places),
        Column("places_read", lambda one: one.places_read),
        Column("read", None, words("read"), shown=lambda one: f"{one.places_read}/{one.places}"),
        Column("places_missing", lambda one: list(one.missing)),
        Column("elapsed", lambda one: round(one.elapsed, 4)),
        Column("unread", lambda one: one.unread and round(one.unread.expected)),
        Column("unread_high", lambda one: one.unread and round(one.unread.high)),
    )


def _colour(key: str, meter: Meter, words: CommandWords) -> Column[DepartmentMonth]:
    def shown(one: DepartmentMonth) -> str | None:
        return at_least(one.pages, one.meters, meter)

    return Column(key, lambda one: one.meters.get(meter), words(key), shown=shown)


def _meters(month: DepartmentMonth) -> Mapping[Meter, int]:
    return {name: month.meters[name] for name in METERS if name in month.meters}


def _ratio_column(ratio: Callable[[Item], float | None], words: CommandWords) -> Column[Item]:
    return Column("ratio", lambda one: _rounded(ratio(one), 4), words("ratio"), _SHARE, shown=ratio)


def _forecast_columns(words: CommandWords) -> tuple[Column[DepartmentMonth], ...]:
    return (
        Column(
            "forecast",
            lambda one: one.forecast and round(one.forecast.expected),
            words("forecast"),
            shown=lambda one: in_unit(one, with_margin(one.forecast), words),
        ),
        Column("forecast_low", lambda one: one.forecast and round(one.forecast.low)),
        Column("forecast_high", lambda one: one.forecast and round(one.forecast.high)),
    )


def _course_columns(words: CommandWords) -> tuple[Column[DepartmentMonth], ...]:
    """Return how the month stands to its target, and what the target rests on."""
    return (
        Column(
            "pace",
            lambda one: one.course and _rounded(one.course.pace, 1),
            words("pace"),
            shown=lambda one: None if one.course is None else whole(one.course.pace),
        ),
        Column(
            "allowed_pace",
            lambda one: one.course and _rounded(one.course.allowed, 1),
            words("allowed"),
            shown=lambda one: None if one.course is None else whole(one.course.allowed),
        ),
        Column("bearing", lambda one: one.course and one.course.bearing.value),
        Column(
            "standing",
            lambda one: one.standing.value,
            words("state"),
            _TEXT,
            shown=lambda one: words(f"standing.{one.standing.value}"),
        ),
        Column(
            "cut",
            lambda one: one.course and one.course.cut,
            words("cut"),
            shown=lambda one: cut(one.course),
        ),
        Column("advice", lambda one: one.course and bring_back(one.course, japanese=True)),
        Column("advice_en", lambda one: one.course and bring_back(one.course, japanese=False)),
        Column("target_source", lambda one: one.basis.source.value),
        Column("target_basis", lambda one: target_text(one.basis, japanese=True)),
        Column("target_basis_en", lambda one: target_text(one.basis, japanese=False)),
    )


def _footprint_columns(words: CommandWords) -> tuple[Column[DepartmentMonth], ...]:
    return (
        Column("cost_yen", lambda one: _amount(one.footprint.cost), words("cost")),
        Column("paper_yen", lambda one: _amount(one.footprint.paper_cost)),
        Column("hours", lambda one: _amount(one.footprint.hours, 2)),
        Column("co2_g", lambda one: _amount(one.footprint.co2_g)),
        Column("cost_lacks", lambda one: _lacks(one.footprint.cost)),
    )


def _known_columns() -> tuple[Column[DepartmentMonth], ...]:
    """Return how far the pages may be off, what is in question, and since when they are known."""
    return (
        Column("low", lambda one: one.low),
        Column("high", lambda one: one.high),
        Column("in_question", lambda one: one.known.in_question),
        Column("places_estimated", lambda one: list(one.known.estimated)),
        Column("measured_since", lambda one: one.since and one.since.isoformat()),
        Column(
            "colours_since",
            lambda one: {key: day.isoformat() for key, day in one.colours_since.items()},
        ),
        Column("completeness", lambda one: known_text(one, japanese=True)),
        Column("completeness_en", lambda one: known_text(one, japanese=False)),
    )


def _lacks(cost: Figure) -> str | None:
    return gaps_text(cost.gaps, japanese=False) if cost.gaps else None


def _amount(figure: Figure, digits: int = 0) -> int | float | None:
    amount = figure.rounded(digits)
    if amount is None:
        return None
    return float(amount) if digits else int(amount)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _told(
    months: Sequence[DepartmentMonth], office: DepartmentMonth | None, words: CommandWords
) -> Iterator[str]:
    """Yield what is said below the table: of departments, of the closing, of silent places."""
    below = [] if office is None or len(months) == 1 else [office]
    yield from notes([*months, *(one for one in below if is_open(one))], words)
    lacks = {gap.lack for one in months for gap in one.footprint.cost.gaps}
    yield from (words("explain_code", code=one.value) for one in sorted(lacks))
    for one in [office] if office is not None else months[:1]:
        if one.sheets.paper is not None and one.sheets.rules:
            yield paper_text(one.sheets, japanese=words.is_japanese)
    missing = sorted({place for one in months for place in one.missing})
    if months and months[0].final:
        key = "closed_as_estimated" if missing else "closed_as"
        facts = {"month": months[0].period.name, "revision": months[0].revision}
        yield words(key, names=words("list.between").join(missing), **facts)
    elif missing:
        unread = unread_text([office] if office is not None else months)
        yield phrase("not_read_lately", places=listed(missing), unread=unread)


def notes(months: Sequence[DepartmentMonth], words: CommandWords) -> Iterator[str]:
    """Yield a sentence on every department that needs one.

    What would bring it back, how far its figure may be off or since when it is measured, and what
    lacks for a target or a sum of money.
    """
    japanese = words.is_japanese
    for one in months:
        name = department_name(one.department, words)
        if one.course is not None and one.course.bearing in _TOLD:
            yield f"{name}: {bring_back(one.course, japanese=japanese)}"
        if is_open(one):
            yield f"{name}: {known_text(one, japanese=japanese)}"
        if one.colours_since:
            yield f"{name}: {colours_text(one.colours_since, japanese=japanese)}"
        if one.excluded and one.target is not None:
            key = "target_with_excluded" if one.basis.with_excluded else "target_without_excluded"
            yield f"{name}: {words(key, excluded=one.excluded, without=one.without)}"
        if one.basis.source in _PUZZLING:
            yield f"{name}: {target_text(one.basis, japanese=japanese)}"
        if one.footprint.cost.gaps:
            yield f"{name}: {gaps_text(one.footprint.cost.gaps, japanese=japanese)}"


def is_open(month: DepartmentMonth) -> bool:
    """Say whether the figure may be off, is not of a whole month, or has pages in question."""
    return bool(month.known.margin or month.known.in_question or month.since)


def department_name(department: Department, words: CommandWords) -> str:
    """Return the department's name in the language of `words`, where it has one."""
    if words.is_japanese:
        return department.name
    return department.name_en or department.name


def indented(month: DepartmentMonth, words: CommandWords) -> str:
    """Return the department's name, further to the right the deeper in the tree it stands."""
    return INDENT * ((month.level or 1) - 1) + department_name(month.department, words)


def with_margin(ends: Forecast | None) -> str:
    """Return a forecast with half the width of its range, or a dash."""
    if ends is None:
        return ABSENT
    margin = (ends.high - ends.low) / 2
    return f"{ends.expected:,.0f}" + (f" ±{margin:,.0f}" if round(margin) else "")


def cut(heading: Course | None) -> str:
    """Return how many fewer a working day keep the target; "×" where that is not to be had."""
    if heading is None:
        return ABSENT
    if heading.cut is not None:
        return f"-{heading.cut:,}"
    return "×" if heading.bearing in {Bearing.LAST_PAGES, Bearing.OVER, Bearing.MISSED} else "0"


def unread_text(months: Sequence[DepartmentMonth]) -> str:
    """Return what is probably missing from the total, empty where nothing is known."""
    guesses = [one.unread for one in months if one.unread is not None]
    if not guesses:
        return ""
    expected = sum(one.expected for one in guesses)
    margin = sum((one.high - one.expected) ** 2 for one in guesses) ** 0.5
    return phrase("unread_margin", expected=expected, margin=margin)


def whole(value: float | None) -> str | None:
    """Return a pace in whole pages."""
    return None if value is None else f"{value:,.0f}"


def at_least(pages: int, meters: Mapping[Meter, int], meter: Meter) -> str | None:
    """Return mono or colour; "≥" where some machines do not tell colours apart."""
    value = meters.get(meter)
    sign = "" if meters.get(TOTAL_MONO, 0) + meters.get(TOTAL_COLOR, 0) >= pages else "≥"
    return None if value is None else f"{sign}{value:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthOptions(ConfigOptions):
    """What the command line asks for."""

    month_name: str | None
    department: str | None
    only_office: bool
    level: int | None
    year: bool
    form: str


@click.command()
@month_argument
@click.option("--department", "-d", help="Only this department (its id or name).")
@click.option("--office", "only_office", is_flag=True, help="Only the whole office, as one line.")
@on_level
@click.option("--year", "year", is_flag=True, help="The fiscal year up to and with MONTH.")
@formatted
@configured
@into(MonthOptions)
def month(options: MonthOptions) -> int:
    """Show the pages of each department in MONTH (like 2026-11; default: the running month).

    Pages are impressions (面): one printed side each. Departments that have parts are stated with
    all of them, and followed by them.
    """
    department = options.department
    if options.only_office and department is not None:
        raise click.UsageError(phrase("office_or_department"))
    loaded = options.load()
    stated, units = asyncio.run(_state(loaded, options.month_name, options.level))
    rows: tuple[DepartmentMonth, ...] = (stated.office,)
    if not options.only_office:
        rows = named(stated.departments, department)
    office = None if options.only_office or department is not None else stated.office
    words = CommandWords(loaded.settings.office.language)
    if options.year:
        result_tables(options.form, year_table(rows, office, words))
    else:
        result_tables(options.form, months_table(rows, words, office))
        if options.form == "table":
            show_units(units, words)
    return Exit.OK


def named(
    months: tuple[DepartmentMonth, ...], department: str | None
) -> tuple[DepartmentMonth, ...]:
    """Return those of `months` that `department` (an id or name) means; all where it is None."""
    if department is None:
        return months
    return of_department(months, department)


async def _state(
    loaded: "Loaded", month_name: str | None, level: int | None
) -> tuple[OfficeMonth, Mapping[PlaceId, Unit]]:
    """Return the month, and the places whose total counts something else than printed sides."""
    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, context):
        period = named_period(context.office, month_name, now)
        await refuse_unknown(ledger, context.office, period, now)
        units = {
            one.place: one.last.answer.unit_of(TOTAL)
            for one in await ledger.states()
            if one.last is not None and TOTAL in one.last.answer.meters
        }
        odd = {place: unit for place, unit in units.items() if unit is not Unit.IMPRESSIONS}
        return await Months(ledger, context.on_level(level), now).came_to(period), odd


def show_units(units: Mapping[PlaceId, Unit], words: CommandWords) -> None:
    """Say which places are counted in another unit than printed sides."""
    for place, unit in sorted(units.items()):
        say(words(f"counted_in_{unit.value}", place=place))
