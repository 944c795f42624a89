"""`copier-fleet month`: what every department printed in a month, against its target."""

import asyncio
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from collector.adapters.clock import SystemClock
from collector.app.month.months import Months
from collector.cli.options import (
    at_office,
    configured,
    format_option,
    label,
    loaded_from,
    month_argument,
    named_period,
    refuse_no_month,
    refuse_unknown,
)
from collector.cli.output import Exit, result, result_json, result_table, say
from collector.cli.words import CommandWords
from collector.domain.cost.footprint import Figure
from collector.domain.meters import METERS, TOTAL, TOTAL_COLOR, TOTAL_MONO, Unit
from collector.domain.month.course import Bearing, Course
from collector.domain.month.forecast import Forecast
from collector.domain.month.month import DepartmentMonth, OfficeMonth
from collector.domain.month.year_to_date import YearToDate
from collector.domain.office.fleet import Department, Fleet
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import TargetSource
from collector.domain.report.sentences import (
    bring_back,
    colours_text,
    gaps_text,
    known_text,
    target_text,
)
from collector.settings.load import Loaded

# The fiscal year so far, as table, CSV and JSON.


_YEAR_HEADINGS = (
    *("department", "since", "pages", "target", "remaining", "ratio", "year_target", "year_left"),
)
_NUMBERS = (2, 3, 4, 5, 6, 7)
_SPARE = (1, 7, 6)
_COLUMNS = (
    *("fiscal_year", "until", "department", "name", "since", "is_whole", "pages", "target"),
    *("remaining", "ratio", "year_target", "year_remaining"),
)


def show(
    months: Sequence[DepartmentMonth],
    office: DepartmentMonth | None,
    form: str,
    words: CommandWords,
) -> None:
    """Print the fiscal year up to these `months`, that of the `office` below them."""
    rows = [(one, one.year) for one in months if one.year is not None]
    if form == "csv":
        result(csv_text(_COLUMNS, [year_to_dict(*row) for row in rows]))
        return
    if form == "json":
        result_json([year_to_dict(*row) for row in rows])
        return
    shown = [_cells(department_name(one.department, words), year) for one, year in rows]
    if office is not None and office.year is not None and len(months) > 1:
        shown.append(_cells(words("total"), office.year))
    year = rows[0][1] if rows else None
    title = "" if year is None else words("year_title", year=year.year, until=year.until)
    headings = [words(one) for one in _YEAR_HEADINGS]
    result_table(headings, shown, title=title, numbers=_NUMBERS, spare=_SPARE)
    for one, so_far in rows:
        if not so_far.is_whole:
            say(_why(one, so_far, words))


def year_to_dict(month: DepartmentMonth, year: YearToDate) -> dict[str, object]:
    """Return one department's year as plain values for JSON; absent is None."""
    return {
        "fiscal_year": year.year,
        "until": year.until,
        "department": month.department.id,
        "name": month.department.name,
        "name_en": month.department.name_en,
        "since": year.since,
        "is_whole": year.is_whole,
        "pages": year.pages,
        "target": year.target,
        "remaining": year.left,
        "ratio": None if _ratio(year) is None else round(_ratio(year) or 0.0, 4),
        "year_target": year.year_target,
        "year_remaining": year.year_left,
        "months": [
            {
                "month": one.month,
                "pages": one.pages,
                "target": one.target.pages,
                "target_basis": target_text(one.target, japanese=True),
                "target_basis_en": target_text(one.target, japanese=False),
            }
            for one in year.months
        ],
    }


def _cells(name: str, year: YearToDate) -> tuple[str, ...]:
    return (
        name,
        year.since or "-",
        count(year.pages),
        count(year.target),
        count(year.left),
        share(_ratio(year)),
        count(year.year_target),
        count(year.year_left),
    )


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


# A month as CSV and as plain values for JSON. Pure: values in, text or values out.


_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

CSV_COLUMNS = (
    *("month", "department", "name", "pages", "mono", "color", "target", "remaining", "ratio"),
    *("forecast", "forecast_low", "forecast_high", "last_year", "estimated"),
    *("places", "places_read", "elapsed", "unread"),
    *("pace", "allowed_pace", "cut", "advice", "target_basis"),
    *("cost_yen", "paper_yen", "hours", "co2_g"),
    *("final", "revision"),
    *("low", "high", "in_question", "measured_since", "completeness"),
)


def to_csv(months: Sequence[DepartmentMonth]) -> str:
    """Return the months as CSV with a heading line; absent is an empty cell."""
    return csv_text(CSV_COLUMNS, [to_dict(month) for month in months])


def csv_text(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    """Return `rows` as CSV; other keys than `columns` are left out.

    Texts that a spreadsheet would run as a formula get a leading apostrophe.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _guarded(value) for key, value in row.items()})
    return out.getvalue()


def to_dict(month: DepartmentMonth) -> dict[str, object]:
    """Return one department's month as plain values for JSON; absent is None."""
    ends = month.forecast
    return {
        "month": month.period.name,
        "from": month.period.start.isoformat(),
        "to": month.period.end.isoformat(),
        "department": month.department.id,
        "name": month.department.name,
        "name_en": month.department.name_en,
        "pages": month.pages,
        "mono": month.meters.get(TOTAL_MONO),
        "color": month.meters.get(TOTAL_COLOR),
        "meters": {name: month.meters[name] for name in METERS if name in month.meters},
        "target": month.target,
        "remaining": month.remaining,
        "ratio": None if month.ratio is None else round(month.ratio, 4),
        "forecast": None if ends is None else round(ends.expected),
        "forecast_low": None if ends is None else round(ends.low),
        "forecast_high": None if ends is None else round(ends.high),
        "last_year": month.last_year,
        "estimated": month.estimated,
        "places": month.places,
        "places_read": month.places_read,
        "places_missing": list(month.missing),
        "elapsed": round(month.elapsed, 4),
        "unread": None if month.unread is None else round(month.unread.expected),
        "unread_high": None if month.unread is None else round(month.unread.high),
        **_course(month),
        **_footprint(month),
        "final": month.final,
        "revision": month.revision,
        **_known(month),
    }


def _known(month: DepartmentMonth) -> dict[str, object]:
    """Return how far the pages may be off, what is in question, and since when they are known."""
    since = month.since
    return {
        "low": month.low,
        "high": month.high,
        "in_question": month.known.in_question,
        "places_estimated": list(month.known.estimated),
        "measured_since": None if since is None else since.isoformat(),
        "colours_since": {one: day.isoformat() for one, day in month.colours_since.items()},
        "completeness": known_text(month, japanese=True),
        "completeness_en": known_text(month, japanese=False),
    }


def _course(month: DepartmentMonth) -> dict[str, object]:
    """Return how the month stands to its target, and what the target rests on."""
    heading = month.course
    return {
        "pace": None if heading is None else _rounded(heading.pace),
        "allowed_pace": None if heading is None else _rounded(heading.allowed),
        "bearing": None if heading is None else heading.bearing.value,
        "cut": None if heading is None else heading.cut,
        "advice": None if heading is None else bring_back(heading, japanese=True),
        "advice_en": None if heading is None else bring_back(heading, japanese=False),
        "target_source": month.basis.source.value,
        "target_basis": target_text(month.basis, japanese=True),
        "target_basis_en": target_text(month.basis, japanese=False),
    }


def _footprint(month: DepartmentMonth) -> dict[str, object]:
    one = month.footprint
    return {
        "cost_yen": _amount(one.cost),
        "paper_yen": _amount(one.paper_cost),
        "hours": _amount(one.hours, 2),
        "co2_g": _amount(one.co2_g),
        "cost_lacks": gaps_text(one.cost.gaps, japanese=False) if one.cost.gaps else None,
    }


def _amount(figure: Figure, digits: int = 0) -> int | float | None:
    amount = figure.rounded(digits)
    if amount is None:
        return None
    return float(amount) if digits else int(amount)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _guarded(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


# A month as a table. Pure: values in, cells and sentences out.


NONE = "-"
_HEADINGS = (
    *("department", "pages", "mono", "color", "target", "remaining", "ratio", "forecast"),
    *("pace", "allowed", "cut", "last_year", "read", "estimated", "cost"),
)

NUMBER_COLUMNS = tuple(range(1, len(_HEADINGS)))

SPARE_COLUMNS = (3, 2, 13, 14, 11, 9, 8, 10)
"""What a narrow terminal does without: colours, estimated, cost, last year, then the paces."""

_TOLD = (Bearing.CLOSE, Bearing.CUT, Bearing.LAST_PAGES, Bearing.OVER)
_PUZZLING = (TargetSource.BASE_UNKNOWN, TargetSource.YEAR_UNKNOWN, TargetSource.PART_MISSING)


def headings(words: CommandWords) -> tuple[str, ...]:
    """Return the table's headings."""
    return tuple(words(one) for one in _HEADINGS)


def cells(month: DepartmentMonth, words: CommandWords) -> tuple[str, ...]:
    """Return one department's row; what does not exist is shown as a dash."""
    heading = month.course
    return (
        department_name(month.department, words),
        f"{month.pages:,}",
        *_colours(month.pages, month.meters.get(TOTAL_MONO), month.meters.get(TOTAL_COLOR)),
        count(month.target),
        count(month.remaining),
        share(month.ratio),
        with_margin(month.forecast),
        *paces(heading),
        cut(heading),
        count(month.last_year),
        f"{month.places_read}/{month.places}",
        count(month.estimated),
        money(month.footprint.cost),
    )


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


def count(value: int | None) -> str:
    """Return a whole number, or a dash."""
    return NONE if value is None else f"{value:,}"


def share(value: float | None) -> str:
    """Return a share in per cent, or a dash."""
    return NONE if value is None else f"{value:.0%}"


def with_margin(ends: Forecast | None) -> str:
    """Return a forecast with half the width of its range, or a dash."""
    if ends is None:
        return NONE
    margin = (ends.high - ends.low) / 2
    return f"{ends.expected:,.0f}" + (f" ±{margin:,.0f}" if round(margin) else "")


def paces(heading: Course | None) -> tuple[str, str]:
    """Return pages a working day so far, and what is left for each still to come."""
    if heading is None:
        return NONE, NONE
    found = (heading.pace, heading.allowed)
    pace, allowed = (NONE if one is None else f"{one:,.0f}" for one in found)
    return pace, allowed


def cut(heading: Course | None) -> str:
    """Return how many fewer a working day keep the target; "×" where that is not to be had."""
    if heading is None:
        return NONE
    if heading.cut is not None:
        return f"-{heading.cut:,}"
    return "×" if heading.bearing in {Bearing.LAST_PAGES, Bearing.OVER, Bearing.MISSED} else "0"


def money(figure: Figure) -> str:
    """Return whole yen, or a dash where they are not known."""
    yen = figure.rounded()
    return NONE if yen is None else f"{yen:,}"


def unread_text(months: Sequence[DepartmentMonth]) -> str:
    """Return what is probably missing from the total, empty where nothing is known."""
    guesses = [one.unread for one in months if one.unread is not None]
    if not guesses:
        return ""
    expected = sum(one.expected for one in guesses)
    margin = sum((one.high - one.expected) ** 2 for one in guesses) ** 0.5
    return f"; about {expected:,.0f} ±{margin:,.0f} impressions are not in the total yet"


def _colours(pages: int, mono: int | None, color: int | None) -> tuple[str, str]:
    """Return mono and colour; "≥" where some machines do not tell colours apart."""
    sign = "" if (mono or 0) + (color or 0) >= pages else "≥"
    return _at_least(sign, mono), _at_least(sign, color)


def _at_least(sign: str, value: int | None) -> str:
    return NONE if value is None else f"{sign}{value:,}"


@click.command()
@month_argument
@click.option("--department", "-d", help="Only this department (its id or name).")
@click.option("--office", "only_office", is_flag=True, help="Only the whole office, as one line.")
@click.option("--year", "year", is_flag=True, help="The fiscal year up to and with MONTH.")
@format_option
@configured
def month(
    month_name: str | None,
    department: str | None,
    form: str,
    config: Path,
    secrets: tuple[Path, ...],
    *,
    only_office: bool,
    year: bool,
) -> int:
    """Show the pages of each department in MONTH (like 2026-11; default: the running month).

    Pages are impressions (面): one printed side each.
    """
    if only_office and department is not None:
        raise click.UsageError("--office and --department exclude one another; give one of them")
    loaded = loaded_from(config, secrets)
    stated, units = asyncio.run(_state(loaded, month_name))
    rows: tuple[DepartmentMonth, ...] = (stated.office,)
    if not only_office:
        rows = named(stated.departments, department, loaded.fleet)
    office = None if only_office or department is not None else stated.office
    words = CommandWords(loaded.settings.office.language)
    if year:
        show(rows, office, form, words)
    else:
        show_months(rows, form, words, office)
        if form == "table":
            show_units(units, words)
    return Exit.OK


def named(
    months: tuple[DepartmentMonth, ...], department: str | None, fleet: Fleet
) -> tuple[DepartmentMonth, ...]:
    """Return those of `months` that `department` (an id or name) means; all where it is None."""
    if department is None:
        return months
    names = {department, department.casefold()}
    found = tuple(
        one
        for one in months
        if {one.department.id, one.department.name, one.department.name_en or ""} & names
    )
    if not found:
        known = ", ".join(one.id for one in fleet.departments)
        raise click.BadParameter(f"no department {department!r}; known are: {known}")
    return found


async def _state(
    loaded: Loaded, month_name: str | None
) -> tuple[OfficeMonth, Mapping[PlaceId, Unit]]:
    """Return the month, and the places whose total counts something else than printed sides."""
    now = SystemClock().now()
    refuse_no_month(loaded.settings.office.office(frozenset()), month_name)
    async with at_office(loaded, now) as (ledger, context):
        period = named_period(context.office, month_name, now)
        await refuse_unknown(ledger, context.office, period, now)
        units = {
            one.place: one.last.answer.unit_of(TOTAL)
            for one in await ledger.states()
            if one.last is not None and TOTAL in one.last.answer.meters
        }
        odd = {place: unit for place, unit in units.items() if unit is not Unit.IMPRESSIONS}
        return await Months(ledger, context, now).came_to(period), odd


def show_units(units: Mapping[PlaceId, Unit], words: CommandWords) -> None:
    """Say which places are counted in another unit than printed sides."""
    for place, unit in sorted(units.items()):
        say(words(f"counted_in_{unit.value}", place=place))


def show_months(
    months: Sequence[DepartmentMonth],
    form: str,
    words: CommandWords,
    office: DepartmentMonth | None = None,
) -> None:
    """Print `months` of one period as `form` says (table, csv or json), `office` below them."""
    if form == "csv":
        result(to_csv(months))
        return
    if form == "json":
        result_json([to_dict(one) for one in months])
        return
    rows = [cells(one, words) for one in months]
    if office is not None and len(months) > 1:
        rows.append((words("total"), *cells(office, words)[1:]))
    name = label(months[0].period) if months else ""
    result_table(
        headings(words),
        rows,
        title=words("month_title", month=name),
        numbers=NUMBER_COLUMNS,
        spare=SPARE_COLUMNS,
    )
    below = [] if office is None or len(months) == 1 else [office]
    for sentence in notes([*months, *(one for one in below if is_open(one))], words):
        say(sentence)
    missing = sorted({place for one in months for place in one.missing})
    if months and months[0].final:
        key = "closed_as_estimated" if missing else "closed_as"
        say(
            words(
                key,
                month=months[0].period.name,
                revision=months[0].revision,
                names=", ".join(missing),
            )
        )
    elif missing:
        unread = unread_text([office] if office is not None else months)
        say(f"not read lately: {', '.join(missing)}{unread}; see: copier-fleet status")
