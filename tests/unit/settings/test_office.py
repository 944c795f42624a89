"""The office's section becomes the domain's office."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.unit.settings.files import loaded


def test_defaults_are_a_japanese_town_hall(tmp_path: Path) -> None:
    office = loaded(tmp_path).settings.office.office(frozenset())
    assert office.site == "town-hall"
    assert office.zone == ZoneInfo("Asia/Tokyo")
    assert office.weekend == {5, 6}
    assert (office.opens, office.closes) == (time(8, 30), time(17, 15))
    assert office.closing_day == "last"
    assert office.local_day(datetime(2026, 11, 30, 15, tzinfo=UTC)) == date(2026, 12, 1)


def test_closed_days_of_a_range_of_years(tmp_path: Path) -> None:
    text = '[office]\nclosed_days = ["02-29", "12-31", "2027-05-06", 2027-05-07]\n'
    settings = loaded(tmp_path, text).settings.office
    assert settings.closed_dates(2027, 2028) == {
        date(2028, 2, 29),
        date(2027, 12, 31),
        date(2028, 12, 31),
        date(2027, 5, 6),
        date(2027, 5, 7),
    }


def test_the_environment_writes_lists_with_commas(tmp_path: Path) -> None:
    environ = {
        "COPIER_FLEET__OFFICE__WEEKEND": "fri, Saturday",
        "COPIER_FLEET__OFFICE__CLOSED_DAYS": "01-01",
        "COPIER_FLEET__OFFICE__CLOSING_DAY": "20",
        "COPIER_FLEET__OFFICE__WORKING_HOURS": "9:00-17:00",
        "copier_fleet__mqtt__tls": "true",
    }
    settings = loaded(tmp_path, environ=environ).settings
    office = settings.office.office(settings.office.closed_dates(2026, 2026))
    assert office.weekend == {4, 5}
    assert office.closed == {date(2026, 1, 1)}
    assert office.closing_day == 20
    assert office.opens == time(9)
    assert settings.mqtt.port_number == 8883
