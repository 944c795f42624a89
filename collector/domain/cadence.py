"""When a place is polled: a fixed grid, back-off, and the polls around each closing midnight.

Pure: the time, the place's share of the spread and the dice are arguments. Shares are numbers
from 0 (inclusive) to 1 (exclusive); a share always means the same moment, so nothing drifts.
"""

import hashlib
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
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

FIRST_ROUND_S: Final = 20.0
"""The first polls after a start are spread over this time, or more where places are many."""

FIRST_POLL_S: Final = 0.1
"""What the first poll of a place adds to it: a machine that is met is asked a dozen questions."""

_LAST_RUNG: Final = timedelta(seconds=max(LADDER_S) + CLOSING_SPREAD_S)
_PREFIXES: Final = {4: 24, 6: 64}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MAX_DOUBLINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often one place is polled. `share` is the place's own (see `share_of`).

    All places are polled within `spread_s` (at most `interval_s`), each at its share of it. The
    first polls after a start come sooner, as soon as so many `places` allow.
    """

    interval_s: float = 300.0
    max_backoff_s: float = 3600.0
    spread_s: float = 20.0
    share: float = 0.0
    places: int = 1

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
    again soon changes nothing and may lock the account.
    """

    failures: int = 0
    refused: bool = False
    heard_at: datetime | None = None


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
    passed = (now - _EPOCH) // _MICROSECOND
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
    (at once the farthest when it refuses); and in any case around each closing midnight, where
    nothing may be missed: a poll that outlasts one of those leaves it due at once, in the past.
    """
    wait_s = rhythm.interval_s
    if standing.refused:
        wait_s = max(rhythm.max_backoff_s, wait_s)
    elif standing.failures:
        wait_s = backoff(standing.failures, wait_s, rhythm.max_backoff_s, jitter)
    regular_from = now + timedelta(seconds=wait_s - rhythm.interval_s)
    return min(
        next_due(rhythm.phase_s, rhythm.interval_s, regular_from),
        next_closing_poll(office, rhythm.share, polled_at, standing.heard_at),
    )
