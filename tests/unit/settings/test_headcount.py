"""Headcounts in the fleet file and in a spreadsheet: dated, and never 0."""

from datetime import date
from pathlib import Path

import pytest

from collector.domain.office.fleet import DepartmentId
from collector.domain.office.headcount import ALWAYS, Headcount
from collector.errors import ConfigError
from collector.settings.fleet.csv import export_csv, import_csv
from collector.settings.fleet.write import write_fleet_toml
from tests.unit.settings.files import FLEET, loaded, problems

SOUMU = DepartmentId("soumu")
STAFF = (Headcount(date(2026, 4, 1), 24), Headcount(date(2027, 4, 1), 26))
STATED = """
[[department]]
id = "hoken"
name = "保険課"

[[department.staff]]
from = 2027-04-01
people = 26

[[department.staff]]
from = 2026-04-01
people = 24
"""
HOKEN = DepartmentId("hoken")


def test_a_department_states_how_many_people_it_has(tmp_path: Path) -> None:
    fleet = loaded(tmp_path, fleet=FLEET + STATED).fleet
    assert fleet.staff == {HOKEN: STAFF}
    assert loaded(tmp_path, fleet=write_fleet_toml(fleet)).fleet == fleet
    assert import_csv(export_csv(fleet)).staff == fleet.staff


def test_without_a_date_it_always_holds(tmp_path: Path) -> None:
    text = FLEET + STATED.replace("from = 2027-04-01\n", "", 1)
    fleet = loaded(tmp_path, fleet=text).fleet
    assert fleet.staff[HOKEN] == (Headcount(ALWAYS, 26), STAFF[0])
    assert loaded(tmp_path, fleet=write_fleet_toml(fleet)).fleet == fleet
    assert import_csv(export_csv(fleet)).staff == fleet.staff


@pytest.mark.parametrize(
    ("old", "new", "path", "part"),
    [
        ("people = 24", "people = 0", "people", "0 is no number of people; write 1 or more"),
        ("people = 24", "people = -3", "people", "-3 is no number of people"),
        ("people = 24", "", "people", "how many people"),
        ("people = 24", "people = 2.5", "people", "whole number"),
        ("from = 2026-04-01", "from = 2027-04-01", "from", "begins on 2027-04-01 too"),
    ],
)
def test_what_is_no_headcount_is_refused(
    tmp_path: Path, old: str, new: str, path: str, part: str
) -> None:
    found = problems(tmp_path, fleet=FLEET + STATED.replace(old, new))
    (message,) = [text for key, text in found.items() if f"staff[1].{path}" in key]
    assert part in message


SHEET = "設置場所ID,設置場所,IPアドレス,部署ID,部署名,適用開始,職員数\n"
ROW = "2f,2階,192.0.2.1,soumu,総務課,2026-04-01,{cell}\n"


@pytest.mark.parametrize(
    ("cell", "staff"),
    [
        ("24", (Headcount(ALWAYS, 24),)),
        ("２４", (Headcount(ALWAYS, 24),)),
        (
            '"{from = 2026-04-01, people = 24}, {from = 2027-04-01, people = 26}"',
            STAFF,
        ),
    ],
)
def test_a_cell_of_a_spreadsheet(cell: str, staff: tuple[Headcount, ...]) -> None:
    fleet = import_csv((SHEET + ROW.replace("{cell}", cell)).encode())
    assert fleet.staff == {SOUMU: staff}
    assert import_csv(export_csv(fleet)) == fleet


@pytest.mark.parametrize(
    ("cell", "part"), [("0", "1 or more"), ("約20", "cannot be read as a number of people")]
)
def test_a_cell_that_is_none_is_refused_with_its_line(cell: str, part: str) -> None:
    with pytest.raises(ConfigError) as refused:
        import_csv((SHEET + ROW.replace("{cell}", cell)).encode())
    (problem,) = refused.value.problems
    assert part in problem.message
    assert problem.spot is not None
    assert (problem.spot.line, problem.spot.column) == (2, "職員数")
