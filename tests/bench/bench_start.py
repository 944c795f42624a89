"""What a command costs before it does anything. Run: python -m tests.bench.bench_start [runs].

CPU time (user and system) of whole processes, the median of several runs: others share the machine.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.bench.figures import Unit, figure
from tests.stories.months_gone import Stood, fill
from tests.stories.office import Spot, write_office
from tests.surroundings import environment

_RUNS: Final = 15
_PROGRAM: Final = str(Path(sys.executable).with_name("copier-fleet"))
_EXAMPLE: Final = str(Path(__file__).resolve().parents[2] / "config" / "collector.toml")
_PYTHON: Final = (sys.executable, "-c", "pass")


def _commands(config: str) -> dict[str, tuple[tuple[str, ...], float | None]]:
    """Return what is run, by what it is called, and the seconds it may take at most."""
    return {
        "python, doing nothing": (_PYTHON, None),
        "--version": ((_PROGRAM, "--version"), 0.1),
        "--help": ((_PROGRAM, "--help"), 0.25),
        "month --help": ((_PROGRAM, "month", "--help"), 0.35),
        "check, of the example": ((_PROGRAM, "check", "--config", _EXAMPLE), 0.6),
        "profiles list": ((_PROGRAM, "profiles", "list"), None),
        "month, of one place": ((_PROGRAM, "month", "--config", config), None),
        "status, of one place": ((_PROGRAM, "status", "--config", config), None),
    }


def _seconds(command: tuple[str, ...]) -> float:
    """Return the CPU time of one run; it may say that something waits for a person."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environment(), capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in {0, 1}:
        raise RuntimeError(done.stderr.decode())
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(runs: int = _RUNS) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder, "ledger.sqlite3"), Stood("1f", "AAAA1111", 30_000))
        config = write_office(Path(folder), [Spot("1f", 9)])
        for name, (command, most) in _commands(str(config)).items():
            _seconds(command)  # compiles, and warms the page cache
            median = statistics.median(_seconds(command) for _ in range(runs))
            figure(f"start of {name}", median, Unit.CPU_S, goal=most)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
