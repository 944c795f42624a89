"""What is one machine, and what the fleet file and the network do not agree upon."""

from collector.domain.counting.findings import Code
from collector.domain.counting.identity import DeviceIdentity
from collector.domain.discovered import (
    AddressVerdict,
    KnownPlaces,
    SearchTally,
    Sighting,
    compared,
    joined,
    placed,
)
from collector.domain.office.shares import PlaceId
from tests.wording import english

HALL, ANNEX, STORE = PlaceId("hall"), PlaceId("annex"), PlaceId("store")


def sighting(
    ip: str, serial: str | None = None, mac: str | None = None, **more: object
) -> Sighting:
    identity = DeviceIdentity(vendor="ACME", model="9", serial=serial, mac=mac)
    return Sighting(ip, ip, 161, AddressVerdict.PRINTER, identity=identity, **more)  # type: ignore[arg-type] # handed through


def groups(*sightings: Sighting) -> list[list[str]]:
    return [[one.ip for one in machine.sightings] for machine in joined(sightings)]


def test_one_serial_number_is_one_machine() -> None:
    assert groups(sighting("1", "SER1"), sighting("2", "SER2"), sighting("3", "SER1")) == [
        ["1", "3"],
        ["2"],
    ]


def test_a_hardware_address_joins_only_where_a_serial_number_is_missing() -> None:
    mac = "00:1b:a9:00:00:01"
    assert groups(sighting("1", mac=mac), sighting("2", mac=mac)) == [["1", "2"]]
    assert groups(sighting("1", mac=mac), sighting("2", "SER1", mac)) == [["1", "2"]]
    assert groups(sighting("1", "SER1", mac), sighting("2", "SER2", mac)) == [["1"], ["2"]]


def test_machines_without_any_mark_are_never_joined() -> None:
    assert groups(sighting("1"), sighting("2")) == [["1"], ["2"]]


def test_other_agents_and_silence_are_no_machines() -> None:
    assert (
        groups(
            Sighting("1", "1", 161, AddressVerdict.OTHER),
            Sighting("2", "2", 161, AddressVerdict.SILENT),
        )
        == []
    )


def test_the_main_sighting_knows_the_serial_number() -> None:
    mac = "00:1b:a9:00:00:01"
    (machine,) = joined([sighting("1", mac=mac), sighting("2", "SER1", mac)])
    assert machine.main.ip == "2"
    assert machine.spots == (("1", 161), ("2", 161))


def test_a_tally_grows_with_those_who_answer_only() -> None:
    tally = SearchTally()
    for number in range(5000):
        tally.add(Sighting("x", f"10.0.0.{number}", 161, AddressVerdict.SILENT))
        words = f"10.0.0.{number}:161 says that nothing listens"
        tally.add(Sighting("x", f"10.0.0.{number}", 161, AddressVerdict.UNREACHABLE, words))
    tally.add(
        Sighting("y", "::1", 161, AddressVerdict.UNREACHABLE, "[::1]:161 says that nothing listens")
    )
    tally.add(sighting("10.0.0.9", "SER1"))
    assert tally.counts.total() == 10_002
    assert [one.ip for one in tally.answered] == ["10.0.0.9"]
    assert tally.closed_counts == {"says that nothing listens": 5001}
    assert tally.closed["says that nothing listens"] == [
        f"10.0.0.{number}:161 says that nothing listens" for number in range(5)
    ]


def identity(serial: str) -> DeviceIdentity:
    return DeviceIdentity(vendor="ACME", model="9", serial=serial)


OURS = KnownPlaces(
    places={("10.0.0.1", 161): HALL, ("10.0.0.2", 161): ANNEX, ("10.0.0.3", 161): STORE},
    addresses={HALL: "10.0.0.1", ANNEX: "10.0.0.2", STORE: "10.0.0.3"},
    read={HALL: identity("HALL1"), ANNEX: identity("ANNEX1")},
    former={PlaceId("attic"): identity("ATTIC1")},
)


def told(*sightings: Sighting, ours: KnownPlaces = OURS) -> set[tuple[Code, str]]:
    found = placed(joined(sightings), ours)
    return {(one.code, one.subject) for one in compared(found, ours)}


def test_machines_at_their_places_are_no_news() -> None:
    at_home = (sighting("10.0.0.1", "HALL1"), sighting("10.0.0.2", "ANNEX1"))
    assert told(*at_home, sighting("10.0.0.3", "NEWER1")) == set()
    assert told(sighting("10.0.0.1")) == set(), "what states no serial number proves nothing"
    assert told(sighting("10.0.0.1", "HALL1"), sighting("10.0.0.77", "HALL1")) == set()


def test_a_machine_that_nobody_entered() -> None:
    assert told(sighting("10.0.0.9", "OTHER1")) == {(Code.DEVICE_UNLISTED, "10.0.0.9")}
    assert told(sighting("10.0.0.9")) == {(Code.DEVICE_UNLISTED, "10.0.0.9")}


def test_a_machine_of_a_place_that_was_given_up() -> None:
    found = placed(joined([sighting("10.0.0.9", "ATTIC1")]), OURS)
    (finding,) = compared(found, OURS)
    assert "was read at attic, which the fleet file has no more" in english(finding.message)


def test_a_machine_of_the_fleet_at_an_address_of_no_place() -> None:
    assert told(sighting("10.0.0.9", "HALL1")) == {(Code.ADDRESS_CHANGED, "hall")}


def test_another_machine_at_a_places_address() -> None:
    assert told(sighting("10.0.0.1", "OTHER1")) == {(Code.DEVICE_REPLACED, "hall")}


def test_two_machines_that_changed_places() -> None:
    assert told(sighting("10.0.0.1", "ANNEX1"), sighting("10.0.0.2", "HALL1")) == {
        (Code.DEVICE_MOVED, "hall"),
        (Code.DEVICE_MOVED, "annex"),
        (Code.DEVICE_REPLACED, "hall"),
        (Code.DEVICE_REPLACED, "annex"),
    }


def test_a_machine_that_came_to_a_place_never_read() -> None:
    assert told(sighting("10.0.0.3", "HALL1")) == {(Code.DEVICE_MOVED, "store")}


def test_one_machine_entered_at_two_places() -> None:
    twice = (sighting("10.0.0.1", "HALL1"), sighting("10.0.0.3", "HALL1"))
    assert told(*twice) == {(Code.DEVICE_MOVED, "store")}


def test_another_port_is_another_machines_address() -> None:
    assert told(
        sighting("10.0.0.1", "OTHER1", None), ours=KnownPlaces(places={("10.0.0.1", 1161): HALL})
    ) == {(Code.DEVICE_UNLISTED, "10.0.0.1")}


def test_the_same_fact_is_the_same_finding() -> None:
    found = placed(joined([sighting("10.0.0.9", "OTHER1")]), OURS)
    more = placed(joined([sighting("10.0.0.9", "OTHER1", total=5)]), OURS)
    assert [one.id for one in compared(found, OURS)] == [one.id for one in compared(more, OURS)]


def test_new_is_what_neither_address_nor_serial_number_tells() -> None:
    found = placed(
        joined([sighting("10.0.0.9", "X111"), sighting("10.0.0.8", "HALL1"), sighting("10.0.0.3")]),
        OURS,
    )
    assert [one.is_new for one in found] == [True, False, False]
