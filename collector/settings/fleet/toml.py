"""Reads the fleet file: departments, places with who answers for them, targets."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from collector.domain.office.fleet import WHOLE, Fleet
from collector.settings.fleet.draft import DraftDepartment, DraftPlace, DraftShare, FleetDraft
from collector.settings.fleet.draft_calendars import read_calendar
from collector.settings.fleet.draft_targets import PLAN, DraftPlan, DraftTarget, read_plan
from collector.settings.layers import read_toml
from collector.settings.problems import ProblemReport
from collector.settings.toml_table import TomlTable
from collector.settings.values import tidy

SNMP_PORT: Final = 161
_MISSING: Final = "copy the example from config/, or make it with: copier-fleet fleet import"


def read_fleet(
    path: Path,
    credentials: Collection[str] | None,
    report: ProblemReport,
    year_begins: int | None = None,
) -> Fleet | None:
    """Return the fleet in the TOML file `path`, or None after telling every problem.

    `credentials` are the names that places may use; None leaves them unchecked. `year_begins` is
    the month with which the fiscal year begins; None leaves what depends on it unchecked. Places
    for which nobody answers are told as warnings.
    """
    before = len(report.problems)
    tree = read_toml(path, report, _MISSING)
    if len(report.problems) > before:
        return None
    return parse_fleet(tree, path.name, credentials, report, year_begins)


def parse_fleet(
    tree: Mapping[str, object],
    file: str,
    credentials: Collection[str] | None,
    report: ProblemReport,
    year_begins: int | None = None,
) -> Fleet | None:
    """Return the fleet stated by a TOML tree, or None after telling every problem."""
    before = len(report.problems)
    root = TomlTable(tree, lambda key: f"{file}: {key}" if key else file, report)
    targets, plans = _targets(root, report)
    draft = FleetDraft(
        departments=tuple(_department(one) for one in root.tables("department")),
        places=tuple(_place(one) for one in root.tables("place")),
        targets=tuple(targets),
        plans=tuple(plans),
        calendars=tuple(read_calendar(one, report) for one in root.tables("calendar")),
        credentials=credentials,
        year_begins=year_begins,
    )
    root.finish()
    fleet = draft.fleet(report, f"{file}: place")
    if len(report.problems) > before or fleet is None:
        return None
    for number, place in enumerate(fleet.places):
        if not place.assignments:
            report.warning(
                f'{file}: place[{number}] "{place.id}"',
                "has no department; its pages are shown as unassigned",
            )
    return fleet


def _department(table: TomlTable) -> DraftDepartment:
    department = DraftDepartment(
        where=table.where,
        id=table.text("id", needed=True),
        name=table.text("name", needed=True),
        name_en=table.text("name_en"),
        calendar=table.text("calendar"),
    )
    table.finish()
    return department


def _place(table: TomlTable) -> DraftPlace:
    place = DraftPlace(
        where=table.where,
        id=table.text("id", needed=True),
        name=table.text("name", needed=True),
        address=table.text("address", needed=True),
        port=table.whole("port", SNMP_PORT),
        credential=table.text("credential", default="default"),
        shares=tuple(_share(one) for one in table.tables("department", "place.department")),
        until=table.day("until", needed=False),
        was=table.text("was"),
        calendar=table.text("calendar"),
    )
    table.finish()
    return place


def _share(table: TomlTable) -> DraftShare:
    share = DraftShare(
        where=table.where,
        department=table.text("id", needed=True),
        start=table.day("from"),
        share=table.whole("share", WHOLE),
    )
    table.finish()
    return share


def _targets(root: TomlTable, report: ProblemReport) -> tuple[list[DraftTarget], list[DraftPlan]]:
    targets: list[DraftTarget] = []
    plans: list[DraftPlan] = []
    for name, table in root.named_tables("targets").items():
        department = tidy(name)
        for month in table.stated():
            if month == PLAN:
                heading = f"targets.{name}.{PLAN}"
                found = table.tables(PLAN, heading)
                plans += [read_plan(department, one, report) for one in found]
                continue
            pages = table.whole(month, None)
            if pages is not None:
                own = None if month == "default" else month
                targets.append(DraftTarget(table.where, department, own, pages))
    return targets, plans
