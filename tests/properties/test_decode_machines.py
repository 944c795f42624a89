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
from collector.domain.reading import Answer
from collector.errors import DeviceNonsense
from tests.fakes.snmp_session import FakeSession

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
