"""Debian's PostgreSQL under test, in a folder of its own: see `collector.demo.postgres`."""

import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collector.demo.postgres import FORGETFUL, OwnPostgres, own_postgres, program
from tests import surroundings
from tests.servers.process import ServerProcess, free_port
from tests.stories.waiting import until

_FOLLOWERS: Final = "SELECT sync_state FROM pg_stat_replication"


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
        self.signal(signal.SIGKILL)
        self.process.stop()

    def signal(self, one: signal.Signals) -> None:
        """Send `one` to the server and every process that it began: SIGSTOP makes it silent."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(each, one)


@contextmanager
def postgres(*settings: str, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a server until the end of the block; its folder is gone afterwards.

    Unless `durable`, it waits for no disk: only a `kill` could tell the difference.
    """
    with _cluster() as own, _running(own, *(() if durable else FORGETFUL), *settings) as server:
        yield server


@contextmanager
def standby_of(primary: PostgresServer) -> Iterator[PostgresServer]:
    """Run a copy of `primary` that follows it; from here on each COMMIT there waits for it."""
    with _cluster() as own:
        data = own.folder / "data"
        shutil.rmtree(data)
        copy = [*own.prefix, program("pg_basebackup"), "-D", str(data), "-R", "-X", "stream"]
        subprocess.run(
            [*copy, "-c", "fast", "-d", primary.url()],
            env=surroundings.environment(),
            check=True,
            capture_output=True,
        )
        with _running(own) as server:
            primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.run("SELECT pg_reload_conf()")
            until(lambda: primary.run(_FOLLOWERS) == "sync", "the standby is waited for")
            yield server


def _cluster() -> AbstractContextManager[OwnPostgres]:
    within = surroundings.own_folders()["TMPDIR"]
    return own_postgres(free_port(), surroundings.environment(), within)


@contextmanager
def _running(own: OwnPostgres, *settings: str) -> Iterator[PostgresServer]:
    # SIGTERM would wait for every client to go.
    process = ServerProcess(own.command(*settings), own.log, own.is_ready, goodbye=signal.SIGINT)
    process.start()
    try:
        yield PostgresServer(own, process)
    finally:
        process.stop()
