"""In which language a person is spoken to before any setting is read: help, and wrong usage.

Commands state their texts in English. Who reads Japanese gets copies of them, with the texts of
the catalogue `help` in place and lines broken by how wide letters are on a terminal.
"""

import copy
import importlib
import inspect
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeVar

import click

from collector.cli.output import SPOKEN
from collector.texts import Texts
from collector.texts.catalogue import HELP, LANGUAGES, catalogue, entries

_MOST_OCTETS: Final = 8 * 2**20


CONFIGURATION_DIRECTORY: Final = "CONFIGURATION_DIRECTORY"
FOLDER: Final = "/etc/copier-fleet"
CONFIG_NAME: Final = "collector.toml"
SITES: Final = "sites"
JAPANESE, ENGLISH = LANGUAGES

_IN_ENVIRONMENT: Final = "COPIER_FLEET__OFFICE__LANGUAGE"
LOCALES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_CLICK: Final = ("core", "decorators", "exceptions", "formatting", "parser", "termui", "types")
_STATED: Final = re.compile(
    rf"""(?m)^[ \t]*(?:office\.)?language[ \t]*=[ \t]*["']({"|".join(LANGUAGES)})["']"""
)
_SYMBOL: Final = re.compile(r"[A-Z]{2,}(?: [A-Z]{2,})*")
"""What stands for something else in a usage line: MONTH, FLOAT RANGE."""

Parameter = TypeVar("Parameter", bound=click.Parameter)


SITE: Final = ContextVar[str | None]("site", default=None)
"""Whose ledger is read at a centre of many sites; None where this is the office itself."""


def default_config() -> Path:
    """Return the configuration that is read where none is named: of a site, where one is.

    It lies in the configuration folder.
    """
    site, folder = SITE.get(), configuration_folder()
    return folder / CONFIG_NAME if site is None else folder / SITES / site / CONFIG_NAME


def configuration_folder() -> Path:
    """Return the first folder of `$CONFIGURATION_DIRECTORY`, unset: /etc/copier-fleet.

    systemd sets it, as it sets `$STATE_DIRECTORY` for the ledger.
    """
    folders = os.environ.get(CONFIGURATION_DIRECTORY, "").split(os.pathsep)
    return Path(folders[0] or FOLDER)


def language_for(args: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return `ja` or `en`: as `--lang` says, else as the office, else as the terminal is set.

    The office's language is what the environment or the configuration says, Japanese where it
    says nothing. A configuration that cannot be read is not told of here.
    """
    for asked in (_option(args, "--lang"), environment.get(_IN_ENVIRONMENT)):
        if asked in LANGUAGES:
            return asked
    named = _option(args, "--config", "-c")
    for file in (Path(named) if named else default_config(), default_config()):
        if configured := _configured(file):
            return configured
    locale = next((environment[one] for one in LOCALES if environment.get(one)), "")
    return JAPANESE if locale.startswith(JAPANESE) else ENGLISH


def speak(language: str) -> None:
    """Speak `language` from now on; what click says of its own included."""
    SPOKEN.set(Texts(language))
    for name in _CLICK:
        module = importlib.import_module(f"click.{name}")
        for said, ours in (("_", translated), ("ngettext", _counted)):
            if hasattr(module, said):
                setattr(module, said, ours)


def translated(text: str) -> str:
    """Return the English `text` of a command, or of click, in the language that is spoken."""
    if SPOKEN.get().language == ENGLISH or not text:
        return text
    return catalogue(JAPANESE, HELP).gettext(text)


def symbols_translated(text: str) -> str:
    """Return `text` with the symbols of a usage line in the language that is spoken."""
    return _SYMBOL.sub(lambda found: translated(found[0]), text)


def in_the_language(command: click.Command) -> click.Command:
    """Return `command` as it is for English; for Japanese a copy that speaks it."""
    if SPOKEN.get().language == ENGLISH:
        return command
    copied = copy.copy(command)
    copied.context_class = _Context
    copied.help = translated(inspect.cleandoc(command.help or ""))
    copied.short_help = first_sentence(copied.help)
    copied.epilog = translated(command.epilog or "")
    copied.params = [_in_the_language(one) for one in command.params]
    copied._help_option = None  # noqa: SLF001 - it is made in English once, and kept
    if isinstance(command, click.Group) and isinstance(copied, click.Group):
        copied.subcommand_metavar = symbols_translated(command.subcommand_metavar)
        copied.commands = {
            name: in_the_language(one) for name, one in sorted(command.commands.items())
        }
    copied.options_metavar = symbols_translated(command.options_metavar or "") or None
    return copied


def listed(name: str, begins: str) -> click.Command:
    """Return what a list shows of the command whose English help `begins` so, without its code."""
    if SPOKEN.get().language == ENGLISH:
        return click.Command(name, help=begins)
    texts = (text for key, text in entries(JAPANESE, HELP) if key.startswith(begins))
    return click.Command(name, short_help=first_sentence(next(texts, begins)))


def first_sentence(text: str) -> str:
    """Return what stands before the first full stop."""
    return text.partition("\n\n")[0].partition("。")[0]


def wrapped(text: str, width: int) -> list[str]:
    """Return `text` in lines of at most `width` columns, broken as Japanese is.

    A line may end after any wide letter, but no line begins with a closing mark or ends with an
    opening one. A word that is wider than a line is cut.
    """
    from rich.cells import cell_len, set_cell_size

    lines = [""]
    for piece in _PIECE.findall(text):
        if cell_len(lines[-1] + piece.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        rest = lines[-1] + piece
        while cell_len(rest.rstrip()) > width:
            head = set_cell_size(rest, width).rstrip()
            lines[-1:] = [head, ""]
            rest = rest[len(head) :]
        lines[-1] = rest
    return [*lines[:-1], lines[-1].rstrip()]


_OPENING: Final = r"（「『【〔\[("
_CLOSING: Final = r"、。，．：；？！）」』】〕ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…\])"
_PIECE: Final = re.compile(
    rf"[{_OPENING}]*(?:[!-~]+|[^\s{_OPENING}])[{_CLOSING}]*\s*|[{_OPENING}]+\s*|\s+"
)
"""What is never broken: a word, or one wide letter, with the marks around it."""


class _Formatter(click.HelpFormatter):
    """Lays help out by the width of letters: a wide one takes two columns."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        from rich.cells import cell_len

        first = f"{translated('Usage:') if prefix is None else prefix} {prog} "
        lines = wrapped(args, max(self.width - cell_len(first), 20))
        self._write_lines(first, lines, cell_len(first))

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        paragraphs = (wrapped(one, self.width - self.current_indent) for one in text.split("\n\n"))
        margin = " " * self.current_indent
        self.write("\n".join("".join(f"{margin}{one}\n" for one in lines) for lines in paragraphs))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write terms and what they mean in two columns."""
        from rich.cells import cell_len

        rows = list(rows)
        widest = max((cell_len(term) for term, _ in rows), default=0)
        column = min(widest, col_max) + col_spacing + self.current_indent
        for term, meaning in rows:
            head = f"{'':{self.current_indent}}{term}"
            if cell_len(head) + col_spacing > column:
                self.write(f"{head}\n")
                head = ""
            lines = wrapped(meaning, max(self.width - column, 10))
            self._write_lines(head + " " * (column - cell_len(head)), lines, column)

    def _write_lines(self, first: str, lines: Sequence[str], column: int) -> None:
        margin = " " * column
        for head, line in zip((first, *(margin for _ in lines[1:])), lines, strict=True):
            self.write(f"{head}{line}".rstrip() + "\n")


class _Context(click.Context):
    formatter_class = _Formatter


def _in_the_language(parameter: Parameter) -> Parameter:
    copied = copy.copy(parameter)
    flag = False
    if isinstance(copied, click.Option):
        copied.help = translated(copied.help or "") or None
        flag = copied.is_flag
        if isinstance(copied.show_default, str):
            copied.show_default = translated(copied.show_default)
    if not flag and not isinstance(copied.type, click.Choice):
        copied.type = copy.copy(copied.type)
        copied.type.name = symbols_translated(copied.type.name.upper())
        context = click.Context(click.Command(None))
        copied.metavar = symbols_translated(copied.make_metavar(context))
    return copied


def _counted(one: str, many: str, count: int) -> str:
    """Return what click says of `count` things."""
    if SPOKEN.get().language == ENGLISH:
        return one if count == 1 else many
    return catalogue(JAPANESE, HELP).ngettext(one, many, count)


def _option(args: Sequence[str], *names: str) -> str | None:
    """Return the value of an option, as it may stand among `args`."""
    for name, following in pairwise((*args, "")):
        if name in names:
            return following
        for one in names:
            joint = f"{one}=" if one.startswith("--") else one
            if name.startswith(joint) and name != one:
                return name.removeprefix(joint)
    return None


def _configured(file: Path) -> str | None:
    """Return the language of the configuration in `file`, or None where it cannot be read.

    Of a file that is no TOML, what a line of it says.
    """
    try:
        with file.open("rb") as stream:
            text = stream.read(_MOST_OCTETS).decode("utf-8-sig", "replace")
    except OSError:
        return None
    import tomllib

    try:
        office = tomllib.loads(text).get("office", {})
    except (ValueError, RecursionError):
        found = _STATED.search(text)
        return found[1] if found else None
    said = office.get("language", JAPANESE) if isinstance(office, dict) else None
    return said if said in LANGUAGES else None
