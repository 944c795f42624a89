"""Walks a live machine gently: bounded in rows, octets and time, around what is left out."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from collector.adapters.snmp.recording.discretion import Discretion
from collector.adapters.snmp.session import Oid, Session, Value, dotted
from collector.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable

Row = tuple[int, Value]
"""A value with its type as ASN.1 numbers it: 2 INTEGER, 4 octets, 65 Counter32."""

_AT_ONCE: Final = 24
_LAST_ARC: Final = 2**32 - 1
_PATIENCE: Final = 2
"""Subtrees in which a machine may fall silent before it is left in peace."""


class LiveSession(Session, Protocol):
    """A session that goes from name to name and keeps everything it hears, with its type."""

    heard: dict[Oid, Row] | None

    async def after(self, name: Oid, limit: int) -> Sequence[Oid]:
        """Return the next names behind `name` in agent order, at most `limit`; none at its end."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is recorded at most: rows in all, rows below one root, octets, seconds."""

    rows: int
    tree: int
    octets: int
    seconds: float


class Walk:
    """Hears everything below some roots. What stopped it early is in `notes`, as sentences."""

    def __init__(
        self,
        session: LiveSession,
        discretion: Discretion,
        bounds: Bounds,
        pause: Callable[[], Awaitable[None]],
        tell: Callable[[int], None],
    ) -> None:
        """Ask `session`, with a `pause` after each request; `tell` is told the rows so far."""
        self._session = session
        self._discretion = discretion
        self._bounds = bounds
        self._pause = pause
        self._tell = tell
        self._until = asyncio.get_running_loop().time() + bounds.seconds
        self._silences = 0
        self.rows = 0
        self.octets = 0
        self.notes: list[str] = []

    def is_over(self) -> bool:
        """Say whether nothing more may be asked."""
        return (
            self.rows >= self._bounds.rows
            or self.octets >= self._bounds.octets
            or self._silences >= _PATIENCE
            or asyncio.get_running_loop().time() >= self._until
        )

    async def below(self, root: Oid) -> None:
        """Hear everything below `root`, as far as the bounds and discretion allow.

        A machine in a loop, one that refuses and one that falls silent end this root only, with
        a note; after two silences nothing more is asked.
        """
        if self.is_over() or self._discretion.barred(root) is not None:
            return
        before = self.rows
        try:
            await self._below(root)
        except DeviceUnreachable:
            self._silences += 1
            self.notes.append(f"the machine fell silent below {dotted(root)}")
        except (DeviceNonsense, DeviceRefused) as error:
            self.notes.append(f"below {dotted(root)}: {error.message}")
        if self.is_over() and self._silences < _PATIENCE:
            self.notes.append(
                f"stopped below {dotted(root)} after {self.rows:,} rows, the most that is asked "
                "for; --all asks for more"
            )
        elif self.rows - before >= self._bounds.tree:
            self.notes.append(
                f"only {self._bounds.tree:,} rows were taken below {dotted(root)}; "
                "--all asks for more"
            )

    async def _below(self, root: Oid) -> None:
        last, first = root, self.rows
        while not self.is_over() and self.rows - first < self._bounds.tree:
            names = await self._session.after(last, _AT_ONCE)
            behind = self._take(root, names)
            await self._pause()
            if behind is None or behind <= last:
                return
            last = behind

    def _take(self, root: Oid, names: Sequence[Oid]) -> Oid | None:
        """Count what was heard; return where to go on, or None at the end of `root`."""
        last: Oid | None = None
        for name in names:
            if name[: len(root)] != root:
                return None
            barred = self._discretion.barred(name)
            if barred is not None:
                return (*barred, _LAST_ARC)  # what the answer carried beyond is dropped unread
            last = name
            self.rows += 1
            self.octets += self._size(name)
        self._tell(self.rows)
        return last

    def _size(self, name: Oid) -> int:
        _, value = (self._session.heard or {}).get(name, (0, 0))
        return len(value) if isinstance(value, bytes) else 8
