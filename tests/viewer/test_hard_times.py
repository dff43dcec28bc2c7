"""A phone that is cut off in the set-up, and one that may not learn where the camera is."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from devices.agent.capture import Capture
from devices.viewer.watching import RELAYED, CannotWatch, watch
from signaling.turn_credentials import IceServers
from tests.agent.gateway_house import CAMERA, Told, camera_online, gateway_house
from tests.gateway.test_turn_credentials import SECRET, relay

pytestmark = pytest.mark.media


@asynccontextmanager
async def breaking_at(word: bytes, port: int) -> AsyncGenerator[str]:
    """A way to the gateway that breaks once, without a word, when it hears this from there."""
    broken = False
    writers: list[asyncio.StreamWriter] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, down: bool) -> None:
        nonlocal broken
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if down and not broken and word in data:
                    broken = True
                    for each in writers:
                        each.transport.abort()
                    return
                writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, away = await asyncio.open_connection("127.0.0.1", port)
        writers.extend((writer, away))
        await asyncio.gather(pump(reader, away, down=False), pump(there, writer, down=True))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/signal"
    finally:
        server.close()
    assert broken


async def test_a_phone_that_is_cut_off_as_the_offer_comes_goes_on_where_it_was(capture: Capture):
    async with (
        gateway_house() as house,
        camera_online(house, capture, Told()),
        breaking_at(b'"invite"', house.gateway.port) as url,
        await watch(url, "owner-token", CAMERA, within=15) as watching,
    ):
        await watching.frames(5)
        assert watching.resumed == 1


async def test_by_a_relay_neither_end_learns_the_others_address(capture: Capture, tmp_path: Path):
    told = Told()
    async with relay(tmp_path) as (host, port):
        ice = IceServers((), (f"turn:{host}:{port}?transport=udp",), SECRET, 600)
        async with gateway_house(ice_servers=ice) as house, camera_online(house, capture, told):
            hidden = await watch(house.url, "owner-token", CAMERA, within=30, relay_only=True)
            async with hidden:
                await hidden.frames(5)
                assert hidden.path == RELAYED
                offer = hidden._connection.remoteDescription.sdp
                answer = hidden._connection.localDescription.sdp
    for description in (offer, answer):
        kinds = [line for line in description.splitlines() if line.startswith("a=candidate:")]
        assert kinds
        assert all(" typ relay" in line for line in kinds)


async def test_where_there_is_no_relay_a_call_that_needs_one_is_refused(capture: Capture):
    async with gateway_house() as house, camera_online(house, capture, Told()):
        with pytest.raises(CannotWatch) as refused:
            await watch(house.url, "owner-token", CAMERA, relay_only=True)
    assert refused.value.code == 403
