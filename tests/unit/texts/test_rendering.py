"""A sentence in both languages; times, plurals, and English read back."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.sentence import Fact, Sentence, sentence, verbatim
from collector.texts import Texts, catalogue
from collector.texts.rendering import fields_of, reread

TOKYO = ZoneInfo("Asia/Tokyo")
AT = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)
ENGLISH = {key: text for key, text in catalogue.entries("en")}  # noqa: C416 - the last form counts
PLAIN = {key: text for key, text in ENGLISH.items() if not re.search(r"\{\w+\.", text)}
"""Texts that say their facts as they are, not a part of them like the day of a date."""
NAMES = st.text(st.sampled_from("abc 0129-.;:()総務課"), max_size=12)


def test_times_are_data_without_a_zone_and_local_with_one() -> None:
    late = sentence("finding.reading_out_of_order", at=AT)

    assert "2026-11-30T15:30:00+00:00" in Texts("en").say(late)
    assert "2026-12-01 00:30" in Texts("en", TOKYO).say(late)
    assert Texts("ja", TOKYO).say(late).startswith("2026-12-01 00:30 の検針")


def test_parts_are_put_into_words_as_well() -> None:
    known = sentence("month.total", total=1234, read=1, places=2)
    said = sentence("finding.month_closed", month="2026-10", by="鈴木", known=known)

    assert Texts("en").say(said) == (
        "2026-10 was closed by 鈴木: 1,234 impressions, 1 of 2 copiers read"
    )
    assert Texts("ja").say(said) == "2026-10 を 鈴木 が締めました: 1,234 面、2 台中 1 台検針"


def test_a_missing_key_or_fact_is_told() -> None:
    with pytest.raises(KeyError):
        Texts("ja")("no.such.text")
    with pytest.raises(KeyError):
        Texts("ja")("finding.reading_out_of_order")


def test_what_somebody_else_said_stays_as_it_stands() -> None:
    assert (
        Texts("ja", TOKYO).say(verbatim("用紙をセットしてください")) == "用紙をセットしてください"
    )
    assert Texts("en").say(verbatim("{place} 100 %")) == "{place} 100 %"


def test_english_of_an_earlier_release_is_read_back() -> None:
    stored = "a reading of 2026-11-30T15:30:00+00:00 came after a newer one and was not counted"

    assert Texts("ja", TOKYO).say(verbatim(stored)).startswith("2026-12-01 00:30 の検針")
    assert Texts("en").say(verbatim(stored)) == stored


def facts_for(key: str) -> st.SearchStrategy[dict[str, Fact]]:
    shapes: dict[str, st.SearchStrategy[Fact]] = {}
    for name in fields_of(ENGLISH[key]):
        is_figure = name == "count" or f"{{{name}:" in ENGLISH[key]
        shapes[name] = st.integers(-(10**9), 10**9) if is_figure else st.one_of(NAMES, TIMES)
    return st.fixed_dictionaries(shapes)


TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds of Hypothesis have no zone


@given(st.data())
def test_whatever_is_read_back_says_the_same_in_english(data: st.DataObject) -> None:
    """Facts may hold anything, joints of other sentences too: then nothing is read into them."""
    key = data.draw(st.sampled_from(sorted(PLAIN)))
    said = Texts("en").say(Sentence(key, data.draw(facts_for(key))))
    found = reread(said)

    assert found is None or Texts("en").say(found) == said


@given(st.data())
def test_texts_of_plain_facts_are_read_back(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(one for one in ENGLISH if one.startswith("finding."))))
    facts: dict[str, Fact] = {}
    for number, name in enumerate(sorted(fields_of(ENGLISH[key]))):
        is_figure = name == "count" or f"{{{name}:" in ENGLISH[key]
        facts[name] = data.draw(st.integers(0, 10**6)) if is_figure else f"n{number}"
    said = Sentence(key, facts)

    assert Texts("ja").translated(Texts("en").say(said)) == Texts("ja").say(said)


def test_a_day_is_a_day() -> None:
    differs = sentence("finding.fleet_differs", first=date(2026, 4, 1), last=date(2026, 5, 1))

    assert "2026-04-01" in Texts("ja").say(differs)
