"""Where a profile's counters stand, and what is known of each, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from collector.adapters.snmp.numbers import PLAIN, Form
from collector.adapters.snmp.session import Oid
from collector.domain.meters import Unit

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
class Counted:
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

    def over(self, base: "Counted") -> "Counted":
        """Return `self`, with what `base` states where it states nothing itself."""
        return Counted(
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
    counted: Counted = Counted()


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
    counted: Counted = Counted()


@dataclass(frozen=True, slots=True)
class Table:
    """Counters in rows. Of several `candidates` the fuller is preferred, row by row.

    With `verify_label`, a row whose code fits must not carry a foreign label. A row that does
    not meet `only`, or meets one of `never`, is no row of this table, not even of `[*]`.
    `refresh`: the machine brings the rows up to date only when they are walked.
    """

    candidates: tuple[Columns, ...]
    rows: Mapping[str, RowName]
    form: Form = PLAIN
    counted: Counted = Counted()
    verify_label: bool = False
    refresh: bool = False
    only: Conditions = field(default_factory=dict)
    never: Conditions = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordSource:
    """An octet string of tagged counters, see `records`."""

    oid: Template
    form: Form = PLAIN
    counted: Counted = Counted()


Source = Scalar | Table | RecordSource
