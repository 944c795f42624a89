"""A reader that knows a machine says at every poll what one that meets it would say."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.condition.facts import starts
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import SnmpDeviceReader
from collector.adapters.snmp.reading.slow_poll import ALERTS_EVERY_S
from collector.demo.machines import Printed, SimulatedMachine, Warned
from collector.domain.office.shares import PlaceId
from collector.errors import DeviceUnreachable
from collector.ports import PollTarget
from tests.fakes.snmp_session import FakeSession

PROFILES = load_profiles()
TARGET = PollTarget(PlaceId("2f-hall"), "192.0.2.1")
MAKERS = st.sampled_from(["ricoh", "canon", "kyocera", "konica", "brother", "sharp", "generic"])
NOTHING: dict[str, object] = {}
CHANGES = st.one_of(
    st.just(NOTHING),
    st.builds(lambda n: {"printed": Printed(*(n,) * 6)}, st.integers(1000, 1003)),
    st.builds(lambda level: {"toner": (level, 70, 70, 70)}, st.integers(0, 2)),
    st.builds(lambda octet: {"errors": bytes((octet,))}, st.sampled_from([0, 4, 64])),
    st.builds(lambda asleep: {"asleep": asleep}, st.booleans()),
    st.builds(
        lambda code: {"alerts": (Warned(3, 11, 1, code, "トナー"),) if code else ()},
        st.sampled_from([0, 1104, 1115]),
    ),
)


class Choosy(FakeSession):
    """Gives counters and levels to separate questions only."""

    async def get(self, oids: Sequence[Oid]) -> Mapping[Oid, Value]:
        if mib.SYS_UPTIME in oids and any(starts(one, (mib.SUPPLY_LEVEL,)) for one in oids):
            raise DeviceUnreachable(TARGET.place, "silent")
        return await super().get(oids)


def _values(machine: SimulatedMachine) -> dict[Oid, Value]:
    return {name: one.value for name, one in machine.objects().items()}


@given(
    maker=MAKERS,
    changes=st.lists(CHANGES, min_size=1, max_size=6),
    kind=st.sampled_from([FakeSession, Choosy]),
)
def test_what_was_said_before_changes_nothing_of_what_is_said_now(
    maker: str, changes: list[dict[str, object]], kind: type[FakeSession]
) -> None:
    async def polled() -> None:
        machine = SimulatedMachine(maker, "MX 1", "SN0012345", Printed(*(1000,) * 6), uptime_s=7000)
        session, now = kind(_values(machine)), 0.0
        reader = SnmpDeviceReader(lambda _: session, PROFILES, lambda: now)
        await reader.read(TARGET)
        for change in changes:
            now += ALERTS_EVERY_S + 1
            later = machine.uptime_s + ALERTS_EVERY_S + 1
            machine = replace(machine, **{"uptime_s": later, **change})  # type: ignore[arg-type] # by name
            session.values = _values(machine)
            willing = FakeSession(session.values)
            stranger = SnmpDeviceReader(lambda _: willing, PROFILES, lambda: now)  # noqa: B023 # used at once
            assert await reader.read(TARGET) == await stranger.read(TARGET)

    asyncio.run(polled())
