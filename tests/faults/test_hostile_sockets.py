"""Peers that don't keep to HTTP or WebSocket: closed in time, and nobody else notices."""

import asyncio
import random

import pytest

from server.foundation.identity import Kind
from signaling.protocol.close_codes import BROKEN
from tests.faults.conftest import Neighbours, a_registered_stranger
from tests.faults.raw_socket import (
    BINARY,
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
from tests.gateway.conftest import ORIGIN, House, register

GOODBYE = b'{"jsonrpc":"2.0","id":5,"method":"unregister"}'
HALF = b"x" * 40_000  # two of them are over the limit of a message
soon = pytest.mark.parametrize("house", [{"upgrade_within": 0.3}], indirect=True)


@soon
@pytest.mark.parametrize(
    "said",
    [b"", b"G", b"GET /sig", b"GET /signal HTTP/1.1\r\nHost: x\r\n", b"\x16\x03\x01\x02\x00\x01"],
    ids=["nothing", "a letter", "half a line", "half a request", "TLS"],
)
async def test_a_connection_that_never_becomes_a_socket_is_closed(
    house: House, neighbours: Neighbours, said: bytes
):
    async with tcp_to(house.url) as socket:
        await socket.send(said)
        assert await socket.rest() == b""
    await neighbours.still_talk()


@soon
async def test_a_request_that_comes_letter_by_letter_is_closed_all_the_same(
    house: House, neighbours: Neighbours
):
    """Each byte in time must not buy the next one more time (slowloris)."""
    async with tcp_to(house.url) as socket:
        closed = asyncio.create_task(socket.rest())
        for letter in request(house.url):
            if closed.done():
                break
            await socket.send(bytes([letter]))
            await asyncio.wait([closed], timeout=0.02)  # 150 letters take 3 s
        assert closed.done()
        assert await closed == b""
    await neighbours.still_talk()


@soon
async def test_many_half_open_connections_keep_nobody_out(house: House, neighbours: Neighbours):
    async with asyncio.TaskGroup() as group:
        for _ in range(200):
            group.create_task(hang(house))
        await asyncio.sleep(0)
        await neighbours.still_talk()


async def hang(house: House) -> None:
    """Half an upgrade, held open for as long as the other side lets it."""
    async with tcp_to(house.url) as socket:
        await socket.send(b"GET /signal HTTP/1.1\r\n")
        await socket.rest()


@pytest.mark.parametrize(
    "said",
    [
        b"\0\1\2\r\n\r\n",
        b"GET /signal HTTP/1.1\r\nno header\r\n\r\n",
        b"GET /signal HTTP/1.1\r\nX: " + b"a" * 100_000,
        b"POST /signal HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /signal HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["bytes", "no header", "endless header", "POST", "no upgrade"],
)
async def test_what_is_no_upgrade_is_refused_at_once(
    house: House, neighbours: Neighbours, said: bytes
):
    async with tcp_to(house.url) as socket:
        await socket.send(said)
        answer = await socket.rest()
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    await neighbours.still_talk()


@pytest.mark.parametrize("key", ["", "abc", "x" * 200])
async def test_an_upgrade_without_a_good_key_is_refused(
    house: House, neighbours: Neighbours, key: str
):
    async with tcp_to(house.url) as socket:
        await socket.send(request(house.url, Sec_WebSocket_Key=key))
        assert (await socket.rest()).startswith(b"HTTP/1.1 400 ")
    await neighbours.still_talk()


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "null", "", ORIGIN.replace("http:", "https:"), f"{ORIGIN}1",
        f"{ORIGIN}.evil.example", f"{ORIGIN}/", "file://",
    ],
)  # fmt: skip
async def test_a_page_of_any_other_origin_gets_no_socket(
    house: House, neighbours: Neighbours, origin: str
):
    async with tcp_to(house.url) as socket:
        await socket.send(request(house.url, Origin=origin))
        assert (await socket.rest()).startswith(b"HTTP/1.1 403 ")
    await neighbours.still_talk()


@pytest.mark.parametrize(
    "offered", ["mqtt", "webrtc.onvif.org.evil", "WEBRTC.ONVIF.ORG", "mqtt, soap"]
)
async def test_only_foreign_subprotocols_are_refused(
    house: House, neighbours: Neighbours, offered: str
):
    async with tcp_to(house.url) as socket:
        await socket.send(request(house.url, Sec_WebSocket_Protocol=offered))
        assert (await socket.rest()).startswith(b"HTTP/1.1 400 ")
    await neighbours.still_talk()


async def test_a_refusal_does_not_repeat_the_token(house: House, neighbours: Neighbours):
    async with tcp_to(house.url) as socket:
        asked = request(f"{house.url}?access_token=hunter2", Origin="https://evil.example")
        assert b"hunter2" in asked
        await socket.send(asked)
        answer = await socket.rest()
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"hunter2" not in answer
    await neighbours.still_talk()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(GOODBYE, masked=False), 1002),  # RFC 6455 §5.1
        (frame(GOODBYE, 0x3), 1002),  # §5.2
        (frame(GOODBYE, 0xB), 1002),
        (frame(b"x" * 126, PING), 1002),  # §5.5
        (frame(b"x" * 126, PONG), 1002),
        (frame(b"\x03\xe8" + b"x" * 124, CLOSE), 1002),
        (frame(b"x", PING, bits=0), 1002),
        (frame(b"\x03", CLOSE), 1002),
        (frame(b"\x00\x01", CLOSE), 1002),  # §7.4.1
        (frame(b"x", claims=2**62), 1009),
        (frame(b"x", claims=2**63 + 1), 1002),
        (frame(b"x" * 70_000), 1009),
        (frame(HALF, bits=0) + frame(HALF, CONTINUATION), BROKEN.number),
        (frame(HALF, bits=0) + frame(HALF, CONTINUATION, bits=0) * 20, BROKEN.number),
        (frame(b"\0\1", BINARY), BROKEN.number),
    ],
    ids=[
        "unmasked", "opcode 3", "opcode B", "long ping", "long pong", "long close", "split ping",
        "short close", "close code 1", "4 EiB", "negative length", "70 kB", "two fragments",
        "endless fragments", "binary",
    ],
)  # fmt: skip
async def test_a_frame_against_the_rules_closes_its_socket_and_no_other(
    house: House, neighbours: Neighbours, sent: bytes, code: int
):
    async with a_registered_stranger(house) as stranger:
        await stranger.send(sent)
        assert await stranger.until_closed() == code
    await neighbours.still_talk()


@pytest.mark.parametrize("seed", range(8))
async def test_noise_on_the_wire_disturbs_nobody(house: House, neighbours: Neighbours, seed: int):
    noise = random.Random(seed).randbytes(12_800)
    async with a_registered_stranger(house) as stranger:
        await stranger.send(noise)
        stranger.writer.write_eof()
        await stranger.until_closed()
    await neighbours.still_talk()


async def test_a_socket_that_breaks_off_in_a_frame_leaves_nothing_behind(
    house: House, neighbours: Neighbours
):
    whole = frame(register(house.let_in(Kind.ACCOUNT, "acc_stranger")).encode())
    for length in range(1, len(whole), 7):
        async with tcp_to(house.url) as socket:
            await socket.upgraded(house.url)
            await socket.send(whole[:length])
            if length % 2:
                socket.writer.transport.abort()
    await neighbours.still_talk()


async def test_a_flood_of_pings_is_answered_or_closed_and_neighbours_are_heard(
    house: House, neighbours: Neighbours
):
    async with a_registered_stranger(house) as stranger:
        await stranger.send(frame(b"x", PING, bits=FIN) * 2_000)
        await neighbours.still_talk()
        await stranger.send(frame(b"", TEXT, bits=0) + frame(b"", CONTINUATION, bits=0) * 2_000)
        await neighbours.still_talk()
