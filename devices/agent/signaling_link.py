"""The camera's own socket to the signaling gateway, held for as long as the camera is on.

It comes back by itself, later each time (`reconnect_rules.py`), because a camera has nobody
who would press a button. What it can't heal by coming back, it raises.
"""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from devices.agent.calls import Calls
from devices.agent.milestones import Say
from devices.agent.reconnect_rules import still_counted, wait_s
from devices.agent.server_api import ServerApi, ServerAway
from signaling.protocol import faults
from signaling.protocol.camera import Answered, CallWanted, CameraEnd, Event, NewTicket
from signaling.protocol.close_codes import REPLACED, Then, then_of
from signaling.protocol.end import (
    CallEnded,
    Draining,
    Extended,
    NotResumed,
    PeerCandidate,
    Refused,
    Registered,
    Reply,
)
from signaling.protocol.messages import SUBPROTOCOL

CAPABILITIES: Final = ("trickle", "extend", "secuhome.relay_only", "secuhome.ticket")
OPEN_WITHIN_S: Final = 10.0
GOODBYE_WITHIN_S: Final = 2.0  # a gateway that doesn't answer must not keep a camera from leaving


class Replaced(Exception):  # noqa: N818 - says what happened
    """Another device registered with this camera's key. Coming back would throw it out again."""


class NotRegistered(Exception):  # noqa: N818 - says what happened
    """The gateway refused us; a newer token may help."""


class SignalingLink:
    """A connection that is always there, or coming back."""

    def __init__(
        self,
        api: ServerApi,
        calls: Calls,
        say: Say,
        on_registered: Callable[[], None],
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._api = api
        self._calls = calls
        self._say = say
        self._on_registered = on_registered
        self._dice = dice
        self._end: CameraEnd | None = None  # of the last socket, while it may be resumed
        self._talking: CameraEnd | None = None  # of the newest socket
        calls.report_to(self._call_over)
        self._outgoing: asyncio.Queue[str] | None = None  # None while frames have to wait

    async def hold(self) -> None:
        """Be connected until cancelled. Raises TokenRefused, Replaced."""
        failures = 0
        while True:
            began, at_once = time.monotonic(), False
            try:
                await self._connected_once()
            except ConnectionClosed as closed:
                at_once = self._closed(closed)
            except InvalidStatus as refused:
                self._refused_at_the_door(refused)
            except NotRegistered as why:
                self._api.forget_token()
                self._say("waiting", why=str(why))
            except (ServerAway, OSError, TimeoutError, WebSocketException) as why:
                self._say("waiting", why=f"Signaling can't be reached: {why or 'no answer'}")
            if self._end is None:
                self._calls.socket_lost()
            failures = still_counted(failures, time.monotonic() - began)
            await asyncio.sleep(wait_s(failures, self._dice(), at_once=at_once))
            failures += 1

    async def _connected_once(self) -> None:
        token, url = await self._api.token(), await self._api.signaling_url()
        async with asyncio.timeout(OPEN_WITHIN_S):
            socket = await connect(
                url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                additional_headers={"Authorization": f"Bearer {token}"},
                compression=None,  # SDP is small, and deflate costs a gateway memory per camera
            )
        end, self._end = self._end, None
        resuming = end is not None
        if end is None:
            end = CameraEnd(token, capabilities=CAPABILITIES, running=self._calls.running)
        self._talking = end
        try:
            await self._talk(socket, end, end.start_again(token) if resuming else end.start())
        except asyncio.CancelledError:
            await _say_goodbye(socket, end)
            raise
        except ConnectionClosed as closed:
            if closed.rcvd is None and end.epoch is not None:
                self._end = end  # the connection broke: the gateway keeps our calls for a while
            raise
        finally:
            self._outgoing = None
            await socket.close()

    async def _talk(self, socket: ClientConnection, end: CameraEnd, first: list[str]) -> None:
        """Frames out, one after the other, and frames in, until the socket closes."""
        outgoing: asyncio.Queue[str] = asyncio.Queue()
        for frame in first:
            outgoing.put_nowait(frame)
        writer = asyncio.create_task(_write(socket, outgoing))
        try:
            async for frame in socket:
                for event in end.receive(frame):
                    if isinstance(event, Reply):
                        outgoing.put_nowait(event.frame)
                    else:
                        self._happened(event, end, outgoing)
            raise ConnectionClosed(socket.protocol.close_rcvd, socket.protocol.close_sent)
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    def _call_over(self, session: str, reason: str) -> None:
        """Tell the gateway of a call that ended by itself: it keeps account of those that run."""
        if self._talking is not None:
            self._send(self._talking.hang_up(session, faults.GONE.code, reason))

    def _send(self, frame: str) -> None:
        """Send a frame, or leave it to the end to send again once we are back."""
        if self._outgoing is not None:
            self._outgoing.put_nowait(frame)

    def _happened(self, event: Event, end: CameraEnd, outgoing: asyncio.Queue[str]) -> None:
        match event:
            case Registered():
                self._outgoing = outgoing
                self._say("registered", id=event.id, epoch=event.epoch, resumed=event.resumed)
                self._on_registered()
            case CallWanted():
                self._calls.wanted(event, end, self._send)
            case Answered():
                self._calls.answered(event, end, self._send)
            case PeerCandidate():
                self._calls.candidate(event, end, self._send)
            case CallEnded():
                self._calls.ended(event)
            case NewTicket():
                self._calls.renewed(event)
            case NotResumed():
                self._calls.socket_lost()
            case Extended() | Draining() | Reply():
                pass  # a call goes on until it is ended; a gateway that leaves closes in words
            case Refused():
                raise NotRegistered(f"Signaling refuses us: {event.message} ({event.code})")

    def _closed(self, closed: ConnectionClosed) -> bool:
        """Whether to come back at once. Raises Replaced."""
        code = closed.rcvd.code if closed.rcvd is not None else 1006
        reason = closed.rcvd.reason if closed.rcvd is not None else "the connection broke"
        if code == REPLACED.number:
            raise Replaced("Another device has registered with this camera's key; we leave.")
        if then_of(code) is Then.NEVER:
            self._api.forget_token()
        self._say("waiting", why=f"Signaling closed: {reason or 'without a reason'} ({code})")
        return then_of(code) is Then.AT_ONCE

    def _refused_at_the_door(self, refused: InvalidStatus) -> None:
        status = refused.response.status_code
        self._api.forget_token()
        self._say("waiting", why=f"Signaling refuses the connection ({status})")


async def _write(socket: ClientConnection, outgoing: asyncio.Queue[str]) -> None:
    while True:
        await socket.send(await outgoing.get())


async def _say_goodbye(socket: ClientConnection, end: CameraEnd) -> None:
    """Unregister, so that nobody is held waiting for a camera that was switched off."""
    try:
        async with asyncio.timeout(GOODBYE_WITHIN_S):
            await socket.send(end.unregister())
            await socket.recv()
    except (TimeoutError, ConnectionClosed):
        return
