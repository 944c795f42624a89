"""`copier-fleet compare`: the offices of a centre beside one another, only like with like."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import click

from collector.adapters.clock import SystemClock
from collector.cli.centre import of_centre
from collector.cli.language import CONFIG_NAME, SITES
from collector.cli.options import MONTH, formatted, settings_at_centre
from collector.cli.output import SPOKEN, Exit, complain, explain, phrase, result_tables, say
from collector.cli.words import CommandWords
from collector.domain.cost.sheets import Paper
from collector.domain.report.comparison import (
    ComparedOffice,
    OfficeYear,
    Placing,
    placings,
    told_placings,
)
from collector.domain.report.sealed_totals import compared_totals
from collector.domain.report.table import CellKind, Column, Table
from collector.errors import CollectorError
from collector.texts import Texts


@dataclass(frozen=True, slots=True)
class _OfficeLine:
    """One office, and its place among those alike, if it has one."""

    office: ComparedOffice
    placing: Placing | None

    @property
    def now(self) -> OfficeYear:
        return self.office.now

    @property
    def base(self) -> OfficeYear:
        return self.office.base


@click.command()
@click.argument("month", metavar="MONTH", type=MONTH)
@click.option(
    "--base-year",
    type=click.IntRange(1990, 2100),
    required=True,
    help="The fiscal year (年度) whose same months each office is held against.",
)
@click.option(
    "--tell",
    is_flag=True,
    help="Let each office have its own place and the median, for its monthly letter, and no name "
    "of another. Only where at least three of its size have one, and all could be read.",
)
@formatted
@of_centre
def compare(
    config: Path, secrets: tuple[Path, ...], month: str, base_year: int, *, tell: bool, form: str
) -> int:
    """Show the offices of this centre beside one another, by head, in the fiscal year up to MONTH.

    Sheets and impressions, with and without what is excluded, and how complete each figure is.
    Offices have a place among those of about as many people, where all months are closed and all
    copiers were read; one from 2 to 4 where the ranges of their sheets leave that open. The
    settings and the fleet file of each are in sites/NAME beside centre.toml; of others what
    `centre import` took in is shown. Exit code 1 where one could not be read.
    """
    from collector.bootstrap.centre import asked, imported
    from collector.settings.centre_file import load_centre

    file = load_centre(config, os.environ, secrets)
    SPOKEN.set(Texts(file.language))
    names = sorted(one.parent.name for one in (config.parent / SITES).glob(f"*/{CONFIG_NAME}"))
    folder = config.parent / SITES
    found = asyncio.run(compared_offices(file.database, folder, names, month, base_year))
    by_file = [one for one in asyncio.run(imported(file)) if one.site not in names]
    SPOKEN.set(Texts(file.language))
    words = CommandWords(file.language)
    every = [*found, *(compared_totals(one, month, base_year) for one in by_file)]
    result_tables(form, comparison_table(every, words, month, base_year))
    if form == "table" and not every:
        say(phrase("compare_none", folder=folder))
    is_whole = len(found) == len(names)
    if tell and is_whole:
        # Those of files never ask.
        told = {one: mine for one, mine in told_placings(every, month).items() if one in names}
        asyncio.run(asked(file, lambda centre: centre.tell_placings(told)))
        say(phrase("compare_told", offices=len(told), month=month))
    elif tell:
        say(phrase("compare_not_told"))
    return Exit.OK if is_whole else Exit.FINDINGS


async def compared_offices(
    database: str, folder: Path, names: Sequence[str], month: str, base_year: int
) -> list[ComparedOffice]:
    """Return what each office came to; one that cannot be read is told, and left out.

    Its settings are in `folder`, under its name, its ledger is in the centre's `database`.
    """
    found = []
    for name in names:
        try:
            found.append(await _office(database, folder, name, month, base_year))
        except CollectorError as error:
            complain(phrase("compare_unread", site=name))
            explain(error)
    return found


async def _office(
    database: str, folder: Path, name: str, month: str, base_year: int
) -> ComparedOffice:
    from collector.app.compare import compared_office
    from collector.bootstrap.office import look_at, open_ledger
    from collector.settings.load import load

    told = {**os.environ, **settings_at_centre(name, database)}
    loaded, now = load(folder / name / CONFIG_NAME, told), SystemClock().now()
    ledger = await open_ledger(loaded.settings, read_only=True)
    try:
        context = (await look_at(ledger, loaded, now)).context
        return await compared_office(ledger, context, month, base_year, now)
    finally:
        await ledger.close()


def comparison_table(
    found: Sequence[ComparedOffice], words: CommandWords, month: str, base_year: int
) -> Table[_OfficeLine]:
    """Return the offices `found` as a table, each with its place among those alike."""
    places = placings(found)
    lines = [_OfficeLine(one, places.get(one.site)) for one in found]
    return Table(
        "compare",
        (*_about(words), *_sheets(words), *_impressions(words), *_figures(), *_completeness(words)),
        lines,
        title=words("compare_title", month=month, base=base_year),
        notes=(words("compare_note"),) if lines else (),
        spare=("impressions_a_head", "people", "sheets_a_head", "impressions_a_head_without"),
    )


def _about(words: CommandWords) -> tuple[Column[_OfficeLine], ...]:
    def first(one: _OfficeLine) -> int | None:
        return None if one.placing is None else one.placing.first

    def place(one: _OfficeLine) -> str | None:
        found = one.placing
        if found is None:
            return None
        either = str(found.first) if found.first == found.last else f"{found.first}–{found.last}"
        return f"{either}/{found.of}"

    return (
        Column("site", lambda one: one.office.site, words("site"), CellKind.TEXT),
        Column("rank_first", first, words("compare_rank"), shown=place),
        Column("rank_last", lambda one: None if one.placing is None else one.placing.last),
        Column("rank_of", lambda one: None if one.placing is None else one.placing.of),
        Column("people", lambda one: one.now.people, words("compare_people")),
    )


def _sheets(words: CommandWords) -> tuple[Column[_OfficeLine], ...]:
    def without(one: OfficeYear) -> float | None:
        return _rounded(one.a_head(_count(one.sheets_without)))

    def spread(one: _OfficeLine) -> Mapping[str, float | None] | None:
        paper = one.now.sheets_without
        if paper is None or one.now.people is None:
            return None
        ends = (one.now.a_head(paper.low), one.now.a_head(paper.high))
        return dict(zip(("low", "high"), map(_rounded, ends), strict=True))

    def change(one: _OfficeLine) -> float | None:
        return None if one.office.change is None else round(float(one.office.change), 4)

    heading = words("compare_sheets_without")
    return (
        Column(
            "sheets_a_head",
            lambda one: _rounded(one.now.a_head(_count(one.now.sheets))),
            words("compare_sheets"),
            CellKind.AMOUNT,
        ),
        Column("sheets_a_head_without", lambda one: without(one.now), heading, CellKind.AMOUNT),
        Column("sheets_a_head_range", spread, kind=CellKind.NESTED),
        Column("base_sheets_a_head_without", lambda one: without(one.base)),
        Column("change", change, words("compare_change"), CellKind.CHANGE),
    )


def _impressions(words: CommandWords) -> tuple[Column[_OfficeLine], ...]:
    return (
        Column(
            "impressions_a_head",
            lambda one: _rounded(one.now.a_head(one.now.impressions)),
            words("compare_impressions"),
            CellKind.AMOUNT,
        ),
        Column(
            "impressions_a_head_without",
            lambda one: _rounded(one.now.a_head(one.now.impressions_without)),
            words("compare_impressions_without"),
            CellKind.AMOUNT,
        ),
    )


def _figures() -> tuple[Column[_OfficeLine], ...]:
    return (
        Column("impressions", lambda one: one.now.impressions),
        Column("excluded", lambda one: one.now.excluded),
        Column("estimated", lambda one: one.now.estimated),
        Column("sheets", lambda one: _count(one.now.sheets)),
        Column("base_impressions", lambda one: one.base.impressions),
        Column("base_sheets", lambda one: _count(one.base.sheets)),
    )


def _completeness(words: CommandWords) -> tuple[Column[_OfficeLine], ...]:
    def closed(one: _OfficeLine) -> str:
        return f"{one.now.closed}/{one.now.months}"

    def read(one: _OfficeLine) -> str:
        return f"{one.now.read}/{one.now.places}"

    return (
        Column("months", lambda one: one.now.months),
        Column("months_known", lambda one: one.now.whole),
        Column("months_closed", lambda one: one.now.closed, words("compare_closed"), shown=closed),
        Column("base_months_known", lambda one: one.base.whole),
        Column("places", lambda one: one.now.places),
        Column("places_read", lambda one: one.now.read, words("compare_read"), shown=read),
    )


def _count(paper: Paper | None) -> int | None:
    return None if paper is None else paper.value


def _rounded(figure: Fraction | None) -> float | None:
    return None if figure is None else round(float(figure), 1)
