"""Epson machines, made up from what usage pages say of the private counters."""

from collections.abc import Mapping

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from tests.unit.snmp.machines import PRINTER, P, Said, answer, devices, life, named

EPSON = P + "1248.1.2.2."
WORKFORCE = named("EPSON Built-in 11b/g/n Print Server", "1248.1.1.2.1.3.5.69.69.80.83.50")


def _totals(mono: int | None, color: int | None) -> Said:
    cells = {"3": mono, "4": color}
    return {f"{EPSON}27.1.1.{n}.1.1": value for n, value in cells.items() if value is not None}


def _functions(rows: Mapping[int, tuple[int | str | None, int, int | None]]) -> Said:
    """Return the function table: row to its function, all pages and colour pages."""
    found: dict[str, int | str | bytes | tuple[int, ...]] = {}
    for row, (job, every, color) in rows.items():
        if job is not None:
            found[f"{EPSON}27.6.1.2.1.1.{row}"] = job
        found[f"{EPSON}27.6.1.4.1.1.{row}"] = every
        if color is not None:
            found[f"{EPSON}27.6.1.5.1.1.{row}"] = color
    return found


async def test_a_business_inkjet_bills_black_and_white_plus_colour() -> None:
    found = await answer(
        WORKFORCE,
        devices(i1=(PRINTER, "EPSON WF-C878R Series", P + "1248.1.2.1.10.87")),
        {EPSON + "1.1.1.2.1": "WF-C878R Series", EPSON + "1.1.1.5.1": "X5AB000123"},
        _totals(4000, 6000),
        _functions({1: (1, 7000, 5200), 2: (2, 2980, 790), 3: (3, 12, 2), 4: (0, 8, 8)}),
        life(10250),
    )
    who = found.identity
    assert (who.vendor, who.model, who.serial) == ("EPSON", "WF-C878R Series", "X5AB000123")
    assert dict(found.meters) == {
        "total": 10000,
        "total_mono": 4000,
        "total_color": 6000,
        "engine_total": 10250,
        "print": 7000,
        "print_mono": 1800,
        "print_color": 5200,
        "copy": 2980,
        "copy_mono": 2190,
        "copy_color": 790,
        "fax": 12,
        "fax_mono": 10,
        "fax_color": 2,
        "other": 8,
    }
    assert not found.findings


@pytest.mark.parametrize("words", [(1, 2, 3), ("Print", "Copy", "Fax")])
async def test_the_function_decides_wherever_its_row_stands(words: tuple[int | str, ...]) -> None:
    printed, copied, faxed = words
    rows = {1: (faxed, 30, 0), 2: (printed, 700, 500), 5: (copied, 270, 90)}
    found = await answer(WORKFORCE, _totals(410, 590), _functions(rows))
    meters = dict(found.meters)
    assert (meters["print"], meters["copy"], meters["fax"]) == (700, 270, 30)
    assert (meters["copy_color"], meters["copy_mono"]) == (90, 180)


async def test_a_printer_has_memory_in_its_second_row() -> None:
    rows = {1: (1, 700, 500), 2: (0, 20, 5), 3: (0, 1, 0)}
    found = await answer(WORKFORCE, _totals(215, 506), _functions(rows), life(721))
    assert dict(found.meters) == {
        "total": 721,
        "total_mono": 215,
        "total_color": 506,
        "engine_total": 721,
        "print": 700,
        "print_mono": 200,
        "print_color": 500,
        "other": 21,
    }


async def test_rows_that_say_nothing_of_their_function_go_by_number() -> None:
    rows = {1: (None, 4900, 3900), 2: (None, 3200, 230), 3: (None, 20, 0)}
    found = await answer(WORKFORCE, _totals(3970, 4140), _functions(rows))
    assert dict(found.meters) == {
        "total": 8110,
        "total_mono": 3970,
        "total_color": 4140,
        "print": 4900,
        "print_mono": 1000,
        "print_color": 3900,
        "copy": 3200,
        "copy_mono": 2970,
        "copy_color": 230,
    }


async def test_a_mono_multifunction_has_no_colour_column() -> None:
    rows = {1: (1, 238, None), 2: (2, 260, None), 3: (3, 17, None), 4: (0, 5, None)}
    found = await answer(WORKFORCE, _totals(520, 0), _functions(rows))
    assert dict(found.meters) == {
        "total": 520,
        "total_mono": 520,
        "total_color": 0,
        "print": 238,
        "copy": 260,
        "fax": 17,
        "other": 5,
    }


async def test_a_mono_machine() -> None:
    found = await answer(WORKFORCE, _totals(900, 0), life(905))
    assert dict(found.meters) == {
        "total": 900,
        "total_mono": 900,
        "total_color": 0,
        "engine_total": 905,
    }
    found = await answer(WORKFORCE, _totals(900, None), life(905))
    assert dict(found.meters) == {"total": 905, "total_mono": 900}


async def test_a_model_that_does_not_keep_its_colours_answers_zero() -> None:
    found = await answer(WORKFORCE, _totals(0, 0), life(7389))
    assert dict(found.meters) == {"total": 7389}
    assert dict((await answer(WORKFORCE, _totals(12, None))).meters) == {
        "total": 12,
        "total_mono": 12,
    }


async def test_a_laser_has_its_life_count_alone() -> None:
    found = await answer(named("EPSON AL-M400", "1248.1.1.2.1.3.5.1"), life(5))
    assert (found.profile, dict(found.meters)) == ("epson", {"total": 5})


async def test_large_paper_by_its_name() -> None:
    names = {1: "A3/Ledger", 2: "A4/Letter", 3: "B4/Legal", 4: "A3+"}
    counts, colors = {1: 40, 2: 900, 3: 70, 4: 5}, {1: 30, 2: 500, 3: 60, 4: 5}
    found = await answer(
        WORKFORCE,
        _totals(420, 595),
        {f"{EPSON}6.1.1.2.1.{row}": name for row, name in names.items()},
        {f"{EPSON}6.1.1.4.1.{row}": value for row, value in counts.items()},
        {f"{EPSON}6.1.1.5.1.{row}": value for row, value in colors.items()},
    )
    assert (found.meters["total_large"], found.meters["total_color_large"]) == (45, 35)
    assert found.meters["total_mono_large"] == 10


async def test_contradicted_counters_are_read_only_when_asked_for() -> None:
    cells = {EPSON + "27.1.1.30.1.1": 77, EPSON + "27.1.1.33.1.1": 2, EPSON + "27.1.1.6.1.1": 9}
    assert dict((await answer(WORKFORCE, _totals(1, 2), cells)).meters) == {
        "total": 3,
        "total_mono": 1,
        "total_color": 2,
    }
    low = await answer(WORKFORCE, _totals(1, 2), cells, profiles=load_profiles(low_confidence=True))
    assert low.meters["duplex"] == 77


async def test_the_device_number_names_epson_where_the_agent_has_none() -> None:
    rows = devices(i1=(PRINTER, "LX-10010MF", P + "1248.1.2.1.10.76"))
    assert (await answer(rows, life(3))).profile == "epson"


@pytest.mark.parametrize("number", ["1248.4.1", "1248.1.1.2.1.3.22.5"])
async def test_projectors_and_scanner_servers_are_no_printers(number: str) -> None:
    assert (await answer(named("EPSON Network", number))).profile == "generic"


ICE = {"33": 20_500, "6": 12_000, "4": 8_500}


@pytest.mark.parametrize(
    ("cells", "more"),
    [
        (ICE, {}),
        (ICE, life(20_900)),
        (ICE | {"3": 7, "30": 9}, {}),
        ({"33": 20_500, "6": 12_000}, {}),
        ({"33": 20_500, "4": 8_500}, {}),
        ({"6": 12_000, "4": 8_500}, {}),
    ],
)
async def test_an_office_inkjet_states_its_total_and_black_pages(
    cells: Mapping[str, int], more: Said
) -> None:
    said = {f"{EPSON}27.1.1.{at}.1.1": value for at, value in cells.items()}
    found = await answer(WORKFORCE, said, more)
    totals = [found.meters[one] for one in ("total", "total_mono", "total_color")]
    assert totals == [20_500, 12_000, 8_500]


async def test_something_else_at_33_is_no_total() -> None:
    said = {EPSON + "27.1.1.33.1.1": 2, EPSON + "27.1.1.34.1.1": 1}
    found = await answer(WORKFORCE, said, life(7_389))
    assert dict(found.meters) == {"total": 7_389}
    ice = {f"{EPSON}27.1.1.{at}.1.1": value for at, value in (ICE | {"33": 3}).items()}
    found = await answer(WORKFORCE, ice, life(20_900))
    assert found.meters["total"] == 20_900
