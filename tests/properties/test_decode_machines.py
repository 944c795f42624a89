"""Real machines with rubbish in random places: only the agreed error, and no invented number."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.capture import parse_capture
from collector.adapters.snmp.decode import decode
from collector.adapters.snmp.profiles import load_profiles
from collector.adapters.snmp.resolve import resolve
from collector.adapters.snmp.session import Oid, Value
from collector.domain.findings import Code
from collector.domain.reading import Answer
from collector.errors import DeviceNonsense
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.whole import droppable
from tests.unit.snmp.whole_machines import WHOLE

CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "captures"
PROFILES = load_profiles()
NAMES = (
    "brother_dcp-9020cdw",
    "canon_mf642c",
    "konicaminolta_bizhub-c250i",
    "ricoh_checkmk-sample",
    "sharp_mx-3570n",
    "xerox_phaser-6130n",
)
MACHINES: Mapping[str, Mapping[Oid, Value]] = {
    name: parse_capture((CAPTURES / f"{name}.snmprec").read_bytes().decode("latin-1"))
    for name in NAMES
}
JUNK: st.SearchStrategy[Value | None] = st.one_of(
    st.none(),
    st.integers(-5, -1),
    st.integers(2**32 - 4, 2**64),
    st.binary(max_size=24),
    st.just((1, 3, 6)),
)


async def _ask(values: Mapping[Oid, Value]) -> Answer:
    session = FakeSession(values)
    plan = await resolve(session, PROFILES)
    return decode(plan, await session.get(plan.oids), "hall")


CLEAN = {name: dict(asyncio.run(_ask(MACHINES[name])).meters) for name in NAMES}


@given(name=st.sampled_from(NAMES), data=st.data())
def test_rubbish_in_counters_leaves_meters_out_and_invents_none(
    name: str, data: st.DataObject
) -> None:
    """Rubbish never counts; a total may only be taken from another count of the same machine."""
    values = dict(MACHINES[name])
    private = [one for one in values if one[:6] == (1, 3, 6, 1, 4, 1) or one[6:7] == (43,)]
    for oid in data.draw(st.lists(st.sampled_from(private), min_size=1, max_size=6)):
        junk = data.draw(JUNK)
        if junk is None:
            values.pop(oid, None)
        else:
            values[oid] = junk
    try:
        answer = asyncio.run(_ask(values))
    except DeviceNonsense:
        return
    bound = max(CLEAN[name].values())
    assert all(0 <= value <= bound for value in answer.meters.values())


WHOLE_VALUES = {name: machine.values() for name, machine in WHOLE.items()}
DROPPABLE = {name: droppable(machine) for name, machine in WHOLE_VALUES.items()}
TOLD = {Code.CROSS_FOOT, Code.TABLE_AMBIGUOUS}


@given(name=st.sampled_from(sorted(WHOLE)), data=st.data())
def test_what_is_not_answered_makes_no_meter_another_number(name: str, data: st.DataObject) -> None:
    """A meter keeps its figure, is absent, or a finding says that its parts no longer add up."""
    gone = data.draw(st.sets(st.sampled_from(DROPPABLE[name]), min_size=1, max_size=2))
    left = {oid: value for oid, value in WHOLE_VALUES[name].items() if oid not in gone}
    answer = asyncio.run(_ask(left))
    strays = {
        meter: value
        for meter, value in answer.meters.items()
        if not WHOLE[name].allows(meter, value)
    }
    assert not strays or TOLD & {one.code for one in answer.findings}


@given(name=st.sampled_from(sorted(WHOLE)), data=st.data())
def test_whatever_is_not_answered_nothing_is_counted_twice(name: str, data: st.DataObject) -> None:
    """Whatever subset a machine answers, no meter exceeds what it has counted in all."""
    kept = data.draw(st.sets(st.sampled_from(DROPPABLE[name]), max_size=40))
    stays = set(WHOLE_VALUES[name]) - set(DROPPABLE[name])
    left = {oid: value for oid, value in WHOLE_VALUES[name].items() if oid in kept | stays}
    try:
        answer = asyncio.run(_ask(left))
    except DeviceNonsense:
        return
    most = max([*WHOLE[name].meters.values(), *WHOLE[name].otherwise.values()])
    assert all(0 <= value <= most for value in answer.meters.values())
