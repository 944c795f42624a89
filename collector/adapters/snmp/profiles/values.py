"""What a profile says, as values. `parse` reads them from TOML, `resolve` applies them."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from collector.adapters.snmp.client.session import Oid
from collector.adapters.snmp.profiles.numbers import PLAIN, Form
from collector.domain.meters import Meter, Unit
from collector.user_files.toml_file import FilePlace

# Where a profile's counters stand, and what is known of each, as values.


Template = tuple[int | str, ...]
"""An OID whose named arcs stand for the hrDeviceIndex of a part: `1.3.6…46.10.1.1.5.{scanner}`."""


class Confidence(StrEnum):
    """How well a counter's meaning is known. LOW is left out unless it is asked for."""

    HIGH = "H"
    """A MIB, or two independent sources."""
    MEDIUM = "M"
    """One good source."""
    LOW = "L"
    """Weak or contradicted."""


class Size(StrEnum):
    """Which pages a counter counts: those of A3/DLT and above, the rest, or all of them."""

    ALL = "all"
    LARGE = "large"
    SMALL = "small"


class Tone(StrEnum):
    """Which pages a counter counts: those in black alone, or those in any colour."""

    MONO = "mono"
    COLOR = "color"


@dataclass(frozen=True, slots=True)
class CounterFacts:
    """What is known of a counter besides its place; None and empty where nothing is stated.

    `families`: sets of counters that may be added up; counters of different families overlap.
    `weight`: how many times one large page counts. `wrap` is its modulus.
    """

    unit: Unit | None = None
    families: frozenset[str] = frozenset()
    size: Size | None = None
    color: Tone | None = None
    weight: int | None = None
    wrap: int | None = None
    confidence: Confidence | None = None
    source: str | None = None

    def over(self, base: "CounterFacts") -> "CounterFacts":
        """Return `self`, with what `base` states where it states nothing itself."""
        return CounterFacts(
            unit=self.unit or base.unit,
            families=self.families or base.families,
            size=self.size or base.size,
            color=self.color or base.color,
            weight=self.weight or base.weight,
            wrap=self.wrap or base.wrap,
            confidence=self.confidence or base.confidence,
            source=self.source or base.source,
        )


@dataclass(frozen=True, slots=True)
class Scalar:
    """One counter at one of several OIDs; the first that gives a number wins."""

    oids: tuple[Template, ...]
    form: Form = PLAIN
    counted: CounterFacts = CounterFacts()


class CodeFrom(StrEnum):
    """Where the code of a row stands when it has no column of its own."""

    INDEX = "index"
    """All arcs after the value column."""
    LAST = "last"
    """The last arc."""


@dataclass(frozen=True, slots=True)
class RowColumn:
    """Where a row says one thing of itself.

    `oid` alone is a column of the same table. `arcs` alone (one, from 1, negative from the end)
    is that arc of the row's index. Both is a column of another table whose rows are numbered by
    these arcs of this table's index: the PWG's key table, joined to its work tables.
    """

    oid: Template | None = None
    arcs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PartName:
    """Stands for the hrDeviceIndex of a part where a number is wanted: `{copier}`."""

    name: str


Said = int | str | PartName
"""What a column may say: a code, a folded label, the index of a part."""

Conditions = Mapping[str, frozenset[Said]]
"""By the name of a column; all must hold. A column that is not answered holds nothing."""


@dataclass(frozen=True, slots=True)
class Columns:
    """One place where a table may be. `maximum` is a column with the row's largest value.

    `like` filters rows by their index arcs, None matching any. `named` are the columns that
    `CounterTable.only`, `CounterTable.never` and `RowName.where` speak of.
    """

    value: Template
    code: Template | CodeFrom | None = None
    label: Template | None = None
    maximum: Template | None = None
    like: tuple[int | None, ...] | None = None
    named: Mapping[str, RowColumn] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowName:
    """What a row is called in formulas: by code (preferred), else by folded label.

    `where` narrows it to rows whose named columns say so, and is enough alone. With `summed`,
    all rows that fit are added up instead of having to be one.
    """

    codes: tuple[Oid, ...] = ()
    labels: frozenset[str] = frozenset()
    where: Conditions = field(default_factory=dict)
    summed: bool = False
    counted: CounterFacts = CounterFacts()


@dataclass(frozen=True, slots=True)
class CounterTable:
    """Counters in rows. Of several `candidates` the fuller is preferred, row by row.

    With `verify_label`, a row whose code fits must not carry a foreign label. A row that does
    not meet `only`, or meets one of `never`, is no row of this table, not even of `[*]`.
    `refresh`: the machine brings the rows up to date only when they are walked.
    """

    candidates: tuple[Columns, ...]
    rows: Mapping[str, RowName]
    form: Form = PLAIN
    counted: CounterFacts = CounterFacts()
    verify_label: bool = False
    refresh: bool = False
    only: Conditions = field(default_factory=dict)
    never: Conditions = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordSource:
    """An octet string of tagged counters, see `tagged_counters`."""

    oid: Template
    form: Form = PLAIN
    counted: CounterFacts = CounterFacts()


Source = Scalar | CounterTable | RecordSource


DERIVED = "= "
"""How the text of a formula begins that adds up meters, not counters."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to recognise a machine: every condition that is stated must hold.

    `model` and `firmware` are compared with what the profile's identity candidates say.
    `not_object_ids` and `not_descr` must not hold; `printer` wants a printer in hrDeviceTable or
    a marker. `weak` is evidence that other makers give too (an HP print server in another machine).
    A rule with a `signature` is the last resort, see `recognise`. `place` is where it is written.
    """

    object_id: Oid | None = None
    descr: re.Pattern[str] | None = None
    device_id: re.Pattern[str] | None = None
    device_descr: re.Pattern[str] | None = None
    model: re.Pattern[str] | None = None
    firmware: re.Pattern[str] | None = None
    not_object_ids: tuple[Oid, ...] = ()
    not_descr: re.Pattern[str] | None = None
    printer: bool = False
    signature: Oid | None = None
    weak: bool = False
    place: FilePlace | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class TextSource:
    """Where a serial, model or firmware may be read; the first that says something wins.

    Either an `oid`, or `text`: descr, device_descr, or device_id:KEY of the IEEE-1284 string.
    Leading octets that are one of `prefixes` are dropped (HP: the number of a symbol set).
    `pattern` keeps its first group and drops a text that does not match.
    """

    oid: Template | None = None
    text: str | None = None
    pattern: re.Pattern[str] | None = None
    prefixes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Brand:
    """A name plate: where `pattern` matches what the machine says, `vendor` sold it."""

    pattern: re.Pattern[str]
    vendor: str


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """Who the machine is; candidates in order of trust."""

    vendor: str | None = None
    brands: tuple[Brand, ...] = ()
    serial: tuple[TextSource, ...] = ()
    model: tuple[TextSource, ...] = ()
    firmware: tuple[TextSource, ...] = ()


@dataclass(frozen=True, slots=True)
class MachinePart:
    """A part of the machine in hrDeviceTable, found by hrDeviceID, hrDeviceType or hrDeviceDescr.

    `default` is its hrDeviceIndex where the agent has no hrDeviceTable at all.
    """

    ids: tuple[Oid, ...] = ()
    types: tuple[Oid, ...] = ()
    descr: re.Pattern[str] | None = None
    default: int | None = None


@dataclass(frozen=True, slots=True)
class ModelFact:
    """What is known of some models: rated speed or the modulus of their counters.

    `model` is found in the model's name, or `words` in what the machine says of itself. Where
    that pattern has a group, the speed is the number in it.
    """

    model: re.Pattern[str] | None
    words: re.Pattern[str] | None
    ipm: int | None
    wrap: int | None
    confidence: Confidence
    source: str


@dataclass(frozen=True, slots=True)
class FormulaTerm:
    """One summand of a formula: `source`, `source[key]` or `source[*]`; `?` may be missing.

    In a derived formula `source` is a meter.
    """

    source: str
    key: str | None = None
    sign: int = 1
    optional: bool = False

    @property
    def name(self) -> str:
        """The counter as the profile writes it, without sign and mark."""
        return self.source if self.key is None else f"{self.source}[{self.key}]"


@dataclass(frozen=True, slots=True)
class Formula:
    """A sum of terms; `text` is how the profile wrote it.

    It resolves only where each term that is not optional has a cell, each of `given` has and none
    of `unless` has. It stands only as long as `equal`, terms of `given`, come to 0 together.
    `stated` is the confidence the formula states itself; `confidence` is what it comes to: that,
    or the least of its counters. `place` is where it is written: `own.toml:12: meters.total`.
    """

    text: str
    terms: tuple[FormulaTerm, ...]
    given: tuple[FormulaTerm, ...] = ()
    unless: tuple[FormulaTerm, ...] = ()
    equal: tuple[FormulaTerm, ...] = ()
    confidence: Confidence = Confidence.HIGH
    source: str = ""
    wrap: int | None = None
    stated: bool = False
    place: FilePlace | None = field(default=None, compare=False)


Alternatives = tuple[Formula, ...]
MeterSet = Mapping[Meter, Formula]


@dataclass(frozen=True, slots=True)
class Check:
    """A cross-foot rule: `whole` is the sum of `parts`, give or take the larger of two amounts.

    `tolerance` is in pages; `percent`, of `whole`, is for counts that drift apart for good, such
    as the engine's life count and the billing total. `note` says what a difference means.
    """

    whole: Meter
    parts: tuple[Meter, ...]
    tolerance: int
    percent: int | None = None
    note: str = ""

    def allows(self, whole: int, parts: int) -> bool:
        """Say whether the two figures are near enough."""
        return abs(whole - parts) <= max(self.tolerance, whole * (self.percent or 0) // 100)


@dataclass(frozen=True, slots=True)
class PanelProof:
    """When, and on which model and firmware, the counters were compared with a panel."""

    on: dt.date
    model: str | None = None
    firmware: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is known of a family of machines.

    `meters` are resolved one by one, each by its first alternative that resolves; a member of
    `choices` is resolved whole: its first set in which every meter resolves. `derived` meters are
    worked out from other meters where the machine has no counter for them. `wrap` holds for every
    counter without one of its own, `sentinels` for every counter. `includes` are the profiles it
    is made from, near and far. `own` is one of the user's, in `file`; it `hides` a shipped one of
    the same id.
    `sheets_are_impressions`: the maker counts sides although its life count says sheets.
    `life_family`: counters that the life count may be added to, for it equals one of them.
    `models` are in order of trust; `rated_ipm` is for all machines and comes before them.
    `homes` says which included profile knows a source, or a row of one; the others are its own.
    """

    id: str
    rules: tuple[Rule, ...] = ()
    priority: int | None = None
    identity: IdentityRules = field(default_factory=IdentityRules)
    parts: Mapping[str, MachinePart] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    meters: Mapping[Meter, Alternatives] = field(default_factory=dict)
    choices: tuple[tuple[MeterSet, ...], ...] = ()
    derived: Mapping[Meter, Alternatives] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    sheets_are_impressions: bool = False
    life_family: frozenset[str] = frozenset()
    models: tuple[ModelFact, ...] = ()
    rated_ipm: int | None = None
    nvram_step: int | None = None
    wrap: int | None = None
    sentinels: frozenset[int] = frozenset()
    proved: PanelProof | None = None
    includes: frozenset[str] = frozenset()
    homes: Mapping[str, str] = field(default_factory=dict)
    about: str = ""
    source: str = ""
    file: str = ""
    own: bool = False
    hides: bool = False

    def home_of(self, source: str, key: str | None = None) -> str:
        """Return the id of the profile in which `source`, or its row `key`, is described."""
        own_row = self.homes.get(f"{source}[{key}]")
        return own_row or self.homes.get(source, self.id)


@dataclass(frozen=True, slots=True)
class Profiles:
    """Every profile there is, by id; `generic` is always among them."""

    by_id: Mapping[str, Profile]
    low_confidence: bool = False

    @property
    def generic(self) -> Profile:
        """The profile for a machine that no other one recognises."""
        return self.by_id["generic"]
