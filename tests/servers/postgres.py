"""Debian's PostgreSQL under test, in a folder of its own: see `collector.demo.postgres`."""

import itertools
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from collector.demo.postgres import FORGETFUL, OwnPostgres, own_postgres, program
from tests import surroundings
from tests.servers.process import ServerProcess, free_port


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server under test: where it listens, and the means to stop, kill and start it again."""

    own: OwnPostgres
    process: ServerProcess
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def port(self) -> int:
        """The port on loopback."""
        return self.own.port

    def url(self, database: str = "postgres", user: str | None = None) -> str:
        """Return the address of `database`, as `user` sees it; by default who owns everything."""
        return self.own.url(database) if user is None else self.own.url(database, user)

    def new_database(self) -> str:
        """Make an empty database and return its address as its owner."""
        name = f"test_{next(self._numbers)}"
        self.run(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def run(self, statement: str, database: str = "postgres") -> str:
        """Run `statement` as the owner of everything; return what it prints, unaligned."""
        command = [program("psql"), "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        command += ["-c", statement, self.url(database)]
        done = subprocess.run(
            command, env=surroundings.environment(), check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def kill(self) -> None:
        """End the server and every process that it began at once, as a power cut does."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self.process.stop()


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a server until the end of the block; its folder is gone afterwards.

    Unless `durable`, it waits for no disk: only a `kill` could tell the difference.
    """
    within = surroundings.own_folders()["TMPDIR"]
    with own_postgres(free_port(), surroundings.environment(), within) as own:
        command = own.command(*(() if durable else FORGETFUL))
        # SIGTERM would wait for every client to go.
        process = ServerProcess(command, own.log, own.is_ready, goodbye=signal.SIGINT)
        process.start()
        try:
            yield PostgresServer(own, process)
        finally:
            process.stop()
