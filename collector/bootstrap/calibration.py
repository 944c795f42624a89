"""A calibration, put together: the walk, further looks, the profile that comes of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Session, Value
from collector.adapters.snmp.profiles.load import files_of, load_files
from collector.adapters.snmp.profiles.values import Profiles
from collector.adapters.snmp.recording.discretion import shipped
from collector.adapters.snmp.recording.recorder import Manner, record
from collector.adapters.snmp.recording.walk import Bounds, RecordedRow
from collector.bootstrap.machines import NamedCredential, Patience, open_session
from collector.bootstrap.office import open_ledger
from collector.calibration.fits import Round
from collector.calibration.machine import Examined, examine
from collector.calibration.proposal import Beside, ProfileProposal, Signed, propose
from collector.calibration.verdicts import Verdicts
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import Sentence
from collector.errors import ConfigError, DeviceNonsense, DeviceUnreachable, LedgerError, Problem
from collector.runtime.sweep import EvenTurns
from collector.settings.load import Loaded
from collector.texts import ENGLISH

_AT_ONCE: Final = 24
"""Names in one question of a further look: gentle, and two questions for most machines."""


@dataclass(frozen=True, slots=True)
class Walking:
    """How a machine is walked: everything or the usual trees, in which bounds, how fast."""

    everything: bool
    bounds: Bounds
    rate: float
    patience: Patience


@dataclass(frozen=True, slots=True)
class Agent:
    """Where the machine answers, and the keys that may be tried, in order."""

    address: str
    port: int
    keys: tuple[NamedCredential, ...]


@dataclass(frozen=True, slots=True)
class FinishedWalk:
    """A finished walk: the rows, the key that was answered, what stopped it early."""

    rows: Mapping[Oid, RecordedRow]
    agent: Agent
    notes: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class UserProfiles:
    """The user's profiles: all of them as they are loaded, and their files."""

    profiles: Profiles
    beside: Beside


def own_profiles(loaded: Loaded | None, more: Path | None = None) -> UserProfiles:
    """Return every profile, with the office's own and those in the folder of `more`.

    Raises ConfigError with every problem of the files.
    """
    problems: list[Problem] = []
    fleet = loaded.settings.fleet if loaded is not None else None
    files = list(files_of(fleet.profiles, problems)) if fleet and fleet.profiles else []
    if more is not None and more.is_file() and not any(one.samefile(more) for one in files):
        files.append(more)
    low_confidence = fleet.low_confidence if fleet is not None else False
    profiles = load_files(files, problems, low_confidence=low_confidence)
    if problems:
        raise ConfigError(problems)
    return UserProfiles(profiles, Beside(tuple(files), low_confidence))


def _pause(rate: float) -> Callable[[], Awaitable[None]]:
    pace = EvenTurns(rate, asyncio.Event())

    async def pause() -> None:
        await pace.turn()

    return pause


async def walk(
    agent: Agent, profiles: Profiles, walking: Walking, tell: Callable[[int], None]
) -> FinishedWalk:
    """Return everything that may be a counter of the machine; raises DeviceError.

    The keys are tried in their order, the next only where nothing answered.
    """
    for at, key in enumerate(agent.keys, start=1):
        session = open_session(agent.address, agent.port, key, walking.patience)
        manner = Manner(walking.everything, walking.bounds, _pause(walking.rate), tell)
        try:
            recording = await record(session, profiles, shipped(), manner)
        except DeviceUnreachable:
            if at == len(agent.keys):
                raise
            continue
        finally:
            await session.close()
        answered = Agent(agent.address, agent.port, (key,))
        return FinishedWalk(recording.rows, answered, recording.notes)
    message = ENGLISH("device.no_key")
    raise DeviceUnreachable(agent.address, message)


async def look_again(
    agent: Agent, examined: Examined, walking: Walking, tell: Callable[[int], None]
) -> Mapping[Oid, Value]:
    """Return what the counters of `examined` say now; raises DeviceError.

    `tell` is told how many were asked. Raises DeviceNonsense where another machine answers.
    """
    values: Mapping[Oid, Value] = {}
    for at, key in enumerate(agent.keys, start=1):
        session = open_session(agent.address, agent.port, key, walking.patience)
        try:
            values = await _values(session, examined, walking.rate, tell)
            break
        except DeviceUnreachable:
            if at == len(agent.keys):
                raise
        finally:
            await session.close()
    check_same(agent.address, examined, values)
    return values


async def _values(
    session: Session, examined: Examined, rate: float, tell: Callable[[int], None]
) -> Mapping[Oid, Value]:
    pause, oids = _pause(rate), examined.oids
    values: dict[Oid, Value] = {}
    for column in examined.refreshed:
        await pause()
        await session.walk(column, limit=1)
    for at in range(0, len(oids), _AT_ONCE):
        await pause()
        values |= await session.get(oids[at : at + _AT_ONCE])
        tell(min(len(oids), at + _AT_ONCE))
    return values


def check_same(name: str, examined: Examined, values: Mapping[Oid, Value]) -> None:
    """Raise DeviceNonsense where `values` are of another machine than the first round's."""
    if not examined.plan.same_machine(values):
        message = ENGLISH("device.another_than_first")
        raise DeviceNonsense(name, message)


def check_kind(name: str, examined: Examined, values: Mapping[Oid, Value]) -> None:
    """Raise DeviceNonsense where a recording is of another kind of machine than the first.

    Recordings carry made-up serial numbers, in each another one.
    """
    first, now = examined.values.get(mib.SYS_OBJECT_ID), values.get(mib.SYS_OBJECT_ID)
    if None not in {first, now} and first != now:
        message = ENGLISH("device.another_kind")
        raise DeviceNonsense(name, message)


async def examined_of(rows: Mapping[Oid, RecordedRow], profiles: Profiles) -> Examined:
    """Return what `rows` of one machine come to; raises DeviceError."""
    return await examine(rows, profiles, shipped())


async def proposed(
    examined: Examined,
    rounds: Sequence[Round],
    signed: Signed,
    beside: Beside,
    tell: Callable[[int, int], None],
) -> ProfileProposal | Verdicts:
    """Return the profile that the rounds prove, or the verdicts alone; raises ConfigError.

    `tell` is told how far the search has come.
    """
    return await propose(examined, rounds, signed, beside, tell)


async def is_counted(loaded: Loaded, place: str) -> bool:
    """Say whether the ledger has readings of `place`; where it cannot be read, it has none."""
    try:
        ledger = await open_ledger(loaded.settings, read_only=True)
    except LedgerError:
        return False
    try:
        return (await ledger.state(PlaceId(place))).track is not None
    finally:
        await ledger.close()
