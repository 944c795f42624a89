"""The stack of containers fits the settings, is pinned, and has no password of its own."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector.settings.load import load

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
ASKED = re.compile(r"\$\{([A-Z_]+):\?[^}]+\}")


@pytest.fixture(scope="module")
def stack() -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load((CONFIG / "compose.yaml").read_text("utf-8"))


def asked_in(value: object) -> set[str]:
    return set(ASKED.findall(str(value)))


def test_every_image_is_pinned_to_a_release(stack: Mapping[str, Any]) -> None:
    images = {one["image"] for one in stack["services"].values() if "build" not in one}
    text = (CONFIG / "Containerfile").read_text("utf-8")
    images |= set(re.findall(r"(?m)^FROM (\S+)", text))
    assert len(images) == 4
    assert [one for one in images if not re.search(r":\d+\.\d+\.\d+", one)] == []


def test_no_password_has_a_value_and_the_example_names_each(stack: Mapping[str, Any]) -> None:
    said = {
        f"{name}.{key}": value
        for name, service in stack["services"].items()
        for key, value in service.get("environment", {}).items()
        if "PASSWORD" in key
    }
    assert len(said) >= 8
    assert [key for key, value in said.items() if not ASKED.fullmatch(value)] == []
    example = (CONFIG / "env.example").read_text("utf-8")
    assert set(re.findall(r"(?m)^(\w+)=$", example)) == asked_in(stack)


def test_the_collector_takes_what_the_stack_tells_it(stack: Mapping[str, Any]) -> None:
    told = stack["services"]["collector"]["environment"]
    given = {name: ASKED.sub("secret", value) for name, value in told.items()}
    settings = load(CONFIG / "collector.toml", given).settings
    influx, mqtt = settings.influx, settings.mqtt
    assert influx.is_on
    assert mqtt.is_on
    server = stack["services"]["influxdb"]["environment"]
    assert (influx.username, influx.database) == (
        server["INFLUXDB_WRITE_USER"],
        server["INFLUXDB_DB"],
    )
    assert influx.url == "http://influxdb:8086"
    assert mqtt.host == "mosquitto"


def test_every_mounted_file_and_volume_is_there(stack: Mapping[str, Any]) -> None:
    mounts = [one.split(":")[0] for each in stack["services"].values() for one in each["volumes"]]
    files = [one for one in mounts if one.startswith("./")]
    assert set(files) == {"./collector.toml", "./fleet.toml"}
    assert all((CONFIG / one).is_file() for one in files)
    assert {one for one in mounts if not one.startswith("./")} == stack["volumes"].keys()


def test_grafana_finds_what_is_made_for_it(stack: Mapping[str, Any]) -> None:
    mounted = dict(one.split(":")[:2] for one in stack["services"]["grafana"]["volumes"])
    providers = ROOT / "collector/dashboards/provisioning/dashboards/copier-fleet.yaml"
    found = yaml.safe_load(providers.read_text("utf-8"))["providers"]
    assert found
    assert {str(Path(one["options"]["path"]).parent) for one in found} == {mounted["dashboards"]}
    assert mounted["provisioning"] == "/etc/grafana/provisioning"
