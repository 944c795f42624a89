"""Where the counters of a calibration come from: a machine that is asked, or a recording of one."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import click

from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.profiles.values import Profiles
from collector.adapters.snmp.recording.discretion import shipped
from collector.adapters.snmp.recording.session import read_rows
from collector.adapters.snmp.recording.walk import RecordedRow
from collector.bootstrap.calibration import Agent, Walking, check_kind, look_again, walk
from collector.calibration.fits import Kept, kept_from, kept_text
from collector.calibration.machine import Examined
from collector.cli.output import phrase, progress, say
from collector.domain.sentence import Sentence
from collector.errors import said
from collector.settings.fleet.write import write_file
from collector.settings.load import Loaded
from collector.user_files.report import octets_of, refusal

if TYPE_CHECKING:
    from rich.progress import Progress

_MOST_MB: Final = 64
"""Megabytes of the rounds that are kept of one machine."""

RECORDING: Final = ".snmprec"


class CounterSource(Protocol):
    """A machine: walked once, then asked for its counters as often as it takes."""

    @property
    def name(self) -> str:
        """What the user called it."""
        ...

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """What stopped the walk early."""
        ...

    @property
    def goes_on(self) -> bool:
        """Whether it says something else after some pages were printed."""
        ...

    def rows(self, profiles: Profiles) -> Mapping[Oid, RecordedRow]:
        """Return everything that may be a counter; raises DeviceError or ConfigError."""
        ...

    def values(self, examined: Examined) -> Mapping[Oid, Value]:
        """Return what the counters say now; raises DeviceError or ConfigError."""
        ...


@dataclass(slots=True)
class Recorded:
    """A recording: it says at any time what the machine said when it was made."""

    path: Path
    notes: tuple[Sentence, ...] = ()

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    @property
    def goes_on(self) -> bool:
        """It never does."""
        return False

    def rows(self, profiles: Profiles) -> Mapping[Oid, RecordedRow]:
        """Return everything in it."""
        del profiles
        return read_rows(self.path)

    def values(self, examined: Examined) -> Mapping[Oid, Value]:
        """Return its values, which must be of the kind of machine that was examined."""
        values = {oid: value for oid, (_, value) in read_rows(self.path).items()}
        check_kind(self.name, examined, values)
        return values


@dataclass(slots=True)
class LiveMachine:
    """A machine in the network."""

    name: str
    agent: Agent
    walking: Walking
    notes: tuple[Sentence, ...] = ()

    @property
    def goes_on(self) -> bool:
        """It does."""
        return True

    def rows(self, profiles: Profiles) -> Mapping[Oid, RecordedRow]:
        """Walk it."""
        say(phrase("walking", address=self.agent.address))
        with progress(phrase("rows"), None) as bar:
            found = asyncio.run(walk(self.agent, profiles, self.walking, _telling(bar)))
        self.agent, self.notes = found.agent, found.notes
        return found.rows

    def values(self, examined: Examined) -> Mapping[Oid, Value]:
        """Ask for its counters, and nothing else, in one go."""
        with progress(phrase("reading_counters"), len(examined.oids)) as bar:
            return asyncio.run(look_again(self.agent, examined, self.walking, _telling(bar)))


def _telling(bar: "Progress") -> Callable[[int], None]:
    return lambda done: bar.update(bar.task_ids[0], completed=done)


def recording_named(machine: str) -> Path | None:
    """Return the recording that `machine` names, or None where it names a place or an address."""
    path = Path(machine)
    if path.suffix == RECORDING and not path.is_file():
        raise click.BadParameter(phrase("no_such_recording", file=machine), param_hint="MACHINE")
    return path if path.is_file() else None


def read_kept(path: Path, target: str) -> Kept:
    """Return the rounds kept at `path`; raises ConfigError where they are of something else."""
    try:
        text = octets_of(path, _MOST_MB).decode("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise refusal(path, said("round_unreadable")) from exc
    kept = kept_from(text, path.name)
    is_file = Path(kept.target).suffix == RECORDING and Path(target).suffix == RECORDING
    if kept.target != target and not is_file:
        raise refusal(path, said("round_of_other", kept=kept.target, target=target))
    return kept


def keep(path: Path, kept: Kept) -> None:
    """Leave `kept` at `path`, readable by its owner alone; raises ConfigError."""
    write_file(path, kept_text(kept, shipped()), overwrite=True, mode=0o600)


def keeping_place(loaded: Loaded | None, target: str) -> Path:
    """Return where the rounds of `target` are kept: in the state folder, else in this one."""
    short = Path(target).stem if target.endswith(RECORDING) else target
    letters = "".join(one if one.isalnum() or one in "-_." else "-" for one in short)
    name = f"calibration-{letters.strip('-.')}.json"
    if loaded is None:
        return Path(name)
    return loaded.settings.ledger.path.parent / name
