"""A month as a table. Pure: values in, cells and sentences out."""

from collections.abc import Iterator, Sequence

from collector.cli.words import Words
from collector.domain.course import Bearing, Course
from collector.domain.fleet import Department
from collector.domain.footprint import Figure
from collector.domain.forecast import Forecast
from collector.domain.meters import TOTAL_COLOR, TOTAL_MONO
from collector.domain.months import DepartmentMonth
from collector.domain.sentences import bring_back, gaps_text, known_text, target_text
from collector.domain.targets import Source

NONE = "-"
_HEADINGS = (
    *("department", "pages", "mono", "color", "target", "remaining", "ratio", "forecast"),
    *("pace", "allowed", "cut", "last_year", "read", "estimated", "cost"),
)

NUMBER_COLUMNS = tuple(range(1, len(_HEADINGS)))

SPARE_COLUMNS = (3, 2, 13, 14, 11, 9, 8, 10)
"""What a narrow terminal does without: colours, estimated, cost, last year, then the paces."""

_TOLD = (Bearing.CLOSE, Bearing.CUT, Bearing.LAST_PAGES, Bearing.OVER)
_PUZZLING = (Source.BASE_UNKNOWN, Source.YEAR_UNKNOWN, Source.PART_MISSING)


def headings(words: Words) -> tuple[str, ...]:
    """Return the table's headings."""
    return tuple(words(one) for one in _HEADINGS)


def cells(month: DepartmentMonth, words: Words) -> tuple[str, ...]:
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


def notes(months: Sequence[DepartmentMonth], words: Words) -> Iterator[str]:
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
        if one.basis.source in _PUZZLING:
            yield f"{name}: {target_text(one.basis, japanese=japanese)}"
        if one.footprint.cost.gaps:
            yield f"{name}: {gaps_text(one.footprint.cost.gaps, japanese=japanese)}"


def is_open(month: DepartmentMonth) -> bool:
    """Say whether the figure may be off, is not of a whole month, or has pages in question."""
    return bool(month.known.margin or month.known.in_question or month.since)


def department_name(department: Department, words: Words) -> str:
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
