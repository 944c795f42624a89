"""Pages in question: beside which months and departments they stand."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from collector.domain.counting.findings import Code, Finding, Severity
from collector.domain.counting.ranges import in_question, months_asked, questions_in
from collector.domain.office.fleet import WHOLE_OFFICE, Assignment, DepartmentId, Fleet, Place
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.sentence import verbatim

OFFICE = Office("t", ZoneInfo("Asia/Tokyo"))
A, B = DepartmentId("a"), DepartmentId("b")
P = PlaceId("p")
SHARED = Place(P, "p", "", assignments=(Assignment(date(2020, 4, 1), {A: 60, B: 40}),))


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=OFFICE.zone).astimezone(UTC)


def question(
    pages: int, since: datetime, until: datetime, code: Code = Code.PAGES_IN_QUESTION
) -> Finding:
    evidence = {
        "pages": pages,
        "since": until.isoformat(),
        "from": since.isoformat(),
        "reason": "jump",
    }
    return Finding(code, Severity.WARNING, P, verbatim("?"), until, evidence)


def test_a_question_stands_beside_every_month_that_it_may_concern() -> None:
    over = question(300, at(10, 31), at(11, 2))
    for name, asked in (("2026-09", 0), ("2026-10", 1), ("2026-11", 1), ("2026-12", 0)):
        assert len(questions_in([over], OFFICE, OFFICE.period(name))) == asked
    assert months_asked([over], OFFICE) == ("2026-10", "2026-11")
    (one,) = questions_in([over], OFFICE, OFFICE.period("2026-11"))
    assert (one.finding, one.place, one.pages, one.reason) == (over.id, P, 300, "jump")
    assert (one.first, one.last) == (date(2026, 10, 31), date(2026, 11, 2))


def test_other_findings_ask_nothing() -> None:
    glitch = question(300, at(11, 1), at(11, 2), Code.METER_SUSPECT)
    assert questions_in([glitch], OFFICE, OFFICE.period("2026-11")) == ()


def test_departments_share_what_is_in_question_and_lose_none_of_it() -> None:
    period = OFFICE.period("2026-11")
    asked = questions_in([question(301, at(11, 1), at(11, 2))], OFFICE, period)
    found = in_question(asked, Fleet((), (SHARED,)), period)
    assert found == {A: 181, B: 120, WHOLE_OFFICE: 301}
