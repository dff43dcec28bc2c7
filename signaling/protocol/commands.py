"""What the switchboard wants done. The gateway does it, and reports back where it says so."""

from enum import StrEnum

from msgspec import Struct

from signaling.protocol.close_codes import Close
from signaling.protocol.limits import Seconds
from signaling.protocol.messages import Id, RunningCall


class Say(Struct, frozen=True):
    """Send this frame to an endpoint."""

    endpoint: int
    frame: bytes


class Hang(Struct, frozen=True):
    """Close an endpoint's socket. `left` is reported by whoever owns the socket."""

    endpoint: int
    close: Close


class Attach(Struct, frozen=True):
    """This socket is that endpoint's from now on; the one that it had is closed, if it is open."""

    socket: int
    endpoint: int


class Forget(Struct, frozen=True):
    """An endpoint is gone for good: nothing about it need be known any more."""

    endpoint: int


class Who(Struct, frozen=True):
    """Find out whose tokens these are, and report to `known`."""

    endpoint: int
    request_id: Id
    tokens: tuple[str, ...]


class MayCall(Struct, frozen=True):
    """Find out whether this viewer may see that camera now; report to `allowed` or `denied`.

    `token` is None where the viewer gave none: what it registered with counts. `session` is the
    one that is to go on; None for one that is to begin.
    """

    endpoint: int
    request_id: Id
    token: str | None
    camera_id: str
    party_id: str
    session: str | None = None


class Vouch(Struct, frozen=True):
    """A camera that came back names calls that it has running.

    Read each ticket and report to `claimed`; then find out whether the viewer may still see the
    camera, and report to `vouched`. In this order nothing that ends meanwhile is missed.
    """

    endpoint: int
    camera_id: str
    calls: tuple[RunningCall, ...]


class Hold(Struct, frozen=True):
    """From now on this node answers for the camera. Report to `held` when that is so."""

    camera_id: str
    endpoint: int
    request_id: Id


class Back(Struct, frozen=True):
    """A camera that this node holds is connected again: tell whoever waits for it."""

    camera_id: str


class Release(Struct, frozen=True):
    """From now on this node doesn't answer for the camera any more."""

    camera_id: str


class Ask(Struct, frozen=True):
    """Ask the node that holds the camera, and report its reply to `replied`."""

    session: str
    camera_id: str
    message: bytes


class Await(Struct, frozen=True):
    """Wait until the camera is connected somewhere, and report to `arrived`."""

    endpoint: int
    request_id: Id
    camera_id: str
    within: Seconds


class AnswerAsk(Struct, frozen=True):
    """The reply to a question that another node asked (`asked`)."""

    ask: int
    message: bytes


class Tell(Struct, frozen=True):
    """Send this to another node."""

    node: str
    message: bytes


class Observe(Struct, frozen=True):
    """A call reached this stage after so many milliseconds: for a histogram."""

    stage: str
    ms: float


class Outcome(StrEnum):
    """How a call, a wish for one, or a resume went. Counted, and nothing is known of whose."""

    ANSWERED = "answered"
    HELD = "held"
    FORBIDDEN = "forbidden"
    CAMERA_AWAY = "camera_away"
    CAMERA_REFUSED = "camera_refused"
    VIEWER_REFUSED = "viewer_refused"
    TIMED_OUT = "timed_out"
    CAMERA_LEFT = "camera_left"
    VIEWER_LEFT = "viewer_left"
    HUNG_UP = "hung_up"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NODE_LOST = "node_lost"
    TAKEN_BACK = "taken_back"
    RESUMED = "resumed"
    NOT_RESUMED = "not_resumed"


class Count(Struct, frozen=True):
    """One more of these."""

    outcome: Outcome


Command = (
    Say | Hang | Attach | Forget | Who | MayCall | Vouch | Hold | Back | Release | Ask | Await
    | AnswerAsk | Tell | Observe | Count
)  # fmt: skip
