"""Profile files with some of their values changed into what a person might write by mistake."""

import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

import tomlkit
from hypothesis import strategies as st

from collector.adapters.snmp.profiles.documents import called
from collector.domain.meters import METERS
from tests.unit.snmp.test_profile_documents import TABLES

Where = tuple[str | int, ...]
_BY_METER: Final = "sums by meter"
_CONDITIONS: Final = "wanted values by column"
_NESTED: Final = "(" * 3000 + ")" * 3000
_LONG: Final = "9" * 5000
_NAMES = st.sampled_from(["row", "copy", "pages", "packed", "total", "job", "nobody", "", "-", "é"])
_OIDS = st.sampled_from(
    [
        *("1.3.6.1.4.1.99999.4", ".1.3.6.1", "1.3.6.1.{copier}.0", "1.3.6[.0]", "1.3.{nobody}"),
        *("", ".", "1..3", "1.-3", "1.+3", "1_0.3", "9.9", "1.99", "1.3.4294967296", f"1.{_LONG}"),
        *("1.3." + "1." * 200 + "1", "1.٣", "1.３", "1.3 ", "{copier}", "{copier", "[.0]", "1.3\n"),
        *("index", "last"),
    ]
)
_PATTERNS = st.sampled_from(
    [
        *("", "A", "(A)", "(A)(B)", "(?P<a>A)", "(?i)a", "(", "[", "a**", "\\", "(?P<1>a)", "[[a]"),
        *("[a--b]", "a{99999999999}", "a{2,1}", "(?<=a*)b", _NESTED, "\\Z", "(?P=x)", "\x1b"),
    ]
)
_SUMS = st.sampled_from(
    [
        *("pages", "row[copy]", "row[*]", "row", "row[nobody]", "packed[0a]", "packed[0A]", "life"),
        *("pages + packed[ff]? - row[copy]", "pages - pages", "life + pages", "total", "copy?"),
        *("", "+", "a b", "pages if", "pages if row[copy] unless life", "pages unless", " if life"),
        *("pages + " * 900 + "pages", "row[", "row[]", "٣", "total - total_large", "copy + print"),
    ]
)
_WHOLE = st.sampled_from(
    [*(-(10**30), -1, 0, 1, 2, 20, 9_999, 10_000, 16**6, 2**31, 2**32, 2**63, 10**30)]
)
_SAID = st.one_of(
    st.sampled_from(["", "-", "::", "print", "copy", "Copy", "{copier}", "{nobody}", "2.1", "x"]),
    st.sampled_from([_LONG, f"1.{_LONG}", "1.-2", "1_0", "٣", "３.１", "1."]),
    _WHOLE,
    st.booleans(),
    st.floats(),
)
_TEXTS = st.one_of(
    st.sampled_from(["", "generic", "whole", "nobody", "descr", "device_id:", "device_id:MDL"]),
    st.sampled_from(["H", "L", "all", "large", "text", "float", "impressions", "scans", *METERS]),
    st.sampled_from(["\x1b[2J", "\x00", "\u202e", "a\nb", "\u3000", "x" * 5000, "*.20.*", "1.*"]),
    st.sampled_from(
        ["0115", "011", "fd e8", "", "zz", "01" * 300, "*", "-1.*", "1_0.*", f"{_LONG}.*"]
    ),
    st.text(max_size=6),
)
_ANYTHING = st.one_of(
    *(_NAMES, _OIDS, _PATTERNS, _SUMS, _WHOLE, _SAID, _TEXTS, st.dates(), st.datetimes()),
    *(st.times(), st.just([]), st.just({}), st.just([[]]), st.just([{}]), st.just({"of": "pages"})),
)
_BY_KIND: Final[Mapping[str, st.SearchStrategy[object]]] = {
    "regular expression": _PATTERNS,
    "OID": _OIDS,
    "OIDs": _OIDS,
    "OID with {parts}": _OIDS,
    "OIDs with {parts} and [.0]": _OIDS,
    'OID, "index" or "last"': _OIDS,
    "columns by name": _OIDS,
    "sum": _SUMS,
    _BY_METER: _SUMS,
    "list of sums by meter": _SUMS,
    "number": _WHOLE,
    "numbers": _WHOLE,
    "places of arcs": _WHOLE,
    "codes": _SAID,
    "words by column": _SAID,
    _CONDITIONS: _SAID,
    "date": st.dates() | st.datetimes() | st.times(),
}
"""By what the manual calls what stands at a key."""

_CALLED: Final = {called(info) for one in TABLES.values() for info in one.fields().values()}
_KINDS: Final = {
    name: called(info) for table in TABLES.values() for name, info in table.fields().items()
}
assert set(_BY_KIND) <= _CALLED, "a kind that the manual does not know"


def _where(value: object, path: Where = ()) -> Iterator[Where]:
    """Yield every place in a file."""
    for name, inner in _inside(value):
        yield (*path, name)
        yield from _where(inner, (*path, name))


def _kind(path: Where) -> str | None:
    """Return what should stand at `path`."""
    names = [part for part in path if isinstance(part, str)]
    if {"where", "only", "never", "values"} & set(names):
        return _CONDITIONS
    is_sum = names[0] in {"meters", "derived"} or "sets" in names
    return _BY_METER if is_sum and names[-1] not in _KINDS else _KINDS.get(names[-1])


def _inside(value: object) -> list[tuple[str | int, object]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def _at(data: Any, path: Where) -> Any:  # noqa: ANN401 - whatever TOML holds
    for part in path:
        data = data[part]
    return data


@st.composite
def _value(draw: st.DrawFn, data: object, path: Where, places: list[Where]) -> object:
    """Draw what is put at `path`: what stands elsewhere, what fits its kind, or anything."""
    how = draw(st.integers(0, 9))
    if how < 5:
        alike = [one for one in places if one != path and _kind(one) is _kind(path)]
        if alike:
            return _at(data, draw(st.sampled_from(alike)))
    kind = _kind(path)
    return draw(_BY_KIND[kind] if how < 9 and kind in _BY_KIND else _ANYTHING)


@st.composite
def changed(draw: st.DrawFn, text: str) -> str:
    """Return the profile `text` with one to three of its values changed, dropped or renamed."""
    data: Any = tomllib.loads(text)
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        places = list(_where(data))
        leaves = [one for one in places if not _inside(_at(data, one))]
        if not leaves:
            break
        path = draw(st.sampled_from(leaves if draw(st.integers(0, 4)) else places))
        inner = _at(data, path[:-1])
        how = draw(st.sampled_from(["put", "put", "put", "put", "drop", "rename", "list"]))
        if how == "drop":
            del inner[path[-1]]
        elif how == "rename" and isinstance(inner, dict):
            inner[draw(_NAMES | st.text(max_size=4))] = inner.pop(path[-1])
        else:
            value = deepcopy(draw(_value(data, path, places)))
            inner[path[-1]] = [value, inner[path[-1]]] if how == "list" else value
    return tomlkit.dumps(data)
