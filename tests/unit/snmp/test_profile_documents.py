"""Loader, JSON schema and manual know the same keys; what is generated is up to date."""

import datetime as dt
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import fastjsonschema
import pytest

from collector.adapters.snmp.profiles.documents import (
    MANUAL,
    SCHEMA,
    manual_text,
    schema_text,
    title_of,
    with_block,
)
from collector.adapters.snmp.profiles.file_tables import ProfileFile, ProfileTable
from collector.adapters.snmp.profiles.load import SHIPPED, load_files, load_profiles
from collector.adapters.snmp.profiles.values import Profile
from collector.errors import Problem
from collector.user_files.tables import descriptions

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
confidence = "L"
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


def tables_in(annotation: object) -> Iterator[type[ProfileTable]]:
    """Yield the tables that a key's type speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, ProfileTable):
        yield annotation
    for one in get_args(annotation):
        yield from tables_in(one)


def _every(table: type[ProfileTable]) -> Iterator[type[ProfileTable]]:
    yield table
    for info in table.model_fields.values():
        for one in tables_in(info.annotation):
            yield from _every(one)


TABLES = {title_of(table): table for table in _every(ProfileFile)}


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
    assert set(properties[title]["properties"]) == set(TABLES[title].fields())
    for name in TABLES[title].fields():
        assert f"| `{name}` |" in manual
        assert properties[title]["properties"][name]["description"]


def test_what_is_told_of_a_key_is_told_by_its_table() -> None:
    for table in TABLES.values():
        for name, info in table.model_fields.items():
            assert descriptions(table)[name], (table, name)
            assert info.alias is None


def _leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every key of `value` whose value is no table."""
    if isinstance(value, dict):
        for name, inner in value.items():
            inside = [*_leaves(inner, (*path, name))]
            yield from inside or [(*path, name)]
    elif isinstance(value, list) and all(isinstance(one, dict) for one in value):
        for place, inner in enumerate(value):
            yield from _leaves(inner, (*path, place))


def _without(path: tuple[str | int, ...]) -> str:
    data: Any = tomllib.loads(EVERYTHING)
    inner = data
    for part in path[:-1]:
        inner = inner[part]
    del inner[path[-1]]
    text = "".join(_toml(data))
    assert tomllib.loads(text) == data
    return text


def _toml(table: Mapping[str, Any], inside: str = "") -> Iterator[str]:
    """Yield `table` as TOML: a library that keeps comments takes longer than all of the test."""
    tables = {name: one for name, one in table.items() if isinstance(one, dict)}
    for name in table.keys() - tables.keys():
        yield f"{json.dumps(name)} = {_value(table[name])}\n"
    for name, one in tables.items():
        yield f"[{inside}{json.dumps(name)}]\n"
        yield from _toml(one, f"{inside}{json.dumps(name)}.")


def _value(value: object) -> str:
    match value:
        case dict():
            inner = (f"{json.dumps(name)} = {_value(one)}" for name, one in value.items())
            return f"{{{', '.join(inner)}}}"
        case list():
            return f"[{', '.join(map(_value, value))}]"
        case dt.date():
            return value.isoformat()
        case _:
            return json.dumps(value)


def test_no_key_is_read_for_nothing(tmp_path: Path) -> None:
    """A key that the loader forgot would leave the profile as it is without it."""
    whole = _profile(tmp_path, EVERYTHING)
    leaves = [*_leaves(tomllib.loads(EVERYTHING))]
    assert len(leaves) > 100
    silent = [
        path
        for path in leaves
        if not _refused(tmp_path, text := _without(path)) and _profile(tmp_path, text) == whole
    ]
    assert silent == []


def _profile(folder: Path, text: str) -> Profile:
    (folder / "whole.toml").write_text(text, "utf-8")
    return load_profiles(folder, low_confidence=True).by_id["whole"]


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _written(table: type[ProfileTable], value: object) -> Iterator[tuple[str, str]]:
    """Yield every key below `value`, with the title of its table."""
    for one in _listed(value):
        for name, inner in one.items() if isinstance(one, dict) else ():
            info = table.model_fields[name]
            yield title_of(table), name
            for inside in tables_in(info.annotation):
                is_named = "dict[" in str(info.annotation)
                for outer in _listed(inner):
                    for named in outer.values() if is_named else [outer]:
                        yield from _written(inside, named)


def test_the_example_of_these_tests_holds_every_key() -> None:
    found = set(_written(ProfileFile, tomllib.loads(EVERYTHING)))
    assert found == {(title, name) for title, table in TABLES.items() for name in table.fields()}


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
