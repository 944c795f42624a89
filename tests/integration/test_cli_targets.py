"""Targets, forecast and money as commands, on a ledger of a year and a half up to today."""

import asyncio
import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collector.adapters.clock import SystemClock
from collector.adapters.ledger_sqlite import SqliteLedger
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import Answer, Reading
from collector.domain.counting.usage import DayUsage
from collector.domain.meters import Meter
from collector.domain.office.office_calendar import (
    ONE_DAY,
    Office,
    fiscal_months,
    fiscal_year,
    months_later,
)
from collector.domain.office.shares import PlaceId
from collector.ports import PlaceState, Record
from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, command
from tests.stories.terminal import at_terminal, widest

pytestmark = pytest.mark.integration

TOKYO = ZoneInfo("Asia/Tokyo")
OFFICE = Office("story", TOKYO)
SPOTS = [Spot("hall", 9), Spot("annex", 7, department="zeimu")]
USUAL = {"hall": 300, "annex": 40}
FACTORS = """\
[[contract]]
id = "all"

[[contract.price]]
from = 2020-04-01
source = "contract"
mono = 2
color = 10

[[time]]
from = 2020-04-01
source = "measured"
seconds_per_impression = 4
"""


@dataclass(frozen=True, slots=True)
class Story:
    """A configured office with a ledger; `today` is when it was made."""

    config: Path
    today: date

    @property
    def month(self) -> str:
        """The running month."""
        return f"{self.today:%Y-%m}"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("targets")
    config = write_office(folder, SPOTS, '\n[factors]\nfile = "factors.toml"\n')
    (folder / "factors.toml").write_text(FACTORS, encoding="utf-8")
    today = OFFICE.local_day(SystemClock().now())
    year = fiscal_year(f"{today:%Y-%m}")
    plans = f"""
[[targets.zeimu.plan]]
from = "{year}-04"
less_percent = 10
base_year = {year - 1}

[[targets.whole_office.plan]]
from = "{year}-04"
year_budget = 50000
"""
    fleet = folder / "fleet.toml"
    fleet.write_text(fleet.read_text(encoding="utf-8") + plans, encoding="utf-8")
    asyncio.run(_fill(folder / "ledger.sqlite3", today))
    return Story(config, today)


async def _fill(path: Path, today: date) -> None:
    """Print every working day since the April of the year before; a fifth of it in colour."""
    dice = random.Random(5)
    ledger = await SqliteLedger.open(path)
    for name, usual in USUAL.items():
        place, records = PlaceId(name), list[Record]()
        identity = DeviceIdentity(model="M", serial=f"S-{name}")
        day = date(fiscal_year(f"{today:%Y-%m}") - 1, 4, 1)
        while day <= today:
            pages = round(usual * dice.uniform(0.8, 1.2)) if OFFICE.works_on(day) else 0
            at = datetime.combine(day, time(0, 1), TOKYO).astimezone(UTC)
            meters = {"total": pages, "total_mono": pages - pages // 5, "total_color": pages // 5}
            counted = {Meter(meter): count for meter, count in meters.items()}
            reading = Reading(place, at, Answer(identity, counted))
            state = PlaceState(place, last=reading, seen_at=at, stored_at=at, online=True)
            records.append(Record(state, reading, days=(DayUsage(place, day, counted),)))
            day += ONE_DAY
        await ledger.record(records)
    await ledger.close()


def run(story: Story, *args: str) -> Ended:
    return command(*args, "--config", story.config)


def rows_of(ended: Ended) -> list[dict[str, str]]:
    text = ended.out_bytes.decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def by_department(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["department"]: row for row in rows}


def test_month_states_target_pace_advice_and_money(story: Story) -> None:
    found = by_department(run(story, "month", "--format", "json").json)
    before = by_department(
        run(story, "month", months_later(story.month, -12), "--format", "json").json
    )
    zeimu = found["zeimu"]
    assert zeimu["target"] == before["zeimu"]["pages"] * 9 // 10
    assert zeimu["last_year"] == before["zeimu"]["pages"]
    assert zeimu["target_source"] == "less"
    assert months_later(story.month, -12) in zeimu["target_basis"]
    soumu = found["soumu"]
    assert soumu["cost_yen"] == 2 * soumu["mono"] + 10 * soumu["color"]
    assert soumu["hours"] == pytest.approx(soumu["pages"] * 4 / 3600, abs=0.006)
    assert soumu["co2_g"] is None
    assert soumu["advice"]
    if soumu["cut"]:
        assert f"1勤務日あたり{soumu['cut']:,}面減らす" in soumu["advice"]


def test_the_offices_budget_adds_up_over_the_year(story: Story) -> None:
    (year,) = run(story, "month", "--office", "--year", "--format", "json").json
    assert year["year_target"] == sum(one["target"] for one in year["months"]) == 50000
    assert [one["month"] for one in year["months"]] == list(fiscal_months(year["fiscal_year"]))
    assert (year["since"], year["is_whole"]) == (f"{year['fiscal_year']}-04", True)
    so_far = [one for one in year["months"] if one["pages"] is not None]
    assert so_far[-1]["month"] == story.month
    assert year["pages"] == sum(one["pages"] for one in so_far)
    assert year["remaining"] == sum(one["target"] for one in so_far) - year["pages"]


def test_the_office_is_one_line_and_the_sum_of_its_departments(story: Story) -> None:
    (office,) = run(story, "month", "--office", "--format", "json").json
    found = run(story, "month", "--format", "json").json
    assert office["department"] == "whole_office"
    assert office["pages"] == sum(one["pages"] for one in found)
    assert office["target_source"] == "budget"
    table = run(story, "month", "--office")
    assert table.code == 0
    assert "全庁" in table.out
    assert "総務課" not in table.out


def test_forecast_says_the_same_as_month_and_what_would_bring_it_back(story: Story) -> None:
    found = by_department(run(story, "forecast", "--format", "json").json)
    month = by_department(run(story, "month", "--format", "json").json)
    assert set(found) == {"soumu", "zeimu", "whole_office"}
    for department, one in month.items():
        assert found[department]["forecast"] == pytest.approx(one["forecast"], abs=2)
        assert found[department]["advice_en"] == one["advice_en"]
    table = run(story, "forecast")
    assert (table.code, table.err) == (0, "")
    assert "目標達成には" in table.out
    as_csv = rows_of(run(story, "forecast", "-d", "zeimu", "--format", "csv"))
    assert [one["department"] for one in as_csv] == ["zeimu"]


def test_a_forecast_reaches_ahead_and_not_too_far(story: Story) -> None:
    following = months_later(story.month, 1)
    found = by_department(run(story, "forecast", following, "--format", "json").json)
    assert found["soumu"]["pages"] == 0
    assert found["soumu"]["forecast"] > 4000
    assert found["soumu"]["forecast_low"] < found["soumu"]["forecast_high"]
    assert run(story, "month", following).code == 2
    far = run(story, "forecast", months_later(story.month, 13))
    assert (far.code, far.out) == (2, "")
    assert f"見込みは {months_later(story.month, 12)} までです" in far.err


def test_back_test_prints_errors_beside_those_of_simple_rules(story: Story) -> None:
    """By working days: here days differ by chance alone, and it is hard to beat by much."""
    as_json = run(story, "forecast", "--back-test", "--format", "json")
    as_csv = run(story, "forecast", "--back-test", "--format", "csv")
    table = run(story, "forecast", "--back-test")
    assert (as_json.code, as_csv.code, table.code) == (0, 0, 0)
    scores = {(one["department"], one["after_working_days"]): one for one in as_json.json}
    assert {name for name, _ in scores} == {"soumu", "zeimu", "departments", "whole_office"}
    for name in ("soumu", "whole_office"):
        assert scores[name, 0]["error_by_hand"] is None
        for days in (5, 10):
            assert scores[name, days]["error"] < 1.05 * scores[name, days]["error_by_hand"]
            assert scores[name, days]["error"] < 0.05
            assert 0 < scores[name, days]["error_last_year"] < 0.1
        assert scores[name, None]["error"] < 0.05
        assert 0.5 <= scores[name, None]["coverage"] <= 1.0
        assert scores[name, None]["until"] == months_later(story.month, -1)
    assert len(rows_of(as_csv)) == len(as_json.json)
    assert f"{scores['soumu', None]['error']:.1%}" in table.out
    assert "80%" in table.err


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", "5勤務日後 10勤務日後 15勤務日後 見込み 日割り 前年同月 範囲内"),
        ("en", "After 5|After 10|After 15|forecast|by days|last year|In range"),
    ],
)
def test_back_test_names_the_working_days_on_80_columns(
    story: Story, language: str, words: str
) -> None:
    config = story.config.with_name(f"{language}.toml")
    text = story.config.read_text(encoding="utf-8")
    config.write_text(text.replace("[office]", f'[office]\nlanguage = "{language}"'), "utf-8")
    config.chmod(0o600)
    _, lines = at_terminal("forecast", "--back-test", "--config", config, columns=80)
    assert widest(lines) <= 80
    for word in words.split("|" if "|" in words else " "):
        assert any(word in line for line in lines), word


def test_back_test_since_a_month(story: Story) -> None:
    since = months_later(story.month, -2)
    (first, *_) = run(story, "forecast", "--back-test", "--since", since, "--format", "json").json
    assert (first["since"], first["until"]) == (since, months_later(story.month, -1))
    one = run(story, "forecast", "--back-test", "-d", "soumu", "--format", "json").json
    assert {row["department"] for row in one} == {"soumu"}


@pytest.mark.parametrize(
    ("args", "part"),
    [
        (("forecast", "--since", "2026-01"), "--since は --back-test とともに使います"),
        (("forecast", "2026-01", "--back-test"), "--back-test に月は指定できません"),
        (
            ("forecast", "--back-test", "--since", "2026-13"),
            "'2026-13' は月ではありません。令和8年11月、R8.11、2026-11 の",
        ),
        (("forecast", "--back-test", "--since", "2999-01"), "2999-01 以降に終わった月はありません"),
        (("forecast", "--department", "ghost"), "あるもの: soumu、zeimu"),
        (("forecast", "--back-test", "-d", "ghost"), "あるもの: soumu、zeimu"),
        (("month", "--office", "-d", "soumu"), "--office と --department は併用できません"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    story: Story, args: tuple[str, ...], part: str
) -> None:
    ended = run(story, *args)
    assert (ended.code, ended.out) == (2, "")
    assert part in ended.err


def test_an_empty_ledger_has_nothing_to_back_test(tmp_path: Path) -> None:
    config = write_office(tmp_path, SPOTS)
    asyncio.run(_empty(tmp_path / "ledger.sqlite3"))
    ended = command("forecast", "--back-test", "--config", config)
    assert (ended.code, ended.out) == (2, "")
    assert "始めから終わりまで数えた月がまだありません" in ended.err


async def _empty(path: Path) -> None:
    await (await SqliteLedger.open(path)).close()


def test_tables_fit_a_terminal(story: Story) -> None:
    for args in (
        ("forecast",),
        ("forecast", "--back-test"),
        ("month", "--year"),
        ("month", "--office"),
        ("month",),
    ):
        for columns in (80, 120):
            _, lines = at_terminal(*args, "--config", story.config, columns=columns)
            assert 40 < widest(lines) <= columns, (args, columns)
            assert "…" not in "".join(lines), args


def test_bad_plans_and_factors_come_in_one_report(tmp_path: Path, story: Story) -> None:
    config = write_office(tmp_path, SPOTS, '\n[factors]\nfile = "factors.toml"\n')
    (tmp_path / "factors.toml").write_text(FACTORS.replace('source = "contract"\n', ""))
    fleet = tmp_path / "fleet.toml"
    plans = '\n[[targets.zeimu.plan]]\nfrom = "2026-04"\nless_percent = 110\nbase_year = 2030\n'
    fleet.write_text(fleet.read_text(encoding="utf-8") + plans, encoding="utf-8")
    ended = command("check", "--config", config)
    assert (ended.code, ended.out) == (78, "")
    plan = fleet.read_text(encoding="utf-8").splitlines().index("[[targets.zeimu.plan]]") + 1
    factors = (tmp_path / "factors.toml").read_text(encoding="utf-8").splitlines()
    price = factors.index("[[contract.price]]") + 1
    for path in (
        f"fleet.toml:{plan + 2}: targets.zeimu.plan[0].less_percent: 110 は削減率ではありません",
        f"fleet.toml:{plan + 3}: targets.zeimu.plan[0].base_year: 2030 年度は計画の始まる",
        f'factors.toml:{price}: contract[0] "all".price[0].source: がありません',
    ):
        assert path in ended.err
    checked = run(story, "check")
    assert "契約 1 件、時間 1 件" in checked.out


def test_a_year_and_a_half_were_printed(story: Story) -> None:
    first = run(story, "month", f"{fiscal_year(story.month) - 1}-04", "--format", "json").json
    assert sum(one["pages"] for one in first) > 0
