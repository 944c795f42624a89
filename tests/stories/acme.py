"""A copier of a maker that no profile knows: counters without labels, and a life count apart."""

from dataclasses import dataclass, replace
from typing import Final

from collector.demo.machines import Printed, SimulatedMachine
from collector.demo.table import Counter32, OctetString, Oid, TypedValue
from tests.stories.network import Network

ACME: Final = (1, 3, 6, 1, 4, 1, 99999)
_TABLE: Final = (*ACME, 5, 1, 4)
_TOTAL: Final = (*ACME, 7, 3, 0)
_LIFE: Final = (1, 3, 6, 1, 2, 1, 43, 10, 2, 1, 4, 1, 1)
_DESCR: Final = (1, 3, 6, 1, 2, 1, 1, 1, 0)
TEST_PAGES: Final = 57
"""What the engine printed in the factory: the life count runs ahead of what is billed."""

PRINTED: Final = Printed(
    copy_mono=1200, copy_color=340, print_mono=5600, print_color=1500, fax=77, scan=900
)


@dataclass(frozen=True, slots=True)
class Acme:
    """The machine. `stuck` is a counter that stands where the black copies once stood."""

    printed: Printed = PRINTED
    firmware: str = "1.0"
    serial: str = "ACM0012345"
    stuck: int = PRINTED.copy_mono
    uptime_s: int = 3600

    @property
    def total(self) -> int:
        """What its panel shows as total."""
        return self.printed.total

    def after(self, printed: Printed) -> "Acme":
        """Return the machine after it has also done `printed`."""
        return replace(self, printed=self.printed.plus(printed), uptime_s=self.uptime_s + 60)

    def objects(self) -> dict[Oid, TypedValue]:
        """Return what it answers."""
        done = self.printed
        found = SimulatedMachine(
            "generic", "ACME A-100", self.serial, done, uptime_s=self.uptime_s
        ).objects()
        rows = (done.copy_mono, done.copy_color, done.print_mono, done.print_color, done.fax)
        found |= {(*_TABLE, row): Counter32(count) for row, count in enumerate(rows, start=1)}
        found |= {
            (*_TABLE, 6): Counter32(self.stuck),
            (*_TABLE, 7): Counter32(done.scan),
            _TOTAL: Counter32(done.total),
            _LIFE: Counter32(done.total + TEST_PAGES),
            _DESCR: OctetString(f"ACME A-100 version {self.firmware} printer".encode()),
        }
        return found


def shows(net: Network, address: str, machine: Acme) -> None:
    """Let the agent at `address` answer as `machine` from now on."""
    net.agents[address].table.update(machine.objects())
