"""Target plans in the fleet file and in a spreadsheet: what they say, and what is wrong."""

from decimal import Decimal
from pathlib import Path

import pytest

from collector.domain.office.fleet import WHOLE_OFFICE, DepartmentId
from collector.domain.office.targets import (
    Base,
    Budget,
    Fixed,
    Less,
    Measure,
    TargetPlan,
    Targets,
)
from collector.domain.office.targets import Path as PathRule
from collector.errors import ConfigError
from collector.settings.fleet.csv import export_csv, import_csv
from collector.settings.fleet.write import write_fleet_toml
from tests.unit.settings.files import FLEET, loaded, problems

SOUMU = DepartmentId("soumu")


def plan(*lines: str, department: str = "soumu") -> str:
    return f"\n[[targets.{department}.plan]]\n" + "\n".join(lines) + "\n"


GOOD = [
    (('from = "2026-04"', "pages = 5500"), TargetPlan("2026-04", Fixed(5500))),
    (("from = 2026-04-01", "pages = 0"), TargetPlan("2026-04", Fixed(0))),
    (
        ('from = "2026-04"', 'until = "2027-03"', "less_percent = 7.5", "base_year = 2025"),
        TargetPlan("2026-04", Less(Base(year=2025), Decimal("7.5")), "2027-03"),
    ),
    (
        ('from = "2026-04"', "less_percent = 0", 'base_year = "last"'),
        TargetPlan("2026-04", Less(Base(), Decimal(0))),
    ),
    (
        ('from = "2026-04"', 'goal = "2029-03"', "less_percent = 50", "base_pages = 900"),
        TargetPlan("2026-04", PathRule(Base(pages=900), "2029-03", percent=Decimal(50))),
    ),
    (
        ('from = "2026-04"', 'goal = "2029-03"', "goal_pages = 60", "base_year = 2016"),
        TargetPlan("2026-04", PathRule(Base(year=2016), "2029-03", pages=60)),
    ),
    (('from = "2026-04"', "year_budget = 96000"), TargetPlan("2026-04", Budget(96000))),
]


@pytest.mark.parametrize(("lines", "meant"), GOOD)
def test_every_kind_of_plan(tmp_path: Path, lines: tuple[str, ...], meant: TargetPlan) -> None:
    fleet = loaded(tmp_path, fleet=FLEET + plan(*lines)).fleet
    assert fleet.targets_of(SOUMU) == Targets(plans=(meant,))


def test_plans_stand_in_order_of_their_start_beside_figures(tmp_path: Path) -> None:
    text = FLEET + '[targets.soumu]\ndefault = 9\n"2027-03" = 15\n'
    text += plan('from = "2027-04"', "pages = 7") + plan('from = "2026-04"', "pages = 8")
    stated = loaded(tmp_path, fleet=text).fleet.targets_of(SOUMU)
    assert [one.start for one in stated.plans] == ["2026-04", "2027-04"]
    assert (stated.default, stated.months) == (9, {"2027-03": 15})
    assert stated.of("2026-03") == 9
    assert stated.of("2027-03") == 15


def test_the_whole_office_has_targets_of_its_own(tmp_path: Path) -> None:
    text = FLEET + "[targets.whole_office]\ndefault = 34000\n"
    text += plan('from = "2026-04"', "year_budget = 400000", department="whole_office")
    fleet = loaded(tmp_path, fleet=text).fleet
    assert fleet.targets_of(WHOLE_OFFICE).default == 34000
    assert [one.id for one in fleet.departments] == ["soumu"]
    reserved = FLEET.replace('"soumu"', '"whole_office"')
    found = problems(tmp_path, fleet=reserved)
    assert (
        "stands for all departments together"
        in found['fleet.toml: department[0] "whole_office".id']
    )


P = 'from = "2026-04"'
FAULTS = [
    (plan("pages = 5"), ".from", 'add it, like "2026-04"'),
    (plan('from = "2026-4"', "pages = 5"), ".from", "no month"),
    (plan("from = 2026-04-15", "pages = 5"), ".from", "within a month"),
    (plan("from = 202604", "pages = 5"), ".from", "in quotes"),
    (plan(P), "", "says nothing; write one of pages"),
    (plan(P, "pages = 5", "year_budget = 6"), ".year_budget", "together with pages"),
    (plan(P, "pages = 5", 'until = "2026-03"'), ".until", "ends 2026-03, before it begins"),
    (plan(P, "pages = -1"), ".pages", "0 or more"),
    (plan(P, "pages = 1.5"), ".pages", "whole number"),
    (plan(P, "less_percent = 110", "base_year = 2025"), ".less_percent", "0 to 100"),
    (plan(P, "less_percent = -10", "base_year = 2025"), ".less_percent", "0 to 100"),
    (plan(P, "less_percent = 1.234", "base_year = 2025"), ".less_percent", "two decimals"),
    (plan(P, 'less_percent = "10"', "base_year = 2025"), ".less_percent", "number without"),
    (plan(P, "less_percent = 10"), ".less_percent", "less than what? add base_year"),
    (plan(P, "less_percent = 10", "base_year = 2026"), ".base_year", "not before the plan"),
    (plan(P, "less_percent = 10", "base_year = 2025.5"), ".base_year", "fiscal year like"),
    (
        plan(P, "less_percent = 10", "base_year = 2025", "base_pages = 9"),
        ".base_pages",
        "together with base_year",
    ),
    (plan(P, "pages = 5", "base_year = 2025"), ".base_year", "no use with pages"),
    (plan(P, "year_budget = 5", 'goal = "2027-03"'), ".goal", "no use with year_budget"),
    (
        plan(P, "less_percent = 10", "base_year = 2025", 'goal = "2026-03"'),
        ".goal",
        "the goal lies 2026-03, before it begins",
    ),
    (plan(P, "goal_pages = 5", "base_pages = 9"), ".goal_pages", "in which it is reached"),
    (
        plan(P, "goal_pages = 10", "base_pages = 9", 'goal = "2027-03"'),
        ".goal_pages",
        "more than the base of 9",
    ),
    (plan(P, "year_budget = 9", 'until = "2026-12"'), ".until", "write 2027-03"),
    (plan(P, "pages = 5", "unit = 1"), ".unit", "no known key"),
    (
        plan(P, "pages = 5", 'until = "2026-06"') + plan('from = "2026-06"', "pages = 4"),
        ".until",
        "2026-05",
    ),
    (plan(P, "pages = 5") + plan(P, "pages = 4"), "[1].from", "keep one of the two"),
]


@pytest.mark.parametrize(("text", "key", "part"), FAULTS, ids=[one[2] for one in FAULTS])
def test_every_fault_has_its_path(tmp_path: Path, text: str, key: str, part: str) -> None:
    number = "" if key.startswith("[") else "[0]"
    found = problems(tmp_path, fleet=FLEET + text)
    assert part in found[f"fleet.toml: targets.soumu.plan{number}{key}"]
    assert len(found) == 1


def test_plans_of_nobody_and_plans_that_are_no_tables(tmp_path: Path) -> None:
    found = problems(tmp_path, fleet=FLEET + plan(P, "pages = 5", department="somu"))
    assert "did you mean soumu?" in found["fleet.toml: targets.somu.plan[0]"]
    found = problems(tmp_path, fleet=FLEET + "[targets.soumu]\nplan = 5\n")
    assert "[[targets.soumu.plan]]" in found["fleet.toml: targets.soumu.plan"]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = FLEET + plan(P, "less_percent = 110", "base_year = 2030") + plan("pages = 5")
    assert len(problems(tmp_path, fleet=text)) == 3


def test_the_office_says_when_its_year_begins(tmp_path: Path) -> None:
    text = FLEET + plan('from = "2026-01"', "less_percent = 10", "base_year = 2025")
    found = problems(tmp_path, fleet=text)
    assert "begins in the fiscal year 2025" in found["fleet.toml: targets.soumu.plan[0].base_year"]
    settings = "[office]\nfiscal_year_start = 1\n"
    assert loaded(tmp_path, settings, text).settings.office.fiscal_year_start == 1
    found = problems(tmp_path, "[office]\nfiscal_year_start = 13\n")
    assert "at most 12" in found["collector.toml: office.fiscal_year_start"]


# --- what a target counts ---


@pytest.mark.parametrize(
    ("stated", "measure"),
    [
        ("", Measure.IMPRESSIONS),
        ('unit = "impressions"\nof = "all"\n', Measure.IMPRESSIONS),
        ('unit = "sheets"\n', Measure.SHEETS),
        ('of = "color"\n', Measure.COLOR),
    ],
)
def test_a_target_says_what_it_counts(tmp_path: Path, stated: str, measure: Measure) -> None:
    text = FLEET + "[targets.soumu]\ndefault = 9\n" + stated + plan('from = "2026-04"', "pages = 5")
    fleet = loaded(tmp_path, fleet=text).fleet
    found = fleet.targets_of(SOUMU)
    assert (found.measure, found.of("2026-03")) == (measure, 9)
    assert import_csv(export_csv(fleet)).targets_of(SOUMU) == found
    again = loaded(tmp_path, fleet=write_fleet_toml(fleet)).fleet
    assert again.targets_of(SOUMU) == found


@pytest.mark.parametrize(
    ("stated", "key", "part"),
    [
        ('unit = "sheet"', "unit", "write one of impressions, sheets"),
        ('of = "colour"', "of", "write one of all, color"),
        ('unit = "sheets"\nof = "color"', "of", "no machine counts the sheets with colour"),
        ("unit = 5", "unit", "text"),
    ],
)
def test_what_no_target_can_count_is_refused(
    tmp_path: Path, stated: str, key: str, part: str
) -> None:
    found = problems(tmp_path, fleet=FLEET + "[targets.soumu]\ndefault = 9\n" + stated + "\n")
    assert part in found[f"fleet.toml: targets.soumu.{key}"]


def test_a_unit_for_a_department_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = problems(tmp_path, fleet=FLEET + '[targets.somu]\nunit = "sheets"\n')
    assert "did you mean soumu?" in found["fleet.toml: targets.somu"]


@pytest.mark.parametrize(
    ("cell", "measure"),
    [("枚", Measure.SHEETS), ("Sheets", Measure.SHEETS), ("カラー面", Measure.COLOR)],
)
def test_a_spreadsheet_says_it_in_the_offices_words(cell: str, measure: Measure) -> None:
    text = "設置場所ID,設置場所,IPアドレス,部署ID,部署名,適用開始,目標,目標の単位\n"
    text += f"2f,2階,192.0.2.1,soumu,総務課,2026-04-01,500,{cell}\n"
    fleet = import_csv(text.encode())
    assert fleet.targets_of(SOUMU) == Targets(500, measure=measure)
    assert import_csv(export_csv(fleet)) == fleet
    with pytest.raises(ConfigError, match="目標の単位"):
        import_csv(text.replace(cell, "束").encode())


# --- in a spreadsheet ---

SHEET = (
    "設置場所ID,設置場所,IPアドレス,部署ID,部署名,適用開始,目標,目標計画\n"
    '2f,2階,192.0.2.1,soumu,総務課,2026-04-01,,"{cell}"\n'
    ",,,whole_office,全庁,,34000,\n"
)


def sheet(cell: str) -> bytes:
    return SHEET.replace("{cell}", cell.replace('"', '""')).encode()


@pytest.mark.parametrize(
    "cell",
    [
        '{from = "2026-04", pages = 5}, {from = "2027-04", less_percent = 7.5, base_year = 2025}',
        "{from=“2026-04”, pages=5}, {from=＂2027-04＂, less_percent=7.5, base_year=２０２５}",
    ],
)
def test_a_cell_holds_the_same_terms_as_the_fleet_file(cell: str) -> None:
    fleet = import_csv(sheet(cell))
    assert fleet.targets_of(SOUMU).plans == (
        TargetPlan("2026-04", Fixed(5)),
        TargetPlan("2027-04", Less(Base(year=2025), Decimal("7.5"))),
    )
    assert fleet.targets_of(WHOLE_OFFICE) == Targets(34000)
    assert import_csv(export_csv(fleet)) == fleet


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        ("10%減", "cannot be read as target plans; write it as in the fleet file"),
        ('{from = "2026-04", less_percent = 110, base_year = 2025}', "110 is no reduction"),
        ("5", "is no target plan"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_told_with_its_line(cell: str, part: str) -> None:
    with pytest.raises(ConfigError) as refused:
        import_csv(sheet(cell), "fleet.csv")
    (problem,) = refused.value.problems
    assert problem.path.startswith("fleet.csv: line 2, column 目標計画")
    assert part in problem.message


def test_without_plans_the_spreadsheet_has_no_column_for_them(tmp_path: Path) -> None:
    plain = loaded(tmp_path).fleet
    assert "目標計画" not in export_csv(plain).decode("utf-8-sig")
