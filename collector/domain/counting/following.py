"""An answer of the machine that stands at a place: growth, a doubt, or the end of one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from collector.domain.counting.doubts import borne_out, came_back, decided, odd_meters
from collector.domain.counting.findings import Code
from collector.domain.counting.growth import (
    CountOutcome,
    GrowthStep,
    MeterNews,
    bridged,
    changes,
    grown,
    marked,
    remembered,
    standing,
)
from collector.domain.counting.judging import (
    Judge,
    Plausibility,
    growth_of,
    is_redefined,
    main_of,
    shared,
    was_off,
)
from collector.domain.counting.pace import PaceEstimate
from collector.domain.counting.track import MeterTrack, PlaceTrack, SaidMeters
from collector.domain.counting.usage import Quality
from collector.domain.meters import TOTAL
from collector.domain.sentence import sentence


class Following:
    """What a machine says after it stood at a track."""

    def __init__(self, track: PlaceTrack, said: SaidMeters, judge: Judge) -> None:
        """Compare `said` with `track`; what may no longer be taken back is forgotten."""
        memory = judge.rules.memory
        recent = tuple(one for one in track.before if said.at - one.stood.at <= memory)
        anew = any(is_redefined(name, one, said) for name, one in track.meters.items())
        held = None if anew else track.held
        self._track = replace(track, before=recent, held=held)
        self._said = said
        self._judge = judge

    def outcome(self) -> CountOutcome:
        """Judge an answer of the machine that stands here."""
        track, said, judge, held = self._track, self._said, self._judge, self._track.held
        fit = judge.fit(track, said)
        if fit is Plausibility.POSSIBLE and self._is_put_back():
            fit = Plausibility.NOT
        if held is not None and self._is_ahead(held):
            found = borne_out(track, held, said, judge)
            if found is None and self._follows(held):
                found = decided(track, held, said, judge)
            if found is not None:
                return self._learnt(found)
        maybe = fit is not Plausibility.USUAL or any(one.doubtful for one in track.before)
        back = came_back(track, said, judge, fit) if maybe else None
        if back is not None:
            return self._learnt(back)
        if fit is not Plausibility.NOT:
            return self.plain(fit)
        if held is not None and self._follows(held):
            return self._learnt(decided(track, held, said, judge))
        moves = changes(standing(track), said.meters, names=odd_meters(track, said, judge))
        news = () if held is not None else (MeterNews(Code.METER_SUSPECT, moves),)
        return CountOutcome(replace(track, held=said), news=news)

    def _is_ahead(self, held: SaidMeters) -> bool:
        """Say whether a jump lasts: more time alone does not make it plausible."""
        ahead = main_of(growth_of(self._track, held))
        return 0 < ahead <= main_of(growth_of(self._track, self._said))

    def _follows(self, held: SaidMeters) -> bool:
        return self._judge.fit(_as_if(self._track, held), self._said) is not Plausibility.NOT

    def plain(self, fit: Plausibility) -> CountOutcome:
        """Let every meter go on; what was held before was rubbish."""
        track, said = self._track, self._said
        after, steps = grown(track, said)
        news: list[MeterNews] = [*self._changed(), *self._above_pace(after, fit)]
        lost = self._lost(after.top_epoch)
        if track.held is not None:
            names = odd_meters(track, track.held, self._judge)
            moves = changes(standing(track), track.held.meters, said.meters, names=names)
            news.append(MeterNews(Code.METER_GLITCH, moves, track.held.at))
        if steps:
            after = remembered(
                *(after, track, said.at),
                doubtful=fit is Plausibility.POSSIBLE,
                restarted=was_off(track, said),
            )
        if lost:
            after = replace(after, top_epoch=after.top_epoch + 1)
        if self._may_be_typed():
            steps, after = [*marked(steps, 0)], replace(after, pace=track.pace.skip(said.at))
        return self._learnt(CountOutcome(after, (*lost, *steps), tuple(news)))

    def _may_be_typed(self) -> bool:
        """Say whether pages of a silence may be none: it was off, and too short on to print them.

        They are more than the place probably printed in all that time, though not beyond belief.
        """
        track, said, judge = self._track, self._said, self._judge
        if not judge.may_be_repaired(track, said):
            return False
        most = max(judge.printed(track, said).high, judge.believed_since_start(track, said))
        return main_of(growth_of(track, said)) > most

    def _is_put_back(self) -> bool:
        """Say whether a machine that fell is nearer to its old count than to where it is."""
        here, said = self._track, self._said
        away = main_of(growth_of(here, said))
        stood = [one.stood for one in here.before if one.doubtful]
        return any(
            main_of(growth_of(one, said)) < 0 and -2 * main_of(growth_of(one, said)) < away
            for one in stood
        )

    def _lost(self, top_epoch: int) -> tuple[GrowthStep, ...]:
        """Return pages that were printed and not counted, because a machine forgot some before.

        Their epoch follows `top_epoch`, since a meter by another formula has begun one. Those that
        had been read are missed where its counter climbs back to where it stood, those that nobody
        had read yet at the restart itself.
        """
        track, said = self._track, self._said
        total, value = track.meters.get(TOTAL), said.meters.get(TOTAL)
        if total is None or value is None:
            return ()
        climbed = max(0, min(value, total.last) - total.floor)
        high = climbed + self._judge.unread(track, total, said)
        if not high:
            return ()
        base = replace(track, top_epoch=top_epoch)
        return bridged(base, PaceEstimate(0, 0, high), total.last_at, said.at)

    def _changed(self) -> Iterable[MeterNews]:
        """Yield what is to be told of single meters: another formula, a few pages taken back."""
        known, said = self._track.meters, self._said
        fallen = [n for n, one in shared(self._track, said).items() if said.meters[n] < one.floor]
        if fallen:
            moves = changes(standing(self._track), said.meters, names=fallen)
            yield MeterNews(Code.METER_ROLLBACK, moves)
        moves = {
            name: sentence(
                "meter.redefined",
                last=one.last,
                before=one.formula or "",
                value=said.meters[name],
                now=said.formulas[name],
            )
            for name, one in known.items()
            if name in said.meters and is_redefined(name, one, said)
        }
        if moves:
            yield MeterNews(Code.METER_REDEFINED, moves, said.at)

    def _above_pace(self, after: PlaceTrack, fit: Plausibility) -> Iterable[MeterNews]:
        """Yield that more was printed than is usual here, once a day."""
        pace, said, office = self._track.pace, self._said, self._judge.office
        grew = pages = main_of(growth_of(self._track, said))
        start, day = self._judge.start(self._track), office.local_day(said.at)
        if office.local_day(start) == day:
            start = office.midnight(day)
            pages += pace.today if pace.day == day else 0
        if (pace.told and pace.day == day) or pages <= self._judge.rules.slack or not grew:
            return
        if fit is Plausibility.USUAL and pages <= pace.limit(start, said.at, office):
            return
        names = [TOTAL] if TOTAL in after.meters else shared(self._track, said)
        moves = changes(standing(self._track), said.meters, names=names)
        yield MeterNews(Code.ABOVE_PACE, moves, said.at, {"pages": pages})

    def _learnt(self, outcome: CountOutcome) -> CountOutcome:
        """Return `outcome` with what the place printed in its pace."""
        spans: dict[datetime, list[GrowthStep]] = {}
        for one in outcome.steps:
            if one.meter == TOTAL and one.quality is not Quality.ESTIMATED:
                spans.setdefault(one.end, []).append(one)
        pace = outcome.track.pace
        for end, steps in spans.items():
            pages = sum(one.last - one.first for one in steps)
            start = min(one.start for one in steps)
            pace = pace.learn(start, end, pages, self._judge.office)
        return replace(outcome, track=replace(outcome.track, pace=pace)) if spans else outcome


def _as_if(track: PlaceTrack, held: SaidMeters) -> PlaceTrack:
    """Return the machine as it stood if `held` was true."""
    meters = {
        name: MeterTrack(0, value, value, held.at, None, held.by_hand, held.formulas.get(name))
        for name, value in held.meters.items()
    }
    return replace(track, at=held.at, uptime_s=held.uptime_s, meters=meters)
