"""Lists of headcounts: what they come to, what refuses them, and the fleet file afterwards."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.office.fleet import Department, DepartmentId, Fleet
from collector.domain.office.headcount import Headcount
from collector.settings.fleet.csv_layout import read_lines
from collector.settings.fleet.staff_list import (
    StaffChange,
    read_staff,
    staff_written,
    with_staff,
)
from collector.settings.fleet.toml import parse_fleet
from collector.user_files.report import ProblemReport
from collector.user_files.toml_file import TomlFile

FILE = """\
# The fleet of a town.

[[department]]          # the first one
id = "soumu"   # never again
name = "総務課"

# Tax has moved.
[[department]]
id = "zeimu"
name = "税務課"
  [[department.staff]]   # as counted
  from = 2025-04-01
  people = 12            # with two of the branch

# ---- schools
[[department]]
id = "kyoiku"
name = "教育委員会"
staff = [
  {from = 2025-04-01, people = 9},
]  # inline

# above the last
[[department]]
id = "kensetsu"
name = "建設課"
parent = [
  {id = "soumu"},
]
# Places

[[place]]
id = "2f"
name = "2階"
address = "192.0.2.1"
"""
APRIL, LATER = date(2026, 4, 1), date(2027, 4, 1)


def parsed(text: str) -> Fleet:
    """Return the fleet that a file states."""
    report = ProblemReport()
    fleet = parse_fleet(TomlFile.of("fleet.toml", text), None, report)
    assert fleet is not None, report.problems
    return fleet


FLEET = parsed(FILE)
BY_ID = {one.id: one for one in FLEET.departments}


def changes(text: str, since: date | None = None) -> list[tuple[str, date, int | None, int]]:
    """Return id, day, number before and now of what a list states otherwise."""
    report = ProblemReport()
    lines = read_lines(text.encode(), "職員数.csv", report)
    found = read_staff(lines, "職員数.csv", FLEET, report, since)
    report.refuse()
    return [(one.department.id, one.start, one.before, one.people) for one in found]


def problems(text: str, since: date | None = None) -> dict[str, str]:
    """Return path -> message of everything wrong with a list."""
    report = ProblemReport()
    read_staff(read_lines(text.encode(), "s.csv", report), "s.csv", FLEET, report, since)
    return {one.path.removeprefix("s.csv: "): one.message for one in report.problems}


def test_an_ordinary_list_is_held_against_the_fleet_file() -> None:
    text = """\
部署別職員数,,,令和8年4月1日現在
No.,課名,職員数（人）,備考
1,総務課,２４人,
2,zeimu,12,変わらず
3,教育委員会,調整中,
4,建設課,15名,
,合計,51,
"""
    assert changes(text) == [("soumu", APRIL, None, 24), ("kensetsu", APRIL, None, 15)]
    assert changes(text, LATER)[0] == ("soumu", LATER, None, 24)


def test_days_of_one_list_are_held_against_one_another() -> None:
    text = "部署ID,適用開始,職員数\nzeimu,R9.4.1,12\nzeimu,R8.4,10\n"
    assert changes(text) == [("zeimu", APRIL, 12, 10), ("zeimu", LATER, 10, 12)]


def test_everything_wrong_is_told_with_its_line() -> None:
    text = """\
部署,適用開始,職員数
総務課,R8.4.1,0
税務科,R8.4.1,12
建設課,R8.4.1,-3
教育委員会,R8.4.1,9.5
総務課,R9.4.1,20
soumu,2027-04-01,21
建設課,いつか,5
教育委員会,,5
,R8.4.1,7
税務課,R8.4.1,2000000
"""
    found = problems(text)
    assert {path: message.split(";")[0] for path, message in found.items()} == {
        "line 2, column 職員数": "0 is no number of people",
        "line 3, column 部署": "there is no department '税務科'",
        "line 4, column 職員数": "-3 is no number of people",
        "line 5, column 職員数": "'9.5' is no whole number",
        "line 7": "the same department and day also stand on s.csv: line 6",
        "line 8, column 適用開始": "'いつか' is no date",
        "line 9, column 適用開始": "from when do the headcounts hold? add a column 適用開始, or say"
        " the day: --from 2026-04-01",
        "line 10, column 部署": "is empty",
        "line 11, column 職員数": "2000000 is no number of people",
    }
    assert "did you mean 税務課?" in found["line 3, column 部署"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("課名,人口,適用開始\n総務課,5,R8.4.1\n", "職員数"),
        ("職員数,適用開始\n5,R8.4.1\n", "部署名"),
        ("課名,職員数\n総務課,5\n", "--from"),
        ("課名,職員数,適用開始\n総務課,,R8.4.1\n", "no headcount"),
    ],
)
def test_what_a_list_lacks_is_told(text: str, part: str) -> None:
    assert any(part in message for message in problems(text).values())


def test_a_name_that_two_departments_have_is_refused_with_their_ids() -> None:
    twice = Fleet((*FLEET.departments, Department(DepartmentId("soumu-2"), "総務課")))
    report = ProblemReport()
    lines = read_lines("課名,職員数\n総務課,5\n".encode(), "s.csv", report)
    assert read_staff(lines, "s.csv", twice, report, APRIL) == ()
    assert "soumu, soumu-2" in report.problems[0].message


def test_the_file_keeps_its_order_and_every_comment() -> None:
    found = [
        StaffChange(BY_ID[DepartmentId("soumu")], APRIL, 24, None),
        StaffChange(BY_ID[DepartmentId("zeimu")], date(2025, 4, 1), 13, 12),
        StaffChange(BY_ID[DepartmentId("zeimu")], APRIL, 14, 13),
        StaffChange(BY_ID[DepartmentId("kyoiku")], APRIL, 10, 9),
        StaffChange(BY_ID[DepartmentId("kensetsu")], APRIL, 5, None),
    ]
    entry = "\n[[department.staff]]\nfrom = 2026-04-01\npeople = {}\n"
    wanted = FILE.replace('name = "総務課"\n', 'name = "総務課"\n' + entry.format(24), 1)
    of_zeimu = "  people = 13            # with two of the branch\n"
    wanted = wanted.replace(of_zeimu.replace("13", "12"), of_zeimu + entry.format(14))
    inline = "{from = 2025-04-01, people = 9},\n"
    wanted = wanted.replace(inline, inline + "  {from = 2026-04-01, people = 10},\n")
    wanted = wanted.replace('"soumu"},\n]\n', '"soumu"},\n]\n' + entry.format(5))
    assert staff_written(FILE, found) == wanted


heads = st.dictionaries(
    st.tuples(st.sampled_from([*BY_ID.values()]), st.dates(date(2024, 1, 1), date(2028, 1, 1))),
    st.integers(1, 90),
    max_size=6,
)


@given(heads, st.booleans())
def test_the_written_file_states_exactly_the_changes(
    stated: dict[tuple[Department, date], int], windows: bool
) -> None:
    found = [StaffChange(one, day, people, None) for (one, day), people in stated.items()]
    text = FILE.replace("\n", "\r\n") if windows else FILE
    written = staff_written(text, found)
    assert parsed(written) == with_staff(FLEET, found)
    comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    assert [line.partition("#")[2] for line in written.splitlines() if "#" in line] == comments
    assert ("\r\n" in written) == windows
    assert written.count("\n") == written.count("\r\n") or not windows
    for (one, day), people in stated.items():
        assert Headcount(day, people) in parsed(written).staff[one.id]
