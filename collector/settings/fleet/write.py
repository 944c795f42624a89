"""Writes the fleet file: readable, and read back to the same fleet."""

import contextlib
import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

import tomlkit
from tomlkit.items import AoT, Table

from collector.domain.office.fleet import WHOLE, Department, Fleet, Place, Under
from collector.domain.office.headcount import ALWAYS, Headcount
from collector.domain.office.targets import TargetPlan, Targets, terms_of
from collector.domain.office.work_calendars import Calendar
from collector.errors import cause, said
from collector.settings.credentials import DEFAULT
from collector.settings.fleet.draft_calendars import TERM, calendar_values, term_values
from collector.settings.fleet.draft_targets import PLAN, measure_terms
from collector.settings.fleet.toml import PARENT, SNMP_PORT, STAFF
from collector.texts import ENGLISH, Texts
from collector.user_files.report import refusal

_HEAD: Final = ("fleet_file.head", "fleet_file.written")


def write_fleet_toml(fleet: Fleet, texts: Texts = ENGLISH) -> str:
    """Return `fleet` as the text of a fleet file; reading it gives the same fleet.

    `texts` says what its comments say.
    """
    document = tomlkit.document()
    for key in _HEAD:
        document.add(tomlkit.comment(texts(key)))
    document.add(tomlkit.nl())
    if fleet.calendars:
        document.add("calendar", _calendars(fleet.calendars))
    departments = tomlkit.aot()
    for one in fleet.departments:
        departments.append(_department(fleet, one))
    if fleet.departments:
        document.add("department", departments)
    places = tomlkit.aot()
    for place in fleet.places:
        places.append(_place(place))
    if fleet.places:
        document.add("place", places)
    if fleet.targets:
        document.add("targets", _targets(fleet))
    return tomlkit.dumps(document)


def write_file(path: Path, text: str, *, overwrite: bool = False, mode: int | None = None) -> None:
    """Leave `path` with exactly `text`, or as it was: never half-written.

    Raises ConfigError where it exists and `overwrite` is false, or cannot be written. An
    overwritten file keeps its permissions; `mode` sets them otherwise.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _write_durably(temporary, text)
        if mode is not None:
            temporary.chmod(mode)
        if overwrite:
            with contextlib.suppress(FileNotFoundError):
                temporary.chmod(path.stat().st_mode & 0o7777 if mode is None else mode)
            temporary.replace(path)
        else:
            path.hardlink_to(temporary)  # refuses where the path exists, also at the last moment
    except FileExistsError as exc:
        raise refusal(path, said("file_exists")) from exc
    except OSError as exc:
        raise refusal(path, said("unwritable", reason=cause(exc))) from exc
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _write_durably(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _department(fleet: Fleet, one: Department) -> Table:
    table = tomlkit.table()
    stated = {"id": one.id, "name": one.name, "name_en": one.name_en, "calendar": one.calendar}
    under = fleet.tree.under.get(one.id, ())
    always = len(under) == 1 and under[0].start == ALWAYS and under[0].parent is not None
    parent = {PARENT: under[0].parent} if always else {}
    for key, value in {**stated, **parent, "until": one.until}.items():
        if value is not None:
            table.add(key, value)
    if under and not always:
        parents = tomlkit.aot()
        for part in under:
            _append(parents, parent_values(part))
        table.add(PARENT, parents)
    staff = tomlkit.aot()
    for head in fleet.staff.get(one.id, ()):
        _append(staff, headcount_values(head))
    if staff:
        table.add(STAFF, staff)
    return table


def parent_values(part: Under) -> dict[str, object]:
    """Return what a department is a part of as values of TOML; what always holds has no date."""
    named: dict[str, object] = {} if part.parent is None else {"id": part.parent}
    return named if part.start == ALWAYS else {**named, "from": part.start}


def _place(place: Place) -> Table:
    table = tomlkit.table()
    table.add("id", place.id)
    table.add("name", place.name)
    table.add("address", place.address)
    if place.port != SNMP_PORT:
        table.add("port", place.port)
    if place.credential != DEFAULT:
        table.add("credential", place.credential)
    if place.until is not None:
        table.add("until", place.until)
    if place.was is not None:
        table.add("was", place.was)
    if place.calendar is not None:
        table.add("calendar", place.calendar)
    shares = tomlkit.aot()
    for assignment in place.assignments:
        for department, share in assignment.shares.items():
            stated = {"id": department, "from": assignment.start}
            _append(shares, stated if share == WHOLE else stated | {"share": share})
    if place.assignments:
        table.add("department", shares)
    return table


def _calendars(calendars: Iterable[Calendar]) -> AoT:
    found = tomlkit.aot()
    for one in calendars:
        _append(found, calendar_values(one))
        terms = tomlkit.aot()
        for term in one.terms:
            _append(terms, term_values(term))
        if one.terms:
            found[-1].add(TERM, terms)
    return found


def headcount_values(head: Headcount) -> dict[str, object]:
    """Return a headcount as values of TOML; one that always holds has no date."""
    dated = {} if head.start == ALWAYS else {"from": head.start}
    return {**dated, "people": head.people}


def _append(entries: AoT, values: Mapping[str, object]) -> None:
    table = tomlkit.table()
    for key, value in values.items():
        if value is not None:
            table.add(key, value)
    entries.append(table)


def _targets(fleet: Fleet) -> Table:
    targets = tomlkit.table(is_super_table=True)
    for department, stated in fleet.targets.items():
        targets.add(department, _months(stated))
    return targets


def _months(stated: Targets) -> Table:
    table = tomlkit.table()
    for key, term in measure_terms(stated.measure).items():
        table.add(key, term)
    if stated.with_excluded:
        table.add("with_excluded", True)  # noqa: FBT003 - a value of the file
    if stated.default is not None:
        table.add("default", stated.default)
    for month in sorted(stated.months):
        table.add(month, stated.months[month])
    if stated.plans:
        plans = tomlkit.aot()
        for plan in stated.plans:
            _append(plans, plan_values(plan))
        table.add(PLAN, plans)
    return table


def plan_values(plan: TargetPlan) -> dict[str, int | float | str]:
    """Return the terms of `plan` as values of TOML."""
    return {
        key: _number(term) if isinstance(term, Decimal) else term
        for key, term in terms_of(plan).items()
    }


def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)
