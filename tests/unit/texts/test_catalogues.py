"""Both catalogues are whole, agree with each other, and have what the program says."""

import ast
import gettext
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

import collector
from collector.domain.counting.findings import Code
from collector.texts import catalogue
from collector.texts.rendering import fields_of
from tests.source_trees import tree_of

SOURCES = sorted(Path(collector.__file__).parent.rglob("*.py"))
LOGGERS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
MADE = (
    *("finding.", "unit_of_life_count.", "layout.", "lack.", "hint."),
    *("os.", "toml.", "python.", "left_out.", "counter.", "alert.", "about.", "key."),
    *("monitoring.", "invoice.closing_", "invoice.opening_"),
)
"""Beginnings of keys that are put together from a code, or read back from English."""


def texts(language: str) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, text in catalogue.entries(language):
        found[key].add(text)
    return found


class Source(NamedTuple):
    """A module of the program: its file, its statements, every call and every string in it."""

    path: Path
    body: Sequence[ast.stmt]
    calls: Sequence[ast.Call]
    strings: frozenset[str]


@pytest.fixture(scope="module")
def program() -> Sequence[Source]:
    """The whole program, taken apart once."""
    return [taken_apart(path) for path in SOURCES]


def taken_apart(path: Path) -> Source:
    tree = tree_of(path)
    calls: list[ast.Call] = []
    strings: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                calls.append(node)
            case ast.Constant(value=str(text)):
                strings.add(text)
    return Source(path, tree.body, calls, frozenset(strings))


def sentences(program: Sequence[Source]) -> Iterator[tuple[str, ast.Call]]:
    for source in program:
        for call in source.calls:
            match call:
                case ast.Call(func=ast.Name(id="sentence"), args=[_, *_]):
                    yield f"{source.path.name}:{call.lineno}", call


def keys(node: ast.expr) -> Iterator[str]:
    """The keys that an argument may be, where it says so itself."""
    match node:
        case ast.Constant(value=str(key)):
            yield key
        case ast.IfExp():
            yield from (*keys(node.body), *keys(node.orelse))


def test_every_entry_is_in_both_languages_with_the_same_facts() -> None:
    japanese, english = texts("ja"), texts("en")

    assert japanese.keys() == english.keys()
    for key, own in japanese.items():
        assert all(own), key
        facts = {fields_of(text) for text in (*own, *english[key])}
        assert len(facts) == 1, f"{key}: {facts}"


def test_what_reads_as_japanese_is_japanese() -> None:
    """An entry that says the same in both languages has no words of its own."""
    for key, own in texts("ja").items():
        for text in own & texts("en")[key]:
            words = [one for one in text.split("{") if one.partition("}")[2].strip(" ()->")]
            assert not words, key


def test_every_code_of_a_finding_has_a_text() -> None:
    known = texts("ja")

    assert [one for one in Code if f"finding.{one.value}" not in known] == []


def test_every_sentence_that_is_named_stands_in_the_catalogues(program: Sequence[Source]) -> None:
    known = texts("en")
    for where, call in sentences(program):
        for key in keys(call.args[0]):
            assert key in known, f"{where}: {key}"


def test_every_sentence_gets_the_facts_it_needs(program: Sequence[Source]) -> None:
    known = texts("en")
    for where, call in sentences(program):
        given = {one.arg for one in call.keywords}
        for key in keys(call.args[0]) if None not in given else ():
            needed = set().union(*map(fields_of, known[key]))
            assert needed <= given, f"{where}: {key} needs {needed - given}"


def test_no_entry_is_left_that_nothing_names(program: Sequence[Source]) -> None:
    named = frozenset[str]().union(*(source.strings for source in program))
    unused = [one for one in texts("en") if one not in named and not one.startswith(MADE)]

    assert unused == []


def log_messages(program: Sequence[Source]) -> Iterator[str]:
    for source in program:
        constants = {
            node.target.id: node.value
            for node in source.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        }
        for call in source.calls:
            match call:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="_LOG"), attr=attr)) if (
                    attr in LOGGERS
                ):
                    said = call.args[1 if attr == "log" else 0]
                    named = constants.get(said.id) if isinstance(said, ast.Name) else said
                    assert isinstance(named, ast.Constant), f"{source.path.name}: not constant"
                    yield str(named.value)


def test_every_log_message_is_constant_and_has_japanese(program: Sequence[Source]) -> None:
    japanese = catalogue.catalogue("ja")
    messages = list(log_messages(program))

    assert len(messages) > 20
    assert [one for one in messages if japanese.pgettext(catalogue.LOG, one) == one] == []


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_a_compiled_catalogue_says_the_same(language: str, tmp_path: Path) -> None:
    (tmp_path / "x.mo").write_bytes(catalogue.octets(language))
    with (tmp_path / "x.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    assert all(
        {compiled.gettext(key), compiled.ngettext(key, key, 2)} != {key}
        for key, _ in catalogue.entries(language)
    )


READ = {
    "counting/panel.py": "how panels name their meters",
    "cost/invoice_columns.py": "how dealers head their columns and call classes",
    "cost/invoice_sheet.py": "how dealers call fees, sums and taxes",
    "old_sheets/cells.py": "how people write that a figure is not known",
    "old_sheets/headings.py": "how sheets head their columns",
    "old_sheets/usage.py": "how titles name what a sheet holds",
    "old_sheets/months.py": "how people write a month",
    "old_sheets/rows.py": "signs of a date",
    "office/office_calendar.py": "eras as officials write them",
    "office/fleet.py": "names that stand for no department and for all",
    "privacy/redaction.py": "letters of pseudonyms",
    "privacy/redaction_table.py": "what is told apart from names of people",
    "counting/meter_findings.py": "evidence as ids have it",
    "closing/boundary.py": "breaks as statements are sealed with them",
    "counting/entries.py": "what the id of an entry is made of",
    "domain/discovered.py": "evidence as ids have it",
    "counting/ranges.py": "a mistake of the program",
    "counting/reading.py": "a mistake of the program",
    "domain/meters.py": "a mistake of the program",
    "domain/rows.py": "a mistake of the program",
    "office/shares.py": "a mistake of the program",
}
"""Where domain and use cases hold words all the same: words that are read, data, and mistakes."""


def test_domain_and_use_cases_hold_no_sentence() -> None:
    words = re.compile(r"[a-z]{2,} [a-z]{2,}|[\u3040-\u30ff\u4e00-\u9fff]")
    found = set()
    for path in (one for one in SOURCES if {"domain", "app"} & {*one.parts}):
        name = "/".join(path.parts[-2:])
        tree = tree_of(path)
        documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            match node:
                case ast.Constant(value=str(text)) if id(node) not in documented:
                    found |= {name} if words.search(text) else set()
    assert sorted(found - READ.keys()) == []
    assert sorted(READ.keys() - found) == []
