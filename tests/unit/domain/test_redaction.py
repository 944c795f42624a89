"""What is put out of sight, what is left alone, and that it stays readable."""

import pytest

from collector.domain.privacy.redaction import KnownSecret, Pseudonyms, Redaction
from collector.domain.privacy.redaction_table import SecretKind

SERIAL, MAC, IP = "E216R220016", "00:26:73:1b:2c:3d", "10.1.2.34"
KNOWN = (
    KnownSecret(SecretKind.SERIAL, SERIAL),
    KnownSecret(SecretKind.MAC, MAC),
    KnownSecret(SecretKind.IP, IP),
    KnownSecret(SecretKind.HOST, "copier-e216r220016"),
    KnownSecret(SecretKind.CONTACT, "佐藤 一郎 (Taro Sato)"),
    KnownSecret(SecretKind.LOCATION, "2F"),
    KnownSecret(SecretKind.SECRET, "s3cret-words"),
)


def redaction(*more: KnownSecret) -> Redaction:
    return Redaction(Pseudonyms(b"salt"), (*KNOWN, *more))


@pytest.mark.parametrize(
    "text",
    [
        f"MFG:RICOH;SN:{SERIAL};",
        SERIAL.lower(),
        "RNP0026731B2C3D",
        "NPI1B2C3D",
        "00-26-73-1b-2c-3d",
        "0026.731b.2c3d",
        f"http://{IP}:8080/",
        f"IP{IP}.",
        "fe80::226:73ff:fe1b:2c3d",
        "2001:DB8:0:1::2F",
        "uuid:16a65700-007c-1000-bb49-0026731b2c3d",
        "mail sato@town.example.jp now",
        r"\\fs01.town\scan$\sato",
        r"TOWN\sato",
        "tel 0123-45-6789",
        "fax +81 3-1234-5678",
        "ask Sato or 佐藤",
        "community s3cret-words",
        "S/N:CRUM-12081112345",
        "Serial Number: ABC-12345",
        "copier2f.town.lg.jp",
        "printer.canon.lan",
        "192.168.200.14",
    ],
)
def test_what_is_personal_is_replaced_in_its_place(text: str) -> None:
    made = redaction().text(text)
    assert made != text
    assert len(made) == len(text)
    assert [one for one in made if not one.isalnum()] == [
        one for one in text if not one.isalnum()
    ] or "*" in made


@pytest.mark.parametrize(
    "text",
    [
        "Counter: Machine Total",
        "Total (Full Color + Single Color/Large)",
        "1.07.2.3",
        "V4.12.0.1",
        "12:34:56",
        "2026-11-25 08:30",
        "Machine::Full",
        "255.255.255.0 127.0.0.1 0.0.0.0 224.0.0.251",
        "00:00:00:00:00:00",
        "SN 00000000",
        "Serial port 1",
        "see http://www.ricoh.com/products",
        "2F: black toner",
        "ブラックトナー",
        "213402",
        "::1",
    ],
)
def test_what_is_nobodys_is_left_alone(text: str) -> None:
    assert redaction().text(text) == text


def test_a_machines_own_description_keeps_what_may_be_a_version() -> None:
    text = "ACME 9, firmware 4.11.2.1 of acme.co.jp, S/N ABC12345"
    made = redaction().text(text, described=True)
    assert made.startswith("ACME 9, firmware 4.11.2.1 of acme.co.jp, S/N ")
    assert "ABC12345" not in made
    assert "4.11.2.1" not in redaction().text(text)


def test_one_value_has_one_pseudonym_in_every_spelling_and_place() -> None:
    one = redaction()
    serial = one.text(SERIAL)
    mac = one.text(MAC)
    assert one.text(f"S/N {SERIAL};") == f"S/N {serial};"
    assert one.text(SERIAL.lower()) == serial.lower()
    assert serial.lower() in one.text("copier-e216r220016")
    assert one.octets(b"\xfd\xe8" + SERIAL.encode()) == b"\xfd\xe8" + serial.encode()
    for charset in ("utf-16-be", "utf-16-le"):
        assert one.octets(SERIAL.encode(charset)) == serial.encode(charset)
    plain = mac.replace(":", "")
    assert one.text("RNP0026731B2C3D")[3:] == plain.upper()
    assert one.text("NPI1B2C3D")[3:] == plain[6:].upper()
    assert one.octets(b"\x01" + bytes.fromhex("0026731b2c3d")) == b"\x01" + bytes.fromhex(plain)
    assert one.whole(SecretKind.MAC, bytes.fromhex("0026731b2c3d")).hex() == plain
    address = one.text(IP)
    assert one.whole(SecretKind.IP, bytes([10, 1, 2, 34])) == bytes(map(int, address.split(".")))
    assert one.text(f"ipp://{IP}/x")[6:-2] == address
    contact = one.whole(SecretKind.CONTACT, "佐藤".encode("cp932"))
    assert one.octets("佐藤".encode("cp932")) == contact


def test_the_maker_of_a_hardware_address_stays_known() -> None:
    assert redaction().text(MAC).startswith("00:26:73:")


def test_a_value_without_a_known_charset_is_blanked() -> None:
    made = redaction().whole(SecretKind.SECRET, b"\x00\xff\x81secret")
    assert made == b"*" * 9


def test_what_was_replaced_is_counted() -> None:
    one = redaction()
    one.text(f"{SERIAL} at {IP} and {IP}")
    assert (one.hidden[SecretKind.SERIAL], one.hidden[SecretKind.IP] >= 2) == (1, True)
    assert one.hidden[SecretKind.MAC] == 0
