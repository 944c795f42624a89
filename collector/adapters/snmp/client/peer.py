"""Who is asked, and what is said of one who gives no answer: one sentence each."""

from dataclasses import dataclass

from collector.adapters.snmp.client.codec import Garbled, Reply, Status
from collector.adapters.snmp.client.session import Oid, dotted
from collector.errors import DeviceNonsense, DeviceRefused, DeviceUnreachable


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


def failure(
    peer: Peer, trouble: OSError | Garbled | None, effort: Effort, hint: str
) -> DeviceUnreachable | DeviceNonsense:
    """Return what to raise after all tries failed, the last of them by `trouble`."""
    if isinstance(trouble, Garbled):
        return DeviceNonsense(
            peer.place,
            f"{peer} sent {trouble}; is this address really a copier speaking SNMP?",
        )
    if isinstance(trouble, Elsewhere):
        return DeviceUnreachable(peer.place, _elsewhere(peer, trouble))
    if isinstance(trouble, ConnectionRefusedError):
        return DeviceUnreachable(
            peer.place,
            f"{peer} says that nothing listens on this port; switch SNMP on at the machine "
            "or correct the port",
        )
    if trouble is not None:
        return DeviceUnreachable(peer.place, f"no way leads to {peer} ({trouble.strerror})")
    tries = "1 try" if effort.tries == 1 else f"{effort.tries} tries"
    longer = f" and {effort.longer_s:g} s more" if effort.longer_s else ""
    return NoAnswer(
        peer.place, f"no answer from {peer} in {tries} of {peer.timeout_s:g} s{longer}; {hint}"
    )


def _elsewhere(peer: Peer, other: Elsewhere) -> str:
    """Say who answered instead, and the line to change."""
    if other.address == other.asked:
        return (
            f"{peer} was asked but port {other.port} of the same address answered, which does not "
            f"count; if SNMP is to be asked there, write port = {other.port} at the place in the "
            "fleet file, otherwise correct the firewall or address translation between"
        )
    return (
        f"{peer} was asked but {other.address} answered, which does not count; give the place "
        "that address, or correct the route between"
    )


def nonsense(peer: Peer, what: str) -> DeviceNonsense:
    """Return what to raise where the machine did `what`."""
    return DeviceNonsense(
        peer.place,
        f"{peer} {what}; restart the machine, and report its model if it stays so",
    )


def refusal(peer: Peer, part: tuple[Oid, ...], reply: Reply) -> DeviceRefused | DeviceNonsense:
    """Return what to raise where an error was answered for `part` as a whole."""
    at_fault = part[reply.index - 1] if 1 <= reply.index <= len(part) else part[0]
    if reply.error in {Status.NO_ACCESS, Status.AUTHORIZATION_ERROR}:
        return DeviceRefused(
            peer.place,
            f"{peer} does not let this credential read {dotted(at_fault)}; "
            "give it read access to the whole tree",
        )
    if reply.error == Status.NO_ERROR:
        return nonsense(peer, f"answers nothing to a question for {dotted(at_fault)}")
    return nonsense(peer, f"answers error {reply.error} for {dotted(at_fault)}")
