"""How well an answer follows from where a machine stood: all of its meters together.

Three measures of plausible, the narrowest that applies: the machine's rated speed, the time it was
on, and what its place usually prints. `counting.py` decides what follows from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from collector.domain.counting.pace import PaceEstimate, PlacePace, sober_limit
from collector.domain.counting.reading import Reading
from collector.domain.counting.track import MeterTrack, PlaceTrack, SaidMeters
from collector.domain.meters import METERS, TOTAL, Meter, Unit
from collector.domain.office.office_calendar import Office

_UPTIME_WRAPS_S: Final = 2**32 / 100
"""TimeTicks are 32 bits of hundredths: an uptime begins again after 497 days."""
_UPTIME_SLACK_S: Final = 300
_TORN: Final = 10
"""Pages by which a sum may be off because its counters were read or saved a moment apart."""
_SCANS: Final = 5
"""A scanner may take this many times the pages in that a place prints."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How much is plausible. A doubt costs one poll, not a page.

    `fallback_ipm` stands in for a rated speed the profile does not state (the fastest office
    machines print about 120 a minute); `margin` and `slack` widen it. Some machines count a job
    when it ends, so that up to `job` of printing may come at once. `rollback_max` is what a
    power cut may take back (meters are saved to NVRAM every 10 or so sheets); a wrap is only
    believed in the last `wrap_share` of the meter's range. Polls further apart than `silence` are
    a silence; what did not hold may be taken back for `memory`; two machines that answer in turn
    within `conflict` share an address. Where places rest (`rests`), nobody asks them at night: long
    without a poll is no silence there, if its uptime shows that the machine was on.
    """

    fallback_ipm: int = 150
    margin: float = 1.2
    slack: int = 100
    job: timedelta = timedelta(minutes=15)
    rollback_max: int = 30
    wrap_share: float = 0.02
    silence: timedelta = timedelta(minutes=90)
    memory: timedelta = timedelta(days=31)
    conflict: timedelta = timedelta(days=1)
    rests: bool = False

    def allowance(self, rated_ipm: int | None, elapsed: timedelta) -> int:
        """Return the most impressions a machine may have printed in `elapsed`."""
        minutes = max(elapsed, self.job).total_seconds() / 60
        return self.slack + int(self.margin * (rated_ipm or self.fallback_ipm) * minutes)


class Plausibility(IntEnum):
    """How an answer follows from where the machine stood.

    `NOT`: it cannot, or it is more than anything known of the place explains. `POSSIBLE`: more
    than usual, but the machine was seen to be on all the time. `USUAL`: within the place's pace.
    """

    NOT = 0
    POSSIBLE = 1
    USUAL = 2


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges what one machine says, by what is known of its place, its speed and its meters."""

    rules: Rules
    office: Office
    pace: PlacePace
    rated_ipm: int | None = None
    rollback_max: int = 0
    wraps: Mapping[Meter, int] = field(default_factory=dict)

    @classmethod
    def of(cls, track: PlaceTrack, reading: Reading, rules: Rules, office: Office) -> "Judge":
        """Return the judge of what `reading` adds to `track`."""
        answer = reading.answer
        return cls(
            rules=rules,
            office=office,
            pace=track.pace,
            rated_ipm=answer.rated_ipm,
            rollback_max=max(rules.rollback_max, answer.nvram_step or 0),
            wraps=answer.wraps,
        )

    def fit(self, base: PlaceTrack, said: SaidMeters) -> Plausibility:
        """Say how `said` follows from `base`, all meters together: the worst of them decides."""
        if not self.is_possible(base, said):
            return Plausibility.NOT
        return self._against_pace(base, said, max(0, main_of(growth_of(base, said))))

    def is_possible(self, base: PlaceTrack, said: SaidMeters) -> bool:
        """Say whether the machine can have got from `base` to `said`, be it usual or not.

        No meter fell, but for what a power cut may take; sums hold as they did; there was time.
        """
        meters = shared(base, said)
        growth = growth_of(base, said)
        for name, one in meters.items():
            value = said.meters[name]
            if value < one.floor and not self._rolled_back(base, said, one, value):
                return False
        if not any(growth.values()):
            return True
        return self._foots(meters, said, growth) and self._within_speed(base, said, growth)

    def wrapped(self, name: Meter, meter: MeterTrack, value: int) -> int | None:
        """Return by how much the meter grew if it passed the end of its range, None if not."""
        modulus = self.wraps.get(name)
        if modulus is None or meter.last < modulus * (1 - self.rules.wrap_share):
            return None
        return value + modulus - meter.last if value < meter.last else None

    def believed(self, base: PlaceTrack, said: SaidMeters) -> int:
        """Return the most impressions that are believed without a doubt from `base` to `said`."""
        start = self.start(base)
        limit = self.pace.limit(start, said.at, self.office)
        silent = said.at - base.at > self.rules.silence
        if silent and not restarted(base, said):
            limit = max(limit, sober_limit(start, said.at, self.office))
        return min(limit, self.rules.allowance(self.rated_ipm, said.at - start))

    def believed_since_start(self, base: PlaceTrack, said: SaidMeters) -> int:
        """Return the most impressions that are believed since the machine was switched on."""
        if not was_off(base, said) or said.uptime_s is None:
            return self.believed(base, said)
        start = max(self.start(base), said.at - timedelta(seconds=said.uptime_s + _UPTIME_SLACK_S))
        return self.pace.limit(start, said.at, self.office)

    def unread(self, base: PlaceTrack, total: MeterTrack, said: SaidMeters) -> int:
        """Return the most pages since `base` that a power cut may have taken before they were read.

        That is what a machine saves at once; after a silence it may have got an older count, so
        what the place usually prints. Who switches a machine on after a night lost nothing.
        """
        value, silent = said.meters[TOTAL], said.at - base.at > self.rules.silence
        fallen = max(0, total.floor - value)
        sure = silent and not self.may_be_repaired(base, said)
        if not fallen and (sure or not was_off(base, said)):
            return 0
        usual = self.pace.guess(total.last_at, said.at, self.office).high
        most = self.rollback_max - fallen
        if not fallen and not self.office.working_seconds(base.at, said.at):
            most = min(usual, most)
        grown = max(0, value - total.floor)
        return max(0, most, usual - grown if silent else 0)

    def may_be_repaired(self, base: PlaceTrack, said: SaidMeters) -> bool:
        """Say whether a silence in working time, longer than switching on takes, had a restart."""
        if said.at - base.at <= self.rules.silence or not was_off(base, said):
            return False
        return not self._is_night(base.at, said.at)

    def meanwhile(self, start: datetime, end: datetime) -> PaceEstimate:
        """Return what was probably printed from `start` to `end`, of which no counter tells.

        In a night nothing was, as far as anybody knows; it may have been what is usual.
        """
        guess = self.pace.guess(start, end, self.office)
        return replace(guess, pages=0, low=0) if self._is_night(start, end) else guess

    def _is_night(self, start: datetime, end: datetime) -> bool:
        """Say whether less working time lies between than a silence is long."""
        working = self.office.working_seconds(start, end)
        return working <= self.rules.silence.total_seconds()

    def _is_silence(self, base: PlaceTrack, said: SaidMeters) -> bool:
        """Say whether it was not heard for long, though it was asked or may have been off."""
        was_asked = not (self.rules.rests and self._is_night(base.at, said.at))
        is_long = said.at - base.at > self.rules.silence
        return is_long and (was_asked or was_off(base, said) is not False)

    def printed(self, base: PlaceTrack, said: SaidMeters) -> PaceEstimate:
        """Return what was probably printed since `base` by a machine whose counters do not tell.

        Where a silence ends in a restart it may have been off all the time.
        """
        guess = self.meanwhile(self.start(base), said.at)
        silent = said.at - base.at > self.rules.silence
        return replace(guess, low=0) if silent and was_off(base, said) else guess

    def start(self, base: PlaceTrack) -> datetime:
        """Return when `total` (else anything) of `base` was read last."""
        total = base.meters.get(TOTAL)
        return base.at if total is None else total.last_at

    def _rolled_back(
        self, base: PlaceTrack, said: SaidMeters, meter: MeterTrack, value: int
    ) -> bool:
        """Say whether a power cut took back the last pages: few, and less than were left."""
        lost = meter.last - value
        return restarted(base, said) and lost <= self.rollback_max and lost <= value

    def _foots(
        self, meters: Mapping[Meter, MeterTrack], said: SaidMeters, growth: Mapping[Meter, int]
    ) -> bool:
        """Say whether every sum of mono and color is as far from its whole as it was."""
        for whole, mono, color in _FAMILIES:
            if whole in meters and mono in meters and color in meters:
                before = meters[whole].last - meters[mono].last - meters[color].last
                now = said.meters[whole] - said.meters[mono] - said.meters[color]
                usual = max(0, growth[whole])
                torn = self.rollback_max if min(growth.values()) < 0 else 0
                if abs(now - before) > _TORN + torn + (usual if before else usual // 10):
                    return False
        return True

    def _within_speed(
        self, base: PlaceTrack, said: SaidMeters, growth: Mapping[Meter, int]
    ) -> bool:
        """Say whether the machine can have made so many pages in the time, by every meter."""
        silent = self._is_silence(base, said)
        total = growth.get(TOTAL)
        allowed: dict[datetime, int] = {}
        for name, pages in growth.items():
            since = base.meters[name].last_at
            if since not in allowed:
                allowed[since] = self.rules.allowance(self.rated_ipm, said.at - since)
            most = allowed[since]
            if METERS.get(name) is Unit.SCANS:
                sober = sober_limit(since, said.at, self.office)
                most = min(most, _SCANS * sober) if silent else max(most, _SCANS * sober)
            elif total is not None and name != TOTAL:
                most = min(most, 2 * max(0, total) + self.rules.slack)
            if pages > most:
                return False
        return True

    def _against_pace(self, base: PlaceTrack, said: SaidMeters, pages: int) -> Plausibility:
        if pages <= self.rules.slack or pages <= self.believed(base, said):
            return Plausibility.USUAL
        silent = self._is_silence(base, said)
        if all(one.first == one.last == 0 for one in base.meters.values()):
            return Plausibility.NOT  # it never counted anything, perhaps because it was starting
        read = said.by_hand or any(one.by_hand for one in base.meters.values())
        seen = read or not (silent or was_off(base, said))
        return Plausibility.POSSIBLE if seen else Plausibility.NOT


_FAMILIES: Final = tuple(
    (Meter(name), Meter(f"{name}_mono"), Meter(f"{name}_color"))
    for name in ("total", "copy", "print", "fax")
)


def is_redefined(name: Meter, meter: MeterTrack, said: SaidMeters) -> bool:
    """Say whether the meter was read by another formula before; one not named is read as before."""
    formula = said.formulas.get(name)
    return formula is not None and meter.formula is not None and formula != meter.formula


def shared(base: PlaceTrack, said: SaidMeters) -> dict[Meter, MeterTrack]:
    """Return the meters of `base` that `said` can be compared with."""
    known, formulas = base.meters, said.formulas
    found = {}
    for name in said.meters:  # `is_redefined`, without a call for each of many
        meter = known.get(name)
        if meter is not None and (
            meter.formula is None or formulas.get(name, meter.formula) == meter.formula
        ):
            found[name] = meter
    return found


def growth_of(base: PlaceTrack, said: SaidMeters) -> dict[Meter, int]:
    """Return by how much each meter grew; below 0 where it fell."""
    return {name: said.meters[name] - one.last for name, one in shared(base, said).items()}


def main_of(growth: Mapping[Meter, int]) -> int:
    """Return the growth of `total`, else of the most used of the meters of pages; 0 of none."""
    if TOTAL in growth:
        return growth[TOTAL]
    pages: Iterable[int] = (
        pages for name, pages in growth.items() if METERS.get(name) is not Unit.SCANS
    )
    return max(pages, default=0)


def restarted(base: PlaceTrack, said: SaidMeters) -> bool:
    """Say whether the machine may have restarted since `base`; unknown counts as yes.

    A network card may start its clock later than it is read, and the clock wraps.
    """
    if said.uptime_s is None or base.uptime_s is None:
        return True
    elapsed_s = (said.at - base.at).total_seconds()
    if said.uptime_s >= base.uptime_s and said.uptime_s >= elapsed_s:
        return False
    wrapped = base.uptime_s + elapsed_s - _UPTIME_WRAPS_S
    return not abs(wrapped - said.uptime_s) <= _UPTIME_SLACK_S


def was_off(base: PlaceTrack, said: SaidMeters) -> bool | None:
    """Say whether the machine restarted since `base`, None where nothing tells."""
    if base.uptime_s is None or said.uptime_s is None:
        return None
    return restarted(base, said)
