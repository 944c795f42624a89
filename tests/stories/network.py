"""A network on loopback: agents and silent addresses, all on one UDP port, in a thread of its own.

Linux answers on the whole of 127.0.0.0/8. An address of it at which nothing listens refuses at
once; one that is to be silent needs a socket that nobody reads.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from collector.demo import agent as ber
from collector.demo.agent import SimulatedAgent
from collector.demo.machines import SimulatedMachine
from collector.demo.table import MibTable, Oid, TypedValue
from tests.servers.snmp import free_udp_port

Done = TypeVar("Done")


class Overheard(SimulatedAgent):
    """An agent that also notes the community and names of every question, right or wrong."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Begin with nothing heard."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # handed through
        self.communities: list[str] = []
        self.asked: list[Oid] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Note the question, then answer it."""
        request = ber.parse(data)
        self.communities.append(request.community.decode())
        self.asked += request.names
        super().datagram_received(data, addr)


class Network:
    """Agents by address; every one speaks on `port`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, port: int) -> None:
        """Begin empty; `loop` runs in another thread."""
        self._loop = loop
        self.port = port
        self.agents: dict[str, SimulatedAgent] = {}
        self._silent: dict[str, socket.socket] = {}

    def put(
        self,
        address: str,
        objects: SimulatedMachine | dict[Oid, TypedValue],
        community: str = "public",
        kind: type[SimulatedAgent] = SimulatedAgent,
        **more: object,
    ) -> SimulatedAgent:
        """Let a machine, or an agent with these objects, answer at `address`."""
        table = MibTable(objects.objects() if isinstance(objects, SimulatedMachine) else objects)
        agent = kind(table, community, host=address, port=self.port, **more)  # type: ignore[arg-type] # as above
        self._do(agent.start)
        self.agents[address] = agent
        return agent

    def take(self, address: str) -> SimulatedAgent:
        """Take the agent at `address` away; nothing listens there then."""
        agent = self.agents.pop(address)
        self._do(agent.close)
        return agent

    def move(self, start: str, end: str) -> None:
        """Let what answers at `start` answer at `end` instead."""
        agent = self.take(start)
        agent.host = end
        self._do(agent.start)
        self.agents[end] = agent

    def silence(self, addresses: Iterable[str]) -> None:
        """Let nobody answer at `addresses`, without a word."""
        for address in addresses:
            silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            silent.bind((address, self.port))
            silent.setblocking(False)
            self._silent[address] = silent

    def heard(self, address: str) -> list[bytes]:
        """Return the datagrams that a silent address got, oldest first."""
        found = []
        while True:
            try:
                found.append(self._silent[address].recv(65535))
            except BlockingIOError:
                return found

    def close(self) -> None:
        """Take everything away."""
        for address in tuple(self.agents):
            self.take(address)
        for silent in self._silent.values():
            silent.close()

    def _do(self, act: Callable[[], object]) -> None:
        asyncio.run_coroutine_threadsafe(act(), self._loop).result(10)  # type: ignore[arg-type] # coroutines


@contextmanager
def network() -> Iterator[Network]:
    """Run a network until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="network")
    thread.start()
    found = Network(loop, free_udp_port())
    try:
        yield found
    finally:
        found.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
