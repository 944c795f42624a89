"""Fleet entries proposed for machines that were found."""

import pytest

from collector.domain.counting.identity import DeviceIdentity
from collector.domain.discovered import AddressVerdict, KnownPlaces, Sighting, joined, placed
from collector.domain.office.shares import PlaceId
from collector.settings.fleet.csv import import_csv
from collector.settings.fleet.proposed import ProposedPlace, proposals, proposed_csv, proposed_toml
from collector.settings.fleet.toml import parse_fleet
from collector.settings.values import Language
from collector.user_files.report import ProblemReport
from collector.user_files.toml_file import TomlFile


def seen(ip: str, serial: str, name: str = "", location: str = "", **more: object) -> Sighting:
    identity = DeviceIdentity(vendor="Ricoh", model="IM C3000", serial=serial)
    return Sighting(
        *(ip, ip, 161, AddressVerdict.PRINTER),
        identity=identity,
        name=name,
        location=location,
        **{"credential": "default"} | more,  # type: ignore[arg-type] # handed through
    )


def proposed(*sightings: Sighting, taken: tuple[str, ...] = ()) -> tuple[ProposedPlace, ...]:
    return proposals(placed(joined(sightings), KnownPlaces()), {}, taken)


@pytest.mark.parametrize(
    ("name", "location", "place", "called"),
    [
        ("copier7", "2階 総務課", "2階-総務課", "2階 総務課"),
        ("copier7", "", "copier7", "copier7"),
        ("RNP0026731B2C3D", "Unknown", "im-c3000-1988", "Ricoh IM C3000"),
        ("IM C3000", "", "im-c3000-1988", "Ricoh IM C3000"),
        ("copier-3071rc01988", "not set", "im-c3000-1988", "Ricoh IM C3000"),
        ("", "General / Affairs #2", "general-affairs-2", "General / Affairs #2"),
        ("", "../../etc", "etc", "../../etc"),
        ("", "-----", "im-c3000-1988", "-----"),
    ],
)
def test_ids_and_names_come_from_what_the_office_said(
    name: str, location: str, place: str, called: str
) -> None:
    (one,) = proposed(seen("10.0.0.1", "3071RC01988", name, location))
    assert (one.place.id, one.place.name) == (place, called)


def test_ids_differ_from_one_another_and_from_the_fleets() -> None:
    made = proposed(
        *(seen(f"10.0.0.{n}", f"SER{n}", location="Hall") for n in range(1, 4)), taken=("hall",)
    )
    assert [one.place.id for one in made] == ["hall-2", "hall-3", "hall-4"]


def test_both_forms_are_read_back() -> None:
    made = proposed(
        seen("10.0.0.1", "SER1", location='Hall "A"\\'),
        seen("10.0.0.2", "SER2", location="=cmd()", words="answers\nslowly", total=7),
        seen("10.0.0.3", "SER2"),
    )
    assert len(made) == 2
    text = proposed_toml(made, placed(joined([seen("10.0.0.9", "SER9")]), KnownPlaces()))
    report = ProblemReport()
    fleet = parse_fleet(TomlFile.of("new.toml", text), ["default"], report)
    assert report.problems == []
    assert fleet is not None
    assert fleet.places == tuple(one.place for one in made)
    assert "# Ricoh IM C3000, serial SER2, total 7, also at 10.0.0.3, answers slowly" in text
    assert all(line.startswith("#") for line in text.splitlines() if "SER9" in line)
    again = import_csv(proposed_csv(made, Language.JA))
    assert again.places == fleet.places


def test_known_machines_are_not_proposed() -> None:
    ours = KnownPlaces(
        places={("10.0.0.1", 161): PlaceId("hall")},
        read={PlaceId("annex"): DeviceIdentity(serial="SER2")},
    )
    found = placed(joined([seen("10.0.0.1", "SER1"), seen("10.0.0.2", "SER2")]), ours)
    assert proposals(found, {}, ()) == ()


def test_a_credential_is_called_as_the_fleet_file_calls_it() -> None:
    found = placed(joined([seen("10.0.0.1", "SER1", credential="--community 2")]), KnownPlaces())
    (one,) = proposals(found, {"--community 2": "community-2"}, ())
    assert one.place.credential == "community-2"
