"""A place counted anew from all its evidence: readings, readings by hand, decisions.

The daemon counts reading by reading as they come. This does the same over again, from the
beginning or from a checkpoint, and comes to the same usages, findings and track where the
evidence is the same (tests/properties/test_recounted.py). The order of arrival does not matter: the
evidence is put in the order of its times.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from collector.domain.counting.count import Counted, count
from collector.domain.counting.entries import Decision, Entry, ManualReading, Retiming, Verdict
from collector.domain.counting.findings import Finding
from collector.domain.counting.identity import DeviceIdentity, Sameness, compare
from collector.domain.counting.judging import Rules
from collector.domain.counting.reading import Answer, Reading, Stay
from collector.domain.counting.track import PlaceTrack
from collector.domain.counting.usage import Usage
from collector.domain.meters import METERS, TOTAL, Meter, Unit
from collector.domain.office.office_calendar import Office
from collector.domain.office.shares import by_mix


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one place. `verdicts` are what people said, by the reading's time."""

    readings: tuple[Reading, ...] = ()
    verdicts: Mapping[datetime, Verdict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CountedAnew:
    """What the evidence comes to.

    `checkpoints` are the tracks before each month's first reading, where nothing was held back.
    Counting can go on from one with what is later than its `at`.
    """

    track: PlaceTrack | None
    usages: tuple[Usage, ...] = ()
    findings: tuple[Finding, ...] = ()
    checkpoints: tuple[PlaceTrack, ...] = ()


def evidence(readings: Iterable[Reading], entries: Iterable[Entry]) -> Evidence:
    """Return `readings` with what `entries` (those in force, of the same place) add to them."""
    by_hand = []
    verdicts: dict[datetime, Verdict] = {}
    for entry in entries:
        if isinstance(entry, Retiming):
            readings = [_retimed(one, entry) for one in readings]
            verdicts = {
                entry.right_time(at) if entry.is_about(at) else at: one
                for at, one in verdicts.items()
            }
        elif isinstance(entry, ManualReading):
            by_hand.append(from_the_panel(entry))
        elif isinstance(entry, Decision) and entry.verdict is not Verdict.IGNORE:
            verdicts[entry.since] = entry.verdict
    return Evidence((*readings, *by_hand), verdicts)


def _retimed(reading: Reading, right: Retiming) -> Reading:
    """Return `reading` at the time at which it was really taken, as far as `right` tells."""
    is_wrong = right.is_about(reading.at)
    at = right.right_time(reading.at) if is_wrong else reading.at
    proof = reading.confirmed
    if proof is not None and (is_wrong or not right.times):
        proof = replace(proof, at=right.right_time(proof.at))
        if right.times and proof.at >= at:  # of a poll under another error of the clock
            proof = None
    return replace(reading, at=at, confirmed=proof)


def from_the_panel(entry: ManualReading) -> Reading:
    """Return what a person read off the panel as a reading."""
    answer = Answer(DeviceIdentity(), dict(entry.meters), profile="panel")
    return Reading(entry.place, entry.at, answer, by_hand=True)


def count_anew(
    start: PlaceTrack | None, seen: Evidence, rules: Rules, office: Office
) -> CountedAnew:
    """Return what `seen` comes to, counting on from `start` (None: from the beginning)."""

    def heard(track: PlaceTrack | None, reading: Reading) -> Counted:
        return count(track, reading, rules, office, seen.verdicts.get(reading.at))

    track = start
    usages: list[Usage] = []
    findings: list[Finding] = []
    checkpoints: list[PlaceTrack] = []
    month: str | None = None
    readings = [*in_order(seen.readings)]
    for number, reading in enumerate(readings):
        if track is not None and reading.at <= track.at:
            continue
        if track is not None and reading.by_hand:
            after = _first_believed(track, readings[number:], heard)
            reading = _completed(reading, track, after)  # noqa: PLW2901 - the same, with more
        counted = heard(track, reading)
        this = office.period_of(office.local_day(reading.at)).name
        if track is not None and track.is_firm and month not in {None, this}:
            checkpoints.append(track)
        month = this
        track = counted.track
        if counted.taken_back is not None:
            usages = counted.kept(usages)
        usages += counted.usages
        findings += counted.findings
    return CountedAnew(track, tuple(usages), tuple(findings), tuple(checkpoints))


def _first_believed(
    track: PlaceTrack,
    readings: Iterable[Reading],
    heard: Callable[[PlaceTrack, Reading], Counted],
) -> Reading | None:
    """Return the first answer that is believed after `readings` began with one off the panel.

    One that is held or dropped tells nothing of what was printed. The daemon counts again at the
    same answer: the first that moves a track which stands where a person read it.
    """
    for one in readings:
        counted = heard(track, _completed(one, track, None) if one.by_hand else one)
        after = counted.track or track
        if after.at != track.at and not one.by_hand:
            return one
        track = after
        if not any(meter.by_hand for meter in track.meters.values()):
            break
    return None


def _completed(panel: Reading, track: PlaceTrack, after: Reading | None) -> Reading:
    """Return what was read off the `panel` with the meters that nobody read beside `total`.

    They follow it: in proportion between what the machine said before and `after`, or as long as
    it has said nothing since, in the proportions of its life. So the parts of a total never stay
    behind it at a closing.
    """
    total, before = panel.answer.meters.get(TOTAL), track.meters.get(TOTAL)
    if total is None or before is None or total < before.last:
        return panel
    stood = {n: one.last for n, one in track.meters.items() if METERS[n] is Unit.IMPRESSIONS}
    unread = [name for name in stood if name not in panel.answer.meters]
    mix = stood if after is None else _growth(stood, after, track)
    if not unread or mix.get(TOTAL, 0) <= 0:
        return panel
    part = by_mix(total - before.last, mix)
    meters = {name: stood[name] + part.get(name, 0) for name in unread if name in mix}
    answer = replace(panel.answer, meters={**panel.answer.meters, **meters})
    return replace(panel, answer=answer, unread=frozenset(meters))


def _growth(stood: Mapping[Meter, int], after: Reading, track: PlaceTrack) -> Mapping[Meter, int]:
    """Return by how much the meters grew until `after`; nothing where another machine said it."""
    said = after.answer.meters
    grown = {name: said[name] - value for name, value in stood.items() if name in said}
    other = compare(track.identity, after.answer.identity) is Sameness.OTHER
    return {} if other or min(grown.values(), default=-1) < 0 else grown


def in_order(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Yield `readings` by time, with the unstored polls that they prove in between."""
    expanded: list[Reading] = []
    before: Reading | None = None
    for reading in sorted(readings, key=_time):
        if before is not None and reading.confirmed is not None and not reading.by_hand:
            proof = reading.confirmed
            answer = replace(before.answer, uptime_s=proof.uptime_s)
            expanded.append(replace(before, at=proof.at, answer=answer, confirmed=None))
        expanded.append(reading)
        if not reading.by_hand and reading.stay is not Stay.TWICE:
            before = reading
    yield from sorted(expanded, key=_time)


def _time(reading: Reading) -> tuple[datetime, bool]:
    return reading.at, reading.by_hand
