"""The office on paper: departments, places, who answers for which place from when, and targets."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Generic, NewType, TypeVar

from collector.domain.office.headcount import Headcount, people_on
from collector.domain.office.office_calendar import Office, Period
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import NO_TARGETS, Measure, Targets
from collector.domain.office.work_calendars import Calendar
from collector.domain.spelling import fold, nearest

DepartmentId = NewType("DepartmentId", str)
WHOLE: Final = 100
"""Shares of a place are whole per cents that add up to this."""

_BETWEEN: Final = "\n"
"""Between the departments of a piece; no id has it."""

UNASSIGNED: Final = DepartmentId("unassigned")
"""Pages of a place on a day on which nobody answers for it: shown, never dropped."""


@dataclass(frozen=True, slots=True)
class Department:
    """Who answers for pages. `name` as the office writes it; `name_en` where given.

    `calendar` is the id of its own, None where it works when the office does. `until` is its last
    day: after it nothing is expected of it.
    """

    id: DepartmentId
    name: str
    name_en: str | None = None
    calendar: str | None = None
    until: date | None = None


NOBODY: Final = Department(UNASSIGNED, "(割当なし)", "(unassigned)")
"""How such pages are shown."""

WHOLE_OFFICE: Final = DepartmentId("whole_office")
"""Stands for all departments together, in targets and in figures of past months."""

EVERYBODY: Final = Department(WHOLE_OFFICE, "全庁", "Whole office")
"""How the office as a whole is shown."""


@dataclass(frozen=True, slots=True)
class Under:
    """From `start` on a department is a part of `parent`; of none where that is None."""

    start: date
    parent: DepartmentId | None


@dataclass(frozen=True, slots=True)
class Tree:
    """Which departments are parts of which (部 → 課 → 係), and from when on.

    `under` holds those that are or were a part, in order of `start`, no two on one day. One that
    is a part of none stands on level 1, its parts on level 2.
    """

    under: Mapping[DepartmentId, tuple[Under, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Say whether any department is or was a part of another."""
        return bool(self.under)

    def parent_of(self, department: DepartmentId, day: date) -> DepartmentId | None:
        """Return what `department` is a part of on `day`."""
        held = [one.parent for one in self.under.get(department, ()) if one.start <= day]
        return held[-1] if held else None

    def line(self, department: DepartmentId, day: date) -> tuple[DepartmentId, ...]:
        """Return `department`, what it is a part of on `day`, and so on up to level 1."""
        found = [department]
        while (parent := self.parent_of(found[-1], day)) is not None and parent not in found:
            found.append(parent)
        return tuple(found)

    def level(self, department: DepartmentId, day: date) -> int:
        """Return on which level `department` stands on `day`: 1 where it is a part of none."""
        return len(self.line(department, day))

    def at_level(self, department: DepartmentId, level: int, day: date) -> DepartmentId:
        """Return what stands for `department` on `level`: itself where it stands no deeper."""
        line = self.line(department, day)
        return line[-level] if len(line) > level else department

    def parts_of(self, department: DepartmentId, day: date) -> tuple[DepartmentId, ...]:
        """Return what is directly a part of `department` on `day`, by id."""
        return tuple(sorted(one for one in self.under if self.parent_of(one, day) == department))

    def in_circle(self, day: date) -> tuple[DepartmentId, ...]:
        """Return the departments that are parts of themselves on `day`, by id."""
        return tuple(sorted(one for one in self.under if one in self._above(one, day)))

    def _above(self, department: DepartmentId, day: date) -> frozenset[DepartmentId]:
        above = self.line(department, day)
        last = self.parent_of(above[-1], day)
        return frozenset((*above[1:], *(() if last is None else (last,))))

    def starts_of(self, department: DepartmentId) -> frozenset[date]:
        """Return the days from which on something is said of `department`."""
        return frozenset(one.start for one in self.under.get(department, ()))

    @property
    def starts(self) -> frozenset[date]:
        """The days from which on any department is a part of another one than before."""
        return frozenset(one.start for own in self.under.values() for one in own)

    def ordered(self, departments: Sequence[Department], day: date) -> tuple[Department, ...]:
        """Return `departments`, each followed by its parts on `day`, else in their order."""
        if not self.under:
            return tuple(departments)
        number = {one.id: place for place, one in enumerate(departments)}

        def place(one: Department) -> list[int]:
            line = [number[name] for name in self.line(one.id, day) if name in number]
            return line[::-1]

        return tuple(sorted(departments, key=place))


FLAT: Final = Tree()
"""No department is a part of another."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """From `start` (local date, inclusive) until the next assignment these departments answer.

    `shares` are whole per cents that add up to 100.
    """

    start: date
    shares: Mapping[DepartmentId, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A spot where a copier stands. Outlives any machine.

    `assignments` are in order of `start`, no two on one day. `until` is its last day: after it
    nothing is polled or guessed, and pages counted later still go to who answered last. `was` is
    what the place was called before, where the fleet file says so. One that `vanished` from the
    file ended where it was heard last, as far as anybody knows; nobody said so. `calendar` is the
    id of its own, None where it works when its department does.
    """

    id: PlaceId
    name: str
    address: str
    port: int = 161
    credential: str = "default"
    assignments: tuple[Assignment, ...] = ()
    until: date | None = None
    was: PlaceId | None = None
    vanished: bool = False
    calendar: str | None = None

    def stands_on(self, day: date) -> bool:
        """Say whether `day` is not after the last day of this place."""
        return self.until is None or day <= self.until

    def shares_on(self, day: date) -> Mapping[DepartmentId, int]:
        """Return who answers for this place on `day`, in per cents that add up to 100."""
        current: Mapping[DepartmentId, int] = {UNASSIGNED: WHOLE}
        for assignment in self.assignments:
            if assignment.start > day:
                break
            current = assignment.shares
        return current

    def main_department_on(self, day: date) -> DepartmentId:
        """Return the department with the largest share on `day` (first by id when equal)."""
        shares = self.shares_on(day)
        return min(shares, key=lambda department: (-shares[department], department))


@dataclass(frozen=True, slots=True)
class Fleet:
    """Departments, places and targets, validated: ids are unique and every reference resolves.

    `targets` of `WHOLE_OFFICE` are the office's own. As the ledger knows it (see `fleet_facts`)
    there are also the places that vanished from the file, with their `until`, and the departments
    that did: `former`, which keep their past months under their names. `staff` is how many people
    the departments have. `tree` says which of them are parts of which. Where `level` is set the
    fleet is looked at on that level of it: each page counts for the one department there.
    """

    departments: tuple[Department, ...] = ()
    places: tuple[Place, ...] = ()
    targets: Mapping[DepartmentId, Targets] = field(default_factory=dict)
    former: tuple[Department, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    staff: Mapping[DepartmentId, tuple[Headcount, ...]] = field(default_factory=dict)
    tree: Tree = FLAT
    level: int | None = None

    def groups_of(self, department: DepartmentId, day: date) -> tuple[DepartmentId, ...]:
        """Return where what `department` answers for on `day` counts: itself and all above it.

        On a `level` the one that stands there for it.
        """
        if self.is_flat:
            return (department,)
        if self.level is not None:
            return (self.tree.at_level(department, self.level, day),)
        return self.tree.line(department, day)

    def parts_of(self, department: DepartmentId, day: date) -> tuple[DepartmentId, ...]:
        """Return what is directly a part of `department` on `day`, in the fleet file's order.

        `WHOLE_OFFICE` has all as its parts that are a part of none, or of a former one. None that
        ended before.
        """
        present = [one.id for one in self.departments if one.until is None or day <= one.until]
        if department != WHOLE_OFFICE:
            return tuple(one for one in present if self.tree.parent_of(one, day) == department)
        if self.is_flat:
            return tuple(present)
        known = {one.id for one in self.departments}
        return tuple(one for one in present if self.tree.parent_of(one, day) not in known)

    @property
    def in_groups(self) -> "Fleet":
        """The fleet with every place answered for by all `groups_of` who answers for it.

        Shares of a place add up to more than 100 then: what is in a part is in the whole as well.
        """
        return self if self.is_flat else self._answered_by(self.groups_of)

    @property
    def in_pieces(self) -> "Fleet":
        """The fleet with every place answered for by one `piece_of` each department."""
        if self.is_flat:
            return self
        return self._answered_by(lambda department, day: (self.piece_of(department, day),))

    def held(self, day: date) -> "Fleet":
        """Return the fleet with every place answered for at all times as it is on `day`.

        So are departments parts of one another. A place that came later is answered for as it was
        at first, one that had ended as it was at last.
        """
        places = []
        for one in self.places:
            first = one.assignments[0].start if one.assignments else day
            shares = one.shares_on(max(day, first))
            places.append(replace(one, assignments=(Assignment(date.min, shares),)))
        under = {
            department: (Under(date.min, self.tree.parent_of(department, day)),)
            for department in self.tree.under
        }
        return replace(self, places=tuple(places), tree=Tree(under))

    def share_of(self, department: DepartmentId, place: PlaceId, day: date) -> int:
        """Return for how many per cent of `place` on `day` `department` answers with its parts.

        `WHOLE_OFFICE` for all of it.
        """
        shares = (self.place(place) or Place(place, place, "")).shares_on(day)
        counting = (one for one in shares if department in self.groups_of(one, day))
        return WHOLE if department == WHOLE_OFFICE else sum(shares[one] for one in counting)

    def piece_of(self, department: DepartmentId, day: date) -> DepartmentId:
        """Return one name for all that `department` counts in on `day`: no page is in two pieces.

        A department that moves in the tree within a month is more than one piece of it.
        """
        return DepartmentId(_BETWEEN.join(self.groups_of(department, day)))

    def groups_in(self, piece: DepartmentId) -> tuple[DepartmentId, ...]:
        """Return in which departments a `piece_of` this fleet counts."""
        if self.is_flat or self.level is not None:
            return (piece,)
        return tuple(DepartmentId(one) for one in piece.split(_BETWEEN))

    @property
    def is_flat(self) -> bool:
        """Say whether every department counts for itself alone."""
        return not self.tree

    def _answered_by(
        self, names: Callable[[DepartmentId, date], Iterable[DepartmentId]]
    ) -> "Fleet":
        def renamed(place: Place, day: date) -> Assignment:
            found: dict[DepartmentId, int] = {}
            for department, share in place.shares_on(day).items():
                for name in names(department, day):
                    found[name] = found.get(name, 0) + share
            return Assignment(day, found)

        places = []
        for place in self.places:
            first = place.assignments[0].start if place.assignments else date.max
            moves = {one for one in self.tree.starts if one > first}
            days = sorted({one.start for one in place.assignments} | moves)
            places.append(replace(place, assignments=tuple(renamed(place, day) for day in days)))
        return replace(self, places=tuple(places))

    def place(self, place: PlaceId) -> Place | None:
        """Return the place called `place`, or None."""
        return next((one for one in self.places if one.id == place), None)

    def last_day(self, place: PlaceId) -> date:
        """Return the last day of `place`; date.max where it has none, or is not known."""
        known = self.place(place)
        return date.max if known is None or known.until is None else known.until

    def department(self, department: DepartmentId) -> Department | None:
        """Return the department called `department`, a former one too, or None."""
        every = (*self.departments, *self.former)
        return next((one for one in every if one.id == department), None)

    def with_former(
        self, involved: Container[DepartmentId], since: date = date.min
    ) -> tuple[Department, ...]:
        """Return the departments, and those of the `involved` ones that are former.

        One that ended before `since` is former too.
        """
        present = (
            one
            for one in self.departments
            if one.until is None or one.until >= since or one.id in involved
        )
        return (*present, *(one for one in self.former if one.id in involved))

    def listed(self, involved: Container[DepartmentId], period: Period) -> list[Department]:
        """Return the departments of `period`, each before its parts; `involved` former ones too.

        On a `level` those that stand there for all of them.
        """
        last = period.end
        found = self.tree.ordered(self.with_former(involved, period.start), last)
        if self.level is None:
            return [*found]
        leaves = (one.id for one in found if not self.tree.parts_of(one.id, last))
        kept = {group for one in leaves for group in self.groups_of(one, last)}
        return [one for one in found if one.id in kept or one.id in involved]

    def targets_of(self, department: DepartmentId) -> Targets:
        """Return what is stated for `department`, or for `WHOLE_OFFICE`."""
        return self.targets.get(department, NO_TARGETS)

    def people_of(self, department: DepartmentId, day: date) -> int | None:
        """Return how many people `department` has on `day`.

        As stated of it, else of all its parts; those who work directly in it are not among them.
        """
        own = people_on(self.staff.get(department, ()), day)
        if own is not None:
            return own
        people = [self.people_of(one, day) for one in self.parts_of(department, day)]
        known = [one for one in people if one is not None]
        return sum(known) if known and len(known) == len(people) else None

    def measure_of(self, department: DepartmentId, day: date = date.max) -> Measure:
        """Return what the target of `department` counts.

        Its own target, else its parts' on `day` where all of them count the same.
        """
        parts = self.parts_of(department, day)
        if department in self.targets or not parts:
            return self.targets_of(department).measure
        found = {self.measure_of(one, day) for one in parts}
        return found.pop() if len(found) == 1 else Measure.IMPRESSIONS

    def counts_excluded(self, department: DepartmentId, day: date = date.max) -> bool:
        """Say whether the target of `department` counts excluded pages; of parts, where all do."""
        parts = self.parts_of(department, day)
        if department in self.targets or not parts:
            return self.targets_of(department).with_excluded
        return all(self.counts_excluded(one, day) for one in parts)

    @property
    def measures(self) -> frozenset[Measure]:
        """What targets count besides impressions."""
        return frozenset(one.measure for one in self.targets.values()) - {Measure.IMPRESSIONS}

    def office_at(self, place: PlaceId, office: Office, day: date) -> Office:
        """Return `office` with the working time of `place`.

        That is its own calendar, else that of the department mainly answering for it on `day`.
        """
        found = self.place(place) if office.kept else None
        if found is None:
            return office
        answering = self.department(found.main_department_on(day))
        return office.keeping(found.calendar or (None if answering is None else answering.calendar))

    def office_of(self, department: DepartmentId, office: Office, day: date) -> Office:
        """Return `office` with the working time of `department`.

        That is its own calendar, else the one that all places have which it answers for on `day`.
        """
        found = self.department(department) if office.kept else None
        if found is None or found.calendar is not None:
            return office if found is None else office.keeping(found.calendar)
        own = {one.calendar for one in self.places if department in one.shares_on(day)}
        return office.keeping(own.pop() if len(own) == 1 else None)


Key = TypeVar("Key", bound=str)


class _Names(Generic[Key]):
    """What people call something: by id, by name, by what comes after a name.

    Width, capitals and blanks make no other name. An id is nobody else's name, and a name that
    several have is each one's.
    """

    def __init__(self, called: Iterable[tuple[Key, Iterable[str], Iterable[str]]]) -> None:
        """Know whom each id, its names, and what else it may be called stand for."""
        self._ids: dict[str, Key] = {}
        self._named: dict[str, list[Key]] = defaultdict(list)
        self._else: dict[str, list[Key]] = defaultdict(list)
        self._shown: dict[str, str] = {}
        for key, names, others in called:
            self._ids[fold(key)] = key
            for name in names:
                self._named[fold(name)].append(key)
                self._shown[fold(name)] = name
            for other in others:
                self._else[fold(other)].append(key)
            self._shown[fold(key)] = key

    def of(self, text: str) -> tuple[Key, ...]:
        """Return whom `text` names: nobody, one, or all that share a name."""
        folded = fold(text)
        if folded in self._ids:
            return (self._ids[folded],)
        return tuple(self._named.get(folded) or self._else.get(folded) or ())

    def near(self, text: str, cutoff: float = 0.6) -> str | None:
        """Return the id or name that the unknown `text` may have been meant to be."""
        near = nearest(fold(text), self._shown, cutoff)
        return None if near is None else self._shown[near]


class PlaceNames(_Names[PlaceId]):
    """What people call the places of a fleet: by id, by name, by address."""

    def __init__(self, fleet: Fleet) -> None:
        """Know the places of `fleet`."""
        super().__init__((one.id, (one.name,), (one.address,)) for one in fleet.places)


class DepartmentNames(_Names[DepartmentId]):
    """What people call departments: by id, by name, by English name."""

    def __init__(self, departments: Iterable[Department]) -> None:
        """Know these departments."""
        super().__init__(
            (one.id, (one.name,), () if one.name_en is None else (one.name_en,))
            for one in departments
        )


ONE_BY_ONE: Final = Fleet()
"""Of it every department counts for itself alone."""
