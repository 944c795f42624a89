"""What the ledger notes beside its pages: every note once, with its key, type and stored form.

A note that is damaged, or that another version wrote in another form, reads as None: whoever asks
goes on as if nothing had been noted. Losing one never loses pages.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar

from collector.domain.closing.seal import canonical, parsed
from collector.domain.closing.statement import Statement
from collector.domain.meters import Meter
from collector.domain.notices import Book, Desk, Notice
from collector.domain.office.fleet import (
    Assignment,
    Department,
    DepartmentId,
    Fleet,
    Place,
    Tree,
    Under,
)
from collector.domain.office.headcount import Headcount
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import Measure, Targets, plan_of, terms_of
from collector.domain.sentence import Fact, Sentence
from collector.ports import BEGINNING, LogRef, Notes

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Note(Generic[T]):
    """One fact under one key: `written` is the text that is stored, `read` takes it back."""

    key: str
    written: Callable[[T], str]
    read: Callable[[str], T]

    def about(self, name: str) -> "Note[T]":
        """Return the same note about one place, month or machine."""
        return replace(self, key=f"{self.key}|{name}")

    async def get(self, notes: Notes) -> T | None:
        """Return what was noted last, None where that is nothing or cannot be read."""
        text = await notes.note(self.key)
        try:
            return None if text is None else self.read(text)
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
            return None

    async def put(self, notes: Notes, value: T) -> None:
        """Note `value` instead of what was there."""
        await notes.set_note(self.key, self.written(value))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _text(key: str) -> Note[str]:
    return Note(key, str, str)


def _day(key: str) -> Note[date]:
    return Note(key, date.isoformat, date.fromisoformat)


# Of polls and places.


CLOCK_IN_DOUBT: Final = _text("clock-in-doubt")
"""Why the clock is in doubt; empty where it is not any more."""

STANDS_AT: Final[Note[PlaceId]] = Note("stands-at", str, PlaceId)
"""About a machine: the place where it arrived last."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Which place a machine left for the one where it stands, and when.

    `came_back` says whether it thereby came back to a place that it had left within a day, `told`
    when it was told last that it goes to and fro between two.
    """

    place: PlaceId
    at: datetime
    came_back: bool = False
    told: datetime | None = None


def _departure_text(one: Departure) -> str:
    told = None if one.told is None else one.told.isoformat()
    stated = {"place": one.place, "at": one.at.isoformat(), "came_back": one.came_back}
    return _json({**stated, "told": told})


def _departure_read(text: str) -> Departure:
    stated = json.loads(text)
    told = None if stated["told"] is None else datetime.fromisoformat(stated["told"])
    at = datetime.fromisoformat(stated["at"])
    return Departure(PlaceId(stated["place"]), at, bool(stated["came_back"]), told)


CAME_FROM: Final = Note("came-from", _departure_text, _departure_read)
"""About a machine: how it left the place where it stood before."""

TOLD_OF: Final[Note[frozenset[str]]] = Note(
    "told-of", lambda marks: " ".join(sorted(marks)), lambda text: frozenset(text.split())
)
"""About a place: what was told of it and still holds."""

FIRST_ASKED: Final[Note[datetime]] = Note("first-asked", datetime.isoformat, datetime.fromisoformat)
"""About a place that never answered: when it was asked first."""

FLEET_WAITING: Final = _text("fleet-waiting")
"""The digest of the differences of the fleet file that were told; empty where there are none."""

LEDGER_ID: Final = _text("ledger-id")
"""The ledger's own name, given once when it is made: a copy has the same one."""

LEDGER_TOLD_ALL: Final = _text("ledger-told-all")
"""Not empty once the log mentions also what earlier releases did not: see `app/centre/tell.py`."""

CENTRE_SAYS: Final = _text("centre-says")
"""About a sink: why the centre takes nothing at present, in English; empty where it does."""

COUNTED_SINCE: Final[Note[datetime]] = Note(
    "counted-since", datetime.isoformat, datetime.fromisoformat
)
"""About a place: after when it can be counted again; readings before are not kept in full."""

THINNED: Final = _day("thinned")
"""About a closed month: when the last reading of it went that is not kept for ever."""

LEARNT: Final = _text("learnt")
"""About a machine or an address: what its reader learnt."""


# Of closed months.


def _numbers(text: str) -> Mapping[str, int]:
    return {str(one): int(number) for one, number in json.loads(text).items()}


SEALED_BEFORE: Final[Note[Mapping[str, int]]] = Note("sealed-before", json.dumps, _numbers)
"""Period -> newest revision that was sealed before an older copy of the ledger took its place."""

PLAN_SHOWN: Final[Note[Statement]] = Note("plan-shown", canonical, parsed)
"""About a month: what the plan shown last would have sealed."""

PLAN_APPLIED: Final = _text("plan-applied")
"""The checksum of the plan, or of several together, that was applied last."""

CLOSING_LOOKED: Final = _day("closing-looked")
"""The local day on which months were last looked through for closing by themselves."""

CLOSING_WATCHED: Final = _text("closing-watched")
"""The last month after whose closing midnight silent copiers were looked for."""

PAPER_LOOKED: Final = _text("paper-looked")
"""The digest of the paper that was looked at last: what was entered, and the periods over."""


# Of what was published: a series in a time-series database never vanishes by itself.
#
# Rows of a department that no longer answers for anything (a backdated assignment took its pages,
# it left the fleet file, nobody's place was assigned at last) would keep their old figures beside
# the new owner's, and sums would count those pages twice. So it is noted which departments got
# rows, and each of them gets an explicit 0 from then on.


PUBLISHED_OF_PLACE: Final[Note[frozenset[DepartmentId]]] = Note(
    "departments-of",
    lambda departments: "\n".join(sorted(departments)),
    lambda text: frozenset(DepartmentId(one) for one in text.split("\n") if one),
)
"""About a place: every department that days of it were ever published for."""


@dataclass(frozen=True, slots=True)
class PublishedMonth:
    """Who was published for a month or a day of it, by the names of then.

    `figures` are the fields of money, hours, CO2 and forecast that were ever published as known.
    """

    departments: Mapping[DepartmentId, Department] = field(default_factory=dict)
    figures: Mapping[DepartmentId, frozenset[str]] = field(default_factory=dict)

    def with_departments(self, now: Iterable[Department]) -> "PublishedMonth":
        """Return it with those of `now`, by the names they have now, in order of their ids."""
        both = {**self.departments, **{one.id: one for one in now}}
        return replace(self, departments=dict(sorted(both.items())))

    def with_figures(self, now: Mapping[DepartmentId, frozenset[str]]) -> "PublishedMonth":
        """Return it with the figures of `now` as well."""
        more = {one: self.figures.get(one, frozenset()) | names for one, names in now.items()}
        return replace(self, figures={**self.figures, **more})


def _departments(stated: Mapping[str, list[str]]) -> Mapping[DepartmentId, Department]:
    return {
        DepartmentId(one): Department(DepartmentId(one), name, name_en)
        for one, (name, name_en) in sorted(stated.items())
    }


def _figures(stated: Mapping[str, list[str]]) -> Mapping[DepartmentId, frozenset[str]]:
    return {DepartmentId(one): frozenset(names) for one, names in stated.items()}


def _month_text(month: PublishedMonth) -> str:
    named = {one.id: [one.name, one.name_en] for one in month.departments.values()}
    figures = {one: sorted(names) for one, names in month.figures.items()}
    return _json({"departments": named, "figures": figures})


def _month_read(text: str) -> PublishedMonth:
    stated = json.loads(text)
    return PublishedMonth(_departments(stated["departments"]), _figures(stated["figures"]))


_PUBLISHED_IN: Final = Note("published-in", _month_text, _month_read)
_DEPARTMENTS_IN: Final[Note[Mapping[DepartmentId, Department]]] = Note(
    "departments-in", _json, lambda text: _departments(json.loads(text))
)
_FIGURES_IN: Final[Note[Mapping[DepartmentId, frozenset[str]]]] = Note(
    "figures-in", _json, lambda text: _figures(json.loads(text))
)


async def published_in(notes: Notes, month: str) -> PublishedMonth:
    """Return who was published in `month`; older versions noted names and figures apart."""
    noted = await _PUBLISHED_IN.about(month).get(notes)
    if noted is not None:
        return noted
    departments = await _DEPARTMENTS_IN.about(month).get(notes)
    figures = await _FIGURES_IN.about(month).get(notes)
    return PublishedMonth(departments or {}, figures or {})


async def note_published(
    notes: Notes, month: str, before: PublishedMonth, now: PublishedMonth
) -> None:
    """Note what was published in `month` where that is more than `before`."""
    if now != before:
        await _PUBLISHED_IN.about(month).put(notes, now)


Lost = Mapping[tuple[PlaceId, date], frozenset[Meter]]
"""Which meters days of places had in their rows and have no longer, since they were counted anew.

Nor does a field vanish: it is 0 from then on, in the rows of the place and of the departments.
"""


def _lost_text(lost: Lost) -> str:
    by_place: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for (place, day), meters in lost.items():
        by_place[place][day.isoformat()] = sorted(meters)
    return _json(by_place)


def _lost_read(text: str) -> Lost:
    return {
        (PlaceId(place), date.fromisoformat(day)): frozenset(map(Meter, meters))
        for place, days in json.loads(text).items()
        for day, meters in days.items()
    }


LOST_METERS: Final[Note[Lost]] = Note("lost-meters", _lost_text, _lost_read)
"""About a month by the calendar: what days of it lost."""


async def lost_meters(notes: Notes, days: Iterable[date]) -> Lost:
    """Return what was lost in the months of `days`."""
    lost: dict[tuple[PlaceId, date], frozenset[Meter]] = {}
    for month in sorted({_calendar_month(day) for day in days}):
        lost |= await LOST_METERS.about(month).get(notes) or {}
    return lost


async def note_lost(notes: Notes, now: Lost) -> None:
    """Note what is lost `now` beside what was lost before."""
    before = await lost_meters(notes, (day for _, day in now))
    after = {**before, **{key: meters | before.get(key, meters) for key, meters in now.items()}}
    for month in sorted({_calendar_month(day) for _, day in now}):
        own = {key: meters for key, meters in after.items() if _calendar_month(key[1]) == month}
        await LOST_METERS.about(month).put(notes, own)


def _calendar_month(day: date) -> str:
    return f"{day:%Y-%m}"


# Of each sink: what stands there by its own word, and what it never took.


def _number(key: str) -> Note[int]:
    return Note(key, str, int)


@dataclass(frozen=True, slots=True)
class Marked:
    """The highest mark that a sink was given, and when; `was_read` once any was read there."""

    seq: int = 0
    at: datetime = BEGINNING
    was_read: bool = False


def _marked_read(text: str) -> Marked:
    stated = json.loads(text)
    at = datetime.fromisoformat(stated["at"])
    return Marked(int(stated["seq"]), at, bool(stated["was_read"]))


MARKED: Final[Note[Marked]] = Note(
    "marked",
    lambda one: _json({"seq": one.seq, "at": one.at.isoformat(), "was_read": one.was_read}),
    _marked_read,
)
"""About a sink and a site: its mark."""

TOLD_BEFORE: Final = _number("told-before")
"""About a sink: up to which change of the log all was published before it came again."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """The rows that a sink refused for good for one reason, since they were tried last.

    `reason` is what it said first, `first` and `last` are the times of rows. `refs` is what gives
    these rows again; where that is too much to keep, all behind `behind` does.
    """

    reason: str
    rows: int
    first: datetime
    last: datetime
    refs: tuple[LogRef, ...]
    behind: int
    keeps_less: bool = False
    told: bool = False


def _refusals_text(by_cause: Mapping[str, Refusals]) -> str:
    return _json(
        {
            cause: {
                "reason": one.reason,
                "rows": one.rows,
                "behind": one.behind,
                "first": one.first.isoformat(),
                "last": one.last.isoformat(),
                "keeps_less": one.keeps_less,
                "told": one.told,
                "refs": [[ref.kind, ref.key] for ref in one.refs],
            }
            for cause, one in by_cause.items()
        }
    )


def _refusals_read(text: str) -> Mapping[str, Refusals]:
    return {
        str(cause): Refusals(
            str(one["reason"]),
            int(one["rows"]),
            datetime.fromisoformat(one["first"]),
            datetime.fromisoformat(one["last"]),
            tuple(LogRef(kind, key) for kind, key in one["refs"]),
            int(one["behind"]),
            bool(one["keeps_less"]),
            bool(one["told"]),
        )
        for cause, one in json.loads(text).items()
    }


REFUSED: Final[Note[Mapping[str, Refusals]]] = Note("refused", _refusals_text, _refusals_read)
"""About a sink: what it refused for good, by cause."""


PUBLISHED_PAPER: Final[Note[frozenset[str]]] = Note(
    "published-paper",
    lambda figures: "\n".join(sorted(figures)),
    lambda text: frozenset(one for one in text.split("\n") if one),
)
"""About a quarter, by its last day, or a fiscal year: every figure that was published, as
`department|figure`."""

PUBLISHED_DAY: Final = _day("published-day")
"""The local day told last: days since are published when the next one begins."""

PUBLISHED_FACTORS: Final[Note[frozenset[tuple[str, str]]]] = Note(
    "published-factors",
    lambda stated: json.dumps(sorted(stated), ensure_ascii=False),
    lambda text: frozenset((str(day), str(terms)) for day, terms in json.loads(text)),
)
"""Every factor that was published: the day from which it holds, and all that it says."""


def _fleet_text(fleet: Fleet) -> str:
    return json.dumps(
        {
            "places": {
                place.id: [[one.start.isoformat(), dict(one.shares)] for one in place.assignments]
                for place in fleet.places
            },
            "targets": {
                department: {
                    "default": one.default,
                    "months": dict(one.months),
                    "plans": [terms_of(plan) for plan in one.plans],
                    **({} if one.measure is Measure.IMPRESSIONS else {"in": one.measure.value}),
                    **({"with_excluded": True} if one.with_excluded else {}),
                }
                for department, one in fleet.targets.items()
            },
            "names": [
                (one.id, one.name, one.name_en or "") for one in (*fleet.departments, *fleet.former)
            ],
            "until": {one.id: one.until for one in fleet.places if one.until is not None},
            **_staff_text(fleet),
            **_tree_text(fleet),
        },
        ensure_ascii=False,
        sort_keys=True,
        default=str,
    )


def _staff_text(fleet: Fleet) -> dict[str, object]:
    """Return headcounts; a text without them is as it always was."""
    staff = {
        department: [[one.start.isoformat(), one.people] for one in own]
        for department, own in fleet.staff.items()
    }
    return {"staff": staff} if staff else {}


def _tree_text(fleet: Fleet) -> dict[str, object]:
    """Return the tree; a text without one is as it always was."""
    under = {
        department: [[one.start.isoformat(), one.parent] for one in own]
        for department, own in fleet.tree.under.items()
    }
    return {"tree": under} if under else {}


def _fleet_read(text: str) -> Fleet:
    stated = json.loads(text)
    ends = stated.get("until", {})
    places = tuple(
        Place(
            PlaceId(place),
            "",
            "",
            assignments=tuple(
                Assignment(date.fromisoformat(start), shares) for start, shares in spans
            ),
            until=date.fromisoformat(ends[place]) if place in ends else None,
        )
        for place, spans in stated["places"].items()
    )
    names = (Department(DepartmentId(key), name, en or None) for key, name, en in stated["names"])
    targets = {DepartmentId(key): _targets(one) for key, one in stated["targets"].items()}
    staff = {
        DepartmentId(key): tuple(Headcount(date.fromisoformat(day), people) for day, people in own)
        for key, own in stated.get("staff", {}).items()
    }
    under = {
        DepartmentId(key): tuple(Under(date.fromisoformat(day), parent) for day, parent in own)
        for key, own in stated.get("tree", {}).items()
    }
    return Fleet(tuple(names), places, targets, staff=staff, tree=Tree(under))


def _targets(stated: Mapping[str, Any]) -> Targets:
    plans = tuple(map(plan_of, stated.get("plans", ())))
    measure = Measure(stated.get("in", Measure.IMPRESSIONS))
    with_excluded = stated.get("with_excluded", False)
    return Targets(stated["default"], stated["months"], plans, measure, with_excluded)


PUBLISHED_FLEET: Final = Note("published-fleet", _fleet_text, _fleet_read)
"""As much of the fleet that was published last as decides figures."""


# Of notices: what was told and what waits, so that a restart tells nothing twice and loses none.


def _sentence_form(one: Sentence) -> list[object]:
    return [one.key, {name: _fact_form(fact) for name, fact in one.facts.items()}]


def _fact_form(fact: Fact) -> object:
    """Return a fact as JSON has it; what JSON does not know is an object that names its kind."""
    match fact:
        case Sentence():
            return {"sentence": _sentence_form(fact)}
        case datetime():
            return {"at": fact.isoformat()}
        case date():
            return {"day": fact.isoformat()}
        case tuple():
            return [_fact_form(one) for one in fact]
    return fact


def _sentence_of(form: Sequence[Any]) -> Sentence:
    key, facts = form
    return Sentence(str(key), {name: _fact_of(fact) for name, fact in facts.items()})


def _fact_of(form: Any) -> Fact:  # noqa: ANN401 - whatever stands in the JSON
    match form:
        case {"sentence": inner}:
            return _sentence_of(inner)
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
        case {"day": str(day)}:
            return date.fromisoformat(day)
        case list():
            return tuple(map(_fact_of, form))
        case str() | int() | float():
            return form
    raise ValueError(form)


def _notice_form(one: Notice) -> list[object]:
    advice = None if one.advice is None else _sentence_form(one.advice)
    times = (one.at.isoformat(), one.due.isoformat())
    return [one.topic, *times, _sentence_form(one.said), advice]


def _notice_of(form: Sequence[Any]) -> Notice:
    topic, at, due, said, advice = form
    times = (datetime.fromisoformat(at), datetime.fromisoformat(due))
    return Notice(
        topic, *times, _sentence_of(said), None if advice is None else _sentence_of(advice)
    )


def _book_text(book: Book) -> str:
    desks = {
        name: {
            "waiting": [_notice_form(one) for one in desk.waiting],
            "rests": None if desk.rests is None else desk.rests.isoformat(),
            "failures": desk.failures,
            "lost": desk.lost,
        }
        for name, desk in book.desks.items()
    }
    return _json({"told": {topic: at.isoformat() for topic, at in book.told.items()}, "to": desks})


def _book_read(text: str) -> Book:
    stated = json.loads(text)
    desks = {
        str(name): Desk(
            tuple(map(_notice_of, one["waiting"])),
            None if one["rests"] is None else datetime.fromisoformat(one["rests"]),
            int(one["failures"]),
            int(one["lost"]),
        )
        for name, one in stated["to"].items()
    }
    return Book({topic: datetime.fromisoformat(at) for topic, at in stated["told"].items()}, desks)


NOTICES: Final = Note("notices", _book_text, _book_read)
"""What was told to whom of its own accord, and what waits to be sent."""
