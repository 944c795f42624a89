"""What the machines' own clocks say of ours: sysUpTime counts on where a wall clock leaps.

A machine that was not restarted between two answers counted the seconds between them itself
(sysUpTime, RFC 3418). Where our clock says something else, one of our two times is wrong.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

SLACK: Final = timedelta(minutes=10)
"""Machines count their uptime in coarse steps, and an answer may have waited."""

_DRIFT: Final = 0.01
"""How far a machine's own clock may run wrong, as a share of the time that it counted."""


@dataclass(frozen=True, slots=True)
class UptimeMark:
    """A machine answered `at` by our clock; `uptime_s` by its own, None where it did not say."""

    at: datetime
    uptime_s: int | None


class Wrong(Enum):
    """Which of our times cannot be."""

    BEFORE = "before"
    NOW = "now"
    UNKNOWN = "unknown"


def counted_between(before: UptimeMark, after: UptimeMark) -> timedelta | None:
    """Return how much later `after` is by the machine's own clock; None where it does not tell.

    A machine that was restarted in between tells nothing: its clock began anew.
    """
    if before.uptime_s is None or after.uptime_s is None or after.uptime_s < before.uptime_s:
        return None
    return timedelta(seconds=after.uptime_s - before.uptime_s)


def tolerance(counted: timedelta) -> timedelta:
    """Return by how much a machine's own count of `counted` may miss the truth."""
    return SLACK + counted * _DRIFT


def which_is_wrong(good: UptimeMark | None, ahead: UptimeMark, now: UptimeMark) -> Wrong:
    """Say which of our times is wrong, where `now` came after `ahead` and is the earlier time.

    `good` is the last answer before both. The time that agrees with what the machine counted
    since `good` is right; where neither does, the one that is much nearer to it.
    """
    if good is None:
        return Wrong.UNKNOWN
    off_ahead, off_now = _off(good, ahead), _off(good, now)
    if off_ahead is None or off_now is None:
        return Wrong.UNKNOWN
    if 2 * off_now <= off_ahead:
        return Wrong.BEFORE
    return Wrong.NOW if 2 * off_ahead <= off_now else Wrong.UNKNOWN


def _off(good: UptimeMark, later: UptimeMark) -> timedelta | None:
    """Return how far our clock and the machine's disagree on the time since `good`."""
    counted = counted_between(good, later)
    return None if counted is None else abs((later.at - good.at) - counted)
