"""`copier-fleet replay`: count the past again, look at the difference, and then put it in force."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.adapters.clock import SystemClock
from collector.app.enter.amend import write_down
from collector.app.enter.replay import Corrected, Replayed, outcome_of, replay_place
from collector.app.office_context import OfficeContext
from collector.cli.entering import Author, changes_table, closed_months, show_outcome, signing
from collector.cli.fleet import ApplyOptions, apply_fleet
from collector.cli.options import ConfigOptions, at_office, configured, formatted, into, named_place
from collector.cli.output import Exit, complain, listed, phrase, progress, result_tables, say
from collector.cli.words import CommandWords
from collector.domain.office.fleet_facts import Signature
from collector.domain.office.shares import PlaceId
from collector.errors import LedgerMoved
from collector.ports import Ledger

if TYPE_CHECKING:
    from collector.settings.load import Loaded

_TRIES = 5
"""How often a place is counted again where the daemon reads it meanwhile."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What to count again, and by what."""

    places: tuple[PlaceId, ...]
    since: datetime
    signed: Signature
    corrected: Corrected | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions(ConfigOptions):
    """What the command line asks for."""

    since: datetime
    places: tuple[str, ...]
    profile: str | None
    fleet_file: Path | None
    author: Author
    apply_: bool
    form: str

    def check(self) -> None:
        """Raise a usage error for options that do not go together."""
        if self.fleet_file is not None and (self.profile is not None or self.places):
            raise click.UsageError(phrase("fleet_alone"))
        if self.apply_ and not self.author.why:
            raise click.BadParameter(phrase("why_change"), param_hint="--why")


@click.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="From the beginning of which day on, like 2026-04-01.",
)
@click.option("--place", "-p", "places", multiple=True, help="Only this place; may be repeated.")
@click.option(
    "--profile",
    help="Read the stored readings again by this profile: a TOML file, or a name. It corrects the "
    "readings of its own name; with --place, all of those places.",
)
@click.option(
    "--fleet",
    "fleet_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Show the months as another fleet file would state them; as: fleet apply --file.",
)
@click.option("--apply", "apply_", is_flag=True, help="Put the difference in force; needs --why.")
@formatted
@signing(optional=True)
@configured
@into(ReplayOptions)
def replay(options: ReplayOptions) -> int:
    """Count days and months again from the stored readings and show what would differ.

    Without a correction nothing differs. Exit code 1 where something does and was not applied. A
    closed month is never rewritten: its difference becomes an adjustment at the next close.
    """
    options.check()
    loaded = options.load()
    if options.fleet_file is not None:
        since = options.since.date()
        asked = ApplyOptions(
            options.author, options.fleet_file, since, options.apply_, options.form
        )
        return apply_fleet(loaded, asked)
    corrected = None
    if options.profile is not None:
        from collector.bootstrap.files import corrected_profile

        corrected = corrected_profile(
            loaded.settings, options.profile, every_reading=bool(options.places)
        )
    return asyncio.run(_replay(loaded, options, corrected))


async def _replay(loaded: "Loaded", options: ReplayOptions, corrected: Corrected | None) -> int:
    now, apply, author = SystemClock().now(), options.apply_, options.author
    words = CommandWords(loaded.settings.office.language)
    signed = author.signature(now) if apply else Signature("-", "-", now.replace(microsecond=0))
    async with at_office(loaded, now, beside=apply, record=apply) as (ledger, context):
        known = [one.place for one in await ledger.states()]
        since = context.office.midnight(options.since.date())
        asked = _Wish(
            _places(known, options, context, context.office.local_day(now)),
            since,
            signed,
            corrected,
        )
        replayed = await _work(ledger, context, asked, apply=apply)
        closed = await closed_months(ledger)
    outcome = outcome_of(replayed, context)
    if options.form == "table":
        _tell_untold(replayed)
        show_outcome(outcome, context, words, closed, options.form, dry_run=not apply)
    else:
        result_tables(options.form, changes_table(outcome, context, words, closed))
    return Exit.OK if apply or not outcome.days else Exit.FINDINGS


def _places(
    known: Sequence[PlaceId], options: ReplayOptions, context: OfficeContext, today: date
) -> tuple[PlaceId, ...]:
    """Return the places to count again, all that are `known` where none is named."""
    wanted = {
        one if one in known else named_place(context.fleet, one, today, "--place").id
        for one in options.places
    }
    for one in wanted:
        if one not in known:
            message = phrase("never_read_at", place=one, known=listed(known))
            raise click.BadParameter(message, param_hint="--place")
    return tuple(one for one in known if not wanted or one in wanted)


async def _work(
    ledger: Ledger, context: OfficeContext, options: _Wish, *, apply: bool
) -> list[Replayed]:
    """Count every place again, and where `apply` put each in force before the next."""
    replayed: list[Replayed] = []
    with progress(phrase("counting_again"), len(options.places)) as bar:
        for place in options.places:
            one = await _one_place(ledger, context, place, options, apply=apply)
            if one is None:
                complain(phrase("being_read", place=place))
                break
            replayed.append(one)
            bar.advance(bar.task_ids[0])
    return replayed


async def _one_place(
    ledger: Ledger, context: OfficeContext, place: PlaceId, options: _Wish, *, apply: bool
) -> Replayed | None:
    for _ in range(_TRIES):
        one = await replay_place(
            ledger, context, place, options.since, options.signed, options.corrected
        )
        outcome = outcome_of([one], context)
        if not apply or not outcome.amendments:
            return one
        try:
            await write_down(ledger, outcome, context, options.signed.at)
        except LedgerMoved:
            continue
        return one
    return None


def _tell_untold(replayed: Sequence[Replayed]) -> None:
    again = sum(one.read_again for one in replayed)
    untold = sorted({meter for one in replayed for meter in one.untold})
    if again:
        say(phrase("read_again", count=again))
    if untold:
        say(phrase("kept_recorded", places=listed(untold)))
