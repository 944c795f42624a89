"""Decisions, readings by hand and their taking back, by the real program on a real ledger."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collector.adapters.clock import SystemClock
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.office_context import OfficeContext
from collector.demo.machines import Printed, SimulatedMachine
from collector.domain.counting.deciding import VERDICTS
from collector.domain.counting.entries import Verdict
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.office.fleet import Assignment, Department, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import verbatim
from tests.stories import books
from tests.stories.copiers import copiers
from tests.stories.office import Spot, write_office
from tests.stories.past import Poll, lay_down
from tests.stories.program import Ended, command, daemon
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = Office("story", TOKYO)
SOUMU = DepartmentId("soumu")
WHO = ("--by", "佐藤", "--why", "点検で確認")


def at(month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=TOKYO).astimezone(UTC)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Return the configuration of an office with places 1f and 2f and no ledger yet."""
    return write_office(tmp_path / "office", [Spot("1f", 1), Spot("2f", 2)])


def lay(config: Path, *polls: Poll) -> Path:
    places = tuple(
        Place(PlaceId(one), one, "", assignments=(Assignment(date(2020, 1, 1), {SOUMU: 100}),))
        for one in ("1f", "2f")
    )
    context = OfficeContext(Fleet((Department(SOUMU, "総務課"),), places), OFFICE)
    ledger = config.with_name("ledger.sqlite3")
    asyncio.run(lay_down(ledger, context, polls))
    return ledger


def run(config: Path, *args: str | Path) -> Ended:
    return command(*args, "--config", config)


def under(config: Path, group: str, *args: str | Path) -> Ended:
    return command(group, "--config", config, *args)


RESET = (
    Poll(at(10, 1), "1f", 5000),
    Poll(at(10, 20), "1f", 5400),
    Poll(at(10, 20, 13), "1f", 10, uptime_s=60),
    Poll(at(10, 20, 14), "1f", 25, uptime_s=3660),
    Poll(at(10, 29), "1f", 125, uptime_s=800_000),
)


def test_a_reset_that_was_an_exchange_counts_no_page_of_the_other_machine(office: Path) -> None:
    ledger = lay(office, *RESET)
    assert books.printed(ledger, "1f") == 400 + 125
    listed = under(office, "findings", "--open", "--json")
    assert listed.code == 1
    (reset,) = [one for one in listed.json if one["code"] == "meter_reset"]
    assert reset["evidence"]["scope"] == "machine"

    looked = under(
        office, "findings", "resolve", reset["id"], "--as", "replaced", *WHO, "--dry-run"
    )
    assert looked.code == 0
    assert "-10" in looked.out
    assert books.printed(ledger, "1f") == 525

    done = under(office, "findings", "resolve", reset["id"][:6], "--as", "replaced", *WHO)
    assert (done.code, "-10" in done.out) == (0, True), done.err
    assert books.printed(ledger, "1f") == 400 + 115
    assert sum(books.days(ledger).values()) == 515
    after = under(office, "findings", "--days", "9999", "--json")
    (told,) = [one for one in after.json if one["id"] == reset["id"]]
    assert told["decision"]["by"] == "佐藤"
    assert not told["open"]


def test_low_readings_that_were_a_glitch_are_dropped_until_the_machine_is_itself_again(
    office: Path,
) -> None:
    back = Poll(at(10, 30), "1f", 5500, uptime_s=900_000)
    ledger = lay(office, *RESET, back, Poll(at(10, 30, 13), "1f", 5510, uptime_s=903_600))
    believed = books.printed(ledger, "1f")
    assert 525 < believed < 600, "a reset at first, and its old count typed in again"
    found = under(office, "findings", "--days", "9999", "--json").json
    (reset,) = [one for one in found if one["code"] == "meter_reset"]
    done = under(office, "findings", "resolve", reset["id"], "--as", "glitch", *WHO)
    assert done.code == 0, done.err
    assert books.printed(ledger, "1f") == 510
    entry = under(office, "entries", "--json").json[0]["id"]
    undone = under(office, "entries", "withdraw", entry, *WHO)
    assert undone.code == 0, undone.err
    assert books.printed(ledger, "1f") == believed
    assert len(under(office, "entries", "--json").json) == 2


def test_what_cannot_be_said_of_a_finding_is_refused(office: Path) -> None:
    ledger = lay(office, *RESET)
    before = books.days(ledger)
    found = under(office, "findings", "--days", "9999", "--json").json
    (reset,) = [one for one in found if one["code"] == "meter_reset"]
    unknown = under(office, "findings", "resolve", "nope", "--as", "reset", *WHO)
    assert (unknown.code, "copier-fleet findings" in unknown.err) == (2, True)
    empty = under(office, "findings", "resolve", reset["id"], "--as", "reset", "--why", " ")
    assert (empty.code, "--why" in empty.err) == (2, True)
    odd = under(office, "findings", "resolve", reset["id"], "--as", "stolen", *WHO)
    assert odd.code == 2
    assert books.days(ledger) == before
    assert under(office, "entries", "--json").json == []


SILENT = (
    Poll(at(10, 1), "2f", 1000),
    Poll(at(10, 26), "2f", 1800),
    Poll(at(10, 27), "2f", None),
    Poll(at(10, 27, 13), "2f", None),
)


def test_a_reading_by_hand_counts_and_is_marked_and_the_machine_goes_on_from_it(
    office: Path,
) -> None:
    ledger = lay(office, *SILENT)
    done = run(office, "read", "2f", "total=2,000", "--at", "2026-10-31T23:50", *WHO)
    assert done.code == 0, done.err
    assert books.printed(ledger, "2f") == 1000
    sql = "SELECT DISTINCT quality FROM usage_list WHERE meter = 'total' AND first >= 1800"
    assert books.ask(ledger, sql) == [("edited",)]
    lay(office, Poll(at(11, 2), "2f", 2100, uptime_s=10**7))
    assert books.printed(ledger, "2f") == 1100
    november = sum(pages for (day, _), pages in books.days(ledger).items() if day >= "2026-11")
    assert november == 100


@pytest.mark.parametrize(
    ("figures", "when", "why"),
    [
        (["total=1799"], "2026-10-31T12:00", "1799 は 2026-10-26 12:00 の検針 1800 より小さい"),
        (["total=1001"], "2026-10-27T12:00", "より小さい"),
        (["total=1900"], "2026-10-20T12:00", "1900 は 2026-10-26 12:00 の検針 1800 より大きい"),
        (["total=99000000"], "2026-10-31T12:00", "印刷できる面数を超えて"),
        (["total=1800"], "2026-10-26T12:00", "同じ時刻の検針"),
    ],
)
def test_a_reading_that_cannot_be_is_refused_with_its_neighbours(
    office: Path, figures: list[str], when: str, why: str
) -> None:
    ledger = lay(office, *SILENT)
    before = books.days(ledger), books.printed(ledger, "2f")
    refused = run(office, "read", "2f", *figures, "--at", when, *WHO)
    assert refused.code == 1
    assert why in " ".join(refused.err.split())
    assert (books.days(ledger), books.printed(ledger, "2f")) == before
    assert under(office, "entries", "--json").json == []


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["3f", "total=5"], "設置場所 '3f' はありません"),
        (["2f", "totl=5"], "もしかして: 'total'"),
        (["2f", "total=-5"], "数字として読めません"),
        (["2f", "total=12a"], "数字として読めません"),
        (["2f", "total=5", "total=6"], "2 回書かれています"),
        (["2f", "copy=5"], "total=… を加えてください"),
        (["2f", "total=1900", "--at", "yesterday"], "日時として読めません"),
        (["2f", "total=1900", "--at", "2999-01-01T00:00"], "まだ先です"),
    ],
)
def test_what_is_no_reading_is_told_in_one_sentence(
    office: Path, args: list[str], told: str
) -> None:
    ledger = lay(office, *SILENT)
    before = books.days(ledger)
    refused = run(office, "read", *args, *WHO)
    assert (refused.code, told in " ".join(refused.err.split())) == (2, True), refused.err
    assert books.days(ledger) == before


def test_entering_while_the_daemon_runs(tmp_path: Path) -> None:
    """The daemon has the place in mind as it was; its next poll goes on from what was entered."""
    with copiers() as machines:
        machine = SimulatedMachine("ricoh", "Copier", "SERIAL1", Printed(1000))
        config = write_office(tmp_path / "office", [Spot("1f", machines.add("1f", machine))])
        ledger = config.with_name("ledger.sqlite3")
        with daemon(config) as running:
            until(lambda: books.readings(ledger, "1f"), "the first reading")
            first = machines.total("1f")
            yesterday = SystemClock().now() - timedelta(days=1)
            figure = f"total={first - 250}"
            done = run(config, "read", "1f", figure, "--at", yesterday.isoformat(), *WHO)
            assert done.code == 0, done.err
            assert books.printed(ledger, "1f") == 250
            machines.print("1f", 7)
            until(lambda: books.printed(ledger, "1f") == 257, "the pages printed since")
            assert running.process.poll() is None
        assert sum(books.days(ledger).values()) == 257
        assert books.is_sound(ledger)


TYPED_IN = (
    Poll(at(10, 1), "1f", 5000),
    Poll(at(10, 1, 13), "1f", 5040),
    Poll(at(10, 2), "1f", 5000 + 4040, uptime_s=600),
    Poll(at(10, 2, 14), "1f", 5000 + 4052, uptime_s=7800),
)


def test_a_question_shows_what_each_answer_would_count_and_offers_no_life(office: Path) -> None:
    ledger = lay(office, *TYPED_IN)
    assert books.printed(ledger, "1f") == 40 + 12
    waiting = under(office, "findings", "--open", "--json").json
    (question,) = [one for one in waiting if one["code"] == "pages_in_question"]
    assert question["evidence"]["pages"] == 4000
    refused = under(office, "findings", "resolve", question["id"], "--as", "reset", *WHO)
    assert refused.code == 2
    assert "printed（4000 面を数える）" in refused.err
    assert books.printed(ledger, "1f") == 52
    done = under(office, "findings", "resolve", question["id"], "--as", "printed", *WHO)
    assert done.code == 0, done.err
    assert books.printed(ledger, "1f") == 4052
    assert under(office, "findings", "--open", "--json").json == []
    other = under(office, "findings", "resolve", question["id"], "--as", "replaced", *WHO)
    assert other.code == 0, other.err
    assert books.printed(ledger, "1f") == 52


async def _found(ledger: Path, findings: Sequence[Finding]) -> None:
    opened = await SqliteLedger.open(ledger, beside=True)
    try:
        await opened.record_findings(findings)
    finally:
        await opened.close()


def offered(said: str) -> dict[str, set[str]]:
    """Return by the id of a finding what the lines below a list, or a page, offer to say of it."""
    found: dict[str, set[str]] = {}
    for line in said.splitlines():
        if how := re.search(r"findings resolve (\S+) --as (\S+)", line):
            ids = re.findall(r"\b[0-9a-f]{12}\b", line)
            found |= {one: {*how[2].split("|")} for one in ids}
    return found


def test_of_every_finding_exactly_that_is_offered_which_may_be_said_of_it(
    office: Path,
) -> None:
    ledger = lay(office, *RESET)
    every = [
        Finding(one, Severity.WARNING, "1f", verbatim("m"), at(10, 21, 9, number))
        for number, one in enumerate(Code)
    ]
    asyncio.run(_found(ledger, every))
    waiting = under(office, "findings", "--open", "--json").json
    known = {one["id"]: Code(one["code"]) for one in waiting}
    assert len({*known.values()} & VERDICTS.keys()) > 6
    told = offered(under(office, "findings", "--open").err)
    by_group = {frozenset(one) for one in told.values()}
    assert by_group == {frozenset(VERDICTS.get(one, {Verdict.IGNORE})) for one in known.values()}
    for one, code in known.items():
        allowed = {*VERDICTS.get(code, {Verdict.IGNORE})}
        assert told.get(one, allowed) == allowed, code
        explained = under(office, "explain", one).out
        assert {verdict for verdict in Verdict if verdict in explained} >= allowed
        assert next(iter(offered(explained).values()), allowed) <= allowed
    for verdict in set(Verdict) - VERDICTS[Code.ABOVE_PACE]:
        (pace,) = [one for one, code in known.items() if code is Code.ABOVE_PACE]
        assert under(office, "findings", "resolve", pace, "--as", verdict, *WHO).code == 2
