"""What a viewer who comes in the middle is shown first.

A key frame stands for itself; every other picture only says what changed since. So a viewer who
joined at the newest picture would see nothing until the next key frame. Kept here are the newest
key frame and all that followed it (a "group of pictures"), which is where every viewer starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

TICKS_PER_SECOND: Final = 90_000  # the clock of video in RTP (RFC 6184 §8.2.1)
CATCH_UP_TICKS: Final = 270  # 3 ms: a second of 30 pictures runs by in a tenth of a second
MOST_KEPT_BYTES: Final = 16 * 2**20  # a source that never gives a key frame must not eat us
MOST_KEPT_PICTURES: Final = 600  # 20 s at 30 a second; the slowest key frame of common cameras


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """One H.264 access unit in Annex B form, taken at `ticks` (90 kHz, from the source's start)."""

    data: bytes
    ticks: int
    is_key: bool


class NewestGroup:
    """The newest key frame and what followed it; empty until a key frame was heard."""

    def __init__(self) -> None:
        self._pictures: list[CodedPicture] = []
        self._bytes = 0

    def add(self, picture: CodedPicture) -> None:
        """Hear the next picture. A group beyond the limits is dropped until the next key frame."""
        if picture.is_key:
            self._pictures, self._bytes = [], 0
        elif not self._pictures:
            return
        self._pictures.append(picture)
        self._bytes += len(picture.data)
        if self._bytes > MOST_KEPT_BYTES or len(self._pictures) > MOST_KEPT_PICTURES:
            self._pictures, self._bytes = [], 0

    def pictures(self) -> Sequence[CodedPicture]:
        """From the key frame to the newest picture; empty if there is nothing to start with."""
        return tuple(self._pictures)


def caught_up(pictures: Sequence[CodedPicture]) -> list[CodedPicture]:
    """The same pictures with times drawn together, so that they end now instead of a second ago.

    Sent with their own times in one breath, they would look to the viewer's clock like a network
    that was late by a second, and it would stay late. Order and the newest time don't change.
    """
    if not pictures:
        return []
    newest, last = pictures[-1].ticks, len(pictures) - 1
    return [
        replace(picture, ticks=newest - (last - place) * CATCH_UP_TICKS)
        for place, picture in enumerate(pictures)
    ]
