"""`close` and `statement` at the command line, on a ledger with two finished months."""

import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from collector.adapters.clock import SystemClock
from tests.stories.months_gone import A_DAY, OFFICE, Past, Stood, edit_statement, fill
from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, command
from tests.stories.terminal import at_terminal
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

ENGLISH = {"COPIER_FLEET__OFFICE__LANGUAGE": "en"}
SILENT = 12
NO_GRACE = "\n[closing]\ngrace_days = 0\n"
LONG_GRACE = "\n[closing]\ngrace_days = 60\n"


class Town:
    """An office of two copiers, one of them silent since before the last closing."""

    def __init__(self, folder: Path, filled: Path, past: Past, more: str = NO_GRACE) -> None:
        """Write the configuration, and put a copy of the ledger `filled` beside it."""
        spots = [Spot("1f", 9), Spot("2f", 19, department="zeimu")]
        self.config = write_office(folder, spots, more)
        self.ledger = self.config.with_name("ledger.sqlite3")
        self.past = past
        shutil.copy(filled, self.ledger)

    @property
    def older(self) -> str:
        return self.past.older.name

    @property
    def newer(self) -> str:
        return self.past.newer.name

    def run(self, *args: str, **env: str) -> Ended:
        return command(*args, "--config", self.config, env=ENGLISH | env)

    def close(self, month: str, *more: str) -> Ended:
        """Show the plan for `month` and apply it."""
        shown = self.run("close", month, "--json", *more)
        assert shown.code == 0, shown.err
        return self.run("close", month, *more, "--by", "sato", "--apply", shown.json["checksum"])


Build = Callable[..., Town]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return what builds a town in a folder; the ledger is filled only once."""
    filled = tmp_path_factory.mktemp("filled") / "ledger.sqlite3"
    past = fill(filled, Stood("1f", "AAAA1111", 30_000), Stood("2f", "BBBB2222", 60_000, SILENT))
    return lambda folder, more=NO_GRACE: Town(folder, filled, past, more)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, build: Build) -> Town:
    """A town that no test changes."""
    return build(tmp_path_factory.mktemp("town"))


def test_from_the_plan_to_the_statement(tmp_path: Path, build: Build) -> None:
    town = build(tmp_path)
    shown = town.run("close")
    assert shown.code == 0
    assert f"Plan for {town.older}, revision 1" in shown.out
    assert "2 of 2 read" in shown.out
    assert "Nothing is sealed yet" in shown.err
    (checksum,) = re.findall(r"--apply ([0-9a-f]{12})", shown.err)
    assert town.run("statement", "list", "--json").json == []

    assert "is the one that was shown before" in town.run("close").err
    wrong = town.run("close", town.older, "--apply", "000000000000", "--by", "sato")
    assert wrong.code == 1
    assert "no longer 000000000000; nothing was sealed" in wrong.err
    assert town.run("statement", "list", "--json").json == []

    done = town.run("close", town.older, "--apply", checksum, "--by", "sato")
    assert done.code == 0
    assert f"{town.older} is closed as revision 1 by sato" in done.err
    again = town.run("close", town.older, "--apply", checksum, "--by", "sato")
    assert again.code == 0
    assert "is closed already by this very plan" in again.err
    once_more = town.run("close", town.older)
    assert once_more.code == 0
    assert "nothing has changed since" in once_more.err
    (listed,) = town.run("statement", "list", "--json").json
    assert (listed["month"], listed["revision"], listed["closed_by"]) == (town.older, 1, "sato")

    days = OFFICE.working_days(town.past.older.start, town.past.older.end)
    statement = town.run("statement", "show", town.older, "--json").json
    assert statement["total"] == 2 * A_DAY * days
    assert statement["department_totals"]["zeimu"]["total"] == A_DAY * days
    place = statement["places"][0]
    opening, closing = (place[one]["meters"]["total"] for one in ("opening", "closing"))
    assert closing - opening == A_DAY * days == place["pages"]["total"]
    month = town.run("month", town.older, "--format", "json").json
    assert {(one["final"], one["revision"]) for one in month} == {(True, 1)}


def test_a_silent_copier_is_estimated_after_the_grace_time(tmp_path: Path, build: Build) -> None:
    town = build(tmp_path, more=LONG_GRACE)
    assert town.close(town.older).code == 0
    waits = town.run("close", town.newer)
    assert (waits.code, waits.out) == (1, "")
    assert f"Not heard since the end of {town.newer}: 2f" in waits.err
    assert "copier-fleet read PLACE total=..." in waits.err
    shown = town.run("close", town.newer, "--estimate-now")
    assert shown.code == 0
    assert "1 of 2 read, 1 estimated" in shown.out
    assert "guess = " in shown.out
    assert f"close {town.newer} --estimate-now --config" in shown.err
    assert town.close(town.newer, "--estimate-now").code == 0
    document = town.run("statement", "show", town.newer)
    assert "estimated" in document.out
    plain = town.run("month", town.newer)
    assert "closed (revision 1); not read or estimated: 2f" in plain.err


@pytest.mark.parametrize(
    ("month", "code", "says"),
    [
        ("newer", 2, "must be closed first: copier-fleet close {older}"),
        ("running", 2, "is not over before the end of"),
        ("2019-04", 2, "lies before the ledger begins"),
        ("2026-13", 2, "write it like 2026-11"),
        ("November", 2, "write it like 2026-11"),
    ],
)
def test_what_cannot_be_closed_is_refused_in_one_sentence(
    town: Town, month: str, code: int, says: str
) -> None:
    running = OFFICE.before(town.past.newer, -1).name
    name = {"newer": town.newer, "running": running}.get(month, month)
    refused = town.run("close", name)
    assert (refused.code, refused.out) == (code, "")
    assert says.format(older=town.older) in refused.err
    assert "Traceback" not in refused.err


def test_what_is_not_there_is_said_so(town: Town) -> None:
    for verb in (("show", town.older), ("diff", town.older), ("verify", town.older)):
        ended = town.run("statement", *verb)
        assert ended.code == 2
        assert f"{town.older} is not closed" in ended.err
    assert town.run("statement", "verify").code == 0


def test_several_months_at_once_by_one_checksum(tmp_path: Path, build: Build) -> None:
    town = build(tmp_path)
    shown = town.run("close", town.newer, "--up-to")
    assert (town.older in shown.out, town.newer in shown.out) == (True, True)
    done = town.close(town.newer, "--up-to")
    assert done.code == 0, done.err
    chain = town.run("statement", "list", "--json").json
    assert [one["month"] for one in chain] == [town.older, town.newer]
    assert chain[1]["previous"] == chain[0]["seal"]
    nothing = town.run("close")
    assert (nothing.code, "No month waits" in nothing.err) == (0, True)


def test_a_plan_that_changed_is_not_sealed_and_says_what_changed(
    tmp_path: Path, build: Build
) -> None:
    town = build(tmp_path)
    assert town.close(town.older).code == 0
    checksum = town.run("close", town.newer, "--json").json["checksum"]
    end = town.past.newer.end
    read = town.run(
        *("read", "2f", f"total={60_000 + 77}", "--at", f"{end.isoformat()}T17:20"),
        *("--by", "suzuki", "--why", "the plug was out"),
    )
    assert read.code == 0, read.err
    changed = town.run("close", town.newer, "--apply", checksum, "--by", "sato")
    assert changed.code == 1
    assert f"no longer {checksum}" in changed.err
    assert "heard again, no guess any more" in changed.out
    assert len(town.run("statement", "list", "--json").json) == 1
    assert town.close(town.newer).code == 0
    place = town.run("statement", "show", town.newer, "--json").json["places"][1]
    assert (place["quality"], place["guess"]) == ("edited", None)
    assert place["closing"]["by_hand"]


def test_late_facts_become_a_revision_and_verify_tells_of_them(
    tmp_path: Path, build: Build
) -> None:
    town = build(tmp_path)
    for month in (town.older, town.newer):
        assert town.close(month).code == 0
    good = town.run("statement", "verify")
    assert good.code == 0
    assert "2 statements are as they were sealed" in good.err
    end = town.past.newer.end.isoformat()
    sealed, second = SystemClock().now(), timedelta(seconds=1)
    until(lambda: SystemClock().now() >= sealed + second, "a second, as ledgers tell times apart")
    read = town.run(
        *("read", "2f", "total=60077", "--at", f"{end}T17:20", "--by", "suzuki"),
        *("--why", "the plug was out"),
    )
    assert f"copier-fleet close {town.newer}" in read.err
    verified = town.run("statement", "verify")
    assert verified.code == 1
    assert f"{town.newer}: the ledger counts otherwise today" in verified.err
    assert f"copier-fleet close {town.newer}" in verified.err
    sealed = town.run("statement", "show", town.newer, "--json").json
    assert town.close(town.newer).code == 0
    assert town.run("statement", "verify").code == 0
    revised = town.run("statement", "show", town.newer, "--json").json
    assert revised["places"] == sealed["places"], "what was sealed is never rewritten"
    guessed = sealed["places"][1]["guess"]["pages"]["total"]
    assert revised["total"] == sealed["total"] - guessed + 77
    difference = town.run("statement", "diff", town.newer)
    assert difference.code == 0
    assert "revision 1 to 2" in difference.out
    assert "suzuki read 60077 off the panel" in difference.out
    assert f"-{guessed}" in difference.out
    first = town.run("statement", "show", town.newer, "--revision", "1", "--json").json
    assert first == sealed


def test_a_statement_edited_on_disk_is_found_and_nothing_is_built_on_it(
    tmp_path: Path, build: Build
) -> None:
    town = build(tmp_path)
    assert town.close(town.older).code == 0
    edit_statement(town.ledger, town.older, '"closed_by":"sato"', '"closed_by":"tanaka"')
    verified = town.run("statement", "verify")
    assert verified.code == 1
    assert town.older in verified.out
    assert "its text was changed after it was sealed" in verified.out
    faults = town.run("statement", "verify", "--json").json["faults"]
    assert [(one["month"], one["revision"], one["fault"]) for one in faults] == [
        (town.older, 1, "seal")
    ]
    refused = town.run("close", town.newer)
    assert (refused.code, refused.out) == (70, "")
    assert f"statement {town.older} revision 1 is not as it was sealed" in refused.err
    edit = (town.ledger, town.older, '{"adjustments"', '{"adjust')
    with pytest.raises(Exception, match="no such trigger"):
        edit_statement(*edit)


def test_a_statement_that_is_none_any_more_is_named(tmp_path: Path, build: Build) -> None:
    town = build(tmp_path)
    assert town.close(town.older).code == 0
    edit_statement(town.ledger, town.older, '{"adjustments"', '{"adjust')
    verified = town.run("statement", "verify")
    assert verified.code == 70
    assert f"statement {town.older} revision 1 is none" in verified.err


def test_a_ledger_that_cannot_be_written_is_said_so(tmp_path: Path, build: Build) -> None:
    town = build(tmp_path)
    Path(f"{town.ledger}.lock").mkdir()  # root may write into every folder, but not into this
    shown = town.run("close", town.older)
    assert shown.code == 0
    assert "2 of 2 read" in shown.out
    assert "this plan is not remembered for comparison" in shown.err
    checksum = town.run("close", town.older, "--json").json["checksum"]
    refused = town.run("close", town.older, "--apply", checksum, "--by", "sato")
    assert (refused.code, refused.out) == (70, "")
    assert "cannot be written" in refused.err


def test_the_tables_fit_a_narrow_terminal_in_japanese(town: Town) -> None:
    code, lines = at_terminal("close", "--config", town.config, columns=80)
    assert code == 0
    assert any("前回検針" in line for line in lines)
    assert any("今回検針" in line for line in lines)
    assert any("締め案" in line for line in lines)
    tables = [line for line in lines if line.startswith(("┃", "│", "┏", "└"))]
    assert tables
    assert max(map(cell_len, tables)) <= 80
