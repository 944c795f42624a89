"""Other machines of the known makers, made up from what the makers document."""

import pytest

from collector.domain.findings import Code
from collector.errors import DeviceNonsense
from tests.unit.snmp.machines import (
    BROTHER,
    CANON,
    KONICA,
    KYOCERA,
    PRINTER,
    SHARP,
    P,
    Said,
    answer,
    devices,
    life,
    named,
)

IR = named("Canon iR-ADV C3530 /P", "1602.4.7")


def _codes(table: str, **codes: int) -> Said:
    return {f"{CANON}{table}.4.{code.removeprefix('c')}": value for code, value in codes.items()}


async def test_canon_short_list_makes_the_total_of_all_four_parts() -> None:
    short = _codes("1.3.1", c112=5, c113=100, c122=3, c123=50, c301=140, c501=9)
    found = await answer(IR, short, life(161))
    assert found.meters["total"] == 158
    assert (found.meters["total_mono"], found.meters["total_color"]) == (105, 53)
    assert (found.meters["print"], found.meters["scan"]) == (140, 9)


async def test_canon_print_count_is_never_the_total() -> None:
    found = await answer(IR, _codes("1.3.1", c113=100, c123=50, c301=140))
    assert "total" not in found.meters
    assert found.findings[0].code is Code.TOTAL_MISSING


async def test_canon_missing_parts_fall_back_to_the_life_count() -> None:
    found = await answer(IR, _codes("1.3.1", c113=100, c301=140), life(161))
    assert found.meters["total"] == 161


async def test_canon_prefers_the_fuller_table_and_method_one() -> None:
    found = await answer(
        IR,
        _codes("1.3.1", c101=160, c301=1),
        _codes("1.4.1", c101=160, c102=170, c103=10, c104=150, c109=120, c201=20, c301=140),
    )
    assert dict(found.meters) == {
        "total": 160,
        "total_large": 10,
        "total_small": 150,
        "copy": 20,
        "print": 140,
    }


async def test_canon_mono_machine_has_no_colour() -> None:
    found = await answer(IR, _codes("1.4.1", c101=160, c108=160, c201=20))
    assert dict(found.meters) == {"total": 160, "total_mono": 160, "copy": 20}


def _kyocera_parts(printer: int, copier: int, fax: int, scanner: int) -> Said:
    rows = {
        f"i{printer}": (PRINTER, "TASKalfa 5054ci", P + "1347.43.1.2.1"),
        f"i{copier}": ("", "TASKalfa 5054ci", P + "1347.44.1.2.1"),
        f"i{fax}": ("", "TASKalfa 5054ci", P + "1347.45.1.2.1"),
        f"i{scanner}": ("", "TASKalfa 5054ci", P + "1347.46.1.2.1"),
    }
    return devices(**rows)


@pytest.mark.parametrize("order", [(1, 2, 4, 3), (1, 2, 3, 4), (3, 1, 4, 2)])
async def test_kyocera_parts_are_found_wherever_they_stand(
    order: tuple[int, int, int, int],
) -> None:
    printer, copier, fax, scanner = order
    function, mode = KYOCERA + "42.3.1.1.1.1", KYOCERA + "42.3.1.2.1.1"
    found = await answer(
        named("KYOCERA Document Solutions Printing System", "1347.41"),
        _kyocera_parts(*order),
        life(1050, row=f"{printer}.1"),
        {
            f"{KYOCERA}43.10.1.1.12.{printer}.1": 1000,
            f"{function}.{printer}": 600,
            f"{function}.{copier}": 300,
            f"{function}.{fax}": 100,
            f"{function}.{scanner}": 0,
            f"{mode}.{printer}.1": 400,
            f"{mode}.{printer}.2": 20,
            f"{mode}.{printer}.3": 180,
            f"{mode}.{copier}.1": 250,
            f"{mode}.{copier}.2": 0,
            f"{mode}.{copier}.3": 50,
            f"{mode}.{fax}.1": 100,
            f"{KYOCERA}46.10.1.1.5.{scanner}": 4321,
        },
    )
    assert dict(found.meters) == {
        "total": 1000,
        "engine_total": 1050,
        "total_mono": 750,
        "total_color": 250,
        "print": 600,
        "print_mono": 400,
        "print_color": 200,
        "copy": 300,
        "copy_mono": 250,
        "copy_color": 50,
        "fax": 100,
        "fax_mono": 100,
        "scan": 4321,
    }
    assert not found.findings


async def test_kyocera_mono_machine() -> None:
    found = await answer(
        named("KYOCERA MITA Printing System", "1347.41"),
        _kyocera_parts(1, 2, 4, 3),
        {
            KYOCERA + "43.10.1.1.12.1.1": 1000,
            KYOCERA + "42.3.1.1.1.1.1": 700,
            KYOCERA + "42.3.1.1.1.1.2": 300,
            KYOCERA + "42.3.1.2.1.1.1.1": 700,
            KYOCERA + "42.3.1.2.1.1.2.1": 300,
        },
    )
    assert dict(found.meters) == {
        "total": 1000,
        "total_mono": 1000,
        "print": 700,
        "print_mono": 700,
        "copy": 300,
        "copy_mono": 300,
    }


async def test_kyocera_behind_a_print_server_of_hp_is_a_kyocera() -> None:
    found = await answer(named("HP ETHERNET MULTI-ENVIRONMENT", "1347.41"), life(5))
    assert (found.profile, found.identity.vendor) == ("kyocera", "KYOCERA")


async def test_konica_mono_machine_answers_minus_one_for_colour() -> None:
    cells = {f"{KONICA}2.1.5.{colour}.{job}": -1 for colour in (2, 3, 4) for job in (1, 2)}
    found = await answer(
        named("KONICA MINOLTA bizhub 308", "18334.1.1.1.2.1.100.1.1"),
        cells,
        {
            KONICA + "1.1.0": 900,
            KONICA + "1.3.0": 100,
            KONICA + "1.5.0": 40,
            KONICA + "2.1.5.1.1": 300,
            KONICA + "2.1.5.1.2": 550,
        },
        life(905),
    )
    assert dict(found.meters) == {
        "total": 900,
        "copy": 300,
        "copy_mono": 300,
        "print": 550,
        "print_mono": 550,
        "duplex_sheets": 100,
        "scan": 40,
    }


def _record(*parts: tuple[int, int], end: bytes = b"\xff") -> bytes:
    return b"".join(bytes((tag, 1, 4)) + value.to_bytes(4, "big") for tag, value in parts) + end


BROTHER_NAME = named("Brother NC-8700w, Firmware Ver.1.10", "2435.2.3.9.1")


@pytest.mark.parametrize(
    "parts", [[(0, 90), (1, 60), (2, 30), (6, 12)], [(6, 12), (2, 30), (22, 500), (0, 90), (1, 60)]]
)
async def test_brother_records_stand_in_any_order(parts: list[tuple[int, int]]) -> None:
    found = await answer(BROTHER_NAME, {BROTHER + "10.0": _record(*parts)}, life(95, 8))
    assert dict(found.meters) == {
        "total": 90,
        "engine_total": 95,
        "total_mono": 60,
        "total_color": 30,
        "duplex": 12,
    }


async def test_brother_lone_ff_leaves_the_life_count() -> None:
    found = await answer(BROTHER_NAME, {BROTHER + "10.0": b"\xff"}, life(95))
    assert dict(found.meters) == {"total": 95}
    assert not found.findings


async def test_brother_junk_is_no_number_and_is_reported() -> None:
    found = await answer(BROTHER_NAME, {BROTHER + "10.0": b"out of order"}, life(95))
    assert dict(found.meters) == {"total": 95}
    assert {one.code for one in found.findings} == {Code.DEVICE_NONSENSE}


async def test_brother_nothing_but_junk_is_nonsense() -> None:
    with pytest.raises(DeviceNonsense):
        await answer(BROTHER_NAME, {BROTHER + "10.0": b"out of order"})


async def test_brother_functions_by_enum_wherever_the_rows_stand() -> None:
    rows = {3: 1, 1: 7, 2: 3, 4: 2}
    found = await answer(
        BROTHER_NAME,
        {f"{BROTHER}52.21.1.2.{row}": kind for row, kind in rows.items()},
        {f"{BROTHER}52.21.1.3.{row}": 100 * kind for row, kind in rows.items()},
        {f"{BROTHER}54.2.2.1.2.{row}": kind for row, kind in ((1, 2), (2, 1))},
        {f"{BROTHER}54.2.2.1.3.{row}": 10 for row in (1, 2)},
    )
    assert dict(found.meters) == {
        "print": 100,
        "print_mono": 700,
        "copy": 300,
        "fax": 200,
        "scan": 20,
    }


async def test_brother_is_not_taken_for_hp_because_it_answers_hps_tree() -> None:
    hp = {
        P + "11.2.3.9.4.2.1.1.3.3.0": b"\x01\x15E12345",
        P + "11.2.3.9.4.2.1.4.1.2.5.0": 7,
        P + "11.2.3.9.1.1.7.0": "MFG:Brother;MDL:HL-1;",
    }
    assert (await answer(BROTHER_NAME, hp, life(95))).meters == {"total": 95}
    assert (await answer(hp, life(95))).profile == "brother"


def _sharp(shift: int, *rows: tuple[int, str, int, str]) -> Said:
    found: dict[str, int | str | bytes | tuple[int, ...]] = {}
    for group, rest, value, label in rows:
        found[f"{SHARP}3.{group + shift}.{rest}"] = value
        found[f"{SHARP}4.{group + shift}.{rest}"] = label
    return found


@pytest.mark.parametrize("shift", [0, 1, 3])
async def test_sharp_without_colours(shift: int) -> None:
    rows = _sharp(
        shift,
        (1, "4.61", 500, "Black & White Print Count"),
        (4, "4.61", 300, "Black & White  Copy Count"),
        (5, "4.61", 800, "Black & White Total Count"),
        (8, "4.60", 5, "Prints (Document Filing)"),
    )
    found = await answer(named("SHARP AR-M351U", "2385.3.1.2"), rows, life(800))
    assert dict(found.meters) == {
        "total": 800,
        "total_mono": 800,
        "print": 500,
        "print_mono": 500,
        "copy": 300,
        "copy_mono": 300,
    }


async def test_sharp_adds_every_colour_it_has() -> None:
    rows = _sharp(
        0,
        (5, "4.61", 100, "Black & White Total Count"),
        (5, "4.63", 20, "Full Color Total Count"),
        (5, "4.64", 3, "Two Color Total Count"),
        (5, "4.80", 1, "Single Color Total Count"),
    )
    found = await answer(named("SHARP MX-2640N", "2385.3.1.1"), rows)
    assert dict(found.meters) == {"total": 124, "total_mono": 100, "total_color": 24}


async def test_fujifilm_reads_the_xerox_tree_of_any_part() -> None:
    detail = P + "253.8.53.13.2.1"
    rows = [
        (1, 1, 900, "Total Impressions"),
        (1, 33, 300, "Color Impressions"),
        (1, 34, 600, "Black Impressions "),
        (102, 11, 50, "Network Scanning Images Sent"),
        (103, 3, 200, "Black Copied Impressions"),
        (103, 25, 100, "Color Copied Impressions"),
        (1, 7, 7, "Level 1 Impressions"),
    ]
    table: dict[str, int | str | bytes | tuple[int, ...]] = {}
    for device, number, value, label in rows:
        table[f"{detail}.6.{device}.20.{number}"] = value
        table[f"{detail}.8.{device}.20.{number}"] = label
        table[f"{detail}.6.{device}.21.{number}"] = 99
    found = await answer(named("FUJIFILM Apeos C2570", "297.1.11.93.2.1"), table)
    assert (found.profile, found.identity.vendor) == ("fujifilm", "FUJIFILM")
    assert dict(found.meters) == {
        "total": 900,
        "total_mono": 600,
        "total_color": 300,
        "copy": 300,
        "copy_mono": 200,
        "copy_color": 100,
    }


async def test_a_private_tree_alone_names_nobody_who_named_himself() -> None:
    found = await answer(named("ACME Copier"), _codes("1.4.1", c101=160))
    assert found.profile == "generic"
    assert found.meters == {}


async def test_a_signature_counts_only_for_agents_that_say_nothing() -> None:
    short = _codes("1.4.1", c101=160)
    assert (await answer(short)).profile == "canon"
    assert (await answer(short, devices(i1=(PRINTER, "Copier", "")))).profile == "canon"
    assert (await answer(short, devices(i1=(PRINTER, "Copier", P + "1.9")))).profile == "generic"


async def test_the_device_id_names_the_maker_where_nothing_else_does() -> None:
    assert (await answer(devices(i1=(PRINTER, "X", P + "1602.4.7.151")))).profile == "canon"


async def test_kyocera_without_part_numbers_still_splits_its_colours_right() -> None:
    found = await answer(
        named("KYOCERA Document Solutions Printing System", "1347.41"),
        devices(i1=(PRINTER, "TASKalfa", ""), i2=("", "TASKalfa", ""), i3=("", "TASKalfa", "")),
        {f"{KYOCERA}42.3.1.1.1.1.{part}": 100 * part for part in (1, 2, 3)},
        {f"{KYOCERA}42.3.1.2.1.1.{part}.1": 60 * part for part in (1, 2, 3)},
        {f"{KYOCERA}42.3.1.2.1.1.{part}.3": 40 * part for part in (1, 2, 3)},
    )
    assert dict(found.meters) == {
        "total": 600,
        "total_mono": 360,
        "total_color": 240,
        "print": 100,
        "print_mono": 60,
        "print_color": 40,
    }
