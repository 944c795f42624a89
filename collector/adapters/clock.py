"""The wall clock. Nothing else in this program reads it."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current instant, in UTC, with its zone."""
        return datetime.now(UTC)
