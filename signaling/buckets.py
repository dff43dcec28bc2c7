"""Token buckets: so much a second, and so much at once."""


class Bucket:
    """`rate` a second, `burst` at once. Times are seconds of a clock that never goes back."""

    __slots__ = ("_burst", "_level", "_rate", "_then")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._level, self._then = rate, burst, burst, now

    def take(self, count: int, now: float) -> bool:
        """Take so many, if there are as many; none otherwise."""
        level = self._level + (now - self._then) * self._rate
        if level > self._burst:  # noqa: PLR1730 - min() would cost as much as all the rest
            level = self._burst
        self._then = now
        fits = level >= count
        self._level = level - count if fits else level
        return fits


class AccountBuckets:
    """What all sockets of an account share: messages, and wishes for calls."""

    __slots__ = ("__weakref__", "calls", "messages")

    def __init__(self, messages: Bucket, calls: Bucket) -> None:
        self.messages, self.calls = messages, calls
