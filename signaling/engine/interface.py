"""How gateways reach each other: what an engine promises, in no implementation's words.

- A camera is held by the node that called `hold` last; `ask` reaches that node, and the one that
  held it before hears `taken`. Two that call at once agree on which of them was last.
- `ask` for a camera that no node holds is answered at once with CameraAway: no time-out, no table
  that could go stale.
- Whoever waits for a camera (`arrival`) learns at once that some node holds it.
- What one node tells another arrives in the order in which it was told, once, or not at all if
  either dies. Nothing is stored.
- What is announced reaches every node that has started, ourselves included, once each.
- A node that stops or dies is reported to every other as `lost`: at once, or within
  LOST_WITHIN_S. One that can't be heard because we are cut off ourselves is not.
- Where what carries the messages goes and comes back, each node holds afterwards what it held.
- Messages are bytes; an engine never looks inside.
"""

from typing import Final, Protocol

Seconds = float
LOST_WITHIN_S: Final = 5.0


class EngineAway(OSError):  # noqa: N818 - says where it is
    """What carries messages between the nodes can't be reached."""


class CameraAway(Exception):  # noqa: N818 - says where it is
    """No node holds the camera."""


class NoReply(Exception):  # noqa: N818 - says what came
    """The node that holds the camera did not reply in time, or was lost while we asked."""


class Listener(Protocol):
    """What a node hears from the others. Raises nothing."""

    async def asked(self, camera_id: str, message: bytes) -> bytes:
        """A node asks about a camera that we hold; the reply."""
        ...

    def is_there(self, camera_id: str) -> bool:
        """Whether a camera that we hold is connected at this moment."""
        ...

    def told(self, message: bytes) -> None:
        """Another node told us something."""
        ...

    def announced(self, message: bytes) -> None:
        """Somebody told all nodes something."""
        ...

    def taken(self, camera_id: str) -> None:
        """Another node holds a camera that we held."""
        ...

    def lost(self, node: str) -> None:
        """Another node stopped or died, with all that it held."""
        ...


class Engine(Protocol):
    """One node's way to the others."""

    @property
    def node(self) -> str:
        """The name by which other nodes tell us things."""
        ...

    async def start(self, listener: Listener) -> None:
        """Begin to receive. Raises EngineAway."""
        ...

    async def stop(self) -> None:
        """Hold nothing any more, receive nothing, and let the others know."""
        ...

    async def hold(self, camera_id: str) -> None:
        """From the return on, questions about this camera come to us.

        Where the others can't be reached, from the moment on at which they can be again.
        """
        ...

    async def release(self, camera_id: str) -> None:
        """Questions about this camera come to us no more. Nothing happens if we don't hold it."""
        ...

    async def ask(self, camera_id: str, message: bytes, within: Seconds) -> bytes:
        """Ask whichever node holds the camera. Raises CameraAway, NoReply."""
        ...

    async def arrival(self, camera_id: str, within: Seconds) -> bool:
        """Wait until the camera is connected at some node; False if it isn't within so many s."""
        ...

    def tell(self, node: str, message: bytes) -> None:
        """Send a message to a node; it is lost if that node is."""
        ...

    async def announce(self, message: bytes) -> None:
        """Tell every node. Raises EngineAway."""
        ...

    async def is_held(self, camera_id: str) -> bool:
        """Whether the camera is connected at some node now."""
        ...
