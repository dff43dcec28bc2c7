"""A clip that is made once, and a viewer made of aiortc alone: not of our own code."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

import pytest
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from av import VideoFrame

from devices.agent.capture import Capture
from devices.agent.clip import make_clip

CLIP_SECONDS = 3


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "porch.ts"
    make_clip(path, seconds=CLIP_SECONDS, size=(640, 360))
    return path


@pytest.fixture
async def capture(clip: Path) -> AsyncIterator[Capture]:
    capture = Capture(str(clip))
    await capture.open(within=10)
    yield capture
    await capture.close()


class PlainViewer:
    """A stranger's viewer: answers an offer and decodes what comes."""

    def __init__(self, *codecs: str) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._codecs = codecs
        self._track: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        self.connection.on("track", self._track.set_result)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connection.close()

    async def answer(self, offer: str) -> str:
        if self._codecs:
            known = RTCRtpReceiver.getCapabilities("video")
            assert known is not None
            taken = [codec for codec in known.codecs if codec.mimeType in self._codecs]
            video = self.connection.addTransceiver("video", direction="recvonly")
            video.setCodecPreferences(taken)
        await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        return self.connection.localDescription.sdp

    async def frame(self) -> VideoFrame:
        async with asyncio.timeout(15):
            frame = await (await self._track).recv()
        assert isinstance(frame, VideoFrame)
        return frame
