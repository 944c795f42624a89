"""How one machine is asked: as much as it can answer at once, in parts where it cannot."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, Protocol, Self

from collector.adapters.snmp.client.codec import (
    Blank,
    Garbled,
    Reply,
    Request,
    RequestKind,
    community_answer,
    community_request,
)
from collector.adapters.snmp.client.credentials import CommunityCredential, Credential
from collector.adapters.snmp.client.fetch import Fetch
from collector.adapters.snmp.client.limits import AgentLimits
from collector.adapters.snmp.client.ordinary import CommunityFrame, asked_in, new_number
from collector.adapters.snmp.client.peer import NoAnswer, Peer
from collector.adapters.snmp.client.session import Manners, Oid, Value
from collector.adapters.snmp.client.sockets import Sockets
from collector.adapters.snmp.client.usm import UserChannel
from collector.adapters.snmp.client.walk import Walk
from collector.adapters.snmp.client.wire import Wire
from collector.domain.sentence import sentence
from collector.errors import DeviceUnreachable
from collector.texts import ENGLISH

# SNMPv1 and v2c: a community in clear, an answer known by its random request number.


_REMEMBERED: Final = 16


class CommunityChannel:
    """Asks one agent by community, one question at a time."""

    def __init__(self, wire: Wire, peer: Peer, credential: CommunityCredential) -> None:
        """Speak over `wire` with `credential` and no other."""
        self._wire = wire
        self._peer = peer
        self._credential = credential
        self._past: deque[int] = deque(maxlen=_REMEMBERED)
        version = credential.version
        self._frame = CommunityFrame(version, credential.community)
        self._hint = sentence(
            "hint.community" if version == "1" else "hint.community.v1", version=version
        )

    async def ask(self, question: Request, tries: int) -> Reply:
        """Return the answer to `question`; raises DeviceUnreachable or DeviceNonsense.

        A repeated question keeps its number, so that a slow machine's first answer still counts.
        """
        number = new_number()
        asked, is_get = asked_in(question), question.kind is RequestKind.GET
        if asked is None:
            credential = self._credential
            message = community_request(credential.version, credential.community, question, number)
        else:
            message = self._frame.request(asked, number, question)

        def accept(data: bytes) -> Reply | None:
            reply = self._frame.answer(asked, number, data) if is_get and asked else None
            return reply or self._read(data, number)

        try:
            return await self._wire.exchange(lambda: (number, message), accept, tries, self._hint)
        finally:
            self._past.append(number)

    def _read(self, data: bytes, number: int) -> Reply | None:
        """Return any answer to the question `number`, None for one to an earlier question."""
        wire_version, reply = community_answer(data)
        if reply.request_id in self._past:
            return None  # a second answer to a question that was sent twice
        if reply.request_id != number or reply.is_report:
            raise Garbled(ENGLISH("garbled.not_asked"))
        version = self._credential.version
        if wire_version != (0 if version == "1" else 1):
            raise Garbled(ENGLISH("garbled.other_version", version=version))
        return reply


class _Channel(Protocol):
    async def ask(self, question: Request, tries: int) -> Reply: ...


class PysnmpSession:
    """Asks one agent with one credential, over SNMPv1, v2c or v3. Implements `LearningSession`.

    Cheap to make: the socket is opened by the first request of all that share it, there is no
    engine and no MIB.
    What was learnt of the machine (its manners, its SNMPv3 engine) is kept for as long as the
    session, so keep one session for each machine. Requests of one session run one after another;
    sessions run side by side.
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
        wakes: bool = True,
    ) -> None:
        """Speak to `address` (IPv4, IPv6 or a host name), over a socket of its own.

        Each request waits `timeout_s` seconds and is repeated `retries` times. With `wakes`, a
        machine that was not heard for a while is listened to for longer.
        """
        self._peer = Peer(place, address, port, timeout_s, retries, wakes=wakes)
        self._wire = Wire(self._peer, Sockets())
        self._is_v1 = isinstance(credential, CommunityCredential) and credential.version == "1"
        self._channel: _Channel = (
            CommunityChannel(self._wire, self._peer, credential)
            if isinstance(credential, CommunityCredential)
            else UserChannel(self._wire, self._peer, credential)
        )
        self._turn = asyncio.Lock()
        self._closed = False
        self._limits = AgentLimits()
        self.heard: dict[Oid, tuple[int, Value]] | None = None
        """Where a dict is put here, everything that is answered is noted in it with its type."""

    def over(self, sockets: Sockets) -> Self:
        """Share `sockets` with others, from before the first request; return itself."""
        self._wire.sockets = sockets
        return self

    @property
    def manners(self) -> Manners:
        """What was learnt so far, or told by `adopt`."""
        return self._limits.manners

    def adopt(self, manners: Manners) -> None:
        """Ask by `manners` from now on, forgetting what was learnt before."""
        before, self._limits = self._limits, AgentLimits.of(manners)
        self._limits.heard = before.heard

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        """Return the values of `oids`, without those the agent does not have."""
        async with self._turn:
            try:
                return await Fetch(self._ask, self._limits, self._peer)(tuple(dict.fromkeys(oids)))
            except DeviceUnreachable:
                # Another machine may stand there when it answers again.
                self._limits.refused.clear()
                self._limits.sought.clear()
                raise

    async def walk(
        self, root: Oid, limit: int = 4096, known: Sequence[Oid] = ()
    ) -> Mapping[Oid, Value]:
        """Return the values below `root` in agent order, at most `limit` rows.

        Where the agent cut the walk short, what is missing of `known` is asked for by name.
        """
        async with self._turn:
            walk = self._walk()
            found = await walk(root, limit)
            missing = tuple(name for name in known if name not in found)
            if walk.is_cut and found and missing:
                found |= await Fetch(self._ask, self._limits, self._peer)(missing)
            return found

    async def after(self, name: Oid, limit: int) -> Sequence[Oid]:
        """Return the next names behind `name` in agent order, at most `limit`; none at its end.

        One request, more where the first was too large; what was answered is in `heard`.
        """
        async with self._turn:
            return await self._walk().after(name, limit)

    async def close(self) -> None:
        """Leave the socket; safe to call twice. Asking afterwards is an error."""
        self._closed = True
        self._wire.close()

    def _walk(self) -> Walk:
        return Walk(self._ask, self._limits, self._peer, bulk=not self._is_v1)

    async def _ask(self, question: Request, tries: int | None) -> Reply:
        if self._closed:
            raise RuntimeError("this session was closed")
        try:
            reply = await self._channel.ask(question, tries or self._peer.retries + 1)
        except NoAnswer:
            self._limits.heard = False
            raise
        self._limits.heard = True
        self._note(reply)
        return reply

    def _note(self, reply: Reply) -> None:
        if self.heard is not None:
            for (name, value), tag in zip(reply.found, reply.tags, strict=True):
                if not isinstance(value, Blank):
                    self.heard[name] = (tag, value)
