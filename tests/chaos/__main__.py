"""A service under blows: `python -m tests.chaos [--minutes 4.5] [--seed 1] [--only FAULT]`.

Or `make chaos`, and `make chaos-long DURATION=minutes` for hours. One line for each fault: how
often it was tried, how many pages the copiers printed meanwhile, how many the ledger counted and
InfluxDB holds, and by how many pages any witness differs; the worst time to READY, the daemon's
memory and its descriptors, first and last. (The daemons are copies of a process that has read its
modules: READY is what comes after that.) The same seed deals the same blows.

Exit code 1 where any page differs or anything else went wrong (a traceback, an end by itself, a
ledger that is not sound, descriptors that leak); what and where is said below.
"""

import argparse
import math
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.progress import Progress, TaskID

from collector.cli.output import progress, result, say
from tests.chaos.faults import FAULTS, Fault
from tests.chaos.trial import Score, Servers, Size, Trial, on_trial
from tests.servers.influx import influxd
from tests.servers.mosquitto import mosquitto

_AT_ONCE: Final = 6
"""Trials at a time: as many as leave two cores a little room."""

_AROUND_S: Final = 30.0
"""What a trial takes besides its blows: the start, the first readings, the last page's way."""

_TICK_S: Final = 1.0
_SLOPE_FROM_S: Final = 600.0
_HEADINGS: Final = (
    *("fault", "tried", "printed", "counted", "InfluxDB", "differ"),
    *("READY", "RSS MB", "fds"),
)
_ROW: Final = "{:<15} {:>6} {:>7} {:>7} {:>8} {:>6} {:>5} {:>9} {:>5}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Which faults, for how many seconds each, by which seed, how many at once.

    Who `is_hurried` asks for a reload where a sink would be left alone for minutes.
    """

    faults: Sequence[Fault]
    seconds: float
    seed: int
    at_once: int = _AT_ONCE
    is_hurried: bool = False
    most_copiers: int = 100


def run(plan: Plan, folder: Path) -> list[Score]:
    """Return what came of every fault; each leaves its office in `folder`, under its name."""
    over = threading.Event()
    with ExitStack() as stack:
        servers = servers_in(folder / "servers", stack)
        bar = stack.enter_context(progress("chaos", round(plan.seconds * len(plan.faults))))
        pool = stack.enter_context(ThreadPoolExecutor(plan.at_once))
        futures = [
            pool.submit(_tried, fault, plan, folder / fault.name, servers, (over, bar))
            for fault in plan.faults
        ]
        try:
            return [one.result() for one in futures]
        except KeyboardInterrupt:
            over.set()
            raise


def servers_in(folder: Path, stack: ExitStack) -> Servers:
    """Return an InfluxDB and a broker that run until `stack` ends."""
    for name in ("influx", "broker"):
        (folder / name).mkdir(parents=True)
    influx = stack.enter_context(influxd(folder / "influx"))
    return Servers(influx, stack.enter_context(mosquitto(folder / "broker")))


def _tried(
    fault: Fault,
    plan: Plan,
    folder: Path,
    shared: Servers,
    told: tuple[threading.Event, Progress],
) -> Score:
    """Return what came of one fault: blows for as long as planned, then all witnesses."""
    over, bar = told
    if over.is_set():
        return Score(fault.name)
    folder.mkdir()
    dice = random.Random(f"{plan.seed}/{fault.name}")
    copiers = min(fault.copiers, plan.most_copiers)
    with ExitStack() as stack:
        servers = servers_in(folder / "servers", stack) if fault.own_servers else shared
        trial = stack.enter_context(on_trial(fault.name, folder / "office", dice, copiers))
        trial.is_hurried = plan.is_hurried
        try:
            trial.publish_to(servers, fault.settings)
            fault.prepare(trial)
            trial.begin()
            deadline = time.monotonic() + plan.seconds
            with trial.people_print(), _ends_at(deadline, trial, over, bar):
                while not trial.is_over:
                    fault.blow(trial)
            if not over.is_set():
                trial.settle()
                trial.stop()
                fault.check(trial)
        except Exception as error:  # noqa: BLE001 - one trial that breaks must not hide the others
            trial.score.wrong.append(f"{type(error).__name__}: {str(error)[-1500:]}")
        return trial.score


@contextmanager
def _ends_at(deadline: float, trial: Trial, over: threading.Event, bar: Progress) -> Iterator[None]:
    """Set `trial.over` at `deadline`, or when all is over, and move the bar meanwhile."""

    def watch() -> None:
        while time.monotonic() < deadline and not over.is_set() and not trial.over.wait(_TICK_S):
            bar.advance(TaskID(0))
        trial.over.set()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        trial.over.set()
        thread.join()


def table(scores: Sequence[Score]) -> Iterator[str]:
    """Yield a line for each fault, then what went wrong, then what was done."""
    yield _ROW.format(*_HEADINGS)
    for one in scores:
        sizes = one.sizes or [Size(0.0, 0, 0)]
        first, last = sizes[0], sizes[-1]
        yield _ROW.format(
            one.fault,
            sum(one.tried.values()),
            one.printed,
            one.counted,
            one.published,
            one.difference,
            f"{max(one.ready_s, default=math.nan):.1f}",
            f"{first.kilobytes / 1024:.0f}-{last.kilobytes / 1024:.0f}",
            f"{first.descriptors}-{last.descriptors}",
        )
    for one in scores:
        if (slope := slope_of(one.sizes)) is not None and one.fault == "soak":
            yield f"{one.fault}: memory {slope:+.0f} kB an hour"
    yield from _wrong(scores)


def _wrong(scores: Sequence[Score]) -> Iterator[str]:
    for one in scores:
        for where, pages in one.off.items():
            yield f"{one.fault}: {where}: {pages:+d} pages"
        for what in one.wrong:
            yield f"{one.fault}: {what}"


def slope_of(sizes: Sequence[Size]) -> float | None:
    """Return by how many kB an hour memory grows; None where it was not looked at for long.

    The first fifth is not looked at: a program that has just started still learns.
    """
    late = sizes[len(sizes) // 5 :]
    if not late or late[-1].at - late[0].at < _SLOPE_FROM_S:
        return None
    at = sum(one.at for one in late) / len(late)
    size = sum(one.kilobytes for one in late) / len(late)
    above = sum((one.at - at) * (one.kilobytes - size) for one in late)
    return above / sum((one.at - at) ** 2 for one in late) * 3600


def planned(minutes: float, seed: int, only: Sequence[str], at_once: int) -> Plan:
    """Return the plan that fills `minutes`."""
    faults = [fault for fault in FAULTS if not only or fault.name in only]
    at_once = min(at_once, len(faults))
    turns = math.ceil(len(faults) / at_once)
    seconds = max(10.0, minutes * 60 / turns - _AROUND_S)
    return Plan(faults, seconds, seed, at_once, is_hurried=seconds < 600)


def main() -> int:
    """Print the table; say by the exit code whether every page is there, once."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=4.5, help="for all faults together")
    parser.add_argument("--seed", type=int, default=None, help="deals the same blows again")
    parser.add_argument("--only", action="append", choices=[one.name for one in FAULTS], default=[])
    parser.add_argument("--at-once", type=int, default=_AT_ONCE)
    asked = parser.parse_args()
    seed = random.randrange(10**6) if asked.seed is None else asked.seed
    plan = planned(asked.minutes, seed, asked.only, asked.at_once)
    say(f"seed {seed}, {plan.seconds:.0f} s of each fault, {plan.at_once} at once")
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        scores = run(plan, folder)
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        return 128 + signal.SIGINT
    result("\n".join(table(scores)))
    for one in scores:
        say(f"{one.fault}: {one.deeds}")
    if all(one.is_good for one in scores):
        shutil.rmtree(folder)
        say("every page is counted once")
        return 0
    say(f"NOT every page is counted once: seed {seed}; ledgers and logs are kept in {folder}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
