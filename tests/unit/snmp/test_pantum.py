"""Pantum machines, made up from readers and a recorded tree."""

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from tests.unit.snmp.machines import P, answer, life, named

PANTUM = P + "40093."
NAME = named("Pantum BM5100ADN", "40093.1.1")


@pytest.mark.parametrize("end", ["", ".0"])
async def test_plain_numbers_with_and_without_an_instance(end: str) -> None:
    found = await answer(
        NAME,
        {PANTUM + "10.3.1.1" + end: 8501, PANTUM + "6.4.1" + end: 8400},
        {PANTUM + "6.1.2" + end: "CK1A037185", "1.3.6.1.2.1.43.5.1.1.16.1": "Pantum BM5100ADN"},
        life(0),
    )
    who = found.identity
    assert (who.vendor, who.model, who.serial) == ("Pantum", "BM5100ADN", "CK1A037185")
    assert dict(found.meters) == {"total": 8501}


async def test_older_machines() -> None:
    assert (await answer(NAME, {PANTUM + "6.4.1": 8400}, life(8400))).meters == {"total": 8400}
    assert (await answer(NAME, life(8400))).meters == {"total": 8400}


async def test_states_and_settings_are_no_counters() -> None:
    tree = {
        f"{PANTUM}1.1.3.{arc}": value
        for arc, value in {1: 1, 3: 0, 9: 3, 10: 0, 12: 35133, "13.2": 100, "15.8": -1}.items()
    }
    found = await answer(NAME, tree, {PANTUM + "1.1.1.5": "CK1A037185"}, life(35133))
    assert dict(found.meters) == {"total": 35133}
    assert found.identity.serial == "CK1A037185"
    low = await answer(NAME, tree, profiles=load_profiles(low_confidence=True))
    assert dict(low.meters) == {"print": 35133}


async def test_a_name_that_an_administrator_gave_is_no_model() -> None:
    found = await answer(NAME, {"1.3.6.1.2.1.43.5.1.1.16.1": "Front office"}, life(1))
    assert found.identity.model == "BM5100ADN"
