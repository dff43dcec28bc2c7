"""A WebSocket client that keeps to no rule: for peers that a decent library would not let be."""

import asyncio
import base64
import os
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FIN: Final = 0x80
PATIENCE_S: Final = 5.0


def request(url: str, **headers: str) -> bytes:
    """An upgrade request as RFC 6455 §4.1 wants it; headers given replace the usual ones."""
    parts = urlsplit(url)
    usual = {
        "Host": parts.netloc,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
    }
    named = usual | {name.replace("_", "-"): value for name, value in headers.items()}
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def frame(
    payload: bytes, opcode: int = TEXT, *, bits: int = FIN, masked: bool = True, claims: int = -1
) -> bytes:
    """A frame. `claims` is the length that its header tells, where that is not the payload's."""
    length = claims if claims >= 0 else len(payload)
    mask_bit = 0x80 if masked else 0
    if length < 126:
        head = struct.pack("!BB", bits | opcode, mask_bit | length)
    elif length < 65_536:
        head = struct.pack("!BBH", bits | opcode, mask_bit | 126, length)
    else:
        head = struct.pack("!BBQ", bits | opcode, mask_bit | 127, length)
    if not masked:
        return head + payload
    return head + b"\0\0\0\0" + payload  # a mask of zeros is a mask


@dataclass
class RawSocket:
    """A TCP connection to a gateway."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send bytes; nothing is said if the other side is gone already."""
        with suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def upgraded(self, url: str) -> None:
        """Become a WebSocket."""
        await self.send(request(url))
        async with asyncio.timeout(PATIENCE_S):
            answer = await self.reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 101 ")

    async def hear(self) -> tuple[int, bytes]:
        """The next frame: its opcode and payload. Raises IncompleteReadError at the end."""
        async with asyncio.timeout(PATIENCE_S):
            first, second = await self.reader.readexactly(2)
            length = second & 0x7F
            if length >= 126:
                size = 2 if length == 126 else 8
                length = int.from_bytes(await self.reader.readexactly(size), "big")
            return first & 0x0F, await self.reader.readexactly(length)

    async def until_closed(self) -> int | None:
        """Wait until the other side has closed; the close code, where it told one."""
        code: int | None = None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                opcode, payload = await self.hear()
                if opcode == CLOSE and len(payload) >= 2:
                    code = int.from_bytes(payload[:2], "big")
        return code

    async def rest(self) -> bytes:
        """All that comes until the other side closes."""
        async with asyncio.timeout(PATIENCE_S):
            with suppress(ConnectionError):
                return await self.reader.read()
        return b""


@asynccontextmanager
async def tcp_to(url: str) -> AsyncGenerator[RawSocket]:
    """A bare TCP connection to where a gateway listens."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield RawSocket(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
