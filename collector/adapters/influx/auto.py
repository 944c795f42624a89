"""Which write API a server speaks, found out at the first contact that is answered."""

import asyncio
from collections.abc import Sequence

from collector.adapters.influx.answers import HttpAnswer, failure
from collector.adapters.influx.http import HttpSession
from collector.adapters.influx.target import InfluxTarget, WriteApi
from collector.adapters.influx.v1 import InfluxV1Sink
from collector.adapters.influx.v2 import InfluxV2Sink
from collector.domain.rows import Row
from collector.errors import SinkUnavailable
from collector.ports import Rejected, Sink


def open_influx(target: InfluxTarget, name: str = "influx") -> Sink:
    """Return the sink for `target`. Nothing is asked of the server before the first use."""
    match target.version:
        case WriteApi.V1:
            return InfluxV1Sink(target, name)
        case WriteApi.V2:
            return InfluxV2Sink(target, name)
        case WriteApi.AUTO:
            return InfluxAutoSink(target, name)


class InfluxAutoSink:
    """Asks `/ping` at the first use and again until answered, then is the sink of that version."""

    def __init__(self, target: InfluxTarget, name: str = "influx") -> None:
        """Remember where to write; nothing is opened before the first use."""
        self.name = name
        self._target = target
        self._sink: Sink | None = None
        self._lock = asyncio.Lock()

    async def send(self, rows: Sequence[Row]) -> Sequence[Rejected]:
        """Write `rows`; see `collector.ports.Sink`."""
        return await (await self._chosen()).send(rows) if rows else ()

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
