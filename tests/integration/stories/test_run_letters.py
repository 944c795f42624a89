"""The monthly letters, written and sent by the running service after a closing, out of its way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.stories.test_run_closing import CLOSING, LATECOMER, SILENT, STEADY
from tests.integration.stories.test_run_notices import AWAKE
from tests.servers.receivers import Mailbox, mail_server
from tests.stories import books
from tests.stories.copiers import Copiers, copiers
from tests.stories.months_gone import Past, Stood, fill
from tests.stories.office import Spot, write_office
from tests.stories.program import command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

BAD = "the monthly letters cannot be written"
GOOD = "the monthly letters can be written again"
WRITTEN = "monthly letters written"


@dataclass(frozen=True)
class Town:
    """An office with two finished months; one copier fell silent within the newer one."""

    config: Path
    folder: Path
    machines: Copiers
    past: Past

    def letter(self, month: str, department: str = "") -> str:
        name = f"letter-{month}-{department}.html" if department else f"letter-{month}.html"
        path = self.folder / name
        return path.read_text("utf-8") if path.exists() else ""

    def close(self, month: str) -> None:
        plan = command("close", month, "--json", "--config", self.config).json["checksum"]
        args = ("close", month, "--apply", plan, "--by", "佐藤", "--config", self.config)
        done = command(*args)
        assert done.code == 0, done.err


@contextmanager
def town(tmp_path: Path, more: str) -> Iterator[Town]:
    folder = tmp_path / "share" / "letters"
    with copiers() as machines:
        spots = [
            Spot("steady", machines.add("steady", STEADY)),
            Spot("late", machines.add("late", LATECOMER), department="zeimu"),
        ]
        config = write_office(tmp_path / "office", spots, f'{more}\n[letters]\ndir = "{folder}"\n')
        config.chmod(0o600)
        past = fill(
            config.with_name("ledger.sqlite3"),
            Stood("steady", "STEADY1", 30_000),
            Stood("late", "LATE1111", 60_000, SILENT),
        )
        yield Town(config, folder, machines, past)


def receiver(box: Mailbox) -> str:
    return f"""{AWAKE}
[receivers.tax]
apprise_url = "mailto://127.0.0.1:{box.port}?to=zeimu@example.jp&from=c@example.jp&mode=insecure"
tells = []
letters = ["zeimu", "nobody"]
"""


def test_each_revision_is_written_and_sent_once_and_then_left_alone(tmp_path: Path) -> None:
    with mail_server() as box, town(tmp_path, CLOSING + receiver(box)) as here:
        older, newer = here.past.older.name, here.past.newer.name
        here.close(older)
        here.close(newer)
        here.folder.mkdir(parents=True)
        (here.folder / "letter-of-ours.html").write_text("ours")
        with daemon(here.config) as running:
            running.says("finding", code="month_adjusted", place=newer)
            until(lambda: "確定 第2版" in here.letter(newer), "the next revision's letter")
            until(lambda: "確定 第1版" in here.letter(older), "the older month's letter")
            until(lambda: any("第2版" in one for one in box.texts()), "the next revision sent")
            assert running.terminate() == 0, running.text
        assert not running.lines(BAD)
        assert "確定 第2版" in here.letter(newer, "zeimu")
        assert "総務課" in here.letter(newer, "soumu")
        files = {one.name: one.stat().st_mtime_ns for one in here.folder.iterdir()}
        months = {f"letter-{month}{whose}.html" for month in (older, newer) for whose in _WHOSE}
        assert files.keys() == months | {"letter-of-ours.html"}

        sent = box.texts()
        assert sum("第2版" in one for one in sent) == 1
        letter = f"letter-{newer}-zeimu.html"
        (attached,) = [one[letter] for one in box.files() if "第2版" in one.get(letter, "")]
        assert attached == here.letter(newer, "zeimu"), "the very file that is in the folder"
        assert {name for one in box.files() for name in one} <= {
            f"letter-{month}-zeimu.html" for month in (older, newer)
        }
        assert "■ 目標への道のり" in "".join(sent)
        assert "税務課" in "".join(sent)
        assert "（総務課）" not in "".join(sent)
        with daemon(here.config) as again:
            until(lambda: again.lines("collector is ready"), "a restart")
            before = books.printed(here.config.with_name("ledger.sqlite3"), "steady")
            here.machines.print("steady", 3)
            counted = here.config.with_name("ledger.sqlite3")
            until(lambda: books.printed(counted, "steady") == before + 3, "counted")
            assert again.terminate() == 0, again.text
        assert not again.lines(WRITTEN)
        assert {one.name: one.stat().st_mtime_ns for one in here.folder.iterdir()} == files
        assert box.texts() == sent


_WHOSE = ("", "-soumu", "-zeimu")


def test_a_folder_that_cannot_be_written_is_told_once_and_holds_up_nothing(tmp_path: Path) -> None:
    with town(tmp_path, "\n[closing]\ngrace_days = 0\n") as here:
        here.folder.parent.mkdir(parents=True)
        here.folder.write_text("no folder at all")
        here.close(here.past.older.name)
        ledger = here.config.with_name("ledger.sqlite3")
        with daemon(here.config) as running:
            told = running.says(BAD)
            assert told["folder"] == str(here.folder)
            assert told["reason"]
            before = books.printed(ledger, "steady")
            here.machines.print("steady", 3)
            until(lambda: books.printed(ledger, "steady") == before + 3, "polls go on")
            here.folder.unlink()
            here.close(here.past.newer.name)
            running.says(GOOD)
            assert here.letter(here.past.newer.name)
            assert here.letter(here.past.older.name)
            assert len(running.lines(BAD)) == 1
            assert "Traceback" not in running.text
            assert running.terminate() == 0, running.text
