"""Debian's PostgreSQL on loopback, in a folder of its own, never as root, which it refuses."""

import itertools
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests import surroundings
from tests.servers.process import ServerProcess, binary, free_port
from tests.stories.waiting import until

_OWNER: Final = "copier"
"""The superuser inside; nobody is asked for a password."""

_UNPRIVILEGED: Final = ("postgres", "nobody")
"""As whom it runs where the tests run as root: Debian's own user for it, else anybody."""

_FORGETFUL: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_MODEST: Final = (
    *("shared_buffers=32MB", "max_connections=60", "max_wal_size=256MB", "jit=off"),
    *("listen_addresses=127.0.0.1", "unix_socket_directories=", "log_min_messages=warning"),
    "autovacuum_naptime=600",
)
_FOLLOWERS: Final = "SELECT sync_state FROM pg_stat_replication"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server under test: where it listens, and the means to stop, kill and start it again."""

    port: int
    process: ServerProcess
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def url(self, database: str = "postgres", user: str = _OWNER) -> str:
        """Return the address of `database`, as `user` sees it."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

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
def postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a server until the end of the block; its folder is gone afterwards.

    Unless `durable`, it waits for no disk: only a `kill` could tell the difference.
    """
    folder = Path(tempfile.mkdtemp(prefix="copier-fleet-postgres-", dir=_shared()))
    data, port, log = folder / "data", free_port(), folder / "log"
    settings = [*_MODEST, *(() if durable else _FORGETFUL)]
    try:
        prefix = _as_somebody(folder)
        _init(prefix, data)
        process = _process(prefix, data, port, log, settings)
        process.start()
        try:
            yield PostgresServer(port, process)
        finally:
            process.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def standby_of(primary: PostgresServer) -> Iterator[PostgresServer]:
    """Run a copy of `primary` that follows it; from here on each COMMIT there waits for it."""
    folder = Path(tempfile.mkdtemp(prefix="copier-fleet-standby-", dir=_shared()))
    data, port = folder / "data", free_port()
    try:
        prefix = _as_somebody(folder)
        copy = [*prefix, program("pg_basebackup"), "-D", str(data), "-R", "-X", "stream"]
        _done([*copy, "-c", "fast", "-d", primary.url()])
        process = _process(prefix, data, port, folder / "log", _MODEST)
        process.start()
        try:
            primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.run("SELECT pg_reload_conf()")
            until(lambda: primary.run(_FOLLOWERS) == "sync", "the standby is waited for")
            yield PostgresServer(port, process)
        finally:
            process.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _process(
    prefix: list[str], data: Path, port: int, log: Path, settings: Sequence[str]
) -> ServerProcess:
    options = itertools.chain.from_iterable(("-c", one) for one in settings)
    command = [*prefix, program("postgres"), "-D", str(data), "-p", str(port), *options]
    # SIGTERM would wait for every client to go.
    return ServerProcess(command, log, lambda: _is_ready(port), goodbye=signal.SIGINT)


def _shared() -> Path:
    """Return a folder that everybody may enter: of the tests' own ones only their user may any."""
    own = surroundings.own_folders()["HOME"]
    shut = [one for one in own.parents if not one.stat().st_mode & stat.S_IXOTH]
    return shut[-1].parent if shut else own


def _init(prefix: list[str], data: Path) -> None:
    command = [*prefix, program("initdb"), "-D", str(data), "-U", _OWNER, "-A", "trust"]
    _done([*command, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"])


def _done(command: list[str]) -> None:
    done = subprocess.run(
        command, env=surroundings.environment(), check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def _is_ready(port: int) -> bool:
    """Say whether it lets clients in: while it recovers it answers, and turns them away."""
    command = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(command, env=surroundings.environment(), check=False).returncode == 0


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs, of the newest release there is."""
    releases = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return binary(name, *releases)


def _as_somebody(folder: Path) -> list[str]:
    """Return what to begin a command with so that it does not run as root; it gets `folder`."""
    if os.geteuid() != 0:
        return []
    for name in _UNPRIVILEGED:
        with suppress(KeyError):
            one = pwd.getpwnam(name)
            os.chown(folder, one.pw_uid, one.pw_gid)
            ids = (f"--reuid={one.pw_uid}", f"--regid={one.pw_gid}")
            return [binary("setpriv"), *ids, "--clear-groups"]
    message = f"none of the users {', '.join(_UNPRIVILEGED)} is there for PostgreSQL to run as"
    raise AssertionError(message)
