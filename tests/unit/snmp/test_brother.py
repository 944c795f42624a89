"""Brother: a record in any order, tables by enum, and often only some of both."""

import pytest

from collector.domain.counting.findings import Code
from collector.errors import DeviceNonsense
from tests.unit.snmp.machines import BROTHER, PRINTER, P, answer, devices, life, named
from tests.unit.snmp.maker_tables import brother_enum, brother_record

NAME = named("Brother NC-8700w, Firmware Ver.1.10", "2435.2.3.9.1")


@pytest.mark.parametrize(
    "parts", [[(0, 90), (1, 60), (2, 30), (6, 12)], [(6, 12), (2, 30), (22, 500), (0, 90), (1, 60)]]
)
@pytest.mark.parametrize("end", [b"\xff", b"\x3c"])
async def test_records_stand_in_any_order(parts: list[tuple[int, int]], end: bytes) -> None:
    record = brother_record(*parts, end=end)
    found = await answer(NAME, {BROTHER + "10.0": record}, life(95, 8))
    assert dict(found.meters) == {
        "total": 90,
        "engine_total": 95,
        "total_mono": 60,
        "total_color": 30,
        "duplex": 12,
    }


async def test_a_mono_laser_sends_its_total_only() -> None:
    record = brother_record((0, 986))
    found = await answer(NAME, {BROTHER + "10.0": record}, life(1_279))
    assert dict(found.meters) == {"total": 986, "engine_total": 1_279}


@pytest.mark.parametrize("count", [None, 96])
async def test_an_ink_jet_sends_black_and_colour_only(count: int | None) -> None:
    record = {BROTHER + "10.0": brother_record((1, 46), (2, 49))}
    found = await answer(NAME, record, *([life(count)] if count else []))
    assert dict(found.meters) == {
        "total": 95,
        **({"engine_total": count} if count else {}),
        "total_mono": 46,
        "total_color": 49,
    }


async def test_lone_ff_leaves_the_life_count() -> None:
    found = await answer(NAME, {BROTHER + "10.0": b"\xff"}, life(95))
    assert dict(found.meters) == {"total": 95}
    assert not found.findings


async def test_models_that_do_not_answer_leave_the_life_count() -> None:
    assert dict((await answer(NAME, life(95, 8))).meters) == {"total": 95}
    assert dict((await answer(NAME, {BROTHER + "10.0": b""}, life(95))).meters) == {"total": 95}


async def test_the_older_firmware_writes_no_pages() -> None:
    """Five octets a record, ended by 14: twentieths of a part's life."""
    old = bytes.fromhex("a101020414a201020c14") + b"\xff"
    found = await answer(NAME, {BROTHER + "10.0": old}, life(95))
    assert dict(found.meters) == {"total": 95}


async def test_junk_is_no_number_and_is_reported() -> None:
    found = await answer(NAME, {BROTHER + "10.0": b"out of order"}, life(95))
    assert dict(found.meters) == {"total": 95}
    assert {one.code for one in found.findings} == {Code.DEVICE_NONSENSE}


async def test_nothing_but_junk_is_nonsense() -> None:
    with pytest.raises(DeviceNonsense):
        await answer(NAME, {BROTHER + "10.0": b"out of order"})


async def test_sentinels_in_a_record_are_absent() -> None:
    record = brother_record((0, 2**32 - 1), (1, 60), (2, 30))
    found = await answer(NAME, {BROTHER + "10.0": record})
    assert dict(found.meters) == {"total": 90, "total_mono": 60, "total_color": 30}


async def test_functions_by_enum_wherever_the_rows_stand() -> None:
    functions = {
        2: 40,
        7: 330,
        5: 170,
        1: 500,
        9: 210,
        4: 90,
        3: 300,
        11: 70,
        91: 12,
        92: 12,
        93: 0,
    }
    found = await answer(
        NAME,
        brother_enum("52.21", functions),
        brother_enum("54.2.2", {3: 5, 2: 10, 1: 20}),
        {BROTHER + "10.0": brother_record((0, 852), (1, 592), (2, 260))},
    )
    assert dict(found.meters) == {
        "total": 852,
        "total_mono": 592,
        "total_color": 260,
        "print": 500,
        "print_mono": 330,
        "print_color": 170,
        "copy": 300,
        "copy_mono": 210,
        "copy_color": 90,
        "fax": 40,
        "other": 12,
        "other_mono": 12,
        "other_color": 0,
        "scan": 35,
    }


async def test_a_printer_has_no_functions_but_one() -> None:
    found = await answer(NAME, brother_enum("52.21", {1: 500}), life(501))
    assert dict(found.meters) == {"total": 501, "print": 500}


async def test_totals_by_colour_among_the_paper_sizes() -> None:
    for table in ("52.3", "52.1"):
        found = await answer(NAME, brother_enum(table, {26: 90, 704: 60, 705: 30}), life(91))
        assert dict(found.meters) == {"total": 91, "total_mono": 60, "total_color": 30}


async def test_large_paper() -> None:
    sizes = brother_enum("52.1", {26: 900, 27: 40, 890: 7, 999: 3})
    assert (await answer(NAME, sizes, life(950))).meters["total_large"] == 47
    assert "total_large" not in (await answer(NAME, brother_enum("52.1", {26: 9}), life(9))).meters


async def test_a_brother_is_not_taken_for_an_hp_because_it_answers_hps_tree() -> None:
    hp = {
        P + "11.2.3.9.4.2.1.1.3.3.0": b"\x01\x15E12345",
        P + "11.2.3.9.4.2.1.4.1.2.5.0": 7,
        P + "11.2.3.9.1.1.7.0": "MFG:Brother;MDL:HL-1;",
    }
    assert (await answer(NAME, hp, life(95))).meters == {"total": 95}
    assert (await answer(hp, life(95))).profile == "brother"


async def test_name_plates() -> None:
    table = devices(i1=(PRINTER, "Brother HL-L6415DW series", ""))
    who = (await answer(NAME, table, life(3))).identity
    assert (who.vendor, who.model, who.firmware) == ("Brother", "HL-L6415DW series", "1.10")
    told = {P + "2435.2.3.9.1.1.7.0": "MFG:Lenovo;CMD:PJL;MDL:LJ3650DN;CLS:PRINTER;"}
    who = (await answer(named("Lenovo NC-8100h", "2435.2.3.9.1"), told, life(3))).identity
    assert (who.vendor, who.model) == ("Lenovo", "LJ3650DN")
