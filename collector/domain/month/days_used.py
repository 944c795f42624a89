"""What was used by day, in the measure that a target counts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from collector.domain.cost.sheets import PaperFacts, sheet_days
from collector.domain.counting.departments import DepartmentDay, PlaceShare, in_pieces
from collector.domain.counting.exclusions import EXCLUDED
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import TOTAL
from collector.domain.month.finished import Daily, color_days
from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import Office
from collector.domain.office.targets import Measure


def without_excluded(one: DepartmentDay) -> DepartmentDay:
    """Return a day without what is excluded of it."""
    excluded = one.pages.get(EXCLUDED, 0)
    if not excluded:
        return one
    return replace(one, pages={**one.pages, TOTAL: one.pages.get(TOTAL, 0) - excluded})


def with_earlier(earlier: Mapping[date, int], own: Iterable[DepartmentDay]) -> dict[date, int]:
    """Return a department's impressions by day."""
    daily: dict[date, int] = dict(earlier)
    for one in own:
        daily[one.day] = daily.get(one.day, 0) + one.pages.get(TOTAL, 0)
    return daily


def known_days(
    daily: dict[date, int], anybodys: Sequence[DayUsage], today: date
) -> dict[date, int]:
    """Return a department's impressions by day, from the first day on that anything is known.

    One that has printed nothing so far, or whose pages were all moved to another department, is
    expected to go on so from the first of `anybodys` days: without that its forecast would be
    absent, and one that was published before would stay as it was.
    """
    if anybodys and not any(day < today for day in daily):
        return {min(day.day for day in anybodys): 0} | daily
    return daily


def since_known(daily: Mapping[date, int], printed: Mapping[date, int]) -> dict[date, int]:
    """Return `daily` for the days of `printed` since all that was printed is known in its measure.

    A day on which nothing was printed used nothing.
    """
    unknown = [day for day, pages in printed.items() if pages and day not in daily]
    last = max(unknown, default=date.min)
    return {day: daily.get(day, 0) for day in printed if day > last}


def days_in(
    fleet: Fleet,
    office: Office,
    shares: Sequence[PlaceShare],
    earlier: Mapping[Measure, Daily],
    known: PaperFacts,
) -> Mapping[Measure, Daily]:
    """Return what was used by day in the measures of targets that count no impressions.

    `shares` are days from a closing month's first on, `earlier` what is known of days before.
    """
    measures, found = fleet.measures, dict[Measure, Daily]()
    if Measure.COLOR in measures:
        colors = color_days(shares, fleet)
        found[Measure.COLOR] = _joined(earlier.get(Measure.COLOR, {}), colors)
    if Measure.SHEETS in measures and shares:
        days = [share.day for share in shares]
        periods = list(office.periods(min(days), max(days)))
        sheets = sheet_days(in_pieces(shares, fleet), periods, known, fleet)
        found[Measure.SHEETS] = _joined(earlier.get(Measure.SHEETS, {}), sheets)
    return defaultdict(dict, found)


def _joined(earlier: Daily, later: Daily) -> Daily:
    return {one: {**earlier.get(one, {}), **later.get(one, {})} for one in {*earlier, *later}}
