"""What a month's figures mean, in one short sentence; rows, sheets and commands say the same."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

from collector.domain.closing.statement import Completeness
from collector.domain.cost.billing import Gap, Lack
from collector.domain.cost.sheets import PaperSum, SheetRule
from collector.domain.counting.ranges import Margin
from collector.domain.month.course import Bearing, Course
from collector.domain.month.department_month import DepartmentMonth
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure, Target, TargetSource
from collector.domain.sentence import Sentence, sentence


def heading(course: Course) -> Sentence:
    """Return where the month is heading, and what would bring it back where something would.

    Like "30日まで1勤務日あたり120面減らす" and "120 impressions fewer per working day until the
    30th".
    """
    return _BEARINGS[course.bearing](course)


def basis(target: Target) -> Sentence:
    """Return what `target` rests on and in what it is, or why there is none."""
    said = _SOURCES[target.source](target)
    if target.pages is None or target.measure not in _IN_UNIT:
        return said
    return sentence(_IN_UNIT[target.measure], basis=said)


def gaps(every: Iterable[Gap]) -> Sentence:
    """Return which places keep a sum of money (or hours, or grams) from being known, and why."""
    by_lack: dict[Lack, list[str]] = {}
    for gap in every:
        by_lack.setdefault(gap.lack, []).append(gap.place)
    parts = (
        sentence("gap", places=tuple(places), lack=sentence(f"lack.{lack.value}"))
        for lack, places in by_lack.items()
    )
    return sentence("gaps", gaps=tuple(parts))


def paper(sheets: PaperSum) -> Sentence:
    """Return what a number of sheets rests on, or which places keep it from being known.

    Like "枚数の根拠: 枚数カウンター 2 台、面数 − 両面枚数 3 台、同種の機器の両面率 1 台".
    """
    unknown = tuple(dict.fromkeys(gap.place for gap in sheets.gaps))
    if unknown:
        named, more = unknown[:_NAMED_PLACES], len(unknown) - _NAMED_PLACES
        where = sentence("paper.and_more", places=named, more=more) if more > 0 else named
        return sentence("paper.unknown", places=where)
    parts = (
        sentence(key, copiers=sheets.rules[rule], sources=sheets.sources)
        for rule, key in _SHEET_RULES.items()
        if rule in sheets.rules
    )
    return sentence("paper.basis", rules=tuple(parts)) if sheets.rules else sentence("paper.none")


def completeness(known: Completeness) -> Sentence:
    """Return how far a total rests on readings, and what is open beside it.

    Like "27 台中 26 台検針、1 台推定（±140 面）、300 面が確認待ち" and "26 of 27 read, 1 estimated
    (±140), 300 in question".
    """
    said = sentence("known.read", read=known.read, places=known.places)
    margin, count = most_off(known.margin), len(known.estimated)
    if count:
        said = sentence("known.estimated", said=said, copiers=count, margin=margin)
    elif known.margin:
        said = sentence("known.margin", said=said, margin=margin)
    if known.in_question:
        said = sentence("known.in_question", said=said, pages=known.in_question)
    return said


def known_of(month: DepartmentMonth) -> Sentence:
    """Return how complete a month is, and since when it is measured where that is within it."""
    said = completeness(month.known)
    if month.since is None:
        return said
    return sentence("known.since", said=said, since=measured_since(month.since))


def most_off(margin: Margin) -> int:
    """Return by how much a number may be off at most, either way."""
    return max(margin.less, margin.more)


def margin_text(margin: Margin) -> str:
    """Return the same as people write it: "±140"."""
    return f"±{most_off(margin):,}"


def measured_since(since: date) -> Sentence:
    """Return from when a month is measured that began before the first reading."""
    return sentence("measured_since", since=since)


def colours(since: Mapping[PlaceId, date]) -> Sentence:
    """Return from when black and colour are known of places that did not tell them before."""
    parts = (sentence("colours.place", place=place, since=day) for place, day in since.items())
    return sentence("colours", places=tuple(parts))


_NAMED_PLACES: Final = 5
"""Places that one sentence names at most."""

_UNITS: Final[Mapping[Measure, str]] = {
    Measure.IMPRESSIONS: "impressions",
    Measure.COLOR: "color_impressions",
    Measure.SHEETS: "sheets_of_paper",
}

_IN_UNIT: Final[Mapping[Measure, str]] = {
    Measure.COLOR: "basis.in_color",
    Measure.SHEETS: "basis.in_sheets",
}

_SHEET_RULES: Final[Mapping[SheetRule, str]] = {
    SheetRule.COUNTED: "paper.counted",
    SheetRule.LESS_DUPLEX_SHEETS: "paper.less_duplex_sheets",
    SheetRule.LESS_DUPLEX_SIDES: "paper.less_duplex_sides",
    SheetRule.STATED_SHARE: "paper.stated_share",
    SheetRule.LIKE_MACHINES: "paper.like_machines",
}


def amount_of(pages: float, measure: Measure = Measure.IMPRESSIONS) -> Sentence:
    """Return so many pages with the unit in which a target counts them."""
    return sentence(_UNITS[measure], count=round(pages))


def _until(course: Course) -> Sentence:
    day, today = course.until, course.today
    if (day.year, day.month) == (today.year, today.month):
        return sentence("until.day", day=day.day)
    return sentence("until.date", date=day)


_BEARINGS: Final[Mapping[Bearing, Callable[[Course], Sentence]]] = {
    Bearing.WITHIN: lambda _: sentence("heading.within"),
    Bearing.CLOSE: lambda one: sentence(
        "heading.close", pages=amount_of(one.over_at_most, one.measure)
    ),
    Bearing.CUT: lambda one: sentence(
        "heading.cut", pages=amount_of(one.cut or 0, one.measure), until=_until(one)
    ),
    Bearing.LAST_PAGES: lambda one: sentence(
        "heading.last_pages", pages=amount_of(one.left, one.measure), until=_until(one)
    ),
    Bearing.OVER: lambda one: sentence("heading.over", pages=amount_of(-one.left, one.measure)),
    Bearing.KEPT: lambda one: sentence("heading.kept", pages=amount_of(abs(one.over), one.measure)),
    Bearing.MISSED: lambda one: sentence("heading.missed", pages=amount_of(one.over, one.measure)),
}


def _under_base(target: Target) -> Sentence:
    pages = amount_of(target.base or 0, target.measure)
    base = (
        sentence("base.of_month", month=target.base_month, pages=pages)
        if target.base_month
        else sentence("base", pages=pages)
    )
    if target.percent is None:
        return sentence("basis.from", base=base)
    return sentence("basis.under", percent=f"{target.percent.normalize():f}", base=base)


_SOURCES: Final[Mapping[TargetSource, Callable[[Target], Sentence]]] = {
    TargetSource.FIGURE: lambda _: sentence("basis.figure"),
    TargetSource.LESS: _under_base,
    TargetSource.PATH: _under_base,
    TargetSource.BUDGET: lambda one: sentence(
        "basis.budget", pages=amount_of(one.budget or 0, one.measure)
    ),
    TargetSource.SUM: lambda _: sentence("basis.sum"),
    TargetSource.NOT_SET: lambda _: sentence("basis.not_set"),
    TargetSource.BASE_UNKNOWN: lambda one: sentence(
        "basis.base_unknown", month=one.base_month or ""
    ),
    TargetSource.PART_MISSING: lambda _: sentence("basis.part_missing"),
    TargetSource.PART_MEASURED: lambda _: sentence("basis.part_measured"),
    TargetSource.UNITS_DIFFER: lambda _: sentence("basis.units_differ"),
    TargetSource.SHEETS_UNKNOWN: lambda _: sentence("basis.sheets_unknown"),
    TargetSource.YEAR_UNKNOWN: lambda _: sentence("basis.year_unknown"),
}
