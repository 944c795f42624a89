"""Readings counted by the real program without a ledger: the stories, and what is refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.stories.office import Spot, write_office
from tests.stories.program import ROOT, command

pytestmark = pytest.mark.integration

STORIES = ROOT.parent / "shared" / "cases" / "counting"
JUNE = "2026-06"


def counted(story: str) -> Any:  # noqa: ANN401 - JSON
    ended = command("count", STORIES / f"{story}.jsonl", "--json")
    assert ended.code == 0, ended.err
    return ended.json


def month(told: Mapping[str, Any], name: str = JUNE, place: str = "p") -> Any:  # noqa: ANN401 - JSON
    return told["places"][place]["months"][name]


def waiting(told: Mapping[str, Any]) -> set[str]:
    return {one["code"] for one in told["findings"] if one["open"] and one["place"] == "p"}


@pytest.mark.parametrize(
    ("story", "pages"),
    [
        ("first-reading-zero", {"total": 1}),
        ("jump-twice-and-back", {"total": 13}),
        ("two-zeros-young-colour", {"total": 10, "total_mono": 8, "total_color": 2}),
        ("two-zeros-young-machine", {"total": 5}),
        ("one-foreign-answer", {"total": 4, "total_mono": 3, "total_color": 1}),
        ("serial-loses-zeros", {"total": 1058}),
        ("second-reset", {"total": 22 + 41}),
        ("wrap-one-zero", {"total": 6}),
    ],
)
def test_what_is_known_is_counted_to_the_page(story: str, pages: Mapping[str, int]) -> None:
    own = month(counted(story))
    assert own["pages"] == pages
    assert own["in_question"] == 0
    assert own["low"] <= pages["total"] <= own["high"]


@pytest.mark.parametrize(
    ("story", "truth", "question"),
    [
        ("typed-in-too-high-overnight", 956, 10_000),
        ("jump-after-a-day-off", 20, 249_990),
        ("typed-back-older", 42, 0),
        ("lower-by-forty-after-a-night", 15, 0),
    ],
)
def test_what_cannot_be_known_is_in_question_and_waits(
    story: str, truth: int, question: int
) -> None:
    told = counted(story)
    own = month(told)
    assert own["low"] <= truth <= own["high"], own
    assert own["pages"]["total"] < 2 * truth + 100, own
    assert waiting(told)
    if question:
        assert abs(own["in_question"] - question) <= truth, own


def test_a_silence_that_ends_in_another_machine_is_estimated() -> None:
    told = counted("exchanged-while-silent")
    june = month(told)
    silent = {
        day: pages for day, pages in told["places"]["p"]["days"].items() if pages["estimated"]
    }
    assert silent
    assert june["estimated"] > 0
    working_days = 8
    known = june["pages"]["total"] - june["estimated"]
    assert june["low"] <= known + 72 * working_days <= june["high"], june


def test_two_swapped_machines_lose_no_page() -> None:
    told = counted("swapped-while-silent")
    both = [month(told, place=place) for place in ("p", "q")]
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for line in (STORIES / "swapped-while-silent.jsonl").read_text().splitlines():
        said = json.loads(line)
        first.setdefault(said["serial"], said["meters"]["total"])
        last[said["serial"]] = said["meters"]["total"]
    printed = sum(last.values()) - sum(first.values())
    assert sum(one["pages"]["total"] for one in both) == printed
    assert all(one["estimated"] for one in both)


def test_a_silence_over_the_new_year_widens_both_months() -> None:
    told = counted("silent-over-new-year")
    december, january = month(told, "2026-12"), month(told, "2027-01")
    assert december["pages"]["total"] + january["pages"]["total"] == 47_316 - 45_000
    before = december["pages"]["total"] - december["estimated"]
    assert december["low"] <= before + 600 <= december["high"]
    assert january["low"] < january["pages"]["total"]


def test_a_clock_that_was_ahead_moves_no_page_to_another_day() -> None:
    told = counted("clock-ahead")
    days = told["places"]["p"]["days"]
    assert set(told["places"]["p"]["months"]) == {JUNE}
    assert days["2026-06-07"]["total"] + days["2026-06-06"]["total"] >= 9489 - 9402
    assert max(days) <= "2026-06-07"


def test_csv_in_japanese_comes_to_the_same_as_json(tmp_path: Path) -> None:
    lines = [
        {"at": f"2026-04-01T{9 + n:02}:00:00+09:00", "place": "2f", "serial": "AB1234"}
        for n in range(3)
    ]
    meters = [{"total": 12_000 + 7 * n, "total_color": 100 + n} for n in range(3)]
    as_json = tmp_path / "r.jsonl"
    rows = [json.dumps({**a, "meters": b}) for a, b in zip(lines, meters, strict=True)]
    as_json.write_text("\n".join(rows), encoding="utf-8")
    as_csv = tmp_path / "r.csv"
    text = "日時,設置場所ID,製造番号,合計,カラー,備考\r\n" + "".join(
        f'{a["at"]},2f,AB1234,"{b["total"]:,}",{b["total_color"]},\r\n'
        for a, b in zip(lines, meters, strict=True)
    )
    for encoding in ("utf-8-sig", "cp932"):
        as_csv.write_bytes(text.encode(encoding))
        both = [command("count", one, "--json").json for one in (as_json, as_csv)]
        assert both[0] == both[1]
    assert month(both[0], "2026-04", "2f")["pages"] == {"total": 14, "total_color": 2}


def test_the_table_fits_a_terminal_and_speaks_both_languages() -> None:
    story = STORIES / "typed-back-older.jsonl"
    for lang, word, nothing in (
        ("ja", "設置場所別・月別面数", "何も記録していません"),
        ("en", "Impressions by place and month", "nothing was written"),
    ):
        ended = command("count", story, "--lang", lang)
        assert word in ended.out
        assert "2026-06" in ended.out
        assert nothing in ended.err


GOOD = '{"at": "2026-06-01T01:00:00Z", "place": "hall", "serial": "A1234", "meters": {"total": 1}}'


@pytest.mark.parametrize(
    ("line", "key", "says"),
    [
        (GOOD.replace('"serial"', '"serial": "B1234", "serial"'), "serial", "twice"),
        (GOOD.replace('"A1234"', '["A1234", "B1234"]'), "serial", "no text"),
        (GOOD.replace(": 1}", ': "many"}'), "meters.total", "no whole number"),
        (GOOD.replace(": 1}", ": 1.5}"), "meters.total", "no whole number"),
        (GOOD.replace(": 1}", ": true}"), "meters.total", "true is no whole number"),
        (GOOD.replace(": 1}", ": -3}"), "meters.total", "negative"),
        (GOOD.replace(": 1}", ": null}"), "meters.total", "null"),
        (GOOD.replace("total", "totl"), "meters.totl", "no meter"),
        (GOOD.replace("00Z", "00"), "at", "no zone"),
        (GOOD.replace('"at": "2026-06-01T01:00:00Z", ', ""), "at", "missing"),
        (GOOD.replace("2026-06-01T", "yesterday "), "at", "no time"),
        (GOOD.replace('"place"', '"silent": true, "place"'), "serial", "silent"),
        (GOOD.replace('"place"', '"ort"'), "ort", "no key"),
        (GOOD[:-1], "", "no JSON"),
        ("[1, 2]", "", "no JSON object"),
        (GOOD, "at", "same place and time"),
        (GOOD.replace("01:00", "00:30"), "at", "is before line 1"),
        (GOOD.replace("A1234", "A1234\udcff"), "", "not UTF-8"),
    ],
)
def test_a_line_that_is_not_clear_is_named_and_nothing_is_counted(
    tmp_path: Path, line: str, key: str, says: str
) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(f"{GOOD}\n{line}\n".encode("utf-8", "surrogateescape"))
    ended = command("count", path, "--json")
    assert (ended.code, ended.out) == (78, ""), ended.err
    where = f"r.jsonl: line 2: {key}: " if key else "r.jsonl: line 2: "
    assert where in ended.err
    assert says in ended.err


@pytest.mark.parametrize(
    ("name", "octets", "says"),
    [
        ("r.jsonl", b"", "is empty"),
        ("r.jsonl", b"\n \n", "is empty"),
        ("r.jsonl", b'[{"at": 1}]', "one JSON object a line"),
        ("r.csv", b"\xff\xff\x00,\x81", "neither UTF-8 nor Shift_JIS"),
        ("r.csv", b"at,place,shade\n", "'shade' is no heading"),
        ("r.csv", b"at,place,total,total\n", "twice"),
        ("r.csv", b"at,place,total\n", "holds no reading"),
        ("r.csv", b'at,place,total\n"2026', "no CSV"),
        (
            "r.csv",
            b"at,place,serial,total\n2026-06-01T01:00Z,p,A1234,12a\n",
            "line 2: meters.total",
        ),
        ("r.csv", b"at,place,total\n2026-06-01T01:00Z,p,1,2\n", "line 2: holds 4 cells under 3"),
    ],
)
def test_a_file_that_is_none_is_refused(
    tmp_path: Path, name: str, octets: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(octets)
    ended = command("count", path, "--json")
    assert (ended.code, ended.out) == (78, ""), ended.err
    assert says in ended.err


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        ended = command("count", path)
        assert ended.code == 78
        assert f"{path.name}: cannot be read" in ended.err


def test_a_place_that_the_fleet_does_not_know_is_refused(tmp_path: Path) -> None:
    config = write_office(tmp_path / "office", [Spot("hall", 1)])
    path = tmp_path / "r.jsonl"
    path.write_text(f"{GOOD}\n{GOOD.replace('hall', 'attic')}\n", encoding="utf-8")
    ended = command("count", path, "--config", config)
    assert ended.code == 78
    assert "r.jsonl: 2 行目: place: 'attic' という設置場所はありません" in ended.err
    path.write_text(GOOD, encoding="utf-8")
    assert command("count", path, "--config", config).code == 0
    assert not config.with_name("ledger.sqlite3").exists(), "nothing is written"
