"""How long the shipped profiles take to load, beside what the TOML parser alone needs for them.

The daemon waits for this before it is ready, and so does every command that decodes.
Run: python -m tests.bench.bench_profiles [rounds]
"""

import re
import sys
import time
import tomllib
from collections.abc import Callable
from typing import Final

from collector.adapters.snmp.profiles.load import SHIPPED, load_profiles
from tests.bench.figures import Unit, figure

_ROUNDS: Final = 10


def _least_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the least CPU time of several runs: the one that others disturbed least."""
    spent = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return 1000 * min(spent)


def main(rounds: int = _ROUNDS) -> None:
    """Print the figures."""
    texts = [path.read_text("utf-8") for path in sorted(SHIPPED.glob("*.toml"))]

    def parse() -> None:
        for text in texts:
            tomllib.loads(text)

    def load_as_at_a_start() -> None:
        re.purge()
        load_profiles()

    parsing = _least_ms(parse, rounds)
    for label, work in (("at a start", load_as_at_a_start), ("again", load_profiles)):
        loading = _least_ms(work, rounds)
        figure(f"{len(texts)} profiles {label}", loading, Unit.CPU_MS)
        figure(
            f"{len(texts)} profiles {label}, beside tomllib alone", loading / parsing, Unit.TIMES
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
