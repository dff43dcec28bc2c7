"""The engine of many processes: NATS subjects.

`cam.<id>` is subscribed by the node that holds the camera, `node.<name>` by each node, `nodes` by
all. "No responders" is the offline answer, and NATS gives it at once. Who holds a camera says so
on its subject with a rank above the last holder's; the lower rank yields, whatever the order in
which two nodes hear each other, and no clock has to be right.
"""

import asyncio
import contextlib
import time
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error, NoRespondersError

from server.foundation.log import log_fault
from signaling.engine.heartbeats import BEAT_EVERY_S, Heartbeats
from signaling.engine.interface import CameraAway, EngineAway, Listener, NoReply, Seconds

CONNECT_WITHIN_S: Final = 5
COME_BACK_EVERY_S: Final = 0.25  # the client's own 2 s would be most of a caller's patience
SETTLES_WITHIN_S: Final = 2
PROBE_WITHIN: Final[Seconds] = 1.0
LOOK_AGAIN_S: Final = 0.5
LAST_ANSWERS_WITHIN_S: Final = 0.5
DEFAULT_PORT: Final = 4222
EVERYBODY: Final = "nodes"
ALIVE: Final = "nodes.alive"
GONE: Final = "nodes.gone"
QUESTION, PROBE, RANK, CLAIM = b"?", b"=", b"#", b"!"  # the first byte on a camera's subject
YES, NO = b"1", b"0"


@dataclass(slots=True)
class _Held:
    subscription: Subscription
    rank: int


class NatsEngine:
    """One node on a NATS server."""

    def __init__(self, node: str, url: str) -> None:
        self._node = node
        self._url = url
        self._held: dict[str, _Held] = {}
        self._client: Client | None = None
        self._listener: Listener | None = None
        self._outgoing: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._beats = Heartbeats()
        self._tasks: set[asyncio.Task[None]] = set()
        self._rounds: list[asyncio.Task[None]] = []  # those of them that never end

    @property
    def node(self) -> str:
        """The name by which other nodes tell us things."""
        return self._node

    async def start(self, listener: Listener) -> None:
        """Connect and begin to receive. Raises EngineAway if NATS can't be reached."""
        self._listener = listener
        try:
            await self._knock()  # the client would try for ever, the first time too
            self._client = await nats.connect(
                self._url,
                max_reconnect_attempts=-1,
                connect_timeout=CONNECT_WITHIN_S,
                reconnect_time_wait=COME_BACK_EVERY_S,  # pyright: ignore[reportArgumentType] - it sleeps for it
                reconnected_cb=self._reconnected,
                error_cb=_log_error,
            )
        except (Error, OSError, TimeoutError) as fault:
            raise EngineAway("NATS can't be reached") from fault
        await self._client.subscribe(f"node.{self._node}", cb=self._told)
        await self._client.subscribe(EVERYBODY, cb=self._announced)
        await self._client.subscribe(ALIVE, cb=self._alive)
        await self._client.subscribe(GONE, cb=self._gone)
        await self._settled()
        self._rounds = [self._spawn(self._write()), self._spawn(self._beat())]

    async def stop(self) -> None:
        """Hold nothing any more, receive nothing, and let the others know."""
        if self._client is None:
            return
        for task in self._rounds:
            task.cancel()
        await asyncio.gather(*self._rounds, return_exceptions=True)
        held, self._held = self._held, {}
        await asyncio.gather(*map(self._let_go, held.values()))
        await self._answered()
        with contextlib.suppress(Error):  # cut off: the others notice by themselves
            for subject, message in self._unsent():
                await self._client.publish(subject, message)
            await self._client.publish(GONE, self._node.encode())
        await self._settled()
        client, self._client = self._client, None
        await client.close()

    async def hold(self, camera_id: str) -> None:
        """From the return on, questions about this camera come to us."""
        held = self._held.get(camera_id)
        if held is None:
            rank = max(time.time_ns(), await self._rank_of_holder(camera_id) + 1)
            subscription = await self._connected.subscribe(f"cam.{camera_id}", cb=self._asked)
            held = self._held[camera_id] = _Held(subscription, rank)
            await self._settled()
        await self._claim(camera_id, held)

    async def release(self, camera_id: str) -> None:
        """Questions about this camera come to us no more."""
        if held := self._held.pop(camera_id, None):
            await asyncio.shield(self._spawn(self._let_go(held)))

    async def ask(self, camera_id: str, message: bytes, within: Seconds) -> bytes:
        """Ask whichever node holds the camera. Raises CameraAway, NoReply."""
        return await self._request(camera_id, QUESTION + message, within)

    async def arrival(self, camera_id: str, within: Seconds) -> bool:
        """Wait until the camera is connected at some node."""
        came = asyncio.Event()

        async def heard(_message: Msg) -> None:
            came.set()

        subscription = await self._connected.subscribe(f"back.{camera_id}", cb=heard)
        try:
            async with asyncio.timeout(within):
                await self._settled()
                while not await self.is_held(camera_id):
                    with contextlib.suppress(TimeoutError):  # news may be lost while cut off
                        await asyncio.wait_for(came.wait(), LOOK_AGAIN_S)
                    came.clear()
        except TimeoutError:
            return False
        finally:
            await subscription.unsubscribe()
        return True

    def tell(self, node: str, message: bytes) -> None:
        """Send a message to a node; it is lost if that node is."""
        self._outgoing.put_nowait((f"node.{node}", message))

    async def announce(self, message: bytes) -> None:
        """Tell every node. Raises EngineAway."""
        try:
            await self._connected.publish(EVERYBODY, message)
            await self._connected.flush(SETTLES_WITHIN_S)
        except Error as fault:
            raise EngineAway("NATS can't be reached") from fault

    async def is_held(self, camera_id: str) -> bool:
        """Whether the camera is connected at some node now."""
        try:
            return await self._request(camera_id, PROBE, PROBE_WITHIN) == YES
        except (CameraAway, NoReply):
            return False

    # ---- what comes in

    async def _told(self, message: Msg) -> None:
        self._heard.told(message.data)

    async def _announced(self, message: Msg) -> None:
        self._heard.announced(message.data)

    async def _alive(self, message: Msg) -> None:
        node = message.data.decode()
        if node != self._node and self._beats.heard(node, time.monotonic()):
            await self._say_alive()  # so that it misses us even if we die within a beat

    async def _gone(self, message: Msg) -> None:
        node = message.data.decode()
        self._beats.forget(node)
        if node != self._node:
            self._heard.lost(node)

    async def _asked(self, message: Msg) -> None:
        kind, camera_id = message.data[:1], message.subject.removeprefix("cam.")
        if kind == QUESTION:  # in a task: the reply may take as long as a camera thinks
            self._spawn(self._answer(camera_id, message))
        elif kind == PROBE:
            await message.respond(YES if self._heard.is_there(camera_id) else NO)
        elif kind == RANK:
            held = self._held.get(camera_id)  # None: just let go, and this was on its way
            await message.respond(b"%d" % (held.rank if held else 0))
        elif kind == CLAIM:
            self._spawn(self._claimed(camera_id, message.data))  # it may end this subscription

    async def _answer(self, camera_id: str, message: Msg) -> None:
        await message.respond(await self._heard.asked(camera_id, message.data[1:]))

    async def _claimed(self, camera_id: str, message: bytes) -> None:
        rank, node = message[1:].decode().split(" ")
        held = self._held.get(camera_id)
        if held is None or node == self._node:
            return
        if (int(rank), node) > (held.rank, self._node):
            self._heard.taken(camera_id)
            self._held.pop(camera_id, None)
            await self._drop(held)  # what is on its way reaches the one who holds it, too
        else:
            await self._claim(camera_id, held)

    async def _reconnected(self) -> None:
        self._beats.begin_anew(time.monotonic())
        for camera_id, held in list(self._held.items()):  # it may have come elsewhere meanwhile
            await self._claim(camera_id, held)

    # ---- what goes out

    async def _let_go(self, held: _Held) -> None:
        """From the return on the server says "no responders", unless it doesn't answer us either.

        What was on its way to us is answered still: unsubscribing at once would drop it, and who
        asked would wait for as long as a camera may think.
        """
        subscription, client = held.subscription, self._connected
        try:
            await client.flush(SETTLES_WITHIN_S)  # with nothing before it the UNSUB goes at once
        except Error:  # cut off or stalled: what was on its way is lost anyhow
            await self._drop(held)
            return
        try:
            await subscription.drain()
        except Error:  # cut off since: so that it isn't subscribed again with the others
            client._remove_sub(subscription._id)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - drain() leaves it there then
            subscription._stop_processing()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - and its task too

    async def _drop(self, held: _Held) -> None:
        """Hear nothing any more about a camera, and leave what is on its way unanswered."""
        with contextlib.suppress(Error):
            await held.subscription.unsubscribe()
        await self._settled()

    async def _answered(self) -> None:
        """What was asked has its reply, unless a camera thinks too long."""
        answers = self._tasks.difference(self._rounds)
        if answers:
            _, late = await asyncio.wait(answers, timeout=LAST_ANSWERS_WITHIN_S)
            for task in late:
                task.cancel()

    async def _rank_of_holder(self, camera_id: str) -> int:
        try:
            return int(await self._request(camera_id, RANK, PROBE_WITHIN))
        except (CameraAway, NoReply):
            return 0

    async def _claim(self, camera_id: str, held: _Held) -> None:
        words = CLAIM + b"%d %s" % (held.rank, self._node.encode())
        await self._connected.publish(f"cam.{camera_id}", words)
        await self._connected.publish(f"back.{camera_id}")

    async def _request(self, camera_id: str, message: bytes, within: Seconds) -> bytes:
        if not self._connected.is_connected:  # the client would keep it until it is of no use
            raise NoReply(camera_id)
        try:
            answer = await self._connected.request(f"cam.{camera_id}", message, timeout=within)
        except NoRespondersError:
            raise CameraAway(camera_id) from None
        except (TimeoutError, Error):
            raise NoReply(camera_id) from None
        return answer.data

    async def _write(self) -> None:
        while True:
            subject, message = await self._outgoing.get()
            try:
                await self._connected.publish(subject, message)
            except Error as fault:  # cut off for so long that its buffer is full: this is lost
                log_fault("engine_fault", fault)

    async def _beat(self) -> None:
        while True:
            connected = self._connected.is_connected
            if connected:
                await self._say_alive()
            for node in self._beats.lost(time.monotonic(), connected=connected):
                self._heard.lost(node)
            await asyncio.sleep(BEAT_EVERY_S)

    async def _say_alive(self) -> None:
        await self._connected.publish(ALIVE, self._node.encode())

    def _unsent(self) -> Iterator[tuple[str, bytes]]:
        while not self._outgoing.empty():
            yield self._outgoing.get_nowait()

    async def _knock(self) -> None:
        parts = urlsplit(self._url)
        async with asyncio.timeout(CONNECT_WITHIN_S):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or DEFAULT_PORT)
        writer.close()

    async def _settled(self) -> None:
        # The client writes a flush's PING at once, but a SUB or UNSUB only with its next batch:
        # the first PONG may overtake them, the second can't.
        try:
            await self._connected.flush(SETTLES_WITHIN_S)
            await self._connected.flush(SETTLES_WITHIN_S)
        except Error:
            return  # cut off; the client subscribes again when it is back

    @property
    def _connected(self) -> Client:
        if self._client is None:
            raise EngineAway("the engine has not started")
        return self._client

    @property
    def _heard(self) -> Listener:
        if self._listener is None:
            raise EngineAway("the engine has not started")
        return self._listener

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _log_error(fault: Exception) -> None:
    log_fault("engine_fault", fault)
