"""Which numbers of a walk may be counters, and how they are read."""

import struct

import pytest

from collector.adapters.snmp.client.session import Value, oid
from collector.adapters.snmp.plan import added_up
from collector.adapters.snmp.recording.discretion import shipped
from collector.calibration.counters import cells_in

HERE = oid("1.3.6.1.4.1.99999.1.0")


def numbers(tag: int, value: Value, place: str | None = None) -> list[int | None]:
    where = oid(place) if place else HERE
    cells = cells_in({where: (tag, value)}, shipped())
    return [added_up((cell,), {where: value}) for cell in cells]


@pytest.mark.parametrize(
    ("tag", "value", "read"),
    [
        (2, 12345, [12345]),
        (65, 12345, [12345]),
        (65, 0, [0]),
        (66, 7, [7]),
        (70, 2**33, []),
        (2, -1, []),
        (67, 12345, []),  # time since the last start
        (64, b"\x0a\x01\x02\x03", []),  # an address
        (6, (1, 3, 6), []),
        (4, b"12345", [12345]),
        (4, b" 00012345\0", [12345]),
        (4, b"\x01\x1512345", [12345]),
        (4, b"\xfd\xe812345", [12345]),
        (4, b"Copies", []),
        (4, b"Copy", []),  # as a float it would be 239.4
        (4, b"", []),
        (4, struct.pack(">f", 72255.0), [72255, 0x478D1F80]),
        (4, struct.pack(">d", 72255.5), [72255]),
        (4, struct.pack(">f", float("nan")), [0x7FC00000]),
        (4, (12345).to_bytes(3, "big"), [12345]),
        (4, b"\x00\x01\x04\x00\x00\x13\x4b\x01\x01\x04\x00\x00\x06\xe2\xff", [4939, 1762]),
    ],
)
def test_numbers_in_every_form(tag: int, value: Value, read: list[int]) -> None:
    assert numbers(tag, value) == read


@pytest.mark.parametrize(
    ("place", "counts"),
    [
        ("1.3.6.1.2.1.43.10.2.1.4.1.1", True),
        ("1.3.6.1.2.1.43.10.2.1.5.1.1", False),  # since power-on
        ("1.3.6.1.2.1.43.11.1.1.8.1.1", False),  # how much toner it holds
        ("1.3.6.1.2.1.2.2.1.10.1", False),
        ("1.3.6.1.4.1.1347.47.6.1.1.4.1", False),  # the job log
        ("1.3.6.1.4.1.2699.1.3.1.8.1.1.4.1.3.3", True),
    ],
)
def test_only_the_makers_trees_and_the_life_count(place: str, counts: bool) -> None:
    assert bool(numbers(65, 12345, place)) is counts
