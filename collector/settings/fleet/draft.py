"""The fleet as a file states it, and every check that makes it a Fleet.

The fleet file and the spreadsheet are read into the same draft, so both are held to the same
rules and both say where in the file something is wrong.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby, zip_longest

from collector.domain.office.fleet import (
    UNASSIGNED,
    WHOLE,
    WHOLE_OFFICE,
    Assignment,
    Department,
    DepartmentId,
    Fleet,
    Place,
    Tree,
    Under,
)
from collector.domain.office.headcount import Headcount
from collector.domain.office.office_calendar import ONE_DAY
from collector.domain.office.shares import PlaceId
from collector.errors import Spot, said
from collector.settings.fleet.draft_calendars import (
    DraftCalendar,
    calendars_of,
    check_calendar_name,
    check_calendars,
)
from collector.settings.fleet.draft_targets import (
    DraftMeasure,
    DraftPlan,
    DraftTarget,
    check_targets,
    targets_of,
)
from collector.settings.values import address_problem, canonical_address, id_problem, name_problem
from collector.user_files.report import ProblemReport, Where, hint

_PORTS = range(1, 65536)
_RESERVED: Mapping[str, str] = {
    UNASSIGNED: "reserved_unassigned",
    WHOLE_OFFICE: "reserved_office",
}


@dataclass(frozen=True, slots=True)
class DraftHeadcount:
    """How many people a department has from `start` on."""

    where: Where
    start: date
    people: int | None


@dataclass(frozen=True, slots=True)
class DraftUnder:
    """What a department is a part of from `start` on; `parent` is None where of nothing."""

    where: Where
    start: date
    parent: str | None


@dataclass(frozen=True, slots=True)
class DraftDepartment:
    """A department as stated; None where the file states nothing usable (told already)."""

    where: Where
    id: str | None
    name: str | None
    name_en: str | None = None
    calendar: str | None = None
    staff: tuple[DraftHeadcount, ...] = ()
    under: tuple[DraftUnder, ...] = ()
    until: date | None = None


@dataclass(frozen=True, slots=True)
class DraftShare:
    """One department's share of a place from `start`."""

    where: Where
    department: str | None
    start: date | None
    share: int | None


@dataclass(frozen=True, slots=True)
class DraftPlace:
    """A place as stated."""

    where: Where
    id: str | None
    name: str | None
    address: str | None
    port: int | None
    credential: str | None
    shares: tuple[DraftShare, ...] = ()
    until: date | None = None
    was: str | None = None
    calendar: str | None = None


@dataclass(frozen=True, slots=True)
class FleetDraft:
    """Everything one file states.

    `credentials` are the known names, `year_begins` the month with which the fiscal year begins;
    None where that is not known.
    """

    departments: tuple[DraftDepartment, ...] = ()
    places: tuple[DraftPlace, ...] = ()
    targets: tuple[DraftTarget, ...] = ()
    plans: tuple[DraftPlan, ...] = ()
    measures: tuple[DraftMeasure, ...] = ()
    calendars: tuple[DraftCalendar, ...] = ()
    credentials: Collection[str] | None = None
    year_begins: int | None = None
    known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Keep the ids that may be referred to, right or wrong, so that no fault is told twice."""
        ids = frozenset(one.id for one in self.departments if one.id is not None)
        object.__setattr__(self, "known", ids)

    def fleet(self, report: ProblemReport, nothing: Spot) -> Fleet | None:
        """Return the Fleet, or None after telling every problem; `nothing`: where no place is."""
        before = len(report.problems)
        self._check_departments(report)
        check_tree(self.departments, self.known, report)
        self._check_places(report)
        self._check_calendars(report)
        stated = (self.targets, self.plans, self.known, self.year_begins)
        check_targets(*stated, report, self.measures)
        if not self.places:
            report.problem(nothing, said("no_place"))
        if len(report.problems) > before:
            return None
        return Fleet(
            departments=tuple(
                Department(
                    DepartmentId(one.id or ""), one.name or "", one.name_en, one.calendar, one.until
                )
                for one in self.departments
            ),
            places=tuple(_place(one) for one in self.places),
            targets=targets_of(self.targets, self.plans, self.measures),
            calendars=calendars_of(self.calendars),
            staff={
                DepartmentId(one.id or ""): _staff(one.staff)
                for one in self.departments
                if one.staff
            },
            tree=_tree(self.departments),
        )

    def _check_calendars(self, report: ProblemReport) -> None:
        check_unique(((one.id, one.where) for one in self.calendars), report)
        check_calendars(self.calendars, self.year_begins, report)
        known = frozenset(one.id for one in self.calendars if one.id is not None)
        for where, calendar in (
            *((one.where, one.calendar) for one in self.departments),
            *((one.where, one.calendar) for one in self.places),
        ):
            check_calendar_name(where, calendar, known, report)

    def _check_departments(self, report: ProblemReport) -> None:
        check_unique(((one.id, one.where) for one in self.departments), report)
        for one in self.departments:
            if (meant := _RESERVED.get(one.id or "")) is not None:
                report.problem(one.where("id"), said(meant, id=one.id))
            elif one.id is not None and (problem := id_problem(one.id)):
                report.problem(one.where("id"), problem)
            for key, name in (("name", one.name), ("name_en", one.name_en)):
                if name is not None and (problem := name_problem(name)):
                    report.problem(one.where(key), problem)
            _check_staff(one.staff, report)

    def _check_places(self, report: ProblemReport) -> None:
        check_unique(((one.id, one.where) for one in self.places), report)
        for one in self.places:
            self._check_place(one, report)
            self._check_shares(one, report)
            self._check_end(one, report)
        _check_addresses(self.places, report)

    def _check_place(self, one: DraftPlace, report: ProblemReport) -> None:
        checks = (
            ("id", one.id, id_problem),
            ("name", one.name, name_problem),
            ("address", one.address, address_problem),
        )
        for key, text, check in checks:
            if text is not None and (problem := check(text)):
                report.problem(one.where(key), problem)
        if one.port is not None and one.port not in _PORTS:
            report.problem(one.where("port"), said("port", port=one.port))
        if one.credential is None or self.credentials is None:
            return
        if one.credential not in self.credentials:
            near = hint(one.credential, self.credentials)
            told = said("no_credential", name=one.credential, hint=near)
            report.problem(one.where("credential"), told)

    def _check_end(self, one: DraftPlace, report: ProblemReport) -> None:
        first = min((share.start for share in one.shares if share.start is not None), default=None)
        if one.until is not None and first is not None and one.until < first:
            told = said("until_before", until=one.until, first=first)
            report.problem(one.where("until"), told)
        if one.was is not None and any(one.was == other.id for other in self.places):
            report.problem(one.where("was"), said("was_present", was=one.was))
        if one.was is not None and [other.was for other in self.places].count(one.was) > 1:
            report.problem(one.where("was"), said("was_twice", was=one.was))

    def _check_shares(self, place: DraftPlace, report: ProblemReport) -> None:
        for one in place.shares:
            if one.department is not None and one.department not in self.known:
                near = hint(one.department, self.known)
                told = said("no_department", name=repr(one.department), hint=near)
                report.problem(one.where("id"), told)
            if one.share is not None and not _is_share(one.share):
                report.problem(one.where("share"), said("share", share=one.share))
        groups = _by_start(place.shares)
        for group in groups:
            _check_assignment(group, report)
        ends = {one.id: one.until for one in self.departments if one.until is not None}
        following = [group[0].start for group in groups[1:]]
        for group, after in zip_longest(groups, following):
            last = _last_day(after, place.until)
            for one in group:
                until = ends.get(one.department)
                if until is not None and until < last:
                    told = said("ends_before_place", department=one.department, until=until)
                    report.problem(one.where("id"), told)


# Departments as a tree.


def check_tree(
    departments: Iterable[DraftDepartment], known: Collection[str], report: ProblemReport
) -> None:
    """Tell of unknown parents, of those that end before their parts, and of every circle."""
    departments = tuple(departments)
    before = len(report.problems)
    ends = {one.id: one.until for one in departments if one.until is not None}
    for one in departments:
        starts: set[date] = set()
        for under in one.under:
            if under.parent is not None and under.parent not in known:
                told = said(
                    "no_department", name=repr(under.parent), hint=hint(under.parent, known)
                )
                report.problem(under.where("id"), told)
            if under.start in starts:
                report.problem(under.where("from"), said("begins_twice", start=under.start))
            starts.add(under.start)
        ordered = sorted(one.under, key=lambda under: under.start)
        for under, after in zip_longest(ordered, (later.start for later in ordered[1:])):
            until = ends.get(under.parent)
            is_held = after is None or after > under.start
            if is_held and until is not None and until < _last_day(after, one.until):
                told = said("ends_before_part", parent=under.parent, until=until, part=one.id)
                report.problem(under.where("id"), told)
    if len(report.problems) == before:
        _check_circles(departments, report)


def _check_circles(departments: Sequence[DraftDepartment], report: ProblemReport) -> None:
    """Tell of each circle once: at the entry that closes it, the last of the file in doubt."""
    tree = _tree(departments)
    told: set[tuple[DepartmentId, ...]] = set()
    for start in sorted(tree.starts):
        circle = tree.in_circle(start)
        if not circle or circle in told:
            continue
        told.add(circle)
        held = [
            under
            for one in departments
            if one.id in circle
            for under in one.under
            if under.parent == tree.parent_of(DepartmentId(one.id or ""), start)
        ]
        closing = max(enumerate(held), key=lambda one: (one[1].start, one[0]))[1]
        report.problem(closing.where("id"), said("tree_circle", names=circle))


def _last_day(following: date | None, until: date | None) -> date:
    """Return the last day of what is followed by something else, or has an end, or neither."""
    before = None if following is None else following - ONE_DAY
    return min((one for one in (before, until) if one is not None), default=date.max)


def _tree(departments: Iterable[DraftDepartment]) -> Tree:
    return Tree(
        {
            DepartmentId(one.id or ""): tuple(
                Under(under.start, None if under.parent is None else DepartmentId(under.parent))
                for under in sorted(one.under, key=lambda under: under.start)
            )
            for one in departments
            if one.under
        }
    )


def _check_staff(staff: Iterable[DraftHeadcount], report: ProblemReport) -> None:
    starts: set[date] = set()
    for one in staff:
        if one.people is not None and one.people < 1:
            report.problem(one.where("people"), said("no_people", people=one.people))
        if one.start in starts:
            report.problem(one.where("from"), said("begins_twice", start=one.start))
        starts.add(one.start)


def _staff(staff: Iterable[DraftHeadcount]) -> tuple[Headcount, ...]:
    known = (Headcount(one.start, one.people) for one in staff if one.people is not None)
    return tuple(sorted(known, key=lambda one: one.start))


def _by_start(shares: Iterable[DraftShare]) -> list[list[DraftShare]]:
    dated = sorted(
        (one for one in shares if one.start is not None), key=lambda one: one.start or date.min
    )
    return [list(group) for _, group in groupby(dated, key=lambda one: one.start)]


def _check_assignment(group: list[DraftShare], report: ProblemReport) -> None:
    first = group[0]
    counts = Counter(one.department for one in group if one.department is not None)
    doubles = [one for one in group if counts[one.department or ""] > 1]
    for one in doubles[1:]:
        told = said("share_twice", department=one.department, start=one.start)
        report.problem(one.where("id"), told)
    if doubles or not all(_is_share(one.share) for one in group):
        return  # told already; the sum would only tell it again
    total = sum(one.share or 0 for one in group)
    if total != WHOLE:
        code = "shares_over" if total > WHOLE else "shares_under"
        told = said(code, start=first.start, total=total, whole=WHOLE)
        report.problem(first.where("share"), told)


def _is_share(share: int | None) -> bool:
    return share is not None and 1 <= share <= WHOLE


def check_unique(ids: Iterable[tuple[str | None, Where]], report: ProblemReport) -> None:
    """Tell of every id that an entry before has too."""
    first: dict[str, Where] = {}
    for name, where in ids:
        if name is None:
            continue
        if name in first:
            told = said("id_taken", id=repr(name), other=first[name]("id"))
            report.problem(where("id"), told)
        first.setdefault(name, where)


def _check_addresses(places: Iterable[DraftPlace], report: ProblemReport) -> None:
    """Tell of machines named twice. A proxy serves many behind one address, by credential.

    An address may pass from a place that ended to one that somebody answers for only later.
    """
    known: dict[tuple[str, int, str | None], list[DraftPlace]] = defaultdict(list)
    for one in places:
        if one.address is None or one.port is None:
            continue
        key = (canonical_address(one.address), one.port, one.credential)
        for other in known[key]:
            if not (_ended_before(one, other) or _ended_before(other, one)):
                told = said(
                    "address_taken",
                    address=one.address,
                    port=one.port,
                    other=other.where("address"),
                )
                report.problem(one.where("address"), told)
                break
        known[key].append(one)


def _ended_before(one: DraftPlace, other: DraftPlace) -> bool:
    starts = [share.start for share in other.shares if share.start is not None]
    return one.until is not None and bool(starts) and one.until < min(starts)


def _place(one: DraftPlace) -> Place:
    assignments = tuple(
        Assignment(
            group[0].start or date.min,
            {DepartmentId(part.department or ""): part.share or 0 for part in group},
        )
        for group in _by_start(one.shares)
    )
    return Place(
        id=PlaceId(one.id or ""),
        name=one.name or "",
        address=one.address or "",
        port=one.port or 161,
        credential=one.credential or "default",
        assignments=assignments,
        until=one.until,
        was=None if one.was is None else PlaceId(one.was),
        calendar=one.calendar,
    )
