"""Konica Minolta: cells by colour and function, which leave faxes and lists out."""

import pytest

from tests.unit.snmp.machines import KONICA, PROFILES, P, Said, answer, life, named
from tests.unit.snmp.maker_tables import konica_cells

C368 = named("KONICA MINOLTA bizhub C368", "18334.1.1.1.2.1.152.1.1")


def _totals(total: int, **others: int) -> Said:
    arcs = {"duplex": "1.3.0", "scan": "1.5.0", "sheets": "1.9.0"}
    return {KONICA + "1.1.0": total, **{KONICA + arcs[name]: it for name, it in others.items()}}


async def test_mono_machine_answers_minus_one_for_colour() -> None:
    cells = {f"{colour}.{job}": -1 for colour in (2, 3, 4) for job in (1, 2)}
    found = await answer(
        named("KONICA MINOLTA bizhub 308", "18334.1.1.1.2.1.100.1.1"),
        konica_cells(5, {**cells, "1.1": 300, "1.2": 550}),
        konica_cells(7, {**cells, "1.1": 8, "1.2": 13}),
        _totals(900, duplex=100, scan=40),
        life(905),
    )
    assert dict(found.meters) == {
        "total": 900,
        "engine_total": 905,
        "copy": 300,
        "copy_mono": 300,
        "copy_mono_large": 8,
        "print": 550,
        "print_mono": 550,
        "print_mono_large": 13,
        "duplex_sheets": 100,
        "scan": 40,
    }


async def test_mono_machine_without_colour_cells() -> None:
    found = await answer(
        named("KONICA MINOLTA 227", "18334.1.1.1.2.1.123.1.1"),
        konica_cells(5, {"1.1": 300, "1.2": 550}),
        _totals(900),
    )
    assert dict(found.meters) == {
        "total": 900,
        "copy": 300,
        "copy_mono": 300,
        "print": 550,
        "print_mono": 550,
    }


@pytest.mark.parametrize("gone", ["absent", "minus one"])
async def test_two_colour_pages_stand_in_cell_three_where_there_is_no_cell_four(gone: str) -> None:
    cells = {"1.1": 100, "1.2": 200, "2.1": 30, "2.2": 40, "3.1": 5, "3.2": 6}
    if gone == "minus one":
        cells |= {"4.1": -1, "4.2": -1}
    found = await answer(C368, konica_cells(5, cells), _totals(400))
    assert dict(found.meters) == {
        "total": 400,
        "copy": 135,
        "copy_mono": 100,
        "copy_color": 35,
        "print": 246,
        "print_mono": 200,
        "print_color": 46,
    }


async def test_cell_three_is_void_where_there_is_a_cell_four() -> None:
    cells = {"1.1": 100, "1.2": 200, "2.1": 30, "2.2": 40, "3.1": -1, "3.2": -1, "4.1": 5, "4.2": 6}
    found = await answer(C368, konica_cells(5, cells), _totals(400))
    assert (found.meters["copy"], found.meters["copy_color"]) == (135, 35)
    assert (found.meters["print"], found.meters["print_color"]) == (246, 46)


async def test_cells_never_make_a_total() -> None:
    cells = konica_cells(5, {"1.1": 3_600, "1.2": 22_000, "2.1": 500, "2.2": 6_700})
    found = await answer(C368, cells, life(33_000))
    assert found.meters["total"] == 33_000
    assert not {"total_mono", "total_color", "engine_total"} & set(found.meters)
    assert "total" not in (await answer(C368, cells)).meters


async def test_colour_cells_of_one_function_alone_make_no_other_whole() -> None:
    found = await answer(C368, konica_cells(5, {"1.1": 100, "1.2": 200, "2.2": 40}), _totals(400))
    assert dict(found.meters) == {
        "total": 400,
        "copy_mono": 100,
        "print": 240,
        "print_mono": 200,
        "print_color": 40,
    }


async def test_printer_without_copier() -> None:
    found = await answer(
        named("KONICA MINOLTA magicolor 4650", "18334.1.1.1.1.1.40"),
        konica_cells(5, {"1.2": 200, "2.2": 40}),
        _totals(241),
        life(241),
    )
    assert dict(found.meters) == {
        "total": 241,
        "engine_total": 241,
        "print": 240,
        "print_mono": 200,
        "print_color": 40,
    }


async def test_faxes_of_two_meanings_are_off_by_default() -> None:
    said = {KONICA + "3.1.7.1": 31, KONICA + "3.1.11.1": 2}
    assert dict((await answer(C368, said, _totals(9))).meters) == {"total": 9, "fax_mono": 31}


async def test_small_machines_have_the_life_count_only() -> None:
    found = await answer(named("Konica Minolta bizhub 25e", "18334.1.1.1.2.1.10008.1.1"), life(12))
    assert (found.profile, dict(found.meters)) == ("konica", {"total": 12})
    assert (found.identity.vendor, found.identity.model) == ("KONICA MINOLTA", "bizhub 25e")


async def test_old_minolta_counts_in_its_own_tree() -> None:
    found = await answer(
        named("MINOLTA-QMS magicolor 2350", "2590.1.1.1.2.3"),
        {P + "2590.1.1.1.5.7.2.1.1.0": 640, P + "2590.1.1.1.5.7.2.1.3.0": 12},
    )
    assert found.profile == "konica"
    assert dict(found.meters) == {"total": 640, "duplex_sheets": 12}


async def test_muratec_counts_in_its_own_tree() -> None:
    tree = P + "4322.101.1.1.5.7.2."
    found = await answer(
        named("Muratec MFX-C3690", "4322.101.1.2"),
        konica_cells(5, {"1.1": 300, "1.2": 550, "2.1": 20, "2.2": 70}, tree),
        {tree + "1.1.0": 960, tree + "3.1.7.1": 18},
        life(961),
    )
    assert (found.profile, found.identity.vendor) == ("muratec", "Muratec")
    assert found.identity.model == "MFX-C3690"
    assert dict(found.meters) == {
        "total": 960,
        "engine_total": 961,
        "copy": 320,
        "copy_mono": 300,
        "copy_color": 20,
        "print": 620,
        "print_mono": 550,
        "print_color": 70,
        "fax_mono": 18,
    }


@pytest.mark.parametrize(
    ("descr", "model", "vendor", "shown"),
    [
        (
            "KONICA MINOLTA bizhub C250i",
            "KONICA MINOLTA bizhub C250i",
            "KONICA MINOLTA",
            "bizhub C250i",
        ),
        ("KONICA MINOLTA bizhub C280", "Develop ineo+ 280", "Develop", "ineo+ 280"),
        ("Develop ineo 280", None, "Develop", "ineo 280"),
        ("Olivetti d-Color MF222", None, "Olivetti", "d-Color MF222"),
        ("SINDOH N700 Series", "SINDOH N701", "Sindoh", "N701"),
    ],
)
async def test_name_plates(descr: str, model: str | None, vendor: str, shown: str) -> None:
    told = {P + "18334.1.1.1.1.6.2.1.0": model} if model else {}
    who = (await answer(named(descr, "18334.1.2.1.2.1.1"), told, life(1))).identity
    assert (who.vendor, who.model) == (vendor, shown)


async def test_the_profiles_of_one_layout_share_it() -> None:
    assert PROFILES.by_id["muratec"].meters == PROFILES.by_id["konica"].meters
