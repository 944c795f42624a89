"""Readings as columns of the ledger, and back. Pure; every pair is a round trip.

Decoding damaged text raises ValueError, KeyError, RuntimeError or TypeError.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from collector.adapters.ledger_sqlite.encode import (
    from_seconds,
    identity_fields,
    to_json,
    to_seconds,
)
from collector.domain.identity import DeviceIdentity
from collector.domain.meters import Meter
from collector.domain.reading import Answer, Confirmation, Reading, Stay, Supply, SupplyState

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


def encode_raw(
    raw: Mapping[str, int], meters: Mapping[Meter, int]
) -> tuple[str | None, str | None]:
    """Return the names of `raw` and the counts that no meter repeats, both as JSON arrays.

    Most terms are a meter by another name: those are written as [term, meter] once and cost a
    reading nothing.
    """
    if not raw:
        return None, None
    by_count: dict[int, Meter] = {}
    for meter, count in meters.items():
        by_count.setdefault(count, meter)
    names = [[term, by_count[n]] if n in by_count else term for term, n in raw.items()]
    return to_json(names), to_json([n for n in raw.values() if n not in by_count])


def decode_raw(
    names: Sequence[str | list[str]], counts: Sequence[int], meters: Mapping[Meter, int]
) -> dict[str, int]:
    """Return what `encode_raw` was given; raises RuntimeError or KeyError where it does not fit."""
    left = iter(counts)
    return {
        name if isinstance(name, str) else name[0]: (
            next(left) if isinstance(name, str) else meters[Meter(name[1])]
        )
        for name in names
    }


def encode_supplies(supplies: Sequence[Supply]) -> tuple[str, str]:
    """Return the lasting and the changing part of `supplies`, both as JSON arrays."""
    shape = [[one.key, one.name, one.state, one.capacity] for one in supplies]
    return to_json(shape), to_json([one.remaining for one in supplies])


def decode_supplies(shape: str, remaining: str) -> tuple[Supply, ...]:
    """Return what `encode_supplies` was given."""
    return tuple(
        Supply(key, name, SupplyState(state), left, capacity)
        for (key, name, state, capacity), left in zip(
            json.loads(shape), json.loads(remaining), strict=True
        )
    )
