"""How much one centre takes: `python -m tests.sites.load [steady ceiling growth sizes outage]`.

Or `make sites-load`. Sites send batches that were made beforehand to processes of a real centre
over a PostgreSQL that waits for this machine's disk; sender, centre and PostgreSQL share its cores,
and the CPU of each is printed. What was acknowledged is held against what is stored, site by site.

Exit code 1 where anything is not stored that was acknowledged, or is stored twice.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from collector.cli.output import result, say
from tests.bench.__main__ import machine
from tests.patience import PATIENCE_S
from tests.sites.centres import Centres, centres
from tests.sites.gauges import Used
from tests.sites.premade import Premade, premade
from tests.sites.sender import SendingSite, sent

Figures = dict[str, float | str]
"""By name, in the order in which they are printed."""

_KEPT_UP_S: Final = 1.0
"""A backlog of less than what is due in so long does not grow."""
_STEPS: Final = (0.6, 0.8, 0.9, 1.0, 1.1, 1.25)
_FLOOD: Final = 3
"""So many times the steady rate is what shows how fast it can go at all."""
_CALM: Final = 300.0
"""Readings a second at which nothing waits for anything, so that the cost alone is seen."""
_EVERY_S: Final = 300.0
_PER_HOUR: Final = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured. `gather_s` is how long a site lets readings gather, as the program does."""

    sites: int = 62
    copiers: int = 12_000
    rate: float = 2000.0
    seconds: float = 600.0
    gather_s: float = 2.0
    processes: tuple[int, ...] = (1, 2)
    step_s: float = 12.0
    growth: tuple[int, ...] = (1, 8, 62, 500, 1741)
    growth_readings: int = 4000
    sizes: tuple[int, ...] = (1, 8, 64, 500)
    live_sites: int = 8
    outage_s: float = 240.0

    @property
    def each(self) -> int:
        """Copiers of one site."""
        return max(1, self.copiers // self.sites)

    @property
    def gathered(self) -> int:
        """Readings of a batch at the steady rate."""
        return max(1, round(self.rate * self.gather_s / self.sites))


def share(values: Sequence[float], of: float) -> float:
    """Return the value below which so great a share of `values` lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(of * len(ordered)))] if ordered else 0.0


def evenly(rate: float, sites: int, size: int, batches: int) -> Callable[[int], list[float]]:
    """Return when the batches of `size` of each of `sites` are due, at `rate` readings a second."""
    every = size * sites / rate
    return lambda number: [every * (turn + number / sites) for turn in range(batches)]


def on(sites: Sequence[SendingSite], due: Callable[[int], Sequence[float]]) -> list[SendingSite]:
    """Return `sites`, which go on with what is due then."""
    return [one.going_on(due(number)) for number, one in enumerate(sites)]


def cost(spent: Used, sites: Sequence[SendingSite], since: float = 0.0) -> Figures:
    """Return what a reading cost, of those answered after `since`."""
    readings = sum(one.readings for each in sites for one in each.answered if one.at >= since)
    each = max(1, readings)
    return {
        "readings": readings,
        "ms CPU a reading, centre": 1000 * sum(spent.ingest_s) / each,
        "ms CPU a reading, PostgreSQL": 1000 * spent.postgres_s / each,
        "ms CPU a reading, sender": 1000 * spent.sender_s / each,
        "octets a reading, WAL": spent.wal / each,
        "octets a reading, tables": spent.tables / each,
        "octets a reading, indexes": spent.indexes / each,
    }


def flow(spent: Used, sites: Sequence[SendingSite], seconds: float) -> Figures:
    """Return how fast it went within `seconds`, what waited, and what was used up first."""
    answered = [one for each in sites for one in each.answered]
    within = sum(one.readings for one in answered if one.at <= seconds)
    due = sum(made.readings for each in sites for made, at in each.expected() if at < seconds)
    waits = [1000 * (one.at - one.sent) for one in answered]
    late = [1000 * one.late_s for one in answered]
    said = sum((one.said for one in sites), Counter[int]())
    octets = sum(one.octets for one in sites) / max(1, sum(one.readings for one in answered))
    return {
        "readings due a second": due / seconds,
        "readings taken a second": within / seconds,
        "backlog at the end, readings": due - within,
        "ms to an answer, p50": share(waits, 0.5),
        "ms to an answer, p99": share(waits, 0.99),
        "ms to an answer, max": share(waits, 1.0),
        "ms from due to answered, p50": share(late, 0.5),
        "ms from due to answered, p99": share(late, 0.99),
        "ms from due to answered, max": share(late, 1.0),
        "answers 429": said[429],
        "answers 503 or none": said[503] + said[0],
        "octets a reading on the line": octets,
        **{f"used: {what}": used for what, used in spent.shares.items()},
        "reached first": spent.reached_first(),
    }


def counted(found: Centres, sites: Sequence[SendingSite]) -> Figures:
    """Return what was sent, what is stored, and where they differ."""
    compared = found.compared(sites)
    return {
        "sent": compared.sent,
        "stored": compared.stored,
        "sites that differ": len(compared.differing),
        **({"differs": compared.differing[0]} if compared.differing else {}),
    }


async def _sampled(found: Centres, sites: Sequence[SendingSite], plan: Plan) -> list[Used]:
    """Look at everything ten times while it goes on."""
    gauges, seen = found.gauges(), []

    async def look() -> None:
        for _ in range(9):
            await asyncio.sleep(plan.seconds / 10)
            seen.append(gauges.look(tables=False))

    begun = await asyncio.to_thread(gauges.look)
    async with asyncio.TaskGroup() as group:
        group.create_task(look())
        group.create_task(sent(sites, plan.seconds))
    return [begun, *seen, await asyncio.to_thread(gauges.look)]


def steady(plan: Plan, folder: Path) -> Figures:
    """Return what came of the steady load, by the most processes."""
    turns = int(plan.seconds * plan.rate / plan.sites / plan.gathered) + 1
    chain = asyncio.run(premade(plan.each, [plan.each, *[plan.gathered] * turns]))
    due = evenly(plan.rate, plan.sites, plan.gathered, turns)
    with centres(folder, plan.processes[-1]) as found:
        sites = on(found.sites("steady", plan.sites, chain, plan.each), due)
        looks = asyncio.run(_sampled(found, sites, plan))
        spent = looks[-1].since(looks[0])
        memory = found.gauges().memory()
        return {
            "ingest processes": plan.processes[-1],
            "readings in a batch": plan.gathered,
            **flow(spent, sites, plan.seconds),
            **cost(spent, sites),
            **_later(looks, sites),
            "MB of memory, an ingest process": memory["ingest"] / 1e6,
            "MB of memory, PostgreSQL": memory["postgres"] / 1e6,
            **counted(found, sites),
        }


def _later(looks: Sequence[Used], sites: Sequence[SendingSite]) -> Figures:
    """Return what a reading cost in the last tenth beside the second, while the tables grew."""

    def each(first: int) -> tuple[float, float]:
        begin, end = (looks[number].seconds - looks[0].seconds for number in (first, first + 1))
        spent = looks[first + 1].since(looks[first])
        answered = [one for site in sites for one in site.answered]
        readings = sum(one.readings for one in answered if begin <= one.at < end)
        return sum(spent.ingest_s) / max(1, readings), spent.postgres_s / max(1, readings)

    (centre, database), (centre_then, database_then) = each(1), each(len(looks) - 3)
    return {
        "last tenth beside the second, centre": centre_then / centre if centre else 0.0,
        "last tenth beside the second, PostgreSQL": database_then / database if database else 0.0,
    }


def _measured(found: Centres, sites: Sequence[SendingSite], seconds: float) -> Used:
    gauges = found.gauges()
    before = gauges.look()
    asyncio.run(sent(sites, seconds))
    return gauges.look().since(before)


def ceiling(plan: Plan, folder: Path) -> Figures:
    """Return, by number of processes, the highest rate at which no backlog grows."""
    size = plan.gathered
    turns = int(8 * 1.25 * plan.rate * plan.step_s / size / plan.sites) + 1
    chain = asyncio.run(premade(plan.each, [plan.each, *[size] * turns]))
    figures: Figures = {"readings in a batch": size}
    for many in plan.processes:
        with centres(folder / str(many), many) as found:
            figures |= _named(
                f"{many} process{'es'[: 2 * (many > 1)]}: ", _climb(plan, found, chain)
            )
    return figures


def _climb(plan: Plan, found: Centres, chain: Sequence[Premade]) -> Figures:
    figures = Figures()
    sites = found.sites("climbing", plan.sites, chain, plan.each)

    def at(rate: float) -> Figures:
        sites[:] = on(sites, evenly(rate, plan.sites, plan.gathered, len(chain)))
        return flow(_measured(found, sites, plan.step_s), sites, plan.step_s)

    flood = at(_FLOOD * plan.rate)
    most = max(1.0, float(flood["readings taken a second"]))
    figures[f"taken of {_FLOOD * plan.rate:,.0f}/s"] = most
    figures["reached first then"] = flood["reached first"]
    for step in _STEPS:
        done, rate = at(step * most), step * most
        waits = float(done["backlog at the end, readings"])
        figures[f"{rate:,.0f}/s due, taken"] = done["readings taken a second"]
        figures[f"{rate:,.0f}/s due, backlog"] = waits
        figures[f"{rate:,.0f}/s due, ms p99"] = done["ms from due to answered, p99"]
        say(f"sites-load: {rate:,.0f}/s due, {waits:,.0f} wait at the end")
        if waits > _KEPT_UP_S * rate:
            break
        figures["highest without a backlog"] = rate
    return figures | counted(found, sites)


def growth(plan: Plan, folder: Path) -> Figures:
    """Return what a reading costs by number of sites, and after ten times as many rows."""
    size, copiers, every = 4, 8, list[SendingSite]()
    chain = asyncio.run(premade(copiers, [copiers, *[size] * (plan.growth_readings // size)]))
    figures: Figures = {"readings in a batch": size}
    with centres(folder, 1) as found:

        def cost_of(many: int, label: str) -> Figures:
            turns = max(1, plan.growth_readings // size // many)
            due = evenly(_CALM, many, size, turns)
            sites = on(found.sites(label, many, chain, copiers), due)
            every.extend(sites)
            return cost(_measured(found, sites, PATIENCE_S), sites)

        for many in plan.growth:
            figures |= _named(f"{many} sites: ", cost_of(many, f"of-{many}"))
        figures["rows of readings beside before"] = _filled(found)
        many = plan.growth[len(plan.growth) // 2]
        figures |= _named(f"then, {many} sites: ", cost_of(many, "again"))
        return figures | counted(found, every)


def _filled(found: Centres) -> float:
    """Let ten times as many readings in; return how many times as many there are."""
    before, size, many = found.readings(), 500, 8
    each = before * 9 // size // many + 1
    chain = asyncio.run(premade(193, [193, *[size] * each]))
    sites = on(found.sites("filling", many, chain, 193), lambda _: [0.0] * len(chain))
    asyncio.run(sent(sites, PATIENCE_S))
    return found.readings() / max(1, before)


def _named(prefix: str, figures: Figures) -> Figures:
    return {f"{prefix}{name}": one for name, one in figures.items()}


def sizes(plan: Plan, folder: Path) -> Figures:
    """Return what a reading costs by how many of them come in one batch."""
    figures, every, many = Figures(), list[SendingSite](), min(16, plan.sites)
    with centres(folder, 1) as found:
        for size in plan.sizes:
            turns = max(1, plan.growth_readings // size // many)
            chain = asyncio.run(premade(plan.each, [plan.each, *[size] * turns]))
            due = evenly(_CALM, many, size, len(chain))
            sites = on(found.sites(f"size-{size}", many, chain, plan.each), due)
            every.extend(sites)
            spent = _measured(found, sites, PATIENCE_S)
            done = flow(spent, sites, spent.seconds)
            line = done["octets a reading on the line"]
            figures |= _named(f"{size} in a batch: ", cost(spent, sites) | {"on the line": line})
        return figures | counted(found, every)


def outage(plan: Plan, folder: Path) -> Figures:
    """Return how an hour's readings of all copiers come in after an hour without a centre."""
    hour, every_s = plan.each * _PER_HOUR, 2 * _EVERY_S / plan.each
    live = int(plan.outage_s / every_s)
    chain = asyncio.run(premade(plan.each, [plan.each, hour, *[2] * live]))
    others = asyncio.run(premade(plan.each, [plan.each, *[2] * live]))

    def after(number: int) -> list[float]:
        queued = len(chain) - live - len(sites[number].answered)
        begin = every_s * number / plan.sites
        return [*[0.0] * queued, *(begin + every_s * turn for turn in range(live))]

    with centres(folder, plan.processes[-1]) as found:
        sites = found.sites("queued", plan.sites, chain, plan.each)
        beside = found.sites("live", plan.live_sites, others, plan.each)
        found.kill()
        due = evenly(2 * plan.live_sites / every_s, plan.live_sites, 2, live)
        sites, beside = on(sites, after), on(beside, due)
        asyncio.run(_back(found, [*sites, *beside], plan.outage_s))
        return _caught_up(plan, sites, beside, hour) | counted(found, [*sites, *beside])


async def _back(found: Centres, sites: Sequence[SendingSite], seconds: float) -> None:
    """Let sites send to nobody, then start the centre."""
    async with asyncio.TaskGroup() as group:
        group.create_task(sent(sites, seconds, 0.0))
        await asyncio.sleep(1.0)
        await asyncio.to_thread(found.start)


def _caught_up(
    plan: Plan, sites: Sequence[SendingSite], beside: Sequence[SendingSite], hour: int
) -> Figures:
    up = min((one.sent for each in sites for one in each.answered), default=0.0)
    levels = [one.level_at() for one in sites]
    known = [one - up for one in levels if one is not None]
    late = [1000 * one.late_s for each in beside for one in each.answered if one.due > up]
    said = sum((one.said for one in (*sites, *beside)), Counter[int]())
    lasted = max(known, default=0.0)
    return {
        "readings that had queued": hour * plan.sites,
        "s until no site lags": lasted,
        "sites that still lag": len(levels) - len(known),
        "readings taken a second meanwhile": hour * plan.sites / lasted if lasted else 0.0,
        "answers 429": said[429],
        "answers 503 or none": said[503] + said[0],
        "live elsewhere, ms from due to answered, p50": share(late, 0.5),
        "live elsewhere, ms from due to answered, p99": share(late, 0.99),
        "live elsewhere, ms from due to answered, max": share(late, 1.0),
    }


PARTS: Final[Mapping[str, Callable[[Plan, Path], Figures]]] = {
    one.__name__: one for one in (steady, ceiling, growth, sizes, outage)
}


def lines(name: str, figures: Figures) -> Iterator[str]:
    """Yield the table of one part."""
    yield f"\n{name}"
    for what, one in figures.items():
        yield f"  {what:<58}{one if isinstance(one, str) else f'{one:,.2f}':>16}"


def measured(plan: Plan, names: Sequence[str], folder: Path) -> Iterator[tuple[str, Figures]]:
    """Yield the figures of each of the parts called `names`, as soon as they are known."""
    for name in names:
        say(f"sites-load: {name}")
        yield name, PARTS[name](plan, folder / name)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for, print the table, and return the exit code."""
    usual = Plan()
    parser = argparse.ArgumentParser(prog="python -m tests.sites.load")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS])
    for name in ("sites", "copiers", "growth_readings", "live_sites"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=getattr(usual, name))
    for name in ("rate", "seconds", "gather_s", "step_s", "outage_s"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(usual, name))
    for name in ("processes", "growth", "sizes"):
        parser.add_argument(f"--{name}", type=_numbers, default=getattr(usual, name))
    parser.add_argument("--json", type=Path)
    asked = vars(parser.parse_args(arguments))
    names, kept = asked.pop("parts") or [*PARTS], asked.pop("json")
    plan, found = Plan(**asked), dict[str, Figures]()
    with tempfile.TemporaryDirectory(prefix="copier-fleet-load-") as folder:
        for name, figures in measured(plan, names, Path(folder)):
            found[name] = figures
            for line in lines(name, figures):
                result(line)
            if kept is not None:
                told = {"machine": machine(), "plan": asdict(plan), "figures": found}
                kept.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    return int(any(failed(one) for one in found.values()))


def failed(figures: Figures) -> bool:
    """Say whether anything that was acknowledged is not there just once."""
    return any(float(one) > 0 for name, one in figures.items() if name.endswith("that differ"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
