"""`copier-fleet doctor`: all that keeps the count right, looked at once, and what to type next."""

import asyncio
import ipaddress
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from shlex import join
from typing import TYPE_CHECKING, Final

import click

from collector.adapters.clock import SystemClock
from collector.bootstrap.looks import (
    Checked,
    Health,
    disk_looks,
    good,
    is_clock_kept,
    ledger_looks,
    name_looks,
    permission_looks,
    secrets_looks,
    sink_looks,
)
from collector.bootstrap.office import is_served
from collector.cli.check import called
from collector.cli.language import default_config
from collector.cli.options import configured, formatted, loaded_from
from collector.cli.output import Exit, as_owner, phrase, progress, result_tables, worded
from collector.cli.status import Overview, overview_of, service_text, shared_silence
from collector.cli.words import CommandWords
from collector.domain.report.table import CellKind, Column, Table
from collector.domain.sentence import sentence, verbatim
from collector.errors import LedgerError
from collector.texts import ENGLISH

if TYPE_CHECKING:
    from collector.settings.load import Loaded

_MARKS: Final = {Health.OK: "ok", Health.NOTICE: "--", Health.PROBLEM: "!!"}
_START: Final = join(("sudo", "systemctl", "start", "copier-fleet"))
_PROGRAM: Final = "copier-fleet"
_STEPS: Final = 5
_NAMED: Final = 5
"""Machines that are named; a whole town's would fill the screen."""


@click.command()
@formatted
@configured
def doctor(config: Path, secrets: tuple[Path, ...], *, form: str) -> int:
    """Look at everything that keeps the count right, and say what to type next.

    Permissions, disk, clock, host names, ledger and seals, the service, sinks, silent and weakly
    known machines, open questions, closing. Nothing is written and no machine is asked. Exit code
    0 where nobody has to do anything, 1 where somebody has, 78 where the configuration cannot be
    used.
    """
    loaded = loaded_from(config, secrets)
    with progress(phrase("looking"), _STEPS) as bar:
        results = asyncio.run(_looked(loaded, lambda: bar.advance(bar.task_ids[0])))
    same = "" if loaded.config_path == default_config() else f" --config {loaded.config_path}"
    words = CommandWords(loaded.settings.office.language)
    result_tables(form, _table(results, words, same))
    return Exit.OK if all(one.is_good for one in results) else Exit.FINDINGS


async def _looked(loaded: "Loaded", advance: Callable[[], None]) -> list[Checked]:
    """Return all that was found, in the order in which it is put right."""
    path = loaded.settings.ledger.path
    results = [*_configuration(loaded), *secrets_looks(loaded)]
    results += [*permission_looks(path), *disk_looks(path)]
    results += await name_looks([*_hosts(loaded)])
    advance()
    ledger = await ledger_looks(loaded)
    results += ledger
    advance()
    results += await sink_looks(loaded)
    advance()
    from collector.cli.findings import look as look_at_findings

    overview: Overview | None = None
    with suppress(LedgerError):  # told of the ledger itself
        overview = await overview_of(loaded)
        waiting, _, _ = await look_at_findings(loaded, 0, only_open=True)
    advance()
    if overview is None:
        results += _service_alone(loaded)
    else:
        results += _judged(loaded, overview, len(waiting))
    advance()
    return results


def _hosts(loaded: "Loaded") -> Iterator[str]:
    """Yield the addresses of the fleet file that are names, for today's places."""
    today = loaded.settings.office.office(frozenset()).local_day(SystemClock().now())
    for place in loaded.fleet.places:
        try:
            ipaddress.ip_address(place.address)
        except ValueError:
            if place.stands_on(today):
                yield place.address


def _configuration(loaded: "Loaded") -> Iterator[Checked]:
    yield good("configuration", verbatim(f"{loaded.config_path}, {loaded.fleet_path}"))
    if not loaded.settings.lacks_secrets:
        for one in loaded.warnings:
            text = sentence("check.and", said=verbatim(str(one.spot)), note=one.said)
            yield Checked("configuration", Health.NOTICE, text)


# What the ledger tells.


def _judged(loaded: "Loaded", overview: Overview, waiting: int) -> Iterator[Checked]:
    yield _service(loaded, overview)
    yield _clock(overview)
    yield from _backlog(overview)
    yield from _machines(loaded, overview)
    yield _questions(waiting)
    yield _closing(overview)


def _service(loaded: "Loaded", overview: Overview) -> Checked:
    text = service_text(overview, CommandWords(loaded.settings.office.language))
    if not overview.is_running:
        return Checked("service", Health.PROBLEM, text, _START)
    return Checked("service", Health.NOTICE if overview.is_late else Health.OK, text)


def _service_alone(loaded: "Loaded") -> Iterator[Checked]:
    """Yield whether the service runs, where its ledger cannot be asked but somebody can."""
    match is_served(loaded.settings):
        case True:
            yield good("service", sentence("service.alive"))
        case False:
            yield Checked("service", Health.PROBLEM, sentence("service.stopped"), _START)


def _clock(overview: Overview) -> Checked:
    if overview.clock_in_doubt:
        return Checked("clock", Health.PROBLEM, sentence("doctor.clock_in_doubt"), "timedatectl")
    if is_clock_kept() is False:
        line = join(("sudo", "timedatectl", "set-ntp", "true"))
        return Checked("clock", Health.NOTICE, sentence("doctor.clock_alone"), line)
    return good("clock", sentence("doctor.clock"))


def _backlog(overview: Overview) -> Iterator[Checked]:
    for sink, rows in overview.backlog.items():
        if rows and not overview.is_running:
            text = sentence("doctor.backlog", rows=rows)
            yield Checked(sink, Health.NOTICE, text, _START)


def _machines(loaded: "Loaded", overview: Overview) -> Iterator[Checked]:
    places = {one.id: overview.state(one) for one in overview.places}
    if not overview.is_running:
        yield Checked("machines", Health.NOTICE, sentence("doctor.machines_unknown"), _START)
        return
    silent = [name for name, one in places.items() if one.online is False or one.seen_at is None]
    weak = [name for name, one in places.items() if one.track and one.track.identity.is_weak]
    line = _ours("poll", silent[0]) if silent else None
    if silent:
        text = sentence("doctor.silent", count=len(silent), of=len(places), places=_some(silent))
        yield Checked("machines", Health.PROBLEM, text, line)
    for credential, count in shared_silence(loaded, overview).items():
        text = sentence("finding.credential_silent", places=count, credential=credential)
        yield Checked("machines", Health.PROBLEM, text, line)
    if weak:
        text = sentence("doctor.weak", count=len(weak), places=_some(weak))
        yield Checked("machines", Health.NOTICE, text, _ours("poll", weak[0]))
    if not silent and not weak:
        yield good("machines", sentence("doctor.machines", count=len(places)))


def _ours(*words: str) -> str:
    return join((_PROGRAM, *words))


def _some(names: Sequence[str]) -> tuple[str, ...]:
    return (*names[:_NAMED], *(["…"] if len(names) > _NAMED else []))


def _questions(waiting: int) -> Checked:
    if not waiting:
        return good("questions", sentence("doctor.no_questions"))
    text = sentence("doctor.questions", count=waiting)
    return Checked("questions", Health.PROBLEM, text, _ours("findings", "--open"))


def _closing(overview: Overview) -> Checked:
    waits = overview.waits
    if waits is None:
        return good("closing", sentence("doctor.nothing_waits"))
    key = "doctor.closes_itself" if waits.automatic else "doctor.waits"
    text = sentence(key, month=waits.month, months=1 + waits.behind, until=waits.until)
    is_late = overview.now >= waits.until
    health = Health.PROBLEM if is_late else Health.NOTICE
    return Checked("closing", health, text, _ours("close", waits.month))


# How it is told.


def _table(results: Sequence[Checked], words: CommandWords, same: str) -> Table[Checked]:
    """Return what was found; `same` is what asks for the same configuration again."""

    def line_of(one: Checked) -> str | None:
        if one.owner is not None:
            return as_owner(one.owner) or one.line
        is_ours = one.line is not None and one.line.startswith(_PROGRAM)
        return f"{one.line}{same}" if is_ours else one.line

    def told(one: Checked) -> str:
        line = line_of(one)
        return worded(one.text) if line is None else f"{worded(one.text)}\n→ {line}"

    text = CellKind.TEXT
    return Table(
        "doctor",
        (
            Column(
                "check",
                lambda one: one.subject,
                words("check"),
                text,
                shown=lambda one: called(one.subject, words),
            ),
            Column(
                "verdict",
                lambda one: one.health.value,
                "",
                text,
                shown=lambda one: _MARKS[one.health],
            ),
            Column("result", lambda one: ENGLISH.say(one.text), words("result"), text, shown=told),
            Column("next", line_of),
        ),
        results,
    )
