"""The least that uvloop can do: an asyncio.Protocol that answers every handshake alike.

    python -m bench.bare_protocol --port PORT

It reads no header and no frame. What it needs for a socket is the floor for anything on uvloop.
"""

import asyncio
from typing import Annotated, Final, cast

import typer
import uvloop

ANSWER: Final = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)  # RFC 6455 §1.3: the answer to the key that the load always gives


class BareProtocol(asyncio.Protocol):
    """One socket."""

    __slots__ = ("_transport",)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: it opened."""
        self._transport = cast(asyncio.Transport | None, transport)  # uvloop's is of no such class

    def data_received(self, data: bytes) -> None:
        """asyncio: something came; the first is the handshake."""
        if self._transport is not None and data.startswith(b"GET "):
            self._transport.write(ANSWER)

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: it is gone."""
        del exc
        self._transport = None


async def serve(port: int) -> None:
    """Run until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(BareProtocol, "127.0.0.1", port, backlog=4096)
    async with server:
        await asyncio.Event().wait()


def main(port: Annotated[int, typer.Option()]) -> None:
    """Run the protocol."""
    uvloop.run(serve(port))


if __name__ == "__main__":
    typer.run(main)
