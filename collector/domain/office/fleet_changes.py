"""What a fleet file adds to the facts, and what it says otherwise of days gone by.

Loading a file adds facts from today on by itself. A day before today on which anything was
counted at a place, or might have been since its first page, is only ever changed by a person:
`differences` tells which days those are, `corrections` are the facts that change them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

from collector.domain.office.fleet import (
    WHOLE,
    Assignment,
    Department,
    DepartmentId,
    Fleet,
    Place,
    Tree,
    Under,
)
from collector.domain.office.fleet_facts import (
    Answering,
    DepartmentName,
    Ending,
    FleetFact,
    KnownFleet,
    OfficeTerms,
    PartOf,
    PlaceName,
    Signature,
)
from collector.domain.office.office_calendar import ONE_DAY, EarlierTerms, Office, months_later
from collector.domain.office.shares import PlaceId


@dataclass(frozen=True, slots=True)
class CountedDays:
    """The first and the last local day of which anything is known of a place."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Difference:
    """From `first` to `last`, all before today, the file says `then` of `place` instead of `now`.

    What it says nothing of, for its dates begin later, is no difference.

    Where `until` is given the file ends the place on that day although it was counted up to
    `last`; nothing else differs then. Where `department` is given it is that which is a part of
    another one by the file, and no place.
    """

    place: PlaceId
    first: date
    last: date
    now: Mapping[DepartmentId, int]
    then: Mapping[DepartmentId, int]
    until: date | None = None
    department: DepartmentId | None = None

    @property
    def subject(self) -> str:
        """The id of the place or department that it is about."""
        return self.place if self.department is None else self.department


@dataclass(frozen=True, slots=True)
class Changes:
    """A fleet file held against what is `known`; `counted` tells where anything ever was."""

    known: KnownFleet
    file: Fleet
    counted: Mapping[PlaceId, CountedDays]
    today: date

    def additions(self, signed: Signature) -> tuple[FleetFact, ...]:
        """Return the facts that loading the file adds: no counted day before today changes."""
        return tuple(self._facts(signed, past=False))

    def corrections(self, signed: Signature) -> tuple[FleetFact, ...]:
        """Return the facts after which everything is as the file says, days gone by too."""
        return tuple(self._facts(signed, past=True))

    def differences(self) -> tuple[Difference, ...]:
        """Return what the file says otherwise of days before today, by place and day."""
        if self.known.is_empty:
            return ()
        moved = (one for department in self.file.departments for one in self._moved(department.id))
        return (
            *(one for place in self.file.places for one in self._differences_of(place)),
            *moved,
        )

    @property
    def unlisted(self) -> tuple[PlaceId, ...]:
        """The known places that the file does not name, by id."""
        listed = {place.id for place in self.file.places}
        return tuple(sorted(one for one in self.known.names if one not in listed))

    @property
    def misnamed(self) -> tuple[Place, ...]:
        """The places of the file that say they were another one, of which nothing is known."""
        known = self.known.names
        return tuple(
            one for one in self.file.places if one.was is not None and one.was not in known
        )

    def _facts(self, signed: Signature, *, past: bool) -> Iterator[FleetFact]:
        known = self.known
        for one in self.file.departments:
            named = Department(one.id, one.name, one.name_en)  # what else the file says is no fact
            if known.departments.get(one.id) != named:
                yield DepartmentName(named, signed)
            yield from self._parts(one.id, signed, past=past)
        for place in self.file.places:
            if known.names.get(place.id) != place.name:
                yield PlaceName(place.id, place.name, signed)
            free = known.is_empty or place.id not in self.counted
            stated = place if free else self._stated(place)
            yield from self._answering(stated if free or past else self._kept(stated), signed)
            yield from self._ending(place, signed, free=free or past)
        for gone in self.unlisted:
            if known.until.get(gone, date.max) > self.today:
                yield Ending(gone, self._last_day(gone), signed)

    def _stated(self, place: Place) -> Place:
        """Return `place` as the file has it, and as it is known before the file's first date.

        A file need not tell all of the past: what it leaves out is no other statement.
        """
        first = place.assignments[0].start if place.assignments else self.today
        known = self.known.assignments.get(place.id, ())
        nobody = () if place.assignments else (Assignment(first, place.shares_on(first)),)
        before = tuple(one for one in known if one.start < first)
        return replace(place, assignments=(*before, *nobody, *place.assignments))

    def _kept(self, place: Place) -> Place:
        """Return `place` as the file has it, but as known from its first counted day to today."""
        first, known = self.counted[place.id].first, self.known.place(place.id)
        if first >= self.today:
            return place
        return replace(
            place,
            assignments=(
                *(one for one in place.assignments if one.start < first),
                Assignment(first, known.shares_on(first)),
                *(one for one in known.assignments if first < one.start < self.today),
                Assignment(self.today, place.shares_on(self.today)),
                *(one for one in place.assignments if one.start > self.today),
            ),
        )

    def _answering(self, place: Place, signed: Signature) -> Iterator[FleetFact]:
        first = _differs_from(self.known.place(place.id), place)
        if first is None:
            return
        yield Answering(place.id, first, place.shares_on(first), signed)
        for one in place.assignments:
            if one.start > first:
                yield Answering(place.id, one.start, one.shares, signed)

    def _ending(self, place: Place, signed: Signature, *, free: bool) -> Iterator[FleetFact]:
        known, until = self.known.until.get(place.id), place.until
        if until is not None and until != known and not free:
            until = max(until, self._last_day(place.id))
        if until != known:
            yield Ending(place.id, until, signed)

    def _last_day(self, place: PlaceId) -> date:
        """Return the last day up to today of which anything is known of `place`."""
        counted = self.counted.get(place)
        return self.today if counted is None else min(counted.last, self.today)

    def _differences_of(self, place: Place) -> Iterator[Difference]:
        counted = self.counted.get(place.id)
        if counted is None:
            return
        before, place = self.known.place(place.id), self._stated(place)
        for first, last in _stretches((before, place), counted.first, self.today - ONE_DAY):
            now, then = before.shares_on(first), place.shares_on(first)
            if now != then:
                yield Difference(place.id, first, last, now, then)
        until = place.until
        if until is not None and until != before.until and until < counted.last:
            now = before.shares_on(counted.last)
            yield Difference(place.id, until + ONE_DAY, counted.last, now, now, until)

    # Of what a department is a part is known like who answers for a place; it concerns every day
    # on which anything was counted anywhere.

    @property
    def _first(self) -> date:
        """The first counted day of all places, today where there is none."""
        days = [self.today, *(one.first for one in self.counted.values())]
        return self.today if self.known.is_empty else min(days)

    def _parts(
        self, department: DepartmentId, signed: Signature, *, past: bool
    ) -> Iterator[FleetFact]:
        known = self.known.tree
        tree = self._tree_stated(department)
        if not past and self._first < self.today:
            tree = self._tree_kept(department, tree)
        days = sorted(known.starts_of(department) | tree.starts_of(department))
        differ = [
            day
            for day in days
            if known.parent_of(department, day) != tree.parent_of(department, day)
        ]
        if differ:
            first = differ[0]
            yield PartOf(department, first, tree.parent_of(department, first), signed)
            for one in tree.under.get(department, ()):
                if one.start > first:
                    yield PartOf(department, one.start, one.parent, signed)

    def _tree_stated(self, department: DepartmentId) -> Tree:
        """Return of what the file says that it is a part; before its first date as it is known."""
        stated = self.file.tree.under.get(department, ())
        known = self.known.tree.under.get(department, ())
        if self.known.is_empty or not known:
            return Tree({department: stated})
        first = stated[0].start if stated else self.today
        nothing = () if stated else (Under(first, None),)
        before = tuple(one for one in known if one.start < first)
        return Tree({department: (*before, *nothing, *stated)})

    def _tree_kept(self, department: DepartmentId, stated: Tree) -> Tree:
        """Return `stated`, but as it is known from the first counted day to today."""
        first, known = self._first, self.known.tree
        kept = (
            *(one for one in stated.under[department] if one.start < first),
            Under(first, known.parent_of(department, first)),
            *(one for one in known.under.get(department, ()) if first < one.start < self.today),
            Under(self.today, stated.parent_of(department, self.today)),
            *(one for one in stated.under[department] if one.start > self.today),
        )
        return Tree({department: kept})

    def _moved(self, department: DepartmentId) -> Iterator[Difference]:
        known, stated = self.known.tree, self._tree_stated(department)
        if not self.counted or self._first >= self.today:
            return
        begins = known.starts_of(department) | stated.starts_of(department)
        last = self.today - ONE_DAY
        inside = sorted({self._first, *(day for day in begins if self._first < day <= last)})
        for day, end in zip(inside, [*(one - ONE_DAY for one in inside[1:]), last], strict=True):
            now, then = known.parent_of(department, day), stated.parent_of(department, day)
            if now != then:
                said = [{} if one is None else {one: WHOLE} for one in (now, then)]
                yield Difference(PlaceId(""), day, end, said[0], said[1], department=department)


def _starts(places: Iterable[Place]) -> set[date]:
    return {one.start for place in places for one in place.assignments}


def _differs_from(before: Place, after: Place) -> date | None:
    """Return the first day for which the two name different departments."""
    days = sorted(_starts((before, after)))
    return next((day for day in days if before.shares_on(day) != after.shares_on(day)), None)


def _stretches(places: Iterable[Place], first: date, last: date) -> Iterator[tuple[date, date]]:
    """Yield `first` to `last` in stretches within which nobody's assignment begins."""
    if first > last:
        return
    begins = sorted({first, *(day for day in _starts(places) if first < day <= last)})
    ends = [*(day - ONE_DAY for day in begins[1:]), last]
    yield from zip(begins, ends, strict=True)


# Closing day and zone as dated facts: a change takes effect with the next closing month.


def office_under(office: Office, terms: Sequence[OfficeTerms]) -> Office:
    """Return `office` with its months closed, and its days begun, as `terms` say one by one.

    So are those of the calendars that it keeps.
    """
    earlier: list[EarlierTerms] = []
    for one, following in pairwise(terms):
        before = replace(office, closing_day=one.closing_day, earlier=tuple(earlier))
        last = months_later(following.since, -1)
        until = before.period(last).end
        earlier.append(EarlierTerms(last, until, one.closing_day, _zone(office, one.zone)))
    if not terms:
        return office
    now = terms[-1]
    zone = _zone(office, now.zone)

    def under(one: Office) -> Office:
        return replace(one, closing_day=now.closing_day, zone=zone, earlier=tuple(earlier))

    return replace(under(office), kept={name: under(one) for name, one in office.kept.items()})


def changed_terms(
    office: Office, terms: Sequence[OfficeTerms], today: date | None, signed: Signature
) -> OfficeTerms | None:
    """Return what the configured `office` adds to `terms`, None where it agrees with the last.

    `today` is None while nothing was ever counted: then it holds from the beginning. Otherwise
    the running month ends as it began, and the next one is the first of the new terms.
    """
    stated = (office.closing_day, str(office.zone))
    if terms and (terms[-1].closing_day, terms[-1].zone) == stated:
        return None
    since = ""
    if terms and today is not None:
        since = months_later(office_under(office, terms).period_of(today).name, 1)
    return OfficeTerms(since, *stated, signed)


def _zone(office: Office, name: str) -> tzinfo:
    return office.zone if str(office.zone) == name else ZoneInfo(name)
