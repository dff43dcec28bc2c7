"""Whether a camera is connected now. Asked of whoever holds the sockets, never stored."""

from typing import Annotated, Protocol

from fastapi import Depends, Request


class Presence(Protocol):
    """Knows which cameras are held by a gateway of this cell."""

    async def is_held(self, camera_id: str) -> bool:
        """Whether a gateway holds the camera's socket at this moment."""
        ...


def _presence(request: Request) -> Presence:
    return request.app.state.presence


RequestPresence = Annotated[Presence, Depends(_presence)]
