"""The program: commands to their end, in this process or in one of their own, and the daemon."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.patience import PATIENCE_S
from tests.stories import in_process
from tests.stories.forked import Forked
from tests.stories.waiting import until
from tests.surroundings import environment

ROOT: Final = Path(__file__).resolve().parents[2]
PROGRAM: Final = (sys.executable, "-m", "collector")
LogLine = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command left: exit code, machine output, prose."""

    code: int
    out: str
    err: str
    out_bytes: bytes = b""

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command prints
        """What stdout holds, as one JSON value."""
        return json.loads(self.out)


def command(*args: str | Path, env: Mapping[str, str] | None = None) -> Ended:
    """Run `copier-fleet args` to its end, inside the tests' own process: starting one is slow."""
    code, out, err = in_process.run(list(map(str, args)), environment(env), ROOT)
    return Ended(code, _text(out), _text(err), out)


def process(
    *args: str | Path,
    env: Mapping[str, str] | None = None,
    within_s: float = PATIENCE_S,
) -> Ended:
    """Run `python -m collector args` to its end, in a process of its own as people do."""
    done = subprocess.run(
        [*PROGRAM, *map(str, args)],
        cwd=ROOT,
        env=environment(env),
        capture_output=True,
        timeout=within_s,
        check=False,
    )
    return Ended(done.returncode, _text(done.stdout), _text(done.stderr), done.stdout)


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")


class RunningDaemon:
    """`copier-fleet run` in its own process, its log in a file of JSON lines."""

    def __init__(self, process: subprocess.Popen[bytes] | Forked, log: Path, began: int) -> None:
        """Watch `process`, whose log is what stands in `log` from octet `began` on."""
        self.process = process
        self._log = log
        self._began = began

    @property
    def text(self) -> str:
        """Everything on stderr so far."""
        return _text(self._log.read_bytes()[self._began :])

    def lines(self, message: str = "", **fields: object) -> list[LogLine]:
        """Return the log lines that say `message` and have these `fields`."""
        found = [json.loads(line) for line in self.text.splitlines() if line.startswith("{")]
        return [
            line
            for line in found
            if message in line["message"]
            and all(line.get(name) == value for name, value in fields.items())
        ]

    def says(self, message: str, **fields: object) -> LogLine:
        """Wait for such a log line and return the first."""
        wanted = f"log line {message!r} {fields or ''}"
        return until(lambda: self.lines(message, **fields), wanted)[0]

    def is_ready(self) -> None:
        """Wait until it says that it is ready; fail at once where it has ended instead."""

        def look() -> bool:
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.text}"
            return bool(self.lines("collector is ready"))

        until(look, "ready")

    def hang_up(self) -> None:
        """Ask it to read its configuration again."""
        self.process.send_signal(signal.SIGHUP)

    def terminate(self) -> int:
        """Stop it in good order and return its exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        self.process.wait()

    def ends(self) -> int:
        """Wait until it ends by itself and return its exit code."""
        return self.process.wait(PATIENCE_S)


_QUICK: Final = {"COPIER_FLEET__LOG__FORMAT": "json", "COPIER_FLEET__INFLUX__EVERY_S": "10"}
"""A log that tests read, and rows as often as stories have rounds: nobody waits for an hour."""


@contextmanager
def daemon(
    config: Path,
    *args: str,
    env: Mapping[str, str] | None = None,
    under: Sequence[str] = (),
    ready: bool = True,
    program: Sequence[str] = PROGRAM,
) -> Iterator[RunningDaemon]:
    """Run the daemon on `config`; it is gone afterwards, whatever happened.

    `under` is a command that runs it, like `("prlimit", "--fsize=100000")`: then, and where it is
    another `program`, it is started anew; else it is a copy of one that has read its modules.
    """
    log = config.with_suffix(".log")
    settings = _QUICK | dict(env or {})
    run = ["run", "--config", str(config), *args]
    with log.open("ab") as stream:
        began = stream.tell()
        process: subprocess.Popen[bytes] | Forked
        if under or program is not PROGRAM:
            process = subprocess.Popen(
                [*under, *program, *run],
                cwd=ROOT,
                env=environment(settings),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )
        else:
            process = Forked(run, environment(settings), ROOT, log)
    running = RunningDaemon(process, log, began)
    try:
        if ready:
            running.is_ready()
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def status(config: Path) -> Any:  # noqa: ANN401 - JSON
    """Return what `status --json` says."""
    return command("status", "--json", "--config", config).json


def meters_of(places: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Return place -> meters of what `status --json` says."""
    return {place["place"]: place["meters"] for place in places}
