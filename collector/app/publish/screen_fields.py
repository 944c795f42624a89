"""What rows say so that a screen need find out nothing: standings, names, and a month by its days.

A time-series database joins nothing and knows no month; whoever draws a picture of its rows gets
counts of departments, words for a month and the course of its days from here.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from collector.domain.counting.departments import DepartmentDay
from collector.domain.meters import TOTAL, Meter
from collector.domain.month.course import DayReached, Standing, reached
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.month.finished import Daily
from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office, Period
from collector.domain.office.targets import TargetSource
from collector.domain.report.labels import choice, numbered
from collector.domain.rows import Value
from collector.domain.sentence import sentence
from collector.ports import RowWords


def standing_fields(month: DepartmentMonth) -> dict[str, Value]:
    """Return where `month` stands against its target, and what it is compared with."""
    fields: dict[str, Value] = {
        "standing": month.standing.value,
        "urgency": month.standing.urgency,
        "days_left": month.days_left,
    }
    return fields if month.last_month is None else fields | {"last_month": month.last_month}


def name_fields(month: DepartmentMonth, fleet: Fleet, words: RowWords) -> dict[str, Value]:
    """Return what `month` and its department are called on a screen, in both languages.

    The choice of an office's row is its month, that of a department's row the department.
    """
    department, period = month.department, month.period
    listed = [one.id for one in fleet.departments]
    number = listed.index(department.id) + 1 if department.id in listed else None
    said = sentence("row.month", year=period.end.year, month=period.end.month)
    fields: dict[str, Value] = {}
    for ending, name, title in (
        ("", department.name, words.ja(said)),
        ("_en", department.name_en or department.name, words.en(said)),
    ):
        label = numbered(number, name)
        is_office = department.id == WHOLE_OFFICE
        offered = choice(period.name, title) if is_office else choice(department.id, label)
        fields |= {f"title{ending}": title, f"label{ending}": label, f"choice{ending}": offered}
    return fields


def count_fields(month: OfficeMonth) -> dict[str, Value]:
    """Return how many departments stand how; those without a target count among all only.

    A department whose target is the sum of its parts' stands as these do: it is not counted again.
    """
    own = (one for one in month.departments if one.basis.source is not TargetSource.SUM)
    standings = [one.standing for one in own]
    return {
        "departments": len(standings),
        "departments_over": standings.count(Standing.OVER),
        "departments_will_be_over": standings.count(Standing.WILL_BE_OVER),
        "departments_on_course": standings.count(Standing.ON_COURSE),
    }


def place_fields(place: Place, fleet: Fleet) -> dict[str, Value]:
    """Return what `place` is called on a screen, as of when that is said."""
    listed = [one.id for one in fleet.places]
    label = numbered(listed.index(place.id) + 1 if place.id in listed else None, place.name)
    return {"name": place.name, "label": label, "choice": choice(place.id, label)}


def group_fields(department: DepartmentId, day: date, fleet: Fleet) -> dict[str, Value]:
    """Return which departments the pages of `department` count in on `day`, as `|ka|bu|`.

    A tag could not say it: pages would stand twice once a department is a part of another one.
    """
    return {"counted_in": f"|{'|'.join(fleet.groups_of(department, day))}|"}


def day_fields(day: date, period: Period) -> dict[str, Value]:
    """Return which day of which closing month `day` is."""
    return {"period": period.name, "day": f"{day:%m/%d}"}


@dataclass(frozen=True, slots=True)
class MonthByDay:
    """How far each department, and the whole office, was at the end of each day of a month."""

    period: Period
    office: Office
    fleet: Fleet
    stated: OfficeMonth
    before: tuple[Period, Daily]

    def of(self, department: DepartmentId, daily: Mapping[date, int]) -> dict[date, DayReached]:
        """Return the course of `department` by its impressions on each day.

        A target that counts something else is not drawn beside them.
        """
        everybody = (self.stated.office, *self.stated.departments)
        targets = {one.department.id: one.target_in_impressions for one in everybody}
        target = targets.get(department)
        office = self.fleet.office_of(department, self.office, self.period.end)
        then, days = self.before
        known = (then, days[department]) if department in days else None
        return {one.day: one for one in reached(daily, target, office, self.period, known)}


def course_fields(reached: DayReached) -> dict[str, Value]:
    """Return how far a month was at the end of a day."""
    fields: dict[str, Value] = {"so_far": reached.pages, "allowed": reached.allowed}
    return fields if reached.last_year is None else fields | {"last_year_so_far": reached.last_year}


def impressions(days: Iterable[DepartmentDay], department: DepartmentId) -> dict[date, int]:
    """Return a department's impressions by day; of `WHOLE_OFFICE`, everybody's."""
    found: dict[date, int] = {}
    for one in days:
        if department in (WHOLE_OFFICE, one.department):
            found[one.day] = found.get(one.day, 0) + one.pages.get(TOTAL, 0)
    return found


def everybodys(
    own: Collection[DepartmentDay], day: date, zero: Mapping[Meter, int]
) -> DepartmentDay:
    """Return the whole office's `day` from its departments'; of meters of `zero` at least 0."""
    pages = {meter: sum(one.pages.get(meter, 0) for one in own) for meter in zero}
    return DepartmentDay(WHOLE_OFFICE, day, pages, sum(one.estimated for one in own))
