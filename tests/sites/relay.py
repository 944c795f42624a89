"""What lies between sites and centre: a balancer over a line that is as bad as lines are.

A batch may be cut off before it arrives, or its answer; it may arrive twice at once, at two
processes, or again after others (an old copy that was held up somewhere). What the sites are told
is what a centre's process answered, or nothing.
"""

import asyncio
import itertools
import random
import threading
from collections import Counter, deque
from collections.abc import Sequence
from typing import Final

import aiohttp
from aiohttp import web

from tests.servers.process import free_port

_PASSED: Final = ("Authorization", "Content-Type", "Copier-Fleet-Protocol")
_HELD: Final = 200
_FAULTS: Final = ("never", "answer", "twice", "again")
_TIMEOUT: Final = aiohttp.ClientTimeout(total=60)


class Relay:
    """Hands requests on to `ports` in turn, in a thread of its own; a `share` befalls a fault."""

    def __init__(self, ports: Sequence[int], seed: int, share: float) -> None:
        """Listen on a free port; nothing is answered before `start`."""
        self.port = free_port()
        self.share = share
        self.is_cut = False
        self.did: Counter[str] = Counter()
        self.octets = 0
        self._ports = itertools.cycle(ports)
        self._many = len(ports)
        self._dice = random.Random(seed)
        self._old: deque[tuple[str, dict[str, str], bytes]] = deque(maxlen=_HELD)
        self._ready = threading.Event()
        self._over: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """End."""
        if self._over is not None:
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", self._pass)
        runner = web.AppRunner(app)
        await runner.setup()
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            self._session = session
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            self._ready.set()
            await self._over.wait()
            await runner.cleanup()

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name: request.headers[name] for name in _PASSED if name in request.headers}
        is_batch = request.method == "POST" and request.path.endswith("/batches")
        befalls = self._dice.choice(_FAULTS) if self._dice.random() < self.share else ""
        if self.is_cut or befalls == "never":
            self.did["cut"] += 1
            return _cut(request)
        if not is_batch:
            return await self._asked(request, request.method, headers, body)
        self.octets += len(body)
        kept = (request.path, headers, body)
        self._old.append(kept)
        if befalls == "again":
            self.did["old ones again"] += 1
            await self._again(self._dice.choice(self._old))
        if befalls == "twice":
            self.did["twice at once"] += 1
            asyncio.get_running_loop().create_task(self._again(kept))
        answer = await self._asked(request, "POST", headers, body)
        if befalls == "answer":
            self.did["answers lost"] += 1
            return _cut(request)
        return answer

    async def _again(self, one: tuple[str, dict[str, str], bytes]) -> None:
        path, headers, body = one
        try:
            await self._answer("POST", path, headers, body)
        except (aiohttp.ClientError, TimeoutError, OSError):
            self.did["nobody there"] += 1

    async def _asked(
        self, request: web.Request, method: str, headers: dict[str, str], body: bytes
    ) -> web.Response:
        """Return what one of the processes answers: the next, where one is down the one after."""
        for _ in range(self._many):
            try:
                return await self._answer(method, request.path, headers, body)
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, TimeoutError, OSError):
                break  # whether it arrived is not known: it is not for a balancer to say it again
        self.did["nobody there"] += 1
        return _cut(request)

    async def _answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> web.Response:
        url = f"http://127.0.0.1:{next(self._ports)}{path}"
        async with self._session.request(method, url, headers=headers, data=body) as response:
            text = await response.read()
            kept = {n: response.headers[n] for n in ("Retry-After",) if n in response.headers}
            kept["Content-Type"] = "application/json"
            return web.Response(status=response.status, body=text, headers=kept)


def _cut(request: web.Request) -> web.Response:
    """Close the line without a word; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
