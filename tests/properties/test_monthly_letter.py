"""Laws of the monthly letter: whatever is known of a month, it is said, in one unit at a time."""

import re
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.cost.sheets import NO_PAPER, Paper, PaperSum, SheetRule
from collector.domain.counting.ranges import EXACT, Margin
from collector.domain.meters import TOTAL, TOTAL_COLOR
from collector.domain.office.fleet import WHOLE_OFFICE, Department, DepartmentId
from collector.domain.office.headcount import Rank
from collector.domain.office.targets import NOT_SET, Measure
from collector.domain.report.letter import MonthlyLetter, as_text, monthly_letter
from collector.domain.report.month_report import (
    NO_BURDEN,
    Burden,
    DepartmentFigures,
    Figures,
    MonthReport,
    Stage,
)
from collector.texts import Texts
from tests.fakes.month_report import closed_report, running_report
from tests.fakes.monthly_letter import CAREER, path_of, year_of

ZEIMU = DepartmentId("zeimu")
COUNTS = st.integers(0, 10**7)
UNITS = {Measure.IMPRESSIONS: "面", Measure.COLOR: "カラー面", Measure.SHEETS: "枚"}
JAPANESE = Texts("ja")


@st.composite
def figures(draw: st.DrawFn, *, held: bool = False) -> Figures:
    """Return figures of a month of which anything may be known or not.

    With `held` there is a target, and what it counts is known of the whole year so far.
    """
    unless = st.nothing() if held else st.none()
    pages, measure = draw(COUNTS), draw(st.sampled_from(Measure))
    taken = draw(unless | st.integers(0, pages))
    paper = NO_PAPER
    if taken is not None:
        off = draw(st.integers(0, 50))
        paper = PaperSum(
            Paper(taken, max(0, taken - off), taken + off), rules={SheetRule.COUNTED: 1}
        )
    basis = path_of(draw(st.integers(1, 10**7)), draw(st.integers(1, 10**7)), measure)
    has_target = held or draw(st.booleans())
    until = draw(st.sampled_from(("2026-11", "2027-03", "2026-05", "2026-04")))
    money = st.none() | st.decimals(0, 10**8, places=1)
    whole = draw(st.booleans())
    found = Figures(
        pages=pages,
        meters={TOTAL: pages, TOTAL_COLOR: draw(st.integers(0, pages))},
        target=basis.pages if has_target else None,
        basis=basis if has_target else replace(basis, pages=None),
        last_year=draw(st.none() | COUNTS),
        burden=draw(
            st.just(NO_BURDEN) | st.builds(Burden, money, money, st.none() | st.just(Decimal(9)))
        ),
        places=2,
        places_read=2,
        whole=whole,
        margin=draw(st.just(EXACT) | st.builds(Margin, COUNTS, COUNTS)),
        in_question=draw(COUNTS),
        sheets=paper,
        people=draw(st.none() | st.integers(1, 10**4)),
        rank=draw(st.none() | st.just(Rank(1, 2))),
    )
    year = year_of(found.used or 0, basis, until, draw(COUNTS))
    return replace(found, year=draw(unless | st.just(year)))


def letter_of(found: Figures, stage: Stage, of: DepartmentId = ZEIMU) -> MonthlyLetter:
    report: MonthReport = running_report() if stage is Stage.RUNNING else closed_report()
    departments = tuple(replace(one, figures=found) for one in report.departments)
    whole = replace(report, office=found, departments=departments, stage=stage, career=CAREER)
    return monthly_letter(whole, of, lambda one: one.name)


STAGES = st.sampled_from([Stage.CLOSED, Stage.OPEN, Stage.RUNNING])


@given(figures(), STAGES, st.sampled_from([ZEIMU, WHOLE_OFFICE]))
def test_whatever_is_known_is_said_in_both_languages(
    found: Figures, stage: Stage, of: DepartmentId
) -> None:
    letter = letter_of(found, stage, of)
    japanese, english = JAPANESE.say(as_text(letter)), Texts("en").say(as_text(letter))

    assert len(letter.parts) <= 4
    for text in (japanese, english):
        assert f"{found.pages:,}" in text
        assert not re.search(r"[{}]|None|\bnan\b", text)
        assert max(map(len, text.splitlines())) < 500


@given(figures(held=True), STAGES)
def test_target_and_advice_speak_of_nothing_but_what_the_target_counts(
    found: Figures, stage: Stage
) -> None:
    parts = {one.title.key: one.said for one in letter_of(found, stage).parts}
    own = UNITS[found.measure]
    for title in ("monthly.part.goal", "monthly.part.back"):
        for said in parts.get(title, ()):
            text = JAPANESE.say(said)
            units = {"".join(one) for one in re.findall(r"(カラー)?[\d,]+(面|枚)", text)}
            assert units <= {own}, text


@given(figures(held=True))
def test_what_the_months_to_come_save_is_what_the_year_is_over_and_no_month_more(
    found: Figures,
) -> None:
    parts = {one.title.key: one.said for one in letter_of(found, Stage.CLOSED).parts}
    for said in parts.get("monthly.part.back", ()):
        if said.key == "monthly.back.year":
            assert found.year is not None
            over, less = -(found.year.left or 0), int(str(said.facts["less"].facts["count"]))  # type: ignore[union-attr] - a sentence by its key
            months = int(str(said.facts["months"]))
            assert (less - 1) * months < over <= less * months
            assert months == sum(one.month > found.year.until for one in found.year.months)


@given(figures(), STAGES)
def test_part_of_a_month_is_compared_with_no_whole_one(found: Figures, stage: Stage) -> None:
    part = replace(found, whole=False)
    said = JAPANESE.say(letter_of(part, stage).headline)
    assert not re.search("%(減|増)|と同じ|在職", said)


@st.composite
def trees(draw: st.DrawFn) -> MonthReport:
    """Return a closed month of departments in any tree, each with any target or none."""
    like, found = closed_report().departments[0], list[DepartmentFigures]()
    for number in range(draw(st.integers(1, 9))):
        parent = draw(st.none() | st.sampled_from([one.department.id for one in found] or [None]))
        target = draw(st.sampled_from((None, 50, 150)))
        own = replace(like.figures, pages=100, target=target, basis=NOT_SET)
        name = Department(DepartmentId(f"d{number}"), f"第{number}部署")
        found.append(DepartmentFigures(name, own, parent=parent))
    return replace(closed_report(), departments=tuple(draw(st.permutations(found))))


@given(trees())
def test_of_departments_in_a_tree_nobody_is_left_out_and_nobody_counted_twice(
    report: MonthReport,
) -> None:
    letter = monthly_letter(report, WHOLE_OFFICE, lambda one: one.name)
    (said,) = [one.said for one in letter.parts if one.title.key == "monthly.part.rank"]
    held = [one for one in report.departments if one.figures.target is not None]
    over = [one.department.name for one in held if one.figures.target == 50]
    every = {"wholes" in one.key: int(str(one.facts.get("of", 0))) for one in said}
    assert sum(every.values()) == len(held)
    assert sum(int(str(one.facts.get("over", 0))) for one in said) == len(over)
    named = [text for one in said for text in re.findall(r"第.部署", JAPANESE.say(one))]
    assert len(named) == len({*named})
    assert {*named} <= {*over}
    assert len(named) == len(over) or len(named) >= 5
