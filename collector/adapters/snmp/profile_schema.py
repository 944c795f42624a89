"""The JSON schema of profile files, made from `profile_keys`."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from collector.adapters.snmp import profile_keys as keys
from collector.adapters.snmp.profile_key_kinds import Key, Keys, Kind
from collector.adapters.snmp.section_values import LARGEST
from collector.domain.meters import METERS

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
_PLAIN: Final[Mapping[Kind, _Json]] = {
    Kind.TEXT: _text(),
    Kind.TEXTS: _some(_text()),
    Kind.NUMBER: _WHOLE,
    Kind.NUMBERS: _some(_WHOLE),
    Kind.FLAG: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.PATTERN: {"type": "string", "format": "regex"},
    Kind.OID: _text(_OID),
    Kind.OIDS: _some(_text(_OID)),
    Kind.TEMPLATE: _text(_TEMPLATE),
    Kind.INSTANCES: _some(_text(_INSTANCE)),
    Kind.CODE_COLUMN: {"anyOf": [{"enum": ["index", "last"]}, _text(_TEMPLATE)]},
    Kind.CODES: _some({"anyOf": [_WHOLE, _text(r"^\d+(\.\d+)*$")]}),
    Kind.OCTETS: _some(_text("^([0-9A-Fa-f]{2})+$")),
    Kind.PREFIX: {"anyOf": [{"const": True}, _some(_text("^([0-9A-Fa-f]{2})+$"))]},
    Kind.LIKE: _text(r"^(\d+|\*)(\.(\d+|\*))*$"),
    Kind.ARCS: _some({"type": "integer", "not": {"const": 0}}),
    Kind.CONDITIONS: {"type": "object", "additionalProperties": _SAID},
    Kind.WORDS: {
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": _SAID},
    },
    Kind.FORMULA: _SUM,
    Kind.METER: _METER,
    Kind.METERS: _some(_METER),
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


def _inner(table: Keys) -> Iterator[Keys]:
    for one in table.keys:
        if one.inside is not None:
            yield one.inside
            yield from _inner(one.inside)


def _slug(table: Keys) -> str:
    return "_".join(re.findall(r"[a-z]+", table.title.lower()))


def _object(table: Keys) -> _Json:
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


def _described(key: Key) -> _Json:
    return {"description": key.about.replace("`", ""), **_value(key)}


def _value(key: Key) -> _Json:
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


_AROUND: Final[Mapping[Kind, Callable[[_Json], _Json]]] = {
    Kind.TABLE: lambda inside: {"allOf": [inside]},
    Kind.TABLES: _some,
    Kind.SUMS: lambda inside: _by_meter(_some({"anyOf": [_SUM, inside]})),
    Kind.SETS: lambda inside: _some(_by_meter({"anyOf": [_SUM, inside]})),
    Kind.COLUMNS: lambda inside: _by_name({"anyOf": [_text(_TEMPLATE), inside]}, keys.NAME),
}


def schema_text() -> str:
    """Return the schema as the file holds it."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"
