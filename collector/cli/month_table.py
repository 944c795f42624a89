"""A month as table, CSV and JSON. Pure: values in, text or cells out."""

import csv
import io
from collections.abc import Sequence

from collector.cli.words import Words
from collector.domain.fleet import Department
from collector.domain.meters import METERS, TOTAL_COLOR, TOTAL_MONO, Meter
from collector.domain.months import DepartmentMonth

NONE = "-"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

CSV_COLUMNS = (
    *("month", "department", "name", "pages", "mono", "color", "target", "remaining", "ratio"),
    *("forecast", "forecast_low", "forecast_high", "last_year", "estimated"),
    *("places", "places_read", "elapsed", "unread", "final", "revision"),
)


def headings(words: Words) -> tuple[str, ...]:
    """Return the table's headings."""
    names = ("department", "pages", "mono", "color", "target", "remaining", "ratio")
    return tuple(words(one) for one in (*names, "forecast", "last_year", "read", "estimated"))


NUMBER_COLUMNS = tuple(range(1, 11))

SPARE_COLUMNS = (3, 2, 10, 8)
"""What a narrow terminal does without: colours, estimated, last year."""


def cells(month: DepartmentMonth, words: Words) -> tuple[str, ...]:
    """Return one department's row; what does not exist is shown as a dash."""
    ends = month.forecast
    margin = None if ends is None else (ends.high - ends.low) / 2
    ahead = NONE
    if ends is not None and margin is not None:
        ahead = f"{ends.expected:,.0f}" + (f" ±{margin:,.0f}" if round(margin) else "")
    return (
        department_name(month.department, words),
        f"{month.pages:,}",
        *_colours(month.pages, month.meters.get(TOTAL_MONO), month.meters.get(TOTAL_COLOR)),
        _count(month.target),
        _count(month.remaining),
        NONE if month.ratio is None else f"{month.ratio:.0%}",
        ahead,
        _count(month.last_year),
        f"{month.places_read}/{month.places}",
        _count(month.estimated),
    )


def total_cells(months: Sequence[DepartmentMonth], words: Words) -> tuple[str, ...]:
    """Return the last row: the office as a whole. Targets add up only where all have one."""
    targets = [one.target for one in months]
    target = sum(one for one in targets if one is not None) if None not in targets else None
    pages = sum(one.pages for one in months)
    last_years = [one.last_year for one in months]
    last_year = sum(y for y in last_years if y is not None) if None not in last_years else None
    ends = [one.forecast.expected for one in months if one.forecast is not None]
    return (
        words("total"),
        f"{pages:,}",
        *_colours(pages, _sum_of(months, TOTAL_MONO), _sum_of(months, TOTAL_COLOR)),
        _count(target),
        _count(None if target is None else target - pages),
        f"{pages / target:.0%}" if target else NONE,
        f"{sum(ends):,.0f}" if ends else NONE,
        _count(last_year),
        _read(months),
        _count(sum(one.estimated for one in months)),
    )


def _read(months: Sequence[DepartmentMonth]) -> str:
    """Return how many of the office's places were read; one shared by departments counts once."""
    asked = {place for one in months for place in one.asked}
    missing = {place for one in months for place in one.missing}
    return f"{len(asked - missing)}/{len(asked)}"


def to_csv(months: Sequence[DepartmentMonth]) -> str:
    """Return the months as CSV with a heading line; absent is an empty cell.

    Texts that a spreadsheet would run as a formula get a leading apostrophe.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    for month in months:
        row = to_dict(month)
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
        "final": month.final,
        "revision": month.revision,
    }


def department_name(department: Department, words: Words) -> str:
    """Return the department's name in the language of `words`, where it has one."""
    if words.is_japanese:
        return department.name
    return department.name_en or department.name


def _count(value: int | None) -> str:
    return NONE if value is None else f"{value:,}"


def _colours(pages: int, mono: int | None, color: int | None) -> tuple[str, str]:
    """Return mono and colour; "≥" where some machines do not tell colours apart."""
    sign = "" if (mono or 0) + (color or 0) >= pages else "≥"
    return _at_least(sign, mono), _at_least(sign, color)


def _at_least(sign: str, value: int | None) -> str:
    return NONE if value is None else f"{sign}{value:,}"


def _sum_of(months: Sequence[DepartmentMonth], meter: Meter) -> int | None:
    found = [one.meters[meter] for one in months if meter in one.meters]
    return sum(found) if found else None


def _guarded(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value


def unread_text(months: Sequence[DepartmentMonth]) -> str:
    """Return what is probably missing from the office's total, empty where nothing is known."""
    guesses = [one.unread for one in months if one.unread is not None]
    if not guesses:
        return ""
    expected = sum(one.expected for one in guesses)
    margin = sum((one.high - one.expected) ** 2 for one in guesses) ** 0.5
    return f"; about {expected:,.0f} ±{margin:,.0f} impressions are not in the total yet"
