"""What a load costs: CPU of each process, the disk, the tables, the log before the tables (WAL)."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.servers.postgres import PostgresServer
from tests.sites.trial import cpu_ms

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_FULL: Final = 0.9
"""Of what there is of something, from which on it is said to be used up."""

_SIZES: Final = """
SELECT coalesce(sum(pg_table_size(c.oid)), 0), coalesce(sum(pg_indexes_size(c.oid)), 0)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('ledger', 'centre') AND c.relkind = 'r'
"""


@dataclass(frozen=True, slots=True)
class Used:
    """What counters of the machine stand at, or what was used from one look `since` another.

    CPU, and how long the disk was busy, in seconds; the rest in octets.
    """

    seconds: float
    sender_s: float
    ingest_s: tuple[float, ...]
    postgres_s: float
    idle_s: float
    disk_busy_s: float
    wal: int
    tables: int
    indexes: int

    def since(self, before: "Used") -> "Used":
        """Return what was used from the look `before` to this one."""
        ingest = zip(self.ingest_s, before.ingest_s, strict=True)
        return Used(
            self.seconds - before.seconds,
            self.sender_s - before.sender_s,
            tuple(now - then for now, then in ingest),
            self.postgres_s - before.postgres_s,
            self.idle_s - before.idle_s,
            self.disk_busy_s - before.disk_busy_s,
            self.wal - before.wal,
            self.tables - before.tables,
            self.indexes - before.indexes,
        )

    @property
    def shares(self) -> Mapping[str, float]:
        """How much of what there is of each was used: 1 is all of it."""
        cores = os.cpu_count() or 1
        ours = self.sender_s + sum(self.ingest_s) + self.postgres_s
        busy = 1 - self.idle_s / self.seconds / cores
        return {
            "sender": self.sender_s / self.seconds,
            "ingest CPU": max(self.ingest_s, default=0.0) / self.seconds,
            "PostgreSQL CPU": self.postgres_s / self.seconds / cores,
            "all cores": busy,
            "other work on all cores": max(0.0, busy - ours / self.seconds / cores),
            "disk": self.disk_busy_s / self.seconds,
        }

    def reached_first(self) -> str:
        """Say what is used up first: one process of Python is a core, PostgreSQL has them all."""
        shares = self.shares
        for one in ("sender", "ingest CPU", "PostgreSQL CPU", "disk"):
            if shares[one] >= _FULL:
                return one
        if shares["all cores"] < _FULL:
            return "nothing"
        users = {
            "ingest": sum(self.ingest_s),
            "PostgreSQL": self.postgres_s,
            "other work": shares["other work on all cores"] * self.seconds * (os.cpu_count() or 1),
        }
        return f"all cores, most of them by {max(users, key=lambda one: users[one])}"


class Gauges:
    """Looks at the centre's processes, PostgreSQL, the disk below its data, and this process."""

    def __init__(self, server: PostgresServer, database: str, pids: Sequence[int]) -> None:
        """Look at the ingest processes `pids` and `database` of `server`."""
        self._server = server
        self._database = database.rpartition("/")[2]
        self._pids = pids
        self._disk = os.stat(server.own.folder).st_dev  # noqa: PTH116 - the number alone

    def look(self, *, tables: bool = True) -> Used:
        """Return what stands there now; without `tables` nothing is asked of PostgreSQL."""
        sizes = [0, 0, 0]
        if tables:
            run = self._server.run
            wal = int(run("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").partition(".")[0])
            sizes = [wal, *map(int, run(_SIZES, self._database).split("|"))]
        return Used(
            time.monotonic(),
            time.process_time(),
            tuple(cpu_ms(one) / 1000 for one in self._pids),
            sum(map(cpu_ms, self._of_database())) / 1000,
            _idle_s(),
            self._disk_busy_s(),
            *sizes,
        )

    def memory(self) -> Mapping[str, int]:
        """Return octets of memory: of the largest ingest process, of all of PostgreSQL by share."""
        largest = max(
            int(Path(f"/proc/{one}/statm").read_text("ascii").split()[1]) * _PAGE
            for one in self._pids
        )
        return {"ingest": largest, "postgres": sum(map(_share_of_memory, self._of_database()))}

    def _of_database(self) -> list[int]:
        pid = self._server.process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def _disk_busy_s(self) -> float:
        number = [str(os.major(self._disk)), str(os.minor(self._disk))]
        for line in Path("/proc/diskstats").read_text("ascii").splitlines():
            fields = line.split()
            if fields[:2] == number:
                return int(fields[12]) / 1000
        return 0.0


def _idle_s() -> float:
    """Return for how long all cores together had nothing to do, or waited for the disk."""
    fields = Path("/proc/stat").read_text("ascii").partition("\n")[0].split()
    return (int(fields[4]) + int(fields[5])) / _TICKS


def _share_of_memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:  # gone meanwhile
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
