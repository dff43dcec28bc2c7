"""What was said to an endpoint lately, so that it can hear again what it missed.

A frame that was sent is not yet one that was received: a connection can be dead for half a minute
before anybody knows. The receiver counts, and names its count when it comes back.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

FRAME_COSTS: Final = 64  # bytes that a kept frame takes beside its own


class Said:
    """The frames since `register` was answered: all are counted, the last are kept."""

    __slots__ = ("_size", "count", "frames")

    def __init__(self) -> None:
        self.count = 0
        self.frames: deque[bytes] | tuple[()] = ()  # a deque, even an empty one, takes 600 bytes
        self._size = 0

    def add(self, frames: Sequence[bytes], most: int) -> None:
        """Some more frames; the oldest go where all together would take more than `most` bytes."""
        kept = self.frames
        if not isinstance(kept, deque):
            kept = self.frames = deque()
        kept.extend(frames)
        self.count += len(frames)
        size = self._size + FRAME_COSTS * len(frames)
        for frame in frames:
            size += len(frame)
        while size > most:
            size -= len(kept.popleft()) + FRAME_COSTS
        self._size = size

    def missed(self, offset: int) -> list[bytes] | None:
        """The frames after the first `offset`; None where they are not all there any more."""
        kept_from = self.count - len(self.frames)
        if not kept_from <= offset <= self.count:
            return None
        return list(self.frames)[offset - kept_from :]

    def forget(self) -> None:
        """Keep none of the frames, only their count."""
        self.frames, self._size = (), 0
