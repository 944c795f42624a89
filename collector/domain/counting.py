"""The counting rules: what a reading adds to what is known of a place.

`count` is the whole of it: track and reading in, new track, usages and findings out. For every
meter and any run of readings, the pages of all usages that were not taken back are the sum over
its epochs of (last - first): nothing is lost and nothing is invented (tests/properties).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from collector.domain.doubts import came_back, decided, odd_meters, told_reset
from collector.domain.entries import Verdict
from collector.domain.findings import Code, Finding
from collector.domain.growth import (
    News,
    Outcome,
    Step,
    TakenBack,
    begun,
    bridged,
    changes,
    grown,
    marked,
    remembered,
    standing,
)
from collector.domain.identity import DeviceKey, Sameness, compare, merged
from collector.domain.judging import (
    Fit,
    Judge,
    Rules,
    growth_of,
    is_redefined,
    main_of,
    restarted,
    shared,
)
from collector.domain.meter_findings import (
    in_conflict,
    meter_finding,
    out_of_order,
    replaced,
    still_distrusted,
    weak_identity,
)
from collector.domain.meters import TOTAL
from collector.domain.office import Office
from collector.domain.reading import Reading, Stay
from collector.domain.track import Distrust, MeterTrack, PlaceTrack, Said
from collector.domain.usage import Usage

_LASTING: Final = timedelta(days=1)
"""Readings called wrong for longer than this are told of: a decision may have been mistaken."""
_MOST_FORMER: Final = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """What one reading came to.

    Where `taken_back` is given, earlier usages of the place turned out not to have been; `usages`
    are what is counted in their stead.
    """

    track: PlaceTrack | None
    usages: tuple[Usage, ...] = ()
    findings: tuple[Finding, ...] = ()
    taken_back: TakenBack | None = None

    def kept(self, usages: Iterable[Usage]) -> list[Usage]:
        """Return those of the `usages` counted before that were not taken back."""
        gone = self.taken_back
        if gone is None:
            return list(usages)
        return [one for one in usages if one.end <= gone.since or one.epoch not in gone.epochs]


def count(
    track: PlaceTrack | None,
    reading: Reading,
    rules: Rules,
    office: Office,
    verdict: Verdict | None = None,
) -> Counted:
    """Return what `reading` adds at a place known by `track` (None: the first reading ever).

    The first reading of a machine sets where counting begins and adds no pages. A reading that
    is not later than the track, or of a machine counted elsewhere, changes nothing. `verdict` is
    what a person said that really happened at this reading. `office` tells working time.
    """
    if reading.stay is Stay.TWICE or (track is not None and reading.at == track.at):
        return Counted(track)
    if track is None:
        if reading.brought is not None:
            track = PlaceTrack(reading.answer.identity, reading.brought.at, None)
            return _Count(track, reading, rules, office).moved_in()
        return Counted(_first(reading), findings=weak_identity(reading))
    if reading.at < track.at:
        return Counted(track, findings=(out_of_order(reading),))
    return _Count(track, reading, rules, office).heed(verdict)


class _Count:
    """One reading at one place that is known already."""

    def __init__(self, track: PlaceTrack, reading: Reading, rules: Rules, office: Office) -> None:
        self._track = track
        self._reading = reading
        self._rules = rules
        self._office = office
        self._said = said_by(reading)
        self._judge = Judge.of(track, reading, rules, office)

    def heed(self, verdict: Verdict | None) -> Counted:
        """Count with what a person said in mind, of this reading or of one before."""
        track, reading = self._track, self._reading
        if verdict is Verdict.GLITCH:
            return Counted(replace(track, held=None, distrust=Distrust(reading.at)))
        if verdict is Verdict.REPLACED:
            return self._anew(self._bridge(), weak_identity(reading))
        if track.distrust is not None and verdict is None and not self._is_believable():
            return self._dropped(track.distrust)
        self._track = replace(track, distrust=None)
        return self._of_whom(verdict)

    def _of_whom(self, verdict: Verdict | None) -> Counted:
        """Count by whose reading this is: the machine known here, or another one."""
        track, reading = self._track, self._reading
        same = compare(track.identity, reading.answer.identity) is not Sameness.OTHER
        if not same and verdict not in {Verdict.RESET, Verdict.PRINTED}:
            return self._another()
        if reading.stay is Stay.ARRIVED:
            return self.moved_in()
        if verdict is Verdict.RESET and self._fit() is not Fit.USUAL:
            return self._counted(told_reset(track, self._said, self._judge))
        if verdict is Verdict.PRINTED and self._can_be_printed():
            return self._counted(self._plain(Fit.USUAL))
        return self._counted(self._judged())

    def _judged(self) -> Outcome:
        """Judge an answer of the machine that stands here."""
        track, said, judge = self._track, self._said, self._judge
        if any(is_redefined(n, one, said) for n, one in track.meters.items()):
            track = self._track = replace(track, held=None)
        fit = self._fit()
        back = came_back(track, said, judge, fit) if track.before else None
        if back is not None:
            return back
        if fit is not Fit.NOT:
            return self._plain(fit)
        held = track.held
        if held is not None and judge.fit(_as_if(track, held), said) is not Fit.NOT:
            return decided(track, held, said, judge)
        texts = changes(standing(track), said.meters, names=odd_meters(track, said, judge))
        news = () if held is not None else (News(Code.METER_SUSPECT, texts),)
        return Outcome(replace(track, held=said), news=news)

    def _plain(self, fit: Fit) -> Outcome:
        """Let every meter go on; what was held before was rubbish."""
        track, said = self._track, self._said
        after, steps = grown(track, said)
        news: list[News] = [*self._changed(), *self._above_pace(after, fit)]
        if track.held is not None:
            names = odd_meters(track, track.held, self._judge)
            texts = changes(standing(track), track.held.meters, said.meters, names=names)
            news.append(News(Code.METER_GLITCH, texts, track.held.at))
        if steps:
            after = remembered(
                *(after, track, said.at),
                doubtful=fit is Fit.POSSIBLE,
                restarted=restarted(track, said),
            )
        return Outcome(self._learnt(after, steps), tuple(steps), tuple(news))

    def _changed(self) -> Iterable[News]:
        """Yield what is to be told of single meters: another formula, a few pages taken back."""
        known, said = self._track.meters, self._said
        fallen = [n for n, one in shared(self._track, said).items() if said.meters[n] < one.floor]
        if fallen:
            texts = changes(standing(self._track), said.meters, names=fallen)
            yield News(Code.METER_ROLLBACK, texts)
        texts = {
            name: f"{one.last} by {one.formula} -> {said.meters[name]} by {said.formulas[name]}"
            for name, one in known.items()
            if name in said.meters and is_redefined(name, one, said)
        }
        if texts:
            yield News(Code.METER_REDEFINED, texts, said.at)

    def _above_pace(self, after: PlaceTrack, fit: Fit) -> Iterable[News]:
        """Yield that more was printed than is usual here, once a day."""
        pace, said, office = self._track.pace, self._said, self._office
        pages = main_of(growth_of(self._track, said))
        start, day = self._judge.start(self._track), office.local_day(said.at)
        if office.local_day(start) == day:
            start = office.midnight(day)
            pages += pace.today if pace.day == day else 0
        if (pace.told and pace.day == day) or pages <= self._rules.slack:
            return
        if fit is Fit.USUAL and pages <= pace.limit(start, said.at, office):
            return
        names = [TOTAL] if TOTAL in after.meters else shared(self._track, said)
        texts = changes(standing(self._track), said.meters, names=names)
        yield News(Code.ABOVE_PACE, texts, said.at, {"pages": pages})

    def _learnt(self, after: PlaceTrack, steps: Sequence[Step]) -> PlaceTrack:
        """Return `after` with what the place printed in its pace."""
        pages = sum(one.last - one.first for one in steps if one.meter == TOTAL)
        if not pages:
            return after
        start = min(one.start for one in steps if one.meter == TOTAL)
        pace = after.pace.learn(start, self._said.at, pages, self._office)
        return replace(after, pace=pace)

    def _another(self) -> Counted:
        """Count the first answer of another machine than answered last."""
        track, reading = self._track, self._reading
        if reading.stay is Stay.ARRIVED and reading.brought is not None:
            return self.moved_in()
        known = next((one for one in track.former if self._is_of(one)), None)
        if known is None or reading.stay is Stay.ARRIVED:
            return self._anew(self._bridge(), (replaced(track, reading), *weak_identity(reading)))
        away = reading.at - known.at
        shares, told = away <= self._rules.conflict, track.conflict_at
        is_news = told is None or reading.at - told > self._rules.conflict
        base = replace(
            known,
            top_epoch=track.top_epoch,
            pace=track.pace,
            former=self._leaving(known),
            conflict_at=reading.at if shares else None,
        )
        here = _Count(base, reading, self._rules, self._office)
        outcome = here._judged()
        if away > self._rules.silence:
            outcome = replace(outcome, steps=tuple(marked(outcome.steps, 0)))
        counted = here._counted(outcome)
        if not shares:
            found = (replaced(track, reading), *counted.findings)
        elif is_news:
            found = (in_conflict(track, reading), *counted.findings)
        else:
            found = counted.findings
        return replace(counted, findings=found)

    def moved_in(self) -> Counted:
        """Count a machine that was read elsewhere last: what it printed since is known."""
        track, reading, brought = self._track, self._reading, self._reading.brought
        same = compare(track.identity, reading.answer.identity) is not Sameness.OTHER
        found = () if same else (replaced(track, reading), *weak_identity(reading))
        if brought is None:
            return self._anew((), found)
        last = Said(brought.at, brought.uptime_s, brought.meters, brought.formulas)
        base = replace(track, meters=begun(track, last), at=last.at, uptime_s=last.uptime_s)
        judge = replace(self._judge, pace=track.pace)
        if not judge.is_possible(base, self._said):
            return self._anew(self._bridge(), found)
        base = replace(base, top_epoch=track.top_epoch + 1, former=self._leaving(None))
        after, steps = grown(base, self._said)
        after = replace(
            after, identity=reading.answer.identity, before=(), pace=track.pace.skip(reading.at)
        )
        high = track.pace.guess(track.at, reading.at, self._office).high
        outcome = Outcome(after, tuple(marked(steps, high)))
        return self._counted(outcome, found)

    def _anew(self, steps: tuple[Step, ...], found: tuple[Finding, ...]) -> Counted:
        """Begin a new epoch of every meter at what the machine says now."""
        track, reading = self._track, self._reading
        top = track.top_epoch + (1 if steps else 0)
        base = replace(track, top_epoch=top)
        meters = begun(base, self._said)
        fresh = replace(
            _first(reading),
            meters=meters,
            top_epoch=top + 1 if meters else top,
            pace=track.pace.skip(reading.at),
            former=self._leaving(None),
        )
        return self._counted(Outcome(fresh, steps), found, track.identity.key)

    def _bridge(self) -> tuple[Step, ...]:
        """Return the estimate for a silence that ends in another machine."""
        track, at = self._track, self._reading.at
        if at - track.at <= self._rules.silence:
            return ()
        guess = track.pace.guess(track.at, at, self._office)
        return bridged(track, guess, track.at, at)

    def _leaving(self, coming: PlaceTrack | None) -> tuple[PlaceTrack, ...]:
        """Return the machines that stood here, newest first, once the one here is among them."""
        track, reading = self._track, self._reading
        others = [
            one
            for one in track.former
            if one is not coming
            and reading.at - one.at <= self._rules.memory
            and not self._is_of(one)
        ]
        if self._is_of(track):
            return tuple(others)
        gone = replace(track.alone, before=track.before, pace=type(track.pace)())
        return (gone, *others)[:_MOST_FORMER]

    def _is_of(self, one: PlaceTrack) -> bool:
        return compare(one.identity, self._reading.answer.identity) is Sameness.SAME

    def _fit(self) -> Fit:
        return self._judge.fit(self._track, self._said)

    def _can_be_printed(self) -> bool:
        return self._judge.is_possible(self._track, self._said)

    def _is_believable(self) -> bool:
        """Say whether the reading follows from the machine known by the track."""
        if compare(self._track.identity, self._reading.answer.identity) is Sameness.OTHER:
            return False
        known = [n for n in self._said.meters if n in self._track.meters]
        return bool(known) and self._fit() is not Fit.NOT

    def _dropped(self, distrust: Distrust) -> Counted:
        track, reading = self._track, self._reading
        if distrust.told or reading.at - distrust.since < _LASTING:
            return Counted(track)
        told = replace(track, distrust=replace(distrust, told=True))
        return Counted(told, findings=(still_distrusted(reading, distrust.since),))

    def _counted(
        self, outcome: Outcome, found: tuple[Finding, ...] = (), device: DeviceKey | None = None
    ) -> Counted:
        """Return `outcome` as usages and findings; the machine is known by all it ever said."""
        reading, track = self._reading, outcome.track
        identity = merged(track.identity, reading.answer.identity)
        if track.before and reading.at - track.before[0].stood.at > self._rules.memory:
            recent = (one for one in track.before if self._is_recent(one.stood))
            track = replace(track, before=tuple(recent))
        told = [one for one in outcome.news if one.code is Code.ABOVE_PACE]
        if told and track.pace.day == self._office.local_day(reading.at):
            track = replace(track, pace=replace(track.pace, told=True))
        findings = [meter_finding(reading, one) for one in outcome.news]
        return Counted(
            replace(track, identity=identity),
            tuple(_usage(reading, device or identity.key, one) for one in outcome.steps),
            (*found, *findings),
            outcome.taken_back,
        )

    def _is_recent(self, stood: PlaceTrack) -> bool:
        return self._reading.at - stood.at <= self._rules.memory


def said_by(reading: Reading) -> Said:
    """Return what `reading` says of meters."""
    answer = reading.answer
    return Said(
        *(reading.at, answer.uptime_s, answer.meters, answer.formulas),
        by_hand=reading.by_hand,
        unread=reading.unread,
    )


def _first(reading: Reading) -> PlaceTrack:
    answer, said = reading.answer, said_by(reading)
    meters = begun(None, said)
    return PlaceTrack(answer.identity, reading.at, answer.uptime_s, meters, 1 if meters else 0)


def _as_if(track: PlaceTrack, held: Said) -> PlaceTrack:
    """Return the machine as it stood if `held` was true."""
    meters = {
        name: MeterTrack(0, value, value, held.at, None, held.by_hand, held.formulas.get(name))
        for name, value in held.meters.items()
    }
    return replace(track, at=held.at, uptime_s=held.uptime_s, meters=meters)


def _usage(reading: Reading, device: DeviceKey, step: Step) -> Usage:
    return Usage(
        place=reading.place,
        device=device,
        meter=step.meter,
        epoch=step.epoch,
        start=step.start,
        end=step.end,
        first=step.first,
        last=step.last,
        quality=step.quality,
        low=step.low,
        high=step.high,
    )
