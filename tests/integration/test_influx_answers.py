"""Both write APIs against a server that answers what a real one answers only on a bad day."""

import asyncio
import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from urllib.parse import quote

import pytest
from aiohttp import web

from collector.adapters.influx import (
    InfluxTarget,
    InfluxV1Sink,
    InfluxV2Sink,
    WriteApi,
    open_influx,
)
from collector.adapters.influx.line_protocol import render
from collector.errors import SinkRefused, SinkUnavailable
from collector.ports import Sink
from tests.fakes.rows import copier_row
from tests.servers.scripted import ScriptedServer, scripted_server

pytestmark = pytest.mark.integration

ROWS = [copier_row(f"p{number}", number) for number in range(40)]
KINDS = {"v1": InfluxV1Sink, "v2": InfluxV2Sink}


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    """A server that takes everything until told otherwise."""
    async with scripted_server() as running:
        yield running


@pytest.fixture(params=KINDS)
async def sink(request: pytest.FixtureRequest, server: ScriptedServer) -> AsyncIterator[Sink]:
    """A sink of each write API on the scripted server."""
    target = InfluxTarget(server.url, database="copies", org="hall", token="t0ken", timeout_s=5)  # noqa: S106 - no secret
    opened = KINDS[request.param](target)
    yield opened
    await opened.close()


def answer(status: int, **content: object) -> web.Response:
    """Return an answer with a JSON body."""
    return web.json_response(content, status=status)


async def test_both_apis_write_the_same_lines(sink: Sink, server: ScriptedServer) -> None:
    assert list(await sink.send(ROWS)) == []
    (write,) = server.writes
    assert write.lines == [render(row).decode() for row in ROWS]
    assert write.method == "POST"
    assert write.query["precision"] == "s"
    assert {write.query.get("db"), write.query.get("bucket")} == {"copies", None}
    assert write.headers["Content-Encoding"] == "gzip"
    assert write.headers["Authorization"] == "Token t0ken"


async def test_too_large_is_halved_until_it_fits(sink: Sink, server: ScriptedServer) -> None:
    server.respond = lambda lines: web.Response(status=413 if len(lines) > 7 else 204)
    assert list(await sink.send(ROWS)) == []
    assert server.stored == {render(row).decode() for row in ROWS}


@pytest.mark.parametrize("status", [400, 422])
async def test_a_bad_line_is_set_aside_and_the_rest_stored(
    sink: Sink, server: ScriptedServer, status: int
) -> None:
    def respond(lines: list[str]) -> web.Response:
        bad = [line for line in lines if "place=p11," in line or "place=p30," in line]
        said = f"unable to parse '{bad[0]}'" if bad else ""
        return answer(status, code="invalid", message=said) if bad else web.Response(status=204)

    server.respond = respond
    rejected = await sink.send(ROWS)
    assert [one.row for one in rejected] == [ROWS[11], ROWS[30]]
    assert "unable to parse" in rejected[0].reason
    wanted = {render(row).decode() for row in ROWS if row not in (ROWS[11], ROWS[30])}
    assert server.stored == wanted


@pytest.mark.parametrize(
    ("response", "advice"),
    [
        (lambda: answer(401, message="unauthorized access"), "check the user and password"),
        (lambda: answer(403, message="forbidden"), "right to write"),
        (lambda: answer(404, message='bucket "copies" not found'), "influx bucket create"),
        (lambda: web.Response(status=404, text="404 page not found"), "check the address"),
        (lambda: answer(400, error="database is required"), "database is required"),
        (lambda: web.Response(status=400, text="<html>bad request</html>"), "InfluxDB"),
        (lambda: web.Response(status=302, headers={"Location": "https://x/"}), "https://x/"),
        (lambda: web.Response(status=200, text="<html>welcome</html>"), "InfluxDB"),
        (lambda: answer(500, error="retention policy not found: x"), "default retention policy"),
    ],
)
async def test_refused(
    sink: Sink, server: ScriptedServer, response: Callable[[], web.Response], advice: str
) -> None:
    server.respond = lambda _lines: response()
    with pytest.raises(SinkRefused) as caught:
        await sink.send(ROWS)
    assert advice in str(caught.value)
    assert len(server.writes) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
@pytest.mark.parametrize(("header", "wait_s"), [("30", 30.0), (None, None)])
async def test_unavailable(
    sink: Sink, server: ScriptedServer, status: int, header: str | None, wait_s: float | None
) -> None:
    headers = {"Retry-After": header} if header else {}
    server.respond = lambda _lines: web.Response(status=status, headers=headers)
    with pytest.raises(SinkUnavailable) as caught:
        await sink.send(ROWS)
    assert caught.value.retry_after_s == wait_s
    server.respond = lambda _lines: web.Response(status=204)
    assert list(await sink.send(ROWS)) == []


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"message":' * 50_000, b"9" * 20_000])
async def test_an_answer_nested_or_long_without_end_fails_this_delivery_only(
    sink: Sink, server: ScriptedServer, deep: bytes
) -> None:
    server.respond = lambda _lines: web.Response(status=503, body=deep)
    with pytest.raises(SinkUnavailable) as caught:
        await sink.send(ROWS)
    assert len(str(caught.value)) < 500
    server.respond = lambda _lines: web.Response(status=204)
    assert list(await sink.send(ROWS)) == []


@pytest.mark.parametrize(
    "asked", ["9" * 400, "-" + "9" * 400, "1e400", "nan", "Fri, 31 Dec 9999 23:59:59 -2359"]
)
async def test_a_time_to_wait_that_is_none(sink: Sink, server: ScriptedServer, asked: str) -> None:
    headers = {"Retry-After": asked, "Date": "Fri, 15 Nov 2024 03:00:00 GMT"}
    server.respond = lambda _lines: web.Response(status=503, headers=headers)
    with pytest.raises(SinkUnavailable) as caught:
        await sink.send(ROWS)
    assert 0 <= (caught.value.retry_after_s or 0) < 1e12


async def test_of_an_endless_answer_the_beginning_is_read(
    sink: Sink, server: ScriptedServer
) -> None:
    sent = 0

    async def endless(stream: web.StreamResponse) -> None:
        nonlocal sent
        while True:
            await stream.write(b"x" * 2**16)
            sent += 2**16

    server.stream = endless
    for _ in range(2):
        with pytest.raises(SinkUnavailable, match="xxx"):
            await sink.send(ROWS)
    assert sent < 2**25, "what the system buffers, and no more"
    server.stream = None
    assert list(await sink.send(ROWS)) == []


@pytest.mark.parametrize("said", ["\ud800", "\x00\x1b[2J", "\u202e"])
async def test_words_of_a_server_can_be_stored_and_shown(
    sink: Sink, server: ScriptedServer, said: str
) -> None:
    def respond(lines: list[str]) -> web.Response:
        return answer(400, code="invalid", message=f"partial write: {said}! dropped={len(lines)}")

    server.respond = respond
    for one in await sink.send(ROWS):
        assert one.reason.isprintable()
        assert one.reason.encode()


def answer_with(status: int, message: str, _lines: list[str]) -> web.Response:
    return answer(status, message=message)


@pytest.mark.parametrize("secret", ["t0ken/+ü秘密=?", "short"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_secret_that_is_said_back_is_struck_out(
    server: ScriptedServer, kind: str, secret: str
) -> None:
    login = f"collector:{secret}"
    echoes = [
        secret,
        b64encode(login.encode()).decode(),
        urlsafe_b64encode(f"x{login}".encode()).decode(),
        b64encode(f"xx{login}xx".encode()).decode(),
        quote(secret, safe=""),
        quote(quote(secret, safe="")).lower(),
        json.dumps(secret)[1:-1],
        html.escape(secret),
        secret.encode().hex(),
    ]
    target = InfluxTarget(server.url, org="hall", token=secret, password=secret)
    sink = KINDS[kind](target)
    for status in (400, 401, 503):
        for echo in echoes:
            server.respond = partial(answer_with, status, f"not for <{echo}>, dropped=40")
            try:
                (said, *_) = {one.reason for one in await sink.send(ROWS)}
            except (SinkRefused, SinkUnavailable) as error:
                said = str(error)
            assert "<***>" in said, echo
            assert echo not in said
    await sink.close()


async def test_retry_after_as_a_date(sink: Sink, server: ScriptedServer) -> None:
    dates = {
        "Date": "Fri, 15 Nov 2024 03:00:00 GMT",
        "Retry-After": "Fri, 15 Nov 2024 03:02:00 GMT",
    }
    server.respond = lambda _lines: web.Response(status=503, headers=dates)
    with pytest.raises(SinkUnavailable) as caught:
        await sink.send(ROWS)
    assert caught.value.retry_after_s == 120


@pytest.mark.parametrize("kind", KINDS)
async def test_a_server_that_hangs(server: ScriptedServer, kind: str) -> None:
    server.wait = lambda: asyncio.sleep(30)
    sink = KINDS[kind](InfluxTarget(server.url, timeout_s=0.3))
    with pytest.raises(SinkUnavailable, match=r"did not answer within 0\.3 s"):
        await sink.send(ROWS)
    await sink.close()


async def test_check_writes_nothing(sink: Sink, server: ScriptedServer) -> None:
    server.version = "v2.7.11"
    assert "2.7.11" in await sink.check()
    assert server.stored == set()
    server.respond = lambda _lines: answer(401, message="unauthorized access")
    with pytest.raises(SinkRefused):
        await sink.check()


@pytest.mark.parametrize(
    ("version", "path"),
    [
        ("1.6.7~rc0", "/write"),
        ("v1.8.10", "/write"),
        (None, "/write"),
        ("v2.7.11", "/api/v2/write"),
        ("3.4.0", "/api/v2/write"),
    ],
)
async def test_the_version_is_found_out(
    server: ScriptedServer, version: str | None, path: str
) -> None:
    server.version = version
    sink = open_influx(InfluxTarget(server.url))
    await sink.send(ROWS[:1])
    await sink.send(ROWS[1:2])
    assert [one.path for one in server.asked] == ["/ping", path, path]
    await sink.close()


async def test_a_ping_that_wants_a_token_is_a_3x_server(server: ScriptedServer) -> None:
    server.ping_status = 401
    target = InfluxTarget(server.url)
    sink = open_influx(replace(target, token="t0ken"))  # noqa: S106 - no secret
    await sink.send(ROWS[:1])
    assert server.writes[0].path == "/api/v2/write"
    await sink.close()
    without = open_influx(target)
    with pytest.raises(SinkRefused, match="check the user and password or the token"):
        await without.send(ROWS[:1])
    await without.close()


async def test_detection_is_repeated_until_answered(server: ScriptedServer) -> None:
    server.ping_status = 503
    server.version = "v2.7.11"
    sink = open_influx(InfluxTarget(server.url))
    assert list(await sink.send([])) == []
    for _ in range(2):
        with pytest.raises(SinkUnavailable):
            await sink.send(ROWS[:1])
    server.ping_status = 204
    await sink.send(ROWS[:1])
    assert [one.path for one in server.writes] == ["/api/v2/write"]
    await sink.close()
    await sink.close()


@pytest.mark.parametrize(
    ("version", "path"), [("1", "/write"), ("2", "/api/v2/write"), ("3", "/api/v2/write")]
)
async def test_a_stated_version_is_believed(
    server: ScriptedServer, version: str, path: str
) -> None:
    sink = open_influx(InfluxTarget(server.url, version=WriteApi(version)))
    await sink.send(ROWS[:1])
    assert [one.path for one in server.asked] == [path]
    await sink.close()


async def test_creating_the_database_may_be_forbidden(server: ScriptedServer) -> None:
    def respond(lines: list[str]) -> web.Response:
        if lines and lines[0].startswith("q="):
            return answer(403, error="requires admin privilege")
        return answer(404, error='database not found: "copies"')

    server.respond = respond
    sink = InfluxV1Sink(InfluxTarget(server.url, database="copies"))
    with pytest.raises(SinkRefused) as caught:
        await sink.send(ROWS[:1])
    assert "create it with: influx -execute 'CREATE DATABASE \"copies\"'" in str(caught.value)
    assert "requires admin privilege" in str(caught.value)
    await sink.close()
