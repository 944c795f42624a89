"""One UDP socket for each address family, for all machines together.

An answer counts where it comes from the address and the port that was asked, with a number that is
being waited for. What comes from elsewhere with such a number shows that somebody else answers; all
else is dropped: what is late, what comes twice, and what nobody asked for.

The kernel tells of a closed port where it is asked to (IP_RECVERR of Linux), with the address it is
about. Elsewhere a closed port is silence.
"""

import asyncio
import errno
import socket
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from collector.adapters.snmp.client.codec import Garbled, number_of
from collector.domain.cadence import network_of

T = TypeVar("T")

Address = tuple[str, int] | tuple[str, int, int, int]
"""As the socket module gives and takes it; of IPv6 with the scope, the flow always 0."""

PASSED_OVER: Final = 32
"""Datagrams of one try that were no answer to it, after which the try is over: decoding a flood
of them must not stop the service."""

_ERRORS_AT_ONCE: Final = 64
_REMEMBERED: Final = 1024
_LARGEST: Final = 65_535
_ROOM: Final = 4 * 2**20
"""Octets of the socket's buffer, as far as the system allows: many machines may answer at once."""

_FULL_S: Final = 0.005
_RECVERR: Final = {
    socket.AF_INET: (socket.IPPROTO_IP, 11),
    socket.AF_INET6: (socket.IPPROTO_IPV6, 25),
}
_EXTENDED_ERROR: Final = struct.Struct("=IBBBBII")  # struct sock_extended_err of <linux/errqueue.h>
_FILTERED: Final = range(13, 16)
_HARD: Final = frozenset(
    {errno.ECONNREFUSED, errno.EACCES, errno.ENOPROTOOPT, errno.EHOSTDOWN, errno.ENONET}
)
"""What of ICMP ends a try. Networks and hosts that are out of reach may be back in a moment."""


def plain(address: Address) -> Address:
    """Return `address` without the flow of IPv6, which an answer need not have."""
    if len(address) == 2:  # noqa: PLR2004 # IPv4: address and port
        return address
    host, port, _, scope = address
    return host, port, 0, scope


@dataclass(slots=True)
class Waiting(Generic[T]):
    """One question that waits for its answer, and what came instead of it.

    `numbers` are those it was sent with; `stranger` is who else answered one of them.
    """

    address: Address
    accept: Callable[[bytes], T | None]
    numbers: list[int] = field(default_factory=list)
    stranger: Address | None = None
    passed_over: int = 0
    garbled: Garbled | None = None
    answer: "asyncio.Future[T | None] | None" = None

    def end(self, answer: T | None = None) -> None:
        """End the try, with the answer or without one."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, exc: BaseException) -> None:
        """End the try by what went wrong."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(exc)


class SharedSocket:
    """The socket of one family, open from the first wire that uses it to the last."""

    def __init__(self, family: socket.AddressFamily, pace: "SubnetPace | None") -> None:
        """Open it in the running loop, to send at `pace`; raises OSError."""
        self._pace = pace
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 # as sockets want it
        try:
            self._socket.bind(("", 0))
        except OSError:
            self._socket.close()
            raise
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
        with suppress(OSError):  # no Linux
            self._socket.setsockopt(*_RECVERR[family], 1)
        self._loop.add_reader(self._socket, self._read)
        self._waiting: dict[Address, list[Waiting[Any]]] = {}
        self._by_number: dict[int, Waiting[Any]] = {}
        self._past: deque[int] = deque(maxlen=_REMEMBERED)
        self.users = 0

    def close(self) -> None:
        """Release the descriptor at once."""
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def wait_for(self, waiting: Waiting[T]) -> None:
        """Give `waiting` what its address sends, until it is `forgotten`."""
        self._waiting.setdefault(waiting.address, []).append(waiting)

    def forget(self, waiting: Waiting[T]) -> None:
        """Take what comes for `waiting` for late from now on."""
        others = self._waiting[waiting.address]
        others.remove(waiting)
        if not others:
            del self._waiting[waiting.address]
        for number in waiting.numbers:
            self._by_number.pop(number, None)
        self._past.extend(waiting.numbers)

    async def ask(
        self, waiting: Waiting[T], number: int, message: bytes, wait_s: float
    ) -> T | None:
        """Send once and return the answer, None where none came in `wait_s` seconds.

        Raises OSError where it cannot be sent or nobody listens there, Garbled where only what
        cannot be understood came.
        """
        if self._pace is not None:
            await asyncio.sleep(self._pace.turn(waiting.address[0], self._loop.time()))
        waiting.numbers.append(number)
        self._by_number[number] = waiting
        waiting.passed_over, waiting.garbled = 0, None
        waiting.answer = self._loop.create_future()
        timer = self._loop.call_later(wait_s, self._over, waiting)
        try:
            await self._send(message, waiting.address)
            answer = await waiting.answer
        finally:
            timer.cancel()
            waiting.answer = None
        if answer is None and waiting.garbled is not None:
            raise waiting.garbled
        return answer

    async def _send(self, message: bytes, address: Address) -> None:
        for is_last in (False, True):
            try:
                self._socket.sendto(message, address)
            except BlockingIOError:  # what lies before it goes out within milliseconds
                await asyncio.sleep(_FULL_S)
            except OSError:
                # It may be about another machine: the kernel tells at the next occasion.
                if is_last or not self._read_errors():
                    raise
            else:
                return

    def _over(self, waiting: Waiting[T]) -> None:
        """End a try whose time is over; on a busy machine its answer may lie there unread."""
        while self._read() and waiting.answer is not None and not waiting.answer.done():
            pass
        waiting.end()

    def _read(self) -> bool:
        """Hand on one datagram, and let others have their turn; say whether there may be more."""
        try:
            data, address = self._socket.recvfrom(_LARGEST)
        except BlockingIOError:
            return False
        except OSError:
            return self._read_errors() > 0
        self._hand_on(data, address)
        return True

    def _hand_on(self, data: bytes, address: Address) -> None:
        address = plain(address)
        here = self._waiting.get(address)
        if here is not None and len(here) == 1:
            self._judge(here[0], data)
            return
        number = number_of(data)
        waiting = self._by_number.get(number) if number is not None else None
        if here is None:
            if waiting is not None:
                waiting.stranger = address
        elif waiting is not None and waiting in here:
            self._judge(waiting, data)
        else:
            for one in tuple(here):
                self._judge(one, data)

    def _judge(self, waiting: Waiting[Any], data: bytes) -> None:
        """End the try of `waiting` where `data` is its answer."""
        if waiting.answer is None or waiting.answer.done():
            return
        try:
            answer = waiting.accept(data)
        except Garbled as exc:
            answer = None
            self._note(waiting, exc, number_of(data))
        except Exception as exc:  # noqa: BLE001 # who asked is told of a bug, not who read
            waiting.fail(exc)
            return
        waiting.passed_over += answer is None
        if answer is not None or waiting.passed_over >= PASSED_OVER:
            waiting.end(answer)

    def _note(self, waiting: Waiting[Any], exc: Garbled, number: int | None) -> None:
        """Hold `exc` against who sent it, unless it is late, or an answer in another's place."""
        other = None if number is None else self._by_number.get(number)
        if other is not None and other is not waiting:
            other.stranger = waiting.address
        elif waiting.garbled is None and number not in self._past:
            waiting.garbled = exc

    def _read_errors(self) -> int:
        """Tell those of whom ICMP said that they cannot be reached; return of how many it spoke."""
        flag = getattr(socket, "MSG_ERRQUEUE", None)
        for count in range(_ERRORS_AT_ONCE):
            if flag is None:
                return count
            try:
                _, control, _, address = self._socket.recvmsg(1, 512, flag)
            except OSError:
                return count
            for level, kind, octets in control:
                if (level, kind) in _RECVERR.values() and len(octets) >= _EXTENDED_ERROR.size:
                    number, _, _, code, *_ = _EXTENDED_ERROR.unpack_from(octets)
                    self._tell(address, number, code)
        return _ERRORS_AT_ONCE

    def _tell(self, address: Address, number: int, code: int) -> None:
        if number not in _HARD and not (number == errno.EHOSTUNREACH and code in _FILTERED):
            return
        for waiting in tuple(self._waiting.get(plain(address), ())):
            waiting.fail(OSError(number, errno.errorcode.get(number, "")))


class SubnetPace:
    """Spaces out what is sent to one subnet, so that a slow line to it has room for others."""

    def __init__(self, per_second: float) -> None:
        """Allow so many packets a second to each subnet."""
        self._step_s = 1 / per_second
        self._free_at: dict[str, float] = {}

    def turn(self, host: str, now: float) -> float:
        """Return how many seconds from `now` on to wait before sending once to `host`."""
        subnet = network_of(host)
        at = max(now, self._free_at.get(subnet, now))
        self._free_at[subnet] = at + self._step_s
        return at - now


class Sockets:
    """The sockets of all families: each is open while a wire uses it, and gone at once after."""

    def __init__(self, subnet_packets_per_s: float | None = None) -> None:
        """Open nothing yet. Each subnet is sent so many packets a second at most, None: any."""
        self._pace = SubnetPace(subnet_packets_per_s) if subnet_packets_per_s else None
        self._open: dict[socket.AddressFamily, SharedSocket] = {}

    def take(self, family: socket.AddressFamily) -> SharedSocket:
        """Return the socket of `family`, to be given back by `leave`; raises OSError."""
        shared = self._open.get(family)
        if shared is None:
            shared = self._open[family] = SharedSocket(family, self._pace)
        shared.users += 1
        return shared

    def leave(self, shared: SharedSocket) -> None:
        """Close `shared` where nobody else uses it."""
        shared.users -= 1
        if shared.users == 0:
            self._open = {one: other for one, other in self._open.items() if other is not shared}
            shared.close()
