"""`copier-fleet demo --sites`: a PostgreSQL, a centre, sites; one is cut off and comes back."""

import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from collector.bootstrap.office import context_of
from collector.bootstrap.service import Service, assemble
from collector.cli.compare import compared_offices, comparison_table
from collector.cli.output import Exit, complain, phrase, progress, result_tables, say
from collector.cli.words import CommandWords
from collector.demo import demo as story
from collector.demo import sites
from collector.demo.postgres import own_postgres, running
from collector.domain.office.office_calendar import Period, fiscal_year
from collector.errors import SinkUnavailable
from collector.ports import Clock
from collector.settings.load import Loaded

Told = dict[str, tuple[sites.DemoSite, Service]]
Play = Callable[[story.DemoOffice, Loaded, int, Clock], Awaitable[None]]
"""Plays so many past months into the ledger of an office."""


@dataclass(frozen=True, slots=True)
class SitesAsked:
    """How many sites live so many months, by which dice; how that is told, and how printed."""

    count: int
    months: int
    seed: int
    language: str
    form: str


async def demo_of_sites(asked: SitesAsked, folder: Path, clock: Clock, play: Play) -> int:
    """Tell the story and print how the sites stand beside one another; all is stopped at the end.

    Exit code 1 where the centre has not all in the end. Raises StoreUnavailable without PostgreSQL.
    """
    async with AsyncExitStack() as stack:
        for one in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: everything is stopped
            before = signal.signal(one, signal.getsignal(signal.SIGINT))
            stack.callback(signal.signal, one, before)
        say(phrase("demo_sites_postgres"))
        made = stack.enter_context(own_postgres(sites.free_port()))
        await stack.enter_async_context(running(made))
        at_centre = sites.DemoCentre.opened(made.url(), folder / "centre")
        centre = await stack.enter_async_context(at_centre)
        say(phrase("demo_sites_centre", count=asked.count))
        towns, months = await _settled(centre, asked, stack, clock, play)
        await _live(centre, towns)
        code = await _same(centre, towns)
        shown = await _compared(centre, asked, months[-1].name, towns)
        say(phrase("demo_look", file=next(iter(towns.values()))[0].loaded.config_path))
        say(phrase("demo_sites_stopping"))
        return code or shown


async def _settled(
    centre: sites.DemoCentre,
    asked: SitesAsked,
    stack: AsyncExitStack,
    clock: Clock,
    play: Play,
) -> tuple[Told, tuple[Period, ...]]:
    """Let every site live its past, close its months and tell its centre all of it."""
    towns: Told = {}
    months: tuple[Period, ...] = ()
    for name, office in sites.offices(asked.count, asked.seed):
        ports = await office.start(stack)
        address = await centre.admit(name)
        settled = partial(sites.settle, centre, name, office, ports, address)
        language = asked.language
        loaded = settled(year_begins=1, language=language).loaded
        calendar = context_of(loaded, clock.now().date()).office
        first = story.first_day_of_story(calendar, clock.now(), asked.months)
        site = settled(year_begins=first.month, language=language)
        say(phrase("demo_sites_site", site=name))
        await play(office, site.loaded, asked.months, clock)
        service = await assemble(site.loaded, stack, clock)
        towns[name] = (site, service)
        months = await _closed(service, clock, asked.months, election=len(towns) == 1)
        await _tell(name, service)
    return towns, months


async def _closed(
    service: Service, clock: Clock, count: int, *, election: bool
) -> tuple[Period, ...]:
    context = service.current.context
    today = context.office.local_day(service.clock.now())
    await service.refresh.new_day(today)
    context = service.current.context
    if election:
        period = context.office.before(context.office.period_of(today), 1)
        place = context.fleet.places[0].id
        await sites.declare_election(service.ledger, context, period, place, clock)
    with progress(phrase("demo_sites_closing"), count) as bar:
        advance = partial(bar.advance, bar.task_ids[0])
        return await sites.close_past(service.ledger, context, clock, advance)


async def _tell(name: str, service: Service) -> None:
    """Tell the centre all that waits; that a site is cut off is said, and nothing else happens."""
    for delivery in service.deliveries:
        waiting = await delivery.backlog()
        before = delivery.delivered
        try:
            with progress(phrase("demo_sites_telling", site=name), waiting) as bar:
                while await delivery():
                    bar.update(bar.task_ids[0], completed=waiting - await delivery.backlog())
        except SinkUnavailable:
            left = await delivery.backlog()
            say(phrase("demo_sites_waits", site=name, count=left))
        else:
            say(phrase("demo_sites_told", site=name, count=delivery.delivered - before))


async def _live(centre: sites.DemoCentre, towns: Told) -> None:
    """Poll all; the last site is cut off meanwhile, and told of again when it comes back."""
    cut = [*towns][-1]
    await centre.shut(cut)
    say(phrase("demo_sites_cut", site=cut))
    for name, (site, service) in towns.items():
        site.office.pass_time(service.clock.now())
        site.office.print_a_little()
        with progress(phrase("demo_sites_polling", site=name), len(site.office.agents)) as bar:
            advance = partial(bar.advance, bar.task_ids[0])
            await story.live_round(service, site.loaded, advance)
        await _tell(name, service)
    await centre.open(cut)
    say(phrase("demo_sites_back", site=cut))
    await _tell(cut, towns[cut][1])


async def _same(centre: sites.DemoCentre, towns: Told) -> int:
    code = Exit.OK
    for name, (_, service) in towns.items():
        held = await centre.holds(name, service.ledger)
        stated = {"site": name, "readings": held.readings, "statements": held.statements}
        if held.is_same:
            say(phrase("demo_sites_same", **stated))
        else:
            complain(phrase("demo_sites_differs", **stated))
            code = Exit.FINDINGS
    return code


async def _compared(centre: sites.DemoCentre, asked: SitesAsked, month: str, towns: Told) -> int:
    """Print the sites beside one another, as the centre has them."""
    context = next(iter(towns.values()))[1].current.context
    base_year = fiscal_year(month, context.office.year_begins) - 1
    found = await compared_offices(
        centre.database, centre.folder / "sites", [*towns], month, base_year
    )
    words = CommandWords(asked.language)
    result_tables(asked.form, comparison_table(found, words, month, base_year))
    return Exit.OK if len(found) == len(towns) else Exit.FINDINGS
