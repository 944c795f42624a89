"""Ricoh's table describes itself: rows move, codes do not, labels repeat."""

from collections.abc import Iterable

import pytest

from collector.domain.findings import Code
from tests.unit.snmp.machines import RICOH_ROW, P, Said, answer, devices, life, named

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


def _rows(rows: Iterable[tuple[int | None, str, int]], *, step: int = 1) -> Said:
    found: dict[str, int | str | bytes | tuple[int, ...]] = {}
    for at, (code, label, value) in enumerate(rows, start=1):
        index = at * step
        if code is not None:
            found[f"{RICOH_ROW}.2.{index}"] = code
        found[f"{RICOH_ROW}.5.{index}"] = label
        found[f"{RICOH_ROW}.9.{index}"] = value
    return found


@pytest.mark.parametrize(("rows", "step"), [(FULL, 1), (FULL[::-1], 1), (FULL, 7)])
async def test_codes_decide_wherever_the_rows_stand(
    rows: list[tuple[int | None, str, int]], step: int
) -> None:
    found = await answer(RICOH, _rows(rows, step=step), life(9000, 8))
    assert dict(found.meters) == EXPECTED
    assert found.profile == "ricoh"
    assert not found.findings


async def test_codes_decide_under_a_japanese_panel() -> None:
    rows = [(code, f"カウンター{at}", value) for at, (code, _, value) in enumerate(FULL)]
    assert dict((await answer(RICOH, _rows(rows))).meters) == EXPECTED


async def test_without_codes_labels_decide_however_they_are_spaced() -> None:
    rows = [(None, "COUNTER:Machine  total", 500), (None, "counter: print:total ", 500)]
    found = await answer(RICOH, _rows(rows))
    assert dict(found.meters) == {"total": 500, "print": 500}


async def test_equal_rows_of_one_name_are_one_counter() -> None:
    rows = [(None, "Counter: Machine Total", 500), (None, "Counter: Machine Total", 500)]
    assert (await answer(RICOH, _rows(rows))).meters == {"total": 500}


async def test_rows_of_one_name_that_differ_are_never_chosen_among() -> None:
    rows = [(None, "Counter: Machine Total", 500), (None, "Counter: Machine Total", 900)]
    found = await answer(RICOH, _rows(rows))
    assert found.meters == {}
    assert [one.code for one in found.findings] == [Code.TABLE_AMBIGUOUS, Code.TOTAL_MISSING]


async def test_sentinels_are_absent_and_take_their_sums_along() -> None:
    rows = [(10, "", 500), (200, "", -1), (201, "", 2**32 - 2), (400, "", 500), (401, "", 500)]
    found = await answer(RICOH, _rows(rows))
    assert dict(found.meters) == {"total": 500, "print": 500, "print_mono": 500}


async def test_a_mono_machine_counts_received_faxes_as_mono() -> None:
    rows = [(10, "", 600), (200, "", 100), (201, "", 100), (300, "", 50)]
    found = await answer(RICOH, _rows([*rows, (400, "", 450), (401, "", 450)]))
    assert found.meters["total_mono"] == 600
    assert "total_color" not in found.meters


async def test_a_colour_machine_without_its_copy_row_has_no_colour_total() -> None:
    rows = [(10, "", 600), (200, "", 100), (400, "", 500), (401, "", 300), (403, "", 200)]
    found = await answer(RICOH, _rows(rows))
    assert "total_color" not in found.meters
    assert found.meters["print_color"] == 200


async def test_the_row_states_where_it_wraps() -> None:
    rows = {**_rows([(10, "", 600)]), f"{RICOH_ROW}.7.1": 9_999_999}
    assert (await answer(RICOH, rows)).wraps == {"total": 10_000_000}


async def test_old_machines_without_a_table() -> None:
    scalars = {f"{P}367.3.2.1.2.19.{n}.0": 100 * n for n in (1, 2, 3, 4)}
    found = await answer(RICOH, scalars, life(105, 8))
    assert dict(found.meters) == {"total": 100, "print": 200, "fax": 300, "copy": 400}


async def test_totals_that_do_not_add_up_are_a_finding_and_stay_as_they_are() -> None:
    rows = [(10, "", 600), (608, "", 100), (609, "", 100)]
    found = await answer(RICOH, _rows(rows))
    assert found.meters["total"] == 600
    (finding,) = found.findings
    assert finding.code is Code.CROSS_FOOT
    assert finding.evidence["difference"] == 400


async def test_life_count_in_sheets_is_the_total_of_a_ricoh() -> None:
    assert (await answer(RICOH, devices(i1=("", "RICOH", "")), life(77, 8))).meters == {"total": 77}
