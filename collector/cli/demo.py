"""`copier-fleet demo`: a small town hall, counted end to end, in a quarter of a minute."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import click

from collector.adapters.clock import ShiftedClock, SystemClock
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.centre.deliver import DeliverFacts
from collector.app.month.months import Months
from collector.app.publish.deliver import Deliver
from collector.bootstrap.office import context_of, open_ledger
from collector.bootstrap.pages import pages_now, put_pages
from collector.bootstrap.service import Service, assemble, serve
from collector.cli.language import speak
from collector.cli.month import months_table
from collector.cli.options import formatted, into
from collector.cli.output import Exit, complain, listed, phrase, progress, result_tables, say
from collector.cli.run import set_up_log
from collector.cli.status import findings_table
from collector.cli.words import CommandWords
from collector.demo import demo as story
from collector.demo.town import influx_of, load_configuration, old_sheets, write_configuration
from collector.domain.counting.findings import Finding, Severity
from collector.domain.office.shares import PlaceId
from collector.errors import SinkError
from collector.ports import Clock
from collector.settings.load import Loaded
from collector.texts import Texts

_ROUNDS = 5
_ASKED_IN_VAIN = 2
"""Rounds in which a silent machine is asked; then it rests, as it does with the service."""

_MARGIN_S = 0.05

_SERVE_PRINT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What the user asked of the demo."""

    folder: Path | None
    months: int
    seed: int
    language: str
    influx_url: str | None
    database: str
    influx_org: str | None
    influx_token: str | None
    stays: bool
    until: datetime | None
    sites: int | None
    form: str


@click.command()
@click.option("--serve", "stays", is_flag=True, help="Keep the office and the service running.")
@click.option("--influx", "influx_url", metavar="URL", help="Publish to this InfluxDB as well.")
@click.option("--database", default="copier_fleet", show_default=True, help="Its database.")
@click.option("--influx-org", metavar="ORG", help="Its organisation (InfluxDB 2.x).")
@click.option(
    "--influx-token",
    metavar="TOKEN",
    envvar="COPIER_FLEET__INFLUX__TOKEN",
    show_envvar=True,
    help="Its token (InfluxDB 2.x); better in the environment.",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to put configuration and ledger; default: a new temporary folder.",
)
@click.option(
    "--months",
    type=click.IntRange(1, 36),
    default=3,
    show_default=True,
    help="Past months to play before the live polls.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Let the story end in the afternoon of this day instead of now: for pictures.",
)
@click.option(
    "--sites",
    type=click.IntRange(2, 4),
    help="Show so many small sites instead, and a centre that keeps what all of them tell: starts "
    "PostgreSQL, cuts one site off, brings it back, and compares them.",
)
@click.option("--seed", type=int, default=2026, show_default=True, help="Same seed, same story.")
@click.option(
    "--lang", "language", type=click.Choice(["ja", "en"]), default="ja", show_default=True
)
@formatted
@into(DemoOptions)
def demo(options: DemoOptions) -> int:
    """Count a simulated town hall: twelve mixed copiers, five departments, three months.

    Every copier is a real SNMP agent on loopback. Past office days go through the same rules and
    ledger; then the fleet is polled over UDP, with one machine dead, one replaced, one reset.
    With --sites a PostgreSQL, a centre and so many small offices are started instead.
    """
    speak(options.language)
    if options.sites is not None and (options.stays or options.influx_url):
        raise click.UsageError(phrase("demo_sites_alone"))
    folder = options.folder or Path(tempfile.mkdtemp(prefix="copier-fleet-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "ledger.sqlite3").exists():
        raise click.BadParameter(phrase("demo_ledger_there", folder=folder))
    if options.sites is not None:
        return _sites(options, options.sites, folder)
    return asyncio.run(_demo(options, folder))


def _sites(options: DemoOptions, count: int, folder: Path) -> int:
    from collector.cli.demo_sites import SitesAsked, demo_of_sites

    asked = SitesAsked(count, options.months, options.seed, options.language, options.form)
    return asyncio.run(demo_of_sites(asked, folder, _clock(options.until), _past))


async def _demo(options: DemoOptions, folder: Path) -> int:
    async with AsyncExitStack() as stack:
        clock = _clock(options.until)
        office = story.DemoOffice(options.seed)
        ports = await office.start(stack)
        config = write_configuration(
            folder,
            ports,
            language=options.language,
            influx=influx_of(options.influx_url, options.database, options.influx_org),
            token=options.influx_token,
            now=clock.now(),
        )
        loaded = load_configuration(config)
        await _past(office, loaded, options.months, clock)
        code = await _present(office, loaded, options.form, clock)
        pages = loaded.settings.pages.dir
        if pages is not None:
            put_pages(pages, await pages_now(loaded, clock.now(), options.language), clock.now())
            say(phrase("demo_pages", file=pages / "index.html"))
        say(phrase("demo_ledger", file=loaded.settings.ledger.path))
        say(phrase("demo_look", file=config))
        if options.stays:
            return await _stay(office, config, clock)
        return code


_AFTERNOON: Final = time(15)


def _clock(until: datetime | None) -> Clock:
    """Return the clock of the story: this computer's, or one that goes on from that afternoon."""
    now = SystemClock().now()
    if until is None:
        return SystemClock()
    then = datetime.combine(until.date(), _AFTERNOON, tzinfo=ZoneInfo("Asia/Tokyo"))
    return ShiftedClock(SystemClock(), then - now)


async def _past(office: story.DemoOffice, loaded: Loaded, months: int, clock: Clock) -> None:
    """Play the past months into the ledger."""
    ledger = await open_ledger(loaded.settings)
    try:
        await _play(office, loaded, ledger, months, clock)
    finally:
        await ledger.close()


async def _play(
    office: story.DemoOffice, loaded: Loaded, ledger: SqliteLedger, months: int, clock: Clock
) -> None:
    now = clock.now().replace(microsecond=0)
    context = context_of(loaded, now.date())
    first = story.first_day_of_story(context.office, now, months)
    texts = Texts(loaded.settings.office.language)
    await ledger.amend(old_sheets(context.office, first, texts, now, office.spots), ())
    history = story.DemoPast(office, ledger, context, now)
    say(phrase("demo_playing", count=len(office.agents), first=first))
    began = asyncio.get_running_loop().time()
    with progress(phrase("demo_days"), history.days(first)) as bar:
        readings = await history.fill(first, partial(bar.advance, bar.task_ids[0]))
    seconds = asyncio.get_running_loop().time() - began
    say(phrase("demo_played", readings=readings, seconds=seconds))


async def _present(office: story.DemoOffice, loaded: Loaded, form: str, clock: Clock) -> int:
    """Poll live, publish where asked, and show the month."""
    words = CommandWords(loaded.settings.office.language)
    async with AsyncExitStack() as stack:
        service = await assemble(loaded, stack, clock)
        now = service.clock.now()
        await service.refresh.new_day(service.current.context.office.local_day(now))
        findings = await _live(office, service, loaded)
        code = await _publish(service.deliveries)
        context = service.current.context
        period = context.office.period_of(context.office.local_day(now))
        stated = await Months(service.ledger, context, service.clock.now()).came_to(period)
        notable = [one for one in findings if one.severity is not Severity.INFO]
        months = months_table(stated.departments, words, stated.office)
        result_tables(form, months, findings_table(notable, words, context.office.zone))
    return code


async def _live(office: story.DemoOffice, service: Service, loaded: Loaded) -> Sequence[Finding]:
    office.die()
    silent = Counter[PlaceId]()
    for number in range(1, _ROUNDS + 1):
        if number == 2:  # noqa: PLR2004 - the first round still finds the old machines
            office.replace_one()
            office.reset_one()
        office.pass_time(service.clock.now())
        office.print_a_little()
        with progress(
            phrase("demo_round_label", number=number, of=_ROUNDS), len(office.agents)
        ) as bar:
            resting = [place for place, rounds in silent.items() if rounds >= _ASKED_IN_VAIN]
            advance = partial(bar.advance, bar.task_ids[0])
            done = await story.live_round(service, loaded, advance, resting)
        silent.update(done.silent)
        named = phrase("demo_silent", places=listed(done.silent)) if done.silent else ""
        say(
            phrase(
                "demo_round",
                number=number,
                of=_ROUNDS,
                polled=done.polled,
                seconds=done.seconds,
                findings=named,
            )
        )
        for finding in done.news:
            say(f"  {finding.subject}: {finding.code.value}")
        await asyncio.sleep(_until_next_second(done.still_s) if number < _ROUNDS else 0)
    return await service.ledger.findings()


def _until_next_second(still_s: float) -> float:
    """Return how long to wait where the last answer came `still_s` ago, in this very second.

    Readings are kept by the second, so a round begins in another one than the last has ended in.
    """
    gone_s = SystemClock().now().microsecond / 1e6
    return 0.0 if still_s > gone_s + _MARGIN_S else 1.0 - gone_s + _MARGIN_S


async def _publish(deliveries: Sequence[Deliver | DeliverFacts]) -> int:
    """Hand everything to every sink, with a bar; a sink that fails is told in a sentence."""
    for delivery in deliveries:
        try:
            with progress(phrase("demo_to", sink=delivery.name), await delivery.backlog()) as bar:
                more = True
                while more:
                    more = await delivery()
                    bar.update(bar.task_ids[0], completed=delivery.passed)
        except SinkError as error:
            complain(f"{delivery.name}: {error}")
            return Exit.FINDINGS
        say(phrase("demo_delivered", rows=delivery.delivered, sink=delivery.name))
    return Exit.OK


async def _stay(office: story.DemoOffice, config: Path, clock: Clock) -> int:
    """Run the service over the simulated office until it is stopped."""
    say(phrase("demo_serving"))
    set_up_log(load_configuration(config))

    loaded = load_configuration(config)
    town = context_of(loaded, clock.now().date()).office

    async def people() -> None:
        since = clock.now()
        while True:
            await asyncio.sleep(_SERVE_PRINT_S)
            now = clock.now()
            office.pass_time(now)
            office.print_by_the_hour(since, now, town)
            since = now

    async with asyncio.TaskGroup() as group:
        printing = group.create_task(people(), name="people")
        code = await serve(lambda: load_configuration(config), clock)
        printing.cancel()
    return code
