"""The one table of what is published: measurements, tags, and the type of every field.

A time-series database fixes a field's type at its first write (InfluxDB: per shard), so an
integer is always written as an integer and a float as a float, and this table decides which.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from collector.domain.counting.reading import Reading, Supply, Tray
from collector.domain.meters import METERS


class FieldType(StrEnum):
    """Type of a field as line protocol knows it."""

    INTEGER = "i"
    FLOAT = "f"
    BOOLEAN = "b"
    STRING = "s"


_PYTHON: Final[Mapping[FieldType, type]] = {
    FieldType.INTEGER: int,
    FieldType.FLOAT: float,
    FieldType.BOOLEAN: bool,
    FieldType.STRING: str,
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """A kind of row: its tag names, all of them always written, and its fields' types."""

    tags: tuple[str, ...]
    fields: Mapping[str, FieldType]
    tag_names: frozenset[str] = field(init=False, repr=False, compare=False)
    types: Mapping[str, type] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out once what every row is held against."""
        object.__setattr__(self, "tag_names", frozenset(self.tags))
        types = {name: _PYTHON[kind] for name, kind in self.fields.items()}
        object.__setattr__(self, "types", types)


def _all(kind: FieldType, *names: str) -> dict[str, FieldType]:
    return dict.fromkeys(names, kind)


_I, _F, _B, _S = FieldType.INTEGER, FieldType.FLOAT, FieldType.BOOLEAN, FieldType.STRING
_METER_FIELDS: Final = _all(_I, *METERS)
_MONTH_FIELDS: Final = (
    _all(
        _I,
        *("pages", "mono", "color", "copy", "print", "fax", "scan", "sheets"),
        *("target", "remaining", "last_year", "estimated", "places", "places_read"),
        *("cut", "year_pages", "year_target", "year_remaining", "revision"),
        *("low", "high", "in_question"),
        *("urgency", "days_left", "last_month"),
        *("sheets_used", "sheets_low", "sheets_high", "a4_sheets", "a4_low", "a4_high"),
        *(
            "target_used",
            "people",
            "rank",
            "rank_of",
            "level",
            "own_pages",
            "excluded",
            "pages_without",
        ),
    )
    | _all(_F, "ratio", "forecast", "forecast_low", "forecast_high", "elapsed", "forecast_ratio")
    | _all(_F, "pace", "allowed_pace", "cost", "paper_cost", "hours", "co2_g")
    | _all(_B, "final", "has_target", "cost_known", "paper_cost_known", "hours_known")
    | _all(_B, "co2_g_known", "sheets_known", "a4_known", "duplex_known")
    | _all(_B, "people_known", "target_with_excluded")
    | _all(_F, "duplex_share", "pages_per_head", "sheets_per_head")
    | _all(_S, "sheets_quality", "sheets_basis", "sheets_basis_en")
    | _all(_S, "target_unit", "parent")
    | _all(_S, "name", "name_en", "basis", "basis_en", "advice", "advice_en", "year_since")
    | _all(_S, "completeness", "completeness_en", "measured_since")
    | _all(_S, "standing", "title", "title_en", "label", "label_en", "choice", "choice_en")
)
_OFFICE_FIELDS: Final = _MONTH_FIELDS | _all(
    _I, "departments", "departments_over", "departments_will_be_over", "departments_on_course"
)
_DAY_FIELDS: Final = _METER_FIELDS | _all(_I, "estimated") | _all(_S, "period", "day")
_COURSE_FIELDS: Final = _DAY_FIELDS | _all(_I, "so_far", "allowed", "last_year_so_far")

_RANGED: Final = ("stock_change", "counted", "excluded", "unexplained")
_PAPER_FIELDS: Final = (
    _all(_I, "bought", *(f"{one}{end}" for one in _RANGED for end in ("", "_low", "_high")))
    | _all(_F, "unexplained_share")
    | _all(_B, "bought_known", "counted_known", "unexplained_known", "over")
    | _all(_S, "name", "name_en", "title", "title_en")
)

SCHEMA: Final[Mapping[str, Measurement]] = {
    "copier": Measurement(
        ("site", "place", "department"),
        _METER_FIELDS
        | _all(_B, "online")
        | _all(_S, "status", "errors", "model", "serial", "name", "label", "choice", "counted_in")
        | _all(_I, "uptime_s", "silent_s"),
    ),
    "copier_supply": Measurement(
        ("site", "place", "supply"),
        _all(_F, "level_pct", "full_pct")
        | _all(_I, "remaining", "capacity")
        | _all(_S, "state", "name", "kind", "color"),
    ),
    "copier_tray": Measurement(
        ("site", "place", "tray"),
        _all(_F, "level_pct")
        | _all(_I, "remaining", "capacity")
        | _all(_S, "state", "name", "media", "status"),
    ),
    "copier_day": Measurement(
        ("site", "place", "department"),
        _DAY_FIELDS | _all(_S, "counted_in"),
    ),
    "department_day": Measurement(("site", "department"), _COURSE_FIELDS),
    "office_day": Measurement(("site",), _COURSE_FIELDS),
    "department_month": Measurement(("site", "department", "month"), _MONTH_FIELDS),
    "office_month": Measurement(("site", "month"), _OFFICE_FIELDS),
    "paper_quarter": Measurement(("site", "department"), _PAPER_FIELDS | _all(_S, "quarter")),
    "paper_year": Measurement(("site", "department"), _PAPER_FIELDS | _all(_S, "year")),
    "copier_event": Measurement(
        ("site", "place", "code"),
        _all(_S, "severity", "message", "message_ja", "message_en"),
    ),
    "place": Measurement(("site", "place"), _all(_I, "counted") | _all(_S, "area")),
    "question": Measurement(
        ("site", "place", "finding"),
        _all(_B, "open")
        | _all(_I, "pages")
        | _all(_S, "name", "first", "last", "reason", "message", "message_ja", "message_en"),
    ),
    "collector": Measurement(
        ("site", "host"),
        _all(_I, "polled", "failed", "slow", "backlog")
        | _all(_F, "cycle_s", "lag_s", "slowest_s")
        | _all(_S, "slowest", "slowest_label"),
    ),
    "collector_mark": Measurement(("site",), _all(_I, "published")),
}
"""Measurement name -> its shape. `silent_s` is 0 while a copier answers, else seconds since.

`message` speaks the office's language, and beside it stand both. `errors` are words separated by
spaces, empty for none. `level_pct` is what is left; of a supply of kind `waste` it is the room
left, and `full_pct`, which no other kind has, how full it is. `collector_mark` says up to which
change of the ledger all was published: by that an emptied database, or an older copy, is known.

`place` and `question` are for boards, which show what stands now, and are in no database: `counted`
is what the ledger ever counted at a place, so machines that come and go, resets and dips leave it
as it is; a question that is not `open` any more is taken down.

A screen finds no month and knows no list of departments, so rows say it: `period` is the closing
month of a day and `day` that day in it (11/03), `title` a month in words; `label` is a name behind
its number in the fleet, `choice` what a selector offers: the id, U+2063, what is shown. `so_far`,
`allowed` and `last_year_so_far` are impressions from the period's begin to that day's end.

Where departments are parts of others (`parent`, `level` from 1 on) a month, and how far it is by a
day, is of a department with all its parts; what a day's meters say, and `own_pages`, is of its own
places alone, so that these add up to the office's.
"""

Value = int | float | bool | str


@dataclass(frozen=True, slots=True)
class Row:
    """One point to publish: the same tags and time always mean the same point.

    Raises ValueError where it does not fit `SCHEMA`: an unknown measurement or field, a missing
    tag, a value of another type, no field at all.
    """

    measurement: str
    tags: Mapping[str, str]
    fields: Mapping[str, Value]
    at: datetime

    def __post_init__(self) -> None:
        """Check this row against the table."""
        shape = SCHEMA.get(self.measurement)
        if shape is None:
            message = f"unknown measurement {self.measurement!r}"
            raise ValueError(message)
        if self.tags.keys() != shape.tag_names or not self.fields:
            message = f"{self.measurement}: tags must be {shape.tags} and fields not empty"
            raise ValueError(message)
        types = shape.types
        for name, value in self.fields.items():
            if types.get(name) is not type(value):
                kind = shape.fields.get(name)
                message = f"{self.measurement}.{name}: {value!r} does not fit type {kind}"
                raise ValueError(message)


# Supplies and trays of a reading as rows.


def stock_rows(reading: Reading, site: str) -> Iterator[Row]:
    """Yield a row for each supply and each tray of `reading`; what is not known has no field."""
    tags = {"site": site, "place": reading.place}
    for supply in reading.answer.supplies:
        fields = _amounts(supply) | {"kind": supply.kind.value}
        if supply.color is not None:
            fields["color"] = supply.color
        if supply.full_pct is not None:
            fields["full_pct"] = float(supply.full_pct)
        yield Row("copier_supply", tags | {"supply": supply.key}, fields, reading.at)
    for tray in reading.answer.trays:
        fields = _amounts(tray) | {"status": tray.status.value}
        if tray.media is not None:
            fields["media"] = tray.media
        yield Row("copier_tray", tags | {"tray": tray.key}, fields, reading.at)


def _amounts(one: Supply | Tray) -> dict[str, Value]:
    fields: dict[str, Value] = {"state": one.state.value, "name": one.name}
    if one.level_pct is not None:
        fields["level_pct"] = float(one.level_pct)
    if one.remaining is not None:
        fields["remaining"] = one.remaining
    if one.capacity is not None:
        fields["capacity"] = one.capacity
    return fields
