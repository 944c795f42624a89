"""systemd itself accepts the unit, finds it well confined, and it fits what the code does."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from collector.runtime.daemon import STOPPED_AT_ONCE
from collector.runtime.plan import Graces, PollingPace
from tests.surroundings import environment, is_in_ci

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "systemd" / "copier-fleet.service"
USERS = ROOT / "systemd" / "copier-fleet.sysusers.conf"
MOST_EXPOSED = 20
"""In tenths, as systemd-analyze wants it: 2.0 of 10."""


def values(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT.read_text(), re.MULTILINE)


def value(key: str) -> str:
    (only,) = values(key)
    return only


@pytest.fixture
def analyze() -> str:
    """Find systemd-analyze; without it a build fails, a workstation without systemd is excused."""
    program = shutil.which("systemd-analyze", path=environment()["PATH"])
    if program is not None:
        return program
    message = "systemd-analyze is missing; install it with: make servers"
    if is_in_ci():
        pytest.fail(message)
    pytest.skip(message)


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment(), check=False, capture_output=True, text=True)


@pytest.fixture
def unit_here(tmp_path: Path) -> Path:
    """Give the unit with programs and a manual that exist on this machine; the rest is as it is."""

    def present(match: re.Match[str]) -> str:
        return match[1] + (match[2] if Path(match[2]).exists() else "/bin/true")

    copy = tmp_path / UNIT.name
    installed = UNIT.read_text().replace("man:copier-fleet(1) ", "")
    copy.write_text(re.sub(r"(?m)^(Exec\w+=)(\S+)", present, installed))
    return copy


def test_systemd_accepts_every_line(analyze: str, unit_here: Path) -> None:
    verdict = run(analyze, "verify", unit_here)

    assert (verdict.returncode, verdict.stdout, verdict.stderr) == (0, "", "")


def test_systemd_would_tell_a_misspelled_line(analyze: str, unit_here: Path) -> None:
    unit_here.write_text(unit_here.read_text().replace("ProtectHome=", "ProtectHoem="))

    verdict = run(analyze, "verify", unit_here)

    assert "ProtectHoem" in verdict.stderr


def test_systemd_finds_it_well_confined(analyze: str, unit_here: Path) -> None:
    limit = f"--threshold={MOST_EXPOSED}"
    verdict = run(analyze, "security", "--offline=true", limit, unit_here)

    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert "Overall exposure level" in verdict.stdout


def test_program_and_reload_are_the_documented_ones() -> None:
    assert value("ExecStart") == (
        "/opt/copier-fleet/bin/copier-fleet run --config /etc/copier-fleet/collector.toml"
    )
    assert value("ExecReload") == "/bin/sh -c 'kill -HUP $MAINPID'"
    assert value("Type") == "notify"


def test_stopping_has_time_for_every_grace() -> None:
    graces = Graces()

    assert int(value("TimeoutStopSec")) > 2 * (graces.stop_s + graces.drain_s)


def test_watchdog_waits_for_the_longest_poll_twice() -> None:
    assert int(value("WatchdogSec")) > 2 * PollingPace().poll_limit_s


def test_wrong_configuration_is_not_tried_again_and_a_bug_is() -> None:
    assert value("Restart") == "on-failure"
    assert value("RestartPreventExitStatus") == "78"
    assert value("SuccessExitStatus") == str(STOPPED_AT_ONCE)


def test_no_secret_has_to_exist_before_the_first_start() -> None:
    """A missing file would keep the service from starting; an empty folder does not."""
    assert values("LoadCredential") == ["secrets:/etc/copier-fleet/secrets"]
    made = (ROOT / "systemd" / "copier-fleet.tmpfiles.conf").read_text("utf-8")
    assert re.search(r"(?m)^d /etc/copier-fleet/secrets +0700 root +root$", made)


def test_the_user_is_created_with_the_same_name_and_folder() -> None:
    (line,) = [one for one in USERS.read_text().splitlines() if one and not one.startswith("#")]

    kind, name, _, *_ = line.split()
    assert (kind, name) == ("u", value("User"))
    assert line.endswith(f" /var/lib/{value('StateDirectory')}")


def test_sockets_the_collector_needs_are_allowed() -> None:
    assert set(value("RestrictAddressFamilies").split()) == {"AF_INET", "AF_INET6", "AF_UNIX"}


def test_the_centre_is_accepted_and_as_well_confined(analyze: str, tmp_path: Path) -> None:
    unit = UNIT.with_name("copier-fleet-centre.service").read_text()
    copy = tmp_path / "copier-fleet-centre.service"
    text = unit.replace("/opt/copier-fleet/bin/copier-fleet", "/bin/true")
    copy.write_text(re.sub("(?m)^Documentation=.*\n", "", text))
    verdict = run(analyze, "verify", copy)
    assert (verdict.returncode, verdict.stdout, verdict.stderr) == (0, "", "")
    exposed = run(analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", copy)
    assert exposed.returncode == 0, exposed.stdout
    for key in ("User", "Group", "LoadCredential", "RestartPreventExitStatus"):
        assert f"\n{key}={value(key)}\n" in unit


@pytest.mark.parametrize("kind", ["service", "timer"])
def test_the_backup_is_accepted_and_knows_the_same_place(
    analyze: str, tmp_path: Path, kind: str
) -> None:
    for one in ("service", "timer"):
        text = UNIT.with_name(f"copier-fleet-backup.{one}").read_text()
        text = text.replace("/opt/copier-fleet/bin/copier-fleet", "/bin/true")
        text = re.sub("(?m)^Documentation=.*\n", "", text)
        (tmp_path / f"copier-fleet-backup.{one}").write_text(text)

    verdict = run(analyze, "verify", tmp_path / f"copier-fleet-backup.{kind}")

    assert (verdict.returncode, verdict.stdout, verdict.stderr) == (0, "", "")
    backup = UNIT.with_name("copier-fleet-backup.service").read_text()
    for key in ("User", "Group", "StateDirectory"):
        assert f"\n{key}={value(key)}\n" in backup
