"""`copier-fleet discover`: which printers stand in a network, and how they stand to the fleet."""

import asyncio
from pathlib import Path
from typing import Final

import click

from collector.bootstrap.agents import Patience
from collector.bootstrap.discovery import Search, where_hosts_lead
from collector.cli.asked import asked, with_keys
from collector.cli.discover_run import Wish, look_once, watch_on
from collector.cli.durations import seconds
from collector.cli.options import configured, json_option
from collector.errors import ConfigError, Problem
from collector.settings.address_ranges import AddressRanges, read_ranges, size_problem

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
@json_option
@with_keys
@configured
def discover(  # noqa: PLR0913 - one argument an option
    targets: tuple[str, ...],
    *,
    output: Path | None,
    shows_others: bool,
    compare: bool | None,
    watch: bool,
    every: float,
    rate: float,
    timeout: float,
    retries: int,
    yes: bool,
    as_json: bool,
    credentials: tuple[str, ...],
    communities: tuple[str, ...],
    v1: bool,
    port: int,
    config: Path,
    secrets: tuple[Path, ...],
) -> int:
    """Find the printers at TARGETs: networks, ranges, addresses, host names.

    As in: discover 10.1.2.0/24 10.1.4.10-10.1.4.50 10.1.3.5 copier.example

    Asks by SNMP over UDP only, with the keys that are named and no other. The addresses of a
    network itself and its broadcast are left out. One machine with two addresses is one line.

    Exit code 0 where the fleet file and the network agree (or were not compared), 1 where there
    are findings. Ctrl-C stops and shows what was found so far.
    """
    _check_output(output)
    ranges = _ranges(targets, agreed=yes)
    ask = asked(config, secrets, credentials, communities, v1=v1)
    compares = ask.loaded is not None if compare is None else compare
    if (watch or compares) and ask.loaded is None:
        option = "--watch" if watch else "--compare"
        raise click.UsageError(
            f"{option} compares with a fleet file; name its configuration with --config"
        )
    hosts, lost = asyncio.run(where_hosts_lead(ranges.hosts))
    if lost:
        raise click.UsageError(_listed(lost))
    patience = Patience(timeout, retries)
    wish = Wish(
        search=Search(ranges, ask.keys, port, rate, patience),
        hosts=hosts,
        ask=ask,
        compares=compares or watch,
        shows_others=shows_others,
        output=output,
        as_json=as_json,
    )
    return asyncio.run(watch_on(wish, every) if watch else look_once(wish))


def _check_output(output: Path | None) -> None:
    if output is None:
        return
    if output.suffix.casefold() not in _SUFFIXES:
        raise click.UsageError(f"{output}: name a file that ends in .toml or .csv")
    if output.exists():
        message = "exists already and is not overwritten; name another file"
        raise ConfigError([Problem(str(output), message)])


def _ranges(targets: tuple[str, ...], *, agreed: bool) -> AddressRanges:
    ranges, problems = read_ranges(targets)
    too_many = size_problem(ranges, agreed=agreed)
    problems += [too_many] if too_many else []
    if problems:
        raise click.UsageError(_listed(problems))
    if not ranges.count:
        raise click.UsageError("there is no address in what was named; write one like 10.1.2.0/24")
    return ranges


def _listed(problems: list[str]) -> str:
    return problems[0] if len(problems) == 1 else "\n  ".join(["nothing was asked:", *problems])
