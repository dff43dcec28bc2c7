"""The capture as an aiortc track: coded pictures go out as they are, without transcoding.

Only for a viewer that takes no H.264 are they decoded here, and aiortc encodes what it offered.

A viewer that lost a picture (PLI, FIR) gets the source's next key frame, within a second where the
source is ours. aiortc tells a track nothing of such a wish, so it can't be met sooner.
"""

import asyncio
from collections.abc import Callable
from fractions import Fraction
from typing import Final, TypeAlias, cast

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av.frame import Frame
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext

from devices.agent.capture import Capture, CaptureOver, Follower
from devices.agent.gop_rules import TICKS_PER_SECOND

CodedPacket: TypeAlias = "Packet[Stream]"  # in quotes: generic for the type checker only
Given: TypeAlias = "Frame | Packet[Stream]"
_TIME_BASE: Final = Fraction(1, TICKS_PER_SECOND)
AT_ONCE: Final = 2  # pictures; an aiortc viewer knows the first is whole when the second begins
CATCH_UP_PACE_S: Final = 0.002  # between the pictures after it: no burst that a Wi-Fi queue drops


class PictureTrack(MediaStreamTrack):
    """One viewer's view. Follows the capture from the first `recv` on, so from a key frame."""

    kind = "video"

    def __init__(self, capture: Capture, on_first_packet: Callable[[], None]) -> None:
        super().__init__()
        self._capture = capture
        self._on_first_packet = on_first_packet
        self._follower: Follower | None = None
        self._decoder: VideoCodecContext | None = None
        self._frames: list[Frame] = []
        self._given = 0

    def decode_for_viewer(self) -> None:
        """The viewer takes no H.264: give frames, which aiortc encodes for it."""
        self._decoder = av.CodecContext.create("h264", "r")

    async def recv(self) -> Given:
        """The next picture, coded (or decoded). Raises MediaStreamError at the end."""
        if self.readyState != "live":
            raise MediaStreamError
        if self._follower is None:
            self._follower = self._capture.follow()
        if self._given == 1:  # asked again: the first has left
            self._on_first_packet()
        while not self._frames:
            packet = await self._next_packet(self._follower)
            self._given += 1
            if self._decoder is None:
                return packet
            decode = self._decoder.decode
            decoded = await asyncio.get_running_loop().run_in_executor(None, decode, packet)
            self._frames = cast("list[Frame]", decoded)
        return self._frames.pop(0)

    def stop(self) -> None:
        """The viewer has gone."""
        super().stop()
        if self._follower is not None:
            self._capture.leave(self._follower)

    async def _next_packet(self, follower: Follower) -> CodedPacket:
        if self._given >= AT_ONCE and follower.behind > 1:
            await asyncio.sleep(CATCH_UP_PACE_S)
        try:
            picture = await follower.next()
        except CaptureOver:
            self.stop()
            raise MediaStreamError from None
        packet = Packet(picture.data)
        packet.pts = packet.dts = picture.ticks
        packet.time_base = _TIME_BASE
        packet.is_keyframe = picture.is_key
        return packet
