"""Departments as a tree in a Japanese office, by the real commands."""

import json
import shutil
from pathlib import Path

import pytest

from tests.stories.program import command

pytestmark = pytest.mark.integration

BU = '[[department]]\nid = "soumubu"\nname = "総務部"\n\n'
PARTS = ("soumu", "zeimu")


@pytest.fixture
def config(golden_office: Path, tmp_path: Path) -> Path:
    """The demo town, whose 総務課 and 税務課 are now parts of 総務部 with a target of its own."""
    folder = tmp_path / "office"
    shutil.copytree(golden_office, folder)
    fleet = folder / "fleet.toml"
    text = fleet.read_text(encoding="utf-8")
    for name in PARTS:
        text = text.replace(f'id = "{name}"\n', f'id = "{name}"\nparent = "soumubu"\n', 1)
    text = text.replace("[[department]]", BU + "[[department]]", 1)
    text += "\n[targets.soumubu]\ndefault = 20000\n"
    fleet.write_text(text, encoding="utf-8")
    return folder / "collector.toml"


def months(config: Path, *more: object) -> dict[str, dict[str, object]]:
    found = command("month", "2026-10", "--json", *more, "--config", config)
    assert found.code == 0, found.err
    return {one["department"]: one for one in json.loads(found.out)}


def test_days_gone_by_keep_their_tree_until_a_person_says_otherwise(config: Path) -> None:
    before = months(config)
    assert before["soumubu"]["pages"] == 0
    told = command("month", "2026-10", "--config", config)
    assert "soumu、zeimu" in told.err
    shown = command("fleet", "apply", "--config", config)
    assert (shown.code, "soumubu" in shown.out) == (1, True)
    applied = command(
        *("fleet", "apply", "--apply", "--by", "佐藤", "--why", "部制の記録", "--config", config)
    )
    assert applied.code == 0, applied.err
    after = months(config)
    parts = [after[one] for one in PARTS]
    assert after["soumubu"]["pages"] == sum(int(str(one["pages"])) for one in parts)
    assert (after["soumubu"]["level"], after["soumubu"]["own_pages"]) == (1, 0)
    assert [one["parent"] for one in parts] == ["soumubu", "soumubu"]
    assert after["soumubu"]["target"] == 20000
    office = months(config, "--office")["whole_office"]
    for level in (1, 2):
        on_level = months(config, "--level", level)
        assert sum(int(str(one["pages"])) for one in on_level.values()) == office["pages"]
        assert ("soumu" in on_level, "soumubu" in on_level) == (level == 2, level == 1)
    closed = command("month", "2026-09", "--json", "--config", config)
    sealed = {one["department"]: one for one in json.loads(closed.out)}
    assert "soumubu" not in sealed or sealed["soumubu"]["pages"] == 0, "September is sealed"
    assert command("statement", "verify", "--config", config).code == 1, "and differs since"


def test_the_table_shows_what_is_a_part_of_what(config: Path) -> None:
    command("fleet", "apply", "--apply", "--by", "佐藤", "--why", "部制の記録", "--config", config)
    shown = command("month", "2026-10", "--config", config)
    lines = [one.rstrip() for one in shown.out.splitlines()]
    at = next(number for number, one in enumerate(lines) if one.lstrip("│ ").startswith("総務部"))
    assert "　総務課" in lines[at + 1]
    exported = command("fleet", "export", "--config", config)
    assert "上位部署" in exported.out


def test_a_circle_is_refused_with_its_line(config: Path) -> None:
    fleet = config.with_name("fleet.toml")
    text = fleet.read_text(encoding="utf-8")
    text = text.replace('id = "soumubu"\n', 'id = "soumubu"\nparent = "soumu"\n', 1)
    fleet.write_text(text, encoding="utf-8")
    found = command("month", "2026-10", "--config", config)
    assert found.code == 78
    assert "上位部署が輪になっています" in found.err
