"""A closed month as its latest statement has it: the sealed figures, never a recount."""

from collections.abc import Mapping
from dataclasses import replace

from collector.domain.closing import answers, unread_places
from collector.domain.fleet import NOBODY, Department, DepartmentId, Fleet
from collector.domain.forecast import Forecast
from collector.domain.meters import TOTAL
from collector.domain.months import DepartmentMonth
from collector.domain.statement import Statement


def departments_of(statement: Statement, fleet: Fleet) -> tuple[Department, ...]:
    """Return the departments that `statement` names, those of adjustments alone last."""
    lines = [Department(one.department, one.name, one.name_en) for one in statement.departments]
    named = {one.id for one in lines}
    later = [one for one in statement.department_pages() if one not in named]
    known = {one.id: one for one in (*fleet.departments, NOBODY)}
    return (*lines, *(known.get(one, Department(one, one)) for one in sorted(later)))


def as_sealed(month: DepartmentMonth, statement: Statement) -> DepartmentMonth:
    """Return `month` of one department with the figures of `statement`, its latest revision.

    A department that the statement does not name has no pages in it. What is still a guess is
    among the pages and among the estimates, and no part of what may be missing.
    """
    department = month.department.id
    meters = statement.department_pages().get(department, {})
    line = next((one for one in statement.departments if one.department == department), None)
    asked = tuple(
        sorted(place for place, spans in statement.answering.items() if answers(spans, department))
    )
    silent = unread_places(statement)
    pages = meters.get(TOTAL, 0)
    return replace(
        month,
        period=statement.period,
        pages=pages,
        meters=dict(meters),
        estimated=statement.department_estimated().get(department, 0),
        target=None if line is None else line.target,
        forecast=Forecast(float(pages), float(pages), float(pages)),
        elapsed=1.0,
        asked=asked,
        missing=tuple(place for place in asked if place in silent),
        unread=None,
        final=True,
        revision=statement.revision,
    )


def pages_by_department(statement: Statement) -> Mapping[DepartmentId, int]:
    """Return the impressions of every department that `statement` names, 0 where it has none."""
    pages = statement.department_pages()
    return {department: one.get(TOTAL, 0) for department, one in pages.items()}
