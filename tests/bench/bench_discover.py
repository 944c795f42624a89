"""How long a /24 takes: 30 printers of many makers and 224 silent addresses, with the defaults.

The network is a process of its own, on 127.0.78.0/24. Run: python -m tests.bench.bench_discover.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from collector.demo.demo import SPOTS
from tests.bench.figures import Unit, figure
from tests.stories.network import network
from tests.stories.program import command
from tests.surroundings import environment

_NET: Final = "127.0.78"
_PRINTERS: Final = 30
_SERVE: Final = "serve"
_GOAL_S: Final = 15.0


def _serve() -> None:
    with network() as net:
        for number in range(_PRINTERS):
            machine = SPOTS[number % len(SPOTS)].machine
            serial = f"{machine.serial}{number:03d}"
            net.put(f"{_NET}.{8 * number + 5}", replace(machine, serial=serial))
        asked = {f"{_NET}.{number}" for number in range(1, 255)}
        net.silence(asked - set(net.agents))
        sys.stdout.write(f"{net.port}\n")
        sys.stdout.flush()
        sys.stdin.read()


@contextmanager
def _network() -> Iterator[int]:
    """Run the network in another process; yield its port. It ends when stdin closes."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bench_discover", _SERVE],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield int(process.stdout.readline())
        process.stdin.close()


def _config(folder: Path, port: int) -> Path:
    config = folder / "collector.toml"
    config.write_text('[office]\ncountry = ""\n[ledger]\npath = "ledger"\n', encoding="utf-8")
    place = f'[[place]]\nid = "hall"\nname = "hall"\naddress = "{_NET}.5"\nport = {port}\n'
    (folder / "fleet.toml").write_text(place, encoding="utf-8")
    return config


def _measure(what: str, port: int, *more: str) -> float:
    """Run the command once, print what came of it, and return how long it took as a process."""
    began, cpu = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = command("discover", f"{_NET}.0/24", "--json", "--port", str(port), *more)
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = json.loads(ended.out)
    found, silent = len(answer["machines"]), answer["verdicts"]["silent"]
    assert (found, silent) == (_PRINTERS, 254 - _PRINTERS), answer["verdicts"]
    spent = used.ru_utime + used.ru_stime - cpu.ru_utime - cpu.ru_stime
    figure(f"discover a /24, {what}", seconds, Unit.WALL_S, goal=_GOAL_S)
    figure(f"discover a /24, {what}: its CPU", spent, Unit.CPU_S)
    return seconds


def main() -> None:
    """Print the figures; fail where the defaults take as long as they must not."""
    with _network() as port, tempfile.TemporaryDirectory() as folder:
        config = str(_config(Path(folder), port))
        usual = _measure("one key, defaults", port, "--config", config)
        keys = ("--community", "wrong", "--community", "public")
        _measure("two keys, defaults", port, *keys)
    assert usual < _GOAL_S, f"a /24 with {_PRINTERS} printers takes {usual:.1f} s"


if __name__ == "__main__":
    if sys.argv[1:] == [_SERVE]:
        _serve()
    else:
        main()
