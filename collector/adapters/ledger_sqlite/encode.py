"""Values of the domain as columns of the ledger, and back. Pure; every pair is a round trip.

Times are kept as whole seconds since 1970 UTC (rounded down); only a finding's time keeps its
microseconds, because its id depends on them. Decoding damaged text raises ValueError, KeyError
or TypeError.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from collector.domain.findings import Code, Finding, Severity
from collector.domain.identity import DeviceIdentity
from collector.domain.meters import Meter
from collector.domain.reading import Answer, Confirmation, Reading, Stay, Supply, SupplyState
from collector.domain.track import Distrust, Doubt, Held, MeterTrack, PlaceTrack
from collector.domain.usage import Quality
from collector.ports import PlaceState

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_PLAIN_NUMBER: Final = re.compile("0|[1-9][0-9]{0,17}")
_SQL_INTEGERS: Final = range(-(2**63), 2**63)
_QUALITIES: Final = (Quality.MEASURED, Quality.ESTIMATED, Quality.EDITED)
_STAYS: Final = (Stay.HERE, Stay.ARRIVED, Stay.TWICE)
_MARKS: Final = tuple(one.name for one in fields_of(DeviceIdentity))
QUALITY_CODES: Final[Mapping[Quality, int]] = {one: n for n, one in enumerate(_QUALITIES)}


def to_seconds(at: datetime) -> int:
    """Return the whole seconds since 1970 at the instant `at`, rounded down."""
    return (at - _EPOCH) // _SECOND


def to_seconds_up(at: datetime) -> int:
    """Return the first whole second since 1970 that is not before `at`."""
    return -((_EPOCH - at) // _SECOND)


def from_seconds(seconds: int) -> datetime:
    """Return the instant (UTC) `seconds` after 1970 began."""
    return _EPOCH + timedelta(seconds=seconds)


def seconds_or_none(at: datetime | None) -> int | None:
    """Return `to_seconds(at)`, or None for no time."""
    return None if at is None else to_seconds(at)


def time_or_none(seconds: int | None) -> datetime | None:
    """Return `from_seconds(seconds)`, or None for no time."""
    return None if seconds is None else from_seconds(seconds)


def to_microseconds(at: datetime | None) -> int | None:
    """Return the microseconds since 1970 at `at`, exactly, or None for no time."""
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int | None) -> datetime | None:
    """Return the instant (UTC) `microseconds` after 1970 began, or None for no time."""
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


def to_json(value: object) -> str:
    """Return `value` as the shortest JSON text; Japanese stays readable."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_count(value: int) -> int | str:
    """Return a meter value as SQLite can hold it: beyond 63 bits as text."""
    return value if value in _SQL_INTEGERS else str(value)


def quality(code: int) -> Quality:
    """Return the quality stored as `code`; raises IndexError for a code never written."""
    return _QUALITIES[code]


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
        **_identity_fields(answer.identity),
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


def encode_track(track: PlaceTrack | None) -> str | None:
    """Return `track` as JSON, or None where there is none yet."""
    if track is None:
        return None
    return to_json(
        {
            "identity": _identity_fields(track.identity),
            "at": to_seconds(track.at),
            "uptime_s": track.uptime_s,
            "top_epoch": track.top_epoch,
            "meters": {name: _meter_fields(one) for name, one in track.meters.items()},
            **_distrust_fields(track.distrust),
        }
    )


def decode_track(text: str | None) -> PlaceTrack | None:
    """Return what `encode_track` was given, its times in whole seconds."""
    if text is None:
        return None
    fields = json.loads(text)
    return PlaceTrack(
        identity=DeviceIdentity(**fields["identity"]),
        at=from_seconds(fields["at"]),
        uptime_s=fields["uptime_s"],
        meters={Meter(name): _meter_track(one) for name, one in fields["meters"].items()},
        top_epoch=fields["top_epoch"],
        distrust=_distrust(fields.get("distrust")),
    )


StateRow = tuple[int | None, int | None, bool | None, int | None, str, str | None, int]


def encode_state(state: PlaceState) -> StateRow:
    """Return the columns of place_states after `place`; `state.last` is in the readings."""
    return (
        seconds_or_none(state.seen_at),
        seconds_or_none(state.stored_at),
        state.online,
        seconds_or_none(state.changed_at),
        state.reason,
        encode_track(state.track),
        state.books,
    )


FindingRow = tuple[str, str, str, str, str, int | None, str]


def encode_finding(finding: Finding) -> FindingRow:
    """Return the columns of findings from `id` to `evidence`."""
    return (
        finding.id,
        finding.code,
        finding.severity,
        finding.subject,
        finding.message,
        to_microseconds(finding.at),
        to_json(dict(finding.evidence)),
    )


def decode_finding(row: Sequence[Any]) -> Finding:
    """Return the finding in the columns from `code` to `evidence`, its time in UTC."""
    code, severity, subject, message, at_us, evidence = row
    return Finding(
        code=Code(code),
        severity=Severity(severity),
        subject=subject,
        message=message,
        at=from_microseconds(at_us),
        evidence=json.loads(evidence),
    )


def split_key(key: str) -> tuple[str, int | str]:
    """Return a log key as the name before its last `|` (else empty) and the item behind it.

    A plain whole number becomes an integer: a key is then 6 bytes instead of 20, and the log has
    one for every reading ever stored.
    """
    subject, bar, item = key.rpartition("|")
    if bar and not subject:
        return "", key
    return subject, int(item) if _PLAIN_NUMBER.fullmatch(item) else item


def join_key(subject: str, item: int | str) -> str:
    """Return the key that `split_key` was given."""
    return f"{subject}|{item}" if subject else str(item)


def _identity_fields(identity: DeviceIdentity) -> dict[str, str]:
    pairs = ((name, getattr(identity, name)) for name in _MARKS)
    return {name: value for name, value in pairs if value is not None}


def _meter_fields(one: MeterTrack) -> list[object]:
    held = one.held
    return [
        *(one.epoch, one.first, one.last, to_seconds(one.last_at)),
        None if held is None else [held.value, to_seconds(held.at), held.doubt],
        one.rolled_back_to,
        *_later(one),
    ]


def _meter_track(fields: Sequence[Any]) -> MeterTrack:
    epoch, first, last, last_at, held, rolled_back_to, *later = fields
    by_hand = bool(later[0]) if later else False
    formula = later[1] if len(later) > 1 else None
    doubt = None
    if held is not None:
        value, at, why = held
        doubt = Held(value, from_seconds(at), Doubt(why))
    at = from_seconds(last_at)
    return MeterTrack(
        *(epoch, first, last, at, doubt, rolled_back_to), by_hand=by_hand, formula=formula
    )


def _later(one: MeterTrack) -> list[object]:
    """Return what tracks of the first release did not have, where there is something to say."""
    if one.formula is not None:
        return [one.by_hand, one.formula]
    return [True] if one.by_hand else []


def _distrust_fields(distrust: Distrust | None) -> dict[str, object]:
    return {} if distrust is None else {"distrust": [to_seconds(distrust.since), distrust.told]}


def _distrust(fields: Sequence[Any] | None) -> Distrust | None:
    return None if fields is None else Distrust(from_seconds(fields[0]), told=fields[1])
