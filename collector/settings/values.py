"""The types of the settings' values: each refuses what cannot be meant, in one sentence."""

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, PlainValidator

from collector.domain.calendars import YearDay
from collector.settings.labels import address_problem, id_problem, name_problem, tidy

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LEAP_YEAR: Final = 2024
_LAST_DAY_OF_MONTH: Final = 31


class Language(StrEnum):
    """Language of what people read."""

    JA = "ja"
    EN = "en"


class LogFormat(StrEnum):
    """`auto` is text on a terminal and journald's own form under systemd."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """It opens at `opens` and closes at `closes`: the next day where that is not later."""

    opens: dt.time
    closes: dt.time

    def __str__(self) -> str:
        """Write them as settings do; midnight at the end is 24:00."""
        closes = "24:00" if self.closes == dt.time(0) else f"{self.closes:%H:%M}"
        return f"{self.opens:%H:%M}-{closes}"


def _plain(text: str) -> str:
    text = tidy(text)
    if problem := name_problem(text):
        raise ValueError(problem)
    return text


def _path(value: object) -> object:
    if value == "":
        raise ValueError("is empty; write a path, or remove the key")
    return value


def _label(text: str) -> str:
    text = tidy(text)
    if problem := id_problem(text):
        raise ValueError(problem)
    return text


def _host(text: str) -> str:
    text = tidy(text)
    if problem := address_problem(text) if text else None:
        raise ValueError(problem)
    return text


def _zone(value: object) -> zoneinfo.ZoneInfo:
    if isinstance(value, zoneinfo.ZoneInfo):
        return value
    try:
        return zoneinfo.ZoneInfo(str(value))
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as exc:
        raise ValueError(
            f"{value!r} is no time zone known here; write one like Asia/Tokyo"
        ) from exc


def closed_day(value: object) -> YearDay:
    """Return a day of every year, or of one; raises ValueError with a sentence."""
    if isinstance(value, YearDay):
        return value
    text = str(value)
    if match := re.fullmatch(r"(?:(\d{4})-)?(\d{2})-(\d{2})", text):
        year, month, day = (int(part) if part else None for part in match.groups())
        try:
            dt.date(year or _LEAP_YEAR, month or 0, day or 0)
        except ValueError:
            pass
        else:
            return YearDay(month or 0, day or 0, year)
    raise ValueError(f"{text!r} is no day; write month-day like 12-29, or a date like 2026-12-29")


def _weekday(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError("write the day as text like sat")  # noqa: TRY004 - pydantic wants ValueError
    name = str(value).casefold()[:3]
    if name not in WEEKDAYS:
        raise ValueError(f"{value!r} is no weekday; use {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(name)


def weekdays(value: object) -> frozenset[int]:
    """Return weekdays off, none or six at most; raises ValueError with a sentence."""
    days = _split(value)
    if not isinstance(days, list):
        raise ValueError('must be a list of weekdays like ["sat", "sun"], or [] for none')  # noqa: TRY004 - as above
    found = frozenset(map(_weekday, days))
    if len(found) == len(WEEKDAYS):
        raise ValueError("leaves no day to work on; name six weekdays at most")
    return found


def shift_hours(value: object) -> WorkingHours:
    """Return working hours, also over midnight: 22:00-06:00; raises ValueError with a sentence."""
    hours = re.sub(r"-\s*24:00\s*$", "-00:00", str(value))
    return _hours(hours, str(value))


def _working_hours(value: object) -> WorkingHours:
    if isinstance(value, WorkingHours):
        return value
    hours = _hours(str(value), str(value))
    if hours.opens >= hours.closes:
        raise ValueError("the office must close after it opens, on the same day")
    return hours


def _hours(value: str, written: str) -> WorkingHours:
    match = re.fullmatch(r"\s*(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\s*", value)
    try:
        opens, closes = (
            dt.time.fromisoformat(part.zfill(5)) for part in (match.groups() if match else ())
        )
    except ValueError as exc:
        raise ValueError(f"{written!r} are no working hours; write them like 08:30-17:15") from exc
    return WorkingHours(opens, closes)


def _closing_day(value: object) -> int | str:
    if value == "last":
        return "last"
    text = str(value)
    if re.fullmatch(r"\d{1,2}", text) and 1 <= int(text) <= _LAST_DAY_OF_MONTH:
        return int(text)
    raise ValueError('must be "last" or a day from 1 to 31')


def _split(value: object) -> object:
    """Take a comma-separated text for a list: that is how the environment writes one."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")  # noqa: TRY004 - as above
    return value


def _country(text: str) -> str:
    text = text.strip().upper()
    if text and not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError('must be a two-letter country code like JP, or "" for no holidays')
    return text


def _http_url(text: str) -> str:
    text = text.strip().rstrip("/")
    if not text:
        return text
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
        parts = urlsplit("")
    if not good or parts.query or parts.fragment:
        raise ValueError("must be a URL like http://influx.example.jp:8086")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user or password; use the keys username and password")
    return text


def _topic(text: str) -> str:
    parts = text.split("/")
    if problem := next((found for part in parts if (found := id_problem(part))), None):
        raise ValueError(f"every part of a topic between / must be plain: {problem}")
    return text


Label = Annotated[str, AfterValidator(_label)]
"""An id: fits an MQTT topic and a tag as it is."""
CredentialName = Annotated[str, Field(pattern=r"^[a-z0-9]+([_-]?[a-z0-9]+)*$", max_length=64)]
"""Lower case, no double underscore: it is also a part of environment and secret file names."""
Host = Annotated[str, AfterValidator(_host)]
Zone = Annotated[InstanceOf[zoneinfo.ZoneInfo], BeforeValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]
ClosedDays = Annotated[
    tuple[Annotated[YearDay, PlainValidator(closed_day)], ...], BeforeValidator(_split)
]
Weekend = Annotated[
    frozenset[Annotated[int, PlainValidator(_weekday)]],
    BeforeValidator(_split),
    Field(max_length=6),
]
Hours = Annotated[WorkingHours, PlainValidator(_working_hours)]
ClosingDay = Annotated[int | Literal["last"], PlainValidator(_closing_day)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
Topic = Annotated[str, AfterValidator(_topic)]
Plain = Annotated[str, AfterValidator(_plain)]
"""A name that another program knows: not empty, on one line."""
PlainOrEmpty = Annotated[str, AfterValidator(lambda text: _plain(text) if text else text)]
StampTitle = Annotated[str, AfterValidator(_plain), Field(max_length=12)]
Stamps = Annotated[tuple[StampTitle, ...], BeforeValidator(_split), Field(max_length=5)]
"""Titles of the stamp boxes of a report: so many fit beside its own title."""
FilePath = Annotated[Path, BeforeValidator(_path)]
Whole = Annotated[int, BeforeValidator(_no_bool)]
Number = Annotated[float, BeforeValidator(_no_bool), Field(allow_inf_nan=False)]
Port = Annotated[int, BeforeValidator(_no_bool), Field(ge=1, le=65535)]
