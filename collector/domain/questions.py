"""Pages in question: what evidence cannot place stands beside a number until a person decides."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from collector.domain.deciding import concerns_since
from collector.domain.findings import Code, Finding
from collector.domain.fleet import WHOLE_OFFICE, DepartmentId, Fleet, Place
from collector.domain.office import Office, Period
from collector.domain.reading import PlaceId
from collector.domain.shares import apportion


@dataclass(frozen=True, slots=True)
class Question:
    """Impressions of `place` that a person has to decide on.

    Where they were printed at all, it was from the local day `first` to `last`. `finding` is the
    id to decide by, `reason` one word for why they are doubted.
    """

    finding: str
    place: PlaceId
    pages: int
    first: date
    last: date
    reason: str = ""


def questions_in(
    waiting: Iterable[Finding], office: Office, period: Period
) -> tuple[Question, ...]:
    """Return the questions among the findings `waiting` for a person that concern `period`.

    One that reaches over the period's border is asked on either side of it.
    """
    found = (_question(one, office) for one in waiting if one.code is Code.PAGES_IN_QUESTION)
    return tuple(one for one in found if one.first <= period.end and period.start <= one.last)


def months_asked(findings: Iterable[Finding], office: Office) -> tuple[str, ...]:
    """Return the names of the months in which `findings` ask a question, or settle one."""
    found: dict[str, None] = {}
    for one in findings:
        if one.code in {Code.PAGES_IN_QUESTION, Code.METER_GLITCH} and one.at is not None:
            asked = _question(one, office)
            period = office.period_of(asked.first)
            while period.start <= asked.last:
                found[period.name] = None
                period = office.before(period, -1)
    return tuple(found)


def _question(finding: Finding, office: Office) -> Question:
    facts = finding.evidence
    since = concerns_since(finding)
    until = finding.at or since
    text = facts.get("from")
    begin = datetime.fromisoformat(text) if isinstance(text, str) else since or until
    if begin is None or until is None:
        message = f"finding {finding.id} is a question about no time"
        raise ValueError(message)
    return Question(
        finding=finding.id,
        place=PlaceId(finding.subject),
        pages=int(facts.get("pages") or 0),
        first=office.local_day(min(begin, until)),
        last=office.local_day(until),
        reason=str(facts.get("reason") or ""),
    )


def in_question(
    questions: Iterable[Question], fleet: Fleet, period: Period
) -> Mapping[DepartmentId, int]:
    """Return the impressions in question by who would answer for them, and of `WHOLE_OFFICE`."""
    found: dict[DepartmentId, int] = defaultdict(int)
    for one in questions:
        place = fleet.place(one.place) or Place(one.place, one.place, "")
        shares = place.shares_on(min(one.last, period.end))
        for department, pages in apportion(one.pages, dict(sorted(shares.items()))).items():
            found[department] += pages
        found[WHOLE_OFFICE] += one.pages
    return dict(found)
