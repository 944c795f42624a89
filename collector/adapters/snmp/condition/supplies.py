"""Consumables from prtMarkerSuppliesTable (RFC 3805)."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from collector.adapters.snmp.client import mib
from collector.adapters.snmp.client.session import Oid, Session, Value, dotted
from collector.adapters.snmp.client.text import clean
from collector.adapters.snmp.plan import PlannedSupply
from collector.domain.counting.reading import Supply, SupplyKind, SupplyState

MOST: Final = 48
"""No more supplies than this are followed; a copier has about fifteen."""

_STATES: Final[Mapping[int, SupplyState]] = {
    -1: SupplyState.UNLIMITED,
    -2: SupplyState.UNKNOWN,
    -3: SupplyState.SOME_REMAINING,
}
_KINDS: Final[Mapping[int, SupplyKind]] = {
    3: SupplyKind.TONER,
    4: SupplyKind.WASTE,
    5: SupplyKind.INK,
    6: SupplyKind.INK,
    7: SupplyKind.RIBBON,
    8: SupplyKind.WASTE,
    9: SupplyKind.DRUM,
    10: SupplyKind.DEVELOPER,
    12: SupplyKind.INK,
    13: SupplyKind.RIBBON,
    14: SupplyKind.WASTE,
    15: SupplyKind.FUSER,
    18: SupplyKind.CLEANER,
    19: SupplyKind.CLEANER,
    20: SupplyKind.TRANSFER,
    21: SupplyKind.TONER,
    24: SupplyKind.WASTE,
    26: SupplyKind.WASTE,
    32: SupplyKind.STAPLES,
}
"""PrtMarkerSuppliesTypeTC."""

_FILLED: Final = 4
"""prtMarkerSuppliesClass receptacleThatIsFilled; HP calls the type of its waste box a cleaner."""

_PERCENT: Final = 19
_HUNDRED: Final = 100
_SIGN: Final = 2**31
_EMPTY_LEVELS: Final[Mapping[int, int]] = {367: -100}
"""Enterprise -> its level for "empty". Ricoh: -3 for 1 to 100 per cent, -100 for empty."""

_SERIAL: Final = re.compile(
    r"[\s,;:(\[-]*(?:\bS/N\b|\bserial(?:\s+(?:no|number))?\b\.?\s*:|[;,]\s*SN:?(?=[0-9A-F]{6}))"
    r"[\s.:#]*[\w-]*[\])]?",
    re.IGNORECASE,
)
"""The cartridge's own number in its description (Samsung, Xerox): other at each replacement."""

_COLORS: Final[Mapping[str, re.Pattern[str]]] = {
    "black": re.compile(r"\b(?:black|noire?|nero|schwarz|negro)\b|ブラック|黒|黑"),
    "cyan": re.compile(r"\b(?:cyan|ciano)\b|シアン|青"),
    "magenta": re.compile(r"\bmagenta\b|マゼンタ|洋紅|品红"),
    "yellow": re.compile(r"\b(?:yellow|jaune|giallo|gelb|amarillo)\b|イエロー|黄|黃"),
}
_SHADED: Final = re.compile(r"\b(?:light|photo|matte|dark|tri)\b")
_THINGS: Final = re.compile(r"\s+(?:ink|toner|cartridge|unit)\b")
_NO_COLOR: Final = frozenset({"", "none", "other", "unknown", "n/a"})


@dataclass(frozen=True, slots=True)
class _Columns:
    """The table as it was walked, by column."""

    cells: Mapping[Oid, Mapping[Oid, Value]] = field(default_factory=dict)
    colorants: Mapping[Oid, Value] = field(default_factory=dict)

    def number(self, column: Oid, index: Oid) -> int | None:
        value = self.cells[column].get((*column, *index))
        return value if isinstance(value, int) else None

    def text(self, column: Oid, index: Oid) -> bytes | None:
        value = self.cells[column].get((*column, *index))
        return value if isinstance(value, bytes) else None


async def plan_supplies(
    session: Session, charset: str | None = None, enterprise: int | None = None
) -> tuple[PlannedSupply, ...]:
    """Return the supplies of the machine, keyed by their index (`1.3`), in its order.

    Descriptions are in `charset`; `enterprise` is the maker's number below 1.3.6.1.4.1.
    """
    levels = await session.walk(mib.SUPPLY_LEVEL)
    if not levels:
        return ()
    wanted = (mib.SUPPLY_NAME, mib.SUPPLY_CAPACITY, mib.SUPPLY_COLORANT, mib.SUPPLY_CLASS)
    cells = {one: await session.walk(one) for one in (*wanted, mib.SUPPLY_TYPE, mib.SUPPLY_UNIT)}
    colorants = await session.walk(mib.COLORANT_VALUE) if cells[mib.SUPPLY_COLORANT] else {}
    columns = _Columns(cells, colorants)
    empty_level = _EMPTY_LEVELS.get(enterprise) if enterprise is not None else None
    return tuple(_planned(columns, level, charset, empty_level) for level in list(levels)[:MOST])


def _planned(
    columns: _Columns, level: Oid, charset: str | None, empty_level: int | None
) -> PlannedSupply:
    index = level[len(mib.SUPPLY_LEVEL) :]
    key = dotted(index)
    raw = columns.text(mib.SUPPLY_NAME, index)
    said = clean(_SERIAL.sub("", clean(raw, charset=charset) or "").encode()) if raw else None
    kind = _kind(columns.number(mib.SUPPLY_TYPE, index), columns.number(mib.SUPPLY_CLASS, index))
    color = _color(columns, index, said, charset)
    capacity = columns.number(mib.SUPPLY_CAPACITY, index)
    return PlannedSupply(
        key=key,
        name=said or _unnamed(kind, color) or key,
        level=level,
        capacity=_amount(signed(capacity)),
        capacity_at=None if capacity is None else (*mib.SUPPLY_CAPACITY, *index),
        in_percent=columns.number(mib.SUPPLY_UNIT, index) == _PERCENT,
        kind=kind,
        color=color,
        empty_level=empty_level,
    )


def _kind(type_: int | None, class_: int | None) -> SupplyKind:
    """Return what the supply is; whatever fills up is waste, by whichever name."""
    if class_ == _FILLED:
        return SupplyKind.WASTE
    return _KINDS.get(type_ or 0, SupplyKind.OTHER)


def _color(columns: _Columns, index: Oid, name: str | None, charset: str | None) -> str | None:
    """Return the colour of the supply's colorant, else the one colour that its name states."""
    number = columns.number(mib.SUPPLY_COLORANT, index)
    if number:
        value = columns.colorants.get((*mib.COLORANT_VALUE, *index[:-1], number))
        text = clean(value, charset=charset) if isinstance(value, bytes) else None
        text = _THINGS.sub("", _plain(text or "")).strip()
        if text not in _NO_COLOR:
            return _named_color(text) or text
    return _named_color(name) if name else None


def _named_color(text: str) -> str | None:
    plain = _plain(text)
    found = [color for color, pattern in _COLORS.items() if pattern.search(plain)]
    return found[0] if len(found) == 1 and not _SHADED.search(plain) else None


def _plain(text: str) -> str:
    """Return `text` in small letters and full-width katakana."""
    return unicodedata.normalize("NFKC", text).casefold()


def _unnamed(kind: SupplyKind, color: str | None) -> str | None:
    words = [color or "", "" if kind is SupplyKind.OTHER else kind.value]
    return " ".join(filter(None, words)) or None


def supply(planned: PlannedSupply, varbinds: Mapping[Oid, Value]) -> Supply | None:
    """Return the supply as answered, or None where its level was not.

    Negative levels are words, not amounts; one that neither RFC 3805 nor the maker knows is
    UNKNOWN.
    """
    level = signed(varbinds.get(planned.level))
    if level is None:
        return None
    capacity = _capacity(planned, varbinds, level)
    state = level_state(level)
    if level == planned.empty_level:
        state = SupplyState.EMPTY
    remaining = level if state is SupplyState.LEVEL else None
    return Supply(
        planned.key, planned.name, state, remaining, capacity, planned.kind, planned.color
    )


def _capacity(planned: PlannedSupply, varbinds: Mapping[Oid, Value], level: int) -> int | None:
    answered = None if planned.capacity_at is None else varbinds.get(planned.capacity_at)
    capacity = planned.capacity if answered is None else _amount(signed(answered))
    if capacity is None and planned.in_percent and 0 <= level <= _HUNDRED:
        return _HUNDRED
    return capacity


def level_state(level: int) -> SupplyState:
    """Return what a level of RFC 3805 stands for: an amount, or one of its words."""
    return SupplyState.LEVEL if level >= 0 else _STATES.get(level, SupplyState.UNKNOWN)


def signed(value: Value | None) -> int | None:
    """Return `value` as Integer32; some agents send -3 as the unsigned 4294967293."""
    if not isinstance(value, int) or not -_SIGN <= value < 2 * _SIGN:
        return None
    return value - 2 * _SIGN if value >= _SIGN else value


def _amount(value: int | None) -> int | None:
    return value if value is not None and value > 0 else None
