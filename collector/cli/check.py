"""`copier-fleet check`: is everything in order before the service starts?"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.progress import Progress, TaskID

from collector.adapters.clock import SystemClock
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.load_fleet import Loading
from collector.app.poll.poll_place import FEWEST, shared_reason
from collector.bootstrap.machines import reader_of
from collector.bootstrap.office import look_at, targets_of
from collector.bootstrap.sinks import sinks_of
from collector.cli.options import configured, formatted, loaded_from
from collector.cli.output import Exit, progress, result_tables, say
from collector.cli.words import CommandWords
from collector.domain.meters import TOTAL
from collector.domain.report.table import CellKind, Column, Table
from collector.errors import DeviceError, DeviceUnreachable, LedgerError, SinkError
from collector.ports import DeviceReader, PollTarget
from collector.settings.load import Loaded


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing looked at. `text` says what was found, in one sentence.

    `is_silent` is true of a machine that did not answer at all.
    """

    subject: str
    is_good: bool
    text: str
    is_silent: bool = False


@click.command()
@click.option("--poll", "polls", is_flag=True, help="Read every place once as well.")
@formatted
@configured
def check(config: Path, secrets: tuple[Path, ...], *, polls: bool, form: str) -> int:
    """Check configuration, credentials, ledger and sinks; with --poll every machine as well.

    Exit code 0 where all is well, 1 where something needs a person, 78 where the configuration
    cannot be used.
    """
    loaded = loaded_from(config, secrets)
    for warning in loaded.warnings:
        say(f"warning: {warning.path}: {warning.message}")
    results = [*_configuration(loaded), *asyncio.run(_outside(loaded, polls=polls))]
    words = CommandWords(loaded.settings.office.language)
    result_tables(form, _table(results, words))
    return Exit.OK if all(one.is_good for one in results) else Exit.FINDINGS


def _table(results: Sequence[Checked], words: CommandWords) -> Table[Checked]:
    text = CellKind.TEXT
    return Table(
        "checks",
        (
            Column("check", lambda one: one.subject, words("check"), text),
            Column(
                "ok",
                lambda one: one.is_good,
                "",
                text,
                shown=lambda one: "ok" if one.is_good else "!!",
            ),
            Column("result", lambda one: one.text, words("result"), text),
        ),
        results,
    )


def _configuration(loaded: Loaded) -> Iterator[Checked]:
    fleet = loaded.fleet
    yield Checked(
        "configuration",
        is_good=True,
        text=f"{loaded.config_path}, {loaded.fleet_path}",
    )
    yield Checked(
        "fleet",
        is_good=True,
        text=f"{len(fleet.places)} places, {len(fleet.departments)} departments",
    )
    used = {place.credential for place in fleet.places}
    for name, values in loaded.settings.credential_values().items():
        if name in used:
            who = "user" if values.user else "community"
            yield Checked(f"credential {name}", is_good=True, text=f"v{values.version}, {who} set")
    yield from _factors(loaded)
    without = [one.name for one in fleet.departments if one.id not in fleet.targets]
    if without:
        yield Checked("targets", is_good=True, text=f"no target for: {', '.join(without)}")


def _factors(loaded: Loaded) -> Iterator[Checked]:
    factors = loaded.factors
    if loaded.settings.factors.file is not None:
        named = (
            (len(factors.contracts), "contracts"),
            (len(factors.paper_yen), "paper prices"),
            (len(factors.co2_g), "of CO2"),
            (len(factors.seconds), "of time"),
        )
        stated = ", ".join(f"{number} {what}" for number, what in named if number)
        yield Checked("factors", is_good=True, text=stated or "nothing is stated")


async def _outside(loaded: Loaded, *, polls: bool) -> list[Checked]:
    results = [*await _ledger(loaded)]
    results += await _sinks(loaded)
    if polls:
        results += await _places(loaded)
    return results


async def _ledger(loaded: Loaded) -> list[Checked]:
    path = loaded.settings.ledger.path
    if not path.exists():
        text = f"{path} will be made at the first start"
        return [Checked("ledger", is_good=True, text=text)]
    try:
        ledger = await SqliteLedger.open(path, read_only=True)
        try:
            size = await ledger.size()
            loading = await look_at(ledger, loaded, SystemClock().now())
        finally:
            await ledger.close()
    except LedgerError as error:
        return [Checked("ledger", is_good=False, text=str(error))]
    good = Checked("ledger", is_good=True, text=f"{size.path}, {size.bytes / 1e6:,.1f} MB")
    return [good, *_past(loading)]


def _past(loading: Loading) -> Iterator[Checked]:
    for place in loading.changes.misnamed:
        text = f"{place.id}: was = {place.was} names no place that the ledger knows; correct it"
        yield Checked("fleet", is_good=False, text=text)
    places = dict.fromkeys(one.place for one in loading.differences)
    if places:
        text = f"would change days before today at {', '.join(places)}; they stay as they were"
        yield Checked("fleet", is_good=False, text=f"{text}; see: copier-fleet fleet apply")


async def _sinks(loaded: Loaded) -> list[Checked]:
    results = []
    for sink in sinks_of(loaded.settings):
        try:
            results.append(Checked(sink.name, is_good=True, text=await sink.check()))
        except SinkError as error:
            results.append(Checked(sink.name, is_good=False, text=str(error)))
        finally:
            await sink.close()
    return results or [Checked("sinks", is_good=True, text="none is switched on")]


async def _places(loaded: Loaded) -> list[Checked]:
    today = loaded.settings.office.office(frozenset()).local_day(SystemClock().now())
    targets = targets_of(loaded.fleet, today)
    reader = reader_of(loaded.settings)
    results: dict[PollTarget, Checked] = {}
    slots = asyncio.Semaphore(loaded.settings.polling.concurrency)

    async def read(target: PollTarget, bar: Progress) -> None:
        async with slots:
            results[target] = await _place(reader, target)
        bar.advance(TaskID(0))

    try:
        with progress("reading every place", len(targets)) as bar:
            async with asyncio.TaskGroup() as group:
                for target in targets:
                    group.create_task(read(target, bar))
    finally:
        await reader.close()
    return list(_told_once(loaded, [(target, results[target]) for target in targets]))


def _told_once(loaded: Loaded, results: Sequence[tuple[PollTarget, Checked]]) -> Iterator[Checked]:
    """Yield what was found at each place; what silent ones share is said at the first of them."""
    told: set[str] = set()
    for target, checked in results:
        alike = [one.is_silent for other, one in results if other.credential == target.credential]
        if len(alike) < FEWEST or not all(alike):
            yield checked
            continue
        text = shared_reason(target.place, loaded.fleet)
        yield replace(checked, text="no answer" if target.credential in told else text)
        told.add(target.credential)


async def _place(reader: DeviceReader, target: PollTarget) -> Checked:
    try:
        answer = await reader.read(target)
    except DeviceError as error:
        is_silent = isinstance(error, DeviceUnreachable)
        return Checked(target.place, is_good=False, text=error.message, is_silent=is_silent)
    total = answer.meters.get(TOTAL)
    name = answer.identity.model or answer.identity.key
    notes = "; ".join(finding.message for finding in answer.findings)
    counted = "no total" if total is None else f"total {total:,}"
    text = f"{name}, {counted}" + (f"; {notes}" if notes else "")
    return Checked(target.place, is_good=total is not None and not answer.findings, text=text)
