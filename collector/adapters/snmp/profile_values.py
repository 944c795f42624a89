"""What a profile says, as values. `profiles` reads them from TOML, `resolve` applies them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from collector.adapters.snmp.numbers import NumberKind
from collector.adapters.snmp.session import Oid
from collector.domain.meters import Meter

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


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to recognise a machine: every condition that is not None must hold.

    `weak` is evidence that other makers give too (an HP print server in another machine).
    A rule with a `signature` is the last resort, see `recognise`.
    """

    object_id: Oid | None = None
    descr: re.Pattern[str] | None = None
    device_id: re.Pattern[str] | None = None
    device_descr: re.Pattern[str] | None = None
    signature: Oid | None = None
    weak: bool = False


@dataclass(frozen=True, slots=True)
class TextSource:
    """Where a serial, model or firmware may be read; the first that says something wins.

    Either an `oid`, or `text`: descr, device_descr, or device_id:KEY of the IEEE-1284 string.
    `strip_prefix` drops two leading bytes that name a symbol set (HP: 0115, FDE8); `pattern`
    keeps its first group and drops a text that does not match.
    """

    oid: Template | None = None
    text: str | None = None
    pattern: re.Pattern[str] | None = None
    strip_prefix: bool = False


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
class Part:
    """A part of the machine in hrDeviceTable, found by hrDeviceID, hrDeviceType or hrDeviceDescr.

    `default` is its hrDeviceIndex where the agent has no hrDeviceTable at all.
    """

    ids: tuple[Oid, ...] = ()
    types: tuple[Oid, ...] = ()
    descr: re.Pattern[str] | None = None
    default: int | None = None


@dataclass(frozen=True, slots=True)
class Scalar:
    """One counter at one of several OIDs; the first that gives a number wins."""

    oids: tuple[Template, ...]
    kind: NumberKind = NumberKind.COUNTER


class CodeFrom(StrEnum):
    """Where the code of a row stands when it has no column of its own."""

    INDEX = "index"
    """All arcs after the value column."""
    LAST = "last"
    """The last arc."""


@dataclass(frozen=True, slots=True)
class Column:
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
    `Table.only`, `Table.never` and `RowName.where` speak of.
    """

    value: Template
    code: Template | CodeFrom | None = None
    label: Template | None = None
    maximum: Template | None = None
    like: tuple[int | None, ...] | None = None
    named: Mapping[str, Column] = field(default_factory=dict)


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


@dataclass(frozen=True, slots=True)
class Table:
    """Counters in rows. Of several `candidates` the fuller is preferred, row by row.

    With `verify_label`, a row whose code fits must not carry a foreign label. A row that does
    not meet `only`, or meets one of `never`, is no row of this table, not even of `[*]`.
    """

    candidates: tuple[Columns, ...]
    rows: Mapping[str, RowName]
    kind: NumberKind = NumberKind.COUNTER
    verify_label: bool = False
    only: Conditions = field(default_factory=dict)
    never: Conditions = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordSource:
    """An octet string of tagged counters, see `records`."""

    oid: Template


Source = Scalar | Table | RecordSource


@dataclass(frozen=True, slots=True)
class Term:
    """One summand of a formula: `source`, `source[key]` or `source[*]`; `?` may be missing."""

    source: str
    key: str | None = None
    sign: int = 1
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """A sum of terms; `text` is how the profile wrote it.

    It resolves only where each term that is not optional has a cell and none of `unless` has.
    """

    text: str
    terms: tuple[Term, ...]
    unless: tuple[Term, ...] = ()
    confidence: Confidence = Confidence.HIGH
    source: str = ""
    wrap: int | None = None


Alternatives = tuple[Formula, ...]
MeterSet = Mapping[Meter, Formula]


@dataclass(frozen=True, slots=True)
class Check:
    """A cross-foot rule: `whole` is the sum of `parts`, give or take `tolerance` pages."""

    whole: Meter
    parts: tuple[Meter, ...]
    tolerance: int


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is known of a family of machines.

    `meters` are resolved one by one, each by its first alternative that resolves; a member of
    `choices` is resolved whole: its first set in which every meter resolves.
    `sheets_are_impressions`: the maker counts sides although its life count says sheets.
    """

    id: str
    rules: tuple[Rule, ...] = ()
    priority: int = 0
    identity: IdentityRules = field(default_factory=IdentityRules)
    parts: Mapping[str, Part] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    meters: Mapping[Meter, Alternatives] = field(default_factory=dict)
    choices: tuple[tuple[MeterSet, ...], ...] = ()
    checks: tuple[Check, ...] = ()
    sheets_are_impressions: bool = False
    rated_ipm: int | None = None
    nvram_step: int | None = None


@dataclass(frozen=True, slots=True)
class Profiles:
    """Every profile there is, by id; `generic` is always among them."""

    by_id: Mapping[str, Profile]
    low_confidence: bool = False

    @property
    def generic(self) -> Profile:
        """The profile for a machine that no other one recognises."""
        return self.by_id["generic"]
