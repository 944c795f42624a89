"""Who is asked, and what is said of one who gives no answer: one sentence each."""

import errno
from dataclasses import dataclass
from typing import Final

from collector.adapters.snmp.client.codec import Garbled, Reply, Status
from collector.adapters.snmp.client.session import Oid, dotted
from collector.domain.sentence import Sentence, sentence
from collector.errors import (
    DeviceError,
    DeviceNonsense,
    DeviceNotAsked,
    DeviceRefused,
    DeviceUnreachable,
)
from collector.texts import ENGLISH


class NoAnswer(DeviceUnreachable):
    """Nothing came back in time, as opposed to a host that said there is nobody."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is asked, and how patiently: `retries` more tries of `timeout_s` seconds each.

    One that `wakes` is given more time after a silence.
    """

    place: str
    address: str
    port: int
    timeout_s: float
    retries: int
    wakes: bool = True

    def __str__(self) -> str:
        """Return address and port as people write them."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


class Elsewhere(OSError):
    """Another address answered, or another port of the same one."""

    def __init__(self, asked: str, address: str, port: int) -> None:
        """Remember who was `asked`, as an address, and who answered."""
        super().__init__(f"{address} port {port}")
        self.asked, self.address, self.port = asked, address, port


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard it was tried: so many tries, and `longer_s` seconds beyond the last one's time."""

    tries: int
    longer_s: float = 0.0


_OUR_OWN: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})


def is_our_own(trouble: Exception | None) -> bool:
    """Say whether this program or its system ran out of something: no machine has part in it."""
    return isinstance(trouble, OSError) and trouble.errno in _OUR_OWN


def not_asked(peer: Peer, trouble: Exception) -> DeviceNotAsked:
    """Return what to raise where `trouble` is our own."""
    return DeviceNotAsked(peer.place, ENGLISH("device.not_asked", peer=str(peer), why=str(trouble)))


def failure(
    peer: Peer, trouble: OSError | Garbled | None, effort: Effort, hint: Sentence
) -> DeviceError:
    """Return what to raise after all tries failed, the last of them by `trouble`."""
    if trouble is not None and is_our_own(trouble):
        return not_asked(peer, trouble)
    if isinstance(trouble, Garbled):
        return DeviceNonsense(
            peer.place,
            ENGLISH("device.sent_rubbish", peer=str(peer), what=str(trouble)),
        )
    if isinstance(trouble, Elsewhere):
        return DeviceUnreachable(peer.place, _elsewhere(peer, trouble))
    if isinstance(trouble, ConnectionRefusedError):
        return DeviceUnreachable(
            peer.place,
            ENGLISH("device.nothing_listens", peer=str(peer)),
        )
    if trouble is not None:
        why = str(trouble.strerror)
        return DeviceUnreachable(peer.place, ENGLISH("device.no_way", peer=str(peer), why=why))
    tried = sentence("tries", count=effort.tries, seconds=peer.timeout_s)
    if effort.longer_s:
        tried = sentence("tries.and_longer", said=tried, seconds=effort.longer_s)
    text = ENGLISH("device.no_answer", peer=str(peer), tried=tried, hint=hint)
    return NoAnswer(peer.place, text)


def _elsewhere(peer: Peer, other: Elsewhere) -> str:
    """Say who answered instead, and the line to change."""
    if other.address == other.asked:
        return ENGLISH("device.other_port", peer=str(peer), port=other.port)
    return ENGLISH("device.other_address", peer=str(peer), address=other.address)


def nonsense(peer: Peer, what: Sentence) -> DeviceNonsense:
    """Return what to raise where the machine did `what`."""
    return DeviceNonsense(
        peer.place,
        ENGLISH("device.nonsense", peer=str(peer), what=what),
    )


def refusal(peer: Peer, part: tuple[Oid, ...], reply: Reply) -> DeviceRefused | DeviceNonsense:
    """Return what to raise where an error was answered for `part` as a whole."""
    at_fault = part[reply.index - 1] if 1 <= reply.index <= len(part) else part[0]
    if reply.error in {Status.NO_ACCESS, Status.AUTHORIZATION_ERROR}:
        return DeviceRefused(
            peer.place,
            ENGLISH("device.no_access", peer=str(peer), oid=dotted(at_fault)),
        )
    if reply.error == Status.NO_ERROR:
        return nonsense(peer, sentence("nonsense.nothing", oid=dotted(at_fault)))
    what = sentence("nonsense.error", error=int(reply.error), oid=dotted(at_fault))
    return nonsense(peer, what)
