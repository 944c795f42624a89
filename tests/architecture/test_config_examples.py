"""The shipped examples load as they are, and say of every key what the model says of it."""

import csv
import re
import tomllib
from datetime import time
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel, SecretStr

from collector.bootstrap.files import read_sheet
from collector.domain.meters import TOTAL
from collector.domain.office.shares import PlaceId
from collector.domain.old_sheets.history import SheetOptions, read_history
from collector.domain.old_sheets.usage import SheetKind
from collector.settings.centre_file import CentreTable, load_centre
from collector.settings.fleet.csv import import_csv
from collector.settings.fleet.toml import parse_fleet
from collector.settings.load import load
from collector.settings.model import Settings
from collector.user_files.report import ProblemReport
from collector.user_files.tables import descriptions
from collector.user_files.toml_file import TomlFile

CONFIG = Path(__file__).parents[2] / "config"
EXAMPLE = (CONFIG / "collector.toml").read_text(encoding="utf-8")
_HEADER = re.compile(r"#?\[([a-z._]+)\]")
_KEY = re.compile(r"#?([a-z_]+) = .+")


def sections() -> dict[str, type[BaseModel]]:
    """Return every section by the header under which it stands in the file."""
    found: dict[str, type[BaseModel]] = {}
    for name, info in Settings.model_fields.items():
        for one in (info.annotation, *get_args(info.annotation)):
            if isinstance(one, type) and issubclass(one, BaseModel):
                found[name] = one
    return found


def documented() -> dict[str, dict[str, bool]]:
    """Return section -> key -> whether a comment stands right above it, switched off or not."""
    found: dict[str, dict[str, bool]] = {}
    section, before = "", ""
    for line in EXAMPLE.splitlines():
        if header := _HEADER.fullmatch(line):
            section = header[1].split(".")[0]
        elif section and (key := _KEY.fullmatch(line)):
            commented = before.startswith("# ")
            keys = found.setdefault(section, {})
            keys[key[1]] = keys.get(key[1], True) and commented
        before = line
    return found


def switched_on() -> dict[str, object]:
    """Return what the file would say with every example in it switched on."""
    text = re.sub(r"^#(?=\[|[a-z_]+ = )", "", EXAMPLE, flags=re.MULTILINE)
    return tomllib.loads(text)


@pytest.mark.parametrize("model", [Settings, *sections().values()])
def test_every_key_has_a_description(model: type[BaseModel]) -> None:
    told = descriptions(model)
    assert [name for name in model.model_fields if not told.get(name)] == []


def test_the_example_comments_every_key_and_no_other() -> None:
    expected = {name: set(model.model_fields) for name, model in sections().items()}
    assert {name: set(keys) for name, keys in documented().items()} == expected
    uncommented = [
        f"{name}.{key}"
        for name, keys in documented().items()
        for key, good in keys.items()
        if not good
    ]
    assert uncommented == []


def test_the_example_shows_the_defaults() -> None:
    stated = switched_on()
    for name, model in sections().items():
        if name == "credentials":
            continue
        section = stated[name]
        assert isinstance(section, dict)
        shown = model.model_construct(
            **{
                key: getattr(model.model_validate({key: section[key]}), key)
                for key, info in model.model_fields.items()
                if key in section and info.get_default(call_default_factory=True) is not None
            }
        )
        for key in shown.model_fields_set:
            default = model.model_fields[key].get_default(call_default_factory=True)
            assert getattr(shown, key) == default, f"{name}.{key}"


def test_the_examples_switched_on_are_themselves_right() -> None:
    credentials = switched_on()["credentials"]
    assert isinstance(credentials, dict)
    model = sections()["credentials"]
    for stated in credentials.values():
        assert isinstance(model.model_validate(stated), model)


def test_no_secret_is_stated_in_the_example() -> None:
    secrets = {
        name
        for model in sections().values()
        for name, info in model.model_fields.items()
        if SecretStr in (info.annotation, *get_args(info.annotation))
    }
    assert secrets >= {"password", "token", "community", "auth_password", "priv_password"}
    for line in EXAMPLE.splitlines():
        assert not (key := _KEY.fullmatch(line)) or key[1] not in secrets or line.startswith("#")


def test_the_examples_load_without_a_problem() -> None:
    loaded = load(CONFIG / "collector.toml", {})
    assert loaded.warnings == ()
    assert loaded.fleet_path == CONFIG / "fleet.toml"
    on = {name: section.is_on for name, section in loaded.settings.sinks().items()}
    assert on == {"centre": False, "influx": False, "mqtt": False}
    place = loaded.fleet.place(PlaceId("2f-soumu"))
    assert place is not None
    assert place.name == "2階 総務課前"
    assert {one.address[:8] for one in loaded.fleet.places} == {"192.0.2."}


def test_the_example_of_a_centre_loads_and_says_what_holds_anyway() -> None:
    stated = load_centre(CONFIG / "centre.toml", {})
    assert (stated.host, stated.port, stated.cert_file) == ("0.0.0.0", 8443, None)  # noqa: S104 - the example
    assert stated.database == "postgresql:///copier_fleet?host=/run/postgresql"
    text = (CONFIG / "centre.toml").read_text(encoding="utf-8")
    for line in re.findall(r"(?m)^#([a-z_]+ = .*)$", text):
        key, _, value = line.partition(" = ")
        default = CentreTable.model_fields[key].default
        if default is not None:
            assert str(getattr(default, "value", default)) == value.strip('"'), key
    assert set(re.findall(r"(?m)^#?([a-z_]+) = ", text)) == CentreTable.model_fields.keys()


def test_the_example_of_calendars_switched_on_is_read() -> None:
    """What stands behind `#` between the headings of calendars and of departments is right."""
    text = (CONFIG / "fleet.toml").read_text(encoding="utf-8")
    before, after = text.split("# ---- Calendars", 1)
    shown, rest = after.split("# ---- Departments", 1)
    stated = re.findall(r"(?m)^#((?:\[\[|[a-z_]+ = ).*)$", shown)
    file = TomlFile.of("fleet.toml", "\n".join([before, *stated, "#" + rest]))
    report = ProblemReport()
    fleet = parse_fleet(file, None, report, year_begins=4)
    assert report.problems == []
    assert fleet is not None
    school, shift = fleet.calendars
    assert (len(school.terms), len(school.closed_days)) == (6, 2)
    assert (shift.weekend, shift.opens, shift.holidays) == (frozenset(), time(0), False)


def test_the_example_spreadsheet_is_the_example_fleet() -> None:
    fleet = load(CONFIG / "collector.toml", {}).fleet
    assert import_csv((CONFIG / "fleet.csv").read_bytes()) == fleet


def test_the_example_of_an_old_sheet_is_read_whole() -> None:
    """Its own sums are those of the months that are read from it; a missed reading is no 0."""
    loaded = load(CONFIG / "collector.toml", {})
    path = CONFIG / "history.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    (sums,) = [row for row in csv.reader(lines) if row[0] == "合計"]
    office = loaded.settings.office.office(frozenset())
    history = read_history(read_sheet(path, None), loaded.fleet, office, SheetOptions())
    assert history.flaws == ()
    assert history.kind is SheetKind.TOTALS
    by_month: dict[str, int] = {}
    for one in history.months:
        by_month[one.month] = by_month.get(one.month, 0) + one.pages[TOTAL]
    assert next(iter(by_month)) == "2025-04"
    assert list(by_month.values()) == [int(cell.replace(",", "")) for cell in sums[2:-1]]
    assert len(history.months) == 4 * 12 - 1
