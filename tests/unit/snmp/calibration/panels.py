"""Made-up machines and their panels, calibrated without a network."""

import datetime as dt
from collections.abc import Mapping

from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.profiles.values import Profiles
from collector.adapters.snmp.recording.discretion import shipped as discretion
from collector.adapters.snmp.recording.walk import RecordedRow
from collector.calibration.fits import Round
from collector.calibration.machine import Examined, examine
from collector.calibration.proposal import Beside, ProfileProposal, Signed, propose
from collector.calibration.verdicts import MeterVerdict, Verdicts, settle
from collector.domain.meters import Meter, meter
from tests.unit.snmp.machines import P, Said, named, shipped, values

ACME = f"{P}99999."
DAY = dt.date(2026, 11, 25)
NOON = dt.datetime(2026, 11, 25, 3, tzinfo=dt.UTC)
SIGNED = Signed("Sato", DAY)
NAMED = {**named("ACME A-100", "99999.1"), "1.3.6.1.2.1.25.3.2.1.3.1": "ACME A-100"}
"""What a machine of a maker without a profile says of itself."""


def rows_of(machine: Mapping[Oid, Value]) -> dict[Oid, RecordedRow]:
    """Return what a walk of `machine` gives; the numbers are Counter32, sysUpTime is TimeTicks."""
    tags = {int: 65, bytes: 4, tuple: 6}
    found = {oid: (tags[type(value)], value) for oid, value in machine.items()}
    ticks = (1, 3, 6, 1, 2, 1, 1, 3, 0)
    return found | ({ticks: (67, machine[ticks])} if ticks in machine else {})


def panel(**figures: int) -> Mapping[Meter, int]:
    """Return figures by meter."""
    return {meter(name): figure for name, figure in figures.items()}


async def examined(*said: Said, profiles: Profiles | None = None) -> Examined:
    """Return a machine that answers `said`."""
    return await examine(rows_of(values(*said)), profiles or shipped(), discretion())


def first_round(machine: Examined, figures: Mapping[Meter, int]) -> Round:
    """Return the round in which the panel was read just when the machine was walked."""
    return Round(NOON, figures, machine.values)


def later_round(
    machine: Examined, figures: Mapping[Meter, int], *said: Said, minutes: int = 10
) -> Round:
    """Return a round after `said` has changed."""
    return Round(NOON + dt.timedelta(minutes=minutes), figures, {**machine.values, **values(*said)})


async def settled(*said: Said, profiles: Profiles | None = None, **figures: int) -> Verdicts:
    """Return what one round proves."""
    machine = await examined(*said, profiles=profiles)
    return settle(machine, [first_round(machine, panel(**figures))])


async def verdict(*said: Said, **figures: int) -> MeterVerdict:
    """Return what one round proves of its only meter."""
    (found,) = (await settled(*said, **figures)).verdicts.values()
    return found


async def proposal(*said: Said, beside: Beside | None = None, **figures: int) -> ProfileProposal:
    """Return the profile that one round proves."""
    machine = await examined(*said)
    rounds = [first_round(machine, panel(**figures))]
    made = await propose(machine, rounds, SIGNED, beside or Beside())
    assert isinstance(made, ProfileProposal), made
    return made
