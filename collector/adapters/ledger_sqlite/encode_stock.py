"""What a machine holds and what it was doing, as columns of the ledger, and back. Pure."""

import json
from typing import Any, Final

from collector.adapters.ledger_sqlite.encode import to_json
from collector.domain.reading import (
    Answer,
    DeviceStatus,
    Supply,
    SupplyKind,
    SupplyState,
    Tray,
    TrayStatus,
    Trouble,
)

Stock = tuple[tuple[Supply, ...], tuple[Tray, ...]]
_TRAY: Final = "tray"


def encode_stock(supplies: tuple[Supply, ...], trays: tuple[Tray, ...]) -> tuple[str, str]:
    """Return the lasting and the changing part of `supplies` and `trays`, both as JSON arrays.

    A row is `[key, name, state, capacity, kind, color]`, its end left out where it says nothing;
    of a tray it is `[key, name, state, capacity, "tray", media, status]`.
    """
    shape = [*map(_supply_row, supplies), *map(_tray_row, trays)]
    remaining = [*(one.remaining for one in supplies), *(one.remaining for one in trays)]
    return to_json(shape), to_json(remaining)


def decode_stock(shape: str, remaining: str) -> Stock:
    """Return what `encode_stock` was given."""
    supplies: list[Supply] = []
    trays: list[Tray] = []
    for row, left in zip(json.loads(shape), json.loads(remaining), strict=True):
        if row[4:5] == [_TRAY]:
            trays.append(_tray(row, left))
        else:
            supplies.append(_supply(row, left))
    return tuple(supplies), tuple(trays)


def encode_condition(answer: Answer) -> str:
    """Return what the machine was doing and what hindered it, as words: `idle low_toner`."""
    return " ".join((answer.status, *answer.errors))


def decode_condition(text: str) -> tuple[DeviceStatus, tuple[Trouble, ...]]:
    """Return what `encode_condition` was given."""
    status, *errors = text.split(" ")
    return DeviceStatus(status), tuple(map(Trouble, errors))


def _supply_row(one: Supply) -> list[object]:
    row: list[object] = [one.key, one.name, one.state, one.capacity]
    if one.color is not None:
        return [*row, one.kind, one.color]
    return row if one.kind is SupplyKind.OTHER else [*row, one.kind]


def _supply(row: list[Any], left: int | None) -> Supply:
    key, name, state, capacity, *more = row
    kind = SupplyKind(more[0]) if more else SupplyKind.OTHER
    color = more[1] if more[1:] else None
    return Supply(key, name, SupplyState(state), left, capacity, kind, color)


def _tray_row(one: Tray) -> list[object]:
    return [one.key, one.name, one.state, one.capacity, _TRAY, one.media, one.status]


def _tray(row: list[Any], left: int | None) -> Tray:
    key, name, state, capacity, _, media, status = row
    return Tray(key, name, SupplyState(state), left, capacity, media, TrayStatus(status))
