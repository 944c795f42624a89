"""How fast machines are read: GETs of 20 names a second and their CPU time, over loopback UDP.

The agents run in a process of their own, so the CPU time is the client's alone.
Run: python -m tests.bench.bench_snmp [GETs]
"""

import asyncio
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.credentials import CommunityCredential
from collector.demo.agent import SimulatedAgent
from collector.demo.table import Counter32, MibTable
from tests.bench.figures import Unit, figure
from tests.surroundings import environment

_AGENTS: Final = 200
_NAMES: Final = tuple((1, 3, 6, 1, 2, 1, 43, 10, 2, 1, 4, 1, n) for n in range(1, 21))
_SERVE: Final = "serve"
_START_UP: Final = """
import asyncio, sys, time
began = time.perf_counter()
from collector.adapters.snmp.client.conversation import PysnmpSession
from collector.adapters.snmp.client.credentials import CommunityCredential
async def main():
    credential = CommunityCredential("2c", "public")
    session = PysnmpSession(
        "127.0.0.1", int(sys.argv[1]), credential, timeout_s=2, retries=0, place="bench"
    )
    await session.get([(1, 3, 6, 1, 2, 1, 43, 10, 2, 1, 4, 1, 1)])
    await session.close()
asyncio.run(main())
print(time.perf_counter() - began)
"""


async def _serve() -> None:
    agents = [
        SimulatedAgent(MibTable({n: Counter32(n[-1]) for n in _NAMES})) for _ in range(_AGENTS)
    ]
    for agent in agents:
        await agent.start()
    sys.stdout.write(" ".join(str(agent.port) for agent in agents) + "\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for agent in agents:
        await agent.close()


@contextmanager
def _agents() -> Iterator[list[int]]:
    """Run the agents in another process; yield their ports. They end when stdin closes."""
    command = [sys.executable, "-m", "tests.bench.bench_snmp", _SERVE]
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield [int(port) for port in process.stdout.readline().split()]
        process.stdin.close()


async def _measure(ports: list[int], gets: int, version: Literal["1", "2c"]) -> None:
    credential = CommunityCredential(version, "public")
    sessions = [
        PysnmpSession("127.0.0.1", port, credential, timeout_s=5, retries=1, place=str(port))
        for port in ports
    ]

    async def read(session: PysnmpSession) -> None:
        for _ in range(gets // len(sessions)):
            assert len(await session.get(_NAMES)) == len(_NAMES)

    cpu, wall = time.process_time(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for session in sessions:
            group.create_task(read(session))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    for session in sessions:
        await session.close()
    done = gets // len(sessions) * len(sessions)
    name = f"GETs, v{version}, {len(sessions)} machines"
    figure(name, done / wall, Unit.EACH_S)
    figure(f"{name}: one of them", 1000 * cpu / done, Unit.CPU_MS, goal=0.1)


def main(gets: int = 4000) -> None:
    """Print the figures."""
    with _agents() as ports:
        for version, count in (("1", 1), ("2c", 1), ("2c", 50), ("2c", _AGENTS)):
            asyncio.run(_measure(ports[:count], gets, "1" if version == "1" else "2c"))
        command = [sys.executable, "-c", _START_UP, str(ports[0])]
        first = subprocess.run(
            command, env=environment(), check=True, capture_output=True, text=True
        ).stdout
    figure("import and first GET", 1000 * float(first), Unit.WALL_MS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure(f"memory with {_AGENTS} sessions", peak, Unit.MB)


if __name__ == "__main__":
    if sys.argv[1:] == [_SERVE]:
        asyncio.run(_serve())
    else:
        main(*map(int, sys.argv[1:]))
