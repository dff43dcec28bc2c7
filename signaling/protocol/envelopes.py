"""What one node says to another about a call.

Never what a person said or saw: ids, an SDP, candidates. MessagePack, because it may cross NATS.
"""

from typing import Final

import msgspec
from msgspec import Raw, Struct


class CallAsk(Struct, tag="ask", frozen=True):
    """Viewer's node → camera's node: may this session begin? Authority was checked."""

    session: str
    node: str
    profile: bytes | None
    ice_servers: bytes
    relay_only: bool = False
    account: str = (
        ""  # the viewer's, and its sign-in: what ends with them ends at the camera's node
    )
    sign_in: str = ""
    ticket: str | None = None


class Ringing(Struct, tag="ringing", frozen=True):
    """The camera's node has asked the camera. If that node is lost now, nobody will reply."""

    session: str
    node: str


class CallTaken(Struct, tag="taken", frozen=True):
    """The camera takes the call; it lives at this node. `peer` is the camera's endpoint there."""

    node: str
    peer: int
    capabilities: list[str] | None
    expires_s: int | None = None


class CallDeclined(Struct, tag="declined", frozen=True):
    """The camera or its node says no."""

    code: int
    message: str


class CameraIsAway(Struct, tag="away", frozen=True):
    """The camera lost its connection, and may be back in a moment."""


class ForViewer(Struct, tag="v", frozen=True):
    """A frame for the session's viewer, as it came in."""

    session: str
    frame: bytes


class ForCamera(Struct, tag="c", frozen=True):
    """A frame for the session's camera, as it came in."""

    session: str
    frame: bytes


class Offer(Struct, tag="offer", frozen=True):
    """The parameters of the camera's `invite`, as they came in."""

    session: str
    params: bytes


class Answer(Struct, tag="answer", frozen=True):
    """The viewer's result for the offer, as it came in."""

    session: str
    result: bytes


class AnswerRefused(Struct, tag="no_answer", frozen=True):
    """The viewer refuses the offer."""

    session: str
    code: int
    message: str


class Extend(Struct, tag="extend", frozen=True):
    """The viewer wants the session to go on. Authority was checked."""

    session: str
    ticket: str | None = None


class Extended(Struct, tag="extended", frozen=True):
    """The session goes on for so many seconds; None where the camera doesn't extend."""

    session: str
    seconds: int | None


class SessionOver(Struct, tag="over", frozen=True):
    """The session is over; the other end is told this, unless `quietly`."""

    session: str
    code: int
    message: str
    quietly: bool = False


Reply = CallTaken | CallDeclined | CameraIsAway
Told = (
    Ringing
    | ForViewer
    | ForCamera
    | Offer
    | Answer
    | AnswerRefused
    | Extend
    | Extended
    | SessionOver
)

_encoder: Final = msgspec.msgpack.Encoder()
_asks: Final = msgspec.msgpack.Decoder(CallAsk)
_replies: Final = msgspec.msgpack.Decoder(Reply)
_tolds: Final = msgspec.msgpack.Decoder(Told)


def pack(envelope: CallAsk | Reply | Told) -> bytes:
    """An envelope as bytes."""
    return _encoder.encode(envelope)


def read_ask(message: bytes) -> CallAsk:
    """The question in the bytes. Raises msgspec.DecodeError."""
    return _asks.decode(message)


def read_reply(message: bytes) -> Reply:
    """The reply in the bytes. Raises msgspec.DecodeError."""
    return _replies.decode(message)


def read_told(message: bytes) -> Told:
    """What a node told us. Raises msgspec.DecodeError."""
    return _tolds.decode(message)


def as_raw(value: bytes) -> Raw:
    """JSON bytes, to be put into a frame as they are."""
    return Raw(value)
