"""Every recorded machine calibrates to the figures of its index, without its maker's profile.

The written profile is then put among the shipped ones and must read those figures.
"""

import json
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from collector.adapters.snmp.profiles.documents import SCHEMA
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.profiles.values import Profiles
from collector.adapters.snmp.recording.discretion import shipped as discretion
from collector.adapters.snmp.recording.session import decode_capture, read_rows
from collector.calibration.fits import is_telling
from collector.calibration.machine import Examined, examine
from collector.calibration.proposal import Beside, ProfileProposal, propose
from collector.calibration.verdicts import State, Verdicts
from collector.domain.meters import Meter
from tests.unit.snmp.calibration.panels import SIGNED, first_round
from tests.unit.snmp.expected_captures import EXPECTED
from tests.unit.snmp.machines import CAPTURES, shipped

COUNTING = sorted(name for name, (_, _, meters) in EXPECTED.items() if meters)
BILLED = [name for name in COUNTING if "total" in EXPECTED[name][2]]


def figures(name: str) -> dict[Meter, int]:
    return {Meter(meter): value for meter, value in EXPECTED[name][2].items()}


def generic() -> Profiles:
    return Profiles({"generic": shipped().generic})


@cache
def schema() -> Callable[[object], object]:
    found: Callable[[object], object] = fastjsonschema.compile(
        json.loads(SCHEMA.read_text("utf-8")), formats={"date": r"\d{4}-\d\d-\d\d", "regex": ".*"}
    )
    return found


def as_an_editor_sees_it(text: str) -> dict[str, Any]:
    found = tomllib.loads(text)
    found["proved"]["on"] = found["proved"]["on"].isoformat()
    return found


async def proposed(name: str, profiles: Profiles) -> tuple[Examined, ProfileProposal]:
    machine = await examine(read_rows(CAPTURES / name), profiles, discretion())
    made = await propose(machine, [first_round(machine, figures(name))], SIGNED, Beside())
    assert isinstance(made, ProfileProposal), made
    return machine, made


def read_right(settled: Verdicts, wanted: dict[Meter, int]) -> set[Meter]:
    assert set(settled.verdicts) == set(wanted)
    return {meter for meter, one in settled.verdicts.items() if one.fit is not None}


@pytest.mark.parametrize("name", BILLED)
async def test_from_the_generic_profile_to_the_figures_of_the_index(
    name: str, tmp_path: Path
) -> None:
    _, made = await proposed(name, generic())
    wanted = figures(name)
    telling = {meter for meter, figure in wanted.items() if is_telling([figure])}
    assert telling <= read_right(made.settled, wanted)
    schema()(as_an_editor_sees_it(made.text))
    (tmp_path / made.file_name).write_text(made.text, "utf-8")
    answer = await decode_capture(CAPTURES / name, load_profiles(tmp_path))
    assert answer.profile == made.recognition.id
    assert {meter: answer.meters.get(meter) for meter in telling} == {
        meter: wanted[meter] for meter in telling
    }


@pytest.mark.parametrize("name", COUNTING)
async def test_with_the_makers_profile_everything_agrees(name: str, tmp_path: Path) -> None:
    machine, made = await proposed(name, shipped())
    states = {meter: one.state for meter, one in made.settled.verdicts.items()}
    assert set(states.values()) == {State.AGREES}, states
    assert made.lost == ()
    (tmp_path / made.file_name).write_text(made.text, "utf-8")
    answer = await decode_capture(CAPTURES / name, load_profiles(tmp_path))
    assert answer.profile == made.recognition.id
    assert answer.meters == figures(name)
    assert answer.formulas == {
        meter: text for meter, text in machine.plan.formulas.items() if meter in answer.meters
    }
