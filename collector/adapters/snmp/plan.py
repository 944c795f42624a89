"""What to ask one machine at every poll, worked out once. Plain values; `decode` applies them."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Final, TypeVar, cast

from collector.adapters.snmp.client.charsets import Charsets
from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.profiles.formula import basis, total_of
from collector.adapters.snmp.profiles.numbers import PLAIN, Form, Unreadable, tagged_counters
from collector.adapters.snmp.profiles.values import Check, Confidence
from collector.domain.counting.findings import Code
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Provenance, SupplyKind
from collector.domain.meters import Meter
from collector.domain.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Cell:
    """One counter on the wire. `tag` picks a record inside an octet string.

    `twins` are rows of the same name that showed the same value; one that differs later makes
    the counter unreadable, because nothing says which row was meant.
    """

    oid: Oid
    form: Form = PLAIN
    tag: int | None = None
    twins: tuple[Oid, ...] = ()

    def read(self, values: Mapping[Oid, Value]) -> int | None:
        """Return its counter among `values`, or None where there is none; raises Unreadable."""
        raw = values.get(self.oid)
        return self.form.read(raw if self.tag is None else tagged_counters(raw).get(self.tag))


def added_up(cells: Iterable[Cell], values: Mapping[Oid, Value]) -> int | None:
    """Return the sum of `cells` among `values`, or None where one is missing or no counter."""
    try:
        found = [cell.read(values) for cell in cells]
    except Unreadable:
        return None
    known = [one for one in found if one is not None]
    return sum(known) if len(known) == len(found) else None


@dataclass(frozen=True, slots=True)
class PlannedTerm:
    """A counter by the profile's own name of it (`row[copy]`), the sum of its cells.

    A counter of large pages that counts each of them `weight` times is divided by it. `home` is
    the profile that describes it, empty for the plan's own.
    """

    name: str
    cells: tuple[Cell, ...]
    sign: int = 1
    weight: int = 1
    home: str = ""


def sum_of(terms: Iterable[PlannedTerm], read: Callable[[PlannedTerm], int | None]) -> int | None:
    """Return what `terms` come to, or None where that is no count; every one of them is read."""
    return total_of([(one.sign, read(one), one.weight) for one in terms])


@dataclass(frozen=True, slots=True)
class Held:
    """What a meter was read by so far: its formula in the profile, and what was found of it.

    `terms` are the counters by name, `cells` how many cells they have: a machine that is still
    starting up may show some of its rows only, and their sum is no smaller total.
    """

    text: str
    terms: frozenset[str]
    cells: int


@dataclass(frozen=True, slots=True)
class Keep:
    """What the machine was read by so far, for a new plan to hold on to.

    `said` is which of sysDescr and sysObjectID it answered when `profile` was found.
    """

    profile: str | None = None
    said: frozenset[Oid] = frozenset()
    meters: Mapping[Meter, Held] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedMeter:
    """A meter as a sum of terms with signs. All must be answered, else the meter is absent.

    `text` is the formula of the profile that was chosen: another one is never taken in the
    middle, since two formulas of a meter rarely stand at the same figure. The meter is absent as
    well where `equal` do not come to 0 together.
    """

    meter: Meter
    text: str
    terms: tuple[PlannedTerm, ...]
    confidence: Confidence = Confidence.HIGH
    source: str = ""
    equal: tuple[PlannedTerm, ...] = ()

    def value(self, read: Callable[[PlannedTerm], int | None]) -> int | None:
        """Return the meter where `read` tells each term, or None where it is absent."""
        is_off = bool(self.equal) and sum_of(self.equal, read) != 0
        return None if is_off else sum_of(self.terms, read)

    @property
    def cells(self) -> Iterator[Cell]:
        """Every cell that the meter is made of."""
        return (cell for term in self.terms for cell in term.cells)

    def basis_in(self, profile: str) -> str:
        """Return what the meter is made of where `profile` is its own, see `basis`."""
        terms = self.terms
        return basis(
            profile, ((one.sign, one.name, one.weight, one.home or profile) for one in terms)
        )

    @property
    def held(self) -> Held:
        """What the meter is read by, for the next plan to hold on to."""
        terms = frozenset(term.name for term in self.terms)
        return Held(self.text, terms, sum(1 for _ in self.cells))

    @property
    def derived(self) -> bool:
        """Whether the machine states no such counter: the meter is worked out from several."""
        return sum(1 for _ in self.cells) != 1


@dataclass(frozen=True, slots=True)
class PlannedText:
    """A text on the wire: an octet string, or one key of an IEEE-1284 string in it."""

    oid: Oid
    key: str | None = None
    pattern: re.Pattern[str] | None = None
    prefixes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedSupply:
    """A consumable. `capacity` is as it was when the plan was made, None where it was no number.

    Another cartridge may hold more, so it is asked again at `capacity_at`. `empty_level` is the
    level by which this maker says "empty".
    """

    key: str
    name: str
    level: Oid
    capacity: int | None
    capacity_at: Oid | None = None
    in_percent: bool = False
    kind: SupplyKind = SupplyKind.OTHER
    color: str | None = None
    empty_level: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedTray:
    """A paper tray; what the machine does not say of it is None."""

    key: str
    name: str
    level: Oid
    capacity: Oid | None = None
    status: Oid | None = None
    media: Oid | None = None


@dataclass(frozen=True, slots=True)
class PlannedState:
    """Where the machine says what it is doing and what hinders it; None where it does not.

    `console` are the first lines of its panel: some makers write only there that it sleeps.
    """

    printer: Oid | None = None
    errors: Oid | None = None
    device: Oid | None = None
    console: tuple[Oid, ...] = ()

    @property
    def oids(self) -> tuple[Oid, ...]:
        """What is asked at every poll; the console is not."""
        wanted = (self.printer, self.errors, self.device)
        return tuple(one for one in wanted if one is not None)


@dataclass(frozen=True, slots=True)
class PlanFinding:
    """A finding of the resolution that holds for every answer of the plan."""

    code: Code
    message: Sentence
    evidence: Mapping[str, str | int | float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadingPlan:
    """Everything to ask and how to read it: `oids` at every poll (one GET), `extra` now and then.

    `spare` are counters of the profile that are asked anyway though no meter needs them, and
    `lacks` names those that the machine did not have: both let a later profile read it again.
    `refresh` are tables that the machine only brings up to date when they are walked.
    `power_on` is where it says what it printed since it was switched on, asked where its life
    count is 0; `unit` is the unit of that count (prtMarkerCounterUnit).
    The alert table belongs to `extra` too; its rows come and go, so they are walked.
    `marks` are the identity cells as they were answered when the plan was made: a machine that
    answers them otherwise is another one, or has other firmware, and needs a new plan.
    """

    profile: str
    oids: tuple[Oid, ...]
    identity: DeviceIdentity
    meters: tuple[PlannedMeter, ...] = ()
    serial: PlannedText | None = None
    mac: Oid | None = None
    state: PlannedState = field(default_factory=PlannedState)
    supplies: tuple[PlannedSupply, ...] = ()
    trays: tuple[PlannedTray, ...] = ()
    charsets: Charsets = field(default_factory=Charsets)
    checks: tuple[Check, ...] = ()
    wraps: Mapping[Meter, int] = field(default_factory=dict)
    rated_ipm: int | None = None
    nvram_step: int | None = None
    remarks: tuple[PlanFinding, ...] = ()
    marks: Mapping[Oid, Value] = field(default_factory=dict)
    spare: tuple[PlannedTerm, ...] = ()
    lacks: frozenset[str] = frozenset()
    refresh: tuple[Oid, ...] = ()
    power_on: Oid | None = None
    unit: int | None = None

    def shared(self) -> "ReadingPlan":
        """Return this plan, made of the same values as those of other machines of the model."""
        return replace(
            self,
            oids=_same(self.oids),
            meters=_same(self.meters),
            supplies=_same(self.supplies),
            trays=_same(self.trays),
            spare=_same(self.spare),
            lacks=_same(self.lacks),
            state=_same(self.state),
        )

    @cached_property
    def formulas(self) -> Mapping[Meter, str]:
        """What each meter is made of, see `basis`."""
        return _formulas(self.profile, self.meters)

    @cached_property
    def held(self) -> Mapping[Meter, Held]:
        """What each meter is read by, for the next plan to hold on to."""
        return _held(self.meters)

    @cached_property
    def provenance(self) -> Mapping[Meter, Provenance]:
        """What formula and evidence each meter rests on."""
        return _provenance(self.meters)

    @cached_property
    def counters(self) -> frozenset[Oid]:
        """Where the planned meters are read."""
        return _counters(self.meters)

    @property
    def extra(self) -> tuple[Oid, ...]:
        """What changes slowly: levels of supplies and trays, the console."""
        wanted: list[Oid | None] = [*self.state.console]
        for supply in self.supplies:
            wanted += (supply.level, supply.capacity_at)
        for tray in self.trays:
            wanted += (tray.level, tray.capacity, tray.status, tray.media)
        return tuple(dict.fromkeys(one for one in wanted if one is not None))

    def fits(self, varbinds: Mapping[Oid, Value]) -> bool:
        """Say whether the machine that gave `varbinds` is still the one this plan is for.

        A mark that was not answered, or came empty, proves nothing.
        """
        return all(self._agrees(oid, varbinds) for oid in self.marks)

    def same_machine(self, varbinds: Mapping[Oid, Value]) -> bool:
        """Say whether it is the same machine, be its firmware new: by serial, else by address."""
        for oid in (self.serial.oid if self.serial else None, self.mac):
            if oid is not None and varbinds.get(oid) and oid in self.marks:
                return self._agrees(oid, varbinds)
        return self.fits(varbinds)

    def _agrees(self, oid: Oid, varbinds: Mapping[Oid, Value]) -> bool:
        return (varbinds.get(oid) or self.marks[oid]) == self.marks[oid]

    def answered(self, varbinds: Mapping[Oid, Value]) -> bool:
        """Say whether every planned counter is among `varbinds`."""
        return self.counters <= varbinds.keys()


# What machines of one model have alike is kept once: a fleet has many machines and few models.


_MODELS: Final = 1024
_T = TypeVar("_T", bound=Hashable)


@lru_cache(_MODELS)
def _kept(value: Hashable) -> Hashable:
    return value


def _same(value: _T) -> _T:
    """Return the first value that was equal to `value`, as long as it is remembered."""
    return cast("_T", _kept(value))


@lru_cache(_MODELS)
def _formulas(profile: str, meters: tuple[PlannedMeter, ...]) -> Mapping[Meter, str]:
    return {planned.meter: planned.basis_in(profile) for planned in meters}


@lru_cache(_MODELS)
def _held(meters: tuple[PlannedMeter, ...]) -> Mapping[Meter, Held]:
    return {planned.meter: planned.held for planned in meters}


@lru_cache(_MODELS)
def _provenance(meters: tuple[PlannedMeter, ...]) -> Mapping[Meter, Provenance]:
    return {
        one.meter: Provenance(one.text, one.confidence, one.source, derived=one.derived)
        for one in meters
    }


@lru_cache(_MODELS)
def _counters(meters: tuple[PlannedMeter, ...]) -> frozenset[Oid]:
    return frozenset(cell.oid for planned in meters for cell in planned.cells)
