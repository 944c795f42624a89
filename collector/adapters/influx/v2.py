"""InfluxDB 2.x and 3.x by /api/v2/write, through influxdb-client's asynchronous client."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, cast

import aiohttp
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException

from collector.adapters.influx.answers import HttpAnswer, NotTaken, Stored, failure, judge
from collector.adapters.influx.http import connection_failure, tls_context
from collector.adapters.influx.line_protocol import deliver
from collector.adapters.influx.target import InfluxTarget
from collector.domain.rows import Row
from collector.ports import Rejected

# 2.x answers an empty write with 400 "writing requires points", after it has checked token,
# organisation and bucket; nothing else is asked of it by `check`.
_EMPTY_IS_FINE: Final = frozenset(
    {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT, HTTPStatus.BAD_REQUEST}
)


class InfluxV2Sink:
    """Writes rows to a bucket, gzipped, precision seconds.

    The library's own points and retries are not used: it guards neither a tag that ends in a
    backslash nor an integer beyond 64 bits, and its batching drops what it could not deliver.
    """

    def __init__(self, target: InfluxTarget, name: str = "influx") -> None:
        """Remember where to write; nothing is opened before the first use."""
        self.name = name
        self._target = target
        self._client: InfluxDBClientAsync | None = None

    async def send(self, rows: Sequence[Row]) -> Sequence[Rejected]:
        """Write `rows`; see `collector.ports.Sink`."""
        return await deliver(rows, self._post, self._target.batch_rows)

    async def check(self) -> str:
        """Return who answers, having shown that it would take a write; writes nothing."""
        client = await self._opened()
        try:
            version = await client.version()
        except ApiException as error:
            raise failure(_answer(error), self._target) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise connection_failure(error, self._target) from error
        answer = await self._write(b"")
        if answer.status not in _EMPTY_IS_FINE:
            raise failure(answer, self._target)
        return f"InfluxDB {version} at {self._target.base}, bucket {self._target.bucket_name}"

    async def close(self) -> None:
        """Close every connection; closing twice is fine."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call] # the library's gap

    async def _post(self, lines: bytes) -> Stored | NotTaken:
        return judge(await self._write(lines), self._target)

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
            return _answer(error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise connection_failure(error, self._target) from error
        # False means a success that is neither 201 nor 204: a page of something else.
        return HttpAnswer(HTTPStatus.NO_CONTENT if stored else HTTPStatus.OK)

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
            )
        return self._client


def _answer(error: ApiException) -> HttpAnswer:
    body = error.body if isinstance(error.body, bytes) else b""
    return HttpAnswer.of(int(error.status or 0), body, error.headers or {})
