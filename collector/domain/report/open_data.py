"""What a town publishes of its copiers as open data: a row for each month and department.

Every page is in one row: a department's row is without its parts. All of it is of statements, so a
closed month is published as it was sealed, to the octet. Nothing of machines, addresses, places or
people is in it.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from collector.domain.closing.draw_up import completeness
from collector.domain.closing.statement import Statement
from collector.domain.cost.sheets import NO_PAPER, PaperSum
from collector.domain.counting.exclusions import EXCLUDED
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.office.office_calendar import Period
from collector.domain.privacy.redaction_table import PERSONAL_SHAPES


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes: the municipality's code and name, and under which licence."""

    code: str
    name: str
    licence: str


@dataclass(frozen=True, slots=True)
class OpenDataRow:
    """What a department, without its parts, answers for in one month, in impressions.

    Of `pages` at least `low` and at most `high` are true; `excluded` of them no department should
    answer for. `sheets` has no figure where none was sealed. `above` is what the department was a
    part of. `revision` is that of the statement, None where the month is not closed.
    """

    period: Period
    department: Department
    above: DepartmentId | None
    pages: int
    low: int
    high: int
    quality: Quality
    excluded: int
    sheets: PaperSum
    revision: int | None

    @property
    def texts(self) -> tuple[str, ...]:
        """Return what people named in it."""
        one = self.department
        return tuple(filter(None, (one.id, one.name, one.name_en, self.above)))


def published(
    statement: Statement, departments: Iterable[Department], *, is_closed: bool
) -> Iterator[OpenDataRow]:
    """Yield what `statement` says of each of its `departments`, adjustments included."""
    pages = statement.department_pages()
    estimated = statement.department_estimated()
    edited = _edited(statement)
    for one in departments:
        meters: Mapping[Meter, int] = pages.get(one.id, {})
        total = meters.get(TOTAL, 0)
        margin = completeness(statement, one.id).margin
        quality = Quality.EDITED if one.id in edited else Quality.MEASURED
        above = statement.above(one.id)
        yield OpenDataRow(
            period=statement.period,
            department=one,
            above=above[0] if above else None,
            pages=total,
            low=max(0, total - margin.less),
            high=total + margin.more,
            quality=Quality.ESTIMATED if estimated.get(one.id) else quality,
            excluded=meters.get(EXCLUDED, 0),
            sheets=(statement.paper_of([one.id]) or NO_PAPER).wider(margin.less, margin.more),
            revision=statement.revision if is_closed else None,
        )


def _edited(statement: Statement) -> frozenset[DepartmentId]:
    """Return who answers for pages that a person corrected."""
    return frozenset(
        name
        for place in statement.places
        if place.quality is Quality.EDITED
        for name, own in place.shares.items()
        if any(own.values())
    )


def is_personal(text: str) -> bool:
    """Say whether something personal seems to stand in `text`: an address, a telephone number."""
    plain = unicodedata.normalize("NFKC", text)
    return any(one.pattern.search(plain) for one in PERSONAL_SHAPES)
