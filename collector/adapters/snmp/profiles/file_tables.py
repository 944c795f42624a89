"""The tables of a profile file as models: loader, JSON schema and manual are made from these.

A field is a key, its docstring what the key means. Each table is read as far as it can be meant.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, TypeVar

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue
from pydantic_core import ErrorDetails

from collector.adapters.snmp.profiles.numbers import NumberKind
from collector.adapters.snmp.profiles.value_types import (
    SUM_TEXT,
    TEMPLATE_TEXT,
    Arcs,
    Called,
    CodeColumn,
    Codes,
    ColumnWords,
    Flag,
    Instances,
    Kind,
    Labels,
    Like,
    MeterKey,
    Modulus,
    Name,
    NamedMeter,
    NamedMeters,
    ObjectId,
    ObjectIds,
    OctetTexts,
    OidTemplate,
    OrShort,
    Pattern,
    Prefix,
    ProfileDate,
    ProfileId,
    RowTitle,
    Some,
    SumText,
    Text,
    Texts,
    Times,
    Wanted,
    WholeNumber,
    WholeNumbers,
    is_part,
)
from collector.adapters.snmp.profiles.values import (
    Confidence,
    Formula,
    Size,
    Tone,
)
from collector.domain.meters import METERS, Unit
from collector.domain.sentence import Sentence, verbatim
from collector.domain.spelling import nearest
from collector.errors import said
from collector.user_files.lines import FilePath
from collector.user_files.report import RefusedValue, hint, quoted
from collector.user_files.tables import FileTable, descriptions, got_of

_Conflicts = Iterator[tuple[str | FilePath, Sentence]]
_NO_TABLE = frozenset({"model_type", "dict_type"})


def meter_hint(name: str) -> Sentence:
    """Return the end of a sentence about a meter that is none."""
    near = nearest(name, METERS)
    return said("meter_list") if near is None else said("did_you_mean", name=near)


def _title(title: str, rule: str = "", names: Sequence[str] = ()) -> ConfigDict:
    """Return the configuration of the table that the manual calls `title`.

    `rule` is how its schema says how many of the keys `names` there must be.
    """
    choices: list[JsonValue] = [{"required": [name]} for name in names]
    return ConfigDict(title=title, json_schema_extra={rule: choices} if rule else None)


class ProfileTable(FileTable):
    """A table of a profile file; `ANY_OF` wants at least one of its keys, `ONE_OF` exactly one."""

    ANY_OF: ClassVar[tuple[str, ...]] = ()
    ONE_OF: ClassVar[tuple[str, ...]] = ()

    def conflicts(self) -> _Conflicts:
        """Yield that too few or too many of some keys are stated."""
        stated = self.model_fields_set
        if self.ONE_OF and len(stated & set(self.ONE_OF)) != 1:
            yield "", said("exactly_one_of", names=self.ONE_OF)
        if self.ANY_OF and not stated & set(self.ANY_OF):
            yield "", said("at_least_one_of", names=self.ANY_OF)

    @classmethod
    def sentence(cls, path: FilePath, error: ErrorDetails) -> Sentence:
        """Return the sentence for `error`; the hint for a meter's name is sought only here."""
        if error["type"] in _NO_TABLE:
            return said("must_be_table", got=got_of(error["input"]))
        sentence = super().sentence(path, error)
        if sentence.key in {"no_meter", "no_meter_key"}:
            name = str(sentence.facts["name"])
            return said(sentence.key, name=quoted(name), hint=meter_hint(name))
        return sentence

    @classmethod
    def missing(cls, key: str) -> Sentence:
        """Return the sentence for a table without what stands at `key`: what it means."""
        about = verbatim(descriptions(cls)[key].replace("`", ""))
        return said("missing_about", about=about)


_T = TypeVar("_T")
Tables = Annotated[Some[_T | None] | None, Called("list of tables")]
ByName = Annotated[dict[Name, _T | None] | None, Called("tables by name")]


class MatchTable(ProfileTable):
    """A way to recognise a machine."""

    ANY_OF = ("object_id", "descr", "device_id", "device_descr", "signature")
    model_config = _title("[[match]]", "anyOf", ANY_OF)

    object_id: ObjectIds | None = None
    """sysObjectID begins with this, or with one of these"""
    descr: Pattern | None = None
    """found in sysDescr"""
    device_id: Pattern | None = None
    """found in the IEEE-1284 device id (`MFG:…;MDL:…;`)"""
    device_descr: Pattern | None = None
    """found in hrDeviceDescr of the printer"""
    model: Pattern | None = None
    """found in the model as the profile's own candidates say it"""
    firmware: Pattern | None = None
    """found in the firmware, likewise"""
    not_object_id: ObjectIds | None = None
    """sysObjectID begins with none of these"""
    not_descr: Pattern | None = None
    """not found in sysDescr"""
    printer: Flag | None = False
    """hrDeviceTable holds a printer, or there is a marker"""
    signature: ObjectId | None = None
    """something answers below this OID; only for agents that say nothing of themselves, or, where \
it is `weak` (a standard's table), for any that nothing else recognises"""
    weak: Flag | None = False
    """other makers carry this mark too"""


class CandidateTable(ProfileTable):
    """Where a serial number, model or firmware may stand."""

    ONE_OF = ("oid", "text")
    model_config = _title("serial, model, firmware", "oneOf", ONE_OF)

    oid: Instances | None = None
    """where the text stands"""
    text: Text | None = None
    """`descr`, `device_descr` or `device_id:KEY` instead of an OID"""
    pattern: Pattern | None = None
    """keep its one group; drop a text that does not match"""
    strip_prefix: Prefix | None = ()
    """octets to drop before the text; `true` stands for HP's symbol sets `0115`, `fde8`"""

    def conflicts(self) -> _Conflicts:
        """Yield a text that is none of a machine's, and a pattern that keeps no one thing."""
        yield from super().conflicts()
        known = ("descr", "device_descr")
        if self.text and self.text not in known and not self.text.startswith("device_id:"):
            yield "text", said("no_text_source")
        if self.pattern is not None and self.pattern.groups != 1:
            yield "pattern", said("one_group")


class BrandTable(ProfileTable):
    """A name plate."""

    model_config = _title("brands")

    pattern: Pattern | None
    """found in what the machine says of itself"""
    vendor: Text | None
    """who sold it"""


class ModelTable(ProfileTable):
    """What is known of some models."""

    ONE_OF = ("model", "words")
    model_config = _title("[[models]]", "oneOf", ONE_OF)

    model: Pattern | None = None
    """found in the model's name"""
    words: Pattern | None = None
    """found in what the machine says of itself: sysDescr, hrDeviceDescr, its IEEE-1284 device id, \
its name. These come before all names of models"""
    ipm: WholeNumber | None = None
    """rated speed in impressions a minute; where the pattern has a group, the speed is the number \
in it instead"""
    wrap: Modulus | None = None
    """the first number that the counter does not reach, such as `1000000` or `16777216`"""
    confidence: Confidence | None = None
    """how well the counter is known: `H` a maker's document or two independent sources, `M` one \
good source, `L` weak or contradicted; `L` is not read unless it is asked for"""
    source: Text | None
    """where this is known from"""

    def conflicts(self) -> _Conflicts:
        """Yield a pattern that says the speed twice, or nothing."""
        yield from super().conflicts()
        key = "model" if "model" in self.model_fields_set else "words"
        pattern = self.model if key == "model" else self.words
        groups = pattern.groups if pattern is not None else 0
        if groups > 1:
            yield key, said("groups_of_model")
        elif groups and self.ipm is not None:
            yield "ipm", said("ipm_twice", key=key)
        elif pattern is not None and not groups and not {"ipm", "wrap"} & self.model_fields_set:
            yield key, said("model_says_nothing")


class IdentityTable(ProfileTable):
    """How the machine is named."""

    model_config = _title("[identity]")

    vendor: Text | None = None
    """the maker's name"""
    brands: Tables[BrandTable] = ()
    """name plates of the same machines"""
    serial: Tables[CandidateTable] = ()
    """candidates in order of trust"""
    model: Tables[CandidateTable] = ()
    """likewise"""
    firmware: Tables[CandidateTable] = ()
    """likewise"""


class PartTable(ProfileTable):
    """A part of the machine."""

    model_config = _title("[parts.NAME]")

    ids: ObjectIds | None = ()
    """hrDeviceID begins with one of these"""
    types: ObjectIds | None = ()
    """hrDeviceType is one of these"""
    descr: Pattern | None = None
    """found in hrDeviceDescr"""
    default: WholeNumber | None = None
    """its index where the agent has no hrDeviceTable at all"""


class FormTable(ProfileTable):
    """How a counter is written."""

    kind: NumberKind | None = NumberKind.COUNTER
    """how the number is written: `counter` (default), `integer` (above 2³¹ is no number), `text` \
(digits in words), `float` (IEEE 754 in 4 or 8 octets, rounded down), `bytes` (1 to 8 octets, the \
largest first). Not for a row or a record"""
    prefix: OctetTexts | None = ()
    """octets of which one must stand before the number; as `kind`"""


class SentinelTable(ProfileTable):
    """Which numbers of a counter are none."""

    sentinels: WholeNumbers | None = ()
    """values by which the maker says that there is none; not for a row"""


class CountedTable(ProfileTable):
    """What is known of a counter."""

    unit: Unit | None = None
    """what one step stands for; a meter of another unit is refused"""
    family: Texts | None = ()
    """sets of counters that may be added up, one or several; a sum across families is refused, \
and so is the life count plus anything"""
    size: Size | None = None
    """which pages it counts: `all`, `large` (A3), `small`"""
    color: Tone | None = None
    """which pages it counts: `mono`, `color`, or all where nothing is said. Where one counter of \
a sum says so, every page must come out as often as the meter's name promises"""
    weight: Times | None = None
    """how many times it counts one large page. A counter of large pages is divided by it (half a \
page is no number); with any other, a sum must take the excess away: `code[102] - code[103]`"""
    wrap: Modulus | None = None
    """the first number that the counter does not reach, such as `1000000` or `16777216`"""
    confidence: Confidence | None = None
    """how well the counter is known: `H` a maker's document or two independent sources, `M` one \
good source, `L` weak or contradicted; `L` is not read unless it is asked for"""
    source: Text | None = None
    """where the meaning of the counter is known from"""


class CounterKeys(CountedTable, SentinelTable, FormTable):
    """All that may be said of a counter besides its place."""

    model_config = _title("what is known of a counter")


class ScalarTable(CounterKeys):
    """A counter that stands alone."""

    model_config = _title("[scalars.NAME]")

    oid: Instances | None
    """one or several candidates, the first that gives a number; `[.0]` at the end stands for the \
OID with and without `.0`"""


class RecordTable(CountedTable, SentinelTable):
    """Counters packed into octets."""

    model_config = _title("[records.NAME]")

    oid: OidTemplate | None
    """an octet string of tagged counters (Brother), read as `NAME[0a]`"""


class ColumnTable(ProfileTable):
    """Where a row says one thing of itself."""

    model_config = _title("columns.NAME")

    oid: OidTemplate | None = None
    """a column of another table, joined by arcs of this one's index"""
    arc: Arcs | None
    """1 the first arc after the value's column, -1 the last"""

    def conflicts(self) -> _Conflicts:
        """Yield several arcs where one is needed."""
        yield from super().conflicts()
        if self.oid is None and len(self.arc or ()) > 1:
            yield "arc", said("one_arc")


def _as_column(value: object) -> object:
    return {"oid": value, "arc": []} if isinstance(value, str) else value


ColumnEntry = Annotated[ColumnTable, BeforeValidator(_as_column), OrShort(TEMPLATE_TEXT)]


class PlaceOfTable(ProfileTable):
    """Where a table of counters may be."""

    model_config = _title("at")

    value: OidTemplate | None
    """the column of the counters"""
    code: CodeColumn | None = None
    """where the code of a row stands; `index`: all arcs after the column, `last`: the last one"""
    label: OidTemplate | None = None
    """the column of the words for a row"""
    maximum: OidTemplate | None = None
    """the column of the largest value a row can hold"""
    like: Like | None = None
    """rows whose index looks like this, such as `*.20.*`"""
    columns: Annotated[dict[Name, ColumnEntry | None] | None, Called("columns by name")] = Field(
        default_factory=dict
    )
    """further columns by name, for `where`, `only`, `never`: an OID, or a table of these keys"""


class RowTable(CountedTable):
    """A row that formulas name."""

    ANY_OF = ("code", "label", "where")
    model_config = _title("rows.NAME", "anyOf", ANY_OF)

    code: Codes | None = ()
    """its code, or several; preferred to the label"""
    label: Labels | None = ()
    """its words, or several; case, blanks and punctuation are ignored"""
    where: Wanted | None = Field(default_factory=dict)
    """what its columns say"""
    sum: Flag | None = False
    """add up all rows that fit, instead of wanting exactly one"""


class CounterTableTable(CounterKeys):
    """Counters in rows."""

    model_config = _title("[tables.NAME]")

    at: Tables[PlaceOfTable] = ()
    """places where the table may be; without one, its rows are added to the included table of \
that name"""
    rows: Annotated[dict[RowTitle, RowTable | None] | None, Called("tables by name")] = Field(
        default_factory=dict
    )
    """the rows that formulas name"""
    values: ColumnWords | None = Field(default_factory=dict)
    """words for what a column says: `job = { print = 1, copy = 2 }`"""
    only: Wanted | None = Field(default_factory=dict)
    """other rows are no rows of this table"""
    never: Wanted | None = Field(default_factory=dict)
    """such rows are no rows of this table"""
    verify_label: Flag | None = False
    """a row whose code fits must not carry a foreign label"""
    refresh: Flag | None = False
    """the machine brings rows up to date only when they are walked"""

    def conflicts(self) -> _Conflicts:
        """Yield conditions on columns that there are not, and words that the table lacks."""
        yield from super().conflicts()
        conditions: list[tuple[FilePath, Wanted | None]] = [
            (("only",), self.only),
            (("never",), self.never),
        ]
        rows = self.rows or {}
        conditions += [(("rows", name, "where"), row.where) for name, row in rows.items() if row]
        for path, wanted in conditions:
            for column, values in (wanted or {}).items():
                yield from self._wrong_condition((*path, column), column, values)

    def _wrong_condition(
        self, path: FilePath, column: str, values: Sequence[int | str] | None
    ) -> _Conflicts:
        names = {name for one in self.at or () if one is not None for name in one.columns or ()}
        if column not in names:
            yield path, said("no_column", name=quoted(column), hint=hint(column, names))
        words = (self.values or {}).get(column) or {}
        for place, value in enumerate(values or ()):
            if isinstance(value, str) and words and value not in words and is_part(value) is None:
                near = hint(value, words)
                told = said("no_column_value", value=quoted(value), column=column, hint=near)
                yield (*path, place), told


class SumTable(ProfileTable):
    """A sum of counters, with what is known of it."""

    model_config = _title("a sum as a table")

    of: SumText | None
    """the sum"""
    confidence: Confidence | None = None
    """instead of the least of its counters"""
    source: Text | None = None
    """where the meaning of the counter is known from"""
    wrap: Modulus | None = None
    """the first number that the counter does not reach, such as `1000000` or `16777216`"""


def _as_sum(value: object) -> object:
    if isinstance(value, str):
        return {"of": value}
    if not isinstance(value, dict | SumTable):
        raise RefusedValue("must_be_sum", got=got_of(value))
    return value


SumEntry = Annotated[SumTable, BeforeValidator(_as_sum), OrShort(SUM_TEXT)]
Sums = Annotated[dict[MeterKey, Some[SumEntry | None] | None], Called("sums by meter")]


class ChooseTable(ProfileTable):
    """Meters chosen together."""

    model_config = _title("[[choose]]")

    sets: Annotated[
        Some[dict[MeterKey, SumEntry | None] | None] | None, Called("list of sums by meter")
    ]
    """meters that belong together; the first set that resolves whole is taken"""

    def conflicts(self) -> _Conflicts:
        """Yield that there is no set."""
        yield from super().conflicts()
        if self.sets == ():
            yield "sets", said("no_sets")


class CheckTable(ProfileTable):
    """What should add up."""

    model_config = _title("[[checks]]")

    whole: NamedMeter | None
    """the meter that should be the sum"""
    parts: NamedMeters | None
    """of these meters"""
    tolerance: WholeNumber | None = None
    """give or take so many pages (default 20)"""
    note: Text | None = None
    """what is said where it does not add up, in place of a panel"""
    percent: WholeNumber | None = None
    """or so many per cent of the whole, whichever is more: for counts that drift apart, such as \
`engine_total` and `total`"""


class ProvedTable(ProfileTable):
    """When the counters were compared with a panel."""

    model_config = _title("[proved]")

    on: ProfileDate | None
    """when the counters were compared with a machine's panel"""
    model: Text | None = None
    """the model of that machine"""
    firmware: Text | None = None
    """its firmware; other firmware is to be proved again"""
    note: Text | None = None
    """by whom, and which figures"""


class ProfileFile(ProfileTable):
    """How a family of copiers is recognised, named and counted."""

    model_config = _title("the file")

    format: Annotated[int | None, Kind("number", {"const": 1})]
    """`1`"""
    id: ProfileId | None
    """the profile's name, without blanks; a file of your own replaces a shipped one of the same \
name"""
    about: Text | None = None
    """which machines it is for"""
    source: Text | None
    """where the meaning of the counters is known from"""
    confidence: Confidence | None = Confidence.HIGH
    """how well they are known (default `H`): `H` a maker's document or two independent sources, \
`M` one good source, `L` weak or contradicted; `L` is not read unless it is asked for"""
    include: Texts | None = ()
    """profiles whose parts, counters, identity candidates and unstated meters are taken over"""
    priority: WholeNumber | None = None
    """decides between profiles that recognise a machine on equal evidence; unstated, that of the \
included one"""
    match: Tables[MatchTable] = ()
    """ways to recognise a machine; in one of them everything stated must hold"""
    identity: Annotated[IdentityTable | None, Called("table")] = None
    """how the machine is named"""
    parts: ByName[PartTable] = Field(default_factory=dict)
    """parts in hrDeviceTable; `{NAME}` in an OID stands for its index"""
    scalars: ByName[ScalarTable] = Field(default_factory=dict)
    """counters that stand alone"""
    tables: ByName[CounterTableTable] = Field(default_factory=dict)
    """counters in rows"""
    records: ByName[RecordTable] = Field(default_factory=dict)
    """counters packed into octets"""
    meters: Sums | None = Field(default_factory=dict)
    """each meter as one sum or several alternatives, the first that resolves; `[]` drops an \
included one"""
    choose: Tables[ChooseTable] = ()
    """meters chosen together"""
    derived: Sums | None = Field(default_factory=dict)
    """meters worked out from other meters where the machine has no counter: `total_mono = "total \
- total_color"`; never across families"""
    checks: Tables[CheckTable] = ()
    """what should add up; reported and never corrected"""
    sheets_are_impressions: Flag | None = False
    """the maker's life count says sheets but counts sides"""
    life_family: Texts | None = ()
    """sets of counters that the life count may be added to and taken from, because on every \
machine it equals one of them"""
    models: Tables[ModelTable] = ()
    """rated speeds and wraps of some of the machines: of each the first that fits, the file's own \
before included ones"""
    rated_ipm: WholeNumber | None = None
    """rated speed in impressions a minute of all of them, whatever `models` says"""
    nvram_step: WholeNumber | None = None
    """how many pages a power cut may lose"""
    wrap: Modulus | None = None
    """for every counter that states none of its own"""
    sentinels: WholeNumbers | None = ()
    """for every counter, besides its own"""
    proved: Annotated[ProvedTable | None, Called("table")] = None
    """that the counters were compared with a panel"""

    def conflicts(self) -> _Conflicts:
        """Yield meters that cannot be worked out from others as `derived` says."""
        yield from super().conflicts()
        for name, alternatives in (self.derived or {}).items():
            for place, one in enumerate(alternatives or ()):
                if one is not None and one.of is not None:
                    for sentence in _wrong_derived(name, one.of):
                        yield ("derived", name, place), sentence


def _wrong_derived(name: str, formula: Formula) -> Iterator[Sentence]:
    if formula.equal:
        yield said("derived_compares")
    # A key shows that a counter is meant, which may be a condition as well.
    conditions = (term for term in (*formula.given, *formula.unless) if term.key is None)
    for term in (*formula.terms, *conditions):
        if term.key is not None or term.source not in METERS:
            yield said("no_meter", name=quoted(term.name), hint=meter_hint(term.source))
        elif term.source == name:
            yield said("derived_from_itself")
