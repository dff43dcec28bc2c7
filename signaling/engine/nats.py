"""The engine of many processes: NATS subjects.

`cam.<id>` is subscribed by the node that holds the camera, `node.<name>` by each node. "No
responders" is the offline answer, and NATS gives it at once.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error, NoRespondersError
from nats.errors import TimeoutError as NatsTimeout

from signaling.engine.interface import (
    CameraAway,
    EngineAway,
    NoReply,
    OnAnnounced,
    OnAsk,
    OnTold,
    Seconds,
)

CONNECT_WITHIN_S = 5
DEFAULT_PORT = 4222
EVERYBODY = "nodes"
PROBE = b""  # an empty question: is somebody there?
PROBE_WITHIN: Seconds = 1.0


class NatsEngine:
    """One node on a NATS server."""

    def __init__(self, node: str, url: str) -> None:
        self._node = node
        self._url = url
        self._held: dict[str, Subscription] = {}
        self._client: Client | None = None
        self._on_ask: OnAsk | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def node(self) -> str:
        """The name by which other nodes tell us things."""
        return self._node

    async def start(self, on_ask: OnAsk, on_told: OnTold, on_announced: OnAnnounced) -> None:
        """Connect and begin to receive. Raises EngineAway if NATS can't be reached."""
        self._on_ask = on_ask
        try:
            await self._knock()  # the client would try for ever, the first time too
            self._client = await nats.connect(
                self._url, max_reconnect_attempts=-1, connect_timeout=CONNECT_WITHIN_S
            )
        except (Error, OSError, TimeoutError) as fault:
            raise EngineAway("NATS can't be reached") from fault

        async def told(message: Msg) -> None:
            on_told(message.data)

        async def announced(message: Msg) -> None:
            on_announced(message.data)

        await self._client.subscribe(f"node.{self._node}", cb=told)
        await self._client.subscribe(EVERYBODY, cb=announced)
        await self._settled()

    async def stop(self) -> None:
        """Hold nothing any more, and receive nothing."""
        if self._client is not None:
            await self._client.drain()
            self._client = None
        for task in self._tasks:
            task.cancel()

    async def hold(self, camera_id: str) -> None:
        """From the return on, questions about this camera come to us."""
        await self.release(camera_id)
        self._held[camera_id] = await self._connected.subscribe(f"cam.{camera_id}", cb=self._asked)
        await self._settled()

    async def release(self, camera_id: str) -> None:
        """Questions about this camera come to us no more."""
        if subscription := self._held.pop(camera_id, None):
            await subscription.unsubscribe()
            await self._settled()  # from here on the server says "no responders"

    async def ask(self, camera_id: str, message: bytes, within: Seconds) -> bytes:
        """Ask whichever node holds the camera. Raises CameraAway, NoReply."""
        try:
            answer = await self._connected.request(f"cam.{camera_id}", message, timeout=within)
        except NoRespondersError:
            raise CameraAway(camera_id) from None
        except (NatsTimeout, Error):
            raise NoReply(camera_id) from None
        return answer.data

    def tell(self, node: str, message: bytes) -> None:
        """Send a message to a node; it is lost if that node is."""
        self._spawn(self._connected.publish(f"node.{node}", message))

    async def announce(self, message: bytes) -> None:
        """Tell every node. Raises EngineAway."""
        try:
            await self._connected.publish(EVERYBODY, message)
            await self._connected.flush()
        except Error as fault:
            raise EngineAway("NATS can't be reached") from fault

    async def is_held(self, camera_id: str) -> bool:
        """Whether some node holds the camera now."""
        try:
            await self.ask(camera_id, PROBE, PROBE_WITHIN)
        except (CameraAway, NoReply):
            return False
        return True

    async def _knock(self) -> None:
        parts = urlsplit(self._url)
        async with asyncio.timeout(CONNECT_WITHIN_S):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or DEFAULT_PORT)
        writer.close()

    async def _settled(self) -> None:
        # The client writes a flush's PING at once, but a SUB or UNSUB only with its next batch:
        # the first PONG may overtake them, the second can't.
        await self._connected.flush()
        await self._connected.flush()

    @property
    def _connected(self) -> Client:
        if self._client is None:
            raise EngineAway("the engine has not started")
        return self._client

    async def _asked(self, message: Msg) -> None:
        # each question has its own task: the reply may take as long as a camera thinks
        self._spawn(self._answer(message))

    async def _answer(self, message: Msg) -> None:
        if message.data == PROBE:
            await message.respond(PROBE)
        elif self._on_ask is not None:
            camera_id = message.subject.removeprefix("cam.")
            await message.respond(await self._on_ask(camera_id, message.data))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
