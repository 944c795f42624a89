"""The pieces of a profile file, each read from its table."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from collector.adapters.snmp.client.session import Oid, arc_of
from collector.adapters.snmp.client.text import folded
from collector.adapters.snmp.profiles.formula import parsed
from collector.adapters.snmp.profiles.keys import COLUMN, FORMULA
from collector.adapters.snmp.profiles.numbers import Form, NumberKind
from collector.adapters.snmp.profiles.problems import FileSpot, near
from collector.adapters.snmp.profiles.section import ProfileSection
from collector.adapters.snmp.profiles.values import (
    DERIVED,
    Alternatives,
    Brand,
    Check,
    CodeFrom,
    Columns,
    Conditions,
    Confidence,
    CounterFacts,
    CounterTable,
    Formula,
    IdentityRules,
    MachinePart,
    MeterSet,
    ModelFact,
    PanelProof,
    PartName,
    RecordSource,
    RowColumn,
    RowName,
    Rule,
    Said,
    Scalar,
    Size,
    Source,
    Template,
    TextSource,
    Tone,
)
from collector.domain.meters import METERS, Meter, Unit, meter
from collector.user_files.report import quoted

# What a profile file says of a counter besides its place.


_LEAST_WRAP = 10_000
"""A counter that wraps sooner would do so within days: surely a mistake."""


def form(section: ProfileSection) -> Form:
    """Return how the counters of a source are written."""
    return Form(
        kind=section.choice("kind", NumberKind.COUNTER),
        prefixes=section.octets("prefix"),
        sentinels=section.numbers("sentinels"),
    )


def counted(section: ProfileSection) -> CounterFacts:
    """Return what is known of a counter, or of every counter of a table."""
    weight = section.number("weight")
    if weight == 0:
        section.problem("weight", "must be how many times one large page counts, at least 1")
    return CounterFacts(
        unit=section.one_of("unit", Unit),
        families=frozenset(section.texts("family")),
        size=section.one_of("size", Size),
        color=section.one_of("color", Tone),
        weight=weight or None,
        wrap=wrap(section),
        confidence=section.one_of("confidence", Confidence),
        source=section.text("source"),
    )


def wrap(section: ProfileSection) -> int | None:
    """Return the modulus of a counter: the first number that it does not reach."""
    found = section.number("wrap")
    if found is not None and found < _LEAST_WRAP:
        section.problem("wrap", f"must be at least {_LEAST_WRAP}: the modulus, such as 1000000")
    return found


# The tables of a profile file: where they stand, what their columns say, how rows are called.


_PART = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_Words = Mapping[str, Mapping[str, frozenset[Said]]]
"""By column: the profile's words for what it says."""


def table(section: ProfileSection) -> CounterTable:
    """Return one table. Without a place it adds rows to the table of that name it includes."""
    candidates = tuple(_columns(one) for one in section.sections("at"))
    reader = _Conditions(candidates, _words(section))
    return CounterTable(
        candidates=candidates,
        rows={name: _row(one, reader) for name, one in section.named("rows")},
        form=form(section),
        counted=counted(section),
        verify_label=section.flag("verify_label"),
        refresh=section.flag("refresh"),
        only=reader.read(section, "only"),
        never=reader.read(section, "never"),
    )


def _columns(section: ProfileSection) -> Columns:
    code: Template | CodeFrom | None = None
    if section.has("code"):
        text = section.text("code")
        code = CodeFrom(text) if text in set(CodeFrom) else section.template("code")
    like = section.text("like")
    return Columns(
        value=section.template("value") or (),
        code=code,
        label=section.template("label"),
        maximum=section.template("maximum"),
        like=_like(section, like) if like else None,
        named=_named(section.section("columns")),
    )


def _like(section: ProfileSection, text: str) -> tuple[int | None, ...]:
    try:
        return tuple(None if arc == "*" else arc_of(arc) for arc in text.split("."))
    except ValueError:
        section.problem("like", f"{quoted(text)} must be arcs and stars such as *.20.*")
        return ()


def _named(section: ProfileSection) -> Mapping[str, RowColumn]:
    found: dict[str, RowColumn] = {}
    for name, value in section.items().items():
        if isinstance(value, dict):
            found[name] = _joined(section.inside(name, value, COLUMN))
        else:
            found[name] = RowColumn(section.template(name))
    return found


def _joined(section: ProfileSection) -> RowColumn:
    column = RowColumn(section.template("oid"), section.arcs("arc"))
    if column.oid is None and len(column.arcs) > 1:
        section.problem("arc", "must be one arc where no oid of another table is given")
    return column


def _words(section: ProfileSection) -> _Words:
    found: dict[str, dict[str, frozenset[Said]]] = {}
    for column, words in section.named("values"):
        found[column] = {
            word: frozenset(_literal(value) for value in words.values(word))
            for word in words.items()
        }
        for word in words.items():
            if not all(map(_is_said, words.values(word))):
                words.problem(word, "must be what the column says: a number or a label")
    return found


def _is_said(value: object) -> bool:
    """Say whether a column can say `value`: a label without a letter or digit is like any other."""
    if isinstance(value, str):
        return _PART.fullmatch(value) is not None or folded(value) != ""
    return isinstance(value, int) and not isinstance(value, bool)


def _literal(value: object) -> Said:
    if isinstance(value, int):
        return value
    part = _PART.fullmatch(str(value))
    return PartName(part[1]) if part else folded(str(value))


class _Conditions:
    """Reads `{ column = wanted }` in the words of one table."""

    def __init__(self, candidates: tuple[Columns, ...], words: _Words) -> None:
        self._names = sorted({name for one in candidates for name in one.named})
        self._words = words

    def read(self, section: ProfileSection, key: str) -> Conditions:
        inside = section.section(key)
        found: dict[str, frozenset[Said]] = {}
        for name in inside.items():
            if name not in self._names:
                hint = near(name, self._names)
                inside.problem(name, f"no column of this table is called {quoted(name)}{hint}")
            found[name] = frozenset(self._wanted(inside, name))
        return found

    def _wanted(self, section: ProfileSection, name: str) -> Iterator[Said]:
        words = self._words.get(name, {})
        for value in section.values(name):
            if not _is_said(value):
                section.problem(name, f"must be what the column says, not {quoted(value)}")
            elif isinstance(value, str) and value in words:
                yield from words[value]
            elif isinstance(value, str) and words and not _PART.fullmatch(value):
                hint = near(value, words)
                section.problem(name, f"{quoted(value)} is none of the values of {name}{hint}")
            else:
                yield _literal(value)


def _row(section: ProfileSection, reader: _Conditions) -> RowName:
    codes: list[Oid] = []
    for value in section.values("code"):
        is_code = isinstance(value, int | str) and not isinstance(value, bool)
        try:
            codes.append(tuple(arc_of(arc) for arc in (str(value) if is_code else "").split(".")))
        except ValueError:
            section.problem("code", f"must be numbers, not {quoted(value)}")
    labels = frozenset(folded(one) for one in section.texts("label"))
    if "" in labels:
        section.problem("label", "must have a letter or digit: nothing else is compared")
    where = reader.read(section, "where")
    return RowName(tuple(codes), labels, where, section.flag("sum"), counted(section))


_SYMBOL_SETS = (b"\x01\x15", b"\xfd\xe8")
"""HP's private texts begin with the number of a symbol set: 277 (Roman-8) or 65000 (UTF-8)."""


def rules(top: ProfileSection) -> tuple[Rule, ...]:
    """Return the ways to recognise the profile's machines."""
    found = []
    for section in top.sections("match"):
        rule = Rule(
            descr=section.pattern("descr"),
            device_id=section.pattern("device_id"),
            device_descr=section.pattern("device_descr"),
            model=section.pattern("model"),
            firmware=section.pattern("firmware"),
            not_object_ids=section.oids("not_object_id"),
            not_descr=section.pattern("not_descr"),
            printer=section.flag("printer"),
            signature=section.oid("signature"),
            weak=section.flag("weak"),
            place=FileSpot(section.report, section.path),
        )
        object_ids = section.oids("object_id")
        found += [replace(rule, object_id=one) for one in object_ids or (None,)]
    return tuple(found)


def identity(section: ProfileSection) -> IdentityRules:
    """Return how the machine is named."""
    brands: list[Brand] = []
    for one in section.sections("brands"):
        pattern, vendor = one.pattern("pattern"), one.text("vendor")
        if pattern is not None and vendor:
            brands.append(Brand(pattern, vendor))
    return IdentityRules(
        vendor=section.text("vendor"),
        brands=tuple(brands),
        serial=_texts(section, "serial"),
        model=_texts(section, "model"),
        firmware=_texts(section, "firmware"),
    )


def _texts(section: ProfileSection, key: str) -> tuple[TextSource, ...]:
    found: list[TextSource] = []
    for one in section.sections(key):
        source = TextSource(
            text=one.text("text"), pattern=one.pattern("pattern"), prefixes=_prefixes(one)
        )
        oids = one.instances("oid")
        known = ("descr", "device_descr")
        if source.text and source.text not in known and not source.text.startswith("device_id:"):
            one.problem("text", "must be descr, device_descr or device_id:KEY")
        if source.pattern is not None and source.pattern.groups != 1:
            one.problem("pattern", "must have exactly one group, the part to keep")
        found += [replace(source, oid=oid) for oid in oids or (None,)]
    return tuple(found)


def models(top: ProfileSection, confidence: Confidence) -> tuple[ModelFact, ...]:
    """Return what is known of some models; sure as the file where nothing else is said."""
    found: list[ModelFact] = []
    for one in top.sections("models"):
        key = "model" if one.has("model") else "words"
        pattern, ipm, stated = one.pattern(key), one.number("ipm"), wrap(one)
        groups = pattern.groups if pattern is not None else 0
        if groups > 1:
            one.problem(key, "must have at most one group, the speed in impressions a minute")
        elif groups and ipm is not None:
            one.problem("ipm", f"is said twice: {key} has a group that holds the speed")
        elif pattern is not None and not groups and ipm is None and stated is None:
            one.problem(key, "says nothing of its models; add a group that holds the speed, or ipm")
        found.append(
            ModelFact(
                model=pattern if key == "model" else None,
                words=pattern if key == "words" else None,
                ipm=ipm,
                wrap=stated,
                confidence=one.one_of("confidence", Confidence) or confidence,
                source=one.text("source") or "",
            )
        )
    return tuple(found)


def _prefixes(section: ProfileSection) -> tuple[bytes, ...]:
    """Return the octets to drop before a text: `true` stands for HP's symbol sets."""
    return _SYMBOL_SETS if section.is_true("strip_prefix") else section.octets("strip_prefix")


def parts(top: ProfileSection) -> Mapping[str, MachinePart]:
    """Return the parts of the machine that OIDs speak of."""
    found: dict[str, MachinePart] = {}
    for name, section in top.named("parts"):
        found[name] = MachinePart(
            ids=section.oids("ids"),
            types=section.oids("types"),
            descr=section.pattern("descr"),
            default=section.number("default"),
        )
    return found


def sources(top: ProfileSection) -> Mapping[str, Source]:
    """Return where counters stand: `scalars`, `tables` and `records`, under one set of names."""
    found: dict[str, Source] = {}
    for name, section in top.named("scalars"):
        found[name] = Scalar(section.instances("oid"), form(section), counted(section))
    for name, section in top.named("tables"):
        found[name] = table(section)
    for name, section in top.named("records"):
        place = section.template("oid") or ()
        found[name] = RecordSource(place, _record_form(section), counted(section))
    return found


def _record_form(section: ProfileSection) -> Form:
    return Form(sentinels=section.numbers("sentinels"))


def proof(section: ProfileSection) -> PanelProof | None:
    """Return when the counters were compared with a panel, or None."""
    on = section.date("on")
    if on is None:
        return None
    return PanelProof(on, section.text("model"), section.text("firmware"), section.text("note"))


# The meters of a profile file: sums, sets of sums, and the checks on them.


_DEFAULT_TOLERANCE = 20


@dataclass(frozen=True, slots=True)
class FormulaOrigin:
    """Confidence and source of a file's formulas where they do not state their own."""

    confidence: Confidence
    source: str

    @classmethod
    def of(cls, top: ProfileSection) -> "FormulaOrigin":
        """Return the file's own."""
        confidence = top.choice("confidence", Confidence.HIGH)
        return cls(confidence, top.text("source") or "")


def meters(top: ProfileSection, origin: FormulaOrigin) -> Mapping[Meter, Alternatives]:
    """Return each meter with its alternatives in order."""
    return _alternatives(top.section("meters"), origin)


def derived(top: ProfileSection, origin: FormulaOrigin) -> Mapping[Meter, Alternatives]:
    """Return the meters that are worked out from other meters where there is no counter."""
    section = top.section("derived")
    found = _alternatives(section, origin)
    for name, alternatives in found.items():
        for place, formula in enumerate(alternatives):
            if formula.equal:
                section.problem(
                    name, "compares meters; only sums of counters can be compared", place
                )
            # A key shows that a counter is meant, which may be a condition as well.
            conditions = (one for one in (*formula.given, *formula.unless) if one.key is None)
            for term in (*formula.terms, *conditions):
                if term.key is not None or term.source not in METERS:
                    hint = near(term.source, METERS)
                    section.problem(name, f"{term.name!r} is no meter{hint}", place)
                elif term.source == name:
                    section.problem(name, "cannot be worked out from itself", place)
    return {
        name: tuple(replace(one, text=DERIVED + one.text) for one in alternatives)
        for name, alternatives in found.items()
    }


def _alternatives(section: ProfileSection, origin: FormulaOrigin) -> Mapping[Meter, Alternatives]:
    found: dict[Meter, Alternatives] = {}
    for name in section.items():
        known = _meter(section, name)
        formulas = [
            _formula(section, name, value, origin, place)
            for place, value in enumerate(section.values(name))
        ]
        if known is not None:
            found[known] = tuple(one for one in formulas if one is not None)
    return found


def choices(top: ProfileSection, origin: FormulaOrigin) -> tuple[tuple[MeterSet, ...], ...]:
    """Return the sets of meters of which the first that resolves whole is taken."""
    found: list[tuple[MeterSet, ...]] = []
    for section in top.sections("choose"):
        sets = [_set(one, origin) for one in section.sections("sets")]
        if not sets:
            section.problem("sets", "must hold at least one set of meters")
        found.append(tuple(sets))
    return tuple(found)


def _set(section: ProfileSection, origin: FormulaOrigin) -> MeterSet:
    found: dict[Meter, Formula] = {}
    for name, value in section.items().items():
        known = _meter(section, name)
        formula = _formula(section, name, value, origin)
        if known is not None and formula is not None:
            found[known] = formula
    return found


def _meter(section: ProfileSection, name: str) -> Meter | None:
    """Return the meter that the key `name` is."""
    if name not in METERS:
        section.problem(name, f"is no meter{_hint(section, name)}")
        return None
    return meter(name)


def _named_meter(
    section: ProfileSection, key: str, name: str | None, place: int | None = None
) -> Meter | None:
    """Return the meter that stands at `key`."""
    if name is not None and name not in METERS:
        section.problem(key, f"{quoted(name)} is no meter{_hint(section, name)}", place)
        return None
    return meter(name) if name is not None else None


def _hint(section: ProfileSection, name: str) -> str:
    if section.report.is_full:
        return ""
    return near(name, METERS) or "; the list is in collector/domain/meters.py"


def _formula(
    section: ProfileSection,
    name: str,
    value: object,
    origin: FormulaOrigin,
    place: int | None = None,
) -> Formula | None:
    if isinstance(value, str):
        value = {"of": value}
    if not isinstance(value, dict):
        message = f"must be a sum such as 'row[copy] + row[fax]', not {quoted(value)}"
        section.problem(name, message, place)
        return None
    one = section.inside(name, value, FORMULA, place)
    text = one.text("of") or ""
    confidence = one.one_of("confidence", Confidence)
    try:
        said = parsed(text)
    except ValueError as exc:
        section.problem(name, str(exc), place)
        said = Formula(text, ())
    formula = replace(
        said,
        confidence=confidence or origin.confidence,
        source=one.text("source") or origin.source,
        wrap=wrap(one),
        stated=confidence is not None,
        place=FileSpot(section.report, section.at(name, place)),
    )
    return formula if said.terms else None


def checks(top: ProfileSection) -> tuple[Check, ...]:
    """Return the cross-foot rules."""
    found: list[Check] = []
    for section in top.sections("checks"):
        whole = _named_meter(section, "whole", section.text("whole"))
        named = [
            _named_meter(section, "parts", name, place)
            for place, name in enumerate(section.texts("parts"))
        ]
        known = tuple(one for one in named if one is not None)
        tolerance = section.number("tolerance")
        percent = section.number("percent")
        if whole is not None and known:
            limit = _DEFAULT_TOLERANCE if tolerance is None else tolerance
            found.append(Check(whole, known, limit, percent, section.text("note") or ""))
    return tuple(found)
