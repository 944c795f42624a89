"""The office on paper: departments, places, who answers for which place from when, and targets."""

from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NewType

from collector.domain.office.headcount import Headcount, people_on
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import NO_TARGETS, Measure, Targets
from collector.domain.office.work_calendars import Calendar
from collector.domain.spelling import fold, nearest

DepartmentId = NewType("DepartmentId", str)
WHOLE: Final = 100
"""Shares of a place are whole per cents that add up to this."""

UNASSIGNED: Final = DepartmentId("unassigned")
"""Pages of a place on a day on which nobody answers for it: shown, never dropped."""


@dataclass(frozen=True, slots=True)
class Department:
    """Who answers for pages. `name` as the office writes it; `name_en` where given.

    `calendar` is the id of its own, None where it works when the office does.
    """

    id: DepartmentId
    name: str
    name_en: str | None = None
    calendar: str | None = None


NOBODY: Final = Department(UNASSIGNED, "(割当なし)", "(unassigned)")
"""How such pages are shown."""

WHOLE_OFFICE: Final = DepartmentId("whole_office")
"""Stands for all departments together, in targets and in figures of past months."""

EVERYBODY: Final = Department(WHOLE_OFFICE, "全庁", "Whole office")
"""How the office as a whole is shown."""


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
    the departments have.
    """

    departments: tuple[Department, ...] = ()
    places: tuple[Place, ...] = ()
    targets: Mapping[DepartmentId, Targets] = field(default_factory=dict)
    former: tuple[Department, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    staff: Mapping[DepartmentId, tuple[Headcount, ...]] = field(default_factory=dict)

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

    def with_former(self, involved: Container[DepartmentId]) -> tuple[Department, ...]:
        """Return the departments, and those of the `involved` ones that are former."""
        return (*self.departments, *(one for one in self.former if one.id in involved))

    def targets_of(self, department: DepartmentId) -> Targets:
        """Return what is stated for `department`, or for `WHOLE_OFFICE`."""
        return self.targets.get(department, NO_TARGETS)

    def people_of(self, department: DepartmentId, day: date) -> int | None:
        """Return how many people `department` has on `day`; of the office where all state it."""
        if department != WHOLE_OFFICE:
            return people_on(self.staff.get(department, ()), day)
        people = [self.people_of(one.id, day) for one in self.departments]
        known = [one for one in people if one is not None]
        return sum(known) if known and len(known) == len(people) else None

    def measure_of(self, department: DepartmentId) -> Measure:
        """Return what the target of `department` counts.

        The office's own target, else its departments' where all of them count the same.
        """
        if department != WHOLE_OFFICE or department in self.targets:
            return self.targets_of(department).measure
        found = {self.targets_of(one.id).measure for one in self.departments}
        return found.pop() if len(found) == 1 else Measure.IMPRESSIONS

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


class PlaceNames:
    """What people call the places of a fleet: by id, by name, by address.

    Width, capitals and blanks make no other name. An id is nobody else's name, and a name that
    several places have is each one's.
    """

    def __init__(self, fleet: Fleet) -> None:
        """Know the places of `fleet`."""
        self._ids = {fold(one.id): one.id for one in fleet.places}
        self._named: dict[str, list[PlaceId]] = defaultdict(list)
        self._at: dict[str, list[PlaceId]] = defaultdict(list)
        self._shown: dict[str, str] = {}
        for one in fleet.places:
            self._named[fold(one.name)].append(one.id)
            self._at[fold(one.address)].append(one.id)
            self._shown |= {fold(one.name): one.name, fold(one.id): one.id}

    def of(self, text: str) -> tuple[PlaceId, ...]:
        """Return the places that `text` names: none, one, or all that share a name or address."""
        folded = fold(text)
        if folded in self._ids:
            return (self._ids[folded],)
        return tuple(self._named.get(folded) or self._at.get(folded) or ())

    def near(self, text: str, cutoff: float = 0.6) -> str | None:
        """Return the id or name that the unknown `text` may have been meant to be."""
        near = nearest(fold(text), self._shown, cutoff)
        return None if near is None else self._shown[near]
