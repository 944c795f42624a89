"""A batch as text: JSON Lines, the header first, then one fact a line. Pure; a round trip.

The form of a fact follows from its types: an object by field, without what is at its default; a
value of one of several types as `{"TypeName": value}`. So a fact that gains a field with a default
is still read from whoever does not send it. What does not fit raises ValueError, which names line
and field and no sentence: this text comes from another program, in another office.
"""

import gzip
import json
import sys
import types
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Final, ForwardRef, NewType, Union, get_args, get_origin, get_type_hints

from collector.app.centre.agreement import MOST_LINES, MOST_OCTETS, FactBatch
from collector.app.centre.facts import Changed, Fact, Read, Recounted
from collector.domain.closing.seal import parsed
from collector.domain.closing.statement import Sealed
from collector.domain.office.shares import PlaceId
from collector.ports import PlaceState

PROTOCOL: Final = 1
"""Grows when a centre could misread what a site of another version sends."""

PROTOCOL_HEADER: Final = "Copier-Fleet-Protocol"
"""In which every request names it."""

NOT_UNDERSTOOD: Final = (
    *(ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError),
)
"""What a text may come to that is not as a site writes it; nested too deeply, the last of them."""
_SAID: Final = 300
_INSTANTS: Final = 4096
"""Kept read: the meters of a place mostly moved at the same time."""
_SCALARS: Final = (str, int, float, bool, types.NoneType)


class TooMuch(ValueError):
    """A body that is larger than any batch."""


# One codec a type, made when it is first needed.


@dataclass(frozen=True, slots=True)
class _Codec:
    """Turns a value of one type into what JSON holds, and back."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


@cache
def _of(kind: Any) -> _Codec:  # noqa: ANN401, PLR0911 - one for each form a type may have
    """Return the codec of `kind`: a type, or what typing makes of several."""
    if kind in {"Fact", ForwardRef("Fact")}:  # a sentence's facts may be sentences: looked up late
        fact = sys.modules["collector.domain.sentence"].Fact
        return _Codec(lambda value: _of(fact).write(value), lambda plain: _of(fact).read(plain))
    if isinstance(kind, NewType):
        return _of(kind.__supertype__)
    if kind in _SCALARS:
        return _Codec(
            lambda value: value,
            lambda plain: plain if type(plain) is kind else _scalar(kind, plain),
        )
    if kind is datetime:
        return _Codec(lambda at: at.astimezone(UTC).isoformat(), _instant)
    if kind is date:
        return _Codec(date.isoformat, lambda plain: date.fromisoformat(_scalar(str, plain)))
    if kind is Sealed:
        return _Codec(lambda one: {"text": one.text, "seal": one.seal}, _sealed)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _Codec(lambda one: one.value, kind)
    if is_dataclass(kind) and isinstance(kind, type):
        return _of_fields(kind)
    return _of_several(kind)


def _of_several(kind: Any) -> _Codec:  # noqa: ANN401 - as above
    origin, parts = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return _of_union(parts)
    if origin is tuple and parts[1:] == (Ellipsis,):
        one = _of(parts[0])
        return _Codec(
            lambda value: [one.write(each) for each in value],
            lambda plain: tuple(one.read(each) for each in _list(plain)),
        )
    if origin is frozenset:
        one = _of(parts[0])
        return _Codec(
            lambda value: sorted(one.write(each) for each in value),
            lambda plain: frozenset(one.read(each) for each in _list(plain)),
        )
    if origin is not None and issubclass(origin, Mapping):
        key, one = _of(parts[0]), _of(parts[1])
        return _Codec(
            lambda value: {key.write(name): one.write(each) for name, each in value.items()},
            lambda plain: {key.read(name): one.read(each) for name, each in _dict(plain).items()},
        )
    raise TypeError(repr(kind))


def _of_union(kinds: Sequence[Any]) -> _Codec:
    """Return the codec of several types: text, numbers and none as they are, the others named."""
    plain_ones = tuple(one for one in kinds if one in _SCALARS)
    others = {_name(one): _of(one) for one in kinds if one not in _SCALARS}
    if len(others) == 1 and set(plain_ones) <= {types.NoneType}:
        (only,) = others.values()
        return _Codec(
            lambda value: None if value is None else only.write(value),
            lambda plain: None if plain is None else only.read(plain),
        )

    def write(value: object) -> object:
        if value is None or type(value) in _SCALARS:
            return value
        name = type(value).__name__
        name = "date" if name == "datetime" and "datetime" not in others else name
        if name == "date" and isinstance(value, datetime):  # a day or an instant, as declared
            return {"datetime": value.isoformat()}
        return {name: others[name].write(value)}

    def read(plain: object) -> object:
        if not isinstance(plain, dict):
            return _one_of(plain_ones, plain)
        ((name, value),) = plain.items()
        if name == "datetime" and "date" in others:
            return datetime.fromisoformat(_scalar(str, value))
        return others[name].read(value)

    return _Codec(write, read)


def _name(kind: Any) -> str:  # noqa: ANN401 - as above
    return str(getattr(get_origin(kind) or kind, "__name__", kind))


def _of_fields(kind: type) -> _Codec:
    @cache
    def known() -> Mapping[str, tuple[_Codec, object]]:
        """Return codec and default by field: once it is used, as a field may hold `kind` itself."""
        hints = get_type_hints(kind)
        return {one.name: (_of(hints[one.name]), _default(one)) for one in fields(kind)}

    def write(value: object) -> dict[str, object]:
        return {
            name: codec.write(own)
            for name, (codec, default) in known().items()
            if (own := getattr(value, name)) != default or default is MISSING
        }

    def read(plain: object) -> object:
        codecs, stated = known(), {}
        for name, one in _dict(plain).items():
            try:
                stated[name] = codecs[name][0].read(one)
            except KeyError as error:
                raise ValueError(f"{kind.__name__}.{name}: {error}") from error
        return kind(**stated)

    return _Codec(write, read)


def _default(one: "Field[Any]") -> object:
    return one.default if one.default_factory is MISSING else one.default_factory()


def _scalar(kind: type, plain: Any) -> Any:  # noqa: ANN401 - what JSON holds
    if type(plain) is kind:
        return plain
    if kind is float and type(plain) is int:
        return float(plain)
    raise ValueError(f"{kind.__name__}: {type(plain).__name__}")


def _one_of(kinds: Sequence[type], plain: object) -> object:
    if type(plain) in kinds:
        return plain
    raise ValueError(f"union: {type(plain).__name__}")


@lru_cache(maxsize=_INSTANTS)
def _instant(plain: object) -> datetime:
    at = datetime.fromisoformat(_scalar(str, plain))
    if at.tzinfo is None:
        raise ValueError(f"{plain}: zone")
    return at


def _sealed(plain: object) -> Sealed:
    told = _dict(plain)
    text, seal = _scalar(str, told["text"]), _scalar(str, told["seal"])
    return Sealed(parsed(text), text, seal)


def _list(plain: object) -> list[Any]:
    if not isinstance(plain, list):
        raise ValueError(f"list: {type(plain).__name__}")  # noqa: TRY004 - a text's
    return plain


def _dict(plain: object) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise ValueError(f"object: {type(plain).__name__}")  # noqa: TRY004 - a text's
    return plain


# Facts as lines. The state of a place stands with the last fact of it alone.


_FACT: Final = _of(Fact)
_STATE: Final = _of(PlaceState)
_Stated = Read | Changed | Recounted


def fact_lines(facts: Sequence[Fact]) -> tuple[str, ...]:
    """Return `facts` as lines of one batch."""
    newest = {
        one.state.place: number for number, one in enumerate(facts) if isinstance(one, _Stated)
    }
    lines = []
    for number, one in enumerate(facts):
        plain = one
        if isinstance(one, _Stated):
            is_newest = newest[one.state.place] == number
            plain = one if is_newest else replace(one, state=PlaceState(one.state.place))
        lines.append(_text(_FACT.write(plain)))
    return tuple(lines)


def facts_in(lines: Sequence[str]) -> tuple[Fact, ...]:
    """Return the facts in `lines`; raises ValueError that names the line."""
    facts = [_fact(number, line) for number, line in enumerate(lines, start=1)]
    states: dict[PlaceId, PlaceState] = {}
    for one in facts:
        if isinstance(one, _Stated):
            states[one.state.place] = one.state
    return tuple(
        replace(one, state=states[one.state.place]) if isinstance(one, _Stated) else one
        for one in facts
    )


def _fact(number: int, line: str) -> Fact:
    try:
        fact: Fact = _FACT.read(json.loads(line))
    except NOT_UNDERSTOOD as error:
        raise ValueError(f"{number}: {error}"[:_SAID]) from error
    return fact


def _text(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


# Batches as bodies.


_HEAD: Final = ("generation", "ledger", "after", "last", "previous")


def body_of(batch: FactBatch) -> bytes:
    """Return `batch` as it is sent, packed by gzip."""
    head = {name: getattr(batch, name) for name in _HEAD}
    text = _text({"protocol": PROTOCOL, **head, "digest": batch.digest})
    return gzip.compress("\n".join((text, *batch.lines)).encode(), 6, mtime=0)


def batch_in(text: str) -> FactBatch:
    """Return the batch in an unpacked body; raises ValueError where it is none, or was changed."""
    first, *lines = text.split("\n")
    if len(lines) > MOST_LINES:
        raise TooMuch("lines")
    try:
        head = json.loads(first)
        batch = FactBatch(
            **{name: _scalar(int if name in _NUMBERS else str, head[name]) for name in _HEAD},
            lines=tuple(lines),
        )
        digest = head["digest"]
    except NOT_UNDERSTOOD as error:
        raise ValueError(f"header: {error}"[:_SAID]) from error
    if digest != batch.digest:
        raise ValueError("header: digest")
    return batch


_NUMBERS: Final = frozenset({"generation", "after", "last"})


def protocol_in(text: str) -> int | None:
    """Return the version of the protocol that the first line of a body states; None for none."""
    try:
        found = json.loads(text.partition("\n")[0]).get("protocol")
    except (ValueError, AttributeError, RecursionError):
        return None
    return found if isinstance(found, int) else None


class Unpacking:
    """Unpacks a gzip body as it comes in, and stops where it grows beyond a batch."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._gzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self._parts: list[bytes] = []
        self._size = 0
        self._packed = 0

    def take(self, packed: bytes) -> None:
        """Take the next part of the body; raises TooMuch, and ValueError for what is no gzip."""
        left = MOST_OCTETS - self._size
        try:
            part = self._gzip.decompress(packed, left + 1)
        except zlib.error as error:
            raise ValueError(f"gzip: {error}") from error
        self._size += len(part)
        self._packed += len(packed)
        if max(self._size, self._packed) > MOST_OCTETS or self._gzip.unconsumed_tail:
            raise TooMuch("octets")
        self._parts.append(part)

    def text(self) -> str:
        """Return the whole; raises ValueError where it was cut off or is no text."""
        if not self._gzip.eof:
            raise ValueError("gzip: end")
        return b"".join(self._parts).decode()
