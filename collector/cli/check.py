"""`copier-fleet check`: is everything in order before the service starts?"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from collector.adapters.clock import SystemClock
from collector.bootstrap.looks import (
    Checked,
    Health,
    good,
    ledger_looks,
    reader_look,
    secrets_looks,
    sink_looks,
)
from collector.cli.options import configured, formatted, loaded_from
from collector.cli.output import Exit, as_owner, phrase, progress, result_tables, say, told, worded
from collector.cli.words import CommandWords
from collector.domain.meters import TOTAL
from collector.domain.report.table import CellKind, Column, Table
from collector.domain.sentence import Sentence, sentence, verbatim
from collector.errors import DeviceError, DeviceUnreachable
from collector.texts import ENGLISH

if TYPE_CHECKING:
    from rich.progress import Progress

    from collector.ports import DeviceReader, PollTarget
    from collector.settings.load import Loaded


@click.command()
@click.option("--poll", "polls", is_flag=True, help="Read every place once as well.")
@click.option("--reader", "reads", is_flag=True, help="Read InfluxDB as Grafana does as well.")
@formatted
@configured
def check(config: Path, secrets: tuple[Path, ...], *, polls: bool, reads: bool, form: str) -> int:
    """Check configuration, credentials, ledger and sinks; with --poll every machine as well.

    Exit code 0 where all is well, 1 where something needs a person, 78 where the configuration
    cannot be used.
    """
    loaded = loaded_from(config, secrets)
    for warning in loaded.warnings:
        say(phrase("warning_of", what=told(warning)))
    results = [*_configuration(loaded), *asyncio.run(_outside(loaded, polls=polls, reads=reads))]
    words = CommandWords(loaded.settings.office.language)
    result_tables(form, _table(results, words))
    return Exit.OK if all(one.is_good for one in results) else Exit.FINDINGS


def _table(results: Sequence[Checked], words: CommandWords) -> Table[Checked]:
    text = CellKind.TEXT
    return Table(
        "checks",
        (
            Column(
                "check",
                lambda one: one.subject,
                words("check"),
                text,
                shown=lambda one: called(one.subject, words),
            ),
            Column(
                "ok",
                lambda one: one.is_good,
                "",
                text,
                shown=lambda one: "ok" if one.is_good else "!!",
            ),
            Column(
                "result",
                lambda one: ENGLISH.say(with_line(one)),
                words("result"),
                text,
                shown=lambda one: worded(with_line(one)),
            ),
        ),
        results,
    )


def called(subject: str, words: CommandWords) -> str:
    """Return what was checked, as people call it; sinks and places by their own names."""
    kind, _, name = subject.partition(" ")
    return words(f"checked.{kind}", name=name) if kind in KINDS else subject


KINDS: Final = frozenset(
    {
        *("configuration", "fleet", "cadence", "credential", "targets", "factors", "secrets"),
        *("ledger", "sinks", "permissions", "disk", "clock", "names", "service"),
        *("machines", "questions", "closing", "reader", "receivers"),
    }
)


def _configuration(loaded: "Loaded") -> Iterator[Checked]:
    fleet = loaded.fleet
    yield good(
        "configuration",
        verbatim(f"{loaded.config_path}, {loaded.fleet_path}"),
    )
    yield good(
        "fleet",
        sentence("check.fleet", places=len(fleet.places), departments=len(fleet.departments)),
    )
    yield _cadence(loaded)
    used = {place.credential for place in fleet.places}
    for name, values in loaded.settings.credentials.items():
        if name in used:
            who = sentence("check.user" if values.user else "check.community")
            text = sentence("check.credential", version=str(values.version), what=who)
            yield good(f"credential {name}", text)
    yield from _factors(loaded)
    yield from _receivers(loaded)
    without = [one.name for one in fleet.departments if one.id not in fleet.targets]
    if without:
        yield good("targets", sentence("check.no_target", departments=tuple(without)))


def _cadence(loaded: "Loaded") -> Checked:
    from collector.bootstrap.office import cadence_text, office_of, rhythm_of

    now = SystemClock().now()
    office = office_of(loaded.settings, loaded.fleet, now.date())
    return good("cadence", cadence_text(rhythm_of(loaded.settings, office), office, now))


def _receivers(loaded: "Loaded") -> Iterator[Checked]:
    """Yield who is told of its own accord; raises ConfigError for an address of no service."""
    if loaded.settings.alerts.enabled and not loaded.settings.lacks_secrets:
        from collector.bootstrap.notices import receivers_of

        text = sentence("check.receivers", receivers=tuple(receivers_of(loaded)))
        yield good("receivers", text)


def _factors(loaded: "Loaded") -> Iterator[Checked]:
    factors = loaded.factors
    if loaded.settings.factors.file is not None:
        named = (
            (len(factors.contracts), "check.contracts"),
            (len(factors.paper_yen), "check.paper_prices"),
            (len(factors.co2_g), "check.co2"),
            (len(factors.seconds), "check.time"),
            (len(factors.careers), "check.career"),
            (len(factors.kwh_week), "check.power"),
        )
        stated = tuple(sentence(key, number=number) for number, key in named if number)
        text = sentence("list", items=stated) if stated else sentence("check.nothing_stated")
        yield good("factors", text)


async def _outside(loaded: "Loaded", *, polls: bool, reads: bool) -> list[Checked]:
    results = [*await ledger_looks(loaded), *secrets_looks(loaded)]
    results += await sink_looks(loaded)
    if reads:
        results.append(await reader_look(loaded))
    if polls and not loaded.settings.lacks_secrets:
        results += await _places(loaded)
    return results


def with_line(one: Checked) -> Sentence:
    """Return what was found, and the line with which another user finds more."""
    line = None if one.owner is None else as_owner(one.owner)
    return one.text if line is None else sentence("check.type", said=one.text, line=line)


async def _places(loaded: "Loaded") -> list[Checked]:
    from collector.bootstrap.machines import reader_of
    from collector.bootstrap.office import targets_of

    today = loaded.settings.office.office(frozenset()).local_day(SystemClock().now())
    targets = targets_of(loaded.fleet, today)
    reader = reader_of(loaded.settings)
    results: dict[PollTarget, Checked] = {}
    slots = asyncio.Semaphore(loaded.settings.polling.concurrency)

    async def read(target: "PollTarget", bar: "Progress") -> None:
        async with slots:
            results[target] = await _place(reader, target)
        bar.advance(bar.task_ids[0])

    try:
        with progress(phrase("reading_places"), len(targets)) as bar:
            async with asyncio.TaskGroup() as group:
                for target in targets:
                    group.create_task(read(target, bar))
    finally:
        await reader.close()
    return list(_told_once(loaded, [(target, results[target]) for target in targets]))


def _told_once(
    loaded: "Loaded", results: "Sequence[tuple[PollTarget, Checked]]"
) -> Iterator[Checked]:
    """Yield what was found at each place; what silent ones share is said at the first of them."""
    from collector.app.poll.poll_place import FEWEST, shared_reason

    told: set[str] = set()
    for target, checked in results:
        alike = [one.is_silent for other, one in results if other.credential == target.credential]
        if len(alike) < FEWEST or not all(alike):
            yield checked
            continue
        text = shared_reason(target.place, loaded.fleet)
        yield replace(checked, text=sentence("no_answer") if target.credential in told else text)
        told.add(target.credential)


async def _place(reader: "DeviceReader", target: "PollTarget") -> Checked:
    try:
        answer = await reader.read(target)
    except DeviceError as error:
        is_silent = isinstance(error, DeviceUnreachable)
        told = verbatim(error.message)
        return Checked(target.place, Health.PROBLEM, told, is_silent=is_silent)
    total = answer.meters.get(TOTAL)
    name = answer.identity.model or str(answer.identity.key)
    text = (
        sentence("check.no_total", machine=name)
        if total is None
        else sentence("check.total", machine=name, total=total)
    )
    for finding in answer.findings:
        text = sentence("check.and", said=text, note=finding.message)
    is_good = total is not None and not answer.findings
    return Checked(target.place, Health.OK if is_good else Health.PROBLEM, text)
