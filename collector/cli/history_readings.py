"""Readings that another program took, brought into the ledger: shown first, then entered."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from collector.adapters.clock import SystemClock
from collector.app.enter.amend import Amended, write_down
from collector.app.enter.replay import outcome_of
from collector.app.office_context import OfficeContext
from collector.app.tally import Misfit, ReadingsPlan, plan_readings, poll_told, tally
from collector.bootstrap.office import has_ledger, open_ledger
from collector.cli import count as tally_table
from collector.cli.entering import Author, changes_table, closed_months, show_outcome
from collector.cli.options import known_context
from collector.cli.output import Exit, complain, phrase, progress, result_tables, say
from collector.cli.words import CommandWords
from collector.domain.counting.told import Told
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.domain.report.table import records
from collector.errors import ConfigError, LedgerMoved, Spot, said
from collector.ports import Ledger

if TYPE_CHECKING:
    from collector.settings.load import Loaded

_TRIES: Final = 5
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What to do with the readings in `file`, and how to show it."""

    file: Path
    author: Author
    apply: bool
    form: str


def import_readings(loaded: "Loaded", options: ImportOptions) -> int:
    """Show what the readings come to and change, and enter them where that is asked for."""
    from collector.bootstrap.files import read_told

    told = read_told(options.file, [one.id for one in loaded.fleet.places])
    return asyncio.run(_import(loaded, told, options))


async def _import(loaded: "Loaded", told: Sequence[Told], options: ImportOptions) -> int:
    now = SystemClock().now()
    _refuse_future(told, options.file, now)
    words = CommandWords(loaded.settings.office.language)
    signed = options.author.signature(now) if options.apply else Signature("-", "-", now)
    async with AsyncExitStack() as stack:
        ledger = await _ledger(loaded, apply=options.apply)
        stack.push_async_callback(ledger.close)
        context = await known_context(ledger, loaded, now, record=options.apply)
        from collector.bootstrap.files import memory_ledger

        tried = await memory_ledger()
        stack.push_async_callback(tried.close)
        with progress(phrase("counting"), len(told)) as bar:
            await poll_told(tried, context, told, lambda: bar.advance(bar.task_ids[0]))
        done = await _enter(ledger, tried, context, (told, options, signed))
        if done is None:
            complain(phrase("readings_all_the_while"))
            return Exit.FINDINGS
        come_to, closed = await tally(tried, context), await closed_months(ledger)
    plan, outcome = done
    months = tally_table.months_table(come_to, words)
    findings = tally_table.findings_table(come_to, context.office, words)
    changes = changes_table(outcome, context, words, closed)
    document = {
        **tally_table.to_dict(come_to, months, findings),
        "readings": plan.readings,
        "changes": records(changes),
    }
    result_tables(options.form, months, document=document)
    if options.form == "table":
        _tell(plan, outcome, closed, context, words, options)
    return Exit.OK


def _tell(
    plan: ReadingsPlan,
    outcome: Amended,
    closed: frozenset[str],
    context: OfficeContext,
    words: CommandWords,
    options: ImportOptions,
) -> None:
    if not outcome.entries:
        say(phrase("readings_taken_before"))
        return
    show_outcome(outcome, context, words, closed, options.form, dry_run=not options.apply)
    if options.apply:
        say(phrase("readings_entered", count=plan.readings))


def _refuse_future(told: Sequence[Told], file: Path, now: datetime) -> None:
    late = next((one for one in told if one.came > now), None)
    if late is not None:
        from collector.user_files.report import problem_at

        spot = Spot(file.name, late.line, "at", column="")
        what = said("yet_to_come", text=late.at.isoformat())
        raise ConfigError([problem_at(spot, what)])


async def _ledger(loaded: "Loaded", *, apply: bool) -> Ledger:
    """Return the ledger; an empty one to look at where there is none yet."""
    if not apply and not has_ledger(loaded.settings):
        say(phrase("no_ledger_yet"))
        from collector.bootstrap.files import memory_ledger

        return await memory_ledger()
    return await open_ledger(loaded.settings, read_only=not apply, beside=apply)


async def _enter(
    ledger: Ledger,
    tried: Ledger,
    context: OfficeContext,
    asked: tuple[Sequence[Told], ImportOptions, Signature],
) -> tuple[ReadingsPlan, Amended] | None:
    """Return what was planned, carried out where asked for; None where the ledger never rests."""
    told, options, signed = asked
    for _ in range(_TRIES):
        plan = await plan_readings(ledger, tried, context, options.file.name, signed)
        _refuse(plan.misfits, told, options.file)
        outcome = outcome_of(plan.places, context)
        if not options.apply or not outcome.entries:
            return plan, outcome
        try:
            await write_down(ledger, outcome, context, signed.at)
        except LedgerMoved:
            continue
        return plan, outcome
    return None


def _spot(file: Path, line: int | None, key: str) -> Spot:
    return Spot(file.name, line, key, None if line is None else "")


def _refuse(misfits: Sequence[Misfit], told: Sequence[Told], file: Path) -> None:
    """Raise ConfigError with all of `misfits` by their lines; nothing for none."""
    if not misfits:
        return
    from collector.user_files.report import problem_at

    lines: Mapping[tuple[PlaceId, datetime], int] = {
        (one.place, one.came.replace(microsecond=0)): one.line for one in told
    }
    problems = [
        problem_at(_spot(file, lines.get((one.place, one.at)), one.key), one.why)
        for one in misfits[:_SHOWN]
    ]
    if len(misfits) > _SHOWN:
        more = said("more_lines", count=len(misfits) - _SHOWN)
        problems.append(problem_at(Spot(file.name), more))
    raise ConfigError(problems)
