"""Where a month will end, as table, CSV and JSON."""

from collections.abc import Sequence

from collector.cli.month_csv import csv_text, to_dict
from collector.cli.month_table import NONE, count, department_name, paces
from collector.cli.output import result, result_json, result_table
from collector.cli.words import Words
from collector.domain.months import DepartmentMonth
from collector.domain.sentences import bring_back, target_text

_HEADINGS = ("department", "pages", "forecast", "range", "target", "pace", "allowed", "advice")
_NUMBERS = (1, 2, 3, 4, 5, 6)
_SPARE = (6, 5, 1)
_KEYS = (
    *("month", "department", "name", "pages", "forecast", "forecast_low", "forecast_high"),
    *("target", "remaining", "pace", "allowed_pace", "bearing", "cut", "advice", "advice_en"),
    *("target_basis", "target_basis_en", "unread", "elapsed"),
)


def show(
    months: Sequence[DepartmentMonth], office: DepartmentMonth | None, form: str, words: Words
) -> None:
    """Print the forecast of every one of `months`, and that of the `office` last."""
    everybody = [*months, *([office] if office is not None else [])]
    if form == "csv":
        result(csv_text(_KEYS, [to_dict(one) for one in everybody]))
        return
    if form == "json":
        result_json([{key: to_dict(one)[key] for key in _KEYS} for one in everybody])
        return
    name = months[0].period.name if months else ""
    result_table(
        [words(one) for one in _HEADINGS],
        [_cells(one, words) for one in everybody],
        title=words("forecast_title", month=name),
        numbers=_NUMBERS,
        spare=_SPARE,
    )


def _cells(month: DepartmentMonth, words: Words) -> tuple[str, ...]:
    ends, heading = month.forecast, month.course
    advice = target_text(month.basis, japanese=words.is_japanese)
    if heading is not None:
        advice = bring_back(heading, japanese=words.is_japanese)
    return (
        department_name(month.department, words),
        f"{month.pages:,}",
        NONE if ends is None else f"{ends.expected:,.0f}",
        NONE if ends is None else f"{ends.low:,.0f} - {ends.high:,.0f}",
        count(month.target),
        *paces(heading),
        advice,
    )
