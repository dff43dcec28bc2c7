"""JSON-RPC 2.0 as the ONVIF WebRTC specification uses it: frames to messages and back.

A frame is parsed once. Members that are only passed on (`candidate`, `profile`, …) stay the bytes
that they were (`msgspec.Raw`). Members that we don't know are ignored, as the specification asks.
A member that comes twice is refused: we would go by the last, and the peer that a frame is passed
on to perhaps by the first, which may name somebody else's session.
"""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from signaling.protocol import faults
from signaling.protocol.faults import Fault

Id = int | str
T = TypeVar("T")
SUBPROTOCOL: Final = "webrtc.onvif.org"  # offered and named when the socket opens
SDP_BYTES: Final = 65_536  # a camera with audio, video and data needs about 3 KiB


class Unreadable(Exception):  # noqa: N818 - says what the frame is
    """A frame that is no message. `fault` tells the peer why; `id` is its request, if any."""

    def __init__(self, fault: Fault, id: Id | None = None) -> None:  # noqa: A002 - JSON-RPC's word
        super().__init__(fault.message)
        self.fault = fault
        self.id = id


class Request(Struct, frozen=True):
    """Something that wants an answer."""

    id: Id
    method: str
    params: Raw


class Notification(Struct, frozen=True):
    """Something that wants none. `frame` is what came in, for passing on."""

    method: str
    params: Raw
    frame: bytes


class Response(Struct, frozen=True):
    """A good answer to a request of ours."""

    id: Id
    result: Raw


class Failure(Struct, frozen=True):
    """A refusal of a request of ours, or (without id) the end of the session that it names."""

    id: Id | None
    code: int
    message: str
    session: str | None
    frame: bytes


Message = Request | Notification | Response | Failure


class _Error(Struct):
    code: int
    message: str = ""
    session: str | None = None


class _Frame(Struct):
    jsonrpc: str | UnsetType = UNSET
    id: Raw | UnsetType = UNSET
    method: str | UnsetType = UNSET
    params: Raw | UnsetType = UNSET
    result: Raw | UnsetType = UNSET
    error: _Error | UnsetType = UNSET


class Resume(Struct, frozen=True):
    """Where an endpoint left off: its epoch, and how many frames it has received in it."""

    epoch: str
    offset: int


class RunningCall(Struct, frozen=True):
    """A call that a camera has running, and the ticket that it got with it."""

    session: Annotated[str, Meta(max_length=128)]
    ticket: Annotated[str, Meta(max_length=1024)]


class RegisterWish(Struct):
    """`register`, our member: come back to where I was; or these calls of mine run."""

    resume: Resume | None = None
    calls: tuple[RunningCall, ...] = ()


class RegisterParams(Struct):
    """`register`: who I am."""

    authorization: str | None = None
    name: str | None = None
    capabilities: list[str] | None = None
    secuhome: RegisterWish | UnsetType = UNSET


class Epoch(Struct, frozen=True):
    """`register`'s answer, our member: what to come back with, and how soon.

    `offset` counts the frames that you have received since your first `register` was answered,
    `heard` those that we have received from you since. A resumed endpoint sends the rest again.
    """

    epoch: str
    offset: int
    keep_s: float
    heard: int


class RegisterResult(Struct, omit_defaults=True):
    """The good answer to `register`: the id that the token names."""

    id: str
    secuhome: Epoch | UnsetType = UNSET


class Privacy(Struct, frozen=True, omit_defaults=True):
    """`connect`, our member: neither end may learn the other's address."""

    relay_only: bool = False


class CallTerms(Privacy, frozen=True, omit_defaults=True):
    """`connect`, to a camera, our member: `ticket` is for us, should you have to register anew."""

    ticket: str | None = None


class ConnectParams(Struct):
    """`connect`, from a viewer: whom I want to see."""

    peer: str
    authorization: str
    profile: Raw | UnsetType = UNSET
    secuhome: Privacy | UnsetType = UNSET


class CallParams(Struct, omit_defaults=True):
    """`connect`, to a camera: somebody wants to see you."""

    session: str
    iceServers: Raw | UnsetType = UNSET  # noqa: N815 - the specification's spelling
    profile: Raw | UnsetType = UNSET
    expiryTimeSeconds: int | UnsetType = UNSET  # noqa: N815 - likewise
    secuhome: CallTerms | UnsetType = UNSET


class ConnectResult(Struct, omit_defaults=True):
    """The good answer to a viewer's `connect`."""

    session: str
    iceServers: Raw | UnsetType = UNSET  # noqa: N815 - the specification's spelling
    capabilities: list[str] | UnsetType = UNSET
    expiryTimeSeconds: int | UnsetType = UNSET  # noqa: N815 - likewise
    secuhome: Privacy | UnsetType = UNSET


class CapabilitiesResult(Struct, omit_defaults=True):
    """A camera's good answer to `connect`."""

    capabilities: list[str] | UnsetType = UNSET


class InviteParams(Struct, omit_defaults=True):
    """`invite`: my offer."""

    session: str
    offer: str
    subprotocols: list[str] | UnsetType = UNSET


class InviteResult(Struct, omit_defaults=True):
    """The good answer to `invite`."""

    answer: str
    subprotocols: list[str] | UnsetType = UNSET


class TrickleParams(Struct):
    """`trickle`: one more way to reach me."""

    session: str
    candidate: Raw


class ExtendParams(Struct):
    """`extend`, from a viewer: let this session go on."""

    session: str
    authorization: str | None = None


class NewTicket(Struct, frozen=True):
    """`extend`, to a camera, our member: the ticket that replaces the one before."""

    ticket: str


class ExtendCallParams(Struct, omit_defaults=True):
    """`extend`, to a camera: the session goes on, for so long."""

    session: str
    expiryTimeSeconds: int  # noqa: N815 - the specification's spelling
    secuhome: NewTicket | UnsetType = UNSET


class ExtendResult(Struct):
    """The good answer to `extend`: for how long the session goes on, in seconds."""

    expiryTimeSeconds: int  # noqa: N815 - the specification's spelling


class CloseParams(Struct):
    """`secuhome.close`: this session is over, because."""

    session: str
    reason: str = ""


class StageParams(Struct):
    """`secuhome.stage`: so many milliseconds after `connect` I had reached this."""

    session: str
    stage: str
    ms: float


class HeldParams(Struct):
    """`secuhome.held`: the camera is not connected; your `connect` of this id waits for it."""

    id: Id
    up_to_s: float


class DrainParams(Struct):
    """`secuhome.drain`: this gateway is leaving, and closes your socket in so many seconds."""

    after_s: float


class ErrorParams(Struct):
    """`error`: this session is over, and why."""

    session: str
    code: int
    message: str = ""


_frames: Final = msgspec.json.Decoder(_Frame)
_values: Final = msgspec.json.Decoder(Raw)
_ids: Final = msgspec.json.Decoder(Id)
_encoder: Final = msgspec.json.Encoder()
_NO_PARAMS: Final = Raw(b"{}")
_CANONICAL: Final = b'{"jsonrpc":"2.0","method":"trickle","params":{"session":"'
_START: Final = len(_CANONICAL)
_END: Final = b"}}"


def session_of_trickle(frame: bytes) -> str:
    """What stands where a trickle that is written the usual way names its session.

    Nothing else is read: in another frame that can be anything (see `leading_trickles`).
    """
    return str(frame[_START : frame.find(b'"', _START)], "ascii", "replace")


def head_of_trickle(session: str) -> bytes:
    """How a trickle of this session begins that is written the usual way: up to its candidate."""
    return _CANONICAL + session.encode() + b'","candidate":'


def leading_trickles(frames: Sequence[bytes], head: bytes, most: int) -> int:
    """How many of the frames, from the first on, are trickles that begin like this.

    Nearly all frames are, and this is all that is ever read of them. Behind the head there is one
    JSON value and the end: so no member comes twice, and nothing but a trickle looks like that.
    """
    start, count, is_value = len(head), 0, _values.decode
    try:
        for frame in frames:
            # slices are faster than startswith; and bad UTF-8 is no text
            usual = frame[:start] == head and frame[-2:] == _END and frame.isascii()
            if count == most or not usual:
                break
            is_value(frame[start:-2])
            count += 1
    except (msgspec.DecodeError, RecursionError):
        pass
    return count


def parse(frame: bytes) -> Message:
    """The message in a frame. Raises Unreadable; never anything else, whatever came in."""
    try:
        if not frame.isascii():
            frame.decode()  # what we pass on unread must be text at the other end, too
        parts = _frames.decode(frame)
        json.loads(frame, object_pairs_hook=_once_each)
    except msgspec.ValidationError:
        raise Unreadable(faults.REQUEST) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        raise Unreadable(faults.PARSE) from None
    if parts.jsonrpc != "2.0":
        raise Unreadable(faults.REQUEST)
    return _message(parts, frame)


def _once_each(pairs: list[tuple[str, Any]]) -> None:
    # some parsers take capitals for small letters
    if len(pairs) > 1 and len({name.lower() for name, _ in pairs}) != len(pairs):
        raise msgspec.ValidationError("a member comes twice")


def _message(parts: _Frame, frame: bytes) -> Message:
    has_id = parts.id is not UNSET and bytes(parts.id) != b"null"
    id_ = _id(parts.id) if has_id and parts.id is not UNSET else None
    if parts.method is not UNSET:
        params = _NO_PARAMS if parts.params is UNSET else parts.params
        if id_ is not None:
            return Request(id_, parts.method, params)
        if parts.id is not UNSET:  # JSON-RPC §4: a request's id should not be null
            raise Unreadable(faults.REQUEST)
        return Notification(parts.method, params, frame)
    if parts.error is not UNSET:
        error = parts.error
        return Failure(id_, error.code, error.message, error.session, frame)
    if parts.result is not UNSET and id_ is not None:
        return Response(id_, parts.result)
    raise Unreadable(faults.REQUEST, id_)


def _id(raw: Raw) -> Id:
    try:
        return _ids.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise Unreadable(faults.REQUEST) from None


def read(raw: Raw, kind: type[T]) -> T:
    """The parameters or result of a message. Raises msgspec.DecodeError."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except RecursionError:  # just deep enough to have passed `parse`, on a shorter stack
        raise msgspec.DecodeError("nested too deeply") from None


def request(id: Id, method: str, params: Any) -> bytes:  # noqa: A002 - JSON-RPC's word
    """The frame of a request."""
    return _encoder.encode({"jsonrpc": "2.0", "id": id, "method": method, "params": params})


def notification(method: str, params: Any) -> bytes:
    """The frame of a notification."""
    return _encoder.encode({"jsonrpc": "2.0", "method": method, "params": params})


def response(id: Id, result: Any) -> bytes:  # noqa: A002 - JSON-RPC's word
    """The frame of a good answer."""
    return _encoder.encode({"jsonrpc": "2.0", "id": id, "result": result})


def failure(id: Id | None, code: int, message: str) -> bytes:  # noqa: A002 - JSON-RPC's word
    """The frame of a refusal."""
    error = {"code": code, "message": message}
    return _encoder.encode({"jsonrpc": "2.0", "id": id, "error": error})


def session_over(session: str, code: int, message: str) -> bytes:
    """The frame that tells a peer that a session is over: our own form of `error`."""
    return notification("error", {"session": session, "code": code, "message": message})


def encode_raw(value: Any) -> Raw:
    """Any JSON value as a Raw, for members that are only passed on."""
    return Raw(_encoder.encode(value))
