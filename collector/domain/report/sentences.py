"""What a month's figures mean, in one short sentence, in Japanese and English.

The texts stand here and not with the commands because rows, sheets and messages say the same.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

from collector.domain.closing.statement import Completeness
from collector.domain.cost.billing import Gap, Lack
from collector.domain.counting.ranges import Margin
from collector.domain.month.course import Bearing, Course
from collector.domain.month.month import DepartmentMonth
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Target, TargetSource

_ORDINALS: Final = {1: "st", 2: "nd", 3: "rd"}
_TEENS: Final = range(11, 14)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_Both = tuple[str, str]
"""Japanese, English."""


def bring_back(course: Course, *, japanese: bool) -> str:
    """Return where the month is heading, and what would bring it back where something would.

    Like "30日まで1勤務日あたり120面減らす" and "120 impressions fewer per working day until the
    30th".
    """
    return _BEARINGS[course.bearing](course)[0 if japanese else 1]


def target_text(target: Target, *, japanese: bool) -> str:
    """Return what `target` rests on, or why there is none."""
    return _SOURCES[target.source](target)[0 if japanese else 1]


def gaps_text(gaps: Iterable[Gap], *, japanese: bool) -> str:
    """Return which places keep a sum of money (or hours, or grams) from being known, and why."""
    by_lack: dict[Lack, list[str]] = {}
    for gap in gaps:
        by_lack.setdefault(gap.lack, []).append(gap.place)
    parts = []
    for lack, places in by_lack.items():
        ja, en = _LACKS[lack]
        names = ("、" if japanese else ", ").join(places)
        parts.append(f"{names}（{ja}）" if japanese else f"{names} ({en})")
    told = ("、" if japanese else ", ").join(parts)
    return f"金額等を計算できない: {told}" if japanese else f"cannot be worked out: {told}"


def completeness_text(known: Completeness, *, japanese: bool) -> str:
    """Return how far a total rests on readings, and what is open beside it.

    Like "27 台中 26 台検針、1 台推定（±140 面）、300 面が確認待ち" and "26 of 27 read, 1 estimated
    (±140), 300 in question".
    """
    ja = f"{known.places} 台中 {known.read} 台検針"
    en = f"{known.read} of {known.places} read"
    margin, count = known.margin, len(known.estimated)
    if count:
        ja += f"、{count} 台推定（{margin_text(margin)} 面）"
        en += f", {count} estimated ({margin_text(margin)})"
    elif margin:
        ja += f"（{margin_text(margin)} 面）"
        en += f" ({margin_text(margin)})"
    if known.in_question:
        ja += f"、{known.in_question:,} 面が確認待ち"
        en += f", {known.in_question:,} in question"
    return ja if japanese else en


def known_text(month: DepartmentMonth, *, japanese: bool) -> str:
    """Return how complete a month is, and since when it is measured where that is within it."""
    text = completeness_text(month.known, japanese=japanese)
    if month.since is None:
        return text
    return f"{text}{'、' if japanese else ', '}{since_text(month.since, japanese=japanese)}"


def margin_text(margin: Margin) -> str:
    """Return by how much a number may be off at most, either way: "±140"."""
    return f"±{max(margin.less, margin.more):,}"


def since_text(since: date, *, japanese: bool) -> str:
    """Return from when a month is measured that began before the first reading."""
    if japanese:
        return f"{since.month}月{since.day}日から計測"
    return f"measured since {since.day} {_month(since)}"


def colours_text(since: Mapping[PlaceId, date], *, japanese: bool) -> str:
    """Return from when black and colour are known of places that did not tell them before."""
    if japanese:
        days = "、".join(f"{place} は{day.month}月{day.day}日から" for place, day in since.items())
        return f"モノクロ・カラーの内訳: {days}（それより前は合計のみ）"
    days = ", ".join(f"{place} since {day.day} {_month(day)}" for place, day in since.items())
    return f"black and colour are known of {days} (before that, the total only)"


def impressions(pages: float) -> str:
    """Return "1 impression" or "1,200 impressions"."""
    number = f"{pages:,.0f}"
    return f"{number} impression" if number == "1" else f"{number} impressions"


def _until(course: Course) -> _Both:
    day, today = course.until, course.today
    if (day.year, day.month) == (today.year, today.month):
        return f"{day.day}日まで", f"until the {_ordinal(day.day)}"
    return f"{day.month}月{day.day}日まで", f"until {day.day} {_month(day)}"


def _ordinal(number: int) -> str:
    if number in _TEENS:
        return f"{number}th"
    return f"{number}{_ORDINALS.get(number % 10, 'th')}"


def _month(day: date) -> str:
    return _MONTHS[day.month - 1]


def _cut(course: Course) -> _Both:
    until, until_en = _until(course)
    pages = course.cut or 0
    return (
        f"{until}1勤務日あたり{pages:,}面減らす",
        f"{impressions(pages)} fewer per working day {until_en}",
    )


def _last_pages(course: Course) -> _Both:
    until, until_en = _until(course)
    return (
        f"{until}あと{course.left:,}面以内に抑える",
        f"no more than {impressions(course.left)} in all {until_en}",
    )


def _over(course: Course) -> _Both:
    return (
        f"目標をすでに{-course.left:,}面超過。この月は目標内に戻せない",
        f"{impressions(-course.left)} over the target already; nothing brings this month back",
    )


def _close(course: Course) -> _Both:
    over = course.over_at_most
    return (
        f"目標内の見込み。ただし最大{over:,.0f}面超える恐れ",
        f"on course, but may end up to {impressions(over)} over",
    )


def _kept(course: Course) -> _Both:
    left = abs(course.over)
    return f"目標達成（{left:,.0f}面下回る）", f"target kept, {impressions(left)} under it"


def _missed(course: Course) -> _Both:
    over = course.over
    return f"目標を{over:,.0f}面超過", f"target passed by {impressions(over)}"


_BEARINGS: Final[Mapping[Bearing, Callable[[Course], _Both]]] = {
    Bearing.WITHIN: lambda _: ("目標内の見込み", "on course"),
    Bearing.CLOSE: _close,
    Bearing.CUT: _cut,
    Bearing.LAST_PAGES: _last_pages,
    Bearing.OVER: _over,
    Bearing.KEPT: _kept,
    Bearing.MISSED: _missed,
}


def _under_base(target: Target) -> _Both:
    percent = "" if target.percent is None else f"{target.percent.normalize():f}"
    base, month = target.base or 0, target.base_month
    ja = f"{month}の{base:,}面" if month else f"基準の{base:,}面"
    en = f"the {impressions(base)} of {month}" if month else f"the base of {impressions(base)}"
    if not percent:
        return f"{ja}に基づく", f"from {en}"
    return f"{ja}から{percent}%減", f"{percent}% under {en}"


_LACKS: Final[Mapping[Lack, _Both]] = {
    Lack.NO_FACTOR: ("単価・係数の定めがない日がある", "no price or factor for some day"),
    Lack.NO_COLOUR_SPLIT: (
        "モノクロとカラーの内訳が分からない",
        "the machine does not tell mono from colour",
    ),
    Lack.NO_COLOUR_PRICE: ("カラーの単価がない", "no price for colour"),
    Lack.NO_LARGE: ("A3の面数が分からない", "the machine does not count A3 apart"),
    Lack.NO_SHEETS: ("枚数を数えない機器", "the machine does not count sheets"),
}

_SOURCES: Final[Mapping[TargetSource, Callable[[Target], _Both]]] = {
    TargetSource.FIGURE: lambda _: ("定めた値", "as stated"),
    TargetSource.LESS: _under_base,
    TargetSource.PATH: _under_base,
    TargetSource.BUDGET: lambda one: (
        f"年間予算{one.budget or 0:,}面の月割り",
        f"part of the year's budget of {impressions(one.budget or 0)}",
    ),
    TargetSource.SUM: lambda _: ("各部署の目標の合計", "the sum of the departments' targets"),
    TargetSource.NOT_SET: lambda _: ("目標の定めなし", "no target is set"),
    TargetSource.BASE_UNKNOWN: lambda one: (
        f"基準となる{one.base_month}の面数が不明のため目標なし",
        f"no target: the pages of {one.base_month}, which it is measured from, are not known",
    ),
    TargetSource.PART_MISSING: lambda _: (
        "目標のない部署があるため合計の目標なし",
        "no target: some departments have none, so that they do not add up",
    ),
    TargetSource.PART_MEASURED: lambda _: (
        "月の途中からの計測のため目標と比べない",
        "not held against a target: only part of the month was measured",
    ),
    TargetSource.YEAR_UNKNOWN: lambda _: (
        "年度途中からの予算だが、それより前の月に目標がないため目標なし",
        "no target: the budget begins within the year, and months before it have no target",
    ),
}
