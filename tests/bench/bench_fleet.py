"""A fleet of 200: polls a second, memory, time to READY. Run: python -m tests.bench.bench_fleet.

The copiers are simulated machines behind real SNMP agents in a process of their own, so CPU time
and memory are the collector's alone. Times depend on the machine; read them as ratios.
"""

import asyncio
import resource
import signal
import socket
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
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.office_context import CurrentOffice
from collector.app.poll.poll_place import PollPlace
from collector.bootstrap.machines import NotedMemory, reader_of
from collector.bootstrap.office import context_of, targets_of
from collector.demo.agent import SimulatedAgent
from collector.demo.demo import SPOTS
from collector.demo.table import MibTable
from collector.settings.load import Loaded, load
from tests.bench.figures import Unit, figure, title
from tests.surroundings import environment

PLACES: Final = 200
ROUNDS: Final = 10
AT_ONCE: Final = 32
_SERVE: Final = "serve"
_READY_WITHIN_S: Final = 300


async def _serve() -> None:
    agents = []
    for number in range(PLACES):
        machine = SPOTS[number % len(SPOTS)].machine
        machine = replace(machine, serial=f"{machine.serial}{number:03d}", uptime_s=900_000)
        agents.append(SimulatedAgent(MibTable(machine.objects())))
    for agent in agents:
        await agent.start()
    sys.stdout.write(" ".join(str(agent.port) for agent in agents) + "\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for agent in agents:
        await agent.close()


@contextmanager
def agents() -> Iterator[list[int]]:
    """Run the copiers in another process; yield their ports. They end when stdin closes."""
    command = [sys.executable, "-m", "tests.bench.bench_fleet", _SERVE]
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield [int(port) for port in process.stdout.readline().split()]
        process.stdin.close()


def configuration(folder: Path, ports: list[int]) -> Path:
    """Leave a configuration of as many places as `ports` in `folder`."""
    places = "".join(
        f'[[place]]\nid = "p{n:03d}"\nname = "place {n}"\naddress = "127.0.0.1"\nport = {port}\n'
        f'[[place.department]]\nid = "d{n % 20:02d}"\nfrom = 2020-04-01\n'
        for n, port in enumerate(ports)
    )
    departments = "".join(f'[[department]]\nid = "d{n:02d}"\nname = "課{n}"\n' for n in range(20))
    (folder / "fleet.toml").write_text(departments + places, encoding="utf-8")
    config = folder / "collector.toml"
    config.write_text(
        '[ledger]\npath = "ledger.sqlite3"\n[polling]\ninterval_s = 10\njitter_s = 5\n',
        encoding="utf-8",
    )
    return config


async def _polls(loaded: Loaded) -> None:
    clock = SystemClock()
    current = CurrentOffice(context_of(loaded, clock.now().date()))
    ledger = await SqliteLedger.open(loaded.settings.ledger.path)
    reader = reader_of(loaded.settings, NotedMemory(ledger))
    polls = PollPlace(reader, ledger, clock, current)
    slots = asyncio.Semaphore(AT_ONCE)

    async def poll_all() -> None:
        async with asyncio.TaskGroup() as group:
            for target in targets_of(loaded.fleet):
                group.create_task(one(target))

    async def one(target: object) -> None:
        async with slots:
            outcome = await polls(target)  # type: ignore[arg-type] # a PollTarget
            assert outcome.ok

    began, cpu = time.perf_counter(), time.process_time()
    await poll_all()
    first_s, first_cpu_s = time.perf_counter() - began, time.process_time() - cpu
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(ROUNDS):
        await poll_all()
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    count = ROUNDS * PLACES
    meters = [len(one.track.meters) for one in polls.states.values() if one.track is not None]
    title(f"{PLACES} simulated machines of {sum(meters) / len(meters):.1f} meters, through SNMP")
    figure("polls", count / wall_s, Unit.EACH_S)
    figure("a poll", 1000 * cpu_s / count, Unit.CPU_MS)
    figure("the first round, with recognition", first_s, Unit.WALL_S)
    figure("a machine of it", 1000 * first_cpu_s / PLACES, Unit.CPU_MS, goal=20)
    await reader.close()
    await ledger.close()


@contextmanager
def ready_daemon(config: Path) -> Iterator[tuple[int, float]]:
    """Run the daemon; yield its process id and the seconds it took to READY. It ends with this."""
    address = config.with_name("notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(address))
        notify.settimeout(_READY_WITHIN_S)
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "collector", "run", "--config", str(config)],
            env=environment({"NOTIFY_SOCKET": str(address)}),
            stderr=subprocess.DEVNULL,
        )
        try:
            while b"READY=1" not in notify.recv(4096):
                pass
            yield process.pid, time.perf_counter() - began
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_READY_WITHIN_S)


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def main() -> None:
    """Print the figures."""
    if sys.argv[1:] == [_SERVE]:
        asyncio.run(_serve())
        return
    with agents() as ports, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = configuration(folder, ports)
        asyncio.run(_polls(load(config, {})))
        (folder / "ledger.sqlite3").unlink()
        with ready_daemon(config) as (pid, took):
            figure("the daemon to READY", took, Unit.WALL_S, goal=1.5)
            time.sleep(25)
            figure("its memory after two rounds", resident_mb(pid), Unit.MB)


if __name__ == "__main__":
    main()
