"""Every sentence about what people wrote exists in English and in Japanese, with the same facts."""

import re
import string
from pathlib import Path

import pytest

import collector
from collector.domain.sentence import Sentence
from collector.errors import said
from collector.user_files.texts import TEXTS, english, text_of

TREE = Path(collector.__file__).parent
_CODE = re.compile(r'(?:\bsaid|\bRefusedValue|\bWhenMissing)\(\s*"([a-z0-9_]+)"')
_USES = re.compile(
    r"from collector\.errors import .*\bsaid\b|import .*\b(RefusedValue|WhenMissing)\b"
)


def _facts(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("code", TEXTS)
def test_both_languages_say_the_same_facts(code: str) -> None:
    english_words, japanese = TEXTS[code]
    assert _facts(english_words) == _facts(japanese)
    if code not in {"as_it_is", "sum"}:
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", japanese)
        assert not re.search(r"[ぁ-んァ-ヶ]{2}", english_words)


def test_every_code_that_is_said_has_words() -> None:
    texts = [path.read_text(encoding="utf-8") for path in TREE.rglob("*.py")]
    stated = {code for text in texts if _USES.search(text) for code in _CODE.findall(text)}
    assert len(stated) > 100
    assert stated <= set(TEXTS)


def test_no_sentence_is_kept_that_nobody_says() -> None:
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in TREE.rglob("*.py")
        if not path.name.endswith("texts.py")
    )
    assert [code for code in TEXTS if f'"{code}"' not in text] == []


def test_a_fact_that_is_a_sentence_is_said_in_the_same_language() -> None:
    sentence = said("unknown_key", hint=said("known_are", names=["a", "b"]))
    assert english(sentence) == "is no known key; known are: a, b"
    assert text_of(sentence, "ja") == "知らないキーです。使えるのは: a, b"
    assert isinstance(sentence.facts["hint"], Sentence)
