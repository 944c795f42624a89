"""Three offices that print as they do in life, and know nothing of how a forecast is made.

A town hall, a school and a fire station with a ward of its own. Each has its calendar, a year's
round that never comes back quite alike, growth, busy spells, and days of its own kind: elections,
examinations, disasters. Figures are drawn; nothing here is taken from the program but the calendar.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from math import cos, exp, pi
from zoneinfo import ZoneInfo

from collector.adapters.holiday_calendar import public_holidays
from collector.domain.office.office_calendar import ONE_DAY, Office
from collector.domain.office.work_calendars import Calendar, CalendarTerm, YearDay

FIRST, LAST = date(2024, 2, 1), date(2026, 11, 30)
_YEARS = range(FIRST.year, LAST.year + 1)
_NEW_YEAR = {
    date(year, *on) for year in _YEARS for on in ((12, 29), (12, 30), (12, 31), (1, 2), (1, 3))
}
_HOLIDAYS = public_holidays("JP", None, FIRST.year, LAST.year) | _NEW_YEAR

TERMS: Mapping[int, tuple[tuple[date, date], ...]] = {
    2023: ((date(2024, 1, 9), date(2024, 3, 22)),),
    2024: (
        (date(2024, 4, 8), date(2024, 7, 19)),
        (date(2024, 9, 2), date(2024, 12, 24)),
        (date(2025, 1, 8), date(2025, 3, 24)),
    ),
    2025: (
        (date(2025, 4, 7), date(2025, 7, 18)),
        (date(2025, 8, 27), date(2025, 12, 23)),
        (date(2026, 1, 8), date(2026, 3, 24)),
    ),
    2026: (
        (date(2026, 4, 8), date(2026, 7, 21)),
        (date(2026, 8, 31), date(2026, 12, 24)),
    ),
}
"""School terms, first and last day: holidays move by days from year to year."""


@dataclass(frozen=True, slots=True)
class SimulatedOffice:
    """An office by name: its calendar, and how one department of it prints day by day."""

    name: str
    office: Office
    department: Callable[[random.Random], dict[date, int]]


def _days() -> list[date]:
    return [FIRST + ONE_DAY * n for n in range((LAST - FIRST).days + 1)]


def _months_own(dice: random.Random, strength: float) -> dict[tuple[int, int], float]:
    """Return by how much each single month differs from its season, alike in no two years."""
    return {
        (year, month): exp(dice.gauss(0, strength)) for year in _YEARS for month in range(1, 13)
    }


def _grown(dice: random.Random, least: float, most: float) -> Callable[[date], float]:
    """Return growth by the day, the same share every year."""
    yearly = dice.uniform(least, most)
    return lambda day: (1 + yearly) ** ((day - FIRST).days / 365)


def _spells(dice: random.Random, strength: float) -> Callable[[], float]:
    """Return what makes busy days follow busy days."""
    mood = 0.0

    def next_day() -> float:
        nonlocal mood
        mood = 0.6 * mood + dice.gauss(0, strength)
        return exp(mood)

    return next_day


def _works_on(day: date) -> bool:
    return day.weekday() < 5 and day not in _HOLIDAYS


def town_hall(dice: random.Random) -> dict[date, int]:
    """Return a department busy at the turn of the fiscal year, before holidays and elections."""
    level, chance = dice.uniform(60, 700), dice.uniform(0.15, 0.4)
    season = {3: 1.45, 4: 1.3, 5: 0.95, 8: 0.8, 12: 1.1, 1: 0.9}
    depth = dice.uniform(0.6, 1.3)
    weekday = [dice.uniform(0.85, 1.2) for _ in range(5)] + [0.03, 0.02]
    grown, own, spell = _grown(dice, -0.12, 0.08), _months_own(dice, 0.06), _spells(dice, 0.07)
    polls = [date(2024, 10, 27), date(2025, 7, 20), date(2026, 2, 8)]
    polls += [date(2026, dice.choice((6, 9, 10)), 14)] if dice.random() < 0.5 else []
    found = {}
    for day in _days():
        usual = level * season.get(day.month, 1.0) ** depth * own[day.year, day.month] * grown(day)
        if any(0 <= (poll - day).days <= 16 for poll in polls):
            usual *= 1.3
        pages = usual * weekday[day.weekday()] * spell() * dice.lognormvariate(0, chance)
        if not _works_on(day):
            pages = usual * 0.03 * dice.random()
            if any(day == poll for poll in polls):
                pages = usual * 0.8
        elif not _works_on(day - ONE_DAY):
            pages *= 1.1
        if _works_on(day) and (day + 4 * ONE_DAY).month != day.month:
            pages *= 1.3
        found[day] = int(pages)
    return found


def school(dice: random.Random) -> dict[date, int]:
    """Return a school: worksheets in term, examinations, a little by teachers in the holidays."""
    level, chance = dice.uniform(250, 1500), dice.uniform(0.2, 0.4)
    idle, weekend = dice.uniform(0.06, 0.2), dice.uniform(0.0, 0.04)
    season = {4: 1.35, 5: 1.0, 6: 1.05, 7: 1.2, 9: 0.9, 10: 1.05, 11: 1.1, 12: 1.15, 2: 1.1, 3: 1.3}
    grown, own, spell = _grown(dice, -0.1, 0.05), _months_own(dice, 0.07), _spells(dice, 0.08)
    terms = [term for year in TERMS.values() for term in year]
    found = {}
    for day in _days():
        usual = level * season.get(day.month, 1.0) * own[day.year, day.month] * grown(day)
        in_term = any(first <= day <= last for first, last in terms)
        share = 1.0 if in_term else idle
        if in_term and any(8 <= (last - day).days <= 16 for _, last in terms):
            share = 1.4
        if day.weekday() >= 5 or day in _HOLIDAYS:
            share = weekend
        found[day] = int(usual * share * spell() * dice.lognormvariate(0, chance))
    return found


def fire_station(dice: random.Random) -> dict[date, int]:
    """Return shifts that never rest: winters, rosters on the 1st, and now and then a disaster."""
    level, chance = dice.uniform(40, 300), dice.uniform(0.15, 0.35)
    winter, calm = dice.uniform(0.1, 0.3), dice.uniform(0.55, 0.9)
    grown, own, spell = _grown(dice, -0.02, 0.12), _months_own(dice, 0.05), _spells(dice, 0.1)
    disaster = 0
    found = {}
    for day in _days():
        season = 1 + winter * cos(2 * pi * (day.timetuple().tm_yday - 15) / 365)
        usual = level * season * own[day.year, day.month] * grown(day)
        if disaster == 0 and dice.random() < 1 / 90:
            disaster = dice.randint(2, 5)
        share = calm if day.weekday() >= 5 else 1.0
        share *= 1.5 if day.day == 1 else 1.0
        if disaster:
            share, disaster = share * dice.uniform(1.4, 2.2), disaster - 1
        found[day] = int(usual * share * spell() * dice.lognormvariate(0, chance))
    return found


TOWN_HALL = Office("town-hall", ZoneInfo("Asia/Tokyo"), closed=_HOLIDAYS)
SCHOOL = Calendar(
    "school",
    terms=tuple(
        CalendarTerm(*(YearDay(day.month, day.day, day.year) for day in term))
        for year in TERMS.values()
        for term in year
    ),
).kept_by(TOWN_HALL, FIRST.year, LAST.year)
FIRE_STATION = Calendar(
    "shift", weekend=frozenset(), opens=time(0), closes=time(0), holidays=False
).kept_by(TOWN_HALL, FIRST.year, LAST.year)

OFFICES = (
    SimulatedOffice("town hall", TOWN_HALL, town_hall),
    SimulatedOffice("school", SCHOOL, school),
    SimulatedOffice("fire station", FIRE_STATION, fire_station),
)
