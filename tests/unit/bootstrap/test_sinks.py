"""A sink is one package and one section: whatever lists sinks finds it by the registry."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from collector.adapters.centre import CentreClient, CentreTarget
from collector.adapters.influx import InfluxTarget, InfluxV2Sink, WriteApi
from collector.adapters.mqtt import MqttSink, MqttTarget
from collector.bootstrap import sinks
from collector.bootstrap.office import secrets_of
from collector.bootstrap.service import assemble, tell_what_waits
from collector.bootstrap.sinks import PACKAGES, sink_names, sinks_of
from collector.cli.main import commands
from collector.settings import explain, load
from collector.settings.load import Loaded
from collector.settings.model import Settings
from collector.settings.values import secrets_in
from tests.fakes import toy_sink
from tests.fakes.toy_sink import OPENED, PASSWORD, ToySection, WithToy
from tests.unit.settings.files import loaded, problems, write

ON = """
[office]
site = "toy-hall"
[ledger]
path = "ledger.sqlite3"
[toy]
enabled = true
password = "toys are secret"
"""


@pytest.fixture
def _toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Add the toy as one adds a sink: a line in the settings, a line in the registry."""
    monkeypatch.setattr(load, "Settings", WithToy)
    monkeypatch.setattr(explain, "Settings", WithToy)
    monkeypatch.setitem(PACKAGES, "toy", toy_sink.__name__)
    yield
    OPENED.clear()


def test_every_section_of_a_sink_has_its_package_and_every_package_its_section() -> None:
    assert set(PACKAGES) == set(Settings().sinks())


async def test_a_sink_is_called_like_its_section(tmp_path: Path) -> None:
    text = '[influx]\nurl = "http://127.0.0.1:9"\n[mqtt]\nenabled = true\n'
    text += '[centre]\nurl = "http://127.0.0.1:9"\ntoken = "t"\n'
    settings = loaded(tmp_path, text).settings

    opened = sinks_of(settings)

    assert tuple(one.name for one in opened) == sink_names(settings)
    assert set(sink_names(settings)) == set(PACKAGES)
    for one in opened:
        await one.close()


async def test_every_key_reaches_its_package(tmp_path: Path) -> None:
    file = tmp_path / "file.pem"
    file.write_text("")
    text = f"""
[office]
site = "toy-hall"
[influx]
url = "https://db.example.jp:8086/"
version = 3
database = "d"
username = "u"
password = "p"
org = "o"
bucket = "b"
token = "t"
ca_file = "{file}"
batch = 7
timeout_s = 8
[mqtt]
enabled = true
host = "mq.example.jp"
port = 9
tls = true
ca_file = "{file}"
cert_file = "{file}"
key_file = "{file}"
username = "u"
password = "p"
prefix = "one/two"
client_id = "c"
home_assistant = true
[centre]
url = "https://centre.example.jp/"
token = "t"
ca_file = "{file}"
timeout_s = 9
"""
    settings = loaded(tmp_path, text).settings
    for section in settings.sinks().values():
        assert set(section.plain()) == set(type(section).model_fields)

    influx, mqtt, centre = sinks_of(settings)

    assert isinstance(influx, InfluxV2Sink)
    assert influx._target == InfluxTarget(
        url="https://db.example.jp:8086",
        database="d",
        version=WriteApi.V3,
        username="u",
        password="p",  # noqa: S106 - made up
        token="t",  # noqa: S106 - made up
        org="o",
        bucket="b",
        batch=7,
        timeout_s=8,
        ca_file=str(file),
    )
    assert isinstance(centre, CentreClient)
    assert centre._target == CentreTarget(
        url="https://centre.example.jp",
        site="toy-hall",
        token="t",  # noqa: S106 - made up
        ca_file=str(file),
        timeout_s=9,
    )
    assert isinstance(mqtt, MqttSink)
    assert mqtt._target == MqttTarget(
        host="mq.example.jp",
        site="toy-hall",
        port=9,
        prefix="one/two",
        username="u",
        password="p",  # noqa: S106 - made up
        tls=True,
        ca_file=str(file),
        cert_file=str(file),
        key_file=str(file),
        client_id="c",
        discovery_prefix="homeassistant",
    )


def test_what_is_off_is_neither_imported_nor_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "import_module", lambda name: pytest.fail(f"imported {name}"))

    assert sinks_of(loaded(tmp_path).settings) == ()


@pytest.mark.usefixtures("_toy")
def test_check_asks_a_new_sink(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, ON)

    assert commands.main(["check", "--config", str(path)], standalone_mode=False) == 0

    told = capsys.readouterr().out
    assert "fake sink toy with 0 points" in told
    ((section, site, sink),) = OPENED
    assert (section, site) == ({"enabled": True, "password": PASSWORD}, "toy-hall")
    assert sink.is_closed


@pytest.mark.usefixtures("_toy")
def test_the_service_delivers_to_a_new_sink_and_status_tells_its_backlog(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = loaded(tmp_path, ON)

    def backlog() -> dict[str, int]:
        arguments = ["status", "--json", "--config", str(given.config_path)]
        commands.main(arguments, standalone_mode=False)
        found: dict[str, int] = json.loads(capsys.readouterr().out)["backlog"]
        return found

    asyncio.run(_assembled(given, deliver=False))
    waiting = backlog()
    asyncio.run(_assembled(given, deliver=True))

    assert list(waiting) == ["toy"]
    assert waiting["toy"] > 0
    assert {name for name, _, _ in OPENED[-1][2].points} >= {"department_month"}
    assert backlog() == {"toy": 0}


async def _assembled(given: Loaded, *, deliver: bool) -> None:
    async with AsyncExitStack() as stack:
        service = await assemble(given, stack)
        (delivery,) = service.deliveries
        while deliver and await delivery():
            pass


@pytest.mark.usefixtures("_toy")
def test_mistakes_in_its_section_are_told_as_everywhere(tmp_path: Path) -> None:
    missing = tmp_path / "no.pem"

    assert problems(tmp_path, f'{ON}key_file = "{missing}"\n') == {
        "collector.toml: toy.key_file": f"{missing} is no readable file; check path and owner"
    }
    (told,) = problems(tmp_path, f"{ON}enabeld = true\n").values()
    assert "did you mean enabled" in told


@pytest.mark.usefixtures("_toy")
def test_a_file_with_its_secret_is_warned_of_and_the_secret_is_struck_out(tmp_path: Path) -> None:
    path = write(tmp_path, ON)
    path.chmod(0o644)

    given = load.load(path, {})

    (warning,) = given.warnings
    assert "holds secrets" in warning.message
    assert secrets_of(given.settings) == (PASSWORD,)


@pytest.mark.usefixtures("_toy")
def test_its_change_waits_for_the_next_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = loaded(tmp_path).settings
    with caplog.at_level(logging.WARNING):
        tell_what_waits(before, loaded(tmp_path, ON).settings)

    (record,) = caplog.records
    assert vars(record)["sections"] == "ledger, toy"


# Secrets: found by their type, never by a list.


def test_every_secret_of_the_tree_is_found(tmp_path: Path) -> None:
    stated = {
        "COPIER_FLEET__INFLUX__PASSWORD": "of influx",
        "COPIER_FLEET__INFLUX__TOKEN": "token of influx",
        "COPIER_FLEET__INFLUX__USERNAME": "u",
        "COPIER_FLEET__CREDENTIALS__WARD__COMMUNITY": "of the ward",
        "COPIER_FLEET__CREDENTIALS__STRICT__VERSION": "3",
        "COPIER_FLEET__CREDENTIALS__STRICT__USER": "reader",
        "COPIER_FLEET__CREDENTIALS__STRICT__AUTH_PROTOCOL": "sha256",
        "COPIER_FLEET__CREDENTIALS__STRICT__PRIV_PROTOCOL": "aes128",
    }
    folder = tmp_path / "secrets"
    folder.mkdir()
    files = {
        "mqtt__password": "of mqtt",
        "credentials__strict__auth_password": "signs a lot",
        "credentials__strict__priv_password": "encrypts a lot",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)

    settings = loaded(
        tmp_path, '[mqtt]\nusername = "m"\n', environ=stated, secrets=[folder]
    ).settings

    expected = {
        *("of influx", "token of influx", "of the ward"),
        *files.values(),
    }
    assert set(secrets_of(settings)) == expected, "and not the usual community, public"


def test_a_secret_is_found_wherever_it_lies() -> None:
    section = ToySection(password=PASSWORD)

    assert list(secrets_in({"a": [(section,), "no"], "b": {"c": 3}})) == [PASSWORD]
    assert list(secrets_in(ToySection())) == []
