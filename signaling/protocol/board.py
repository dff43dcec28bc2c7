"""What one node knows at the moment: endpoints, cameras, calls, legs, deadlines. And its outbox."""

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec

from signaling.protocol import envelopes, messages
from signaling.protocol.call_states import Event, OutOfTurn, State, after
from signaling.protocol.close_codes import BROKEN, Close
from signaling.protocol.commands import (
    AnswerAsk,
    Command,
    Count,
    Hang,
    Observe,
    Outcome,
    Say,
    Tell,
)
from signaling.protocol.faults import Fault
from signaling.protocol.limits import Limits, Seconds
from signaling.protocol.messages import Id
from signaling.protocol.said import Said

STAGES: Final = ("connect", "offer", "answer", "ice_connected", "dtls_connected", "first_frame")
LONGEST_STAGE_MS: Final = 120_000
OVER_REMEMBERED: Final = 32  # sessions of an endpoint

# capabilities that a camera registers
EXTENDS: Final = "extend"  # it takes `extend`
HIDES: Final = "secuhome.relay_only"  # it keeps to a relay where it is told to
KEEPS_TICKETS: Final = "secuhome.ticket"  # it names its running calls when it registers anew


@dataclass(frozen=True, slots=True)
class Party:
    """Whom an endpoint's token names."""

    is_camera: bool
    id: str
    sign_in: str = ""  # a person's: ends what was begun under it


class Unregistered(NamedTuple):
    """This endpoint should have registered by now."""

    endpoint: int


class Stuck(NamedTuple):
    """This call should have left this state by now."""

    session: str
    state: State


class Expired(NamedTuple):
    """This session should have been extended by now."""

    session: str


class Away(NamedTuple):
    """This endpoint, whose socket broke, should have come back by now."""

    endpoint: int


class Told(NamedTuple):
    """What was said to this endpoint until now may be forgotten, if it is in no call."""

    endpoint: int


class Goodbye(NamedTuple):
    """That this camera said goodbye need not be known any more."""

    camera_id: str


class Leave(NamedTuple):
    """This endpoint's turn to go has come: the node drains."""

    endpoint: int


Deadline = Unregistered | Stuck | Expired | Away | Told | Goodbye | Leave


class Sent(NamedTuple):
    """A request of ours that waits for its answer."""

    method: str
    session: str


class Connecting(NamedTuple):
    """A viewer's `connect` whose authority is being asked about, or that is held."""

    camera_id: str
    profile: bytes | None
    relay_only: bool
    until: Seconds | None = None  # for how long it may be held; None before it was


class Extending(NamedTuple):
    """A viewer's `extend` whose authority is being asked about."""

    session: str


@dataclass(slots=True)
class Route:
    """Where an endpoint's frames about a session go. Having one is the right to speak in it."""

    head: bytes  # how a candidate of the session begins (messages.head_of_trickle)
    left: int  # candidates that it may still send
    node: str | None = None  # None: this node
    peer: int = 0  # the other end's endpoint, if it is here; 0 while the call is not taken


@dataclass(slots=True)
class Endpoint:
    """One socket, or one that may come back. `party` is None until `register` is answered."""

    number: int
    token: str | None  # from the header or the query
    party: Party | None = None
    registering: bool = False
    resuming: messages.Resume | None = None
    claims: tuple[messages.RunningCall, ...] = ()  # that it said with `register`
    waiting: list[bytes] | None = None  # what came while we found out who
    capabilities: tuple[str, ...] | None = None
    sent: dict[Id, Sent] = field(default_factory=dict[Id, Sent])
    numbers: int = 0
    sessions: dict[str, Route] = field(default_factory=dict[str, Route])
    over: deque[str] | None = None  # its last sessions that ended
    deciding: dict[Id, Connecting | Extending] = field(
        default_factory=dict[Id, Connecting | Extending]
    )
    faults: int = 0
    heard: int = 0  # frames, since `register`
    said: Said | None = None  # since `register` was answered; None before
    away_until: Seconds | None = None  # its socket broke; None while it is connected

    @property
    def is_connected(self) -> bool:
        """Whether it is let in, and its socket is there."""
        return self.said is not None and self.away_until is None

    def can(self, capability: str) -> bool:
        """Whether it registered this capability."""
        return self.capabilities is not None and capability in self.capabilities

    def forget(self, session: str) -> None:
        """A session of it is over. What it still says of it, not knowing yet, is no fault."""
        if self.sessions.pop(session, None) is not None:
            self.over = self.over or deque(maxlen=OVER_REMEMBERED)
            self.over.append(session)

    def had(self, session: str) -> bool:
        """Whether this was one of its sessions, and is lately over."""
        return self.over is not None and session in self.over


@dataclass(slots=True)
class Call:
    """A session at its camera's node."""

    session: str
    camera: int
    viewer: Party
    viewer_node: str | None  # None: its viewer has no socket in it
    ask: int | None  # the other node's question, None where viewer and camera are both here
    state: State = State.ASKED
    invite_id: Id | None = None
    expires_at: Seconds | None = None


@dataclass(slots=True)
class Leg:
    """A session at its viewer's node."""

    session: str
    viewer: int
    request_id: Id
    wish: Connecting
    ice_servers: bytes
    extend_id: Id | None = None
    ringing_at: str | None = None  # the node that asks the camera
    camera_node: str | None = None  # known once the camera takes the call
    running: bool = False
    early: list[envelopes.Told] = field(default_factory=list[envelopes.Told])


class Board:
    """One node's state and the few acts that all of the switchboard's parts share."""

    def __init__(self, node: str, limits: Limits) -> None:
        self.node = node
        self.limits = limits
        self.now: Seconds = 0.0  # as it was when the switchboard was last told something
        self.endpoints: dict[int, Endpoint] = {}
        self.cameras: dict[str, int] = {}
        self.goodbyes: dict[str, Seconds] = {}  # cameras that unregistered here, and until when
        self.accounts: dict[str, int] = {}  # how many endpoints each account has here
        self.calls: dict[str, Call] = {}
        self.legs: dict[str, Leg] = {}
        self.out: list[Command] = []
        self.here: deque[envelopes.Told] = deque()  # what this node tells itself
        self.replies_here: deque[tuple[str, envelopes.Reply]] = deque()
        self._deadlines: list[tuple[Seconds, int, Deadline]] = []
        self._order = 0

    def camera(self, camera_id: str) -> Endpoint | None:
        """The endpoint of a camera of this node, connected or not; None where it has none."""
        return self.endpoints.get(self.cameras.get(camera_id, -1))

    def say(self, number: int, frame: bytes) -> None:
        """Send a frame to an endpoint, now or when it is back; nothing if it is gone."""
        endpoint = self.endpoints.get(number)
        if endpoint is None:
            return
        self.keep(endpoint, (frame,))
        if endpoint.away_until is None:
            self.out.append(Say(number, frame))

    def keep(self, endpoint: Endpoint, frames: Sequence[bytes]) -> None:
        """Remember what is said to an endpoint, in case that it never arrives."""
        said = endpoint.said
        if said is not None:
            if not said.frames:
                self.wait(self.now + self.limits.keep_for, Told(endpoint.number))
            said.add(frames, self.limits.keep_bytes)

    def ask_endpoint(self, endpoint: Endpoint, method: str, session: str, params: object) -> None:
        """Send a request about a session, under a number of our own."""
        endpoint.numbers += 1
        endpoint.sent[endpoint.numbers] = Sent(method, session)
        self.say(endpoint.number, messages.request(endpoint.numbers, method, params))

    def refuse(self, endpoint: Endpoint, request_id: Id | None, fault: Fault) -> None:
        """Answer a request with a fault."""
        self.say(endpoint.number, messages.failure(request_id, fault.code, fault.message))

    def blame(self, endpoint: Endpoint, request_id: Id | None, fault: Fault) -> None:
        """Refuse what a well-behaved peer would not send; close on a peer that goes on so."""
        self.refuse(endpoint, request_id, fault)
        self.count_fault(endpoint)

    def blame_message(self, endpoint: Endpoint, message: messages.Message, fault: Fault) -> None:
        """Blame for a request is an answer; for anything else it is only counted."""
        if isinstance(message, messages.Request):
            self.blame(endpoint, message.id, fault)
        else:
            self.count_fault(endpoint)

    def say_over(self, number: int, session: str, fault: Fault) -> None:
        """Tell an endpoint that a session of it is over, and why."""
        self.say(number, messages.session_over(session, fault.code, fault.message))

    def say_done(self, endpoint: Endpoint, message: messages.Message) -> None:
        """Answer a request that has no result of its own; say nothing to anything else."""
        if isinstance(message, messages.Request):
            self.say(endpoint.number, messages.response(message.id, None))

    def observe(self, endpoint: Endpoint, told: messages.Notification) -> None:
        """Take a stage report of a session of this endpoint; others are only counted as faults."""
        try:
            report = messages.read(told.params, messages.StageParams)
        except msgspec.DecodeError:
            self.count_fault(endpoint)
            return
        fits = report.stage in STAGES and 0 <= report.ms <= LONGEST_STAGE_MS
        if fits and report.session in endpoint.sessions:
            self.out.append(Observe(report.stage, report.ms))
        elif not endpoint.had(report.session):
            self.count_fault(endpoint)

    def count_fault(self, endpoint: Endpoint) -> None:
        """One more fault of this peer; over the limit its socket is closed."""
        endpoint.faults += 1
        if endpoint.faults == self.limits.faults_per_endpoint:
            self.hang(endpoint.number, BROKEN)

    def count(self, outcome: Outcome) -> None:
        """One more of these, for the metrics."""
        self.out.append(Count(outcome))

    def hang(self, endpoint: int, close: Close) -> None:
        """Close a socket."""
        self.out.append(Hang(endpoint, close))

    def tell(self, node: str, envelope: envelopes.Told) -> None:
        """Tell another node, or ourselves."""
        if node == self.node:
            self.here.append(envelope)
        else:
            self.out.append(Tell(node, envelopes.pack(envelope)))

    def tell_viewer(self, call: Call, envelope: envelopes.Told) -> None:
        """Tell the node of a call's viewer, if there is one."""
        if call.viewer_node is not None:
            self.tell(call.viewer_node, envelope)

    def tell_viewer_over(self, call: Call, fault: Fault, *, quietly: bool = False) -> None:
        """Tell the node of a call's viewer that it is over; the viewer hears it unless quietly."""
        over = envelopes.SessionOver(call.session, fault.code, fault.message, quietly)
        self.tell_viewer(call, over)

    def reply(self, call: Call, reply: envelopes.Reply) -> None:
        """Answer the question with which a call began."""
        if call.ask is None:
            self.replies_here.append((call.session, reply))
        else:
            self.out.append(AnswerAsk(call.ask, envelopes.pack(reply)))

    def lasts(self, call: Call, seconds: Seconds) -> None:
        """A call ends in so many seconds, unless it is extended before."""
        call.expires_at = self.now + seconds
        self.wait(call.expires_at, Expired(call.session))

    def move(self, call: Call, event: Event) -> bool:
        """Take a call along its table. False where the event comes out of turn."""
        try:
            call.state = after(call.state, event)
        except OutOfTurn:
            return False
        if call.state is State.OVER:
            self.calls.pop(call.session, None)
            if camera := self.endpoints.get(call.camera):
                camera.forget(call.session)
        return True

    def forget_leg(self, leg: Leg) -> None:
        """A call is over for this node's viewer."""
        self.legs.pop(leg.session, None)
        if viewer := self.endpoints.get(leg.viewer):
            viewer.forget(leg.session)

    def answered(self, endpoint: Endpoint, request_id: Id | None) -> Sent:
        """Which of our requests an answer is for; one without session where it is for none."""
        nothing = Sent("", "")
        return nothing if request_id is None else endpoint.sent.pop(request_id, nothing)

    def wait(self, until: Seconds, deadline: Deadline) -> None:
        """Come back to this at that time."""
        self._order += 1
        heapq.heappush(self._deadlines, (until, self._order, deadline))

    def due(self, now: Seconds) -> list[Deadline]:
        """The deadlines that have passed, each once, in order."""
        passed: list[Deadline] = []
        while self._deadlines and self._deadlines[0][0] <= now:
            passed.append(heapq.heappop(self._deadlines)[2])
        return passed

    def take_out(self) -> list[Command]:
        """The commands that have gathered."""
        out, self.out = self.out, []
        return out
