"""What a search of the network found: machines, each once, and how they stand to the fleet."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.identity import DeviceIdentity, Sameness, compare
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence, sentence, verbatim


class AddressVerdict(Enum):
    """What an address turned out to be."""

    SILENT = "silent"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    NONSENSE = "nonsense"
    OTHER = "other"
    PRINTER = "printer"


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one address said. `address` is as it was asked for, `ip` where it leads.

    `credential` is the name of the one that was answered. `words` are the agent's own description
    where it answered, a sentence on what is wrong where it did not, or where it could not be read
    to the end. `total` is None where it states none.
    """

    address: str
    ip: str
    port: int
    verdict: AddressVerdict
    words: str = ""
    credential: str = ""
    identity: DeviceIdentity = field(default_factory=DeviceIdentity)
    total: int | None = None
    profile: str = ""
    name: str = ""
    location: str = ""

    @property
    def kind_of_trouble(self) -> str:
        """The sentence on what is wrong without the address it is about."""
        for written in (f"[{self.ip}]:{self.port} ", f"{self.ip}:{self.port} "):
            if self.words.startswith(written):
                return self.words.removeprefix(written)
        return self.words


SHOWN: Final = 5
"""Addresses with the same trouble that are kept one by one; more are counted."""


@dataclass(slots=True)
class SearchTally:
    """What all addresses came to, in memory that does not grow with the silent ones.

    `answered` are those at which an agent spoke. `closed` counts
    addresses that nobody can be reached at by the sentence why, its address left out, and keeps
    the first few of those sentences whole.
    """

    counts: Counter[AddressVerdict] = field(default_factory=Counter)
    answered: list[Sighting] = field(default_factory=list)
    closed: dict[str, list[str]] = field(default_factory=dict)
    closed_counts: Counter[str] = field(default_factory=Counter)

    def add(self, one: Sighting) -> None:
        """Take in what one address came to."""
        self.counts[one.verdict] += 1
        if one.verdict is AddressVerdict.UNREACHABLE:
            kind = one.kind_of_trouble
            self.closed_counts[kind] += 1
            if self.closed_counts[kind] <= SHOWN:
                self.closed.setdefault(kind, []).append(one.words)
        elif one.verdict is not AddressVerdict.SILENT:
            self.answered.append(one)


@dataclass(frozen=True, slots=True)
class FoundPrinter:
    """One printer and every address it answers at, in the order they were found, at least one."""

    sightings: tuple[Sighting, ...]

    @property
    def main(self) -> Sighting:
        """The sighting that says most: the first with a serial number, else the first."""
        known = [one for one in self.sightings if one.identity.serial is not None]
        return (known or self.sightings)[0]

    @property
    def spots(self) -> tuple[tuple[str, int], ...]:
        """Every address, as numbers, with its port."""
        return tuple((one.ip, one.port) for one in self.sightings)


def joined(sightings: Iterable[Sighting]) -> tuple[FoundPrinter, ...]:
    """Return the printers among `sightings`, those that are one machine put together.

    One machine is known by its serial number; one that states none by its hardware address. A
    machine with neither is never taken for another: two of a model look the same.
    """
    groups: list[list[Sighting]] = []
    by_serial: dict[str, list[Sighting]] = {}
    by_mac: dict[str, list[Sighting]] = {}
    printers = [one for one in sightings if one.verdict is AddressVerdict.PRINTER]
    for one in sorted(printers, key=lambda one: one.identity.serial is None):
        serial, mac = one.identity.serial, one.identity.mac
        group = by_serial.get(serial) if serial is not None else by_mac.get(mac or "")
        if group is None:
            group = []
            groups.append(group)
        group.append(one)
        if serial is not None:
            by_serial[serial] = group
        if mac is not None:
            by_mac.setdefault(mac, group)
    order = {id(one): at for at, one in enumerate(printers)}
    for group in groups:
        group.sort(key=lambda one: order[id(one)])
    groups.sort(key=lambda group: order[id(group[0])])
    return tuple(FoundPrinter(tuple(group)) for group in groups)


@dataclass(frozen=True, slots=True)
class KnownPlaces:
    """What the office itself knows: places by address and port, and the machine last read.

    `former` are machines read at places that the fleet file has no more.
    """

    places: Mapping[tuple[str, int], PlaceId] = field(default_factory=dict)
    addresses: Mapping[PlaceId, str] = field(default_factory=dict)
    read: Mapping[PlaceId, DeviceIdentity] = field(default_factory=dict)
    former: Mapping[PlaceId, DeviceIdentity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlacedMachine:
    """A machine with the place it stands at by its address, and the place it was last read at."""

    machine: FoundPrinter
    place: PlaceId | None = None
    home: PlaceId | None = None

    @property
    def is_new(self) -> bool:
        """True where the fleet file knows neither the address nor the machine."""
        return self.place is None and self.home is None


_SAID: Final = Severity.WARNING

_ANOTHER: Final = "another address"
"""What evidence calls an address that nobody knows."""


def placed(machines: Iterable[FoundPrinter], ours: KnownPlaces) -> tuple[PlacedMachine, ...]:
    """Return how each machine stands to the fleet."""
    return tuple(_standing(one, ours) for one in machines)


def _standing(machine: FoundPrinter, ours: KnownPlaces) -> PlacedMachine:
    places = [ours.places[spot] for spot in machine.spots if spot in ours.places]
    identity = machine.main.identity
    home = _read_at(identity, ours.read)
    if home in places:
        return PlacedMachine(machine, home, home)
    return PlacedMachine(machine, places[0] if places else None, home)


def _read_at(identity: DeviceIdentity, read: Mapping[PlaceId, DeviceIdentity]) -> PlaceId | None:
    """Return where the machine was last read, by serial number or hardware address only."""
    if identity.serial is None and identity.mac is None:
        return None
    same = (place for place, known in read.items() if compare(known, identity) is Sameness.SAME)
    return next(same, None)


def compared(found: Sequence[PlacedMachine], ours: KnownPlaces) -> tuple[Finding, ...]:
    """Return what the fleet file and the network do not agree upon; the same fact, the same id."""
    findings: list[Finding] = []
    for one in found:
        findings += _of_machine(one, ours)
    return tuple(findings)


def _of_machine(one: PlacedMachine, ours: KnownPlaces) -> Iterable[Finding]:
    seen = one.machine.main
    device = str(seen.identity.key)
    named = sentence("machine.at", machine=_called(seen.identity), where=_where(one.machine))
    if one.place is None and one.home is None:
        yield _unlisted(one, named, ours)
    elif one.place is None:
        known = ours.addresses.get(one.home or PlaceId(""))
        yield Finding(
            Code.ADDRESS_CHANGED,
            _SAID,
            str(one.home),
            sentence(
                "finding.address_changed",
                machine=named,
                listed=known or sentence("address.another"),
            ),
            evidence={"device": device, "address": seen.ip, "listed": known or _ANOTHER},
        )
    else:
        yield from _at_place(one, device, named, ours)
    yield from _twice(one, device, ours)


def _at_place(
    one: PlacedMachine, device: str, named: Sentence, ours: KnownPlaces
) -> Iterable[Finding]:
    place = one.place or PlaceId("")
    known = ours.read.get(place)
    if one.home is not None and one.home != place:
        yield Finding(
            Code.DEVICE_MOVED,
            _SAID,
            str(place),
            sentence("finding.device_moved.found", machine=named, place=one.home),
            evidence={"device": device, "from": str(one.home)},
        )
    if known is not None and compare(known, one.machine.main.identity) is Sameness.OTHER:
        yield Finding(
            Code.DEVICE_REPLACED,
            _SAID,
            str(place),
            sentence("finding.device_replaced.found", machine=named, before=_called(known)),
            evidence={"device": device, "before": str(known.key)},
        )


def _twice(one: PlacedMachine, device: str, ours: KnownPlaces) -> Iterable[Finding]:
    """Tell of a machine that the fleet file names at several places: it would count twice."""
    places = dict.fromkeys(ours.places[spot] for spot in one.machine.spots if spot in ours.places)
    for other in places:
        if other != one.place:
            yield Finding(
                Code.DEVICE_MOVED,
                _SAID,
                str(other),
                sentence(
                    "finding.device_moved.two_addresses",
                    machine=_called(one.machine.main.identity),
                    place=one.place or "",
                ),
                evidence={"device": device, "home": str(one.place)},
            )


def _unlisted(one: PlacedMachine, named: Sentence, ours: KnownPlaces) -> Finding:
    seen = one.machine.main
    before = _read_at(seen.identity, ours.former)
    said = sentence("finding.device_unlisted", machine=named)
    if before:
        said = sentence("finding.device_unlisted.former", machine=named, place=before)
    return Finding(
        Code.DEVICE_UNLISTED,
        _SAID,
        seen.ip,
        said,
        evidence={"device": str(seen.identity.key), "address": seen.ip},
    )


def _called(identity: DeviceIdentity) -> Sentence:
    name = " ".join(filter(None, (identity.vendor, identity.model)))
    named = name or sentence("machine.a_printer")
    if identity.serial:
        return sentence("machine", model=named, device=identity.serial)
    return verbatim(name) if name else sentence("machine.a_printer")


def _where(machine: FoundPrinter) -> Sentence:
    first, *more = dict.fromkeys(one.address for one in machine.sightings)
    if not more:
        return verbatim(first)
    if len(more) > 1:
        return sentence("addresses.and_more", first=first, more=len(more))
    return sentence("addresses.two", first=first, other=more[0])
