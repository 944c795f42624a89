"""The first files of an office: the commented examples with its own answers put in."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Final

import tomlkit

from collector.domain.office.fleet import WHOLE, Assignment, Department, DepartmentId, Fleet, Place
from collector.settings.fleet.write import write_fleet_toml
from collector.settings.values import Language, id_problem, tidy

_DEPARTMENT: Final = re.compile(
    r"[^\W\d_]+?(?:課|部|局|係|支所|出張所|センター|図書館|公民館|学校|保育所|病院)"
)
"""A word that names who answers, as offices write it at a machine: 2F 総務課."""


def example(name: str) -> str:
    """Return the example `name` of the folder config/: packed with the program, or beside it."""
    packed = files("collector.settings") / "examples" / name
    if packed.is_file():
        return packed.read_text("utf-8")
    return (Path(__file__).parents[2] / "config" / name).read_text("utf-8")


def first_collector(site: str, language: Language) -> str:
    """Return the commented settings of an office called `site`, everything else by default."""
    document = tomlkit.parse(example("collector.toml"))
    office = document["office"]
    assert isinstance(office, dict)  # noqa: S101 - the example is ours, and a test reads it
    office["site"], office["language"] = site, language.value
    return tomlkit.dumps(document)


def departments_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the departments that `texts` name, in order; of 総務部総務課 the last."""
    found = (_DEPARTMENT.findall(tidy(one)) for one in texts)
    return tuple(dict.fromkeys(names[-1] for names in found if names))


def first_fleet(names: Iterable[str], places: Mapping[Place, str], today: date) -> Fleet:
    """Return a fleet of departments called `names`, and of `places` with what their machines say.

    A place belongs from `today` on to the department whose name its machine or its name states,
    the longest of several; where none does, to nobody yet.
    """
    departments = [
        Department(DepartmentId(name if id_problem(name) is None else f"department-{number}"), name)
        for number, name in enumerate(dict.fromkeys(names), start=1)
    ]
    longest = sorted(departments, key=lambda one: -len(one.name))

    def placed(place: Place, says: str) -> Place:
        named = next((one for one in longest if one.name in f"{place.name} {says}"), None)
        if named is None:
            return place
        return replace(place, assignments=(Assignment(today, {named.id: WHOLE}),))

    return Fleet(tuple(departments), tuple(placed(*item) for item in places.items()))


def first_fleet_text(fleet: Fleet) -> str:
    """Return the fleet file; where nothing is known of the fleet, the commented example."""
    is_known = bool(fleet.places or fleet.departments)
    return write_fleet_toml(fleet) if is_known else example("fleet.toml")
