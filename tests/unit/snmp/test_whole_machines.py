"""What a machine does not answer leaves meters out; it never makes them another number."""

import pytest

from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.reading.resolve import resolve
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.machines import PROFILES, answer_from
from tests.unit.snmp.whole import Whole, droppable
from tests.unit.snmp.whole_machines import WHOLE

pytestmark = pytest.mark.slow

MOST_OIDS = 60
"""Two packets hold that many: a varbind takes some 25 octets, and a request 1,472."""
SENTINELS: tuple[Value, ...] = (-1, -2, 2**32 - 1)


@pytest.mark.parametrize("name", sorted(WHOLE))
async def test_a_whole_machine_reads_as_its_maker_counts(name: str) -> None:
    machine = WHOLE[name]
    found = await answer_from(machine.values())
    assert found.profile == machine.profile
    assert dict(found.meters) == machine.meters
    assert not found.findings


@pytest.mark.parametrize("name", sorted(WHOLE))
async def test_a_whole_machine_is_asked_in_one_request(name: str) -> None:
    plan = await resolve(FakeSession(WHOLE[name].values()), PROFILES)
    assert len(plan.oids) <= MOST_OIDS


def _strays(machine: Whole, meters: dict[str, int]) -> dict[str, int]:
    return {name: value for name, value in meters.items() if not machine.allows(name, value)}


@pytest.mark.parametrize("name", sorted(WHOLE))
async def test_one_thing_unanswered_changes_no_other_number(name: str) -> None:
    machine = WHOLE[name]
    whole = machine.values()
    strays: dict[Oid, dict[str, int]] = {}
    for gone in droppable(whole):
        found = await answer_from({oid: value for oid, value in whole.items() if oid != gone})
        if wrong := _strays(machine, dict(found.meters)):
            strays[gone] = wrong
        assert found.profile == machine.profile
    assert strays == {}


@pytest.mark.parametrize("name", sorted(WHOLE))
@pytest.mark.parametrize("sentinel", SENTINELS)
async def test_one_counter_without_a_number_changes_no_other_number(
    name: str, sentinel: Value
) -> None:
    machine = WHOLE[name]
    whole = machine.values()
    strays: dict[Oid, dict[str, int]] = {}
    for gone in droppable(whole):
        if isinstance(whole[gone], int):
            found = await answer_from({**whole, gone: sentinel})
            if wrong := _strays(machine, dict(found.meters)):
                strays[gone] = wrong
    assert strays == {}
