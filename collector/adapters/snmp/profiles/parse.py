"""What the tables of a profile file mean, as values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from collector.adapters.snmp.client.text import folded
from collector.adapters.snmp.profiles.file_tables import (
    CandidateTable,
    CountedTable,
    CounterTableTable,
    FormTable,
    IdentityTable,
    MatchTable,
    PlaceOfTable,
    ProfileFile,
    RowTable,
    SentinelTable,
    SumTable,
)
from collector.adapters.snmp.profiles.numbers import Form, NumberKind
from collector.adapters.snmp.profiles.value_types import Wanted, is_part
from collector.adapters.snmp.profiles.values import (
    DERIVED,
    Alternatives,
    Brand,
    Check,
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
    Profile,
    RecordSource,
    RowColumn,
    RowName,
    Rule,
    Said,
    Scalar,
    Source,
    Template,
    TextSource,
)
from collector.domain.meters import Meter
from collector.user_files.lines import FilePath
from collector.user_files.toml_file import FilePlace, TomlFile

_T = TypeVar("_T")
_DEFAULT_TOLERANCE: Final = 20


def profile_of(tables: ProfileFile, file: TomlFile, *, own: bool) -> Profile:
    """Return the profile as far as the file itself states it; what was refused is left out."""
    reader = _Reader(tables, file)
    return Profile(
        id=tables.id or "",
        rules=tuple(reader.rules()),
        priority=tables.priority,
        identity=_identity(tables.identity),
        parts=_parts(tables),
        sources=_sources(tables),
        meters=reader.alternatives("meters"),
        choices=reader.choices(),
        derived={
            name: tuple(replace(one, text=DERIVED + one.text) for one in alternatives)
            for name, alternatives in reader.alternatives("derived").items()
        },
        checks=tuple(_checks(tables)),
        sheets_are_impressions=bool(tables.sheets_are_impressions),
        models=_models(tables),
        life_family=frozenset(tables.life_family or ()),
        rated_ipm=tables.rated_ipm,
        nvram_step=tables.nvram_step,
        wrap=tables.wrap,
        sentinels=frozenset(tables.sentinels or ()),
        proved=_proof(tables),
        about=tables.about or "",
        source=tables.source or "",
        file=file.name,
        own=own,
    )


def _read(tables: Iterable[_T | None] | None) -> Iterator[_T]:
    """Yield the tables of a list that could be read at all."""
    return (one for one in tables or () if one is not None)


# How the machine is recognised and named.


def _rules(table: MatchTable, place: FilePlace) -> Iterator[Rule]:
    rule = Rule(
        descr=table.descr,
        device_id=table.device_id,
        device_descr=table.device_descr,
        model=table.model,
        firmware=table.firmware,
        not_object_ids=table.not_object_id or (),
        not_descr=table.not_descr,
        printer=bool(table.printer),
        signature=table.signature,
        weak=bool(table.weak),
        place=place,
    )
    yield from (replace(rule, object_id=one) for one in table.object_id or (None,))


def _identity(table: IdentityTable | None) -> IdentityRules:
    if table is None:
        return IdentityRules()
    brands = [
        Brand(one.pattern, one.vendor)
        for one in _read(table.brands)
        if one.pattern is not None and one.vendor
    ]
    return IdentityRules(
        vendor=table.vendor,
        brands=tuple(brands),
        serial=_texts(table.serial),
        model=_texts(table.model),
        firmware=_texts(table.firmware),
    )


def _texts(candidates: Iterable[CandidateTable | None] | None) -> tuple[TextSource, ...]:
    found: list[TextSource] = []
    for one in _read(candidates):
        prefixes = tuple(octets for octets in one.strip_prefix or () if octets)
        source = TextSource(text=one.text, pattern=one.pattern, prefixes=prefixes)
        found += [replace(source, oid=oid) for oid in _flat(one.oid) or (None,)]
    return tuple(found)


def _flat(instances: Iterable[tuple[Template, ...]] | None) -> tuple[Template, ...]:
    return tuple(one for either in instances or () for one in either)


def _models(tables: ProfileFile) -> tuple[ModelFact, ...]:
    """Return what is known of some models; sure as the file where nothing else is said."""
    return tuple(
        ModelFact(
            model=one.model,
            words=None if one.model is not None else one.words,
            ipm=one.ipm,
            wrap=one.wrap,
            confidence=one.confidence or tables.confidence or Confidence.HIGH,
            source=one.source or "",
        )
        for one in _read(tables.models)
    )


def _parts(tables: ProfileFile) -> Mapping[str, MachinePart]:
    return {
        name: MachinePart(one.ids or (), one.types or (), one.descr, one.default)
        for name, one in (tables.parts or {}).items()
        if one is not None
    }


def _proof(tables: ProfileFile) -> PanelProof | None:
    proved = tables.proved
    if proved is None or proved.on is None:
        return None
    return PanelProof(proved.on, proved.model, proved.firmware, proved.note)


# Where counters stand.


def _sources(tables: ProfileFile) -> Mapping[str, Source]:
    """Return `scalars`, `tables` and `records` under one set of names."""
    found: dict[str, Source] = {}
    for name, scalar in (tables.scalars or {}).items():
        if scalar is not None:
            found[name] = Scalar(_flat(scalar.oid), _form(scalar, scalar), _counted(scalar))
    for name, table in (tables.tables or {}).items():
        if table is not None:
            found[name] = _table(table)
    for name, record in (tables.records or {}).items():
        if record is not None:
            form = Form(sentinels=frozenset(record.sentinels or ()))
            found[name] = RecordSource(record.oid or (), form, _counted(record))
    return found


def _form(table: FormTable, sentinels: SentinelTable) -> Form:
    return Form(
        kind=table.kind or NumberKind.COUNTER,
        prefixes=tuple(octets for octets in table.prefix or () if octets),
        sentinels=frozenset(sentinels.sentinels or ()),
    )


def _counted(table: CountedTable) -> CounterFacts:
    return CounterFacts(
        unit=table.unit,
        families=frozenset(table.family or ()),
        size=table.size,
        color=table.color,
        weight=table.weight,
        wrap=table.wrap,
        confidence=table.confidence,
        source=table.source,
    )


def _table(table: CounterTableTable) -> CounterTable:
    """Return one table. Without a place it adds rows to the table of that name it includes."""
    return CounterTable(
        candidates=tuple(_columns(one) for one in _read(table.at)),
        rows={
            name: _row(one, table) for name, one in (table.rows or {}).items() if one is not None
        },
        form=_form(table, table),
        counted=_counted(table),
        verify_label=bool(table.verify_label),
        refresh=bool(table.refresh),
        only=_meant(table.only, table),
        never=_meant(table.never, table),
    )


def _columns(table: PlaceOfTable) -> Columns:
    return Columns(
        value=table.value or (),
        code=table.code,
        label=table.label,
        maximum=table.maximum,
        like=table.like or None,
        named={
            name: RowColumn(one.oid, one.arc or ())
            for name, one in (table.columns or {}).items()
            if one is not None
        },
    )


def _row(row: RowTable, table: CounterTableTable) -> RowName:
    where = _meant(row.where, table)
    labels = frozenset(row.label or ())
    return RowName(row.code or (), labels, where, bool(row.sum), _counted(row))


def _meant(wanted: Wanted | None, table: CounterTableTable) -> Conditions:
    """Return conditions in what the columns say, instead of in the words for it."""
    found: dict[str, frozenset[Said]] = {}
    for column, values in (wanted or {}).items():
        words = (table.values or {}).get(column) or {}
        said = [
            one
            for value in values or ()
            for one in (
                (words[value] or ()) if isinstance(value, str) and value in words else (value,)
            )
        ]
        found[column] = frozenset(map(_literal, said))
    return found


def _literal(value: int | str) -> Said:
    if isinstance(value, int):
        return value
    part = is_part(value)
    return folded(value) if part is None else PartName(part)


# Sums, sets of sums, and the checks on them.


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads what must tell its place in the file later."""

    tables: ProfileFile
    file: TomlFile

    def rules(self) -> Iterator[Rule]:
        """Yield the ways to recognise the profile's machines."""
        for place, one in enumerate(self.tables.match or ()):
            if one is not None:
                yield from _rules(one, FilePlace(self.file, ("match", place)))

    def alternatives(self, key: str) -> Mapping[Meter, Alternatives]:
        """Return each meter of `meters` or `derived` with its alternatives in order."""
        stated = self.tables.meters if key == "meters" else self.tables.derived
        return {
            Meter(name): tuple(
                formula
                for place, one in enumerate(sums)
                if one is not None and (formula := self._formula(one, (key, name, place)))
            )
            for name, sums in (stated or {}).items()
            if sums is not None
        }

    def choices(self) -> tuple[tuple[MeterSet, ...], ...]:
        """Return the sets of meters of which the first that resolves whole is taken."""
        return tuple(
            tuple(
                {
                    Meter(name): formula
                    for name, sums in one.items()
                    if sums is not None
                    and (formula := self._formula(sums, ("choose", outer, "sets", inner, name)))
                }
                for inner, one in enumerate(choose.sets or ())
                if one is not None
            )
            for outer, choose in enumerate(self.tables.choose or ())
            if choose is not None
        )

    def _formula(self, table: SumTable, path: FilePath) -> Formula | None:
        if table.of is None:
            return None
        return replace(
            table.of,
            confidence=table.confidence or self.tables.confidence or Confidence.HIGH,
            source=table.source or self.tables.source or "",
            wrap=table.wrap,
            stated=table.confidence is not None,
            place=FilePlace(self.file, path),
        )


def _checks(tables: ProfileFile) -> Iterator[Check]:
    for one in _read(tables.checks):
        parts = tuple(_read(one.parts))
        if one.whole is not None and parts:
            limit = _DEFAULT_TOLERANCE if one.tolerance is None else one.tolerance
            yield Check(one.whole, parts, limit, one.percent, one.note or "")
