"""The counters that a machine's family profile knows, and the rows of its tables that it does not.

Pure: everything was surveyed before.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from collector.adapters.snmp.calibration.counters import Added, Counter, Naming, Place, spoken
from collector.adapters.snmp.numbers import Unreadable
from collector.adapters.snmp.plan import Cell, Plan
from collector.adapters.snmp.profile_review import BUILT_IN, counted_of
from collector.adapters.snmp.profile_sources import RecordSource, RowName, Size, Source, Table
from collector.adapters.snmp.profile_values import Term
from collector.adapters.snmp.records import tagged_counters
from collector.adapters.snmp.rows import Found, Row, pick
from collector.adapters.snmp.session import Oid, dotted
from collector.adapters.snmp.survey import Survey
from collector.adapters.snmp.text import folded

_NO_ROW_NAME = re.compile(r"[^A-Za-z0-9]+")
_LONGEST_NAME = 40
_MOST_ROWS = 512


def known_counters(survey: Survey, plan: Plan) -> tuple[Counter, ...]:
    """Return the profile's own counters, each place once: by the name that `plan` uses of several.

    A sum of rows is a counter too, under its own name.
    """
    used = {term.name for planned in plan.meters for term in planned.terms}
    order = sorted(_own_terms(survey), key=lambda term: term.name not in used)
    found: dict[tuple[bool, frozenset[Place]], Counter] = {}
    for counter in _found(survey, order):
        found.setdefault((counter.added is None, counter.places), counter)
    return tuple(found.values())


def _own_terms(survey: Survey) -> Iterator[Term]:
    yield Term("life")
    yield Term("sheets")
    for name, source in survey.profile.sources.items():
        for key in _keys(survey, name, source):
            yield Term(name, key)


def _keys(survey: Survey, name: str, source: Source) -> Iterable[str | None]:
    if isinstance(source, Table):
        rows = max((len(place) for place in survey.tables.get(name, ())), default=0)
        return (*source.rows, *(["*"] if 1 < rows <= _MOST_ROWS else ()))
    if not isinstance(source, RecordSource):
        return (None,)
    oid = survey.filled(source.oid)
    try:
        return [f"{tag:02x}" for tag in tagged_counters(survey.values.get(oid or ()))]
    except Unreadable:
        return ()


def _found(survey: Survey, terms: Iterable[Term]) -> Iterator[Counter]:
    for term in terms:
        found = survey.find(term)
        if isinstance(found, Found) and found.readable and found.cells:
            yield spoken(_own(survey, term, found))
            if term.source == "sheets":
                # The unit of the life count is wrong on many machines; a panel can show it.
                yield spoken(_sides(found.cells))


def _own(survey: Survey, term: Term, found: Found) -> Counter:
    source = survey.profile.sources.get(term.source)
    known = counted_of(term, survey.profile)
    weight = (known.weight or 1) if known.size is Size.LARGE else 1
    label = _label(survey, term.source, found.cells) if isinstance(source, Table) else None
    return Counter(term, found.cells, Naming.OWN, term.source, known, weight, label)


def _sides(cells: tuple[Cell, ...]) -> Counter:
    known = BUILT_IN["life"]
    return Counter(Term("life"), cells, Naming.OWN, "life", known, added=Added(sides=True))


def _label(survey: Survey, table: str, cells: Sequence[Cell]) -> str | None:
    wanted = {cell.oid for cell in cells}
    rows = (row for place in survey.tables.get(table, ()) for row in place)
    labels = dict.fromkeys(row.label for row in rows if row.oid in wanted and row.label)
    return " ".join(labels) if labels and len(wanted) == 1 else None


def further_rows(survey: Survey) -> Iterator[Counter]:
    """Yield rows of the profile's tables that it has no name for, as far as one would find them."""
    for name, source in survey.profile.sources.items():
        if not isinstance(source, Table):
            continue
        places, taken = survey.tables.get(name, []), set(source.rows)
        for row in (row for place in places for row in place):
            key = _key(row, taken)
            counter = _new_row(survey, Term(name, key), source, row)
            if counter is not None and _is_found(places, source, counter, row.oid):
                taken.add(key)
                yield counter


def _key(row: Row, taken: Collection[str]) -> str:
    name = dotted(row.code) if row.code is not None else slug(row.label or "")
    return f"{name}_{dotted(row.oid[-2:])}" if name in taken else name


def _new_row(survey: Survey, term: Term, table: Table, row: Row) -> Counter | None:
    labels = frozenset(filter(None, [folded(row.label or "")]))
    codes = (row.code,) if row.code is not None else ()
    if not codes and not labels:
        return None
    code = dotted(row.code) if row.code is not None else None
    added = Added(row=RowName(codes, labels), code=code, label=row.label if labels else None)
    known = counted_of(Term(term.source), survey.profile)
    cell = Cell(row.oid, table.form)
    counter = Counter(term, (cell,), Naming.ROW, term.source, known, label=row.label, added=added)
    return spoken(counter)


def slug(label: str) -> str:
    """Return a name for a row called `label`: its letters and digits, `row` where it has none."""
    return _NO_ROW_NAME.sub("_", label).strip("_").lower()[:_LONGEST_NAME] or "row"


def _is_found(places: Sequence[Sequence[Row]], table: Table, counter: Counter, oid: Oid) -> bool:
    """Say whether the profile would find this very row once it is told of it."""
    if counter.added is None or counter.added.row is None:
        return False
    for rows in places:
        found = pick(rows, table, counter.added.row)
        if isinstance(found, Found):
            return found.cells[0].oid == oid
    return False
