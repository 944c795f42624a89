"""Debian's PostgreSQL in a folder of its own, on loopback only, never as root, which it refuses.

For a demo and for tests: whoever reaches its port may do anything in it.
"""

import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from collector.errors import StoreUnavailable
from collector.texts import ENGLISH

_OWNER: Final = "copier"
"""The superuser inside; nobody is asked for a password."""

_UNPRIVILEGED: Final = ("postgres", "nobody")
"""As whom it runs where we are root: Debian's own user for it, else anybody."""

FORGETFUL: Final = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Settings by which it waits for no disk: only a power cut could tell the difference."""

_MODEST: Final = (
    *("shared_buffers=32MB", "max_connections=60", "max_wal_size=256MB", "jit=off"),
    *("listen_addresses=127.0.0.1", "unix_socket_directories=", "log_min_messages=warning"),
    "autovacuum_naptime=600",
)
_RELEASES: Final = Path("/usr/lib/postgresql")
_STARTING_S: Final = 60.0
_LOOKING_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class OwnPostgres:
    """A cluster below `folder`: how to start it on `port`, and how to reach it.

    `prefix` is what its programs' command lines begin with so that they do not run as root.
    """

    folder: Path
    port: int
    environment: Mapping[str, str]
    prefix: tuple[str, ...] = ()

    @property
    def log(self) -> Path:
        """Where it writes what it has to say."""
        return self.folder / "log"

    def url(self, database: str = "postgres", user: str = _OWNER) -> str:
        """Return the address of `database`, as `user` sees it."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def command(self, *settings: str) -> list[str]:
        """Return what starts it in the foreground, with `settings` (name=value) beside our own."""
        stated = [text for one in (*_MODEST, *settings) for text in ("-c", one)]
        data = str(self.folder / "data")
        return [*self.prefix, program("postgres"), "-D", data, "-p", str(self.port), *stated]

    def is_ready(self) -> bool:
        """Say whether it lets clients in: while it recovers it answers, and turns them away."""
        asking = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        done = subprocess.run(asking, env=dict(self.environment), check=False)  # noqa: S603 - ours
        return done.returncode == 0


@contextmanager
def own_postgres(
    port: int, environment: Mapping[str, str] = os.environ, within: Path | None = None
) -> Iterator[OwnPostgres]:
    """Make a cluster that is gone at the end of the block; it does not run yet.

    It lies in `within`, by default the folder of temporary files, or above it where its user may
    not enter that. Raises StoreUnavailable where PostgreSQL is not installed or makes none.
    """
    place = room(within or Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix="copier-fleet-postgres-", dir=place))
    try:
        made = OwnPostgres(folder, port, environment, _as_somebody(folder))
        command = [*made.prefix, program("initdb"), "-D", str(folder / "data"), "-U", _OWNER]
        command += ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        done = subprocess.run(  # noqa: S603 - found by us, and all of it our own
            [*command, "--no-instructions"],
            env=dict(environment),
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise StoreUnavailable(ENGLISH("demo.postgres_failed", why=_last(done.stderr)))
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def running(made: OwnPostgres) -> AsyncIterator[None]:
    """Run it until the end of the block, waiting for no disk; raises StoreUnavailable.

    It ends with this process in any case.
    """
    ending = (program("setpriv"), "--pdeathsig", "INT")
    command = replace(made, prefix=(*ending, *made.prefix[1:])).command(*FORGETFUL)
    with made.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(made.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        async with asyncio.timeout(_STARTING_S):
            while not await asyncio.to_thread(made.is_ready):
                if process.returncode is not None:
                    why = _last(await asyncio.to_thread(made.log.read_text, errors="replace"))
                    raise StoreUnavailable(ENGLISH("demo.postgres_failed", why=why))
                await asyncio.sleep(_LOOKING_S)
        yield
    finally:
        # SIGTERM would wait for every client to go.
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.wait()


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs, of the newest release that there is.

    Raises StoreUnavailable where it is not installed.
    """
    folders = [os.environ.get("PATH", os.defpath), *map(str, sorted(_RELEASES.glob("*/bin"))[::-1])]
    found = shutil.which(name, path=os.pathsep.join(folders))
    if found is None:
        raise StoreUnavailable(ENGLISH("demo.no_postgres", program=name))
    return found


def room(wanted: Path) -> Path:
    """Return `wanted`, or as root the nearest folder above it that everybody may enter."""
    if os.geteuid() != 0:
        return wanted
    shut = [one for one in (wanted, *wanted.parents) if not one.stat().st_mode & stat.S_IXOTH]
    return shut[-1].parent if shut else wanted


def _as_somebody(folder: Path) -> tuple[str, ...]:
    """Return what to begin a command with so that it does not run as root; it gets `folder`."""
    if os.geteuid() != 0:
        return ()
    for name in _UNPRIVILEGED:
        with suppress(KeyError):
            one = pwd.getpwnam(name)
            os.chown(folder, one.pw_uid, one.pw_gid)
            ids = (f"--reuid={one.pw_uid}", f"--regid={one.pw_gid}")
            return (program("setpriv"), *ids, "--clear-groups")
    raise StoreUnavailable(ENGLISH("demo.postgres_as_root"))


def _last(text: str) -> str:
    """Return the last line of what a program said."""
    return text.strip().rpartition("\n")[2]
