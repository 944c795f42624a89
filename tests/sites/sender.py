"""Sites that send premade batches when they are due: plain sockets, for a few dozen us a request.

Open loop: a batch is due at its time, whether or not the one before is answered. A site sends one
at a time, as the program does, and what the centre asks (429, 503: Retry-After) it heeds.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from collector.adapters.centre.wire import PROTOCOL, PROTOCOL_HEADER
from tests.sites.premade import Premade

_AWAY_S: Final = 2.0
_RESTS: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Answered:
    """A batch that was taken: when it was due, sent and answered; how many readings it held."""

    due: float
    sent: float
    at: float
    readings: int

    @property
    def late_s(self) -> float:
        """From when it was due to the answer: what waited for others is in it."""
        return self.at - self.due


@dataclass
class SendingSite:
    """A site: its token, its batches and when each is due, and what came of them.

    The first `before` batches were told before; `due` of the others counts seconds from the start.
    """

    name: str
    token: str
    port: int
    chain: Sequence[Premade]
    due: Sequence[float]
    before: int = 0
    answered: list[Answered] = field(default_factory=list)
    said: Counter[int] = field(default_factory=Counter)
    octets: int = 0
    wrong: str = ""

    def taken(self) -> Sequence[Premade]:
        """Return the batches that the centre has acknowledged."""
        return self.chain[: self.before + len(self.answered)]

    def expected(self) -> Iterator[tuple[Premade, float]]:
        """Yield each batch that is to be told with when it is due."""
        yield from zip(self.chain[self.before :], self.due, strict=False)

    def going_on(self, due: Sequence[float]) -> "SendingSite":
        """Return the same site, which goes on from here with batches that are `due`."""
        site = SendingSite(*(self.name, self.token, self.port, self.chain, due))
        site.before, site.wrong = self.before + len(self.answered), self.wrong
        return site

    def level_at(self) -> float | None:
        """Return when all that was due was answered for the first time; None for never."""
        for number, one in enumerate(self.answered, 1):
            if number == len(self.due) or self.due[number] > one.at:
                return one.at
        return None

    async def send(self, began: float, until: float) -> None:
        """Send each batch once it is due, until `until` (seconds after `began`) or all is told."""
        line = _Line(self.port)
        try:
            for one, due in self.expected():
                await asyncio.sleep(max(0.0, began + due - time.monotonic()))
                if due >= until or not await self._told(line, one, due, began, until):
                    return
        finally:
            line.close()

    async def _told(
        self, line: "_Line", one: Premade, due: float, began: float, until: float
    ) -> bool:
        """Tell one batch until it is taken; False where the time is over or it never will be."""
        while (sent := time.monotonic() - began) < until:
            try:
                status, after_s, text = await line.ask(self._request(one))
            except OSError:
                line.close()
                self.said[0] += 1
                await asyncio.sleep(_AWAY_S)
                continue
            self.said[status] += 1
            self.octets += len(one.body)
            if status == HTTPStatus.OK and one.digest.encode() in text:
                at = time.monotonic() - began
                self.answered.append(Answered(due, sent, at, one.readings))
                return True
            if status not in _RESTS:
                self.wrong = f"{self.name}: {status} {text[:200]!r}"
                return False
            await asyncio.sleep(after_s)
        return False

    def _request(self, one: Premade) -> bytes:
        head = (
            f"POST /v1/sites/{self.name}/batches HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Authorization: Bearer {self.token}\r\n{PROTOCOL_HEADER}: {PROTOCOL}\r\n"
            f"Content-Type: application/gzip\r\nContent-Length: {len(one.body)}\r\n\r\n"
        )
        return head.encode() + one.body


class _Line:
    """One connection, kept open from request to request. Raises OSError where it breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, float, bytes]:
        """Return status, Retry-After in seconds, and body of the answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            text = await reader.readexactly(_number(head, b"content-length", 0))
        except asyncio.IncompleteReadError as error:
            raise ConnectionResetError from error
        return int(head[9:12]), float(_number(head, b"retry-after", 2)), text

    def close(self) -> None:
        """Close it; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _number(head: bytes, name: bytes, otherwise: int) -> int:
    found = head.partition(b"\r\n" + name + b":")[2].partition(b"\r\n")[0].strip()
    return int(found) if found.isdigit() else otherwise


async def sent(sites: Sequence[SendingSite], seconds: float, starting_s: float = 0.2) -> float:
    """Let all `sites` send for so long at most; return how long the slowest of them took."""
    began = time.monotonic() + starting_s
    async with asyncio.TaskGroup() as group:
        for one in sites:
            group.create_task(one.send(began, seconds))
    return time.monotonic() - began
