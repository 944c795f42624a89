"""Simulated copiers of several makers: what each would answer, from what it has printed.

Every maker's table is laid out as its real machines lay it out, so that the demo goes through
the same profiles as an office does. Models and serial numbers are made up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from collector.demo.table import (
    Counter32,
    Gauge32,
    Integer,
    MibTable,
    ObjectIdentifier,
    OctetString,
    Oid,
    TimeTicks,
    TypedValue,
)

Objects = dict[Oid, TypedValue]

_P: Final = (1, 3, 6, 1, 4, 1)
_SYS: Final = (1, 3, 6, 1, 2, 1, 1)
_HR: Final = (1, 3, 6, 1, 2, 1, 25, 3)
_PRT: Final = (1, 3, 6, 1, 2, 1, 43)
_PRINTER: Final = (1, 3, 6, 1, 2, 1, 25, 3, 1, 5)
_IMPRESSIONS: Final = 7
_SHIFT_JIS: Final = 17
_ASLEEP: Final = 1  # hrPrinterStatus other; with hrDeviceStatus running it is standby
_IDLE: Final = 3
_TONERS: Final = ("Black Toner", "Cyan Toner", "Magenta Toner", "Yellow Toner")


@dataclass(frozen=True, slots=True)
class Printed:
    """What a machine has done in its life. Colour, copy, print and fax are impressions."""

    copy_mono: int = 0
    copy_color: int = 0
    print_mono: int = 0
    print_color: int = 0
    fax: int = 0
    scan: int = 0

    @property
    def mono(self) -> int:
        """Black and white impressions."""
        return self.copy_mono + self.print_mono + self.fax

    @property
    def color(self) -> int:
        """Colour impressions."""
        return self.copy_color + self.print_color

    @property
    def total(self) -> int:
        """All impressions."""
        return self.mono + self.color

    def plus(self, other: "Printed") -> "Printed":
        """Return both together."""
        return Printed(
            self.copy_mono + other.copy_mono,
            self.copy_color + other.copy_color,
            self.print_mono + other.print_mono,
            self.print_color + other.print_color,
            self.fax + other.fax,
            self.scan + other.scan,
        )


@dataclass(frozen=True, slots=True)
class Warned:
    """One row of prtAlertTable, in the numbers of RFC 3805; `text` is in Shift_JIS."""

    severity: int
    group: int
    index: int
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class SimulatedMachine:
    """One simulated machine: who it is and what it has printed. `toner` is in per cent.

    `errors` is hrPrinterDetectedErrorState. Machines state that they write Shift_JIS.
    """

    maker: str
    model: str
    serial: str
    printed: Printed = field(default_factory=Printed)
    uptime_s: int = 0
    toner: tuple[int, ...] = (80, 70, 70, 70)
    asleep: bool = False
    errors: bytes = b"\x00"
    alerts: tuple[Warned, ...] = ()

    def after(self, printed: Printed) -> "SimulatedMachine":
        """Return this machine after it has also done `printed`."""
        return replace(self, printed=self.printed.plus(printed))

    def objects(self) -> Objects:
        """Return everything this machine answers now."""
        return {**_common(self), **_condition(self), **_MAKERS[self.maker](self)}

    def fill(self, table: MibTable) -> None:
        """Make `table` answer for this machine: changed values changed, foreign ones gone."""
        table.become(self.objects())


@cache
def _text(text: str) -> OctetString:
    return OctetString(text.encode())


def _common(machine: SimulatedMachine) -> Objects:
    """Return the Printer-MIB and Host-Resources part (RFC 3805, RFC 2790)."""
    objects: Objects = {
        (*_SYS, 3, 0): TimeTicks(machine.uptime_s * 100 % 2**32),
        (*_HR, 2, 1, 2, 1): ObjectIdentifier(_PRINTER),
        (*_HR, 2, 1, 3, 1): _text(machine.model),
        (*_HR, 2, 1, 5, 1): Integer(2),
        (*_HR, 5, 1, 1, 1): Integer(_ASLEEP if machine.asleep else _IDLE),
        (*_PRT, 5, 1, 1, 17, 1): _text(machine.serial),
        (*_PRT, 10, 2, 1, 3, 1, 1): Integer(_IMPRESSIONS),
        (*_PRT, 10, 2, 1, 4, 1, 1): Counter32(machine.printed.total),
    }
    return objects | _toners(machine.toner)


@cache
def _toners(levels: tuple[int, ...]) -> Objects:
    objects: Objects = {}
    for index, level in enumerate(levels, start=1):
        objects |= {
            (*_PRT, 11, 1, 1, 5, 1, index): Integer(3),
            (*_PRT, 11, 1, 1, 6, 1, index): _text(_TONERS[index - 1]),
            (*_PRT, 11, 1, 1, 8, 1, index): Integer(100),
            (*_PRT, 11, 1, 1, 9, 1, index): Integer(level),
        }
    return objects


def _condition(machine: SimulatedMachine) -> Objects:
    """Return what hinders the machine, and what it reports of itself."""
    objects: Objects = {
        (*_HR, 5, 1, 2, 1): OctetString(machine.errors),
        (*_PRT, 5, 1, 1, 2, 1): Integer(1),
        (*_PRT, 7, 1, 1, 4, 1, 1): Integer(_SHIFT_JIS),
    }
    for row, alert in enumerate(machine.alerts, start=1):
        numbers = {2: alert.severity, 4: alert.group, 5: alert.index, 7: alert.code}
        objects |= {
            (*_PRT, 18, 1, 1, column, 1, row): Integer(value) for column, value in numbers.items()
        }
        objects[*_PRT, 18, 1, 1, 8, 1, row] = OctetString(alert.text.encode("cp932"))
    return objects


def _system(descr: str, object_id: Oid) -> Objects:
    return {(*_SYS, 1, 0): _text(descr), (*_SYS, 2, 0): ObjectIdentifier(object_id)}


def _ricoh(machine: SimulatedMachine) -> Objects:
    """Return the self-describing counter table, rows in this model's own order."""
    done, table = machine.printed, (*_P, 367, 3, 2, 1, 2, 19, 5, 1)
    rows = [
        (10, "Counter: Machine Total", done.total),
        (200, "Counter: Copy: Total", done.copy_mono + done.copy_color),
        (201, "Counter: Copy: Black & White", done.copy_mono),
        (203, "Counter: Copy: Full Color", done.copy_color),
        (300, "Counter: FAX: Total", done.fax),
        (301, "Counter: FAX: Black & White", done.fax),
        (400, "Counter: Print: Total", done.print_mono + done.print_color),
        (401, "Counter: Print: Black & White", done.print_mono),
        (403, "Counter: Print: Full Color", done.print_color),
        (870, "Counter: Transmission: Total", done.scan),
        (873, "Counter: Transmission: Color Scan", done.scan // 3),
        (874, "Counter: Transmission: B/W Scan", done.scan - done.scan // 3),
    ]
    objects = _system(
        f"RICOH {machine.model} 1.07 / RICOH Network Printer C model", (*_P, 367, 1, 1)
    )
    objects[*_P, 367, 3, 2, 1, 1, 1, 1, 0] = _text(machine.model)
    objects[*_P, 367, 3, 2, 1, 1, 1, 2, 0] = _text("1.07")
    objects[*_P, 367, 3, 2, 1, 2, 1, 4, 0] = _text(machine.serial)
    for row, (code, label, value) in enumerate(rows, start=1):
        objects[*table, 2, row] = Integer(code)
        objects[*table, 5, row] = _text(label)
        objects[*table, 9, row] = Counter32(value)
    return objects


def _canon(machine: SimulatedMachine) -> Objects:
    """Return the table indexed by the counter codes that the service mode shows."""
    done, table = machine.printed, (*_P, 1602, 1, 11, 1, 3, 1)
    codes = {
        101: ("Total 1", done.total),
        108: ("Total (Black 1)", done.mono),
        122: ("Total (Full Color + Single Color/Large)", 0),
        123: ("Total (Full Color + Single Color/Small)", done.color),
        201: ("Copy (Total 1)", done.copy_mono + done.copy_color),
        301: ("Print (Total 1)", done.print_mono + done.print_color),
        501: ("Scan (Total 1)", done.scan),
        701: ("Receive Print (Total 1)", done.fax),
    }
    objects = _system(f"Canon {machine.model} /P", (*_P, 1602, 4, 7))
    objects[*_P, 1602, 1, 1, 1, 1, 0] = _text(machine.model)
    objects[*_P, 1602, 1, 1, 1, 4, 0] = _text("52.12")
    objects[*_P, 1602, 1, 2, 1, 4, 0] = _text(machine.serial)
    for code, (label, value) in codes.items():
        objects[*table, 2, code] = _text(str(code))
        objects[*table, 3, code] = _text(label)
        objects[*table, 4, code] = Counter32(value)
    return objects


def _kyocera(machine: SimulatedMachine) -> Objects:
    """Return the per-function matrix; the engine's life count runs ahead of the billing total."""
    done, root = machine.printed, (*_P, 1347)
    objects = _system("KYOCERA Document Solutions Printing System", (*root, 41))
    for index, branch in ((1, 43), (2, 44), (3, 46), (4, 45)):
        objects[*_HR, 2, 1, 3, index] = _text(machine.model)
        objects[*_HR, 2, 1, 4, index] = ObjectIdentifier((*root, branch, 1, 2, 1))
    objects[*root, 43, 5, 1, 1, 28, 1] = _text(machine.serial)
    objects[*root, 43, 5, 1, 1, 1, 1] = _text(machine.model)
    objects[*root, 43, 10, 1, 1, 12, 1, 1] = Integer(done.total)
    objects[*_PRT, 10, 2, 1, 4, 1, 1] = Counter32(done.total + done.total // 150)
    functions = {
        1: (done.print_mono, done.print_color),
        2: (done.copy_mono, done.copy_color),
        4: (done.fax, 0),
    }
    for index, (mono, color) in functions.items():
        objects[*root, 42, 3, 1, 1, 1, 1, index] = Integer(mono + color)
        objects[*root, 42, 3, 1, 2, 1, 1, index, 1] = Integer(mono)
        objects[*root, 42, 3, 1, 2, 1, 1, index, 2] = Integer(0)
        objects[*root, 42, 3, 1, 2, 1, 1, index, 3] = Integer(color)
    objects[*root, 46, 10, 1, 1, 5, 3] = Integer(done.scan)
    return objects


def _konica(machine: SimulatedMachine) -> Objects:
    """Return the scalar total and the cells by colour and function."""
    done, root = machine.printed, (*_P, 18334, 1, 1, 1, 5, 7, 2)
    objects = _system(machine.model, (*_P, 18334, 1, 1, 1, 2, 1, 181, 2, 4))
    objects[*_P, 18334, 1, 1, 1, 1, 6, 2, 1, 0] = _text(machine.model)
    objects[*root, 1, 1, 0] = Integer(done.total)
    objects[*root, 1, 5, 0] = Integer(done.scan)
    objects[*root, 2, 1, 5, 1, 1] = Integer(done.copy_mono)
    objects[*root, 2, 1, 5, 1, 2] = Integer(done.print_mono)
    objects[*root, 2, 1, 5, 2, 1] = Integer(done.copy_color)
    objects[*root, 2, 1, 5, 2, 2] = Integer(done.print_color)
    objects[*root, 2, 1, 5, 3, 1] = Integer(-1)
    objects[*root, 2, 1, 5, 3, 2] = Integer(-1)
    return objects


def _brother(machine: SimulatedMachine) -> Objects:
    """Return the binary record of seven-octet entries, ended by FF, and the function table."""
    done, root = machine.printed, (*_P, 2435, 2, 3, 9, 4, 2, 1, 5, 5)
    entries = ((0x00, done.total), (0x02, done.color), (0x01, done.mono))
    record = b"".join(bytes((key, 1, 4)) + value.to_bytes(4, "big") for key, value in entries)
    objects = _system("Brother NC-9000w, Firmware Ver.1.09", (*_P, 2435, 2, 3, 9, 1))
    objects[*_P, 2435, 2, 3, 9, 1, 1, 7, 0] = _text(f"MFG:Brother;CMD:PJL;MDL:{machine.model};")
    objects[*root, 1, 0] = _text(machine.serial)
    objects[*root, 10, 0] = OctetString(record + b"\xff")
    objects[*root, 17, 0] = _text("1.09")
    functions = (
        (1, done.print_mono + done.print_color),
        (2, done.fax),
        (3, done.copy_mono + done.copy_color),
    )
    for row, (code, value) in enumerate(functions, start=1):
        objects[*root, 52, 21, 1, 2, row] = Integer(code)
        objects[*root, 52, 21, 1, 3, row] = Counter32(value)
    return objects


def _sharp(machine: SimulatedMachine) -> Objects:
    """Return the labelled table; no row holds all colours together."""
    done, table = machine.printed, (*_P, 2385, 1, 1, 19, 2, 1)
    rows = {
        (1, 4, 60): ("Prints", done.print_mono + done.print_color),
        (1, 4, 61): ("Black & White Print Count", done.print_mono),
        (1, 4, 63): ("Full Color Print Count", done.print_color),
        (4, 4, 60): ("Copies", done.copy_mono + done.copy_color),
        (4, 4, 61): ("Black & White Copy Count", done.copy_mono),
        (4, 4, 63): ("Full Color Copy Count", done.copy_color),
        (5, 4, 61): ("Black & White Total Count", done.mono),
        (5, 4, 63): ("Full Color Total Count", done.color),
        (7, 4, 50): ("Scan to E-mail/FTP", done.scan),
    }
    objects = _system(f"SHARP {machine.model}", (*_P, 2385, 3, 1, 112, 1, 2))
    objects[*_HR, 2, 1, 3, 1] = _text(f"SHARP {machine.model}")
    for index, (label, value) in rows.items():
        objects[*table, 3, *index] = Counter32(value)
        objects[*table, 4, *index] = _text(label)
    return objects


def _generic(machine: SimulatedMachine) -> Objects:
    """Return a printer that knows its life count and nothing else."""
    objects = _system(f"{machine.model} network printer", (*_P, 99999, 1))
    objects[*_PRT, 8, 2, 1, 9, 1, 1] = Gauge32(500)
    return objects


_MAKERS: Final[Mapping[str, Callable[[SimulatedMachine], Objects]]] = {
    "ricoh": _ricoh,
    "canon": _canon,
    "kyocera": _kyocera,
    "konica": _konica,
    "brother": _brother,
    "sharp": _sharp,
    "generic": _generic,
}
