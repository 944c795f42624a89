"""Readings as columns of the ledger, and back. Pure; every pair is a round trip.

Decoding damaged text raises ValueError, KeyError or TypeError.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.reading import (
    Answer,
    Brought,
    Confirmation,
    DeviceStatus,
    Reading,
    Stay,
    Supply,
    SupplyKind,
    SupplyState,
    Tray,
    TrayStatus,
    Trouble,
)
from collector.domain.meters import Meter
from collector.domain.office.shares import PlaceId
from collector.encoding.columns import (
    from_seconds,
    identity_fields,
    to_json,
    to_seconds,
)

REMEMBERED: Final = 1000
"""Conditions, and sets of supply levels, kept decoded; a year of one place has some hundreds."""

_STAYS: Final = (Stay.HERE, Stay.ARRIVED, Stay.TWICE)


class About(NamedTuple):
    """What seldom changes between the answers of one machine."""

    identity: DeviceIdentity
    profile: str
    wraps: Mapping[Meter, int]
    rated_ipm: int | None
    nvram_step: int | None
    formulas: Mapping[Meter, str]


def encode_about(answer: Answer) -> str:
    """Return what `answer` says of the machine rather than of its meters, as JSON."""
    fields: dict[str, object] = {
        **identity_fields(answer.identity),
        "profile": answer.profile,
        "wraps": dict(sorted(answer.wraps.items())) or None,
        "rated_ipm": answer.rated_ipm,
        "nvram_step": answer.nvram_step,
        "formulas": dict(sorted(answer.formulas.items())) or None,
    }
    return to_json({name: value for name, value in fields.items() if value is not None})


def decode_about(text: str) -> About:
    """Return what `encode_about` was given."""
    fields: dict[str, Any] = json.loads(text)
    beside = ("wraps", "rated_ipm", "nvram_step", "formulas")
    rest = {name: fields.pop(name, None) for name in beside}
    profile = fields.pop("profile")
    return About(
        identity=DeviceIdentity(**fields),
        profile=profile,
        wraps=rest["wraps"] or {},
        rated_ipm=rest["rated_ipm"],
        nvram_step=rest["nvram_step"],
        formulas=rest["formulas"] or {},
    )


ProofRow = tuple[int, int | None, int | None]


def encode_proof(reading: Reading) -> ProofRow:
    """Return the columns stay, confirmed_at and confirmed_uptime_s of a reading."""
    proof = reading.confirmed
    if proof is None:
        return _STAYS.index(reading.stay), None, None
    return _STAYS.index(reading.stay), to_seconds(proof.at), proof.uptime_s


def decode_proof(
    stay: int, at: int | None, uptime_s: int | None
) -> tuple[Stay, Confirmation | None]:
    """Return what `encode_proof` was given; raises IndexError for a stay never written."""
    return _STAYS[stay], None if at is None else Confirmation(from_seconds(at), uptime_s)


def encode_brought(brought: Brought | None) -> str | None:
    """Return where the machine was read last, as JSON."""
    if brought is None:
        return None
    return to_json(
        {
            "place": brought.place,
            "at": to_seconds(brought.at),
            "uptime_s": brought.uptime_s,
            "meters": dict(brought.meters),
            "formulas": dict(brought.formulas),
        }
    )


def decode_brought(text: str | None) -> Brought | None:
    """Return what `encode_brought` was given."""
    if text is None:
        return None
    fields: dict[str, Any] = json.loads(text)
    place, at = PlaceId(fields.pop("place")), from_seconds(fields.pop("at"))
    return Brought(place, at, **fields)


def encode_raw(
    raw: Mapping[str, int], meters: Mapping[Meter, int], lacks: Collection[str]
) -> tuple[str | None, str | None]:
    """Return the names of `raw` and `lacks`, and the counts no meter repeats, as JSON arrays.

    Most terms are a meter by another name: those are written as [term, meter] once and cost a
    reading nothing. A term that the machine lacks is written as [term].
    """
    if not raw and not lacks:
        return None, None
    by_count: dict[int, Meter] = {}
    for meter, count in meters.items():
        by_count.setdefault(count, meter)
    names: list[object] = [
        [term, by_count[n]] if n in by_count else term for term, n in raw.items()
    ]
    names += [[term] for term in sorted(lacks)]
    return to_json(names), to_json([n for n in raw.values() if n not in by_count])


def decode_raw(
    names: Sequence[str | list[str]], counts: Sequence[int], meters: Mapping[Meter, int]
) -> tuple[dict[str, int], frozenset[str]]:
    """Return the `raw` and `lacks` that `encode_raw` was given; raises where they do not fit."""
    if len(counts) != sum(isinstance(name, str) for name in names):
        message = f"{len(counts)} counts do not fit {len(names)} terms"
        raise ValueError(message)
    left = iter(counts)
    raw: dict[str, int] = {}
    lacks: list[str] = []
    for name in names:
        match name:
            case [term, meter]:
                raw[term] = meters[Meter(meter)]
            case [term]:
                lacks.append(term)
            case str():
                raw[name] = next(left)
    return raw, frozenset(lacks)


# What a machine holds and what it was doing, as columns of the ledger, and back. Pure.


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


@lru_cache(maxsize=REMEMBERED)
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


def answer_of(
    about: About, names: Sequence[Meter], counts: str, uptime_s: int | None, status: str
) -> Answer:
    """Return an answer without supplies, trays and raw terms; `counts` is a JSON array."""
    condition, errors = decode_condition(status)
    return Answer(
        identity=about.identity,
        meters=dict(zip(names, json.loads(counts), strict=True)),
        uptime_s=uptime_s,
        status=condition,
        errors=errors,
        profile=about.profile,
        wraps=about.wraps,
        rated_ipm=about.rated_ipm,
        nvram_step=about.nvram_step,
        formulas=about.formulas,
    )
