"""A closed month as its latest statement has it: the sealed figures, never a recount."""

from collections.abc import Mapping

from collector.domain.accounts import added
from collector.domain.closing import answers, unread_places
from collector.domain.fleet import NOBODY, WHOLE_OFFICE, Department, DepartmentId, Fleet
from collector.domain.meters import TOTAL
from collector.domain.month_facts import SealedMonth
from collector.domain.statement import Statement


def departments_of(statement: Statement, fleet: Fleet) -> tuple[Department, ...]:
    """Return the departments that `statement` names, those of adjustments alone last."""
    lines = [Department(one.department, one.name, one.name_en) for one in statement.departments]
    named = {one.id for one in lines}
    later = [one for one in statement.department_pages() if one not in named]
    known = {one.id: one for one in (*fleet.departments, NOBODY)}
    return (*lines, *(known.get(one, Department(one, one)) for one in sorted(later)))


def sealed_months(statement: Statement) -> Mapping[DepartmentId, SealedMonth]:
    """Return what `statement`, the latest revision of its month, has of everybody in it.

    The whole office is among them. What is still a guess is among the pages and the estimates.
    """
    silent = unread_places(statement)
    targets = {one.department: one.target for one in statement.departments}
    estimated = statement.department_estimated()
    found: dict[DepartmentId, SealedMonth] = {}
    for department, meters in statement.department_pages().items():
        asked = [one for one, spans in statement.answering.items() if answers(spans, department)]
        found[department] = SealedMonth(
            revision=statement.revision,
            meters=meters,
            estimated=estimated.get(department, 0),
            target=targets.get(department),
            asked=tuple(sorted(asked)),
            missing=tuple(sorted(silent.intersection(asked))),
        )
    found[WHOLE_OFFICE] = SealedMonth(
        revision=statement.revision,
        meters=added(one.meters for one in found.values()),
        estimated=sum(one.estimated for one in found.values()),
        asked=tuple(sorted(statement.answering)),
        missing=tuple(sorted(silent.intersection(statement.answering))),
    )
    return found


def pages_by_department(statement: Statement) -> Mapping[DepartmentId, int]:
    """Return the impressions of every department that `statement` names, 0 where it has none."""
    pages = statement.department_pages()
    return {department: one.get(TOTAL, 0) for department, one in pages.items()}
