"""What the switchboard wants done. The gateway does it, and reports back where it says so."""

from dataclasses import dataclass

from signaling.protocol.close_codes import Close
from signaling.protocol.messages import Id


@dataclass(frozen=True, slots=True)
class Say:
    """Send this frame to an endpoint."""

    endpoint: int
    frame: bytes


@dataclass(frozen=True, slots=True)
class Hang:
    """Close an endpoint's socket. `left` is reported by whoever owns the socket."""

    endpoint: int
    close: Close


@dataclass(frozen=True, slots=True)
class Who:
    """Find out whose tokens these are, and report to `known`."""

    endpoint: int
    request_id: Id
    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MayCall:
    """Find out whether this viewer may see that camera now; report to `allowed` or `denied`.

    `token` is None where the viewer gave none: what it registered with counts.
    """

    endpoint: int
    request_id: Id
    token: str | None
    camera_id: str
    party_id: str


@dataclass(frozen=True, slots=True)
class Hold:
    """From now on this node answers for the camera. Report to `held` when that is so."""

    camera_id: str
    endpoint: int
    request_id: Id


@dataclass(frozen=True, slots=True)
class Release:
    """From now on this node doesn't answer for the camera any more."""

    camera_id: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the node that holds the camera, and report its reply to `replied`."""

    session: str
    camera_id: str
    message: bytes


@dataclass(frozen=True, slots=True)
class AnswerAsk:
    """The reply to a question that another node asked (`asked`)."""

    ask: int
    message: bytes


@dataclass(frozen=True, slots=True)
class Tell:
    """Send this to another node."""

    node: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Observe:
    """A call reached this stage after so many milliseconds: for a histogram."""

    stage: str
    ms: float


Command = Observe | Say | Hang | Who | MayCall | Hold | Release | Ask | AnswerAsk | Tell
