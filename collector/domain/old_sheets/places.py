"""Which place of the fleet file a sheet means: by its id, its name, or its department."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from collector.domain.office.fleet import WHOLE, Department, DepartmentId, Fleet
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import fold, shown
from collector.domain.spelling import nearest


class NoPlaceError(ValueError):
    """A text names no place; its own text ends a sentence about it."""


@dataclass(frozen=True, slots=True)
class DepartmentPlace:
    """A department in the place of a place: it stands for the only copier that it answers for."""

    department: Department


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that the reader of the sheet was told to leave out."""


Named = PlaceId | DepartmentPlace | LeftOut


class Places:
    """Finds places by what sheets call them."""

    def __init__(
        self, fleet: Fleet, office: Office, called: Mapping[str, PlaceId | None] | None = None
    ) -> None:
        """Know the places of `fleet`, and others as `called`; None leaves such rows out."""
        self._fleet = fleet
        self._office = office
        self._called = {fold(name): place for name, place in (called or {}).items()}
        self._ids = {fold(place.id): place.id for place in fleet.places}
        self._names: dict[str, list[PlaceId]] = defaultdict(list)
        for place in fleet.places:
            self._names[fold(place.name)].append(place.id)
        self._sections = {
            fold(name): DepartmentPlace(one)
            for one in fleet.departments
            for name in (one.id, one.name, one.name_en)
            if name
        }

    def knows(self, text: str) -> bool:
        """Say whether `text` names a place or department."""
        folded = fold(text)
        known: Iterable[Mapping[str, object]]
        known = (self._called, self._ids, self._names, self._sections)
        return any(folded in one for one in known)

    def find(self, text: str) -> Named:
        """Return whom `text` names; raises NoPlaceError where that is nobody, or several."""
        folded = fold(text)
        if folded in self._called:
            return self._called[folded] or LeftOut()
        if folded in self._ids:
            return self._ids[folded]
        named = self._names.get(folded, [])
        if len(named) == 1:
            return named[0]
        if named:
            message = f"{shown(text)} is the name of {', '.join(named)}; write the id"
            raise NoPlaceError(message)
        if folded in self._sections:
            return self._sections[folded]
        message = f"there is no place {shown(text)}; {self.near(text)}"
        raise NoPlaceError(message)

    def place_in(self, section: DepartmentPlace, month: str) -> PlaceId:
        """Return the only place whose pages were the department's in `month`, all of them.

        Raises NoPlaceError where there is none, or where a page of another place was its, too.
        """
        answered = self._answered(section.department.id, month)
        name = section.department.name
        if not answered:
            message = f"{name} is a department that answered for no place in {month}"
            raise NoPlaceError(f"{message}; name the place")
        if len(answered) > 1:
            message = f"{name} is a department with several places in {month}"
            raise NoPlaceError(f"{message} ({', '.join(answered)}); give each a row of its own")
        ((place, whole),) = answered.items()
        if not whole:
            message = f"{name} is a department that answered only for a part of {place} in {month}"
            raise NoPlaceError(f"{message}; name the place and give all of its pages")
        return place

    def _answered(self, department: DepartmentId, month: str) -> dict[PlaceId, bool]:
        """Return its places in `month`, and whether all of their pages were its."""
        days = self._office.period(month).days
        found: dict[PlaceId, bool] = {}
        for place in self._fleet.places:
            shares = [place.shares_on(day).get(department, 0) for day in days]
            if any(shares):
                found[place.id] = all(share == WHOLE for share in shares)
        return found

    def near(self, text: str) -> str:
        """Return the end of a sentence about the unknown `text`: who may be meant."""
        names: dict[str, str] = {fold(place.id): place.id for place in self._fleet.places}
        names |= {fold(place.name): place.name for place in self._fleet.places}
        near = nearest(fold(text), names, cutoff=0.5)
        if near is not None:
            return f"did you mean {names[near]}?"
        return f"known are: {', '.join(place.id for place in self._fleet.places)}"
