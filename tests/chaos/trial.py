"""An office on trial: copiers that print all the time, the daemon that counts, and both compared.

What was printed is known from the machines themselves. Every witness is asked afterwards: usages
and days in the ledger, the days in InfluxDB, the states that the broker retains.
"""

import asyncio
import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from collector.demo.demo import SPOTS
from collector.demo.table import MibTable
from tests.chaos.gates import BrokerGate, InfluxGate, broker_gate, influx_gate
from tests.chaos.wire import WeatheredAgent
from tests.servers.influx import InfluxServer, QueryFailedError, query
from tests.servers.mosquitto import Broker
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import RunningDaemon, daemon
from tests.stories.waiting import NeverHappenedError, until

Card = TypeVar("Card")

SETTLED_WITHIN_S: Final = 300.0
"""How long the last page may take to reach every witness. Nothing is measured with it."""

_AGAIN_S: Final = 4.0
_A_ROUND_S: Final = 15.0
_ON_FOR_S: Final = 900_000
_MACHINES: Final = tuple({one.machine.maker: one.machine for one in reversed(SPOTS)}.values())
"""One machine of each maker in the demo's town hall."""

_SINKS: Final = """
[influx]
url = "{url}"
database = "{name}"
timeout_s = 1

[mqtt]
enabled = true
port = {port}
prefix = "chaos-{name}"
"""
_FD_SLACK: Final = 12
"""Connections that may stand at one moment and not at another."""


@dataclass(frozen=True, slots=True)
class Servers:
    """A real InfluxDB and a real broker, which trials may share: each has its own database."""

    influx: InfluxServer
    broker: Broker


@dataclass(frozen=True, slots=True)
class Size:
    """How much memory and how many descriptors a process holds."""

    at: float
    kilobytes: int
    descriptors: int


def size_of(pid: int) -> Size | None:
    """Return the size of a process; None where it has gone."""
    try:
        text = Path(f"/proc/{pid}/statm").read_text(encoding="ascii")
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - names only, of a moment
        resident = int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    except (OSError, IndexError):
        return None
    return Size(time.monotonic(), resident, descriptors)


@dataclass(slots=True)
class Score:
    """What came of one fault. `off` is by witness and place what differs from what was printed."""

    fault: str
    tried: Counter[str] = field(default_factory=Counter)
    printed: int = 0
    counted: int = 0
    published: int = 0
    off: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)

    @property
    def difference(self) -> int:
        """Pages that a witness has too many or too few, all witnesses and places together."""
        return sum(map(abs, self.off.values()))

    @property
    def deeds(self) -> str:
        """What was tried how often, most first."""
        return ", ".join(f"{name} {times}" for name, times in self.tried.most_common())

    @property
    def is_good(self) -> bool:
        """Whether every witness is right and nothing else went wrong."""
        return not self.off and not self.wrong


@contextmanager
def on_trial(name: str, folder: Path, dice: random.Random, copiers: int) -> Iterator["Trial"]:
    """Put an office of so many copiers on trial; all of it is gone afterwards."""
    with ExitStack() as stack:
        trial = Trial(name, folder, dice, stack, copiers)
        stack.callback(trial.leave)
        yield trial


class Trial:
    """One office, its copiers and servers, and its daemon, which blows may stop and start."""

    def __init__(
        self, name: str, folder: Path, dice: random.Random, stack: ExitStack, number: int
    ) -> None:
        """Set up so many copiers, which answer; nothing is polled yet."""
        self.score = Score(name)
        self.dice = dice
        self.folder = folder
        self.is_hurried = False
        """Whether blows help a sink that backs off by a reload, as a person in a hurry does."""
        self.needs_person = False
        """Whether a sink is left alone until somebody says that something changed."""
        self.holds_color = True
        """Whether pages in colour are held against the machines as well."""
        self.more: dict[str, object] = {}
        """What `daemon` is told besides, at every start."""
        self.notes: dict[str, object] = {}
        """What a fault keeps for its next blow."""
        self.over = threading.Event()
        """Set when the time of this trial is up."""
        self._hands: dict[object, list[Any]] = {}
        self._stack = stack
        self._running: ExitStack | None = None
        self._daemon: RunningDaemon | None = None
        self._lock = threading.Lock()
        self._resting: set[str] = set()
        self.machines: Copiers = stack.enter_context(copiers())
        self.agents: dict[str, WeatheredAgent] = {}
        self.spots = [self._spot(one) for one in range(number)]
        self.places = [spot.place for spot in self.spots]
        self._first: dict[str, int] = {}
        self._color: dict[str, int] = {}
        self.config = folder / "collector.toml"
        self.ledger = folder / "ledger.sqlite3"

    def _spot(self, number: int) -> Spot:
        again, kind = divmod(number, len(_MACHINES))
        machine = _MACHINES[kind]
        place = f"{machine.maker}-{again}"
        up = replace(machine, serial=f"{machine.serial}{again or ''}", uptime_s=_ON_FOR_S)

        def agent(table: MibTable, community: str) -> WeatheredAgent:
            dice = random.Random(self.dice.random())
            self.agents[place] = made = WeatheredAgent(table, community, dice)
            return made

        department = "zeimu" if number % 3 == 0 else "soumu"
        return Spot(place, self.machines.add(place, up, kind=agent), department=department)

    def publish_to(self, servers: Servers, settings: str = "") -> None:
        """Write the configuration: publish through gates to `servers`; `settings` besides."""
        self.servers = servers
        self.gate: InfluxGate = self._stack.enter_context(
            influx_gate(servers.influx.url, random.Random(self.dice.random()))
        )
        self.broker: BrokerGate = self._stack.enter_context(
            broker_gate(servers.broker.port, random.Random(self.dice.random()))
        )
        self.database = self.score.fault.replace(" ", "_")
        more = _SINKS.format(url=self.gate.url, name=self.database, port=self.broker.port)
        write_office(self.folder, self.spots, more + settings)

    # What blows are made of.

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.over.is_set()

    @property
    def asked(self) -> int:
        """How many questions the copiers were asked."""
        return sum(agent.requests for agent in self.agents.values())

    def did(self, what: str, times: int = 1) -> None:
        """Note a blow."""
        self.score.tried[what] += times

    def pause(self, seconds: float) -> None:
        """Let time pass; a trial that is over waits no longer."""
        self.over.wait(seconds)

    def comes(self, look: Callable[[], bool]) -> bool:
        """Return whether `look` became true within a round of polls, or a little more."""
        deadline = time.monotonic() + _A_ROUND_S
        while not look():
            if time.monotonic() > deadline or self.over.wait(0.01):
                return False
        return True

    def draw(self, cards: Sequence[Card]) -> Card:
        """Return one of `cards`; each comes once before one comes again."""
        hand = self._hands.setdefault(cards, [])
        if not hand:
            hand += self.dice.sample(cards, len(cards))
        return hand.pop()  # type: ignore[no-any-return] # what was put there

    # The daemon: started, cut off, stopped; how long it took to be ready is kept.

    @property
    def running(self) -> RunningDaemon:
        """The daemon; one that ended by itself is a fault and is started again."""
        daemon = self._daemon
        assert daemon is not None
        if (code := daemon.process.poll()) is not None:
            self._ended_by_itself(code)
            self.start()
            daemon = self._daemon
            assert daemon is not None
        return daemon

    def start(self, *, ready: bool = True) -> None:
        """Start the daemon, and wait until it is ready unless it is to be cut off before."""
        self._running = ExitStack()
        began = time.monotonic()
        self._daemon = self._running.enter_context(
            daemon(self.config, ready=False, **self.more)  # type: ignore[arg-type] # as kept
        )
        if ready:
            self.wait_ready(began)

    def wait_ready(self, began: float) -> None:
        """Wait until the daemon is ready, and keep how long it took since `began`."""
        assert self._daemon is not None
        try:
            self._daemon.is_ready()
        except AssertionError as error:
            self.score.wrong.append(f"not ready: {str(error)[-500:]}")
            raise
        self.score.ready_s.append(time.monotonic() - began)

    def kill(self) -> None:
        """Cut the daemon off."""
        assert self._daemon is not None
        assert self._running is not None
        self._daemon.kill()
        self._look_into_log(self._daemon)
        self._running.close()

    def stop(self) -> None:
        """Stop the daemon in good order."""
        running = self.running
        if (code := running.terminate()) != 0:
            self._ended_by_itself(code)
        self._look_into_log(running)
        assert self._running is not None
        self._running.close()

    def _ended_by_itself(self, code: int) -> None:
        assert self._daemon is not None
        told = self._daemon.text.strip().splitlines()[-1:]
        self.score.wrong.append(f"the daemon ended with {code}: {''.join(told)[-300:]}")

    def _look_into_log(self, running: RunningDaemon) -> None:
        text = running.text
        if "Traceback" in text:
            begin = text.index("Traceback")
            self.score.wrong.append(f"a traceback: {text[begin : begin + 1500]}")

    def leave(self) -> None:
        """Be gone, whatever happened."""
        if self._running is not None:
            self._running.close()

    # The people: they print all the time, and the machines' own clocks go on.

    @contextmanager
    def people_print(self) -> Iterator[None]:
        """Let people print until the block ends."""
        over = threading.Event()
        dice = random.Random(self.dice.random())
        thread = threading.Thread(target=self._print, args=(dice, over), name="people")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _print(self, dice: random.Random, over: threading.Event) -> None:
        clock = sampled = time.monotonic()
        while not over.wait(dice.uniform(0.1, 0.7)):
            place = dice.choice(self.places)
            now = time.monotonic()
            passed = int(now - clock)
            with self._lock:
                if passed:
                    self.machines.pass_time(passed)
                    clock += passed
                if place not in self._resting:
                    self.machines.print(place, dice.randint(0, 3), dice.randint(0, 2), took_s=0)
            if now - sampled > 1:
                sampled = now
                self.sample()

    def sample(self) -> None:
        """Keep the size of the daemon, if it runs."""
        if self._daemon is not None and (size := size_of(self._daemon.process.pid)) is not None:
            self.score.sizes.append(size)

    @contextmanager
    def nobody_prints_at(self, place: str) -> Iterator[int]:
        """Keep people away from `place`; yield what its panel shows."""
        with self._lock:
            self._resting.add(place)
        try:
            yield self.machines.total(place)
        finally:
            with self._lock:
                self._resting.discard(place)

    # What was printed, held against every witness.

    def begin(self) -> None:
        """Start the daemon and wait for the first readings: what is printed from now on counts."""
        self.start()
        until(self._is_read, "the first readings", SETTLED_WITHIN_S)
        self._first = {place: self.machines.total(place) for place in self.places}
        self._color = {
            place: self.machines.color(place)
            for place, meters in books.tracks(self.ledger).items()
            if "total_color" in meters
        }
        self.sample()

    def _is_read(self) -> bool:
        for place in self.places:
            known = books.readings(self.ledger, place)
            if not known or known[-1]["total"] != self.machines.total(place):
                return False
        return True

    def truth(self) -> dict[str, int]:
        """Return what each machine has printed since `begin`, by its own counter."""
        return {place: self.machines.total(place) - self._first[place] for place in self.places}

    @property
    def published(self) -> dict[str, int]:
        """What InfluxDB says of each machine."""
        return dict(self._in_database())

    def settle(self) -> None:
        """Wait until the last page has come to every witness, or too long; then compare."""
        truth, asked_at = self.truth(), time.monotonic()

        def is_right() -> bool:
            nonlocal asked_at
            if (self.is_hurried or self.needs_person) and time.monotonic() - asked_at > _AGAIN_S:
                self.running.hang_up()
                asked_at = time.monotonic()
            return not self._off(truth)

        with suppress(NeverHappenedError):
            until(is_right, "every witness is right", SETTLED_WITHIN_S)
        self.sample()
        self.compare(truth)

    def compare(self, truth: Mapping[str, int]) -> None:
        """Put into the score what was printed and what every witness says of it."""
        score = self.score
        score.off |= self._off(truth)
        score.printed += sum(truth.values())
        score.counted += sum(books.printed(self.ledger, place) for place in truth)
        score.published += sum(self._in_database().values())
        if not books.is_sound(self.ledger):
            score.wrong.append("the ledger is not sound")
        sizes = score.sizes
        if sizes and sizes[-1].descriptors > sizes[0].descriptors + _FD_SLACK:
            score.wrong.append("descriptors leak")

    def _off(self, truth: Mapping[str, int]) -> dict[str, int]:
        """Return what differs by witness and place, looking no further than the first witness."""
        witnesses: dict[str, Callable[[], Mapping[str, int]]] = {
            "usages": self._in_usages,
            "days": self._in_days,
            "InfluxDB": self._in_database,
            "broker": self._at_broker,
        }
        for name, witness in witnesses.items():
            said = witness()
            off = {f"{name} {one}": said[one] - pages for one, pages in truth.items()}
            if off := {key: pages for key, pages in off.items() if pages}:
                return off
        return self._off_color() if self.holds_color else {}

    def _off_color(self) -> dict[str, int]:
        """Return by how many the ledger's colour pages differ, where the machine tells them."""
        off = {
            f"colour {place}": books.printed(self.ledger, place, "total_color")
            - (self.machines.color(place) - first)
            for place, first in self._color.items()
        }
        return {key: pages for key, pages in off.items() if pages}

    def _in_usages(self) -> Counter[str]:
        return Counter({place: books.printed(self.ledger, place) for place in self.places})

    def _in_days(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for (_, place), pages in books.days(self.ledger).items():
            found[place] += pages
        return found

    def _in_database(self) -> Counter[str]:
        text = 'SELECT sum(total) FROM copier_day GROUP BY "place"'
        try:
            rows = query(self.servers.influx.url, self.database, text)
        except (QueryFailedError, OSError):
            return Counter()
        return Counter({row["place"]: row["sum"] for row in rows})

    def _at_broker(self) -> Counter[str]:
        """Return what the retained states add up to since `begin`."""
        topic = f"chaos-{self.database}/story/place/+/state"
        try:
            kept = asyncio.run(self.servers.broker.retained(topic))
        except Exception:  # noqa: BLE001 - a broker that is away has nothing to say
            return Counter()
        found: Counter[str] = Counter()
        for name, payload in kept.items():
            place, state = name.split("/")[-2], json.loads(payload)
            if "total" in state:  # a copier can be told silent before a reading of it came
                found[place] = state["total"] - self._first[place]
        return found
