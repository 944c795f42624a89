"""What is done to an office: each fault is a kind of blow, dealt again and again."""

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit
from typing import Final

from collector.adapters.clock import SystemClock
from collector.demo.machines import Printed, SimulatedMachine
from tests.chaos.gates import (
    BROKER_LEFT_ALONE,
    BROKER_MOODS,
    INFLUX_MOODS,
    UNTIL_A_PERSON_ACTS,
    BrokerGate,
    InfluxGate,
)
from tests.chaos.trial import Trial
from tests.patience import PATIENCE_S
from tests.servers.process import ServerFailedError, ServerProcess
from tests.stories import books
from tests.stories.months_gone import A_DAY, OFFICE, Stood, fill
from tests.stories.office import Spot, write_fleet, write_office
from tests.stories.program import PROGRAM, ROOT, Ended, daemon, process
from tests.stories.waiting import until
from tests.surroundings import environment

Blow = Callable[[Trial], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault. `prepare` is called before the daemon starts, `check` after its end."""

    name: str
    blow: Blow
    prepare: Blow = lambda _: None
    check: Blow = lambda _: None
    settings: str = ""
    own_servers: bool = False
    copiers: int = 7
    """One of each maker, and again from the first."""


# The daemon is cut off, and commands beside it.


def kill_while_polling(trial: Trial) -> None:
    """Cut it off while it starts, or just after a copier was asked."""
    if trial.dice.random() < 0.7:
        trial.kill()
        trial.start(ready=False)
        trial.pause(trial.dice.uniform(0.2, 2.5))
        trial.did("starting")
    else:
        asked = trial.asked
        trial.comes(lambda: trial.asked > asked)
        trial.pause(trial.dice.uniform(0, 0.1))
        trial.did("polling")
    trial.kill()
    trial.pause(trial.dice.uniform(0, 1))
    trial.start()


def kill_while_publishing(trial: Trial) -> None:
    """Cut it off while a write is on its way, was stored, or was not."""
    mood = trial.dice.choice(("", "silent", "silent, stored", "cut, stored"))
    if mood:
        trial.gate.moods.append(mood)
    trial.gate.written.clear()
    if not trial.comes(trial.gate.written.is_set):
        return
    trial.pause(trial.dice.uniform(0, 0.3))
    trial.did(mood or "on its way")
    trial.kill()
    trial.gate.moods.clear()
    trial.start()


_COMMANDS: Final = ("backup", "month", "status", "close", "read")
_ENDED_WELL: Final = {0, 1}


def _words(trial: Trial, verb: str, place: str, shown: int) -> list[str]:
    """Return the command `verb` as a person types it, who has read `shown` off a panel."""
    match verb:
        case "backup":
            said = [str(trial.folder / "backups")]
        case "read":
            said = [place, f"total={shown}", "--by", "森", "--why", "検針"]
        case _:
            said = []
    return [verb, *said, "--config", str(trial.config)]


def kill_beside_commands(trial: Trial) -> None:
    """Run a command beside it and cut off the command, the daemon, both or neither."""
    dice = trial.dice
    verb, place = trial.draw(_COMMANDS), dice.choice(trial.places)
    victim = dice.choice(("command", "daemon", "both", "neither"))
    with trial.nobody_prints_at(place) as shown:
        command = started(*_words(trial, verb, place, shown))
        if victim != "neither":
            trial.pause(dice.uniform(0.1, 2))
        if victim in {"command", "both"}:
            command.kill()
        if victim in {"daemon", "both"}:
            trial.kill()
        _, told = command.communicate(timeout=PATIENCE_S)
        if command.returncode > 0 and command.returncode not in _ENDED_WELL:
            trial.score.wrong.append(f"{verb} ended with {command.returncode}: {told[-500:]!r}")
    trial.did(f"{verb}/{victim}")
    if victim in {"daemon", "both"}:
        trial.start()
    for copy in (trial.folder / "backups").glob("ledger-*.sqlite3"):
        if not books.is_sound(copy):
            trial.score.wrong.append(f"a copy is not sound: {copy.name}")


def started(*args: str) -> "subprocess.Popen[bytes]":
    """Start a command that may be cut off."""
    return subprocess.Popen(
        [*PROGRAM, *args],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


# Months are sealed, and the sealing is cut off. Each time anew, on a copy of one past.

_STEADY: Final = SimulatedMachine(
    "canon",
    "iR-ADV C3830",
    "STEADY1",
    Printed(print_mono=22_500, print_color=7_500),
    uptime_s=900_000,
)
_CLOSING: Final = "\n[closing]\nautomatic = {}\ngrace_days = 0\n"
_AUTOMATIC: Final = _CLOSING.format("true")
_BY_HAND: Final = _CLOSING.format("false")
_SEALED: Final = (
    "SELECT period, revision, (SELECT sum(json_extract(value, '$.pages.total'))"
    " FROM json_each(text, '$.departments')) FROM statements ORDER BY period, revision"
)
Sealed = list[tuple[str, int, int]]
"""Month, revision and pages of each statement."""


def prepare_months(trial: Trial) -> None:
    """Leave a ledger with two months to close; how long an undisturbed closing takes is noted."""
    folder = trial.folder / "past"
    write_office(folder, _steady(trial), _AUTOMATIC)
    past = fill(folder / "ledger.sqlite3", Stood("steady", "STEADY1", 30_000))
    trial.notes["sealed"] = [
        (one.name, 1, A_DAY * OFFICE.working_days(one.start, one.end))
        for one in (past.older, past.newer)
    ]
    with _past(trial, _AUTOMATIC) as config:
        began = time.monotonic()
        with daemon(config) as running:
            _sealed(config)
            trial.notes["takes_s"] = time.monotonic() - began
            running.terminate()


def _sealed(config: Path) -> None:
    ledger = config.with_name("ledger.sqlite3")
    until(lambda: len(books.ask(ledger, _SEALED)) >= 2, "two statements")


def _steady(trial: Trial) -> Sequence[Spot]:
    port = trial.notes.get("port")
    if not isinstance(port, int):
        port = trial.notes["port"] = trial.machines.add("steady", _STEADY)
    return [Spot("steady", port)]


def kill_while_closing(trial: Trial) -> None:
    """Cut off a stop, a month that seals itself, or the command that seals it."""
    match trial.draw(("stopping", "sealing", "close")):
        case "stopping":
            trial.running.process.terminate()
            trial.pause(trial.dice.uniform(0, 0.5))
            trial.kill()
            trial.start()
            trial.did("stopping")
        case "sealing":
            with _past(trial, _AUTOMATIC) as config:
                _cut_off_sealing(trial, config)
            trial.did("sealing")
        case "close":
            with _past(trial, _BY_HAND) as config:
                _cut_off_close(trial, config)
            trial.did("close")


@contextmanager
def _past(trial: Trial, closing: str) -> Iterator[Path]:
    """Yield an office with the past in its ledger; hold its statements to what was printed."""
    folder = trial.folder / f"past-{trial.dice.randrange(10**9)}"
    shutil.copytree(trial.folder / "past", folder)
    config = write_office(folder, _steady(trial), closing)
    yield config
    ledger, wanted = folder / "ledger.sqlite3", _wanted(trial)
    months, score = {month for month, *_ in wanted}, trial.score
    found = [one for one in books.ask(ledger, _SEALED) if one[0] in months]
    printed, counted = (sum(pages for *_, pages in rows) for rows in (wanted, found))
    score.printed += printed
    score.counted += counted
    score.published += counted  # such an office publishes nothing
    if found != wanted:
        score.off[f"statements {folder.name}"] = counted - printed
        score.wrong.append(f"{folder.name}: sealed {found} instead of {wanted}")
    verified = process("statement", "verify", "--config", config)
    if verified.code != 0 or not books.is_sound(ledger):
        score.wrong.append(f"{folder.name}: {verified.out[-300:]} {verified.err[-300:]}")
    else:
        shutil.rmtree(folder)


def _wanted(trial: Trial) -> Sealed:
    wanted: Sealed = trial.notes["sealed"]  # type: ignore[assignment] # as prepared
    return wanted


def _cut_off_sealing(trial: Trial, config: Path) -> None:
    takes_s = trial.notes["takes_s"]
    assert isinstance(takes_s, float)
    for _ in range(trial.dice.randint(1, 3)):
        with daemon(config, ready=False) as running:
            trial.pause(trial.dice.uniform(0.3, 1.1) * takes_s)
            running.kill()
    with daemon(config) as running:
        _sealed(config)
        assert running.terminate() == 0, running.text


def _cut_off_close(trial: Trial, config: Path) -> None:
    ledger, options = config.with_name("ledger.sqlite3"), ("--config", str(config))
    with daemon(config) as running:
        for month, *_ in _wanted(trial):
            for is_cut in (True, False):
                if month in {known for known, *_ in books.ask(ledger, _SEALED)}:
                    break
                plan = process("close", month, "--json", *options)
                apply = ("close", month, "--apply", plan.json["checksum"], "--by", "森", *options)
                if is_cut:
                    command = started(*apply)
                    trial.pause(trial.dice.uniform(0.3, 1.5))
                    command.kill()
                    command.communicate()
                else:
                    _fine(trial, process(*apply))
        assert running.terminate() == 0, running.text


def _fine(trial: Trial, ended: Ended) -> None:
    if ended.code != 0:
        trial.score.wrong.append(f"a command ended with {ended.code}: {ended.err[-500:]}")


_TRIES: Final = 30

# Servers that are away, or that answer anything at all.


def influx_away(trial: Trial) -> None:
    """Stop InfluxDB for a while."""
    trial.servers.influx.process.stop()
    trial.pause(trial.dice.uniform(2, 20))
    _start_again(trial.servers.influx.process)
    trial.did("outages")
    trial.pause(trial.dice.uniform(2, 10))


def _start_again(server: ServerProcess) -> None:
    """Start `server` on its old ports; others may have borrowed one for a moment."""
    for _ in range(_TRIES):
        with suppress(ServerFailedError):
            server.start()
            return
        time.sleep(1)
    server.start()


def broker_away(trial: Trial) -> None:
    """Stop the broker for a while; it forgets what it retained."""
    trial.servers.broker.process.stop()
    trial.pause(trial.dice.uniform(2, 20))
    _start_again(trial.servers.broker.process)
    trial.did("outages")
    trial.pause(trial.dice.uniform(2, 10))


def influx_answers(trial: Trial) -> None:
    """Answer some writes by something else than that they were stored."""
    drawn = [trial.draw(tuple(INFLUX_MOODS)) for _ in range(trial.dice.randint(1, 4))]
    _in_moods(trial, trial.gate, drawn, frozenset(UNTIL_A_PERSON_ACTS))


def broker_answers(trial: Trial) -> None:
    """Cut what stands and answer some connections by something else than a welcome."""
    drawn = [trial.draw(BROKER_MOODS) for _ in range(trial.dice.randint(1, 3))]
    trial.broker.cut()
    _in_moods(trial, trial.broker, drawn, BROKER_LEFT_ALONE)


def _in_moods(
    trial: Trial, gate: InfluxGate | BrokerGate, moods: Sequence[str], final: frozenset[str]
) -> None:
    """Let `gate` be in these moods; a person acts after one that is `final`."""
    known = len(gate.answered)
    gate.moods.extend(moods)
    while gate.moods and not trial.is_over:
        trial.pause(1)
        if trial.is_hurried or set(gate.answered[known:]) & final:
            trial.running.hang_up()
    gate.moods.clear()
    for mood in gate.answered[known:]:
        trial.did(mood)
    trial.needs_person = bool(set(gate.answered[known:]) & final)


# The network.


def weather(**changes: tuple[float, float]) -> Blow:
    """Return the blow of bad weather, as bad as dice say."""

    def blow(trial: Trial) -> None:
        drawn = {name: trial.dice.uniform(*span) for name, span in changes.items()}
        before = sum(agent.hit for agent in trial.agents.values())
        for place in trial.places:
            trial.machines.behave(place, **drawn)
        trial.pause(trial.dice.uniform(5, 25))
        for place in trial.places:
            trial.machines.behave(place, **dict.fromkeys(changes, 0.0))
        trial.did("datagrams", sum(agent.hit for agent in trial.agents.values()) - before)
        trial.pause(trial.dice.uniform(0, 5))

    return blow


def prepare_damage(trial: Trial) -> None:
    """Hold totals only: a part that is off by ten pages is within what sums may be torn by."""
    trial.holds_color = False


# The disk, the ledger, the clock, the configuration.


def disk_full(trial: Trial) -> None:
    """Let no file of the daemon grow beyond what one of them has."""
    files = [trial.ledger, trial.ledger.with_name(f"{trial.ledger.name}-wal")]
    sizes = [file.stat().st_size for file in files if file.exists()]
    log = trial.config.with_suffix(".log").stat().st_size
    limit = max(log + 65_536, trial.dice.choice([*sizes, sizes[-1] // 2]))
    running = trial.running
    told = len(running.lines("the ledger cannot be written at present"))
    prlimit(running.process.pid, RLIMIT_FSIZE, (limit, RLIM_INFINITY))
    trial.comes(lambda: len(running.lines("the ledger cannot be written at present")) > told)
    trial.pause(trial.dice.uniform(0, 12))
    reached = len(running.lines("the ledger cannot be written at present")) > told
    prlimit(running.process.pid, RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))
    trial.did("full" if reached else "nearly full")
    trial.pause(trial.dice.uniform(1, 8))


def ledger_locked(trial: Trial) -> None:
    """Let another program hold the ledger: to write it, or to read it for long."""
    how = trial.draw(("BEGIN IMMEDIATE", "BEGIN"))
    with closing(sqlite3.connect(trial.ledger, timeout=PATIENCE_S, isolation_level=None)) as other:
        other.execute(how)
        other.execute("SELECT count(*) FROM readings").fetchone()
        trial.pause(trial.dice.uniform(0.5, 5 if trial.is_hurried else 25))
        if trial.dice.random() < 0.2:
            trial.kill()
            trial.start(ready=False)
            began = time.monotonic()
            trial.pause(trial.dice.uniform(0.5, 3))
            other.execute("ROLLBACK")
            trial.wait_ready(began)
        else:
            other.execute("ROLLBACK")
    trial.did("to write" if how == "BEGIN IMMEDIATE" else "to read")
    trial.pause(trial.dice.uniform(0, 3))


_STEPS_S: Final = (20, 90, 400, 2 * 3600, 26 * 3600, 40 * 86400)


def put(file: Path, text: str) -> None:
    """Write `file` as editors do: whoever reads it sees the old text or the new one."""
    new = file.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)


def set_clock(trial: Trial, wrong_by_s: float) -> None:
    """Let the daemon's wall clock be wrong by so much from now on."""
    put(trial.folder / "clock", f"{wrong_by_s}")


def prepare_clock(trial: Trial) -> None:
    """Let the daemon run on a clock that can be moved."""
    set_clock(trial, 0)
    program = (PROGRAM[0], "-m", "tests.chaos.stepped", str(trial.folder / "clock"))
    trial.more = {"program": program}


def check_months(trial: Trial) -> None:
    """See that no wrong clock has closed a month that is not over."""
    running = OFFICE.period_of(OFFICE.local_day(SystemClock().now())).name
    for month, *_ in books.ask(trial.ledger, _SEALED):
        if month >= running:
            trial.score.wrong.append(f"{month} was closed and is not over")


def clock_steps(trial: Trial) -> None:
    """Set the clock wrong, perhaps start under a wrong one, and set it right again."""
    wrong_by_s = trial.draw(_STEPS_S) * trial.dice.choice((-1, 1))
    set_clock(trial, wrong_by_s)
    trial.pause(trial.dice.uniform(1, 14))
    if trial.dice.random() < 0.4:
        trial.kill()
        trial.start()
        trial.pause(trial.dice.uniform(1, 14))
    set_clock(trial, 0)
    trial.did(f"{wrong_by_s:+d} s")
    trial.pause(trial.dice.uniform(1, 10))


def reloads(trial: Trial) -> None:
    """Ask for the configuration again and again while somebody edits it."""
    fleet = trial.config.with_name("fleet.toml")
    good, settings = fleet.read_text("utf-8"), trial.config.read_text("utf-8")
    for _ in range(trial.dice.randint(3, 15)):
        match trial.dice.randrange(6):
            case 0:
                fleet.write_text(good[: trial.dice.randrange(len(good))], "utf-8")
            case 1:
                fleet.unlink(missing_ok=True)
            case 2:
                write_fleet(trial.folder, trial.dice.sample(trial.spots, len(trial.spots) - 1))
            case 3:
                put(trial.config, settings.replace("interval_s = 10", "interval_s = 12"))
            case _:
                put(fleet, good.replace("default = 900", "default = 950"))
        trial.running.hang_up()
        trial.did("reloads")
        trial.pause(trial.dice.uniform(0, 0.5))
    put(fleet, good)
    put(trial.config, settings)
    trial.running.hang_up()
    trial.pause(trial.dice.uniform(1, 12))


def nothing(trial: Trial) -> None:
    """Do nothing: what grows by itself is seen here."""
    before = trial.asked
    trial.pause(1)
    trial.did("questions", trial.asked - before)


_MANY: Final = 35

FAULTS: Final = (
    Fault("soak", nothing),
    Fault("kill polling", kill_while_polling),
    Fault("kill publishing", kill_while_publishing),
    Fault("kill closing", kill_while_closing, prepare_months),
    Fault("kill commands", kill_beside_commands),
    Fault("influx away", influx_away, own_servers=True),
    Fault("influx answers", influx_answers),
    Fault("broker away", broker_away, own_servers=True),
    Fault("broker answers", broker_answers),
    Fault("loss", weather(loss=(0.1, 0.6)), copiers=_MANY),
    Fault("duplicates", weather(double=(0.1, 1.0)), copiers=_MANY),
    Fault("late answers", weather(late=(0.1, 1.0)), copiers=_MANY),
    Fault("mutated answers", weather(damage=(0.05, 0.9)), prepare_damage, copiers=_MANY),
    Fault("disk full", disk_full),
    Fault("ledger locked", ledger_locked),
    Fault("clock steps", clock_steps, prepare_clock, check_months, _AUTOMATIC),
    Fault("reloads", reloads),
)
