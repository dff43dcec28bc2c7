"""Looks through the lens for a pairing QR code.

What it looks at may be a video, a still picture, an RTSP address or a device; a file that isn't
there yet is waited for. Codes that aren't ours (a Wi-Fi code on a fridge) are told once each and
passed over. Reading blocks, so it is done in a thread.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, Callable
from typing import Final

import numpy as np
from av import VideoFrame
from av.error import FFmpegError

from devices.agent.demux import SourceFailed, is_live, open_source
from devices.agent.sight import Gray, texts_in
from signaling.protocol.pairing_code import NotAPairingCode, PairingCode

LOOKS_PER_SECOND: Final = 6.0  # a person holds a phone still for seconds; more only heats
LOOK_AGAIN_AFTER_S: Final = 0.25  # at a file that isn't there, or has shown nothing
MOST_FOREIGN_REMEMBERED: Final = 200
Found = PairingCode | str  # ours, or the text of a foreign code


class Lens:
    """A source that is searched for QR codes until somebody closes it."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._stop = threading.Event()
        self._found: asyncio.Queue[Found] = asyncio.Queue()
        self._seen: set[str] = set()

    async def codes(self, on_foreign: Callable[[str], None]) -> AsyncGenerator[PairingCode, None]:
        """Our codes as they come into view, each once; foreign ones go to `on_foreign`.

        Ends only when the caller stops listening; close the generator (`aclosing`) to stop looking.
        """
        loop = asyncio.get_running_loop()
        thread = threading.Thread(target=self._look, args=(loop,), name="lens", daemon=True)
        thread.start()
        try:
            while True:
                found = await self._found.get()
                if isinstance(found, PairingCode):
                    yield found
                else:
                    on_foreign(found)
        finally:
            self._stop.set()
            await asyncio.to_thread(thread.join, 2.0)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(SourceFailed, FFmpegError, ValueError, OSError):
                # not there yet, half written, or gone: the next look will tell
                self._look_through(loop)
            self._stop.wait(LOOK_AGAIN_AFTER_S)

    def _look_through(self, loop: asyncio.AbstractEventLoop) -> None:
        """One pass over the source, at its own pace."""
        live, started, next_look = is_live(self.source), time.monotonic(), 0.0
        with open_source(self.source) as container:
            for frame in container.decode(video=0):
                now = time.monotonic() - started
                at = now if live else frame.time or 0.0
                if at < next_look:
                    continue
                if self._stop.wait(max(0.0, at - now)):  # a file runs in its own time, not faster
                    return
                next_look = at + 1.0 / LOOKS_PER_SECOND
                self._tell(loop, texts_in(gray(frame)))

    def _tell(self, loop: asyncio.AbstractEventLoop, texts: list[str]) -> None:
        for text in texts:
            if text in self._seen:
                continue
            if len(self._seen) >= MOST_FOREIGN_REMEMBERED:
                self._seen.clear()
            self._seen.add(text)
            found: Found
            try:
                found = PairingCode.read(text)
            except NotAPairingCode:
                found = text
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody is interested
                loop.call_soon_threadsafe(self._found.put_nowait, found)


def gray(frame: VideoFrame) -> Gray:
    """A frame without its colours; its plane of light is that already for what cameras give."""
    return np.asarray(frame.to_ndarray(format="gray"), dtype=np.uint8)
