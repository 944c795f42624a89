"""How one machine is asked: as much as it can answer at once, in parts where it cannot."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from collector.adapters.snmp.client.codec import Blank, Kind, Question, Reply, Status
from collector.adapters.snmp.client.community import CommunityChannel
from collector.adapters.snmp.client.usm import UserChannel
from collector.adapters.snmp.client.wire import Peer, Silence, Wire
from collector.adapters.snmp.credentials import CommunityCredential, Credential
from collector.adapters.snmp.session import Oid, Value, dotted
from collector.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable

LARGE: Final = 20
"""Names above which a machine's silence may mean that the request was too large for it."""

_FORGET_AFTER: Final = 12
"""Gets after which names an SNMPv1 agent did not have are asked for again."""

_REPETITIONS: Final = 24
_MODEST_REPETITIONS: Final = 8

_Part = tuple[Oid, ...]


class _Channel(Protocol):
    async def ask(self, question: Question, tries: int) -> Reply: ...


class PysnmpSession:
    """Asks one agent with one credential, over SNMPv1, v2c or v3. Implements `Session`.

    Cheap to make: the socket is opened by the first request, there is no engine and no MIB.
    What was learnt of the machine (how much it answers at once, what it does not have, its
    SNMPv3 engine) is kept for as long as the session, so keep one session for each machine.
    Requests of one session run one after another; sessions run side by side.
    """

    def __init__(
        self,
        address: str,
        port: int,
        credential: Credential,
        *,
        timeout_s: float,
        retries: int,
        place: str,
    ) -> None:
        """Speak to `address` (IPv4, IPv6 or a host name).

        Each request waits `timeout_s` seconds and is repeated `retries` times.
        """
        self._peer = Peer(place, address, port, timeout_s, retries)
        self._wire = Wire(self._peer)
        self._is_v1 = isinstance(credential, CommunityCredential) and credential.version == "1"
        self._channel: _Channel = (
            CommunityChannel(self._wire, self._peer, credential)
            if isinstance(credential, CommunityCredential)
            else UserChannel(self._wire, self._peer, credential)
        )
        self._turn = asyncio.Lock()
        self._closed = False
        self._at_once: int | None = None
        self._answered_at_once = 0
        self._unknown: set[Oid] = set()
        self._gets = 0
        self._repetitions = _REPETITIONS
        self._bulk_works = False
        self.heard: dict[Oid, tuple[int, Value]] | None = None
        """Where a dict is put here, everything that is answered is noted in it with its type."""

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        """Return the values of `oids`, without those the agent does not have."""
        async with self._turn:
            self._gets += 1
            if self._gets % _FORGET_AFTER == 0:
                self._unknown.clear()
            wanted = tuple(name for name in dict.fromkeys(oids) if name not in self._unknown)
            try:
                return await self._get_all(wanted)
            except DeviceUnreachable:
                self._unknown.clear()  # another machine may stand there when it answers again
                raise

    async def walk(self, root: Oid, limit: int = 4096) -> Mapping[Oid, Value]:
        """Return the values below `root` in agent order, at most `limit` rows."""
        found: dict[Oid, Value] = {}
        last, seen = root, 0
        async with self._turn:
            while seen < limit:
                for name, value in await self._rows_after(last, limit - seen):
                    if value is Blank.END or name[: len(root)] != root:
                        return found
                    if name <= last:
                        raise self._nonsense(
                            f"goes round in circles ({dotted(name)} after {dotted(last)})"
                        )
                    last, seen = name, seen + 1
                    if not isinstance(value, Blank):
                        found[name] = value
        return found

    async def after(self, name: Oid, limit: int) -> Sequence[Oid]:
        """Return the next names behind `name` in agent order, at most `limit`; none at its end.

        One request, two where the first was too large; what was answered is in `heard`. Raises
        DeviceNonsense where names do not increase.
        """
        last, found = name, list[Oid]()
        async with self._turn:
            for one, value in await self._rows_after(name, limit):
                if value is Blank.END:
                    break
                if one <= last:
                    raise self._nonsense(
                        f"goes round in circles ({dotted(one)} after {dotted(last)})"
                    )
                last = one
                found.append(one)
        return found

    async def close(self) -> None:
        """Release the socket; safe to call twice. Asking afterwards is an error."""
        self._closed = True
        await self._wire.close()

    async def _ask(self, question: Question, tries: int | None = None) -> Reply:
        if self._closed:
            raise RuntimeError("this session was closed")
        reply = await self._channel.ask(question, tries or self._peer.retries + 1)
        self._note(reply)
        return reply

    def _note(self, reply: Reply) -> None:
        if self.heard is not None:
            for (name, value), tag in zip(reply.found, reply.tags, strict=True):
                if not isinstance(value, Blank):
                    self.heard[name] = (tag, value)

    async def _get_all(self, wanted: _Part) -> dict[Oid, Value]:
        found: dict[Oid, Value] = {}
        parts = deque(_chunks(wanted, self._at_once or len(wanted)))
        silent_to: int | None = None
        while parts:
            part = parts.popleft()
            try:
                # A machine silent to the large request is asked once only for the smaller ones:
                # if it is switched off, that is known soon.
                reply = await self._ask(Question(Kind.GET, part), 1 if silent_to else None)
            except Silence:
                if len(part) <= LARGE or self._answered_at_once >= len(part):
                    raise
                silent_to = len(part)
                parts.extendleft(reversed(_halves(part)))
                continue
            if silent_to:
                self._at_once, silent_to = len(part), None
            parts.extendleft(reversed(self._take(part, reply, found)))
        return found

    def _take(self, part: _Part, reply: Reply, found: dict[Oid, Value]) -> list[_Part]:
        """Move what `reply` says into `found`; return what is to be asked again, in parts."""
        if reply.error == Status.TOO_BIG and len(part) > 1:
            halves = _halves(part)
            self._at_once = len(halves[0])
            return halves
        if reply.error == Status.NO_SUCH_NAME:
            return self._without_unknown(part, reply.index)
        if reply.error != Status.NO_ERROR:
            raise self._refused(part, reply)
        named = {name for name, _ in reply.found}
        if not named or not named.issubset(part):
            raise self._nonsense("answers for other OIDs than it was asked")
        found.update((name, value) for name, value in reply.found if not isinstance(value, Blank))
        self._answered_at_once = max(self._answered_at_once, len(named))
        # Some agents leave out what does not fit instead of saying tooBig.
        rest = tuple(name for name in part if name not in named)
        return [rest] if rest else []

    def _without_unknown(self, part: _Part, index: int) -> list[_Part]:
        if 1 <= index <= len(part):
            self._unknown.add(part[index - 1])
            rest = part[: index - 1] + part[index:]
            return [rest] if rest else []
        if len(part) > 1:
            return _halves(part)
        self._unknown.add(part[0])
        return []

    async def _rows_after(self, last: Oid, limit: int) -> Sequence[tuple[Oid, Value | Blank]]:
        """Return at least one row behind `last`, or END where the agent has no more."""
        while True:
            reply = await self._next_rows(last, limit)
            if reply is None:
                continue
            if reply.error == Status.NO_SUCH_NAME:
                return [(last, Blank.END)]
            if reply.error in {Status.TOO_BIG, Status.GEN_ERR} and self._repetitions > 1:
                self._repetitions //= 2
                continue
            if reply.error != Status.NO_ERROR:
                raise self._refused((last,), reply)
            if not reply.found:
                raise self._nonsense("answers a walk with nothing")
            return reply.found[:limit]

    async def _next_rows(self, last: Oid, limit: int) -> Reply | None:
        """Return one answer, or None where a smaller request is to be tried."""
        rows = 1 if self._is_v1 else min(self._repetitions, limit)
        if rows == 1:
            return await self._ask(Question(Kind.NEXT, (last,)))
        try:
            reply = await self._ask(Question(Kind.BULK, (last,), rows))
        except Silence:
            if self._bulk_works or rows <= _MODEST_REPETITIONS:
                raise
            self._repetitions = _MODEST_REPETITIONS
            return None
        self._bulk_works = True
        return reply

    def _nonsense(self, what: str) -> DeviceNonsense:
        return DeviceNonsense(
            self._peer.place,
            f"{self._peer} {what}; restart the machine, and report its model if it stays so",
        )

    def _refused(self, part: _Part, reply: Reply) -> DeviceRefused | DeviceNonsense:
        at_fault = part[reply.index - 1] if 1 <= reply.index <= len(part) else part[0]
        if reply.error in {Status.NO_ACCESS, Status.AUTHORIZATION_ERROR}:
            return DeviceRefused(
                self._peer.place,
                f"{self._peer} does not let this credential read {dotted(at_fault)}; "
                "give it read access to the whole tree",
            )
        return self._nonsense(f"answers error {reply.error} for {dotted(at_fault)}")


def _chunks(names: _Part, size: int) -> list[_Part]:
    return [names[start : start + size] for start in range(0, len(names), size or 1)]


def _halves(part: _Part) -> list[_Part]:
    middle = (len(part) + 1) // 2
    return [part[:middle], part[middle:]]
