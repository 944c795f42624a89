"""A made-up machine that answers everything its maker documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from collector.adapters.snmp.client.session import Oid, Value, oid
from tests.unit.snmp.machines import Said, values

GENERAL_SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"


@dataclass(frozen=True, slots=True)
class Whole:
    """A machine, what it is read as, and other figures that its maker documents for a meter.

    `otherwise` are such figures: the life count where the billing total is not answered.
    """

    profile: str
    said: tuple[Said, ...]
    meters: Mapping[str, int]
    otherwise: Mapping[str, int] = field(default_factory=dict)

    def values(self) -> dict[Oid, Value]:
        """Return everything it answers."""
        return values(*self.said)

    def allows(self, meter: str, value: int) -> bool:
        """Say whether `value` is a figure of `meter` that the maker documents."""
        return value in {self.meters.get(meter), self.otherwise.get(meter)}


def droppable(machine: Mapping[Oid, Value]) -> list[Oid]:
    """Return what a test may take away: the private tree, the parts and the marker."""
    roots = (oid("1.3.6.1.4.1"), oid("1.3.6.1.2.1.25.3.2"), oid("1.3.6.1.2.1.43"))
    return [one for one in machine if any(one[: len(root)] == root for root in roots)]
