"""When a place is polled: a fixed grid, back-off, rest, and the polls around each closing midnight.

Pure: the time, the place's share of the spread and the dice are arguments. Shares are numbers
from 0 (inclusive) to 1 (exclusive); a share always means the same moment, so nothing drifts.

Where a place rests, nobody works there: it is polled seldom, and not at all while its machine
sleeps, for what sleeps prints nothing. Beside each midnight it is polled even so, or its pages
could not be told to a day; around one that ends a period just as ever, so that a month comes to
the same, to the page, with and without rest.
"""

import hashlib
import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from collector.domain.office.office_calendar import ONE_DAY, Office

CLOSING_SPREAD_S: Final = 240.0
"""Polls around a closing midnight are spread over this time: 200 places make one a second."""

BEFORE_CLOSING_S: Final = 120.0
AFTER_CLOSING_S: Final = 60.0
LADDER_S: Final = (600.0, 1800.0)
"""Further tries after a closing midnight while no reading of the new period has come."""

AROUND_CLOSING: Final = timedelta(minutes=15)
"""So long before and after a closing midnight nothing rests."""

AROUND_WORK: Final = timedelta(minutes=30)
"""Nor so long before and after working time: people come early, and stay."""

FIRST_ROUND_S: Final = 20.0
"""The first polls after a start are spread over this time, or more where places are many."""

FIRST_POLL_S: Final = 0.1
"""What the first poll of a place adds to it: a machine that is met is asked a dozen questions."""

_LAST_RUNG: Final = timedelta(seconds=max(LADDER_S) + CLOSING_SPREAD_S)
_PREFIXES: Final = {4: 24, 6: 64}

_TICK: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_DOUBLINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Rest:
    """How a place rests while nobody works there: it is polled once in so many `rounds`.

    `hours` is the office as the place knows it, with the working time of its own calendar. Days
    off are rest altogether.
    """

    rounds: int
    hours: Office


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often one place is polled. `share` is the place's own (see `share_of`).

    All places are polled within `spread_s` (at most `interval_s`), each at its share of it. The
    first polls after a start come sooner, as soon as so many `places` allow. Without `rest` it is
    the same day and night.
    """

    interval_s: float = 300.0
    max_backoff_s: float = 3600.0
    spread_s: float = 20.0
    share: float = 0.0
    places: int = 1
    rest: Rest | None = None

    @property
    def resting(self) -> "Rhythm":
        """The rhythm that holds while the place rests: so much slower, spread so much wider."""
        if self.rest is None:
            return self
        rounds = self.rest.rounds
        interval_s, spread_s = self.interval_s * rounds, self.spread_s * rounds
        return replace(self, interval_s=interval_s, spread_s=spread_s, rest=None)

    @property
    def first_phase_s(self) -> float:
        """How long after a start this place is polled."""
        soon_s = max(FIRST_ROUND_S, self.places * FIRST_POLL_S)
        return self.share * min(soon_s, self.spread_s, self.interval_s)

    @property
    def phase_s(self) -> float:
        """How long after the round's beginning this place is polled."""
        return self.share * min(self.spread_s, self.interval_s)


@dataclass(frozen=True, slots=True)
class PollState:
    """How the last polls of a place went. `heard_at` is the last answer, None before the first.

    `refused` is true where the machine answered that this credential may not read it: asking
    again soon changes nothing and may lock the account. `asleep` is what the last answer said.
    """

    failures: int = 0
    refused: bool = False
    heard_at: datetime | None = None
    asleep: bool = False


def share_of(name: str) -> float:
    """Return the share of `name`: always the same for one name, evenly spread over many."""
    digest = hashlib.sha256(name.encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def network_of(address: str) -> str:
    """Return the network of `address`: its /24, of IPv6 its /64, of a host name its domain.

    A guess, good enough to be fair by: which networks there are, nobody tells the program.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address.partition(".")[2]
    return str(ipaddress.ip_network((ip.packed, _PREFIXES[ip.version]), strict=False))


def first_due(rhythm: Rhythm, now: datetime) -> datetime:
    """Return when a place is polled first after a start or after it was added."""
    return now + timedelta(seconds=rhythm.first_phase_s)


def next_due(phase_s: float, interval_s: float, now: datetime) -> datetime:
    """Return the first point after `now` of the grid that lies `phase_s` after each round's begin.

    At most `interval_s` later. The grid is anchored at 1970, so it is the same after a restart
    and a late poll never shifts the ones after it.
    """
    step = max(1, round(interval_s * 1_000_000))
    phase = round(phase_s * 1_000_000) % step
    passed = (now - _EPOCH) // _TICK
    slot = (passed - phase) // step + 1
    return _EPOCH + timedelta(microseconds=phase + slot * step)


def backoff(failures: int, interval_s: float, max_s: float, jitter: float) -> float:
    """Return how long to leave a silent device alone, in seconds.

    Doubles with each failure in a row, never below `interval_s` and never above the larger of
    `max_s` and `interval_s`. `jitter` (0 to 1) lengthens it by up to a quarter.
    """
    doublings = min(max(failures, 1) - 1, _MAX_DOUBLINGS)
    wanted = interval_s * float(1 << doublings) * (1 + jitter / 4)
    return min(wanted, max(max_s, interval_s))


def full_jitter(failures: int, base_s: float, max_s: float, roll: float) -> float:
    """Return how long to wait before a sink is tried again: anywhere under a growing ceiling."""
    doublings = min(max(failures, 1) - 1, _MAX_DOUBLINGS)
    return roll * min(max_s, base_s * float(1 << doublings))


def closing_midnight_after(office: Office, at: datetime) -> datetime:
    """Return the first local midnight after `at` that ends a period."""
    end = office.period_of(office.local_day(at)).end
    midnight = office.midnight(end + ONE_DAY)
    while midnight <= at:  # a clock set back across midnight shows the same day once more
        end = office.period_of(end + ONE_DAY).end
        midnight = office.midnight(end + ONE_DAY)
    return midnight


def closing_polls(
    midnight: datetime, share: float, heard_at: datetime | None
) -> Iterator[datetime]:
    """Yield the polls that belong to one closing midnight, in order.

    One in the six minutes before, one in the five minutes after; then, while no answer has
    come since, the ladder: about 10 and 30 minutes after.
    """
    spread_s = share * CLOSING_SPREAD_S
    yield midnight - timedelta(seconds=BEFORE_CLOSING_S + spread_s)
    yield midnight + timedelta(seconds=AFTER_CLOSING_S + spread_s)
    if heard_at is None or heard_at < midnight:
        for rung_s in LADDER_S:
            yield midnight + timedelta(seconds=rung_s + spread_s)


def next_closing_poll(
    office: Office, share: float, after: datetime, heard_at: datetime | None
) -> datetime:
    """Return the first poll around a closing midnight that is due after `after`."""
    midnights = _midnights_of(office, office.local_day(after))
    if midnights[1] <= after:  # a clock set back across midnight shows the same day once more
        ends = closing_midnight_after(office, after)
        midnights = (midnights[0], ends, closing_midnight_after(office, ends))
    # They lie days apart, so the first one found is the next one.
    return next(
        poll
        for midnight in midnights
        if midnight + _LAST_RUNG > after
        for poll in closing_polls(midnight, share, heard_at)
        if poll > after
    )


@lru_cache(maxsize=64)  # asked after every poll, and the same all day
def _midnights_of(office: Office, day: date) -> tuple[datetime, datetime, datetime]:
    """Return the closing midnights before `day`, after it, and the next one."""
    began = office.midnight(office.period_of(day).start)
    ends = closing_midnight_after(office, office.midnight(day))
    return began, ends, closing_midnight_after(office, ends)


def next_poll(
    rhythm: Rhythm,
    office: Office,
    standing: PollState,
    polled_at: datetime,
    now: datetime,
    jitter: float,
) -> datetime:
    """Return when a place is due next; its last poll began at `polled_at` and is over `now`.

    On the grid while it answers; on later and later points of the same grid while it is silent
    (at once the farthest when it refuses); seldom while it rests; and in any case around each
    closing midnight, where nothing may be missed: a poll that outlasts one of those leaves it due
    at once, in the past.
    """
    closing = next_closing_poll(office, rhythm.share, polled_at, standing.heard_at)
    asked_from = now + timedelta(seconds=_left_alone_s(rhythm, standing, jitter))
    if rhythm.rest is None:
        return min(next_due(rhythm.phase_s, rhythm.interval_s, asked_from), closing)
    spans = _spans_without_rest(office, rhythm.rest.hours, office.local_day(now))
    opening = [(begins, ends) for begins, ends in spans if begins > polled_at]
    polls = [
        closing,
        _next_beside_midnight(office, rhythm.share, polled_at),
        _next_within(spans, rhythm, asked_from),
        _next_within(opening, rhythm, now),  # whatever the night was like: work begins
    ]
    if not standing.asleep:
        resting = rhythm.resting
        asked_from = now + timedelta(seconds=_left_alone_s(resting, standing, jitter))
        # Who is silent is asked seldom anyway; where both grids back off, the sooner one holds.
        polls.append(_next_outside(() if standing.failures else spans, resting, asked_from))
    return min(poll for poll in polls if poll is not None)


def next_round(rhythm: Rhythm, office: Office, now: datetime) -> datetime:
    """Return when the next round begins, in which all that answer and are awake are polled."""
    first = replace(rhythm, share=0.0)
    return next_poll(first, office, PollState(heard_at=now), now, now, 0.0)


def rests(rhythm: Rhythm, office: Office, now: datetime) -> bool:
    """Say whether a place of this rhythm rests `now`."""
    if rhythm.rest is None:
        return False
    spans = _spans_without_rest(office, rhythm.rest.hours, office.local_day(now))
    return not any(begins <= now <= ends for begins, ends in spans)


def _left_alone_s(rhythm: Rhythm, standing: PollState, jitter: float) -> float:
    """Return for how long it is passed over, which is not at all while it answers."""
    wait_s = rhythm.interval_s
    if standing.refused:
        wait_s = max(rhythm.max_backoff_s, wait_s)
    elif standing.failures:
        wait_s = backoff(standing.failures, wait_s, rhythm.max_backoff_s, jitter)
    return wait_s - rhythm.interval_s


_Span = tuple[datetime, datetime]


@lru_cache(maxsize=256)  # asked after every poll, and the same all day; schools keep their own
def _spans_without_rest(office: Office, hours: Office, day: date) -> tuple[_Span, ...]:
    """Return from when until when nothing rests that day, the day before and the day after."""
    first, last = office.midnight(day - ONE_DAY), office.midnight(day + 2 * ONE_DAY)
    worked = [
        (opens - AROUND_WORK, closes + AROUND_WORK)
        for opens, closes in hours.working_spans(first, last)
    ]
    closing = [
        (midnight - AROUND_CLOSING, midnight + AROUND_CLOSING)
        for midnight in _midnights_of(office, day)
    ]
    return tuple(sorted([*worked, *closing]))


def _next_within(spans: Iterable[_Span], rhythm: Rhythm, after: datetime) -> datetime | None:
    """Return the first point after `after` of the grid that lies in one of `spans`, in order."""
    for begins, ends in spans:
        due = next_due(rhythm.phase_s, rhythm.interval_s, max(after, begins - _TICK))
        if due <= ends:
            return due
    return None


def _next_outside(spans: Iterable[_Span], rhythm: Rhythm, after: datetime) -> datetime:
    """Return the first point after `after` of the grid that lies in none of `spans`, in order."""
    due = next_due(rhythm.phase_s, rhythm.interval_s, after)
    for begins, ends in spans:
        if begins <= due <= ends:
            due = next_due(rhythm.phase_s, rhythm.interval_s, ends)
    return due


def _next_beside_midnight(office: Office, share: float, after: datetime) -> datetime:
    """Return the first poll beside any midnight that is due after `after`; it has no ladder."""
    day = office.local_day(after)
    midnights = (office.midnight(day + number * ONE_DAY) for number in range(3))
    return next(
        poll
        for midnight in midnights
        for poll in closing_polls(midnight, share, midnight)
        if poll > after
    )
