"""What something has saved, by the real program, in an office with two years behind it."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collector.app.office_context import OfficeContext
from collector.domain.office.office_calendar import ONE_DAY, Office
from tests.stories.office import Spot, write_office
from tests.stories.past import Poll, lay_down
from tests.stories.program import Ended, command
from tests.unit.app.office import LONG_AGO, fleet, place

pytestmark = pytest.mark.integration

TOKYO = ZoneInfo("Asia/Tokyo")
FIRST, DONE, LAST = date(2024, 12, 31), date(2026, 7, 1), date(2026, 10, 1)
UNTIL = ("--until", "2026-09-30")


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=TOKYO).astimezone(UTC)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the configuration of an office that prints 100 a working day, at 2f 60 since July."""
    folder = tmp_path_factory.mktemp("effect")
    config = write_office(folder, [Spot("1f", 1), Spot("2f", 2, department="zeimu")])
    places = (place("1f", (LONG_AGO, {"soumu": 100})), place("2f", (LONG_AGO, {"zeimu": 100})))
    polls: list[Poll] = []
    total = {"1f": 1000, "2f": 5000}
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + ONE_DAY * number
        for one in ("1f", "2f"):
            polls.append(Poll(at(day), one, total[one], f"SN-{one}"))
            if day.weekday() < 5:
                total[one] += 60 if one == "2f" and day >= DONE else 95 + number % 11
            polls.append(Poll(at(day) + timedelta(hours=18), one, total[one], f"SN-{one}"))
    context = OfficeContext(fleet(*places), Office("story", TOKYO))
    asyncio.run(lay_down(config.with_name("ledger.sqlite3"), context, polls))
    return config


def effect(config: Path, *more: object) -> Ended:
    return command("effect", "--config", config, *more)


def lines(config: Path, *more: object) -> dict[str, dict[str, Any]]:
    found = effect(config, *more, "--json")
    assert found.code == 0, found.err
    return {one["unit"]: one for one in json.loads(found.out)}


def test_a_saving_is_told_from_chance(config: Path) -> None:
    since = ("--since", DONE, *UNTIL)
    saved = lines(config, *since, "-d", "zeimu")["impressions"]
    assert saved["effect"] == "saved"
    assert saved["saved_low"] < 40 * 64 < saved["saved_high"]
    assert 0.3 < saved["share"] < 0.45
    assert saved["counted"] == 60 * 66, "the office of this story knows no holidays"
    assert lines(config, *since, "-d", "soumu")["impressions"]["effect"] == "chance"
    shown = effect(config, *since, "-d", "zeimu")
    assert "減った" in shown.out
    assert "偶然とは考えにくい減少です" in shown.err
    assert "円（カウンター）、時間 は表示できません" in shown.err
    assert "枚、円（用紙）、CO2（kg） は表示できません: 枚数不明: 2f" in shown.err
    assert "単価・係数ファイルに定めがありません" in shown.err


def test_what_cannot_be_told_is_said_with_how_long_it_would_take(config: Path) -> None:
    shown = effect(config, "--since", DONE, *UNTIL, "--department", "soumu")
    assert "言えない" in shown.out
    assert "減ったとも増えたとも言えません" in shown.err
    assert "3 年続いても言えない見込みです" in shown.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--since", "2025-03-01"), "2025-04-01 以降の日を指定するか"),
        (("--since", "2024-06-01"), "数え始めたのは 2024-12-31 です"),
        (("--since", "2026-10-01", *UNTIL), "最後の日（2026-09-30）より後です"),
        (("--since", "2026-07-01", "--until", "2999-01-01"), "まだ終わっていません"),
        (("--since", "2026-07-01", "-d", "nobody"), "soumu、zeimu"),
        ((), "--since"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_is_needed(
    config: Path, options: tuple[str, ...], said: str
) -> None:
    refused = effect(config, *options)
    assert refused.code == 2
    assert refused.out == ""
    assert said in refused.err
