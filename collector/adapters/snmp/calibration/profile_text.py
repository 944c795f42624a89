"""Writes a proved profile as a person would: TOML with the figures beside the formulas. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import tomlkit
from tomlkit.items import InlineTable, String, Table

from collector.adapters.snmp.calibration.counters import Added, Counter
from collector.adapters.snmp.calibration.recognition import Recognition
from collector.adapters.snmp.numbers import Form, NumberKind
from collector.adapters.snmp.session import dotted
from collector.domain.identity import DeviceIdentity
from collector.domain.meters import METERS, Meter

_PRIORITY: Final = 100
"""Above every shipped profile's, for machines that do not say their model."""

_HEAD: Final = (
    "Written by copier-fleet calibrate: counters that equal the figures on the panel.",
    "Edit it as you like; profiles are explained in makers/README.md of the package.",
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One meter of the profile: its formula, or `derived` from other meters.

    `source` is None for what the panel showed. `figure` is what stood there.
    """

    of: str
    confidence: str
    derived: bool = False
    source: str | None = None
    figure: int | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that a proved profile states."""

    recognition: Recognition
    family: str
    priority: int
    identity: DeviceIdentity
    on: dt.date
    by: str
    statements: Mapping[Meter, Statement]
    counters: Sequence[Counter] = ()
    worked_out: frozenset[Meter] = frozenset()
    """Meters that the family works out from others; what is stated of them here goes instead."""


def profile_text(draft: Draft) -> str:
    """Return `draft` as a profile file."""
    document = tomlkit.document()
    for line in _HEAD:
        document.add(tomlkit.comment(line))
    name = " ".join(filter(None, (draft.identity.vendor, draft.identity.model))) or "a machine"
    document.add("format", tomlkit.item(1))
    document.add("id", tomlkit.string(draft.recognition.id))
    document.add("about", tomlkit.string(f"{name}, compared with its panel"))
    document.add("source", tomlkit.string(f"compared with the panel on {draft.on} by {draft.by}"))
    document.add("include", tomlkit.item([draft.family]))
    document.add("priority", tomlkit.item(max(_PRIORITY, draft.priority)))
    if any(one.added is not None and one.added.sides for one in draft.counters):
        document.add("sheets_are_impressions", tomlkit.item(True))  # noqa: FBT003 - TOML's true
    match = tomlkit.table()
    for key, text in draft.recognition.rule.items():
        match.add(key, _text(text))
    rules = tomlkit.aot()
    rules.append(match)
    document.add("match", rules)
    document.add("proved", _proved(draft))
    _add_sources(document, draft.counters)
    _add_meters(document, draft)
    return tomlkit.dumps(document)


def _proved(draft: Draft) -> Table:
    table = tomlkit.table()
    table.add("on", tomlkit.item(draft.on))
    for key, text in (("model", draft.identity.model), ("firmware", draft.identity.firmware)):
        if text is not None:
            table.add(key, tomlkit.string(text))
    figures = ", ".join(
        f"{meter} {one.figure}"
        for meter, one in _in_order(draft.statements)
        if one.figure is not None
    )
    table.add("note", tomlkit.string(f"by {draft.by}: {figures}"))
    return table


def _in_order(statements: Mapping[Meter, Statement]) -> list[tuple[Meter, Statement]]:
    return [(meter, statements[meter]) for meter in METERS if meter in statements]


def _add_meters(document: tomlkit.TOMLDocument, draft: Draft) -> None:
    meters, derived = tomlkit.table(), tomlkit.table()
    for meter, one in _in_order(draft.statements):
        table = derived if one.derived else meters
        table.add(meter, _formula(one))
        remark = _remark(one)
        if remark:
            table[meter].comment(remark)
        if one.derived:
            meters.add(meter, tomlkit.item([]))
        elif meter in draft.worked_out:
            derived.add(meter, tomlkit.item([]))
    document.add("meters", meters)
    if derived:
        document.add("derived", derived)


def _remark(one: Statement) -> str:
    figure = f"panel: {one.figure:,}" if one.figure is not None else "as it was read before"
    return "; ".join(filter(None, (figure, one.remark)))


def _formula(one: Statement) -> InlineTable:
    table = tomlkit.inline_table()
    table.append("of", tomlkit.string(one.of))
    table.append("confidence", tomlkit.string(one.confidence))
    if one.source is not None:
        table.append("source", tomlkit.string(one.source))
    return table


def _add_sources(document: tomlkit.TOMLDocument, counters: Iterable[Counter]) -> None:
    kinds: dict[str, dict[str, dict[str, Added]]] = {}
    for counter in counters:
        added = counter.added
        if added is None or added.sides:
            continue
        kind = "tables" if added.row is not None else "records" if counter.term.key else "scalars"
        rows = kinds.setdefault(kind, {}).setdefault(counter.term.source, {})
        rows[counter.term.key or ""] = added
    for kind in ("scalars", "tables", "records"):
        if kind in kinds:
            outer = tomlkit.table(is_super_table=True)
            for name, rows in sorted(kinds[kind].items()):
                outer.add(name, _rows(rows) if kind == "tables" else _alone(rows))
            document.add(kind, outer)


def _alone(rows: Mapping[str, Added]) -> Table:
    added = next(iter(rows.values()))
    table = tomlkit.table()
    table.add("oid", tomlkit.string(dotted(added.oid or ())))
    _add_form(table, added.form)
    return table


def _rows(rows: Mapping[str, Added]) -> Table:
    first = next(iter(rows.values()))
    table = tomlkit.table()
    if first.columns is not None:
        place = tomlkit.inline_table()
        for key, column in (("value", first.columns.value), ("label", first.columns.label)):
            arcs = tuple(arc for arc in column or () if isinstance(arc, int))
            place.append(key, tomlkit.string(dotted(arcs)))
        places = tomlkit.array()
        places.append(place)
        table.add("at", places)
        _add_form(table, first.form)
    inside = tomlkit.table()
    for name, added in sorted(rows.items()):
        row = tomlkit.inline_table()
        if added.code is not None:
            plain = added.code.isdecimal()
            row.append("code", tomlkit.item(int(added.code) if plain else added.code))
        if added.label is not None:
            row.append("label", tomlkit.string(added.label))
        inside.add(name, row)
    table.add("rows", inside)
    return table


def _add_form(table: Table, form: Form) -> None:
    if form.kind is not NumberKind.COUNTER:
        table.add("kind", tomlkit.string(form.kind.value))
    if form.prefixes:
        table.add("prefix", tomlkit.item([one.hex() for one in form.prefixes]))


def _text(text: str) -> String:
    """Return `text` between single quotes where it holds backslashes, as patterns do."""
    is_plain = "\\" not in text or "'" in text
    return tomlkit.string(text, literal=not is_plain)
