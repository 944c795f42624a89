"""The counting rules: what a reading adds to what is known of a place.

`count` is the whole of it: track and reading in, new track, usages and findings out. For every
meter and any run of readings, the pages of all usages are the sum over its epochs of
(last - first): nothing is lost and nothing is invented (tests/properties/test_counting.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from collector.domain.findings import Code, Finding, Severity
from collector.domain.identity import Sameness, compare, merged
from collector.domain.meters import TOTAL, Meter
from collector.domain.reading import Reading
from collector.domain.track import Doubt, Held, MeterTrack, PlaceTrack
from collector.domain.usage import Usage


@dataclass(frozen=True, slots=True)
class Rules:
    """How much is plausible. The defaults are generous: a doubt costs one poll, not a page.

    `fallback_ipm` stands in for a rated speed the profile does not state (the fastest office
    machines print about 120 a minute); `margin` and `slack` widen it; `reset_ipm` is the sober
    speed used to believe that a low value was printed since a reset; `rollback_max` is what a
    power cut may take back (meters are saved to NVRAM every 10 or so sheets); a wrap is only
    believed in the last `wrap_share` of the meter's range.
    """

    fallback_ipm: int = 150
    margin: float = 2.0
    slack: int = 100
    reset_ipm: int = 60
    rollback_max: int = 30
    wrap_share: float = 0.02

    def allowance(self, rated_ipm: int | None, elapsed: timedelta) -> int:
        """Return the most impressions a machine may have printed in `elapsed`."""
        minutes = elapsed.total_seconds() / 60
        return self.slack + int(self.margin * (rated_ipm or self.fallback_ipm) * minutes)

    def sober_allowance(self, rated_ipm: int | None, elapsed: timedelta) -> int:
        """Return what a machine printing without a pause would reach in `elapsed`."""
        return int((rated_ipm or self.reset_ipm) * elapsed.total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Counted:
    """What one reading came to."""

    track: PlaceTrack
    usages: tuple[Usage, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Step:
    """A stretch of growth within one epoch."""

    epoch: int
    start: datetime
    end: datetime
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one meter's new value means."""

    track: MeterTrack
    steps: tuple[_Step, ...] = ()
    code: Code | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges the meters of one machine at one reading."""

    rules: Rules
    at: datetime
    restarted: bool
    rated_ipm: int | None
    rollback_max: int
    wraps: Mapping[Meter, int] = field(default_factory=dict)
    formulas: Mapping[Meter, str] = field(default_factory=dict)
    fresh_epoch: int = 1
    from_zero: bool = True
    """Whether meters that were reset may all have started from 0: one machine, one answer."""

    def judge(self, name: Meter, meter: MeterTrack, value: int) -> _Verdict:
        """Say what `value` means after what is known of the meter."""
        formula = self.formulas.get(name)
        if formula is not None and meter.formula not in {None, formula}:
            return self._redefine(meter, value, formula)
        if meter.held is not None:
            return self._decide(name, meter, meter.held, value)
        if value >= meter.last:
            if self._plausible(value - meter.last, meter.last_at):
                return self._grown(meter, value)
            return self._hold(meter, value, Doubt.JUMP)
        return self._lower(name, meter, value)

    def _redefine(self, meter: MeterTrack, value: int, formula: str) -> _Verdict:
        """Begin anew at `value`: nothing says how the old figure and the new one hang together."""
        return _Verdict(
            MeterTrack(self.fresh_epoch, value, value, self.at),
            code=Code.METER_REDEFINED,
            text=f"{meter.last} by {meter.formula} -> {value} by {formula}",
        )

    def _lower(self, name: Meter, meter: MeterTrack, value: int) -> _Verdict:
        """Judge a value below the last one, with nothing held back so far."""
        floor = meter.last if meter.rolled_back_to is None else meter.rolled_back_to
        if value >= floor:
            return _Verdict(replace(meter, last_at=self.at, rolled_back_to=value))
        if self.restarted and meter.last - value <= self.rollback_max:
            return _Verdict(
                replace(meter, last_at=self.at, rolled_back_to=value),
                code=Code.METER_ROLLBACK,
                text=f"{meter.last} -> {value}",
            )
        modulus = self.wraps.get(name)
        if modulus is not None and self._wrapped(meter, value, modulus):
            return self._wrap(meter, value, modulus)
        return self._hold(meter, value, Doubt.DROP)

    def _decide(self, name: Meter, meter: MeterTrack, held: Held, value: int) -> _Verdict:
        """Judge the value that follows one held back."""
        if value >= meter.last and self._plausible(value - meter.last, meter.last_at):
            confirmed = held.doubt is Doubt.JUMP and value >= held.value
            code = Code.METER_JUMP_CONFIRMED if confirmed else Code.METER_GLITCH
            text = f"{meter.last} -> {held.value} -> {value}"
            return replace(self._grown(meter, value), code=code, text=text)
        follows = value >= held.value and self._plausible(value - held.value, held.at)
        if follows and held.doubt is Doubt.JUMP:
            return self._confirm_jump(meter, held, value)
        if follows and value < meter.last:
            return self._reset(name, meter, held, value)
        doubt = Doubt.DROP if value < meter.last else Doubt.JUMP
        return self._hold(meter, value, doubt)

    def _plausible(self, pages: int, since: datetime) -> bool:
        return pages <= self.rules.allowance(self.rated_ipm, self.at - since)

    def _grown(self, meter: MeterTrack, value: int) -> _Verdict:
        step = _Step(meter.epoch, meter.last_at, self.at, meter.last, value)
        track = MeterTrack(meter.epoch, meter.first, value, self.at)
        return _Verdict(track, (step,) if value > meter.last else ())

    def _hold(self, meter: MeterTrack, value: int, doubt: Doubt) -> _Verdict:
        return _Verdict(
            replace(meter, held=Held(value, self.at, doubt)),
            code=Code.METER_SUSPECT,
            text=f"{meter.last} -> {value}",
        )

    def _wrapped(self, meter: MeterTrack, value: int, modulus: int) -> bool:
        near_end = meter.last >= modulus * (1 - self.rules.wrap_share)
        return near_end and self._plausible(value + modulus - meter.last, meter.last_at)

    def _wrap(self, meter: MeterTrack, value: int, modulus: int) -> _Verdict:
        """End the epoch at the modulus and begin the next at 0, so that no page is lost."""
        steps = (
            _Step(meter.epoch, meter.last_at, self.at, meter.last, modulus),
            _Step(meter.epoch + 1, meter.last_at, self.at, 0, value),
        )
        return _Verdict(
            MeterTrack(meter.epoch + 1, 0, value, self.at),
            tuple(step for step in steps if step.last > step.first),
            Code.METER_WRAPPED,
            f"{meter.last} -> {value} (wraps at {modulus})",
        )

    def _confirm_jump(self, meter: MeterTrack, held: Held, value: int) -> _Verdict:
        steps = (
            _Step(meter.epoch, meter.last_at, held.at, meter.last, held.value),
            _Step(meter.epoch, held.at, self.at, held.value, value),
        )
        return _Verdict(
            MeterTrack(meter.epoch, meter.first, value, self.at),
            tuple(step for step in steps if step.last > step.first),
            Code.METER_JUMP_CONFIRMED,
            f"{meter.last} -> {held.value} -> {value}",
        )

    def _reset(self, name: Meter, meter: MeterTrack, held: Held, value: int) -> _Verdict:
        """Begin a new epoch; what was printed since the reset counts if there was time for it."""
        modulus = self.wraps.get(name)
        first = 0 if self.from_zero else held.value
        epoch = meter.epoch + 1
        steps = (
            _Step(epoch, meter.last_at, held.at, first, held.value),
            _Step(epoch, held.at, self.at, held.value, value),
        )
        origin = f"counted from {first}"
        wraps = "" if modulus is None else f", wraps at {modulus}"
        return _Verdict(
            MeterTrack(epoch, first, value, self.at),
            tuple(step for step in steps if step.last > step.first),
            Code.METER_RESET,
            f"{meter.last} -> {held.value} -> {value} ({origin}{wraps})",
        )


def count(track: PlaceTrack | None, reading: Reading, rules: Rules) -> Counted:
    """Return what `reading` adds at a place known by `track` (None: the first reading ever).

    The first reading of a machine sets where counting begins and adds no pages. A reading that
    is not later than the track changes nothing.
    """
    if track is None:
        return Counted(_fresh(reading, 0), findings=_weak(reading))
    if reading.at <= track.at:
        return _out_of_order(track, reading)
    if compare(track.identity, reading.answer.identity) is Sameness.OTHER:
        return _replaced(track, reading)
    return _same_machine(track, reading, rules)


def begin_again(track: PlaceTrack, reading: Reading, rules: Rules) -> Counted:
    """Return what `reading` adds where its machine has stood elsewhere since the track: no pages.

    A machine that comes back begins new epochs: what it printed meanwhile was counted elsewhere.
    Any other machine than the track's is judged by `count`, which counts nothing either.
    """
    if reading.at <= track.at:
        return _out_of_order(track, reading)
    if compare(track.identity, reading.answer.identity) is Sameness.OTHER:
        return count(track, reading, rules)
    return Counted(_fresh(reading, track.top_epoch))


def _same_machine(track: PlaceTrack, reading: Reading, rules: Rules) -> Counted:
    answer = reading.answer
    judge = _Judge(
        rules=rules,
        at=reading.at,
        restarted=_restarted(track, reading),
        rated_ipm=answer.rated_ipm,
        rollback_max=max(rules.rollback_max, answer.nvram_step or 0),
        wraps=answer.wraps,
        formulas=answer.formulas,
        fresh_epoch=track.top_epoch + 1,
        from_zero=_may_start_from_zero(track, reading, rules),
    )
    verdicts = {
        name: judge.judge(name, track.meters[name], value)
        for name, value in answer.meters.items()
        if name in track.meters
    }
    fresh = _fresh(reading, track.top_epoch).meters
    meters = {**track.meters, **{n: m for n, m in fresh.items() if n not in track.meters}}
    for name, verdict in verdicts.items():
        formula = answer.formulas.get(name, track.meters[name].formula)
        meters[name] = replace(verdict.track, formula=formula)
    identity = merged(track.identity, answer.identity)
    return Counted(
        PlaceTrack(identity, reading.at, answer.uptime_s, meters, _top(meters, track.top_epoch)),
        tuple(
            Usage(
                place=reading.place,
                device=identity.key,
                meter=name,
                epoch=step.epoch,
                start=step.start,
                end=step.end,
                first=step.first,
                last=step.last,
            )
            for name, verdict in verdicts.items()
            for step in verdict.steps
        ),
        _meter_findings(reading, verdicts),
    )


def _may_start_from_zero(track: PlaceTrack, reading: Reading, rules: Rules) -> bool:
    """Say whether every meter seen low last time could have been printed since a reset to 0.

    Decided for the whole machine, so that its total and the parts of it stay one sum: a board
    with somebody else's count on it has that count in all of its meters.
    """
    rated_ipm = reading.answer.rated_ipm
    low = (
        (meter.held, meter.last_at)
        for name, meter in track.meters.items()
        if name in reading.answer.meters and meter.held is not None
    )
    return all(
        held.value <= rules.sober_allowance(rated_ipm, held.at - last_at)
        for held, last_at in low
        if held.doubt is Doubt.DROP
    )


def _fresh(reading: Reading, top_epoch: int) -> PlaceTrack:
    """Begin a new epoch of every meter at what the machine says now."""
    answer = reading.answer
    meters = {
        name: MeterTrack(top_epoch + 1, value, value, reading.at, formula=answer.formulas.get(name))
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


_NAMED = 2
"""Meters named in a finding's sentence; its evidence holds all of them."""

_TEXTS: Mapping[Code, tuple[Severity, str]] = {
    Code.METER_ROLLBACK: (
        Severity.INFO,
        "meters fell by a few pages after a power cut; nothing was counted, nothing needs doing",
    ),
    Code.METER_WRAPPED: (
        Severity.INFO,
        "meters passed the end of their range and began again at 0; every page was counted",
    ),
    Code.METER_SUSPECT: (
        Severity.WARNING,
        "meters read something the machine cannot have printed; held back until the next reading",
    ),
    Code.METER_GLITCH: (
        Severity.INFO,
        "one reading was wrong and was dropped; the pages were counted from the readings around it",
    ),
    Code.METER_RESET: (
        Severity.WARNING,
        "meters were reset; counting goes on in a new epoch, please note the repair",
    ),
    Code.METER_JUMP_CONFIRMED: (
        Severity.WARNING,
        "an unlikely number of pages was confirmed and counted; compare with the panel",
    ),
    Code.METER_REDEFINED: (
        Severity.WARNING,
        "meters are read by another formula and begin anew; compare with the panel",
    ),
}


def _meter_findings(reading: Reading, verdicts: Mapping[Meter, _Verdict]) -> tuple[Finding, ...]:
    """Join what happened to several meters at once into one finding a kind."""
    codes = sorted({v.code for v in verdicts.values() if v.code is not None})
    return tuple(_meter_finding(reading, code, verdicts.items()) for code in codes)


def _meter_finding(
    reading: Reading, code: Code, verdicts: Iterable[tuple[Meter, _Verdict]]
) -> Finding:
    severity, text = _TEXTS[code]
    changes: dict[str, str | int | float | None] = {
        name: verdict.text for name, verdict in verdicts if verdict.code is code
    }
    names = sorted(changes, key=lambda name: (name != TOTAL, name))
    shown = ", ".join(f"{name} {changes[name]}" for name in names[:_NAMED])
    if len(names) > _NAMED:
        shown += f" and {len(names) - _NAMED} more"
    return Finding(code, severity, reading.place, f"{text}: {shown}", reading.at, changes)


def _weak(reading: Reading) -> tuple[Finding, ...]:
    identity = reading.answer.identity
    if not identity.is_weak:
        return ()
    text = (
        f"the machine gives no usable serial number and is known as {identity.key}; "
        "if it is replaced by one of the same model, tell the collector"
    )
    return (Finding(Code.WEAK_IDENTITY, Severity.INFO, reading.place, text, reading.at),)


def _out_of_order(track: PlaceTrack, reading: Reading) -> Counted:
    if reading.at == track.at:
        return Counted(track)
    text = f"a reading of {reading.at.isoformat()} came after a newer one and was not counted"
    finding = Finding(Code.READING_OUT_OF_ORDER, Severity.WARNING, reading.place, text, reading.at)
    return Counted(track, findings=(finding,))


def _replaced(track: PlaceTrack, reading: Reading) -> Counted:
    old, new = track.identity, reading.answer.identity
    text = (
        f"{new.model or 'another machine'} ({new.key}) stands where {old.model or 'one'} "
        f"({old.key}) stood; its earlier pages are not counted here, please confirm the exchange"
    )
    evidence: dict[str, str | int | float | None] = {
        "old": old.key,
        "new": new.key,
        "old_last_read": track.at.isoformat(),
    }
    evidence.update({f"old_{name}": meter.last for name, meter in track.meters.items()})
    evidence.update({f"new_{name}": value for name, value in reading.answer.meters.items()})
    finding = Finding(
        Code.DEVICE_REPLACED, Severity.WARNING, reading.place, text, reading.at, evidence
    )
    return Counted(_fresh(reading, track.top_epoch), findings=(finding, *_weak(reading)))
