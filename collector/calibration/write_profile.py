"""Writes a proved profile as a person would: TOML with the figures beside the formulas. Pure."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import tomlkit
from tomlkit.items import InlineTable, String, Table

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, dotted
from collector.adapters.snmp.condition.facts import Facts, enterprise
from collector.adapters.snmp.profiles.numbers import Form, NumberKind
from collector.adapters.snmp.reading.naming import said_names
from collector.calibration.counters import Counter, CounterDetail
from collector.calibration.machine import PROVED, Examined
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.meters import METERS, Meter
from collector.domain.sentence import Sentence, sentence

# How a proved profile knows its machines again: by model, never by serial number. Pure.


_SPECIAL: Final = re.compile(r"([.^$*+?{}\[\]\\|()])")
_NO_ID: Final = re.compile(r"[^a-z0-9]+")
_VERSION: Final = re.compile(r"\s+(?:[vV](?:er)?\.?)?[0-9]+(?:\.[0-9]+)+$")
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Recognition:
    """The id of a profile, its rule as it stands in the file, and what a person should know."""

    id: str
    rule: Mapping[str, str] = field(default_factory=dict)
    note: Sentence | None = None


def recognition(examined: Examined, cells: Iterable[Oid]) -> Recognition:
    """Return how to know the machine's model again; `cells` are counters of it."""
    facts, (model, _) = examined.facts, said_names(examined.survey)
    rule = _evidence(facts)
    note = None
    if model is not None and rule:
        rule["model"] = _pattern(model)
    elif rule:
        note = sentence("calibration.whole_kind")
    else:
        first = next((one for one in cells if one[: len(mib.ENTERPRISES)] == mib.ENTERPRISES), None)
        rule = {"signature": dotted((first or mib.MARKER_LIFE)[:-1])}
        note = sentence("calibration.all_silent")
    return Recognition(_id(examined, model), rule, note)


def _evidence(facts: Facts) -> dict[str, str]:
    """Return the strongest mark: sysObjectID or hrDeviceID, else what the machine calls itself."""
    printer = facts.printer
    number = facts.object_id or (enterprise(printer.id) if printer else None)
    if number is not None:
        return {"object_id": dotted(number)}
    if facts.descr is not None:
        return {"descr": f"^{_escaped(facts.descr.split()[0])}"}
    if facts.device_id is not None:
        return {"device_id": _escaped(facts.device_id[1].partition(";")[0])}
    if printer is not None and printer.descr:
        return {"device_descr": f"^{_escaped(printer.descr)}$"}
    return {}


def _pattern(model: str) -> str:
    """Return a pattern for `model`; a version behind it, as Canon writes one, changes some day."""
    bare = _VERSION.sub("", model)
    return f"^{_escaped(model)}$" if bare in {model, ""} else rf"^{_escaped(bare)}(?:\s|$)"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _id(examined: Examined, model: str | None) -> str:
    identity, family = examined.plan.identity, examined.family.id
    maker = _slug(identity.vendor or "") if family == "generic" else family
    number = dotted(examined.facts.object_id or ())
    named = _slug(identity.model or model or number) or _slug(number) or "unnamed"
    name = named if not maker or named.startswith(f"{maker}-") else f"{maker}-{named}"
    return f"{PROVED}{name}"[:_LONGEST].rstrip("-")


def _slug(text: str) -> str:
    return _NO_ID.sub("-", text.casefold()).strip("-")


_PRIORITY: Final = 100
"""Above every shipped profile's, for machines that do not say their model."""

_HEAD: Final = ("calibration.written", "calibration.edit")


@dataclass(frozen=True, slots=True)
class ProvedMeter:
    """One meter of the profile: its formula, or `derived` from other meters.

    `source` is None for what the panel showed. `figure` is what stood there.
    """

    of: str
    confidence: str
    derived: bool = False
    source: str | None = None
    figure: int | None = None
    remark: Sentence | None = None


@dataclass(frozen=True, slots=True)
class ProvedProfile:
    """Everything that a proved profile states."""

    recognition: Recognition
    family: str
    priority: int
    identity: DeviceIdentity
    on: dt.date
    by: str
    statements: Mapping[Meter, ProvedMeter]
    counters: Sequence[Counter] = ()
    worked_out: frozenset[Meter] = frozenset()
    """Meters that the family works out from others; what is stated of them here goes instead."""


def profile_text(draft: ProvedProfile, say: Callable[[Sentence], str]) -> str:
    """Return `draft` as a profile file; `say` puts into words what it tells people."""
    document = tomlkit.document()
    for key in _HEAD:
        document.add(tomlkit.comment(say(sentence(key))))
    stated = " ".join(filter(None, (draft.identity.vendor, draft.identity.model)))
    name = stated or sentence("calibration.a_machine")
    about = sentence("calibration.about", name=name)
    source = sentence("calibration.source", on=draft.on, by=draft.by)
    document.add("format", tomlkit.item(1))
    document.add("id", tomlkit.string(draft.recognition.id))
    document.add("about", tomlkit.string(say(about)))
    document.add("source", tomlkit.string(say(source)))
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
    document.add("proved", _proved(draft, say))
    _add_sources(document, draft.counters)
    _add_meters(document, draft, say)
    return tomlkit.dumps(document)


def _proved(draft: ProvedProfile, say: Callable[[Sentence], str]) -> Table:
    table = tomlkit.table()
    table.add("on", tomlkit.item(draft.on))
    for key, text in (("model", draft.identity.model), ("firmware", draft.identity.firmware)):
        if text is not None:
            table.add(key, tomlkit.string(text))
    figures = tuple(
        f"{meter} {one.figure}"
        for meter, one in _in_order(draft.statements)
        if one.figure is not None
    )
    note = sentence("calibration.note", by=draft.by, figures=figures)
    table.add("note", tomlkit.string(say(note)))
    return table


def _in_order(statements: Mapping[Meter, ProvedMeter]) -> list[tuple[Meter, ProvedMeter]]:
    return [(meter, statements[meter]) for meter in METERS if meter in statements]


def _add_meters(
    document: tomlkit.TOMLDocument, draft: ProvedProfile, say: Callable[[Sentence], str]
) -> None:
    meters, derived = tomlkit.table(), tomlkit.table()
    for meter, one in _in_order(draft.statements):
        table = derived if one.derived else meters
        table.add(meter, _formula(one))
        table[meter].comment("; ".join(map(say, _remarks(one))))
        if one.derived:
            meters.add(meter, tomlkit.item([]))
        elif meter in draft.worked_out:
            derived.add(meter, tomlkit.item([]))
    document.add("meters", meters)
    if derived:
        document.add("derived", derived)


def _remarks(one: ProvedMeter) -> Iterator[Sentence]:
    if one.figure is None:
        yield sentence("calibration.as_before")
    else:
        yield sentence("calibration.panel", figure=one.figure)
    if one.remark is not None:
        yield one.remark


def _formula(one: ProvedMeter) -> InlineTable:
    table = tomlkit.inline_table()
    table.append("of", tomlkit.string(one.of))
    table.append("confidence", tomlkit.string(one.confidence))
    if one.source is not None:
        table.append("source", tomlkit.string(one.source))
    return table


def _add_sources(document: tomlkit.TOMLDocument, counters: Iterable[Counter]) -> None:
    kinds: dict[str, dict[str, dict[str, CounterDetail]]] = {}
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


def _alone(rows: Mapping[str, CounterDetail]) -> Table:
    added = next(iter(rows.values()))
    table = tomlkit.table()
    table.add("oid", tomlkit.string(dotted(added.oid or ())))
    _add_form(table, added.form)
    return table


def _rows(rows: Mapping[str, CounterDetail]) -> Table:
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
