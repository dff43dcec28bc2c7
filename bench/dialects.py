"""What each server under test wants to hear, so that one load generator can talk to all.

Sockets are numbered: 2n is a camera, 2n + 1 the viewer that calls it. Each has a source address in
a /24 of its own, as people's homes have.
"""

import json
from collections.abc import Iterable
from typing import Any, Final, Protocol, TypeVar

from bench.sockets import ATTACKER, Client, LoadFailed
from server.foundation.identity import Kind
from server.security.tokens import TokenDesk
from signaling.protocol.camera import Answered, CallWanted, CameraEnd
from signaling.protocol.messages import SUBPROTOCOL
from signaling.protocol.viewer import CallAllowed, Offered, ViewerEnd

BEFORE_TOKEN: Final = '{"jsonrpc":"2.0","id":1,"method":"register","params":{"authorization":"'
KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 §1.3: any will do
SDP: Final = (
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=ice-options:trickle\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 102\r\n" + "a=rtpmap:102 H264/90000\r\n" * 40
)  # about as long as a camera's
CANDIDATE: Final[dict[str, Any]] = {
    "candidate": "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr"
    " 192.168.178.21 rport 46154 generation 0 ufrag EsAw network-cost 999",
    "sdpMid": "0",
    "sdpMLineIndex": 0,
}  # as Chromium gives them

Event = TypeVar("Event")


class Dialect(Protocol):
    """How a socket of one server is opened and put through."""

    acknowledges: bool  # a message of the server's says that the socket is known

    def prepare(self, numbers: Iterable[int]) -> None:
        """Do beforehand what would slow the load down: sign tokens."""
        ...

    def upgrade(self, number: int) -> bytes:
        """The HTTP request that opens a socket."""
        ...

    def hello(self, number: int) -> bytes | None:
        """The first message, if it has to be said."""
        ...

    def heartbeat(self) -> bytes | None:
        """What a socket at rest says from time to time, where the server doesn't ask."""
        ...

    def nuisance(self, number: int) -> bytes:
        """What costs the server most, of all that this socket may say as often as it likes."""
        ...

    def put_through(self, camera: Client, viewer: Client) -> tuple[bytes, bytes]:
        """Set a call up. A candidate of the camera's for the viewer, and one the other way."""
        ...


class OurDialect:
    """Our gateway: register with a signed token, then a real call."""

    acknowledges = True

    def __init__(self, desk: TokenDesk) -> None:
        """Tokens come from the desk."""
        self._desk = desk
        self._ends: dict[int, CameraEnd | ViewerEnd] = {}
        self._hellos: dict[int, bytes] = {}

    def prepare(self, numbers: Iterable[int]) -> None:
        """Sign the tokens."""
        for number in numbers:
            self._hellos[number] = self.hello(number)

    def upgrade(self, number: int) -> bytes:
        """The request that a camera makes."""
        del number
        return upgrade_request("/signal", f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n")

    def hello(self, number: int) -> bytes:
        """`register`."""
        if said := self._hellos.pop(number, None):
            return said
        if number % 2:
            person = min(number, ATTACKER)
            token = self._desk.issue(Kind.ACCOUNT, f"acc_{person:08d}", f"ses_{person:08d}")
            end = ViewerEnd(token)
        else:
            token = self._desk.issue(Kind.CAMERA, camera_id(number), "")
            end = CameraEnd(token, capabilities=("trickle",))
        self._ends[number] = end
        return end.start()[0].encode()

    def heartbeat(self) -> None:
        """The gateway pings."""

    def nuisance(self, number: int) -> bytes:
        """A `connect` to nobody: a signature is verified, and authority and engine are asked."""
        end = self._ends[number]
        assert isinstance(end, ViewerEnd)
        return end.call("cam_nobody").encode()

    def put_through(self, camera: Client, viewer: Client) -> tuple[bytes, bytes]:
        """The call of PROTOCOL.md, from `connect` to the answer."""
        here, there = self._ends[camera.number], self._ends[viewer.number]
        assert isinstance(here, CameraEnd)
        assert isinstance(there, ViewerEnd)
        viewer.say(there.call(camera_id(camera.number)).encode())
        wanted = _heard(here, camera, CallWanted)
        camera.say(here.accept(wanted.request_id).encode())
        camera.say(here.invite(wanted.session, SDP).encode())
        _heard(there, viewer, CallAllowed)
        offered = _heard(there, viewer, Offered)
        viewer.say(there.answer(offered.request_id, SDP).encode())
        _heard(here, camera, Answered)
        candidate = here.candidate(wanted.session, CANDIDATE).encode()
        return candidate, candidate


class BareDialect:
    """The bare relay: a number in the address, and our candidates, which it doesn't read."""

    def __init__(self, desk: TokenDesk | None = None) -> None:
        """With a desk it checks signatures."""
        self._desk = desk
        self._hellos: dict[int, bytes] = {}
        self.acknowledges = desk is not None

    def prepare(self, numbers: Iterable[int]) -> None:
        """Sign the tokens, if there are any."""
        if self._desk is not None:
            self._hellos = {number: self.hello(number) or b"" for number in numbers}

    def upgrade(self, number: int) -> bytes:
        """A request with the number."""
        return upgrade_request(f"/?n={number}")

    def hello(self, number: int) -> bytes | None:
        """What our own camera says first."""
        if self._desk is None:
            return None
        if said := self._hellos.pop(number, None):
            return said
        token = self._desk.issue(Kind.CAMERA, camera_id(number), "")
        return CameraEnd(token, capabilities=("trickle",)).start()[0].encode()

    def heartbeat(self) -> None:
        """Picows pings, or nobody does."""

    def nuisance(self, number: int) -> bytes:
        """A message for its own pair."""
        return CameraEnd("").candidate(f"call_{number:022d}", CANDIDATE).encode()

    def put_through(self, camera: Client, viewer: Client) -> tuple[bytes, bytes]:
        """Nothing has to be set up."""
        del viewer
        candidate = CameraEnd("").candidate(f"call_{camera.number:022d}", CANDIDATE).encode()
        return candidate, candidate


class PeerJsDialect:
    """PeerJS server: an id that nobody checks in the address, and candidates in its envelope."""

    acknowledges = True  # with OPEN

    def prepare(self, numbers: Iterable[int]) -> None:
        """Nothing is signed."""

    def upgrade(self, number: int) -> bytes:
        """The request that its own client makes."""
        name = camera_id(number)
        return upgrade_request(f"/peerjs?key=peerjs&id={name}&token={number:08d}&version=1.5.4")

    def hello(self, number: int) -> None:
        """The address has said it."""
        del number

    def heartbeat(self) -> bytes:
        """Its client's sign of life."""
        return b'{"type":"HEARTBEAT"}'

    def nuisance(self, number: int) -> bytes:
        """A candidate for itself."""
        return self._candidate(number)

    def put_through(self, camera: Client, viewer: Client) -> tuple[bytes, bytes]:
        """Its calls are set up by the messages themselves."""
        return self._candidate(viewer.number), self._candidate(camera.number)

    def _candidate(self, to: int) -> bytes:
        told = {"candidate": CANDIDATE, "type": "media", "connectionId": f"mc_{to:011d}"}
        message = {"type": "CANDIDATE", "payload": told, "dst": camera_id(to)}
        return json.dumps(message, separators=(",", ":")).encode()


def camera_id(number: int) -> str:
    """The id of a socket's owner, always as long."""
    return f"cam_{number:08d}"


def behind_token(text: str) -> str:
    """The token at the beginning of a text that goes on in JSON."""
    return text.partition('"')[0]


def upgrade_request(path: str, more: str = "") -> bytes:
    """The request that opens a WebSocket (RFC 6455 §4.1)."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n"
        f"{more}\r\n"
    ).encode()


def _heard(end: CameraEnd | ViewerEnd, client: Client, kind: type[Event]) -> Event:
    """The next event, which has to be of that kind."""
    events = end.receive(client.hear())
    if len(events) != 1 or not isinstance(events[0], kind):
        raise LoadFailed(f"the gateway said {events} where {kind.__name__} was due")
    return events[0]
