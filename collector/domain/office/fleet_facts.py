"""Who answers for a place, what it is called and until when it stands: dated facts in the ledger.

Facts are only ever added. One that was recorded later holds from its own day on, whatever earlier
ones say of those days; nothing that it does not speak of changes. The fleet file adds facts
(`fleet_changes`), and all questions about the past are answered from what they come to
(`KnownFleet`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from collector.domain.office.fleet import (
    FLAT,
    Assignment,
    Department,
    DepartmentId,
    Fleet,
    Place,
    Tree,
    Under,
)
from collector.domain.office.shares import PlaceId


@dataclass(frozen=True, slots=True)
class Signature:
    """Who entered something, why, and when (UTC)."""

    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answering:
    """From `start` on `shares` answer for `place`: whole per cents that add up to 100."""

    place: PlaceId
    start: date
    shares: Mapping[DepartmentId, int]
    signed: Signature


@dataclass(frozen=True, slots=True)
class Ending:
    """`until` is the last day of `place`; None: it has none, or none any more."""

    place: PlaceId
    until: date | None
    signed: Signature


@dataclass(frozen=True, slots=True)
class PlaceName:
    """What `place` is called."""

    place: PlaceId
    name: str
    signed: Signature


@dataclass(frozen=True, slots=True)
class DepartmentName:
    """What a department is called."""

    department: Department
    signed: Signature


@dataclass(frozen=True, slots=True)
class PartOf:
    """From `start` on `department` is a part of `parent`; of none where that is None."""

    department: DepartmentId
    start: date
    parent: DepartmentId | None
    signed: Signature


@dataclass(frozen=True, slots=True)
class OfficeTerms:
    """From the closing month called `since` on ("" is from the beginning) months are closed so.

    `zone` is the IANA name of the office's time zone: its days are those of that zone.
    """

    since: str
    closing_day: int | str
    zone: str
    signed: Signature


FleetFact = Answering | Ending | PlaceName | DepartmentName | PartOf | OfficeTerms


@dataclass(frozen=True, slots=True)
class KnownFleet:
    """What all facts together come to. `until` holds only places that have an end.

    `terms` are in the order of the months they begin with.
    """

    assignments: Mapping[PlaceId, tuple[Assignment, ...]] = field(default_factory=dict)
    until: Mapping[PlaceId, date] = field(default_factory=dict)
    names: Mapping[PlaceId, str] = field(default_factory=dict)
    departments: Mapping[DepartmentId, Department] = field(default_factory=dict)
    terms: tuple[OfficeTerms, ...] = ()
    tree: Tree = FLAT

    @property
    def is_empty(self) -> bool:
        """Say whether no fleet was ever recorded."""
        return not self.names

    def place(self, place: PlaceId) -> Place:
        """Return `place` as it is known; its address is not."""
        return Place(
            place,
            self.names.get(place, place),
            "",
            assignments=self.assignments.get(place, ()),
            until=self.until.get(place),
        )


def known_from(facts: Iterable[FleetFact]) -> KnownFleet:
    """Return what `facts`, in the order in which they were recorded, come to."""
    assignments: dict[PlaceId, tuple[Assignment, ...]] = {}
    until: dict[PlaceId, date] = {}
    names: dict[PlaceId, str] = {}
    departments: dict[DepartmentId, Department] = {}
    terms: tuple[OfficeTerms, ...] = ()
    under: dict[DepartmentId, tuple[Under, ...]] = {}
    for fact in facts:
        match fact:
            case Answering():
                assignments[fact.place] = _from_then_on(assignments.get(fact.place, ()), fact)
            case Ending(until=None):
                until.pop(fact.place, None)
            case Ending():
                until[fact.place] = fact.until or date.max
            case PlaceName():
                names[fact.place] = fact.name
            case DepartmentName():
                departments[fact.department.id] = fact.department
            case PartOf():
                under[fact.department] = _part_of(under.get(fact.department, ()), fact)
            case OfficeTerms():
                terms = (*(one for one in terms if one.since < fact.since), fact)
    tree = Tree({one: parents for one, parents in under.items() if parents})
    return KnownFleet(assignments, until, names, departments, terms, tree)


def _part_of(before: tuple[Under, ...], fact: PartOf) -> tuple[Under, ...]:
    """Return `before` up to the day of `fact`, and `fact` unless that changes nothing."""
    kept = tuple(one for one in before if one.start < fact.start)
    if (kept[-1].parent if kept else None) == fact.parent:
        return kept
    return (*kept, Under(fact.start, fact.parent))


def _from_then_on(before: tuple[Assignment, ...], fact: Answering) -> tuple[Assignment, ...]:
    """Return `before` up to the day of `fact`, and `fact` unless that changes nothing."""
    kept = tuple(one for one in before if one.start < fact.start)
    if kept and kept[-1].shares == fact.shares:
        return kept
    return (*kept, Assignment(fact.start, fact.shares))


def known_fleet(known: KnownFleet, file: Fleet, counted: Collection[PlaceId]) -> Fleet:
    """Return the fleet that holds: addresses and targets of `file`, all else as it is `known`.

    Places that `file` does not name follow, by id, where they are among the `counted` ones:
    one of which nothing was ever read was never there.
    """
    listed = {place.id for place in file.places}
    places = tuple(
        replace(
            place,
            assignments=known.assignments.get(place.id, ()),
            until=known.until.get(place.id),
        )
        for place in file.places
    )
    vanished = sorted(one for one in known.names if one not in listed and one in counted)
    named = {one.id for one in file.departments}
    former = sorted(one for one in known.departments if one not in named)
    return replace(
        file,
        places=(*places, *(replace(known.place(one), vanished=True) for one in vanished)),
        former=tuple(known.departments[one] for one in former),
        tree=known.tree,
    )
