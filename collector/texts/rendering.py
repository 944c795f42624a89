"""A sentence of the domain in one language: its text, with the facts as people write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache, lru_cache
from string import Formatter
from typing import Final

from collector.domain.sentence import VERBATIM, Fact, Sentence
from collector.errors import Spot
from collector.texts.catalogue import DOMAIN, LOG, PROBLEMS, catalogue, entries

COUNT: Final = "count"
"""The fact that decides between singular and plural."""

_SENTENCES: Final = (DOMAIN, PROBLEMS)
"""The catalogues that hold sentences; no key stands in both."""

_ORDINALS: Final = {1: "st", 2: "nd", 3: "rd"}
_TEENS: Final = range(11, 14)


class Texts:
    """The texts of one language, `ja` or `en`.

    With a `zone` times are told on its clocks; without one they are data: ISO, in UTC.
    """

    def __init__(self, language: str, zone: tzinfo | None = None) -> None:
        """Speak `language`; anything but `ja` is English. The catalogue is read when needed."""
        self._language = "ja" if language == "ja" else "en"
        self._zone = zone

    def __call__(self, key: str, /, **facts: Fact) -> str:
        """Return the text called `key` with `facts` filled in; raises KeyError without one."""
        return self.say(Sentence(key, facts))

    @property
    def language(self) -> str:
        """The language's tag."""
        return self._language

    @property
    def zone(self) -> tzinfo | None:
        """On whose clocks times are told; None for data."""
        return self._zone

    def say(self, sentence: Sentence) -> str:
        """Return `sentence` in words; raises KeyError for a key or fact that is missing."""
        if sentence.key == VERBATIM:
            return self.translated(str(sentence.facts["text"]))
        text = self._template(sentence)
        return text.format_map({name: self._shown(one) for name, one in sentence.facts.items()})

    def translated(self, text: str) -> str:
        """Return the English `text` of a catalogue in this language; any other as it stands.

        So what earlier releases stored, and what was sealed, is read in the office's language.
        """
        if self._language == "en" and self._zone is None:
            return text
        known = reread(text)
        return text if known is None else self.say(known)

    def log(self, message: str) -> str:
        """Return the constant `message` of a log line in this language; unknown ones as they are.

        Messages of libraries stay in their own words.
        """
        return catalogue(self._language).pgettext(LOG, message) if message else message

    def place(self, spot: Spot) -> str:
        """Return a place in what a person wrote; in English as `Spot` itself writes it."""
        if spot.column is None or spot.line is None:
            return str(spot)
        key = "cell" if spot.column else "line"
        where = self(key, file=spot.file, line=spot.line, column=spot.column)
        return f"{where}: {spot.key}" if spot.key else where

    def _template(self, sentence: Sentence) -> str:
        key, count = sentence.key, sentence.facts.get(COUNT)
        for domain in _SENTENCES:
            known = catalogue(self._language, domain)
            text = known.ngettext(key, key, count) if isinstance(count, int) else key
            text = known.gettext(key) if text == key else text
            if text != key:
                return text
        raise KeyError(key)

    def _shown(self, fact: object) -> object:
        match fact:
            case Sentence():
                return self.say(fact)
            case datetime():
                return self._time(fact)
            case Spot():
                return self.place(fact)
            case tuple():
                return self("list.between").join(str(self._shown(one)) for one in fact)
            case int() if not isinstance(fact, bool):
                return _Number(fact)
        return fact

    def _time(self, at: datetime) -> str:
        if self._zone is None or at.tzinfo is None:
            return at.isoformat()
        return f"{at.astimezone(self._zone):%Y-%m-%d %H:%M}"


class _Number(int):
    """A whole number that `{day:th}` writes as English counts days: 1st, 22nd, 13th."""

    def __format__(self, spec: str) -> str:
        if spec != "th":
            return super().__format__(spec)
        return f"{int(self)}{'th' if self in _TEENS else _ORDINALS.get(self % 10, 'th')}"


ENGLISH: Final = Texts("en")
"""English with times as data: how findings are stored, published and sealed."""
JAPANESE: Final = Texts("ja")
"""Japanese with times as data: what rows say beside the English."""


# An English sentence of the catalogue read back into its key and facts: findings of earlier
# releases and reasons in sealed statements are English sentences, and stay so.


_LEAST: Final = 6
"""Letters that a text must have of its own to be told from any other."""

_LONGEST: Final = 2000
"""Characters of a text that is looked at; no sentence is as long."""

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d|Z)?")
_NUMBER: Final = re.compile(r"[+-]?\d[\d,]{0,30}(?P<decimals>\.\d{1,9})?")


@lru_cache(maxsize=512)
def reread(text: str) -> Sentence | None:
    """Return the sentence that is `text` in English, or None where there is none.

    Of several the one with the most words of its own. A part that is a sentence itself is read
    back as well.
    """
    for one in _shapes() if len(text) <= _LONGEST else ():
        said = one.parts_of(text)
        if said is None:
            continue
        found = Sentence(one.key, {name: _fact(part, one, name) for name, part in said.items()})
        if _is_exact(found, text):
            return found
    return None


def _is_exact(found: Sentence, text: str) -> bool:
    try:
        return ENGLISH.say(found) == text
    except (KeyError, ValueError):
        return False


def _fact(said: str, shape: "_EnglishShape", name: str) -> Fact:
    if name in shape.figures and (found := _NUMBER.fullmatch(said)):
        plain = said.replace(",", "")
        return float(plain) if found["decimals"] else int(plain)
    if _TIME.fullmatch(said):
        return datetime.fromisoformat(said)
    return reread(said) or said


@dataclass(frozen=True, slots=True)
class _EnglishShape:
    """What a text of the catalogue looks like: its words, and the facts between them."""

    key: str
    words: tuple[str, ...]
    names: tuple[str, ...]
    figures: frozenset[str]

    @property
    def letters(self) -> int:
        """How many letters are its own."""
        return sum(map(str.isalpha, "".join(self.words)))

    @property
    def can_be_read(self) -> bool:
        """Whether its words tell it from any other, and its facts from one another."""
        is_told = self.letters >= _LEAST
        return is_told and all(self.words[1:-1]) and all(map(str.isidentifier, self.names))

    def parts_of(self, text: str) -> Mapping[str, str] | None:
        """Return what stands between the words in `text`, or None where it is another text.

        Looked for from the left, in one pass; where it begins with a fact, from the right.
        """
        first, last = self.words[0], self.words[-1]
        if not self.names:
            return {} if text == first else None
        if len(text) < len(first) + len(last) or not (
            text.startswith(first) and text.endswith(last)
        ):
            return None
        middle = text[len(first) : len(text) - len(last)]
        parts = self._from_left(middle) if first else self._from_right(middle)
        found: dict[str, str] = {}
        for name, part in zip(self.names, parts or (), strict=False):
            if found.setdefault(name, part) != part:
                return None
        return found if parts is not None else None

    def _from_left(self, text: str) -> list[str] | None:
        parts = []
        for word in self.words[1:-1]:
            part, joint, text = text.partition(word)
            if not joint:
                return None
            parts.append(part)
        return [*parts, text]

    def _from_right(self, text: str) -> list[str] | None:
        parts = []
        for word in reversed(self.words[1:-1]):
            text, joint, part = text.rpartition(word)
            if not joint:
                return None
            parts.append(part)
        return [text, *reversed(parts)]


@cache
def _shapes() -> tuple[_EnglishShape, ...]:
    found = (_shape(key, text) for key, text in entries("en"))
    usable = (one for one in found if one.can_be_read)
    return tuple(sorted(usable, key=lambda one: (-one.letters, -len(one.names), one.key)))


def _shape(key: str, text: str) -> _EnglishShape:
    words, names, figures = [""], [], set[str]()
    for literal, field, form, _ in Formatter().parse(text):
        words[-1] += literal
        if field is None:
            continue
        names.append(field)
        words.append("")
        if form or field == COUNT:
            figures.add(field)
    return _EnglishShape(key, tuple(words), tuple(names), frozenset(figures))


@cache
def fields_of(text: str) -> frozenset[str]:
    """Return the names of the facts that `text` fills in."""
    parsed = Formatter().parse(text)
    return frozenset(name.partition(".")[0] for _, name, _, _ in parsed if name)
