"""Loader, JSON schema and manual know the same keys; what is generated is up to date."""

import datetime as dt
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import fastjsonschema
import pytest

from collector.adapters.snmp.profiles import keys as profile_keys
from collector.adapters.snmp.profiles.documents import (
    MANUAL,
    SCHEMA,
    manual_text,
    schema_text,
    with_block,
)
from collector.adapters.snmp.profiles.keys import ProfileKey, ProfileKeys, ValueKind
from collector.adapters.snmp.profiles.load import SHIPPED, load_files, load_profiles
from collector.adapters.snmp.profiles.section import SectionValues
from collector.errors import Problem

ANEW = "run: python -m collector.adapters.snmp.profiles.documents"
EVERYTHING = """
format = 1
id = "whole"
about = "every key there is"
source = "these tests"
confidence = "M"
include = ["generic"]
priority = 3
sheets_are_impressions = true
life_family = "a"
rated_ipm = 60
nvram_step = 10
wrap = 16777216
sentinels = [999999999]

[[match]]
object_id = ["1.3.6.1.4.1.99999", "1.3.6.1.4.1.99998"]
descr = 'A'
device_id = 'B'
device_descr = 'C'
model = 'D'
firmware = 'E'
not_object_id = "1.3.6.1.4.1.99999.9"
not_descr = 'F'
printer = true
weak = true
[[match]]
signature = "1.3.6.1.4.1.99999.1"

[[models]]
model = 'A-(\\d\\d)'
confidence = "M"
source = "a data sheet"
[[models]]
words = 'A-3'
ipm = 30
wrap = 1000000
source = "a data sheet"

[identity]
vendor = "ACME"
brands = [{ pattern = 'ACNE', vendor = "ACNE" }]
serial = [{ oid = "1.3.6.1.4.1.99999.2[.0]", pattern = 'S(.*)', strip_prefix = "0115" }]
model = [{ text = "descr" }, { text = "device_id:MDL" }]
firmware = [{ oid = ["1.3.6.1.4.1.99999.3.{copier}"], strip_prefix = true }]

[parts.copier]
ids = "1.3.6.1.4.1.99999.44"
types = ["1.3.6.1.2.1.25.3.1.5"]
descr = 'copier'
default = 2

[scalars.pages]
oid = ["1.3.6.1.4.1.99999.4[.0]", "1.3.6.1.4.1.99999.5.{copier}"]
kind = "text"
prefix = ["0115", "fde8"]
sentinels = 65535
unit = "impressions"
family = ["a", "b"]
size = "all"
color = "mono"
weight = 1
wrap = 1000000
confidence = "H"
source = "a manual"

[records.packed]
oid = "1.3.6.1.4.1.99999.6.0"
sentinels = [65535]
unit = "impressions"
family = "b"
size = "large"
color = "color"
weight = 2
wrap = 1000000
confidence = "L"
source = "a guess"

[tables.row]
kind = "integer"
prefix = "01"
sentinels = 65535
unit = "impressions"
family = "a"
size = "all"
color = "mono"
weight = 1
wrap = 1000000
confidence = "M"
source = "a forum"
verify_label = true
refresh = true
only = { job = "print", size = [1, 2] }
never = { part = "{copier}" }
[[tables.row.at]]
value = "1.3.6.1.4.1.99999.7.9"
code = "index"
label = "1.3.6.1.4.1.99999.7.5"
maximum = "1.3.6.1.4.1.99999.7.7"
like = "*.20.*"
[tables.row.at.columns]
job = "1.3.6.1.4.1.99999.7.2"
size = { oid = "1.3.6.1.4.1.99999.8.2", arc = [1, 2] }
part = { arc = -1 }
[[tables.row.at]]
value = "1.3.6.1.4.1.99999.7.9"
code = "1.3.6.1.4.1.99999.7.2"
[tables.row.values]
job = { print = 1, copy = ["Copy", 3] }
[tables.row.rows.copy]
code = [200, "2.1"]
label = ["Copy", "Copies"]
where = { job = "copy" }
sum = true
unit = "impressions"
family = "a"
size = "all"
color = "mono"
weight = 1
wrap = 1000000
confidence = "M"
source = "a forum"

[meters]
total = ["pages", { of = "row[copy]", confidence = "M", source = "a forum", wrap = 1000000 }]
total_large = "packed[0a]"
sheets = []

[[choose]]
sets = [
    { copy = "row[copy] unless packed[0b]", print = { of = "row[*]", confidence = "L" } },
    { copy = "row[copy]" },
]

[derived]
total_small = "total - total_large"

[[checks]]
whole = "total"
parts = ["copy", "print"]
tolerance = 5
percent = 2
note = "the first is billed"

[proved]
on = 2026-11-25
model = "A-100"
firmware = "1.0"
note = "total, copy; by the caretaker"
"""


def _every(table: ProfileKeys) -> Iterator[ProfileKeys]:
    yield table
    for one in table.keys:
        if one.inside is not None:
            yield from _every(one.inside)


TABLES = {table.title: table for table in _every(profile_keys.PROFILE)}


@pytest.fixture(scope="module")
def validate() -> Callable[[object], object]:
    found: Callable[[object], object] = fastjsonschema.compile(
        json.loads(SCHEMA.read_text("utf-8")), formats={"date": r"\d{4}-\d\d-\d\d", "regex": ".*"}
    )
    return found


def _plain(value: object) -> object:
    """Return what an editor sees: dates as text."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def _refused(folder: Path, text: str) -> list[Problem]:
    path = folder / "whole.toml"
    path.write_text(text, "utf-8")
    problems: list[Problem] = []
    load_files([path], problems)
    return problems


def test_schema_and_manual_are_up_to_date() -> None:
    manual = MANUAL.read_text("utf-8")
    assert SCHEMA.read_text("utf-8") == schema_text(), ANEW
    assert manual == manual_text(manual, load_profiles()), ANEW


def test_a_manual_without_its_marks_is_not_written() -> None:
    with pytest.raises(ValueError, match="no block is marked 'x'"):
        with_block("<!-- x --> and no end", "x", "text")


@pytest.mark.parametrize("title", TABLES)
def test_every_key_is_in_the_manual_and_in_the_schema(title: str) -> None:
    manual = MANUAL.read_text("utf-8")
    schema = json.loads(SCHEMA.read_text("utf-8"))
    places = [schema, *schema["definitions"].values()]
    properties = {
        "the file" if "title" not in one or one is schema else one["title"]: one for one in places
    }
    assert set(properties[title]["properties"]) == set(TABLES[title].names)
    for one in TABLES[title].keys:
        assert f"| `{one.name}` |" in manual
        assert properties[title]["properties"][one.name]["description"]


def test_the_loader_asks_for_every_key_and_for_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loader cannot ask for a key that is not in the table: that raises KeyError."""
    asked: dict[str, set[str]] = {}
    known = SectionValues.known

    def noting(section: SectionValues, key: str) -> ProfileKey | None:
        if section.keys is not None:
            asked.setdefault(section.keys.title, set()).add(key)
        return known(section, key)

    monkeypatch.setattr(SectionValues, "known", noting)
    assert _refused(tmp_path, EVERYTHING) == []
    expected = {title: set(table.names) for title, table in TABLES.items()}
    expected["the file"].remove("format")  # looked at before anything else, and here a constant
    assert asked == expected


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _written(table: ProfileKeys, value: object) -> Iterator[tuple[str, str]]:
    """Yield every key below `value`, with the title of its table."""
    for one in _listed(value):
        for name, inner in one.items() if isinstance(one, dict) else ():
            known = table.key(name)
            assert known is not None
            yield table.title, name
            if known.kind in {ValueKind.TABLE, ValueKind.TABLES} and known.inside is not None:
                yield from _written(known.inside, inner)
            elif known.inside is not None:
                for outer in _listed(inner):
                    for named in outer.values():
                        yield from _written(known.inside, named)


def test_the_example_of_these_tests_holds_every_key() -> None:
    found = set(_written(profile_keys.PROFILE, tomllib.loads(EVERYTHING)))
    assert found == {(title, name) for title, table in TABLES.items() for name in table.names}


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.toml")), ids=lambda one: one.name)
def test_shipped_profiles_fit_the_schema(file: Path, validate: Callable[[object], object]) -> None:
    validate(_plain(tomllib.loads(file.read_text("utf-8"))))


def test_the_example_fits_the_schema(validate: Callable[[object], object]) -> None:
    validate(_plain(tomllib.loads(EVERYTHING)))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("format = 1", "format = 2"),
        ('id = "whole"', ""),
        ('source = "these tests"', ""),
        ("priority = 3", "priorty = 3"),
        ("priority = 3", "priority = -3"),
        ("priority = 3", 'priority = "3"'),
        ('confidence = "M"\ninclude', 'confidence = "very"\ninclude'),
        ('object_id = ["1.3.6', 'object_id = ["1.3.x'),
        ('signature = "1.3.6.1.4.1.99999.1"', "weak = true"),
        ("strip_prefix = true", "strip_prefix = false"),
        ('{ text = "descr" }', '{ text = "descr", oid = "1.3" }'),
        ('ACNE\', vendor = "ACNE"', "ACNE'"),
        ("[parts.copier]", "[parts.Copier]"),
        ("4[.0]", "4[.1]"),
        ('prefix = ["0115"', 'prefix = ["011"'),
        ('kind = "text"', 'kind = "roman"'),
        ('like = "*.20.*"', 'like = "a.b"'),
        ("arc = -1", "arc = 0"),
        (", arc = [1, 2] }", " }"),
        ('value = "1.3.6.1.4.1.99999.7.9"\ncode = "index"', 'code = "index"'),
        ('code = [200, "2.1"]', 'code = [200, "x"]'),
        ("total_large =", "total_larg ="),
        ('of = "row[copy]",', ""),
        ('total_large = "packed[0a]"', "total_large = 7"),
        ('{ copy = "row[copy]" },', '{ copi = "row[copy]" },'),
        ('whole = "total"', 'whole = "totl"'),
        ('parts = ["copy", "print"]', 'parts = ["copi"]'),
        ("on = 2026-11-25", "on = 3"),
        ("[proved]", "[proven]"),
    ],
)
def test_loader_and_schema_refuse_the_same(
    tmp_path: Path, validate: Callable[[object], object], right: str, wrong: str
) -> None:
    assert EVERYTHING.count(right) >= 1
    text = EVERYTHING.replace(right, wrong, 1)
    assert _refused(tmp_path, text)
    with pytest.raises(fastjsonschema.JsonSchemaValueException):
        validate(_plain(tomllib.loads(text)))
