"""Kyocera: parts by hrDeviceID, wherever they stand; the life count is not the total."""

import pytest

from tests.unit.snmp.machines import KYOCERA, PRINTER, P, Said, answer, devices, life, named
from tests.unit.snmp.maker_tables import kyocera_parts
from tests.unit.snmp.whole_machines import kyocera

NAME = named("KYOCERA Document Solutions Printing System", "1347.41")
FUNCTION = KYOCERA + "42.3.1.1.1.1"
MODE = KYOCERA + "42.3.1.2.1.1"


def _functions(**counts: tuple[int, int]) -> Said:
    return {f"{FUNCTION}.{part}": count for part, count in counts.values()}


@pytest.mark.parametrize("order", [(1, 2, 4, 3), (1, 2, 3, 4), (3, 1, 4, 2), (10, 20, 30, 40)])
async def test_parts_are_found_wherever_they_stand(order: tuple[int, int, int, int]) -> None:
    machine = kyocera(*order)
    found = await answer(*machine.said)
    assert dict(found.meters) == machine.meters
    assert found.identity.serial == "VUX0Y12345"
    assert not found.findings


async def test_mono_machine() -> None:
    found = await answer(
        named("KYOCERA MITA Printing System", "1347.41"),
        kyocera_parts("KM-3040", printer=1, copier=2, fax=4, scanner=3),
        {
            KYOCERA + "43.10.1.1.12.1.1": 1000,
            FUNCTION + ".1": 700,
            FUNCTION + ".2": 300,
            MODE + ".1.1": 700,
            MODE + ".2.1": 300,
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


async def test_mono_printer_with_its_service_count_and_life_count() -> None:
    found = await answer(
        NAME,
        kyocera_parts("ECOSYS P3155dn", printer=1),
        {
            KYOCERA + "43.10.1.1.12.1.1": 7_300,
            KYOCERA + "42.2.5.1.1.1.1": 5_000,
            KYOCERA + "42.2.5.1.1.2.1": 2_300,
            FUNCTION + ".1": 7_300,
        },
        life(7_430),
    )
    assert dict(found.meters) == {
        "total": 7_300,
        "engine_total": 7_430,
        "duplex_impressions": 2_300,
        "print": 7_300,
    }


async def test_one_and_two_sided_pages_are_the_total_without_a_service_count() -> None:
    found = await answer(
        NAME,
        kyocera_parts("ECOSYS M3145idn", printer=1, copier=2, scanner=3),
        {
            KYOCERA + "42.2.5.1.1.1.1": 5_000,
            KYOCERA + "42.2.5.1.1.2.1": 2_300,
            KYOCERA + "42.2.5.1.1.3.1": 7_250,
            FUNCTION + ".1": 6_000,
        },
        life(7_430),
    )
    assert dict(found.meters) == {
        "total": 7_300,
        "engine_total": 7_430,
        "duplex_impressions": 2_300,
        "print": 6_000,
    }


async def test_functions_are_the_total_without_anything_else() -> None:
    parts = kyocera_parts("TASKalfa 5054ci", printer=1, copier=2, fax=4, scanner=3)
    said = _functions(print=(1, 600), copy=(2, 300), fax=(4, 100), scan=(3, 0))
    found = await answer(NAME, parts, said, life(1_050))
    assert (found.meters["total"], found.meters["engine_total"]) == (1_000, 1_050)


async def test_a_function_that_is_not_answered_leaves_the_life_count() -> None:
    parts = kyocera_parts("TASKalfa 5054ci", printer=1, copier=2, fax=4, scanner=3)
    for gone in ("copy", "fax", "print"):
        counts = {"print": (1, 600), "copy": (2, 300), "fax": (4, 100)}
        del counts[gone]
        found = await answer(NAME, parts, _functions(**counts), life(1_050))
        assert found.meters["total"] == 1_050
        assert "engine_total" not in found.meters


async def test_without_a_device_table_every_function_counts() -> None:
    found = await answer(NAME, _functions(a=(1, 600), b=(2, 300), c=(3, 0), d=(4, 100)))
    assert (found.meters["total"], found.meters["print"], found.meters["copy"]) == (1000, 600, 300)
    assert "fax" not in found.meters


async def test_without_part_numbers_colours_are_still_split_right() -> None:
    found = await answer(
        NAME,
        devices(i1=(PRINTER, "TASKalfa", ""), i2=("", "TASKalfa", ""), i3=("", "TASKalfa", "")),
        {f"{FUNCTION}.{part}": 100 * part for part in (1, 2, 3)},
        {f"{MODE}.{part}.1": 60 * part for part in (1, 2, 3)},
        {f"{MODE}.{part}.3": 40 * part for part in (1, 2, 3)},
    )
    assert dict(found.meters) == {
        "total": 600,
        "total_mono": 360,
        "total_color": 240,
        "print": 100,
        "print_mono": 60,
        "print_color": 40,
    }


async def test_modes_of_two_names_only() -> None:
    mode = KYOCERA + "42.2.2.1.1"
    found = await answer(
        NAME,
        {
            KYOCERA + "43.10.1.1.12.1.1": 1_000,
            mode + ".2.1.1": "Monochrome\0",
            mode + ".2.1.2": "Full Color ",
            mode + ".3.1.1": 640,
            mode + ".3.1.2": 360,
        },
    )
    assert dict(found.meters) == {"total": 1_000, "total_mono": 640, "total_color": 360}


async def test_a_mode_without_a_known_name_is_not_left_out_of_colour() -> None:
    """What the names do not tell, the modes of every function do."""
    mode = KYOCERA + "42.2.2.1.1"
    found = await answer(
        NAME,
        kyocera_parts("TASKalfa 406ci", printer=1),
        {
            KYOCERA + "43.10.1.1.12.1.1": 1_000,
            **{f"{mode}.2.1.{at}": name for at, name in ((1, "Schwarzweiß"), (2, "Farbe"))},
            **{f"{mode}.3.1.{at}": count for at, count in ((1, 600), (2, 400))},
            f"{MODE}.1.1": 600,
            f"{MODE}.1.2": 30,
            f"{MODE}.1.3": 370,
        },
    )
    assert (found.meters["total_mono"], found.meters["total_color"]) == (600, 400)


async def test_a4_machines_have_no_large_pages() -> None:
    paper = KYOCERA + "42.2.1.1.1"
    rows = {1: ("A4", 900), 2: ("A5", 60), 3: ("Letter", 0)}
    found = await answer(
        NAME,
        {KYOCERA + "43.10.1.1.12.1.1": 960},
        {f"{paper}.2.1.{row}": name for row, (name, _) in rows.items()},
        {f"{paper}.6.1.{row}": count for row, (_, count) in rows.items()},
    )
    assert dict(found.meters) == {"total": 960}


async def test_scans_by_function_without_a_scanner_total() -> None:
    parts = kyocera_parts("TASKalfa 5054ci", printer=1, copier=2, fax=4, scanner=3)
    scanned = {f"{KYOCERA}42.3.1.3.1.1.{part}": count for part, count in ((1, 0), (2, 9), (4, 5))}
    other = {KYOCERA + "42.3.1.4.1.1.1": 20}
    found = await answer(NAME, parts, scanned, other, life(1))
    assert found.meters["scan"] == 34
    del scanned[KYOCERA + "42.3.1.3.1.1.4"]
    assert "scan" not in (await answer(NAME, parts, scanned, other, life(1))).meters
    parts = kyocera_parts("TASKalfa 5054ci", printer=1, copier=2, scanner=3)
    assert (await answer(NAME, parts, scanned, other, life(1))).meters["scan"] == 29


@pytest.mark.parametrize("gone", [-1, 2**31, 2**32 - 1])
async def test_sentinels_are_absent(gone: int) -> None:
    found = await answer(
        NAME, {KYOCERA + "43.10.1.1.12.1.1": gone, FUNCTION + ".1": gone}, life(44)
    )
    assert dict(found.meters) == {"total": 44}


async def test_behind_a_print_server_of_hp_it_is_a_kyocera() -> None:
    found = await answer(named("HP ETHERNET MULTI-ENVIRONMENT", "1347.41"), life(5))
    assert (found.profile, found.identity.vendor) == ("kyocera", "KYOCERA")


@pytest.mark.parametrize(
    ("descr", "model", "vendor", "shown"),
    [
        ("KYOCERA Printer I/F", "FS-9130DN", "KYOCERA", "FS-9130DN"),
        ("TA_UTAX Printing System", "TA 2500ci", "TA Triumph-Adler", "2500ci"),
        ("TA Triumph-Adler Printing System", "P-C3060 MFP", "TA Triumph-Adler", "P-C3060 MFP"),
        ("UTAX_TA Printing System", "UTAX_TA 2500ci", "UTAX", "2500ci"),
        ("UTAX Printing System", "UTAX CD 1028", "UTAX", "CD 1028"),
        ("Olivetti Printing System", "d-Copia 4023MF", "Olivetti", "d-Copia 4023MF"),
        ("Copystar Printing System", "CS 2551ci", "Copystar", "CS 2551ci"),
    ],
)
async def test_name_plates(descr: str, model: str, vendor: str, shown: str) -> None:
    said = {KYOCERA + "43.5.1.1.1.1": model, KYOCERA + "43.5.1.1.28.1": "LU12345678"}
    found = await answer(named(descr, "1347.41"), said, life(9))
    who = found.identity
    assert (found.profile, who.vendor, who.model, who.serial) == (
        "kyocera",
        vendor,
        shown,
        "LU12345678",
    )


@pytest.mark.parametrize("descr", ["TASKalfa 3051ci", "ECOSYS M6230cidn", "KM-C850", "FS-C5250DN"])
async def test_a_printer_row_alone_names_a_kyocera(descr: str) -> None:
    found = await answer(devices(i1=(PRINTER, descr, "")), life(221))
    assert (found.profile, found.identity.model) == ("kyocera", descr)
    assert dict(found.meters) == {"total": 221}


async def test_the_device_id_of_its_own_place_names_it() -> None:
    told = {P + "1347.40.1.1.1.8.1": "ID:FS-1128MFP;MFG:Kyocera;CMD:PCLXL;MDL:FS-1128MFP;"}
    assert (await answer(told, life(3))).profile == "kyocera"
