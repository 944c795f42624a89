"""Samsung machines, and HP's of Samsung's make: rows that describe themselves."""

import pytest

from collector.adapters.snmp.client.session import oid
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.reader import ask
from collector.adapters.snmp.reading.resolve import resolve
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.machines import PRINTER, P, Said, answer, devices, life, named, values

PRINT, COPY, FAX_IN, FAX_OUT, SCAN, REPORT, SENT = 1, 2, 3, 4, 5, 6, 11
LETTER, A4, A3, JIS_B4 = 3, 5, 20, 21
SIDES, SHEETS, ITEMS = 7, 8, 18
ONE, TWO = 1, 2
FULL, SINGLE, MONO = 1, 2, 3
CLX = named(
    "Samsung CLX-9821; V11.12.03.06_01-23-2015;Engine V1.00.64 11-27-2014L;NIC ;S/N ZDVXB1CF500",
    "236.11.5.11.62.1",
)

Row = tuple[int, int, int, int, int, int]


def _rows(*rows: Row, device: int = 1) -> Said:
    """Return scmHrDevCountTable: job, size, unit, side, colour, value."""
    found: dict[str, int | str | bytes | tuple[int, ...]] = {}
    for place, cells in enumerate(rows, 1):
        for column, cell in zip((2, 3, 4, 5, 6, 7), cells, strict=True):
            found[f"{P}236.11.5.11.53.11.2.1.{column}.{device}.{place}"] = cell
    return found


COLOR: tuple[Row, ...] = (
    (PRINT, A4, SIDES, ONE, MONO, 500),
    (PRINT, A4, SIDES, TWO, MONO, 200),
    (PRINT, A4, SIDES, ONE, FULL, 300),
    (PRINT, A3, SIDES, ONE, FULL, 40),
    (PRINT, A3, SIDES, ONE, SINGLE, 2),
    (PRINT, A4, SHEETS, TWO, MONO, 100),
    (COPY, A4, SIDES, ONE, MONO, 150),
    (COPY, A3, SIDES, ONE, MONO, 8),
    (COPY, JIS_B4, SIDES, ONE, FULL, 5),
    (FAX_IN, A4, SIDES, ONE, MONO, 60),
    (FAX_OUT, A4, SIDES, ONE, MONO, 999),
    (SCAN, A4, SIDES, ONE, FULL, 70),
    (SENT, A4, SIDES, ONE, FULL, 30),
    (REPORT, A4, SIDES, ONE, MONO, 9),
)


@pytest.mark.parametrize("rows", [COLOR, tuple(reversed(COLOR))])
@pytest.mark.parametrize("device", [1, 4])
async def test_every_row_says_what_it_counts(rows: tuple[Row, ...], device: int) -> None:
    found = await answer(CLX, _rows(*rows, device=device), life(1280))
    who = found.identity
    assert (who.vendor, who.model, who.serial) == ("Samsung", "CLX-9821", "ZDVXB1CF500")
    assert dict(found.meters) == {
        "total": 1280,
        "total_mono": 927,
        "total_color": 347,
        "total_large": 50,
        "duplex_impressions": 200,
        "sheets": 100,
        "print": 1042,
        "print_mono": 700,
        "print_color": 342,
        "copy": 163,
        "copy_mono": 158,
        "copy_color": 5,
        "fax": 60,
        "fax_mono": 60,
        "scan": 70,
        "other": 9,
    }
    assert not found.findings


async def test_the_rows_add_up_to_the_total_where_there_is_no_life_count() -> None:
    found = await answer(CLX, _rows(*COLOR))
    assert found.meters["total"] == 1274


async def test_a_mono_machine_has_no_colour_rows() -> None:
    rows = _rows(
        (PRINT, LETTER, SIDES, ONE, MONO, 20),
        (PRINT, A4, SIDES, ONE, MONO, 5900),
        (COPY, A4, SIDES, ONE, MONO, 53),
        (SCAN, A4, ITEMS, ONE, MONO, 76),
    )
    found = await answer(named("Samsung SCX-483x 5x3x Series; V2.00.01.061", "236.11.5.1"), rows)
    assert dict(found.meters) == {
        "total": 5973,
        "total_mono": 5973,
        "print": 5920,
        "print_mono": 5920,
        "copy": 53,
        "copy_mono": 53,
        "scan": 76,
    }


async def test_a_row_that_names_no_unit_is_no_page() -> None:
    rows = dict(_rows((PRINT, A4, SIDES, ONE, MONO, 500)))
    del rows[P + "236.11.5.11.53.11.2.1.4.1.1"]
    assert dict((await answer(CLX, rows, life(7))).meters) == {"total": 7}


async def test_the_other_table_numbers_its_jobs_otherwise() -> None:
    base = P + "236.11.5.11.55.20.2.1."
    cells = [(9, 1, 7, 400), (9, 2, 7, 100), (3, 1, 7, 50), (8, 1, 7, 30), (9, 1, 8, 250)]
    rows = {
        f"{base}{column}.{place}": cell
        for place, row in enumerate(cells, 1)
        for column, cell in zip((3, 5, 8, 9), row, strict=True)
    }
    found = await answer(CLX, rows, life(555))
    assert dict(found.meters) == {
        "total": 555,
        "print": 500,
        "print_mono": 400,
        "print_color": 100,
        "copy": 50,
        "copy_mono": 50,
        "scan": 30,
    }
    # The first table is whole without it.
    found = await answer(CLX, rows, _rows((PRINT, A4, SIDES, ONE, MONO, 777)), life(777))
    assert (found.meters["print"], "print_color" in found.meters) == (777, False)


async def test_rows_without_a_colour_still_count() -> None:
    said = _rows(
        (PRINT, A4, SIDES, ONE, 0, 500),
        (COPY, A4, SIDES, ONE, 0, 70),
        (FAX_IN, A4, SIDES, ONE, 0, 3),
    )
    found = await answer(CLX, said, life(573))
    assert dict(found.meters) == {"total": 573, "print": 500, "copy": 70, "fax": 3}


async def test_the_rows_are_walked_before_they_are_read() -> None:
    session = FakeSession(values(CLX, _rows(*COLOR), life(1280)))
    plan = await resolve(session, load_profiles())
    session.walks.clear()
    assert decode(plan, await ask(session, plan), "hall").meters["print"] == 1042
    assert set(session.walks) == {oid(P + "236.11.5.11.53.11.2.1.7")}


async def test_simple_scalars() -> None:
    base = P + "236.11.5.11.53.11.1."
    simple = {base + "1.0": 400, base + "2.0": 600}
    found = await answer(CLX, simple, life(1000))
    assert dict(found.meters) == {"total": 1000, "total_color": 400}


async def test_the_life_of_a_roller_is_no_total_even_if_asked_for() -> None:
    legacy = {P + "236.11.5.1.1.3.27.0": 99}
    assert (await answer(CLX, legacy)).meters == {}
    low = await answer(CLX, legacy, profiles=load_profiles(low_confidence=True))
    assert low.meters == {}


@pytest.mark.parametrize(
    ("descr", "model", "firmware"),
    [
        ("Samsung Samsung C48x Series; V3.00.01.07 JUL;S/N 08", "C48x Series", "V3.00.01.07"),
        ("Samsung ML-2850 Series OS 1.03.00.16 01;S/N 4F", "ML-2850 Series", "1.03.00.16"),
        ("Samsung ML-8x00;OS 1.60 Jul 08 2009;Engine 1.00:20;S/N BE58", "ML-8x00", "1.60"),
    ],
)
async def test_names_in_every_way_samsung_wrote_them(descr: str, model: str, firmware: str) -> None:
    who = (await answer(named(descr, "236.11.5.1"), life(1))).identity
    assert (who.vendor, who.model, who.firmware) == ("Samsung", model, firmware)


HP_LASER = "HP Laser MFP 432; V5.00.02.31 OCT-08-2020;Engine V1.00.11;NIC V6.01.01;S/N CNB3P1"


@pytest.mark.parametrize("number", ["236.11.5.1", "11.2.3.9.1", None])
async def test_hp_laser_reads_samsungs_tree(number: str | None) -> None:
    rows = _rows((PRINT, A4, SIDES, ONE, MONO, 5928), (COPY, A4, SIDES, ONE, MONO, 53))
    found = await answer(named(HP_LASER, number), rows, life(5990))
    who = found.identity
    assert (found.profile, who.vendor, who.model, who.serial) == (
        "hp-laser",
        "HP",
        "Laser MFP 432",
        "CNB3P1",
    )
    assert dict(found.meters) == {
        "total": 5990,
        "total_mono": 5981,
        "print": 5928,
        "print_mono": 5928,
        "copy": 53,
        "copy_mono": 53,
    }


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("HP Color Laser MFP 178 179", "hp-laser"),
        ("HP Laser 107w", "hp-laser"),
        ("HP LaserJet MFP M227fdw", "hp"),
        ("HP Color LaserJet M452nw", "hp"),
    ],
)
async def test_laser_is_not_laserjet(name: str, profile: str) -> None:
    rows = devices(i1=(PRINTER, name, ""))
    found = await answer(named("HP ETHERNET MULTI-ENVIRONMENT", "11.2.3.9.1"), rows, life(3))
    assert (found.profile, found.identity.vendor) == (profile, "HP")


async def test_a_workcentre_of_samsungs_make_is_sold_by_xerox() -> None:
    descr = "Xerox WorkCentre 3220 ; OS 1.50.01.51 Dec-20-2010;Engine 1.03;NIC V4;S/N 3961"
    found = await answer(named(descr, "236.11.5.1"), life(3))
    assert (found.profile, found.identity.vendor) == ("samsung", "Xerox")
    assert found.identity.model == "WorkCentre 3220"
