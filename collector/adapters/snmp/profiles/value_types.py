"""The types of a profile file's values: what is read, what the manual calls it, its JSON schema."""

import datetime as dt
import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
)
from pydantic_core import CoreSchema

from collector.adapters.snmp.client.session import Oid, arc_of, oid
from collector.adapters.snmp.client.text import folded
from collector.adapters.snmp.profiles.formula import parsed
from collector.adapters.snmp.profiles.values import CodeFrom, Formula, Template
from collector.domain.meters import METERS, Meter
from collector.user_files.report import RefusedValue, quoted
from collector.user_files.tables import got_of

# What a type is called in the manual, and its schema.


Json = dict[str, Any]

_ARC: Final = r"(\d+|\{[a-z][a-z0-9_]*\})"
_OID: Final = r"^\.?\d+(\.\d+)*$"
_TEMPLATE: Final = rf"^\.?{_ARC}(\.{_ARC})*$"
_INSTANCE: Final = rf"^\.?{_ARC}(\.{_ARC})*(\[\.0\])?$"
_SUM: Final = r"^\s*[+-]?\s*[a-z]"
_SAID: Final[Json] = {"type": ["integer", "string"]}


@dataclass(frozen=True, eq=False)  # a schema has no hash, and types must have one
class Kind:
    """Beside a type: what the manual calls it, and its schema where pydantic cannot know it."""

    called: str
    schema: Mapping[str, Any] | None = None

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Json:
        """Return the schema."""
        return handler(core_schema) if self.schema is None else dict(self.schema)


@dataclass(frozen=True, slots=True)
class Called:
    """Beside a field: what the manual calls what stands there, where the type alone is not it."""

    words: str


class OneOrMany:
    """Beside a tuple: one value that stands alone is a list of one."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Json:
        """Return the schema of one, or of a list of them."""
        many = handler(core_schema)
        return {"anyOf": [many["items"], many]}


@dataclass(frozen=True, eq=False)
class OrShort:
    """Beside a table: a text may stand for it."""

    schema: Mapping[str, Any]

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Json:
        """Return the schema of the text or the table."""
        return {"anyOf": [dict(self.schema), handler(core_schema)]}


def _text_like(pattern: str) -> Json:
    return {"type": "string", "pattern": pattern}


def listed(value: object) -> object:
    """Return one value as a list of one."""
    return value if isinstance(value, list) or value is None else [value]


_T = TypeVar("_T")
Some = Annotated[tuple[_T, ...], BeforeValidator(listed), OneOrMany()]
"""One value or a list of them."""


# Texts and numbers.


LARGEST: Final = 2**32
"""No number of a profile needs to be larger: it is the modulus of the widest counter."""

_LEAST_WRAP: Final = 10_000
"""A counter that wraps sooner would do so within days: surely a mistake."""


def _is_unfit(char: str) -> bool:
    return unicodedata.category(char)[0] == "C" and char not in "\n\r\t"


def _fit(text: str) -> str:
    if not text.isprintable() and any(map(_is_unfit, text)):
        raise RefusedValue("control_characters", text=quoted(text))
    return text


def _date(value: object) -> dt.date:
    if isinstance(value, dt.datetime):
        raise RefusedValue("day_with_time", day=str(value))
    if not isinstance(value, dt.date):
        raise RefusedValue("date", got=got_of(value))
    return value


def _modulus(number: int) -> int:
    if number < _LEAST_WRAP:
        raise RefusedValue("wrap_small", least=_LEAST_WRAP)
    return number


def _times(number: int) -> int:
    if number == 0:
        raise RefusedValue("weight_zero")
    return number


def _arc(number: int) -> int:
    if number == 0:
        raise RefusedValue("arc_zero")
    return number


Text = Annotated[str, AfterValidator(_fit), Kind("text", {"type": "string"})]
Texts = Annotated[Some[Text], Called("texts")]
WholeNumber = Annotated[
    int,
    Field(strict=True, ge=0, le=LARGEST),
    Kind("number", {"type": "integer", "minimum": 0, "maximum": LARGEST}),
]
WholeNumbers = Annotated[Some[WholeNumber], Called("numbers")]
Modulus = Annotated[WholeNumber, AfterValidator(_modulus)]
Times = Annotated[WholeNumber, AfterValidator(_times)]
Flag = Annotated[bool, Field(strict=True), Kind("true or false", {"type": "boolean"})]
ProfileDate = Annotated[
    dt.date, PlainValidator(_date), Kind("date", {"type": "string", "format": "date"})
]
Arc = Annotated[
    int,
    Field(strict=True),
    AfterValidator(_arc),
    Kind("arc", {"type": "integer", "not": {"const": 0}}),
]
Arcs = Annotated[Some[Arc], Called("places of arcs")]


# Patterns and octets.


def _pattern(text: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python may soon read otherwise
            return re.compile(text)
    except RecursionError as exc:
        raise RefusedValue("pattern_too_deep", text=quoted(text)) from exc
    except (re.error, OverflowError, Warning) as exc:
        raise RefusedValue("no_pattern", text=quoted(text), reason=str(exc)) from exc


def _octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as exc:
        raise RefusedValue("no_octets", text=quoted(text)) from exc


def _symbol_sets(value: object) -> object:
    """Let `true` stand for HP's private texts, which begin with the number of a symbol set."""
    return list(_SYMBOL_SETS) if value is True else value


_SYMBOL_SETS: Final = ("0115", "fde8")
"""277 (Roman-8) and 65000 (UTF-8)."""
_HEX: Final = "^([0-9A-Fa-f]{2})+$"


def _parsed_text(parse: Callable[[str], _T]) -> Callable[[object], _T]:
    """Return what refuses all but a fit text, and parses that."""

    def read(value: object) -> _T:
        if not isinstance(value, str):
            raise RefusedValue("text_in_quotes", got=got_of(value))
        return parse(_fit(value))

    return read


Pattern = Annotated[
    re.Pattern[str],
    PlainValidator(_parsed_text(_pattern)),
    Kind("regular expression", {"type": "string", "format": "regex"}),
]
Octets = Annotated[bytes, PlainValidator(_parsed_text(_octets)), Kind("octets", _text_like(_HEX))]
OctetTexts = Annotated[Some[Octets], Called("octets in hexadecimal")]
Prefix = Annotated[
    Some[Octets],
    BeforeValidator(_symbol_sets),
    Kind(
        "true, or octets in hexadecimal",
        {
            "anyOf": [
                {"const": True},
                {"anyOf": [_text_like(_HEX), {"type": "array", "items": _text_like(_HEX)}]},
            ]
        },
    ),
]


# Object identifiers.


_EITHER: Final = "[.0]"
_PART: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_LAST_ROOT: Final = 2
_UNDER_A_ROOT: Final = 40
_MOST_ARCS: Final = 128
_LARGEST_ARC: Final = 2**32 - 1


def template(text: str) -> Template:
    """Return an OID whose `{part}` arcs are names; raises ValueError."""
    arcs: list[int | str] = []
    for arc in text.strip().removeprefix(".").split("."):
        named = _PART.fullmatch(arc)
        arcs.append(named[1] if named else arc_of(arc))
    return _sound(tuple(arcs))


def _sound(arcs: Template) -> Template:
    """Return `arcs` where they can be asked for (RFC 2578 section 3.5); raises ValueError."""
    first, second = (*arcs, None)[:2]
    if not isinstance(first, int) or not isinstance(second, int) or not _is_root(first, second):
        message = "no object identifier begins so"
        raise ValueError(message)
    numbers = [arc for arc in arcs if isinstance(arc, int)]
    if len(arcs) > _MOST_ARCS or max(numbers) > _LARGEST_ARC:
        message = "an object identifier has at most 128 arcs up to 4294967295"
        raise ValueError(message)
    return arcs


def _is_root(first: int, second: int) -> bool:
    return first == _LAST_ROOT or (first < _LAST_ROOT and second < _UNDER_A_ROOT)


def _plain_oid(text: str) -> Oid:
    try:
        return cast("Oid", _sound(oid(text)))
    except ValueError as exc:
        raise RefusedValue("no_oid", text=quoted(text)) from exc


def _template(text: str) -> Template:
    try:
        return template(text)
    except ValueError as exc:
        raise RefusedValue("no_template", text=quoted(text)) from exc


def _instances(text: str) -> tuple[Template, ...]:
    """Return the templates that `text` stands for: with `[.0]` at its end two."""
    one = _template(text.removesuffix(_EITHER))
    return ((*one, 0), one) if text.endswith(_EITHER) else (one,)


def _code_column(text: str) -> Template | CodeFrom:
    return CodeFrom(text) if text in set(CodeFrom) else _template(text)


def _like(text: str) -> tuple[int | None, ...]:
    try:
        return tuple(None if arc == "*" else arc_of(arc) for arc in text.split("."))
    except ValueError as exc:
        raise RefusedValue("no_like", text=quoted(text)) from exc


ObjectId = Annotated[Oid, PlainValidator(_parsed_text(_plain_oid)), Kind("OID", _text_like(_OID))]
ObjectIds = Annotated[Some[ObjectId], Called("OIDs")]
OidTemplate = Annotated[
    Template,
    PlainValidator(_parsed_text(_template)),
    Kind("OID with {parts}", _text_like(_TEMPLATE)),
]
Instances = Annotated[
    Some[
        Annotated[
            tuple[Template, ...],
            PlainValidator(_parsed_text(_instances)),
            Kind("OID with {parts} and [.0]", _text_like(_INSTANCE)),
        ]
    ],
    Called("OIDs with {parts} and [.0]"),
]
CodeColumn = Annotated[
    Template | CodeFrom,
    PlainValidator(_parsed_text(_code_column)),
    Kind(
        'OID, "index" or "last"',
        {"anyOf": [{"enum": ["index", "last"]}, _text_like(_TEMPLATE)]},
    ),
]
Like = Annotated[
    tuple[int | None, ...],
    PlainValidator(_parsed_text(_like)),
    Kind("arcs and stars", _text_like(r"^(\d+|\*)(\.(\d+|\*))*$")),
]


# What rows are called, and what their columns say.


def _code(value: object) -> Oid:
    is_code = isinstance(value, int | str) and not isinstance(value, bool)
    try:
        return tuple(arc_of(arc) for arc in (str(value) if is_code else "").split("."))
    except ValueError as exc:
        raise RefusedValue("no_code", value=quoted(value)) from exc


def _label(text: str) -> str:
    label = folded(text)
    if not label:
        raise RefusedValue("label_empty")
    return label


def is_part(text: str) -> str | None:
    """Return the name in `{name}`, which stands for the index of a part; None for another text."""
    part = _PART.fullmatch(text)
    return part[1] if part else None


def _said(value: object) -> int | str:
    """Take what a column can say: a label without a letter or digit is like any other."""
    if isinstance(value, str) and (is_part(value) is not None or folded(value) != ""):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise RefusedValue("not_said", value=quoted(value))


Code = Annotated[
    Oid,
    PlainValidator(_code),
    Kind(
        "code",
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": LARGEST},
                _text_like(r"^\d+(\.\d+)*$"),
            ]
        },
    ),
]
Codes = Annotated[Some[Code], Called("codes")]
Labels = Annotated[Some[Annotated[Text, AfterValidator(_label)]], Called("texts")]
ColumnSays = Annotated[int | str, PlainValidator(_said), Kind("said", _SAID)]
Wanted = Annotated[dict[str, Some[ColumnSays] | None], Called("wanted values by column")]
ColumnWords = Annotated[
    dict[str, dict[str, Some[ColumnSays] | None] | None], Called("words by column")
]


# Names, meters and sums.


NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
ROW_NAME: Final = re.compile(r"[A-Za-z0-9_.]+")
ID: Final = re.compile(r"[^\s/\\]{1,60}")


def _called(pattern: re.Pattern[str], code: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise RefusedValue(code, text=quoted(text))
        return text

    return read


def _named_by(pattern: re.Pattern[str]) -> Kind:
    return Kind("text", _text_like(f"^{pattern.pattern}$"))


def _meter(code: str) -> Callable[[str], Meter]:
    def read(text: str) -> Meter:
        if text not in METERS:
            raise RefusedValue(code, name=text, hint="")  # the nearest is sought where this is told
        return Meter(text)

    return read


Name = Annotated[str, AfterValidator(_called(NAME, "small_name")), _named_by(NAME)]
RowTitle = Annotated[str, AfterValidator(_called(ROW_NAME, "row_name")), _named_by(ROW_NAME)]
ProfileId = Annotated[Text, AfterValidator(_called(ID, "no_profile_id")), _named_by(ID)]
MeterKey = Annotated[
    Meter, AfterValidator(_meter("no_meter_key")), Kind("meter", {"enum": list(METERS)})
]
NamedMeter = Annotated[
    Meter,
    AfterValidator(_fit),
    AfterValidator(_meter("no_meter")),
    Kind("meter", {"enum": list(METERS)}),
]
NamedMeters = Annotated[Some[NamedMeter | None], Called("meters")]
SUM_TEXT: Final = _text_like(_SUM)
SumText = Annotated[Formula, PlainValidator(_parsed_text(parsed)), Kind("sum", SUM_TEXT)]
TEMPLATE_TEXT: Final = _text_like(_TEMPLATE)
