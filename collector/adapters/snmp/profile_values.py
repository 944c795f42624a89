"""What a profile says, as values. `profiles` reads them from TOML, `resolve` applies them.

Where its counters stand is in `profile_sources`.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from collector.adapters.snmp.profile_sources import Confidence, Source, Template
from collector.adapters.snmp.report import Spot
from collector.adapters.snmp.session import Oid
from collector.domain.meters import Meter

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
    place: Spot | None = field(default=None, compare=False)


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
class Part:
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
class Term:
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
    terms: tuple[Term, ...]
    given: tuple[Term, ...] = ()
    unless: tuple[Term, ...] = ()
    equal: tuple[Term, ...] = ()
    confidence: Confidence = Confidence.HIGH
    source: str = ""
    wrap: int | None = None
    stated: bool = False
    place: Spot | None = field(default=None, compare=False)


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
class Proof:
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
    parts: Mapping[str, Part] = field(default_factory=dict)
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
    proved: Proof | None = None
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
