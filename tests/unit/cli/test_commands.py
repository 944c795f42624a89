"""Every command inside this process: help, version, machine output on stdout, prose on stderr."""

import re
from pathlib import Path

import pytest

from collector import __version__
from collector.cli import main as cli_main
from tests.stories.office import Spot, write_office
from tests.stories.program import ROOT, command

VERBS = tuple(one.name for one in cli_main.VERBS)
CAPTURES = ROOT.parent / "shared" / "captures"


@pytest.mark.parametrize(
    "verb",
    [
        (),
        *((one,) for one in VERBS),
        *(("fleet", one) for one in ("import", "headcount", "export")),
        *(("statement", one) for one in ("list", "show", "verify", "diff")),
        ("dashboards", "build"),
        *(("alerts", one) for one in ("rehearse", "test")),
        *(("profiles", one) for one in ("list", "show", "check")),
    ],
)
def test_help_of_every_command(verb: tuple[str, ...]) -> None:
    shown = command(*verb, "--help", env={"COLUMNS": "80"})

    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith(
        f"Usage: copier-fleet{''.join(f' {one}' for one in verb)} [OPTIONS]"
    )
    assert max(map(len, shown.out.splitlines())) <= 80
    if not verb:
        assert all(f"\n  {one} " in shown.out for one in VERBS)
        assert "Exit codes: 0 ok, 1 findings, 2 usage, 70 bug" in " ".join(shown.out.split())


def test_version() -> None:
    shown = command("--version")

    assert (shown.code, shown.out) == (0, f"copier-fleet, version {__version__}\n")


def test_decode_prints_one_object_of_the_agreed_form_and_nothing_else() -> None:
    shown = command("decode", CAPTURES / "canon_ir-adv-c5840.snmprec", "--json")

    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("{")
    answer = shown.json
    assert {"profile", "identity", "meters", "findings"} <= answer.keys()
    assert {"vendor", "model", "serial"} <= answer["identity"].keys()
    assert answer["profile"] == "canon"
    assert answer["meters"]["total"] == 213402
    assert all(type(value) is int and value >= 0 for value in answer["meters"].values())
    assert answer["findings"] == []


def test_decode_shows_how_sure_a_counter_is_and_leaves_weak_ones_out(tmp_path: Path) -> None:
    weak = '[scalars]\na = { oid = "1.3.6.1.4.1.367.9.0", confidence = "L" }\n'
    profile = 'format = 1\nid = "ricoh"\ninclude = ["generic"]\nsource = "a guess"\n'
    profile += "[[match]]\nobject_id = '1.3.6.1.4.1.367'\n" + weak + "[meters]\ncopy = 'a'\n"
    (tmp_path / "ricoh.toml").write_text(profile)
    machine = tmp_path / "ricoh.snmprec"
    machine.write_text("1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.367.1\n1.3.6.1.4.1.367.9.0|65|5\n")

    plain = command("decode", machine, "--profiles", tmp_path)
    asked = command("decode", machine, "--profiles", tmp_path, "--low-confidence")

    assert "copy" not in plain.out
    assert re.search(r"copy\W+5\W+impressions\W+L\b", asked.out)


def test_decode_of_a_machine_without_counters_is_a_finding() -> None:
    shown = command("decode", CAPTURES / "identity_only" / "xerox_color-570.snmprec", "--json")

    assert (shown.code, shown.err) == (1, "")
    assert shown.json["meters"] == {}
    assert [one["code"] for one in shown.json["findings"]] == ["total_missing"]


def test_check_says_what_it_looked_at_and_shows_no_secret(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "credentials__default__community").write_text("the-towns-own\n")
    (secrets / "credentials__default__community").chmod(0o600)
    config = write_office(tmp_path / "office", [Spot("hall", 9), Spot("annex", 7)])

    checked = command("check", "--config", config, "--secrets", secrets)

    assert (checked.code, checked.err) == (0, "")
    for words in (
        "設置場所 2 か所、部署 2",
        "v2c、コミュニティ名設定済み",
        "有効な送信先はありません",
    ):
        assert words in checked.out
    assert "the-towns-own" not in checked.out
    assert sorted(path.name for path in config.parent.iterdir()) == [
        "collector.toml",
        "fleet.toml",
    ], "checking leaves nothing behind"


def test_a_secret_that_everyone_can_read_is_a_warning(tmp_path: Path) -> None:
    config = write_office(
        tmp_path, [Spot("hall", 9)], '\n[credentials.default]\nversion = "2c"\ncommunity = "x1y2"\n'
    )
    config.chmod(0o644)

    checked = command("check", "--config", config)

    assert checked.code == 0
    assert checked.err.startswith("警告: collector.toml: ")
    assert f"chmod o-r {config}" in checked.err
    assert "x1y2" not in checked.err + checked.out
