"""Gathers everything wrong with what people wrote, so that one report tells it all."""

import pwd
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collector.domain.sentence import Sentence
from collector.domain.spelling import nearest
from collector.errors import ConfigError, Problem, Spot, said
from collector.texts import ENGLISH, Texts
from collector.user_files.lines import FilePath

Where = Callable[[str], Spot]
"""Key of an entry, or "" for all of it -> its place in what a person wrote."""

PathWhere = Callable[[FilePath], Spot]
"""The same of keys within keys."""


def below(where: PathWhere, path: FilePath) -> Where:
    """Return where the keys of the table at `path` stand."""
    return lambda key: where((*path, key) if key else path)


MOST: Final = 100
"""Problems told of a file that may be something else: it would be wrong in every line."""

_LONGEST_QUOTE: Final = 60
_LONGEST_SENTENCE: Final = 400
_KEY: Final = re.compile(r"[\w-]{1,40}")
_NAME: Final = re.compile(r"[\w.-]{1,64}")


class RefusedValue(ValueError):
    """A value that cannot be meant, with the sentence that says why."""

    def __init__(self, code: str, **facts: object) -> None:
        """Keep the sentence `code` with its facts."""
        self.sentence = said(code, **facts)
        super().__init__(code)

    def __str__(self) -> str:
        """Return the sentence in English."""
        return ENGLISH.say(self.sentence)

    @classmethod
    def by(cls, sentence: Sentence) -> "RefusedValue":
        """Return the refusal that `sentence` gives the reason for."""
        return cls(sentence.key, **sentence.facts)


def problem_at(where: Spot, what: Sentence, *, is_cut: bool = False) -> Problem:
    """Return the problem `what` at `where`; its sentence may be cut where it is very long."""
    message = ENGLISH.say(what)
    if is_cut and len(message) > _LONGEST_SENTENCE:
        message = f"{message[:_LONGEST_SENTENCE]}…"
    return Problem(str(where), message, where, what)


def told(problem: Problem, texts: Texts) -> str:
    """Return where something is wrong, and what, in the words of `texts`."""
    return f"{texts.place(problem.spot)}: {message_text(problem, texts)}"


def message_text(problem: Problem, texts: Texts) -> str:
    """Return what is wrong; cut where its English was."""
    text = texts.say(problem.said)
    is_cut = len(problem.message) > _LONGEST_SENTENCE and problem.message.endswith("…")
    return f"{text[:_LONGEST_SENTENCE]}…" if is_cut and len(text) > _LONGEST_SENTENCE else text


def refusal(file: str | Path, what: Sentence, *, key: str = "") -> ConfigError:
    """Return the error for one thing wrong with `file`: `what`, at its `key` where it has one."""
    return ConfigError([problem_at(Spot(str(file), key=key), what)])


def owner_of(path: Path) -> int:
    """Return the id of the user who owns `path`, or the nearest folder above that can be seen."""
    for one in (path, *path.parents):
        with suppress(OSError):
            return one.stat().st_uid
    return 0


def user_name(user: int) -> str:
    """Return what the user with this id is called; `sudo -u` takes it as it is."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"


_MEGABYTE: Final = 2**20


def octets_of(path: Path, megabytes: int, name: str | None = None) -> bytes:
    """Return the content of the file at `path`, called `name` in messages; "-" is stdin.

    No more is read than may be there, so a device or a pipe without end is refused as well. Raises
    OSError, and ConfigError where there is more.
    """
    most = megabytes * _MEGABYTE
    if str(path) == "-":
        octets = sys.stdin.buffer.read(most + 1)
    else:
        with path.open("rb") as stream:
            octets = stream.read(most + 1)
    if len(octets) > most:
        raise refusal(name or path.name, said("file_too_large", kilobytes=most // 1024))
    return octets


@dataclass(slots=True)
class ProblemReport:
    """Problems refuse what was read; warnings are told and work goes on.

    With `most`, the problems after so many are only counted, and long sentences are cut.
    """

    most: int | None = None
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    _untold: int = 0
    _owner: int | None = None

    def problem(self, where: Spot, what: Sentence) -> None:
        """Add one thing that must be put right; the same thing twice is kept once."""
        if self.is_full:
            self.count_another()
            return
        one = problem_at(where, what, is_cut=self.most is not None)
        if one not in self.problems:
            self.problems.append(one)

    def forbidden(self, where: Spot, what: Sentence, path: Path) -> None:
        """Add the problem that `path` may not be read by this user; its owner may."""
        self.problem(where, what)
        self._owner = owner_of(path)

    def count_another(self) -> None:
        """Count a problem that is not told any more."""
        self._untold += 1

    def warning(self, where: Spot, what: Sentence) -> None:
        """Add one thing a person should look at."""
        one = problem_at(where, what)
        if one not in self.warnings:
            self.warnings.append(one)

    @property
    def is_full(self) -> bool:
        """Whether a further problem would not be told."""
        return self.most is not None and len(self.problems) >= self.most

    def in_order(self, since: int = 0) -> None:
        """Put the problems from the place `since` on into the order of their lines."""
        self.problems[since:] = sorted(self.problems[since:], key=_line)

    def taken(self, file: str) -> list[Problem]:
        """Return the problems and forget them; the last one says how many more there were."""
        found, self.problems = self.problems, []
        if self._untold:
            found.append(problem_at(Spot(file), said("more_problems", count=self._untold)))
            self._untold = 0
        return found

    def refuse(self) -> None:
        """Raise ConfigError with every problem, in order; do nothing where there is none."""
        if self.problems:
            raise ConfigError(self.problems, self._owner)


def _line(problem: Problem) -> int:
    """Return the line that `problem` is about, 0 where it is about the whole file."""
    return problem.spot.line or 0


def hint(word: str, known: Iterable[str]) -> Sentence:
    """Return the end of a sentence about an unknown `word`: the nearest known one, else all."""
    names = sorted(set(known))
    near = nearest(word, names)
    if near is not None:
        return said("did_you_mean", name=_named(near))
    return said("known_are", names=[*map(_named, names)]) if names else said("none_known")


def _named(name: str) -> str:
    return name if _NAME.fullmatch(name) else quoted(name)


def quoted(value: object) -> str:
    """Return `value` as a message names it: on one line, harmless to a terminal, not too long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return "…"  # a number of thousands of digits, lists in lists without end
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def shown(path: FilePath) -> str:
    """Return `path` as a message names it: `tables.row.at[0].value`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = part if _KEY.fullmatch(part) else quoted(part)
            text += f".{key}" if text else key
    return text
