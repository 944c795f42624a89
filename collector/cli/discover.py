"""`copier-fleet discover`: which printers stand in a network, and how they stand to the fleet."""

import asyncio
import ipaddress
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from collector.adapters.clock import SystemClock
from collector.bootstrap.discovery import NetworkSearch, known_places, search, where_hosts_lead
from collector.bootstrap.machines import Patience
from collector.cli.asked import Access, AccessOptions, with_keys
from collector.cli.discover_output import SearchResult, show, show_news, write_entries
from collector.cli.options import configured, formatted, into
from collector.cli.output import Exit, phrase, progress, say, worded
from collector.domain.discovered import (
    AddressVerdict,
    KnownPlaces,
    SearchTally,
    Sighting,
    compared,
    joined,
    placed,
)
from collector.domain.sentence import Sentence
from collector.errors import said
from collector.runtime.sweep import happens_within
from collector.settings.address_ranges import AddressRanges, read_ranges, size_problem
from collector.settings.load import Loaded
from collector.user_files.report import refusal

# A search of the network as it runs: the bar, Ctrl-C, one look or many.


# Spans of time at the command line: 45s, 30min, 1h, 1d.


_UNITS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_LONGEST_S: Final = 30 * 86400


def seconds(text: str) -> float:
    """Return a span with its unit, 1 second to 30 days, in seconds; raises BadParameter."""
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]+)\s*", text.casefold())
    if match is None or match[2] not in _UNITS:
        raise click.BadParameter(phrase("no_span", text=text))
    span = float(match[1]) * _UNITS[match[2]]
    if not 1 <= span <= _LONGEST_S:
        raise click.BadParameter(phrase("span_range", text=text))
    return span


_INTERRUPTED: Final = 128 + signal.SIGINT
_LONG_S: Final = 60
"""A search that takes longer than this says so before it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverOptions(AccessOptions):
    """What the command line asks for."""

    targets: tuple[str, ...]
    output: Path | None
    shows_others: bool
    compare: bool | None
    watch: bool
    every: float
    rate: float
    timeout: float
    retries: int
    yes: bool
    form: str


@dataclass(frozen=True, slots=True)
class _Search:
    """The same, checked: what is asked, and with which keys."""

    options: DiscoverOptions
    ask: Access
    network: NetworkSearch
    hosts: dict[str, str]

    @property
    def compares(self) -> bool:
        """Whether what is found is held against the fleet file."""
        stated = self.options.compare
        return self.options.watch or (self.ask.loaded is not None if stated is None else stated)

    async def look_once(self) -> int:
        """Ask every address once, show what was found, and return the exit code."""
        with stopping() as stop:
            found = await self.look(stop)
            interrupted = stop.is_set()
        self.show(found)
        self.write(found)
        if interrupted:
            say(phrase("discover_stopped", asked=found.asked, of=found.of))
            return _INTERRUPTED
        return Exit.FINDINGS if found.findings else Exit.OK

    async def watch_on(self) -> int:
        """Look again and again, and tell of each finding once, until a signal comes."""
        told: set[str] = set()
        is_first, is_read = True, self.options.form == "table"
        with stopping() as stop:
            while not stop.is_set():
                due = asyncio.get_running_loop().time() + self.options.every
                found = await self.look(stop)
                if is_first and is_read:
                    self.show(found)
                news = [one for one in found.findings if one.id not in told]
                told.update(one.id for one in news)
                if not (is_first and is_read):
                    now, form = SystemClock().now(), self.options.form
                    show_news(news, now, self.ask.loaded, form, is_first=is_first)
                if is_first:
                    self.write(found)
                is_first = False
                await happens_within(stop, due - asyncio.get_running_loop().time())
        say(phrase("watch_stopped"))
        return Exit.OK

    def show(self, found: SearchResult) -> None:
        """Print what was found."""
        shows_others = self.options.shows_others
        show(found, self.ask.loaded, self.options.form, shows_others=shows_others)

    def write(self, found: SearchResult) -> None:
        """Write what is new to the file that was named, if any."""
        if self.options.output is not None:
            write_entries(found, self.ask, self.options.output)

    async def look(self, stop: asyncio.Event) -> SearchResult:
        """Ask every address once, until `stop`."""
        loaded = self.ask.loaded
        tally, seconds = await sightings(self.network, stop, loaded, self.hosts)
        ours, notes = KnownPlaces(), list[Sentence]()
        if self.compares and loaded is not None:
            ours, notes = await known_places(loaded)
        standing = placed(joined(tally.answered), ours)
        findings = compared(standing, ours) if self.compares else ()
        count = self.network.ranges.count
        return SearchResult(tally, standing, findings, count, seconds, tuple(notes))


async def sightings(
    network: NetworkSearch,
    stop: asyncio.Event,
    loaded: Loaded | None = None,
    hosts: Mapping[str, str] = MappingProxyType({}),
) -> tuple[SearchTally, float]:
    """Ask every address once, with a bar, until `stop`: what each said, and after how long."""
    tally = SearchTally()
    began = asyncio.get_running_loop().time()
    with _telling(network) as tell:

        def done(one: Sighting) -> None:
            tally.add(one)
            tell(one)

        await search(network, loaded, hosts, done, stop)
    tally.answered.sort(key=_by_address)  # who answers first is chance
    return tally, asyncio.get_running_loop().time() - began


def _by_address(one: Sighting) -> tuple[int, int]:
    address = ipaddress.ip_address(one.ip.partition("%")[0])
    return address.version, int(address)


@contextmanager
def _telling(network: NetworkSearch) -> Iterator[Callable[[Sighting], None]]:
    """Show a bar on a terminal; elsewhere, and before a long search, one line."""
    count, printers = network.ranges.count, 0
    tries = (network.patience.retries + 1) * len(network.keys)
    longest = count * tries / network.rate
    with progress(phrase("asking"), count) as bar:
        if bar.disable or longest > _LONG_S:
            about = phrase("minutes_at_most", minutes=longest / 60) if longest > _LONG_S else ""
            rate = phrase("rate_at_most", rate=network.rate)
            say(phrase("asking_addresses", count=count, rate=rate, about=about))

        def tell(one: Sighting) -> None:
            nonlocal printers
            printers += one.verdict is AddressVerdict.PRINTER
            bar.update(
                bar.task_ids[0], advance=1, description=phrase("asking_found", printers=printers)
            )

        yield tell


@contextmanager
def stopping() -> Iterator[asyncio.Event]:
    """Give an event that the first Ctrl-C or SIGTERM sets; the second ends the program at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def first() -> None:
        stop.set()
        for number in numbers:
            loop.remove_signal_handler(number)

    for number in numbers:
        loop.add_signal_handler(number, first)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


_SUFFIXES: Final = (".toml", ".csv")


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the machines that are new as fleet entries for review, to a .toml or .csv file "
    "(for `fleet import`). Never overwrites, and never changes the fleet file itself.",
)
@click.option("--all", "shows_others", is_flag=True, help="List agents that are no printers, too.")
@click.option(
    "--compare/--no-compare",
    default=None,
    help="Compare with the fleet file and with the serial numbers in the ledger. Default: compare "
    "where there is a configuration.",
)
@click.option("--watch", is_flag=True, help="Go on, and tell of every change once.")
@click.option(
    "--every",
    type=seconds,
    default="1h",
    show_default=True,
    metavar="TIME",
    help="How often --watch looks, like 30min, 1h or 1d.",
)
@click.option(
    "--rate",
    type=click.FloatRange(1, 5000),
    default=100.0,
    show_default=True,
    help="Questions a second, at most, to addresses that have not answered; a machine that "
    "answers is asked one thing after another.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 30),
    default=1.0,
    show_default=True,
    help="Seconds to wait for an answer; printers found are given three times that.",
)
@click.option(
    "--retries",
    type=click.IntRange(0, 5),
    default=1,
    show_default=True,
    help="How often a silent address is asked again.",
)
@click.option("--yes", is_flag=True, help="Ask even more addresses than a /16 has.")
@formatted
@with_keys
@configured
@into(DiscoverOptions)
def discover(options: DiscoverOptions) -> int:
    """Find the printers at TARGETs: networks, ranges, addresses, host names.

    As in: discover 10.1.2.0/24 10.1.4.10-10.1.4.50 10.1.3.5 copier.example

    Asks by SNMP over UDP only, with the keys that are named and no other. The addresses of a
    network itself and its broadcast are left out. One machine with two addresses is one line.

    Exit code 0 where the fleet file and the network agree (or were not compared), 1 where there
    are findings. Ctrl-C stops and shows what was found so far.
    """
    _check_output(options.output)
    ranges = ranges_of(options.targets, agreed=options.yes)
    ask = options.access()
    if (options.watch or options.compare) and ask.loaded is None:
        option = "--watch" if options.watch else "--compare"
        raise click.UsageError(phrase("compare_needs_config", option=option))
    hosts, lost = asyncio.run(where_hosts_lead(ranges.hosts))
    if lost:
        raise click.UsageError(_listed([*map(worded, lost)]))
    patience = Patience(options.timeout, options.retries)
    network = NetworkSearch(ranges, ask.keys, options.port, options.rate, patience)
    wanted = _Search(options, ask, network, hosts)
    return asyncio.run(wanted.watch_on() if options.watch else wanted.look_once())


def _check_output(output: Path | None) -> None:
    if output is None:
        return
    if output.suffix.casefold() not in _SUFFIXES:
        raise click.UsageError(phrase("toml_or_csv", file=output))
    if output.exists():
        raise refusal(output, said("exists_never"))


def ranges_of(targets: tuple[str, ...], *, agreed: bool) -> AddressRanges:
    """Return the addresses of `targets`; raises UsageError with everything wrong with them."""
    ranges, problems = read_ranges(targets)
    too_many = size_problem(ranges, agreed=agreed)
    problems += [too_many] if too_many else []
    if problems:
        raise click.UsageError(_listed([*map(worded, problems)]))
    if not ranges.count:
        raise click.UsageError(phrase("no_address"))
    return ranges


def _listed(problems: list[str]) -> str:
    return problems[0] if len(problems) == 1 else "\n  ".join([phrase("nothing_asked"), *problems])
