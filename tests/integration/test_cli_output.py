"""Where the output goes: a pipe that nobody reads to its end, a full disk, a demo that stays."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.patience import DEMO_PATIENCE_S, PATIENCE_S
from tests.stories.program import PROGRAM, ROOT
from tests.stories.waiting import until
from tests.surroundings import environment

pytestmark = pytest.mark.integration

HELP = (*PROGRAM, "month", "--help")


def test_a_pipe_closed_early_is_no_error() -> None:
    """`copier-fleet month | head -1` says nothing on stderr."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            HELP, cwd=ROOT, env=environment(), stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_disk_under_the_output_is_one_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            HELP, cwd=ROOT, env=environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 70
    assert done.stderr.decode() == (
        "error: the output cannot be written (No space left on device); "
        "free some space and try again\n"
    )


def test_a_demo_that_serves_goes_on_polling_and_stops_cleanly(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [*PROGRAM, "demo", "--serve", "--months", "1", "--folder", str(tmp_path / "demo")],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
        try:
            until(
                lambda: b" polled=" in log.read_bytes(),
                "a round of the service over the demo's copiers",
                within_s=DEMO_PATIENCE_S,
            )
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0, log.read_text(encoding="utf-8")
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait(PATIENCE_S)
    assert "Traceback" not in log.read_text(encoding="utf-8")
