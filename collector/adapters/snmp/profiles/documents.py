"""What is written from the models of a profile file and the shipped profiles: schema and manual.

`python -m collector.adapters.snmp.profiles.documents` writes them anew after a change of either.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from collector.adapters.snmp.profiles.file_tables import (
    BrandTable,
    CandidateTable,
    CheckTable,
    ChooseTable,
    ColumnTable,
    CounterKeys,
    CounterTableTable,
    IdentityTable,
    MatchTable,
    ModelTable,
    PartTable,
    PlaceOfTable,
    ProfileFile,
    ProfileTable,
    ProvedTable,
    RecordTable,
    RowTable,
    ScalarTable,
    SumTable,
)
from collector.adapters.snmp.profiles.load import SHIPPED, load_profiles
from collector.adapters.snmp.profiles.value_types import Called, Kind
from collector.adapters.snmp.profiles.values import Confidence, Profiles
from collector.adapters.snmp.profiles.views import marks_of, meters_by_confidence
from collector.user_files.tables import descriptions

# The JSON schema of profile files, made from their models.


class _ProfileSchema(GenerateJsonSchema):
    """Writes a schema for editors: what may be absent is left out, and nothing is null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Return the schema of what stands there."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Return the schema of what stands there."""
        return self.generate_inner(schema["schema"])

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Return the schema of a table, each key with what it means."""
        made = super().model_schema(schema)
        table: type[BaseModel] = schema["cls"]
        keys, told = made["properties"].items(), descriptions(table)
        described = {key: {**inner, "description": told[key]} for key, inner in keys}
        return {**made, "properties": described}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Return the schema of tables by name; meters are named so that editors offer them."""
        names = self.generate_inner(schema["keys_schema"])
        inner = self.generate_inner(schema["values_schema"])
        found: JsonSchemaValue = {"type": "object"}
        if "enum" in names:
            found["properties"] = dict.fromkeys(names["enum"], True)
            found["propertyNames"] = names
            return {**found, "additionalProperties": False, "patternProperties": {"^": inner}}
        if "pattern" in names:
            patterns = {names["pattern"]: inner}
            return {**found, "additionalProperties": False, "patternProperties": patterns}
        return {**found, "additionalProperties": inner}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401 - as in the base
        """Leave out titles that only repeat the keys."""
        del schema
        return False


def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 7, which editors know) of a profile file."""
    made = ProfileFile.model_json_schema(
        ref_template="#/definitions/{model}", schema_generator=_ProfileSchema
    )
    definitions = made.pop("$defs")
    lists = {name: one for name, one in definitions.items() if "enum" in one}
    tables = {name: one for name, one in definitions.items() if name not in lists}
    whole = {**made, "title": "copier-fleet profile", "definitions": tables}
    found: dict[str, Any] = _for_editors(whole, lists)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:copier-fleet:profile.schema",
        **found,
    }


def _for_editors(part: Any, lists: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Put a choice's values where it is used, and no word beside a reference: none is read there.

    Marks of code are for the manual.
    """
    if isinstance(part, list):
        return [_for_editors(one, lists) for one in part]
    if not isinstance(part, dict):
        return part.replace("`", "") if isinstance(part, str) else part
    found = {name: _for_editors(one, lists) for name, one in part.items()}
    reference = found.pop("$ref", None)
    if reference is None:
        return found
    name = str(reference).rpartition("/")[2]
    if name in lists:
        return {**found, "enum": lists[name]["enum"]}
    return {**found, "allOf": [{"$ref": reference}]} if found else {"$ref": reference}


def schema_text() -> str:
    """Return the schema as the file holds it."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


# The manual: its tables of keys, and of what is read from whom.


SCHEMA: Final = SHIPPED / "profile.schema.json"
MANUAL: Final = SHIPPED / "README.md"
_START: Final = "<!-- {} -->"
_END: Final = "<!-- end of {} -->"
KEYS_BLOCK: Final = "keys of a profile"
MAKERS_BLOCK: Final = "supported makers"
_ORDER: Final[tuple[type[ProfileTable], ...]] = (
    ProfileFile,
    MatchTable,
    ModelTable,
    IdentityTable,
    CandidateTable,
    BrandTable,
    PartTable,
    ScalarTable,
    CounterTableTable,
    PlaceOfTable,
    ColumnTable,
    RowTable,
    RecordTable,
    CounterKeys,
    SumTable,
    ChooseTable,
    CheckTable,
    ProvedTable,
)


def keys_table() -> str:
    """Return the manual's tables of keys, one after the other."""
    return "\n".join(line for table in _ORDER for line in _manual(table))


def title_of(table: type[ProfileTable]) -> str:
    """Return what the manual calls a table."""
    return str(table.model_config["title"])


def _manual(table: type[ProfileTable]) -> Iterator[str]:
    title = title_of(table)
    yield from (f"### {title[:1].upper()}{title[1:]}", "")
    yield from ("| key | what stands there | meaning |", "|---|---|---|")
    # Told once, though scalars, tables, records and rows all have them.
    has_counters = table is not CounterKeys and "unit" in table.model_fields
    told_apart = set(CounterKeys.model_fields) if has_counters else set()
    told = descriptions(table)
    for name, info in table.fields().items():
        if name not in told_apart:
            needed = " (must be there)" if info.is_required() else ""
            yield f"| `{name}` | {called(info)}{needed} | {told[name]} |"
    if told_apart:
        yield f"| … | | {title_of(CounterKeys)}, below |"
    if table.ANY_OF:
        yield f"| | | at least one of {_listed(table.ANY_OF)} |"
    if table.ONE_OF:
        yield f"| | | exactly one of {_listed(table.ONE_OF)} |"
    yield ""


def called(info: FieldInfo) -> str:
    """Return what the manual calls what stands at a key."""
    kinds = [info.annotation, *get_args(info.annotation)]
    choices = (one for one in kinds if isinstance(one, type) and issubclass(one, Enum))
    for kind in choices:
        return _listed(one.value for one in kind)
    marks = [
        mark
        for one in (*info.metadata, *(mark for kind in kinds for mark in _marks(kind)))
        if isinstance(mark := one, Called | Kind)
    ]
    words = [one.words for one in marks if isinstance(one, Called)]
    words += [one.called for one in marks if isinstance(one, Kind)]
    return words[0]


def _marks(kind: object) -> tuple[object, ...]:
    return get_args(kind)[1:] if get_origin(kind) is Annotated else ()


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
