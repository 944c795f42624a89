"""A search of the network as it runs: the bar, Ctrl-C, one look or many."""

import asyncio
import ipaddress
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.progress import TaskID

from collector.adapters.clock import SystemClock
from collector.bootstrap.discovery import Search, books_of, search
from collector.cli.asked import Asked
from collector.cli.discover_output import Found, show, show_news, write_entries
from collector.cli.output import Exit, progress, say
from collector.domain.discovered import (
    Books,
    Sighting,
    Tally,
    Verdict,
    compared,
    joined,
    standings,
)
from collector.runtime.waiting import happens_within

_INTERRUPTED: Final = 128 + signal.SIGINT
_LONG_S: Final = 60
"""A search that takes longer than this says so before it begins."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for, checked."""

    search: Search
    hosts: dict[str, str]
    ask: Asked
    compares: bool
    shows_others: bool
    output: Path | None
    as_json: bool


async def look_once(wish: Wish) -> int:
    """Ask every address once, show what was found, and return the exit code."""
    with _stopping() as stop:
        found = await _look(wish, stop)
        interrupted = stop.is_set()
    show(found, wish.ask.loaded, shows_others=wish.shows_others, as_json=wish.as_json)
    if wish.output is not None:
        write_entries(found, wish.ask, wish.output)
    if interrupted:
        say(f"stopped after {found.asked:,} of {found.of:,} addresses")
        return _INTERRUPTED
    return Exit.FINDINGS if found.findings else Exit.OK


async def watch_on(wish: Wish, every: float) -> int:
    """Look again and again, and tell of each finding once, until a signal comes."""
    told: set[str] = set()
    is_first = True
    with _stopping() as stop:
        while not stop.is_set():
            due = asyncio.get_running_loop().time() + every
            found = await _look(wish, stop)
            if is_first and not wish.as_json:
                show(found, wish.ask.loaded, shows_others=wish.shows_others, as_json=False)
            news = [one for one in found.findings if one.id not in told]
            told.update(one.id for one in news)
            if wish.as_json or not is_first:
                show_news(news, SystemClock().now(), wish.ask.loaded, as_json=wish.as_json)
            if is_first and wish.output is not None:
                write_entries(found, wish.ask, wish.output)
            is_first = False
            await happens_within(stop, due - asyncio.get_running_loop().time())
    say("stopped watching")
    return Exit.OK


async def _look(wish: Wish, stop: asyncio.Event) -> Found:
    tally = Tally()
    began = asyncio.get_running_loop().time()
    with _telling(wish) as tell:

        def done(one: Sighting) -> None:
            tally.add(one)
            tell(one)

        await search(wish.search, wish.ask.loaded, wish.hosts, done, stop)
    seconds = asyncio.get_running_loop().time() - began
    books, notes = Books(), list[str]()
    if wish.compares and wish.ask.loaded is not None:
        books, notes = await books_of(wish.ask.loaded)
    tally.answered.sort(key=_by_address)  # who answers first is chance
    standing = standings(joined(tally.answered), books)
    findings = compared(standing, books) if wish.compares else ()
    return Found(tally, standing, findings, wish.search.ranges.count, seconds, tuple(notes))


def _by_address(one: Sighting) -> tuple[int, int]:
    address = ipaddress.ip_address(one.ip.partition("%")[0])
    return address.version, int(address)


@contextmanager
def _telling(wish: Wish) -> Iterator[Callable[[Sighting], None]]:
    """Show a bar on a terminal; elsewhere, and before a long search, one line."""
    count, printers = wish.search.ranges.count, 0
    tries = (wish.search.patience.retries + 1) * len(wish.search.keys)
    longest = count * tries / wish.search.rate
    with progress("asking", count) as bar:
        if bar.disable or longest > _LONG_S:
            about = f", {longest / 60:.0f} minutes at most" if longest > _LONG_S else ""
            rate = f"at most {wish.search.rate:g} questions a second"
            say(f"asking {count:,} addresses, {rate}{about}")

        def tell(one: Sighting) -> None:
            nonlocal printers
            printers += one.verdict is Verdict.PRINTER
            bar.update(TaskID(0), advance=1, description=f"asking ({printers} printers found)")

        yield tell


@contextmanager
def _stopping() -> Iterator[asyncio.Event]:
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
