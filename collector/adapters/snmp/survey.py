"""Looks a machine's counters up once, so that formulas can be turned into exact OIDs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from collector.adapters.snmp import wellknown as mib
from collector.adapters.snmp.facts import Facts
from collector.adapters.snmp.life import Life, find_life
from collector.adapters.snmp.numbers import NumberKind, Unreadable, is_counter, is_readable, number
from collector.adapters.snmp.plan import Cell
from collector.adapters.snmp.profile_values import (
    CodeFrom,
    Columns,
    Profile,
    RecordSource,
    RowName,
    Scalar,
    Table,
    Template,
    Term,
)
from collector.adapters.snmp.records import tagged_counters
from collector.adapters.snmp.session import Oid, Session, Value
from collector.adapters.snmp.text import clean, folded

_LEAST_MAXIMUM = 9_999
"""A row's stated largest value below this is no width of a page counter."""


class Missing(Enum):
    """Why a term has no cell."""

    ABSENT = "absent"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Found:
    """The cells of a term; `wrap` is the modulus that the machine itself states.

    Not `readable`: something stands there that is no counter.
    """

    cells: tuple[Cell, ...]
    wrap: int | None = None
    readable: bool = True


@dataclass(frozen=True, slots=True)
class _Row:
    oid: Oid
    value: Value
    code: Oid | None
    label: str | None
    wrap: int | None


@dataclass(slots=True)
class Survey:
    """What one machine answers for one profile. Look-ups are pure once it is loaded."""

    profile: Profile
    facts: Facts
    values: dict[Oid, Value] = field(default_factory=dict)
    tables: dict[str, list[tuple[_Row, ...]]] = field(default_factory=dict)
    life: Life = field(default_factory=Life)

    def filled(self, template: Template) -> Oid | None:
        """Return `template` with this machine's part indexes, or None."""
        return self.facts.filled(template, self.profile.parts)

    def find(self, term: Term) -> Found | Missing:
        """Return the cells of `term`. What is there but unreadable has a cell all the same."""
        source = self.profile.sources.get(term.source)
        if isinstance(source, Scalar):
            return self._scalar(source)
        if isinstance(source, RecordSource):
            return self._record(source, int(term.key or "0", 16))
        if isinstance(source, Table):
            return self._table(term.source, source, term.key or "*")
        return self._life(term.source)

    def _scalar(self, source: Scalar) -> Found | Missing:
        for template in source.oids:
            oid = self.filled(template)
            value = self.values.get(oid) if oid is not None else None
            if oid is not None and is_counter(source.kind, value):
                return Found((Cell(oid, source.kind),), readable=is_readable(source.kind, value))
        return Missing.ABSENT

    def _record(self, source: RecordSource, tag: int) -> Found | Missing:
        oid = self.filled(source.oid)
        if oid is None:
            return Missing.ABSENT
        try:
            counters = tagged_counters(self.values.get(oid))
        except Unreadable:
            return Found((Cell(oid, tag=tag),), readable=False)
        return Missing.ABSENT if counters.get(tag) is None else Found((Cell(oid, tag=tag),))

    def _table(self, name: str, table: Table, key: str) -> Found | Missing:
        missing = Missing.ABSENT
        found: Found | Missing
        for rows in self.tables.get(name, ()):
            if key == "*":
                found = _sum_of(rows, table.kind) if rows else Missing.ABSENT
            else:
                found = _pick(rows, table, table.rows[key])
            if isinstance(found, Found):
                return found
            if found is Missing.AMBIGUOUS:
                missing = found
        return missing

    def _life(self, name: str) -> Found | Missing:
        life = self.life
        if life.several:
            return Missing.AMBIGUOUS
        counted = life.counts(sheets_are_impressions=self.profile.sheets_are_impressions)
        if life.oid is None or counted != name:
            return Missing.ABSENT
        value = self.facts.markers.get(life.oid)
        return Found((Cell(life.oid),), readable=is_readable(NumberKind.COUNTER, value))


def _pick(rows: Sequence[_Row], table: Table, name: RowName) -> Found | Missing:
    for code in name.codes:
        fitting = [row for row in rows if row.code == code and _label_fits(row, table, name)]
        if fitting:
            return _read_as(fitting, table.kind, name)
    fitting = [
        row for row in rows if row.code is None and row.label and folded(row.label) in name.labels
    ]
    return _read_as(fitting, table.kind, name) if fitting else Missing.ABSENT


def _read_as(rows: Sequence[_Row], kind: NumberKind, name: RowName) -> Found | Missing:
    return _sum_of(rows, kind) if name.summed else _one_of(rows, kind)


def _sum_of(rows: Sequence[_Row], kind: NumberKind) -> Found:
    readable = all(is_readable(kind, row.value) for row in rows)
    return Found(tuple(Cell(row.oid, kind) for row in rows), readable=readable)


def _label_fits(row: _Row, table: Table, name: RowName) -> bool:
    if not table.verify_label or row.label is None:
        return True
    return folded(row.label) in name.labels


def _one_of(rows: Sequence[_Row], kind: NumberKind) -> Found | Missing:
    """Return the row meant. Rows of one name with different values are never chosen among."""
    if len({row.value for row in rows}) > 1:
        return Missing.AMBIGUOUS
    first, *others = rows
    cell = Cell(first.oid, kind, twins=tuple(row.oid for row in others))
    return Found((cell,), first.wrap, is_readable(kind, first.value))


async def look(session: Session, profile: Profile, facts: Facts) -> Survey:
    """Ask for everything the formulas of `profile` may need."""
    survey = Survey(profile, facts)
    wanted: list[Oid] = []
    for name, source in profile.sources.items():
        if isinstance(source, Table):
            survey.tables[name] = await _walk_table(session, survey, source)
        else:
            templates = source.oids if isinstance(source, Scalar) else (source.oid,)
            wanted += [oid for oid in map(survey.filled, templates) if oid is not None]
    rules = profile.identity
    for text in (*rules.serial, *rules.model, *rules.firmware):
        oid = survey.filled(text.oid) if text.oid else None
        if oid is not None:
            wanted.append(oid)
    survey.values |= facts.base
    if facts.printer is not None and facts.printer.descr:
        wanted.append((*mib.DEVICE_DESCR, facts.printer.index))
    if wanted:
        survey.values |= await session.get(tuple(dict.fromkeys(wanted)))
    survey.life = await find_life(session, facts)
    return survey


async def _walk_table(session: Session, survey: Survey, table: Table) -> list[tuple[_Row, ...]]:
    """Return the rows of each candidate, the one with the most known rows first."""
    found = [await _walk_columns(session, survey, one, table.kind) for one in table.candidates]

    def known(rows: Sequence[_Row]) -> int:
        return sum(not isinstance(_pick(rows, table, row), Missing) for row in table.rows.values())

    return sorted(found, key=known, reverse=True)


async def _walk_columns(
    session: Session, survey: Survey, columns: Columns, kind: NumberKind
) -> tuple[_Row, ...]:
    base = survey.filled(columns.value)
    if base is None:
        return ()
    values = await session.walk(base)
    if not values:
        return ()
    codes = await _column(session, survey, columns.code)
    labels = await _column(session, survey, columns.label)
    maxima = await _column(session, survey, columns.maximum)
    rows: list[_Row] = []
    for oid, value in values.items():
        index = oid[len(base) :]
        if not _is_like(index, columns.like) or not is_counter(kind, value):
            continue
        label = labels.get(index)
        rows.append(
            _Row(
                oid,
                value,
                _code(columns.code, index, codes.get(index)),
                clean(label) if isinstance(label, bytes) else None,
                _wrap(maxima.get(index)),
            )
        )
    return tuple(rows)


async def _column(
    session: Session, survey: Survey, column: Template | CodeFrom | None
) -> Mapping[Oid, Value]:
    base = survey.filled(column) if isinstance(column, tuple) else None
    if base is None:
        return {}
    return {oid[len(base) :]: value for oid, value in (await session.walk(base)).items()}


def _is_like(index: Oid, like: tuple[int | None, ...] | None) -> bool:
    if like is None:
        return True
    pairs = zip(like, index, strict=False)
    return len(like) == len(index) and all(want is None or want == arc for want, arc in pairs)


def _code(column: Template | CodeFrom | None, index: Oid, cell: Value | None) -> Oid | None:
    if column is CodeFrom.INDEX:
        return index
    if column is CodeFrom.LAST:
        return index[-1:]
    if column is None or cell is None:
        return None
    if isinstance(cell, tuple):
        return cell
    try:
        code = number(NumberKind.TEXT, cell)
    except Unreadable:
        return None
    return (code,) if code else None


def _wrap(cell: Value | None) -> int | None:
    if isinstance(cell, int) and cell >= _LEAST_MAXIMUM:
        return number(NumberKind.COUNTER, cell + 1)
    return None
