"""What RFC 6455 has a server do, and its library leaves to us."""

import pytest

from signaling.protocol.close_codes import TOO_FAST
from tests.faults.conftest import Neighbours, a_registered_stranger
from tests.faults.raw_socket import (
    CLOSE,
    CONTINUATION,
    FIN,
    PING,
    PONG,
    TEXT,
    frame,
    request,
    tcp_to,
)
from tests.gateway.conftest import House

HELLO = b'{"jsonrpc":"2.0","method":"hello"}'


@pytest.mark.parametrize(
    "sent",
    [
        frame(HELLO, bits=FIN | 0x40),  # §5.2: no extension was agreed on that gives it a meaning
        frame(HELLO, bits=FIN | 0x20),
        frame(HELLO, bits=FIN | 0x10),
        frame(HELLO, CONTINUATION),  # §5.4: of what?
        frame(HELLO[:9], bits=0) + frame(HELLO) + frame(HELLO[9:], CONTINUATION),
    ],
    ids=["bit 1", "bit 2", "bit 3", "continues nothing", "message in a message"],
)
async def test_a_frame_that_the_standard_forbids_fails_its_socket(
    house: House, neighbours: Neighbours, sent: bytes
):
    async with a_registered_stranger(house) as stranger:
        await stranger.send(sent)
        assert await stranger.until_closed() == 1002
    await neighbours.still_talk()


async def test_a_close_without_a_code_is_answered_without_one(house: House, neighbours: Neighbours):
    """§5.5.1; a browser's plain `close()` says none, and takes code 0 for a broken connection."""
    async with a_registered_stranger(house) as stranger:
        await stranger.send(frame(b"", CLOSE))
        assert await stranger.hear() in ((CLOSE, b""), (CLOSE, b"\x03\xe8"))
    await neighbours.still_talk()


@pytest.mark.parametrize("house", [{"messages_per_s": 20.0}], indirect=True)
@pytest.mark.parametrize(
    ("first", "again"),
    [
        (frame(b"", TEXT, bits=0), frame(b"", CONTINUATION, bits=0)),
        (frame(HELLO), frame(b"", PING)),
        (frame(HELLO), frame(b"", PONG)),
    ],
    ids=["empty fragments", "pings", "pongs"],
)
async def test_frames_that_are_no_message_count_all_the_same(
    house: House, neighbours: Neighbours, first: bytes, again: bytes
):
    async with a_registered_stranger(house) as stranger:
        await stranger.send(first + again * 1_000)
        assert await stranger.until_closed() == TOO_FAST.number
    await neighbours.still_talk()


@pytest.mark.parametrize("version", ["8", "0", "14", "thirteen"])
async def test_another_version_of_the_protocol_is_refused(
    house: House, neighbours: Neighbours, version: str
):
    """§4.2.2: with 426 or another suitable code."""
    async with tcp_to(house.url) as socket:
        await socket.send(request(house.url, Sec_WebSocket_Version=version))
        assert (await socket.reader.readline())[:10] == b"HTTP/1.1 4"
    await neighbours.still_talk()
