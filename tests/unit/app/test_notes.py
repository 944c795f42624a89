"""Every note comes back as it was put; a damaged one, or another version's, reads as nothing."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from collector.app import notes
from collector.app.notes import Departure, Note, PublishedMonth, note_published, published_in
from collector.domain.meters import TOTAL, Meter
from collector.domain.office.fleet import Department
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Base, Less, TargetPlan, Targets
from collector.ports import LogRef
from tests.fakes.ledger import FakeLedger
from tests.unit.app.closing_office import closed, tokyo, two_copiers
from tests.unit.app.office import A_FLEET, RICOH, SOUMU, ZEIMU, AnOffice, answer

FORMS: list[tuple[Note[Any], object, str, str]] = [
    (notes.CLOCK_IN_DOUBT, "wrong", "clock-in-doubt", "wrong"),
    (notes.STANDS_AT.about("ricoh|A1"), PlaceId("1f"), "stands-at|ricoh|A1", "1f"),
    (
        notes.CAME_FROM.about("ricoh|A1"),
        Departure(PlaceId("2f"), datetime(2026, 11, 2, 3, tzinfo=UTC)),
        "came-from|ricoh|A1",
        '{"at": "2026-11-02T03:00:00+00:00", "came_back": false, "place": "2f", "told": null}',
    ),
    (
        notes.CAME_FROM.about("ricoh|A2"),
        Departure(
            PlaceId("2f"),
            datetime(2026, 11, 2, 3, tzinfo=UTC),
            came_back=True,
            told=datetime(2026, 11, 1, 3, tzinfo=UTC),
        ),
        "came-from|ricoh|A2",
        (
            '{"at": "2026-11-02T03:00:00+00:00", "came_back": true, "place": "2f", '
            '"told": "2026-11-01T03:00:00+00:00"}'
        ),
    ),
    (notes.TOLD_OF.about("1f"), frozenset({"b", "a"}), "told-of|1f", "a b"),
    (
        notes.FIRST_ASKED.about("1f"),
        datetime(2026, 11, 2, 3, tzinfo=UTC),
        "first-asked|1f",
        "2026-11-02T03:00:00+00:00",
    ),
    (notes.LEDGER_ID, "0a1b", "ledger-id", "0a1b"),
    (notes.LEDGER_TOLD_ALL, "yes", "ledger-told-all", "yes"),
    (notes.CENTRE_SAYS.about("centre"), "away", "centre-says|centre", "away"),
    (notes.FLEET_WAITING, "0f0f", "fleet-waiting", "0f0f"),
    (notes.LEARNT.about("10.0.0.1"), "{}", "learnt|10.0.0.1", "{}"),
    (notes.SEALED_BEFORE, {"2026-09": 2}, "sealed-before", '{"2026-09": 2}'),
    (notes.PLAN_APPLIED, "abc", "plan-applied", "abc"),
    (notes.CLOSING_LOOKED, date(2026, 11, 2), "closing-looked", "2026-11-02"),
    (notes.CLOSING_WATCHED, "2026-10", "closing-watched", "2026-10"),
    (
        notes.PUBLISHED_OF_PLACE.about("1f"),
        frozenset({SOUMU, ZEIMU}),
        "departments-of|1f",
        "soumu\nzeimu",
    ),
    (
        notes.LOST_METERS.about("2026-11"),
        {(PlaceId("1f"), date(2026, 11, 2)): frozenset({Meter("scan"), TOTAL})},
        "lost-meters|2026-11",
        '{"1f": {"2026-11-02": ["scan", "total"]}}',
    ),
    (notes.PUBLISHED_DAY, date(2026, 11, 2), "published-day", "2026-11-02"),
    (
        notes.PUBLISHED_FACTORS,
        frozenset({("2026-04-01", "('g', 4)")}),
        "published-factors",
        '[["2026-04-01", "(\'g\', 4)"]]',
    ),
]


@pytest.mark.parametrize(("note", "value", "key", "text"), FORMS, ids=[form[2] for form in FORMS])
async def test_a_note_is_stored_as_ever_and_comes_back(
    note: Note[Any], value: object, key: str, text: str
) -> None:
    ledger = FakeLedger()
    assert await note.get(ledger) is None
    await note.put(ledger, value)
    assert await ledger.note(key) == text
    assert await note.get(ledger) == value


@pytest.mark.parametrize(
    "note",
    [
        notes.FIRST_ASKED,
        notes.SEALED_BEFORE,
        notes.PLAN_SHOWN,
        notes.CLOSING_LOOKED,
        notes.PUBLISHED_DAY,
        notes.PUBLISHED_FACTORS,
        notes.PUBLISHED_FLEET,
    ],
    ids=lambda note: note.key,
)
@pytest.mark.parametrize("text", ["", "{", "null", "[1]", '{"a": []}', "3", "九月"])
async def test_a_damaged_note_reads_as_none(note: Note[Any], text: str) -> None:
    ledger = FakeLedger()
    await ledger.set_note(note.key, text)
    assert await note.get(ledger) is None


async def test_a_plan_and_a_fleet_come_back_as_far_as_they_decide_figures() -> None:
    ledger = FakeLedger()
    await two_copiers(ledger)
    (statement,) = await closed(ledger, ["2026-09"], tokyo(12, 4))
    await notes.PLAN_SHOWN.about("2026-09").put(ledger, statement)
    assert await notes.PLAN_SHOWN.about("2026-09").get(ledger) == statement
    plan = TargetPlan("2026-10", Less(Base(), Decimal(10)))
    fleet = replace(A_FLEET, targets={SOUMU: Targets(default=9, plans=(plan,))})
    await notes.PUBLISHED_FLEET.put(ledger, fleet)
    found = await notes.PUBLISHED_FLEET.get(ledger)
    assert found is not None
    assert found.targets == fleet.targets
    assert [(one.id, one.assignments, one.until) for one in found.places] == [
        (one.id, one.assignments, one.until) for one in sorted(fleet.places, key=lambda p: p.id)
    ]
    written = notes.PUBLISHED_FLEET.written
    assert written(found) == written(fleet), "so it is the same when it is published again"


async def test_names_and_figures_that_older_versions_noted_apart_are_one() -> None:
    ledger = FakeLedger()
    assert await published_in(ledger, "2026-11") == PublishedMonth()
    await ledger.set_note("departments-in|2026-11", '{"zeimu": ["税務課", null]}')
    await ledger.set_note("figures-in|2026-11", '{"zeimu": ["cost"], "office": ["co2_g"]}')
    old = await published_in(ledger, "2026-11")
    assert old.departments == {ZEIMU: Department(ZEIMU, "税務課")}
    assert old.figures == {"zeimu": {"cost"}, "office": {"co2_g"}}
    more = old.with_departments([Department(SOUMU, "総務課", "General")])
    more = more.with_figures({ZEIMU: frozenset({"hours"})})
    await note_published(ledger, "2026-11", old, more)
    noted = await ledger.note("published-in|2026-11")
    assert json.loads(noted or "") == {
        "departments": {"soumu": ["総務課", "General"], "zeimu": ["税務課", None]},
        "figures": {"office": ["co2_g"], "zeimu": ["cost", "hours"]},
    }
    assert await published_in(ledger, "2026-11") == more
    assert list(more.departments) == [SOUMU, ZEIMU], "by id, in whatever order they came"


async def test_what_an_older_version_published_is_taken_back_to_zero() -> None:
    office = AnOffice(at=datetime(2026, 11, 2, 1, tzinfo=UTC))
    await office.ledger.set_note("departments-in|2026-11", '{"gone": ["旧課", null]}')
    await office.ledger.set_note("figures-in|2026-11", '{"gone": ["cost"]}')
    await office.poll("1f", answer(RICOH, 1000))
    rows = await office.rows(LogRef("month", "2026-11"))
    (gone,) = [row.fields for row in rows if row.tags.get("department") == "gone"]
    assert (gone["pages"], gone["name"]) == (0, "旧課")
    assert (gone["cost"], gone["cost_known"]) == (0.0, False)


def test_no_other_module_keeps_a_note_under_a_key_of_its_own() -> None:
    tree = Path(notes.__file__).parents[1]
    users = [
        str(file.relative_to(tree))
        for file in tree.rglob("*.py")
        if re.search(r"\.(set_note|note)\(", file.read_text(encoding="utf-8"))
    ]
    stores = {f"adapters/ledger_{one}/store.py" for one in ("sqlite", "postgres")}
    allowed = {"app/notes.py", "runtime/scheduler.py"} | stores
    assert set(users) <= allowed, "the store keeps them; the scheduler notes silences"
