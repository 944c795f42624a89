"""Reads the fleet file: departments, places with who answers for them, targets."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic_core import ErrorDetails

from collector.domain.office.fleet import WHOLE, Fleet
from collector.domain.office.headcount import ALWAYS
from collector.domain.sentence import Sentence
from collector.errors import Spot, said
from collector.settings.fleet.draft import (
    DraftDepartment,
    DraftHeadcount,
    DraftPlace,
    DraftShare,
    DraftUnder,
    FleetDraft,
)
from collector.settings.fleet.draft_calendars import CalendarTable, draft_calendar
from collector.settings.fleet.draft_targets import (
    PLAN,
    DraftMeasure,
    DraftPlan,
    DraftTarget,
    PlanTable,
)
from collector.settings.values import Day, Pages, Text, YesNo, tidy
from collector.user_files.lines import FilePath
from collector.user_files.report import ProblemReport
from collector.user_files.tables import FileTable, WhenMissing, tell
from collector.user_files.toml_file import TomlFile, read_toml

SNMP_PORT: Final = 161
_TARGETS: Final = "targets"
STAFF: Final = "staff"
PARENT: Final = "parent"


class StaffTable(FileTable):
    """From when on a department has how many people; from the beginning without a date."""

    start: Day | None = Field(alias="from", default=ALWAYS)
    people: Annotated[Pages | None, WhenMissing("missing_people")]


class ParentTable(FileTable):
    """From when on a department is a part of another; without one of none from then on."""

    id: Text | None = None
    start: Day | None = Field(alias="from", default=ALWAYS)


def _always_part_of(stated: object) -> object:
    """Return `parent = "id"` as the one entry that always holds."""
    return [{"id": stated}] if isinstance(stated, str) else stated


class DepartmentTable(FileTable):
    """A department."""

    id: Text | None
    name: Text | None
    name_en: Text | None = None
    calendar: Text | None = None
    staff: tuple[StaffTable, ...] | None = ()
    parent: Annotated[tuple[ParentTable, ...] | None, BeforeValidator(_always_part_of)] = ()
    until: Day | None = None


class ShareTable(FileTable):
    """From when on a department answers for a place, and for how much of it."""

    id: Text | None
    start: Annotated[Day | None, WhenMissing("missing_date")] = Field(alias="from")
    share: Pages | None = WHOLE


class PlaceTable(FileTable):
    """A place for a copier."""

    id: Text | None
    name: Text | None
    address: Text | None
    port: Pages | None = SNMP_PORT
    credential: Text | None = "default"
    department: tuple[ShareTable, ...] | None = ()
    until: Day | None = None
    was: Text | None = None
    calendar: Text | None = None


class TargetTable(FileTable):
    """The targets of a department: pages by month, or for every month, and plans; in what."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Pages | None] = Field(init=False)

    default: Pages | None = None
    plan: tuple[PlanTable, ...] | None = ()
    unit: Text | None = None
    of: Text | None = None
    with_excluded: YesNo | None = False


class FleetTables(FileTable):
    """What a fleet file holds."""

    department: tuple[DepartmentTable, ...] | None = ()
    place: tuple[PlaceTable, ...] | None = ()
    calendar: tuple[CalendarTable, ...] | None = ()
    targets: dict[str, TargetTable | None] | None = Field(default_factory=dict)

    @classmethod
    def sentence(cls, path: FilePath, error: ErrorDetails) -> Sentence:
        """Return the sentence for `error`; sections of targets are named by their department."""
        if path[0] == _TARGETS and error["type"] == "model_type":
            return said("targets_section", name=path[1])
        if path[0] == _TARGETS:
            return said("targets_sections")
        return super().sentence(path, error)


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
    file = read_toml(path, report, said("copy_fleet"))
    return None if file is None else parse_fleet(file, credentials, report, year_begins)


def parse_fleet(
    file: TomlFile,
    credentials: Collection[str] | None,
    report: ProblemReport,
    year_begins: int | None = None,
) -> Fleet | None:
    """Return the fleet stated by a TOML file, or None after telling every problem by its line."""
    before = len(report.problems)
    tables = FleetTables.model_validate(file.tree)
    tell(tables, file.spot, report)
    draft = FleetDraft(
        departments=tuple(
            _department(file, number, one) for number, one in enumerate(tables.department or ())
        ),
        places=tuple(_place(file, number, one) for number, one in enumerate(tables.place or ())),
        targets=tuple(_targets(file, tables)),
        plans=tuple(_plans(file, tables)),
        measures=tuple(_measures(file, tables)),
        calendars=tuple(
            draft_calendar(one, file.spot, ("calendar", number))
            for number, one in enumerate(tables.calendar or ())
        ),
        credentials=credentials,
        year_begins=year_begins,
    )
    nothing = Spot(file.name) if draft.places else file.spot(("place",))
    fleet = draft.fleet(report, nothing)
    report.in_order(before)
    if len(report.problems) > before or fleet is None:
        return None
    for number, place in enumerate(fleet.places):
        if not place.assignments:
            report.warning(file.spot(("place", number)), said("unassigned"))
    return fleet


def spot_in(path: Path, place: str, key: str) -> Spot:
    """Return where `key` of `place` stands in the fleet file, which was read without a problem."""
    file = read_toml(path, ProblemReport()) or TomlFile(path.name)
    tables = FleetTables.model_validate(file.tree)
    ids = [one.id for one in tables.place or ()]
    return file.spot(("place", ids.index(place), key) if place in ids else ())


def _department(file: TomlFile, number: int, table: DepartmentTable) -> DraftDepartment:
    where = file.below("department", number)
    staff = tuple(
        DraftHeadcount(file.below("department", number, STAFF, nth), one.start, one.people)
        for nth, one in enumerate(table.staff or ())
        if one.start is not None
    )
    under = tuple(
        DraftUnder(file.below("department", number, PARENT, nth), one.start, one.id)
        for nth, one in enumerate(table.parent or ())
        if one.start is not None
    )
    named = (table.id, table.name, table.name_en, table.calendar)
    return DraftDepartment(where, *named, staff, under, table.until)


def _place(file: TomlFile, number: int, table: PlaceTable) -> DraftPlace:
    return DraftPlace(
        where=file.below("place", number),
        id=table.id,
        name=table.name,
        address=table.address,
        port=table.port,
        credential=table.credential,
        shares=tuple(
            DraftShare(file.below("place", number, "department", nth), one.id, one.start, one.share)
            for nth, one in enumerate(table.department or ())
        ),
        until=table.until,
        was=table.was,
        calendar=table.calendar,
    )


def _targets(file: TomlFile, tables: FleetTables) -> list[DraftTarget]:
    found: list[DraftTarget] = []
    for name, table in (tables.targets or {}).items():
        if table is not None:
            where = file.below(_TARGETS, name)
            stated = [(None, table.default), *(table.model_extra or {}).items()]
            found += [
                DraftTarget(where, tidy(name), month, pages)
                for month, pages in stated
                if pages is not None
            ]
    return found


def _measures(file: TomlFile, tables: FleetTables) -> list[DraftMeasure]:
    return [
        DraftMeasure(
            file.below(_TARGETS, name),
            tidy(name),
            table.unit,
            table.of,
            with_excluded=bool(table.with_excluded),
        )
        for name, table in (tables.targets or {}).items()
        if table is not None
    ]


def _plans(file: TomlFile, tables: FleetTables) -> list[DraftPlan]:
    return [
        one.draft(tidy(name), file.spot, (_TARGETS, name, PLAN, number))
        for name, table in (tables.targets or {}).items()
        for number, one in enumerate(table.plan or () if table is not None else ())
    ]
