"""Supplies, trays and what hinders a machine, as rows."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.app.publish.render import Renderer
from collector.domain.counting.reading import (
    Answer,
    DeviceStatus,
    Supply,
    SupplyKind,
    SupplyState,
    Tray,
    TrayStatus,
    Trouble,
)
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceUnreachable, SinkUnavailable
from collector.ports import BEGINNING, END
from tests.unit.app.office import RICOH, AnOffice, answer
from tests.unit.app.story import run
from tests.wording import ROW_WORDS

BLACK = Supply("1.1", "Black toner", SupplyState.LEVEL, 30, 120, SupplyKind.TONER, "black")
WASTE = Supply("1.5", "Waste box", SupplyState.LEVEL, 20, 80, SupplyKind.WASTE)
BYPASS = Tray("1.1", "手差し", SupplyState.LEVEL, 0, 100, None, TrayStatus.UNAVAILABLE)
CASSETTE = Tray("1.2", "トレイ2", SupplyState.SOME_REMAINING, None, 550, "普通紙", TrayStatus.READY)


@pytest.fixture
def office() -> AnOffice:
    return AnOffice()


async def test_a_supply_says_its_kind_and_color_and_what_is_left(office: AnOffice) -> None:
    empty = replace(BLACK, state=SupplyState.EMPTY, remaining=None)
    await office.poll("1f", replace(answer(RICOH, 5), supplies=(BLACK, empty)))
    (_, black, gone) = await office.rows(*await office.log())
    assert black.fields == {
        "level_pct": 25.0,
        "remaining": 30,
        "capacity": 120,
        "state": "level",
        "name": "Black toner",
        "kind": "toner",
        "color": "black",
    }
    assert (gone.fields["state"], gone.fields["level_pct"]) == ("empty", 0.0)
    assert "remaining" not in gone.fields


async def test_a_waste_box_says_what_room_is_left_and_how_full_it_is(office: AnOffice) -> None:
    unsure = replace(WASTE, state=SupplyState.SOME_REMAINING, remaining=None)
    await office.poll("1f", replace(answer(RICOH, 5), supplies=(WASTE, unsure)))
    (_, waste, unknown) = await office.rows(*await office.log())
    assert (waste.fields["level_pct"], waste.fields["full_pct"]) == (25.0, 75.0)
    assert waste.fields["kind"] == "waste"
    assert not {"level_pct", "full_pct"} & unknown.fields.keys()


async def test_trays_and_troubles_are_shown(office: AnOffice) -> None:
    says = replace(
        answer(RICOH, 5),
        status=DeviceStatus.STOPPED,
        errors=(Trouble.NO_PAPER, Trouble.LOW_TONER),
        trays=(BYPASS, CASSETTE),
    )
    await office.poll("1f", says)
    copier, bypass, cassette = await office.rows(*await office.log())
    assert copier.fields["status"] == "stopped"
    assert copier.fields["errors"] == "no_paper low_toner"
    assert (bypass.measurement, bypass.tags["tray"]) == ("copier_tray", "1.1")
    assert bypass.fields == {
        "level_pct": 0.0,
        "remaining": 0,
        "capacity": 100,
        "state": "level",
        "name": "手差し",
        "status": "unavailable",
    }
    assert cassette.fields == {
        "capacity": 550,
        "state": "some_remaining",
        "name": "トレイ2",
        "media": "普通紙",
        "status": "ready",
    }


@given(
    st.lists(
        st.tuples(st.integers(1, 900), st.integers(0, 3), st.sampled_from(["", "away", "restart"])),
        min_size=1,
        max_size=30,
    )
)
def test_the_newest_row_of_a_supply_says_what_was_read_last(
    story: list[tuple[int, int, str]],
) -> None:
    """Whatever failed or was started anew; and each day says it once, though nothing changes."""

    async def tell() -> None:
        office = AnOffice()
        for minutes, left, event in [(1, 3, ""), *story, (1, 2, "")]:
            office.clock.forward(minutes=minutes)
            black, says = replace(BLACK, remaining=left), answer(RICOH, 5)
            await office.poll("1f", replace(says, supplies=(black,), trays=(BYPASS,)))
            if event == "away":
                office.sink.failures.append(SinkUnavailable("away"))
            with suppress(SinkUnavailable):
                await office.deliver_all()
            if event == "restart":
                office.restart()
                await office.polls.remember()
        office.sink.failures.clear()  # it was away while nothing was to be sent
        await office.deliver_all()
        rows = {
            at: fields["remaining"]
            for (name, _, at), fields in office.sink.points.items()
            if name == "copier_supply"
        }
        day = office.current.context.office.local_day
        stored = await office.ledger.readings(PlaceId("1f"), BEGINNING, END)
        for one in stored:
            said = max(at for at in rows if at <= one.at)
            assert rows[said] == one.answer.supplies[0].remaining
            assert day(said) == day(one.at)

    run(tell)


async def test_a_supply_that_says_the_same_has_one_row_a_day(office: AnOffice) -> None:
    for number in range(30):
        await office.poll("1f", replace(answer(RICOH, 5 + number), supplies=(BLACK,)))
        await office.deliver_all()
        office.clock.forward(hours=1)
    keys = [key for key in office.sink.points if key[0] == "copier_supply"]
    assert len(keys) == 2
    assert len([key for key in office.sink.points if key[0] == "copier"]) == 30


async def copiers(office: AnOffice, *answers: Answer) -> list[int]:
    """Poll each answer five minutes after the other; return the totals that have a row."""
    common = office.ledger, office.current, office.clock, "edge-1", ROW_WORDS
    office.renderer = Renderer(*common, timedelta(hours=1))
    totals = []
    for one in answers:
        since = await office.last_seq()
        await office.poll("1f", one)
        rows = await office.rows(*await office.log(since))
        totals += [int(row.fields["total"]) for row in rows if row.measurement == "copier"]
        office.clock.forward(minutes=5)
    return totals


async def test_a_copier_that_only_goes_on_printing_has_a_row_once_an_hour(
    office: AnOffice,
) -> None:
    steps = [answer(RICOH, 1000 + 10 * n) for n in range(25)]
    assert await copiers(office, *steps) == [1000, 1120, 1240]


async def test_what_is_news_of_a_copier_has_a_row_at_once(office: AnOffice) -> None:
    jammed = replace(answer(RICOH, 1020), errors=(Trouble.JAMMED,))
    going, well, back = answer(RICOH, 1010), answer(RICOH, 1030), answer(RICOH, 1000)
    assert await copiers(office, back, going, jammed, well) == [1000, 1020, 1030]


async def test_after_a_silence_and_at_midnight_a_copier_has_a_row_at_once(office: AnOffice) -> None:
    assert await copiers(office, answer(RICOH, 1000), answer(RICOH, 1001)) == [1000]
    for _ in range(3):
        since = await office.last_seq()
        await office.poll("1f", DeviceUnreachable("1f", "nobody there"))
        await office.rows(*await office.log(since))
        office.clock.forward(minutes=1)
    since = await office.last_seq()
    await office.poll("1f", answer(RICOH, 1002))
    rows = await office.rows(*await office.log(since))
    assert [row.fields["total"] for row in rows if row.measurement == "copier"] == [1002]


async def test_the_same_reading_again_is_rendered_again(office: AnOffice) -> None:
    assert await copiers(office, answer(RICOH, 1000), answer(RICOH, 1001)) == [1000]
    every = await office.log()
    again = [row for row in await office.rows(*every) if row.measurement == "copier"]
    assert [row.fields["total"] for row in again] == [1000]
