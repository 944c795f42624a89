"""No literal reaches a person but through the catalogues."""

import ast
from pathlib import Path

import pytest

from tests.unit.texts.literals import DATA, OTHERS, prose, sources, standing


def test_no_literal_is_what_a_person_reads() -> None:
    """Such a text belongs in a catalogue, in Japanese as well."""
    assert sorted(standing() - DATA.keys()) == []


def test_no_exception_stands_for_nothing() -> None:
    assert sorted(DATA.keys() - standing()) == []
    speaking = [name for name, path in sources() if any(prose(path))]
    assert [one for one in OTHERS if not any(name.startswith(one) for name in speaking)] == []


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
        ("x = 'copier-fleet fleet apply'", []),
        ("x = 'run copier-fleet fleet apply'", ["run copier-fleet fleet apply"]),
    ],
)
def test_what_counts_as_prose(tmp_path: Path, code: str, found: list[str]) -> None:
    ast.parse(code)
    (tmp_path / "x.py").write_text(code, encoding="utf-8")

    assert [text for _, text in prose(tmp_path / "x.py")] == found
