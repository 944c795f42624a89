"""Whatever stands in a profile file: it loads and can be read by, or every mistake is told."""

import asyncio
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.snmp.client.session import Oid, Value
from collector.adapters.snmp.profiles import load as loader
from collector.adapters.snmp.profiles.load import SHIPPED, load_files
from collector.adapters.snmp.profiles.review import formulas_of
from collector.adapters.snmp.profiles.values import DERIVED, Profile, Profiles, Scalar
from collector.adapters.snmp.reading.decode import decode
from collector.adapters.snmp.reading.resolve import resolve
from collector.errors import DeviceNonsense, Problem
from tests.fakes.snmp_session import FakeSession
from tests.properties.profile_mutations import changed
from tests.unit.snmp.machines import P, life, named, values
from tests.unit.snmp.test_profile_documents import EVERYTHING

ACME: Mapping[Oid, Value] = values(
    named("A", "99999.1"),
    life(9_000),
    {
        P + "99999.2.0": b"\x01\x15S123456",
        P + "99999.4.0": b"\x01\x15 8000 ",
        P + "99999.6.0": bytes.fromhex("0a0104000000070b010400000009ff"),
        P + "99999.7.2.1.20.1": 1,
        P + "99999.7.2.1.20.2": 2,
        P + "99999.7.5.1.20.1": "Copy",
        P + "99999.7.7.1.20.1": 999_999,
        P + "99999.7.9.1.20.1": 500,
        P + "99999.7.9.1.20.2": 600,
        P + "99999.8.2.1.20": 1,
    },
)
"""A machine that answers what the profile with every key asks for."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for own profiles; of the shipped ones only the generic is there, to be quick."""
    shipped = tmp_path_factory.mktemp("shipped")
    copyfile(SHIPPED / "generic.toml", shipped / "generic.toml")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "SHIPPED", shipped)
        yield tmp_path_factory.mktemp("own")


def _load(path: Path, raw: bytes) -> Profiles | None:
    """Return the profiles with `raw` among them, or None where it is told what is wrong with it."""
    path.write_bytes(raw)
    problems: list[Problem] = []
    profiles = load_files([path], problems, low_confidence=True)
    assert all(one.path.startswith(path.name) and one.path.isprintable() for one in problems)
    assert all(one.message.isprintable() and 0 < len(one.message) < 500 for one in problems)
    return None if problems else profiles


def _read(profiles: Profiles, machine: Mapping[Oid, Value]) -> None:
    """Read `machine` by `profiles`: nothing comes of it but an answer, or the agreed error."""

    async def read() -> None:
        session = FakeSession(machine)
        plan = await resolve(session, profiles)
        try:
            answer = decode(plan, await session.get(plan.oids), "hall")
        except DeviceNonsense:
            return
        assert all(0 <= value < 2**32 for value in answer.meters.values())

    asyncio.run(read())


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _is_stated(profile: Profile, generic: Profile, text: str) -> bool:
    """Say whether every sum and every OID of a scalar stands in the file or in what it includes."""
    stated = {one.removesuffix("[.0]").strip().lstrip(".") for one in _strings(tomllib.loads(text))}
    stated |= {formula.text for _, formula in formulas_of(generic)}
    derived = [one.text.removeprefix(DERIVED) for how in profile.derived.values() for one in how]
    sums = [formula.text for _, formula in formulas_of(profile)]
    oids = [one for source in profile.sources.values() for one in _oids(source)]
    return {one.strip().lstrip(".") for one in (*derived, *sums)} | set(oids) <= stated


def _oids(source: object) -> Iterator[str]:
    for oid in source.oids if isinstance(source, Scalar) else ():
        written = ".".join(f"{{{arc}}}" if isinstance(arc, str) else str(arc) for arc in oid)
        yield written.removesuffix(".0") if (*oid[:-1],) in source.oids else written


@given(text=changed(EVERYTHING))
def test_a_changed_profile_is_told_or_can_be_read_by(folder: Path, text: str) -> None:
    profiles = _load(folder / "own.toml", text.encode())
    if profiles is not None:
        (own,) = (one for one in profiles.by_id.values() if one.own)
        assert _is_stated(own, profiles.generic, text)
        _read(profiles, ACME)


RAW = [EVERYTHING.encode(), *(path.read_bytes() for path in sorted(SHIPPED.glob("*.toml")))]
JUNK = st.one_of(
    st.binary(max_size=12),
    st.sampled_from([b"[", b"]]", b"=", b'"', b"'", b'"""', b"\n", b"{", b"}", b",", b"#", b"."]),
    st.sampled_from([b"a." * 3000, b"[" * 3000, b"9" * 5000, b"\xef\xbb\xbf", b"\x00", b"\r"]),
)


@given(raw=st.sampled_from(RAW), data=st.data())
def test_a_damaged_file_is_told_or_can_be_read_by(
    folder: Path, raw: bytes, data: st.DataObject
) -> None:
    """Cut, overwritten or with a piece of it elsewhere."""
    start, end, to = sorted(data.draw(st.lists(st.integers(0, len(raw)), min_size=3, max_size=3)))
    piece = raw[start:end] if data.draw(st.booleans()) else data.draw(JUNK)
    damaged = raw[:start] + raw[end:to] + piece + (raw[to:] if data.draw(st.booleans()) else b"")
    profiles = _load(folder / "own.toml", damaged)
    if profiles is not None:
        _read(profiles, ACME)
