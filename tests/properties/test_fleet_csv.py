"""Laws: a fleet survives the spreadsheet and the fleet file, and no input is half-read."""

import unicodedata
from dataclasses import replace
from datetime import date, time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.office.fleet import (
    WHOLE_OFFICE,
    Assignment,
    Department,
    DepartmentId,
    Fleet,
    Place,
    Tree,
    Under,
)
from collector.domain.office.office_calendar import months_later
from collector.domain.office.shares import PlaceId
from collector.domain.office.targets import (
    Base,
    Budget,
    Fixed,
    Less,
    Measure,
    Path,
    Rule,
    TargetPlan,
    Targets,
)
from collector.domain.office.work_calendars import Calendar, CalendarTerm, YearDay
from collector.errors import ConfigError
from collector.settings.fleet.csv import CsvEncoding, export_csv, import_csv
from collector.settings.fleet.toml import parse_fleet
from collector.settings.fleet.write import write_fleet_toml
from collector.settings.values import Language, id_problem, name_problem, tidy
from collector.user_files.report import ProblemReport
from collector.user_files.toml_file import TomlFile

HALF_WIDTH = range(0xFF61, 0xFFA0)
"""Half-width katakana: below English headings their Shift_JIS may be valid UTF-8 (refused)."""


def _writable(letter: str) -> bool:
    try:
        same = letter.encode("cp932").decode("cp932") == letter
    except UnicodeEncodeError:
        return False
    return same and ord(letter) not in HALF_WIDTH and unicodedata.normalize("NFC", letter) == letter


LETTERS = "".join(filter(_writable, map(chr, range(0x20, 0xFFFF))))
ID_LETTERS = "".join(letter for letter in LETTERS if letter.isalnum()) + "-_."
names = (
    st.text(st.sampled_from(LETTERS) | st.sampled_from("=+-@'\",;\t ＝"), min_size=1, max_size=12)
    .map(tidy)
    .filter(lambda text: name_problem(text) is None)
) | st.sampled_from(["№", "施設", "備考", "部署名", "階"])
"""Some are also headings."""
ids = (
    st.text(st.sampled_from(ID_LETTERS), min_size=1, max_size=12)
    .filter(lambda text: id_problem(text) is None)
    .filter(lambda text: text not in {"unassigned", "whole_office"})
)
days = st.dates(date(1990, 1, 1), date(2099, 12, 31))
months = st.builds("{:04d}-{:02d}".format, st.integers(2000, 2099), st.integers(1, 12))
figures = st.integers(0, 10**9)
bases = st.builds(Base, figures) | st.builds(Base, st.none(), st.none() | st.integers(1900, 1989))
percents = st.decimals(0, 100, places=2).map(lambda one: one.normalize() + 0)


@st.composite
def rules(draw: st.DrawFn, start: str) -> Rule:
    """Draw any rule that a plan from `start` on may have."""
    kind = draw(st.sampled_from(["fixed", "less", "path", "goal", "budget"]))
    base, goal = draw(bases), months_later(start, draw(st.integers(0, 60)))
    if kind == "less":
        return Less(base, draw(percents))
    if kind == "path":
        return Path(base, goal, percent=draw(percents))
    if kind == "goal":
        most = 10**9 if base.pages is None else base.pages
        return Path(base, goal, pages=draw(st.integers(0, most)))
    return Fixed(draw(figures)) if kind == "fixed" else Budget(draw(figures))


@st.composite
def plans(draw: st.DrawFn) -> tuple[TargetPlan, ...]:
    """Draw plans that follow one another; some end before the next begins."""
    starts = sorted(draw(st.sets(months, max_size=3)))
    found = []
    for start, following in pairwise([*starts, "9999-01"]):
        rule = draw(rules(start))
        until = months_later(start, draw(st.integers(0, 30)))
        ends = until < following and not isinstance(rule, Budget) and draw(st.booleans())
        found.append(TargetPlan(start, rule, until if ends else None))
    return tuple(found)


targets = st.builds(
    Targets,
    st.none() | figures,
    st.dictionaries(months, figures, max_size=3),
    plans(),
    st.sampled_from(Measure),
    st.booleans(),
).filter(lambda one: one != Targets(measure=one.measure, with_excluded=one.with_excluded))
addresses = (
    st.ip_addresses(v=4, network="10.0.0.0/8").map(str)
    | st.ip_addresses(v=6, network="2001:db8::/32").map(str)
    | st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z][a-z0-9]{0,8}){0,2}", fullmatch=True)
)


@st.composite
def shares(draw: st.DrawFn, known: list[DepartmentId]) -> dict[DepartmentId, int]:
    """Some departments with shares that add up to 100."""
    chosen = draw(st.lists(st.sampled_from(known), min_size=1, max_size=4, unique=True))
    cuts = sorted(
        draw(st.sets(st.integers(1, 99), min_size=len(chosen) - 1, max_size=len(chosen) - 1))
    )
    edges = [0, *cuts, 100]
    return {one: edges[n + 1] - edges[n] for n, one in enumerate(chosen)}


clock_times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
year_days = st.builds(
    lambda one: YearDay(one.month, one.day), st.dates(date(2023, 1, 1), date(2023, 12, 31))
)
dated = days.map(lambda one: YearDay(one.month, one.day, one.year))


@st.composite
def terms(draw: st.DrawFn) -> tuple[CalendarTerm, ...]:
    """Draw terms that follow one another, some of every fiscal year and some of one."""
    found = []
    for every in (st.dates(date(2023, 4, 1), date(2024, 3, 31)), days):
        ends = sorted(draw(st.sets(every, max_size=4)))
        for first, last in zip(ends[::2], ends[1::2], strict=False):
            years = (None, None) if every is not days else (first.year, last.year)
            start, end = (
                YearDay(one.month, one.day, year)
                for one, year in zip((first, last), years, strict=True)
            )
            found.append(CalendarTerm(start, end))
    return tuple(found)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Calendar, ...]:
    """Draw calendars, each with something of its own."""
    return tuple(
        Calendar(
            name,
            draw(st.none() | st.frozensets(st.integers(0, 6), max_size=6)),
            *draw(st.just((None, None)) | st.tuples(clock_times, clock_times)),
            draw(st.booleans()),
            tuple(draw(st.lists(year_days | dated, max_size=3))),
            draw(terms()),
        )
        for name in draw(st.lists(ids, max_size=2, unique=True))
    )


@st.composite
def trees(draw: st.DrawFn, known: list[DepartmentId]) -> Tree:
    """Draw of what each department is a part of: of one before it, from any days on."""
    under: dict[DepartmentId, tuple[Under, ...]] = {}
    for number, one in enumerate(known):
        above = st.none() | st.sampled_from(known[:number]) if number else st.none()
        starts = sorted(draw(st.sets(days | st.just(date.min), max_size=3)))
        if starts:
            under[one] = tuple(Under(start, draw(above)) for start in starts)
    return Tree(under)


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    """Any fleet the fleet file could state."""
    known = [DepartmentId(one) for one in draw(st.lists(ids, max_size=4, unique=True))]
    kept = draw(calendars())
    own = st.sampled_from([None, *(one.id for one in kept)])
    departments = tuple(
        Department(one, draw(names), draw(st.none() | names), draw(own)) for one in known
    )
    places: list[Place] = []
    at = draw(
        st.lists(st.tuples(addresses, st.integers(1, 65535)), max_size=4, min_size=1, unique=True)
    )
    for name, (address, port) in zip(
        draw(st.lists(ids, min_size=len(at), max_size=len(at), unique=True)), at, strict=True
    ):
        starts = sorted(draw(st.sets(days, max_size=3))) if known else []
        assignments = tuple(Assignment(start, draw(shares(known))) for start in starts)
        credential = draw(st.sampled_from(["default", "school", "annex_2"]))
        first = starts[0] if starts else date(1990, 1, 1)
        until = draw(st.none() | st.dates(first, date(2099, 12, 31)))
        place = Place(
            PlaceId(name),
            draw(names),
            address,
            port,
            credential,
            assignments,
            until,
            calendar=draw(own),
        )
        was = draw(st.none() | ids)
        taken = {one.was for one in places} | {one.id for one in places}
        if was is not None and was not in taken and PlaceId(was) != place.id:
            place = replace(place, was=PlaceId(was))
        places.append(place)
    places = [
        replace(one, was=None if one.was in {other.id for other in places} else one.was)
        for one in places
    ]
    stated = draw(st.dictionaries(st.sampled_from([*known, WHOLE_OFFICE]), targets))
    return Fleet(departments, tuple(places), stated, calendars=kept, tree=draw(trees(known)))


def read_or_refused(data: bytes) -> int:
    """Return how many places were read, or how many problems told; nothing else may happen."""
    try:
        return len(import_csv(data).places)
    except ConfigError as refused:
        return len(refused.problems)


@given(fleets(), st.sampled_from(CsvEncoding), st.sampled_from(Language))
def test_a_fleet_survives_the_spreadsheet(
    fleet: Fleet, encoding: CsvEncoding, language: Language
) -> None:
    assert import_csv(export_csv(fleet, encoding, language)) == fleet


@given(fleets())
def test_a_fleet_survives_the_fleet_file(fleet: Fleet) -> None:
    report = ProblemReport()
    file = TomlFile.of("fleet.toml", write_fleet_toml(fleet))
    known = ["default", "school", "annex_2"]
    assert parse_fleet(file, known, report, year_begins=4) == fleet
    assert report.problems == []


@given(fleets(), st.sampled_from(CsvEncoding), st.data())
def test_a_damaged_spreadsheet_is_a_fleet_or_a_report(
    fleet: Fleet, encoding: CsvEncoding, data: st.DataObject
) -> None:
    good = bytearray(export_csv(fleet, encoding))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(good) - 1))
        good[at : at + 1] = data.draw(st.binary(max_size=3))
        if not good:
            break
    assert read_or_refused(bytes(good))


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail_otherwise(data: bytes) -> None:
    assert read_or_refused("場所ID,場所名,IPアドレス\n".encode("cp932") + data)
