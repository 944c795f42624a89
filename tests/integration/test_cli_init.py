"""`copier-fleet init` on a loopback network of real agents: the first ten minutes of an office."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from collector.demo.table import OctetString
from tests.stories.network import Network, network
from tests.stories.program import command
from tests.stories.terminal import conversation

pytestmark = pytest.mark.integration

NET = "127.0.78"
LOCATION = (1, 3, 6, 1, 2, 1, 1, 6, 0)
RICOH = SimulatedMachine("ricoh", "IM C3000", "3071RC01988", Printed(print_mono=400))
KYOCERA = SimulatedMachine("kyocera", "TASKalfa 5054ci", "RVP0Y11833", Printed(copy_mono=150))


@pytest.fixture
def net() -> Iterator[Network]:
    with network() as one:
        located = {**RICOH.objects(), LOCATION: OctetString("2F 総務部総務課 コピー室".encode())}
        one.put(f"{NET}.10", located, "the-key")
        one.put(f"{NET}.11", KYOCERA, "the-key")
        yield one


def test_a_person_is_asked_and_has_a_configuration_that_works(net: Network, tmp_path: Path) -> None:
    folder = tmp_path / "etc"
    with conversation("init", "--dir", folder, "--port", str(net.port)) as person:
        person.sees("Language / 言語 (ja, en) [ja]")
        person.types("")
        person.sees("庁舎の短い ID")
        person.types("yakuba")
        person.sees("コミュニティ名")
        person.types("the-key")
        person.sees("複合機を探すネットワーク")
        person.types(f"{NET}.8/29, {NET}.20-21")
        person.sees("部署名をカンマ区切りで")
        person.types("税務課")
        person.sees("部署が決まっていない設置場所: 1 件")
        person.sees(f"{folder} に書き込みますか")
        person.types("")
        assert person.ends() == 0
        assert "sudo copier-fleet check --poll" in person.text
        assert "the-key" not in person.text

    settings = tomllib.loads((folder / "collector.toml").read_text("utf-8"))
    assert (settings["office"]["site"], settings["office"]["language"]) == ("yakuba", "ja")
    fleet = tomllib.loads((folder / "fleet.toml").read_text("utf-8"))
    assert [one["name"] for one in fleet["department"]] == ["税務課", "総務課"]
    placed = {
        one["address"]: [share["id"] for share in one.get("department", [])]
        for one in fleet["place"]
    }
    assert placed == {f"{NET}.10": ["総務課"], f"{NET}.11": []}
    secret = folder / "secrets" / "credentials__default__community"
    assert secret.read_text() == "the-key\n"
    assert (secret.stat().st_mode & 0o777, secret.parent.stat().st_mode & 0o777) == (0o600, 0o700)

    checked = command("check", "--poll", "--config", folder / "collector.toml")
    assert "IM C3000" in checked.out + checked.err, "the secret beside the settings is not used"


def test_nothing_that_is_there_is_overwritten(net: Network, tmp_path: Path) -> None:
    asked = ("init", "--dir", tmp_path, "--yes", "--network", f"{NET}.10", "--port", str(net.port))
    assert command(*asked, "--community", "the-key").code == 0
    before = {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}
    edited = tmp_path / "collector.toml"
    edited.write_text(edited.read_text("utf-8").replace("town-hall", "mine"), "utf-8")
    before[edited] = edited.read_bytes()

    again = command(*asked, "--community", "another-key")

    assert again.code == 1
    assert '-site = "mine"' in again.out
    assert '+site = "town-hall"' in again.out
    assert "key" not in again.out + again.err, "a secret is shown"
    assert {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()} == before


def test_answers_that_cannot_be_used_change_nothing(tmp_path: Path) -> None:
    for wrong in (("--site", "a/b"), ("--network", "10.0.0.0/33"), ("--departments", "x" * 300)):
        ended = command("init", "--dir", tmp_path / "etc", "--yes", *wrong)
        assert ended.code in {2, 78}, ended
        assert "Traceback" not in ended.err
    assert not (tmp_path / "etc").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = command("init", "--dir", tmp_path / "file" / "etc", "--yes")
    assert ended.code == 78
    assert "Traceback" not in ended.err
