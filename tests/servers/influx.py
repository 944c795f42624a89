"""A real influxd 1.x and a real VictoriaMetrics on loopback, and an InfluxQL query."""

import http.client
import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.patience import PATIENCE_S
from tests.servers.process import ServerProcess, binary, free_port

_CONFIG = """
reporting-disabled = true
bind-address = "127.0.0.1:{rpc_port}"
[meta]
  dir = "{folder}/meta"
  logging-enabled = false
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{http_port}"
  auth-enabled = {auth}
  log-enabled = false
  max-body-size = {max_body_size}
[subscriber]
  enabled = false
[continuous_queries]
  enabled = false
"""

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InfluxServer:
    """A server under test: where it listens, and the means to stop and start it again."""

    url: str
    process: ServerProcess
    login: tuple[str, str] | None = None

    def query(self, text: str, database: str | None = None) -> list[Columns]:
        """Run InfluxQL as its administrator; see `query`."""
        return query(self.url, database, text, login=self.login)


class QueryFailedError(AssertionError):
    """The server answered an InfluxQL query with an error."""


def request(
    url: str,
    method: str,
    path: str,
    body: str | bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, bytes]:
    """Return status and body of one HTTP request to `url` + `path`."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def query(
    url: str, database: str | None, text: str, *, login: tuple[str, str] | None = None
) -> list[Columns]:
    """Return every row of an InfluxQL query, over all statements and series, as a dictionary.

    Tags of a GROUP BY stand beside the columns; `time` is in unix seconds; a series' measurement
    is under `measurement`. Raises QueryFailedError with the server's own words.
    """
    form = {"q": text, "epoch": "s"} | ({"db": database} if database else {})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if login is not None:
        headers["Authorization"] = "Basic " + b64encode(":".join(login).encode()).decode()
    status, body = request(url, "POST", "/query", urlencode(form), headers)
    answer = json.loads(body)
    errors = [part["error"] for part in [answer, *answer.get("results", [])] if "error" in part]
    if status != http.client.OK or errors:
        message = f"{text}: {status} {errors or answer}"
        raise QueryFailedError(message)
    return [
        {"measurement": series.get("name", "")}
        | series.get("tags", {})
        | dict(zip(series["columns"], values, strict=True))
        for result in answer["results"]
        for series in result.get("series", ())
        for values in series.get("values", ())
    ]


def _answers_http(url: str, path: str) -> bool:
    try:
        return request(url, "GET", path)[0] < http.client.BAD_REQUEST
    except OSError:
        return False


@contextmanager
def influxd(
    folder: Path,
    *,
    login: tuple[str, str] | None = None,
    max_body_size: int = 25_000_000,
    started: bool = True,
) -> Iterator[InfluxServer]:
    """Run Debian's influxd 1.x with all of its files under `folder`.

    With `login` it asks for authentication, and that name and password are its administrator's.
    With `started=False` only its address is fixed; call `process.start()` when wanted.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    config = folder / "influxdb.conf"
    config.write_text(
        _CONFIG.format(
            rpc_port=free_port(),
            http_port=port,
            folder=folder,
            auth=str(login is not None).lower(),
            max_body_size=max_body_size,
        )
    )
    command = [binary("influxd"), "run", "-config", str(config)]
    process = ServerProcess(command, folder / "influxd.log", lambda: _answers_http(url, "/ping"))
    try:
        if started:
            process.start()
            if login is not None:
                name, password = login
                text = f"CREATE USER \"{name}\" WITH PASSWORD '{password}' WITH ALL PRIVILEGES"
                query(url, None, text)
        yield InfluxServer(url, process, login)
    finally:
        process.stop()


@contextmanager
def victoria_metrics(
    folder: Path, *, started: bool = True, more: Sequence[str] = ()
) -> Iterator[InfluxServer]:
    """Run VictoriaMetrics, which takes the v2 write API, with its storage under `folder`.

    Copies of one point count once (`-dedup.minScrapeInterval`), as they do in InfluxDB. `more` are
    further options of it.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        binary("victoria-metrics"),
        f"-storageDataPath={folder / 'storage'}",
        f"-httpListenAddr=127.0.0.1:{port}",
        "-retentionPeriod=100y",
        "-dedup.minScrapeInterval=1ms",
        "-memory.allowedBytes=128MiB",
        *more,
    ]
    log = folder / "victoria-metrics.log"
    process = ServerProcess(command, log, lambda: _answers_http(url, "/health"))
    try:
        if started:
            process.start()
        yield InfluxServer(url, process)
    finally:
        process.stop()


def export(url: str, match: str) -> list[Columns]:
    """Return every series that VictoriaMetrics holds for `match`: metric, values, timestamps."""
    request(url, "GET", "/internal/force_flush")
    status, body = request(url, "GET", "/api/v1/export?" + urlencode({"match[]": match}))
    if status != http.client.OK:
        message = f"export {match}: {status} {body!r}"
        raise QueryFailedError(message)
    return [json.loads(line) for line in body.splitlines()]
