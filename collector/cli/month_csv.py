"""A month as CSV and as plain values for JSON. Pure: values in, text or values out."""

import csv
import io
from collections.abc import Mapping, Sequence

from collector.domain.footprint import Figure
from collector.domain.meters import METERS, TOTAL_COLOR, TOTAL_MONO
from collector.domain.months import DepartmentMonth
from collector.domain.sentences import bring_back, gaps_text, known_text, target_text

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
