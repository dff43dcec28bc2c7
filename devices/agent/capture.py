"""What the camera sees: one source, read once, shown to any number of viewers.

A thread reads (`demux.py`); pictures come to the event loop as they are taken. A file runs in
real time and begins again at its end. The newest group of pictures is kept, so that every viewer
starts at a key frame, whenever he comes. A viewer who doesn't keep up loses whole groups of
pictures, never half of one, and costs nobody else anything.

The source is opened before anybody watches: opening takes longer than connecting.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from devices.agent.demux import SourceFailed, coded_pictures, is_live, shown
from devices.agent.gop_rules import TICKS_PER_SECOND, CodedPicture, NewestGroup, caught_up

MOST_WAITING: Final = 90  # pictures, three seconds: beyond it the viewer is not watching live
REOPEN_AFTER_S: Final = 2.0  # a camera module needs about this long to come back
PICTURE_TICKS: Final = TICKS_PER_SECOND // 30  # between the last picture of a file and its first


class CaptureOver(Exception):  # noqa: N818 - says what happened
    """The capture was closed; there are no more pictures."""


class Follower:
    """One viewer's place in the stream: first the newest group, then what is taken."""

    def __init__(self, start: list[CodedPicture]) -> None:
        self._waiting: deque[CodedPicture] = deque(start)
        self._needs_key = not start
        self._more = asyncio.Event()
        self._over = False

    def put(self, picture: CodedPicture) -> None:
        """Hear a picture that was just taken."""
        if len(self._waiting) >= MOST_WAITING and not self._needs_key:
            self._waiting.clear()
            self._needs_key = True
        if self._needs_key and not picture.is_key:
            return
        self._needs_key = False
        self._waiting.append(picture)
        self._more.set()

    def end(self) -> None:
        """No more pictures will come."""
        self._over = True
        self._more.set()

    @property
    def behind(self) -> int:
        """How many pictures lie ready; more than one only while catching up."""
        return len(self._waiting)

    async def next(self) -> CodedPicture:
        """The next picture, as soon as there is one. Raises CaptureOver."""
        while not self._waiting:
            if self._over:
                raise CaptureOver
            self._more.clear()
            await self._more.wait()
        return self._waiting.popleft()


class Capture:
    """A source (file, RTSP address, V4L2 device) and who looks at it."""

    def __init__(self, source: str, on_trouble: Callable[[str], None] | None = None) -> None:
        self.source = source
        self._on_trouble = on_trouble or (lambda _: None)
        self._newest = NewestGroup()
        self._followers: set[Follower] = set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen = asyncio.Event()

    async def open(self, *, within: float | None = None) -> None:
        """Start reading, and return once there is a key frame to show.

        Troubles are told to `on_trouble` and tried again for ever, because a camera module comes
        back; `within` (seconds) gives up instead, with TimeoutError.
        """
        loop = asyncio.get_running_loop()
        self._thread = threading.Thread(
            target=self._read_for_ever, args=(loop,), name="capture", daemon=True
        )
        self._thread.start()
        async with asyncio.timeout(within):
            await self._seen.wait()

    def follow(self) -> Follower:
        """A new viewer's place, from the newest key frame on. Give it back with `leave`."""
        follower = Follower(caught_up(self._newest.pictures()))
        self._followers.add(follower)
        return follower

    def leave(self, follower: Follower) -> None:
        """The viewer has gone."""
        self._followers.discard(follower)
        follower.end()

    async def close(self) -> None:
        """Stop reading; every follower hears that it is over."""
        self._stop.set()
        for follower in tuple(self._followers):
            self.leave(follower)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 2 * REOPEN_AFTER_S)

    def _take(self, picture: CodedPicture) -> None:
        self._newest.add(picture)
        for follower in self._followers:
            follower.put(picture)
        if picture.is_key:
            self._seen.set()

    def _read_for_ever(self, loop: asyncio.AbstractEventLoop) -> None:
        """The thread: pass after pass over the source, on one clock that only goes forward."""
        offset, told = 0, ""
        with contextlib.suppress(RuntimeError):  # the loop was closed: the process is leaving
            while not self._stop.is_set():
                try:
                    offset = self._read_once(loop, offset)
                except SourceFailed as why:
                    if told != str(why):  # the same trouble every two seconds is one trouble
                        told = str(why)
                        loop.call_soon_threadsafe(self._on_trouble, told)
                    self._stop.wait(REOPEN_AFTER_S)

    def _read_once(self, loop: asyncio.AbstractEventLoop, offset: int) -> int:
        """One pass; the ticks at which the next one begins. Raises SourceFailed."""
        paced, started, ticks = not is_live(self.source), time.monotonic(), offset - PICTURE_TICKS
        for picture in coded_pictures(self.source):
            due = started + picture.ticks / TICKS_PER_SECOND
            if paced and self._stop.wait(max(0.0, due - time.monotonic())):
                break
            if self._stop.is_set():
                break
            ticks = offset + picture.ticks
            loop.call_soon_threadsafe(self._take, replace(picture, ticks=ticks))
        if ticks < offset:
            raise SourceFailed(f"{shown(self.source)} holds no picture")
        if not paced and not self._stop.is_set():
            raise SourceFailed(f"{shown(self.source)} has ended")
        return ticks + PICTURE_TICKS
