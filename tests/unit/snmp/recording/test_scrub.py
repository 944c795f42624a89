"""Nothing personal stays in a recording, and everything a profile reads does."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from collector.adapters.snmp.client.session import Oid, Value, oid
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.resolve import resolve
from collector.adapters.snmp.recording.discretion import shipped
from collector.adapters.snmp.recording.recorder import Recording
from collector.adapters.snmp.recording.scrub import Scrubbed, scrub
from collector.adapters.snmp.recording.session import (
    CaptureSession,
    decode_capture,
    parse_capture,
    text_of,
)
from collector.adapters.snmp.recording.walk import RecordedRow
from collector.domain.counting.reading import Answer
from collector.domain.privacy.redaction import KnownSecret
from collector.domain.privacy.redaction_table import SecretKind
from collector.errors import DeviceNonsense
from tests.unit.snmp.machines import CAPTURES, PRINTER, Said, devices, life, named, values
from tests.wording import english

PROFILES = load_profiles()
SERIAL, MAC = "E216R220016", bytes.fromhex("0026731b2c3d")
SYS, P = "1.3.6.1.2.1.1.", "1.3.6.1.4.1."
OFFICE: Said = {
    SYS + "4.0": "佐藤 一郎 03-1234-5678",
    SYS + "5.0": "copier-e216r220016",
    SYS + "6.0": "2階 総務課 (Town Hall)",
    "1.3.6.1.2.1.2.2.1.3.1": 6,
    "1.3.6.1.2.1.2.2.1.6.1": MAC,
    "1.3.6.1.2.1.43.5.1.1.17.1": SERIAL,
    P + "367.3.2.1.2.1.4.0": SERIAL,
}
RICOH: tuple[Said, ...] = (
    named("RICOH MP C2503 1.35 / RICOH Network Printer C model", "367.1.1"),
    {SYS + "3.0": 4242},
    OFFICE,
    devices(i1=(PRINTER, "RICOH MP C2503", "")),
    life(580249, 8),
)
TAGS: Mapping[type, int] = {int: 2, bytes: 4, tuple: 6}


async def recording(*said: Said, tags: Mapping[str, int] | None = None) -> Recording:
    found = values(*said)
    session = CaptureSession(found)
    plan = await resolve(session, PROFILES)
    try:
        answer: Answer | None = decode(plan, found)
    except DeviceNonsense:
        answer = None
    own = {oid(name): tag for name, tag in (tags or {}).items()}
    rows = {name: _row(value, own.get(name)) for name, value in sorted(found.items())}
    return Recording(rows, plan, answer)


def _row(value: Value, tag: int | None) -> RecordedRow:
    return (tag or TAGS[type(value)], value)


async def scrubbed(*said: Said, known: tuple[KnownSecret, ...] = (), **more: object) -> Scrubbed:
    tags: Mapping[str, int] = more.get("tags", {})  # type: ignore[assignment] # one argument
    return scrub(await recording(*said, tags=tags), shipped(), known, b"salt")


def words(one: Scrubbed) -> bytes:
    held = [value for _, value in one.recording.rows.values() if isinstance(value, bytes)]
    return b"\n".join(held)


def value(one: Scrubbed, name: str) -> Value:
    return one.recording.rows[oid(name)][1]


async def test_who_and_where_is_gone_and_lengths_stay() -> None:
    more: Said = {
        P + "367.3.2.1.1.1.1.0": "RICOH MP C2503",
        P + "367.9.1.0": f"MFG:RICOH;SN:{SERIAL};",
        P + "367.9.2.0": b"\x01" + MAC + b"\x02" + SERIAL.lower().encode(),
        P + "367.9.3.0": "RNP0026731B2C3D at 佐藤".encode("cp932"),
        P + "367.9.4.0": SERIAL.encode("utf-16-be"),
        P + "367.9.6.0": b"\xfd\xe86fe2bdee-a09b-4cb1-afef-0026731b2c3d",
        P + "367.9.5.0": "http://copier.town.example.jp/ fe80::226:73ff:fe1b:2c3d",
    }
    before = await recording(*RICOH, more)
    one = await scrubbed(*RICOH, more)
    text = words(one)
    secrets = (SERIAL, SERIAL.lower(), "佐藤", "総務課", "1234", "town", "2c3d", "2C3D", "0026731B")
    for secret in secrets:
        for charset in ("utf-8", "cp932", "utf-16-be"):
            assert secret.encode(charset) not in text, secret
    assert MAC not in text
    assert before.rows.keys() == one.recording.rows.keys()
    for name, (tag, held) in one.recording.rows.items():
        was_tag, was = before.rows[name]
        assert tag == was_tag
        assert isinstance(held, bytes) is isinstance(was, bytes)
        if isinstance(held, bytes) and isinstance(was, bytes):
            assert len(held) == len(was)
    serial = value(one, "1.3.6.1.2.1.43.5.1.1.17.1")
    assert isinstance(serial, bytes)
    assert value(one, P + "367.3.2.1.2.1.4.0") == serial
    assert value(one, P + "367.9.1.0") == b"MFG:RICOH;SN:" + serial + b";"
    assert value(one, P + "367.9.4.0") == serial.decode().encode("utf-16-be")
    uuid = value(one, P + "367.9.6.0")
    assert isinstance(uuid, bytes)
    assert len(bytes.fromhex(uuid[2:].decode().replace("-", ""))) == 16
    assert serial.lower() in text, "in the machine's own name, too"
    assert value(one, P + "367.3.2.1.1.1.1.0") == b"RICOH MP C2503"
    assert value(one, SYS + "1.0").startswith(b"RICOH MP C2503 1.35")  # type: ignore[union-attr] # octets
    assert one.hidden[SecretKind.SERIAL] >= 4


@pytest.mark.parametrize("path", sorted(CAPTURES.rglob("*.snmprec")), ids=lambda path: path.stem)
async def test_every_recording_decodes_to_the_same_figures_when_scrubbed(
    path: Path, tmp_path: Path
) -> None:
    found = parse_capture(_recorded(path))
    texts = {".".join(map(str, name)): held for name, held in found.items()}
    one = await scrubbed(texts, OFFICE if "ricoh" in path.stem else {})
    again = tmp_path / path.name
    _write(again, text_of(one.recording.rows))
    try:
        before = await decode_capture(path, PROFILES)
    except DeviceNonsense:
        return
    after = await decode_capture(again, PROFILES)
    assert after.meters == before.meters
    assert after.profile == before.profile
    assert [one.level_pct for one in after.supplies] == [one.level_pct for one in before.supplies]
    assert after.identity.model == before.identity.model
    assert after.identity.firmware == before.identity.firmware
    serial = before.identity.serial
    if serial is not None:
        assert after.identity.serial not in {None, serial}
        assert serial not in _recorded(again)


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


def _recorded(path: Path) -> str:
    return path.read_text("latin-1")


async def test_a_bogus_serial_number_stays_bogus() -> None:
    one = await scrubbed(*RICOH[:2], {"1.3.6.1.2.1.43.5.1.1.17.1": "XXXXXXXXXX"}, life(5))
    assert value(one, "1.3.6.1.2.1.43.5.1.1.17.1") == b"XXXXXXXXXX"


async def test_a_symbol_set_before_a_serial_number_stays_and_the_number_is_the_same() -> None:
    private = P + "11.2.3.9.4.2.1.1.3.3.0"
    for head in (b"\x01\x15", b"\xfd\xe8"):
        one = await scrubbed(*RICOH, {private: head + SERIAL.encode()})
        serial = value(one, "1.3.6.1.2.1.43.5.1.1.17.1")
        assert isinstance(serial, bytes)
        assert value(one, private) == head + serial


async def test_a_models_name_given_as_the_printers_name_stays() -> None:
    name = "1.3.6.1.2.1.43.5.1.1.16.1"
    kept = await scrubbed(*RICOH, {name: "RICOH MP C2503", SYS + "5.0": "MP C2503"})
    assert value(kept, name) == b"RICOH MP C2503"
    assert value(kept, SYS + "5.0") == b"MP C2503"
    own = await scrubbed(*RICOH, {name: "Salary office"})
    assert value(own, name) != b"Salary office"


async def test_addresses_in_every_type() -> None:
    names = {P + "367.9.1.0": 64, P + "367.9.2.0": 4}
    one = await scrubbed(
        *RICOH,
        {P + "367.9.1.0": bytes([10, 1, 2, 34]), P + "367.9.2.0": "gateway 10.1.2.34:9100"},
        tags=names,
    )
    made = value(one, P + "367.9.1.0")
    assert isinstance(made, bytes)
    assert made != bytes([10, 1, 2, 34])
    dotted = ".".join(map(str, made))
    assert value(one, P + "367.9.2.0") == f"gateway {dotted}:9100".encode()


async def test_a_serial_number_given_as_a_number() -> None:
    serial: Said = {"1.3.6.1.2.1.43.5.1.1.17.1": "123456789", P + "99999.1.0": 123456789}
    one = await scrubbed(named("ACME 9", "99999.1"), serial, life(777))
    text = value(one, "1.3.6.1.2.1.43.5.1.1.17.1")
    assert isinstance(text, bytes)
    assert value(one, P + "99999.1.0") == int(text) % 2**31
    assert one.recording.answer is not None
    assert value(one, "1.3.6.1.2.1.43.10.2.1.4.1.1") == 777


async def test_rows_named_after_somebody_are_left_out_and_counters_never() -> None:
    user = ".".join(str(one) for one in b"copier-e216r220016")
    known = (KnownSecret(SecretKind.IP, "10.2.1.4"),)
    one = await scrubbed(
        *RICOH,
        {
            P + f"367.9.9.1.5.18.{user}": 3,
            P + "367.9.8.1.2.10.2.1.4": 1,
            P + "367.9.8.1.2.10.2.1.5": 1,
        },
        known=known,
    )
    names = {".".join(map(str, name)) for name in one.recording.rows}
    assert P + f"367.9.9.1.5.18.{user}" not in names
    assert P + "367.9.8.1.2.10.2.1.4" not in names
    assert P + "367.9.8.1.2.10.2.1.5" in names
    assert "1.3.6.1.2.1.43.10.2.1.4.1.1" in names
    assert any("named after" in english(note) for note in one.notes)


async def test_a_table_of_documents_is_taken_for_a_job_log() -> None:
    jobs: dict[str, Value | str] = {}
    for row in range(1, 4):
        jobs[P + f"367.9.7.1.2.1.{row}"] = f"予算{row}.xlsx"
        jobs[P + f"367.9.7.1.3.1.{row}"] = f"sato{row}"
        jobs[P + f"367.9.7.1.4.1.{row}"] = row
    people = {P + f"367.9.6.1.2.{row}": f"a{row}@town.example.jp" for row in range(1, 4)}
    people |= {P + f"367.9.6.1.3.{row}": f"Sato {row}" for row in range(1, 4)}
    single: Said = {P + "367.9.5.0": "last.pdf", P + "367.9.4.0": "kept"}
    one = await scrubbed(*RICOH, jobs, people, single)
    left = {".".join(map(str, name)) for name in one.recording.rows if name[6:9] == (367, 9, 7)}
    assert left == set()
    assert b"sato" not in words(one).lower()
    assert oid(P + "367.9.5.0") not in one.recording.rows
    assert value(one, P + "367.9.4.0") == b"kept"
    assert sum("log or an address book" in english(note) for note in one.notes) == 2


async def test_the_callers_own_secrets_and_addresses_are_replaced() -> None:
    known = (
        KnownSecret(SecretKind.SECRET, "t0wn-secret"),
        KnownSecret(SecretKind.IP, "192.168.7.9"),
    )
    said: Said = {P + "367.9.1.0": "public,t0wn-secret", P + "367.9.2.0": "4.192.168.7.9"}
    one = await scrubbed(*RICOH, said, known=known)
    assert value(one, P + "367.9.1.0") == b"public,***********"


async def test_a_huge_value_is_left_out() -> None:
    one = await scrubbed(*RICOH, {P + "367.9.1.0": b"x" * 60_000})
    assert oid(P + "367.9.1.0") not in one.recording.rows
    assert any("more than" in english(note) for note in one.notes)


def test_the_table_of_discretion_bars_nothing_that_a_profile_reads() -> None:
    table = shipped()
    assert len(table.left_out) > 30
    read: set[Oid] = set()
    for path in CAPTURES.rglob("*.snmprec"):
        read |= set(parse_capture(path.read_text("latin-1")))
    assert table.barred(oid("1.3.6.1.4.1.1347.47.6.1.1.4.2")) == oid("1.3.6.1.4.1.1347.47")
    assert table.barred(oid("1.3.6.1.2.1.43.10.2.1.4.1.1")) is None
    allowed = {"1.3.6.1.2.1.4", "1.3.6.1.2.1.43.16", "1.3.6.1.2.1.43.14.1.1.9"}
    barred = {table.barred(name) for name in read} - {None}
    dotted = {".".join(map(str, one or ())) for one in barred}
    assert all(
        any(one.startswith(known) for known in (*allowed, "1.3.6.1.2.1.25.")) for one in dotted
    ), dotted
