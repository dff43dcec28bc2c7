"""What was said to an endpoint lately, so that it can hear again what it missed.

A frame that was sent is not yet one that was received: a connection can be dead for half a minute
before anybody knows. The receiver counts, and names its count when it comes back.
"""

from collections import deque
from typing import Final

FRAME_COSTS: Final = 64  # bytes that a kept frame takes beside its own


class Said:
    """The frames since `register` was answered: all are counted, the last are kept."""

    __slots__ = ("_size", "count", "frames")

    def __init__(self) -> None:
        self.count = 0
        self.frames: deque[bytes] | tuple[()] = ()  # a deque, even an empty one, takes 600 bytes
        self._size = 0

    def add(self, frame: bytes, most: int) -> None:
        """One more frame; the oldest go where all together would take more than `most` bytes."""
        if not isinstance(self.frames, deque):
            self.frames = deque()
        self.frames.append(frame)
        self.count += 1
        self._size += len(frame) + FRAME_COSTS
        while self._size > most:
            self._size -= len(self.frames.popleft()) + FRAME_COSTS

    def missed(self, offset: int) -> list[bytes] | None:
        """The frames after the first `offset`; None where they are not all there any more."""
        kept_from = self.count - len(self.frames)
        if not kept_from <= offset <= self.count:
            return None
        return list(self.frames)[offset - kept_from :]

    def forget(self) -> None:
        """Keep none of the frames, only their count."""
        self.frames, self._size = (), 0
