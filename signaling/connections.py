"""One WebSocket of ours: frames in, frames out, and the limits that a socket has by itself."""

from collections.abc import Callable
from typing import Final, Protocol
from urllib.parse import parse_qs, urlsplit

from picows import WSFrame, WSListener, WSMsgType, WSTransport, WSUpgradeRequest, WSUpgradeResponse

from signaling.protocol.close_codes import BROKEN, INTERNAL, SLOW_READER, TOO_FAST, Close
from signaling.protocol.messages import SUBPROTOCOL

PATH: Final = "/signal"
OPEN_FRAGMENTS: Final = (WSMsgType.TEXT, WSMsgType.CONTINUATION)


class Heard(Protocol):
    """Who owns the sockets."""

    def joined(self, connection: "Connection") -> None:
        """A socket opened."""
        ...

    def heard(self, connection: "Connection", frame: bytes) -> None:
        """A whole text message came."""
        ...

    def left(self, connection: "Connection") -> None:
        """A socket is gone. Told once."""
        ...


class Bucket:
    """A token bucket: `rate` a second, and so much at once."""

    __slots__ = ("_burst", "_level", "_rate", "_then")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst, self._level, self._then = rate, burst, burst, now

    def take(self, now: float) -> bool:
        """Take one, if there is one. `now` is in seconds of a clock that never goes back."""
        self._level = min(self._burst, self._level + (now - self._then) * self._rate)
        self._then = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


class Connection(WSListener):
    """A camera's or a viewer's socket."""

    def __init__(
        self,
        number: int,
        token: str | None,
        owner: Heard,
        *,
        clock: Callable[[], float],
        messages_per_s: float,
        max_message: int,
        max_outbound: int,
    ) -> None:
        self.number = number
        self.token = token
        self._owner = owner
        self._clock = clock
        self._bucket = Bucket(messages_per_s, messages_per_s * 4, clock())
        self._max_message = max_message
        self._max_outbound = max_outbound
        self._transport: WSTransport | None = None
        self._fragments = bytearray()
        self._closing = False

    def say(self, frame: bytes) -> None:
        """Send a text frame; one that is closing hears nothing more."""
        if self._transport is not None and not self._closing:
            self._transport.send(WSMsgType.TEXT, frame)

    def close(self, close: Close) -> None:
        """Say why, and close."""
        if self._transport is None or self._closing:
            return
        self._closing = True
        self._transport.send_close(close.number, close.reason.encode())  # pyright: ignore[reportArgumentType] - picows takes any code
        self._transport.disconnect()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """picows: the handshake is done."""
        self._transport = transport
        transport.underlying_transport.set_write_buffer_limits(high=self._max_outbound)
        self._owner.joined(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """picows: a frame came. Text is taken, fragments too; other kinds are answered."""
        del transport
        if self._closing:
            return
        if frame.msg_type is WSMsgType.TEXT and frame.fin:
            self._take(frame.get_payload_as_bytes())
        elif frame.msg_type in OPEN_FRAGMENTS:
            self._gather(frame)
        elif frame.msg_type is WSMsgType.CLOSE and self._transport:
            self._closing = True
            self._transport.send_close(frame.get_close_code(), None)
            self._transport.disconnect()
        elif frame.msg_type is WSMsgType.BINARY:
            self.close(BROKEN)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """picows: the socket is gone."""
        del transport
        self._transport = None
        self._owner.left(self)

    def pause_writing(self) -> None:
        """picows: more is waiting to be read by the peer than we are willing to keep."""
        transport = self._transport
        self.close(SLOW_READER)
        if transport is not None:
            transport.disconnect(graceful=False)

    def _gather(self, frame: WSFrame) -> None:
        self._fragments += frame.get_payload_as_bytes()
        if len(self._fragments) > self._max_message:
            self.close(BROKEN)
        elif frame.fin:
            whole = bytes(self._fragments)
            self._fragments.clear()
            self._take(whole)

    def _take(self, message: bytes) -> None:
        if not self._bucket.take(self._clock()):
            self.close(TOO_FAST)
            return
        try:
            self._owner.heard(self, message)
        except Exception:
            self.close(INTERNAL)
            raise


def token_of(request: WSUpgradeRequest) -> str | None:
    """The token that came with the upgrade: the header (RFC 6750 §2.1), else the query (§2.3)."""
    header = request.headers.get("Authorization", "")
    if header.lower().startswith("bearer "):
        return header[7:].strip() or None
    query = parse_qs(urlsplit(request.path.decode("ascii", "replace")).query)
    return next(iter(query.get("access_token", [])), None)


def refusal_of(request: WSUpgradeRequest, origins: frozenset[str]) -> WSUpgradeResponse | None:
    """Why this upgrade is refused; None where it may go on.

    A page of another origin is refused, because a browser would let it speak from its visitor's
    address (cross-site WebSocket hijacking). Programs send no Origin.
    """
    if urlsplit(request.path.decode("ascii", "replace")).path != PATH:
        return _refused(404, "not_found", f"signaling is at {PATH}")
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


def _refused(status: int, code: str, remedy: str) -> WSUpgradeResponse:
    body = f'{{"type":"urn:secuhome:problem:{code}","status":{status},"remedy":"{remedy}"}}'
    headers = {"Content-Type": "application/problem+json", "Connection": "close"}
    return WSUpgradeResponse.create_error_response(status, body.encode(), headers)
