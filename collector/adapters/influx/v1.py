"""InfluxDB 1.x by its own write API (`/write`), over aiohttp.

influxdb-client speaks /api/v2/write only, which the 1.6 in Debian answers with 404. VictoriaMetrics
and, with a bucket of the database's name, 2.x take `/write` as well.
"""

import gzip
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from collector.adapters.influx.answers import (
    HttpAnswer,
    NotTaken,
    Stored,
    failure,
    is_missing_database,
    judge,
)
from collector.adapters.influx.http import HttpSession
from collector.adapters.influx.line_protocol import deliver
from collector.adapters.influx.target import InfluxTarget
from collector.domain.rows import Row
from collector.errors import SinkRefused
from collector.ports import Rejected

_EMPTY_IS_FINE: Final = frozenset({HTTPStatus.OK, HTTPStatus.NO_CONTENT})
_GZIP_LEVEL: Final = 4  # measured: a tenth of the time of level 9 for the same size
_LINES: Final = {"Content-Encoding": "gzip", "Content-Type": "text/plain; charset=utf-8"}
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class InfluxV1Sink:
    """Writes rows to `/write?db=...&precision=s`, gzipped, with Basic auth or a token."""

    def __init__(self, target: InfluxTarget, name: str = "influx") -> None:
        """Remember where to write; nothing is opened before the first use."""
        self.name = name
        self._target = target
        self._http = HttpSession(target)

    async def send(self, rows: Sequence[Row]) -> Sequence[Rejected]:
        """Write `rows`; see `collector.ports.Sink`. A missing database is created if allowed."""
        return await deliver(rows, self._post, self._target.batch_rows)

    async def check(self) -> str:
        """Return who answers, having shown that it would take a write; writes nothing."""
        version = (await self._http.request("GET", "/ping")).version or "of unstated version"
        place = f"InfluxDB {version} at {self._target.base}, database {self._target.database}"
        answer = await self._write(b"")
        if is_missing_database(answer) and self._target.create_database:
            return f"{place} (missing; it is created at the first write)"
        if answer.status not in _EMPTY_IS_FINE:
            raise failure(answer, self._target)
        return place

    async def close(self) -> None:
        """Close every connection; closing twice is fine."""
        await self._http.close()

    async def _post(self, lines: bytes) -> Stored | NotTaken:
        answer = await self._write(lines)
        if is_missing_database(answer) and self._target.create_database:
            await self._create_database(answer)
            answer = await self._write(lines)
        return judge(answer, self._target)

    async def _write(self, lines: bytes) -> HttpAnswer:
        parameters = {"db": self._target.database, "precision": "s"}
        body = gzip.compress(lines, _GZIP_LEVEL, mtime=0)
        return await self._http.request("POST", "/write", parameters, body, _LINES)

    async def _create_database(self, missing: HttpAnswer) -> None:
        """Create the database; raises SinkRefused with the command where that is not allowed."""
        name = self._target.database.replace("\\", "\\\\").replace('"', '\\"')
        form = urlencode({"q": f'CREATE DATABASE "{name}"'}).encode()
        answer = await self._http.request("POST", "/query", None, form, _FORM)
        if answer.status != HTTPStatus.OK or answer.query_error:
            told = answer.query_error or answer.said
            raise SinkRefused(f"{failure(missing, self._target)} (creating it failed: {told})")
