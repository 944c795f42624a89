"""Finds literals that read as prose: what a person is told and no catalogue holds.

`python -m tests.unit.texts.literals` writes the list of those that still stand in the code. It is
to become shorter, never longer.
"""

import ast
import functools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import collector

PACKAGE = Path(collector.__file__).parent
TELLING = frozenset({"say", "complain", "progress", "yes", "echo"})
"""Calls that tell a person something, were it one word."""
KEYS = frozenset({"help", "show_default", "epilog", "short_help"})
"""Arguments that are keys of the catalogue `help`, held to it by a test of the commands."""

SPEAKERS = ("adapters/report", "app", "bootstrap", "calibration", "cli", "demo", "runtime")
"""Folders whose literals may reach a person."""
WORDS = frozenset({"cli/words.py"})
"""Holds texts in both languages."""
LIST = Path(__file__).with_name("not_yet_moved.txt")

_TAG = re.compile(r"<[^<>]*>?")
_PROSE = re.compile(r"[a-z]{2,},? [a-z]{2,}|[぀-ヿ一-鿿]")
_WORD = re.compile(r"[A-Za-z]{2,}")


def prose(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of every literal in `file` that a person would read as a sentence."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    yield from _below(tree, _PROSE)


@functools.cache
def standing() -> Counter[str]:
    """Return every such literal in the speaking folders, with its file, as often as it stands."""
    return Counter(
        f"{path.relative_to(PACKAGE).as_posix()}: {text}"
        for folder in SPEAKERS
        for path in sorted((PACKAGE / folder).rglob("*.py"))
        if path.relative_to(PACKAGE).as_posix() not in WORDS
        for _, text in prose(path)
    )


def listed() -> Counter[str]:
    """Return those that are known to stand there still."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return Counter(line for line in lines if line and not line.startswith("#"))


def _below(node: ast.AST, wanted: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    if _is_passed_over(node):
        return
    text = _text(node)
    if text is not None and wanted.search(_TAG.sub("", text)):
        yield getattr(node, "lineno", 0), _short(text)
        return
    if isinstance(node, ast.Call):
        is_telling = isinstance(node.func, ast.Name) and node.func.id in TELLING
        yield from _below(node.func, _PROSE)
        for number, one in enumerate((*node.args, *node.keywords)):
            yield from _below(one, _WORD if is_telling and number == 0 else _PROSE)
        return
    for one in ast.iter_child_nodes(node):
        yield from _below(one, wanted)


def _is_passed_over(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True  # what is told to whoever reads the code
        case ast.Call(func=ast.Attribute(value=ast.Name(id="_LOG"))):
            return True  # held to the catalogues by a test of log messages
        case ast.keyword(arg=str(name)):
            return name in KEYS
    return False


def _text(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(
                str(one.value) if isinstance(one, ast.Constant) else "{}" for one in values
            )
    return None


def _short(text: str) -> str:
    return " ".join(text.split())[:70]


if __name__ == "__main__":
    head = "# Literals that a person may read and no catalogue holds yet: see literals.py.\n"
    LIST.write_text(head + "".join(f"{one}\n" for one in sorted(standing().elements())), "utf-8")
