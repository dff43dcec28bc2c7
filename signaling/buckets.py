"""Token buckets: so much a second, and so much at once."""


class Bucket:
    """`rate` a second, `burst` at once. Times are seconds of a clock that never goes back."""

    __slots__ = ("__weakref__", "_burst", "_level", "_rate", "_then")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._level, self._then = rate, burst, burst, now

    def take(self, count: int, now: float) -> bool:
        """Take so many, if there are as many; none otherwise."""
        self._level = min(self._burst, self._level + (now - self._then) * self._rate)
        self._then = now
        if self._level < count:
            return False
        self._level -= count
        return True
