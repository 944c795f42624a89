"""What happens to the copiers of a town in a year, each kind at the places that bear its number.

Every kind is what users of counters met in the field; a place has at most one kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from tests.year.town import WIDE, Copier, Spot, Town

KINDS: Final = (
    *("calm", "reset", "glitch", "wrap", "replaced", "swapped", "late", "gone", "lent"),
    *("impostor", "power_cut", "partial_reset", "read_by_hand", "off_in_summer", "silent_twice"),
)
LATE: Final = (date(2026, 5, 26), date(2026, 6, 11))
TWICE: Final = (date(2026, 8, 27), date(2026, 10, 14))
BY_HAND: Final = (date(2026, 7, 29), date(2026, 8, 12))
SUMMER: Final = (date(2026, 8, 3), date(2026, 8, 20))
GONE: Final = date(2027, 1, 20)


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to one place at night, when nobody prints."""

    day: date
    place: str
    do: Callable[[Town, Spot, datetime], None]


def kind_of(place: str) -> str:
    """Return what happens at `place` (`p017`) in the year."""
    return KINDS[int(place[1:]) % len(KINDS)]


def acts(places: list[str]) -> list[Act]:
    """Return all acts of the year, in order of the day."""
    found = [act for place in places for act in _acts_of(place, places)]
    return sorted(found, key=lambda one: (one.day, one.place))


def _acts_of(place: str, places: list[str]) -> list[Act]:
    number = int(place[1:])
    shift = timedelta(weeks=number // len(KINDS))
    makers: Mapping[str, Callable[[], list[Act]]] = {
        "reset": lambda: [Act(date(2026, 6, 16) + shift, place, _reset)],
        "glitch": lambda: [
            Act(date(2026, 9, 8) + shift, place, _garbage),
            Act(date(2026, 9, 9) + shift, place, _sane),
        ],
        "wrap": lambda: [Act(date(2026, 4, 1), place, _near_the_end)],
        "replaced": lambda: [Act(date(2026, 10, 6) + shift, place, _replace)],
        "swapped": lambda: _swap(place, places, date(2026, 11, 10) + shift),
        "late": lambda: _silence(place, *LATE),
        "silent_twice": lambda: _silence(place, *TWICE),
        "gone": lambda: [Act(GONE, place, _silent)],
        "lent": lambda: [
            Act(date(2026, 12, 1) + shift, place, _replace),
            Act(date(2026, 12, 15) + shift, place, _back),
        ],
        "impostor": lambda: [
            Act(date(2027, 2, 2) + shift, place, _impostor),
            Act(date(2027, 2, 4) + shift, place, _leave),
        ],
        "power_cut": lambda: [Act(date(2026, 7, 7) + shift, place, _power_cut)],
        "partial_reset": lambda: [Act(date(2026, 5, 12) + shift, place, _copies_anew)],
        "read_by_hand": lambda: _silence(place, *BY_HAND),
        "off_in_summer": lambda: _silence(place, *SUMMER),
    }
    make = makers.get(kind_of(place))
    return [] if make is None else make()


def _silence(place: str, first: date, last: date) -> list[Act]:
    return [Act(first, place, _silent), Act(last, place, _heard)]


def _swap(place: str, places: list[str], day: date) -> list[Act]:
    same = [one for one in places if kind_of(one) == "swapped"]
    at = same.index(place)
    if at % 2 or at + 1 == len(same):
        return []
    other = same[at + 1]

    def swap(town: Town, spot: Spot, now: datetime) -> None:
        del now
        there = town.spots[other]
        spot.copier, there.copier = there.copier, spot.copier

    return [Act(day, place, swap)]


def _reset(town: Town, spot: Spot, now: datetime) -> None:
    del town
    spot.copier.total = spot.copier.copies = 0
    spot.copier.booted = now


def _copies_anew(town: Town, spot: Spot, now: datetime) -> None:
    del town, now
    spot.copier.copies = 0


def _garbage(town: Town, spot: Spot, now: datetime) -> None:
    del town, now
    spot.garbage = 3


def _sane(town: Town, spot: Spot, now: datetime) -> None:
    del town, now
    spot.garbage = None


def _near_the_end(town: Town, spot: Spot, now: datetime) -> None:
    """Wrap for the first time within weeks: the machine is known from its first reading on."""
    del town, now
    spot.copier.wraps = True
    spot.copier.total = WIDE - 700


def _replace(town: Town, spot: Spot, now: datetime) -> None:
    del town
    spot.impostor = None
    _KEPT[spot.name] = spot.copier
    spot.copier = Copier(f"NEW{spot.name}{now:%m%d}", 345_678, 100_000)


def _back(town: Town, spot: Spot, now: datetime) -> None:
    del town, now
    spot.copier = _KEPT[spot.name]


_KEPT: dict[str, Copier] = {}
"""Machines in the cupboard, by the place where they belong."""


def _silent(town: Town, spot: Spot, now: datetime) -> None:
    del town, now
    spot.silent = True


def _heard(town: Town, spot: Spot, now: datetime) -> None:
    del town, now
    spot.silent = False


def _impostor(town: Town, spot: Spot, now: datetime) -> None:
    """Somebody gives the address to another machine; the copier prints on unheard."""
    del town, now
    spot.impostor = Copier(f"FOREIGN{spot.name}", 9_000_000, 4_000_000)


def _leave(town: Town, spot: Spot, now: datetime) -> None:
    del town, now
    spot.impostor = None


def _power_cut(town: Town, spot: Spot, now: datetime) -> None:
    """The counters fall back by what was not saved; those pages were counted before."""
    del town
    spot.copier.total -= 7
    spot.copier.copies -= 7
    spot.copier.booted = now
