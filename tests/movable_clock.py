"""A clock that a test moves. It stands still by itself."""

from datetime import UTC, datetime, timedelta

MORNING = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


class MovableClock:
    """Implements `server.foundation.clock.Clock`."""

    def __init__(self, now: datetime = MORNING) -> None:
        self._now = now

    def now(self) -> datetime:
        """The moment that the test has come to."""
        return self._now

    def advance(self, **by: float) -> None:
        """Let time pass, as in `advance(minutes=10)`."""
        self._now += timedelta(**by)
