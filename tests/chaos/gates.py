"""What stands before a real InfluxDB and a real broker and answers in their place when told to."""

import asyncio
import gzip
import random
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from typing import Final

from tests.servers.influx import request
from tests.stories.moody import http_server

DEEP: Final = b'{"message":' * 50_000
HELD_S: Final = 2.0
"""How long a gate stays silent: longer than the collector waits for an InfluxDB here."""
_LATE_S: Final = 40.0
"""After so long it stores what is late, unless told to before: newer figures have come by then."""

INFLUX_MOODS: Final[dict[str, tuple[int, bytes, dict[str, str]]]] = {
    "400 partial": (400, b"", {}),
    "400 request": (400, b'{"error":"database is required"}', {}),
    "401": (401, b'{"error":"authorization failed"}', {}),
    "403": (403, b'{"error":"not authorized"}', {}),
    "404": (404, b"404 page not found", {}),
    "413": (413, b'{"error":"Request Entity Too Large"}', {}),
    "429": (429, b"", {"Retry-After": "2"}),
    "429 for years": (429, b"", {"Retry-After": "9" * 400}),
    "500": (500, b'{"error":"timeout"}', {}),
    "502 page": (502, b"<html>bad gateway</html>", {}),
    "503": (503, b"", {"Retry-After": "1"}),
    "503 deep": (503, DEEP, {}),
    "200 page": (200, b"<html>log in here</html>", {}),
    "302": (302, b"", {"Location": "http://127.0.0.1:9/"}),
    "silent": (0, b"", {}),
    "silent, stored": (0, b"", {}),
    "cut": (0, b"", {}),
    "cut, stored": (0, b"", {}),
    "nonsense": (0, b"", {}),
    "late": (0, b"", {}),
}
"""Mood -> status, body and headers; what has no status is no HTTP answer."""

UNTIL_A_PERSON_ACTS: Final = frozenset(
    {"400 request", "401", "403", "404", "200 page", "302", "429 for years"}
)
"""After these the collector leaves the server alone for minutes, unless somebody says `reload`."""

_STORED_FIRST: Final = ("stored", "partial")


class InfluxGate:
    """Passes writes on to the server at `behind`; each mood in `moods` answers one of them."""

    def __init__(self, behind: str, dice: random.Random) -> None:
        """Begin in no mood at all."""
        self.behind = behind
        self.moods: deque[str] = deque()
        self.answered: list[str] = []
        self.url = ""
        self.written = threading.Event()
        """Set when a write has come in; whoever waits for one clears it."""
        self.only = b""
        """Moods are for writes that hold this."""
        self.may_land = threading.Event()
        """Set by whoever wants a late write to be stored now."""
        self._dice = dice

    def answer(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        """Answer one request, as the server does or as the mood says."""
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        mood = ""
        if method == "POST" and handler.path.startswith("/write"):
            self.written.set()
            packed = handler.headers["Content-Encoding"] == "gzip"
            if self.moods and self.only in (gzip.decompress(body) if packed else body):
                mood = self.moods.popleft()
        if mood:
            self.answered.append(mood)
            self._in_a_mood(mood, handler, body)
            return
        try:
            status, said = self._pass_on(handler, method, body)
        except OSError:
            handler.close_connection = True  # nothing listens behind: cut, as a proxy may
            return
        _say(handler, status, said, {})

    def _pass_on(
        self, handler: BaseHTTPRequestHandler, method: str, body: bytes
    ) -> tuple[int, bytes]:
        names = ("Content-Encoding", "Content-Type", "Authorization")
        headers = {name: handler.headers[name] for name in names if handler.headers[name]}
        return request(self.behind, method, handler.path, body, headers)

    def _in_a_mood(self, mood: str, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        status, said, headers = INFLUX_MOODS[mood]
        if mood.endswith(_STORED_FIRST):
            self._pass_on(handler, "POST", body)
        if mood == "400 partial":
            said = b'{"error":"partial write: points beyond retention policy dropped=1"}'
        if mood.startswith("silent"):
            threading.Event().wait(HELD_S)
        if mood == "late":
            self.may_land.wait(_LATE_S)
            self._pass_on(handler, "POST", body)
        if status:
            _say(handler, status, said, headers)
            return
        if mood == "nonsense":
            handler.wfile.write(self._dice.randbytes(self._dice.randint(1, 2000)))
        handler.close_connection = True


def _say(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]
) -> None:
    handler.send_response(status)
    handler.send_header("X-Influxdb-Version", "1.6.7")
    if status != 204:
        handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    if status != 204:
        with suppress(OSError):  # who asked has read enough
            handler.wfile.write(body)


@contextmanager
def influx_gate(behind: str, dice: random.Random) -> Iterator[InfluxGate]:
    """Run a gate before the server at `behind`, on a free port of loopback."""
    gate = InfluxGate(behind, dice)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            gate.answer(self, "GET")

        def do_POST(self) -> None:
            gate.answer(self, "POST")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http_server(Handler) as gate.url:
        yield gate


BROKER_MOODS: Final = (
    *("refused", "cut at once", "cut soon", "cut late", "silent", "nonsense"),
    *("protocol refused", "id refused", "away", "login refused", "not authorized"),
)
_CODES: Final = {
    "protocol refused": 1,
    "id refused": 2,
    "away": 3,
    "login refused": 4,
    "not authorized": 5,
}
_CUT_AFTER: Final = {"cut at once": 0, "cut soon": 150, "cut late": 4000}
BROKER_LEFT_ALONE: Final = frozenset(_CODES) - {"away"}
"""Likewise, of a broker."""


class BrokerGate:
    """Passes connections on to the broker behind it; each mood in `moods` gets one of them."""

    def __init__(self, behind: int, dice: random.Random) -> None:
        """Begin in no mood at all; `behind` is the broker's port."""
        self.behind = behind
        self.moods: deque[str] = deque()
        self.answered: list[str] = []
        self.port = 0
        self._dice = dice
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Cut every connection that stands now."""
        self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for one in self._open:
            one.transport.abort()

    async def _serve(self, ready: threading.Event, leave: asyncio.Event) -> None:
        server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await leave.wait()
        server.close()
        self._cut()
        await asyncio.sleep(0.1)

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            mood = self.moods.popleft() if self.moods else ""
            if mood:
                self.answered.append(mood)
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._in_a_mood(mood, reader, writer)
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _in_a_mood(
        self, mood: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if mood == "refused":
            return
        if mood in _CODES:
            await reader.read(1000)
            writer.write(bytes((0x20, 2, 0, _CODES[mood])))
            await writer.drain()
        elif mood == "silent":
            await asyncio.sleep(HELD_S)
        elif mood == "nonsense":
            await reader.read(1000)
            writer.write(self._dice.randbytes(self._dice.randint(1, 500)))
            await writer.drain()
        else:
            await self._pass_on(reader, writer, _CUT_AFTER.get(mood))

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None
    ) -> None:
        """Pass octets both ways, until one side ends or `most` have come from the collector."""
        from_broker, to_broker = await asyncio.open_connection("127.0.0.1", self.behind)
        self._open.add(to_broker)
        try:
            ways = {
                asyncio.ensure_future(_pipe(reader, to_broker, most)),
                asyncio.ensure_future(_pipe(from_broker, writer, None)),
            }
            _, others = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for one in others:
                one.cancel()
            await asyncio.wait(ways)
            for one in ways:
                if not one.cancelled():
                    one.exception()
        finally:
            self._open.discard(to_broker)
            to_broker.transport.abort()


async def _pipe(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None
) -> None:
    passed = 0
    while octets := await reader.read(65536):
        if most is not None and passed + len(octets) > most:
            writer.write(octets[: most - passed])
            return
        passed += len(octets)
        writer.write(octets)
        await writer.drain()


@contextmanager
def broker_gate(behind: int, dice: random.Random) -> Iterator[BrokerGate]:
    """Run a gate before the broker on port `behind`, on a free port of loopback."""
    gate = BrokerGate(behind, dice)
    ready, leave = threading.Event(), asyncio.Event()
    loop = gate._loop

    def run() -> None:
        loop.run_until_complete(gate._serve(ready, leave))
        rest = asyncio.all_tasks(loop)
        for one in rest:
            one.cancel()
        if rest:
            loop.run_until_complete(asyncio.wait(rest))
        loop.close()

    thread = threading.Thread(target=run, name="broker gate")
    thread.start()
    ready.wait()
    try:
        yield gate
    finally:
        loop.call_soon_threadsafe(leave.set)
        thread.join()
