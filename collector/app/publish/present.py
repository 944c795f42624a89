"""What stands now, for sinks that show it and keep no past: all of it, and what changes beside it.

Such a board forgets with its broker, and what was removed while nobody told it would stand there
for ever. So it is shown everything when the service starts, when a day begins and when the fleet
file changes, and in between what the log names.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, timedelta
from typing import Final

from collector.app.month.purchased import paper_refs
from collector.app.office_context import CurrentOffice, OfficeContext
from collector.app.publish.render import Renderer
from collector.domain.counting.deciding import open_findings
from collector.domain.counting.findings import Code, Finding
from collector.domain.counting.ranges import PagesInQuestion, questions_in
from collector.domain.meters import TOTAL
from collector.domain.office.fleet import NOBODY, Department, Fleet
from collector.domain.office.office_calendar import (
    ONE_DAY,
    Period,
    fiscal_months,
    fiscal_year,
)
from collector.domain.office.shares import PlaceId
from collector.domain.rows import Row, Value
from collector.ports import Clock, Ledger, LogRef, PlaceState, RowWords, Showing

_EVER: Final = Period("", date.min, date.max)
_SEASON: Final = timedelta(days=90)
_OF_PLACES: Final = frozenset({"reading", "state", "day"})
_OF_QUESTIONS: Final = frozenset({"event", "month"})
_ASKING: Final = frozenset({Code.PAGES_IN_QUESTION, Code.METER_GLITCH})
"""What asks for pages, and what settles that without a person."""


_Told = tuple[tuple[OfficeContext, date] | None, dict[str, Row]]
"""What a board was shown as of, and which questions it has."""


class Present:
    """States all that stands now, and what changed of that with some entries of the log."""

    def __init__(
        self,
        ledger: Ledger,
        renderer: Renderer,
        current: CurrentOffice,
        clock: Clock,
        words: RowWords,
    ) -> None:
        """State what `ledger` holds, by `renderer`; `words` are what questions say."""
        self._ledger = ledger
        self._renderer = renderer
        self._current = current
        self._clock = clock
        self._words = words
        self._counts = _Counts(ledger)
        self._questions = _Questions(ledger)
        self._shown: tuple[OfficeContext, date] | None = None
        self._asked: dict[str, Row] = {}
        self._then: _Told = (self._shown, self._asked)

    @property
    def is_due(self) -> bool:
        """Whether all is to be shown: it never was, or since then a day began or the fleet changed.

        What was shown counts once `taken` is called.
        """
        return self._shown != (self._current.context, self._today)

    def taken(self) -> None:
        """Take note that the sink has what was stated last."""
        self._shown, self._asked = self._then

    async def showing(self) -> Showing:
        """Return all that stands now, and what of the past does not."""
        context, today = self._current.context, self._today
        fleet, month = context.fleet, context.office.period_of(today).name
        states = await self._ledger.states()
        here = (one for one in fleet.places if not one.vanished and one.stands_on(today))
        standing = {one.id for one in here}
        gone = [one for one in states if one.place not in standing]
        refs = [ref for one in states for ref in _refs(one)]
        paper = await self._paper(today)
        rows = await self._renderer.rows([*refs, LogRef("month", month), *paper])
        asked = await self._open(fleet)
        rows += [*await self._places({one.place for one in states}), *asked.values()]
        former = {one.id: one for one in fleet.former}
        self._then = ((context, today), asked)
        left = {one.place for one in gone}
        return Showing(
            tuple(row for row in rows if not _is_of(row, left, former)),
            (
                *(row for row in rows if _is_of(row, left, {})),
                *(self._no_month(one, month) for one in former.values()),
            ),
        )

    async def beside(self, refs: Collection[LogRef]) -> Sequence[Row]:
        """Return what changed with `refs` that no row of theirs says: counts, and questions."""
        kinds = {ref.kind for ref in refs}
        places = {PlaceId(ref.key.rpartition("|")[0]) for ref in refs if ref.kind in _OF_PLACES}
        self._counts.forget(date.fromisoformat(day) for day in _days(refs))
        rows = await self._places(places)
        if kinds & _OF_QUESTIONS:
            await self._questions.learn([ref.key for ref in refs if ref.kind == "event"])
            asked = await self._open(self._current.context.fleet)
            settled = self._asked.keys() - asked.keys()
            rows += [*asked.values(), *(_closed(self._asked[one]) for one in sorted(settled))]
            self._then = (self._shown, asked)
        return rows

    async def _paper(self, today: date) -> Sequence[LogRef]:
        """Return the quarters of this fiscal year and the one before: of the newest is told."""
        office = self._current.context.office
        year = fiscal_year(office.period_of(today).name, office.year_begins)
        begin = office.period(fiscal_months(year, office.year_begins)[0]).start
        return await paper_refs(self._ledger, office, begin - ONE_DAY, today)

    @property
    def _today(self) -> date:
        return self._current.context.office.local_day(self._clock.now())

    async def _places(self, places: Collection[PlaceId]) -> list[Row]:
        """Return what the ledger ever counted at each of `places`, and who answers for it."""
        if not places:
            return []
        fleet, today = self._current.context.fleet, self._today
        start = self._current.context.office.period_of(today).start
        counted = await self._counts.of(places, start)
        at = self._clock.now().astimezone(UTC).replace(microsecond=0)
        return [
            Row(
                "place",
                {"site": self._site, "place": place},
                {"counted": counted[place], "area": _area(fleet, place, today)},
                at,
            )
            for place in sorted(places)
        ]

    @property
    def _site(self) -> str:
        return self._current.context.office.site

    async def _open(self, fleet: Fleet) -> dict[str, Row]:
        """Return a row of each question that waits for a person, by its finding."""
        found = await self._questions.waiting()
        asked = questions_in(found.values(), self._current.context.office, _EVER)
        return {one.finding: self._question(one, found[one.finding], fleet) for one in asked}

    def _question(self, one: PagesInQuestion, finding: Finding, fleet: Fleet) -> Row:
        place = fleet.place(one.place)
        fields: dict[str, Value] = {
            "open": True,
            "pages": one.pages,
            "name": one.place if place is None else place.name,
            "first": one.first.isoformat(),
            "last": one.last.isoformat(),
            "reason": one.reason,
            "message": self._words.events(finding.message),
            "message_ja": self._words.ja(finding.message),
            "message_en": self._words.en(finding.message),
        }
        tags = {"site": self._site, "place": one.place, "finding": one.finding}
        return Row("question", tags, fields, finding.at or self._clock.now())

    def _no_month(self, department: Department, month: str) -> Row:
        office = self._current.context.office
        tags = {"site": self._site, "department": department.id, "month": month}
        at = office.midnight(office.period(month).start)
        return Row("department_month", tags, {"name": department.name, "pages": 0}, at)


def _refs(state: PlaceState) -> Iterable[LogRef]:
    """Yield the newest reading of a place, and its silence where it is silent."""
    if state.last is not None:
        yield LogRef("reading", f"{state.place}|{int(state.last.at.timestamp())}")
    if state.online is False and state.changed_at is not None:
        yield LogRef("state", f"{state.place}|{int(state.changed_at.timestamp())}")


def _is_of(row: Row, places: Collection[str], departments: Collection[str]) -> bool:
    is_month = row.measurement == "department_month"
    if is_month:
        return row.tags["department"] in departments
    return row.measurement != "question" and row.tags.get("place") in places


def _days(refs: Iterable[LogRef]) -> Iterable[str]:
    return (ref.key.rpartition("|")[2] for ref in refs if ref.kind == "day")


def _area(fleet: Fleet, place: PlaceId, day: date) -> str:
    """Return the name of the department that mainly answers for `place`."""
    found = fleet.place(place)
    if found is None:
        return NOBODY.name
    answering = found.main_department_on(day)
    known = fleet.department(answering)
    return NOBODY.name if known is None else known.name


def _closed(question: Row) -> Row:
    return Row(question.measurement, question.tags, {"open": False, "pages": 0}, question.at)


class _Counts:
    """Knows what was ever counted at each place: the months gone by once, the running one anew."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._until: date | None = None
        self._before: dict[PlaceId, int] = {}

    def forget(self, days: Iterable[date]) -> None:
        """Take note that `days` changed: those gone by are to be added up again."""
        if self._until is not None and any(day < self._until for day in days):
            self._until = None

    async def of(self, places: Collection[PlaceId], start: date) -> Mapping[PlaceId, int]:
        """Return the impressions of each of `places`; days from `start` on may still change."""
        if self._until != start:
            self._before = await self._sums_until(start - ONE_DAY)
            self._until = start
        since = await self._sums(start, date.max)
        return {one: self._before.get(one, 0) + since.get(one, 0) for one in places}

    async def _sums_until(self, last: date) -> dict[PlaceId, int]:
        """Add up all days until `last`, a season at a time: years of a large fleet are many."""
        found: dict[PlaceId, int] = {}
        begin = await self._ledger.first_day()
        while begin is not None and begin <= last:
            end = min(begin + _SEASON, last)
            for place, pages in (await self._sums(begin, end)).items():
                found[place] = found.get(place, 0) + pages
            begin = end + ONE_DAY
        return found

    async def _sums(self, first: date, last: date) -> dict[PlaceId, int]:
        found: dict[PlaceId, int] = {}
        for one in await self._ledger.day_totals(first, last):
            found[one.place] = found.get(one.place, 0) + one.pages.get(TOTAL, 0)
        return found


class _Questions:
    """Knows which findings ask for pages, and which of them nobody has answered."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[str, Finding] | None = None

    async def learn(self, findings: Iterable[str]) -> None:
        """Take note of new findings, by their ids: they may ask, or settle what was asked."""
        for one in findings if self._known is not None else ():
            finding = await self._ledger.finding(one)
            if finding is not None and self._known is not None and finding.code in _ASKING:
                self._known[one] = finding

    async def waiting(self) -> Mapping[str, Finding]:
        """Return the questions that wait for a person, by their ids, oldest first."""
        if self._known is None:
            findings = await self._ledger.findings()
            self._known = {one.id: one for one in findings if one.code in _ASKING}
        if not any(one.code is Code.PAGES_IN_QUESTION for one in self._known.values()):
            return {}
        found = open_findings(self._known.values(), await self._ledger.entries(), ())
        return {one.id: one for one in found if one.code is Code.PAGES_IN_QUESTION}
