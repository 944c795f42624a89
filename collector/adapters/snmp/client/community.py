"""SNMPv1 and v2c: a community in clear, an answer known by its random request number."""

import secrets
from collections import deque

from collector.adapters.snmp.client.codec import (
    Garbled,
    Question,
    Reply,
    community_answer,
    community_request,
)
from collector.adapters.snmp.client.peer import Peer
from collector.adapters.snmp.client.wire import Wire
from collector.adapters.snmp.credentials import CommunityCredential

ID_BITS = 31
_REMEMBERED = 16
_ONLY_V1 = (
    ', and some machines answer version 1 only: for such a place, version = "1" in its '
    "[credentials.NAME] of collector.toml"
)


class CommunityChannel:
    """Asks one agent by community, one question at a time."""

    def __init__(self, wire: Wire, peer: Peer, credential: CommunityCredential) -> None:
        """Speak over `wire` with `credential` and no other."""
        self._wire = wire
        self._peer = peer
        self._credential = credential
        self._past: deque[int] = deque(maxlen=_REMEMBERED)

    async def ask(self, question: Question, tries: int) -> Reply:
        """Return the answer to `question`; raises DeviceUnreachable or DeviceNonsense.

        A repeated question keeps its number, so that a slow machine's first answer still counts.
        """
        number = secrets.randbits(ID_BITS)
        version = self._credential.version
        message = community_request(version, self._credential.community, question, number)

        def accept(data: bytes) -> Reply | None:
            wire_version, reply = community_answer(data)
            if reply.request_id in self._past:
                return None  # a second answer to a question that was sent twice
            if reply.request_id != number or reply.is_report:
                raise Garbled("an answer to a question that was not asked")
            if wire_version != (0 if version == "1" else 1):
                raise Garbled(f"another SNMP version than the v{version} it was asked in")
            return reply

        hint = (
            f"check power, address and SNMP settings; over v{version} "
            "a wrong community looks the same"
        )
        if version != "1":
            hint += _ONLY_V1
        try:
            return await self._wire.exchange(lambda: message, accept, tries, hint)
        finally:
            self._past.append(number)
