"""How gateways reach each other: what an engine promises, in no implementation's words.

- A camera is held by the node that called `hold` last; `ask` reaches that node.
- `ask` for a camera that no node holds is answered at once with CameraAway: no time-out, no table
  that could go stale.
- What one node tells another arrives in the order in which it was told, once, or not at all if
  either dies. Nothing is stored.
- What is announced reaches every node that has started, ourselves included, once each.
- Messages are bytes; an engine never looks inside.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

Seconds = float
OnAsk = Callable[[str, bytes], Awaitable[bytes]]  # camera id, question → reply
OnTold = Callable[[bytes], None]  # what another node told us
OnAnnounced = Callable[[bytes], None]  # what somebody told all nodes


class EngineAway(OSError):  # noqa: N818 - says where it is
    """What carries messages between the nodes can't be reached."""


class CameraAway(Exception):  # noqa: N818 - says where it is
    """No node holds the camera."""


class NoReply(Exception):  # noqa: N818 - says what came
    """The node that holds the camera did not reply in time, or was lost while we asked."""


class Engine(Protocol):
    """One node's way to the others."""

    @property
    def node(self) -> str:
        """The name by which other nodes tell us things."""
        ...

    async def start(self, on_ask: OnAsk, on_told: OnTold, on_announced: OnAnnounced) -> None:
        """Begin to receive. Raises EngineAway."""
        ...

    async def stop(self) -> None:
        """Hold nothing any more, and receive nothing."""
        ...

    async def hold(self, camera_id: str) -> None:
        """From the return on, questions about this camera come to us."""
        ...

    async def release(self, camera_id: str) -> None:
        """Questions about this camera come to us no more. Nothing happens if we don't hold it."""
        ...

    async def ask(self, camera_id: str, message: bytes, within: Seconds) -> bytes:
        """Ask whichever node holds the camera. Raises CameraAway, NoReply."""
        ...

    def tell(self, node: str, message: bytes) -> None:
        """Send a message to a node; it is lost if that node is."""
        ...

    async def announce(self, message: bytes) -> None:
        """Tell every node. Raises EngineAway."""
        ...

    async def is_held(self, camera_id: str) -> bool:
        """Whether some node holds the camera now."""
        ...
