"""Xerox and FUJIFILM: one table of ids with labels, wherever its parts stand."""

import pytest

from collector.domain.counting.findings import Code
from tests.unit.snmp.machines import PRINTER, P, answer, devices, life, named
from tests.unit.snmp.maker_tables import XEROX, xerox_rows
from tests.unit.snmp.whole_tables import XEROX_METERS, XEROX_ROWS
from tests.wording import english

WC = named("Xerox AltaLink C8145; SS 111.009.009.23310, NC 111.009.23310", "253.8.62.1.20.9.1.1")


@pytest.mark.parametrize("parts", [{102: 10, 103: 11, 104: 12}, {102: 13, 103: 14, 104: 12}])
async def test_parts_stand_anywhere(parts: dict[int, int]) -> None:
    rows = [(parts.get(part, part), *rest) for part, *rest in XEROX_ROWS]
    found = await answer(WC, xerox_rows(rows), life(9_040))
    assert dict(found.meters) == XEROX_METERS
    assert not found.findings


@pytest.mark.parametrize("label", ["{}", "   {}", "{}  ", "{}\0", "{}\0\0\0"])
async def test_labels_are_padded_on_some_models(label: str) -> None:
    rows = [(*row[:3], label.format(row[3])) for row in XEROX_ROWS]
    assert dict((await answer(WC, xerox_rows(rows), life(9_040))).meters) == XEROX_METERS


async def test_ids_without_labels_are_trusted() -> None:
    rows = [(*row[:3], None) for row in XEROX_ROWS]
    assert dict((await answer(WC, xerox_rows(rows), life(9_040))).meters) == XEROX_METERS


async def test_a_mono_machine() -> None:
    rows = [
        (1, 1, 900, "Total Impressions"),
        (1, 7, 500, "Black Printed Impressions"),
        (1, 44, 20, "Black Large Impressions"),
        (12, 14, 60, "Embedded Fax Impressions"),
        (14, 3, 340, "Black Copied Impressions"),
    ]
    found = await answer(named("Xerox WorkCentre 5655", "253.8.62.1.19.2.7.1"), xerox_rows(rows))
    assert dict(found.meters) == {
        "total": 900,
        "total_mono_large": 20,
        "copy": 340,
        "copy_mono": 340,
        "print": 500,
        "print_mono": 500,
        "fax": 60,
    }


async def test_a_printer_with_totals_only() -> None:
    rows = [
        (1, 1, 909, "Total Impressions"),
        (1, 33, 390, "Color Impressions"),
        (1, 34, 519, "Black Impressions "),
    ]
    found = await answer(named("Xerox Phaser 6280N", "253.8.62.1.20.1.1"), xerox_rows(rows))
    assert dict(found.meters) == {"total": 909, "total_mono": 519, "total_color": 390}


async def test_no_private_table_leaves_the_life_count() -> None:
    found = await answer(named("Xerox B215 Printer", "253.8.62.1.4.1"), life(77))
    assert (found.profile, dict(found.meters)) == ("xerox", {"total": 77})


async def test_colour_levels_are_not_taken_for_all_colour() -> None:
    """A billing plan by colour level renames the colour rows: each is one level only."""
    rows = [
        (1, 1, 900, "Total Impressions"),
        (1, 34, 500, "Black Impressions"),
        (1, 33, 250, "Color Level 2 Impressions"),
        (1, 7, 300, "Black Printed Impressions"),
        (1, 29, 100, "Color Level 2 Printed Impressions"),
        (103, 3, 200, "Black Copied Impressions"),
        (103, 25, 150, "Color Level 2 Copied Impressions"),
    ]
    found = await answer(WC, xerox_rows(rows))
    assert dict(found.meters) == {
        "total": 900,
        "total_mono": 500,
        "total_color": 400,
        "print_mono": 300,
        "copy_mono": 200,
    }


async def test_black_together_with_a_colour_level_is_not_black() -> None:
    rows = [
        (1, 1, 900, "Total Impressions"),
        (1, 34, 600, "Black + Color Level 1 Impressions"),
        (1, 33, 300, "Color Level 2 Impressions"),
    ]
    assert dict((await answer(WC, xerox_rows(rows))).meters) == {"total": 900}


async def test_a_fax_row_may_be_called_faxed() -> None:
    rows = [(1, 1, 90, "Total Impressions"), (1, 71, 8, "Faxed Impressions")]
    assert (await answer(WC, xerox_rows(rows))).meters["fax"] == 8


async def test_other_detail_types_are_no_counters() -> None:
    table = {f"{XEROX}6.1.21.1": 99, f"{XEROX}8.1.21.1": "Total Impressions"}
    found = await answer(WC, table, life(77))
    assert dict(found.meters) == {"total": 77}


@pytest.mark.parametrize("gone", [-1, -2, 2**31, 2**32 - 1])
async def test_sentinels_are_absent(gone: int) -> None:
    rows = [(*row[:2], gone if row[1] == 1 else row[2], row[3]) for row in XEROX_ROWS]
    found = await answer(WC, xerox_rows(rows), life(9_040))
    assert dict(found.meters) == XEROX_METERS


async def test_totals_that_do_not_add_up_are_told() -> None:
    rows = [
        (1, 1, 900, "Total Impressions"),
        (1, 33, 300, "Color Impressions"),
        (1, 34, 500, "Black Impressions"),
    ]
    found = await answer(WC, xerox_rows(rows))
    assert dict(found.meters) == {"total": 900, "total_mono": 500, "total_color": 300}
    assert [one.code for one in found.findings] == [Code.CROSS_FOOT]


@pytest.mark.parametrize(
    ("descr", "model", "firmware"),
    [
        (
            "Xerox WorkCentre 5632 v1 Multifunction System; System Software 025.054.00060",
            "WorkCentre 5632",
            "025.054.00060",
        ),
        ("Xerox VersaLink C405; System 68.60.91, Controller 1.60.9", "VersaLink C405", "68.60.91"),
        ("Xerox Phaser 4600;  System 3.1", "Phaser 4600", "3.1"),
        ("XEROX WorkCentre 3225; V3.50.01.08", "WorkCentre 3225", None),
    ],
)
async def test_model_and_firmware_of_a_xerox(descr: str, model: str, firmware: str | None) -> None:
    who = (await answer(named(descr, "253.8.62.1.1"), life(5))).identity
    assert (who.vendor, who.model, who.firmware) == ("Xerox", model, firmware)


async def test_a_dell_built_by_xerox() -> None:
    rows = [(1, 1, 900, "Total Impressions"), (1, 34, 900, "Black Impressions")]
    found = await answer(
        named("Dell 3130cn Color Laser; Net 1.2", "253.8.62.1.19.4"), xerox_rows(rows)
    )
    assert (found.profile, found.identity.vendor) == ("xerox", "Dell")
    assert found.identity.model == "3130cn Color Laser"
    assert found.meters["total"] == 900


async def test_fujifilm_keeps_its_counters_in_the_xerox_tree() -> None:
    found = await answer(
        named("FUJIFILM Apeos C2570", "297.1.11.93.2.1"), xerox_rows(XEROX_ROWS), life(9_040)
    )
    assert (found.profile, found.identity.vendor) == ("fujifilm", "FUJIFILM")
    assert dict(found.meters) == XEROX_METERS


@pytest.mark.parametrize(
    ("descr", "vendor", "model", "firmware"),
    [
        (
            "FUJI XEROX DocuPrint CM305 df; Net 16.41,ESS 201104",
            "FUJI XEROX",
            "DocuPrint CM305 df",
            "201104",
        ),
        (
            "FUJI XEROX DocuCentre-V C3376;ESS1.5.2,IOT 1",
            "FUJI XEROX",
            "DocuCentre-V C3376",
            "1.5.2",
        ),
        ("FUJIFILM Apeos 4620 SZ ; ESSmain 1.13", "FUJIFILM", "Apeos 4620 SZ", "1.13"),
        ("FUJIFILM ApeosPro C810", "FUJIFILM", "ApeosPro C810", "23.1.23"),
        ("FX DocuPrint P115 w", "FUJI XEROX", "DocuPrint P115 w", "23.1.23"),
    ],
)
async def test_names_of_fujifilm(descr: str, vendor: str, model: str, firmware: str) -> None:
    parts = "System 23.1.23; ESS 1.3.1; IOT 10.36.0; Boot 1.0.155"
    found = await answer(
        named(descr, "297.1.111.101.1"), {P + "297.1.111.1.31.10.0": parts}, life(44)
    )
    who = found.identity
    assert (who.vendor, who.model, who.firmware) == (vendor, model, firmware)
    assert dict(found.meters) == {"total": 44}


async def test_fujifilm_by_its_printer_alone() -> None:
    table = devices(i1=(PRINTER, "FUJI XEROX DocuCentre-VI C4471", P + "297.1.11.93.1"))
    found = await answer(table, xerox_rows(XEROX_ROWS))
    assert (found.profile, found.identity.model) == ("fujifilm", "DocuCentre-VI C4471")


async def test_a_fuji_xerox_that_names_itself_in_xeroxs_enterprise() -> None:
    found = await answer(
        named("FUJI XEROX DocuPrint C3055 DX", "253.8.62.1.5.1"), xerox_rows(XEROX_ROWS)
    )
    assert (found.profile, found.identity.vendor) == ("fujifilm", "FUJI XEROX")
    assert found.identity.model == "DocuPrint C3055 DX"
    assert found.meters["total"] == 9_000
    assert not found.findings


@pytest.mark.parametrize("model", ["C315 Color MFP", "B310 Printer", "C230 Color Printer", "B315"])
async def test_a_lexmark_engine_is_billed_by_what_its_web_page_counts(model: str) -> None:
    rows = [(1, 1, 8_120, "Total Impressions")]
    found = await answer(
        named(f"Xerox(R) {model}; System 1.2.3", "253.8.62.1.41.2.1"), xerox_rows(rows), life(8_131)
    )
    assert found.profile == "xerox-lexmark"
    assert dict(found.meters) == {"total": 8_131, "engine_total": 8_120}
    (finding,) = found.findings
    assert "total is 8131 but engine_total is 8120; the first is billed" in english(finding.message)
    assert "web page" in english(finding.message)


async def test_other_xerox_machines_are_billed_by_total_impressions() -> None:
    rows = [(1, 1, 8_120, "Total Impressions")]
    found = await answer(WC, xerox_rows(rows), life(8_131))
    assert (found.profile, found.meters["total"]) == ("xerox", 8_120)
