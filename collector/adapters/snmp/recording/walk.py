"""Walks a live machine gently: bounded in rows, octets and time, around what is left out."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from collector.adapters.snmp.client.session import (
    LAST_ARC,
    Oid,
    Session,
    Value,
    beyond,
    dotted,
    is_below,
)
from collector.adapters.snmp.recording.discretion import Discretion
from collector.domain.sentence import Sentence, sentence, verbatim
from collector.errors import DeviceError, DeviceNonsense, DeviceRefused, DeviceUnreachable

_END: Final[Oid] = ()
RecordedRow = tuple[int, Value]
"""A value with its type as ASN.1 numbers it: 2 INTEGER, 4 octets, 65 Counter32."""

_AT_ONCE: Final = 24
_SKIPS: Final = 16
"""Times below one root that the walk goes round what it cannot pass."""

_PATIENCE: Final = 2
"""Subtrees in which a machine may fall silent before it is left in peace."""


class LiveSession(Session, Protocol):
    """A session that goes from name to name and keeps everything it hears, with its type."""

    heard: dict[Oid, RecordedRow] | None

    async def after(self, name: Oid, limit: int) -> Sequence[Oid]:
        """Return the next names behind `name`, at most `limit`; none at the agent's end.

        They come in the agent's order. Raises DeviceNonsense where it answers an error instead.
        """
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is recorded at most: rows in all, rows below one root, octets, seconds."""

    rows: int
    tree: int
    octets: int
    seconds: float


class RecordedWalk:
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
        self.notes: list[Sentence] = []
        self._noted: set[tuple[Oid, str]] = set()

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

        What cannot be passed (rows given again, an error) is gone round, with a note. A machine
        that refuses and one that falls silent end this root only, with a note; after two
        silences nothing more is asked.
        """
        if self.is_over() or self._discretion.barred(root) is not None:
            return
        before = self.rows
        try:
            await self._below(root)
        except DeviceUnreachable:
            self._silences += 1
            self.notes.append(sentence("walk.silent", oid=dotted(root)))
        except (DeviceNonsense, DeviceRefused) as error:
            self.notes.append(_error(root, error))
        if self.is_over() and self._silences < _PATIENCE:
            self.notes.append(sentence("walk.most", oid=dotted(root), rows=self.rows))
        elif self.rows - before >= self._bounds.tree:
            rows = self._bounds.tree
            self.notes.append(sentence("walk.tree", oid=dotted(root), rows=rows))

    async def _below(self, root: Oid) -> None:
        last, first, skips = root, self.rows, 0
        seen: set[Oid] = set()
        ways: Iterator[Oid] | None = None
        while not self.is_over() and self.rows - first < self._bounds.tree:
            behind = self._take(root, await self._names(root, last), seen)
            await self._pause()
            if behind is not None:
                if behind == _END:
                    return
                if behind not in seen and behind <= last:
                    self._note(root, "walk.not_on", dotted(behind))
                    return
                last, ways = behind, None
                continue
            if ways is None:
                skips += 1
                ways = beyond(max(seen, default=root), root)
            way = next(ways, None)
            if way is None or skips > _SKIPS:
                return
            last = way

    async def _names(self, root: Oid, last: Oid) -> Sequence[Oid] | None:
        """Return what stands behind `last`; None, with a note, where an error is answered."""
        try:
            return await self._session.after(last, _AT_ONCE)
        except DeviceNonsense as error:
            self._note(root, "walk.no_row", verbatim(error.message))
            return None

    def _take(self, root: Oid, names: Sequence[Oid] | None, seen: set[Oid]) -> Oid | None:
        """Count what was heard; return behind what to go on, or None where nothing was new."""
        last: Oid | None = None if names else _END
        if names is None:
            return None
        for name in names:
            if name <= root:
                self._note(root, "walk.back", dotted(name))
                return _END
            if not is_below(name, root):
                return _END
            barred = self._discretion.barred(name)
            if barred is not None:
                return (*barred, LAST_ARC)  # what the answer carried beyond is dropped unread
            if name in seen:
                self._note(root, "walk.again", dotted(name))
                break
            seen.add(name)
            last = name
            self.rows += 1
            self.octets += self._size(name)
        self._tell(self.rows)
        return last

    def _note(self, root: Oid, what: str, which: str | Sentence) -> None:
        """Say `what` happened below `root`, and `which` was the first: there may be thousands."""
        if (root, what) not in self._noted:
            self._noted.add((root, what))
            self.notes.append(sentence(what, oid=dotted(root), which=which))

    def _size(self, name: Oid) -> int:
        _, value = (self._session.heard or {}).get(name, (0, 0))
        return len(value) if isinstance(value, bytes) else 8


def _error(root: Oid, error: DeviceError) -> Sentence:
    return sentence("walk.error", oid=dotted(root), what=verbatim(error.message))
