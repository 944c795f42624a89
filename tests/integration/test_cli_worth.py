"""A closed month whose factors are edited afterwards, at the command line: nothing moves unsaid."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.stories.months_gone import Past, Stood, edit_statement, fill
from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, command

pytestmark = pytest.mark.integration

FACTORS = """\
[[contract]]
id = "all"

[[contract.price]]
from = 2020-04-01
source = "保守契約書 第3号"
mono = 2
color = 10

[[time]]
from = 2020-04-01
source = "総務課の実測"
seconds_per_impression = 4
"""
DEARER = FACTORS.replace("mono = 2", "mono = 3")
MORE = '\n[closing]\ngrace_days = 0\n\n[factors]\nfile = "factors.toml"\n'


class Town:
    """An office of two copiers whose last two months are over, with factors."""

    def __init__(self, folder: Path) -> None:
        """Fill the ledger, and close the older month."""
        spots = [Spot("1f", 9), Spot("2f", 19, department="zeimu")]
        self.config = write_office(folder, spots, MORE)
        self.factors = folder / "factors.toml"
        self.factors.write_text(FACTORS, encoding="utf-8")
        stood = (Stood("1f", "AAAA1111", 30_000), Stood("2f", "BBBB2222", 60_000))
        self.past: Past = fill(folder / "ledger.sqlite3", *stood)
        self.month = self.past.older.name
        assert self.close().code == 0

    def run(self, *args: str | Path, language: str = "ja") -> Ended:
        env = {"COPIER_FLEET__OFFICE__LANGUAGE": language}
        return command(*args, "--config", self.config, env=env)

    def close(self) -> Ended:
        """Show the plan for the older month and apply it."""
        shown = self.run("close", self.month, "--json")
        assert shown.code == 0, shown.err
        return self.run("close", self.month, "--by", "佐藤", "--apply", shown.json["checksum"])

    def written(self, out: Path) -> Mapping[str, str]:
        """Return letters and the report of the older month, without the lines that date them."""
        shutil.rmtree(out, ignore_errors=True)
        assert self.run("letter", self.month, "--out", out).code == 0
        assert self.run("report", self.month, "--csv", "--html", "--output", out).code == 0
        return {
            one.name: "\n".join(
                line for line in one.read_text("utf-8").splitlines() if "に作成" not in line
            )
            for one in sorted(out.iterdir())
        }


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path / "town")


def without(files: Mapping[str, str], said: str) -> Mapping[str, str]:
    """Return `files` without the lines that say so; each of a page says it."""
    kept = {}
    for name, text in files.items():
        lines = text.splitlines()
        if name.endswith(".html"):
            assert any(said in line for line in lines), name
        kept[name] = "\n".join(line for line in lines if said not in line)
    return kept


def test_an_edited_price_is_told_and_moves_nothing_until_a_person_takes_it(
    town: Town, tmp_path: Path
) -> None:
    said = f"{town.month} の金額・時間・CO2・順位は、締めたときの係数と職員数によります"
    month, files = town.run("month", town.month), town.written(tmp_path / "out")
    rows = town.run("month", town.month, "--json").json
    costs = [one["cost_yen"] for one in rows]
    assert all(costs)
    assert said not in month.err

    town.factors.write_text(DEARER, encoding="utf-8")
    again = town.run("month", town.month)
    assert (again.code, again.out) == (0, month.out)
    assert said in again.err
    assert f"カウンター料金 {sum(costs):,} 円 → " in again.err
    assert town.run("month", town.month, "--json").json == rows
    assert without(town.written(tmp_path / "out"), said) == files
    assert said in town.run("statement", "show", town.month).err
    assert town.run("statement", "verify").code == 0

    before = town.run("statement", "show", town.month, "--json").json
    done = town.close()
    assert done.code == 0, done.err
    now = [one["cost_yen"] for one in town.run("month", town.month, "--json").json]
    assert all(new > old for new, old in zip(now, costs, strict=True))
    assert said not in town.run("month", town.month).err
    shown = town.run("statement", "show", town.month)
    assert "係数ファイルの係数が締めたときと違うため" in shown.out
    kept = town.run("statement", "show", town.month, "--revision", "1", "--json").json
    assert kept == before
    assert town.run("statement", "verify").code == 0


def test_english_says_it_too_and_the_proof_names_factors_and_sources(town: Town) -> None:
    town.factors.write_text(DEARER, encoding="utf-8")
    told = town.run("month", town.month, language="en")
    assert f"Yen, hours, CO2 and ranks of {town.month} are by the factors" in told.err
    assert f"copier-fleet close {town.month}" in told.err
    proof = town.run("statement", "show", town.month, "--proof", language="en")
    assert "保守契約書 第3号" in proof.out
    assert "mono 2; color 10" in proof.out
    sealed = town.run("statement", "show", town.month, "--json").json["worth"]
    assert sealed["by"]["contracts"][0][3][0][1] == "保守契約書 第3号"


def test_a_changed_figure_of_what_it_was_worth_is_named(town: Town) -> None:
    assert town.run("statement", "verify").code == 0
    (first, *_) = town.run("statement", "show", town.month, "--json").json["worth"]["lines"]
    was = f'"cost":"{first[2]["cost"]}"'
    edit_statement(town.config.with_name("ledger.sqlite3"), town.month, was, '"cost":"1"')
    found = town.run("statement", "verify", "--json")
    assert found.code == 1
    assert [one["month"] for one in found.json["faults"]] == [town.month]
    assert found.json["faults"][0]["fault"] == "seal"
