"""What an InfluxDB 2.x answers, written down: none can be installed here, so this stands for one.

From its API reference, and from what the 2.9.1 that was tried by hand said: in which order a write
looks at token, organisation, bucket, right and lines; that an empty body sent gzipped is an error
of the server's own; and that InfluxQL without the right to read is answered by nothing at all.
"""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Token:
    """What a token may do, by names of buckets."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    is_active: bool = True


@dataclass(slots=True)
class Influx2:
    """An organisation with buckets, tokens and the lines that were written."""

    url: str = ""
    org: str = "hall"
    tokens: dict[str, Token] = field(default_factory=dict)
    buckets: dict[str, list[str]] = field(default_factory=dict)

    async def write(self, request: web.Request) -> web.Response:
        """Answer /api/v2/write."""
        token = self._token(request)
        body = await _body(request)
        if token is None:
            return _said(401, "unauthorized", "unauthorized access")
        if body is None:
            return _said(500, "internal error", "An internal error has occurred")
        bucket = request.query.get("bucket", "")
        refused = self._not_there(request.query.get("org", ""), bucket)
        if refused is not None:
            return refused
        if not token.is_active or bucket not in token.writes:
            return _said(403, "forbidden", "insufficient permissions for write")
        if not body:
            return _said(400, "invalid", "writing requires points")
        self.buckets[bucket] += filter(None, body.splitlines())
        return web.Response(status=204)

    def _not_there(self, org: str, bucket: str) -> web.Response | None:
        if not org:
            return _said(400, "invalid", "Please provide either orgID or org")
        if org != self.org:
            return _said(404, "not found", f'organization name "{org}" not found')
        if bucket not in self.buckets:
            return _said(404, "not found", f'bucket "{bucket}" not found')
        return None

    async def orgs(self, request: web.Request) -> web.Response:
        """Answer /api/v2/orgs."""
        token = self._token(request)
        if token is None:
            return _said(401, "unauthorized", "unauthorized access")
        if not token.is_active:
            return _said(401, "unauthorized", "token is inactive")
        return web.json_response({"orgs": []})

    async def query(self, request: web.Request) -> web.Response:
        """Answer /query: a point for each measurement that a line was written of."""
        token = self._token(request)
        if token is None:
            return _said(401, "unauthorized", "Unauthorized")
        name = request.query.get("db", "") or (await request.post()).get("db", "")
        lines = self.buckets.get(str(name))
        if lines is None:
            told = {"results": [{"error": f"database not found: {name}"}]}
            return web.json_response(told)
        kinds = sorted({line.partition(",")[0] for line in lines})
        if not token.is_active or name not in token.reads or not kinds:
            return web.json_response({"results": [{"statement_id": 0}]})
        series = {"name": "measurements", "columns": ["name"], "values": [[one] for one in kinds]}
        return web.json_response({"results": [{"statement_id": 0, "series": [series]}]})

    def _token(self, request: web.Request) -> Token | None:
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":  # any user name, the token as password
            value = base64.b64decode(value).decode().partition(":")[2]
        return self.tokens.get(value)


async def _body(request: web.Request) -> str | None:
    """Return the body as it unpacks; None where it should be gzip and is nothing at all."""
    if request.headers.get("Content-Encoding") == "gzip" and request.content_length == 0:
        return None
    return (await request.read()).decode()


def _said(status: int, code: str, message: str) -> web.Response:
    return web.Response(
        status=status,
        text=json.dumps({"code": code, "message": message}),
        content_type="application/json",
    )


async def _ping(_request: web.Request) -> web.Response:
    return web.Response(status=204, headers={"X-Influxdb-Version": "v2.9.1"})


@asynccontextmanager
async def influx2(server: Influx2) -> AsyncIterator[Influx2]:
    """Let `server` answer on a free loopback port."""
    app = web.Application(client_max_size=2**26)
    app.router.add_get("/ping", _ping)
    app.router.add_post("/api/v2/write", server.write)
    app.router.add_get("/api/v2/orgs", server.orgs)
    app.router.add_route("*", "/query", server.query)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        server.url = f"http://{host}:{port}"
        yield server
    finally:
        await runner.cleanup()
