"""The camera's end: it registers, takes calls, offers, trickles. For agents, firmware and tests."""

from collections.abc import Callable, Mapping
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
    CallParams,
    Failure,
    Id,
    InviteResult,
    Request,
    Response,
    RunningCall,
)


@dataclass(frozen=True, slots=True)
class CallWanted:
    """A viewer that the server lets through wants to see us: accept or decline, at once."""

    session: str
    ice_servers: tuple[IceServer, ...]
    request_id: Id
    relay_only: bool = False  # then send relay candidates only, and drop all others
    ticket: str | None = None  # keep it while the call runs (see CameraEnd)


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A session has another ticket than before, because it was extended."""

    session: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The viewer's answer to our offer."""

    session: str
    sdp: str


Event = Shared | CallWanted | Answered | Extended | NewTicket


def _none_runs() -> Mapping[str, str]:
    return {}


class CameraEnd(End):
    """A camera's half. `capabilities` are ONVIF's words, such as `trickle`.

    With `secuhome.ticket` among them, `running` says which calls run when we register anew: by
    session, the ticket that came with each.
    """

    def __init__(
        self,
        token: str,
        name: str = "",
        capabilities: tuple[str, ...] = (),
        running: Callable[[], Mapping[str, str]] = _none_runs,
    ) -> None:
        super().__init__(token)
        self._running = running
        self._name = name
        self._capabilities = list(capabilities)
        self._offered: dict[Id, str] = {}

    def _register(self, more: dict[str, Any]) -> str:
        name = {"name": self._name} if self._name else {}
        told = [RunningCall(session, ticket) for session, ticket in self._running().items()]
        calls = {"secuhome": {"calls": told}} if told else {}  # what is resumed is known there
        return super()._register({"capabilities": self._capabilities} | name | calls | more)

    def accept(self, request_id: Id) -> str:
        """The frame that takes a call. The offer (`invite`) should follow at once."""
        return self._response(request_id, {"capabilities": self._capabilities})

    def decline(self, request_id: Id, code: int, message: str) -> str:
        """The frame that refuses a call, with a code of `faults`."""
        return self._failure(request_id, code, message)

    def invite(self, session: str, sdp: str) -> str:
        """The frame with our offer."""
        frame = self._request("invite", {"session": session, "offer": sdp})
        self._offered[self._numbers] = session
        return frame

    def receive(self, frame: str | bytes) -> list[Event]:
        """What a frame from the gateway means. Raises nothing, whatever came in."""
        match self._read(frame):
            case Reply() as reply:
                return [reply]
            case Request() as request:
                return self._asked(request)
            case Response() | Failure() as answer:
                return self._answered(answer)
            case notification:
                return [*self._notified(notification)]

    def _asked(self, request: Request) -> list[Event]:
        try:
            if request.method == "connect":
                params = messages.read(request.params, CallParams)
                servers = ice_servers_of(params.iceServers)
                ours = params.secuhome
                terms = messages.CallTerms() if ours is msgspec.UNSET else ours
                call, ring = params.session, request.id
                return [CallWanted(call, servers, ring, terms.relay_only, terms.ticket)]
            if request.method == "extend":
                return self._extended(request)
        except msgspec.DecodeError:
            return [refused_params(request)]
        return [refused_method(request)]

    def _extended(self, request: Request) -> list[Event]:
        longer = messages.read(request.params, messages.ExtendCallParams)
        taken = self._response(request.id, {"expiryTimeSeconds": longer.expiryTimeSeconds})
        extended = Extended(longer.session, longer.expiryTimeSeconds)
        if longer.secuhome is msgspec.UNSET:
            return [Reply(taken), extended]
        return [Reply(taken), extended, NewTicket(longer.session, longer.secuhome.ticket)]

    def _answered(self, answer: Response | Failure) -> list[Event]:
        if self._method_of(answer) == REGISTER:
            return [*self._registered(answer)]
        session = self._offered.pop(answer.id, None) if answer.id is not None else None
        if isinstance(answer, Failure):
            if over := session or answer.session:
                return [CallEnded(over, answer.code, answer.message)]
            return [Refused(answer.code, answer.message)]
        try:
            if session is not None:
                return [Answered(session, messages.read(answer.result, InviteResult).answer)]
        except msgspec.DecodeError:
            return [CallEnded(session, 400, "the answer can't be read")] if session else []
        return []
