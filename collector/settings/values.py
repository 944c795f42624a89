"""The types of values in settings, fleet and factors: each refuses what cannot be meant."""

import contextlib
import datetime as dt
import ipaddress
import re
import unicodedata
import zoneinfo
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PlainValidator,
    SecretBytes,
    SecretStr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from collector.domain.office.work_calendars import YearDay
from collector.domain.sentence import Sentence
from collector.errors import said
from collector.user_files.report import RefusedValue
from collector.user_files.tables import got_of

# What may stand in ids, names and addresses: they become topics, tags and packets.


LONGEST_ID: Final = 64
_LONGEST_SLUG: Final = 40
LONGEST_NAME: Final = 200
_DIGITS: Final = 5
_WEIGHTS: Final = (6, 5, 4, 3, 2)
_ELEVEN: Final = 11
_PREFECTURES: Final = range(1, 48)
_LONGEST_HOST: Final = 253
_HOST_PART: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_LOOKS_NUMERIC: Final = re.compile(r"[0-9.]+")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def tidy(text: str) -> str:
    """Return `text` without blanks around it, in composed Unicode (NFC)."""
    return unicodedata.normalize("NFC", text).strip()


def id_problem(text: str) -> Sentence | None:
    """Say what is wrong with an id, or None. A good one fits an MQTT topic and a tag as it is."""
    if not text:
        return said("id_empty", most=LONGEST_ID)
    good = all(letter.isalnum() or letter in "-_." or _is_mark(letter) for letter in text)
    if good and text[0].isalnum() and len(text) <= LONGEST_ID:
        return None
    return said("id_unusable", id=repr(text), most=LONGEST_ID)


def slugged(text: str) -> str:
    """Return `text` as an id may have it, in small letters; empty where nothing of it can be."""
    kept = "".join(
        one if one.isalnum() or unicodedata.category(one).startswith("M") else "-"
        for one in tidy(text).casefold()
    )
    return re.sub(r"-+", "-", kept).strip("-")[:_LONGEST_SLUG].strip("-")


def free_id(slug: str, used: Collection[str]) -> str:
    """Return `slug`, with a number where `used` has it already."""
    if slug not in used:
        return slug
    numbers = (f"{slug[: LONGEST_ID - 6]}-{number}" for number in range(2, 100_000))
    return next(one for one in numbers if one not in used)


def name_problem(text: str) -> Sentence | None:
    """Say what is wrong with a name for people, or None."""
    if not text:
        return said("name_empty")
    if len(text) > LONGEST_NAME:
        return said("name_long", most=LONGEST_NAME)
    if any(unicodedata.category(letter) in _HIDDEN for letter in text):
        return said("name_hidden")
    return None


def address_problem(text: str) -> Sentence | None:
    """Say why `text` cannot be polled, or None for an IPv4 or IPv6 address or a host name."""
    if not text:
        return said("address_empty")
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return _host_problem(text)
    if address.is_unspecified or address.is_multicast or str(address) == "255.255.255.255":
        return said("address_of_many", address=text)
    return None


def canonical_address(text: str) -> str:
    """Return one spelling for all spellings of an address, to find it listed twice."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text.rstrip(".").casefold()


def _host_problem(text: str) -> Sentence | None:
    if text.startswith("[") and text.endswith("]"):
        return said("address_brackets", address=text[1:-1])
    if _LOOKS_NUMERIC.fullmatch(text):
        plain = ".".join(part.lstrip("0") or "0" for part in text.split("."))
        if plain != text and address_problem(plain) is None:
            return said("address_zeros", address=text, plain=plain)
        return said("address_ipv4", address=text)
    parts = text.removesuffix(".").split(".")
    if len(text) <= _LONGEST_HOST and all(_HOST_PART.fullmatch(part) for part in parts):
        return None
    return said("address_unknown", address=repr(text))


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")


WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LEAP_YEAR: Final = 2024
_LAST_DAY_OF_MONTH: Final = 31


class Language(StrEnum):
    """Language of what people read."""

    JA = "ja"
    EN = "en"


CadenceName = Literal["steady", "office"]
LogFormatName = Literal["auto", "text", "json"]
"""`auto` is text on a terminal and journald's own form under systemd."""


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
    return _checked(text, name_problem)


def _checked(text: str, check: Callable[[str], Sentence | None]) -> str:
    text = tidy(text)
    if problem := check(text):
        raise RefusedValue.by(problem)
    return text


def _path(value: object) -> object:
    if value == "":
        raise RefusedValue("path_empty")
    return value


def _label(text: str) -> str:
    return _checked(text, id_problem)


def _host(text: str) -> str:
    return _checked(text, address_problem) if tidy(text) else ""


def _zone(value: object) -> zoneinfo.ZoneInfo:
    if isinstance(value, zoneinfo.ZoneInfo):
        return value
    try:
        return zoneinfo.ZoneInfo(str(value))
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as exc:
        raise RefusedValue("zone", zone=repr(value)) from exc


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
    raise RefusedValue("year_day", day=repr(text))


def _weekday(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        raise RefusedValue("weekday_text")
    name = str(value).casefold()[:3]
    if name not in WEEKDAYS:
        raise RefusedValue("weekday", day=repr(value), days=WEEKDAYS)
    return WEEKDAYS.index(name)


def weekdays(value: object) -> frozenset[int]:
    """Return weekdays off, none or six at most; raises ValueError with a sentence."""
    days = _split(value)
    if not isinstance(days, list):
        raise RefusedValue("weekday_list")
    found = frozenset(map(_weekday, days))
    if len(found) == len(WEEKDAYS):
        raise RefusedValue("no_workday")
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
        raise RefusedValue("hours_order")
    return hours


def _hours(value: str, written: str) -> WorkingHours:
    match = re.fullmatch(r"\s*(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\s*", value)
    try:
        opens, closes = (
            dt.time.fromisoformat(part.zfill(5)) for part in (match.groups() if match else ())
        )
    except ValueError as exc:
        raise RefusedValue("hours", hours=repr(written)) from exc
    return WorkingHours(opens, closes)


def _quiet_hours(value: object) -> WorkingHours | None:
    if value == "":
        return None
    hours = shift_hours(value)
    if hours.opens == hours.closes:
        raise RefusedValue("always_quiet")
    return hours


def _clock(value: object) -> dt.time:
    text = value.isoformat("minutes") if isinstance(value, dt.time) else str(value)
    if re.fullmatch(r"\d{1,2}:\d{2}", text):
        with contextlib.suppress(ValueError):
            return dt.time.fromisoformat(text.zfill(5))
    raise RefusedValue("clock", time=repr(text))


def _closing_day(value: object) -> int | str:
    if value == "last":
        return "last"
    text = str(value)
    if re.fullmatch(r"\d{1,2}", text) and 1 <= int(text) <= _LAST_DAY_OF_MONTH:
        return int(text)
    raise RefusedValue("closing_day")


def _split(value: object) -> object:
    """Take a comma-separated text for a list: that is how the environment writes one."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise RefusedValue("no_boolean")
    return value


def _country(text: str) -> str:
    text = text.strip().upper()
    if text and not re.fullmatch(r"[A-Z]{2}", text):
        raise RefusedValue("country")
    return text


def code_with_check_digit(digits: str) -> str | None:
    """Return the code of a municipality (全国地方公共団体コード) that begins with five `digits`.

    The sixth is what the sum of the digits times 6, 5, 4, 3 and 2 lacks to a multiple of eleven,
    its last digit (総務省「検査数字の算出方法」). None where they are no such digits.
    """
    if not re.fullmatch(r"[0-9]{5}", digits) or int(digits[:2]) not in _PREFECTURES:
        return None
    total = sum(int(one) * weight for one, weight in zip(digits, _WEIGHTS, strict=True))
    return f"{digits}{(_ELEVEN - total % _ELEVEN) % 10}"


def _municipality_code(text: str) -> str:
    code = unicodedata.normalize("NFKC", text).strip()
    meant = code_with_check_digit(code[:_DIGITS])
    if meant is None:
        raise RefusedValue("municipality_code", text=repr(text))
    if meant != code:
        raise RefusedValue("municipality_code_meant", text=repr(text), meant=meant)
    return code


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
        raise RefusedValue("url")
    if parts.username is not None or parts.password is not None:
        raise RefusedValue("url_user")
    return text


def _listen(text: str) -> str:
    """Return a loopback address with its port; the empty text stays."""
    text = text.strip()
    if not text:
        return text
    try:
        parts = urlsplit(f"//{text}")
        address, port = ipaddress.ip_address(parts.hostname or ""), parts.port
    except ValueError as exc:
        raise RefusedValue("listen") from exc
    if not port or parts.netloc != text or parts.username is not None:
        raise RefusedValue("listen")
    if not address.is_loopback:
        raise RefusedValue("listen_loopback")
    return text


def _topic(text: str) -> str:
    parts = text.split("/")
    if problem := next((found for part in parts if (found := id_problem(part))), None):
        raise RefusedValue("topic", problem=problem)
    return text


Label = Annotated[str, AfterValidator(_label)]
"""An id: fits an MQTT topic and a tag as it is."""
CredentialName = Annotated[str, Field(pattern=r"^[a-z0-9]+([_-]?[a-z0-9]+)*$", max_length=64)]
"""Lower case, no double underscore: it is also a part of environment and secret file names."""
Host = Annotated[str, AfterValidator(_host)]
Zone = Annotated[InstanceOf[zoneinfo.ZoneInfo], BeforeValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]
MunicipalityCode = Annotated[str, AfterValidator(_municipality_code)]
"""全国地方公共団体コード: six digits, the last of which proves the others."""
ClosedDays = Annotated[
    tuple[Annotated[YearDay, PlainValidator(closed_day)], ...], BeforeValidator(_split)
]
Weekend = Annotated[
    frozenset[Annotated[int, PlainValidator(_weekday)]],
    BeforeValidator(_split),
    Field(max_length=6),
]
Hours = Annotated[WorkingHours, PlainValidator(_working_hours)]
QuietTime = Annotated[WorkingHours | None, PlainValidator(_quiet_hours)]
"""From one time of the day to another, over midnight too; empty for none."""
Clock = Annotated[dt.time, PlainValidator(_clock)]
Matters = Annotated[
    tuple[Literal["targets", "closing", "questions", "machines", "ledger", "sinks"], ...],
    BeforeValidator(_split),
]
Ids = Annotated[tuple[str, ...], BeforeValidator(_split)]
"""Ids of departments."""
ClosingDay = Annotated[int | Literal["last"], PlainValidator(_closing_day)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
Listen = Annotated[str, AfterValidator(_listen)]
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


# Names of closing months: 2026-11.


_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def month_problem(text: str) -> Sentence | None:
    """Say what is wrong with the name of a month, or None."""
    if _MONTH.fullmatch(text):
        return None
    return said("month", month=repr(text))


# What stands in the fleet and factors files, where a number is never in quotes.


def _month(value: object) -> str:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        if value.day != 1:
            raise RefusedValue("month_within", day=value)
        return f"{value:%Y-%m}"  # the first day stands for its month
    if not isinstance(value, str):
        raise RefusedValue("month_in_quotes", got=got_of(value))
    return _checked(value, month_problem)


def _day(value: object) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as exc:
        raise RefusedValue("date", got=got_of(value)) from exc


def _calendar_day(value: object) -> YearDay:
    if isinstance(value, dt.datetime):
        raise RefusedValue("day_with_time", day=str(value))
    return closed_day(value.isoformat() if isinstance(value, dt.date) else value)


def _amount(value: object) -> Decimal:
    if isinstance(value, int | float) and not isinstance(value, bool):
        amount = Decimal(str(value))
        if amount.is_finite():
            return amount
    raise RefusedValue("number", got=got_of(value))


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(map(tidy, value))
    raise RefusedValue("list_of_texts", got=got_of(value))


Text = Annotated[str, AfterValidator(tidy)]
Day = Annotated[dt.date, PlainValidator(_day)]
CalendarDay = Annotated[YearDay, PlainValidator(_calendar_day)]
"""A day of every year, or of one."""
MonthName = Annotated[str, PlainValidator(_month)]
Pages = Annotated[int, Field(strict=True)]
Amount = Annotated[Decimal, PlainValidator(_amount)]
"""A number as it is written, with or without decimals."""
YesNo = Annotated[bool, Field(strict=True)]
Texts = Annotated[tuple[str, ...], PlainValidator(_texts)]
DaysOff = Annotated[frozenset[int], PlainValidator(weekdays)]
ShiftHours = Annotated[WorkingHours, PlainValidator(shift_hours)]


# What every section of the settings has in common.


CONFLICTS = "conflicts"
"""Type of the pydantic error that carries every conflict of one section."""


class Section(BaseModel):
    """A frozen section; unknown keys are refused; a key's docstring is its description."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        defer_build=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    def conflicts(self) -> Iterator[tuple[str, Sentence]]:
        """Yield (key, sentence) for keys that do not go together.

        The loader adds as facts the names of the secret file and of the environment variable
        that would set the key: `secret`, `variable`.
        """
        yield from ()

    @model_validator(mode="after")
    def _no_conflicts(self) -> Self:
        if found := tuple(self.conflicts()):
            # Sentences hold no value of a secret; the loader turns each into a problem.
            raise PydanticCustomError(CONFLICTS, "keys conflict", {CONFLICTS: found})
        return self


def reveal(secret: SecretStr | None) -> str | None:
    """Return a secret in plain text, or None where there is none."""
    return None if secret is None else secret.get_secret_value()


def secrets_in(value: object) -> Iterator[str]:
    """Yield every secret in `value` in plain text: a secret, or whatever holds some, at any depth.

    What is a secret is said where its key is declared, by its type, and nowhere else.
    """
    match value:
        case SecretStr() | SecretBytes():
            plain = value.get_secret_value()
            yield plain if isinstance(plain, str) else plain.decode("utf-8", "replace")
        case BaseModel():
            for _, inner in value:
                yield from secrets_in(inner)
        case Mapping():
            for inner in value.values():
                yield from secrets_in(inner)
        case list() | tuple() | set() | frozenset():
            for inner in value:
                yield from secrets_in(inner)
