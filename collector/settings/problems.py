"""Gathers everything wrong with the configuration, so that one report tells it all."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from collector.errors import ConfigError, Problem


@dataclass(frozen=True, slots=True)
class ProblemReport:
    """Problems refuse the configuration; warnings are told and the start goes on."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def problem(self, path: str, message: str) -> None:
        """Add one thing that must be put right; the same thing twice is kept once."""
        one = Problem(path, message)
        if one not in self.problems:
            self.problems.append(one)

    def warning(self, path: str, message: str) -> None:
        """Add one thing a person should look at."""
        one = Problem(path, message)
        if one not in self.warnings:
            self.warnings.append(one)

    def refuse(self) -> None:
        """Raise ConfigError with every problem, in order; do nothing where there is none."""
        if self.problems:
            raise ConfigError(self.problems)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown `word`: the nearest known one, else all."""
    names = sorted(set(known))
    folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    if near:
        return f"did you mean {folded[near[0]]}?"
    return f"known are: {', '.join(names)}" if names else "none is known here"
