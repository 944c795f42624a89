"""Sites and their centre on trial: what was told is held against what is there, fact by fact."""

import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from collector.adapters.centre.postgres import PostgresCentre
from collector.adapters.ledger_postgres import PostgresLedger
from collector.adapters.ledger_postgres.intake import SiteIntake
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.domain.closing.seal import broken_seals
from collector.ports import BEGINNING, END, Ledger
from tests.servers.postgres import PostgresServer, postgres
from tests.sites.living import Stated
from tests.sites.relay import Relay
from tests.stories.centre import StoryCentre
from tests.stories.program import ROOT
from tests.stories.waiting import until
from tests.surroundings import environment

RESTORED: Final = "restored"
"""The site whose ledger is put back to an older copy."""

_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)
_TICKS: Final = os.sysconf("SC_CLK_TCK")


FactTexts = dict[str, frozenset[str]]
"""By kind of fact, each of them as text."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is tried: sites and all their copiers, for how long, and how often each blow."""

    sites: int = 62
    copiers: int = 12_000
    seconds: float = 240.0
    seed: int = 1
    every_s: float = 60.0
    ingest_kills: int = 12
    database_kills: int = 6
    site_kills: int = 12
    cuts: int = 6
    groups: int = 4
    """In so many processes do the sites live; the one that is restored has its own."""

    faulty: float = 0.1
    """Share of requests that the line spoils while there are blows."""


@dataclass
class Outcome:
    """What came of it."""

    stored: Counter[str] = field(default_factory=Counter)
    """Facts at the centre by kind."""

    lost: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    """Facts that no site has: told twice under two names, or changed on the way."""

    blows: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)


class Trial:
    """A PostgreSQL that keeps its promises, two processes of the centre, and sites."""

    def __init__(self, plan: Plan, folder: Path, server: PostgresServer) -> None:
        """Make the centre's two processes and the line to them."""
        self.plan = plan
        self.outcome = Outcome()
        self._folder = folder
        self._server = server
        self._dice = random.Random(plan.seed)
        first = StoryCentre(server, folder / "centre-1")
        second = StoryCentre(server, folder / "centre-2", database=first.database)
        self._centres = (first, second)
        self.database = first.database
        self.relay = Relay([one.port for one in self._centres], plan.seed, 0.0)
        self._groups: dict[str, Stated] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._cpu: Counter[str] = Counter()

    def start(self) -> None:
        """Start everything; every site is counted and tells."""
        for one in self._centres:
            one.start()
        self.relay.start()
        (self._folder / "sites").mkdir()
        names = [f"site-{number:02}" for number in range(1, self.plan.sites)]
        each = max(1, self.plan.copiers // self.plan.sites)
        tokens = asyncio.run(self._tokens([*names, RESTORED]))
        for number in range(self.plan.groups):
            some = {one: tokens[one] for one in names[number :: self.plan.groups]}
            if some:
                stated = Stated(some, each, self.plan.every_s, self.plan.seed)
                self._groups[f"group-{number}"] = stated
        alone = {RESTORED: tokens[RESTORED]}
        self._groups[RESTORED] = Stated(alone, each, self.plan.every_s, self.plan.seed)
        for name in self._groups:
            self._live(name)

    async def _tokens(self, names: Sequence[str]) -> dict[str, str]:
        centre = await PostgresCentre.open(self.database, SiteIntake(), connections=1)
        try:
            return {name: await centre.add(name) for name in names}
        finally:
            await centre.close()

    def _live(self, name: str) -> None:
        url = f"http://127.0.0.1:{self.relay.port}"
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tests.sites.living"),
                    *(str(self._folder / "sites"), url, self._groups[name].text()),
                ],
                cwd=ROOT,
                env=environment({"PYTHONPATH": str(ROOT)}),
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        """End whatever runs."""
        for one in self._processes.values():
            one.kill()
            one.wait()
        for one in self._centres:
            one.kill()
        self.relay.stop()

    # Blows.

    def blows(self) -> list[Callable[[], None]]:
        """Return all blows in the order in which they fall."""
        plan = self.plan
        found = [
            *[self.kill_ingest] * plan.ingest_kills,
            *[self.kill_database] * plan.database_kills,
            *[self.kill_sites] * plan.site_kills,
            *[self.cut] * plan.cuts,
        ]
        self._dice.shuffle(found)
        return found

    def kill_ingest(self) -> None:
        """End one of the centre's processes as a power cut does; it is back a while later."""
        one = self._dice.choice(self._centres)
        self._note_cpu("centre", [one.pid])
        one.kill()
        time.sleep(self._dice.random())
        one.start()
        self.outcome.blows["kills of the centre"] += 1

    def kill_database(self) -> None:
        """End PostgreSQL and all its children at once."""
        self._note_cpu("postgres", self._of_database())
        self._server.kill()
        time.sleep(self._dice.random())
        self._server.process.start()
        self.outcome.blows["kills of PostgreSQL"] += 1

    def kill_sites(self) -> None:
        """End a process in which sites count and tell; it goes on from their ledgers."""
        name = self._dice.choice([one for one in self._groups if one != RESTORED])
        self._kill_group(name)
        self._live(name)
        self.outcome.blows["kills of sites"] += len(self._groups[name].tokens)

    def _kill_group(self, name: str) -> None:
        one = self._processes[name]
        self._note_cpu("sites", [one.pid])
        one.kill()
        one.wait()

    def cut(self) -> None:
        """Let nothing through for some seconds."""
        self.relay.is_cut = True
        time.sleep(1 + 4 * self._dice.random())
        self.relay.is_cut = False
        self.outcome.blows["cut lines"] += 1

    # One site goes back to an older copy.

    def keep_a_copy(self) -> None:
        """Keep the ledger of the site that will be restored, as a backup would."""
        self._kill_group(RESTORED)
        shutil.copytree(self._folder / "sites", self._folder / "kept", ignore=_but(RESTORED))
        self._live(RESTORED)

    def restore(self) -> FactTexts:
        """Put the copy back; return what the centre has of that site."""
        self._kill_group(RESTORED)
        had = asyncio.run(self._there(RESTORED))
        for path in (self._folder / "sites").glob(f"{RESTORED}.*"):
            path.unlink()
        shutil.copytree(self._folder / "kept", self._folder / "sites", dirs_exist_ok=True)
        self._live(RESTORED)
        self.outcome.blows["restored copies"] += 1
        return had

    # The end.

    def settle(self) -> None:
        """Let nobody print any more, and wait until the centre has everything."""
        self.relay.share = 0.0
        for name, one in self._processes.items():
            if name != RESTORED:
                until(lambda name=name, one=one: self._lives(name, one), f"{name} lives")
                one.terminate()
        for name, one in self._processes.items():
            if name != RESTORED:
                until(lambda one=one: self._is_over(one), f"{name} has told everything")
                if one.returncode:
                    self.outcome.wrong.append(f"{name} ended with {one.returncode}")

    def _lives(self, name: str, one: "subprocess.Popen[bytes]") -> bool:
        """Say whether it would heed a signal by now."""
        return f"living {one.pid}\n" in (self._folder / f"{name}.log").read_text("utf-8")

    @staticmethod
    def _is_over(one: "subprocess.Popen[bytes]") -> bool:
        return one.poll() is not None

    async def _there(self, site: str) -> FactTexts:
        ledger = await PostgresLedger.open(self.database, site, made=True)
        try:
            return await told(ledger)
        finally:
            await ledger.close()

    async def compare(self, had: FactTexts | None) -> None:
        """Hold every fact of every site against what is there, and verify the seals there."""
        for name in (one for some in self._groups.values() for one in some.tokens):
            there = await self._there(name)
            own = had if name == RESTORED else await self._own(name)
            for kind, facts in there.items():
                self.outcome.stored[kind] += len(facts)
                if own is not None:
                    self.outcome.lost[kind] += len(own[kind] - facts)
                    self.outcome.unknown[kind] += len(facts - own[kind])
            await self._verify(name)
        if had is not None:
            await self._told_of_the_copy()

    async def _own(self, name: str) -> FactTexts:
        path = self._folder / "sites" / f"{name}.sqlite3"
        ledger = await SqliteLedger.open(path, read_only=True)
        try:
            return await told(ledger)
        finally:
            await ledger.close()

    async def _verify(self, name: str) -> None:
        ledger = await PostgresLedger.open(self.database, name, made=True)
        try:
            chain = await ledger.statements()
        finally:
            await ledger.close()
        if broken_seals(chain):
            self.outcome.wrong.append(f"{name}: a seal is broken")

    async def _told_of_the_copy(self) -> None:
        """See that both sides know of the older copy."""
        centre = await PostgresCentre.open(self.database, SiteIntake(), connections=1)
        try:
            (site,) = (one for one in await centre.sites() if one.name == RESTORED)
        finally:
            await centre.close()
        if not site.contradictions:
            self.outcome.wrong.append("the centre knows of no contradiction")
        path = self._folder / "sites" / f"{RESTORED}.sqlite3"
        ledger = await SqliteLedger.open(path, read_only=True)
        try:
            codes = {one.code for one in await ledger.findings()}
        finally:
            await ledger.close()
        if "centre_contradicts" not in codes:
            self.outcome.wrong.append("the restored site knows of no contradiction")

    # Figures.

    def _of_database(self) -> list[int]:
        pid = self._server.process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def _note_cpu(self, who: str, pids: Sequence[int | None]) -> None:
        """Add what processes that are about to end have used, those they waited for included."""
        self._cpu[who] += sum(cpu_ms(one) for one in pids if one is not None)

    def cpu(self) -> dict[str, float]:
        """Return CPU seconds of everybody up to now."""
        self._note_cpu("centre", [one.pid for one in self._centres])
        self._note_cpu("postgres", self._of_database())
        return {who: spent / 1000 for who, spent in self._cpu.items()}

    def database_octets(self) -> int:
        """Return how large the database is on disk."""
        name = self.database.rpartition("/")[2]
        return int(self._server.run(f"SELECT pg_database_size('{name}')"))


async def told(ledger: Ledger) -> FactTexts:
    """Return what a site tells of its ledger, as `ledger` has it."""
    places = [one.place for one in await ledger.states()]
    return {
        "readings": _texts(
            [one for each in places for one in await ledger.readings(each, BEGINNING, END)]
        ),
        "usages": _texts(
            [one for each in places for one in await ledger.usages(each, BEGINNING, END)]
        ),
        "days": _texts(await ledger.days(_FIRST, _LAST)),
        "findings": frozenset(
            one.id for one in await ledger.findings() if one.code != "centre_contradicts"
        ),
        "statements": frozenset(one.seal for one in await ledger.statements()),
    }


def _texts(some: Sequence[object]) -> frozenset[str]:
    texts = [repr(one) for one in some]
    assert len({*texts}) == len(texts), "the same fact twice in one ledger"
    return frozenset(texts)


def _but(name: str) -> Callable[[str, list[str]], list[str]]:
    return lambda _, names: [one for one in names if not one.startswith(f"{name}.")]


def cpu_ms(pid: int) -> int:
    """Return the CPU that a process and the children that it waited for have used; 0 where gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return round(sum(map(int, fields[11:15])) * 1000 / _TICKS)
    return 0


@contextmanager
def on_trial(plan: Plan, folder: Path) -> Iterator[Trial]:
    """Give a trial that runs; everything has ended afterwards."""
    with ExitStack() as stack:
        server = stack.enter_context(postgres(durable=True))
        trial = Trial(plan, folder, server)
        stack.callback(trial.stop)
        trial.start()
        yield trial


def tried(plan: Plan, folder: Path, step: Callable[[str], None] = lambda _: None) -> Outcome:
    """Return what came of `plan`; `step` is told what is about to be done."""
    with on_trial(plan, folder) as trial:
        began, empty = time.monotonic(), trial.database_octets()
        trial.relay.share = plan.faulty
        blows = trial.blows()
        had: FactTexts | None = None
        for number, blow in enumerate(blows):
            step(blow.__name__.replace("_", " "))
            if number == len(blows) // 3:
                trial.keep_a_copy()
            if number == 2 * len(blows) // 3:
                had = trial.restore()
            blow()
            left = plan.seconds * (number + 1) / len(blows) - (time.monotonic() - began)
            time.sleep(max(0.0, left))
        step("the rest on its way")
        trial.settle()
        lasted = time.monotonic() - began
        cpu = trial.cpu()
        step("comparing")
        asyncio.run(trial.compare(had))
        outcome = trial.outcome
        outcome.blows.update(trial.relay.did)
        readings = max(1, outcome.stored["readings"])
        outcome.figures = {
            "readings": readings,
            "seconds": lasted,
            "readings a second": readings / lasted,
            "ms of CPU a reading, centre": 1000 * cpu["centre"] / readings,
            "ms of CPU a reading, PostgreSQL": 1000 * cpu["postgres"] / readings,
            "octets a reading on the line": trial.relay.octets / readings,
            "octets a reading in PostgreSQL": (trial.database_octets() - empty) / readings,
        }
        return outcome


def as_json(outcome: Outcome) -> str:
    """Return the figures and counts as one JSON object."""
    return json.dumps(
        {
            "stored": outcome.stored,
            "lost": outcome.lost,
            "unknown": outcome.unknown,
            "blows": outcome.blows,
            "wrong": outcome.wrong,
            "figures": outcome.figures,
        }
    )
