"""Laws of monthly reports: nothing of a statement is lost or invented on the way to paper."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from collector.adapters.report.department_tables import departments_table
from collector.adapters.report.place_tables import adjustments_table, places_table
from collector.adapters.report.words import ReportWords
from collector.domain.closing.draw_up import completeness
from collector.domain.closing.seal import sealed
from collector.domain.closing.statement import Statement
from collector.domain.meters import TOTAL
from collector.domain.month.department_month import DepartmentMonth, OfficeMonth
from collector.domain.office.fleet import EVERYBODY, Department, DepartmentId
from collector.domain.report.month_report import HowKnown, MonthPoint, MonthReport, Stage
from collector.domain.report.reporting import ReportFacts, put_together
from collector.domain.report.table import Table
from tests.properties.test_closing import AT, KNOWN, NAMES, OFFICE, PERIOD, drawn_up, revised
from tests.properties.test_closing import Known as KnownFacts

STAGES = st.sampled_from([Stage.RUNNING, Stage.OPEN, Stage.CLOSED])


def report_of(statement: Statement, stage: Stage, named: int) -> MonthReport:
    """Return the report of `statement` where `named` departments are in the fleet file."""
    departments = [Department(DepartmentId(name), name) for name in NAMES[:named]]
    months = tuple(DepartmentMonth(one, PERIOD, 0, target=500) for one in departments)
    whole = DepartmentMonth(EVERYBODY, PERIOD, 0, target=1000, known=completeness(statement))
    earlier = [MonthPoint(OFFICE.before(PERIOD, back).name) for back in range(12, 0, -1)]
    return put_together(
        ReportFacts(
            office=OFFICE,
            stage=stage,
            statement=statement,
            month=OfficeMonth(whole, months),
            earlier=earlier,
            year_begins="2026-04",
            now=AT,
            version="1",
            sealed=sealed(statement) if stage is Stage.CLOSED else None,
        )
    )


@given(KNOWN, KNOWN, STAGES, st.integers(0, len(NAMES)))
def test_places_and_departments_come_to_the_office(
    known: KnownFacts, later: KnownFacts, stage: Stage, named: int
) -> None:
    first = drawn_up(known)
    second = revised(replace(first, closed_by="x"), later) or first
    for statement in (first, second):
        report = report_of(statement, stage, named)
        assert report.office.pages == statement.total
        assert report.office.pages == sum(one.figures.pages for one in report.departments)
        assert report.office.pages == sum(one.pages for one in report.places)
        for one in report.places:
            assert one.pages == sum(one.shares.values()) == one.meters.get(TOTAL, 0)
        assert sum(one.pages for one in report.adjustments) == sum(
            one.pages.get(TOTAL, 0) for one in statement.adjustments
        )
        assert report.office.estimated == sum(one.figures.estimated for one in report.departments)
        assert report.completeness == completeness(statement)
        assert (report.closure is None) == (stage is not Stage.CLOSED)


@given(KNOWN)
def test_what_is_guessed_is_marked(known: KnownFacts) -> None:
    report = report_of(drawn_up(known), Stage.CLOSED, 3)
    guessed = {one.place for one in report.places if one.guess is not None}
    assert guessed == set(report.completeness.estimated)
    assert all((one.known is HowKnown.ESTIMATED) == (one.place in guessed) for one in report.places)


@given(KNOWN, KNOWN, STAGES, st.sampled_from(["ja", "en"]))
def test_the_tables_show_these_sums(
    known: KnownFacts, later: KnownFacts, stage: Stage, language: str
) -> None:
    first = drawn_up(known)
    report = report_of(revised(replace(first, closed_by="x"), later) or first, stage, 2)
    words = ReportWords(language, report.zone)
    tables: list[Table[Any]] = [departments_table(report, words), places_table(report, words)]
    adjustments = adjustments_table(report, words)
    if adjustments is not None:
        tables.append(adjustments)
    for table in tables:
        columns = table.drawn()
        at = next(at for at, column in enumerate(columns) if column.key == "pages")
        rows, total = table.body(columns), table.foot(columns)
        cells = [row.cells[at] for row in rows]
        assert total is not None
        assert total.cells[at] == sum(one for one in cells if isinstance(one, int))
        assert all(len(row.cells) == len(columns) for row in (*rows, total))
