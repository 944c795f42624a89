"""Readings of another program brought into the ledger by the real program: shown, entered once."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collector.app.office_context import OfficeContext
from collector.domain.office.office_calendar import Office
from tests.stories.office import Spot, write_office
from tests.stories.past import Poll, lay_down
from tests.stories.program import Ended, command
from tests.unit.app.office import LONG_AGO, fleet, place

pytestmark = pytest.mark.integration

TOKYO = ZoneInfo("Asia/Tokyo")
WHO = ("--by", "佐藤", "--why", "前のシステムの記録")
BEGUN = datetime(2026, 10, 10, 12, tzinfo=TOKYO).astimezone(UTC)
SERIAL = {"1f": "SN1F0001", "2f": "SN2F0002"}


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Return the configuration of an office whose ledger began on 10 October 2026."""
    config = write_office(tmp_path / "office", [Spot("1f", 1), Spot("2f", 2, department="zeimu")])
    places = (place("1f", (LONG_AGO, {"soumu": 100})), place("2f", (LONG_AGO, {"zeimu": 100})))
    context = OfficeContext(fleet(*places), Office("story", TOKYO))
    polls = [Poll(BEGUN, "1f", 50_000), Poll(BEGUN + timedelta(hours=3), "1f", 50_040)]
    asyncio.run(lay_down(config.with_name("ledger.sqlite3"), context, polls))
    return config


def machine(office: Path) -> Mapping[str, str]:
    """Return how the ledger knows the machine at 1f."""
    told = command("status", "--json", "--config", office).json
    serial = next(one["serial"] for one in told["places"] if one["place"] == "1f")
    return {"1f": serial, "2f": "SN2F0002"}


def past(office: Path, days: int = 45) -> list[dict[str, Any]]:
    """Return a reading every four hours of the weeks before: 30 pages in each of the day at 1f."""
    serials = machine(office)
    total = {"1f": 50_000, "2f": 9_000}
    lines: list[dict[str, Any]] = []
    for at in reversed(list(_hours(days))):
        busy = 9 <= at.astimezone(TOKYO).hour < 17 and at.astimezone(TOKYO).weekday() < 5
        for one in ("1f", "2f"):
            meters = {"total": total[one]}
            lines.append(
                {"at": at.isoformat(), "place": one, "serial": serials[one], "meters": meters}
            )
            total[one] -= (30 if one == "1f" else 11) * busy
    return lines[::-1]


def _hours(days: int) -> Iterator[datetime]:
    for hour in range(24 * days, 0, -4):
        yield BEGUN - timedelta(hours=hour)


def write(office: Path, lines: list[dict[str, Any]]) -> Path:
    path = office.with_name("old.jsonl")
    path.write_text("".join(f"{json.dumps(one)}\n" for one in lines), encoding="utf-8")
    return path


def bring(office: Path, file: Path, *args: str) -> Ended:
    return command("history", "import", "--readings", file, *args, "--config", office)


def entries(office: Path) -> list[Any]:
    found: list[Any] = command("entries", "--config", office, "--json").json
    return found


def pages(office: Path, month: str, department: str = "soumu") -> int:
    stated = command("month", month, "--format", "json", "--config", office)
    assert stated.code == 0, stated.err
    return next(int(one["pages"]) for one in stated.json if one["department"] == department)


def test_years_of_readings_come_in_once_and_can_be_taken_back(office: Path) -> None:
    lines = past(office)
    file = write(office, lines)
    looked = bring(office, file, "--json")
    assert looked.code == 0, looked.err
    september = looked.json["places"]["1f"]["months"]["2026-09"]["pages"]["total"]
    assert september > 500
    changes = {(one["place"], one["month"]): one["difference"] for one in looked.json["changes"]}
    assert changes["1f", "2026-09"] == september
    assert entries(office) == []

    assert "--why" in bring(office, file, "--apply").err
    done = bring(office, file, "--apply", *WHO)
    assert done.code == 0, done.err
    assert "件の検針を入力しました" in done.err
    assert [one["kind"] for one in entries(office)] == ["OldReadings", "OldReadings"]
    assert {one["why"] for one in entries(office)} == {"前のシステムの記録"}
    assert pages(office, "2026-09") == september
    known = lines[-2]["meters"]["total"] - next(
        one["meters"]["total"]
        for one in lines
        if one["place"] == "1f" and one["at"] >= "2026-09-30T15:00:00"
    )
    assert pages(office, "2026-10") == 40 + known + 50_000 - lines[-2]["meters"]["total"]

    again = bring(office, file, "--apply", *WHO)
    assert again.code == 0
    assert "取込済み" in again.err
    assert len(entries(office)) == 2

    back = next(one["id"] for one in entries(office) if one["place"] == "1f")
    taken = command("entries", "--config", office, "withdraw", back, *WHO)
    assert taken.code == 0, taken.err
    assert pages(office, "2026-10") == 40
    assert "2026-09" in bring(office, file).out
    once_more = bring(office, file, "--apply", *WHO)
    assert once_more.code == 0, once_more.err
    assert pages(office, "2026-09") == september


@pytest.mark.parametrize(
    ("change", "key", "says"),
    [
        ({"at": (BEGUN + timedelta(days=2)).isoformat()}, "at", "より後です"),
        (
            {"at": (BEGUN + timedelta(hours=1)).isoformat(), "serial": "OTHER123"},
            "serial",
            "を検針しています",
        ),
        (
            {"at": (BEGUN + timedelta(hours=1)).isoformat(), "meters": {"total": 77}},
            "meters.total",
            "77 は、台帳の前後の検針 50000 と 50040 の間にありません",
        ),
        ({"at": "2099-01-01T00:00:00+00:00"}, "at", "まだ先です"),
        ({"place": "3f"}, "place", "'3f' という設置場所はありません"),
    ],
)
def test_what_contradicts_the_ledger_is_refused_by_line_and_key(
    office: Path, change: Mapping[str, Any], key: str, says: str
) -> None:
    lines = [one for one in past(office, 2) if one["place"] == "1f"]
    file = write(office, [*lines, {**lines[-1], **change}])
    for extra in ((), ("--apply", *WHO)):
        refused = bring(office, file, *extra)
        assert (refused.code, refused.out) == (78, ""), refused.err
        assert f"old.jsonl: {len(lines) + 1} 行目: {key}: " in refused.err
        assert says in refused.err
    assert entries(office) == []


def test_options_of_sheets_are_refused(office: Path) -> None:
    ended = bring(office, write(office, past(office, 1)), "--kind", "totals")
    assert ended.code == 2
    assert "月別の台帳のためのもの" in ended.err
