"""Old monthly sheets taken in by the real program: shown first, then entered, never twice."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.office_context import OfficeContext
from collector.domain.office.office_calendar import Office
from tests.stories.office import Spot, write_office
from tests.stories.past import Poll, lay_down
from tests.stories.program import Ended, command
from tests.stories.sheets import Grid, as_csv, as_xlsx
from tests.unit.app.office import LONG_AGO, fleet, place

pytestmark = pytest.mark.integration

TOKYO = ZoneInfo("Asia/Tokyo")
WHO = ("--by", "佐藤", "--why", "昨年度の台帳")
OLD: Grid = [
    ["令和7年度 コピー使用枚数"],
    ["設置場所", "機種", "10月", "11月", "12月", "1月", "合計"],
    ["2階 1f", "iR3570", "1,000", "１２００", "-", 900, 3100],
    ["2f", "iR3570", 300, 310, 320, 330, 1260],
    ["合計", None, 1300, 1510, 320, 1230, 4360],
]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Return the configuration of an office whose ledger began on 10 October 2026."""
    config = write_office(tmp_path / "office", [Spot("1f", 1), Spot("2f", 2, department="zeimu")])
    places = (place("1f", (LONG_AGO, {"soumu": 100})), place("2f", (LONG_AGO, {"zeimu": 100})))
    context = OfficeContext(fleet(*places), Office("story", TOKYO))
    begun = datetime(2026, 10, 10, 12, tzinfo=TOKYO).astimezone(UTC)
    polls = [Poll(begun, "1f", 50_000), Poll(begun.replace(hour=8), "1f", 50_040)]
    asyncio.run(lay_down(config.with_name("ledger.sqlite3"), context, polls))
    return config


def write(office: Path, grid: Grid = OLD, name: str = "r7.csv") -> Path:
    path = office.with_name(name)
    path.write_bytes(as_xlsx({"台帳": grid}) if name.endswith("x") else as_csv(grid, "cp932"))
    return path


def take(office: Path, sheet: Path, *args: str) -> Ended:
    return command("history", "import", sheet, *args, "--config", office)


def entries(office: Path) -> int:
    return len(command("entries", "--config", office, "--json").json)


def months(office: Path, month: str) -> dict[str, dict[str, object]]:
    stated = command("month", month, "--format", "json", "--config", office)
    assert stated.code == 0, stated.err
    return {one["department"]: one for one in stated.json}


def edited(*changes: tuple[int, int, object]) -> Grid:
    grid = [list(row) for row in OLD]
    for row, column, value in changes:
        grid[row][column] = value
    return grid


@pytest.mark.parametrize("name", ["r7.csv", "r7.xlsx"])
def test_last_year_exists_from_the_first_day(office: Path, name: str) -> None:
    sheet = write(office, name=name)
    looked = take(office, sheet)
    assert looked.code == 0, looked.err
    assert "何も記録していません" in looked.err
    assert "合計の行（合計）は使いませんでした" in looked.err
    assert "1,300" in looked.out
    assert "新規 2" in looked.out
    assert entries(office) == 0

    done = take(office, sheet, "--apply", *WHO)
    assert (done.code, entries(office)) == (0, 7), done.err
    assert "7 か月分を入力しました" in done.err
    then = months(office, "2025-11")
    assert (then["soumu"]["pages"], then["zeimu"]["pages"]) == (1200, 310)
    running = months(office, "2026-10")
    assert (running["soumu"]["pages"], running["soumu"]["last_year"]) == (40, 1000)
    nothing = command("month", "2024-11", "--config", office)
    assert (nothing.code, "何も数えていません" in nothing.err) == (2, True)


def test_the_same_again_adds_nothing_and_a_corrected_one_only_what_differs(office: Path) -> None:
    take(office, write(office), "--apply", *WHO)
    again = take(office, write(office, name="copy.xlsx"), "--apply", *WHO)
    assert (again.code, "取込済み" in again.err, entries(office)) == (0, True, 7)

    corrected = write(office, edited((3, 3, 340), (2, 4, 700)))
    looked = take(office, corrected)
    assert "+30" in looked.out
    assert entries(office) == 7
    told = json.loads(take(office, corrected, "--json").out)
    assert told["kind"] == "totals"
    news = {(one["place"], one["month"]): one["state"] for one in told["months"]}
    assert {key for key, state in news.items() if state == "changed"} == {("2f", "2025-11")}
    assert {key for key, state in news.items() if state == "new"} == {("1f", "2025-12")}

    done = take(office, corrected, "--apply", *WHO)
    assert (done.code, entries(office)) == (0, 9), done.err
    assert months(office, "2025-11")["zeimu"]["pages"] == 340
    assert months(office, "2025-12")["soumu"]["pages"] == 700


def test_everything_wrong_is_told_at_once_and_nothing_is_entered(office: Path) -> None:
    bad = edited((2, 2, -5), (2, 3, 1.5), (3, 0, "3f"), (1, 5, "12月"))
    for name, corner in (("r7.csv", "3 行目、C 列"), ("r7.xlsx", "台帳!C3")):
        refused = take(office, write(office, bad, name), "--apply", *WHO)
        assert (refused.code, refused.out) == (78, ""), refused.err
        assert "4 件の問題があるため" in refused.err
        assert f"  {name}: {corner}: " in refused.err
        assert "は負の数です" in refused.err
        assert "面数の整数ではありません" in refused.err
        assert "'3f' という設置場所はありません" in refused.err
        assert "--place NAME=ID" in refused.err
        assert "は列 E（" in refused.err
        assert entries(office) == 0


def test_months_that_the_ledger_counts_itself_are_refused_with_the_way_out(office: Path) -> None:
    grid: Grid = [
        ["設置場所", "2026年8月", "9月", "10月"],
        ["1f", 49000, 49500, 50100],
    ]
    sheet = write(office, grid)
    refused = take(office, sheet, "--kind", "readings", "--apply", *WHO)
    assert refused.code == 78
    assert (
        "r7.csv: 2 行目、D 列: 1f は 2026-10 の途中、2026-10-10 から台帳で数えています"
        in refused.err
    )
    assert "copier-fleet read" in refused.err
    assert entries(office) == 0

    done = take(office, sheet, "--kind", "readings", "--until", "2026-09", "--apply", *WHO)
    assert (done.code, entries(office)) == (0, 1), done.err
    assert months(office, "2026-09")["soumu"]["pages"] == 500
    panel = ("total=49500", "--at", "2026-10-01T00:00", *WHO)
    read = command("read", "1f", *panel, "--config", office)
    assert read.code == 0, read.err
    assert months(office, "2026-10")["soumu"]["pages"] == 540
    assert months(office, "2026-09")["soumu"]["pages"] == 500


def test_other_names_and_years_by_option(office: Path) -> None:
    grid: Grid = [["場所", "4月 枚数", "5月 枚数"], ["旧 総務前", 10, 20], ["廃止", 1, 2]]
    sheet = write(office, grid)
    refused = take(office, sheet)
    assert (refused.code, "--year 2025" in refused.err) == (78, True)
    options = ("--year", "2024", "--place", "旧総務前=1f", "--place", "廃止=", "--kind", "totals")
    done = take(office, sheet, *options, "--apply", *WHO)
    assert (done.code, entries(office)) == (0, 2), done.err
    assert months(office, "2024-05")["soumu"]["pages"] == 20


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--apply",), "理由を指定してください"),
        (("--kind", "guesses"), "'guesses' は選べません。選べる値: 'readings', 'totals'"),
        (("--until", "2025-13"), "2026-11 のように書いてください"),
        (("--place", "x"), "名称=番号 の形ではありません"),
        (("--place", "x=9f"), "設置場所 '9f' はありません。あるもの: 1f、2f"),
        (("--year", "25"), "25 は範囲 1990<=x<=2099 の外です"),
    ],
)
def test_wrong_usage_is_two(office: Path, args: tuple[str, ...], told: str) -> None:
    ended = take(office, write(office), *args)
    assert (ended.code, told in " ".join(ended.err.split())) == (2, True), ended.err


def test_files_and_sheets_that_are_none(office: Path) -> None:
    sheet = write(office, name="r7.xlsx")
    wrong = take(office, sheet, "--sheet", "R6")
    assert (wrong.code, "シート 'R6' はありません。あるのは: 台帳" in wrong.err) == (78, True)
    sheet.write_bytes(sheet.read_bytes()[:200])
    assert "壊れているか、途中で切れています" in take(office, sheet).err
    sheet.write_bytes(b"\x00\x01" * 400)
    junk = take(office, sheet)
    assert (junk.code, junk.out) == (78, "")
    assert "Traceback" not in junk.err


def test_before_the_first_start_a_sheet_can_be_looked_at(office: Path) -> None:
    office.with_name("ledger.sqlite3").unlink()
    looked = take(office, write(office))
    assert (looked.code, "1,300" in looked.out) == (0, True)
    assert "一度サービスを起動してください" in looked.err
    refused = take(office, write(office), "--apply", *WHO)
    assert (refused.code, "まだありません" in refused.err) == (70, True)
    assert not office.with_name("ledger.sqlite3").exists()


async def test_what_was_entered_lies_in_the_ledger_with_its_cell(office: Path) -> None:
    take(office, write(office, name="r7.xlsx"), "--apply", *WHO)
    ledger = await SqliteLedger.open(office.with_name("ledger.sqlite3"), read_only=True)
    try:
        found = await ledger.entries()
    finally:
        await ledger.close()
    assert {one.source for one in found if one.period == "2025-10"} == {
        "r7.xlsx: 台帳!C3",
        "r7.xlsx: 台帳!C4",
    }
    assert {(one.signed.by, one.signed.why) for one in found} == {("佐藤", "昨年度の台帳")}
