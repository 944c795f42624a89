"""`status` says how each department stands this month: as `month` has it, the worst first."""

import asyncio
import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from rich.cells import cell_len

from collector.adapters.clock import SystemClock
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.cli import output
from collector.cli.main import commands
from collector.domain.month.course import Standing
from tests.golden.office import NOW

Said = Callable[..., str]


@pytest.fixture
def office(golden_office: Path, tmp_path: Path) -> Path:
    shutil.copytree(golden_office, tmp_path, dirs_exist_ok=True)
    return tmp_path / "collector.toml"


@pytest.fixture
def said(
    office: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    def now(clock: SystemClock) -> datetime:
        del clock
        return NOW

    def said(*arguments: str) -> str:
        commands.main([*arguments, "--config", str(office)], standalone_mode=False)
        return capsys.readouterr().out

    monkeypatch.setattr(SystemClock, "now", now)
    return said


async def _nothing(path: Path) -> None:
    await (await SqliteLedger.open(path)).close()


def with_fleet(config: Path, old: str, new: str) -> None:
    file = config.with_name("fleet.toml")
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_each_department_is_said_as_month_has_it_the_worst_first(said: Said) -> None:
    found = json.loads(said("status", "--format", "json"))
    months = {one["department"]: one for one in json.loads(said("month", "2026-10", "--json"))}
    assert {one["department"] for one in found["departments"]} == months.keys()
    for one in found["departments"]:
        assert one.items() <= months[one["department"]].items()
    urgency = [Standing(one["standing"]).urgency for one in found["departments"]]
    assert urgency == sorted(urgency, reverse=True)
    assert len({*urgency}) > 1
    (office,) = json.loads(said("month", "2026-10", "--office", "--json"))
    assert found["office"].items() <= office.items()


def test_it_is_said_in_words_on_80_columns(
    said: Said, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "_PIPE_WIDTH", 80)
    text = said("status")
    assert "2026-10 部署別の状況" in text
    (first,) = [one for one in text.splitlines() if "│ 市民課 " in one]
    assert first.split("│")[-2].strip() == "超過見込み"
    with_fleet(office, 'name = "市民課"', 'name = "市民生活部市民協働推進課マイナンバー担当"')
    assert max(cell_len(line) for line in said("status").splitlines()) <= 80


def test_without_a_target_it_says_what_was_printed(said: Said, office: Path) -> None:
    file = office.with_name("fleet.toml")
    kept, *gone = file.read_text("utf-8").split("\n[targets.fukushi]\n")
    file.write_text(kept + "\n" + "".join(gone).partition("\n\n")[2], "utf-8")
    last = json.loads(said("status", "--format", "json"))["departments"][-1]
    assert (last["department"], last["standing"]) == ("fukushi", "no_target")
    assert (last["target"], last["ratio"]) == (None, None)
    (line,) = [one for one in said("status").splitlines() if "│ 福祉課 " in one]
    assert line.split("│")[2].strip() == f"{last['pages']:,}"


def test_where_nothing_was_ever_counted_nothing_is_said_of_a_month(
    said: Said, office: Path
) -> None:
    for file in office.parent.glob("ledger.sqlite3*"):
        file.unlink()
    asyncio.run(_nothing(office.with_name("ledger.sqlite3")))
    found = json.loads(said("status", "--format", "json"))
    assert (found["departments"], found["office"]) == ([], None)
