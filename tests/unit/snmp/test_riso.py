"""RISO ink-jets: the life count, and nothing that only looks like a counter."""

import pytest

from collector.domain.meters import TOTAL, Unit
from tests.unit.snmp.machines import PRINTER, P, answer, devices, life, named

FINISHERS = {f"{P}24807.1.2.2.2.4.1.2.{arc}": arc % 3 for arc in (1, 2, 3, 20)}


@pytest.mark.parametrize("device", [1, 2])
async def test_the_life_count_of_the_printer(device: int) -> None:
    rows = {"i1": ("1.3.6.1.2.1.25.3.1.4", "Network", ""), f"i{device}": (PRINTER, "ORPHIS", "")}
    found = await answer(
        named("RISO ORPHIS GD9630", "24807.1.1.7"),
        devices(**rows),
        FINISHERS,
        {P + "24807.1.2.1.1.1.0": "ORPHIS GD9630", f"1.3.6.1.2.1.43.5.1.1.17.{device}": "51234567"},
        life(812_345, row=f"{device}.1"),
    )
    who = found.identity
    assert (found.profile, who.vendor, who.model, who.serial) == (
        "riso",
        "RISO",
        "ORPHIS GD9630",
        "51234567",
    )
    assert dict(found.meters) == {"total": 812_345}


async def test_sheets_are_not_called_pages() -> None:
    found = await answer(named("RISO ComColor 7150", "24807.1.1.3"), life(500, 8))
    assert found.identity.model == "ComColor 7150"
    assert dict(found.meters) == {"sheets": 500, "total": 500}
    assert found.unit_of(TOTAL) is Unit.SHEETS
