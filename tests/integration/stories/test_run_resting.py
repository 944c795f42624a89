"""The service at rest: a copier that sleeps is let sleep, beside a midnight and at work it is not.

The clock is an argument: each service begins at the moment of its test, and real time goes on.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from collector.adapters.clock import SystemClock
from collector.demo.machines import Printed, SimulatedMachine
from collector.domain.cadence import AROUND_WORK, BEFORE_CLOSING_S, CLOSING_SPREAD_S, share_of
from collector.domain.office.office_calendar import ONE_DAY
from tests.stories.copiers import Copiers, copiers
from tests.stories.office import Spot, write_office
from tests.stories.program import PROGRAM, ROOT, RunningDaemon, daemon, environment
from tests.stories.waiting import until
from tests.unit.app.office import OFFICE

pytestmark = pytest.mark.integration

RESTING = 'cadence = "office"\nrest_rounds = 288\n'
BEFORE_MIDNIGHT = timedelta(seconds=BEFORE_CLOSING_S + share_of("asleep") * CLOSING_SPREAD_S)
A_WHILE_S = 15
"""One and a half intervals of 10 s."""


def a_saturday() -> date:
    """Return a Saturday to come that lies far from every closing."""
    day = SystemClock().now().date() + 3 * ONE_DAY
    while day.weekday() != 5 or not 5 <= day.day <= 20:
        day += ONE_DAY
    return day


@dataclass(frozen=True)
class AtRest:
    """A service that runs by a clock of its own."""

    machines: Copiers
    config: Path
    program: tuple[str, ...]
    running: RunningDaemon

    def polled(self) -> int:
        """Return how often the copier that sleeps was asked anything."""
        return self.machines.requests("asleep")

    def is_quiet(self) -> int:
        """Return the same once that has been so for a while."""
        asked = -1
        while asked != self.polled():
            asked = self.polled()
            time.sleep(A_WHILE_S)
        return asked

    def status(self, *form: str) -> str:
        """Return what `status` says by the same clock."""
        line = [*self.program, "status", *form, "--config", str(self.config)]
        shown = subprocess.run(
            line, cwd=ROOT, env=environment({}), capture_output=True, check=False
        )
        return (shown.stdout + shown.stderr).decode()


@contextmanager
def service(folder: Path, begins: datetime, cadence: str = RESTING) -> Iterator[AtRest]:
    """Run the service from `begins` on, with a copier that sleeps."""
    sleeper = SimulatedMachine("canon", "iR-ADV C3830", "SLEEP001", Printed(9), asleep=True)
    with copiers() as machines:
        config = write_office(folder, [Spot("asleep", machines.add("asleep", sleeper))])
        text = config.read_text(encoding="utf-8")
        text = text.replace("interval_s = 10\n", f"interval_s = 10\n{cadence}")
        config.write_text(text, encoding="utf-8")
        clock = folder / "clock"
        wrong = begins - SystemClock().now()
        clock.write_text(f"{wrong.total_seconds()}", encoding="ascii")
        program = (PROGRAM[0], "-m", "tests.chaos.stepped", str(clock))
        with daemon(config, program=program) as running:
            until(lambda: machines.requests("asleep"), "a poll")
            yield AtRest(machines, config, program, running)
            assert running.terminate() == 0, running.text


def test_who_sleeps_on_a_saturday_is_asked_beside_midnight_and_not_before(tmp_path: Path) -> None:
    midnight = OFFICE.midnight(a_saturday() + ONE_DAY)
    with service(tmp_path, midnight - BEFORE_MIDNIGHT - timedelta(seconds=120)) as office:
        quiet = office.is_quiet()
        cadence = json.loads(office.status("--json"))["cadence"]
        assert "閉庁中は 2880 秒ごと" in office.status()
        until(lambda: office.polled() > quiet, "the poll before midnight")
    assert (cadence["interval_s"], cadence["rest_interval_s"]) == (10, 2880)
    assert cadence["rests_now"] is True
    assert datetime.fromisoformat(str(cadence["next_round"])) > midnight - timedelta(minutes=6)


def test_without_rest_it_is_woken_on_a_saturday_too(tmp_path: Path) -> None:
    noon = OFFICE.midnight(a_saturday()) + timedelta(hours=12)
    with service(tmp_path, noon, cadence="") as office:
        for _ in range(3):
            asked = office.polled()
            until(lambda: office.polled() > asked, "another poll")  # noqa: B023 - used at once


def test_when_work_begins_it_is_asked_as_ever(tmp_path: Path) -> None:
    monday = a_saturday() + 2 * ONE_DAY
    opens, _ = next(OFFICE.working_spans(OFFICE.midnight(monday), OFFICE.midnight(monday)))
    with service(tmp_path, opens - AROUND_WORK - timedelta(seconds=100)) as office:
        quiet = office.is_quiet()
        for more in range(1, 4):
            until(lambda: office.polled() >= quiet + more, "polls in working time")  # noqa: B023 - used at once
