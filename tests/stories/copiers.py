"""Simulated copiers that answer while the test thinks: an event loop in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from collector.demo.agent import SimulatedAgent
from collector.demo.machines import Printed, SimulatedMachine
from collector.demo.table import MibTable, Oid

Done = TypeVar("Done")


class Copiers:
    """Machines by place. Every change happens between two answers, never within one."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin without a machine; `loop` runs in another thread."""
        self._loop = loop
        self._agents: dict[str, SimulatedAgent] = {}
        self._machines: dict[str, SimulatedMachine] = {}

    def add(
        self,
        place: str,
        machine: SimulatedMachine,
        community: str = "public",
        kind: Callable[[MibTable, str], SimulatedAgent] = SimulatedAgent,
    ) -> int:
        """Let `machine` answer at `place`, by an agent of this `kind`, and return its port."""

        async def start() -> SimulatedAgent:
            agent = kind(MibTable(machine.objects()), community)
            await agent.start()
            return agent

        agent = asyncio.run_coroutine_threadsafe(start(), self._loop).result(10)
        self._agents[place], self._machines[place] = agent, machine
        return agent.port

    def set(self, place: str, machine: SimulatedMachine) -> None:
        """Put `machine` at `place`."""

        def fill() -> None:
            self._machines[place] = machine
            machine.fill(self._agents[place].table)

        self._do(fill)

    def lose(self, place: str, below: Oid) -> None:
        """Take everything below `below` from the machine at `place`, until it is `set` again."""

        def take() -> None:
            table = self._agents[place].table
            for name in [one for one in table if one[: len(below)] == below]:
                del table[name]

        self._do(take)

    def print(self, place: str, mono: int, color: int = 0, took_s: int = 1) -> None:
        """Let the machine at `place` print; by its own clock that `took_s`."""
        machine = self._machines[place]
        printed = Printed(print_mono=mono, print_color=color)
        self.set(place, replace(machine.after(printed), uptime_s=machine.uptime_s + took_s))

    def pass_time(self, seconds: int) -> None:
        """Let every machine have been on for `seconds` more."""
        for place, machine in tuple(self._machines.items()):
            self.set(place, replace(machine, uptime_s=machine.uptime_s + seconds))

    def behave(self, place: str, **changes: object) -> None:
        """Change how the agent at `place` behaves (see `Behaviour`)."""

        def change() -> None:
            agent = self._agents[place]
            agent.behaviour = replace(agent.behaviour, **changes)

        self._do(change)

    def total(self, place: str) -> int:
        """Return what the machine has printed in its life."""
        return self._machines[place].printed.total

    def color(self, place: str) -> int:
        """Return how many of them in colour."""
        return self._machines[place].printed.color

    def requests(self, place: str) -> int:
        """Return how often the agent was asked with the right community."""
        return self._agents[place].requests

    async def close(self) -> None:
        """Stop every agent."""
        for agent in self._agents.values():
            await agent.close()

    def _do(self, act: Callable[[], Done]) -> Done:
        async def now() -> Done:
            return act()

        return asyncio.run_coroutine_threadsafe(now(), self._loop).result(10)


@contextmanager
def copiers() -> Iterator[Copiers]:
    """Run copiers until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="copiers")
    thread.start()
    machines = Copiers(loop)
    try:
        yield machines
    finally:
        asyncio.run_coroutine_threadsafe(machines.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
