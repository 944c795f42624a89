"""Who answered: what is a serial number, and when two answers are one machine."""

import pytest

from collector.domain.counting.identity import (
    DeviceIdentity,
    Sameness,
    compare,
    merged,
    real_serial,
)

FULL = DeviceIdentity("Ricoh", "IM C3000", "3081R900123", "00:26:73:aa:bb:cc", "1.2", "1.3.6.1.4.1")


@pytest.mark.parametrize(
    "text",
    [
        *("XXXXXXXXXX", "xxxxxxxx", "0000000000", "AAAAAAAAAA", "0000", "00000-00000"),
        *("", "   ", "\0\0\0\0", "----", "....", "1", "-1", "-2", "abc", "1 2"),
        *("123456789", "1234567890", "0123456789", "12345678", "123-456-789", "9876543210"),
        *("ABCDEFGHIJ", "12345678901234", "Not Specified", "To be filled by O.E.M.", "not-set"),
        *("unknown", "Serial_Number", "SerialNumber", "N/A", "none", "default", "null", "不明"),
        None,
    ],
)
def test_bogus_serial_is_no_identity(text: str | None) -> None:
    """Seen (HP Web Jetadmin): XXXXXXXXXX, 0000000000, AAAAAAAAAA after a board was exchanged."""
    assert real_serial(text) is None


@pytest.mark.parametrize(
    ("text", "serial"),
    [
        ("3081R900123", "3081R900123"),
        ("  2xk04711\r\n", "2XK04711"),
        ("RVP 123 4567", "RVP1234567"),
        ("E77123A4J567890\0\0", "E77123A4J567890"),
        ("A0ED-0110-00123", "A0ED-0110-00123"),
        ("0000000001", "0000000001"),
        ("XXXXXXXXX1", "XXXXXXXXX1"),
        ("123456", "123456"),
        ("1234567891", "1234567891"),
        ("23456789", "23456789"),
    ],
)
def test_real_serial_is_one_text_however_it_is_padded(text: str, serial: str) -> None:
    assert real_serial(text) == serial
    assert real_serial(serial) == serial


def test_key_is_the_strongest_mark() -> None:
    assert FULL.key == "serial:3081R900123"
    assert not FULL.is_weak
    by_mac = DeviceIdentity(model="IM C3000", mac="00:26:73:aa:bb:cc")
    assert (by_mac.key, by_mac.is_weak) == ("mac:00:26:73:aa:bb:cc", True)
    assert DeviceIdentity(model="SP 3600", object_id="1.3.6").key == "model:1.3.6/SP 3600"
    assert DeviceIdentity().key == "model:?/?"


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ({"serial": "S1"}, {"serial": "S1"}, Sameness.SAME),
        ({"serial": "S1"}, {"serial": "S2"}, Sameness.OTHER),
        # the strongest mark decides: a network card moved to another machine
        ({"serial": "S1", "mac": "m"}, {"serial": "S2", "mac": "m"}, Sameness.OTHER),
        ({"serial": "S1", "mac": "m"}, {"serial": "S1", "mac": "n"}, Sameness.SAME),
        # once without its serial: not a new machine
        ({"serial": "S1", "mac": "m"}, {"mac": "m"}, Sameness.SAME),
        ({"serial": "S1", "model": "A"}, {"model": "A"}, Sameness.UNKNOWN),
        ({"serial": "S1", "model": "A"}, {"model": "B"}, Sameness.OTHER),
        ({"model": "A", "object_id": "1"}, {"model": "A", "object_id": "2"}, Sameness.OTHER),
        ({"model": "A"}, {}, Sameness.UNKNOWN),
        ({}, {}, Sameness.UNKNOWN),
    ],
)
def test_strongest_common_mark_decides(old: dict, new: dict, verdict: Sameness) -> None:
    one, two = DeviceIdentity(**old), DeviceIdentity(**new)
    assert compare(one, two) is verdict
    assert compare(two, one) is verdict


def test_new_firmware_or_name_of_the_model_is_the_same_machine() -> None:
    updated = DeviceIdentity("RICOH", "RICOH IM C3000", "3081R900123", None, "1.3", "1.3.6.1.4.1")
    assert compare(FULL, updated) is Sameness.SAME
    assert merged(FULL, updated) == DeviceIdentity(
        "RICOH", "RICOH IM C3000", "3081R900123", "00:26:73:aa:bb:cc", "1.3", "1.3.6.1.4.1"
    )


def test_what_was_not_answered_is_remembered() -> None:
    assert merged(FULL, DeviceIdentity()) == FULL
    assert merged(DeviceIdentity(), FULL) == FULL
