"""The viewer's end: it registers, calls a camera, answers its offer, trickles."""

from dataclasses import dataclass
from typing import Any

import msgspec

from signaling.protocol import messages
from signaling.protocol.end import (
    REGISTER,
    CallEnded,
    End,
    Extended,
    IceServer,
    Refused,
    Reply,
    Shared,
    ice_servers_of,
    refused_method,
    refused_params,
)
from signaling.protocol.messages import (
    ConnectResult,
    Failure,
    Id,
    InviteParams,
    Notification,
    Request,
    Response,
)


@dataclass(frozen=True, slots=True)
class CallAllowed:
    """The camera takes the call; its offer follows."""

    session: str
    ice_servers: tuple[IceServer, ...]
    expires_s: int | None = None  # then `extend` it before
    relay_only: bool = False  # then send relay candidates only, and drop all others


@dataclass(frozen=True, slots=True)
class CallHeld:
    """The camera is not connected; the call waits for it, so many seconds at most."""

    up_to_s: float


@dataclass(frozen=True, slots=True)
class NotExtended:
    """The session will end as it was to: the camera or the gateway doesn't extend it."""

    session: str
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class CallRefused:
    """No call, and why: 403 not yours or not there, 480 out of reach, …"""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Offered:
    """The camera's offer, to be answered."""

    session: str
    sdp: str
    request_id: Id


Event = Shared | CallAllowed | CallHeld | CallRefused | Offered | Extended | NotExtended


class ViewerEnd(End):
    """A viewer's half."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self._extending: dict[Id, str] = {}

    def call(self, camera_id: str, *, relay_only: bool = False) -> str:
        """The frame that asks for a camera, perhaps without either learning where the other is."""
        params: dict[str, Any] = {"peer": camera_id, "authorization": self._token}
        return self._request(
            "connect", params | ({"secuhome": {"relay_only": True}} if relay_only else {})
        )

    def extend(self, session: str) -> str:
        """The frame that asks for a session to go on."""
        frame = self._request("extend", {"session": session})
        self._extending[self._numbers] = session
        return frame

    def answer(self, request_id: Id, sdp: str) -> str:
        """The frame that answers an offer."""
        return self._response(request_id, {"answer": sdp})

    def refuse_offer(self, request_id: Id, code: int, message: str) -> str:
        """The frame that refuses an offer, with a code of `faults`."""
        return self._failure(request_id, code, message)

    def receive(self, frame: str | bytes) -> list[Event]:
        """What a frame from the gateway means. Raises nothing, whatever came in."""
        match self._read(frame):
            case Reply() as reply:
                return [reply]
            case Request() as request:
                return [self._asked(request)]
            case Response() | Failure() as answer:
                return self._answered(answer)
            case notification:
                return self._told(notification)

    def _told(self, told: Notification) -> list[Event]:
        if told.method != "secuhome.held":
            return [*self._notified(told)]
        try:
            return [CallHeld(messages.read(told.params, messages.HeldParams).up_to_s)]
        except msgspec.DecodeError:
            return []

    def _asked(self, request: Request) -> Event:
        if request.method != "invite":
            return refused_method(request)
        try:
            params = messages.read(request.params, InviteParams)
        except msgspec.DecodeError:
            return refused_params(request)
        return Offered(params.session, params.offer, request.id)

    def _answered(self, answer: Response | Failure) -> list[Event]:
        method = self._method_of(answer)
        if method == REGISTER:
            return [*self._registered(answer)]
        if answer.id is not None and (session := self._extending.pop(answer.id, None)):
            return [self._extended(session, answer)]
        if isinstance(answer, Failure):
            return [_refused(method, answer)]
        try:
            if method == "connect":
                result = messages.read(answer.result, ConnectResult)
                servers = ice_servers_of(result.iceServers)
                expires = result.expiryTimeSeconds
                expires_s = None if expires is msgspec.UNSET else expires
                ours = result.secuhome
                relay_only = ours is not msgspec.UNSET and ours.relay_only
                return [CallAllowed(result.session, servers, expires_s, relay_only)]
        except msgspec.DecodeError:
            return [Refused(400, "the gateway's answer can't be read")]
        return []

    def _extended(self, session: str, answer: Response | Failure) -> Event:
        if isinstance(answer, Failure):
            return NotExtended(session, answer.code, answer.message)
        try:
            seconds = messages.read(answer.result, messages.ExtendResult).expiryTimeSeconds
        except msgspec.DecodeError:
            return NotExtended(session, 400, "the gateway's answer can't be read")
        return Extended(session, seconds)


def _refused(method: str | None, failure: Failure) -> Event:
    if failure.session is not None:
        return CallEnded(failure.session, failure.code, failure.message)
    kind = CallRefused if method == "connect" else Refused
    return kind(failure.code, failure.message)
