"""What commands and reports say: each catalogue whole, in both languages, and used."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import collector
from collector.calibration.verdicts import State
from collector.domain.meters import Unit
from collector.texts.catalogue import COMMANDS, REPORT, entries
from collector.texts.rendering import fields_of
from tests.source_trees import tree_of

PACKAGE = Path(collector.__file__).parent
SPEAKERS = {
    COMMANDS: (PACKAGE / "cli",),
    REPORT: (PACKAGE / "adapters" / "report",),
}


CODES = frozenset(one.value for one in (*State, *Unit))
"""Keys that are what a judgement or a unit is called in data."""


def texts(language: str, domain: str) -> Mapping[str, str]:
    return dict(entries(language, domain))


def trees(domain: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in SPEAKERS[domain]:
        for path in sorted(folder.rglob("*.py")):
            yield path.name, tree_of(path)


def constant(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else ""


@pytest.mark.parametrize("domain", SPEAKERS)
def test_every_entry_is_in_both_languages_with_the_same_facts(domain: str) -> None:
    japanese, english = texts("ja", domain), texts("en", domain)

    assert len(japanese) > 40
    assert japanese.keys() == english.keys()
    for key, text in japanese.items():
        assert fields_of(text) - {"era"} == fields_of(english[key]), key


@pytest.mark.parametrize("domain", SPEAKERS)
def test_what_reads_as_japanese_is_japanese(domain: str) -> None:
    """An entry that says the same in both languages has no words of its own."""
    japanese, english = texts("ja", domain), texts("en", domain)
    same = [key for key in japanese if japanese[key] == english[key]]
    own = {key: re.sub(r"\{[^}]*\}", "", english[key]) for key in same}

    assert [key for key, text in own.items() if any(map(str.isalpha, text))] == []


@pytest.mark.parametrize("domain", SPEAKERS)
def test_no_entry_is_left_that_nothing_names(domain: str) -> None:
    """One may be put together from a code: then its beginning or end is named."""
    nodes = [node for _, tree in trees(domain) for node in ast.walk(tree)]
    named = {one.value for one in nodes if isinstance(one, ast.Constant)}
    made = [one.values for one in nodes if isinstance(one, ast.JoinedStr)]
    begins = tuple(part for (first, *_) in made if (part := constant(first)).endswith(("_", ".")))
    ends = tuple(part for (*_, last) in made if (part := constant(last)).startswith("_"))
    left = [
        one
        for one in texts("en", domain)
        if one not in named | CODES and not one.startswith(begins) and not one.endswith(ends)
    ]

    assert left == []


@pytest.mark.parametrize("domain", SPEAKERS)
def test_every_word_that_is_named_stands_in_the_catalogue(domain: str) -> None:
    known = texts("ja", domain)
    missing = [
        f"{name}:{node.lineno}: {key}"
        for name, tree in trees(domain)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in {"words", "phrase"}
        for key in (one.value for one in node.args[:1] if isinstance(one, ast.Constant))
        if key not in known
    ]

    assert missing == []


def test_no_entry_is_stated_twice() -> None:
    """The later of two would silently stand for both."""
    for path in sorted((PACKAGE / "texts").rglob("*.po")):
        with path.open("rb") as file:
            kept = len(read_po(file, abort_invalid=True))
        stated = re.findall(r"^msgid ", path.read_text(encoding="utf-8"), re.MULTILINE)

        assert len(stated) - 1 == kept, path.name


def test_a_per_cent_sign_looks_the_same_wherever_japanese_is_read() -> None:
    """As Excel and Grafana draw it, right behind its figure: they know no wide one."""
    for path in sorted((PACKAGE / "texts" / "locale" / "ja").rglob("*.po")):
        with path.open("rb") as file:
            said = [str(one.string) for one in read_po(file, abort_invalid=True) if one.id]
        assert [one for one in said if re.search(r"％|[\d}] %", one)] == [], path.name
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py")))
    assert "％" not in code
    assert not re.search(r"\} %[\"']", code)
