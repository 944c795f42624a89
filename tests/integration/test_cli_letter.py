"""`letter` in a Japanese office, by the real command: closed, revised, running, and refused."""

import shutil
from pathlib import Path

import pytest

from tests.stories.program import Ended, command

pytestmark = pytest.mark.integration

CLOSED = "2026-09"
EVERYBODY = ("soumu", "zeimu", "shimin", "fukushi", "kyouiku")


@pytest.fixture
def config(golden_office: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "office"
    shutil.copytree(golden_office, folder)
    return folder / "collector.toml"


def letter(config: Path, *more: str | Path, out: Path) -> Ended:
    return command("letter", *more, "--out", out, "--config", config)


def test_a_closed_month_for_the_office_and_every_department(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "letters"
    made = letter(config, CLOSED, out=out)

    assert (made.code, made.err) == (0, "")
    names = [f"letter-{CLOSED}.html", *(f"letter-{CLOSED}-{one}.html" for one in EVERYBODY)]
    assert made.out.splitlines() == [str(out / name) for name in names]
    assert {one.name for one in out.iterdir()} == {*names}
    statement = command("statement", "show", CLOSED, "--json", "--config", config).json
    office = (out / names[0]).read_text("utf-8")
    assert statement["seal"] in office
    assert f"印刷{statement['total']:,}面" in office
    assert "確定 第1版" in office
    rows = command("month", CLOSED, "--json", "--config", config).json
    for row in rows:
        if row["department"] in EVERYBODY:
            own = (out / f"letter-{CLOSED}-{row['department']}.html").read_text("utf-8")
            assert f"印刷{row['pages']:,}面" in own


def test_another_revision_takes_the_place_of_the_one_before(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "letters"
    assert letter(config, CLOSED, out=out).code == 0
    first = (out / f"letter-{CLOSED}-shimin.html").read_text("utf-8")
    stated = ("-d", "shimin", "--month", CLOSED, "--pages", "300", "--ground", "選挙")
    why = ("--source", "選管印刷記録3号", "--by", "佐藤", "--why", "知事選")
    assert command("exclude", "--config", config, "add", *stated, *why).code == 0
    plan = command("close", CLOSED, "--json", "--config", config).json["checksum"]
    closed = command("close", CLOSED, "--apply", plan, "--by", "佐藤", "--config", config)
    assert closed.code == 0, closed.err

    refused = letter(config, CLOSED, out=out)
    assert refused.code == 78
    assert "--force" in refused.err
    assert (out / f"letter-{CLOSED}-shimin.html").read_text("utf-8") == first
    assert letter(config, CLOSED, "--force", out=out).code == 0
    second = (out / f"letter-{CLOSED}-shimin.html").read_text("utf-8")
    assert "確定 第2版" in second
    assert "除外した300面" in second


def test_one_department_by_id_or_name_in_english(config: Path, tmp_path: Path) -> None:
    chosen = ("--department", "税務課", "--department", "whole_office", "--language", "en")
    made = letter(config, CLOSED, *chosen, out=tmp_path / "en")
    assert made.code == 0, made.err
    office, zeimu = sorted((tmp_path / "en").iterdir(), key=lambda one: len(one.name))
    assert (office.name, zeimu.name) == (f"letter-{CLOSED}.html", f"letter-{CLOSED}-zeimu.html")
    text = zeimu.read_text("utf-8")
    assert "<h1>Taxation</h1>" in text
    assert "September 2026: " in text
    assert "The path to the goal" in text
    assert "目標" not in text


def test_a_running_month_is_provisional(config: Path, tmp_path: Path) -> None:
    made = letter(config, "2026-10", out=tmp_path)
    assert made.code == 0
    assert made.err == "2026-10 は締めるまで速報です: copier-fleet close 2026-10\n"
    assert "速報" in (tmp_path / "letter-2026-10.html").read_text("utf-8")


def test_what_cannot_be_is_one_sentence_and_writes_nothing(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for month in ("2026-13", "november", "1999-01", "2999-01"):
        refused, known = letter(config, month, out=out), command("month", month, "--config", config)
        assert (refused.code, refused.out) == (2, "")
        assert refused.err.splitlines()[-1] == known.err.splitlines()[-1]
    nobody = letter(config, CLOSED, "--department", "nobody", out=out)
    assert nobody.code == 2
    assert "nobody" in nobody.err
    assert "whole_office" in nobody.err
    assert not out.exists()
    out.write_text("no folder")
    shut = letter(config, CLOSED, out=out / "deeper")
    assert shut.code == 78
    assert "書けません" in shut.err
