"""Finds and keeps the dossiers of machines in a memory that outlives the process."""

from typing import Protocol

from collector.adapters.snmp.dossier import Dossier
from collector.adapters.snmp.dossier_text import read, written
from collector.domain.identity import DeviceIdentity
from collector.domain.reading import PlaceId


class Memory(Protocol):
    """Where a reader keeps what it learnt of machines, over a restart. Never pages.

    Losing it costs requests, and the knowledge by what a machine was read so far. Raises
    LedgerError where it cannot be read or written.
    """

    async def recall(self, key: str) -> str | None:
        """Return what was last remembered under `key`, or None."""
        ...

    async def remember(self, key: str, text: str) -> None:
        """Keep `text` under `key` instead of what was there."""
        ...


class Dossiers:
    """One dossier for each machine, and for each place which machine stood there last.

    Without a memory nothing is found and nothing kept. Raises LedgerError as the memory does.
    """

    def __init__(self, memory: Memory | None) -> None:
        """Keep dossiers in `memory`."""
        self._memory = memory

    async def of_place(self, place: PlaceId) -> Dossier:
        """Return the dossier of the machine that stood at `place` last, or an empty one."""
        key = await self._recall(f"stands|{place}")
        return (read(await self._recall(key)) if key else None) or Dossier()

    async def of_machine(self, place: PlaceId, identity: DeviceIdentity) -> Dossier:
        """Return the dossier of the machine known as `identity`, or an empty one."""
        return read(await self._recall(_key(place, identity))) or Dossier()

    async def keep(self, place: PlaceId, dossier: Dossier) -> None:
        """Write `dossier` down, and that its machine stands at `place`."""
        if self._memory is None:
            return
        key = _key(place, dossier.identity)
        for name, text in ((key, written(dossier)), (f"stands|{place}", key)):
            if await self._memory.recall(name) != text:
                await self._memory.remember(name, text)

    async def _recall(self, key: str) -> str | None:
        return None if self._memory is None else await self._memory.recall(key)


def _key(place: PlaceId, identity: DeviceIdentity) -> str:
    """Return the name of a machine's dossier; one known by its model only has it at its place."""
    if identity.serial is None and identity.mac is None:
        return f"machine|{place}|{identity.key}"
    return f"machine|{identity.key}"
