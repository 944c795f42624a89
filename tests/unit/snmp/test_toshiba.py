"""Toshiba TEC machines, made up from the matrix that readers of it agree on."""

from collections.abc import Mapping

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from collector.domain.counting.findings import Code
from tests.unit.snmp.machines import PRINTER, P, Said, answer, devices, life, named

FULL, TWIN, BLACK, EVERY = 1, 2, 3, 4
E_STUDIO = named("TOSHIBA e-STUDIO3515AC", "1129.2.3.61.1")


def _cells(categories: Mapping[int, Mapping[int, int]], middle: int = 1) -> Said:
    """Return the matrix: category to the count of each colour."""
    return {
        f"{P}1129.2.3.50.1.3.21.6.1.{category}.{middle}.{color}": value
        for category, colors in categories.items()
        for color, value in colors.items()
    }


def _row(full: int, twin: int, black: int) -> Mapping[int, int]:
    return {FULL: full, TWIN: twin, BLACK: black, EVERY: full + twin + black}


COLOR = {
    2: _row(400, 25, 1575),
    3: _row(300, 20, 980),
    4: _row(100, 5, 500),
    7: _row(0, 0, 90),
    9: _row(60, 0, 240),
    11: _row(0, 0, 5),
    207: _row(40, 1, 109),
    208: _row(360, 24, 1466),
    209: _row(30, 1, 69),
    210: _row(270, 19, 911),
    211: _row(10, 0, 40),
    212: _row(90, 5, 460),
}


@pytest.mark.parametrize("middle", [1, 2])
async def test_a_colour_machine_of_the_newer_generation(middle: int) -> None:
    found = await answer(
        E_STUDIO,
        devices(i1=(PRINTER, "TOSHIBA e-STUDIO3515AC", "")),
        {"1.3.6.1.2.1.43.5.1.1.17.1": "C7AB12345"},
        life(2008),
        _cells(COLOR, middle),
    )
    assert found.profile == "toshiba"
    assert (found.identity.vendor, found.identity.model) == ("TOSHIBA", "e-STUDIO3515AC")
    assert found.identity.serial == "C7AB12345"
    assert dict(found.meters) == {
        "total": 2000,
        "total_mono": 1575,
        "total_color": 425,
        "engine_total": 2008,
        "print": 1300,
        "print_mono": 980,
        "print_color": 320,
        "copy": 605,
        "copy_mono": 500,
        "copy_color": 105,
        "fax": 90,
        "fax_mono": 90,
        "fax_color": 0,
        "other": 5,
        "other_mono": 5,
        "other_color": 0,
        "scan": 300,
        "scan_mono": 240,
        "scan_color": 60,
        "total_large": 150,
        "total_mono_large": 109,
        "total_color_large": 41,
        "total_small": 1850,
        "total_mono_small": 1466,
        "total_color_small": 384,
        "print_large": 100,
        "print_small": 1200,
        "print_mono_large": 69,
        "print_color_large": 31,
        "copy_large": 50,
        "copy_small": 555,
        "copy_mono_large": 40,
        "copy_color_large": 10,
    }
    assert not found.findings


async def test_a_mono_machine_answers_minus_one_for_colour() -> None:
    none = {FULL: -1, TWIN: -1}
    found = await answer(
        named("TOSHIBA e-STUDIO4508A", "1129.2.3.57.1"),
        _cells(
            {
                2: {**none, BLACK: 8000, EVERY: -1},
                3: {**none, BLACK: 5000, EVERY: -1},
                4: {**none, BLACK: 3000, EVERY: -1},
                7: {**none, BLACK: -1, EVERY: -1},
            }
        ),
    )
    assert dict(found.meters) == {
        "total": 8000,
        "total_mono": 8000,
        "print": 5000,
        "print_mono": 5000,
        "copy": 3000,
        "copy_mono": 3000,
    }


@pytest.mark.parametrize("category", [8, 10])
async def test_what_the_network_scanner_sent_moves_with_the_firmware(category: int) -> None:
    cells = {2: _row(1, 0, 9), 9: dict.fromkeys((1, 2, 3, 4), -1), category: _row(30, 0, 70)}
    found = await answer(E_STUDIO, _cells(cells))
    assert (found.meters["total"], found.meters["scan"]) == (10, 100)
    assert (found.meters["scan_mono"], found.meters["scan_color"]) == (70, 30)


async def test_a_scan_category_that_the_firmware_does_not_use_answers_zero() -> None:
    found = await answer(E_STUDIO, _cells({2: _row(1, 0, 9), 9: _row(0, 0, 0), 8: _row(5, 0, 20)}))
    assert (found.meters["scan"], found.meters["scan_mono"], found.meters["scan_color"]) == (
        25,
        20,
        5,
    )
    unused = await answer(E_STUDIO, _cells({2: _row(1, 0, 9), 9: _row(0, 0, 0)}))
    assert unused.meters["scan"] == 0


async def test_colours_add_up_where_the_column_of_all_is_missing() -> None:
    cells = {category: {FULL: 3, TWIN: 1, BLACK: 6} for category in (2, 3, 4, 7, 8, 11)}
    found = await answer(E_STUDIO, _cells(cells))
    for meter in ("total", "print", "copy", "fax", "other", "scan"):
        assert found.meters[meter] == 10
        assert (found.meters[f"{meter}_mono"], found.meters[f"{meter}_color"]) == (6, 4)


async def test_black_is_what_is_left_where_only_black_is_missing() -> None:
    cells = {category: {FULL: 3, TWIN: 1, EVERY: 10} for category in (2, 3, 4)}
    found = await answer(E_STUDIO, _cells(cells))
    assert [found.meters[f"{one}_mono"] for one in ("total", "print", "copy")] == [6, 6, 6]


async def test_a_life_count_far_from_the_total_is_told() -> None:
    found = await answer(E_STUDIO, _cells({2: _row(0, 0, 5000)}), life(9000))
    assert [one.code for one in found.findings] == [Code.CROSS_FOOT]
    assert (found.meters["total"], found.meters["engine_total"]) == (5000, 9000)


async def test_a_machine_without_the_matrix_keeps_its_life_count() -> None:
    found = await answer(E_STUDIO, life(777))
    assert dict(found.meters) == {"total": 777}


async def test_print_alone_is_no_total() -> None:
    found = await answer(E_STUDIO, _cells({3: _row(3, 0, 7)}))
    assert "total" not in found.meters
    assert found.meters["print"] == 10
    assert found.findings[0].code is Code.TOTAL_MISSING


async def test_contradicted_categories_are_read_only_when_asked_for() -> None:
    cells = _cells({2: _row(0, 0, 9), 215: _row(0, 0, 1), 218: _row(0, 0, 4), 227: _row(0, 0, 2)})
    assert "fax_small" not in (await answer(E_STUDIO, cells)).meters
    low = await answer(E_STUDIO, cells, profiles=load_profiles(low_confidence=True))
    assert (low.meters["fax_large"], low.meters["fax_small"]) == (1, 4)
    assert "duplex_impressions" not in low.meters
    both = {**cells, **_cells({229: _row(0, 0, 4)})}
    low = await answer(E_STUDIO, both, profiles=load_profiles(low_confidence=True))
    assert low.meters["duplex_impressions"] == 6


async def test_oki_with_a_controller_of_toshibas() -> None:
    model = {P + "1129.2.3.50.1.2.3.1.3.1.1": "MC780"}
    found = await answer(
        named("Oki Data Corporation MC780", "1129.2.3.45.1"), model, _cells({2: _row(50, 0, 150)})
    )
    assert (found.profile, found.identity.vendor, found.identity.model) == (
        "toshiba",
        "OKI",
        "MC780",
    )
    assert found.meters["total"] == 200


async def test_an_e_studio_of_lexmarks_make_reads_lexmarks_tree() -> None:
    base = P + "641.6.4.2.1.1"
    found = await answer(
        named("TOSHIBA e-STUDIO388CS version CB.041.P220 kernel 3.0.0 All-N-1", "641.2.71107165"),
        {P + "641.2.1.2.1.6.1": "S4512345"},
        {f"{base}.{column}.1.3": cell for column, cell in ((2, 2), (3, 4), (4, 640))},
        _cells({2: _row(1, 1, 1)}),
    )
    assert (found.profile, found.identity.vendor) == ("toshiba-lexmark", "TOSHIBA")
    assert (found.identity.model, found.identity.serial) == ("e-STUDIO388CS", "S4512345")
    assert found.identity.firmware == "CB.041.P220"
    assert dict(found.meters) == {"total": 640}


async def test_label_printers_of_toshiba_tec_are_no_copiers() -> None:
    found = await answer(named("TOSHIBA TEC B-EX4T1", "1129.1.2.1"), life(12))
    assert (found.profile, found.identity.vendor) == ("generic", "TOSHIBA")


async def test_an_agent_that_says_nothing_is_known_by_the_matrix() -> None:
    found = await answer(_cells({2: _row(0, 0, 9)}))
    assert (found.profile, found.meters["total"]) == ("toshiba", 9)
