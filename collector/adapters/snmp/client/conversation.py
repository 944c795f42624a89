"""How one machine is asked: as much as it can answer at once, in parts where it cannot."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from collector.adapters.snmp.client.codec import Question, Reply
from collector.adapters.snmp.client.community import CommunityChannel
from collector.adapters.snmp.client.fetch import Fetch
from collector.adapters.snmp.client.lessons import Lessons
from collector.adapters.snmp.client.peer import Peer, Silence
from collector.adapters.snmp.client.trek import Trek
from collector.adapters.snmp.client.usm import UserChannel
from collector.adapters.snmp.client.values import Blank
from collector.adapters.snmp.client.wire import Wire
from collector.adapters.snmp.credentials import CommunityCredential, Credential
from collector.adapters.snmp.session import Manners, Oid, Value
from collector.errors import DeviceUnreachable


class _Channel(Protocol):
    async def ask(self, question: Question, tries: int) -> Reply: ...


class PysnmpSession:
    """Asks one agent with one credential, over SNMPv1, v2c or v3. Implements `LearningSession`.

    Cheap to make: the socket is opened by the first request, there is no engine and no MIB.
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
        """Speak to `address` (IPv4, IPv6 or a host name).

        Each request waits `timeout_s` seconds and is repeated `retries` times. With `wakes`, a
        machine that was not heard for a while is listened to for longer.
        """
        self._peer = Peer(place, address, port, timeout_s, retries, wakes=wakes)
        self._wire = Wire(self._peer)
        self._is_v1 = isinstance(credential, CommunityCredential) and credential.version == "1"
        self._channel: _Channel = (
            CommunityChannel(self._wire, self._peer, credential)
            if isinstance(credential, CommunityCredential)
            else UserChannel(self._wire, self._peer, credential)
        )
        self._turn = asyncio.Lock()
        self._closed = False
        self._lessons = Lessons()
        self.heard: dict[Oid, tuple[int, Value]] | None = None
        """Where a dict is put here, everything that is answered is noted in it with its type."""

    @property
    def manners(self) -> Manners:
        """What was learnt so far, or told by `adopt`."""
        return self._lessons.manners

    def adopt(self, manners: Manners) -> None:
        """Ask by `manners` from now on, forgetting what was learnt before."""
        before, self._lessons = self._lessons, Lessons.of(manners)
        self._lessons.heard = before.heard

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        """Return the values of `oids`, without those the agent does not have."""
        async with self._turn:
            try:
                return await Fetch(self._ask, self._lessons, self._peer)(tuple(dict.fromkeys(oids)))
            except DeviceUnreachable:
                # Another machine may stand there when it answers again.
                self._lessons.refused.clear()
                self._lessons.sought.clear()
                raise

    async def walk(
        self, root: Oid, limit: int = 4096, known: Sequence[Oid] = ()
    ) -> Mapping[Oid, Value]:
        """Return the values below `root` in agent order, at most `limit` rows.

        Where the agent cut the walk short, what is missing of `known` is asked for by name.
        """
        async with self._turn:
            trek = self._trek()
            found = await trek(root, limit)
            missing = tuple(name for name in known if name not in found)
            if trek.is_cut and found and missing:
                found |= await Fetch(self._ask, self._lessons, self._peer)(missing)
            return found

    async def after(self, name: Oid, limit: int) -> Sequence[Oid]:
        """Return the next names behind `name` in agent order, at most `limit`; none at its end.

        One request, more where the first was too large; what was answered is in `heard`.
        """
        async with self._turn:
            return await self._trek().after(name, limit)

    async def close(self) -> None:
        """Release the socket; safe to call twice. Asking afterwards is an error."""
        self._closed = True
        await self._wire.close()

    def _trek(self) -> Trek:
        return Trek(self._ask, self._lessons, self._peer, bulk=not self._is_v1)

    async def _ask(self, question: Question, tries: int | None) -> Reply:
        if self._closed:
            raise RuntimeError("this session was closed")
        try:
            reply = await self._channel.ask(question, tries or self._peer.retries + 1)
        except Silence:
            self._lessons.heard = False
            raise
        self._lessons.heard = True
        self._note(reply)
        return reply

    def _note(self, reply: Reply) -> None:
        if self.heard is not None:
            for (name, value), tag in zip(reply.found, reply.tags, strict=True):
                if not isinstance(value, Blank):
                    self.heard[name] = (tag, value)
