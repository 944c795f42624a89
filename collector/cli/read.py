"""`copier-fleet read`: enter what a person read off a copier's panel."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.app.enter.amend import problems_of
from collector.bootstrap.office import context_of
from collector.cli.entering import (
    Author,
    closed_months,
    enter,
    instant,
    show_outcome,
    signing,
)
from collector.cli.options import ConfigOptions, at_office, configured, formatted, into, named_place
from collector.cli.output import Exit, complain, listed, phrase, say, worded
from collector.cli.words import CommandWords
from collector.domain.counting.entries import ManualReading
from collector.domain.meters import METERS, TOTAL, Meter
from collector.domain.spelling import nearest

if TYPE_CHECKING:
    from collector.settings.load import Loaded

_MOST = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions(ConfigOptions):
    """What the command line asks for."""

    place: str
    figures: tuple[str, ...]
    at: str | None
    author: Author
    form: str


@click.command()
@click.argument("place")
@click.argument("figures", nargs=-1, required=True, metavar="METER=VALUE...")
@click.option("--at", help="When it was read, like 2026-11-30T17:05; default: now.", metavar="TIME")
@formatted
@signing()
@configured
@into(ReadOptions)
def read(options: ReadOptions) -> int:
    """Enter meters read off the panel of the copier at PLACE: total=123456 total_color=7890.

    For a copier that was silent at a closing. The figures are checked against the readings before
    and after; pages counted by them are marked as edited.
    """
    loaded = options.load()
    return asyncio.run(_enter(loaded, options, _meters(options.figures)))


def _meters(figures: Sequence[str]) -> Mapping[Meter, int]:
    found: dict[Meter, int] = {}
    for figure in figures:
        name, sign, text = figure.partition("=")
        digits = text.replace(",", "").strip()
        if not sign or not (digits.isascii() and digits.isdigit()) or int(digits) > _MOST:
            message = phrase("no_figure", text=figure)
            raise click.BadParameter(message, param_hint="METER=VALUE")
        if name not in METERS:
            near = nearest(name, METERS)
            hint = phrase("did_you_mean", name=near) if near else phrase("like_meters")
            raise click.BadParameter(
                phrase("no_meter", name=name, hint=hint), param_hint="METER=VALUE"
            )
        if name in found:
            raise click.BadParameter(phrase("meter_twice", name=name), param_hint="METER=VALUE")
        found[Meter(name)] = int(digits)
    if TOTAL not in found:
        message = phrase("total_missing")
        raise click.BadParameter(message, param_hint="METER=VALUE")
    return found


async def _enter(loaded: "Loaded", options: ReadOptions, meters: Mapping[Meter, int]) -> int:
    at, author = options.at, options.author
    now = SystemClock().now()
    words, signed = CommandWords(loaded.settings.office.language), author.signature(now)
    asked = context_of(loaded, now.date())
    when = signed.at if at is None else instant(at, asked.office, now)
    opened = at_office(loaded, now, beside=True, record=not author.dry_run)
    async with opened as (ledger, context):
        place = named_place(context.fleet, options.place, context.office.local_day(now)).id
        entry = ManualReading(place, when, meters, signed)
        problems = await problems_of(ledger, context, entry)
        if problems:
            complain(phrase("nothing_entered", place=place, why=listed(map(worded, problems))))
            return Exit.FINDINGS
        outcome = await enter(ledger, context, [entry], dry_run=author.dry_run)
        if outcome is None:
            return Exit.FINDINGS
        closed = await closed_months(ledger)
    said = listed(f"{meter} {value:,}" for meter, value in meters.items())
    local = when.astimezone(context.office.zone)
    say(
        phrase(
            "read_entered",
            place=place,
            at=f"{local:%Y-%m-%d %H:%M}",
            figures=said,
            by=signed.by,
            why=signed.why,
            id=entry.id,
        )
    )
    show_outcome(outcome, context, words, closed, options.form, dry_run=author.dry_run)
    return Exit.OK
