"""The table of what is published, and that no row leaves it."""

from datetime import UTC, datetime

import pytest

from collector.domain.meters import METERS
from collector.domain.rows import SCHEMA, FieldType, Row

AT = datetime(2026, 11, 2, tzinfo=UTC)
TAGS = {"site": "hall", "place": "1f", "department": "soumu"}


def test_row_that_fits() -> None:
    row = Row("copier", TAGS, {"total": 1, "online": True, "model": "複合機", "uptime_s": 0}, AT)
    assert row.fields["total"] == 1


@pytest.mark.parametrize(
    ("measurement", "tags", "fields", "about"),
    [
        ("copiers", TAGS, {"total": 1}, "unknown measurement"),
        ("copier", {"site": "hall", "place": "1f"}, {"total": 1}, "tags"),
        ("copier", TAGS | {"supply": "black"}, {"total": 1}, "tags"),
        ("copier", TAGS, {}, "not empty"),
        ("copier", TAGS, {"totl": 1}, "totl"),
        ("copier", TAGS, {"total": 1.0}, "total"),
        ("copier", TAGS, {"total": True}, "total"),
        ("copier", TAGS, {"total": "1"}, "total"),
        ("copier", TAGS, {"total": None}, "total"),
        ("copier", TAGS, {"online": 1}, "online"),
        ("collector", {"site": "s", "host": "h"}, {"cycle_s": 3}, "cycle_s"),
        (
            "copier_supply",
            {"site": "s", "place": "p", "supply": "k"},
            {"level_pct": 5},
            "level_pct",
        ),
    ],
)
def test_row_that_does_not_fit_is_refused_before_it_is_sent(
    measurement: str, tags: dict, fields: dict, about: str
) -> None:
    """A field's type is fixed by its first write: an integer once is an integer for ever."""
    with pytest.raises(ValueError, match=about):
        Row(measurement, tags, fields, AT)


def test_every_meter_has_a_field_wherever_pages_are_published() -> None:
    for name in ("copier", "copier_day", "department_day"):
        fields = SCHEMA[name].fields
        assert {fields[meter] for meter in METERS} == {FieldType.INTEGER}


def test_every_row_says_which_site_it_is_from() -> None:
    assert all(shape.tags[0] == "site" for shape in SCHEMA.values())


def test_no_name_is_both_a_tag_and_a_field() -> None:
    """InfluxDB would rename one of them in every answer."""
    for shape in SCHEMA.values():
        assert not set(shape.tags) & set(shape.fields)
        assert "time" not in {*shape.tags, *shape.fields}
