"""The wall clock. Nothing else in this program reads it."""

from datetime import UTC, datetime, timedelta

from collector.ports import Clock


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current instant, in UTC, with its zone."""
        return datetime.now(UTC)


class ShiftedClock:
    """A clock that goes with another one, always so far before or behind it."""

    def __init__(self, clock: Clock, by: timedelta) -> None:
        """Show what `clock` shows, and `by` more."""
        self._clock = clock
        self._by = by

    def now(self) -> datetime:
        """Return the current instant there."""
        return self._clock.now() + self._by
