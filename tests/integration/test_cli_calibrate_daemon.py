"""A machine that is counted already is calibrated: what the daemon makes of it, and of firmware."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stories.acme import PRINTED, TEST_PAGES, Acme, shows
from tests.stories.network import Network, network
from tests.stories.network_office import office as office_of
from tests.stories.program import Ended, command, daemon, meters_of, status
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

HALL = "127.0.85.10"


@pytest.fixture
def net() -> Iterator[Network]:
    with network() as one:
        yield one


def counted(config: Path) -> dict[str, int]:
    return meters_of(status(config)["places"]).get("hall", {})


def found(config: Path) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = command("findings", "--json", "--config", config).json
    return findings


def calibrate(config: Path, *args: str) -> Ended:
    return command("calibrate", "hall", "--config", config, "--by", "Sato", "--rate", "500", *args)


def test_the_daemon_reads_by_the_proved_profile_and_tells_of_other_firmware(
    net: Network, tmp_path: Path
) -> None:
    net.put(HALL, Acme().objects())
    own = '[fleet]\nprofiles = "profiles"\n'
    config = office_of(tmp_path / "etc", {"hall": HALL}, own, port=net.port)
    (tmp_path / "etc" / "profiles").mkdir()
    with daemon(config) as running:
        until(lambda: counted(config).get("total") == PRINTED.total + TEST_PAGES, "counted")

        ended = calibrate(config, "total=8717")

        assert ended.code == 0, ended.err
        assert "total of hall means something else now (life -> proved-acme-a-100: at_" in ended.err
        assert "counting begins a new epoch for it with the next poll" in ended.err
        path = tmp_path / "etc" / "profiles" / "proved-acme-a-100.toml"
        assert f"copier-fleet replay --place hall --profile '{path}' --since" in ended.err
        running.hang_up()
        until(lambda: counted(config).get("total") == PRINTED.total, "read by the proved profile")
        codes = [one["code"] for one in found(config)]
        assert codes.count("meter_redefined") == 1
        assert "profile_unproved" not in codes

        newer = Acme(firmware="1.1", uptime_s=5)
        shows(net, HALL, newer)
        until(
            lambda: "profile_unproved" in [one["code"] for one in found(config)],
            "other firmware is told",
        )
        polled = command("poll", "hall", "--json", "--config", config)
        assert polled.code == 1
        assert [one["code"] for one in polled.json["findings"]] == ["profile_unproved"]
        assert polled.json["meters"] == {"total": PRINTED.total}

        again = calibrate(config, "total=8717", "--prove", "--force")

        assert again.code == 0, again.err
        assert "It was proved on firmware 1.0; this is 1.1" in again.err
        assert "means something else" not in again.err
        assert command("poll", "hall", "--config", config).code == 0
        running.hang_up()
        assert running.terminate() == 0
    assert [one["code"] for one in found(config)].count("meter_redefined") == 1
