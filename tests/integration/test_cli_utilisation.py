"""How much copiers are used and which could go, by the real program, by hour and weekday."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.adapters.ledger_sqlite import SqliteLedger
from collector.app.office_context import OfficeContext
from collector.domain.office.office_calendar import ONE_DAY
from tests.stories.months_gone import OFFICE
from tests.stories.office import Spot, write_office
from tests.stories.program import Ended, command
from tests.unit.app.closing_office import Copier
from tests.unit.app.office import LONG_AGO, RICOH, fleet, place

pytestmark = pytest.mark.integration

FIRST, LAST = date(2026, 8, 31), date(2026, 11, 1)
SPAN = ("--since", "2026-09", "--until", "2026-10")
PRINTS: Mapping[str, Mapping[int, int]] = {
    "1f": {9: 200, 13: 20},
    "2f": {9: 40, 10: 300},
    "3f": {11: 6},
}
"""By place, what is printed in which hour of each working day; at 1f on Mondays twice as much."""

FACTORS = """[[power]]
from = 2025-04-01
source = "example"
kwh_per_week = 1.4
"""
STAFF = """
[[department.staff]]
people = {people}
"""


class HourlyCopier(Copier):
    """A copier that is read every half an hour of the day."""

    async def hours(self, prints: Mapping[int, int]) -> None:
        polls: list[tuple[datetime, int]] = []
        day = FIRST
        while day <= LAST:
            begin = OFFICE.midnight(day)
            twice = 1 + (self.place == "1f" and day.weekday() == 0)
            for half in range(48):
                more = prints.get(half // 2, 0) * twice if half % 2 else 0
                at = begin + timedelta(minutes=30 * half + 20)
                polls.append((at, more if OFFICE.works_on(day) else 0))
            day += ONE_DAY
        await self._put_down(polls)


async def _fill(path: Path) -> None:
    places = (place(one, (LONG_AGO, {"soumu": 100})) for one in PRINTS)
    context = OfficeContext(fleet(*places), OFFICE)
    ledger = await SqliteLedger.open(path)
    try:
        for number, (name, prints) in enumerate(PRINTS.items()):
            identity = replace(RICOH, serial=f"HOURLY{number}")
            await HourlyCopier(ledger, name, identity, 1000, context).hours(prints)
    finally:
        await ledger.close()


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("use")
    spots = [Spot("1f", 1), Spot("2f", 2), Spot("3f", 3, department="zeimu")]
    config = write_office(folder, spots, '\n[factors]\nfile = "factors.toml"\n')
    (folder / "factors.toml").write_text(FACTORS)
    asyncio.run(_fill(folder / "ledger.sqlite3"))
    return config


def asked(config: Path, *more: object) -> Ended:
    return command("utilisation", "--config", config, *SPAN, *more)


def by_place(config: Path, *more: object) -> dict[str, dict[str, Any]]:
    found = asked(config, *more, "--json")
    assert found.code == 0, found.err
    return {one["place"]: one for one in json.loads(found.out)}


def test_each_copier_is_told_by_working_day_and_busiest_hour(config: Path) -> None:
    found = by_place(config)
    one = found["1f"]
    assert (one["busiest_weekday"], one["busiest_hour"]) == ("mon", 9)
    assert one["busiest_pages"] == pytest.approx(400, abs=1)
    assert one["busiest_share"] == pytest.approx(400 / 2400, abs=0.01)
    mondays = sum((date(2026, 9, 1) + ONE_DAY * n).weekday() == 0 for n in range(61))
    assert one["working_days"] == OFFICE.working_days(date(2026, 9, 1), date(2026, 10, 31))
    assert one["pages"] == 220 * (one["working_days"] + mondays)
    assert one["idle_days"] == one["unplaced"] == 0
    assert one["kwh_year"] == 73
    assert (one["since"], one["until"]) == ("2026-09-01", "2026-10-31")


def test_the_least_used_could_go_and_it_is_said_what_that_means(config: Path) -> None:
    found = by_place(config)
    assert [one["place"] for one in found["3f"]["neighbours"]] == ["1f", "2f"]
    assert found["3f"]["could_go"]
    taken = found["3f"]["neighbours"][1]
    assert taken["pages_a_day"] == pytest.approx(340, abs=1)
    assert taken["pages_a_day_then"] == pytest.approx(343, abs=1)
    assert taken["busiest_share_then"] >= taken["busiest_share"]
    shown = asked(config)
    assert "なくせる候補" in shown.out
    assert "2f 340 → 343 面（12.5% → 12.5%）" in shown.out.replace("\n", "")
    assert "1 台だけをなくした場合です" in shown.err
    assert not by_place(config, "--limit", "10")["3f"]["could_go"]


def test_one_place_is_shown_by_hour_and_weekday(config: Path) -> None:
    found = asked(config, "--place", "2階 1f", "--json")
    lines = {one["hour"]: one for one in json.loads(found.out)}
    assert lines.keys() == {9, 13}
    assert lines[9]["mon"] == pytest.approx(400, abs=1)
    assert lines[9]["fri"] == pytest.approx(200, abs=1)
    assert lines[9]["sat"] is None
    shown = asked(config, "--place", "1f").out
    assert "月" in shown
    assert "土" not in shown


def test_where_few_people_share_a_copier_nobody_sees_their_hours(config: Path) -> None:
    """Of three people in a department the hours of its own copier would tell who was there."""
    fleet_file = config.with_name("fleet.toml")
    text = fleet_file.read_text(encoding="utf-8")
    zeimu = 'id = "zeimu"\nname = "税務課"\n'
    assert zeimu in text
    try:
        few = text.replace(zeimu, zeimu + STAFF.format(people=3), 1)
        fleet_file.write_text(few, encoding="utf-8")
        found = by_place(config)
        assert found["3f"]["hours_withheld"]
        for key in ("busiest_weekday", "busiest_hour", "busiest_pages", "busiest_share"):
            assert found["3f"][key] is None
        assert found["3f"]["pages_a_day"] == pytest.approx(6, abs=0.1)
        assert {one["busiest_share_then"] for one in found["3f"]["neighbours"]} == {None}
        refused = asked(config, "--place", "3f")
        assert refused.code == 2
        assert "5 人未満" in refused.err
        many = text.replace(zeimu, zeimu + STAFF.format(people=5), 1)
        fleet_file.write_text(many, encoding="utf-8")
        assert by_place(config)["3f"]["busiest_hour"] == 11
    finally:
        fleet_file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--since", "2031-01"), "始めから終わりまで数えた月がありません"),
        (("--until", "2020-01"), "台帳にある月: 2026-09"),
        (("--place", "nowhere"), "nowhere"),
        (("--limit", "0"), "--limit"),
    ],
)
def test_what_cannot_be_shown_is_refused(config: Path, options: tuple[str, ...], said: str) -> None:
    refused = command("utilisation", "--config", config, *options)
    assert refused.code == 2
    assert refused.out == ""
    assert said in refused.err
