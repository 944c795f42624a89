"""The counting rules: what a reading adds to what is known of a place.

`count` is the whole of it: track and reading in, new track, usages and findings out. For every
meter and any run of readings, the pages of all usages are the sum over its epochs of
(last - first): nothing is lost and nothing is invented (tests/properties/test_counting.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from collector.domain.entries import Verdict
from collector.domain.findings import Finding
from collector.domain.identity import DeviceKey, Sameness, compare, merged
from collector.domain.judging import Judge, Rules, Ruling
from collector.domain.meter_findings import (
    meter_findings,
    out_of_order,
    replaced,
    still_distrusted,
    weak_identity,
)
from collector.domain.meters import Meter
from collector.domain.reading import Reading, Stay
from collector.domain.track import Distrust, Doubt, MeterTrack, PlaceTrack
from collector.domain.usage import Usage

_LASTING: Final = timedelta(days=1)
"""Readings called wrong for longer than this are told of: a decision may have been mistaken."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What one reading came to."""

    track: PlaceTrack | None
    usages: tuple[Usage, ...] = ()
    findings: tuple[Finding, ...] = ()


def count(
    track: PlaceTrack | None, reading: Reading, rules: Rules, verdict: Verdict | None = None
) -> Counted:
    """Return what `reading` adds at a place known by `track` (None: the first reading ever).

    The first reading of a machine sets where counting begins and adds no pages. A reading that
    is not later than the track, or of a machine counted elsewhere, changes nothing. `verdict` is
    what a person said that really happened at this reading.
    """
    if reading.stay is Stay.TWICE or (track is not None and reading.at == track.at):
        return Counted(track)
    if track is None:
        return Counted(_fresh(reading, 0), findings=weak_identity(reading))
    if reading.at < track.at:
        return Counted(track, findings=(out_of_order(reading),))
    return _heeded(track, reading, rules, verdict)


def _heeded(track: PlaceTrack, reading: Reading, rules: Rules, verdict: Verdict | None) -> Counted:
    """Count with what a person said in mind, of this reading or of one before."""
    if verdict is Verdict.GLITCH:
        return Counted(_distrusted(track, reading))
    if verdict is Verdict.REPLACED:
        return Counted(_fresh(reading, track.top_epoch), findings=weak_identity(reading))
    if track.distrust is not None and verdict is None and not _believable(track, reading, rules):
        return _dropped(track, track.distrust, reading)
    trusted = track if track.distrust is None else replace(track, distrust=None)
    return _of_whom(trusted, reading, rules, verdict)


def _of_whom(track: PlaceTrack, reading: Reading, rules: Rules, verdict: Verdict | None) -> Counted:
    """Count by whose reading this is: the machine known here, or another one.

    A machine that comes back begins new epochs: what it printed meanwhile was counted elsewhere.
    """
    same = compare(track.identity, reading.answer.identity) is not Sameness.OTHER
    if not same and verdict is not Verdict.RESET:
        fresh = _fresh(reading, track.top_epoch)
        return Counted(fresh, findings=(replaced(track, reading), *weak_identity(reading)))
    if reading.stay is Stay.ARRIVED:
        return Counted(_fresh(reading, track.top_epoch))
    return _same_machine(track, reading, rules, told_reset=verdict is Verdict.RESET)


def _same_machine(
    track: PlaceTrack, reading: Reading, rules: Rules, *, told_reset: bool
) -> Counted:
    answer = reading.answer
    judge = _judge(track, reading, rules, told_reset=told_reset)
    rulings = {
        name: judge.judge(name, track.meters[name], value)
        for name, value in answer.meters.items()
        if name in track.meters
    }
    meters = dict(track.meters)
    if not answer.meters.keys() <= meters.keys():
        meters = {**meters, **_fresh(reading, track.top_epoch).meters, **meters}
    meters.update({name: ruling.track for name, ruling in rulings.items()})
    # A board that was exchanged brings its own serial number along.
    identity = merged(track.identity, answer.identity)
    return Counted(
        PlaceTrack(identity, reading.at, answer.uptime_s, meters, _top(meters, track.top_epoch)),
        tuple(_usages(reading, identity.key, rulings)),
        meter_findings(reading, rulings, track.meters),
    )


def _judge(track: PlaceTrack, reading: Reading, rules: Rules, *, told_reset: bool) -> Judge:
    answer = reading.answer
    return Judge(
        rules=rules,
        at=reading.at,
        restarted=_restarted(track, reading),
        rated_ipm=answer.rated_ipm,
        rollback_max=max(rules.rollback_max, answer.nvram_step or 0),
        wraps=answer.wraps,
        from_zero=_may_start_from_zero(track, reading, rules, told_reset=told_reset),
        by_hand=reading.by_hand,
        told_reset=told_reset,
        formulas=answer.formulas,
    )


def _usages(
    reading: Reading, device: DeviceKey, rulings: Mapping[Meter, Ruling]
) -> Iterator[Usage]:
    for name, ruling in rulings.items():
        for step in ruling.steps:
            yield Usage(
                place=reading.place,
                device=device,
                meter=name,
                epoch=step.epoch,
                start=step.start,
                end=step.end,
                first=step.first,
                last=step.last,
                quality=step.quality,
            )


def _distrusted(track: PlaceTrack, reading: Reading) -> PlaceTrack:
    """Drop `reading` and what was held back before it; `track` stands until one follows from it."""
    meters = {name: replace(meter, held=None) for name, meter in track.meters.items()}
    return replace(track, meters=meters, distrust=Distrust(reading.at))


def _believable(track: PlaceTrack, reading: Reading, rules: Rules) -> bool:
    """Say whether every meter of `reading` is plain growth of the machine known by `track`."""
    if compare(track.identity, reading.answer.identity) is Sameness.OTHER:
        return False
    judge = _judge(track, reading, rules, told_reset=False)
    known = {name: value for name, value in reading.answer.meters.items() if name in track.meters}
    return bool(known) and all(
        judge.is_redefined(name, track.meters[name]) or judge.believable(track.meters[name], value)
        for name, value in known.items()
    )


def _dropped(track: PlaceTrack, distrust: Distrust, reading: Reading) -> Counted:
    if distrust.told or reading.at - distrust.since < _LASTING:
        return Counted(track)
    told = replace(track, distrust=replace(distrust, told=True))
    return Counted(told, findings=(still_distrusted(reading, distrust.since),))


def _may_start_from_zero(
    track: PlaceTrack, reading: Reading, rules: Rules, *, told_reset: bool
) -> bool:
    """Say whether every meter seen low could have been printed since a reset to 0.

    Decided for the whole machine, so that its total and the parts of it stay one sum: a board
    with somebody else's count on it has that count in all of its meters.
    """
    rated_ipm = reading.answer.rated_ipm
    low: list[tuple[int, timedelta]] = []
    for name, value in reading.answer.meters.items():
        meter = track.meters.get(name)
        if meter is None:
            continue
        if told_reset and value < meter.last:
            low.append((value, reading.at - meter.last_at))
        elif meter.held is not None and meter.held.doubt is Doubt.DROP:
            low.append((meter.held.value, meter.held.at - meter.last_at))
    return all(value <= rules.sober_allowance(rated_ipm, elapsed) for value, elapsed in low)


def _fresh(reading: Reading, top_epoch: int) -> PlaceTrack:
    """Begin a new epoch of every meter at what the machine says now."""
    answer = reading.answer
    meters = {
        name: MeterTrack(
            *(top_epoch + 1, value, value, reading.at),
            by_hand=reading.by_hand,
            formula=answer.formulas.get(name),
        )
        for name, value in answer.meters.items()
    }
    top = _top(meters, top_epoch)
    return PlaceTrack(answer.identity, reading.at, answer.uptime_s, meters, top)


def _top(meters: Mapping[Meter, MeterTrack], before: int) -> int:
    return max(before, *(meter.epoch for meter in meters.values()), 0)


def _restarted(track: PlaceTrack, reading: Reading) -> bool:
    """Say whether the machine may have restarted since the track; unknown counts as yes."""
    uptime = reading.answer.uptime_s
    if uptime is None or track.uptime_s is None:
        return True
    elapsed_s = (reading.at - track.at).total_seconds()
    return uptime < track.uptime_s or uptime < elapsed_s
