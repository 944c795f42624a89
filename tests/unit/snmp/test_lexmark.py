"""Lexmark machines and their relatives, made up from the LEXMARK-MPS-MIB."""

from collections.abc import Sequence

import pytest

from collector.domain.counting.findings import Code
from tests.unit.snmp.machines import PRINTER, P, Said, answer, devices, life, named

SIDES, SHEETS, ITEMS = 4, 5, 3
PICKED, SAFE, MONO, COLOR, HELD, USB = 1, 2, 3, 4, 5, 6
PRINT, PRINT_MONO, PRINT_COLOR = 16, 17, 18
COPY, COPY_MONO, COPY_COLOR, FAX, FAX_MONO, FAX_COLOR, PAGES = 32, 33, 34, 48, 49, 50, 80
XC = named("Lexmark XC4240 version CXTZJ.221.036 kernel 4.17.19-yocto All-N-1", "641.2.71107172")


def _counts(*rows: tuple[int, int, int], tree: str = "641.", device: int = 1) -> Said:
    """Return paperGeneralCountTable in this order: (type, unit, value)."""
    found: dict[str, int | str | bytes | tuple[int, ...]] = {}
    for place, cells in enumerate(rows, 1):
        for column, cell in zip((2, 3, 4), cells, strict=True):
            found[f"{P}{tree}6.4.2.1.1.{column}.{device}.{place}"] = cell
    return found


def _table(base: str, columns: Sequence[int], *rows: Sequence[int]) -> Said:
    return {
        f"{P}{base}.{column}.1.{place}": cell
        for place, cells in enumerate(rows, 1)
        for column, cell in zip(columns, cells, strict=True)
    }


ROWS = [
    (PICKED, SHEETS, 700),
    (PICKED, SIDES, 1210),
    (SAFE, SHEETS, 690),
    (SAFE, SIDES, 1200),
    (MONO, SIDES, 800),
    (COLOR, SIDES, 400),
    (HELD, SIDES, 33),
    (USB, SIDES, 44),
    (PRINT, SIDES, 900),
    (PRINT_MONO, SIDES, 600),
    (PRINT_COLOR, SIDES, 300),
    (COPY, SIDES, 250),
    (COPY_MONO, SIDES, 150),
    (COPY_COLOR, SIDES, 100),
    (FAX, SIDES, 50),
    (FAX_MONO, SIDES, 48),
    (FAX_COLOR, SIDES, 2),
    (PAGES, SIDES, 1203),
]


@pytest.mark.parametrize("rows", [ROWS, list(reversed(ROWS)), ROWS[7:] + ROWS[:7]])
@pytest.mark.parametrize("device", [1, 3])
async def test_types_and_units_decide_wherever_the_rows_stand(
    rows: list[tuple[int, int, int]], device: int
) -> None:
    found = await answer(XC, _counts(*rows, device=device), life(1215))
    assert (found.profile, found.identity.vendor, found.identity.model) == (
        "lexmark",
        "Lexmark",
        "XC4240",
    )
    assert dict(found.meters) == {
        "total": 1200,
        "total_mono": 800,
        "total_color": 400,
        "engine_total": 1215,
        "sheets": 690,
        "print": 900,
        "print_mono": 600,
        "print_color": 300,
        "copy": 250,
        "copy_mono": 150,
        "copy_color": 100,
        "fax": 50,
        "fax_mono": 48,
        "fax_color": 2,
    }
    assert not found.findings


async def test_a_mono_machine_leaves_its_colour_rows_out() -> None:
    found = await answer(
        named("Lexmark MX511de version LW63.SB7.P630 kernel 3.0.0 All-N-1", "641.2.71107174"),
        _counts((PICKED, SIDES, 95), (SAFE, SIDES, 90), (MONO, SIDES, 90), (PRINT, SIDES, 60)),
    )
    assert dict(found.meters) == {"total": 90, "total_mono": 90, "print": 60}


async def test_sheets_and_items_are_never_taken_for_sides() -> None:
    found = await answer(XC, _counts((SAFE, SHEETS, 690), (PRINT, ITEMS, 5)), life(1215))
    assert dict(found.meters) == {"total": 1215, "sheets": 690}


async def test_what_stands_in_for_a_total_that_is_not_answered() -> None:
    halves = _counts((MONO, SIDES, 800), (COLOR, SIDES, 400))
    sides = _table("641.6.4.2.2.1", (2, 6, 7), (68, 700, 350), (67, 60, 30))
    pages, old = _counts((PAGES, SIDES, 1203)), {P + "641.2.1.5.1.0": 1111}
    for said, total in (
        ((halves, sides, old), 1200),
        ((pages, sides, old), 1140),
        ((pages, old), 1203),
        ((old,), 1111),
    ):
        found = await answer(XC, *said, life(1215))
        assert (found.meters["total"], found.meters["engine_total"]) == (total, 1215)


async def test_picked_is_not_printed() -> None:
    found = await answer(XC, _counts((PICKED, SIDES, 1210)))
    assert found.meters == {}
    assert found.findings[0].code is Code.TOTAL_MISSING


async def test_large_paper_and_scans() -> None:
    sides = _table(
        "641.6.4.2.2.1",
        (2, 3, 4, 5, 6, 7),
        (68, 3, 0, 0, 700, 350),  # A4
        (67, 3, 99, 99, 60, 30),  # A3
        (14, 11, 0, 0, 5, 2),  # tabloid, preprinted
        (140, 3, 0, 0, 35, 18),  # JIS B4 is small
    )
    scanned = _table(
        "641.6.4.3.1.1", (2, 3, 4, 5), (1, 68, 10, 10), (259, 68, 4, 4), (772, 68, 6, 3)
    )
    found = await answer(XC, _counts(*ROWS[:6]), sides, scanned)
    assert (found.meters["total_mono_large"], found.meters["total_color_large"]) == (65, 32)
    assert (found.meters["total_large"], found.meters["scan"]) == (97, 20)


async def test_old_scalars_are_a_family_of_their_own() -> None:
    old = {f"{P}641.2.1.5.{row}.0": value for row, value in ((1, 500), (2, 300), (3, 200))}
    name = named("Lexmark C544 version NR.APS.N447 kernel 2.6.18 All-N-1", "641.2.71106854")
    found = await answer(name, old, life(509))
    assert dict(found.meters) == {
        "total": 500,
        "total_mono": 300,
        "total_color": 200,
        "engine_total": 509,
    }
    del old[P + "641.2.1.5.3.0"]
    assert dict((await answer(name, old)).meters) == {"total": 500, "total_mono": 300}
    # The newer table is whole without them.
    found = await answer(name, old, _counts((SAFE, SIDES, 520)))
    assert dict(found.meters) == {"total": 520}


@pytest.mark.parametrize("tree", ["641.", "674.10898.100."])
async def test_dell_of_lexmarks_make(tree: str) -> None:
    found = await answer(
        named("Dell B5465dnf version LW61.PRL.P538 kernel 3.0.0 All-N-1", "674.10898.2.100.7"),
        devices(i1=(PRINTER, "Dell B5465dnf", "")),
        {P + tree + "2.1.2.1.6.1": "7XQ1R92"},
        _counts((SAFE, SIDES, 90), (MONO, SIDES, 90), tree=tree),
    )
    who = found.identity
    assert (found.profile, who.vendor, who.model, who.serial) == (
        "lexmark",
        "Dell",
        "B5465dnf",
        "7XQ1R92",
    )
    assert dict(found.meters) == {"total": 90, "total_mono": 90}


async def test_other_dells_are_not_lexmarks() -> None:
    name = named("Dell 3130cn Color Laser; Net 11.35, Controller 200912281420", "674.10898.2.100.9")
    found = await answer(name, life(5))
    assert (found.profile, found.identity.vendor, found.identity.model) == (
        "generic",
        "Dell",
        "3130cn Color Laser",
    )
