"""One session's pictures: aiortc at either end, its candidates apart from its description.

aiortc gathers before it describes, and writes its candidates into the description. An ONVIF peer
trickles: so they are taken out, to be said one by one.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp

Candidate = dict[str, Any]
Described = tuple[str, list[Candidate]]  # a description without candidates, and these

_CANDIDATE: Final = re.compile(r"^a=(candidate:[^\r\n]+)\r\n", re.MULTILINE)
_END: Final = re.compile(r"^a=end-of-candidates\r\n", re.MULTILINE)
_MID: Final = re.compile(r"^a=mid:(\S+)", re.MULTILINE)
_FIRST_MEDIA: Final = re.compile(r"^(?=m=)", re.MULTILINE)
PRINTED: Final = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-options:trickle\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
)


class Sending(Protocol):
    """A device's half of a session."""

    async def offer(self) -> Described:
        """Our description."""
        ...

    async def answered(self, sdp: str) -> None:
        """The client's description. Raises ValueError."""
        ...

    async def candidate(self, told: Candidate | None) -> None:
        """A way to the client; None ends the list."""
        ...

    async def close(self) -> None:
        """No more pictures."""
        ...


class Receiving(Protocol):
    """A client's half of a session."""

    async def answer(self, offer: str) -> Described:
        """Our description for the device's. Raises ValueError."""
        ...

    async def candidate(self, told: Candidate | None) -> None:
        """A way to the device; None ends the list."""
        ...

    async def close(self) -> None:
        """No more pictures."""
        ...


class Trickled:
    """A connection that takes candidates at any time: those before the description wait for it."""

    def __init__(self, servers: Sequence[dict[str, Any]]) -> None:
        told = [RTCIceServer(**server) for server in servers]
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=told))
        self.came_early = 0
        self.ends_heard = 0
        self._early: list[Candidate | None] | None = []

    async def candidate(self, told: Candidate | None) -> None:
        """One more, or the end of the list."""
        if self._early is not None:
            self.came_early += 1
            self._early.append(told)
            return
        if told is None:
            self.ends_heard += 1
            await self.connection.addIceCandidate(None)
            return
        read = candidate_from_sdp(str(told["candidate"]).removeprefix("candidate:"))
        read.sdpMid, read.sdpMLineIndex = told.get("sdpMid"), told.get("sdpMLineIndex")
        await self.connection.addIceCandidate(read)

    async def described(self, sdp: str, kind: str) -> None:
        """The other end's description is here, and lets in what waited."""
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp, kind))
        early, self._early = self._early or [], None
        for told in early:
            await self.candidate(told)

    async def close(self) -> None:
        """No more pictures."""
        await self.connection.close()


class Sender(Trickled):
    """Sends one video track, H.264 before other codecs, as ONVIF recommends."""

    def __init__(self, servers: Sequence[dict[str, Any]], picture: MediaStreamTrack) -> None:
        super().__init__(servers)
        video = self.connection.addTransceiver(picture, direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        codecs.sort(key=lambda codec: codec.mimeType.lower() != "video/h264")
        video.setCodecPreferences(codecs)

    async def offer(self) -> Described:
        """Our description."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return apart(self.connection.localDescription.sdp)

    async def answered(self, sdp: str) -> None:
        """The client's description."""
        await self.described(sdp, "answer")


class Receiver(Trickled):
    """Decodes what comes, and tells of each frame."""

    def __init__(self, servers: Sequence[dict[str, Any]], on_frame: Callable[[], None]) -> None:
        super().__init__(servers)
        self._on_frame = on_frame
        self._watching: list[asyncio.Task[None]] = []
        self.connection.on("track", self._has_track)

    async def answer(self, offer: str) -> Described:
        """Our description for the device's."""
        await self.described(offer, "offer")
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return apart(self.connection.localDescription.sdp)

    async def close(self) -> None:
        """No more pictures."""
        await super().close()
        await asyncio.gather(*self._watching)

    def _has_track(self, track: MediaStreamTrack) -> None:
        self._watching.append(asyncio.create_task(self._watch(track)))

    async def _watch(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                await track.recv()
                self._on_frame()
        except MediaStreamError:
            return  # it is over


class Blind:
    """Either half without pictures, for what is only about words: a printed description."""

    def __init__(self) -> None:
        self.offers: list[str] = []
        self.answers: list[str] = []
        self.candidates: list[Candidate | None] = []

    async def offer(self) -> Described:
        """The printed one."""
        return PRINTED, []

    async def answer(self, offer: str) -> Described:
        """The printed one again."""
        self.offers.append(offer)
        return PRINTED, []

    async def answered(self, sdp: str) -> None:
        """Kept."""
        self.answers.append(sdp)

    async def candidate(self, told: Candidate | None) -> None:
        """Kept."""
        self.candidates.append(told)

    async def close(self) -> None:
        """Nothing was open."""


def apart(sdp: str) -> Described:
    """A description that says `trickle` and holds no candidates, and the candidates."""
    sections = _FIRST_MEDIA.split(sdp)
    candidates = [
        {"candidate": found, "sdpMid": mid[1], "sdpMLineIndex": line}
        for line, section in enumerate(sections[1:])
        if (mid := _MID.search(section))
        for found in _CANDIDATE.findall(section)
    ]
    bare = _END.sub("", _CANDIDATE.sub("", sdp))
    return _FIRST_MEDIA.sub("a=ice-options:trickle\r\n", bare, count=1), candidates
