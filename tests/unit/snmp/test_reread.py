"""History read again by a corrected profile."""

from dataclasses import replace
from pathlib import Path

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.profiles.values import Profile
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.reread import reread
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.recording.session import CaptureSession, decode_capture
from collector.domain.meters import Meter, Unit
from collector.errors import DeviceNonsense
from tests.unit.snmp.machines import CAPTURES, RICOH_ROW, P, answer, life, named, values
from tests.unit.snmp.own import own

ACME = named("ACME 1", "99999.1")
ROW = P + "99999.5."
TABLE = """
[tables.row]
at = [{ value = "1.3.6.1.4.1.99999.5", code = "index" }]
[tables.row.rows]
copy = { code = 1 }
print = { code = 2 }
toner = { code = 3 }
[meters]
"""
FILES = sorted(CAPTURES.rglob("*.snmprec"))


def _profile(folder: Path, meters: str) -> Profile:
    return own(folder, TABLE + meters).by_id["acme"]


@pytest.mark.parametrize("low_confidence", [False, True])
@pytest.mark.parametrize("file", FILES, ids=lambda one: one.stem)
async def test_the_same_profile_reads_the_same(file: Path, low_confidence: bool) -> None:
    profiles = load_profiles(low_confidence=low_confidence)
    try:
        read = await decode_capture(file, profiles)
    except DeviceNonsense:
        return
    again, _ = reread(read, profiles.by_id[read.profile], low_confidence=low_confidence)
    assert again == read


async def test_a_record_tells_every_counter_of_its_meters() -> None:
    rows = {f"{RICOH_ROW}.9.{row}": count for row, count in ((1, 500), (2, 100), (3, 90), (4, 8))}
    codes = {f"{RICOH_ROW}.2.{row}": code for row, code in ((1, 10), (2, 200), (3, 201), (4, 203))}
    read = await answer(named("RICOH MP C1 1.0 / x", "367.1.1"), rows, codes)
    assert read.raw == {
        "row[total]": 500,
        "row[copy]": 100,
        "row[copy_mono]": 90,
        "row[copy_full]": 8,
    }
    assert "row[copy_toner]" in read.lacks
    again, unknown = reread(read, load_profiles().by_id["ricoh"])
    assert (again, unknown) == (read, frozenset())


async def test_a_corrected_profile_changes_what_was_recorded(tmp_path: Path) -> None:
    wrong = 'total = "row[copy]"\nprint = "row[print]"\nother = "row[print]"'
    cells = {ROW + "1": 10, ROW + "2": 5}
    read = await answer(ACME, cells, life(16), profiles=own(tmp_path, TABLE + wrong))
    right = 'total = "row[copy] + row[print] + row[toner]?"\nprint = "row[print]"\nfax = "life"'
    profile = replace(_profile(tmp_path, right), rated_ipm=30, nvram_step=10)
    again, unknown = reread(read, profile)
    assert unknown == {"fax", "total"}, "nothing says whether the machine has row[toner]"
    assert dict(again.meters) == {"total": 10, "print": 5}
    again, unknown = reread(replace(read, lacks=read.lacks | {"row[toner]"}), profile)
    assert unknown == {"fax"}
    assert dict(again.meters) == {"total": 15, "print": 5}
    assert (again.rated_ipm, again.nvram_step) == (30, 10)


async def test_a_counter_that_gave_no_number_is_no_missing_one(tmp_path: Path) -> None:
    profile = 'total = "row[copy] + row[toner]?"\ncopy = "row[copy]"'
    cells = {ROW + "1": 10, ROW + "3": 2}
    read = await answer(ACME, cells, profiles=own(tmp_path, TABLE + profile))
    assert read.meters["total"] == 12
    silent = replace(read, raw={"row[copy]": 10}, meters={Meter("copy"): 10})
    again, unknown = reread(silent, _profile(tmp_path, profile))
    assert (dict(again.meters), unknown) == ({"copy": 10}, {"total"})


async def test_counters_asked_for_another_meter_help(tmp_path: Path) -> None:
    first = 'total = "row[copy] + row[print]"\ncopy = ["row[copy] + row[toner]", "row[copy]"]'
    read = await answer(ACME, {ROW + "1": 10, ROW + "2": 5}, profiles=own(tmp_path, TABLE + first))
    assert read.raw == {"row[copy]": 10, "row[print]": 5}
    other = 'total = "row[copy]"\nprint = "row[print]"\n[derived]\nother = "total - print"'
    again, unknown = reread(read, _profile(tmp_path, other))
    assert (dict(again.meters), unknown) == ({"total": 10, "print": 5, "other": 5}, frozenset())


async def test_confidence_and_weight_are_the_later_ones(tmp_path: Path) -> None:
    read = await answer(
        ACME,
        {ROW + "1": 10, ROW + "2": 6},
        profiles=own(tmp_path, TABLE + 'total = "row[copy]"\ntotal_large = "row[print]"'),
    )
    corrected = TABLE.replace("{ code = 2 }", '{ code = 2, size = "large", weight = 2 }')
    corrected += 'total = { of = "row[copy]", confidence = "L" }\ntotal_large = "row[print]"'
    profile = own(tmp_path, corrected).by_id["acme"]
    again, unknown = reread(read, profile)
    assert (dict(again.meters), unknown) == ({"total_large": 3}, frozenset())
    again, unknown = reread(read, profile, low_confidence=True)
    assert dict(again.meters) == {"total": 10, "total_large": 3}


async def test_wraps_are_the_later_ones(tmp_path: Path) -> None:
    profiles = own(tmp_path, TABLE + 'total = { of = "row[copy]", wrap = 1000000 }')
    read = await answer(ACME, {ROW + "1": 10}, profiles=profiles)
    assert read.wraps == {"total": 1_000_000}
    again, _ = reread(read, _profile(tmp_path, 'total = "row[copy]"'))
    assert again.wraps == {}
    again, _ = reread(read, replace(_profile(tmp_path, 'total = "row[copy]"'), wrap=2**24))
    assert again.wraps == {"total": 2**24}


async def test_a_life_count_beside_an_unknown_total_stays(tmp_path: Path) -> None:
    first = 'total = "row[copy]"\nengine_total = "life"\nprint = "row[print]"'
    cells = {ROW + "1": 10, ROW + "2": 5}
    read = await answer(ACME, cells, life(16), profiles=own(tmp_path, TABLE + first))
    assert read.meters["engine_total"] == 16
    partly = replace(read, raw={"row[print]": 5})
    again, unknown = reread(partly, _profile(tmp_path, first))
    assert (again.meters, unknown) == (read.meters, {"total", "engine_total"})


async def test_without_a_record_nothing_changes(tmp_path: Path) -> None:
    read = await answer(ACME, life(9), profiles=own(tmp_path, ""))
    bare = replace(read, raw={}, lacks=frozenset())
    assert reread(bare, _profile(tmp_path, 'total = "row[copy]"')) == (bare, {"total"})


async def test_a_sum_that_must_not_stand_beside_an_unrecorded_counter_is_not_taken(
    tmp_path: Path,
) -> None:
    read = await answer(
        ACME,
        {ROW + "1": 10, ROW + "2": 5},
        profiles=own(tmp_path, TABLE + 'total = "row[copy]"'),
    )
    later = _profile(tmp_path, 'total = "row[copy]"\nother = "row[copy] unless row[toner]"')
    again, unknown = reread(read, later)
    assert (dict(again.meters), unknown) == ({"total": 10}, {"other"})
    lacking = replace(read, lacks=read.lacks | {"row[toner]"})
    again, unknown = reread(lacking, later)
    assert (dict(again.meters), unknown) == ({"total": 10, "other": 10}, frozenset())
    there = replace(read, raw={**read.raw, "row[toner]": 1})
    again, unknown = reread(there, later)
    assert (dict(again.meters), unknown) == ({"total": 10}, frozenset())


async def test_a_life_count_that_was_taken_for_sheets_is_put_right(tmp_path: Path) -> None:
    sheets = life(10, unit=8)
    read = await answer(ACME, sheets, profiles=own(tmp_path, ""))
    assert (dict(read.meters), read.formulas["total"]) == ({"total": 10, "sheets": 10}, "sheets")
    sides = own(tmp_path, "").by_id["acme"]
    again, unknown = reread(read, replace(sides, sheets_are_impressions=True))
    assert (dict(again.meters), unknown) == ({"total": 10}, frozenset())
    assert again.unit_of(Meter("total")) is Unit.IMPRESSIONS


COMPARED = """
total = "row[copy]"
total_mono = ["row[toner] if row[copy] = row[print]", "row[print]"]
"""
CHOSEN = """
total = "row[copy]"
[[choose]]
[[choose.sets]]
copy = "row[toner] if row[copy] = row[print]"
scan = "row[toner]"
[[choose.sets]]
scan = "row[print]"
"""


@pytest.mark.parametrize(
    ("meters", "before", "now", "untold"),
    [
        (COMPARED, {"total": 9, "total_mono": 4}, {"total": 11}, {"total_mono"}),
        (CHOSEN, {"total": 9, "copy": 4, "scan": 4}, {"total": 11, "scan": 4}, {"copy", "scan"}),
    ],
    ids=["alternatives", "sets"],
)
async def test_where_two_counters_part_no_other_formula_takes_over(
    tmp_path: Path, meters: str, before: dict[str, int], now: dict[str, int], untold: set[str]
) -> None:
    profiles = own(tmp_path, TABLE + meters)
    machine = values(ACME, {ROW + "1": 9, ROW + "2": 9, ROW + "3": 4})
    session = CaptureSession(machine)
    plan = await resolve(session, profiles)
    assert decode(plan, await session.get(plan.oids)).meters == before
    later = decode(plan, machine | values({ROW + "1": 11}))
    assert dict(later.meters) == now
    again, unknown = reread(later, profiles.by_id["acme"])
    assert (again.meters, unknown) == (later.meters, untold)
    alone = _profile(tmp_path, COMPARED.replace(', "row[print]"', ""))
    again, unknown = reread(replace(later, meters={**later.meters, Meter("total_mono"): 4}), alone)
    assert (dict(again.meters), unknown) == ({"total": 11}, frozenset()), "whatever was planned"
