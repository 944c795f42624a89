"""A closed month as its latest statement has it: the sealed figures, never a recount."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from collector.domain.closing.accounts import added
from collector.domain.closing.draw_up import answers, completeness, unread_places
from collector.domain.closing.statement import NOTHING_ASKED, Completeness, Statement
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import NOBODY, WHOLE_OFFICE, Department, DepartmentId, Fleet
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import NOT_SET, Target, TargetSource


@dataclass(frozen=True, slots=True)
class SealedFigures:
    """What a statement says of one department, or of all together, adjustments included.

    What is still a guess is among `meters` and `estimated`. `target` is the sealed one. Of the
    places `asked`, all but `missing` were heard until the closing, or since. `known` says how far
    the figure may be off.
    """

    meters: Mapping[Meter, int] = field(default_factory=dict)
    estimated: int = 0
    target: int | None = None
    asked: tuple[PlaceId, ...] = ()
    missing: tuple[PlaceId, ...] = ()
    known: Completeness = NOTHING_ASKED
    is_office: bool = False

    @property
    def pages(self) -> int:
        """Impressions."""
        return self.meters.get(TOTAL, 0)

    def target_beside(self, now: Target) -> Target:
        """Return the sealed target; with what it rests on `now`, where that is still the same.

        A target that the office has beside those of its departments is not sealed.
        """
        if self.is_office and now.source is not TargetSource.SUM:
            return now
        if now.pages == self.target:
            return now
        source = TargetSource.SUM if self.is_office else TargetSource.FIGURE
        return NOT_SET if self.target is None else Target(self.target, source)


def sealed_figures(statement: Statement, department: DepartmentId) -> SealedFigures:
    """Return the figures of `department`, or of all for `WHOLE_OFFICE`.

    A department that the statement does not name has none. The whole office has a target where
    all departments have one: their sum.
    """
    whole = department == WHOLE_OFFICE
    pages, estimated = statement.department_pages(), statement.department_estimated()
    targets = [one.target for one in statement.departments if whole or one.department == department]
    known = [one for one in targets if one is not None]
    asked = tuple(
        sorted(
            place
            for place, spans in statement.answering.items()
            if whole or answers(spans, department)
        )
    )
    silent = unread_places(statement)
    missing = tuple(place for place in asked if place in silent)
    rests = completeness(statement, department)
    return SealedFigures(
        meters=added(pages.values()) if whole else pages.get(department, {}),
        estimated=sum(estimated.values()) if whole else estimated.get(department, 0),
        target=sum(known) if known and len(known) == len(targets) else None,
        asked=asked,
        missing=missing,
        known=replace(rests, places=len(asked), read=len(asked) - len(missing)),
        is_office=whole,
    )


def departments_of(statement: Statement, fleet: Fleet) -> tuple[Department, ...]:
    """Return the departments that `statement` names, those of adjustments alone last."""
    lines = [Department(one.department, one.name, one.name_en) for one in statement.departments]
    named = {one.id for one in lines}
    later = [one for one in statement.department_pages() if one not in named]
    known = {one.id: one for one in (*fleet.departments, NOBODY)}
    return (*lines, *(known.get(one, Department(one, one)) for one in sorted(later)))


def pages_by_department(statement: Statement) -> Mapping[DepartmentId, int]:
    """Return the impressions of every department that `statement` names, 0 where it has none."""
    pages = statement.department_pages()
    return {department: one.get(TOTAL, 0) for department, one in pages.items()}
