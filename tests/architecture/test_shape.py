"""The shape of the house: one idea one room, one word one meaning, nothing runs upward."""

import re
from collections.abc import Iterator, Mapping

import pytest

from tests.architecture.shape import (
    LONGEST_MODULE,
    ROOT,
    Module,
    classes_defined_twice,
    long_functions,
    modules,
    upward,
)

ARCHITECTURE = ROOT / "collector" / "ARCHITECTURE.md"
GLOSSARY = ROOT / "collector" / "domain" / "README.md"
# What is cut finer than this is cut by length: about 300 modules where the house has 60,000 lines.
LINES_A_MODULE = 200


@pytest.fixture(scope="module")
def house() -> Mapping[str, Module]:
    return modules()


def test_no_class_name_stands_twice(house: Mapping[str, Module]) -> None:
    assert classes_defined_twice(house) == {}


def test_no_import_runs_upward(house: Mapping[str, Module]) -> None:
    assert upward(house) == []


def test_no_room_is_too_large_and_there_are_not_too_many(house: Mapping[str, Module]) -> None:
    assert [one.name for one in house.values() if one.lines > LONGEST_MODULE] == []
    assert len(house) * LINES_A_MODULE <= sum(one.lines for one in house.values())


def test_functions_are_short(house: Mapping[str, Module]) -> None:
    assert long_functions(house) == []


def test_every_word_of_the_glossary_has_a_meaning_and_a_japanese_word() -> None:
    rows = [
        line.split("|")[1:-1] for line in GLOSSARY.read_text("utf-8").splitlines() if "|" in line
    ]
    words = [cells[0].strip() for cells in rows if not set(cells[0]) <= set("- ")]
    assert all(len(cells) == 3 and all(cell.strip() for cell in cells) for cells in rows)
    told = [word for word in words if word != "word"]
    assert len(told) == len(set(told)) > 30


def _mentioned(text: str) -> Iterator[tuple[str, str]]:
    """Yield each `folder/module.py` of a text; a bare `module.py` is of the folder before it."""
    folder = ""
    for name in re.findall(r"`([a-z_/0-9]+\.py)(?::[A-Za-z_.]+)?`", text):
        if "/" in name:
            folder = name.rsplit("/", 1)[0] + "/"
        yield name, name if "/" in name or (ROOT / "collector" / name).exists() else folder + name


def test_every_module_that_the_architecture_names_is_there() -> None:
    text = ARCHITECTURE.read_text("utf-8")
    assert [
        name for name, path in _mentioned(text) if not (ROOT / "collector" / path).exists()
    ] == []


def test_the_calls_that_the_architecture_lists_are_there(house: Mapping[str, Module]) -> None:
    listed = re.findall(r"`([a-z_/0-9]+)\.py:([A-Za-z_.]+)`", ARCHITECTURE.read_text("utf-8"))
    assert len(listed) > 20
    for path, name in listed:
        module = house[f"collector.{path.replace('/', '.')}"]
        last = name.rsplit(".", 1)[-1]
        assert re.search(rf"(def|class) {re.escape(last)}\b", module.text), (path, name)
