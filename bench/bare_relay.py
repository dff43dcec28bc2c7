"""The least that picows can do: a relay that reads no message and asks nobody.

    python -m bench.bare_relay --port PORT [--one-by-one] [--check FOLDER] [--fastnet]

Socket 2n and socket 2n+1 are a pair, by the number in the address. What one read brought is
written to the other end at once, together, or with `--one-by-one` as picows' own `send` does it.
With `--check` the first message of a socket carries a token, whose signature is verified before
the socket is told that it may go on.
"""

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest
from picows import ws_create_server as listen

from bench.dialects import BEFORE_TOKEN, behind_token
from bench.frames import server_frame
from bench.tokens import token_desk
from server.security.errors import BadToken
from server.security.tokens import TokenDesk

READ_BUFFER: Final = 2_048  # as the gateway's
MAX_FRAME: Final = 131_072
BACKLOG: Final = 4_096
GREETING: Final = b'{"jsonrpc":"2.0","id":1,"result":{"id":"cam_00000000"}}'


class BareSocket(WSListener):
    """One end of a pair, which writes what a read brought in one piece."""

    def __init__(self, number: int, sockets: dict[int, "BareSocket"]) -> None:
        self.transport: WSTransport | None = None
        self.peer: BareSocket | None = None
        self._number, self._sockets = number, sockets
        self._gathered: list[bytes] = []

    def on_ws_connected(self, transport: WSTransport) -> None:
        """picows: the handshake is done."""
        self.transport = transport
        self._sockets[self._number] = self
        if peer := self._sockets.get(self._number ^ 1):
            self.peer, peer.peer = peer, self

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """picows: a frame came."""
        del transport
        if self.peer is None or self.peer.transport is None:
            return
        if frame.last_in_buffer and not self._gathered:  # picows' own way is the fastest for one
            self.peer.transport.send(WSMsgType.TEXT, frame.get_payload_as_memoryview())
            return
        self._gathered.append(server_frame(frame.get_payload_as_bytes()))
        if frame.last_in_buffer:
            self.peer.transport.underlying_transport.write(b"".join(self._gathered))
            self._gathered.clear()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """picows: the socket is gone."""
        del transport
        self._sockets.pop(self._number, None)
        if self.peer is not None:
            self.peer.peer = None


class OneByOne(BareSocket):
    """The same with picows' own way: one write for each message."""

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """picows: a frame came."""
        del transport
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.send(WSMsgType.TEXT, frame.get_payload_as_memoryview())


class Checked(BareSocket):
    """The same, once its first message has brought a token that holds."""

    def __init__(self, number: int, sockets: dict[int, BareSocket], desk: TokenDesk) -> None:
        super().__init__(number, sockets)
        self._desk = desk
        self._known = False

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """picows: a frame came."""
        if self._known:
            super().on_ws_frame(transport, frame)
            return
        payload = frame.get_payload_as_ascii_text()
        try:
            self._desk.verify(behind_token(payload[len(BEFORE_TOKEN) :]))
        except BadToken:
            transport.disconnect()
            return
        self._known = True
        transport.send(WSMsgType.TEXT, GREETING)


async def serve(
    port: int, *, one_by_one: bool, check: Path | None, fastnet: bool, ping_every: float | None
) -> None:
    """Run until the process is ended."""
    sockets: dict[int, BareSocket] = {}
    desk = None if check is None else token_desk(check)

    def upgrade(request: WSUpgradeRequest) -> BareSocket:
        number = int(request.path.rpartition(b"=")[2])
        if desk is not None:
            return Checked(number, sockets, desk)
        return (OneByOne if one_by_one else BareSocket)(number, sockets)

    server = await listen(
        upgrade,
        "127.0.0.1",
        port,
        max_frame_size=MAX_FRAME,
        enable_auto_ping=ping_every is not None,
        auto_ping_idle_timeout=ping_every or 1,
        auto_ping_reply_timeout=ping_every or 1,
        read_buffer_init_size=READ_BUFFER,
        use_aiofastnet=fastnet,
        backlog=BACKLOG,
    )
    async with server:
        await asyncio.Event().wait()


def main(
    port: Annotated[int, typer.Option()],
    *,
    one_by_one: Annotated[bool, typer.Option("--one-by-one")] = False,
    check: Annotated[Path | None, typer.Option(help="The folder of the key.")] = None,
    fastnet: Annotated[bool, typer.Option("--fastnet")] = False,
    ping_every: Annotated[float | None, typer.Option(help="Seconds.")] = None,
) -> None:
    """Run the relay."""
    serving = serve(
        port, one_by_one=one_by_one, check=check, fastnet=fastnet, ping_every=ping_every
    )
    uvloop.run(serving)


if __name__ == "__main__":
    typer.run(main)
