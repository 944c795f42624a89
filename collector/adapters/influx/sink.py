"""An InfluxDB as a sink: by the write API of 1.x, by that of 2.x and 3.x, or whichever it speaks.

influxdb-client speaks /api/v2/write only, which the 1.6 in Debian answers with 404. VictoriaMetrics
and, with a bucket of the database's name, 2.x take `/write` as well.
"""

import asyncio
import gzip
import itertools
import json
import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final, cast
from urllib.parse import urlencode

import aiohttp
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException

from collector.adapters.influx.answers import (
    HttpAnswer,
    NotTaken,
    Stored,
    failure,
    is_inactive,
    is_missing_database,
    judge,
    kept_for,
    legible,
    mark_in,
    mark_in_series,
    read_failure,
    reading_right,
    takes_writes,
)
from collector.adapters.influx.line_protocol import deliver
from collector.adapters.influx.target import InfluxTarget, WriteApi
from collector.domain.privacy.disguises import striking_out
from collector.domain.rows import Row
from collector.domain.sentence import Sentence, sentence
from collector.errors import SinkError, SinkRefused, SinkUnavailable
from collector.ports import Rejected, Sink
from collector.texts import ENGLISH

# HTTP to one InfluxDB: a session opened at its first use, answers as values, errors classed.


_LONGEST_BODY: Final = 64 * 2**10
"""Octets; an InfluxDB's error is a sentence, with a line for each refused point at most."""


async def tls_context(target: InfluxTarget) -> ssl.SSLContext | None:
    """Return how to check an https server, None for plain http.

    Raises SinkRefused where the CA file cannot be used.
    """
    if not target.base.startswith("https:"):
        return None
    try:
        return await asyncio.to_thread(ssl.create_default_context, cafile=target.ca_file or None)
    except OSError as error:  # a file that is no certificate is an SSLError, which is one too
        told = ENGLISH("influx.ca_file", file=target.ca_file, why=str(error))
        raise SinkRefused(told) from error


def connection_failure(error: Exception, target: InfluxTarget) -> SinkError:
    """Return the error for a request that got no answer at all."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return SinkRefused(
            ENGLISH("influx.untrusted", server=target.base, why=str(error.certificate_error))
        )
    if isinstance(error, TimeoutError):
        told = ENGLISH("influx.no_answer", server=target.base, seconds=target.timeout_s)
        return SinkUnavailable(told)
    return SinkUnavailable(ENGLISH("influx.away", server=target.base, why=str(error)))


class BoundedResponse(aiohttp.ClientResponse):
    """An answer of which only the beginning is read: what is longer is no InfluxDB's."""

    async def read(self) -> bytes:
        """Return at most 64 KiB of the body; the connection is dropped where there is more."""
        body = bytearray()
        async for part in self.content.iter_any():
            body += part
            if len(body) > _LONGEST_BODY:
                self.close()
                break
        return bytes(body[:_LONGEST_BODY])


class HttpSession:
    """Requests to one server. Redirects are not followed: they would turn a POST into a GET."""

    def __init__(self, target: InfluxTarget) -> None:
        """Remember the server; no socket is opened."""
        self._target = target
        self._strike = striking_out(target.secrets)
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Return the answer, whatever its status; raises SinkUnavailable where none came."""
        session = await self._opened()
        try:
            async with session.request(
                method,
                self._target.base + path,
                params=parameters,
                data=body,
                headers=headers,
                allow_redirects=False,
            ) as response:
                body = await response.read()
                return HttpAnswer.of(response.status, body, response.headers, self._strike)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise connection_failure(error, self._target) from error

    async def close(self) -> None:
        """Close every connection; closing twice is fine."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            context = await tls_context(self._target)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=True if context is None else context),
                timeout=aiohttp.ClientTimeout(total=self._target.timeout_s),
                headers=self._authorization(),
                response_class=BoundedResponse,
            )
        return self._session

    def _authorization(self) -> dict[str, str]:
        if self._target.token:
            return {"Authorization": f"Token {self._target.token}"}
        if self._target.username:
            login = f"{self._target.username}:{self._target.password}".encode()
            return {"Authorization": f"Basic {b64encode(login).decode()}"}
        return {}


# What a database says of itself: the mark in it, and for how long it keeps points.

_FINDS_MARK: Final = 'SELECT max("published") FROM "collector_mark" WHERE "site" = {site}'
_FINDS_MARK_BY_SERIES: Final = (
    'max(max_over_time(collector_mark_published{{site={site},asked!="{number}"}}[10y]))'
)
_questions = itertools.count()
"""VictoriaMetrics remembers for a while that a filter found nothing: each question has its own."""


async def mark_of(http: HttpSession, database: str, site: str) -> int | None:
    """Return the mark of `site` in `database`; 0 where there is none, None where nobody says.

    By InfluxQL, or where that is not spoken (VictoriaMetrics) by PromQL, which knows no databases.
    """
    asked = _FINDS_MARK.format(site=_quoted(site, "'"))
    found = mark_in(await http.request("GET", "/query", {"db": database, "q": asked}))
    if found is not None:
        return found
    series = _FINDS_MARK_BY_SERIES.format(site=json.dumps(site), number=next(_questions))
    parameters = {"query": series, "nocache": "1", "latency_offset": "1ms"}
    return mark_in_series(await http.request("GET", "/api/v1/query", parameters))


def _quoted(text: str, mark: str) -> str:
    return mark + text.replace("\\", "\\\\").replace(mark, f"\\{mark}") + mark


# 1.x by its own write API (`/write`), over aiohttp.


_NO_ROW: Final = b"\n"
"""What `check` writes: every server there is has looked at organisation, bucket and right by then.

Nothing at all would do on 1.x only: gzipped, 2.x fails over it, and says of no missing right.
"""
_GZIP_LEVEL: Final = 4  # measured: a tenth of the time of level 9 for the same size
_LINES: Final = {"Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8"}
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class InfluxV1Sink:
    """Writes rows to `/write?db=...&precision=s`, gzipped, with Basic auth or a token."""

    announces = False

    def __init__(self, target: InfluxTarget, name: str = "influx") -> None:
        """Remember where to write; nothing is opened before the first use."""
        self.name = name
        self._target = target
        self._http = HttpSession(target)
        self._has_written = False

    async def send(self, rows: Sequence[Row]) -> Sequence[Rejected]:
        """Write `rows`; see `collector.ports.Sink`. A missing database is created if allowed.

        Not at once where it was there before: what was in it is gone, and the sender must know.
        """
        return await deliver(rows, self._post, self._target.batch)

    async def marked(self, site: str) -> int | None:
        """Return the highest mark of `site`; see `collector.ports.Sink`."""
        return await mark_of(self._http, self._target.database, site)

    async def check(self) -> str:
        """Return who answers, having shown that it would take a write; writes nothing."""
        version = (await self._http.request("GET", "/ping")).version or "of unstated version"
        place = f"InfluxDB {version} at {self._target.base}, database {self._target.database}"
        answer = await self._write(_NO_ROW)
        if is_missing_database(answer) and self._target.create_database:
            return f"{place} (missing; it is created at the first write)"
        if not takes_writes(answer):
            raise failure(answer, self._target)
        return place

    async def close(self) -> None:
        """Close every connection; closing twice is fine."""
        await self._http.close()

    async def _post(self, lines: bytes) -> Stored | NotTaken:
        answer = await self._write(lines)
        if is_missing_database(answer) and self._target.create_database:
            if self._has_written:
                self._has_written = False
                raise SinkUnavailable(str(failure(answer, self._target)))
            await self._create_database(answer)
            answer = await self._write(lines)
        taken = judge(answer, self._target)
        self._has_written = True
        if isinstance(taken, NotTaken) and taken.is_too_old:
            return replace(taken, keeps_less=sentence("influx.keep", **await self._keeps()))
        return taken

    async def _keeps(self) -> dict[str, str]:
        """Return how long the database keeps points, and the command that changes it."""
        database = _quoted(self._target.database, '"')
        form = urlencode({"q": f"SHOW RETENTION POLICIES ON {database}"}).encode()
        policy, span = kept_for(await self._http.request("POST", "/query", None, form, _FORM)) or (
            *("autogen", "?"),
        )
        statement = f"ALTER RETENTION POLICY {_quoted(policy, chr(34))} ON {database} DURATION INF"
        return {"span": span, "command": f"influx -execute '{statement}'"}

    async def _write(self, lines: bytes) -> HttpAnswer:
        parameters = {"db": self._target.database, "precision": "s"}
        body = gzip.compress(lines, _GZIP_LEVEL, mtime=0)
        return await self._http.request("POST", "/write", parameters, body, _LINES)

    async def _create_database(self, missing: HttpAnswer) -> None:
        """Create the database; raises SinkRefused with the command where that is not allowed."""
        name = _quoted(self._target.database, '"')
        form = urlencode({"q": f"CREATE DATABASE {name}"}).encode()
        answer = await self._http.request("POST", "/query", None, form, _FORM)
        if answer.status != HTTPStatus.OK or answer.query_error:
            told = answer.query_error or answer.said
            raise SinkRefused(f"{failure(missing, self._target)} (creating it failed: {told})")


# 2.x and 3.x by /api/v2/write, through influxdb-client's asynchronous client.


class InfluxV2Sink:
    """Writes rows to a bucket, gzipped, precision seconds.

    The library's own points and retries are not used: it guards neither a tag that ends in a
    backslash nor an integer beyond 64 bits, and its batching drops what it could not deliver.
    """

    announces = False

    def __init__(self, target: InfluxTarget, name: str = "influx") -> None:
        """Remember where to write; nothing is opened before the first use."""
        self.name = name
        self._target = target
        self._strike = striking_out(target.secrets)
        self._client: InfluxDBClientAsync | None = None
        self._http = HttpSession(target)

    async def send(self, rows: Sequence[Row]) -> Sequence[Rejected]:
        """Write `rows`; see `collector.ports.Sink`."""
        return await deliver(rows, self._post, self._target.batch)

    async def marked(self, site: str) -> int | None:
        """Return the highest mark of `site`; see `collector.ports.Sink`."""
        return await mark_of(self._http, self._target.bucket_name, site)

    async def check(self) -> str:
        """Return who answers, having shown that it would take a write; writes nothing."""
        client = await self._opened()
        try:
            version = await client.version()
        except ApiException as error:
            raise failure(self._answer(error), self._target) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise connection_failure(error, self._target) from error
        answer = await self._write(_NO_ROW)
        if not takes_writes(answer):
            raise failure(await self._true_cause(answer), self._target)
        return (
            f"InfluxDB {legible(version)} at {self._target.base}, bucket {self._target.bucket_name}"
        )

    async def close(self) -> None:
        """Close every connection; closing twice is fine."""
        await self._http.close()
        client, self._client = self._client, None
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call] # the library's gap

    async def _true_cause(self, refused: HttpAnswer) -> HttpAnswer:
        """Return what tells more of a refusal: of an inactive token a write only says 403."""
        if refused.status != HTTPStatus.FORBIDDEN:
            return refused
        http = HttpSession(self._target)
        try:
            asked = await http.request("GET", "/api/v2/orgs", {"org": self._target.org})
        except SinkError:
            return refused
        finally:
            await http.close()
        return asked if is_inactive(asked) else refused

    async def _post(self, lines: bytes) -> Stored | NotTaken:
        taken = judge(await self._write(lines), self._target)
        if isinstance(taken, NotTaken) and taken.is_too_old:
            return replace(taken, keeps_less=self._keep())
        return taken

    def _keep(self) -> Sentence:
        organisation = f" --org {self._target.org}" if self._target.org else ""
        named = (
            f"$(influx bucket list --name {self._target.bucket_name}{organisation} --hide-headers"
        )
        command = f"influx bucket update --retention 0 --id {named} | cut -f 1)"
        return sentence("influx.keep_bucket", bucket=self._target.bucket_name, command=command)

    async def _write(self, lines: bytes) -> HttpAnswer:
        client = await self._opened()
        try:
            stored = await client.write_api().write(
                bucket=self._target.bucket_name,
                org=self._target.org,
                record=lines,
                write_precision=cast("WritePrecision", WritePrecision.S),  # a plain string
            )
        except ApiException as error:
            return self._answer(error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise connection_failure(error, self._target) from error
        # False means a success that is neither 201 nor 204: a page of something else.
        return HttpAnswer(HTTPStatus.NO_CONTENT if stored else HTTPStatus.OK)

    def _answer(self, error: ApiException) -> HttpAnswer:
        body = error.body if isinstance(error.body, bytes) else b""
        return HttpAnswer.of(int(error.status or 0), body, error.headers or {}, self._strike)

    async def _opened(self) -> InfluxDBClientAsync:
        if self._client is None:
            self._client = InfluxDBClientAsync(
                url=self._target.base,
                token=self._target.token,
                org=self._target.org,
                timeout=self._target.timeout_s * 1000,
                enable_gzip=True,
                ssl_context=await tls_context(self._target),
                allow_redirects=False,
                client_session_kwargs={"response_class": BoundedResponse},
            )
        return self._client


# Which write API a server speaks, found out at the first contact that is answered.


def open_influx(target: InfluxTarget, name: str = "influx") -> Sink:
    """Return the sink for `target`. Nothing is asked of the server before the first use."""
    match target.version:
        case WriteApi.V1:
            return InfluxV1Sink(target, name)
        case WriteApi.V2 | WriteApi.V3:
            return InfluxV2Sink(target, name)
        case WriteApi.AUTO:
            return InfluxAutoSink(target, name)


class InfluxAutoSink:
    """Asks `/ping` at the first use and again until answered, then is the sink of that version."""

    announces = False

    def __init__(self, target: InfluxTarget, name: str = "influx") -> None:
        """Remember where to write; nothing is opened before the first use."""
        self.name = name
        self._target = target
        self._sink: Sink | None = None
        self._lock = asyncio.Lock()

    async def send(self, rows: Sequence[Row]) -> Sequence[Rejected]:
        """Write `rows`; see `collector.ports.Sink`."""
        return await (await self._chosen()).send(rows) if rows else ()

    async def marked(self, site: str) -> int | None:
        """Return the highest mark of `site`; see `collector.ports.Sink`."""
        return await (await self._chosen()).marked(site)

    async def check(self) -> str:
        """Return who answers, having shown that it would take a write; writes nothing."""
        return await (await self._chosen()).check()

    async def close(self) -> None:
        """Close every connection; closing twice is fine."""
        sink, self._sink = self._sink, None
        if sink is not None:
            await sink.close()

    async def _chosen(self) -> Sink:
        async with self._lock:
            if self._sink is None:
                version = await detect_version(self._target)
                kind = InfluxV2Sink if version is WriteApi.V2 else InfluxV1Sink
                self._sink = kind(self._target, self.name)
            return self._sink


async def detect_version(target: InfluxTarget) -> WriteApi:
    """Return V1 or V2 by what `/ping` says; raises SinkUnavailable or SinkRefused without answer.

    1.x names itself in a header, 2.x and 3.x likewise. VictoriaMetrics names nothing; it takes
    both APIs, and `/write` keeps the database's name. A 3.x server may ask for a token even
    here: a refused ping with a token set means V2.
    """
    http = HttpSession(target)
    try:
        answer = await http.request("GET", "/ping")
    finally:
        await http.close()
    error = None if answer.status in range(200, 300) else failure(answer, target)
    if isinstance(error, SinkUnavailable):
        raise error
    if answer.version is not None:
        major = answer.version.lstrip("v").partition(".")[0]
        return WriteApi.V1 if major in {"0", "1"} else WriteApi.V2
    return _without_name(answer, target)


def _without_name(answer: HttpAnswer, target: InfluxTarget) -> WriteApi:
    if answer.status in range(200, 300):
        return WriteApi.V1
    if answer.status in {401, 403} and target.token:
        return WriteApi.V2
    raise failure(answer, target)


# What somebody who only reads is shown, by InfluxQL as Grafana asks it.


async def why_blind(target: InfluxTarget) -> Sentence | None:
    """Return what to do where the account of `target` is shown nothing; None where it reads.

    A token of 2.x without the right to read is answered as if nothing were there. Raises SinkError
    where it is refused.
    """
    http = HttpSession(target)
    asked = {"db": target.bucket_name, "q": "SHOW MEASUREMENTS LIMIT 1"}
    try:
        answer = await http.request("GET", "/query", asked)
    finally:
        await http.close()
    if answer.status == HTTPStatus.OK and not answer.query_error:
        return None if answer.has_series else reading_right(target)
    raise read_failure(answer, target)
