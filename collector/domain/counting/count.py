"""The counting rules: what a reading adds to what is known of a place.

`count` is the whole of it: track and reading in, new track, usages and findings out. For every
meter and any run of readings, the pages of all usages that were not taken back are the sum over
its epochs of (last - first): nothing is lost and nothing is invented (tests/properties).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from collector.domain.counting.doubts import told_reset
from collector.domain.counting.entries import Verdict
from collector.domain.counting.findings import Code, Finding
from collector.domain.counting.following import Following
from collector.domain.counting.growth import (
    CountOutcome,
    GrowthStep,
    TakenBack,
    begun,
    bridged,
    grown,
    marked,
    own_epochs,
)
from collector.domain.counting.identity import DeviceKey, Sameness, compare, merged
from collector.domain.counting.judging import Judge, Plausibility, Rules
from collector.domain.counting.meter_findings import (
    in_conflict,
    meter_finding,
    out_of_order,
    replaced,
    still_distrusted,
    weak_identity,
)
from collector.domain.counting.reading import Reading, Stay
from collector.domain.counting.track import Distrust, MeterTrack, PlaceTrack, SaidMeters
from collector.domain.counting.usage import Usage
from collector.domain.meters import TOTAL
from collector.domain.office.office_calendar import Office

_LASTING: Final = timedelta(days=1)
"""Readings called wrong for longer than this are told of: a decision may have been mistaken."""
_MOST_FORMER: Final = 3
_WITHOUT: Final = timedelta(days=2)
"""So long a place may be without a machine that prints before another one is put there."""


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
    if verdict is None and is_unchanged(track, reading):
        return Counted(_confirmed(track, reading))
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
        if verdict is Verdict.RESET and self._fit() is not Plausibility.USUAL:
            return self._counted(told_reset(track, self._said, self._judge))
        if verdict is Verdict.PRINTED and self._can_be_printed():
            outcome = self._follow().plain(Plausibility.USUAL)
            news = tuple(one for one in outcome.news if one.code is not Code.ABOVE_PACE)
            pace = replace(outcome.track.pace, told=True)
            track = replace(outcome.track, pace=pace)
            return self._counted(replace(outcome, track=track, news=news))
        outcome = self._follow().outcome()
        told = track.conflict_at
        if told is not None and reading.at - told <= self._rules.conflict:
            outcome = replace(outcome, steps=tuple(marked(outcome.steps, 0)))
        return self._counted(outcome)

    def _another(self) -> Counted:
        """Count the first answer of another machine than answered last."""
        track, reading = self._track, self._reading
        if reading.stay is Stay.ARRIVED and reading.brought is not None:
            return self.moved_in()
        known = next((one for one in track.former if self._is_of(one)), None)
        if known is None or reading.stay is Stay.ARRIVED:
            bridge = self._bridge()
            guess = next((one for one in bridge if one.meter == TOTAL), None)
            news = replaced(track, reading, guess)
            return self._anew(bridge, (news, *weak_identity(reading)))
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
        outcome = here._follow().outcome()
        if shares:
            outcome = self._shared(known, outcome)
        elif away > self._rules.silence:
            outcome = replace(outcome, steps=tuple(marked(outcome.steps, 0)))
        counted = here._counted(outcome)
        if not shares:
            found = (replaced(track, reading), *counted.findings)
        elif is_news:
            found = (in_conflict(track, reading), *counted.findings)
        else:
            found = counted.findings
        return replace(counted, findings=found)

    def _shared(self, known: PlaceTrack, outcome: CountOutcome) -> CountOutcome:
        """Return `outcome` of the machine `known` where another one answers at its address, too.

        Nobody knows whose pages are the place's, so they may be none; the first pages of the other
        one were counted as those of a successor.
        """
        track, steps = self._track, [*marked(outcome.steps, 0)]
        epochs = own_epochs(track)
        gone = None
        if outcome.taken_back is None and min(epochs, default=0) > known.top_epoch:
            gone = TakenBack(known.at, epochs)
            first = (
                GrowthStep(name, one.epoch, known.at, track.at, one.first, one.last)
                for name, one in track.meters.items()
                if one.last > one.first
            )
            steps = [*marked(first, 0), *steps]
        return replace(outcome, steps=tuple(steps), taken_back=gone or outcome.taken_back)

    def moved_in(self) -> Counted:
        """Count a machine that was read elsewhere last: what it printed since is known."""
        track, reading, brought = self._track, self._reading, self._reading.brought
        same = compare(track.identity, reading.answer.identity) is not Sameness.OTHER
        found = () if same else (replaced(track, reading), *weak_identity(reading))
        if brought is None:
            return self._anew((), found)
        last = SaidMeters(brought.at, brought.uptime_s, brought.meters, brought.formulas)
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
        outcome = CountOutcome(after, tuple(marked(steps, high)))
        return self._counted(outcome, found)

    def _anew(self, steps: tuple[GrowthStep, ...], found: tuple[Finding, ...]) -> Counted:
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
        return self._counted(CountOutcome(fresh, steps), found, track.identity.key)

    def _bridge(self) -> tuple[GrowthStep, ...]:
        """Return the estimate for a silence that ends in another machine.

        For two days there may have been none that prints, or for a third of a longer time.
        """
        track, at = self._track, self._reading.at
        if at - track.at <= self._rules.silence:
            return ()
        guess = self._judge.meanwhile(track.at, at)
        begin = min(at, track.at + _WITHOUT)
        least = track.pace.guess(begin, at, self._office).low if begin < at else 0
        return bridged(track, replace(guess, low=min(least, guess.low * 2 // 3)), track.at, at)

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

    def _follow(self) -> Following:
        return Following(self._track, self._said, self._judge)

    def _fit(self) -> Plausibility:
        return self._judge.fit(self._track, self._said)

    def _can_be_printed(self) -> bool:
        return self._judge.is_possible(self._track, self._said)

    def _is_believable(self) -> bool:
        """Say whether the reading follows from the machine known by the track."""
        if compare(self._track.identity, self._reading.answer.identity) is Sameness.OTHER:
            return False
        known = [n for n in self._said.meters if n in self._track.meters]
        return bool(known) and self._fit() is not Plausibility.NOT

    def _dropped(self, distrust: Distrust) -> Counted:
        track, reading = self._track, self._reading
        if distrust.told or reading.at - distrust.since < _LASTING:
            return Counted(track)
        told = replace(track, distrust=replace(distrust, told=True))
        return Counted(told, findings=(still_distrusted(reading, distrust.since),))

    def _counted(
        self,
        outcome: CountOutcome,
        found: tuple[Finding, ...] = (),
        device: DeviceKey | None = None,
    ) -> Counted:
        """Return `outcome` as usages and findings; the machine is known by all it ever said."""
        reading, track = self._reading, outcome.track
        identity = merged(track.identity, reading.answer.identity)
        told = [one for one in outcome.news if one.code is Code.ABOVE_PACE]
        if told and track.pace.day == self._office.local_day(reading.at):
            track = replace(track, pace=replace(track.pace, told=True))
        findings = [meter_finding(reading, one) for one in outcome.news]
        return Counted(
            track if identity == track.identity else replace(track, identity=identity),
            tuple(_usage(reading, device or identity.key, one) for one in outcome.steps),
            (*found, *findings),
            outcome.taken_back,
        )


def said_by(reading: Reading) -> SaidMeters:
    """Return what `reading` says of meters."""
    answer = reading.answer
    return SaidMeters(
        *(reading.at, answer.uptime_s, answer.meters, answer.formulas),
        by_hand=reading.by_hand,
        unread=reading.unread,
    )


def is_unchanged(track: PlaceTrack, reading: Reading) -> bool:
    """Say whether the machine that stands here says the very same again, as it mostly does."""
    answer, known = reading.answer, track.meters
    if track.held is not None or track.distrust is not None or reading.stay is not Stay.HERE:
        return False
    if answer.identity != track.identity or reading.by_hand:
        return False
    before, now = track.uptime_s, answer.uptime_s
    if before is not None and now is not None and now < before:
        return False  # it was switched off, and may have forgotten what it printed
    formulas = answer.formulas
    for name, value in answer.meters.items():
        one = known.get(name)
        if one is None or one.last != value or one.rolled_back_to is not None or one.by_hand:
            return False
        if formulas.get(name, one.formula) != one.formula:
            return False
    return True


def _confirmed(track: PlaceTrack, reading: Reading) -> PlaceTrack:
    """Return `track` as it stands at an unchanged `reading`."""
    at, meters = reading.at, dict(track.meters)
    for name in reading.answer.meters:
        one = meters[name]
        meters[name] = MeterTrack(one.epoch, one.first, one.last, at, formula=one.formula)
    return PlaceTrack(
        *(track.identity, at, reading.answer.uptime_s, meters, track.top_epoch, None),
        *(track.pace, None, track.before, track.former, track.conflict_at),
    )


def _first(reading: Reading) -> PlaceTrack:
    answer, said = reading.answer, said_by(reading)
    meters = begun(None, said)
    return PlaceTrack(answer.identity, reading.at, answer.uptime_s, meters, 1 if meters else 0)


def _usage(reading: Reading, device: DeviceKey, step: GrowthStep) -> Usage:
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
