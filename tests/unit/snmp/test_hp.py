"""HP machines, made up from HP's MIBs and from how recorded ones answer."""

import struct

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from collector.domain.counting.findings import Code
from tests.unit.snmp.machines import LIFE, PRINTER, P, Said, answer, devices, life, named

PML = P + "11.2.3.9.4.2.1."
ENGINE = PML + "4.1.2."
USAGE = PML + "1.16."
SCANNER = PML + "2.2.1."
JETDIRECT = named("HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD153", "11.2.3.9.1")


def _engine(**rows: int) -> Said:
    return {f"{ENGINE}{name.removeprefix('e')}.0": value for name, value in rows.items()}


def _modes(column: int, *pages: int) -> Said:
    return {f"{USAGE}4.1.{column}.{mode}.0": value for mode, value in enumerate(pages, 1)}


def _float(value: float) -> bytes:
    return struct.pack(">f", value)


async def test_families_are_never_mixed() -> None:
    old = _engine(e5=100, e6=60, e7=40)
    new = {
        USAGE + "1.9.0": 95,
        USAGE + "4.1.1.1.0": 50,
        USAGE + "4.1.1.35.0": 6,
        USAGE + "4.1.3.1.0": 39,
    }
    both = await answer(JETDIRECT, old, new, life(101))
    assert (both.meters["total"], both.meters["engine_total"]) == (95, 101)
    assert (both.meters["total_mono"], both.meters["total_color"]) == (56, 39)
    only_old = await answer(JETDIRECT, old, life(101))
    assert dict(only_old.meters) == {
        "total": 100,
        "total_mono": 60,
        "total_color": 40,
        "engine_total": 101,
    }


async def test_the_sum_of_the_modes_is_the_total_where_no_total_is_answered() -> None:
    whole = _modes(1, 70, 0, 5), _modes(3, 20, 5), _modes(5, 90, 5, 5)
    found = await answer(JETDIRECT, *whole, life(101))
    assert (found.meters["total"], found.meters["total_mono"], found.meters["total_color"]) == (
        100,
        75,
        25,
    )
    found = await answer(JETDIRECT, *whole[:2], life(101))
    assert found.meters["total"] == 100


async def test_a_mono_futuresmart_has_no_colour() -> None:
    found = await answer(JETDIRECT, {USAGE + "1.9.0": 400}, _modes(1, 390, 10), life(404))
    assert dict(found.meters) == {"total": 400, "total_mono": 400, "engine_total": 404}


async def test_a_small_mono_laserjet() -> None:
    found = await answer(
        named(
            "HP ETHERNET MULTI-ENVIRONMENT,SN:VNC3X00001,FN:4Q8,SVCID:3,PID:HP LaserJet MFP M132nw",
            "11.2.3.9.1",
        ),
        devices(i1=(PRINTER, "HP LaserJet MFP M132nw", P + "11.2.3.9.1.2.127")),
        _engine(e5=1523, e6=1523, e22=12),
        {SCANNER + "44.0": 30, SCANNER + "74.0": 119, SCANNER + "45.0": 10884743},
        {
            P + "11.2.3.9.1.1.7.0": "MFG:HP;MDL:HP LaserJet MFP M129-M134;CLS:PRINTER;",
            PML + "1.3.2.0": b"\x01\x15HP LaserJet MF\n50 20 20 4D 1 3 32 6E 77 ",
            PML + "1.3.3.0": b"\x01\x15VNC3X00001",
        },
        life(1523),
    )
    who = found.identity
    assert (who.vendor, who.model, who.serial) == ("HP", "LaserJet MFP M132nw", "VNC3X00001")
    assert dict(found.meters) == {
        "total": 1523,
        "total_mono": 1523,
        "engine_total": 1523,
        "duplex_sheets": 12,
        "scan": 149,
    }


@pytest.mark.parametrize("prefix", [b"\x01\x15", b"\xfd\xe8", b""])
async def test_private_texts_with_and_without_a_symbol_set(prefix: bytes) -> None:
    texts = {PML + "1.3.2.0": prefix + b"HP PageWide P77740", PML + "1.3.3.0": prefix + b"CNX1"}
    found = await answer(JETDIRECT, texts, life(7))
    assert (found.identity.model, found.identity.serial) == ("PageWide P77740", "CNX1")


async def test_colour_scalars_without_a_total_use_the_life_count_they_add_up_to() -> None:
    found = await answer(JETDIRECT, _engine(e6=60, e7=40), life(100))
    assert dict(found.meters) == {"total": 100, "total_mono": 60, "total_color": 40}
    found = await answer(JETDIRECT, _engine(e6=60, e7=40))
    assert found.meters["total"] == 100


async def test_mono_is_total_less_colour_where_only_colour_is_answered() -> None:
    found = await answer(JETDIRECT, _engine(e5=100, e7=40))
    assert dict(found.meters) == {"total": 100, "total_mono": 60, "total_color": 40}


async def test_scans_need_both_halves_of_the_scanner() -> None:
    found = await answer(JETDIRECT, _engine(e5=9), {SCANNER + "74.0": 119})
    assert dict(found.meters) == {"total": 9}


async def test_copies_and_received_faxes_of_a_multifunction() -> None:
    found = await answer(
        JETDIRECT, _engine(e5=900), {SCANNER + "63.0": 200, PML + "3.7.1.32.0": 50}, life(900)
    )
    assert (found.meters["copy"], found.meters["fax"]) == (200, 50)


async def test_clicks_are_no_faces() -> None:
    clicks = {
        USAGE + "1.9.0": 1000,
        USAGE + "1.47.13.0": _float(1420.5),
        USAGE + "1.44.1.1.0": _float(800.9),
        USAGE + "1.44.2.1.0": _float(400.2),
        USAGE + "1.44.13.2.0": _float(219.4),
        USAGE + "1.44.1.3": _float(12.0),
    }
    found = await answer(JETDIRECT, clicks)
    assert dict(found.meters) == {"total": 1000}
    low = await answer(JETDIRECT, clicks, profiles=load_profiles(low_confidence=True))
    assert dict(low.meters) == {
        "total": 1000,
        "print_mono": 800,
        "print_color": 400,
        "copy": 219,
        "fax_mono": 12,
    }


async def test_an_officejet_with_device_zero_and_no_sysobjectid_to_speak_of() -> None:
    found = await answer(
        named("HP ETHERNET MULTI-ENVIRONMENT"),
        {"1.3.6.1.2.1.1.2.0": (2, 559140540, 811937840)},
        {"1.3.6.1.2.1.43.5.1.1.17.0": "CN2BVBXG5J", LIFE + ".0.1": 4321},
        {"1.3.6.1.2.1.43.10.2.1.3.0.1": 7},
    )
    assert (found.profile, found.identity.vendor, found.identity.serial) == (
        "hp",
        "HP",
        "CN2BVBXG5J",
    )
    assert dict(found.meters) == {"total": 4321}


async def test_the_model_may_stand_in_sysdescr_alone() -> None:
    descr = "HP ETHERNET MULTI-ENVIRONMENT,SN:X,FN:Y,SVCID:Z,PID:HP LaserJet 400 M401dne"
    found = await answer(named(descr, "11.2.3.9.1"), life(183))
    assert found.identity.model == "LaserJet 400 M401dne"
    renamed = await answer(named(descr.replace("HP LaserJet 400", "Front desk"), "11.2.3.9.1"))
    assert renamed.identity.model is None


@pytest.mark.parametrize(
    ("descr", "said", "vendor"),
    [
        ("HP ETHERNET MULTI-ENVIRONMENT", "MFG:Xerox;MDL:Phaser 3500;", "Xerox"),
        ("HP ETHERNET MULTI-ENVIRONMENT", "MFG:Samsung;MDL:ML-3560;", "Samsung"),
        ("JETDIRECT", "MFG:OKI;MDL:B430;", "OKI"),
    ],
)
async def test_a_print_server_of_hps_in_a_machine_of_another_maker(
    descr: str, said: str, vendor: str
) -> None:
    found = await answer(
        named(descr, "11.2.3.9.1"), {P + "11.2.3.9.1.1.7.0": said}, _engine(e5=7), life(95)
    )
    assert found.identity.vendor == vendor
    assert dict(found.meters) == {"total": 95}


async def test_an_hp_that_counts_nothing_says_so() -> None:
    found = await answer(JETDIRECT)
    assert [one.code for one in found.findings] == [Code.TOTAL_MISSING]
