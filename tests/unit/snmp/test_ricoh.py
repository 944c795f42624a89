"""Ricoh's table describes itself: rows move, codes do not, labels repeat."""

import pytest

from collector.domain.counting.findings import Code
from tests.unit.snmp.machines import PRINTER, RICOH_ROW, P, answer, devices, life, named
from tests.unit.snmp.maker_tables import ricoh_rows

RICOH = named("RICOH IM C3000 2.14 / RICOH Network Printer C model", "367.1.1")
FULL = [
    (10, "Counter: Machine Total", 9000),
    (200, "Counter: Copy: Total", 3000),
    (201, "Counter: Copy: Black & White", 1800),
    (202, "Counter: Copy: Single/Two-color", 200),
    (203, "Counter: Copy: Full Color", 1000),
    (300, "Counter: FAX: Total", 100),
    (301, "Counter: FAX: Black & White", 100),
    (302, "Counter: FAX: Single/Two-color", 0),
    (303, "Counter: FAX: Full Color", 0),
    (400, "Counter: Print: Total", 5900),
    (401, "Counter: Print: Black & White", 3900),
    (402, "Counter: Print: Single/Two-col.", 500),
    (403, "Counter: Print: Full Color", 1500),
    (602, "Development: Color", 9600),
    (603, "Development: Black & White", 9000),
    (800, "Counter: Machine Total", 9100),
    (870, "Counter: Transmission: Total", 777),
    (871, "Counter: Transmission: B/W", 400),
    (872, "Counter: Transmission: FAX", 77),
    (873, "Counter: Transmission: Color Scan", 300),
    (874, "Counter: Transmission: B/W Scan", 400),
]
EXPECTED = {
    "total": 9000,
    "total_mono": 5800,
    "total_color": 3200,
    "copy": 3000,
    "copy_mono": 1800,
    "copy_color": 1200,
    "fax": 100,
    "fax_mono": 100,
    "fax_color": 0,
    "print": 5900,
    "print_mono": 3900,
    "print_color": 2000,
    "scan": 700,
    "scan_color": 300,
    "scan_mono": 400,
}


@pytest.mark.parametrize(("rows", "step"), [(FULL, 1), (FULL[::-1], 1), (FULL, 7)])
async def test_codes_decide_wherever_the_rows_stand(
    rows: list[tuple[int | None, str, int]], step: int
) -> None:
    found = await answer(RICOH, ricoh_rows(rows, step=step), life(9000, 8))
    assert dict(found.meters) == EXPECTED
    assert found.profile == "ricoh"
    assert not found.findings


async def test_codes_decide_under_a_japanese_panel() -> None:
    rows = [(code, f"カウンター{at}", value) for at, (code, _, value) in enumerate(FULL)]
    assert dict((await answer(RICOH, ricoh_rows(rows))).meters) == EXPECTED


async def test_without_codes_labels_decide_however_they_are_spaced() -> None:
    rows = [(None, "COUNTER:Machine  total", 500), (None, "counter: print:total ", 500)]
    found = await answer(RICOH, ricoh_rows(rows))
    assert dict(found.meters) == {"total": 500, "print": 500}


async def test_equal_rows_of_one_name_are_one_counter() -> None:
    rows = [(None, "Counter: Machine Total", 500), (None, "Counter: Machine Total", 500)]
    assert (await answer(RICOH, ricoh_rows(rows))).meters == {"total": 500}


async def test_rows_of_one_name_that_differ_are_never_chosen_among() -> None:
    rows = [(None, "Counter: Machine Total", 500), (None, "Counter: Machine Total", 900)]
    found = await answer(RICOH, ricoh_rows(rows))
    assert found.meters == {}
    assert [one.code for one in found.findings] == [Code.TABLE_AMBIGUOUS, Code.TOTAL_MISSING]


async def test_sentinels_are_absent_and_take_their_sums_along() -> None:
    rows = [(10, "", 500), (200, "", -1), (201, "", 2**32 - 2), (400, "", 500), (401, "", 500)]
    found = await answer(RICOH, ricoh_rows(rows))
    assert dict(found.meters) == {
        "total": 500,
        "total_mono": 500,
        "print": 500,
        "print_mono": 500,
    }


async def test_a_mono_machine_counts_received_faxes_as_mono() -> None:
    rows = [(10, "", 600), (200, "", 100), (201, "", 100), (300, "", 50)]
    found = await answer(RICOH, ricoh_rows([*rows, (400, "", 450), (401, "", 450)]))
    assert found.meters["total_mono"] == 600
    assert "total_color" not in found.meters


async def test_a_colour_machine_without_its_copy_row_has_no_colour_total() -> None:
    rows = [(10, "", 600), (200, "", 100), (400, "", 500), (401, "", 300), (403, "", 200)]
    found = await answer(RICOH, ricoh_rows(rows))
    assert "total_color" not in found.meters
    assert found.meters["print_color"] == 200


async def test_the_row_states_where_it_wraps() -> None:
    rows = {**ricoh_rows([(10, "", 600)]), f"{RICOH_ROW}.7.1": 9_999_999}
    assert (await answer(RICOH, rows)).wraps == {"total": 10_000_000}


async def test_old_machines_without_a_table() -> None:
    scalars = {f"{P}367.3.2.1.2.19.{n}.0": 100 * n for n in (1, 2, 3, 4)}
    found = await answer(RICOH, scalars, life(105, 8))
    assert dict(found.meters) == {"total": 100, "print": 200, "fax": 300, "copy": 400}


async def test_totals_that_do_not_add_up_are_a_finding_and_stay_as_they_are() -> None:
    rows = [(10, "", 600), (608, "", 100), (609, "", 100)]
    found = await answer(RICOH, ricoh_rows(rows))
    assert found.meters["total"] == 600
    (finding,) = found.findings
    assert finding.code is Code.CROSS_FOOT
    assert finding.evidence["difference"] == 400


async def test_life_count_in_sheets_is_the_total_of_a_ricoh() -> None:
    assert (await answer(RICOH, devices(i1=("", "RICOH", "")), life(77, 8))).meters == {"total": 77}


async def test_single_and_two_colour_pages_without_a_row_of_their_own_are_colour() -> None:
    """Full colour alone is not all colour: the rest of the total is in one or two colours."""
    rows = [(10, "", 960), (200, "", 300), (201, "", 180), (203, "", 100), (300, "", 60)]
    rows += [(400, "", 600), (401, "", 400), (403, "", 150)]
    found = await answer(RICOH, ricoh_rows(rows))
    assert dict(found.meters) == {
        "total": 960,
        "total_mono": 640,
        "total_color": 320,
        "copy": 300,
        "copy_mono": 180,
        "copy_color": 120,
        "print": 600,
        "print_mono": 400,
        "print_color": 200,
        "fax": 60,
    }
    assert not found.findings


async def test_a_colour_printer_without_copier() -> None:
    rows = [(10, "", 600), (400, "", 600), (401, "", 400), (402, "", 50), (403, "", 150)]
    found = await answer(RICOH, ricoh_rows(rows))
    assert dict(found.meters) == {
        "total": 600,
        "total_mono": 400,
        "total_color": 200,
        "print": 600,
        "print_mono": 400,
        "print_color": 200,
    }


async def test_a_mono_printer() -> None:
    rows = [(10, "", 600), (400, "", 598), (401, "", 598)]
    found = await answer(RICOH, ricoh_rows(rows), life(600, 8))
    assert dict(found.meters) == {
        "total": 600,
        "total_mono": 600,
        "print": 598,
        "print_mono": 598,
    }


async def test_a_mono_machine_without_a_fax_board() -> None:
    rows = [(10, "", 550), (200, "", 100), (201, "", 100), (400, "", 450), (401, "", 450)]
    found = await answer(RICOH, ricoh_rows(rows))
    assert found.meters["total_mono"] == 550
    assert "fax" not in found.meters


async def test_a_total_alone_says_nothing_of_its_colours() -> None:
    assert dict((await answer(RICOH, ricoh_rows([(10, "", 550)]))).meters) == {"total": 550}


async def test_the_second_family_of_totals_serves_where_there_is_no_first() -> None:
    rows = [(800, "", 9_100), (840, "", 12), (841, "", 34)]
    found = await answer(RICOH, ricoh_rows(rows))
    assert dict(found.meters) == {"total": 9_100, "total_large": 12, "duplex": 34}


@pytest.mark.parametrize(
    "codes",
    [
        {620: 180, 621: 5, 622: 15, 623: 100, 630: 7, 640: 400, 641: 50, 642: 150},
        {811: 180, 812: 5, 813: 15, 810: 100, 830: 7, 821: 400, 822: 20, 823: 30, 820: 150},
    ],
)
async def test_other_bundles_serve_where_200_to_403_are_not(codes: dict[int, int]) -> None:
    rows = [(10, "", 907), *((code, "", value) for code, value in codes.items())]
    found = await answer(RICOH, ricoh_rows(rows))
    assert dict(found.meters) == {
        "total": 907,
        "copy_mono": 180,
        "copy_color": 120,
        "print_mono": 400,
        "print_color": 200,
        "fax_mono": 7,
    }


async def test_bundles_never_meet_in_one_sum() -> None:
    rows = [(10, "", 907), (623, "", 100), (812, "", 5), (813, "", 15), (642, "", 150)]
    assert dict((await answer(RICOH, ricoh_rows(rows))).meters) == {"total": 907}


async def test_a_printer_that_names_its_rows_twice_and_states_no_codes() -> None:
    """As agents answer whose type column is not to be had: names repeat, figures agree."""
    names = {
        "Counter: Machine Total": 1_000,
        "Counter:Print:Total": 1_000,
        "Counter:Print:Black & White": 620,
        "Counter:Print:Full Color": 380,
        "Total Prints: Full Color": 380,
        "Total Prints: Monocolor": 620,
        "Development: Color": 1_140,
        "Development: Black & White": 1_000,
        "Printer: Black & White": 620,
        "Total Prints: Color": 380,
        "Total Prints: Black & White": 620,
        "Printer: Full Color": 380,
    }
    rows = [(None, name + "\0", value) for name, value in names.items()]
    rows += [
        (None, name, names[name]) for name in ("Counter: Machine Total", "Printer: Full Color")
    ]
    found = await answer(RICOH, ricoh_rows(rows))
    assert dict(found.meters) == {
        "total": 1_000,
        "total_mono": 620,
        "total_color": 380,
        "print": 1_000,
        "print_mono": 620,
        "print_color": 380,
    }
    assert not found.findings


async def test_transmissions_without_scan_rows_are_scans_without_faxes() -> None:
    rows = [(10, "", 5), (870, "", 777), (871, "", 400), (872, "", 77)]
    assert (await answer(RICOH, ricoh_rows(rows))).meters["scan"] == 700
    rows = [(10, "", 5), (870, "", 777), (871, "", 400)]
    assert "scan" not in (await answer(RICOH, ricoh_rows(rows))).meters


async def test_small_printers_have_the_life_count_only() -> None:
    found = await answer(named("RICOH SP C261DNw", "367.1.1"), life(77, 8))
    assert (found.profile, dict(found.meters)) == ("ricoh", {"total": 77})


@pytest.mark.parametrize(
    ("brand", "vendor"),
    [
        ("RICOH", "Ricoh"),
        ("Gestetner", "Gestetner"),
        ("LANIER", "LANIER"),
        ("SAVIN", "SAVIN"),
        ("NRG", "NRG"),
        ("nashuatec", "Nashuatec"),
        ("infotec", "infotec"),
        ("Rex-Rotary", "Rex Rotary"),
        ("Rex Rotary", "Rex Rotary"),
    ],
)
async def test_name_plates(brand: str, vendor: str) -> None:
    descr = f"{brand} MP C4504ex 1.12.1 / {brand} Network Printer C model / {brand} Network Scanner"
    for object_id in ("367.1.1", None):
        who = (await answer(named(descr, object_id), life(1, 8))).identity
        assert (who.vendor, who.model, who.firmware) == (vendor, "MP C4504ex", "1.12.1")


async def test_the_private_tree_names_model_firmware_and_serial() -> None:
    told = {
        P + "367.3.2.1.1.1.1.0": "Gestetner MPC2500/DSc525",
        P + "367.3.2.1.1.1.2.0": "1.71",
        P + "367.3.2.1.2.1.4.0": "M6394300657",
    }
    who = (await answer(named("Gestetner Network I/F", "367.1.1"), told, life(1, 8))).identity
    assert (who.vendor, who.model) == ("Gestetner", "MPC2500/DSc525")
    assert (who.firmware, who.serial) == ("1.71", "M6394300657")


async def test_an_old_lanier_has_an_enterprise_of_its_own() -> None:
    scalars = {f"{P}367.3.2.1.2.19.{n}.0": 100 * n for n in (1, 2, 4)}
    found = await answer(named("Network I/F", "3793.1.1"), scalars)
    assert (found.profile, found.identity.vendor) == ("lanier", "LANIER")
    assert dict(found.meters) == {"total": 100, "print": 200, "copy": 400}


async def test_a_printer_row_alone_names_a_ricoh() -> None:
    found = await answer(devices(i1=(PRINTER, "RICOH MP C3002", "")), life(9, 8))
    assert (found.profile, found.identity.model) == ("ricoh", "MP C3002")
