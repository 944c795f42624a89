"""`copier-fleet findings`: what a person should know, and what a person says of it."""

import asyncio
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.app.enter.amend import Amended
from collector.app.office_board import questions
from collector.bootstrap.office import look_at, open_ledger
from collector.cli.entering import Author, closed_months, enter, show_outcome, signing
from collector.cli.options import at_office, configured, formatted, loaded_from
from collector.cli.output import Exit, phrase, result_tables, say, worded
from collector.cli.output import listed as in_a_row
from collector.cli.words import CommandWords, code_column
from collector.domain.counting.deciding import answers, decide, instead_of, may_be
from collector.domain.counting.entries import Decision, Verdict, in_force
from collector.domain.counting.findings import Finding
from collector.domain.report.table import CellKind, Column, Table
from collector.domain.sentence import Unacceptable
from collector.ports import Ledger
from collector.texts import ENGLISH

if TYPE_CHECKING:
    from collector.settings.load import Loaded

_DAYS = 62
_NAMED = 3
"""Findings that one line below the list names at most."""


@click.group(invoke_without_command=True)
@click.option("--open", "only_open", is_flag=True, help="Only what waits for a person, of any age.")
@click.option("--days", default=_DAYS, show_default=True, help="How far back to look otherwise.")
@formatted
@configured
@click.pass_context
def findings(
    ctx: click.Context,
    config: Path,
    secrets: tuple[Path, ...],
    days: int,
    *,
    only_open: bool,
    form: str,
) -> int | None:
    """List what a person should know: resets, exchanged machines, silences, doubts.

    Exit code 1 where something waits for a person. Decide with: findings resolve ID --as …
    """
    if ctx.invoked_subcommand is not None:
        ctx.obj = (config, secrets)
        return None
    loaded = loaded_from(config, secrets)
    listed, waiting, decisions = asyncio.run(look(loaded, days, only_open=only_open))
    result_tables(form, _table(loaded, listed, waiting, decisions))
    return Exit.FINDINGS if waiting else Exit.OK


async def look(
    loaded: "Loaded", days: int, *, only_open: bool
) -> tuple[Sequence[Finding], frozenset[str], dict[str, Decision]]:
    """Return what is listed, the ids of what waits for a person, and what was decided."""
    now = SystemClock().now()
    ledger = await open_ledger(loaded.settings, read_only=True)
    try:
        every = await ledger.findings()
        entries = await ledger.entries()
        waiting = await questions(ledger, await look_at(ledger, loaded, now), now)
    finally:
        await ledger.close()
    decisions = {one.finding: one for one in in_force(entries) if isinstance(one, Decision)}
    since = now - timedelta(days=days)
    recent = [one for one in every if one.at is None or one.at >= since]
    return (waiting if only_open else recent), frozenset(one.id for one in waiting), decisions


def _at(one: Finding, zone: tzinfo) -> str:
    return "" if one.at is None else f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}"


def _table(
    loaded: "Loaded",
    listed: Sequence[Finding],
    waiting: frozenset[str],
    decisions: dict[str, Decision],
) -> Table[Finding]:
    words = CommandWords(loaded.settings.office.language)
    zone, text = loaded.settings.office.zone, CellKind.TEXT
    at = partial(_at, zone=zone)

    def state(one: Finding) -> str:
        decision = decisions.get(one.id)
        if decision is None:
            return words("waiting") if one.id in waiting else ""
        return f"{decision.verdict} ({decision.signed.by}: {decision.signed.why})"

    return Table(
        "findings",
        (
            Column("id", lambda one: one.id, words("id"), text),
            code_column(words),
            Column("severity", lambda one: one.severity.value),
            Column("subject", lambda one: one.subject, words("place"), text),
            Column(
                "message",
                lambda one: ENGLISH.say(one.message),
                words("message"),
                text,
                shown=lambda one: words.said(one.message, zone),
            ),
            Column("at", lambda one: one.at and one.at.isoformat(), words("at"), text, shown=at),
            Column("evidence", lambda one: dict(one.evidence)),
            Column("open", lambda one: one.id in waiting, words("state"), text, shown=state),
            Column("decision", lambda one: _decision(decisions.get(one.id))),
        ),
        listed,
        notes=tuple(_how_to_go_on(listed, waiting)),
        shown=("id", "at", "subject", "code", "open", "message"),
        spare=("code",),
    )


def _how_to_go_on(listed: Sequence[Finding], waiting: frozenset[str]) -> Iterator[str]:
    """Yield how to answer what waits: of each finding only what may be said of it."""
    if waiting:
        yield phrase("waiting_for_you", count=len(waiting))
    shown = [one for one in listed if one.id in waiting]
    for verdicts, some in _alike(shown).items():
        named = in_a_row(some[:_NAMED]) + ("…" if some[_NAMED:] else "")
        how = "resolve_one" if len(some) == 1 else "resolve_some"
        yield phrase(how, ids=named, verdicts=verdicts)
    if len(shown) < len(waiting):
        yield phrase("waiting_unlisted", count=len(waiting) - len(shown))
    if listed:
        yield phrase("explain_finding", id=listed[0].id)


def _alike(waiting: Sequence[Finding]) -> Mapping[str, Sequence[str]]:
    """Return the ids of findings by what may be said of them."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in waiting:
        found["|".join(may_be(one))].append(one.id)
    return found


def _decision(decision: Decision | None) -> dict[str, object] | None:
    if decision is None:
        return None
    return {
        "as": decision.verdict.value,
        "by": decision.signed.by,
        "why": decision.signed.why,
        "at": decision.signed.at.isoformat(),
    }


@findings.command()
@click.argument("finding_id", metavar="ID")
@click.option(
    "--as",
    "verdict",
    type=click.Choice([one.value for one in Verdict]),
    required=True,
    help="reset: same machine, counters began anew; glitch: a wrong reading; replaced: another "
    "machine, or counters that somebody typed in; printed: the pages were really printed; ignore: "
    "known, nothing to change.",
)
@formatted
@signing()
@click.pass_obj
def resolve(
    where: tuple[Path, tuple[Path, ...]], finding_id: str, verdict: str, author: Author, form: str
) -> int:
    """Say what really happened at the finding ID; every day and month it concerns follows.

    The decision is kept as an entry with your name and reason. A later one replaces it.
    """
    loaded = loaded_from(*where)
    return asyncio.run(_resolve(loaded, finding_id, Verdict(verdict), author, form))


async def _resolve(
    loaded: "Loaded", finding_id: str, verdict: Verdict, author: Author, form: str
) -> int:
    now = SystemClock().now()
    words, signed = CommandWords(loaded.settings.office.language), author.signature(now)
    opened = at_office(loaded, now, beside=True, record=not author.dry_run)
    async with opened as (ledger, context):
        finding = await the_finding(ledger, finding_id)
        verdict = _asked(finding, verdict, words, form)
        try:
            decision = decide(finding, verdict, signed)
        except Unacceptable as exc:
            raise click.BadParameter(worded(exc.why), param_hint="--as") from exc
        decision = instead_of(decision, await ledger.entries())
        outcome: Amended | None = await enter(ledger, context, [decision], dry_run=author.dry_run)
        if outcome is None:
            return Exit.FINDINGS
        closed = await closed_months(ledger)
    say(
        phrase(
            "decided",
            code=finding.code,
            place=finding.subject,
            verdict=verdict,
            by=signed.by,
            why=signed.why,
        )
    )
    show_outcome(outcome, context, words, closed, form, dry_run=author.dry_run)
    return Exit.OK


def _asked(finding: Finding, verdict: Verdict, words: CommandWords, form: str) -> Verdict:
    """Show what each answer to `finding` would count; at a terminal, ask which it was."""
    counted = answers(finding)
    if not counted or verdict is Verdict.IGNORE:
        return verdict
    if form == "table":
        result_tables(form, answers_table(counted, words))
    if not sys.stdin.isatty():
        return verdict
    choice = click.Choice([one.value for one in counted])
    default = verdict.value if verdict in counted else None
    return Verdict(click.prompt(words("which_was_it"), type=choice, default=default, err=True))


def answers_table(
    counted: Mapping[Verdict, int], words: CommandWords
) -> Table[tuple[Verdict, int]]:
    """Return what each answer to a finding would count."""
    text = CellKind.TEXT
    return Table(
        "answers",
        (
            Column("verdict", lambda row: row[0].value, words("verdict"), text),
            Column("means", lambda row: words(f"verdict_{row[0]}"), words("means"), text),
            Column("would_count", lambda row: f"{row[1]}", words("would_count"), text),
        ),
        list(counted.items()),
        spare=("means",),
    )


async def the_finding(ledger: Ledger, finding_id: str, hint: str = "ID") -> Finding:
    """Return the finding whose id begins with `finding_id`; raises BadParameter about `hint`."""
    fitting = [one for one in await ledger.findings() if one.id.startswith(finding_id)]
    if len(fitting) == 1:
        return fitting[0]
    told = phrase("finding_several") if fitting else phrase("finding_list")
    raise click.BadParameter(phrase("no_finding", id=finding_id, hint=told), param_hint=hint)
