"""A clock that stands still until a test moves it."""

from datetime import datetime, timedelta


class FakeClock:
    """Implements `ports.Clock`."""

    def __init__(self, at: datetime) -> None:
        """Show `at`, which must carry its zone."""
        assert at.tzinfo is not None
        self.at = at

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self.at

    def forward(self, **span: float) -> datetime:
        """Move on (`minutes=5`), or back with a negative span; return the new time."""
        self.at += timedelta(**span)
        return self.at
