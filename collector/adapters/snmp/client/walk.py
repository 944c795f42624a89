"""A walk through a subtree: in large steps where the agent can, never in circles or without end.

Agents end tables in many ways: by an error in place of the end, by giving the last row again and
again, by rows that are not sorted (glpi-agent #1044, cups #4990). What was read is kept, and what
lies behind is sought.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from collector.adapters.snmp.client.codec import Blank, Reply, Request, RequestKind, Status
from collector.adapters.snmp.client.fetch import Ask
from collector.adapters.snmp.client.limits import AgentLimits
from collector.adapters.snmp.client.peer import NoAnswer, Peer, nonsense, refusal
from collector.adapters.snmp.client.session import Oid, Value, beyond, dotted, is_below
from collector.domain.sentence import sentence
from collector.errors import DeviceError

LONGEST_S: Final = 60.0
"""Seconds after which a walk that has not come to its end never will."""

LARGEST: Final = 4 * 2**20
"""Octets after which the same holds; the whole of a large copier's agent is about a tenth."""

_SKIPS: Final = 16
"""Times that one walk goes round what it cannot pass."""

_STEPS: Final = (24, 8, 1)
"""Rows to ask for, less and less, from an agent that is silent to a GETBULK."""


class Walk:
    """Walks below `root` once, and learns for the next time.

    Afterwards `is_cut` says whether the agent gave an error or a row again in place of an end, so
    that there may be more than was found.
    """

    def __init__(self, ask: Ask, limits: AgentLimits, peer: Peer, *, bulk: bool) -> None:
        """Ask by `ask`, with GETBULK where `bulk` (SNMPv1 has none)."""
        self._ask = ask
        self._limits = limits
        self._peer = peer
        self._bulk = bulk
        self._rows = limits.rows if bulk else 1
        self.is_cut = False

    async def __call__(self, root: Oid, limit: int) -> dict[Oid, Value]:
        """Return the values below `root` in the agent's order, at most `limit` rows."""
        rows_at_once = self._limits.rows
        found = await self._walked(root, limit)
        if self.is_cut:
            self._limits.rows = rows_at_once  # the steps became small at an odd end only
        return found

    async def _walked(self, root: Oid, limit: int) -> dict[Oid, Value]:
        found: dict[Oid, Value] = {}
        seen: set[Oid] = set()
        last, size, skips = root, 0, 0
        end = asyncio.get_running_loop().time() + LONGEST_S
        while len(seen) < limit:
            before = len(seen)
            reply = await self._answer(last, limit - len(seen))
            rows = _rows_of(reply, last)
            if not rows and not seen and not self._may_be_an_end(reply):
                raise self._failure(last, reply)
            for name, value in rows:
                if value is Blank.END or not is_below(name, root):
                    return found
                if name in seen:
                    break
                seen.add(name)
                last = name
                size += len(value) if isinstance(value, bytes) else 0
                if not isinstance(value, Blank):
                    found[name] = value
            if len(seen) == before:
                self.is_cut = True
                skips += 1
                way = await self._way_on(root, seen) if skips <= _SKIPS else None
                if way is None:
                    return found
                last = way
            if size > LARGEST or asyncio.get_running_loop().time() > end:
                raise nonsense(self._peer, sentence("nonsense.no_end", oid=dotted(root)))
        return found

    async def _way_on(self, root: Oid, seen: set[Oid]) -> Oid | None:
        """Return a name behind which there is a row that was not seen; None where nothing is."""
        self._rows = 1
        for name in beyond(max(seen, default=root), root):
            for found, value in _rows_of(await self._answer(name, 1), name):
                if value is Blank.END or not is_below(found, root):
                    return None
                if found not in seen:
                    return name
        return None

    async def after(self, name: Oid, limit: int) -> Sequence[Oid]:
        """Return the next names behind `name`, at most `limit`; none at the agent's end.

        They are in the agent's order, which may be none.
        """
        reply = await self._answer(name, limit)
        rows = _rows_of(reply, name)
        if not rows:
            raise self._failure(name, reply)
        return [one for one, value in rows[:limit] if value is not Blank.END]

    def _may_be_an_end(self, reply: Reply) -> bool:
        """Say whether an error to the first question may mean that there is nothing to walk.

        Toshiba answers genErr behind the last of its rows. One that answered nothing else so far
        is broken.
        """
        return reply.error == Status.GEN_ERR and self._limits.answered > 0

    def _failure(self, name: Oid, reply: Reply) -> DeviceError:
        if reply.error == Status.NO_ERROR:
            return nonsense(self._peer, sentence("nonsense.empty_walk"))
        return refusal(self._peer, (name,), reply)

    async def _answer(self, last: Oid, limit: int) -> Reply:
        """Return what the agent says stands behind `last`: an error only to the smallest step."""
        while True:
            reply = await self._step(last, limit)
            if reply is None:
                continue
            if reply.error == Status.NO_ERROR:
                if self._bulk and reply.found:
                    self._limits.rows = self._rows
                return replace(reply, found=reply.found[:limit])
            if self._rows == 1:
                return reply
            self._rows //= 2

    async def _step(self, last: Oid, limit: int) -> Reply | None:
        """Return one answer, or None where a smaller step is to be tried."""
        rows = min(self._rows, limit)
        if rows == 1:
            return await self._ask(Request(RequestKind.NEXT, (last,)), None)
        try:
            reply = await self._ask(Request(RequestKind.BULK, (last,), rows), None)
        except NoAnswer:
            if self._limits.bulk_works:
                raise
            self._rows = next(step for step in _STEPS if step < rows)
            return None
        self._limits.bulk_works = True
        return reply


def _rows_of(reply: Reply, last: Oid) -> Sequence[tuple[Oid, Value | Blank]]:
    """Return the rows in `reply`; END where it says in SNMPv1's way that none is behind `last`."""
    if reply.error == Status.NO_SUCH_NAME:
        return [(last, Blank.END)]
    return reply.found if reply.error == Status.NO_ERROR else ()
