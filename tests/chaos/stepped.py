"""The program on a wall clock that can be moved: `python -m tests.chaos.stepped FILE run ...`.

`FILE` says by how many seconds the clock is wrong. Only the one reader of the wall clock is
changed; the monotonic clock goes on, as it does where somebody sets a clock.
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path

from collector.adapters.clock import SystemClock
from collector.cli.main import main

_true_time = SystemClock.now


def run(file: Path, args: list[str]) -> None:
    """Run the program with `args`, its clock wrong by what stands in `file` at any moment."""

    def now(clock: SystemClock) -> datetime:
        return _true_time(clock) + timedelta(seconds=float(file.read_text(encoding="ascii")))

    SystemClock.now = now  # type: ignore[method-assign] # for the whole process
    main(args)


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2:])
