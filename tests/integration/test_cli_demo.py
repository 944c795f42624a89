"""The demo and what can be asked of the ledger that it leaves. One run serves every test here."""

import csv
import io
import itertools
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.patience import DEMO_PATIENCE_S
from tests.servers.influx import InfluxServer, influxd
from tests.stories import books
from tests.stories.program import Ended, command, process
from tests.stories.terminal import at_terminal, widest
from tests.stories.waiting import until

pytestmark = pytest.mark.integration

DEPARTMENTS = {
    "soumu": "総務課",
    "zeimu": "税務課",
    "shimin": "市民課",
    "fukushi": "福祉課",
    "kyouiku": "教育委員会",
}
WITHOUT_TARGET = "kyouiku"
PLACES = 12
DATABASE = "demo"


@dataclass(frozen=True, slots=True)
class Demo:
    """One finished demo."""

    ended: Ended
    folder: Path
    influx: InfluxServer

    @property
    def config(self) -> Path:
        """Its configuration."""
        return self.folder / "collector.toml"

    @property
    def ledger(self) -> Path:
        """Its ledger."""
        return self.folder / "ledger.sqlite3"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    with influxd(tmp_path_factory.mktemp("influxd")) as server:
        ended = process(
            *("demo", "--folder", folder, "--influx", server.url, "--database", DATABASE),
            within_s=DEMO_PATIENCE_S,
        )
        yield Demo(ended, folder, server)


def months(demo: Demo) -> list[str]:
    """Return the months that the story covers, oldest first."""
    return sorted({day[:7] for day, _ in books.days(demo.ledger)})


def month_json(demo: Demo, *args: str) -> list[dict[str, Any]]:
    """Return what `month --format json` says."""
    ended = command("month", *args, "--format", "json", "--config", demo.config)
    assert (ended.code, ended.err) == (0, "")
    found: list[dict[str, Any]] = ended.json
    return found


def test_the_demo_tells_its_story(demo: Demo) -> None:
    ended = demo.ended

    assert ended.code == 0, ended.err
    for name in DEPARTMENTS.values():
        assert name in ended.out
    for place, code in (
        ("1f-hoken", "応答なし"),
        ("2f-zeimu-b", "機器の入れ替え"),
        ("3f-gakkou", "カウンターのリセット"),
    ):
        assert any(place in line and code in line for line in ended.out.splitlines()), code
    assert f"台帳: {demo.ledger}" in ended.err
    assert "応答なし: 1f-hoken" in ended.err
    assert "Traceback" not in ended.err
    assert len(months(demo)) == 4, "three past months and the running one"


def test_every_page_is_accounted_for(demo: Demo) -> None:
    """In each epoch of each meter, usages join without gap and add up to last - first."""
    rows = books.ask(
        demo.ledger,
        "SELECT place, meter, device, epoch, first, pages FROM usage_list ORDER BY end_utc, first",
    )
    spans: dict[tuple[str, str, str, int], list[tuple[int, int]]] = defaultdict(list)
    for place, meter, device, epoch, first, pages in rows:
        spans[place, meter, device, epoch].append((first, first + pages))

    for key, steps in spans.items():
        assert all(end == start for (_, end), (start, _) in itertools.pairwise(steps)), key
        assert sum(end - start for start, end in steps) == steps[-1][1] - steps[0][0], key
    tracks = books.tracks(demo.ledger)
    assert len(tracks) == PLACES
    for place, meters in tracks.items():
        for meter, (epoch, first, last) in meters.items():
            joined = [
                steps for key, steps in spans.items() if key[:2] + key[3:] == (place, meter, epoch)
            ]
            counted = sum(end - start for steps in joined for start, end in steps)
            assert counted == last - first, (place, meter)
    before_reset = [one["total"] for one in books.readings(demo.ledger, "3f-gakkou")]
    old_epoch = next(
        steps
        for key, steps in spans.items()
        if (key[0], key[1], key[3]) == ("3f-gakkou", "total", 1)
    )
    assert (old_epoch[0][0], old_epoch[-1][1]) == (before_reset[0], max(before_reset))
    assert tracks["3f-gakkou"]["total"][0] > 1, "the reset began a new epoch"
    assert tracks["2f-zeimu-b"]["total"][0] == 2, "and so did the replacement"


def test_days_and_usages_hold_the_same_pages(demo: Demo) -> None:
    for meter in ("total", "total_mono", "scan"):
        by_usage = Counter(
            dict(
                books.ask(
                    demo.ledger,
                    "SELECT place, sum(pages) FROM usage_list WHERE meter = ? GROUP BY place",
                    meter,
                )
            )
        )
        by_day: Counter[str] = Counter()
        for (_, place), pages in books.days(demo.ledger, meter).items():
            by_day[place] += pages
        assert by_day == by_usage, meter


def test_month_says_the_same_as_table_csv_json_and_the_day_table(demo: Demo) -> None:
    for month in (months(demo)[0], months(demo)[-1]):
        as_json = month_json(demo, month)
        as_csv = command("month", month, "--format", "csv", "--config", demo.config)
        as_table = command("month", month, "--config", demo.config)
        by_day = sum(
            pages for (day, _), pages in books.days(demo.ledger).items() if day.startswith(month)
        )

        assert [one["department"] for one in as_json] == list(DEPARTMENTS)
        assert sum(one["pages"] for one in as_json) == by_day
        rows = list(csv.DictReader(io.StringIO(as_csv.out_bytes.decode("utf-8"), newline="")))
        assert as_csv.code == as_table.code == 0
        for row, one in zip(rows, as_json, strict=True):
            assert (row["month"], row["department"], row["name"]) == (
                month,
                one["department"],
                DEPARTMENTS[one["department"]],
            )
            for name in ("pages", "mono", "color", "target", "remaining", "places_read"):
                assert row[name] == ("" if one[name] is None else str(one[name])), name
            cells = _cells_of(as_table.out, one["name"])
            assert cells["面数"] == f"{one['pages']:,}"
            if one["department"] == WITHOUT_TARGET:
                assert (one["target"], one["remaining"], cells["目標"]) == (None, None, "-")
                continue
            assert one["remaining"] == one["target"] - one["pages"]
            stated = [f"{one['target']:,}", f"{one['remaining']:,}"]
            assert [cells["目標"], cells["残り"]] == stated
        assert _cells_of(as_table.out, "合計")["面数"] == f"{by_day:,}"


def _cells_of(table: str, name: str) -> dict[str, str]:
    """Return the one row called `name`, by heading."""
    lines = [[cell.strip() for cell in re.split("[│┃]", line)[1:-1]] for line in table.splitlines()]
    (heading,) = [cells for cells in lines if cells[:1] == ["部署"]]
    (found,) = [cells for cells in lines if cells[:1] == [name]]
    return dict(zip(heading, found, strict=True))


def test_it_is_an_office_with_a_past_prices_sheets_and_targets_of_every_kind(demo: Demo) -> None:
    played = months(demo)[1]
    rows = {one["department"]: one for one in month_json(demo, played)}
    for one in rows.values():
        assert one["last_year"] > one["pages"] * 0.9, "last year's months are there"
        assert one["sheets_used"] > 0
        assert one["cost_yen"] > 0
    fleet = tomllib.loads((demo.folder / "fleet.toml").read_text("utf-8"))["targets"]
    assert fleet.keys() == {*DEPARTMENTS, "whole_office"} - {WITHOUT_TARGET}
    assert {next(iter(one)) for one in fleet.values()} == {"default", "plan"}
    assert "goal" in fleet["zeimu"]["plan"][0]
    (sheets,) = books.ask(
        demo.ledger,
        "SELECT count(DISTINCT json_extract(facts, '$.period')) FROM entries WHERE kind = 'month'",
    )[0]
    assert sheets == 24
    page = (demo.folder / "pages" / "index.html").read_text("utf-8")
    assert "目標なし" in page
    assert f"今月のページ: {demo.folder}" in demo.ended.err


@pytest.mark.parametrize("asked", ["soumu", "総務課"])
def test_one_department_by_any_of_its_names(demo: Demo, asked: str) -> None:
    month = months(demo)[1]
    whole = next(one for one in month_json(demo, month) if one["department"] == "soumu")

    (one,) = month_json(demo, month, "--department", asked)

    assert one == whole


def test_unknown_month_and_department_name_the_known_ones(demo: Demo) -> None:
    known = months(demo)
    early = command("month", "2019-01", "--config", demo.config)
    late = command("month", "2199-01", "--config", demo.config)
    nobody = command("month", "--department", "ghost", "--config", demo.config)

    assert [one.code for one in (early, late, nobody)] == [2, 2, 2]
    assert [one.out for one in (early, late, nobody)] == ["", "", ""]
    for one in (early, late):
        assert f"台帳にあるのは {known[0]} から {known[-1]} です" in one.err
    assert f"あるもの: {'、'.join(DEPARTMENTS)}" in nobody.err


def test_status_as_json_and_as_table(demo: Demo) -> None:
    def is_old_news() -> bool:
        return not command("status", "--json", "--config", demo.config).json["running"]

    until(is_old_news, "the demo's last round is no news any more")
    as_json = command("status", "--json", "--config", demo.config)
    as_table = command("status", "--config", demo.config)

    assert (as_json.code, as_table.code) == (1, 1), "the demo is over: old news"
    assert as_json.err == ""
    places = {one["place"]: one for one in as_json.json["places"]}
    assert len(places) == PLACES
    assert as_json.json["running"] is False
    assert {one["online"] for one in places.values()} == {None}, "nothing is shown as answering"
    assert [name for name, one in places.items() if one["reason"]] == ["1f-hoken"]
    said = books.readings(demo.ledger, "1f-hoken")[-1]
    assert places["1f-hoken"]["meters"] == said, "what it said last still stands"
    assert places["2f-zeimu-b"]["serial"] == "4FM01177"
    for name, one in places.items():
        assert f"{one['meters']['total']:,}" in as_table.out, name
    assert "台帳: " in as_table.err
    assert "台帳: " not in as_table.out


def test_tables_fit_a_terminal_and_cut_no_number(demo: Demo) -> None:
    for args, columns in (
        (("month", months(demo)[0]), 80),
        (("month", months(demo)[0]), 100),
        (("status",), 80),
        (("check",), 80),
    ):
        _, lines = at_terminal(*args, "--config", demo.config, columns=columns)
        assert 40 < widest(lines) <= columns, args
        assert "…" not in "".join(lines), args
    code, lines = at_terminal("month", months(demo)[0], "--config", demo.config)
    text = "\n".join(lines)
    assert code == 0
    for one in month_json(demo, months(demo)[0]):
        assert f"{one['pages']:,}" in text
        assert one["name"] in text
    assert "幅が足りず表示していない列: モノクロ、カラー" in text


@pytest.mark.parametrize(("encoding", "language"), [("utf-8", "en"), ("shift_jis", "ja")])
def test_the_fleet_goes_to_a_spreadsheet_and_back(
    demo: Demo, tmp_path: Path, encoding: str, language: str
) -> None:
    sheet, fleet = tmp_path / "fleet.csv", tmp_path / "fleet.toml"
    options = ("--encoding", encoding, "--lang", language, "--config", demo.config)

    to_file = command("fleet", "export", "--output", sheet, *options)
    to_pipe = command("fleet", "export", *options)
    back = command("fleet", "import", sheet, "--output", fleet)
    printed = command("fleet", "import", sheet)

    assert [one.code for one in (to_file, to_pipe, back, printed)] == [0, 0, 0, 0]
    assert sheet.read_bytes() == to_pipe.out_bytes
    assert "総務課" in sheet.read_bytes().decode("utf-8-sig" if encoding == "utf-8" else "cp932")
    assert f"{PLACES} places, {len(DEPARTMENTS)} departments" in back.err
    original = tomllib.loads((demo.folder / "fleet.toml").read_text(encoding="utf-8"))
    assert tomllib.loads(fleet.read_text(encoding="utf-8")) == original
    assert tomllib.loads(printed.out) == original


def test_every_row_reached_influx(demo: Demo) -> None:
    def sums(text: str, tag: str) -> Counter[str]:
        return Counter({row[tag]: row["sum"] for row in demo.influx.query(text, DATABASE)})

    by_place: Counter[str] = Counter()
    for (_, place), pages in books.days(demo.ledger).items():
        by_place[place] += pages
    assert sums("SELECT sum(total) FROM copier_day GROUP BY place", "place") == by_place
    for month in months(demo):
        stated = {one["department"]: one["pages"] for one in month_json(demo, month)}
        text = f"SELECT sum(pages) FROM department_month WHERE month = '{month}'"  # noqa: S608 - months we know
        assert sums(f"{text} GROUP BY department", "department") == stated
    events = demo.influx.query("SELECT severity, place, code FROM copier_event", DATABASE)
    assert {"device_silent", "device_replaced", "meter_reset"} <= {one["code"] for one in events}
    assert command("status", "--json", "--config", demo.config).json["backlog"] == {"influx": 0}


def test_a_folder_with_a_ledger_is_not_played_into(demo: Demo) -> None:
    before = demo.ledger.read_bytes()

    again = command("demo", "--folder", demo.folder)

    assert (again.code, again.out) == (2, "")
    assert "には既に台帳があります。空のフォルダーを指定してください" in again.err
    assert demo.ledger.read_bytes() == before
