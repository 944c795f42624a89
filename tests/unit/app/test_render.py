"""From references to rows: every kind, what is gone, and that no series keeps an old figure."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collector.app.publish import render
from collector.app.publish.screen_fields import place_fields
from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.reading import DeviceStatus, Supply, SupplyState
from collector.domain.meters import Meter
from collector.domain.office.fleet import Department, DepartmentId, Fleet, Targets
from collector.domain.office.shares import PlaceId
from collector.domain.rows import SCHEMA, Row, Value
from collector.domain.sentence import verbatim
from collector.ports import Cycle, LogRef
from tests.unit.app.office import (
    A_FLEET,
    CANON,
    DEPARTMENTS,
    LONG_AGO,
    RICOH,
    T0,
    AnOffice,
    answer,
    fleet,
    place,
)

NOV_2 = date(2026, 11, 2)
MIDNIGHT = datetime(2026, 11, 1, 15, tzinfo=UTC)
BLACK = Supply("black", "Black toner", SupplyState.LEVEL, 30, 120)
WASTE = Supply("waste", "Waste box", SupplyState.SOME_REMAINING)


@pytest.fixture
def office() -> AnOffice:
    return AnOffice()


async def print_pages(office: AnOffice, *totals: int, name: str = "1f", minutes: int = 5) -> None:
    for total in totals:
        await office.poll(name, answer(RICOH if name == "1f" else CANON, total))
        office.clock.forward(minutes=minutes)


def figures(rows: list[Row], measurement: str, field: str) -> dict[tuple[str, ...], Value | None]:
    """Return `field` of `measurement`'s rows by their tags but the site, and their local date."""
    return {
        (*(value for tag, value in sorted(row.tags.items()) if tag != "site"),): row.fields.get(
            field
        )
        for row in rows
        if row.measurement == measurement
    }


async def test_reading_becomes_a_copier_row_with_all_it_said(office: AnOffice) -> None:
    says = replace(
        answer(RICOH, 213402, copy_color=51, scan=8),
        status=DeviceStatus.PRINTING,
        supplies=(BLACK, WASTE),
    )
    await office.poll("1f", says)
    copier, black, waste = await office.rows(*await office.log())
    assert copier == Row(
        "copier",
        {"site": "hall", "place": "1f", "department": "soumu"},
        {
            "total": 213402,
            "copy_color": 51,
            "scan": 8,
            "online": True,
            "silent_s": 0,
            "status": "printing",
            "errors": "",
            "name": "1fのコピー機",
            "label": "① 1fのコピー機",
            "choice": "1f\u2063① 1fのコピー機",
            "counted_in": "|soumu|",
            "model": "IM C3000",
            "serial": "3081R900123",
            "uptime_s": 10**6,
        },
        T0,
    )
    assert black.tags == {"site": "hall", "place": "1f", "supply": "black"}
    assert black.fields == {
        "level_pct": 25.0,
        "remaining": 30,
        "capacity": 120,
        "state": "level",
        "name": "Black toner",
        "kind": "other",
    }
    assert waste.fields == {"state": "some_remaining", "name": "Waste box", "kind": "other"}


async def test_place_in_shares_is_shown_under_its_main_department(office: AnOffice) -> None:
    await office.poll("2f", answer(CANON, 1))
    (row,) = await office.rows(*await office.log())
    assert row.tags["department"] == "soumu"


async def test_silence_becomes_a_row_that_says_how_long(office: AnOffice) -> None:
    await office.poll("1f", answer(RICOH, 1000))
    for _ in range(2):
        office.clock.forward(minutes=30)
        await office.silent("1f")
    rows = await office.rows(*await office.log())
    silent = next(row for row in rows if row.fields["online"] is False)
    assert (silent.fields["silent_s"], silent.fields["status"]) == (3600, "silent")
    assert (silent.fields["serial"], silent.at) == ("3081R900123", T0 + timedelta(hours=1))
    assert "total" not in silent.fields


PLACE_NAMES = {"name", "label", "choice", "counted_in"}


async def test_place_never_heard_is_silent_without_model_or_serial(office: AnOffice) -> None:
    await office.silent("1f")
    (row,) = await office.rows(*await office.log())
    assert set(row.fields) == {"online", "silent_s", "status", *PLACE_NAMES}


async def test_return_is_shown_by_its_reading_alone(office: AnOffice) -> None:
    await office.silent("1f")
    office.clock.forward(minutes=5)
    await office.poll("1f", answer(RICOH, 1000))
    rows = await office.rows(*await office.log())
    assert [row.fields["online"] for row in rows if row.at == office.clock.at] == [True]


async def test_day_of_a_place_in_shares_adds_up(office: AnOffice) -> None:
    await print_pages(office, 1000, 1003, 1010, name="2f")
    rows = await office.rows(LogRef("day", "2f|2026-11-02"))
    assert figures(rows, "copier_day", "total") == {("soumu", "2f"): 6, ("zeimu", "2f"): 4}
    assert {row.at for row in rows} == {MIDNIGHT}
    assert [row.fields["estimated"] for row in rows] == [0, 0]


async def test_department_day_has_a_row_for_every_department(office: AnOffice) -> None:
    await print_pages(office, 1000, 1025)
    refs = (LogRef("office_day", "2026-11-02"), LogRef("office_day", "2026-11-03"))
    rows = await office.rows(*refs)
    by_day = defaultdict(dict)
    for row in rows:
        by_day[row.at][row.tags.get("department", "office")] = row.fields["total"]
    assert by_day == {
        MIDNIGHT: {"soumu": 25, "zeimu": 0, "office": 25},
        MIDNIGHT + timedelta(days=1): {"soumu": 0, "zeimu": 0, "office": 0},
    }


async def test_a_day_says_how_far_the_month_was_at_its_end(office: AnOffice) -> None:
    """What was printed since the period began, what the target allows by then, which day it is."""
    await print_pages(office, 1000, 1025)
    office.clock.forward(days=2)
    rows = await office.rows(LogRef("office_day", "2026-11-02"))
    soumu = [row.fields for row in rows if row.tags.get("department") == "soumu"]
    assert [one["day"] for one in soumu] == ["11/02", "11/03", "11/04"], "later days go further on"
    assert {one["period"] for one in soumu} == {"2026-11"}
    assert [one["so_far"] for one in soumu] == [25, 25, 25]
    allowed = [one["allowed"] for one in soumu]
    assert allowed == sorted(allowed)
    assert 0 < allowed[0] <= 1000 / 18
    assert all("last_year_so_far" not in one for one in soumu)
    zeimu = [row.fields for row in rows if row.tags.get("department") == "zeimu"]
    assert {one["allowed"] for one in zeimu} == {0}, "without a target nothing is allowed or not"


async def test_last_years_course_is_told_where_all_of_it_was_counted() -> None:
    office = AnOffice(at=datetime(2025, 11, 1, 1, tzinfo=UTC))
    await print_pages(office, 1000, 1200)
    office.clock.at = T0
    await print_pages(office, 1200, 1225)
    rows = await office.rows(LogRef("office_day", "2026-11-02"))
    told = {row.tags.get("department", "office"): row.fields for row in rows}
    assert told["soumu"]["last_year_so_far"] == told["office"]["last_year_so_far"] == 200
    assert told["office"]["so_far"] == 25


MONTH_FIELDS = {
    name
    for name in SCHEMA["department_month"].fields
    if name not in {"cost", "paper_cost", "hours", "co2_g", "last_year", "last_month"}
    and name != "duplex_share"
    and name not in {"people", "rank", "rank_of", "pages_per_head", "sheets_per_head"}
    and name not in {"level", "parent", "own_pages"}
    and not name.startswith("forecast")
}
FORECAST = {"forecast", "forecast_low", "forecast_high", "forecast_ratio"}


async def test_department_month_always_writes_every_field_there_can_be(office: AnOffice) -> None:
    """What is not counted yet (cost, hours) has no field; the forecast needs a finished day."""
    (first, _) = await office.months("2026-11")
    assert set(first.fields) == MONTH_FIELDS
    await print_pages(office, 1000, 1025)
    office.clock.forward(days=1)
    rows = await office.months("2026-11")
    assert [row.tags["department"] for row in rows] == ["soumu", "zeimu"]
    assert all(set(row.fields) == MONTH_FIELDS | FORECAST for row in rows)
    soumu, zeimu = (row.fields for row in rows)
    assert (soumu["pages"], soumu["target"], soumu["remaining"]) == (25, 1000, 975)
    assert (soumu["ratio"], soumu["name"], soumu["name_en"]) == (0.025, "総務課", "General Affairs")
    assert (zeimu["pages"], zeimu["target"], zeimu["ratio"], zeimu["name_en"]) == (
        0,
        0,
        0.0,
        "税務課",
    )
    assert rows[0].at == datetime(2026, 10, 31, 15, tzinfo=UTC)


async def test_last_year_is_stated_once_the_ledger_reaches_back() -> None:
    office = AnOffice(at=datetime(2025, 11, 1, 1, tzinfo=UTC))
    await print_pages(office, 1000, 1200)
    office.clock.at = T0
    (soumu, zeimu) = await office.months("2026-11")
    assert (soumu.fields["last_year"], zeimu.fields["last_year"]) == (200, 0)
    (soumu, _) = await office.months("2026-10")
    assert "last_year" not in soumu.fields


async def test_last_year_is_absent_where_counting_began_a_day_too_late() -> None:
    office = AnOffice(at=datetime(2025, 11, 2, 1, tzinfo=UTC))
    await print_pages(office, 1000, 1200)
    office.clock.at = T0
    assert all("last_year" not in row.fields for row in await office.months("2026-11"))


async def test_completeness_counts_every_answer_since_the_month_began(office: AnOffice) -> None:
    await print_pages(office, 1000)
    office.clock.forward(days=1)
    (soumu, zeimu) = await office.months("2026-11")
    assert (soumu.fields["places"], soumu.fields["places_read"]) == (2, 1)
    assert (zeimu.fields["places"], zeimu.fields["places_read"]) == (1, 0)


async def test_forecast_never_vanishes_again(office: AnOffice) -> None:
    """A department's first copier prints its first page: yesterday's forecast must not stay."""
    await print_pages(office, 1000, 1025)
    office.clock.forward(days=1)
    (_, before) = await office.months("2026-11")
    office.reorganise(
        replace(A_FLEET, places=(A_FLEET.places[0], place("2f", (LONG_AGO, {"zeimu": 100}))))
    )
    await print_pages(office, 0, 30, name="2f")
    (_, after) = await office.months("2026-11")
    assert before.fields["forecast"] == 0.0
    assert float(after.fields["forecast"]) >= 30


async def test_event_and_cycle(office: AnOffice) -> None:
    finding = Finding(Code.METER_RESET, Severity.WARNING, "1f", verbatim("meters were reset"), T0)
    await office.ledger.record_findings([finding])
    await office.ledger.record_cycle(
        Cycle(T0, polled=26, failed=1, slow=2, cycle_s=3, lag_s=0.5, backlog=9)
    )
    event, cycle = await office.rows(*await office.log())
    assert event == Row(
        "copier_event",
        {"site": "hall", "place": "1f", "code": "meter_reset"},
        {"severity": "warning"}
        | dict.fromkeys(("message", "message_ja", "message_en"), "meters were reset"),
        T0,
    )
    assert cycle == Row(
        "collector",
        {"site": "hall", "host": "edge-1"},
        {"polled": 26, "failed": 1, "slow": 2, "backlog": 9, "cycle_s": 3.0, "lag_s": 0.5},
        T0,
    )


async def test_a_round_names_the_copier_that_took_longest(office: AnOffice) -> None:
    cycle = Cycle(T0, 26, 1, 2, 3.0, 0.5, 9, PlaceId("1f"), 7.25)
    await office.ledger.record_cycle(cycle)
    (row,) = await office.rows(*await office.log())
    said = {name: row.fields[name] for name in ("slowest", "slowest_label", "slowest_s")}
    (place,) = (one for one in office.current.context.fleet.places if one.id == "1f")
    label = place_fields(place, office.current.context.fleet)["label"]
    assert said == {"slowest": "1f", "slowest_label": label, "slowest_s": 7.25}


async def test_reference_whose_subject_is_gone_gives_nothing(office: AnOffice) -> None:
    timeless = Finding(Code.WEAK_IDENTITY, Severity.INFO, "1f", verbatim("no serial"))
    await office.ledger.record_findings([timeless])
    seconds = int(T0.timestamp())
    refs = (
        LogRef("reading", f"1f|{seconds}"),
        LogRef("state", f"1f|{seconds}"),
        LogRef("day", "nowhere|2026-11-02"),
        LogRef("event", "0123456789ab"),
        LogRef("event", timeless.id),
        LogRef("cycle", str(seconds)),
    )
    assert await office.rows(*refs) == []


async def test_pages_of_a_place_nobody_answers_for_are_visible() -> None:
    office = AnOffice()
    office.reorganise(fleet(place("1f")))
    await print_pages(office, 1000, 1040)
    rows = await office.rows(*await office.log())
    assert figures(rows, "copier_day", "total") == {("unassigned", "1f"): 40}
    assert figures(rows, "department_day", "total")["unassigned",] == 40
    assert figures(rows, "department_month", "pages")["unassigned", "2026-11"] == 40
    assert figures(rows, "department_month", "name")["unassigned", "2026-11"] == "(割当なし)"


async def test_place_that_left_the_fleet_file_keeps_its_pages_visible(office: AnOffice) -> None:
    await print_pages(office, 1000, 1040)
    office.reorganise(Fleet(DEPARTMENTS))
    rows = await office.rows(*await office.log())
    assert figures(rows, "copier_day", "total")["unassigned", "1f"] == 40
    assert figures(rows, "department_month", "pages")["unassigned", "2026-11"] == 40


def moved_to_zeimu(since: date) -> Fleet:
    spans = ((LONG_AGO, {"soumu": 100}), (since, {"zeimu": 100}))
    return replace(A_FLEET, places=(place("1f", *spans), A_FLEET.places[1]))


@pytest.mark.parametrize("restarted", [False, True])
async def test_backdated_assignment_leaves_an_explicit_zero(
    office: AnOffice, restarted: bool
) -> None:
    """The old series cannot be deleted in a time-series database: it gets 0, and keeps it."""
    await print_pages(office, 1000, 1040)
    await office.deliver_all()
    office.reorganise(moved_to_zeimu(NOV_2))
    if restarted:
        office.restart()
    refs = (LogRef("day", "1f|2026-11-02"), LogRef("office_day", "2026-11-02"))
    for _ in range(2):
        rows = await office.rows(*refs)
        assert figures(rows, "copier_day", "total") == {("soumu", "1f"): 0, ("zeimu", "1f"): 40}
        assert figures(rows, "department_day", "total") == {("soumu",): 0, ("zeimu",): 40}
        office.restart()


async def test_a_day_whose_pages_are_unmade_leaves_explicit_zeros(office: AnOffice) -> None:
    """Where counting anew takes all that a day had, no older figure stays beside the others."""
    for _ in range(6):
        office.clock.forward(minutes=1)
        await office.poll("2f", answer(RICOH, 1000, copy=300))
    office.clock.forward(minutes=1)
    await office.poll("2f", answer(RICOH, 1003, copy=301))
    await office.deliver_all()
    assert await office.pages("2f") == 3
    office.clock.forward(minutes=1)
    await office.poll("2f", answer(RICOH, 1000, copy=300))
    await office.deliver_all()
    assert await office.pages("2f") == 0
    assert await office.ledger.days(date.min, date.max) == []
    rows = {name for name, *_ in office.sink.points if name.endswith("_day")}
    assert rows == {"copier_day", "department_day", "office_day"}
    plan = {"period", "day", "allowed", "counted_in"}
    for (name, tags, _), fields in office.sink.points.items():
        if name.endswith("_day"):
            zeros = {key: value for key, value in fields.items() if key not in plan}
            reached = {} if name == "copier_day" else {"so_far": 0}
            assert zeros == {"total": 0, "copy": 0, "estimated": 0} | reached, (name, tags)


async def test_pages_assigned_at_last_leave_nothing_with_nobody() -> None:
    """A new copier prints before anybody entered who answers for it; later somebody does."""
    office = AnOffice()
    office.reorganise(fleet(place("1f")))
    await print_pages(office, 1000, 1040)
    office.clock.forward(days=1)
    await office.refresh.fleet()
    await office.deliver_all()
    office.reorganise(fleet(place("1f", (LONG_AGO, {"zeimu": 100}))))
    office.restart()
    await office.refresh.fleet()
    await office.deliver_all()
    sent = [
        (dict(tags), fields)
        for (name, tags, _), fields in office.sink.points.items()
        if name in {"department_day", "department_month"}
    ]
    pages: dict[str, Value] = defaultdict(int)
    for tags, fields in sent:
        pages[tags["department"]] += fields.get("total", 0) + fields.get("pages", 0)
    assert pages == {"soumu": 0, "zeimu": 80, "unassigned": 0}
    (nobody,) = [
        fields for tags, fields in sent if tags.get("month") and tags["department"] == "unassigned"
    ]
    assert (nobody["forecast"], nobody["places"], nobody["name"]) == (0.0, 0, "(割当なし)")


async def test_department_that_left_the_fleet_file_keeps_no_old_figure(office: AnOffice) -> None:
    await print_pages(office, 1000, 1040)
    office.clock.forward(days=1)
    await office.refresh.fleet()
    await office.deliver_all()
    only = Department(DepartmentId("zeimu"), "税務課")
    office.reorganise(Fleet((only,), (place("1f", (LONG_AGO, {"zeimu": 100})),)))
    await office.refresh.fleet()
    await office.deliver_all()
    months = {
        dict(tags)["department"]: (fields["pages"], fields["forecast"], fields["name"])
        for (name, tags, _), fields in office.sink.points.items()
        if name == "department_month"
    }
    assert months["soumu"] == (0, 0.0, "総務課")
    assert months["zeimu"][0] == 40


async def test_department_that_left_gets_no_rows_in_later_months(office: AnOffice) -> None:
    await print_pages(office, 1000, 1040)
    await office.rows(*await office.log())
    office.reorganise(Fleet(DEPARTMENTS[1:], (place("1f", (LONG_AGO, {"zeimu": 100})),)))
    office.clock.forward(days=40)
    rows = await office.rows(LogRef("month", "2026-12"), LogRef("office_day", "2026-12-10"))
    assert {row.tags.get("department") for row in rows} == {"zeimu", None}


async def test_target_taken_away_is_written_as_nothing_left(office: AnOffice) -> None:
    await print_pages(office, 1000, 1040)
    office.reorganise(replace(A_FLEET, targets={}))
    (soumu, _) = await office.months("2026-11")
    assert (soumu.fields["target"], soumu.fields["remaining"], soumu.fields["ratio"]) == (0, 0, 0.0)


async def test_target_of_nothing_is_used_up_by_the_first_page(office: AnOffice) -> None:
    office.reorganise(replace(A_FLEET, targets={DepartmentId("soumu"): Targets(default=0)}))
    await print_pages(office, 1000, 1001)
    (soumu, _) = await office.months("2026-11")
    assert (soumu.fields["ratio"], soumu.fields["remaining"]) == (1.0, -1)


async def test_shares_of_a_month_follow_its_first_day_whatever_day_is_asked(
    office: AnOffice,
) -> None:
    """One page a day at 60/40: rendering a day alone gives what rendering all of them gives."""
    for total in range(1000, 1008):
        await office.poll("2f", answer(CANON, total))
        office.clock.forward(days=1)
    keys = [f"2f|2026-11-{day:02d}" for day in range(2, 10)]
    together = await office.rows(*(LogRef("day", key) for key in keys))
    alone = [row for key in keys for row in await office.rows(LogRef("day", key))]
    assert sorted(map(repr, together)) == sorted(map(repr, alone))
    sums = defaultdict(int)
    for row in together:
        sums[row.tags["department"]] += row.fields["total"]
    assert sums == {"soumu": 4, "zeimu": 3}


async def test_days_of_departments_and_of_places_agree(office: AnOffice) -> None:
    for number in range(20):
        await office.poll("1f", answer(RICOH, 1000 + 3 * number, copy=number))
        await office.poll("2f", answer(CANON, 500 + 7 * number, print=2 * number))
        office.clock.forward(hours=9)
    refs = [one for one in await office.log() if one.kind in {"day", "office_day", "month"}]
    rows = await office.rows(*refs)
    table = await office.ledger.days(date(2026, 11, 1), date(2026, 11, 30))
    for meter in ("total", "copy", "print"):
        counted = sum(day.pages.get(Meter(meter), 0) for day in table)
        for measurement in ("copier_day", "department_day"):
            shown = [row.fields.get(meter, 0) for row in rows if row.measurement == measurement]
            assert sum(shown) == counted
    months = [row for row in rows if row.measurement == "department_month"]
    assert sum(row.fields["pages"] for row in months) == sum(
        day.pages[Meter("total")] for day in table
    )


async def test_days_of_many_places_say_the_same_read_together_or_one_by_one(
    office: AnOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        office.clock.forward(hours=20)
        await office.poll("1f", answer(RICOH, 1000 + 3 * number))
        await office.poll("2f", answer(CANON, 500 + 7 * number))
    refs = [ref for ref in await office.log() if ref.kind == "day"]
    refs = [one for n, one in enumerate(refs) if n % 5 or one.key.startswith("2f")]
    shown = []
    for many in (1, 2, 3):
        monkeypatch.setattr(render, "_MANY", many)
        shown.append([await office.rows(*refs), *[await office.rows(one) for one in refs]])
    assert shown[0] == shown[1] == shown[2]
    assert sum(int(row.fields["total"]) for row in shown[0][0] if row.tags["place"] == "2f") == 273
