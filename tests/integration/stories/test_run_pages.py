"""The pages of this month, kept by the running service: fresh, whole, and never in its way."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from collector.demo.machines import Printed, SimulatedMachine
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.months_gone import Past, Stood, fill
from tests.stories.office import Spot, write_fleet, write_office
from tests.stories.program import command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

BAD, GOOD = "the pages of this month cannot be written", "the pages of this month are written again"
PAGES = {
    *("index.html", "fleet.html", "questions.html", "last-month.html"),
    *("department-soumu.html", "department-zeimu.html"),
}


@dataclass(frozen=True)
class Town:
    """An office of two copiers with two finished months, and the folder of its pages."""

    config: Path
    folder: Path
    machines: Copiers
    spots: tuple[Spot, Spot]
    past: Past

    @property
    def ledger(self) -> Path:
        return self.config.with_name("ledger.sqlite3")

    def page(self, name: str = "index.html") -> str:
        path = self.folder / name
        return path.read_text("utf-8") if path.exists() else ""

    def files(self) -> set[str]:
        return {one.name for one in self.folder.iterdir()} if self.folder.is_dir() else set()

    def says(self, text: str, name: str = "index.html") -> None:
        until(lambda: text in self.page(name), f"{name} says {text}")


@contextmanager
def town(tmp_path: Path, folder: Path) -> Iterator[Town]:
    with copiers() as machines:
        spots = (
            Spot("hall", machines.add("hall", _machine("AAAA1111", 30_000))),
            Spot("tax", machines.add("tax", _machine("BBBB2222", 60_000)), department="zeimu"),
        )
        config = write_office(
            tmp_path / "office", spots, f'\n[closing]\ngrace_days = 0\n[pages]\ndir = "{folder}"\n'
        )
        past = fill(
            config.with_name("ledger.sqlite3"),
            Stood("hall", "AAAA1111", 30_000),
            Stood("tax", "BBBB2222", 60_000),
        )
        yield Town(config, folder, machines, spots, past)


def _machine(serial: str, total: int) -> SimulatedMachine:
    printed = Printed(print_mono=total - total // 4, print_color=total // 4)
    return SimulatedMachine("canon", "iR-ADV C3830", serial, printed, uptime_s=900_000)


def polls_go_on(here: Town) -> None:
    """Wait until a page that is printed now is counted."""
    before = books.printed(here.ledger, "hall")
    here.machines.print("hall", 3)
    until(lambda: books.printed(here.ledger, "hall") == before + 3, "counted")


def close(here: Town, month: str) -> None:
    plan = command("close", month, "--json", "--config", here.config).json["checksum"]
    done = command("close", month, "--apply", plan, "--by", "佐藤", "--config", here.config)
    assert done.code == 0, done.err


def test_they_follow_closings_and_departments_and_leave_other_files_alone(tmp_path: Path) -> None:
    folder = tmp_path / "share" / "pages"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("ours")
    (folder / "department-old.html").write_text("<p>somebody else's page")
    os.mkfifo(folder / "department-pipe.html")
    with town(tmp_path, folder) as here, daemon(here.config) as running:
        until(lambda: here.files() >= PAGES, "every page")
        assert here.files() - PAGES == {
            *("notes.txt", "department-old.html", "department-pipe.html")
        }
        assert "総務課" in here.page()
        assert "2階 tax" in here.page("fleet.html")
        here.says("まだ締めていません")
        assert "速報" in here.page("last-month.html")

        close(here, here.past.older.name)
        close(here, here.past.newer.name)
        here.says("確定 第1版", "last-month.html")
        assert "まだ締めていません" not in here.page()

        write_fleet(here.config.parent, [here.spots[0]])
        text = (here.config.parent / "fleet.toml").read_text("utf-8")
        gone = re.sub(
            r'\[\[department\]\]\nid = "zeimu".*?\n\n|\[targets.zeimu\]\n.*?\n\n',
            "",
            text,
            flags=re.DOTALL,
        )
        (here.config.parent / "fleet.toml").write_text(gone, "utf-8")
        running.hang_up()
        running.says("new configuration in force")
        until(lambda: _is_over(here), "the page of a department that is gone is gone or says so")
        polls_go_on(here)
        assert running.terminate() == 0, running.text
    assert not running.lines(BAD)


def test_a_folder_that_cannot_be_written_is_told_once_and_holds_up_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.write_text("no folder at all")
    with town(tmp_path, folder) as here, daemon(here.config) as running:
        told = running.says(BAD)
        assert told["folder"] == str(folder)
        assert told["reason"]
        polls_go_on(here)
        folder.unlink()
        _somebody_acts(here)
        running.says(GOOD)
        assert here.files() == PAGES
        assert len(running.lines(BAD)) == 1
        assert "Traceback" not in running.text
        assert running.terminate() == 0, running.text


def _is_over(here: Town) -> bool:
    page = here.page("department-zeimu.html")
    return not page or "現在の登録ファイルにはありません" in page


def _somebody_acts(here: Town) -> None:
    """Close a month: the pages are written soon after, not with the next hour only."""
    close(here, here.past.older.name)


def test_the_command_writes_what_the_service_would(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    with town(tmp_path, folder) as here:
        made = command("report", "--pages", "--config", here.config)
        assert made.code == 0, made.err
        assert here.files() == PAGES
        english = command("report", "--pages", "--language", "en", "--config", here.config)
        assert english.code == 0
        assert "Departments, the worst against its target first" in here.page()
        month = command("report", here.past.older.name, "--pages", "--config", here.config)
        assert month.code == 2
        assert "今月" in month.err
        shutil.rmtree(folder)
        folder.write_text("")
        refused = command("report", "--pages", "--config", here.config)
        assert refused.code == 78
        assert str(folder) in refused.err
