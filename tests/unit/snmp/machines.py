"""Machines made up for tests: dotted OIDs to values, answered through the test session."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from collector.adapters.snmp.client.session import Oid, Value, oid
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.profiles.values import Profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.reader import ask
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.reading.slow_poll import ask_condition
from collector.domain.counting.reading import Answer
from tests.fakes.snmp_session import FakeSession

CAPTURES = Path(__file__).resolve().parents[4] / "shared" / "captures"
P = "1.3.6.1.4.1."
RICOH_ROW = P + "367.3.2.1.2.19.5.1"
CANON = P + "1602.1.11."
KYOCERA = P + "1347."
KONICA = P + "18334.1.1.1.5.7.2."
BROTHER = P + "2435.2.3.9.4.2.1.5.5."
SHARP = P + "2385.1.1.19.2.1."
LIFE = "1.3.6.1.2.1.43.10.2.1.4"
UNIT = "1.3.6.1.2.1.43.10.2.1.3"
SUPPLY = "1.3.6.1.2.1.43.11.1.1"

Said = Mapping[str, Value | str]


def values(*said: Said) -> dict[Oid, Value]:
    """Return what a machine answers; a string is its octets."""
    found: dict[Oid, Value] = {}
    for one in said:
        for name, value in one.items():
            found[oid(name)] = value.encode() if isinstance(value, str) else value
    return found


def named(descr: str | None, object_id: str | None = None) -> Said:
    """Return the system group of a machine."""
    found: dict[str, Value | str] = {"1.3.6.1.2.1.1.3.0": 360_000}
    if descr is not None:
        found["1.3.6.1.2.1.1.1.0"] = descr
    if object_id is not None:
        found["1.3.6.1.2.1.1.2.0"] = oid(P + object_id)
    return found


def life(count: int, unit: int | None = 7, row: str = "1.1") -> Said:
    """Return a marker row with its unit."""
    found: dict[str, Value | str] = {f"{LIFE}.{row}": count}
    if unit is not None:
        found[f"{UNIT}.{row}"] = unit
    return found


def devices(**rows: tuple[str, str, str]) -> Said:
    """Return hrDeviceTable: i5=(type, descr, id), each id and type dotted or empty."""
    found: dict[str, Value | str] = {}
    for name, (kind, descr, number) in rows.items():
        index = name.removeprefix("i")
        found[f"1.3.6.1.2.1.25.3.2.1.2.{index}"] = oid(kind or "0.0")
        found[f"1.3.6.1.2.1.25.3.2.1.3.{index}"] = descr
        found[f"1.3.6.1.2.1.25.3.2.1.4.{index}"] = oid(number or "0.0")
    return found


PRINTER = "1.3.6.1.2.1.25.3.1.5"


PROFILES = load_profiles()


async def answer_from(machine: Mapping[Oid, Value]) -> Answer:
    """Return what is read by the shipped profiles from a machine that answers `machine`."""
    session = FakeSession(machine)
    plan = await resolve(session, PROFILES)
    return decode(plan, await session.get(plan.oids), "hall")


@cache
def shipped() -> Profiles:
    """Return the shipped profiles, read once."""
    return load_profiles()


async def answer(*said: Said, profiles: Profiles | None = None) -> Answer:
    """Return what would be read from a machine that answers `said`."""
    session = FakeSession(values(*said))
    plan = await resolve(session, profiles or shipped())
    varbinds = await ask(session, plan)
    return decode(plan, varbinds, "hall", await ask_condition(session, plan))
