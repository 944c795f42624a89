"""Statements in words and cells: every word there is, the formula, what is a dash."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import pytest

from collector.app.close.close_month import RefusalKind
from collector.cli import statement_table as table
from collector.cli.output import texts
from collector.cli.words import CommandWords
from collector.domain.closing.seal import FaultKind
from collector.domain.closing.statement import (
    BoundaryReading,
    Cause,
    Change,
    ChangeKind,
    GrowthSpan,
    Guess,
)
from collector.domain.counting.identity import DeviceKey
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import Fleet
from collector.domain.office.office_calendar import Office
from collector.domain.report.table import records
from tests.unit.domain.test_audit import ADDED, GOOD, LINE, SECOND

OFFICE = Office("hall", ZoneInfo("Asia/Tokyo"))
EN, JA = CommandWords("en"), CommandWords("ja")
D = DeviceKey("serial:X")
MIDNIGHT = datetime(2026, 11, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("prefix", "kinds"),
    [
        ("cause", Cause),
        ("change", ChangeKind),
        ("fault", FaultKind),
        ("refused", RefusalKind),
    ],
)
def test_every_kind_has_its_words_in_both_languages(prefix: str, kinds: Iterable[StrEnum]) -> None:
    facts = dict.fromkeys(("month", "day", "names", "first", "until", "revision", "by", "at"), "?")
    for kind in kinds:
        english, japanese = (words(f"{prefix}_{kind.value}", **facts) for words in (EN, JA))
        assert english.isascii()
        assert not japanese.isascii()


def span(first: int, last: int) -> GrowthSpan:
    return GrowthSpan(TOTAL, D, MIDNIGHT, MIDNIGHT, first, last)


def formula(every: bool = True, **changes: object) -> list[tuple[str, str]]:
    line = replace(LINE, **{"guess": None, "pages": {TOTAL: 40}, **changes})
    return list(table.formula_rows(replace(GOOD, places=(line,)), EN, every=every))


def test_the_formula_of_a_plain_place_is_shown_on_request_only() -> None:
    assert formula(spans=(span(100, 140),)) == [("p", "(140 - 100) = 40")]
    assert formula(every=False, spans=(span(100, 140),)) == []


def test_the_formula_tells_epochs_split_and_guess() -> None:
    two = (span(1_000_000, 1_000_030), span(0, 15))
    guess = Guess({TOTAL: 7}, 1, 9)
    assert formula(every=False, spans=two, guess=guess) == [
        ("p", "(1,000,030 - 1,000,000) + (15 - 0) - 5 split + 7 guess = 47")
    ]
    assert formula(every=False, spans=(span(100, 139),)) == [("p", "(139 - 100) + 1 split = 40")]
    assert formula(spans=(), pages={}) == [("p", "0 = 0")]


def test_a_place_shows_its_readings_with_their_distance_from_midnight() -> None:
    marks = {
        "opening": BoundaryReading(MIDNIGHT - timedelta(days=30, minutes=-2), D, {TOTAL: 1000}),
        "closing": BoundaryReading(MIDNIGHT - timedelta(hours=7), D, {TOTAL: 1040}),
    }
    line = replace(LINE, guess=None, shares={"a": {TOTAL: 40}}, **marks)
    (row,) = texts(table.places_table(replace(GOOD, places=(line,)), OFFICE, EN))
    assert row[:7] == (
        *("p", "p", "1,000", "11-01 00:02 (+2 min)", "1,040", "11-30 17:00 (-7 h)", "40"),
    )
    assert row[7:] == ("-", "-", "measured", "-")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "estimated"),
        ({"guess": None, "read": False}, "not read"),
        ({"guess": None, "quality": Quality.EDITED}, "edited"),
        ({"guess": None, "quality": Quality.ESTIMATED, "estimated": 3}, "split"),
    ],
)
def test_the_quality_of_a_place_in_one_word(changes: dict[str, object], word: str) -> None:
    line = replace(LINE, **changes)
    (row,) = texts(table.places_table(replace(GOOD, places=(line,)), OFFICE, EN))
    assert row[9] == word
    assert row[2:6] == ("-", "-", "-", "-")


def test_a_withdrawn_guess_is_none_any_more() -> None:
    (row,) = texts(table.places_table(SECOND, OFFICE, EN))
    assert row[6] == "40"
    assert row[9] == "measured"


def test_departments_add_up_and_targets_only_where_all_have_one() -> None:
    rows = texts(table.departments_table(GOOD, Fleet(), EN))
    assert rows[0][:2] == ("a", "45")
    assert rows[-1] == ("Total", "45", "-", "-", "-", "-", "-", "0/1", "0", "±4", "-")
    targeted = replace(GOOD, departments=(replace(GOOD.departments[0], target=90),))
    assert texts(table.departments_table(targeted, Fleet(), EN))[-1][4:7] == ("90", "45", "50%")


def test_adjustments_say_why_in_the_language_of_the_office() -> None:
    typed_in = replace(SECOND, adjustments=(replace(ADDED, entry="e1"),))
    (english,) = texts(table.adjustments_table(SECOND, Fleet(), EN))
    (japanese,) = texts(table.adjustments_table(typed_in, Fleet(), JA))
    assert english == ("p", "2", "a", "-5", "heard again")
    assert japanese[4] == "応答なしの推定を見直し [e1]"


def test_the_heading_says_how_complete_the_total_is() -> None:
    assert table.title(GOOD, EN, planned=True) == (
        "Plan for 2026-11, revision 1: 45 impressions, 0 of 1 read, 1 estimated (±4)"
    )
    assert table.title(SECOND, JA, planned=False) == (
        "2026-11 締め 第2版　合計 40 面　1 台中 1 台検針"
    )


def test_changes_and_values_for_programs() -> None:
    change = Change(ChangeKind.PLACE, "p", None, 3)
    changes = table.changes_table([change], EN)
    assert texts(changes) == [("p", "pages", "-", "3")]
    assert records(changes) == [{"what": "place", "subject": "p", "before": None, "after": 3}]
    content = table.to_dict(SECOND)
    assert (content["total"], content["revision"]) == (40, 2)
    assert content["completeness"]["read"] == 1
    assert content["department_totals"] == {"a": {"total": 40}}
