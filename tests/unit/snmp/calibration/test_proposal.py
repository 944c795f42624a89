"""The profile that comes of a calibration: what it says, for whom, and that it reads the panel."""

from pathlib import Path

import pytest

from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.resolve import resolve
from collector.calibration.machine import PROVED
from collector.calibration.proposal import Beside, ProfileProposal, propose
from collector.domain.counting.findings import Code
from collector.domain.counting.reading import Answer
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.calibration.panels import (
    ACME,
    NAMED,
    SIGNED,
    examined,
    first_round,
    later_round,
    panel,
    proposal,
)
from tests.unit.snmp.machines import KYOCERA, PRINTER, Said, devices, life, named, values
from tests.wording import english

T = f"{ACME}5.1."
TABLE: Said = {
    f"{T}2.1": "Copies",
    f"{T}2.2": "Prints",
    f"{T}9.1": 38_804,
    f"{T}9.2": 82_214,
    f"{ACME}8.0": 121_018,
}


def kyocera(firmware: str = "2V8_1.0", service: int = 76_064) -> list[Said]:
    return [
        named("KYOCERA Document Solutions Printing System", "1347.41"),
        devices(
            i1=(PRINTER, "TASKalfa 9", "1.3.6.1.4.1.1347.43.1"),
            i2=("", "TASKalfa 9", "1.3.6.1.4.1.1347.44.1"),
        ),
        life(76_498),
        {
            f"{KYOCERA}43.5.1.1.28.1": "RVP0Y11833",
            f"{KYOCERA}43.5.1.1.1.1": "TASKalfa 9",
            f"{KYOCERA}43.5.4.1.5.1.1": firmware,
            f"{KYOCERA}43.10.1.1.12.1.1": service,
            f"{KYOCERA}42.3.1.1.1.1.1": 43_000,
            f"{KYOCERA}42.3.1.1.1.1.2": 33_064,
        },
    ]


async def read(machine: dict[Oid, Value], folder: Path) -> Answer:
    session = FakeSession(machine)
    plan = await resolve(session, load_profiles(folder))
    return decode(plan, await session.get(plan.oids), "hall")


async def test_the_file_reads_the_panel_and_only_for_this_model(tmp_path: Path) -> None:
    made = await proposal(NAMED, life(121_100), TABLE, total=121_018, copy=38_804, print=82_214)
    assert made.recognition.id == "proved-acme-a-100"
    (tmp_path / made.file_name).write_text(made.text, "utf-8")
    answer = await read(values(NAMED, life(121_100), TABLE), tmp_path)
    assert answer.profile == "proved-acme-a-100"
    assert answer.meters == {"total": 121_018, "copy": 38_804, "print": 82_214}
    assert {one.confidence for one in answer.provenance.values()} == {"H"}
    other = {**NAMED, "1.3.6.1.2.1.25.3.2.1.3.1": "ACME A-1000"}
    assert (await read(values(other, life(121_100), TABLE), tmp_path)).profile == "generic"
    moved = {
        **TABLE,
        f"{T}2.1": "Prints",
        f"{T}2.2": "Copies",
        f"{T}9.1": 82_300,
        f"{T}9.2": 39_000,
    }
    again = await read(values(NAMED, life(121_100), moved), tmp_path)
    assert (again.meters["copy"], again.meters["print"]) == (39_000, 82_300)


async def test_the_text_is_what_a_person_would_write() -> None:
    made = await proposal(NAMED, life(121_100), TABLE, total=121_018, copy=38_804)
    assert (
        made.text
        == f"""\
# Written by copier-fleet calibrate: counters that equal the figures on the panel.
# Edit it as you like; profiles are explained in makers/README.md of the package.
format = 1
id = "proved-acme-a-100"
about = "ACME A-100, compared with its panel"
source = "compared with the panel on 2026-11-25 by Sato"
include = ["generic"]
priority = 100

[[match]]
object_id = "1.3.6.1.4.1.99999.1"
model = "^ACME A-100$"

[proved]
on = 2026-11-25
model = "ACME A-100"
note = "by Sato: total 121018, copy 38804"

[scalars.at_99999_8_0]
oid = "{ACME}8.0"

[tables.labels_99999_5_1_9]
at = [{{value = "{T}9", label = "{T}2"}}]

[tables.labels_99999_5_1_9.rows]
copies = {{label = "Copies"}}

[meters]
total = {{of = "at_99999_8_0", confidence = "H"}} # panel: 121,018
copy = {{of = "labels_99999_5_1_9[copies]", confidence = "H"}} # panel: 38,804
"""
    )


async def test_what_the_family_reads_besides_is_read_on(tmp_path: Path) -> None:
    machine = kyocera()
    before = (await examined(*machine)).answer
    assert before is not None
    assert before.meters == panel(total=76_064, engine_total=76_498, print=43_000, copy=33_064)
    made = await proposal(*machine, copy=43_000)
    assert made.lost == ()
    assert made.answer.meters == {**before.meters, "copy": 43_000}
    assert 'include = ["kyocera"]' in made.text
    (tmp_path / made.file_name).write_text(made.text, "utf-8")
    answer = await read(values(*machine), tmp_path)
    assert answer.formulas["total"] == before.formulas["total"] == "kyocera: service_count"


async def test_meters_chosen_together_are_carried_over_where_one_is_stated() -> None:
    hp = (
        named("HP ETHERNET MULTI-ENVIRONMENT", "11.2.3.9.1"),
        {"1.3.6.1.2.1.25.3.2.1.3.1": "HP LaserJet 9"},
        life(72_864),
        {
            "1.3.6.1.4.1.11.2.3.9.4.2.1.1.16.1.9.0": 72_820,
            "1.3.6.1.4.1.11.2.3.9.4.2.1.1.16.4.1.1.1.0": 52_304,
            "1.3.6.1.4.1.11.2.3.9.4.2.1.1.16.4.1.3.1.0": 20_516,
        },
    )
    made = await proposal(*hp, total=72_864)
    assert made.answer.meters["total"] == 72_864
    assert made.answer.meters["total_mono"] == 52_304
    assert made.answer.meters["total_color"] == 20_516
    assert 'total_mono = {of = "mono[*]", confidence = "H", source = ' in made.text
    assert "# as it was read before" in made.text
    assert made.lost == ("engine_total",)


async def test_it_is_for_the_model_and_never_for_the_serial_number() -> None:
    made = await proposal(*kyocera(), total=76_064)
    assert "RVP0Y11833" not in made.text
    assert 'firmware = "2V8_1.0"' in made.text
    assert made.profile.proved is not None
    assert (made.profile.proved.model, made.profile.proved.on) == ("TASKalfa 9", SIGNED.on)


async def test_other_firmware_is_to_be_proved_again_and_a_new_run_renews_it(tmp_path: Path) -> None:
    made = await proposal(*kyocera(), total=76_064)
    (tmp_path / made.file_name).write_text(made.text, "utf-8")
    assert (await read(values(*kyocera()), tmp_path)).findings == ()
    newer = kyocera("2V8_2.0")
    (finding,) = (await read(values(*newer), tmp_path)).findings
    assert finding.code is Code.PROFILE_UNPROVED
    assert "firmware 2V8_1.0, and this machine runs 2V8_2.0" in english(finding.message)
    machine = await examined(*newer, profiles=load_profiles(tmp_path))
    assert (machine.present.id, machine.family.id) == (made.recognition.id, "kyocera")
    beside = Beside((tmp_path / made.file_name,))
    renewed = await propose(machine, [first_round(machine, panel(total=76_064))], SIGNED, beside)
    assert isinstance(renewed, ProfileProposal)
    assert renewed.recognition.id == made.recognition.id
    assert renewed.text == made.text.replace("2V8_1.0", "2V8_2.0")
    (tmp_path / renewed.file_name).write_text(renewed.text, "utf-8")
    assert (await read(values(*newer), tmp_path)).findings == ()


async def test_what_was_proved_before_and_is_not_given_again_is_kept(tmp_path: Path) -> None:
    machine = (NAMED, life(121_100), TABLE)
    first = await proposal(*machine, total=121_018, copy=38_804)
    (tmp_path / first.file_name).write_text(first.text, "utf-8")
    known = await examined(*machine, profiles=load_profiles(tmp_path))
    beside = Beside((tmp_path / first.file_name,))
    second = await propose(known, [first_round(known, panel(total=121_018))], SIGNED, beside)
    assert isinstance(second, ProfileProposal)
    assert second.answer.meters == {"total": 121_018, "copy": 38_804}
    assert "compared with the panel on 2026-11-25 by Sato" in second.text
    assert second.plan.formulas == first.plan.formulas


async def test_what_the_family_works_out_gives_way_to_a_counter_on_the_panel(
    tmp_path: Path,
) -> None:
    own = tmp_path / "acme.toml"
    own.write_text(
        'format = 1\nid = "acme"\ninclude = ["generic"]\nsource = "its manual"\n'
        f'[[match]]\nobject_id = "{ACME}1"\n[scalars]\ncolor = {{ oid = "{ACME}7.7.7.0" }}\n'
        f'all = {{ oid = "{ACME}7.7.8.0" }}\n'
        '[meters]\ntotal = "all"\ntotal_color = "color"\n'
        '[derived]\ntotal_mono = "total - total_color"\n',
        "utf-8",
    )
    counts = {f"{ACME}7.7.7.0": 10_000, f"{ACME}7.7.8.0": 121_018, f"{ACME}9.9.9.0": 111_000}
    machine = await examined(NAMED, counts, profiles=load_profiles(tmp_path))
    assert machine.answer is not None
    assert machine.answer.meters["total_mono"] == 111_018  # type: ignore[index] # a name of METERS
    rounds = [first_round(machine, panel(total_mono=111_000))]
    made = await propose(machine, rounds, SIGNED, Beside((own,)))
    assert isinstance(made, ProfileProposal)
    assert made.answer.meters["total_mono"] == 111_000
    assert made.profile.derived["total_mono"] == ()  # type: ignore[index] # as above


async def test_a_tie_stays_unsure_until_a_second_round_though_it_is_read_so_by_now(
    tmp_path: Path,
) -> None:
    table = {f"{T}9.{row}": 38_804 for row in (1, 2)}
    first = await proposal(NAMED, table, copy=38_804)
    assert 'confidence = "M"' in first.text
    (tmp_path / first.file_name).write_text(first.text, "utf-8")
    known = await examined(NAMED, table, profiles=load_profiles(tmp_path))
    beside = Beside((tmp_path / first.file_name,))
    rounds = [first_round(known, panel(copy=38_804))]
    again = await propose(known, rounds, SIGNED, beside)
    assert isinstance(again, ProfileProposal)
    assert 'confidence = "M"' in again.text
    rounds.append(later_round(known, panel(copy=38_807), {f"{T}9.1": 38_807}))
    settled = await propose(known, rounds, SIGNED, beside)
    assert isinstance(settled, ProfileProposal)
    assert 'confidence = "H"} # panel: 38,807' in settled.text


async def test_its_own_file_may_be_called_otherwise(tmp_path: Path) -> None:
    machine = (NAMED, life(121_100), TABLE)
    first = await proposal(*machine, total=121_018)
    (tmp_path / "mine.toml").write_text(first.text, "utf-8")
    again = await proposal(*machine, total=121_018, beside=Beside((tmp_path / "mine.toml",)))
    assert again.recognition.id == first.recognition.id


async def test_a_life_count_that_says_sheets_but_counts_sides() -> None:
    made = await proposal(NAMED, life(580_249, unit=8), total=580_249)
    assert "sheets_are_impressions = true" in made.text
    assert made.answer.meters == {"total": 580_249}
    assert made.lost == ("sheets",)


async def test_meters_worked_out_from_others() -> None:
    machine = {f"{ACME}8.8.8.0": 100_001, f"{ACME}7.7.7.0": 10_000}
    made = await proposal(NAMED, machine, total=100_001, total_color=10_000, total_mono=90_001)
    assert made.answer.meters == {"total": 100_001, "total_color": 10_000, "total_mono": 90_001}
    assert "total_mono = []" in made.text
    assert made.text.rstrip().endswith(
        '[derived]\ntotal_mono = {of = "total - total_color", confidence = "H"} # panel: 90,001'
    )


@pytest.mark.parametrize(
    ("said", "id_", "rule", "note"),
    [
        (
            {"1.3.6.1.2.1.1.1.0": "Acme (R) X+1", "1.3.6.1.2.1.25.3.2.1.3.1": "Acme (R) X+1"},
            "proved-acme-r-x-1",
            {"descr": "^Acme", "model": r"^Acme \(R\) X\+1$"},
            None,
        ),
        (
            {"1.3.6.1.4.1.2435.2.3.9.1.1.7.0": "MFG:Acme;MDL:X 1;"},
            "proved-x-1",
            {"device_id": "MFG:Acme", "model": "^X 1$"},
            None,
        ),
        (
            {"1.3.6.1.2.1.25.3.2.1.3.1": "Canon iR-ADV C9 19.43"},
            "proved-canon-ir-adv-c9",
            {"device_descr": r"^Canon iR-ADV C9 19\.43$"},
            None,
        ),
        (
            named("something", "99999.7"),
            "proved-1-3-6-1-4-1-99999-7",
            {"object_id": f"{ACME}7"},
            "the machine does not say its model",
        ),
        (
            {},
            "proved-unnamed",
            {"signature": f"{ACME}8.8.8"},
            "the machine says nothing of itself",
        ),
    ],
)
async def test_how_machines_are_known_again(
    said: Said, id_: str, rule: dict[str, str], note: str | None
) -> None:
    made = await proposal(said, {f"{ACME}8.8.8.0": 121_018}, total=121_018)
    assert made.recognition.id.startswith(PROVED)
    if "Canon" not in str(said):
        assert made.recognition.id == id_
        assert made.recognition.rule == rule
    told = made.recognition.note and english(made.recognition.note)
    assert (told or "").startswith(note or "")
    assert made.answer.meters["total"] == 121_018


async def test_a_version_behind_the_model_is_no_part_of_it(tmp_path: Path) -> None:
    printer = "1.3.6.1.2.1.25.3.2.1.3.1"
    said = {**named("Acme", "99999.1"), printer: "ACME A-100 19.43"}
    made = await proposal(said, {f"{ACME}8.8.8.0": 121_018}, total=121_018)
    (tmp_path / made.file_name).write_text(made.text, "utf-8")
    newer = values({**said, printer: "ACME A-100 20.01"}, {f"{ACME}8.8.8.0": 121_018})
    assert (await read(newer, tmp_path)).profile == made.recognition.id
    other = values({**said, printer: "ACME A-1000 19.43"}, {f"{ACME}8.8.8.0": 121_018})
    assert (await read(other, tmp_path)).profile == "generic"


async def test_it_wins_over_the_users_own_profile_of_the_family(tmp_path: Path) -> None:
    own = tmp_path / "acme.toml"
    own.write_text(
        'format = 1\nid = "acme"\ninclude = ["generic"]\nsource = "its manual"\npriority = 900\n'
        f'[[match]]\nobject_id = "{ACME}1"\nmodel = "A-100"\n',
        "utf-8",
    )
    machine = await examined(NAMED, life(121_100), TABLE, profiles=load_profiles(tmp_path))
    assert machine.family.id == "acme"
    rounds = [first_round(machine, panel(total=121_018))]
    made = await propose(machine, rounds, SIGNED, Beside((own,)))
    assert isinstance(made, ProfileProposal)
    assert (made.plan.profile, made.answer.meters["total"]) == ("proved-acme-a-100", 121_018)
