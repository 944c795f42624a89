"""No literal reaches a person but through the catalogues; the list of exceptions shrinks."""

import ast
from pathlib import Path

import pytest

from tests.unit.texts.literals import listed, prose, standing


def test_no_literal_that_a_person_reads_is_new() -> None:
    """Such a text belongs in a catalogue, in Japanese as well."""
    assert sorted((standing() - listed()).elements()) == []


def test_what_was_moved_is_no_longer_listed() -> None:
    """Then write the list anew: python -m tests.unit.texts.literals."""
    assert sorted((listed() - standing()).elements()) == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("say('nothing was written')", ["nothing was written"]),
        ("say(f'{place} is no place')", ["{} is no place"]),
        ("say('done')", ["done"]),
        ("complain(one or 'stopped')", ["stopped"]),
        ("raise click.BadParameter('name it again')", ["name it again"]),
        ("x = '検針'", ["検針"]),
        ("say(words('nothing_written', place='two words'))", ["two words"]),
        ("say(words('nothing_written'))", []),
        ("_LOG.info('a constant message')", []),
        ("click.option('--x', help='a key of the catalogue')", []),
        ("def f():\n    'Says what is true.'", []),
        ("f'<p class={one}>{two}</p>'", []),
        ("x = 'one_key'", []),
    ],
)
def test_what_counts_as_prose(tmp_path: Path, code: str, found: list[str]) -> None:
    ast.parse(code)
    (tmp_path / "x.py").write_text(code, encoding="utf-8")

    assert [text for _, text in prose(tmp_path / "x.py")] == found
