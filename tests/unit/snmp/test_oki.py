"""OKI machines, made up from the OKIDATA-MIB."""

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from collector.domain.counting.findings import Code
from tests.unit.snmp.machines import P, answer, life, named

OKI = P + "2001.1.1.1.1."
COUNT = OKI + "100.1.1.1.3.1"
ODD = OKI + "11.1.10."
MC573 = named(
    "OKI OkiLAN 9800e Rev.01.02 10/100/1000BASE Ethernet PrintServer: Attached to MC573 "
    "Rev.04.11 : Copyright (c) 2017 Oki Data Corporation. All rights reserved.",
    "2001.1.1.1.1",
)


async def test_digits_in_text_are_the_total() -> None:
    found = await answer(MC573, {COUNT: "0012345", ODD + "45.0": "AK7B012345"}, life(12400))
    who = found.identity
    assert (who.vendor, who.model, who.serial, who.firmware) == (
        "OKI",
        "MC573",
        "AK7B012345",
        "04.11",
    )
    assert dict(found.meters) == {"total": 12345, "engine_total": 12400}


async def test_a_machine_without_the_usage_tree_keeps_its_life_count() -> None:
    assert dict((await answer(MC573, life(12400))).meters) == {"total": 12400}
    assert dict((await answer(MC573, {COUNT: " "}, life(12400))).meters) == {"total": 12400}


async def test_words_are_no_count() -> None:
    found = await answer(MC573, {COUNT: "n/a"}, life(12400))
    assert dict(found.meters) == {"total": 12400}
    assert Code.DEVICE_NONSENSE in {one.code for one in found.findings}


async def test_the_undocumented_branch_is_read_only_when_asked_for() -> None:
    cells = {ODD + "170.1.6.1": 400, ODD + "170.1.7.1": 600, ODD + "170.1.17.1": 30, COUNT: "1000"}
    assert dict((await answer(MC573, cells)).meters) == {"total": 1000}
    low = await answer(MC573, cells, profiles=load_profiles(low_confidence=True))
    assert dict(low.meters) == {
        "total": 1000,
        "total_mono": 600,
        "total_color": 400,
        "copy": 30,
    }
    wrong = await answer(
        MC573, {**cells, COUNT: "1500"}, profiles=load_profiles(low_confidence=True)
    )
    assert [one.code for one in wrong.findings] == [Code.CROSS_FOOT]


@pytest.mark.parametrize(
    ("descr", "model", "firmware"),
    [
        (
            "OKI OkiLAN 8100e Rev.02.73 PrintServer: Attached to C3200n Rev.N2.14 : (C)2004",
            "C3200n",
            "N2.14",
        ),
        (
            "OKI OkiLAN B63e Rev.1.0.34 10/100BASE EthernetPrintServer Attached to B6300 Rev.3.4.8",
            "B6300",
            "3.4.8",
        ),
        (
            "OKI OkiLAN 3100e Rev.n252v144: Attached to OKIPAGE 14i Rev.01.07: (C)2000",
            "OKIPAGE 14i",
            "01.07",
        ),
        ("OkiLAN 6130", None, None),
    ],
)
async def test_the_print_server_names_what_it_is_attached_to(
    descr: str, model: str | None, firmware: str | None
) -> None:
    found = await answer(named(descr, "2001.1.1.1.1"), life(3))
    who = found.identity
    assert (found.profile, who.vendor, who.model, who.firmware) == ("oki", "OKI", model, firmware)
