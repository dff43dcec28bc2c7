"""A camera's connection dies without a word, as when a router loses its tables."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from signaling.protocol.camera import CallWanted
from signaling.protocol.viewer import CallAllowed, CallHeld
from tests.faults.two_gateways import CAMERA, Two

pytestmark = pytest.mark.slow
FOUND_WITHIN_S = 15.0  # two pings unanswered, on a busy machine


class Line:
    """A line to a port that can go dead: both ends stay open and hear nothing more."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lets_through = True
        self.given_up = asyncio.Event()  # by the gateway
        self._server: asyncio.Server | None = None
        self._ends: list[asyncio.StreamWriter] = []

    async def open(self) -> int:
        """The port of this end."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """From now on nothing goes through, either way."""
        self._lets_through = False

    async def close(self) -> None:
        """Take the line away."""
        assert self._server is not None
        self._server.close()
        for end in self._ends:
            end.close()
            with suppress(ConnectionError):
                await end.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        self._ends += (writer, back)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._copy(reader, back))
            group.create_task(self._copy(there, writer, self.given_up))

    async def _copy(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        over: asyncio.Event | None = None,
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                if self._lets_through:
                    writer.write(data)
        if over is not None:
            over.set()


@pytest.fixture
async def line(two: Two) -> AsyncIterator[Line]:
    """A line to the first gateway."""
    line = Line(two.ports[0])
    yield line
    await line.close()


async def test_a_dead_connection_is_found_by_ping_and_calls_wait_for_the_camera(
    two: Two, line: Line
):
    assert two.camera.socket is not None
    await two.camera.socket.close()
    await two.camera.open(await line.open())
    line.cut()
    async with asyncio.timeout(FOUND_WITHIN_S):
        await line.given_up.wait()
    await two.viewer.say(two.phone.call(CAMERA))
    await two.viewer.hears(CallHeld)
    two.camera.socket.transport.abort()  # at its end, too, it is found out in the end
    await two.camera.open(two.ports[1])
    wanted = await two.camera.hears(CallWanted)
    await two.camera.say(two.lens.accept(wanted.request_id))
    assert (await two.viewer.hears(CallAllowed)).session == wanted.session
