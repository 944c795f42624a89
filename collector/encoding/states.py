"""What is known of a place as a row of the ledger, and back: its state, and its track as JSON.

Tracks of earlier releases lack what later ones know; it is then nothing, as it was.
"""

import json
from collections.abc import Sequence
from dataclasses import fields as fields_of
from datetime import date, datetime
from typing import Any, Final

from collector.domain.counting.identity import DeviceIdentity
from collector.domain.counting.pace import PlacePace
from collector.domain.counting.track import Before, Distrust, MeterTrack, PlaceTrack, SaidMeters
from collector.domain.meters import Meter
from collector.encoding.columns import (
    from_seconds,
    identity_fields,
    seconds_or_none,
    time_or_none,
    to_json,
    to_seconds,
)
from collector.ports import PlaceState

Fields = dict[str, Any]
_PACE: Final = tuple(one.name for one in fields_of(PlacePace))


def encode_track(track: PlaceTrack | None) -> str | None:
    """Return `track` as JSON, or None where there is none yet."""
    return None if track is None else to_json(_track_fields(track))


def decode_track(text: str | None) -> PlaceTrack | None:
    """Return what `encode_track` was given, its times in whole seconds."""
    return None if text is None else _track(json.loads(text))


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
        state.edition,  # the column is called books, as it always was
    )


def state_row(found: Sequence[Any]) -> StateRow:
    """Return the columns of a stored state as `encode_state` gives them today.

    That is after the place was heard again, and in this release's words. Behind those columns
    `found` has when it was heard again last and its uptime then, or None twice.
    """
    seen_at, stored_at, online, changed_at, reason, text, edition, *again = found
    track = heard_again(decode_track(text), *again)
    at = seen_at if again[0] is None else again[0]
    return at, stored_at, online, changed_at, reason, encode_track(track), edition


def heard_again(
    track: PlaceTrack | None, heard_at: int | None, uptime_s: int | None
) -> PlaceTrack | None:
    """Return `track` after its machine said the same again at `heard_at`, where it did."""
    if track is None or heard_at is None:
        return track
    return track.heard_again(from_seconds(heard_at), uptime_s)


def _track_fields(track: PlaceTrack, now: PlaceTrack | None = None) -> Fields:
    """Return `track` by name, without what there is nothing to say of.

    Of where a machine stood before, only what it says otherwise `now` is written.
    """
    later = {
        "distrust": _distrust_fields(track.distrust),
        "pace": _pace_fields(track.pace),
        "held": _said_fields(track.held),
        "before": [_before_fields(one, track) for one in track.before],
        "former": [_track_fields(one) for one in track.former],
        "conflict": seconds_or_none(track.conflict_at),
    }
    fields: Fields = {
        "identity": identity_fields(track.identity),
        "at": to_seconds(track.at),
        "uptime_s": track.uptime_s,
        "top_epoch": track.top_epoch,
        "meters": {name: _meter_fields(one, track.at) for name, one in track.meters.items()},
        **{name: value for name, value in later.items() if value},
    }
    return fields if now is None else _less(fields, track, now)


def _less(fields: Fields, track: PlaceTrack, now: PlaceTrack) -> Fields:
    """Return the `fields` of `track` without those of identity and meters that are as they are now.

    `order` names all its meters, or is None where they are just those of now.
    """
    if track.identity == now.identity:
        del fields["identity"]
    alike = [*track.meters] == [*now.meters]
    fields["order"] = None if alike else [*track.meters]
    today = {name: _meter_fields(one, now.at) for name, one in now.meters.items()}
    fields["meters"] = {
        name: one for name, one in fields["meters"].items() if today.get(name) != one
    }
    return fields


def _track(fields: Fields, now: Fields | None = None) -> PlaceTrack:
    """Return the track in `fields`; what one from before does not say is as in those of `now`.

    Earlier releases wrote that out in full, without an `order`.
    """
    at, meters = from_seconds(fields["at"]), fields["meters"]
    if now is not None and "order" in fields:
        fields = {"identity": now["identity"], **fields}
        names = now["meters"] if fields["order"] is None else fields["order"]
        meters = {name: meters.get(name) or now["meters"][name] for name in names}
    return PlaceTrack(
        identity=DeviceIdentity(**fields["identity"]),
        at=at,
        uptime_s=fields["uptime_s"],
        meters={Meter(name): _meter_track(one, at) for name, one in meters.items()},
        top_epoch=fields["top_epoch"],
        distrust=_distrust(fields.get("distrust")),
        pace=_pace(fields.get("pace")),
        held=_said(fields.get("held")),
        before=tuple(_before(one, fields) for one in fields.get("before", ())),
        former=tuple(_track(one) for one in fields.get("former", ())),
        conflict_at=time_or_none(fields.get("conflict")),
    )


def _meter_fields(one: MeterTrack, at: datetime) -> list[object]:
    """Return one meter; no time where it was read when the machine was, as nearly all are.

    The fifth field was a value held back, in tracks of the first releases.
    """
    last_at = None if one.last_at == at else to_seconds(one.last_at)
    fields: list[object] = [one.epoch, one.first, one.last, last_at, None]
    later = [one.rolled_back_to, one.by_hand, one.formula]
    while len(later) > 1 and (later[-1] is None or later[-1] is False):
        later.pop()
    return [*fields, *later]


def _meter_track(fields: Sequence[Any], at: datetime) -> MeterTrack:
    epoch, first, last, last_at, _, rolled_back_to, *later = fields
    by_hand, formula = (*later, *(False, None)[len(later) :])[:2]
    return MeterTrack(
        *(epoch, first, last, at if last_at is None else from_seconds(last_at), rolled_back_to),
        by_hand=bool(by_hand),
        formula=formula,
    )


def _distrust_fields(distrust: Distrust | None) -> list[object]:
    return [] if distrust is None else [to_seconds(distrust.since), distrust.told]


def _distrust(fields: Sequence[Any] | None) -> Distrust | None:
    return Distrust(from_seconds(fields[0]), told=fields[1]) if fields else None


def _said_fields(said: SaidMeters | None) -> list[object]:
    if said is None:
        return []
    fields = [to_seconds(said.at), said.uptime_s, dict(said.meters), dict(said.formulas)]
    return [*fields, said.by_hand, *([sorted(said.unread)] if said.unread else [])]


def _said(fields: Sequence[Any] | None) -> SaidMeters | None:
    if not fields:
        return None
    at, uptime_s, meters, formulas, by_hand, *unread = fields
    return SaidMeters(from_seconds(at), uptime_s, meters, formulas, by_hand, frozenset(*unread))


def _before_fields(one: Before, now: PlaceTrack) -> list[object]:
    since, epochs = to_seconds(one.since), sorted(one.epochs)
    return [_track_fields(one.stood, now), since, epochs, one.doubtful, one.restarted]


def _before(fields: Sequence[Any], now: Fields) -> Before:
    stood, since, epochs, doubtful, restarted = fields
    return Before(_track(stood, now), from_seconds(since), frozenset(epochs), doubtful, restarted)


def _pace_fields(pace: PlacePace) -> list[object]:
    if pace == PlacePace():
        return []
    # Not astuple: it copies deeply, which cost a third of a poll.
    until, day, *sums = (getattr(pace, name) for name in _PACE)
    return [seconds_or_none(until), None if day is None else day.isoformat(), *sums]


def _pace(fields: Sequence[Any] | None) -> PlacePace:
    if not fields:
        return PlacePace()
    until, day, *sums = fields
    return PlacePace(time_or_none(until), None if day is None else date.fromisoformat(day), *sums)
