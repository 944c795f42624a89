"""The long run: `python -m tests.truth [--runs 500] [--seed 1] [--kind NAME]`, or `make truth`.

What no counting can see stays a miss: pages that a power cut took before anybody read them, where
the machine tells no uptime or is switched on after a night off; a burst that a reset took unread.

Exit code 1 where a number was silently wrong, or fewer than 95 in 100 lie inside their range.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from rich.progress import TaskID

from collector.cli.output import progress, result, say
from tests.truth.accidents import KINDS
from tests.truth.score import Kind, Number, by_kind, numbers, of_offices

LEAST_INSIDE = 95.0
WORST = 3
HEADINGS = ("kind", "runs", "months", "true", "inside", "silent", "width")
ROW = "{:<23} {:>5} {:>7} {:>7} {:>7} {:>7} {:>7}"


def table(kinds: Mapping[str, Kind]) -> Iterator[str]:
    """Yield a line for each kind: how many months are true to the page, inside, silently wrong."""
    yield ROW.format(*HEADINGS)
    for name, one in kinds.items():
        shares = (f"{one.exact:.1f}%", f"{one.inside:.1f}%", one.silent, f"{one.width:.1f}%")
        yield ROW.format(name, one.runs, len(one.numbers), *shares)


def worst(kinds: Mapping[str, Kind], most: int = WORST) -> Iterator[str]:
    """Yield the months of each kind that lie furthest outside, the silent ones first."""
    for name, one in kinds.items():
        outside = [number for number in one.numbers if not number.inside]
        outside.sort(key=lambda number: (not number.silent_wrong, -_off(number)))
        for number in outside[:most]:
            counted = number.counted
            yield (
                f"{name}: seed {number.seed} {number.place} {number.month}: printed {number.truth},"
                f" counted {number.pages} [{counted.low}-{counted.high}], in question"
                f" {counted.in_question}{', SILENT' if number.silent_wrong else ''}; {number.story}"
            )


def _off(number: Number) -> float:
    return abs(number.truth - number.pages) / max(1, number.truth)


def run(seeds: Sequence[int], kinds: Iterable[str], cores: int) -> list[Number]:
    """Return the months of the offices of all `seeds`."""
    found: list[Number] = []
    with progress("offices", len(seeds)) as bar, ProcessPoolExecutor(cores) as pool:
        for one in pool.map(partial(numbers, kinds=tuple(kinds)), seeds):
            found += one
            bar.advance(TaskID(0))
    return found


def main() -> int:
    """Print the table and the worst; say by the exit code whether the goal is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1, help="of the first office")
    parser.add_argument("--kind", action="append", choices=list(KINDS), default=[])
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    seeds = range(asked.seed, asked.seed + asked.runs)
    found = run(seeds, asked.kind, asked.cores)
    kinds = by_kind([*found, *of_offices(found)])
    everything = Kind(asked.runs, found)
    result("\n".join([*table({**kinds, "all places": everything}), "", *worst(kinds)]))
    met = everything.silent == 0 and everything.inside >= LEAST_INSIDE
    say(f"goal (0 silent, {LEAST_INSIDE:.0f}% inside): {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
