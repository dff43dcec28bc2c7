"""The engine of one process: nodes that share a hub. Across processes it can do nothing."""

import asyncio
from dataclasses import dataclass, field

from signaling.engine.interface import (
    CameraAway,
    NoReply,
    OnAnnounced,
    OnAsk,
    OnTold,
    Seconds,
)


@dataclass(slots=True)
class MemoryHub:
    """Where the nodes of one process find each other."""

    holders: dict[str, str] = field(default_factory=dict[str, str])  # camera id → node
    on_ask: dict[str, OnAsk] = field(default_factory=dict[str, OnAsk])
    on_told: dict[str, OnTold] = field(default_factory=dict[str, OnTold])
    on_announced: dict[str, OnAnnounced] = field(default_factory=dict[str, OnAnnounced])


class MemoryEngine:
    """One node on a hub."""

    def __init__(self, node: str, hub: MemoryHub | None = None) -> None:
        self._node = node
        self._hub = hub or MemoryHub()

    @property
    def node(self) -> str:
        """The name by which other nodes tell us things."""
        return self._node

    async def start(self, on_ask: OnAsk, on_told: OnTold, on_announced: OnAnnounced) -> None:
        """Begin to receive."""
        self._hub.on_ask[self._node] = on_ask
        self._hub.on_told[self._node] = on_told
        self._hub.on_announced[self._node] = on_announced

    async def stop(self) -> None:
        """Hold nothing any more, and receive nothing."""
        self._hub.on_ask.pop(self._node, None)
        self._hub.on_told.pop(self._node, None)
        self._hub.on_announced.pop(self._node, None)
        for camera_id in [held for held, by in self._hub.holders.items() if by == self._node]:
            del self._hub.holders[camera_id]

    async def hold(self, camera_id: str) -> None:
        """From the return on, questions about this camera come to us."""
        self._hub.holders[camera_id] = self._node

    async def release(self, camera_id: str) -> None:
        """Questions about this camera come to us no more."""
        if self._hub.holders.get(camera_id) == self._node:
            del self._hub.holders[camera_id]

    async def ask(self, camera_id: str, message: bytes, within: Seconds) -> bytes:
        """Ask whichever node holds the camera. Raises CameraAway, NoReply."""
        on_ask = self._hub.on_ask.get(self._hub.holders.get(camera_id, ""))
        if on_ask is None:
            raise CameraAway(camera_id)
        try:
            async with asyncio.timeout(within):
                return await on_ask(camera_id, message)
        except TimeoutError:
            raise NoReply(camera_id) from None

    def tell(self, node: str, message: bytes) -> None:
        """Send a message to a node, from the loop's next turn on, in order."""
        if on_told := self._hub.on_told.get(node):
            asyncio.get_running_loop().call_soon(on_told, message)

    async def announce(self, message: bytes) -> None:
        """Tell every node of the hub, from the loop's next turn on."""
        for on_announced in self._hub.on_announced.values():
            asyncio.get_running_loop().call_soon(on_announced, message)

    async def is_held(self, camera_id: str) -> bool:
        """Whether some node holds the camera now."""
        return camera_id in self._hub.holders
