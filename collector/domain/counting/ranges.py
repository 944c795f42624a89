"""How far a month's pages may be off: what stretches over its border, or estimates, leave open.

The pages of a stretch are known as a whole, or within its own range; on which of its days, and so
in which month and for which department, they were printed is not. A month's pages are the sum of
its days' parts, and its margin is what the truth may lie below and above that. The margins of
places add up: nothing is supposed to cancel out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from math import ceil
from typing import Final

from collector.domain.counting.deciding import concerns_since
from collector.domain.counting.entries import Entry, ManualReading, in_force
from collector.domain.counting.findings import Code, Finding
from collector.domain.counting.usage import DayUsage, Stretch
from collector.domain.meters import TOTAL, TOTAL_COLOR, TOTAL_MONO
from collector.domain.office.fleet import (
    UNASSIGNED,
    WHOLE,
    WHOLE_OFFICE,
    DepartmentId,
    Fleet,
    Place,
)
from collector.domain.office.office_calendar import ONE_DAY, Office, Period
from collector.domain.office.shares import PlaceId, apportion


@dataclass(frozen=True, slots=True)
class Margin:
    """The true impressions are at most `less` fewer, and at most `more` more, than those stated."""

    less: int = 0
    more: int = 0

    def __add__(self, other: "Margin") -> "Margin":
        """Return both together."""
        return Margin(self.less + other.less, self.more + other.more)

    def __sub__(self, other: "Margin") -> "Margin":
        """Return what this one has beyond `other`; may be negative."""
        return Margin(self.less - other.less, self.more - other.more)

    def __bool__(self) -> bool:
        """Say whether the impressions are not known exactly."""
        return bool(self.less or self.more)


EXACT: Final = Margin()

Margins = Mapping[PlaceId, Mapping[DepartmentId, Margin]]
"""Place -> department that answers for it, and `WHOLE_OFFICE` for all of it -> margin."""


def all_of(several: Iterable[Margin]) -> Margin:
    """Return the sum."""
    return sum(several, EXACT)


def margins(stretches: Iterable[Stretch], fleet: Fleet, period: Period) -> Margins:
    """Return by how much the pages of `period` may be off, without what is exact.

    A stretch within the period leaves open what lies between its low and its high. One that
    reaches over the period's border may lie inside it with none of its pages, or with all. The
    same holds between departments where another one answers from a day within it on.
    """
    found: dict[PlaceId, dict[DepartmentId, Margin]] = defaultdict(dict)
    for one in stretches:
        place = fleet.place(one.place) or Place(one.place, one.place, "")
        for department, weights in _weights(place, one, period).items():
            margin = _margin(one, weights)
            if margin:
                own = found[one.place]
                own[department] = own.get(department, EXACT) + margin
    return dict(found)


def estimated_parts(
    stretches: Iterable[Stretch], period: Period
) -> Mapping[PlaceId, dict[date, int]]:
    """Return the impressions by place and day of `period` that lie in it by estimate.

    Between its own days nothing is at stake: only stretches over its border and those that are no
    plain difference of counters count.
    """
    found: dict[PlaceId, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for one in stretches:
        inside = {day: pages for day, pages in one.parts.items() if day in period}
        if inside and (len(inside) < len(one.parts) or one.low < one.high):
            for day, pages in inside.items():
                found[one.place][day] += pages
    return found


def _weights(
    place: Place, stretch: Stretch, period: Period
) -> Mapping[DepartmentId, Mapping[date, Fraction]]:
    """Return the share of each of the stretch's days that counts for whom, outside it 0."""
    days = {day: place.shares_on(day) for day in stretch.parts if day in period}
    who = sorted({department for shares in days.values() for department in shares})
    found = {
        one: {
            day: Fraction(days[day].get(one, 0), WHOLE) if day in days else Fraction(0)
            for day in stretch.parts
        }
        for one in who
    }
    return found | {WHOLE_OFFICE: {day: Fraction(day in days) for day in stretch.parts}}


def _margin(stretch: Stretch, weights: Mapping[date, Fraction]) -> Margin:
    stated = sum((pages * weights[day] for day, pages in stretch.parts.items()), Fraction(0))
    low, high = stretch.low * min(weights.values()), stretch.high * max(weights.values())
    return Margin(max(0, ceil(stated - low)), max(0, ceil(high - stated)))


# Since when a month is measured: one that began before the first reading is no whole month.


Begun = dict[PlaceId, date]
"""Place -> local day of its first reading; one that was never read is absent."""


def measured_since(
    places: Iterable[Place], begun: Begun, period: Period, department: DepartmentId
) -> date | None:
    """Return the first day of which any of the department's pages in `period` are known.

    None where that is the whole period: one of its places was read from the day on from which the
    department answers for it; or where none was ever read. `WHOLE_OFFICE` is any department.
    """
    found: list[date] = []
    for place in places:
        asked = _asked(place, period, department)
        first = begun.get(place.id)
        if asked is not None and first is not None:
            if first <= asked:
                return None
            found.append(first)
    return min(found, default=None)


def is_part(since: date | None, period: Period, office: Office) -> bool:
    """Say whether working days of `period` had passed before the first reading.

    Part of a month is not held against a whole month's target: nobody knows what was printed
    before, and the part's own share of the target would only be another guess.
    """
    return since is not None and office.working_days(period.start, since - ONE_DAY) > 0


def colours_since(days: Iterable[DayUsage], period: Period) -> dict[PlaceId, date]:
    """Return the places whose colours are known from a day within `period` on, with that day.

    Before it their machines counted pages and told nobody of which colour: black and colour of the
    month are of its last part only.
    """
    plain: dict[PlaceId, date] = {}
    told: dict[PlaceId, date] = {}
    for one in sorted((one for one in days if one.day in period), key=lambda one: one.day):
        if any(one.pages.get(meter) for meter in (TOTAL_MONO, TOTAL_COLOR)):
            told.setdefault(one.place, one.day)
        elif one.pages.get(TOTAL):
            plain.setdefault(one.place, one.day)
    return {place: day for place, day in told.items() if plain.get(place, day) < day}


def _asked(place: Place, period: Period, department: DepartmentId) -> date | None:
    """Return the first day of `period` on which `department` answers for `place`."""
    starts = [one.start for one in place.assignments if one.start in period]
    for day in (period.start, *starts) if place.stands_on(period.start) else ():
        shares = place.shares_on(day)
        anybody = not place.assignments or UNASSIGNED not in shares
        if department in shares or (department == WHOLE_OFFICE and anybody):
            return day
    return None


def begun_by(heard: Mapping[PlaceId, datetime], entries: Iterable[Entry], office: Office) -> Begun:
    """Return when each place was read first: by the collector, or by a person off its panel."""
    found = {place: office.local_day(at) for place, at in heard.items()}
    for one in in_force(entries):
        if isinstance(one, ManualReading):
            day = office.local_day(one.at)
            found[one.place] = min(day, found.get(one.place, day))
    return found


def part_measured(fleet: Fleet, begun: Begun, period: Period) -> frozenset[DepartmentId]:
    """Return the departments, `WHOLE_OFFICE` among them, of which `period` is no whole month.

    Their pages in it are no base of a target, no last year and no season.
    """
    every, places = (*(one.id for one in fleet.departments), WHOLE_OFFICE), fleet.in_groups.places
    return frozenset(one for one in every if measured_since(places, begun, period, one) is not None)


# Pages in question: what evidence cannot place stands beside a number until a person decides.


@dataclass(frozen=True, slots=True)
class PagesInQuestion:
    """Impressions of `place` that a person has to decide on.

    Where they were printed at all, it was from the local day `first` to `last`. `finding` is the
    id to decide by, `reason` one word for why they are doubted.
    """

    finding: str
    place: PlaceId
    pages: int
    first: date
    last: date
    reason: str = ""


def questions_in(
    waiting: Iterable[Finding], office: Office, period: Period
) -> tuple[PagesInQuestion, ...]:
    """Return the questions among the findings `waiting` for a person that concern `period`.

    One that reaches over the period's border is asked on either side of it.
    """
    found = (_question(one, office) for one in waiting if one.code is Code.PAGES_IN_QUESTION)
    return tuple(one for one in found if one.first <= period.end and period.start <= one.last)


def months_asked(findings: Iterable[Finding], office: Office) -> tuple[str, ...]:
    """Return the names of the months in which `findings` ask a question, or settle one."""
    found: dict[str, None] = {}
    for one in findings:
        if one.code in {Code.PAGES_IN_QUESTION, Code.METER_GLITCH} and one.at is not None:
            asked = _question(one, office)
            found |= dict.fromkeys(month.name for month in office.periods(asked.first, asked.last))
    return tuple(found)


def _question(finding: Finding, office: Office) -> PagesInQuestion:
    facts = finding.evidence
    since = concerns_since(finding)
    until = finding.at or since
    text = facts.get("from")
    begin = datetime.fromisoformat(text) if isinstance(text, str) else since or until
    if begin is None or until is None:
        message = f"finding {finding.id} is a question about no time"
        raise ValueError(message)
    return PagesInQuestion(
        finding=finding.id,
        place=PlaceId(finding.subject),
        pages=int(facts.get("pages") or 0),
        first=office.local_day(min(begin, until)),
        last=office.local_day(until),
        reason=str(facts.get("reason") or ""),
    )


def in_question(
    questions: Iterable[PagesInQuestion], fleet: Fleet, period: Period
) -> Mapping[DepartmentId, int]:
    """Return the impressions in question by who would answer for them, and of `WHOLE_OFFICE`."""
    found: dict[DepartmentId, int] = defaultdict(int)
    for one in questions:
        place = fleet.place(one.place) or Place(one.place, one.place, "")
        day = min(one.last, period.end)
        shares = place.shares_on(day)
        for department, pages in apportion(one.pages, dict(sorted(shares.items()))).items():
            for group in fleet.groups_of(department, day):
                found[group] += pages
        found[WHOLE_OFFICE] += one.pages
    return dict(found)
