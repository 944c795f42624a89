"""What an answer that was not believed turned out to be, and what is taken back.

An answer that does not follow from where the machine stood is held. The next one tells: it follows
from before (then what was held was rubbish), or from what was held. Reading a thing twice is no
proof of pages: only what the place can have printed is counted, the rest is in question.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from collector.domain.counting.findings import Code
from collector.domain.counting.growth import (
    CountOutcome,
    GrowthStep,
    MeterNews,
    TakenBack,
    anew,
    bridged,
    changes,
    foots,
    grown,
    own_epochs,
    remembered,
    standing,
)
from collector.domain.counting.judging import (
    Judge,
    Plausibility,
    growth_of,
    main_of,
    shared,
    was_off,
)
from collector.domain.counting.pace import PaceEstimate, sober_limit
from collector.domain.counting.track import Before, MeterTrack, PlaceTrack, SaidMeters
from collector.domain.counting.usage import Quality
from collector.domain.meters import METERS, TOTAL, TOTAL_COLOR, TOTAL_MONO, Meter, Unit
from collector.domain.sentence import Sentence

_LONG: Final = timedelta(hours=6)
"""A shorter time says nothing of a rate."""
_STARTING_S: Final = 3600
"""A machine switched on for less may still answer 0 because it has not looked up its counters."""
_LIKE: Final = 2.5
"""A rate of pages bears another out that is no more than this many times as high."""
_NEARER: Final = 3
"""A machine is back where it stood if it is so many times nearer to that than to where it is."""
_TELLING: Final = 10
_FEW: Final = 10
"""So near to where it stood that it is no chance, though it may have printed its way there."""
_WORTH: Final = 4
"""A time bears out one that is no more than this many times as long."""


@dataclass(frozen=True, slots=True)
class _Odd:
    """The meters that do not follow: `low` are below where they stood, `high` beyond belief."""

    known: Mapping[Meter, MeterTrack]
    low: frozenset[Meter]
    high: frozenset[Meter]

    @property
    def all(self) -> frozenset[Meter]:
        return self.low | self.high


def came_back(
    track: PlaceTrack, said: SaidMeters, judge: Judge, fit: Plausibility
) -> CountOutcome | None:
    """Return what `said` comes to if the machine is back where it stood before a doubt, else None.

    What was counted since then is taken back, upwards and downwards alike. `fit` is how it follows
    from where the machine stands now.
    """
    found = [
        (away, -number)
        for number, one in enumerate(track.before)
        if (away := _way_back(track, one, said, judge, fit)) is not None
    ]
    if not found:
        return None
    number = -min(found)[1]
    back, gone = track.before[number], track.before[number:]
    held = {} if track.held is None else track.held.meters
    moves = changes(
        standing(back.stood), standing(track), held, said.meters, names=shared(back.stood, said)
    )
    news = tuple(
        MeterNews(Code.METER_GLITCH, moves, one.since)
        for one in gone
        if one.doubtful or one is back
    )
    printed = _printed_meanwhile(track, back)
    if back.restarted and printed > main_of(growth_of(back.stood, said)):
        return _typed_in_again(track, number, said, judge, news)
    return _taken_back(track, number, said, judge, news, is_usual=fit is Plausibility.USUAL)


def _typed_in_again(
    track: PlaceTrack, number: int, said: SaidMeters, judge: Judge, news: tuple[MeterNews, ...]
) -> CountOutcome:
    """Return a new epoch: more was printed since the doubt `number` than the old count grew."""
    more = bridged(track, judge.printed(track, said), judge.start(track), said.at)
    base = replace(track, top_epoch=track.top_epoch + 1, before=track.before[:number])
    typed, _ = anew(base, said, [*shared(track, said)], {})
    return CountOutcome(typed, more, news)


def _taken_back(
    track: PlaceTrack,
    number: int,
    said: SaidMeters,
    judge: Judge,
    news: tuple[MeterNews, ...],
    *,
    is_usual: bool,
) -> CountOutcome:
    """Return growth since before the doubt `number`; what may be missed by it is in the range."""
    back = track.before[number]
    base = replace(track, meters=back.stood.meters, at=back.stood.at, uptime_s=back.stood.uptime_s)
    base = replace(base, pace=back.stood.pace, held=None, before=track.before[:number])
    after, steps = grown(base, said)
    printed = _printed_meanwhile(track, back)
    if is_usual and back.doubtful and back.restarted is not False:
        printed += max(0, main_of(growth_of(track, said)))
    missed = printed + judge.printed(track, said).high if printed else 0
    total = back.stood.meters.get(TOTAL)
    if back.restarted and total is not None and TOTAL in said.meters:
        missed = max(missed, judge.unread(back.stood, total, said))
    if missed:
        steps = [*bridged(after, PaceEstimate(0, 0, missed), back.stood.at, said.at), *steps]
        after = replace(after, top_epoch=after.top_epoch + 1)
    return CountOutcome(after, tuple(steps), news, TakenBack(back.stood.at, back.epochs))


def decided(track: PlaceTrack, held: SaidMeters, said: SaidMeters, judge: Judge) -> CountOutcome:
    """Return what `held` was, now that `said` follows from it."""
    odd = _odd(track, held, judge)
    moves = changes(standing(track), held.meters, said.meters, names=odd.all)
    if odd.high == odd.all and _never_counted(track, odd):
        return _started(track, held, said, judge, moves)
    outcome = (
        _parts(track, held, judge, odd, moves)
        or _wrap(track, held, judge, odd, moves)
        or _reset(track, held, judge, odd, moves)
        or _question(track, held, judge, odd, moves)
    )
    off = was_off(track, held)
    first = remembered(outcome.track, track, held.at, doubtful=True, restarted=off)
    after, steps = grown(first, said)
    return replace(outcome, track=after, steps=(*outcome.steps, *steps))


def borne_out(
    track: PlaceTrack, held: SaidMeters, said: SaidMeters, judge: Judge
) -> CountOutcome | None:
    """Count a jump where the time after it, about as long, brought pages at the same rate."""
    start, first, then = judge.start(track), held.meters.get(TOTAL), said.meters.get(TOTAL)
    odd = _odd(track, held, judge)
    if odd.low or first is None or then is None or TOTAL not in odd.known:
        return None
    before, after = held.at - start, said.at - held.at
    if before > _WORTH * after or after < _LONG:
        return None
    hours = sober_limit(start, held.at, judge.office) / sober_limit(held.at, said.at, judge.office)
    rate = (then - first) * hours
    if first - odd.known[TOTAL].last > _LIKE * rate or not judge.is_possible(track, held):
        return None
    half, steps = grown(track, held)
    if not judge.is_possible(half, said):
        return None
    whole, more = grown(half, said)
    moves = changes(standing(track), held.meters, said.meters, names=odd.all)
    pages = first - odd.known[TOTAL].last
    news = MeterNews(Code.ABOVE_PACE, moves, held.at, {"pages": pages})
    return CountOutcome(whole, (*steps, *more), (news,))


def odd_meters(track: PlaceTrack, said: SaidMeters, judge: Judge) -> frozenset[Meter]:
    """Return the meters of `said` that do not follow from `track`."""
    return _odd(track, said, judge).all


def told_reset(track: PlaceTrack, said: SaidMeters, judge: Judge) -> CountOutcome:
    """Return what `said` comes to where a person says that the machine was reset.

    Lower meters began at 0 if there was time to print what they say, else at what they say.
    """
    odd = _odd(track, said, judge)
    most = judge.rules.allowance(judge.rated_ipm, said.at - judge.start(track))
    low = {name: said.meters[name] for name in odd.low}
    fresh = all(2 * n < odd.known[name].last and n <= most for name, n in low.items())
    firsts = dict.fromkeys(low, 0) if fresh else {}
    after, steps = anew(track, said, odd.all, firsts)
    moves = changes(standing(track), said.meters, names=odd.all)
    news = (_reset_news(moves, odd, said, firsts),) if odd.all else ()
    return CountOutcome(replace(after, before=()), tuple(steps), news)


def _way_back(
    track: PlaceTrack, before: Before, said: SaidMeters, judge: Judge, fit: Plausibility
) -> int | None:
    """Return how far `said` is from where the machine stood `before`, None where it is not back."""
    here, there = _away(track, said), _away(before.stood, said)
    if not said.meters.get(TOTAL, 1) or not _last(before.stood):
        return None  # 0 is what agents say that have nothing to say: nobody comes back to it
    grew = any(one.last > one.first for one in track.meters.values())
    lately = said.at - before.since <= judge.rules.conflict
    sure = before.doubtful and before.restarted is False and not grew
    if there >= here or (not sure and _NEARER * there > here):
        return None
    exactly = lately and _TELLING * (there + _FEW) <= here
    if fit is Plausibility.USUAL and not (before.doubtful and (not grew or exactly)):
        return None
    if fit is Plausibility.USUAL and before.restarted and there > _FEW:
        return None  # a lower count was put back while it was off, and it printed past the old one
    if own_epochs(before.stood) == own_epochs(track) and (
        was_off(before.stood, said)
        or not lately
        or (track.held is not None and was_off(track, track.held))
    ):
        return None  # what grew in one epoch was counted as plain; a restart may have lowered it
    back = judge.fit(before.stood, said)
    return there if back is Plausibility.USUAL else None


def _last(base: PlaceTrack) -> int:
    return main_of({name: one.last for name, one in base.meters.items()})


def _away(base: PlaceTrack, said: SaidMeters) -> int:
    return abs(main_of(growth_of(base, said)))


def _printed_meanwhile(track: PlaceTrack, back: Before) -> int:
    """Return what a machine whose count was typed in again printed since it fell to 0."""
    here, there = track.meters.get(TOTAL), back.stood.meters.get(TOTAL)
    if here is None or there is None or back.restarted is False or not back.doubtful:
        return 0
    return here.last - here.first if here.last < there.last else 0


def _odd(track: PlaceTrack, said: SaidMeters, judge: Judge) -> _Odd:
    known = shared(track, said)
    growth = growth_of(track, said)
    low = frozenset(name for name, one in known.items() if said.meters[name] < one.floor)
    believed = max(judge.believed(track, said), judge.rules.slack)
    beyond, most = growth.get(TOTAL, 0) > believed, believed
    if growth.get(TOTAL, 0) < 0:
        most = judge.rules.allowance(judge.rated_ipm, said.at - judge.start(track))
    elif TOTAL in growth:
        most = 2 * growth[TOTAL] + judge.rules.slack
    high = {n for n, more in growth.items() if n != TOTAL and more > most and not _scans(n)}
    high |= {TOTAL} if beyond else set()
    if not low and not high and judge.fit(track, said) is Plausibility.NOT:
        high = set(known)  # no meter by itself is wrong, so their sum is
    return _Odd(known, low, frozenset(high))


def _never_counted(track: PlaceTrack, odd: _Odd) -> bool:
    """Say whether all that is odd stood at 0 since the machine was first read, just switched on."""
    starting = track.uptime_s is None or track.uptime_s < _STARTING_S
    fresh = all(odd.known[name].first == odd.known[name].last == 0 for name in odd.high)
    return starting and fresh and not any(one.doubtful for one in track.before)


def _started(
    track: PlaceTrack,
    held: SaidMeters,
    said: SaidMeters,
    judge: Judge,
    moves: Mapping[Meter, Sentence],
) -> CountOutcome:
    """Begin at `held`: what was answered before it was no count, the machine was starting."""
    start = judge.start(track)
    since = bridged(track, judge.pace.guess(start, held.at, judge.office), start, held.at)
    base = replace(track, top_epoch=track.top_epoch + 1, before=())
    first, steps = anew(base, held, [*moves], {})
    after, more = grown(first, said)
    return CountOutcome(
        after, (*since, *steps, *more), (MeterNews(Code.METER_GLITCH, moves, held.at),)
    )


def _wrap(
    track: PlaceTrack, held: SaidMeters, judge: Judge, odd: _Odd, moves: Mapping[Meter, Sentence]
) -> CountOutcome | None:
    """End the epochs at the modulus and begin the next at 0, so that no page is lost."""
    if odd.high or not odd.low:
        return None
    believed = judge.believed(track, held)
    silent = held.at - track.at > judge.rules.silence or was_off(track, held)
    most = judge.rules.allowance(judge.rated_ipm, held.at - judge.start(track))
    for name in odd.low:
        more = judge.wrapped(name, odd.known[name], held.meters[name])
        if more is None or more > (believed if silent or not held.meters[name] else most):
            return None
    after, steps = anew(track, held, odd.low, dict.fromkeys(odd.low, 0))
    ends = [
        GrowthStep(
            *(name, one.epoch, one.last_at, held.at, one.last, judge.wraps[name]),
            Quality.EDITED if one.by_hand or held.by_hand else Quality.MEASURED,
        )
        for name, one in odd.known.items()
        if name in odd.low and one.last < judge.wraps[name]
    ]
    moves = {
        name: Sentence("meter.wrapped", {**one.facts, "end": judge.wraps[name]})
        for name, one in moves.items()
    }
    return CountOutcome(after, (*ends, *steps), (MeterNews(Code.METER_WRAPPED, moves, held.at),))


def _parts(
    track: PlaceTrack, held: SaidMeters, judge: Judge, odd: _Odd, moves: Mapping[Meter, Sentence]
) -> CountOutcome | None:
    """Begin mono and color anew where only the split of `total` is odd; its pages are shared out.

    They follow the machine's life, so that they add up to what `total` counts.
    """
    halves = {TOTAL_MONO, TOTAL_COLOR}
    if TOTAL in odd.all or not halves & odd.all or not halves | {TOTAL} <= {*odd.known}:
        return None
    if not foots(track, TOTAL) or any(judge.wrapped(n, odd.known[n], 0) for n in odd.low):
        return None
    more = max(0, growth_of(track, held)[TOTAL])
    shares = bridged(track, PaceEstimate(more, more, more), judge.start(track), held.at)
    base = replace(track, top_epoch=track.top_epoch + 1)
    after, steps = anew(base, held, odd.all | halves, {})
    split = [one for one in shares if one.meter in halves]
    return CountOutcome(after, (*split, *steps), (_reset_news(moves, odd, held, {}),))


def _reset(
    track: PlaceTrack, held: SaidMeters, judge: Judge, odd: _Odd, moves: Mapping[Meter, Sentence]
) -> CountOutcome | None:
    """Begin at 0 what is as low as the place can have printed since; None where it is not.

    Where `total` is low every meter of pages began with it: it and the parts of it are one sum.
    """
    if not odd.low or (odd.high and TOTAL not in odd.low):
        return None
    believed = judge.believed(track, held)
    names = set(odd.low)
    if TOTAL in odd.low:
        most = held.meters[TOTAL]
        names |= {n for n in odd.known if not _scans(n) and held.meters[n] <= most}
        if 2 * most >= odd.known[TOTAL].last or odd.high - names:
            return None
        believed = min(believed, judge.believed_since_start(track, held))
    elif any(2 * held.meters[n] >= odd.known[n].last for n in names):
        return None
    if any(held.meters[n] > believed for n in names):
        return None
    top = track.top_epoch + 1
    after, steps = anew(replace(track, top_epoch=top), held, names, dict.fromkeys(names, 0))
    steps = [*_before_reset(track, held, judge), *steps]
    moves = changes(standing(track), held.meters, names=names)
    news = _reset_news(moves, odd, held, dict.fromkeys(names, 0))
    if TOTAL in names:
        news = replace(news, facts={**news.facts, **_answers(track, held, judge)})
    return CountOutcome(after, tuple(steps), (news,))


def _before_reset(track: PlaceTrack, held: SaidMeters, judge: Judge) -> tuple[GrowthStep, ...]:
    """Return the estimate of what was printed before the reset, beyond what was since."""
    start, since = judge.start(track), held.meters.get(TOTAL)
    if since is None:
        return ()
    guess = judge.meanwhile(start, held.at)
    more = PaceEstimate(max(0, guess.pages - since), 0, max(0, guess.high - since))
    return bridged(track, more, start, held.at) if more.high else ()


def _question(
    track: PlaceTrack, held: SaidMeters, judge: Judge, odd: _Odd, moves: Mapping[Meter, Sentence]
) -> CountOutcome:
    """Begin anew at `held`: the pages since are estimated by the pace, the rest is in question.

    Where only parts of the total are odd, they alone begin anew and no page is in question.
    """
    if TOTAL in odd.known and TOTAL not in odd.all:
        after, steps = anew(track, held, odd.all, {})
        return CountOutcome(after, tuple(steps), (_reset_news(moves, odd, held, {}),))
    guess = judge.printed(track, held)
    estimate = bridged(track, guess, judge.start(track), held.at)
    top = track.top_epoch + (1 if estimate else 0)
    after, _ = anew(replace(track, top_epoch=top), held, [*odd.known], {})
    stands = [track, *(one.stood for one in track.before if one.doubtful)]
    facts: dict[str, str | int | float | None] = {
        "pages": max(0, min(_away(one, held) for one in stands) - guess.pages),
        "from": track.at.isoformat(),
        "reason": _reason(track, held, odd),
        "estimated": guess.pages,
        **_answers(track, held, judge),
    }
    news = MeterNews(Code.PAGES_IN_QUESTION, moves, held.at, facts)
    after = replace(after, pace=track.pace.skip(held.at))
    return CountOutcome(after, estimate, (news,))


def _reason(track: PlaceTrack, held: SaidMeters, odd: _Odd) -> str:
    if odd.low:
        return "restored"
    return "typed_in" if was_off(track, held) else "jump"


def _reset_news(
    moves: Mapping[Meter, Sentence], odd: _Odd, said: SaidMeters, firsts: Mapping[Meter, int]
) -> MeterNews:
    """Return what is told of a reset; meters that went on tell that no board was exchanged."""
    others = [name for name, one in odd.known.items() if name not in moves and one.last > 0]
    origins = {
        name: Sentence(
            "meter.counted_from", {**one.facts, "first": firsts.get(name, said.meters[name])}
        )
        for name, one in moves.items()
    }
    scope = "meters" if others else "machine"
    return MeterNews(Code.METER_RESET, origins, said.at, {"scope": scope})


def _answers(track: PlaceTrack, said: SaidMeters, judge: Judge) -> dict[str, int]:
    """Return how many impressions each answer that a person may give would count from `said`.

    Nothing is offered that would count more than the machine can have printed in the time.
    """
    meter = track.meters.get(TOTAL)
    value = said.meters.get(TOTAL)
    if meter is None or value is None:
        return {}
    start = judge.start(track)
    most = judge.rules.allowance(judge.rated_ipm, said.at - start)
    silent = said.at - track.at > judge.rules.silence
    guess = judge.pace.guess(start, said.at, judge.office).pages if silent else 0
    found = {"glitch": 0, "replaced": guess}
    if 2 * value < meter.last and value <= most:
        found["reset"] = value
    if 0 <= value - meter.last <= most:
        found["printed"] = value - meter.last
    return {f"as_{answer}": pages for answer, pages in found.items()}


def _scans(name: Meter) -> bool:
    return METERS.get(name) is Unit.SCANS
