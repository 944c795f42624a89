"""What a town publishes of its copiers as open data: a row for each month and department.

Every page is in one row: a department's row is without its parts. All of it is of statements, so a
closed month is published as it was sealed, to the octet. Nothing of machines, addresses, places or
people is in it.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from collector.domain.closing.draw_up import completeness
from collector.domain.closing.statement import PlaceLine, Statement
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
    answer for. In the month in which counting began (`is_begun_within`) nobody knows what came
    before: there is no `high`, and no figure at all where nothing was counted. `sheets` has no
    figure where none was sealed. `above` is what the department was a part of. `revision` is that
    of the statement, None where the month is not closed.
    """

    period: Period
    department: Department
    above: DepartmentId | None
    pages: int | None
    low: int | None
    high: int | None
    quality: Quality
    is_begun_within: bool
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
    is_begun_within = not any(map(_is_measured, statement.places))
    for one in departments:
        meters: Mapping[Meter, int] = pages.get(one.id, {})
        total = meters.get(TOTAL, 0)
        is_known = bool(total) or not is_begun_within
        margin = completeness(statement, one.id).margin
        quality = Quality.EDITED if one.id in edited else Quality.MEASURED
        above = statement.above(one.id)
        yield OpenDataRow(
            period=statement.period,
            department=one,
            above=above[0] if above else None,
            pages=total if is_known else None,
            low=max(0, total - margin.less) if is_known else None,
            high=None if is_begun_within else total + margin.more,
            quality=Quality.ESTIMATED if estimated.get(one.id) else quality,
            is_begun_within=is_begun_within,
            excluded=meters.get(EXCLUDED, 0),
            sheets=(statement.paper_of([one.id]) or NO_PAPER).wider(margin.less, margin.more),
            revision=statement.revision if is_closed else None,
        )


def _is_measured(line: PlaceLine) -> bool:
    """Say whether the copier was read at the beginning of the month, and again until its end."""
    opening, closing = line.opening, line.closing
    return opening is not None and closing is not None and opening.at < closing.at


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
