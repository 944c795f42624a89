"""`copier-fleet utilisation`: how much each copier is used, and which one could go."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import click

from collector.adapters.clock import SystemClock
from collector.cli.options import (
    MONTH,
    ConfigOptions,
    at_office,
    configured,
    formatted,
    into,
    named_department,
    named_place,
)
from collector.cli.output import Exit, phrase, progress, result_tables, say
from collector.cli.words import CommandWords
from collector.domain.month.utilisation import CopierUse, TakenOver, WithoutIt
from collector.domain.office.fleet import Department, Fleet
from collector.domain.office.shares import PlaceId
from collector.domain.privacy.few_people import FEWEST_PEOPLE
from collector.domain.report.table import CellKind, Column, Table

if TYPE_CHECKING:
    from collector.app.month.uses import OfficeUse
    from collector.app.office_context import OfficeContext
    from collector.ports import Ledger
    from collector.settings.load import Loaded

_MONTHS: Final = 3
"""Whole months looked at, where no others are asked for."""

_LIMIT: Final = 30
"""Per cent of its capacity that the busiest hour of a copier that stays may take."""

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ALL: Final = 100


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is told of one copier: its hours only where many people share it."""

    office: "OfficeUse"
    fleet: Fleet
    without: WithoutIt

    @property
    def use(self) -> CopierUse:
        return self.without.use

    @property
    def name(self) -> str | None:
        place = self.fleet.place(self.use.place)
        return None if place is None else place.name

    @property
    def department(self) -> str | None:
        place = self.fleet.place(self.use.place)
        return None if place is None else place.main_department_on(self.office.last)

    @property
    def kwh(self) -> int | None:
        kwh = self.office.kwh.get(self.use.place)
        return None if kwh is None else round(kwh)

    def may_show(self, use: CopierUse) -> bool:
        return use.place not in self.office.withheld

    def busiest(self, words: CommandWords) -> str | None:
        hour = self.use.busiest
        if hour is None or not self.may_show(self.use):
            return None
        day = words(f"weekday.{_WEEKDAYS[hour[0]]}")
        return words("busiest_at", day=day, hour=hour[1], pages=f"{self.use.hours[hour]:,.0f}")

    @property
    def busiest_pages(self) -> float | None:
        hour = self.use.busiest
        if hour is None or not self.may_show(self.use):
            return None
        return round(self.use.hours[hour], 1)

    @property
    def busiest_share(self) -> float | None:
        if self.use.busiest is None or not self.may_show(self.use):
            return None
        return _rounded(self.use.busiest_with({}))


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"


def use_table(found: "list[_Seen]", words: CommandWords) -> Table[_Seen]:
    """Return a line for each copier."""
    first = found[0].office.first if found else ""
    last = found[0].office.last if found else ""
    return Table(
        "utilisation",
        (*_about(words), *_figures(words), *_hours(words), *_without(words)),
        found,
        title=words("use_title", first=first, last=last),
        notes=tuple(_notes(found, words)),
        spare=("kwh_year", "department", "share", "idle_days"),
    )


def _about(words: CommandWords) -> tuple[Column[_Seen], ...]:
    return (
        Column("place", lambda one: one.use.place, words("place"), CellKind.TEXT),
        Column("name", lambda one: one.name),
        Column("department", lambda one: one.department, words("department"), CellKind.TEXT),
        Column("since", lambda one: one.office.first.isoformat()),
        Column("until", lambda one: one.office.last.isoformat()),
        Column("working_days", lambda one: one.use.working_days),
    )


def _figures(words: CommandWords) -> tuple[Column[_Seen], ...]:
    return (
        Column("pages", lambda one: one.use.pages),
        Column(
            "pages_a_day",
            lambda one: round(one.use.pages_a_day, 1),
            words("use_pages_a_day"),
            CellKind.AMOUNT,
        ),
        Column("rated_ipm", lambda one: one.use.rated_ipm),
        Column(
            "share",
            lambda one: _rounded(one.use.share),
            words("use_share"),
            CellKind.SHARE,
            shown=lambda one: _percent(one.use.share),
        ),
        Column("idle_days", lambda one: one.use.idle, words("use_idle")),
        Column("unplaced", lambda one: one.use.unplaced),
        Column("kwh_year", lambda one: one.kwh, words("use_kwh"), optional=True),
    )


def _hours(words: CommandWords) -> tuple[Column[_Seen], ...]:
    def weekday(one: _Seen) -> str | None:
        hour = one.use.busiest
        return None if hour is None or not one.may_show(one.use) else _WEEKDAYS[hour[0]]

    def at(one: _Seen) -> int | None:
        hour = one.use.busiest
        return None if hour is None or not one.may_show(one.use) else hour[1]

    return (
        Column(
            "busiest",
            None,
            words("use_busiest"),
            CellKind.TEXT,
            shown=lambda one: one.busiest(words),
        ),
        Column("busiest_weekday", weekday),
        Column("busiest_hour", at),
        Column("busiest_pages", lambda one: one.busiest_pages),
        Column(
            "busiest_share",
            lambda one: one.busiest_share,
            words("use_busiest_share"),
            CellKind.SHARE,
            shown=lambda one: _percent(one.busiest_share),
        ),
        Column("hours_withheld", lambda one: not one.may_show(one.use)),
    )


def _without(words: CommandWords) -> tuple[Column[_Seen], ...]:
    return (
        Column(
            "could_go",
            lambda one: one.without.could_go,
            words("use_could_go"),
            CellKind.TEXT,
            shown=lambda one: words("use_could") if one.without.could_go else None,
            is_word=True,
        ),
        Column(
            "neighbours",
            lambda one: [_taken(one, other) for other in one.without.others],
            kind=CellKind.NESTED,
        ),
    )


def _taken(seen: _Seen, other: TakenOver) -> dict[str, object]:
    may_show = seen.may_show(other.use) and seen.may_show(seen.use)
    return {
        "place": other.use.place,
        "pages_a_day": round(other.use.pages_a_day, 1),
        "pages_a_day_then": round(other.pages_a_day, 1),
        "busiest_share": _rounded(other.before) if may_show else None,
        "busiest_share_then": _rounded(other.after) if may_show else None,
    }


def gone_table(found: "list[_Seen]", words: CommandWords) -> Table[_Seen]:
    """Return a line for each copier that could go, the least used first: for readers."""
    could = sorted((one for one in found if one.without.could_go), key=lambda one: one.use.pages)
    return Table(
        "could_go",
        (
            Column("place", None, words("place"), CellKind.TEXT, shown=lambda one: one.use.place),
            Column(
                "pages_a_day",
                None,
                words("use_pages_a_day"),
                CellKind.AMOUNT,
                shown=lambda one: round(one.use.pages_a_day, 1),
            ),
            Column("kwh_year", None, words("use_kwh"), shown=lambda one: one.kwh, optional=True),
            Column(
                "neighbours",
                None,
                words("use_neighbours"),
                CellKind.TEXT,
                shown=lambda one: "\n".join(_meaning(one, words)),
            ),
        ),
        could,
        title=words("use_gone_title"),
        notes=(words("use_gone_rule"),) if could else (),
        needs_rows=True,
    )


def _meaning(seen: _Seen, words: CommandWords) -> Iterator[str]:
    """Yield what each neighbour would print a day, and how busy its busiest hour would be."""
    for other in seen.without.others:
        now, then = f"{other.use.pages_a_day:,.0f}", f"{other.pages_a_day:,.0f}"
        facts = {"place": other.use.place, "now": now, "then": then}
        if seen.may_show(other.use) and seen.may_show(seen.use):
            shares = {"before": f"{other.before:.1%}", "after": f"{other.after:.1%}"}
            yield words("use_taken_over", **facts, **shares)
        else:
            yield words("use_taken_over_days", **facts)


def _notes(found: "list[_Seen]", words: CommandWords) -> Iterator[str]:
    yield words("use_basis")
    slow = [one.use.place for one in found if one.use.rated_ipm is None]
    if slow:
        yield words("use_no_speed", places=_some(slow, len(found), words))
    late = [one.use.place for one in found if not one.use.is_known_by_hour]
    if late:
        yield words("use_no_hours", places=_some(late, len(found), words))
    withheld = [one.use.place for one in found if not one.may_show(one.use)]
    if withheld:
        places = _some(withheld, len(found), words)
        yield words("use_withheld", places=places, people=FEWEST_PEOPLE)
    if found and not found[0].office.kwh:
        yield words("use_no_kwh")


_NAMED: Final = 8
"""Places that one sentence names at most."""


def _some(places: Sequence[PlaceId], every: int, words: CommandWords) -> str:
    """Return the ids of `places`, of `every` as many; of many the first ones."""
    if len(places) == every > _NAMED:
        return words("use_everywhere")
    named = words("list.between").join(places[:_NAMED])
    more = len(places) - _NAMED
    return words("use_more_places", places=named, more=more) if more > 0 else named


_HourLine = tuple[int, CopierUse]


def hours_table(use: CopierUse, words: CommandWords) -> Table[_HourLine]:
    """Return a line for each hour in which the copier prints, a column for each weekday."""
    hours = sorted({hour for _, hour in use.hours})
    days = sorted({day for day, _ in use.hours})
    return Table(
        "hours",
        (
            Column(
                "hour",
                lambda row: row[0],
                words("use_hour"),
                CellKind.TEXT,
                shown=lambda row: f"{row[0]:02d}:00",
            ),
            *(_weekday_column(day, words, is_shown=day in days) for day in range(len(_WEEKDAYS))),
        ),
        [(hour, use) for hour in hours],
        title=words("use_hours_title", place=use.place),
        notes=(words("use_hours_rule"),),
        needs_rows=True,
    )


def _weekday_column(day: int, words: CommandWords, *, is_shown: bool) -> Column[_HourLine]:
    name = _WEEKDAYS[day]

    def mean(row: _HourLine) -> float | None:
        hour, use = row
        if not any(one == day for one, _ in use.hours):
            return None
        return round(use.hours.get((day, hour), 0.0), 1)

    heading = words(f"weekday.{name}") if is_shown else None
    return Column(name, mean, heading, CellKind.AMOUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class UtilisationOptions(ConfigOptions):
    """What the command line asks for."""

    since: str | None
    until: str | None
    department: str | None
    place: str | None
    limit: float
    form: str


@click.command()
@click.option("--since", type=MONTH, metavar="MONTH", help="From this closing month on.")
@click.option("--until", type=MONTH, metavar="MONTH", help="Up to this closing month.")
@click.option("--department", "-d", help="Only this department, with its parts (its id or name).")
@click.option("--place", help="Show the hours and weekdays of this place alone.")
@click.option(
    "--limit",
    type=click.FloatRange(1, _ALL),
    default=_LIMIT,
    show_default=True,
    help="How many per cent of its capacity the busiest hour of a copier that stays may take.",
)
@formatted
@configured
@into(UtilisationOptions)
def utilisation(options: UtilisationOptions) -> int:
    """Show how much each copier is used by weekday and hour, and which one could go.

    Of the last three whole months, unless others are asked for. Of each copier that could go it
    says what its pages would mean for those on its floor (as the names of places say it), else for
    those of its department: if it alone went. Where few people share a copier, its hours are not
    shown.
    """
    loaded = options.load()
    words = CommandWords(loaded.settings.office.language)
    found, fleet, department = asyncio.run(_found(loaded, options))
    seen = [_Seen(found, fleet, one) for one in found.copiers]
    if options.place is not None:
        one = _one(seen, options.place, fleet)
        result_tables(options.form, hours_table(one, words))
        if options.form == "table" and not one.is_known_by_hour:
            say(phrase("use_hours_unknown", place=one.place))
        return Exit.OK
    shown = [
        one
        for one in seen
        if options.department is None or fleet.share_of(department.id, one.use.place, found.last)
    ]
    result_tables(options.form, use_table(shown, words), gone_table(shown, words))
    return Exit.OK


def _one(seen: "list[_Seen]", name: str, fleet: Fleet) -> CopierUse:
    """Return the use of the place that is meant; raises BadParameter."""
    last = seen[0].office.last if seen else date.max
    place = named_place(fleet, name, last, "--place")
    one = next((one for one in seen if one.use.place == place.id), None)
    if one is None:
        raise click.BadParameter(phrase("use_not_counted", place=place.id), param_hint="--place")
    if not one.may_show(one.use):
        message = phrase("use_withheld", places=place.id, people=FEWEST_PEOPLE)
        raise click.BadParameter(message, param_hint="--place")
    return one.use


async def _found(
    loaded: "Loaded", options: UtilisationOptions
) -> "tuple[OfficeUse, Fleet, Department]":
    from collector.app.month.uses import office_use

    now = SystemClock().now()
    async with at_office(loaded, now) as (ledger, context):
        department = named_department(context.fleet, options.department)
        span = await _span(ledger, context, options, now)
        with progress(phrase("use_reading"), len(context.fleet.places)) as bar:
            limit = options.limit / _ALL
            found = await office_use(
                *(ledger, context, span, limit), lambda: bar.advance(bar.task_ids[0])
            )
        return found, context.fleet, department


async def _span(
    ledger: "Ledger", context: "OfficeContext", options: UtilisationOptions, now: datetime
) -> tuple[date, date]:
    """Return the first and last day looked at; raises a usage error where there is none."""
    from collector.app.month.months import ended_months

    whole = (await ended_months(ledger, context, now)).whole
    if not whole:
        raise click.UsageError(phrase("no_whole_month"))
    until = options.until or whole[-1].name
    upto = [one for one in whole if one.name <= until]
    since = options.since or (upto[-_MONTHS:] or whole)[0].name
    asked = [one for one in upto if one.name >= since]
    if not asked:
        known = phrase("from_to", first=whole[0].name, last=whole[-1].name)
        message = phrase("use_no_months", known=known)
        raise click.BadParameter(message, param_hint="--since" if options.since else "--until")
    return asked[0].start, asked[-1].end
