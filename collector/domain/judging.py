"""One meter, one new value: growth, rollback, wrap, glitch, reset, or a doubt that must wait.

`counting.py` puts the meters of a machine together; nothing here knows more than one meter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from collector.domain.findings import Code
from collector.domain.meters import Meter
from collector.domain.track import Doubt, Fallen, Held, MeterTrack
from collector.domain.usage import Quality


@dataclass(frozen=True, slots=True)
class Rules:
    """How much is plausible. The defaults are generous: a doubt costs one poll, not a page.

    `fallback_ipm` stands in for a rated speed the profile does not state (the fastest office
    machines print about 120 a minute); `margin` and `slack` widen it; `reset_ipm` is the sober
    speed used to believe that a low value was printed since a reset; `rollback_max` is what a
    power cut may take back (meters are saved to NVRAM every 10 or so sheets); a wrap is only
    believed in the last `wrap_share` of the meter's range; a meter is back where it stood before a
    reset if being there anew would take `nearness` times the pages.
    """

    fallback_ipm: int = 150
    margin: float = 2.0
    slack: int = 100
    reset_ipm: int = 60
    rollback_max: int = 30
    wrap_share: float = 0.02
    nearness: int = 20

    def allowance(self, rated_ipm: int | None, elapsed: timedelta) -> int:
        """Return the most impressions a machine may have printed in `elapsed`."""
        minutes = elapsed.total_seconds() / 60
        return self.slack + int(self.margin * (rated_ipm or self.fallback_ipm) * minutes)

    def sober_allowance(self, rated_ipm: int | None, elapsed: timedelta) -> int:
        """Return what a machine printing without a pause would reach in `elapsed`."""
        return int((rated_ipm or self.reset_ipm) * elapsed.total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of growth within one epoch."""

    epoch: int
    start: datetime
    end: datetime
    first: int
    last: int
    quality: Quality = Quality.MEASURED


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one meter's new value means. `since` is the first reading that `code` is about."""

    track: MeterTrack
    steps: tuple[Step, ...] = ()
    code: Code | None = None
    text: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges the meters of one machine at one reading.

    `by_hand`: a person read the panel. `told_reset`: a person said that the machine was reset, so
    that a lower value need not wait for the next reading.
    """

    rules: Rules
    at: datetime
    restarted: bool
    rated_ipm: int | None
    rollback_max: int
    wraps: Mapping[Meter, int] = field(default_factory=dict)
    from_zero: bool = True
    """Whether meters that were reset may all have started from 0: one machine, one answer."""
    by_hand: bool = False
    told_reset: bool = False
    formulas: Mapping[Meter, str] = field(default_factory=dict)
    """What the meters were read by this time; one that is not named is read as before."""

    def judge(self, name: Meter, meter: MeterTrack, value: int) -> Ruling:
        """Say what `value` means after what is known of the meter."""
        ruling = self._judged(name, meter, value)
        formula = self.formulas.get(name, meter.formula)
        if ruling.track.formula != formula:
            ruling = replace(ruling, track=replace(ruling.track, formula=formula))
        if not self.by_hand and not meter.by_hand:
            return ruling
        steps = tuple(replace(step, quality=Quality.EDITED) for step in ruling.steps)
        return replace(ruling, track=replace(ruling.track, by_hand=self.by_hand), steps=steps)

    def believable(self, meter: MeterTrack, value: int) -> bool:
        """Say whether `value` is plain growth of the meter."""
        return value >= meter.last and self._plausible(value - meter.last, meter.last_at)

    def is_redefined(self, name: Meter, meter: MeterTrack) -> bool:
        """Say whether the meter was read by another formula before."""
        formula = self.formulas.get(name)
        return formula is not None and meter.formula not in {None, formula}

    def _judged(self, name: Meter, meter: MeterTrack, value: int) -> Ruling:
        if self.is_redefined(name, meter):
            return self._redefined(name, meter, value)
        if self.told_reset and not self.believable(meter, value):
            return self._told(name, meter, value)
        if meter.fallen is not None and self._came_back(meter, meter.fallen, value):
            return self._recovered(meter, meter.fallen, value)
        if meter.held is not None:
            return self._decide(name, meter, meter.held, value)
        return self._at_first_sight(name, meter, value)

    def _at_first_sight(self, name: Meter, meter: MeterTrack, value: int) -> Ruling:
        """Judge a value with nothing held back before it."""
        if self.believable(meter, value):
            return self._grown(meter, value)
        if value >= meter.last:
            return self._hold(meter, value, Doubt.JUMP)
        return self._lower(name, meter, value)

    def _redefined(self, name: Meter, meter: MeterTrack, value: int) -> Ruling:
        """Begin anew at `value`: nothing says how the old figure and the new one hang together."""
        return Ruling(
            MeterTrack(meter.epoch + 1, value, value, self.at),
            code=Code.METER_REDEFINED,
            text=f"{meter.last} by {meter.formula} -> {value} by {self.formulas[name]}",
            since=self.at,
        )

    def _lower(self, name: Meter, meter: MeterTrack, value: int) -> Ruling:
        """Judge a value below the last one, with nothing held back so far."""
        floor = meter.last if meter.rolled_back_to is None else meter.rolled_back_to
        if value >= floor:
            return Ruling(replace(meter, last_at=self.at, rolled_back_to=value))
        if self.restarted and meter.last - value <= self.rollback_max:
            return Ruling(
                replace(meter, last_at=self.at, rolled_back_to=value),
                code=Code.METER_ROLLBACK,
                text=f"{meter.last} -> {value}",
            )
        modulus = self.wraps.get(name)
        if modulus is not None and self._wrapped(meter, value, modulus):
            return self._wrap(meter, value, modulus)
        return self._hold(meter, value, Doubt.DROP)

    def _decide(self, name: Meter, meter: MeterTrack, held: Held, value: int) -> Ruling:
        """Judge the value that follows one held back."""
        if self.believable(meter, value):
            confirmed = held.doubt is Doubt.JUMP and value >= held.value
            code = Code.METER_JUMP_CONFIRMED if confirmed else Code.METER_GLITCH
            text = f"{meter.last} -> {held.value} -> {value}"
            return replace(self._grown(meter, value), code=code, text=text, since=held.at)
        follows = value >= held.value and self._plausible(value - held.value, held.at)
        if follows and held.doubt is Doubt.JUMP:
            return self._confirm_jump(meter, held, value)
        if follows and value < meter.last:
            return self._reset(name, meter, held, value)
        doubt = Doubt.DROP if value < meter.last else Doubt.JUMP
        return self._hold(meter, value, doubt)

    def _plausible(self, pages: int, since: datetime) -> bool:
        return pages <= self.rules.allowance(self.rated_ipm, self.at - since)

    def _grown(self, meter: MeterTrack, value: int) -> Ruling:
        track = MeterTrack(
            *(meter.epoch, meter.first, value, self.at),
            formula=meter.formula,
            fallen=meter.fallen,
        )
        if value == meter.last:
            return Ruling(track)
        return Ruling(track, (Step(meter.epoch, meter.last_at, self.at, meter.last, value),))

    def _hold(self, meter: MeterTrack, value: int, doubt: Doubt) -> Ruling:
        return Ruling(
            replace(meter, held=Held(value, self.at, doubt)),
            code=Code.METER_SUSPECT,
            text=f"{meter.last} -> {value}",
        )

    def _wrapped(self, meter: MeterTrack, value: int, modulus: int) -> bool:
        near_end = meter.last >= modulus * (1 - self.rules.wrap_share)
        return near_end and self._plausible(value + modulus - meter.last, meter.last_at)

    def _wrap(self, meter: MeterTrack, value: int, modulus: int) -> Ruling:
        """End the epoch at the modulus and begin the next at 0, so that no page is lost."""
        steps = (
            Step(meter.epoch, meter.last_at, self.at, meter.last, modulus),
            Step(meter.epoch + 1, meter.last_at, self.at, 0, value),
        )
        return Ruling(
            MeterTrack(meter.epoch + 1, 0, value, self.at),
            tuple(step for step in steps if step.last > step.first),
            Code.METER_WRAPPED,
            f"{meter.last} -> {value} (wraps at {modulus})",
        )

    def _confirm_jump(self, meter: MeterTrack, held: Held, value: int) -> Ruling:
        steps = (
            Step(meter.epoch, meter.last_at, held.at, meter.last, held.value),
            Step(meter.epoch, held.at, self.at, held.value, value),
        )
        return Ruling(
            MeterTrack(meter.epoch, meter.first, value, self.at),
            tuple(step for step in steps if step.last > step.first),
            Code.METER_JUMP_CONFIRMED,
            f"{meter.last} -> {held.value} -> {value}",
            held.at,
        )

    def _came_back(self, meter: MeterTrack, fallen: Fallen, value: int) -> bool:
        """Say whether `value` lies close above where the meter stood before it fell.

        So close that having printed its way up there again would be many times as many pages.
        """
        pages = value - fallen.last
        if pages < 0 or not self._plausible(pages, fallen.at):
            return False
        few = pages + meter.last - meter.first + self.rules.slack
        return value - meter.last > self.rules.nearness * few

    def _recovered(self, meter: MeterTrack, fallen: Fallen, value: int) -> Ruling:
        """Go on from where the meter stood before it fell: it was no reset.

        What the epoch in between counted, pages or rubbish, is no page a second time.
        """
        first = min(value, fallen.last + meter.last - meter.first)
        step = Step(meter.epoch + 1, fallen.at, self.at, first, value)
        return Ruling(
            MeterTrack(meter.epoch + 1, first, value, self.at),
            (step,) if value > first else (),
            Code.METER_GLITCH,
            f"{fallen.last} -> {meter.last} -> {value} (back after what was taken for a reset)",
            meter.last_at,
        )

    def _told(self, name: Meter, meter: MeterTrack, value: int) -> Ruling:
        """Begin a new epoch at once: lower, as after a reset; higher, at what is there now."""
        if value < meter.last:
            ruling = self._reset(name, meter, Held(value, self.at, Doubt.DROP), value)
            return replace(ruling, track=replace(ruling.track, fallen=None))
        return Ruling(
            MeterTrack(meter.epoch + 1, value, value, self.at),
            code=Code.METER_RESET,
            text=f"{meter.last} -> {value} (counted from {value})",
            since=self.at,
        )

    def _reset(self, name: Meter, meter: MeterTrack, held: Held, value: int) -> Ruling:
        """Begin a new epoch; what was printed since the reset counts if there was time for it."""
        modulus = self.wraps.get(name)
        first = 0 if self.from_zero else held.value
        epoch = meter.epoch + 1
        steps = (
            Step(epoch, meter.last_at, held.at, first, held.value),
            Step(epoch, held.at, self.at, held.value, value),
        )
        origin = f"counted from {first}"
        wraps = "" if modulus is None else f", wraps at {modulus}"
        return Ruling(
            MeterTrack(epoch, first, value, self.at, fallen=Fallen(meter.last, meter.last_at)),
            tuple(step for step in steps if step.last > step.first),
            Code.METER_RESET,
            f"{meter.last} -> {held.value} -> {value} ({origin}{wraps})",
            held.at,
        )
