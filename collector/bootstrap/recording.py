"""The recording of a machine, put together: session, walk, scrubbing, proof."""

import asyncio
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.profiles.values import Profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.recording.discretion import shipped
from collector.adapters.snmp.recording.recorder import Manner, record
from collector.adapters.snmp.recording.scrub import Scrubbed, scrub
from collector.adapters.snmp.recording.session import CaptureSession, parse_capture
from collector.adapters.snmp.recording.snmprec import text_of
from collector.adapters.snmp.recording.walk import Bounds
from collector.domain.meters import Meter
from collector.domain.privacy.redaction import KnownSecret
from collector.errors import DeviceError
from collector.runtime.sweep import EvenTurns

_SALT_OCTETS: Final = 16


@dataclass(frozen=True, slots=True)
class FinishedRecording:
    """A finished recording: what was recorded, its text, and the meters that it lost or changed.

    `changed` is empty where `text` decodes to the figures of the live machine.
    """

    scrubbed: Scrubbed
    text: str
    changed: tuple[Meter, ...]


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """What is wanted: all trees or the usual, in which bounds, at how many requests a second."""

    everything: bool
    bounds: Bounds
    rate: float


async def take(
    session: PysnmpSession,
    profiles: Profiles,
    options: RecordingOptions,
    known: Iterable[KnownSecret],
    tell: Callable[[int], None],
    remarks: Callable[[Scrubbed], list[str]],
) -> FinishedRecording:
    """Return a recording of the machine behind `session`, fit to be sent; the session is closed.

    `known` values are replaced besides what the machine says of itself; `remarks` are the lines
    at the head of the file. Raises DeviceError where the machine cannot be recognised.
    """
    pace = EvenTurns(options.rate, asyncio.Event())

    async def pause() -> None:
        await pace.turn()

    manner = Manner(options.everything, options.bounds, pause, tell)
    try:
        recording = await record(session, profiles, shipped(), manner)
    finally:
        await session.close()
    scrubbed = scrub(recording, shipped(), known, os.urandom(_SALT_OCTETS))
    text = text_of(scrubbed.recording.rows, remarks(scrubbed))
    return FinishedRecording(scrubbed, text, await _changed(scrubbed, text, profiles))


async def _changed(scrubbed: Scrubbed, text: str, profiles: Profiles) -> tuple[Meter, ...]:
    """Return the meters for which the file does not give the figure of the live machine."""
    live = scrubbed.recording.answer
    if live is None:
        return ()
    session = CaptureSession(parse_capture(text))
    try:
        plan = await resolve(session, profiles)
        told = decode(plan, await session.get(plan.oids)).meters
    except DeviceError:
        told = {}
    return tuple(sorted(name for name in live.meters if told.get(name) != live.meters[name]))
