"""Many sites and one centre under blows: `python -m tests.sites [--sites 62] [--copiers 12000]`.

Or `make sites`. Real ledgers tell two processes of a real centre over a line that loses, repeats
and delays batches; centre, PostgreSQL (with all its children) and sites are killed, and one site
goes back to an older copy. Afterwards every reading, usage, day, finding and statement of every
site is held against what the centre has. The same seed deals the same blows.

Exit code 1 where one fact is lost or changed, or anything else went wrong.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from collector.cli.output import progress, result, say
from tests.sites.trial import Outcome, Plan, tried

_ROW = "{:<12} {:>10} {:>8} {:>8}"


def lines(outcome: Outcome) -> Iterator[str]:
    """Yield what is there and what differs, what was done, what it cost, and what went wrong."""
    yield _ROW.format("fact", "stored", "lost", "changed")
    for kind, number in outcome.stored.items():
        yield _ROW.format(kind, number, outcome.lost[kind], outcome.unknown[kind])
    yield ", ".join(f"{number} {what}" for what, number in outcome.blows.items())
    for what, figure in outcome.figures.items():
        yield f"{what}: {figure:,.2f}"
    yield from (f"WRONG: {one}" for one in outcome.wrong)


def failed(outcome: Outcome) -> bool:
    """Say whether anything is not as it must be."""
    return bool(outcome.lost.total() or outcome.unknown.total() or outcome.wrong)


def _plan(arguments: Sequence[str]) -> Plan:
    usual = Plan()
    parser = argparse.ArgumentParser(prog="python -m tests.sites")
    parser.add_argument("--sites", type=int, default=usual.sites)
    parser.add_argument("--copiers", type=int, default=usual.copiers)
    parser.add_argument("--seconds", type=float, default=usual.seconds)
    parser.add_argument("--every", type=float, default=usual.every_s)
    parser.add_argument("--seed", type=int, default=usual.seed)
    asked = parser.parse_args(arguments)
    return Plan(asked.sites, asked.copiers, asked.seconds, asked.seed, asked.every)


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for, print the table, and return the exit code."""
    plan = _plan(arguments)
    steps = plan.ingest_kills + plan.database_kills + plan.site_kills + plan.cuts + 2
    with (
        tempfile.TemporaryDirectory(prefix="copier-fleet-sites-") as folder,
        progress("sites", steps) as bar,
    ):
        task = bar.tasks[0].id

        def step(what: str) -> None:
            bar.update(task, advance=1, description=what)

        outcome = tried(plan, Path(folder), step)
    for line in lines(outcome):
        result(line)
    say(f"sites: {'FAILED' if failed(outcome) else 'nothing lost, nothing twice'}")
    return int(failed(outcome))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
