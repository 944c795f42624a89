"""Departments as a tree in the fleet file and in a spreadsheet: dated, without a circle."""

import re
from datetime import date
from pathlib import Path

import pytest

from collector.domain.office.fleet import DepartmentId, Tree, Under
from collector.domain.office.headcount import ALWAYS
from collector.errors import ConfigError
from collector.settings.fleet.csv import export_csv, import_csv
from collector.settings.fleet.write import write_fleet_toml
from tests.unit.settings.files import FLEET, loaded, problems

BU, KA, KAKARI = map(DepartmentId, ("bu", "ka", "kakari"))
APRIL = date(2027, 4, 1)
STATED = """
[[department]]
id = "bu"
name = "総務部"
until = 2027-03-31

[[department]]
id = "new"
name = "企画部"

[[department]]
id = "ka"
name = "文書課"

[[department.parent]]
id = "bu"

[[department.parent]]
id = "new"
from = 2027-04-01

[[department]]
id = "kakari"
name = "文書係"
parent = "ka"
"""
TREE = {
    KA: (Under(ALWAYS, BU), Under(APRIL, DepartmentId("new"))),
    KAKARI: (Under(ALWAYS, KA),),
}


def test_a_department_is_a_part_of_another_from_a_day_on(tmp_path: Path) -> None:
    fleet = loaded(tmp_path, fleet=FLEET + STATED).fleet
    assert fleet.tree == Tree(TREE)
    assert fleet.tree.line(KAKARI, date(2027, 3, 31)) == (KAKARI, KA, BU)
    assert fleet.tree.line(KAKARI, APRIL) == (KAKARI, KA, DepartmentId("new"))
    ended = fleet.department(BU)
    assert ended is not None
    assert ended.until == date(2027, 3, 31)


def test_files_and_spreadsheets_keep_the_tree(tmp_path: Path) -> None:
    text = FLEET + STATED + '[[department]]\nid = "free"\nname = "独立係"\n'
    text += '[[department.parent]]\nid = "ka"\n[[department.parent]]\nfrom = 2027-04-01\n'
    fleet = loaded(tmp_path, fleet=text).fleet
    assert fleet.tree.under[DepartmentId("free")][1] == Under(APRIL, None)
    assert loaded(tmp_path, fleet=write_fleet_toml(fleet)).fleet == fleet
    sheet = export_csv(fleet)
    assert "上位部署" in sheet.decode("utf-8-sig")
    assert import_csv(sheet).tree == fleet.tree
    assert import_csv(sheet).departments == fleet.departments
    assert "上位部署" not in export_csv(loaded(tmp_path).fleet).decode("utf-8-sig")


def test_a_spreadsheet_may_name_the_parent_by_its_name() -> None:
    sheet = "設置場所ID,設置場所,IPアドレス,部署ID,部署名,上位部署,適用開始\n"
    sheet += "p,窓口,192.0.2.1,ka,文書課,総務部,2026-04-01\n,,,bu,総務部,,\n"
    assert import_csv(sheet.encode()).tree == Tree({KA: (Under(ALWAYS, BU),)})


@pytest.mark.parametrize(
    ("old", "new", "path", "part"),
    [
        ('parent = "ka"', 'parent = "kaa"', "[4].parent", "there is no department 'kaa'"),
        ('parent = "ka"', 'parent = "kakari"', "[4].parent", "parts of one another"),
        ('parent = "ka"', 'parent = "unassigned"', "[4].parent", "no department"),
        ('parent = "ka"', "parent = 3", "[4].parent", "write every entry"),
        ('id = "new"\nfrom = 2027-04-01', 'id = "new"', "[3].parent[1]", "another one begins"),
        ('id = "new"\nfrom', 'id = "kakari"\nfrom', "[3].parent[1].id", "parts of one another"),
        ("= 2027-03-31", "= 2027-03-30", "[3].parent[0].id", "ends on 2027-03-30, while ka"),
    ],
)
def test_what_is_no_tree_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, path: str, part: str
) -> None:
    assert old in STATED
    found = problems(tmp_path, fleet=FLEET + STATED.replace(old, new, 1))
    ((where, said),) = found.items()
    assert path in re.sub(r' "[^"]*"', "", where)
    assert part in said


def test_a_department_that_ends_before_its_place_is_refused(tmp_path: Path) -> None:
    text = FLEET.replace('name = "総務課"', 'name = "総務課"\nuntil = 2026-09-30', 1)
    ((where, said),) = problems(tmp_path, fleet=text).items()
    assert where.endswith("department[0].id")
    assert "ends on 2026-09-30, before it stops answering for this place" in said


def test_of_a_spreadsheet_with_a_circle_nothing_is_imported() -> None:
    sheet = "設置場所ID,設置場所,IPアドレス,部署ID,部署名,上位部署,適用開始\n"
    sheet += "p,窓口,192.0.2.1,ka,文書課,bu,2026-04-01\n,,,bu,総務部,ka,\n"
    with pytest.raises(ConfigError, match="parts of one another") as refused:
        import_csv(sheet.encode())
    assert "3" in str(refused.value)
