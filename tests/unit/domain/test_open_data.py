"""What is published of a statement: every page once, its quality, nothing of people or machines."""

from dataclasses import replace

import pytest

from collector.domain.closing.statement import Branch, DepartmentLine, Statement
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import Department, DepartmentId
from collector.domain.report.open_data import OpenDataRow, is_personal, published
from tests.unit.domain.test_audit import ADDED, GOOD, LINE, NOVEMBER, A, P

B = DepartmentId("b")
DEPARTMENTS = (Department(A, "総務課", "General Affairs"), Department(B, "税務課"))
SHARES = {A: {TOTAL: 45}, B: {TOTAL: 30}}
BOTH = replace(
    GOOD,
    places=(replace(LINE, pages={TOTAL: 70}, shares=SHARES),),
    departments=(
        DepartmentLine(A, "総務課", None, {TOTAL: 45}, estimated=5),
        DepartmentLine(B, "税務課", None, {TOTAL: 30}),
    ),
    tree={A: (Branch(NOVEMBER.start, (B,)),)},
)


def rows(statement: Statement, *, is_closed: bool = True) -> dict[DepartmentId, OpenDataRow]:
    """Return what is published, by department."""
    found = published(statement, DEPARTMENTS, is_closed=is_closed)
    return {one.department.id: one for one in found}


def test_every_page_stands_in_one_row_whatever_the_tree_says() -> None:
    found = rows(BOTH)
    assert {name: one.pages for name, one in found.items()} == {A: 45, B: 30}
    assert sum(one.pages or 0 for one in found.values()) == BOTH.total
    assert (found[A].above, found[B].above) == (B, None)


def test_adjustments_and_revision_are_in_it() -> None:
    later = replace(BOTH, revision=2, adjustments=(replace(ADDED, place=P, department=A),))
    assert (rows(later)[A].pages, rows(later)[A].revision) == (40, 2)
    assert sum(one.pages or 0 for one in rows(later).values()) == later.total
    assert rows(later, is_closed=False)[A].revision is None


def test_quality_is_the_worst_of_what_is_in_the_row() -> None:
    assert {name: one.quality for name, one in rows(BOTH).items()} == {
        A: Quality.ESTIMATED,
        B: Quality.MEASURED,
    }
    by_hand = replace(BOTH, places=(replace(BOTH.places[0], quality=Quality.EDITED),))
    assert rows(by_hand)[B].quality is Quality.EDITED


def test_the_month_in_which_counting_began_claims_nothing_of_what_came_before() -> None:
    line = replace(BOTH.places[0], opening=None, shares={A: {TOTAL: 70}})
    found = rows(replace(BOTH, places=(line,), departments=(replace(BOTH.departments[0]),)))
    counted, silent = found[A], found[B]
    assert (counted.pages, counted.high, counted.is_begun_within) == (45, None, True)
    assert (silent.pages, silent.low, silent.high) == (None, None, None)


def test_what_was_not_sealed_is_absent() -> None:
    sheets = rows(BOTH)[A].sheets
    assert (sheets.paper, sheets.quality) == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "総務課 03-1234-5678",
        "連絡先 soumu@town.example.jp",
        "2F 192.0.2.1",
        "ＦＡＸ ０３-１２３４-５６７８",
    ],
)
def test_what_looks_personal_is_seen(text: str) -> None:
    assert is_personal(text)


@pytest.mark.parametrize("text", ["総務課", "第2庁舎 1-3 係", "General Affairs", "soumu-2"])
def test_names_of_departments_are_not_personal(text: str) -> None:
    assert not is_personal(text)
