"""An afternoon of polls of every recorded machine: one request each, but for what has a reason."""

from pathlib import Path

import pytest

from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import SnmpDeviceReader
from collector.adapters.snmp.recording.session import parse_capture
from collector.domain.meters import TOTAL
from collector.domain.office.shares import PlaceId
from collector.ports import PollTarget
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.machines import CAPTURES

FILES = sorted(CAPTURES.rglob("*.snmprec"))
PROFILES = load_profiles()
TARGET = PollTarget(PlaceId("2f"), "192.0.2.1")
ALERTS = [60, 120, 180]
"""Minutes at which the alert table is looked into though nothing changed."""
RETRIES = [20, 55, 120]
"""Minutes at which a total that is not there is looked for, ever more seldom; alerts with it."""


def _recorded(file: Path) -> FakeSession:
    return FakeSession(parse_capture(file.read_bytes().decode("latin-1")))


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.stem)
async def test_machines_of_one_model_share_what_their_plans_have_alike(file: Path) -> None:
    reader = SnmpDeviceReader(lambda _: _recorded(file), PROFILES, lambda: 0.0)
    plans = []
    for place in ("1f", "2f"):
        await reader.read(PollTarget(PlaceId(place), "192.0.2.1"))
        plan = reader._devices[PlaceId(place)].plan
        assert plan is not None
        plans.append(plan)
    one, other = plans
    assert one == other
    for part in ("oids", "meters", "supplies", "trays", "spare", "lacks", "state"):
        assert getattr(one, part) is getattr(other, part)
    for part in ("held", "formulas", "provenance", "counters"):
        assert getattr(one, part) is getattr(other, part)


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.stem)
async def test_an_afternoon_of_polls(file: Path) -> None:
    session = _recorded(file)
    now = 0.0
    reader = SnmpDeviceReader(lambda _: session, PROFILES, lambda: now)
    first = await reader.read(TARGET)
    more: list[int] = []
    for minute in range(5, 4 * 60, 5):
        now = 60.0 * minute
        session.gets.clear()
        session.walks.clear()
        answer = await reader.read(TARGET)
        assert (answer.meters, answer.supplies) == (first.meters, first.supplies)
        assert len(session.gets) + len(session.walks) <= (40 if minute in RETRIES else 3)
        if len(session.gets) + len(session.walks) > 1:
            more.append(minute)
    assert more == (ALERTS if TOTAL in first.meters else [*RETRIES[:2], 115, RETRIES[2], 180])
