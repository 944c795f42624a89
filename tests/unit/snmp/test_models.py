"""Rated speeds and wraps: from a machine's own words, from its model, or not at all."""

from pathlib import Path

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reread import reread
from collector.domain.meters import TOTAL
from collector.errors import ConfigError
from tests.unit.snmp.machines import P, Said, answer, life, named
from tests.unit.snmp.maker_tables import canon_codes, xerox_rows
from tests.unit.snmp.own import HEAD, own

ACME = named("ACME A-3050", "99999.1")
MODEL = {"1.3.6.1.2.1.25.3.2.1.2.1": (1, 3, 6, 1, 2, 1, 25, 3, 1, 5)}


def machine(descr: str, number: str) -> Said:
    return named(descr, number) | MODEL | {"1.3.6.1.2.1.25.3.2.1.3.1": descr}


@pytest.mark.parametrize(
    ("descr", "number", "ipm"),
    [
        ("Canon iR-ADV C3525 /P", "1602.4.7", 25),
        ("Canon iR-ADV DX C5860 /P", "1602.4.7", 60),
        ("Canon iR-ADV 4551 /P", "1602.4.7", 51),
        ("Canon iR-ADV C356 /P", "1602.4.7", 35),
        ("Canon iR-ADV 8505 /P", "1602.4.7", None),
        ("Canon MF746C /P", "1602.4.2", None),
        ("RICOH IM C6000 1.02", "367.1.1", 60),
        ("RICOH MP 4055 1.02", "367.1.1", 40),
        ("RICOH SP 4510DN 1.02", "367.1.1", None),
        ("KONICA MINOLTA bizhub C458", "18334.1.1.1.2.1.100.1.1", 45),
        ("KONICA MINOLTA bizhub 227", "18334.1.1.1.2.1.100.1.1", 22),
        ("SHARP MX-4071", "2385.3.1.100.1.1", 40),
        ("SHARP BP-50C31", "2385.3.1.100.1.1", 31),
        ("TOSHIBA e-STUDIO3515AC", "1129.2.3.45.1", 35),
        ("TOSHIBA e-STUDIO5008A", "1129.2.3.45.1", 50),
        ("FUJI XEROX ApeosPort-VII C3373", "297.1.11.93.1.1", 35),
        ("FUJIFILM ApeosPort C4570", "297.1.11.93.1.1", 45),
        ("FUJIFILM Apeos C325", "297.1.11.93.1.1", None),
        ("Xerox AltaLink C8145; SS 111.009.009.23310", "253.8.62.1.20.9.1.1", 45),
        ("Xerox WorkCentre 7835 v1; SS 1", "253.8.62.1.20.9.1.1", 35),
        ("ACME Copier, up to 42 ppm", "99999.1", 42),
        ("ACME Copier 4200", "99999.1", None),
    ],
)
async def test_the_name_of_a_model_says_how_fast_it_is(
    descr: str, number: str, ipm: int | None
) -> None:
    assert (await answer(machine(descr, number), life(5))).rated_ipm == ipm


@pytest.mark.parametrize(
    ("model", "ipm"),
    [
        ("TASKalfa 2553ci", 25),
        ("TASKalfa 8003i", 80),
        ("TASKalfa 356ci", 35),
        ("ECOSYS M5526cdw", 26),
        ("ECOSYS P3155dn", 55),
        ("ECOSYS MA5500ifx", 55),
        ("CS 4053ci", 40),
        ("3060i", None),
        ("FS-C5250DN", None),
    ],
)
async def test_kyocera_names_its_speed(model: str, ipm: int | None) -> None:
    said = machine("KYOCERA Document Solutions Printing System", "1347.41")
    said |= {"1.3.6.1.2.1.25.3.2.1.3.1": model, "1.3.6.1.2.1.43.5.1.1.16.1": model}
    found = await answer(said, life(5))
    assert found.rated_ipm == (30 if model == "3060i" else ipm)


async def test_a_machines_own_words_come_before_its_name() -> None:
    said = machine("RICOH IM C3000 1.02", "367.1.1")
    assert (await answer(said, life(5))).rated_ipm == 30
    words = {P + "2699.1.2.1.2.1.1.3.1": "MFG:RICOH;MDL:IM C3000;DES:IM C3000 colour 31 ppm;"}
    assert (await answer(said, words, life(5))).rated_ipm == 31
    name = {"1.3.6.1.2.1.43.5.1.1.16.1": "Lobby (32 pages per minute)"}
    found = await answer(said, name, life(5))
    assert found.rated_ipm == 32
    assert reread(found, load_profiles().by_id["ricoh"])[0].rated_ipm in {30, 32}


async def test_an_own_profile_says_it_for_all_its_machines(tmp_path: Path) -> None:
    speed = """
[[models]]
model = 'A-(30)'
source = "its data sheet"
"""
    (tmp_path / "acme.toml").write_text("rated_ipm = 20\n" + HEAD + speed, "utf-8")
    assert (await answer(ACME, life(5), profiles=load_profiles(tmp_path))).rated_ipm == 20
    found = await answer(ACME, MODEL, life(5), profiles=own(tmp_path, speed))
    assert found.rated_ipm is None  # it does not say its model
    named_it = {"1.3.6.1.2.1.25.3.2.1.3.1": "A-3050"}
    found = await answer(ACME, MODEL, named_it, life(5), profiles=own(tmp_path, speed))
    assert found.rated_ipm == 30
    unsure = speed + 'confidence = "L"\n'
    found = await answer(ACME, MODEL, named_it, life(5), profiles=own(tmp_path, unsure))
    assert found.rated_ipm is None


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("model = '(A)-(3)'", "models[0].model: must have at most one group"),
        ("model = 'A-(3)'\nipm = 30", "models[0].ipm: is said twice"),
        ("model = 'A-3'", "models[0].model: says nothing of its models"),
        ("model = 'A-3'\nwrap = 5", "models[0].wrap: must be at least 10000"),
        ("ipm = 30", "models[0]: "),
        ("model = 'A'\nwords = 'B'\nipm = 3", "models[0]: "),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, line: str, wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        own(tmp_path, f'[[models]]\n{line}\nsource = "its data sheet"\n')
    told = "\n".join(f"{one.path}: {one.message}" for one in caught.value.problems)
    assert wrong in told


def test_a_fact_about_models_has_a_source(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        own(tmp_path, "[[models]]\nmodel = 'A-(3)'\n")
    assert "models[0].source" in str(caught.value)


HP = P + "11.2.3.9.4.2.1.4.1.2."


async def test_wraps_that_makers_document() -> None:
    canon = await answer(named("Canon iR-ADV C3525 /P", "1602.4.7"), canon_codes("1.3.1", {101: 9}))
    assert canon.wraps[TOTAL] == 10**8
    phaser = named("Xerox Phaser 6280N; System 1.1", "253.8.62.1.3.1")
    found = await answer(phaser, xerox_rows([(1, 1, 77, "Total Impressions")]))
    assert found.wraps[TOTAL] == 10**7
    laser = machine("HP LaserJet P3015", "11.2.3.9.1")
    assert (await answer(laser, {HP + "5.0": 900_000})).wraps[TOTAL] == 10**6
    old = machine("HP LaserJet 4050 Series", "11.2.3.9.1")
    assert (await answer(old, {HP + "5.0": 900_000})).wraps[TOTAL] == 2**24
    colour = machine("HP Color LaserJet 4500", "11.2.3.9.1")
    assert (await answer(colour, {HP + "5.0": 900_000})).wraps[TOTAL] == 2**24


async def test_a_counter_beyond_its_wrap_has_another_or_none() -> None:
    laser = machine("HP LaserJet P3015", "11.2.3.9.1")
    found = await answer(laser, {HP + "5.0": 1_200_000})
    assert (found.meters[TOTAL], TOTAL in found.wraps) == (1_200_000, False)
