"""All benchmarks, one table: `python -m tests.bench [name ...] [--json FILE] [--check] [--keep]`.

Each runs in a process of its own. `--json` keeps the figures with the machine and the date;
`--check` holds those that do not depend on the machine against `baseline.json` and fails where one
came to more than a quarter beyond it; `--keep` writes that baseline anew.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from collector import __version__
from collector.adapters.clock import SystemClock
from tests.bench.figures import KEPT, Figure, Unit, line
from tests.surroundings import environment

HERE: Final = Path(__file__).parent
BASELINE: Final = HERE / "baseline.json"
NAMES: Final = tuple(sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py")))
BEYOND: Final = 1.25
"""How much more than its baseline a ratio may come to: others share the machine's caches."""


def run(name: str) -> Sequence[Figure]:
    """Run the benchmark `name`; return its figures in the order in which they came."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "figures")
        command = [sys.executable, "-m", f"tests.bench.bench_{name}"]
        subprocess.run(command, env=environment({KEPT: str(kept)}), check=True)
        lines = kept.read_text("utf-8").splitlines()
    raw = map(json.loads, lines)
    return [Figure(**{**one, "unit": Unit(one["unit"])}) for one in raw]


def machine() -> Mapping[str, str | int | None]:
    """Return what the figures were measured on."""
    cpu = Path("/proc/cpuinfo").read_text("utf-8").partition("model name\t: ")[2]
    return {
        "date": f"{SystemClock().now():%Y-%m-%d %H:%M}",
        "copier-fleet": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": cpu.partition("\n")[0],
        "cores": os.cpu_count(),
    }


def told_apart(found: Mapping[str, Sequence[Figure]]) -> dict[str, float]:
    """Return every ratio by benchmark and name."""
    return {
        f"{name}: {one.name}": one.ratio
        for name, some in found.items()
        for one in some
        if one.ratio is not None
    }


def beyond(ratios: Mapping[str, float], baseline: Mapping[str, float]) -> list[str]:
    """Return a line for each ratio that is more than `BEYOND` times its baseline."""
    return [
        f"{name}: {ratio:.3g}, baseline {baseline[name]:.3g} ({ratio / baseline[name]:.2f} times)"
        for name, ratio in ratios.items()
        if baseline.get(name) and ratio > BEYOND * baseline[name]
    ]


def main() -> int:
    """Run what is asked for; return 1 where a check fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("names", nargs="*", choices=[[], *NAMES])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    names = asked.names or NAMES
    found: dict[str, Sequence[Figure]] = {}
    for number, name in enumerate(names, start=1):
        sys.stdout.write(f"\n== {name} ({number} of {len(names)})\n")
        sys.stdout.flush()
        found[name] = run(name)
    ratios = told_apart(found)
    missed = [one for some in found.values() for one in some if one.is_met is False]
    goals = sum(one.goal is not None for some in found.values() for one in some)
    sys.stdout.write(f"\n== {goals - len(missed)} of {goals} goals are met\n")
    sys.stdout.writelines(f"{line(one)}\n" for one in missed)
    if asked.json is not None:
        figures = {name: [asdict(one) for one in some] for name, some in found.items()}
        text = json.dumps({"machine": machine(), "figures": figures}, indent=1, ensure_ascii=False)
        asked.json.write_text(f"{text}\n", "utf-8")
    if asked.keep:
        old = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}
        kept = {name: float(f"{ratio:.4g}") for name, ratio in {**old, **ratios}.items()}
        BASELINE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", "utf-8")
    return _checked(ratios) if asked.check else 0


def _checked(ratios: Mapping[str, float]) -> int:
    worse = beyond(ratios, json.loads(BASELINE.read_text("utf-8")))
    told = f"{len(worse)} of {len(ratios)} are more than {BEYOND} times their baseline"
    sys.stdout.write(f"\n== {told}\n")
    sys.stdout.writelines(f"  {one}\n" for one in worse)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
