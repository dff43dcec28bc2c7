"""The viewer's end: it registers, calls a camera, answers its offer, trickles."""

from dataclasses import dataclass

import msgspec

from signaling.protocol import messages
from signaling.protocol.end import (
    REGISTER,
    CallEnded,
    End,
    IceServer,
    PeerCandidate,
    Refused,
    Registered,
    Reply,
    ice_servers_of,
    refused_method,
    refused_params,
)
from signaling.protocol.messages import ConnectResult, Failure, Id, InviteParams, Request, Response


@dataclass(frozen=True, slots=True)
class CallAllowed:
    """The camera takes the call; its offer follows."""

    session: str
    ice_servers: tuple[IceServer, ...]


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


Event = (
    Registered | Refused | CallAllowed | CallRefused | Offered | PeerCandidate | CallEnded | Reply
)


class ViewerEnd(End):
    """A viewer's half."""

    def start(self) -> list[str]:
        """The first frames on a fresh socket."""
        return [self._request(REGISTER, {"authorization": self._token})]

    def call(self, camera_id: str) -> str:
        """The frame that asks for a camera."""
        return self._request("connect", {"peer": camera_id, "authorization": self._token})

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
                return [*self._notified(notification)]

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
        if isinstance(answer, Failure):
            if answer.session is not None:
                return [CallEnded(answer.session, answer.code, answer.message)]
            kind = CallRefused if method == "connect" else Refused
            return [kind(answer.code, answer.message)]
        try:
            if method == "connect":
                result = messages.read(answer.result, ConnectResult)
                return [CallAllowed(result.session, ice_servers_of(result.iceServers))]
            if method == REGISTER:
                return [Registered(messages.read(answer.result, messages.RegisterResult).id)]
        except msgspec.DecodeError:
            return [Refused(400, "the gateway's answer can't be read")]
        return []
