"""What counting writes down: steps of growth, estimates between them, and epochs that begin."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from collector.domain.counting.findings import Code
from collector.domain.counting.judging import is_redefined
from collector.domain.counting.pace import PaceEstimate
from collector.domain.counting.track import Before, MeterTrack, PlaceTrack, SaidMeters
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL, Meter
from collector.domain.sentence import Sentence, sentence

_LATELY: Final = timedelta(days=1)
_MOST_BEFORE: Final = 6
"""Doubtful turns of one machine that are remembered; more at once is rubbish without an end."""


@dataclass(frozen=True, slots=True)
class GrowthStep:
    """A stretch of growth of one meter within one epoch; `low` to `high` where it is estimated."""

    meter: Meter
    epoch: int
    start: datetime
    end: datetime
    first: int
    last: int
    quality: Quality = Quality.MEASURED
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The usages of `epochs` that end after `since` turned out not to have been."""

    since: datetime
    epochs: frozenset[int]


@dataclass(frozen=True, slots=True)
class MeterNews:
    """Something to tell of meters: what each did. `since` is the first reading it is about."""

    code: Code
    moves: Mapping[Meter, Sentence] = field(default_factory=dict)
    since: datetime | None = None
    facts: Mapping[str, str | int | float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CountOutcome:
    """What an answer comes to: the track after it, what is counted, told and taken back."""

    track: PlaceTrack
    steps: tuple[GrowthStep, ...] = ()
    news: tuple[MeterNews, ...] = ()
    taken_back: TakenBack | None = None


def grown(base: PlaceTrack, said: SaidMeters) -> tuple[PlaceTrack, list[GrowthStep]]:
    """Return `base` after `said` follows from it: every meter goes on from where it stood.

    A meter seen for the first time, or by another formula, begins an epoch at what it says.
    """
    meters, steps = dict(base.meters), []
    for name, value in said.meters.items():
        meter = base.meters.get(name)
        if meter is None or is_redefined(name, meter, said):
            meters[name] = _begun(name, said, base.top_epoch + 1)
        elif value < meter.last:
            meters[name] = replace(meter, last_at=said.at, rolled_back_to=value)
        else:
            if value > meter.last:
                steps.append(_step(name, base, said))
            meters[name] = MeterTrack(
                *(meter.epoch, meter.first, value, said.at, None),
                said.by_hand and name not in said.unread,
                said.formulas.get(name, meter.formula),
            )
    top = max(base.top_epoch, max((one.epoch for one in meters.values()), default=0))
    track = replace(
        base, at=said.at, uptime_s=said.uptime_s, meters=meters, top_epoch=top, held=None
    )
    return track, steps


def anew(
    base: PlaceTrack, said: SaidMeters, names: Collection[Meter], firsts: Mapping[Meter, int]
) -> tuple[PlaceTrack, list[GrowthStep]]:
    """Return `base` after `said`, where the meters called `names` begin an epoch, others go on.

    An epoch begins at 0 or whatever `firsts` says, else at what the meter says now.
    """
    rest = {name: value for name, value in said.meters.items() if name not in names}
    track, steps = grown(base, replace(said, meters=rest))
    epoch, meters = track.top_epoch + 1, dict(track.meters)
    for name in names:
        value = said.meters[name]
        first = firsts.get(name, value)
        formula = said.formulas.get(name, base.meters[name].formula)
        start = base.meters[name].last_at
        meters[name] = MeterTrack(epoch, first, value, said.at, None, said.by_hand, formula)
        if value > first:
            quality = Quality.EDITED if said.by_hand else Quality.MEASURED
            steps.append(GrowthStep(name, epoch, start, said.at, first, value, quality))
    top = epoch if names else track.top_epoch
    return replace(track, meters=meters, top_epoch=top), steps


def begun(base: PlaceTrack | None, said: SaidMeters) -> Mapping[Meter, MeterTrack]:
    """Return every meter of `said` in an epoch that begins with it, numbered after `base`'s."""
    epoch = 1 if base is None else base.top_epoch + 1
    return {name: _begun(name, said, epoch) for name in said.meters}


def bridged(
    base: PlaceTrack, guess: PaceEstimate, start: datetime, end: datetime
) -> tuple[GrowthStep, ...]:
    """Return the estimate of what was printed from `start` to `end`, in an epoch of its own.

    The other meters follow `total` as they did in the machine's life, so that their sums hold.
    """
    total = base.meters.get(TOTAL)
    if total is None:
        return ()
    shares = {name: _shares(base, name, guess) for name in base.meters if name != TOTAL}
    shares[TOTAL] = guess.pages, guess.low, guess.high
    for name, (_, low, high) in [*shares.items()]:
        whole = Meter(name.removesuffix("_color"))
        if whole != name and foots(base, whole):
            rest = max(0, shares[whole][0] - shares[Meter(f"{whole}_mono")][0])
            shares[name] = rest, min(low, rest), max(high, rest)
    return tuple(
        GrowthStep(
            *(name, base.top_epoch + 1, start, end),
            *(base.meters[name].last, base.meters[name].last + pages, Quality.ESTIMATED),
            *(low, high),
        )
        for name, (pages, low, high) in shares.items()
    )


def remembered(
    track: PlaceTrack, stood: PlaceTrack, since: datetime, *, doubtful: bool, restarted: bool | None
) -> PlaceTrack:
    """Return `track` with where the machine `stood` before the reading of `since`.

    Only the newest plain step is kept, and of doubtful ones the oldest and the newest. What was
    above the pace is doubtful for a day, or until the machine is switched off.
    """
    new = own_epochs(track) | own_epochs(stood) | {*range(stood.top_epoch + 1, track.top_epoch + 1)}
    here = own_epochs(stood)
    kept = [
        replace(one, epochs=one.epochs | new)
        for one in stood.before
        if one.doubtful
        and (own_epochs(one.stood) != here or (since - one.since <= _LATELY and not restarted))
    ]
    if len(kept) >= _MOST_BEFORE:
        del kept[1]
    before = Before(stood.alone, since, frozenset(new), doubtful, restarted)
    return replace(track, before=(*kept, before))


def own_epochs(track: PlaceTrack) -> frozenset[int]:
    """Return the epochs that the machine's meters are in."""
    return frozenset(one.epoch for one in track.meters.values())


def changes(*tracks: Mapping[Meter, int], names: Iterable[Meter]) -> Mapping[Meter, Sentence]:
    """Return what the meters called `names` said one after another, as `1 -> 2 -> 3`."""
    return {
        name: sentence(
            "meter.moved", figures=" -> ".join(str(one[name]) for one in tracks if name in one)
        )
        for name in sorted(names)
    }


def standing(track: PlaceTrack) -> Mapping[Meter, int]:
    """Return where the meters of `track` stand."""
    return {name: one.last for name, one in track.meters.items()}


def _begun(name: Meter, said: SaidMeters, epoch: int) -> MeterTrack:
    value, formula = said.meters[name], said.formulas.get(name)
    return MeterTrack(epoch, value, value, said.at, None, said.by_hand, formula)


def _step(name: Meter, base: PlaceTrack, said: SaidMeters) -> GrowthStep:
    """Return the growth of one meter; an estimate where either end of it was worked out."""
    meter, value, total = base.meters[name], said.meters[name], base.meters.get(TOTAL)
    span = (name, meter.epoch, meter.last_at, said.at, meter.last, value)
    was_read = total is None or not total.by_hand or meter.by_hand or meter.last_at < total.last_at
    if name in said.unread or not was_read:
        return GrowthStep(*span, Quality.ESTIMATED, low=0, high=value - meter.last)
    return GrowthStep(*span, Quality.EDITED if said.by_hand or meter.by_hand else Quality.MEASURED)


def _shares(base: PlaceTrack, name: Meter, guess: PaceEstimate) -> tuple[int, int, int]:
    whole, part = base.meters[TOTAL].last, base.meters[name].last
    share = part / whole if whole else 0.0
    pages = int(guess.pages * share)
    return pages, min(pages, int(guess.low * share)), max(pages, int(guess.high * share) + 1)


def foots(base: PlaceTrack, whole: Meter) -> bool:
    """Say whether mono and color of `whole` add up to it where the machine stands."""
    names = [whole, Meter(f"{whole}_mono"), Meter(f"{whole}_color")]
    if not all(name in base.meters for name in names):
        return False
    all_of_it, mono, color = (base.meters[name].last for name in names)
    return all_of_it == mono + color


def marked(steps: Iterable[GrowthStep], high: int) -> Iterator[GrowthStep]:
    """Yield `steps` as pages that are known, but not whether they were printed here."""
    for one in steps:
        pages = one.last - one.first
        most = max(pages, high) if one.meter == TOTAL else pages
        yield replace(one, quality=Quality.ESTIMATED, low=0, high=most)
