"""A search of the network, put together: addresses, keys, sessions, pace; and what is known."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from collector.adapters.clock import SystemClock
from collector.adapters.snmp.client.session import LearningSession, Session
from collector.adapters.snmp.client.sockets import Sockets
from collector.adapters.snmp.discovery import Means, ProbedAddress, Scout
from collector.adapters.snmp.profiles.load import load_profiles
from collector.bootstrap.machines import NamedCredential, Patience, open_session
from collector.bootstrap.office import has_ledger, open_ledger
from collector.domain.discovered import KnownPlaces, Sighting
from collector.domain.office.fleet import Fleet
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence, sentence, verbatim
from collector.errors import LedgerError
from collector.ports import PlaceState
from collector.runtime.sweep import EvenTurns, sweep
from collector.settings.address_ranges import AddressRanges
from collector.settings.load import Loaded
from collector.settings.values import canonical_address

_IN_FLIGHT: Final = 200
"""Addresses asked at the same time: each takes up to two sockets of the 1024 a process has."""

_LISTEN_LONGER: Final = 3
"""A printer is listened to so many times longer than an unknown address."""

_NAME_SERVER_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class NetworkSearch:
    """Whom to ask, with which keys, how: `rate` questions a second to unknown addresses."""

    ranges: AddressRanges
    keys: tuple[NamedCredential, ...]
    port: int
    rate: float
    patience: Patience


async def search(
    options: NetworkSearch,
    loaded: Loaded | None,
    hosts: Mapping[str, str],
    done: Callable[[Sighting], None],
    stop: asyncio.Event,
) -> None:
    """Ask every address once and give each result to `done`, until all are asked or `stop`.

    `hosts` says where the host names lead.
    """
    profiles = load_profiles(loaded.settings.fleet.profiles if loaded is not None else None)
    pace = EvenTurns(options.rate, stop)
    slow = Patience(options.patience.timeout_s * _LISTEN_LONGER, max(1, options.patience.retries))

    sockets = Sockets()

    async def turn() -> bool:
        return await pace.turn(options.patience.retries + 1)

    def probe(spot: ProbedAddress, key: NamedCredential) -> Session:
        return open_session(spot.ip, spot.port, key, options.patience).over(sockets)

    def converse(spot: ProbedAddress, key: NamedCredential) -> LearningSession:
        return open_session(spot.ip, spot.port, key, slow).over(sockets)

    scout = Scout(Means(probe, converse, turn), options.keys, profiles)
    spots = _spots(options.ranges, hosts, options.port)
    await sweep(spots, scout.look, done, at_once=_IN_FLIGHT, stop=stop)


def _spots(ranges: AddressRanges, hosts: Mapping[str, str], port: int) -> Iterator[ProbedAddress]:
    named = set(hosts.values())
    for address in ranges:
        ip = hosts.get(address)
        if ip is not None:
            yield ProbedAddress(address, ip, port)
        elif address not in named:
            yield ProbedAddress(address, address, port)


async def where_hosts_lead(hosts: Sequence[str]) -> tuple[dict[str, str], list[Sentence]]:
    """Return host name -> address, and a sentence for every name that leads nowhere."""
    async with asyncio.TaskGroup() as group:
        tasks = {host: group.create_task(_resolved(host)) for host in dict.fromkeys(hosts)}
    found = {host: task.result() for host, task in tasks.items()}
    lost = [
        sentence("discover.unknown_name", host=host) for host, ip in found.items() if ip is None
    ]
    return {host: ip for host, ip in found.items() if ip is not None}, lost


async def _resolved(host: str) -> str | None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_NAME_SERVER_S):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError, TimeoutError):
        return None
    return host if "%" in host else str(found[0][4][0])


async def known_places(loaded: Loaded) -> tuple[KnownPlaces, list[Sentence]]:
    """Return what fleet file and ledger say, and sentences on what could not be looked up.

    The ledger is read only, so the service may be running; before the first start there is none.
    """
    notes: list[Sentence] = []
    states: Sequence[PlaceState] = ()
    try:
        if has_ledger(loaded.settings):
            ledger = await open_ledger(loaded.settings, read_only=True)
            try:
                states = await ledger.states()
            finally:
                await ledger.close()
        else:
            notes.append(sentence("discover.no_ledger"))
    except LedgerError as error:
        notes.append(sentence("discover.address_only", why=verbatim(str(error))))
    fleet = _standing(loaded)
    names = [one.address for one in fleet.places if not _is_ip(one.address)]
    hosts, lost = await where_hosts_lead(names)
    notes += [sentence("discover.in_fleet_file", what=one) for one in lost]
    return _places_of(fleet, hosts, states), notes


def _standing(loaded: Loaded) -> Fleet:
    """Return the fleet without the places that have ended: their machines are elsewhere."""
    today = loaded.settings.office.office(frozenset()).local_day(SystemClock().now())
    places = tuple(one for one in loaded.fleet.places if one.stands_on(today))
    return replace(loaded.fleet, places=places)


def _places_of(fleet: Fleet, hosts: Mapping[str, str], states: Iterable[PlaceState]) -> KnownPlaces:
    places: dict[tuple[str, int], PlaceId] = {}
    for one in fleet.places:
        places.setdefault(
            (canonical_address(hosts.get(one.address, one.address)), one.port), one.id
        )
    known = {one.id for one in fleet.places}
    tracks = {one.place: one.track.identity for one in states if one.track is not None}
    return KnownPlaces(
        places=places,
        addresses={one.id: one.address for one in fleet.places},
        read={place: identity for place, identity in tracks.items() if place in known},
        former={place: identity for place, identity in tracks.items() if place not in known},
    )


def _is_ip(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True
