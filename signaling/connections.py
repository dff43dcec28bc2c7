"""One WebSocket of ours: frames in, frames out, and the limits that a socket has by itself.

What one read brings is heard whole before anything is written, and what it leads to leaves in
one write for each peer. An idle socket is only what picows needs and these few members.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol
from urllib.parse import parse_qs, urlsplit

from picows import (
    WSCloseCode,
    WSFrame,
    WSListener,
    WSMsgType,
    WSTransport,
    WSUpgradeRequest,
    WSUpgradeResponse,
)

from signaling.buckets import AccountBuckets, Bucket
from signaling.networks import Network
from signaling.protocol.close_codes import BROKEN, INTERNAL, SLOW_READER, TOO_FAST, Close
from signaling.protocol.messages import SUBPROTOCOL

PATH: Final = "/signal"
VERSION: Final = "13"
TEXT: Final = WSMsgType.TEXT
LINGER_S: Final = 0.2
QUIET_VISITS: Final = 2  # silent at so many visits in a row: pinged
DEAD_VISITS: Final = 4  # and at so many: gone
SHORT: Final = 126  # RFC 6455 §5.2: payloads from here on have a longer header
MEDIUM: Final = 65_536
MANY: Final = 1_024  # nearly all messages are shorter


class Heard(Protocol):
    """Who owns the sockets."""

    def joined(self, connection: "Connection") -> None:
        """A socket opened."""
        ...

    def heard(self, connection: "Connection", frames: list[bytes], now: float) -> None:
        """Whole text messages came, by one read: all that it brought, or nearly."""
        ...

    def said(self, connection: "Connection") -> None:
        """Something waits to be written; call `flush` when all that is to be said is said."""
        ...

    def refused(self, connection: "Connection", close: Close) -> float:
        """A socket is to be closed for a reason that is counted: after so many seconds."""
        ...

    def left(self, connection: "Connection", *, clean: bool) -> None:
        """A socket is gone: `clean` where it was closed in words. Told once."""
        ...


class Connection(WSListener):
    """A camera's or a viewer's socket."""

    __slots__ = (
        "_bucket", "_clean", "_clock", "_closing", "_fragments", "_limits", "_out", "_owner",
        "_read", "_transport", "_visits", "account", "forwarded", "network", "number", "token",
    )  # fmt: skip

    def __init__(
        self,
        number: int,
        request: WSUpgradeRequest,
        owner: Heard,
        clock: Callable[[], float],
        limits: "SocketLimits",
    ) -> None:
        self.number = number
        self.token = token_of(request)
        self.forwarded = tuple(request.headers.getall("X-Forwarded-For", ()))
        self.network: Network | None = None
        self.account: AccountBuckets | None = None  # shared with its account's other sockets
        self._owner = owner
        self._clock = clock
        self._limits = limits
        self._bucket = Bucket(limits.messages_per_s, limits.messages_per_s * 4, clock())
        self._transport: WSTransport | None = None
        self._fragments: bytearray | None = None
        self._out: list[bytes] | None = None
        self._closing = False
        self._clean = False
        self._visits = 0
        self._read: list[bytes] | None = None  # messages of the read that is going on

    @property
    def peer_host(self) -> str:
        """The address that the socket comes from: the peer's own, or our proxy's."""
        assert self._transport is not None  # noqa: S101 - asked for once it is open only
        peer = self._transport.underlying_transport.get_extra_info("peername")
        return str(peer[0]) if peer else ""

    def say(self, frame: bytes) -> None:
        """Send a text frame with the next flush; one that is closing hears nothing more."""
        if self._out is not None:
            self._out.append(frame)
        elif self._transport is not None and not self._closing:
            self._out = [frame]
            self._owner.said(self)

    def pass_on(self, frames: Sequence[bytes]) -> None:
        """Send text frames now, together, or behind those that wait for the next flush."""
        if self._out is not None:
            self._out.extend(frames)
        elif self._transport is not None and not self._closing:
            _write(self._transport, frames)

    def flush(self) -> None:
        """Write what was said, together."""
        out, self._out = self._out, None
        if out is not None and self._transport is not None and not self._closing:
            _write(self._transport, out)

    def close(self, close: Close) -> None:
        """Say what is left to say, say why, and close."""
        if self._transport is None or self._closing:
            return
        self.flush()
        self._closing = self._clean = True
        self._part(close)

    @property
    def is_closing(self) -> bool:
        """Whether nothing more is heard from it or said to it."""
        return self._closing

    @property
    def waiting(self) -> int:
        """How many bytes wait to be read by the peer, beyond what the system keeps."""
        if self._transport is None:
            return 0
        return self._transport.underlying_transport.get_write_buffer_size()

    def refuse(self, close: Close) -> None:
        """Close for a reason that is counted, perhaps after a while of hearing nothing of it."""
        if self._closing or self._transport is None:
            return
        wait_s = self._owner.refused(self, close)
        if not wait_s:
            self.close(close)
            return
        self.flush()
        self._closing = self._clean = True
        self._transport.underlying_transport.pause_reading()
        asyncio.get_running_loop().call_later(wait_s, self._part, close)

    def visit(self) -> None:
        """Called again and again at equal times: a silent peer is pinged, a dead one cut off."""
        self._visits += 1
        if self._transport is None or self._visits < QUIET_VISITS:
            return
        if self._visits >= DEAD_VISITS:
            self._transport.disconnect(graceful=False)
        elif self._visits == QUIET_VISITS and not self._closing:
            self._transport.send_ping()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """picows: the handshake is done."""
        self._transport = transport
        high = self._limits.max_outbound
        transport.underlying_transport.set_write_buffer_limits(high=high)
        transport.request.headers.clear()  # picows would keep both as long as the socket
        if transport.response is not None:  # pyright: ignore[reportUnnecessaryComparison] - it may be
            transport.response.headers.clear()
        self._owner.joined(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """picows: a frame came. Text is taken, fragments too; other kinds are answered."""
        read = self._read
        if (
            frame.msg_type is TEXT
            and frame.fin
            and not (frame.rsv1 or frame.rsv2 or frame.rsv3)
            and self._fragments is None
        ):
            if read is None:
                read = self._read = []
            read.append(frame.get_payload_as_bytes())
        else:
            if read is not None:
                self._hear(read)
            self._other(transport, frame)
            read = self._read
        if frame.last_in_buffer and read is not None:
            self._hear(read)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """picows: the socket is gone."""
        del transport
        self._transport = self._out = None
        self._owner.left(self, clean=self._clean)

    def pause_writing(self) -> None:
        """picows: more is waiting to be read by the peer than we are willing to keep."""
        transport = self._transport
        self.refuse(SLOW_READER)
        if transport is not None:
            transport.disconnect(graceful=False)

    def _hear(self, frames: list[bytes]) -> None:
        self._read, self._visits = None, 0
        now = self._clock()
        if self._closing or not self._may_say(len(frames), now):
            return
        try:
            self._owner.heard(self, frames, now)
        except Exception:
            self.refuse(INTERNAL)
            raise

    def _may_say(self, count: int, now: float) -> bool:
        if self._bucket.take(count, now) and (
            self.account is None or self.account.messages.take(count, now)
        ):
            return True
        self.refuse(TOO_FAST)
        return False

    def _other(self, transport: WSTransport, frame: WSFrame) -> None:
        self._visits = 0
        kind = frame.msg_type
        if self._closing:
            if kind is WSMsgType.CLOSE:
                transport.disconnect()
        elif not self._may_say(1, self._clock()):
            pass
        elif frame.rsv1 or frame.rsv2 or frame.rsv3:  # RFC 6455 §5.2: none was agreed on
            self._fail(transport)
        elif kind is WSMsgType.CLOSE:
            self.flush()
            self._closing = self._clean = True
            transport.send_close(frame.get_close_code() or WSCloseCode.OK, None)
            transport.disconnect()
        elif kind is WSMsgType.PING:
            self.flush()
            transport.send_pong(frame.get_payload_as_bytes())
        elif kind in (WSMsgType.TEXT, WSMsgType.CONTINUATION):
            self._gather(transport, frame, begins=kind is WSMsgType.TEXT)
        elif kind is WSMsgType.BINARY:
            self.refuse(BROKEN)

    def _part(self, close: Close) -> None:
        if self._transport is None:
            return
        self._transport.send_close(close.number, close.reason.encode())  # pyright: ignore[reportArgumentType] - picows takes any code
        self._linger(self._transport)

    def _fail(self, transport: WSTransport) -> None:
        """The peer breaks WebSocket itself."""
        self.flush()
        self._closing = self._clean = True
        transport.send_close(WSCloseCode.PROTOCOL_ERROR, None)
        self._linger(transport)

    def _linger(self, transport: WSTransport) -> None:
        """Closed with bytes unread, TCP would take the peer's reason away before it is read."""
        asyncio.get_running_loop().call_later(LINGER_S, transport.disconnect)

    def _gather(self, transport: WSTransport, frame: WSFrame, *, begins: bool) -> None:
        if begins is (self._fragments is not None):  # RFC 6455 §5.4: one message at a time
            self._fail(transport)
            return
        whole = self._fragments = self._fragments or bytearray()
        whole += frame.get_payload_as_bytes()
        if len(whole) > self._limits.max_message:
            self.refuse(BROKEN)
        elif frame.fin:
            self._fragments = None
            self._read = [bytes(whole)]


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """What one socket may do: messages a second (four seconds' worth at once), bytes."""

    messages_per_s: float
    max_message: int
    max_outbound: int


def header_of(size: int) -> bytes:
    """The header of a whole text frame from a server, for a payload of so many bytes."""
    if size < SHORT:
        return bytes((0x81, size))
    if size < MEDIUM:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")


def _write(transport: WSTransport, frames: Sequence[bytes]) -> None:
    if len(frames) == 1:
        transport.send(TEXT, frames[0])
        return
    parts: list[bytes] = []
    for frame in frames:
        size = len(frame)
        parts += (HEADERS[size] if size < MANY else header_of(size), frame)
    transport.underlying_transport.write(b"".join(parts))


HEADERS: Final = tuple(header_of(size) for size in range(MANY))


def token_of(request: WSUpgradeRequest) -> str | None:
    """The token that came with the upgrade: the header (RFC 6750 §2.1), else the query (§2.3)."""
    header = request.headers.get("Authorization", "")
    if header.lower().startswith("bearer "):
        return header[7:].strip() or None
    query = parse_qs(urlsplit(request.path.decode("ascii", "replace")).query)
    return next(iter(query.get("access_token", [])), None)


class Refusal(NamedTuple):
    """Why an upgrade is refused, and the answer that says so."""

    reason: str
    response: WSUpgradeResponse


def refusal_of(request: WSUpgradeRequest, origins: frozenset[str]) -> Refusal | None:
    """Why this upgrade is refused; None where it may go on.

    A page of another origin is refused, because a browser would let it speak from its visitor's
    address (cross-site WebSocket hijacking). Programs send no Origin.
    """
    if urlsplit(request.path.decode("ascii", "replace")).path != PATH:
        return _refused(404, "not_found", f"signaling is at {PATH}")
    if request.headers.get("Sec-WebSocket-Version") != VERSION:
        return _refused(426, "version_refused", f"speak version {VERSION} of WebSocket")
    origin = request.headers.get("Origin")
    if origin is not None and origin not in origins:
        return _refused(403, "origin_refused", "this page may not open a socket here")
    offered = offered_subprotocols(request)
    if offered and SUBPROTOCOL not in offered:
        return _refused(400, "no_common_subprotocol", f"offer {SUBPROTOCOL}, or none")
    return None


def offered_subprotocols(request: WSUpgradeRequest) -> list[str]:
    """The subprotocols that the peer offered, in its order."""
    lines = request.headers.getall("Sec-WebSocket-Protocol", [])
    return [name.strip() for line in lines for name in line.split(",") if name.strip()]


def _refused(status: int, code: str, remedy: str) -> Refusal:
    body = f'{{"type":"urn:secuhome:problem:{code}","status":{status},"remedy":"{remedy}"}}'
    headers = {
        "Content-Type": "application/problem+json",
        "Connection": "close",
        "Sec-WebSocket-Version": VERSION,  # RFC 6455 §4.4: what a peer of another one may try
    }
    response = WSUpgradeResponse.create_error_response(status, body.encode(), headers)
    return Refusal(code, response)
