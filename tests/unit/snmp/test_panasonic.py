"""Panasonic KX and DP machines."""

import pytest

from tests.unit.snmp.machines import PRINTER, P, answer, devices, life, named

COUNT = P + "258.402.1.4.2.1.7."
KX = named("Panasonic KX-MB2061", "258.405.1")
CELLS = {1: 4000, 3: 120, 4: 330, 5: 600, 7: 90, 8: 44, 9: 210}


@pytest.mark.parametrize("end", ["", ".0"])
async def test_a_multifunction(end: str) -> None:
    found = await answer(
        KX,
        {f"{COUNT}{arc}{end}": value for arc, value in CELLS.items()},
        {P + "258.405.1.1.1.5.0": "1KAFB000123", P + "258.405.1.1.1.4.0": "1.10"},
    )
    who = found.identity
    assert (who.vendor, who.model, who.serial, who.firmware) == (
        "Panasonic",
        "KX-MB2061",
        "1KAFB000123",
        "1.10",
    )
    assert dict(found.meters) == {"total": 4000, "copy": 600, "fax": 210, "scan": 450}


async def test_a_life_count_beside_the_total() -> None:
    found = await answer(KX, {COUNT + "1": 4000}, life(4010))
    assert dict(found.meters) == {"total": 4000, "engine_total": 4010}


async def test_half_a_scanner_is_no_scanner() -> None:
    found = await answer(KX, {COUNT + "1": 4000, COUNT + "3": 12})
    assert dict(found.meters) == {"total": 4000}


async def test_dp_series_by_its_life_count() -> None:
    rows = devices(i1=(PRINTER, "Panasonic DP-C265", ""))
    found = await answer(named("Panasonic DP-C265 / Workio", "258.42"), rows, life(77))
    assert (found.profile, found.identity.model) == ("panasonic", "DP-C265")
    assert dict(found.meters) == {"total": 77}


@pytest.mark.parametrize("descr", ["Panasonic WV-S1131 Network Camera", "Panasonic PT-RZ120"])
async def test_cameras_and_projectors_are_no_printers(descr: str) -> None:
    assert (await answer(named(descr, "258.10.1"))).profile == "generic"
