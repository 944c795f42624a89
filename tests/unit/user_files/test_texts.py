"""Every sentence about what people wrote exists in English and in Japanese, with the same facts."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import collector
from collector.domain.sentence import Sentence
from collector.errors import Spot, said
from collector.texts import Texts
from collector.texts.catalogue import PROBLEMS, entries
from collector.texts.rendering import fields_of
from collector.user_files.report import problem_at, told
from tests.wording import english, japanese

TREE = Path(collector.__file__).parent
ENGLISH: Mapping[str, str] = dict(entries("en", PROBLEMS))
JAPANESE: Mapping[str, str] = dict(entries("ja", PROBLEMS))
SHARED = frozenset(key for key, _ in entries("en"))
"""What every sentence may say: those of the catalogue that findings use."""
NO_WORDS = frozenset({"as_it_is", "sum", "range", "in_brackets"})
"""Entries that only put others together."""
_CODE = re.compile(r'(?:\bsaid|\bRefusedValue|\bWhenMissing)\(\s*"([a-z0-9_]+)"')
_USES = re.compile(
    r"from collector\.errors import [^)]*?\bsaid\b|import .*\b(RefusedValue|WhenMissing)\b"
)


def test_both_languages_have_the_same_codes_and_no_catalogue_says_them_twice() -> None:
    assert ENGLISH.keys() == JAPANESE.keys()
    assert len(ENGLISH) > 200
    assert ENGLISH.keys() & SHARED == set()


@pytest.mark.parametrize("code", ENGLISH)
def test_both_languages_say_the_same_facts(code: str) -> None:
    assert fields_of(ENGLISH[code]) == fields_of(JAPANESE[code])
    if code not in NO_WORDS:
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", JAPANESE[code])
        assert not re.search(r"[ぁ-んァ-ヶ]{2}", ENGLISH[code]) or code == "readings_heading"


def test_every_code_that_is_said_has_words() -> None:
    texts = [path.read_text(encoding="utf-8") for path in TREE.rglob("*.py")]
    stated = {code for text in texts if _USES.search(text) for code in _CODE.findall(text)}
    assert len(stated) > 100
    assert stated <= {*ENGLISH, *SHARED}


def test_no_sentence_is_kept_that_nobody_says() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in TREE.rglob("*.py"))
    assert [code for code in ENGLISH if f'"{code}"' not in text] == []


def test_a_fact_that_is_a_sentence_is_said_in_the_same_language() -> None:
    sentence = said("unknown_key", hint=said("known_are", names=["a", "b"]))
    assert english(sentence) == "is no known key; known are: a, b"
    assert japanese(sentence) == "知らないキーです。使えるもの: a、b"
    assert isinstance(sentence.facts["hint"], Sentence)


def test_a_place_within_a_sentence_is_said_in_the_language() -> None:
    sentence = said("id_taken", id="1f", other=Spot("a.csv", 2, column="C"))
    assert "used by a.csv: line 2, column C" in english(sentence)
    assert "a.csv: 2 行目、C 列 が" in japanese(sentence)


@pytest.mark.parametrize(
    ("spot", "english_place", "japanese_place"),
    [
        (Spot("fleet.toml", 12, "place[0].id"), "fleet.toml:12: place[0].id", None),
        (Spot("a.csv", 3, "at", column=""), "a.csv: line 3: at", "a.csv: 3 行目: at"),
        (Spot("a.csv", 3, column="C"), "a.csv: line 3, column C", "a.csv: 3 行目、C 列"),
    ],
)
def test_a_place_in_a_sheet_is_said_in_the_language(
    spot: Spot, english_place: str, japanese_place: str | None
) -> None:
    problem = problem_at(spot, said("readings_empty"))

    assert problem.path == english_place
    assert told(problem, Texts("en")) == f"{english_place}: {problem.message}"
    assert told(problem, Texts("ja")) == (
        f"{japanese_place or english_place}: 空です。数えるものがありません"
    )
