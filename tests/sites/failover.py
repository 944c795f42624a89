"""A centre loses its PostgreSQL under load, and goes on with the standby: what was acknowledged?

`python -m tests.sites.failover [--sites 8] [--seconds 20] [--silent]`, or `make failover`. Two real
servers with synchronous replication, a real centre with both in its address, and sites that send
one batch after another. The first server is killed with all its children, or turns silent
(SIGSTOP) as a hung disk or a cut cable does; then the standby is promoted, as Patroni would.
Each site holds every answer of the centre against what it was told before. Exit code 1 where
anything that was acknowledged is not there, or is there twice.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collector.adapters.centre.client import CentreClient, CentreTarget
from collector.adapters.centre.postgres import PostgresCentre
from collector.adapters.clock import SystemClock
from collector.adapters.ledger_postgres.intake import SiteIntake
from collector.app.centre.agreement import CentreStanding, FactBatch, NotNext
from collector.cli.output import result
from collector.errors import SinkError
from tests.contract.centre_cases import batch
from tests.patience import PATIENCE_S
from tests.servers.postgres import PostgresServer, postgres, standby_of
from tests.stories.centre import StoryCentre

FACTS: Final = 50
"""In a batch."""

_AGAIN_S: Final = 0.2
_TIMEOUT_S: Final = 8.0
_STORED: Final = (
    "SELECT s.name || '/' || f.subject FROM ledger.findings f JOIN ledger.sites s USING (site)"
)


@dataclass
class Sender:
    """A site that sends without end, and lets the centre take nothing back."""

    name: str
    client: CentreClient
    acknowledged: list[str] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    answered_at: float = 0.0
    silence_s: float = 0.0
    """The longest time between two acknowledgements."""

    async def send(self, stopping: asyncio.Event) -> None:
        """Send until `stopping`, and then until the last batch is answered."""
        stands = await self._asked(self.client.standing)
        self.answered_at = time.monotonic()
        while not stopping.is_set():
            first = len(self.acknowledged)
            names = [str(number) for number in range(first, first + FACTS)]
            stands = await self._sent(batch(stands, *names, ledger=self.name), stands)
            self.acknowledged += names
            self.answered.set()
            now = time.monotonic()
            self.silence_s = max(self.silence_s, now - self.answered_at)
            self.answered_at = now

    async def _sent(self, one: FactBatch, before: CentreStanding) -> CentreStanding:
        """Return where the centre stands once it has acknowledged `one`."""
        while True:
            try:
                return await self.client.take(one)
            except NotNext as error:
                stands = error.standing
            except SinkError:
                await asyncio.sleep(_AGAIN_S)
                stands = await self._asked(self.client.standing)
            if (stands.seq, stands.digest) == (one.last, one.digest):
                return stands
            if (stands.seq, stands.digest) != (before.seq, before.digest):
                message = f"{self.name}: acknowledged {before.seq}, stands at {stands.seq}"
                raise AssertionError(message)

    @staticmethod
    async def _asked(ask: Callable[[], Awaitable[CentreStanding]]) -> CentreStanding:
        while True:
            try:
                return await ask()
            except SinkError:
                await asyncio.sleep(_AGAIN_S)


@dataclass(frozen=True, slots=True)
class FailedOver:
    """What came of it, in facts. `silence_s` is the longest that any site was not acknowledged."""

    before: int
    acknowledged: int
    stored: int
    lost: int
    twice: int
    seconds: float
    silence_s: float

    @property
    def is_right(self) -> bool:
        """Whether all that was acknowledged is there once, and more came in afterwards."""
        return not self.lost and not self.twice and self.acknowledged > self.before > 0


async def _sites(names: Sequence[str], one: StoryCentre, stack: AsyncExitStack) -> list[Sender]:
    centre = await PostgresCentre.open(one.database, SiteIntake(), connections=1)
    tokens = {name: await centre.add(name) for name in names}
    await centre.close()
    url, senders = f"http://127.0.0.1:{one.port}", []
    for name, token in tokens.items():
        target = CentreTarget(url, name, token, timeout_s=_TIMEOUT_S)
        senders.append(Sender(name, CentreClient(target, SystemClock())))
        stack.push_async_callback(senders[-1].client.close)
    return senders


def _taken_away(first: PostgresServer, plan: "Plan") -> None:
    if plan.silent:
        first.signal(signal.SIGSTOP)
    else:
        first.kill()


async def _under_load(
    one: StoryCentre, first: PostgresServer, second: PostgresServer, plan: "Plan"
) -> FailedOver:
    names = [f"site-{number:02}" for number in range(plan.sites)]
    stopping = asyncio.Event()
    async with AsyncExitStack() as stack:
        senders = await _sites(names, one, stack)
        begun = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for sender in senders:
                group.create_task(sender.send(stopping))
            await asyncio.sleep(plan.seconds / 2)
            await asyncio.to_thread(_taken_away, first, plan)
            told = {f"{one.name}/{fact}" for one in senders for fact in one.acknowledged}
            await asyncio.to_thread(second.run, "SELECT pg_promote()")
            kept = set((await asyncio.to_thread(second.run, _STORED, plan.database)).splitlines())
            for sender in senders:
                sender.answered.clear()
            async with asyncio.timeout(PATIENCE_S):
                for sender in senders:
                    await sender.answered.wait()
            await asyncio.sleep(plan.seconds / 2)
            stopping.set()
        took = time.monotonic() - begun
    stored = second.run(_STORED, plan.database).splitlines()
    every = [f"{one.name}/{fact}" for one in senders for fact in one.acknowledged]
    return FailedOver(
        *(len(told), len(every), len(stored)),
        lost=len(told - kept) + len(set(every) - set(stored)),
        twice=len(stored) - len(set(stored)) + len(set(stored) - set(every)),
        seconds=took,
        silence_s=max(one.silence_s for one in senders),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """How many sites send for how long, and whether the first server dies or turns silent."""

    sites: int = 8
    seconds: float = 20.0
    silent: bool = False
    database: str = "centre"


def failed_over(plan: Plan, folder: Path) -> FailedOver:
    """Return what came of losing the first server under load."""
    with postgres(durable=True) as first:
        first.run(f'CREATE DATABASE "{plan.database}"')
        with standby_of(first) as second:
            hosts = ",".join(f"127.0.0.1:{server.port}" for server in (first, second))
            url = first.url(plan.database).replace(f"127.0.0.1:{first.port}", hosts)
            one = StoryCentre(first, folder / "centre", database=url)
            one.start()
            try:
                return asyncio.run(_under_load(one, first, second, plan))
            finally:
                one.kill()
                if plan.silent:  # it would hear no politer word
                    first.kill()


def lines(done: FailedOver) -> Iterator[str]:
    """Yield what there is to say."""
    yield f"acknowledged before the first server went: {done.before:,} facts"
    yield f"acknowledged in all: {done.acknowledged:,} ({done.acknowledged / done.seconds:,.0f}/s)"
    yield f"stored at the second: {done.stored:,}; lost {done.lost}, twice or unknown {done.twice}"
    yield f"longest without an acknowledgement: {done.silence_s:.1f} s"


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for, print it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.sites.failover")
    parser.add_argument("--sites", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--silent", action="store_true")
    asked = parser.parse_args(arguments)
    plan = Plan(asked.sites, asked.seconds, asked.silent)
    with tempfile.TemporaryDirectory(prefix="copier-fleet-failover-") as folder:
        done = failed_over(plan, Path(folder))
    for line in lines(done):
        result(line)
    return 0 if done.is_right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
