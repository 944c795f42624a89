"""Machines that no maker's profile knows: life count by unit and row, and the PWG's counters."""

from collections.abc import Mapping
from typing import Final

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reread import reread
from collector.domain.counting.findings import Code, Severity
from collector.domain.meters import TOTAL, Unit
from tests.unit.snmp.machines import LIFE, PRINTER, P, Said, answer, devices, life, named
from tests.wording import english

ACME = named("ACME Copier 5", "99999.1")
PWG = P + "2699.1.3.1."
SYSTEM, COPY, FAX_IN, PRINT, SCAN = 3, 4, 7, 11, 12


async def test_unit_rule_of_an_unknown_maker() -> None:
    assert (await answer(ACME, life(10, 7))).meters == {"total": 10}
    assert (await answer(ACME, life(10, None))).meters == {"total": 10}
    found = await answer(ACME, life(10, 8))
    assert found.meters == {"sheets": 10, "total": 10}
    assert (found.unit_of(TOTAL), found.findings[0].code) == (Unit.SHEETS, Code.TOTAL_UNIT)
    for unit in (3, 4, 5, 11, 16, 17):
        found = await answer(ACME, life(10, unit))
        assert found.meters == {}
        assert found.findings[0].code is Code.TOTAL_MISSING
        assert "which are no pages" in english(found.findings[0].message)


@pytest.mark.parametrize("unit", [0, 1, 2, 10, 255])
async def test_a_count_in_an_unknown_unit_is_what_there_is(unit: int) -> None:
    found = await answer(ACME, life(77_003, unit))
    assert found.meters == {"total": 77_003}
    assert (found.unit_of(TOTAL), found.formulas[TOTAL]) == (Unit.UNSTATED, "life_unstated")
    (finding,) = found.findings
    assert (finding.code, finding.severity) == (Code.TOTAL_UNIT, Severity.INFO)
    assert f"life count of 77003 in a unit that it does not name (prtMarkerCounterUnit {unit})" in (
        english(finding.message)
    )
    assert reread(found, load_profiles().generic) == (found, frozenset())


WEEK: Final = 7 * 86_400 * 100
UP: Final = "1.3.6.1.2.1.1.3.0"
POWER_ON: Final = "1.3.6.1.2.1.43.10.2.1.5.1.1"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({UP: WEEK}, "has been running for 7 days"),
        ({UP: 30 * 100, POWER_ON: 12}, "printed 12 since it was switched on"),
    ],
    ids=["on for a week", "has printed since"],
)
async def test_a_machine_in_use_that_answers_0_does_not_count(said: Said, why: str) -> None:
    found = await answer(ACME, life(0, 7), said)
    assert "total" not in found.meters
    (finding,) = found.findings
    assert (finding.code, finding.severity) == (Code.TOTAL_MISSING, Severity.ERROR)
    assert why in english(finding.message)
    assert "does not seem to count" in english(finding.message)
    assert reread(found, load_profiles().generic)[0].meters == found.meters


@pytest.mark.parametrize("said", [{UP: WEEK - 1}, {}, {UP: 500, POWER_ON: 0}], ids=str)
async def test_a_new_machine_stands_at_0(said: Said) -> None:
    found = await answer(ACME, life(0, 7), said)
    assert (dict(found.meters), found.findings) == ({"total": 0}, ())


async def test_marker_row_of_the_printer_is_the_one_counted() -> None:
    rows = devices(i1=("1.3.6.1.2.1.25.3.1.1", "Feeder", ""), i5=(PRINTER, "ACME 5", ""))
    found = await answer(named("ACME"), rows, life(3, 7, "1.1"), life(400, 7, "5.1"))
    assert found.meters == {"total": 400}


async def test_several_markers_are_not_guessed_among() -> None:
    markers = {**life(400, 7, "1.1"), **life(30, 7, "1.2")}
    found = await answer(named("ACME"), markers)
    assert found.meters == {}
    assert Code.TABLE_AMBIGUOUS in {one.code for one in found.findings}
    default = {"1.3.6.1.2.1.43.5.1.1.8.1": 2}
    assert (await answer(named("ACME"), markers, default)).meters == {"total": 30}


@pytest.mark.parametrize("value", [-1, -2, -3, 2**32 - 1, 2**32 - 3, 2**40])
async def test_sentinel_life_counts_are_absent(value: int) -> None:
    found = await answer(named("ACME"), {LIFE + ".1.1": value})
    assert found.meters == {}


async def test_identity_of_an_unknown_maker() -> None:
    serial = {"1.3.6.1.2.1.43.5.1.1.17.1": "A1B2C3D4"}
    found = await answer(ACME, devices(i1=(PRINTER, "ACME 5", "")), serial, life(1))
    assert (found.identity.vendor, found.identity.model) == (None, "ACME 5")
    assert found.identity.serial == "A1B2C3D4"
    # An agent that shows no printer among its devices still has one serial number.
    found = await answer(ACME, devices(i3=("1.3.6.1.2.1.25.3.1.4", "", "")), serial, life(1))
    assert found.identity.serial == "A1B2C3D4"


def _pwg(keys: Mapping[int, int], *tables: tuple[str, int, Mapping[int, int]]) -> Said:
    """Return the key table (key to service) and columns of the work tables (by key)."""
    found: dict[str, int | str | bytes | tuple[int, ...]] = {
        f"{PWG}2.1.1.2.{key}": service for key, service in keys.items()
    }
    for table, column, counts in tables:
        for key, value in counts.items():
            found[f"{PWG}{table}.1.1.{column}.{key}.3.3"] = value
    return found


@pytest.mark.parametrize("keys", [(1, 2, 3, 4, 5), (9, 4, 7, 2, 5)])
async def test_pwg_counters_by_the_service_that_the_key_table_names(keys: tuple[int, ...]) -> None:
    system, copy, fax, print_, scan = keys
    said = _pwg(
        dict(zip(keys, (SYSTEM, COPY, FAX_IN, PRINT, SCAN), strict=True)),
        ("8", 4, {system: 1000, copy: 300, fax: 50, print_: 650}),
        ("8", 5, {system: 700, copy: 200, fax: 50, print_: 450}),
        ("8", 6, {system: 5}),
        ("8", 7, {system: 290, copy: 100, print_: 190}),
        ("8", 8, {system: 5, print_: 5}),
        ("9", 4, {system: 400}),
        ("10", 4, {system: 800}),
        ("7", 4, {scan: 123, copy: 300}),
    )
    other = {
        f"{PWG}8.1.1.4.{system}.7.3": 9000,  # maintenance
        f"{PWG}8.1.1.4.{system}.3.4": 12,  # since power-on
    }
    found = await answer(ACME, said, other)
    assert found.profile == "pwg"
    assert dict(found.meters) == {
        "total": 1000,
        "total_mono": 700,
        "total_color": 295,
        "print": 650,
        "print_mono": 450,
        "print_color": 195,
        "copy": 300,
        "copy_mono": 200,
        "copy_color": 100,
        "fax": 50,
        "fax_mono": 50,
        "scan": 123,
        "sheets": 800,
        "duplex_impressions": 400,
    }


async def test_the_life_count_goes_before_the_pwgs_total() -> None:
    said = _pwg({1: SYSTEM}, ("8", 4, {1: 1000}), ("10", 4, {1: 800}))
    assert (await answer(ACME, said, life(1004))).meters == {"total": 1004, "sheets": 800}
    # A life count in sheets is no total, and stands before the PWG's sheets.
    assert (await answer(ACME, said, life(801, 8))).meters == {"total": 1000, "sheets": 801}


async def test_a_known_makers_profile_goes_before_the_pwgs() -> None:
    said = _pwg({1: SYSTEM}, ("8", 4, {1: 1000}))
    assert (await answer(named("RISO ComColor 7150", "24807.1"), said, life(5))).profile == "riso"
    # An agent that says nothing shows a maker's tree before a standard's.
    canon = {P + "1602.1.11.1.4.1.4.101": 160}
    assert (await answer(said, canon)).profile == "canon"
    assert (await answer(said)).profile == "pwg"


async def test_two_rows_of_one_service_are_not_chosen_among() -> None:
    found = await answer(ACME, _pwg({1: SYSTEM, 2: SYSTEM}, ("8", 4, {1: 1000, 2: 30})))
    assert found.meters == {}
    assert Code.TABLE_AMBIGUOUS in {one.code for one in found.findings}


async def test_counters_without_a_key_table_are_nobodys() -> None:
    assert (await answer(ACME, _pwg({}, ("8", 4, {1: 1000})))).meters == {}
