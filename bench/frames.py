"""WebSocket frames (RFC 6455 §5.2), for a load generator: made ahead, hardly looked at."""

from typing import Final, NamedTuple

TEXT: Final = 0x1
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA
FIN: Final = 0x80
MASKED: Final = 0x80
KEY: Final = b"\x37\xfa\x21\x3d"  # one for all: it costs the server what a fresh one would
ONE_BYTE: Final = 126  # lengths below it fit in the second byte
TWO_BYTES: Final = 65_536


class Frame(NamedTuple):
    """A whole frame from a server."""

    kind: int
    payload: bytes


def client_frame(payload: bytes, kind: int = TEXT) -> bytes:
    """A client's frame: masked."""
    size = len(payload)
    key = int.from_bytes(KEY * (size // 4 + 1), "big") >> 8 * (4 - size % 4)
    masked = (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
    return _head(kind, size, MASKED) + KEY + masked


def server_frame(payload: bytes, kind: int = TEXT) -> bytes:
    """A server's frame."""
    return _head(kind, len(payload), 0) + payload


def _head(kind: int, size: int, masked: int) -> bytes:
    if size < ONE_BYTE:
        return bytes((FIN | kind, masked | size))
    if size < TWO_BYTES:
        return bytes((FIN | kind, masked | 126)) + size.to_bytes(2, "big")
    return bytes((FIN | kind, masked | 127)) + size.to_bytes(8, "big")


def take_frame(buffer: bytearray) -> Frame | None:
    """The first whole frame of a server's bytes, taken out of them; None where it isn't whole."""
    if len(buffer) < 2:
        return None
    size, start = buffer[1] & 0x7F, 2
    if size >= ONE_BYTE:
        start = 4 if size == ONE_BYTE else 10
        size = int.from_bytes(buffer[2:start], "big")
    if len(buffer) < start + size:
        return None
    frame = Frame(buffer[0] & 0x0F, bytes(buffer[start : start + size]))
    del buffer[: start + size]
    return frame
