"""Calendars in the fleet file and the spreadsheet, and what is wrong with them."""

from datetime import date, time
from pathlib import Path

import pytest

from collector.bootstrap.office import office_of
from collector.domain.office.fleet import DepartmentId
from collector.domain.office.shares import PlaceId
from collector.domain.office.work_calendars import Calendar, CalendarTerm, YearDay
from collector.errors import ConfigError
from collector.settings.fleet.csv import import_csv
from tests.unit.settings.files import FLEET, loaded, problems

STATED = """
[[calendar]]
id = "school"
closed_days = ["11-20", 2026-10-05]

[[calendar.term]]
from = "04-08"
until = "07-20"

[[calendar.term]]
from = 2026-04-07
until = "2026-07-17"

[[calendar]]
id = "shift"
weekend = []
working_hours = "0:00-24:00"
holidays = false

[[department]]
id = "kyoiku"
name = "学校"
calendar = "school"

[[place]]
id = "fire"
name = "消防"
address = "192.0.2.77"
calendar = "shift"

[[place.department]]
id = "kyoiku"
from = 2025-04-01
"""


def test_calendars_are_read(tmp_path: Path) -> None:
    found = loaded(tmp_path, fleet=FLEET + STATED)
    school, shift = found.fleet.calendars
    assert school.closed_days == (YearDay(11, 20), YearDay(10, 5, 2026))
    assert school.terms == (
        CalendarTerm(YearDay(4, 8), YearDay(7, 20)),
        CalendarTerm(YearDay(4, 7, 2026), YearDay(7, 17, 2026)),
    )
    assert shift == Calendar("shift", frozenset(), time(0), time(0), holidays=False)
    assert school.weekend is None
    assert school.holidays


def test_the_office_of_a_place_and_of_a_department_follows_it(tmp_path: Path) -> None:
    found = loaded(tmp_path, fleet=FLEET + STATED)
    office = office_of(found.settings, found.fleet, date(2026, 11, 1))
    new_year, summer = date(2027, 1, 1), date(2026, 8, 3)
    fire = found.fleet.office_at(PlaceId("fire"), office, new_year)
    school = found.fleet.office_of(DepartmentId("kyoiku"), office, new_year)
    assert fire.works_on(new_year)
    assert not school.works_on(new_year)
    assert office.works_on(summer)
    assert not school.works_on(summer)


A = '[[calendar]]\nid = "a"\n'
TERM = A + "[[calendar.term]]\n"
ONE = TERM + 'from = "04-08"\nuntil = "07-20"\n'
SCHOOL = '[[calendar]]\nid = "school"\n'


@pytest.mark.parametrize(
    ("toml", "path", "told"),
    [
        (
            TERM + "from = 2026-07-20\nuntil = 2026-04-08",
            'calendar[0] "a".term[0].until',
            "ends (2026-04-08) before it begins (2026-07-20)",
        ),
        (
            TERM + 'from = "02-01"\nuntil = "04-08"',
            ".term[0].until",
            "ends (04-08) before it begins (02-01)",
        ),
        (TERM + 'from = 2026-04-08\nuntil = "07-20"', ".term[0].until", "write a year in both"),
        (TERM + "from = 2026-04-08", ".term[0].until", "is missing"),
        (TERM + 'from = "spring"\nuntil = "07-20"', ".term[0].from", "is no day"),
        (TERM + 'from = "02-30"\nuntil = "03-20"', ".term[0].from", "is no day"),
        (
            TERM + "from = 2026-04-08T09:00:00\nuntil = 2026-07-20",
            ".term[0].from",
            "without a time",
        ),
        (
            ONE + '[[calendar.term]]\nfrom = "07-20"\nuntil = "12-24"',
            ".term[1].from",
            "terms overlap: 07-20 lies in the term from 04-08 until 07-20",
        ),
        (
            TERM + "from = 2026-09-01\nuntil = 2026-12-24\n"
            "[[calendar.term]]\nfrom = 2026-04-08\nuntil = 2026-10-01",
            ".term[0].from",
            "terms overlap: 2026-09-01 lies in the term from 2026-04-08 until 2026-10-01",
        ),
        (ONE + 'name = "x"', ".term[0].name", "no known key"),
        (A + '[[calendar]]\nid = "a"', 'calendar[1] "a".id', "already used"),
        ("[[calendar]]\nweekend = []", "calendar[0].id", "is missing"),
        ('[[calendar]]\nid = "a b"', ".id", "letters"),
        (A + 'weekend = ["sat", "someday"]', ".weekend", "is no weekday"),
        (A + "weekend = 6", ".weekend", "a list of weekdays"),
        (
            A + 'weekend = ["mon","tue","wed","thu","fri","sat","sun"]',
            ".weekend",
            "no day to work",
        ),
        (A + 'working_hours = "9-17"', ".working_hours", "no working hours"),
        (A + 'working_hours = "24:00-08:00"', ".working_hours", "no working hours"),
        (A + 'closed_days = "12-29"', ".closed_days", "must be a list"),
        (A + 'closed_days = ["11-20", "13-01"]', ".closed_days[1]", "is no day"),
        (A + 'holidays = "no"', ".holidays", "true or false"),
        (A + "holiday = true", ".holiday", "did you mean holidays"),
        ("[calendar.a]\nweekend = []", ": calendar", "[[calendar]]"),
        (
            SCHOOL + '[[department]]\nid = "x"\nname = "x"\ncalendar = "scool"',
            'department[1] "x".calendar',
            "there is no calendar 'scool'; did you mean school?",
        ),
        (
            '[[place]]\nid = "x"\nname = "x"\naddress = "192.0.2.8"\ncalendar = "a"',
            'place[1] "x".calendar',
            "there is no calendar 'a'",
        ),
    ],
)
def test_one_sentence_names_file_and_key(tmp_path: Path, toml: str, path: str, told: str) -> None:
    ((where, message),) = problems(tmp_path, fleet=FLEET + "\n" + toml).items()
    assert where.startswith("fleet.toml: ")
    assert where.endswith(path)
    assert told in message


CSV = (
    "設置場所ID,設置場所,IPアドレス,設置場所の暦,暦の定義\n"
    'a,A,192.0.2.1,school,"{id = “school”, term = [{from = 2026-04-07, until = 2026-07-17}]}"\n'
    "b,B,192.0.2.2,shift,\"{id = 'shift', weekend = [], holidays = false}\"\n"
)


def test_calendars_stand_in_a_cell_of_any_row() -> None:
    fleet = import_csv(CSV.encode())
    assert [one.calendar for one in fleet.places] == ["school", "shift"]
    assert [one.id for one in fleet.calendars] == ["school", "shift"]
    assert fleet.calendars[1].weekend == frozenset()


@pytest.mark.parametrize(
    ("was", "now", "line", "told"),
    [
        ("2026-07-17", "2026-03-17", "line 2, column 暦の定義: term[0].until", "before it begins"),
        ("weekend = []", "weekend = ", "line 3, column 暦の定義", "cannot be read as calendars"),
        (
            "b,B,192.0.2.2,shift",
            "b,B,192.0.2.2,shifts",
            "line 3, column 設置場所の暦",
            "mean shift?",
        ),
        ("weekend", "week_end", "line 3, column 暦の定義", "did you mean weekend"),
        ("{id = 'shift', weekend = [], holidays = false}", "7", "line 3", "is no calendar"),
    ],
)
def test_a_spreadsheet_s_faults_name_line_and_column(
    was: str, now: str, line: str, told: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        import_csv(CSV.replace(was, now).encode())
    assert any(line in one.path and told in one.message for one in refused.value.problems)
