"""SNMPv3 with the user-based security model (RFC 3414), one state per machine.

pysnmp's own engine keeps clocks by engine id for all machines together; cloned machines that
share an id would then spoil one another's clock. Here each machine has its own.
"""

import asyncio
import secrets
from collections import deque
from typing import Final

from collector.adapters.snmp.client.codec import Garbled, Kind, Question, Reply
from collector.adapters.snmp.client.keys import Keys
from collector.adapters.snmp.client.peer import Peer, Silence
from collector.adapters.snmp.client.usm_message import Engine, Envelope, Incoming, read, write
from collector.adapters.snmp.client.wire import Wire
from collector.adapters.snmp.credentials import UserCredential
from collector.adapters.snmp.session import Oid, dotted
from collector.errors import DeviceNonsense, DeviceRefused

_ID_BITS: Final = 31
_REMEMBERED: Final = 16
_NOBODY: Final = UserCredential(user="")
_STATS: Final[Oid] = (1, 3, 6, 1, 6, 3, 15, 1, 1)
_NOT_IN_TIME_WINDOW: Final[Oid] = (*_STATS, 2, 0)
_SYS_UPTIME: Final[Oid] = (1, 3, 6, 1, 2, 1, 1, 3, 0)
_UNKNOWN_ENGINE: Final[Oid] = (*_STATS, 4, 0)
_REFUSALS: Final[dict[Oid, str]] = {
    (*_STATS, 1, 0): "does not allow user {user!r} this security level; compare auth_protocol "
    "and priv_protocol with the machine's settings",
    (*_STATS, 3, 0): "does not know the SNMPv3 user {user!r}; correct the user name",
    (*_STATS, 5, 0): "rejects the auth_password or auth_protocol of user {user!r}; correct them",
    (*_STATS, 6, 0): "cannot decipher user {user!r}; correct priv_password or priv_protocol",
    (1, 3, 6, 1, 6, 3, 12, 1, 4, 0): "has context {context!r} not ready; correct the context",
    (1, 3, 6, 1, 6, 3, 12, 1, 5, 0): "does not know context {context!r}; correct the context",
}
"""Reports of RFC 3414 section 5 (usmStats) and RFC 3413 (contexts), as sentences."""


class UserChannel:
    """Asks one agent as one SNMPv3 user, one question at a time."""

    def __init__(self, wire: Wire, peer: Peer, credential: UserCredential) -> None:
        """Speak over `wire` with `credential` and no other."""
        self._wire = wire
        self._peer = peer
        self._credential = credential
        self._envelope = Envelope(credential.user, credential.context, credential.context_engine_id)
        self._engine: Engine | None = None
        self._was_answered = False
        self._past: deque[int] = deque(maxlen=_REMEMBERED)

    async def ask(self, question: Question, tries: int) -> Reply:
        """Return the answer to `question`.

        The engine is discovered once and its clock followed; a machine that was restarted or
        replaced is discovered again. Raises DeviceUnreachable, DeviceRefused or DeviceNonsense.
        """
        for _ in range(3):  # at worst: another engine, then its clock, then the answer
            engine = self._engine or await self._discover(tries)
            self._engine = engine
            incoming = await self._exchange(question, engine, tries)
            if incoming.signed:
                self._engine = self._heard(incoming, engine.keys)
            if not incoming.reply.is_report:
                self._was_answered = True
                return incoming.reply
            self._act_on(incoming.reply)
        raise DeviceRefused(
            self._peer.place,
            f"{self._peer} keeps refusing its own SNMPv3 clock; restart the machine",
        )

    def _heard(self, incoming: Incoming, keys: Keys) -> Engine:
        """Return the engine as it presents itself now.

        The message and request numbers are random and the answer is signed, so an old answer
        cannot be replayed; the clock may therefore be followed backwards too, which machines
        without a stored boot counter need.
        """
        now = asyncio.get_running_loop().time()
        return Engine(incoming.engine_id, keys, incoming.boots, incoming.seconds, now)

    def _act_on(self, report: Reply) -> None:
        """Prepare the next try, or raise what the report means."""
        name = report.found[0][0] if report.found else ()
        if name == _UNKNOWN_ENGINE:
            self._engine = None
        elif name in _REFUSALS:
            user, context = self._credential.user, self._credential.context
            said = _REFUSALS[name].format(user=user, context=context)
            raise DeviceRefused(self._peer.place, f"{self._peer} {said}")
        elif name != _NOT_IN_TIME_WINDOW:
            said = f"{self._peer} reports {dotted(name) or 'nothing'} instead of an answer"
            raise DeviceNonsense(self._peer.place, said)

    async def _discover(self, tries: int) -> Engine:
        """Ask with an empty engine id; the report that comes back names the engine."""
        unknown = Engine(b"", Keys(_NOBODY, b""))
        hint = "check power, address and that SNMPv3 is switched on"
        incoming = await self._send(Question(Kind.GET, ()), unknown, Envelope(), tries, hint)
        if not incoming.engine_id:
            said = f"{self._peer} speaks SNMPv3 without an engine id"
            raise DeviceNonsense(self._peer.place, said)
        return self._heard(incoming, Keys(self._credential, incoming.engine_id))

    async def _exchange(self, question: Question, engine: Engine, tries: int) -> Incoming:
        hint = "it speaks SNMPv3, so check power and network"
        try:
            return await self._send(question, engine, self._envelope, tries, hint)
        except Silence:
            if self._was_answered or not await self._ignores_this_user(engine):
                raise
        raise DeviceRefused(
            self._peer.place,
            f"{self._peer} speaks SNMPv3 but leaves user {self._credential.user!r} without an "
            f"answer; correct priv_password, priv_protocol or context",
        )

    async def _ignores_this_user(self, engine: Engine) -> bool:
        """Say whether the machine is there, and silent even to this user's smallest question.

        Agents that cannot decipher a message, or do not know a context, may drop it without a
        report (net-snmp does).
        """
        smallest = Question(Kind.GET, (_SYS_UPTIME,))
        try:
            await self._send(smallest, engine, self._envelope, 1, "")
        except Silence:
            try:
                await self._discover(1)
            except Silence:
                return False
            return True
        return False

    async def _send(
        self, question: Question, engine: Engine, envelope: Envelope, tries: int, hint: str
    ) -> Incoming:
        request_id = secrets.randbits(_ID_BITS)
        sent: list[int] = []

        def make() -> bytes:
            sent.append(secrets.randbits(_ID_BITS))  # RFC 3412: a repeated message has a new one
            now = engine.at(asyncio.get_running_loop().time())
            return write(sent[-1], request_id, question, now, envelope)

        def accept(data: bytes) -> Incoming | None:
            incoming = read(data, engine.keys)
            if incoming.message_id in self._past:
                return None  # a second answer to a question that was sent twice
            reply = incoming.reply
            unasked = not reply.is_report and reply.request_id != request_id
            if incoming.message_id not in sent or unasked:
                raise Garbled("an answer to a question that was not asked")
            if engine.keys.signs and not incoming.signed and not reply.is_report:
                raise Garbled("an unsigned answer to a signed question")
            return incoming

        try:
            return await self._wire.exchange(make, accept, tries, hint)
        finally:
            self._past.extend(sent)
