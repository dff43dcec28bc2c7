"""One call: a peer connection that shows the capture to one viewer.

The camera offers, at once and with all its candidates in it (aiortc can't trickle its own);
the viewer's candidates may trickle. H.264 is preferred, in the profile that every browser takes,
because it is what the source already is.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from aiortc import RTCIceServer, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.exceptions import InternalError, InvalidStateError, OperationError
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from devices.agent.capture import Capture
from devices.agent.ice import (
    RemoteCandidates,
    answering,
    configured,
    relayed,
    with_trickle,
    without_local_names,
)
from devices.agent.picture_track import PictureTrack
from signaling.protocol.end import IceServer

CONNECTED_WITHIN_S: Final = 30.0  # from the answer to a path; ICE alone would try for ever
_H264_LINE: Final = re.compile(r"^a=rtpmap:\d+ H264/90000", re.MULTILINE | re.IGNORECASE)
_BASELINE: Final = "42e01f"  # constrained baseline 3.1, what Chromium offers and takes


class BadAnswer(ValueError):  # noqa: N818 - says what it is; fault 400 carries it
    """The viewer's description doesn't answer our offer."""


class OverBefore(Exception):  # noqa: N818 - says what happened
    """The call ended while its offer was being made."""


class Peer:
    """A camera's half of a call.

    `on_first_packet` is told when the first picture has left, `on_over` once, with the reason,
    when the connection has ended by itself (never after `close`).
    """

    def __init__(
        self,
        capture: Capture,
        *,
        on_first_packet: Callable[[], None] = lambda: None,
        on_over: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._capture = capture
        self._on_first_packet = on_first_packet
        self._on_over = on_over
        self._connection: RTCPeerConnection | None = None
        self._track: PictureTrack | None = None
        self._candidates: RemoteCandidates | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._is_over = False
        self._relay_only = False
        self._offering = asyncio.Lock()

    async def offer(self, servers: Sequence[IceServer] = (), *, relay_only: bool = False) -> str:
        """Our description. Without `servers`, on loopback or in one LAN, nothing is waited for.

        With `relay_only` it holds no address of ours, and we take none of the viewer's. Raises
        OverBefore.
        """
        async with self._offering:
            alive = await answering(servers) if servers else []
            self._not_over()
            offer = await self._described(alive, relay_only=relay_only)
            self._not_over()
        return offer

    def _not_over(self) -> None:
        if self._is_over:
            raise OverBefore

    async def _described(self, alive: list[RTCIceServer], *, relay_only: bool) -> str:
        connection = RTCPeerConnection(configured(alive, relay_only=relay_only))
        self._connection, self._relay_only = connection, relay_only
        self._candidates = RemoteCandidates(connection, relay_only=relay_only)
        connection.on("connectionstatechange", self._connection_changed)
        self._track = PictureTrack(self._capture, self._on_first_packet)
        video = connection.addTransceiver(self._track, direction="sendonly")
        video.setCodecPreferences(_preferred_codecs())
        await connection.setLocalDescription(await connection.createOffer())
        return with_trickle(connection.localDescription.sdp)

    async def answered(self, sdp: str) -> None:
        """The viewer's description. Raises BadAnswer."""
        if self._connection is None or self._track is None or self._candidates is None:
            raise BadAnswer("there was no offer to answer")
        rest, local_names = without_local_names(relayed(sdp) if self._relay_only else sdp)
        if not _H264_LINE.search(rest):
            self._track.decode_for_viewer()
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(CONNECTED_WITHIN_S, self._over, "no path to the viewer")
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(rest, "answer"))
        except (ValueError, InvalidStateError, OperationError, InternalError) as wrong:
            raise BadAnswer(f"not an answer to our offer: {wrong}") from wrong
        except (AttributeError, AssertionError, IndexError, KeyError, TypeError) as wrong:
            # aiortc's parser trips like this over text that is no SDP, or other media than ours
            raise BadAnswer("not a session description that answers our offer") from wrong
        self._candidates.described(local_names)

    def candidate(self, told: dict[str, Any] | None) -> None:
        """One of the viewer's candidates; None ends the list. Raises BadCandidate."""
        if self._candidates is not None:
            self._candidates.add(told)

    async def close(self) -> None:
        """End the call. Safe at any time, and more than once.

        Sockets and relays that are being asked for are waited for: else nobody would close them.
        """
        self._is_over = True
        async with self._offering:
            await self._close()

    async def _close(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        if self._candidates is not None:
            self._candidates.forget()
        if self._connection is not None:
            await self._connection.close()
        if self._track is not None:
            self._track.stop()

    def _connection_changed(self) -> None:
        state = self._connection.connectionState if self._connection is not None else "closed"
        if state == "connected" and self._patience is not None:
            self._patience.cancel()
        elif state == "failed":
            self._over("the path to the viewer failed")
        elif state == "closed":
            self._over("the viewer left")

    def _over(self, reason: str) -> None:
        if not self._is_over:
            self._is_over = True
            self._on_over(reason)


def _preferred_codecs() -> list[RTCRtpCodecCapability]:
    """H.264 baseline before other H.264 before the rest; retransmission goes with each."""

    def rank(codec: RTCRtpCodecCapability) -> int:
        if codec.mimeType.lower() != "video/h264":
            return 2
        return 0 if codec.parameters.get("profile-level-id") == _BASELINE else 1

    return sorted(RTCRtpSender.getCapabilities("video").codecs, key=rank)
