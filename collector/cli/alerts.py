"""`copier-fleet alerts`: what people would have been told, and a letter to try each receiver."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.cli.options import MONTH, at_office, configured, formatted, loaded_from, named_period
from collector.cli.output import Exit, phrase, progress, result_tables, say, worded
from collector.cli.words import CommandWords
from collector.domain.report.table import CellKind, Column, Table
from collector.domain.sentence import Sentence, sentence, verbatim
from collector.errors import LetterNotTaken
from collector.texts import ENGLISH

if TYPE_CHECKING:
    from collector.app.notices import Post, Rehearsed
    from collector.settings.load import Loaded

USUAL = {
    "managers": ("targets", "closing", "questions"),
    "it": ("machines", "ledger", "sinks"),
}
"""Who would be told of what where nobody is named yet."""


@click.group()
def alerts() -> None:
    """Say what people would have been told, and try whoever is to be told."""


# What would have been sent.


@alerts.command()
@click.option(
    "--since",
    type=MONTH,
    metavar="MONTH",
    help="From the first day of this month on (like 2026-04; default: the running month).",
)
@formatted
@configured
def rehearse(config: Path, secrets: tuple[Path, ...], since: str | None, *, form: str) -> int:
    """Show what would have been sent since MONTH; nothing is sent, and nothing is written.

    Each day is judged as the ledger knew it when the office closed, by the rules of the service:
    its quiet hours, its digest, each change once. Where no receiver is set up, managers are told of
    targets, closings and questions, and IT of machines and the ledger. How InfluxDB, MQTT and the
    disk were is not kept and so not rehearsed.
    """
    loaded = loaded_from(config, secrets)
    found = asyncio.run(_rehearsed(loaded, since))
    words = CommandWords(loaded.settings.office.language)
    result_tables(form, _rehearsed_table(found, words, loaded.settings.office.zone))
    if not found:
        say(phrase("nothing_to_tell"))
    return Exit.OK


async def _rehearsed(loaded: "Loaded", since: str | None) -> "Sequence[Rehearsed]":
    from collector.app.notices import rehearse as rehearsed

    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, context):
        first = named_period(context.office, since, now).start
        today = context.office.local_day(now)
        if first > today:
            message = phrase("since_to_come", month=since, today=today.isoformat())
            raise click.BadParameter(message, param_hint="--since")
        begun = await ledger.first_day()
        first = max(first, begun or today)
        with progress(phrase("rehearsing"), (today - first).days + 1) as bar:
            told = rehearsed(
                *(ledger, context, _post(loaded), (first, now)),
                lambda: bar.advance(bar.task_ids[0]),
            )
            return [one async for one in told]


def _post(loaded: "Loaded") -> "Post":
    from dataclasses import replace

    from collector.bootstrap.notices import post_of
    from collector.domain.notices import Addressee, Matter

    post = post_of(loaded.settings)
    if post.readers:
        return post
    usual = (Addressee(name, frozenset(map(Matter, of))) for name, of in USUAL.items())
    return replace(post, readers=tuple(usual))


def _rehearsed_table(
    found: "Sequence[Rehearsed]", words: CommandWords, zone: tzinfo
) -> "Table[Rehearsed]":
    text = CellKind.TEXT

    def at(one: "Rehearsed") -> str:
        return f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}"

    return Table(
        "notices",
        (
            Column("at", lambda one: one.at.isoformat(), words("at"), text, shown=at),
            Column("since", lambda one: one.notice.at.isoformat()),
            Column("receiver", lambda one: one.reader, words("receiver"), text),
            Column("topic", lambda one: one.notice.topic),
            Column(
                "notice",
                lambda one: ENGLISH.say(one.notice.said),
                words("notice"),
                text,
                shown=_both,
            ),
            Column(
                "advice",
                lambda one: None if one.notice.advice is None else ENGLISH.say(one.notice.advice),
            ),
        ),
        found,
        shown=("at", "receiver", "notice"),
    )


def _both(one: "Rehearsed") -> str:
    """Return what was to be told, and below it what to do."""
    advice = one.notice.advice
    return worded(one.notice.said) + ("" if advice is None else f"\n{worded(advice)}")


# A letter to each receiver.


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a letter to one receiver."""

    receiver: str
    is_good: bool
    text: Sentence


@alerts.command()
@formatted
@configured
def test(config: Path, secrets: tuple[Path, ...], *, form: str) -> int:
    """Send one letter to each receiver, now, and say what came of it.

    It is sent whatever the hour, and also while alerts are not enabled.
    """
    loaded = loaded_from(config, secrets)
    if not loaded.settings.receivers:
        raise click.UsageError(phrase("no_receivers"))
    tried = asyncio.run(_tried(loaded))
    words = CommandWords(loaded.settings.office.language)
    result_tables(form, _tried_table(tried, words))
    if not loaded.settings.alerts.enabled:
        say(phrase("alerts_off"))
    return Exit.OK if all(one.is_good for one in tried) else Exit.FINDINGS


async def _tried(loaded: "Loaded") -> list[Tried]:
    from collector.bootstrap.notices import hand_over, receivers_of, trial_letter

    receivers = receivers_of(loaded)
    found: list[Tried] = []
    with progress(phrase("sending"), len(receivers)) as bar:
        for name, receiver in receivers.items():
            try:
                await hand_over(receiver, trial_letter(name, loaded.settings), loaded.settings)
            except LetterNotTaken as error:
                found.append(Tried(name, is_good=False, text=verbatim(str(error))))
            else:
                found.append(Tried(name, is_good=True, text=sentence("letter.taken")))
            bar.advance(bar.task_ids[0])
    return found


def _tried_table(tried: Sequence[Tried], words: CommandWords) -> Table[Tried]:
    text = CellKind.TEXT
    return Table(
        "receivers",
        (
            Column("receiver", lambda one: one.receiver, words("receiver"), text),
            Column(
                "ok",
                lambda one: one.is_good,
                "",
                text,
                shown=lambda one: "ok" if one.is_good else "!!",
            ),
            Column(
                "result",
                lambda one: ENGLISH.say(one.text),
                words("result"),
                text,
                shown=lambda one: worded(one.text),
            ),
        ),
        tried,
    )
