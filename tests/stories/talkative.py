"""A machine that tells a lot about its office: names, addresses, a log of jobs."""

from typing import Final

from collector.demo.machines import Printed, SimulatedMachine
from collector.demo.table import (
    Counter64,
    Gauge32,
    Integer,
    IpAddress,
    ObjectIdentifier,
    OctetString,
    Oid,
    TimeTicks,
    TypedValue,
)

SYS: Final = (1, 3, 6, 1, 2, 1, 1)
P: Final = (1, 3, 6, 1, 4, 1)
JOB_LOG: Final = (*P, 1347, 47)
KYOCERA: Final = SimulatedMachine(
    "kyocera", "TASKalfa 5054ci", "RVP0Y11833", Printed(copy_mono=150, fax=3)
)
MAC: Final = bytes.fromhex("0017c8a1b2c3")


def office(machine: SimulatedMachine) -> dict[Oid, TypedValue]:
    """What the machine says, with the words of an office in it and a log of its jobs."""
    objects = machine.objects()
    objects |= {
        (*SYS, 4, 0): OctetString("佐藤 一郎 <sato@town.example.jp>".encode()),
        (*SYS, 5, 0): OctetString(b"km-a1b2c3\x1b[31m"),
        (*SYS, 6, 0): OctetString("2階 総務課".encode()),
        (1, 3, 6, 1, 2, 1, 2, 2, 1, 3, 1): Integer(6),
        (1, 3, 6, 1, 2, 1, 2, 2, 1, 6, 1): OctetString(MAC),
        (1, 3, 6, 1, 2, 1, 4, 20, 1, 1, 10, 1, 2, 34): IpAddress(bytes([10, 1, 2, 34])),
        (*P, 1347, 40, 35, 1, 1, 1): OctetString(machine.serial.lower().encode()),
        (*P, 1347, 40, 35, 1, 1, 2): OctetString(b"\x01" + MAC + machine.serial.encode()),
        (*P, 1347, 40, 35, 1, 1, 3): OctetString(b"http://km-a1b2c3.town.example.jp/"),
        (*P, 1347, 40, 35, 1, 1, 4): IpAddress(bytes([10, 1, 2, 34])),
        (*P, 1347, 40, 35, 1, 1, 5): Counter64(2**40),
        (*P, 1347, 40, 35, 1, 1, 6): Gauge32(7),
        (*P, 1347, 40, 35, 1, 1, 7): TimeTicks(99),
        (*P, 1347, 40, 35, 1, 1, 8): ObjectIdentifier((1, 3, 6, 1, 4, 1, 1347, 41)),
    }
    for row in range(60):
        objects[*JOB_LOG, 6, 1, 1, 4, row] = OctetString(f"人事評価{row}".encode())
        objects[*JOB_LOG, 6, 1, 1, 12, row] = OctetString(f"suzuki{row}".encode())
    objects[*P, 1347, 48, 1, 1, 1] = OctetString(b"after the log")
    return objects
