"""`copier-fleet capture`: a recording of a machine that can be sent to somebody."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from collector.adapters.clock import SystemClock
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.recording.recorder import EVERYTHING, USUAL
from collector.adapters.snmp.recording.scrub import Scrubbed
from collector.adapters.snmp.recording.walk import Bounds
from collector.bootstrap.machines import (
    FinishedRecording,
    NamedCredential,
    Patience,
    RecordingOptions,
    open_session,
    take,
)
from collector.bootstrap.office import secrets_of
from collector.cli.asked import WalkOptions, with_keys
from collector.cli.options import configured, formatted, into, walks_a_machine
from collector.cli.output import (
    SPOKEN,
    Exit,
    complain,
    listed,
    phrase,
    progress,
    result_tables,
    say,
    worded,
)
from collector.cli.words import CommandWords
from collector.domain.meters import TOTAL
from collector.domain.privacy.redaction import KnownSecret
from collector.domain.privacy.redaction_table import SecretKind
from collector.domain.report.table import CellKind, Column, Table
from collector.errors import DeviceError, DeviceUnreachable, said
from collector.settings.fleet.write import write_file
from collector.settings.load import Loaded
from collector.texts import ENGLISH
from collector.user_files.report import refusal

_NAMES_TRIED: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureOptions(WalkOptions):
    """What the command line asks for."""

    machine: str
    output: Path | None
    force: bool
    rows: int | None
    minutes: float | None
    form: str

    def bounds(self) -> Bounds:
        """Return where the recording stops."""
        usual = EVERYTHING if self.everything else USUAL
        most = self.rows if self.rows is not None else usual.rows
        seconds = self.minutes * 60 if self.minutes is not None else usual.seconds
        tree = most if self.rows is not None else usual.tree
        return Bounds(rows=most, tree=tree, octets=usual.octets, seconds=seconds)


@click.command()
@click.argument("machine", metavar="ADDRESS|PLACE")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write it; default: MAKER-MODEL-FIRMWARE.snmprec in this folder.",
)
@click.option("--force", is_flag=True, help="Overwrite the file if it exists.")
@click.option("--rows", type=click.IntRange(1), help="Stop after this many rows.")
@click.option("--minutes", type=click.FloatRange(0.1), help="Stop after this many minutes.")
@walks_a_machine
@formatted
@with_keys
@configured
@into(CaptureOptions)
def capture(options: CaptureOptions) -> int:
    """Record the machine at ADDRESS or PLACE for a profile author, as .snmprec.

    Holds what it says of itself, its counters and its maker's tables. Serial numbers, names,
    contacts, locations and addresses are replaced by made-up ones, the same by the same; job logs
    and address books are not asked for. `decode` reads the file, and so does snmpsim.

    Only reads, over SNMP. Exit code 1 where it does not answer or the recording is not whole.
    """
    output, force = options.output, options.force
    if output is not None and output.exists() and not force:
        raise refusal(output, said("exists_other"))
    ask = options.access()
    _, address, port, keys = options.target(ask, options.machine)
    wanted = RecordingOptions(options.everything, options.bounds(), options.rate)
    known = tuple(_known(ask.loaded, keys, address))
    try:
        patience = Patience(options.timeout, retries=1, wakes=True)
        taken = asyncio.run(_take(address, port, keys, patience, ask.loaded, wanted, known))
    except KeyboardInterrupt:
        say(phrase("capture_stopped"))
        raise
    except DeviceError as error:
        complain(worded(error.message))
        return Exit.FINDINGS
    path = output or _free_name(_file_name(taken), force=force)
    write_file(path, taken.text, overwrite=force)
    words = CommandWords(SPOKEN.get().language)
    result_tables(options.form, _hidden_table(taken, words))
    _tell(taken, path)
    return Exit.FINDINGS if _is_lacking(taken) else Exit.OK


def _known(
    loaded: Loaded | None, keys: tuple[NamedCredential, ...], address: str
) -> Iterator[KnownSecret]:
    """Yield what this command itself knows: the machine's address, every secret."""
    is_name = re.search(r"[A-Za-z]", address) is not None and ":" not in address
    yield KnownSecret(SecretKind.HOST if is_name else SecretKind.IP, address)
    secrets = list(secrets_of(loaded.settings)) if loaded is not None else []
    for key in keys:
        community = getattr(key.credential, "community", None)
        if community and community != "public":
            secrets.append(community)
    yield from (KnownSecret(SecretKind.SECRET, one) for one in secrets)


async def _take(
    address: str,
    port: int,
    keys: tuple[NamedCredential, ...],
    patience: Patience,
    loaded: Loaded | None,
    options: RecordingOptions,
    known: tuple[KnownSecret, ...],
) -> FinishedRecording:
    """Record with the first of `keys` that is answered; raises the last one's DeviceError."""
    profiles = load_profiles(loaded.settings.fleet.profiles if loaded is not None else None)
    say(phrase("recording", address=address))
    with progress(phrase("rows"), None) as bar:

        def tell(rows: int) -> None:
            bar.update(bar.task_ids[0], completed=rows)

        for key in keys[:-1]:
            session = open_session(address, port, key, patience)
            try:
                return await take(session, profiles, options, known, tell, _remarks)
            except DeviceUnreachable:
                continue
        session = open_session(address, port, keys[-1], patience)
        return await take(session, profiles, options, known, tell, _remarks)


def _remarks(scrubbed: Scrubbed) -> list[str]:
    today = SystemClock().now().date()
    replaced = listed(sorted({kind.value for kind in scrubbed.hidden})) or phrase("no_formula")
    return [
        f"{_called(scrubbed)}, profile {scrubbed.recording.plan.profile}, {today}",
        phrase("replaced_made_up", what=replaced),
        *map(ENGLISH.say, scrubbed.recording.notes),
    ]


def _called(scrubbed: Scrubbed) -> str:
    answer = scrubbed.recording.answer
    identity = answer.identity if answer is not None else scrubbed.recording.plan.identity
    name = " ".join(filter(None, (identity.vendor, identity.model))) or phrase("nameless")
    if identity.firmware is None:
        return name
    return name + phrase("comma_firmware", firmware=identity.firmware)


def _file_name(taken: FinishedRecording) -> str:
    identity = taken.scrubbed.recording.plan.identity
    parts = (identity.vendor, identity.model, identity.firmware)
    slugs = [re.sub(r"[^a-z0-9.]+", "-", (one or "").casefold()).strip("-.") for one in parts]
    return "-".join(filter(None, slugs))[:100] or "machine"


def _free_name(stem: str, *, force: bool) -> Path:
    """Return a name that nothing has yet: minutes of recording are not lost to an old file."""
    path = Path(f"{stem}.snmprec")
    if force:
        return path
    more = (Path(f"{stem}-{at}.snmprec") for at in range(2, _NAMES_TRIED))
    return next((one for one in (path, *more) if not one.exists()), path)


def _is_lacking(taken: FinishedRecording) -> bool:
    return bool(taken.changed or taken.scrubbed.recording.notes)


def _hidden_table(taken: FinishedRecording, words: CommandWords) -> Table[tuple[SecretKind, int]]:
    return Table(
        "replaced",
        (
            Column(
                "replaced",
                lambda row: row[0].value,
                words("hidden"),
                CellKind.TEXT,
                shown=lambda row: words(f"hidden.{row[0].name.lower()}"),
            ),
            Column("times", lambda row: row[1], words("times")),
        ),
        sorted(taken.scrubbed.hidden.items()),
    )


def _tell(taken: FinishedRecording, path: Path) -> None:
    scrubbed = taken.scrubbed
    recording = scrubbed.recording
    for one in recording.left_out:
        say(phrase("not_recorded", what=worded(one)))
    for note in (*scrubbed.notes, *recording.notes):
        say(phrase("note", what=worded(note)))
    if recording.answer is None or TOTAL not in recording.answer.meters:
        say(phrase("no_total_yet"))
    if taken.changed:
        complain(phrase("live_figures_gone", meters=listed(taken.changed)))
    say(phrase("rows_of", file=path, count=len(recording.rows), machine=_called(scrubbed)))
    say(phrase("look_through", file=path))
    say(phrase("what_is_read", file=path))
