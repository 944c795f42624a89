"""Supplies, trays and what hinders a machine, as rows."""

from dataclasses import replace

import pytest

from collector.domain.counting.reading import (
    DeviceStatus,
    Supply,
    SupplyKind,
    SupplyState,
    Tray,
    TrayStatus,
    Trouble,
)
from tests.unit.app.office import RICOH, AnOffice, answer

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
