"""What the fleet file says, and what is wrong with it."""

from datetime import date
from pathlib import Path

import pytest

from collector.domain.office.fleet import Assignment, DepartmentId
from collector.domain.office.shares import PlaceId
from collector.errors import ConfigError
from tests.unit.settings.files import FLEET, loaded, problems

SHARED = """
[[department]]
id = "総務"
name = "総務課"
name_en = "General Affairs"

[[department]]
id = "zeimu"
name = "税務課"

[[place]]
id = "2f"
name = "2階"
address = "copier-2f.example.jp"
port = 1161

[[place.department]]
id = "zeimu"
from = 2026-04-01
share = 40

[[place.department]]
id = "総務"
from = 2025-04-01

[[place.department]]
id = "総務"
from = "2026-04-01"
share = 60

[targets."総務"]
default = 12000
"2026-11" = 0
"""


def place(**changes: str) -> str:
    """Return a place with `changes` to its lines."""
    lines = {"id": '"b"', "name": '"B"', "address": '"192.0.2.9"'} | changes
    return FLEET + "\n[[place]]\n" + "\n".join(f"{key} = {text}" for key, text in lines.items())


def test_assignments_follow_one_another(tmp_path: Path) -> None:
    fleet = loaded(tmp_path, fleet=SHARED).fleet
    found = fleet.place(PlaceId("2f"))
    assert found is not None
    assert found.assignments == (
        Assignment(date(2025, 4, 1), {DepartmentId("総務"): 100}),
        Assignment(date(2026, 4, 1), {DepartmentId("総務"): 60, DepartmentId("zeimu"): 40}),
    )
    assert (found.address, found.port, found.credential) == (
        "copier-2f.example.jp",
        1161,
        "default",
    )
    assert fleet.targets_of(DepartmentId("総務")).of("2026-11") == 0
    assert fleet.targets_of(DepartmentId("総務")).of("2026-12") == 12000
    assert fleet.targets_of(DepartmentId("zeimu")).of("2026-12") is None
    department = fleet.department(DepartmentId("総務"))
    assert department is not None
    assert department.name_en == "General Affairs"


def test_a_proxy_serves_many_machines_behind_one_address(tmp_path: Path) -> None:
    settings = '[credentials.annex]\nversion = "2c"\ncommunity = "annex"\n'
    more = place(address='"192.0.2.1"', credential='"annex"')
    assert len(loaded(tmp_path, settings, fleet=more).fleet.places) == 2


def test_a_place_nobody_answers_for_is_a_warning(tmp_path: Path) -> None:
    (warning,) = loaded(tmp_path, fleet=place()).warnings
    assert warning.path == 'fleet.toml:15: place[1] "b"'
    assert "unassigned" in warning.message


@pytest.mark.parametrize(
    ("fleet", "path", "part"),
    [
        ("", "place", "there is no place"),
        (FLEET + FLEET, 'department[1] "soumu".id', "already used"),
        (FLEET + FLEET, 'place[1] "2f".id', "already used"),
        (place(address='"192.0.2.1"'), 'place[1] "b".address', "already the address"),
        (place(address='"192.000.002.001"'), 'place[1] "b".address', "write 192.0.2.1"),
        (place(address='"http://x/"'), 'place[1] "b".address', "neither"),
        (place(address='"0.0.0.0"'), 'place[1] "b".address', "one machine"),
        (place(address='"[::1]"'), 'place[1] "b".address', "without brackets"),
        (place(address="1"), 'place[1] "b".address', "text in quotes"),
        (place(port="0"), 'place[1] "b".port', "no port"),
        (place(port='"161"'), 'place[1] "b".port', "whole number"),
        (place(credential='"defalt"'), 'place[1] "b".credential', "did you mean default?"),
        (place(adress='"x"'), 'place[1] "b".adress', "did you mean address?"),
        (place(id='"a b"'), 'place[1] "a b".id', "no usable id"),
        (place(id='"a#"'), 'place[1] "a#".id', "no usable id"),
        (place(id=r"'a\b'"), r'place[1] "a\b".id', "no usable id"),
        (place(id='""'), 'place[1] "".id', "is empty"),
        (place(name='"a\\nb"'), 'place[1] "b".name', "line break"),
        (place(department="1"), 'place[1] "b".department', "[[place.department]]"),
        (place(until='"soon"'), 'place[1] "b".until', "no date"),
        (
            FLEET.replace('"192.0.2.1"', '"192.0.2.1"\nuntil = 2026-03-31'),
            'place[0] "2f".until',
            "is before 2026-04-01",
        ),
        (place(was='"2f"'), 'place[1] "b".was', "is still a place of this file"),
        (FLEET + "share = 60", 'place[0] "2f".department[0].share', "add up to 60 only"),
        (FLEET + "share = 101", 'place[0] "2f".department[0].share', "no share"),
        (FLEET + "shares = 100", 'place[0] "2f".department[0].shares', "did you mean share?"),
        (FLEET.replace("from = 2026-04-01", ""), 'place[0] "2f".department[0].from', "missing"),
        (FLEET.replace("2026-04-01", "2026"), 'place[0] "2f".department[0].from', "no date"),
        (
            FLEET.replace("2026-04-01", "2026-04-01T00:00:00"),
            'place[0] "2f".department[0].from',
            "no date",
        ),
        (
            FLEET.replace('id = "soumu"\nfrom', 'id = "somu"\nfrom'),
            'place[0] "2f".department[0].id',
            "did you mean soumu?",
        ),
        (FLEET.replace('"soumu"', '"unassigned"'), 'department[0] "unassigned".id', "another id"),
        (FLEET + "[targets.somu]\ndefault = 1", "targets.somu", "did you mean soumu?"),
        (FLEET + "[targets.soumu]\ndefault = -1", "targets.soumu.default", "0 or more"),
        (FLEET + "[targets.soumu]\n2026-13 = 1", "targets.soumu.2026-13", "no month"),
        (FLEET + "[targets.soumu]\n2026-11 = 1.5", "targets.soumu.2026-11", "whole number"),
        (FLEET + "[targets]\nsoumu = 1", "targets.soumu", "[targets.soumu]"),
        ("[[places]]\nid = 'x'", "places", "did you mean place?"),
    ],
)
def test_every_fault_has_its_path(tmp_path: Path, fleet: str, path: str, part: str) -> None:
    assert part in problems(tmp_path, fleet=fleet)[f"fleet.toml: {path}"]


SHARE = 'place[1] "b".department[0].share'
SOMU = (
    "fleet.toml:22: place[1] \"b\".department[0].id: there is no department 'somu'; "
    "did you mean soumu?"
)


def test_every_fault_names_its_line(tmp_path: Path) -> None:
    """Faults of one value, of several together, and of what is missing, by line."""
    text = FLEET + (
        '\n[[place]]\nid = "b"\nnme = "B"\naddress = "192.0.2.1"\nport = "161"\n'
        '\n[[place.department]]\nid = "somu"\nfrom = 2026-04-01\nshare = 60\n'
        "\n[targets.soumu]\ndefault = -1\n\n[[calendar]]\nterm = [\n"
        '  { from = "04-08", until = "07-20" },\n  { from = "04-09" },\n]\n'
    )
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, fleet=text)
    assert [f"{one.path}: {one.message}" for one in refused.value.problems] == [
        'fleet.toml:15: place[1] "b".name: is missing; add it',
        'fleet.toml:17: place[1] "b".nme: is no known key; did you mean name?',
        "fleet.toml:19: place[1] \"b\".port: must be a whole number without quotes, not '161'",
        SOMU,
        f"fleet.toml:24: {SHARE}: the shares from 2026-04-01 add up to 60 only; make them 100",
        "fleet.toml:27: targets.soumu.default: -1 is no target; write the pages allowed, 0 or more",
        "fleet.toml:29: calendar[0].id: is missing; add it",
        "fleet.toml:32: calendar[0].term[1].until: is missing; add it, like 2026-04-08 or 04-08",
    ]


SUCCESSOR = """
[[place]]
id = "2f-new"
name = "2階"
address = "192.0.2.1"
was = "2f-older"

[[place.department]]
id = "soumu"
from = 2026-06-01
"""


def test_an_address_passes_from_a_place_that_ended_to_a_later_one(tmp_path: Path) -> None:
    ended = FLEET.replace('"192.0.2.1"', '"192.0.2.1"\nuntil = {}')
    fleet = loaded(tmp_path, fleet=ended.format("2026-05-31") + SUCCESSOR).fleet
    assert [one.until for one in fleet.places] == [date(2026, 5, 31), None]
    assert [one.was for one in fleet.places] == [None, PlaceId("2f-older")]
    both = problems(tmp_path, fleet=ended.format("2026-06-01") + SUCCESSOR)
    assert list(both) == ['fleet.toml: place[1] "2f-new".address']


def test_overlapping_assignments(tmp_path: Path) -> None:
    again = '[[place.department]]\nid = "{}"\nfrom = 2026-04-01\n'
    twice = problems(tmp_path, fleet=FLEET + again.format("soumu"))
    assert twice == {
        'fleet.toml: place[0] "2f".department[1].id': "soumu is assigned twice from 2026-04-01; "
        "keep one of the two"
    }
    other = '[[department]]\nid = "x"\nname = "X"\n' + FLEET + again.format("x")
    (message,) = problems(tmp_path, fleet=other).values()
    assert "add up to 200" in message


def test_an_id_typed_on_a_mac_is_the_same_id(tmp_path: Path) -> None:
    decomposed = FLEET.replace('"soumu"', '"\u304b\u3099\u3063\u3053\u3046"', 1)
    composed = decomposed.replace('id = "soumu"', 'id = "\u304c\u3063\u3053\u3046"')
    assert loaded(tmp_path, fleet=composed).fleet.departments[0].id == "\u304c\u3063\u3053\u3046"


def test_names_of_credentials_are_known_although_the_settings_are_wrong(tmp_path: Path) -> None:
    settings = '[credentials.school]\nversion = "9"\n'
    found = problems(tmp_path, settings, place(credential='"school"'))
    assert list(found) == ["collector.toml: credentials.school.version"]
