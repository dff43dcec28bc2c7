"""The engine of one process: nodes that share a hub. Across processes it can do nothing."""

import asyncio
from dataclasses import dataclass, field

from signaling.engine.interface import CameraAway, Listener, NoReply, Seconds


@dataclass(slots=True)
class MemoryHub:
    """Where the nodes of one process find each other."""

    holders: dict[str, str] = field(default_factory=dict[str, str])  # camera id → node
    listeners: dict[str, Listener] = field(default_factory=dict[str, Listener])
    waiting: dict[str, set[asyncio.Event]] = field(default_factory=dict[str, set[asyncio.Event]])


class MemoryEngine:
    """One node on a hub."""

    def __init__(self, node: str, hub: MemoryHub | None = None) -> None:
        self._node = node
        self._hub = hub or MemoryHub()

    @property
    def node(self) -> str:
        """The name by which other nodes tell us things."""
        return self._node

    async def start(self, listener: Listener) -> None:
        """Begin to receive."""
        self._hub.listeners[self._node] = listener

    async def stop(self) -> None:
        """Hold nothing any more, receive nothing, and let the others know."""
        if self._hub.listeners.pop(self._node, None) is None:
            return
        for camera_id in [held for held, by in self._hub.holders.items() if by == self._node]:
            del self._hub.holders[camera_id]
        for listener in self._hub.listeners.values():
            asyncio.get_running_loop().call_soon(listener.lost, self._node)

    async def hold(self, camera_id: str) -> None:
        """From the return on, questions about this camera come to us."""
        before = self._hub.holders.get(camera_id)
        self._hub.holders[camera_id] = self._node
        if before not in (None, self._node) and (other := self._hub.listeners.get(before or "")):
            asyncio.get_running_loop().call_soon(other.taken, camera_id)
        for waiting in self._hub.waiting.get(camera_id, ()):
            waiting.set()

    async def release(self, camera_id: str) -> None:
        """Questions about this camera come to us no more."""
        if self._hub.holders.get(camera_id) == self._node:
            del self._hub.holders[camera_id]

    async def ask(self, camera_id: str, message: bytes, within: Seconds) -> bytes:
        """Ask whichever node holds the camera. Raises CameraAway, NoReply."""
        holder = self._holder_of(camera_id)
        if holder is None:
            raise CameraAway(camera_id)
        try:
            async with asyncio.timeout(within):
                return await holder.asked(camera_id, message)
        except TimeoutError:
            raise NoReply(camera_id) from None

    async def arrival(self, camera_id: str, within: Seconds) -> bool:
        """Wait until the camera is connected at some node."""
        came = asyncio.Event()
        waiting = self._hub.waiting.setdefault(camera_id, set())
        waiting.add(came)
        try:
            async with asyncio.timeout(within):
                while not await self.is_held(camera_id):
                    await came.wait()
                    came.clear()
        except TimeoutError:
            return False
        finally:
            waiting.discard(came)
            if not waiting:
                self._hub.waiting.pop(camera_id, None)
        return True

    def tell(self, node: str, message: bytes) -> None:
        """Send a message to a node, from the loop's next turn on, in order."""
        if listener := self._hub.listeners.get(node):
            asyncio.get_running_loop().call_soon(listener.told, message)

    async def announce(self, message: bytes) -> None:
        """Tell every node of the hub, from the loop's next turn on."""
        for listener in self._hub.listeners.values():
            asyncio.get_running_loop().call_soon(listener.announced, message)

    async def is_held(self, camera_id: str) -> bool:
        """Whether the camera is connected at some node now."""
        holder = self._holder_of(camera_id)
        return holder is not None and holder.is_there(camera_id)

    def _holder_of(self, camera_id: str) -> Listener | None:
        return self._hub.listeners.get(self._hub.holders.get(camera_id, ""))
