"""A walk through a subtree: in large steps where the agent can, never in circles or without end."""

import asyncio
from collections.abc import Sequence
from typing import Final

from collector.adapters.snmp.client.codec import Blank, Kind, Question, Reply, Status
from collector.adapters.snmp.client.fetch import Ask
from collector.adapters.snmp.client.lessons import Lessons
from collector.adapters.snmp.client.peer import Peer, Silence, nonsense, refusal
from collector.adapters.snmp.session import Oid, Value, dotted

LONGEST_S: Final = 60.0
"""Seconds after which a walk that has not come to its end never will."""

LARGEST: Final = 4 * 2**20
"""Octets after which the same holds; the whole of a large copier's agent is about a tenth."""

_STEPS: Final = (24, 8, 1)
"""Rows to ask for, less and less, from an agent that is silent to a GETBULK."""


class Trek:
    """Walks below `root` once, and learns for the next time."""

    def __init__(self, ask: Ask, lessons: Lessons, peer: Peer, *, bulk: bool) -> None:
        """Ask by `ask`, with GETBULK where `bulk` (SNMPv1 has none)."""
        self._ask = ask
        self._lessons = lessons
        self._peer = peer
        self._bulk = bulk
        self._rows = lessons.rows if bulk else 1

    async def __call__(self, root: Oid, limit: int) -> dict[Oid, Value]:
        """Return the values below `root` in the agent's order, at most `limit` rows."""
        found: dict[Oid, Value] = {}
        last, seen, size = root, 0, 0
        end = asyncio.get_running_loop().time() + LONGEST_S
        while seen < limit:
            for name, value in await self._rows_after(last, limit - seen):
                if value is Blank.END or name[: len(root)] != root:
                    return found
                self._check(name, last)
                last, seen = name, seen + 1
                size += len(value) if isinstance(value, bytes) else 0
                if not isinstance(value, Blank):
                    found[name] = value
            if size > LARGEST or asyncio.get_running_loop().time() > end:
                raise nonsense(self._peer, f"comes to no end below {dotted(root)}")
        return found

    async def after(self, name: Oid, limit: int) -> Sequence[Oid]:
        """Return the next names behind `name`, at most `limit`; none at the agent's end."""
        found: list[Oid] = []
        last = name
        for one, value in await self._rows_after(name, limit):
            if value is Blank.END:
                break
            self._check(one, last)
            last = one
            found.append(one)
        return found

    def _check(self, name: Oid, last: Oid) -> None:
        if name <= last:
            where = f"{dotted(name)} after {dotted(last)}"
            raise nonsense(self._peer, f"goes round in circles ({where})")

    async def _rows_after(self, last: Oid, limit: int) -> Sequence[tuple[Oid, Value | Blank]]:
        """Return at least one row behind `last`, or END where the agent has no more."""
        while True:
            reply = await self._step(last, limit)
            if reply is None:
                continue
            if reply.error == Status.NO_SUCH_NAME:
                return [(last, Blank.END)]
            if reply.error != Status.NO_ERROR and self._rows > 1:
                self._rows //= 2
                continue
            if reply.error != Status.NO_ERROR:
                raise refusal(self._peer, (last,), reply)
            if not reply.found:
                raise nonsense(self._peer, "answers a walk with nothing")
            if self._bulk:
                self._lessons.rows = self._rows
            return reply.found[:limit]

    async def _step(self, last: Oid, limit: int) -> Reply | None:
        """Return one answer, or None where a smaller step is to be tried."""
        rows = min(self._rows, limit)
        if rows == 1:
            return await self._ask(Question(Kind.NEXT, (last,)), None)
        try:
            reply = await self._ask(Question(Kind.BULK, (last,), rows), None)
        except Silence:
            if self._lessons.bulk_works:
                raise
            self._rows = next(step for step in _STEPS if step < rows)
            return None
        self._lessons.bulk_works = True
        return reply
