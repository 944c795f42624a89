"""A very large office on one core: the daemon for some intervals, over SNMP on loopback.

A tenth of the places is dead, a twentieth takes its time, and every third of the others prints.
The machines are a process of their own, one socket for all: places differ by their address in
127.0.0.0/8. So the daemon's CPU and memory are its alone, on a machine that others share too.
Run: python -m tests.bench.bench_large [places] [interval in s] [intervals], as in 10000 300 6
"""

import asyncio
import functools
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from collector.adapters.clock import SystemClock
from collector.demo.agent import Behaviour, SimulatedAgent
from collector.demo.demo import SPOTS
from collector.demo.machines import Printed
from collector.demo.table import MibTable
from tests.bench.bench_fleet import ready_daemon, resident_mb
from tests.bench.figures import Unit, figure, title
from tests.stories import books
from tests.surroundings import environment

DEAD, SLOW, PRINTS = 10, 20, 3
"""Every so many places; a place that is dead is nothing else."""

SLOW_S: Final = 1.5
"""How long a slow machine thinks before each answer: a poll of it takes some seconds."""

_NOTED_S: Final = 70
"""When a machine was heard that says the same again is noted once a minute."""

_SERVE: Final = "serve"
_PKTINFO: Final = 8
"""Linux's IP_PKTINFO, which this Python does not name."""

_DESTINATION: Final = struct.Struct("=I4s4s")
"""Linux's struct in_pktinfo: interface, local address, address in the header."""


def address(number: int) -> str:
    """Return where place `number` is: 250 of them share a network of 24 bits."""
    return f"127.{20 + number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"


def _number(octets: bytes) -> int:
    return (octets[1] - 20) * 62_500 + octets[2] * 250 + octets[3] - 1


class _Answering(SimulatedAgent):
    """One machine for one question: keeps its answer instead of sending it."""

    answer: bytes | None = None

    def _send(self, answer: bytes, addr: tuple[str, int]) -> None:
        del addr
        self.answer = answer


@functools.lru_cache(maxsize=256)
def _table(number: int, minute: int) -> MibTable:
    """Return what machine `number` answers in that minute."""
    machine = SPOTS[number % len(SPOTS)].machine
    pages = minute if number % PRINTS == 0 else 0
    return MibTable(
        replace(
            machine,
            serial=f"{machine.serial}{number:05d}",
            printed=machine.printed.plus(Printed(print_mono=pages)),
            uptime_s=900_000 + 60 * minute,
        ).objects()
    )


def _serve() -> None:
    """Answer on one port for all addresses, until stdin closes."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.IPPROTO_IP, _PKTINFO, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    server.bind(("0.0.0.0", 0))  # noqa: S104 - every address of 127.0.0.0/8 is a machine
    server.setblocking(False)
    sys.stdout.write(f"{server.getsockname()[1]}\n")
    sys.stdout.flush()
    began = time.monotonic()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(server, _take, server, loop, began)
        await loop.run_in_executor(None, sys.stdin.read)

    asyncio.run(serve())


def _take(server: socket.socket, loop: asyncio.AbstractEventLoop, began: float) -> None:
    try:
        question, told, _, asker = server.recvmsg(65535, socket.CMSG_SPACE(_DESTINATION.size))
    except BlockingIOError:
        return
    _, _, here = _DESTINATION.unpack(told[0][2][: _DESTINATION.size])
    number = _number(here)
    if number % DEAD == 0:
        return
    agent = _Answering(_table(number, int((time.monotonic() - began) // 60)), behaviour=Behaviour())
    agent.datagram_received(question, asker)
    if agent.answer is None:
        return
    source = [(socket.IPPROTO_IP, _PKTINFO, _DESTINATION.pack(0, here, here))]
    wait = SLOW_S if number % SLOW == 1 else 0.0
    loop.call_later(wait, server.sendmsg, [agent.answer], source, 0, asker)


@contextmanager
def machines() -> Iterator[int]:
    """Run the machines in another process; yield their port. They end when stdin closes."""
    command = [sys.executable, "-m", "tests.bench.bench_large", _SERVE]
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield int(process.stdout.readline())
        process.stdin.close()


def configuration(folder: Path, port: int, places: int, interval_s: int) -> Path:
    """Leave a configuration of `places` places in `folder`."""
    departments = "".join(f'[[department]]\nid = "d{n:02d}"\nname = "課{n}"\n' for n in range(20))
    fleet = "".join(
        f'[[place]]\nid = "p{n:05d}"\nname = "place {n}"\naddress = "{address(n)}"\nport = {port}\n'
        f'[[place.department]]\nid = "d{n % 20:02d}"\nfrom = 2020-04-01\n'
        for n in range(places)
    )
    (folder / "fleet.toml").write_text(departments + fleet, encoding="utf-8")
    config = folder / "collector.toml"
    config.write_text(
        f'[ledger]\npath = "ledger.sqlite3"\n[polling]\ninterval_s = {interval_s}\n',
        encoding="utf-8",
    )
    return config


def _cpu_s(pid: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _measure(config: Path, places: int, interval_s: int, intervals: int) -> None:
    """Print what the daemon needs after two intervals, in which it gets to know its machines."""
    ledger = config.with_name("ledger.sqlite3")
    live = places - len(range(0, places, DEAD))
    with ready_daemon(config) as (pid, took):
        figure("READY", took, Unit.WALL_S, goal=1.5)
        time.sleep(2 * interval_s)
        figure("live ones not read in two intervals", live - _read(ledger, 0), Unit.COUNT)
        cpu, clock = _cpu_s(pid), time.monotonic()
        time.sleep(intervals * interval_s)
        cpu, clock = _cpu_s(pid) - cpu, time.monotonic() - clock
        since = int(SystemClock().now().timestamp() - interval_s - _NOTED_S)
        unread = live - _read(ledger, since)
        figure("live ones not read in the last one", unread, Unit.COUNT, goal=0)
        figure("of a core", cpu / clock, Unit.TIMES, goal=0.2)
        figure("memory", resident_mb(pid), Unit.MB, goal=250)


def _read(ledger: Path, since: int) -> int:
    """Return how many places were heard since that second."""
    ((heard,),) = books.ask(ledger, "SELECT count(*) FROM place_states WHERE seen_at >= ?", since)
    return int(heard)


def main(places: int = 2_000, interval_s: int = 60, intervals: int = 2) -> None:
    """Print the figures."""
    title(f"{places:,} places, each {interval_s} s, for {intervals} intervals after the first two")
    with machines() as port, tempfile.TemporaryDirectory() as name:
        config = configuration(Path(name), port, places, interval_s)
        _measure(config, places, interval_s, intervals)


if __name__ == "__main__":
    if sys.argv[1:] == [_SERVE]:
        _serve()
    else:
        main(*map(int, sys.argv[1:]))
