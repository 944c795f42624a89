"""The documented schemas name every published field, with its type, and nothing else."""

from collections.abc import Mapping
from typing import Any

import fastjsonschema
import pytest

from collector.adapters.mqtt.retained import RetainedState, Topics, payload_of
from collector.domain.rows import SCHEMA, FieldType
from tests.fakes.payloads import FOLDER, SCHEMAS, hold
from tests.fakes.rows import NOON, copier_row
from tests.unit.texts.literals import PACKAGE

TYPES = {
    FieldType.INTEGER: "integer",
    FieldType.FLOAT: "number",
    FieldType.BOOLEAN: "boolean",
    FieldType.STRING: "string",
}
OF = {
    "place-state": ("copier", {"counted": "integer", "area": "string"}),
    "department-month": ("department_month", {}),
    "office-month": ("office_month", {}),
    "office-paper-quarter": ("paper_quarter", {}),
    "office-paper-year": ("paper_year", {}),
    "question": ("question", {}),
    "event": ("copier_event", {}),
    "mark": ("collector_mark", {}),
}


def types_of(properties: Mapping[str, Any]) -> dict[str, str]:
    return {name: one["type"] for name, one in properties.items()}


@pytest.mark.parametrize("name", OF)
def test_a_schema_names_every_field_with_its_type(name: str) -> None:
    measurement, more = OF[name]
    shape = SCHEMA[measurement]
    fields = {field: TYPES[kind] for field, kind in shape.fields.items()}
    found = types_of(SCHEMAS[name]["properties"])
    shelves = {key: found.pop(key) for key in ("supplies", "trays") if key in found}
    assert found == dict.fromkeys((*shape.tags, "at"), "string") | fields | more
    assert set(shelves.values()) <= {"object"}


@pytest.mark.parametrize(
    ("shelf", "measurement"), [("supplies", "copier_supply"), ("trays", "copier_tray")]
)
def test_a_shelf_names_every_field_with_its_type(shelf: str, measurement: str) -> None:
    one = SCHEMAS["place-state"]["properties"][shelf]["additionalProperties"]
    fields = {field: TYPES[kind] for field, kind in SCHEMA[measurement].fields.items()}
    assert types_of(one["properties"]) == fields


@pytest.mark.parametrize("whose", ["department", "office"])
def test_paper_is_the_month_without_the_rest(whose: str) -> None:
    paper, month = SCHEMAS[f"{whose}-sheets"]["properties"], SCHEMAS[f"{whose}-month"]["properties"]
    assert paper.items() <= month.items()
    of_paper = {one for one in month if one.startswith(("sheets_", "a4_", "duplex_"))}
    assert of_paper <= paper.keys()


def test_every_property_is_explained_in_both_languages() -> None:
    for name, schema in SCHEMAS.items():
        for field, one in schema["properties"].items():
            assert one["title"], (name, field)
            assert one["description"], (name, field)


def test_every_schema_and_topic_stands_in_the_readme() -> None:
    text = (FOLDER.parent / "README.md").read_text("utf-8")
    for name, schema in SCHEMAS.items():
        assert f"schemas/{name}.json" in text
        assert f"`{schema['title']}`" in text
    assert FOLDER.is_relative_to(PACKAGE)


def test_what_is_not_documented_is_refused() -> None:
    topics = Topics("copier-fleet", "hall")
    state = RetainedState(topics)
    topic = state.put(copier_row("p1", 500))
    assert topic is not None
    told = {**state.content(topic), "name": "1階", "silent_s": 0, "status": "idle"}
    assert hold(topic, payload_of(told).decode(), topics.base) == "place-state"
    for wrong in ({"total": 1.5}, {"surprise": 1}, {"at": str(NOON)}, {"status": "gone"}):
        with pytest.raises(fastjsonschema.JsonSchemaValueException):
            hold(topic, payload_of(told | wrong).decode(), topics.base)
