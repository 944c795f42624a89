"""Sealed totals as a file: the same there and back; nothing is changed or left out unseen."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.cost.purchased import MonthPaper
from collector.domain.cost.sheets import Paper, PaperSum
from collector.domain.report.comparison import sheets_without
from collector.domain.report.sealed_totals import (
    SealedTotal,
    SiteTotals,
    Unsound,
    compared_totals,
    contradiction,
    unsound,
)
from collector.encoding.sealed_totals import totals_in, totals_text

SEALS = st.text("0123456789abcdef", min_size=64, max_size=64)


@st.composite
def chains(draw: st.DrawFn) -> SiteTotals:
    """Return what a site sealed month by month, some of them in several revisions."""
    found: list[SealedTotal] = []
    seals = iter(draw(st.lists(SEALS, min_size=14, max_size=14, unique=True)))
    for month in range(4, 4 + draw(st.integers(0, 6))):
        for revision in range(1, 1 + draw(st.integers(1, 2))):
            pages = draw(st.integers(0, 10**6))
            excluded = draw(st.integers(0, pages))
            low = draw(st.integers(0, pages))
            paper = draw(st.sampled_from([None, Paper(low, low, pages)]))
            name = f"2026-{month:02}"
            stated = [MonthPaper(name, PaperSum(paper), pages, excluded)]
            found.append(
                SealedTotal(
                    *(name, date(2026, month, 1), date(2026, month, 28), revision, next(seals)),
                    found[-1].seal if found else "",
                    *(pages, excluded, draw(st.integers(0, pages)), paper),
                    *(sheets_without(stated), 5, draw(st.integers(0, 5))),
                    draw(st.sampled_from([None, 40])),
                    draw(st.sampled_from([None, None, date(2026, month, 7)])),
                )
            )
    return SiteTotals("kawa-mura", draw(st.integers(1, 12)), tuple(found))


@given(chains())
def test_a_file_says_what_was_sealed(totals: SiteTotals) -> None:
    assert totals_in(totals_text(totals)) == totals
    assert [*unsound(totals)] == []


@given(chains(), st.data())
def test_no_octet_of_a_file_can_be_another(totals: SiteTotals, data: st.DataObject) -> None:
    text = totals_text(totals)
    digits = [at for at, sign in enumerate(text) if sign.isdigit()]
    at = data.draw(st.sampled_from(digits))
    other = str((int(text[at]) + 1) % 10)
    with pytest.raises((ValueError, KeyError, TypeError)):
        totals_in(text[:at] + other + text[at + 1 :])


@given(chains(), st.data())
def test_none_can_be_left_out_but_the_last(totals: SiteTotals, data: st.DataObject) -> None:
    told = totals.statements
    if len(told) < 2:
        return
    at = data.draw(st.integers(0, len(told) - 2))
    lacking = replace(totals, statements=told[:at] + told[at + 1 :])
    assert (Unsound.TORN, told[at + 1]) in [*unsound(lacking)]


@given(chains(), st.integers(0, 12), st.data())
def test_what_is_told_again_or_later_contradicts_nothing_and_another_figure_does(
    totals: SiteTotals, known: int, data: st.DataObject
) -> None:
    told = totals.statements
    assert contradiction(told[:known], told) is None
    assert contradiction(told, told[:known]) is None
    if told:
        at = data.draw(st.integers(0, len(told) - 1))
        people = replace(told[at], people=77)
        assert contradiction(told, [*told[:at], people, *told[at + 1 :]]) is None
        other = replace(told[at], impressions=told[at].impressions + 1)
        assert contradiction(told, [*told[:at], other, *told[at + 1 :]]) == other


def test_figures_that_do_not_fit_are_found() -> None:
    good = SealedTotal(
        *("2026-04", date(2026, 4, 1), date(2026, 4, 30), 1, "a" * 64, "", 1000, 100, 10),
        *(Paper(600, 500, 1000), sheets_without([_paper()]), 5, 5, 40),
    )
    assert [*unsound(SiteTotals("a", 4, (good,)))] == []
    for lacking in (
        replace(good, excluded=1001),
        replace(good, estimated=1001),
        replace(good, read=6),
        replace(good, people=0),
        replace(good, sheets=Paper(400, 500, 1000)),
        replace(good, sheets_without=Paper(1, 1, 1)),
    ):
        assert (Unsound.FIGURES, lacking) in [*unsound(SiteTotals("a", 4, (lacking,)))]
    again = replace(good, seal="b" * 64, previous="a" * 64)
    assert [kind for kind, _ in unsound(SiteTotals("a", 4, (good, again)))] == [Unsound.REVISION]


def _paper() -> MonthPaper:
    return MonthPaper("2026-04", PaperSum(Paper(600, 500, 1000)), 1000, 100)


@given(chains())
def test_a_year_is_that_of_the_last_revisions_and_absent_where_a_month_is(
    totals: SiteTotals,
) -> None:
    totals = replace(totals, year_begins=4)
    found = compared_totals(totals, "2026-05", 2025)
    latest = [totals.latest.get(name) for name in ("2026-04", "2026-05")]
    whole = [one for one in latest if one is not None and one.since is None]
    assert (found.now.months, found.now.closed, found.base.impressions) == (2, len(whole), None)
    if len(whole) < 2:
        assert found.now.impressions is None
    else:
        assert found.now.impressions == sum(one.impressions for one in whole)
        assert found.now.people == whole[-1].people


def test_there_is_no_name_in_a_file() -> None:
    text = totals_text(SiteTotals("kawa-mura", 4, ()))
    assert [*json.loads(text)] == ["format", "site", "fiscal_year_start", "statements", "digest"]
