"""A small HTTP server on loopback that answers as a test tells it to, and keeps what was asked."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Respond = Callable[[list[str]], web.Response]
"""Lines of a write -> the answer to it."""


@dataclass(slots=True)
class Asked:
    """One request as it arrived; `lines` is what its body unpacks to."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    lines: list[str]


@dataclass(slots=True)
class ScriptedServer:
    """Answers writes by `respond` and pings with `version`."""

    url: str = ""
    respond: Respond = field(default=lambda _lines: web.Response(status=204))
    version: str | None = None
    ping_status: int = 204
    asked: list[Asked] = field(default_factory=list)
    stored: set[str] = field(default_factory=set)
    wait: Callable[[], Awaitable[None]] | None = None
    stream: Callable[[web.StreamResponse], Awaitable[None]] | None = None
    """Writes the body of a 503 for as long as it likes, instead of `respond`."""

    @property
    def writes(self) -> list[Asked]:
        """The write requests among everything asked."""
        return [one for one in self.asked if one.path.endswith("write")]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Remember `request` and answer it; lines that are answered with 204 count as stored."""
        lines = (await request.read()).decode().splitlines()
        self.asked.append(
            Asked(request.method, request.path, dict(request.query), dict(request.headers), lines)
        )
        if self.wait is not None:
            await self.wait()
        if request.path == "/ping":
            headers = {"X-Influxdb-Version": self.version} if self.version else {}
            return web.Response(status=self.ping_status, headers=headers)
        if self.stream is not None:
            flowing = web.StreamResponse(status=503)
            await flowing.prepare(request)
            await self.stream(flowing)
            return flowing
        answer = self.respond(lines)
        if answer.status == web.HTTPNoContent.status_code:
            self.stored.update(filter(None, lines))  # no server keeps a line without a point
        return answer


@asynccontextmanager
async def scripted_server() -> AsyncIterator[ScriptedServer]:
    """Run a scripted server on a free loopback port."""
    scripted = ScriptedServer()
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{path:.*}", scripted.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        scripted.url = f"http://{host}:{port}"
        yield scripted
    finally:
        await runner.cleanup()
