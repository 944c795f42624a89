"""Canon: which codes a machine shows differs; what is not shown is not zero."""

from collections.abc import Iterable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.recording.session import CaptureSession
from collector.domain.counting.findings import Code
from collector.domain.counting.reading import Answer
from collector.domain.meters import TOTAL, Unit
from tests.unit.snmp.machines import CANON, P, Said, answer, life, named, values
from tests.unit.snmp.maker_tables import canon_codes, canon_named

IR = named("Canon iR-ADV C3530 /P", "1602.4.7")
MF = named("Canon MF746C /P", "1602.4.2")


async def test_short_list_makes_the_total_of_all_four_parts() -> None:
    short = canon_codes("1.3.1", {112: 5, 113: 100, 122: 3, 123: 50, 301: 140, 501: 9})
    found = await answer(IR, short, life(161))
    assert found.meters["total"] == 158
    assert (found.meters["total_mono"], found.meters["total_color"]) == (105, 53)
    assert (found.meters["print"], found.meters["scan"]) == (140, 9)


async def test_print_count_is_never_the_total() -> None:
    found = await answer(IR, canon_codes("1.3.1", {113: 100, 123: 50, 301: 140}))
    assert "total" not in found.meters
    assert "total_mono" not in found.meters
    assert found.findings[0].code is Code.TOTAL_MISSING


async def test_missing_parts_fall_back_to_the_life_count() -> None:
    found = await answer(IR, canon_codes("1.3.1", {113: 100, 301: 140}), life(161))
    assert dict(found.meters) == {"total": 161, "total_mono_small": 100, "print": 140}


async def test_the_fuller_table_and_method_one_are_preferred() -> None:
    found = await answer(
        IR,
        canon_codes("1.3.1", {101: 160, 301: 1}),
        canon_codes("1.4.1", {101: 160, 102: 170, 103: 10, 104: 150, 109: 120, 201: 20, 301: 140}),
    )
    assert dict(found.meters) == {
        "total": 160,
        "total_large": 10,
        "total_small": 150,
        "copy": 20,
        "print": 140,
    }


async def test_mono_machine_has_no_colour() -> None:
    found = await answer(IR, canon_codes("1.4.1", {101: 160, 108: 160, 201: 20, 221: 20}))
    assert dict(found.meters) == {
        "total": 160,
        "total_mono": 160,
        "copy": 20,
        "copy_mono": 20,
    }


async def test_mono_machine_that_shows_sizes_only() -> None:
    codes = {103: 30, 104: 700, 203: 10, 204: 90, 301: 630, 501: 44}
    found = await answer(named("Canon iR2520 /P", "1602.4.7"), canon_codes("1.3.1", codes))
    assert dict(found.meters) == {
        "total": 730,
        "total_large": 30,
        "total_small": 700,
        "copy": 100,
        "copy_large": 10,
        "copy_small": 90,
        "print": 630,
        "scan": 44,
    }


async def test_codes_of_method_two_count_once_where_the_large_pages_stand_beside_them() -> None:
    """A large page counts 2: 1000 pages with 100 large ones are 1100 in method 2."""
    codes = {
        102: 1_100,
        103: 100,
        109: 670,
        112: 70,
        124: 430,
        122: 30,
        202: 220,
        203: 20,
        302: 880,
        303: 80,
        502: 33,
        503: 3,
    }
    found = await answer(IR, canon_codes("1.3.1", codes))
    assert dict(found.meters) == {
        "total": 1_000,
        "total_large": 100,
        "total_mono": 600,
        "total_mono_large": 70,
        "total_color": 400,
        "total_color_large": 30,
        "copy": 200,
        "copy_large": 20,
        "print": 800,
        "print_large": 80,
        "scan": 30,
        "scan_large": 3,
    }


async def test_codes_of_method_two_alone_are_not_read() -> None:
    codes = {102: 1_100, 109: 670, 124: 430, 202: 220, 302: 880}
    found = await answer(IR, canon_codes("1.3.1", codes), life(1_000))
    assert dict(found.meters) == {"total": 1_000}


@pytest.mark.parametrize("pad", ["", "\0", "  ", "\0\0\0"])
async def test_a_small_machine_names_its_counters(pad: str) -> None:
    """An A4 machine has no large pages: what is not black is colour, where there is colour."""
    rows = {
        "Total 1": 900,
        "Total (Small)": 900,
        "Total (Black 1)": 640,
        "Total (Black/Small)": 640,
        "Total (Full Color + Single Color/Small)": 260,
        "Copy (Total 1)": 35,
        "Print (Total 1)": 850,
        "Scan (Total 1)": 77,
        "Receive Print (Total 1)": 15,
    }
    found = await answer(MF, canon_named({label + pad: value for label, value in rows.items()}))
    assert dict(found.meters) == {
        "total": 900,
        "total_small": 900,
        "total_mono": 640,
        "total_mono_small": 640,
        "total_color": 260,
        "total_color_small": 260,
        "copy": 35,
        "print": 850,
        "scan": 77,
        "fax": 15,
    }


async def test_a_small_mono_machine_names_its_counters() -> None:
    rows = {"Total 1": 900, "Total (Black 1)": 900, "Print (Total 1)": 900}
    found = await answer(named("Canon LBP312x /P", "1602.4.2"), canon_named(rows), life(900))
    assert dict(found.meters) == {"total": 900, "total_mono": 900, "print": 900}


async def test_labels_in_another_language_leave_the_life_count() -> None:
    rows = {"总数1": 900, "复印(总数1)": 35, "打印(总数1)": 865}
    assert dict((await answer(MF, canon_named(rows), life(900))).meters) == {"total": 900}


async def test_the_short_list_by_number_carries_codes() -> None:
    codes = {101: 500, 108: 300, 301: 450}
    listed: Said = {
        f"{CANON}2.2.1.{column}.{at}": cell
        for at, (code, value) in enumerate(codes.items(), start=1)
        for column, cell in ((2, str(code)), (3, "合計"), (4, value))
    }
    found = await answer(IR, listed)
    assert dict(found.meters) == {"total": 500, "total_mono": 300, "print": 450}


async def test_newer_small_machines_have_a_series_of_their_own() -> None:
    codes = {1000: 800, 1003: 500, 1006: 290, 1009: 10, 2000: 90, 2003: 60, 2006: 30}
    found = await answer(MF, canon_codes("1.3.1", codes))
    assert dict(found.meters) == {
        "total": 800,
        "total_mono": 500,
        "total_color": 300,
        "scan": 90,
        "scan_mono": 60,
        "scan_color": 30,
    }


@pytest.mark.parametrize("gone", [-1, 2**32 - 1])
async def test_sentinels_are_not_shown_codes(gone: int) -> None:
    found = await answer(IR, canon_codes("1.4.1", {101: gone, 108: 50, 122: 1, 123: 9, 201: gone}))
    assert dict(found.meters) == {
        "total": 60,
        "total_mono": 50,
        "total_color": 10,
        "total_color_large": 1,
        "total_color_small": 9,
    }


async def test_printers_without_private_counters() -> None:
    found = await answer(named("Canon LBP6670 /P", "1602.4.2"), life(321))
    assert (found.profile, dict(found.meters)) == ("canon", {"total": 321})
    assert (found.identity.vendor, found.identity.model) == ("Canon", "LBP6670")


async def test_a_plotter_counts_sheets() -> None:
    found = await answer(named("Canon TM-5300 /P", "1602.4.3"), life(321, 8))
    assert dict(found.meters) == {"sheets": 321, "total": 321}
    assert (found.unit_of(TOTAL), found.findings[0].code) == (Unit.SHEETS, Code.TOTAL_UNIT)


@pytest.mark.parametrize(
    "where", ["1602.1.2.1.4.0", "1602.1.2.1.8.1.3.1.1", "1.3.6.1.2.1.43.5.1.1.17.1"]
)
async def test_the_serial_stands_in_one_of_three_places(where: str) -> None:
    oid = where if where.startswith("1.3.6") else P + where
    found = await answer(IR, {oid: "QNN01234"}, canon_codes("1.3.1", {101: 5}))
    assert found.identity.serial == "QNN01234"


async def test_a_descr_alone_names_a_canon() -> None:
    found = await answer(named("Canon iR-ADV C5535 III /P"), canon_codes("1.4.1", {101: 160}))
    assert (found.profile, found.identity.model) == ("canon", "iR-ADV C5535 III")
    assert dict(found.meters) == {"total": 160}


async def test_prismasync_counts_in_oces_tree_and_weighs_its_life_count() -> None:
    oce = named("Océ VarioPrint 140", "1552.21.1")
    codes = {101: 5_000, 112: 700, 113: 4_300, 103: 700, 104: 4_300}
    tree = {f"{P}1552.21.4.1.3.1.4.{code}": value for code, value in codes.items()}
    found = await answer(oce, tree, life(9_400))
    assert (found.profile, found.identity.vendor) == ("oce", "Océ")
    assert dict(found.meters) == {
        "total": 5_000,
        "engine_total": 9_400,
        "total_large": 700,
        "total_small": 4_300,
        "total_mono": 5_000,
        "total_mono_large": 700,
        "total_mono_small": 4_300,
    }
    found = await answer(oce, life(9_400))
    assert "total" not in found.meters


PARTS: Final = {
    101: (1, 1, 1, 1),
    102: (2, 1, 2, 1),
    103: (1, 0, 1, 0),
    104: (0, 1, 0, 1),
    108: (1, 1, 0, 0),
    109: (2, 1, 0, 0),
    112: (1, 0, 0, 0),
    113: (0, 1, 0, 0),
    122: (0, 0, 1, 0),
    123: (0, 0, 0, 1),
    124: (0, 0, 2, 1),
    125: (0, 0, 1, 1),
}
"""How often a code counts a page: black large, black small, colour large, colour small."""
MADE_OF: Final = {"total": (1, 1, 1, 1), "total_mono": (1, 1, 0, 0), "total_color": (0, 0, 1, 1)}
PAGES: Final = st.tuples(*[st.integers(0, 400_000)] * 4)


def _times(parts: tuple[int, ...], pages: tuple[int, ...]) -> int:
    return sum(one * count for one, count in zip(parts, pages, strict=True))


async def _panel(codes: Iterable[int], pages: tuple[int, ...], *, has_life: bool) -> Answer:
    said = {code: _times(PARTS[code], pages) for code in codes}
    counted = life(sum(pages)) if has_life else {}
    return await answer(IR, canon_codes("1.3.1", said), counted)


@given(st.sets(st.sampled_from(sorted(PARTS)), min_size=1, max_size=8), PAGES, st.booleans())
async def test_whatever_a_panel_shows_its_splits_are_true(
    codes: set[int], pages: tuple[int, ...], has_life: bool
) -> None:
    """A code stands for others only where all pages are known to be of one size."""
    found = await _panel(codes, pages, has_life=has_life)
    for meter, parts in MADE_OF.items():
        if meter in found.meters:
            assert found.meters[meter] == _times(parts, pages), meter


@pytest.mark.parametrize("has_life", [True, False], ids=["life count", "none"])
@pytest.mark.parametrize(
    "codes",
    [
        (101, 109, 112, 124),
        (101, 112, 113, 124),
        (102, 103, 109, 112, 124),
        (102, 103, 109, 122),
        (103, 104, 108, 124),
        (101, 103, 112, 123),
        (101, 102, 112, 123),
        (101, 104, 113, 122),
        (108, 124, 122),
        (103, 113, 123, 122),
        (101, 124, 122),
        (102, 103, 125),
        (101, 108, 124),
    ],
    ids=str,
)
async def test_a_panel_settles_what_it_does_not_show(
    codes: tuple[int, ...], has_life: bool
) -> None:
    pages = (731, 60_017, 409, 21_113)
    found = await _panel(codes, pages, has_life=has_life)
    assert {one: found.meters.get(one) for one in MADE_OF} == {
        one: _times(parts, pages) for one, parts in MADE_OF.items()
    }


async def test_without_its_total_a_panel_is_completed_by_the_life_count() -> None:
    pages = (1_204, 80_330, 918, 33_700)
    for codes in ((102, 109, 112, 124), (109, 112, 124), (112, 113, 124), (124, 122), (108, 124)):
        found = await _panel(codes, pages, has_life=True)
        assert found.meters["total"] == sum(pages)
        assert found.meters["total_color"] == _times(MADE_OF["total_color"], pages), codes
        assert found.meters["total_mono"] == _times(MADE_OF["total_mono"], pages), codes


async def test_an_imagepress_panel_shows_colour_by_job_only() -> None:
    codes = {101: 9_000, 108: 5_500, 403: 40, 404: 2_960, 407: 10, 408: 490}
    found = await answer(IR, canon_codes("1.3.1", codes))
    assert (found.meters["total_mono"], found.meters["total_color"]) == (5_500, 3_500)


SMALL: Final = {"Total 1": 6_120, "Total (Small)": 6_120}
BLACK: Final = {"Total (Black/Small)": 4_000}
COLOR: Final = {"Total (Full Color + Single Color/Small)": 2_120}


@pytest.mark.parametrize(
    ("rows", "mono", "color"),
    [
        (SMALL | BLACK | COLOR, 4_000, 2_120),
        (SMALL | COLOR, 4_000, 2_120),
        (SMALL | BLACK, 4_000, None),
        (SMALL | {"Total 1": 6_121} | COLOR, None, None),
        ({"Total 1": 6_120} | BLACK | COLOR, 4_000, 2_120),
        ({"Total 1": 6_200} | BLACK | COLOR, None, None),
        (SMALL, None, None),
    ],
)
async def test_a_machine_that_printed_small_pages_only(
    rows: dict[str, int], mono: int | None, color: int | None
) -> None:
    found = await answer(MF, canon_named(rows))
    assert found.meters["total"] == rows["Total 1"]
    assert (found.meters.get("total_mono"), found.meters.get("total_color")) == (mono, color)


async def test_the_first_large_page_ends_what_rests_on_there_being_none() -> None:
    said = named("Canon MF746C /P", "1602.4.2") | canon_named(SMALL | BLACK | COLOR)
    session = CaptureSession(values(said))
    plan = await resolve(session, load_profiles())
    later = values(said | canon_named(SMALL | {"Total 1": 6_121} | BLACK | COLOR))
    found = decode(plan, await CaptureSession(later).get(plan.oids))
    assert (found.meters["total"], found.meters.get("total_color")) == (6_121, None)
    assert "total_mono" not in found.meters
