"""What both ends of the wire share: a camera's and a viewer's half of the protocol.

An end turns frames into events (`receive`) and wishes into frames (every other verb). It holds
no socket: send each frame that it returns, in order.
"""

from collections import deque
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
    """The gateway knows us, by this id. `resumed`: and goes on where we were cut off."""

    id: str
    epoch: str | None = None  # None: it does not let us come back
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class NotResumed:
    """There was nothing to come back to. What was being set up is lost; we register anew."""


@dataclass(frozen=True, slots=True)
class Draining:
    """The gateway is leaving; it closes our socket in so many seconds."""

    after_s: float


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


Shared = Registered | NotResumed | Refused | PeerCandidate | CallEnded | Draining | Reply
SENT_KEPT: Final = 512  # frames; a whole set-up is some dozens


class End:
    """The half that a camera and a viewer have in common.

    It counts what it receives and keeps what it sends, so that it can go on over another socket
    (`start_again`). What it says before that is answered is sent once it is: don't send it twice.
    """

    def __init__(self, token: str) -> None:
        self._token = token
        self._sent: dict[Id, str] = {}
        self._numbers = 0
        self._epoch: str | None = None
        self._received = 0
        self._said: deque[str] = deque(maxlen=SENT_KEPT)
        self._said_count = 0
        self._resuming = False

    @property
    def epoch(self) -> str | None:
        """What we could come back with; None where there is nothing to come back to."""
        return self._epoch

    def start(self) -> list[str]:
        """The first frames on a fresh socket."""
        self._epoch, self._resuming, self._received = None, False, 0
        self._said.clear()
        self._said_count = 0
        frame = self._register({})
        self._said.clear()  # `register` itself is not counted
        self._said_count = 0
        return [frame]

    def start_again(self, token: str | None = None) -> list[str]:
        """The first frames on another socket, after the last one broke.

        Raises ValueError where there is no `epoch`.
        """
        if self._epoch is None:
            raise ValueError("there is nothing to come back to")
        self._token = token or self._token
        self._resuming = True
        resume = {"epoch": self._epoch, "offset": self._received}
        said, count = self._said.copy(), self._said_count
        frame = self._register({"secuhome": {"resume": resume}})
        self._said, self._said_count = said, count
        return [frame]

    def _register(self, more: dict[str, Any]) -> str:
        return self._request(REGISTER, {"authorization": self._token} | more)

    def _registered(self, answer: Response | Failure) -> list["Shared"]:
        """What the answer to `register` means."""
        resuming, self._resuming = self._resuming, False
        if isinstance(answer, Failure):
            if resuming and answer.code == faults.NOT_RESUMED.code:
                return [NotResumed(), *(Reply(frame) for frame in self.start())]
            return [Refused(answer.code, answer.message)]
        try:
            result = messages.read(answer.result, messages.RegisterResult)
        except msgspec.DecodeError:
            return [Refused(400, "the gateway's answer can't be read")]
        ours = result.secuhome
        self._epoch = None if ours is msgspec.UNSET else ours.epoch
        if ours is msgspec.UNSET or not resuming:
            return [Registered(result.id, self._epoch)]
        unheard = self._said_count - ours.heard
        again = list(self._said)[-unheard:] if unheard > 0 else []
        frames = [Reply(frame) for frame in again]
        return [Registered(result.id, ours.epoch, resumed=True), *frames]

    def candidate(self, session: str, candidate: Candidate | None) -> str:
        """The frame for one local candidate; None says that there are no more."""
        told = {"candidate": ""} if candidate is None else candidate
        return self._notification("trickle", {"session": session, "candidate": told})

    def hang_up(self, session: str, code: int, message: str) -> str:
        """The frame that ends a session, with a code of `faults`."""
        return self._kept(messages.session_over(session, code, message).decode())

    def close(self, session: str, reason: str) -> str:
        """The frame that ends a session with a reason in words; a gateway of ours knows it."""
        return self._notification("secuhome.close", {"session": session, "reason": reason})

    def stage(self, session: str, stage: str, ms: float) -> str:
        """The frame that reports a stage of `board.STAGES`, so many ms after `connect`."""
        return self._notification("secuhome.stage", {"session": session, "stage": stage, "ms": ms})

    def unregister(self) -> str:
        """The frame that says a clean goodbye."""
        return self._request("unregister", {})

    def _request(self, method: str, params: Any) -> str:
        self._numbers += 1
        self._sent[self._numbers] = method
        return self._kept(messages.request(self._numbers, method, params).decode())

    def _notification(self, method: str, params: Any) -> str:
        return self._kept(messages.notification(method, params).decode())

    def _response(self, request_id: Id, result: Any) -> str:
        return self._kept(messages.response(request_id, result).decode())

    def _failure(self, request_id: Id, code: int, message: str) -> str:
        return self._kept(messages.failure(request_id, code, message).decode())

    def _kept(self, frame: str) -> str:
        self._said.append(frame)
        self._said_count += 1
        return frame

    def _read(self, frame: str | bytes) -> messages.Message | Reply:
        if self._epoch is not None and not self._resuming:
            self._received += 1
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
            if told.method == "secuhome.drain":
                return [Draining(messages.read(told.params, messages.DrainParams).after_s)]
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
