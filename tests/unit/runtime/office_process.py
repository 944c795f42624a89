"""A daemon in a process of its own, as systemd would start it: `python -m` this, then signals."""

import asyncio
import os
import random
import sys
from datetime import date

from collector.adapters.clock import SystemClock
from collector.adapters.systemd import SystemdNotifier, watchdog_s
from collector.ports import Cycle
from collector.runtime.daemon import Daemon, Parts
from collector.runtime.plan import Graces, Hooks, PollingPace, PollingPlan
from tests.unit.runtime.office_fakes import FakeFleet, Outcome, plan


async def _forget(_what: Cycle | date) -> None:
    """Stand in for the ledger."""


async def _reload() -> PollingPlan:
    return plan(["a", "b", "c"])


async def main() -> int:
    """Poll two places that answer after 0.2 s, once a second."""
    clock = SystemClock()
    pace = PollingPace(interval_s=1, spread_s=0.1)
    parts = Parts(
        poll=FakeFleet(clock, lambda _place, _number: Outcome(seconds=0.2)),
        deliverers=[],
        hooks=Hooks(_forget, _forget, _reload),
        clock=clock,
        notify=SystemdNotifier.from_environment(os.environ),
        roll=random.SystemRandom().random,
        graces=Graces(stop_s=2, drain_s=1),
        watchdog_s=watchdog_s(os.environ),
    )
    return await Daemon(plan(["a", "b"], pace), parts).run()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
