"""What the profile format can say of counters: one small made-up profile for each."""

import re
from pathlib import Path

import pytest

from collector.adapters.snmp.client.session import oid
from collector.adapters.snmp.plan import Keep
from collector.adapters.snmp.profiles.load import load_profiles
from collector.adapters.snmp.reading.reader import ask
from collector.adapters.snmp.reading.resolve import resolve
from collector.domain.counting.reading import Answer
from collector.errors import ConfigError
from tests.fakes.snmp_session import FakeSession
from tests.unit.snmp.machines import P, Said, answer, life, named, values
from tests.unit.snmp.own import HEAD, own

ACME = named("ACME 1", "99999.1")
TREE = P + "99999."
LINE = r"^acme\.toml:[0-9]+"


async def _read(folder: Path, text: str, *said: Said) -> Answer:
    return await answer(ACME, *said, profiles=own(folder, text))


def _wrong(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        own(folder, text)
    return "\n".join(
        f"{re.sub(LINE, 'acme.toml', one.path)}: {one.message}" for one in caught.value.problems
    )


# How a counter is written


@pytest.mark.parametrize("instance", ["", ".0"])
async def test_with_or_without_an_instance(tmp_path: Path, instance: str) -> None:
    text = """
        [identity]
        serial = [{ oid = "1.3.6.1.4.1.99999.9.1[.0]" }]
        [scalars]
        pages = { oid = "1.3.6.1.4.1.99999.8.1[.0]" }
        [meters]
        total = "pages"
        """
    machine: Said = {TREE + "8.1" + instance: 12, TREE + "9.1" + instance: "ABC123"}
    found = await _read(tmp_path, text, machine)
    assert (dict(found.meters), found.identity.serial) == ({"total": 12}, "ABC123")


async def test_octets_after_a_prefix(tmp_path: Path) -> None:
    text = """
        [scalars]
        words = { oid = "1.3.6.1.4.1.99999.1.0", kind = "text", prefix = ["0115", "fde8"] }
        octets = { oid = "1.3.6.1.4.1.99999.2.0", kind = "bytes", prefix = "01" }
        other = { oid = "1.3.6.1.4.1.99999.3.0", kind = "bytes", prefix = "01" }
        [meters]
        total = "words"
        copy = "octets"
        print = "other"
        """
    machine: Said = {
        TREE + "1.0": b"\xfd\xe81234",
        TREE + "2.0": b"\x01\x00\x02\x01",
        TREE + "3.0": b"\x02\x00\x02\x01",
    }
    found = await _read(tmp_path, text, machine)
    assert dict(found.meters) == {"total": 1234, "copy": 513}
    assert [one.evidence["oid"] for one in found.findings] == [TREE + "3.0"]


async def test_values_by_which_a_maker_says_nothing(tmp_path: Path) -> None:
    head = HEAD.replace("source", "sentinels = [999999999]\nsource")
    text = """
        [scalars]
        pages = { oid = ["1.3.6.1.4.1.99999.1.0", "1.3.6.1.4.1.99999.2.0"], sentinels = 65535 }
        copies = { oid = "1.3.6.1.4.1.99999.3.0" }
        [meters]
        total = ["pages", "life"]
        copy = "copies"
        """
    machine = {TREE + "1.0": 65535, TREE + "2.0": 999_999_999, TREE + "3.0": 65535}
    (tmp_path / "acme.toml").write_text(head + text, "utf-8")
    profiles = load_profiles(tmp_path)
    found = await answer(ACME, machine, life(999_999_999), profiles=profiles)
    assert dict(found.meters) == {"copy": 65535}
    machine[TREE + "2.0"] = 5
    found = await answer(ACME, machine, profiles=profiles)
    assert dict(found.meters) == {"total": 5, "copy": 65535}


async def test_where_a_counter_wraps(tmp_path: Path) -> None:
    text = """
        [scalars]
        pages = { oid = "1.3.6.1.4.1.99999.1.0", wrap = 1000000 }
        copies = { oid = "1.3.6.1.4.1.99999.2.0" }
        [tables.row]
        at = [
            { value = "1.3.6.1.4.1.99999.3.9", code = "index", maximum = "1.3.6.1.4.1.99999.3.7" },
        ]
        rows = { fax = { code = 1 }, print = { code = 2 } }
        [meters]
        total = "pages"
        copy = "copies"
        fax = "row[fax]"
        print = "row[print]"
        other = "pages - copies"
        """
    head = HEAD.replace("source", "wrap = 16777216\nsource")
    (tmp_path / "acme.toml").write_text(head + text, "utf-8")
    rows = {TREE + "3.9.1": 5, TREE + "3.9.2": 6, TREE + "3.7.2": 9_999_999}
    profiles = load_profiles(tmp_path)
    found = await answer(ACME, {TREE + "1.0": 9, TREE + "2.0": 4}, rows, profiles=profiles)
    assert dict(found.wraps) == {
        "total": 1_000_000,
        "copy": 2**24,
        "fax": 2**24,
        "print": 10_000_000,
    }


# What a counter counts

CODES = """
[tables.code]
at = [{ value = "1.3.6.1.4.1.99999.5", code = "index" }]
[tables.code.rows]
101 = { code = 101 }
102 = { code = 102, weight = 2 }
103 = { code = 103, size = "large" }
104 = { code = 104, size = "small" }
207 = { code = 207, size = "large", weight = 2 }
[meters]
"""


async def test_large_pages_that_count_twice(tmp_path: Path) -> None:
    text = CODES + 'total = "code[102] - code[103]"\ntotal_large = "code[102] - code[101]"\n'
    text += (
        'copy_large = "code[207]"\nprint_small = "code[101] - code[103]"\nfax_large = "code[207]"'
    )
    cells = {TREE + f"5.{code}": count for code, count in ((101, 10), (102, 13), (103, 3))}
    found = await _read(tmp_path, text, cells, {TREE + "5.207": 8})
    assert dict(found.meters) == {
        "total": 10,
        "total_large": 3,
        "copy_large": 4,
        "print_small": 7,
        "fax_large": 4,
    }
    assert found.raw["code[207]"] == 8
    found = await _read(tmp_path, text, cells, {TREE + "5.207": 7})
    assert "copy_large" not in found.meters, "half a page is no page"


@pytest.mark.parametrize(
    ("meter", "formula"),
    [
        ("total", "code[102]"),
        ("total", "code[102] - code[103]?"),
        ("total", "code[103]"),
        ("total_large", "code[102]"),
        ("total_large", "code[103] + code[104]"),
        ("total_small", "code[103]"),
        ("total_small", "code[101] - code[104]"),
    ],
)
def test_a_sum_that_counts_large_pages_unevenly(tmp_path: Path, meter: str, formula: str) -> None:
    assert "counts a small page" in _wrong(tmp_path, CODES + f'{meter} = "{formula}"')


def test_units_and_families_are_never_mixed(tmp_path: Path) -> None:
    text = """
        [scalars]
        paper = { oid = "1.3.6.1.4.1.99999.1.0", unit = "sheets" }
        [tables.row]
        family = "functions"
        at = [{ value = "1.3.6.1.4.1.99999.5", code = "index" }]
        [tables.row.rows]
        copy = { code = 1 }
        print = { code = 2 }
        color = { code = 3, family = "colours" }
        both = { code = 4, family = ["colours", "functions"] }
        [meters]
        total = ["row[copy] + row[print]", "row[copy] + row[both]", "row[color] + row[both]"]
        duplex = "paper"
        sheets = "paper + sheets"
        total_mono = "row[copy] + row[color]"
        total_color = "row[copy] + row[color] + row[both]"
        total_large = "paper"
        print = "life + life"
        fax = "life - row[copy]"
        scan = "row[copy] + row[print]"
        [derived]
        other = "total - scan"
        """
    overlap = "adds up counters of different families, which overlap: "
    copy, color = "row[copy] is of functions", "row[color] is of colours"
    expected = {
        "meters.sheets: 'paper + sheets'": f"{overlap}paper is of none, sheets is of sheets",
        "meters.total_mono: 'row[copy] + row[color]'": f"{overlap}{copy}, {color}",
        "meters.total_color: 'row[copy] + row[color] + row[both]'": (
            f"{overlap}{copy}, {color}, row[both] is of colours/functions"
        ),
        "meters.total_large: 'paper'": "paper counts sheets, but total_large is in impressions",
        "meters.fax: 'life - row[copy]'": f"{overlap}life is of life, {copy}",
        "derived.other: 'total - scan'": "scan counts scans, but other is in impressions",
    }
    found = _wrong(tmp_path, text).splitlines()
    assert found == [f"acme.toml: {formula}: {reason}" for formula, reason in expected.items()]


async def test_confidence_is_the_least_of_the_counters(tmp_path: Path) -> None:
    text = """
        [scalars]
        pages = { oid = "1.3.6.1.4.1.99999.1.0" }
        copies = { oid = "1.3.6.1.4.1.99999.2.0", confidence = "M", source = "a forum" }
        faxes = { oid = "1.3.6.1.4.1.99999.3.0", confidence = "L" }
        [meters]
        total = "pages"
        copy = "copies"
        fax = "faxes"
        other = "copies + faxes"
        print = { of = "pages - copies", confidence = "H", source = "measured" }
        """
    machine = {TREE + "1.0": 9, TREE + "2.0": 4, TREE + "3.0": 1}
    found = await _read(tmp_path, text, machine)
    told = {
        name: (one.confidence, one.source, one.derived) for name, one in found.provenance.items()
    }
    assert told == {
        "total": ("H", "its manual", False),
        "copy": ("M", "a forum", False),
        "print": ("H", "measured", True),
    }
    profiles = own(tmp_path, text, low_confidence=True)
    found = await answer(ACME, machine, profiles=profiles)
    assert (found.meters["fax"], found.meters["other"]) == (1, 5)
    assert found.provenance["other"].confidence == "L"


# Meters worked out from others

DERIVED = """
[scalars]
mono = { oid = "1.3.6.1.4.1.99999.1.0", family = "colours" }
color = { oid = "1.3.6.1.4.1.99999.2.0", family = "colours" }
all = { oid = "1.3.6.1.4.1.99999.3.0", family = "colours" }
[meters]
total = ["all", "life"]
total_mono = "mono"
total_color = "color"
[derived]
total = "total_mono + total_color"
total_mono = { of = "total - total_color", confidence = "M", source = "arithmetic" }
"""


async def test_meters_are_worked_out_where_there_is_no_counter(tmp_path: Path) -> None:
    machine = {TREE + "1.0": 7, TREE + "2.0": 2, TREE + "3.0": 9}
    found = await _read(tmp_path, DERIVED, machine)
    assert dict(found.meters) == {"total": 9, "total_mono": 7, "total_color": 2}
    assert not any(one.derived for one in found.provenance.values())
    found = await _read(tmp_path, DERIVED, {TREE + "2.0": 2, TREE + "3.0": 9})
    assert dict(found.meters) == {"total": 9, "total_mono": 7, "total_color": 2}
    told = found.provenance["total_mono"]
    assert (told.formula, told.confidence, told.derived) == ("= total - total_color", "M", True)
    found = await _read(tmp_path, DERIVED, {TREE + "1.0": 7, TREE + "2.0": 2})
    assert found.meters["total"] == 9
    assert found.raw == {"mono": 7, "color": 2}


async def test_nothing_is_worked_out_across_families(tmp_path: Path) -> None:
    found = await _read(tmp_path, DERIVED, {TREE + "2.0": 2}, life(9))
    assert dict(found.meters) == {"total": 9, "total_color": 2}


async def test_a_kept_meter_is_not_worked_out_otherwise(tmp_path: Path) -> None:
    """A machine that is starting up must not change what a meter stands for."""
    profiles = own(tmp_path, DERIVED)
    whole = {TREE + "1.0": 7, TREE + "2.0": 2, TREE + "3.0": 9}
    without_mono = {TREE + "2.0": 2, TREE + "3.0": 9}
    read = (await resolve(FakeSession(values(ACME, whole)), profiles)).held
    derived = (await resolve(FakeSession(values(ACME, without_mono)), profiles)).held
    later = await resolve(FakeSession(values(ACME, without_mono)), profiles, Keep(meters=read))
    assert "total_mono" not in later.held
    later = await resolve(FakeSession(values(ACME, whole)), profiles, Keep(meters=derived))
    assert later.held["total_mono"].text == "= total - total_color"


def test_a_derived_meter_names_meters(tmp_path: Path) -> None:
    text = '[derived]\ntotal = ["total_mno + copy", "total"]\ntotl = "copy"\n'
    found = _wrong(tmp_path, text)
    assert "derived.total[0]: 'total_mno' is no meter; did you mean total_mono?" in found
    assert "derived.total[1]: cannot be worked out from itself" in found
    assert "derived.totl: is no meter; did you mean total?" in found


async def test_checks_allow_a_drift(tmp_path: Path) -> None:
    text = """
        [scalars]
        pages = { oid = "1.3.6.1.4.1.99999.1.0" }
        [meters]
        total = "pages"
        engine_total = "life"
        [[checks]]
        whole = "engine_total"
        parts = ["total"]
        tolerance = 10
        percent = 2
        """
    for counted, is_told in ((990, False), (980, False), (979, True)):
        found = await _read(tmp_path, text, {TREE + "1.0": counted}, life(1000))
        assert bool(found.findings) is is_told
    assert found.findings[0].evidence == {"whole": "engine_total", "parts": "total"}
    found = await _read(tmp_path, text, {TREE + "1.0": 5}, life(14))
    assert not found.findings, "a few pages are few whatever per cent they are"


async def test_a_table_that_must_be_walked_to_be_fresh(tmp_path: Path) -> None:
    text = """
        [tables.row]
        refresh = true
        at = [
            { value = "1.3.6.1.4.1.99999.5", code = "index" },
            { value = "1.3.6.1.4.1.99999.6", code = "index" },
        ]
        rows = { copy = { code = 1 } }
        [meters]
        copy = "row[copy]"
        """
    session = FakeSession(values(ACME, {TREE + "5.1": 3}))
    plan = await resolve(session, own(tmp_path, text))
    session.walks.clear()
    found = await ask(session, plan)
    assert found[oid(TREE + "5.1")] == 3
    assert session.walks == [oid(TREE + "5")]
    assert session.gets[-1] == plan.oids


def test_what_cannot_be_said(tmp_path: Path) -> None:
    text = """
        [scalars]
        a = { oid = "1.3.6", wrap = 5, weight = 0, prefix = "1", unit = "page", size = "big" }
        b = { oid = "1.3.6[.0", sentinels = [-1], family = 5 }
        [tables.row]
        rows = { x = { code = 1 } }
        [meters]
        total = "row"
        print = "row[y]"
        """
    found = _wrong(tmp_path, text)
    for expected in (
        "scalars.a.wrap: must be at least 10000",
        "scalars.a.weight: must be how many times",
        "scalars.a.prefix: '1' must be octets in hexadecimal such as 0115",
        "scalars.a.unit: must be one of impressions, sheets, scans, unstated, not 'page'",
        "scalars.a.size: must be one of all, large, small, not 'big'",
        "scalars.b.oid: '1.3.6[.0' is no object identifier",
        "scalars.b.sentinels[0]: must be at least 0, not -1",
        "scalars.b.family: must be text in quotes, not 5",
        "tables.row.at: is missing",
        "meters.total: 'row': row is a table; name a row of it, or all: row[*]",
        "meters.print: 'row[y]': table row has no row 'y'",
    ):
        assert expected in found, expected + "\n" + found
