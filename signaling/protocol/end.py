"""What both ends of the wire share: a camera's and a viewer's half of the protocol.

An end turns frames into events (`receive`) and wishes into frames (every other verb). It holds
no socket: send each frame that it returns, in order.
"""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from signaling.protocol import faults, messages
from signaling.protocol.faults import Fault
from signaling.protocol.messages import (
    ErrorParams,
    Failure,
    Id,
    Notification,
    Raw,
    Request,
    Response,
    TrickleParams,
    Unreadable,
)

REGISTER: Final = "register"
Candidate = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Registered:
    """The gateway knows us, by this id."""

    id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway refused `register`, or something that we asked outside of a call."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class PeerCandidate:
    """A way to reach the other end; None where its list ends."""

    session: str
    candidate: Candidate | None


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A session is over."""

    session: str
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Extended:
    """A session goes on for so many seconds more."""

    session: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Send this frame: the answer to something that we can't take."""

    frame: str


@dataclass(frozen=True, slots=True)
class IceServer:
    """A STUN or TURN server, as RTCIceServer has it."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


Shared = Registered | Refused | PeerCandidate | CallEnded | Reply


class End:
    """The half that a camera and a viewer have in common."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._sent: dict[Id, str] = {}
        self._numbers = 0

    def candidate(self, session: str, candidate: Candidate | None) -> str:
        """The frame for one local candidate; None says that there are no more."""
        told = {"candidate": ""} if candidate is None else candidate
        return messages.notification("trickle", {"session": session, "candidate": told}).decode()

    def hang_up(self, session: str, code: int, message: str) -> str:
        """The frame that ends a session, with a code of `faults`."""
        return messages.session_over(session, code, message).decode()

    def close(self, session: str, reason: str) -> str:
        """The frame that ends a session with a reason in words; a gateway of ours knows it."""
        return messages.notification(
            "secuhome.close", {"session": session, "reason": reason}
        ).decode()

    def stage(self, session: str, stage: str, ms: float) -> str:
        """The frame that reports a stage of `board.STAGES`, so many ms after `connect`."""
        return messages.notification(
            "secuhome.stage", {"session": session, "stage": stage, "ms": ms}
        ).decode()

    def unregister(self) -> str:
        """The frame that says a clean goodbye."""
        return self._request("unregister", {})

    def _request(self, method: str, params: Any) -> str:
        self._numbers += 1
        self._sent[self._numbers] = method
        return messages.request(self._numbers, method, params).decode()

    def _response(self, request_id: Id, result: Any) -> str:
        return messages.response(request_id, result).decode()

    def _failure(self, request_id: Id, code: int, message: str) -> str:
        return messages.failure(request_id, code, message).decode()

    def _read(self, frame: str | bytes) -> messages.Message | Reply:
        try:
            return messages.parse(frame.encode() if isinstance(frame, str) else frame)
        except Unreadable as reason:
            return _refusal(reason.id, reason.fault)

    def _method_of(self, answer: Response | Failure) -> str | None:
        return None if answer.id is None else self._sent.pop(answer.id, None)

    def _notified(self, told: Notification) -> list[Shared]:
        try:
            if told.method == "trickle":
                trickle = messages.read(told.params, TrickleParams)
                return [PeerCandidate(trickle.session, candidate_of(trickle.candidate))]
            if told.method == "error":
                over = messages.read(told.params, ErrorParams)
                return [CallEnded(over.session, over.code, over.message)]
        except (msgspec.DecodeError, ValueError):
            return []  # a notification is never answered (JSON-RPC §4.1)
        return []


def candidate_of(raw: Raw) -> Candidate | None:
    """An RTCIceCandidateInit; None for each of the forms in which peers say that there are no more.

    Raises ValueError for what is neither.
    """
    value = messages.read(raw, object)
    if value in (None, "", {}):
        return None
    if not isinstance(value, dict):
        raise ValueError("a candidate is an object")
    candidate: Candidate = value
    return candidate if candidate.get("candidate") else None


def ice_servers_of(raw: Raw | msgspec.UnsetType) -> tuple[IceServer, ...]:
    """The servers that a session may use. Raises msgspec.DecodeError."""
    if raw is msgspec.UNSET:
        return ()
    return messages.read(raw, tuple[IceServer, ...])


def refused_method(request: Request) -> Reply:
    """The answer to a request that this end does not know."""
    return _refusal(request.id, faults.METHOD)


def refused_params(request: Request) -> Reply:
    """The answer to a request whose parameters don't fit."""
    return _refusal(request.id, faults.PARAMS)


def _refusal(request_id: Id | None, fault: Fault) -> Reply:
    return Reply(messages.failure(request_id, fault.code, fault.message).decode())
