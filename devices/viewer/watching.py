"""Watching a camera as a phone does, without a screen: call, answer, decode, and say what came.

The time to the first picture counts from the wish to watch: opening the socket, registering and
calling are in it.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable
from typing import Any, Final, Self

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from devices.agent.ice import (
    RemoteCandidates,
    answering,
    configured,
    relayed,
    with_trickle,
    without_local_names,
)
from signaling.protocol import faults
from signaling.protocol.end import (
    CallEnded,
    NotResumed,
    PeerCandidate,
    Refused,
    Registered,
    Reply,
)
from signaling.protocol.messages import SUBPROTOCOL
from signaling.protocol.viewer import (
    CallAllowed,
    CallHeld,
    CallRefused,
    Event,
    Offered,
    ViewerEnd,
)

PATIENCE_S: Final = 15.0  # more than anybody waits for a picture
COME_BACK_TRIES: Final = 20
COME_BACK_EVERY_S: Final = 0.25
PEER_TO_PEER: Final = "peer to peer"
RELAYED: Final = "relayed"
_CODEC_LINE: Final = re.compile(r"^a=rtpmap:\d+ (\w+)/90000", re.MULTILINE)


class CannotWatch(Exception):  # noqa: N818 - says what it is
    """No picture, and why. `code` is the gateway's (403, 480, …), or 0 where none came from it."""

    def __init__(self, why: str, code: int = 0) -> None:
        super().__init__(why)
        self.code = code


class Watching:
    """A running call. Made by `watch`; an async context manager that hangs up."""

    def __init__(self, token: str, *, relay_only: bool = False) -> None:
        self.relay_only = relay_only
        self.resumed = 0  # how often signaling broke in the set-up, and went on
        self.held_s: float | None = None  # how long the gateway said that we may have to wait
        self.session: str | None = None
        self.resolution = (0, 0)
        self.frames_decoded = 0
        self.first_frame_s = 0.0
        self.ended: str | None = None  # why, once it is over
        self.stages: dict[str, float] = {}  # seconds from the wish to watch to each milestone
        self._end = ViewerEnd(token)
        self._began = time.perf_counter()
        self._socket: ClientConnection | None = None
        self._url = self._camera_id = ""
        self._calls_again = False
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._candidates = RemoteCandidates(self._connection)
        self._first = asyncio.Event()
        self._more = asyncio.Condition()
        self._failed: CannotWatch | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._listen_to(self._connection)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def codec(self) -> str:
        """The codec of the pictures, such as H264: the camera's first choice that we took."""
        wished = _codecs_in(self._connection.remoteDescription.sdp)
        taken = _codecs_in(self._connection.localDescription.sdp)
        return next(codec for codec in wished if codec in taken)

    @property
    def path(self) -> str:
        """PEER_TO_PEER or RELAYED, by the candidates of the pair that carries the pictures.

        aiortc tells nobody which pair it nominated, so this reads aioice's own record of it.
        """
        transport = self._connection.getReceivers()[0].transport.transport
        pair = transport._connection._nominated[1]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - see above
        kinds = {pair.local_candidate.type, pair.remote_candidate.type}
        return RELAYED if "relay" in kinds else PEER_TO_PEER

    @property
    def node(self) -> str:
        """The node that our socket is at; empty where the gateway doesn't say."""
        return node_of(self._end.epoch or "")

    async def frames(self, count: int, *, within: float = PATIENCE_S) -> int:
        """Wait until so many frames are decoded in all. Raises CannotWatch, TimeoutError."""
        async with asyncio.timeout(within), self._more:
            await self._more.wait_for(
                lambda: self.frames_decoded >= count or self.ended is not None
            )
        if self.frames_decoded < count:
            raise CannotWatch(self.ended or "the call is over")
        return self.frames_decoded

    async def until_ended(self, *, within: float = PATIENCE_S) -> str:
        """Wait until the call is over, and say why. Raises TimeoutError."""
        async with asyncio.timeout(within), self._more:
            await self._more.wait_for(lambda: self.ended is not None)
        return self.ended or ""

    async def close(self) -> None:
        """Hang up and leave."""
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                if self.session is not None and self.ended is None:
                    bye = self._end.hang_up(self.session, faults.GONE.code, "the viewer left")
                    await self._socket.send(bye)
                await self._socket.send(self._end.unregister())
            await self._socket.close()
        for task in self._tasks:
            task.cancel()
        self._candidates.forget()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._connection.close()

    async def _start(self, signaling_url: str, camera_id: str) -> None:
        self._url, self._camera_id = signaling_url, camera_id
        try:
            socket = await self._open()
        except (OSError, InvalidHandshake) as why:
            raise CannotWatch(f"the gateway can't be reached: {why}") from why
        self._reached("socket")
        # both at once: the gateway keeps the call until it knows who we are, and a way is saved
        for frame in [*self._end.start(), self._call()]:
            await socket.send(frame)
        self._tasks.append(asyncio.create_task(self._talk(socket)))
        await self._first.wait()
        if self._failed is not None:
            raise self._failed

    def _call(self) -> str:
        return self._end.call(self._camera_id, relay_only=self.relay_only)

    async def _open(self) -> ClientConnection:
        self._socket = await connect(
            self._url, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None
        )
        return self._socket

    async def _talk(self, first: ClientConnection) -> None:
        socket: ClientConnection | None = first
        broke = True
        while socket is not None and broke:
            broke = await self._hear(socket)
            if broke and not self._first.is_set() and self._end.epoch is not None:
                socket = await self._come_back()
            else:
                break
        if not self._first.is_set():  # pictures that flow need no socket any more (ONVIF)
            code = socket.close_code if socket is not None else None
            reason = socket.close_reason if socket is not None else "it can't be reached"
            closed = f"the gateway closed: {reason or 'without a reason'}"
            self._fail(CannotWatch(closed, code or 0))

    async def _hear(self, socket: ClientConnection) -> bool:
        """Until the socket is gone: whether it broke, rather than being closed in words."""
        try:
            async for frame in socket:
                for event in self._end.receive(frame):
                    await self._happened(event, socket.send)
        except ConnectionClosed as closed:
            return closed.rcvd is None
        return False

    async def _come_back(self) -> ClientConnection | None:
        """Another socket for the same call; None where none can be had in time."""
        for _ in range(COME_BACK_TRIES):
            with contextlib.suppress(OSError, InvalidHandshake, ConnectionClosed):
                socket = await self._open()
                for frame in self._end.start_again():
                    await socket.send(frame)
                return socket
            await asyncio.sleep(COME_BACK_EVERY_S)
        return None

    async def _happened(self, event: Event, send: Callable[[str], Any]) -> None:
        match event:
            case CallAllowed():
                self._reached("allowed")
                self.session = event.session
                self.relay_only |= event.relay_only
                if event.ice_servers:
                    await self._use(await answering(event.ice_servers))
            case Offered():
                self._reached("offered")
                self.session = event.session
                await send(self._end.answer(event.request_id, await self._answer(event.sdp)))
                self._reached("answered")
            case PeerCandidate():
                self._candidates.add(event.candidate)
            case CallEnded():
                self._fail(CannotWatch(event.reason, event.code))
            case CallRefused() | Refused():
                self._fail(CannotWatch(event.message, event.code))
            case Reply():
                await send(event.frame)
            case _:
                await self._signaled(event, send)

    async def _signaled(self, event: Event, send: Callable[[str], Any]) -> None:
        match event:
            case Registered():
                self._reached("registered")
                self.resumed += event.resumed
                if self._calls_again:
                    self._calls_again = False
                    await send(self._call())
            case NotResumed():
                await self._use([])
                self._calls_again = True  # as soon as we are registered
            case CallHeld():
                self.held_s = event.up_to_s
            case _:
                pass  # a demo, a test or a bench is over before its session

    async def _use(self, servers: list[RTCIceServer]) -> None:
        """Begin again with the servers of this session: aiortc takes them only at the start."""
        await self._connection.close()
        self._connection = RTCPeerConnection(configured(servers, relay_only=self.relay_only))
        self._candidates = RemoteCandidates(self._connection, relay_only=self.relay_only)
        self._listen_to(self._connection)

    async def _answer(self, offer: str) -> str:
        rest, local_names = without_local_names(relayed(offer) if self.relay_only else offer)
        await self._connection.setRemoteDescription(RTCSessionDescription(rest, "offer"))
        await self._connection.setLocalDescription(await self._connection.createAnswer())
        self._candidates.described(local_names)
        return with_trickle(self._connection.localDescription.sdp)

    def _listen_to(self, connection: RTCPeerConnection) -> None:
        def track(track: MediaStreamTrack) -> None:
            if track.kind == "video":
                self._tasks.append(asyncio.create_task(self._decode(track)))

        def changed() -> None:
            self._reached(connection.connectionState)
            if connection.connectionState == "failed":
                self._fail(CannotWatch("there is no path to the camera"))

        connection.on("track", track)
        connection.on("connectionstatechange", changed)

    async def _decode(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                self._fail(CannotWatch("the camera stopped sending"))
                return
            if not isinstance(frame, VideoFrame):
                continue
            self.frames_decoded += 1
            self.resolution = (frame.width, frame.height)
            if self.frames_decoded == 1:
                self.first_frame_s = time.perf_counter() - self._began
                self._reached("first frame")
                self._first.set()
            async with self._more:
                self._more.notify_all()

    def _reached(self, stage: str) -> None:
        self.stages.setdefault(stage, time.perf_counter() - self._began)

    def _fail(self, why: CannotWatch) -> None:
        if self.ended is None:
            self.ended = str(why)
            self._failed = None if self._first.is_set() else why
            self._first.set()
            self._tasks.append(asyncio.create_task(self._tell()))

    async def _tell(self) -> None:
        async with self._more:
            self._more.notify_all()


async def watch(
    signaling_url: str,
    token: str,
    camera_id: str,
    *,
    within: float = PATIENCE_S,
    relay_only: bool = False,
) -> Watching:
    """Call a camera and return once its first frame is decoded; `within` is in seconds.

    With `relay_only` neither end learns the other's address. Raises CannotWatch with the
    reason, TimeoutError where nothing came of it.
    """
    watching = Watching(token, relay_only=relay_only)
    try:
        async with asyncio.timeout(within):
            await watching._start(signaling_url, camera_id)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - its maker
    except BaseException:
        await watching.close()
        raise
    return watching


def node_of(epoch: str) -> str:
    """The node that gave this epoch (see Registered)."""
    return epoch.rpartition(".")[0]


def _codecs_in(description: str) -> list[str]:
    return _CODEC_LINE.findall(description)
