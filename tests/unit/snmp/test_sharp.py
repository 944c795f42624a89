"""Sharp: labels decide; the part's index shifts; the total is a sum."""

import pytest

from collector.domain.counting.findings import Code
from tests.unit.snmp.machines import P, answer, life, named
from tests.unit.snmp.maker_tables import sharp_rows
from tests.unit.snmp.whole_tables import SHARP_PARTS, SHARP_ROWS, SHARP_WHOLE

MX = named("SHARP MX-2640N", "2385.3.1.1")


@pytest.mark.parametrize("shift", [0, 1, 3])
async def test_without_colours(shift: int) -> None:
    rows = [
        ("1.4.61", 500, "Black & White Print Count"),
        ("4.4.61", 300, "Black & White  Copy Count"),
        ("5.4.61", 800, "Black & White Total Count"),
        ("8.4.60", 5, "Prints (Document Filing)"),
    ]
    found = await answer(named("SHARP AR-M351U", "2385.3.1.2"), sharp_rows(rows, shift), life(800))
    assert dict(found.meters) == {
        "total": 800,
        "total_mono": 800,
        "print": 500,
        "print_mono": 500,
        "copy": 300,
        "copy_mono": 300,
    }


async def test_every_colour_is_added() -> None:
    rows = [
        ("5.4.61", 100, "Black & White Total Count"),
        ("5.4.63", 20, "Full Color Total Count"),
        ("5.4.64", 3, "Two Color Total Count"),
        ("5.4.80", 1, "Single Color Total Count"),
    ]
    found = await answer(MX, sharp_rows(rows))
    assert dict(found.meters) == {"total": 124, "total_mono": 100, "total_color": 24}


async def test_machines_with_full_colour_only() -> None:
    rows = [
        ("5.4.61", 100, "Black & White Total Count"),
        ("5.4.63", 20, "Full Color Total Count"),
        ("4.4.61", 60, "Black & White Copy Count"),
        ("4.4.63", 15, "Full Color Copy Count"),
    ]
    found = await answer(MX, sharp_rows(rows), life(122))
    assert dict(found.meters) == {
        "total": 120,
        "total_mono": 100,
        "total_color": 20,
        "copy": 75,
        "copy_mono": 60,
        "copy_color": 15,
    }


async def test_a_total_without_one_of_its_colours_is_the_life_count() -> None:
    """Copies in one colour are counted, so the total has such pages too."""
    rows = [row for row in SHARP_ROWS if row[2] != "Single Color Total Count"]
    found = await answer(MX, sharp_rows(rows), life(12_240))
    assert found.meters["total"] == 12_240
    assert "total_color" not in found.meters
    assert "total" not in (await answer(MX, sharp_rows(rows))).meters


@pytest.mark.parametrize("mark", ["\0", " ", "  \0"])
async def test_labels_are_compared_without_blanks_case_and_ends(mark: str) -> None:
    rows = [
        (index, value, f" {label.upper()}{mark}") for index, value, label in SHARP_ROWS if label
    ]
    found = await answer(MX, sharp_rows(rows, 2), life(12_240))
    assert dict(found.meters) == SHARP_WHOLE.meters


async def test_colour_in_british_spelling() -> None:
    rows = [(i, value, label.replace("Color", "Colour")) for i, value, label in SHARP_ROWS if label]
    found = await answer(MX, sharp_rows(rows), life(12_240))
    assert dict(found.meters) == SHARP_WHOLE.meters


@pytest.mark.parametrize("label", [None, "カウンター"])
async def test_without_labels_the_parts_and_codes_decide(label: str | None) -> None:
    rows = [(index, value, label) for index, value, _ in SHARP_ROWS]
    found = await answer(MX, SHARP_PARTS, sharp_rows(rows), life(12_240))
    left_out = {"duplex", "other", "other_mono", "other_color"}
    assert dict(found.meters) == {
        meter: value for meter, value in SHARP_WHOLE.meters.items() if meter not in left_out
    }


async def test_names_of_the_status_mail() -> None:
    rows = [
        ("5.4.61", 1_015, "Black & White Total Print Count"),
        ("5.4.64", 0, "Two Color Total Print Count"),
        ("5.4.80", 2_832, "Single Color Total Print Count"),
        ("5.4.63", 480, "Color Total Print Count"),
    ]
    found = await answer(MX, sharp_rows(rows))
    assert dict(found.meters) == {"total": 4_327, "total_mono": 1_015, "total_color": 3_312}


async def test_rows_of_one_name_that_differ_are_never_chosen_among() -> None:
    rows = [
        ("1.4.75", 40, "Duplex"),
        ("4.4.75", 50, "Duplex"),
        ("5.4.61", 800, "Black & White Total Count"),
    ]
    found = await answer(MX, sharp_rows(rows))
    assert dict(found.meters) == {"total": 800, "total_mono": 800}
    assert [one.code for one in found.findings] == [Code.TABLE_AMBIGUOUS]


async def test_received_faxes_and_scans_to_disk() -> None:
    rows = [
        ("5.4.61", 800, "Black & White Total Count"),
        ("9.4.50", 12, "Fax Send"),
        ("9.4.60", 44, "Fax Receive"),
        ("8.4.50", 70, "Scan to HDD"),
        ("7.4.50", 35, "Scan to E-mail / FTP"),
    ]
    found = await answer(MX, sharp_rows(rows))
    assert dict(found.meters) == {"total": 800, "total_mono": 800, "fax": 44, "scan": 35}


async def test_machines_without_a_private_table() -> None:
    found = await answer(named("SHARP MX-B350W", "2385.3.1.300.1"), life(640))
    assert (found.profile, dict(found.meters)) == ("sharp", {"total": 640})


async def test_a_xerox_with_a_sharp_engine() -> None:
    found = await answer(named("Xerox WorkCentre C226", "2385.3.1.9"), sharp_rows(SHARP_ROWS))
    assert (found.profile, found.identity.vendor) == ("sharp", "Xerox")
    assert found.identity.model == "WorkCentre C226"
    assert dict(found.meters) == SHARP_WHOLE.meters


async def test_totals_that_do_not_add_up_are_told() -> None:
    rows = [
        (index, 8_000 if label == "Prints" else value, label) for index, value, label in SHARP_ROWS
    ]
    found = await answer(MX, sharp_rows(rows))
    assert (found.meters["print"], found.meters["print_mono"]) == (8_000, 5_300)
    assert [one.code for one in found.findings] == [Code.CROSS_FOOT]


async def test_firmware_of_a_sharp() -> None:
    found = await answer(MX, {P + "2385.2.1.1.2.1.2.1": "0201"}, life(1))
    assert found.identity.firmware == "0201"
