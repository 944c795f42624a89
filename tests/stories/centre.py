"""A real centre over a real PostgreSQL for stories: started, killed, looked at from outside."""

import asyncio
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import UNAUTHORIZED
from pathlib import Path
from typing import TypeVar

from collector.adapters.centre.wire import PROTOCOL, PROTOCOL_HEADER
from collector.adapters.ledger_postgres import PostgresLedger
from collector.domain.meters import TOTAL
from collector.errors import LedgerError
from collector.ports import BEGINNING, END, Ledger
from tests.patience import PATIENCE_S
from tests.servers.influx import request
from tests.servers.postgres import PostgresServer
from tests.servers.process import free_port
from tests.stories.program import PROGRAM, ROOT, command
from tests.stories.waiting import until
from tests.surroundings import environment

Answer = TypeVar("Answer")
Heard = tuple[str, int, int]
"""A place, when it was read (unix seconds), and its total."""


@dataclass
class StoryCentre:
    """`copier-fleet centre run` as a process of its own, beside a database of its own."""

    server: PostgresServer
    folder: Path
    language: str = "ja"
    port: int = field(default_factory=free_port)
    monitoring: int = field(default_factory=free_port)
    database: str = ""

    def __post_init__(self) -> None:
        """Write its configuration; nothing runs yet."""
        self.database = self.database or self.server.new_database()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config = self.folder / "centre.toml"
        self.config.write_text(
            f'[centre]\ndatabase = "{self.database}"\nlisten = "127.0.0.1:{self.port}"\n'
            f'language = "{self.language}"\nmonitoring = "127.0.0.1:{self.monitoring}"\n'
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self.config.with_suffix(".log").read_text("utf-8")

    def start(self) -> None:
        """Start it and wait until it answers, out of a database that lets it."""
        with self.config.with_suffix(".log").open("ab") as stream:
            self._process = subprocess.Popen(
                [*PROGRAM, "centre", "run", "--config", str(self.config)],
                cwd=ROOT,
                env=environment(),
                stdout=stream,
                stderr=stream,
            )
        until(self._is_ready, "the centre answers")

    def _is_ready(self) -> bool:
        url, named = f"http://127.0.0.1:{self.port}", {PROTOCOL_HEADER: str(PROTOCOL)}
        try:
            return request(url, "GET", "/v1/sites/nobody", None, named)[0] == UNAUTHORIZED
        except OSError:
            return False

    def asked(self, path: str) -> tuple[int, str]:
        """Return status and text of what a monitoring program asks."""
        status, text = request(f"http://127.0.0.1:{self.monitoring}", "GET", path)
        return status, text.decode()

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int:
        """Stop it in good order and return its exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(PATIENCE_S)
        self._process = None
        return code

    def section(self, folder: Path, site: str = "story", token: str = "") -> str:
        """Return the section by which a site tells this centre; its token lies in a secret file."""
        made = token or command("centre", "site", "add", site, "-c", self.config).out.strip()
        secrets = folder / "secrets"
        secrets.mkdir(parents=True, exist_ok=True)
        secret = secrets / "centre__token"
        secret.write_text(made + "\n")
        secret.chmod(0o600)
        return f'\n[centre]\nurl = "http://127.0.0.1:{self.port}"\n'

    def ledger(self, what: Callable[[Ledger], Awaitable[Answer]], site: str = "story") -> Answer:
        """Return what `what` is told by the ledger of `site` here, asked from outside."""

        async def ask() -> Answer:
            ledger = await PostgresLedger.open(self.database, site, made=True)
            try:
                return await what(ledger)
            finally:
                await ledger.close()

        return asyncio.run(ask())

    def readings(self, site: str = "story") -> set[Heard]:
        """Return every reading of `site` that is here; nothing while nobody can be asked."""
        try:
            return self.ledger(heard, site)
        except LedgerError:
            return set()


async def heard(ledger: Ledger) -> set[Heard]:
    """Return every reading of `ledger`."""
    found = [await ledger.readings(one.place, BEGINNING, END) for one in await ledger.states()]
    return {
        (one.place, int(one.at.timestamp()), one.answer.meters[TOTAL])
        for some in found
        for one in some
    }


@contextmanager
def centre(server: PostgresServer, folder: Path) -> Iterator[StoryCentre]:
    """Run a centre until the end of the block."""
    one = StoryCentre(server, folder)
    one.start()
    try:
        yield one
    finally:
        one.kill()
