"""What is written from the one table of keys and the shipped profiles: schema and manual.

`python -m collector.adapters.snmp.profiles.documents` writes them anew after a change of either.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from collector.adapters.snmp.profiles import keys
from collector.adapters.snmp.profiles.keys import (
    COUNTED,
    FORM,
    SENTINELS,
    ProfileKey,
    ProfileKeys,
    ValueKind,
)
from collector.adapters.snmp.profiles.load import SHIPPED, load_profiles
from collector.adapters.snmp.profiles.section import LARGEST
from collector.adapters.snmp.profiles.values import Confidence, Profiles
from collector.adapters.snmp.profiles.views import marks_of, meters_by_confidence
from collector.domain.meters import METERS

# The JSON schema of profile files, made from `profile_keys`.


_Json = dict[str, object]

_ARC: Final = r"(\d+|\{[a-z][a-z0-9_]*\})"
_OID: Final = r"^\.?\d+(\.\d+)*$"
_TEMPLATE: Final = rf"^\.?{_ARC}(\.{_ARC})*$"
_INSTANCE: Final = rf"^\.?{_ARC}(\.{_ARC})*(\[\.0\])?$"


def _text(pattern: str | None = None) -> _Json:
    return {"type": "string"} if pattern is None else {"type": "string", "pattern": pattern}


def _some(one: _Json) -> _Json:
    """Return the schema of one value or a list of them."""
    return {"anyOf": [one, {"type": "array", "items": one}]}


_WHOLE: Final[_Json] = {"type": "integer", "minimum": 0, "maximum": LARGEST}
_SAID: Final = _some({"type": ["integer", "string"]})
_SUM: Final = _text(r"^\s*[+-]?\s*[a-z]")
_METER: Final[_Json] = {"enum": list(METERS)}
_PLAIN: Final[Mapping[ValueKind, _Json]] = {
    ValueKind.TEXT: _text(),
    ValueKind.TEXTS: _some(_text()),
    ValueKind.NUMBER: _WHOLE,
    ValueKind.NUMBERS: _some(_WHOLE),
    ValueKind.FLAG: {"type": "boolean"},
    ValueKind.DATE: {"type": "string", "format": "date"},
    ValueKind.PATTERN: {"type": "string", "format": "regex"},
    ValueKind.OID: _text(_OID),
    ValueKind.OIDS: _some(_text(_OID)),
    ValueKind.TEMPLATE: _text(_TEMPLATE),
    ValueKind.INSTANCES: _some(_text(_INSTANCE)),
    ValueKind.CODE_COLUMN: {"anyOf": [{"enum": ["index", "last"]}, _text(_TEMPLATE)]},
    ValueKind.CODES: _some({"anyOf": [_WHOLE, _text(r"^\d+(\.\d+)*$")]}),
    ValueKind.OCTETS: _some(_text("^([0-9A-Fa-f]{2})+$")),
    ValueKind.PREFIX: {"anyOf": [{"const": True}, _some(_text("^([0-9A-Fa-f]{2})+$"))]},
    ValueKind.LIKE: _text(r"^(\d+|\*)(\.(\d+|\*))*$"),
    ValueKind.ARCS: _some({"type": "integer", "not": {"const": 0}}),
    ValueKind.CONDITIONS: {"type": "object", "additionalProperties": _SAID},
    ValueKind.WORDS: {
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": _SAID},
    },
    ValueKind.FORMULA: _SUM,
    ValueKind.METER: _METER,
    ValueKind.METERS: _some(_METER),
}


def schema() -> _Json:
    """Return the JSON schema (draft 7, which editors know) of a profile file."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://github.com/copier-fleet/copier-fleet/profile.schema.json",
        "title": "copier-fleet profile",
        "description": "How a family of copiers is recognised, named and counted.",
        **_object(keys.PROFILE),
        "definitions": {
            _slug(one): {"title": one.title, **_object(one)} for one in _inner(keys.PROFILE)
        },
    }


def _inner(table: ProfileKeys) -> Iterator[ProfileKeys]:
    for one in table.keys:
        if one.inside is not None:
            yield one.inside
            yield from _inner(one.inside)


def _slug(table: ProfileKeys) -> str:
    return "_".join(re.findall(r"[a-z]+", table.title.lower()))


def _object(table: ProfileKeys) -> _Json:
    found: _Json = {
        "type": "object",
        "additionalProperties": False,
        "properties": {one.name: _described(one) for one in table.keys},
    }
    needed = [one.name for one in table.keys if one.needed]
    if needed:
        found["required"] = needed
    for rule, names in (("anyOf", table.any_of), ("oneOf", table.one_of)):
        if names:
            found[rule] = [{"required": [name]} for name in names]
    return found


def _described(key: ProfileKey) -> _Json:
    return {"description": key.about.replace("`", ""), **_value(key)}


def _value(key: ProfileKey) -> _Json:
    if key.name == "format":
        return {"const": 1}
    if key.choices is not None:
        return {"enum": [one.value for one in key.choices]}
    if key.inside is None:
        return _text(f"^{key.names.pattern}$") if key.names else _PLAIN[key.kind]
    inside: _Json = {"$ref": f"#/definitions/{_slug(key.inside)}"}
    if key.names is not None:
        return _by_name(inside, key.names)
    return _AROUND[key.kind](inside)


def _by_meter(one: _Json) -> _Json:
    """Return the schema of a table whose keys are meters, each named so that editors offer it."""
    return {
        "type": "object",
        "properties": dict.fromkeys(METERS, True),
        "propertyNames": {"enum": list(METERS)},
        "additionalProperties": False,
        "patternProperties": {"^": one},
    }


def _by_name(one: _Json, names: re.Pattern[str]) -> _Json:
    pattern = f"^{names.pattern}$"
    return {"type": "object", "additionalProperties": False, "patternProperties": {pattern: one}}


_AROUND: Final[Mapping[ValueKind, Callable[[_Json], _Json]]] = {
    ValueKind.TABLE: lambda inside: {"allOf": [inside]},
    ValueKind.TABLES: _some,
    ValueKind.SUMS: lambda inside: _by_meter(_some({"anyOf": [_SUM, inside]})),
    ValueKind.SETS: lambda inside: _some(_by_meter({"anyOf": [_SUM, inside]})),
    ValueKind.COLUMNS: lambda inside: _by_name({"anyOf": [_text(_TEMPLATE), inside]}, keys.NAME),
}


def schema_text() -> str:
    """Return the schema as the file holds it."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


SCHEMA: Final = SHIPPED / "profile.schema.json"
MANUAL: Final = SHIPPED / "README.md"
_START: Final = "<!-- {} -->"
_END: Final = "<!-- end of {} -->"
KEYS_BLOCK: Final = "keys of a profile"
MAKERS_BLOCK: Final = "supported makers"
_COUNTERS: Final = ProfileKeys("what is known of a counter", (*FORM, SENTINELS, *COUNTED))
"""Told once in the manual, though scalars, tables, records and rows all have them."""

_ORDER: Final = (
    keys.PROFILE,
    keys.MATCH,
    keys.MODEL,
    keys.IDENTITY,
    keys.CANDIDATE,
    keys.BRAND,
    keys.PART,
    keys.SCALAR,
    keys.TABLE,
    keys.PLACE,
    keys.COLUMN,
    keys.ROW,
    keys.RECORD,
    _COUNTERS,
    keys.FORMULA,
    keys.CHOOSE,
    keys.CHECK,
    keys.PROVED,
)


def keys_table() -> str:
    """Return the manual's tables of keys, one after the other."""
    return "\n".join(line for table in _ORDER for line in _manual(table))


def _manual(table: ProfileKeys) -> Iterator[str]:
    yield from (f"### {table.title[:1].upper()}{table.title[1:]}", "")
    yield from ("| key | what stands there | meaning |", "|---|---|---|")
    told_apart = {one.name for one in _COUNTERS.keys} if _has_counters(table) else set()
    for one in table.keys:
        if one.name not in told_apart:
            needed = " (must be there)" if one.needed else ""
            yield f"| `{one.name}` | {_called(one)}{needed} | {one.about} |"
    if told_apart:
        yield f"| … | | {_COUNTERS.title}, below |"
    if table.any_of:
        yield f"| | | at least one of {_listed(table.any_of)} |"
    if table.one_of:
        yield f"| | | exactly one of {_listed(table.one_of)} |"
    yield ""


def _has_counters(table: ProfileKeys) -> bool:
    return table is not _COUNTERS and any(one in table.keys for one in COUNTED[:1])


def _called(key: ProfileKey) -> str:
    if key.choices is not None:
        return _listed(one.value for one in key.choices)
    return key.kind.value


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in names)


def makers_table(profiles: Profiles) -> str:
    """Return the table of what is read from whom, as Markdown."""
    lines = [
        "| profile | machines | known by | meters (confidence H) | M | L, only if asked for |",
        "|---|---|---|---|---|---|",
    ]
    for profile in sorted(profiles.by_id.values(), key=lambda one: (one.id == "generic", one.id)):
        told = meters_by_confidence(profile)
        cells = [f"`{profile.id}`", profile.about, marks_of(profile)]
        cells += [", ".join(told[one]) or "–" for one in Confidence]
        lines.append(f"| {' | '.join(_escaped(one) for one in cells)} |")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def with_block(text: str, name: str, block: str) -> str:
    """Return `text` with `block` in the place that is marked `name`; raises ValueError."""
    before, start, rest = text.partition(_START.format(name))
    _, end, after = rest.partition(_END.format(name))
    if not start or not end:
        message = f"no block is marked {name!r}"
        raise ValueError(message)
    return f"{before}{start}\n\n{block.strip()}\n\n{end}{after}"


def manual_text(text: str, profiles: Profiles) -> str:
    """Return the manual `text` with its generated tables written anew."""
    text = with_block(text, KEYS_BLOCK, keys_table())
    return with_block(text, MAKERS_BLOCK, makers_table(profiles))


def write() -> None:
    """Write the schema and the manual's tables anew."""
    SCHEMA.write_text(schema_text(), "utf-8")
    MANUAL.write_text(manual_text(MANUAL.read_text("utf-8"), load_profiles()), "utf-8")


if __name__ == "__main__":
    write()
