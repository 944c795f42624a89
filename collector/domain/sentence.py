"""What a person is to be told, before anybody has put it into words: a key and typed facts.

Domain and use cases hold no sentence of any language: they name one of `collector.texts` and give
the facts it needs. It becomes Japanese or English where somebody reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

VERBATIM: Final = "verbatim"
"""The key of a text that somebody else worded."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The text called `key` in the catalogues, with `facts` to fill in."""

    key: str
    facts: "Mapping[str, Fact]" = field(default_factory=dict, hash=False)


Fact = str | int | float | date | Sentence | tuple["Fact", ...]
"""A name, a figure, a day, an instant (a `datetime`), a part of a sentence, or several of them."""


def sentence(key: str, /, **facts: Fact) -> Sentence:
    """Return the sentence called `key` about `facts`."""
    return Sentence(key, facts)


def notation(sentence: Sentence) -> str:
    """Return key and facts as they are: what is said where nobody has words for it."""
    facts = ", ".join(f"{name}={_noted(one)}" for name, one in sentence.facts.items())
    return f"{sentence.key}({facts})"


def _noted(fact: Fact) -> str:
    return notation(fact) if isinstance(fact, Sentence) else str(fact)


def verbatim(text: str) -> Sentence:
    """Return `text` that somebody else worded: a machine, a server, an earlier release."""
    return Sentence(VERBATIM, {"text": text})


class Unacceptable(ValueError):
    """Something entered cannot be taken; `why` tells a person what is wrong with it."""

    def __init__(self, why: Sentence) -> None:
        """Keep the sentence; nobody has put it into words yet."""
        self.why = why
        super().__init__(why.key)
