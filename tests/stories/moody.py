"""An InfluxDB with a bad day: it answers writes by a list of statuses, then takes everything."""

import gzip
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Nonsense:
    """What stands in every answer beside its status, where that is not 204."""

    body: bytes = b""
    headers: Mapping[str, str] | None = None


class MoodyInflux:
    """What was asked of it: one status per write so far, and every line that it took."""

    def __init__(self, moods: Sequence[int]) -> None:
        """Answer writes with `moods`, one after another, and then with 204."""
        self._moods = list(moods)
        self.answered: list[int] = []
        self.lines: list[str] = []
        self.url = ""

    def write(self, body: bytes) -> int:
        """Return the status for a write of `body`."""
        status = self._moods.pop(0) if self._moods else HTTPStatus.NO_CONTENT.value
        self.answered.append(status)
        if status == HTTPStatus.NO_CONTENT:
            self.lines += gzip.decompress(body).decode().splitlines()
        return status


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing: whoever asked may have been cut off."""


@contextmanager
def http_server(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Answer by `handler` on a free port of loopback; yield the address."""
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def moody_influx(moods: Sequence[int], nonsense: Nonsense = Nonsense()) -> Iterator[MoodyInflux]:
    """Run it on a free port of loopback."""
    moody = MoodyInflux(moods)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(HTTPStatus.NO_CONTENT)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(moody.write(body))

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("X-Influxdb-Version", "1.6.7")
            if status != HTTPStatus.NO_CONTENT:
                self.send_header("Content-Length", str(len(nonsense.body)))
                for name, value in (nonsense.headers or {}).items():
                    self.send_header(name, value)
            self.end_headers()
            if status != HTTPStatus.NO_CONTENT:
                self.wfile.write(nonsense.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http_server(Handler) as moody.url:
        yield moody
