"""What one node knows at the moment: endpoints, cameras, calls, legs, deadlines. And its outbox."""

import heapq
from collections import deque
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import msgspec

from signaling.protocol import envelopes, messages
from signaling.protocol.call_states import Event, OutOfTurn, State, after
from signaling.protocol.close_codes import BROKEN, Close
from signaling.protocol.commands import Command, Hang, Observe, Say, Tell
from signaling.protocol.faults import Fault
from signaling.protocol.messages import Id

Seconds = float
STAGES: Final = ("connect", "offer", "answer", "ice_connected", "dtls_connected", "first_frame")
LONGEST_STAGE_MS: Final = 120_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Where patience ends: seconds, and counts per endpoint or call."""

    register_within: Seconds = 10
    camera_answers_within: Seconds = 10
    viewer_answers_within: Seconds = 30
    calls_per_camera: int = 16
    calls_per_viewer: int = 16
    trickles_per_call: int = 256
    session_lasts: Seconds | None = None  # unless extended; None: until somebody ends it
    faults_per_endpoint: int = 8
    waiting_frames: int = 16


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


Deadline = Unregistered | Stuck | Expired


class Sent(NamedTuple):
    """A request of ours that waits for its answer."""

    method: str
    session: str


class Connecting(NamedTuple):
    """A viewer's `connect` whose authority is being asked about."""

    camera_id: str
    profile: bytes | None


class Extending(NamedTuple):
    """A viewer's `extend` whose authority is being asked about."""

    session: str


@dataclass(slots=True)
class Endpoint:
    """One socket. `party` is None until `register` has been answered."""

    number: int
    token: str | None  # from the header or the query
    party: Party | None = None
    registering: bool = False
    waiting: list[bytes] = field(default_factory=list[bytes])  # what came while we found out who
    capabilities: list[str] | None = None
    sent: dict[Id, Sent] = field(default_factory=dict[Id, Sent])
    numbers: int = 0
    sessions: set[str] = field(default_factory=set[str])
    deciding: dict[Id, Connecting | Extending] = field(
        default_factory=dict[Id, Connecting | Extending]
    )
    faults: int = 0


@dataclass(slots=True)
class Call:
    """A session at its camera's node."""

    session: str
    camera: int
    viewer_node: str
    ask: int | None  # the other node's question, None where viewer and camera are both here
    state: State = State.ASKED
    invite_id: Id | None = None
    from_camera: int = 0  # trickles relayed so far
    from_viewer: int = 0
    expires_at: Seconds | None = None


@dataclass(slots=True)
class Leg:
    """A session at its viewer's node."""

    session: str
    camera_id: str
    viewer: int
    request_id: Id
    ice_servers: bytes
    extend_id: Id | None = None
    camera_node: str | None = None  # known once the camera takes the call
    early: list[envelopes.Told] = field(default_factory=list[envelopes.Told])


class Board:
    """One node's state and the few acts that all of the switchboard's parts share."""

    def __init__(self, node: str, limits: Limits) -> None:
        self.node = node
        self.limits = limits
        self.endpoints: dict[int, Endpoint] = {}
        self.cameras: dict[str, int] = {}
        self.calls: dict[str, Call] = {}
        self.legs: dict[str, Leg] = {}
        self.out: list[Command] = []
        self.here: deque[envelopes.Told] = deque()  # what this node tells itself
        self.replies_here: deque[tuple[str, envelopes.Reply]] = deque()
        self._deadlines: list[tuple[Seconds, int, Deadline]] = []
        self._order = 0

    def say(self, endpoint: int, frame: bytes) -> None:
        """Send a frame, if the endpoint is still there."""
        if endpoint in self.endpoints:
            self.out.append(Say(endpoint, frame))

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
        else:
            self.count_fault(endpoint)

    def count_fault(self, endpoint: Endpoint) -> None:
        """One more fault of this peer; over the limit its socket is closed."""
        endpoint.faults += 1
        if endpoint.faults == self.limits.faults_per_endpoint:
            self.hang(endpoint.number, BROKEN)

    def hang(self, endpoint: int, close: Close) -> None:
        """Close a socket."""
        self.out.append(Hang(endpoint, close))

    def tell(self, node: str, envelope: envelopes.Told) -> None:
        """Tell another node, or ourselves."""
        if node == self.node:
            self.here.append(envelope)
        else:
            self.out.append(Tell(node, envelopes.pack(envelope)))

    def move(self, call: Call, event: Event) -> bool:
        """Take a call along its table. False where the event comes out of turn."""
        try:
            call.state = after(call.state, event)
        except OutOfTurn:
            return False
        if call.state is State.OVER:
            self.forget_call(call)
        return True

    def forget_call(self, call: Call) -> None:
        """A call is over for this node's camera."""
        self.calls.pop(call.session, None)
        if camera := self.endpoints.get(call.camera):
            camera.sessions.discard(call.session)

    def forget_leg(self, leg: Leg) -> None:
        """A call is over for this node's viewer."""
        self.legs.pop(leg.session, None)
        if viewer := self.endpoints.get(leg.viewer):
            viewer.sessions.discard(leg.session)

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
