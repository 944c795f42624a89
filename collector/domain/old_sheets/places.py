"""Which place of the fleet file a sheet means: by its id, its name, or its department."""

from collections.abc import Mapping
from dataclasses import dataclass

from collector.domain.office.fleet import WHOLE, Department, DepartmentId, Fleet, PlaceNames
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.cells import shown
from collector.domain.sentence import Fact, Sentence, Unacceptable, sentence
from collector.domain.spelling import fold


class NoPlaceError(Unacceptable):
    """A text names no place."""


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
        self._names = PlaceNames(fleet)
        self._sections = {
            fold(name): DepartmentPlace(one)
            for one in fleet.departments
            for name in (one.id, one.name, one.name_en)
            if name
        }

    def knows(self, text: str) -> bool:
        """Say whether `text` names a place or department."""
        folded = fold(text)
        return folded in self._called or folded in self._sections or bool(self._names.of(text))

    def find(self, text: str) -> Named:
        """Return whom `text` names; raises NoPlaceError where that is nobody, or several."""
        folded = fold(text)
        if folded in self._called:
            return self._called[folded] or LeftOut()
        named = self._names.of(text)
        if len(named) == 1:
            return named[0]
        if named:
            raise NoPlaceError(sentence("sheet.several_places", text=shown(text), places=named))
        if folded in self._sections:
            return self._sections[folded]
        raise NoPlaceError(sentence("sheet.no_place", text=shown(text), hint=self.near(text)))

    def place_in(self, section: DepartmentPlace, month: str) -> PlaceId:
        """Return the only place whose pages were the department's in `month`, all of them.

        Raises NoPlaceError where there is none, or where a page of another place was its, too.
        """
        answered = self._answered(section.department.id, month)
        name = section.department.name
        if not answered:
            raise NoPlaceError(sentence("sheet.department_of_none", department=name, month=month))
        if len(answered) > 1:
            several: dict[str, Fact] = {"month": month, "places": tuple(answered)}
            why = Sentence("sheet.department_of_several", {"department": name, **several})
            raise NoPlaceError(why)
        ((place, whole),) = answered.items()
        if not whole:
            raise NoPlaceError(
                sentence("sheet.department_of_a_part", department=name, place=place, month=month)
            )
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

    def near(self, text: str) -> Sentence:
        """Return who may be meant by the unknown `text`."""
        near = self._names.near(text, cutoff=0.5)
        if near is not None:
            return sentence("did_you_mean", name=near)
        return sentence("known_are", names=tuple(place.id for place in self._fleet.places))
