"""Protocol tests as a dialogue: `>>` something happens, `<<` somebody hears this.

A playbook joins switchboards, camera ends and viewer ends, and nothing else: no socket, no clock,
no task. Whatever is heard must be expected, in order, before anything else may happen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signaling.protocol import camera as cameras
from signaling.protocol import viewer as viewers
from signaling.protocol.board import Party
from signaling.protocol.close_codes import Close
from signaling.protocol.commands import (
    AnswerAsk,
    Ask,
    Attach,
    Await,
    Back,
    Command,
    Count,
    Forget,
    Hang,
    Hold,
    MayCall,
    Observe,
    Release,
    Say,
    Tell,
    Vouch,
    Who,
)
from signaling.protocol.end import Registered
from signaling.protocol.faults import FORBIDDEN, UNAUTHORISED
from signaling.protocol.limits import Limits
from signaling.protocol.switchboard import Switchboard

ICE = b'[{"urls":["stun:127.0.0.1:3478"]}]'
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
ANSWER = SDP.replace("o=- 1", "o=- 2")


class Later:
    """A value that is known only once it has been heard; afterwards it must be the same."""

    def __init__(self) -> None:
        self.value: Any = None

    def __eq__(self, other: object) -> bool:
        if self.value is None:
            self.value = other
        return bool(self.value == other)

    __hash__ = None  # type: ignore[assignment] # it changes once

    def __repr__(self) -> str:
        return f"Later({self.value!r})"


@dataclass(frozen=True)
class IsRegistered:
    """The gateway knows the person by this id; whether it was resumed, and any epoch."""

    id: str
    resumed: bool = False

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Registered) or other.epoch is None:
            return False
        return (other.id, other.resumed) == (self.id, self.resumed)

    __hash__ = None  # type: ignore[assignment] # equal to what it is not


@dataclass(frozen=True)
class Closed:
    """The socket was closed with this."""

    close: Close


@dataclass(frozen=True)
class Frame:
    """A raw frame was heard: for people without an end."""

    text: str


@dataclass(frozen=True)
class Does:
    """Something that a person does."""

    person: Person
    act: Callable[[Playbook], None]


@dataclass(frozen=True)
class Hears:
    """Something that a person is expected to hear."""

    person: Person
    events: tuple[Any, ...]


@dataclass(frozen=True)
class Passed:
    """Time passes, in seconds."""

    seconds: float


class Silence:
    """Nobody hears anything."""


SILENCE = Silence()


@dataclass(eq=False)
class Person:
    """Somebody with a socket. `token` is also the name in the playbook's list of parties."""

    number: int
    token: str
    end: cameras.CameraEnd | viewers.ViewerEnd | None = None
    node: int = 0
    heard: deque[Any] = field(default_factory=deque[Any])

    def opens(self, header: str | None = None) -> Does:
        """Opens a socket."""
        return Does(self, lambda play: play.run(self, "joined", self.number, header, play.now))

    def says(self, frame: str | bytes | Callable[[], str | list[str]]) -> Does:
        """Sends a frame, or what its end makes of a wish."""

        def act(play: Playbook) -> None:
            said = frame() if callable(frame) else frame
            for one in said if isinstance(said, list) else [said]:
                raw = one.encode() if isinstance(one, str) else one
                play.run(self, "heard", self.number, raw, play.now)

        return Does(self, act)

    def drops(self) -> Does:
        """Loses its socket, without a word."""
        return Does(self, lambda play: play.drop(self, clean=False))

    def closes(self) -> Does:
        """Closes its socket in words."""
        return Does(self, lambda play: play.drop(self, clean=True))

    def comes_back(self) -> Does:
        """Opens another socket, and says where it was."""

        def act(play: Playbook) -> None:
            assert self.end is not None
            self.number = play.fresh_number(self)
            play.run(self, "joined", self.number, None, play.now)
            for frame in self.end.start_again():
                play.run(self, "heard", self.number, frame.encode(), play.now)

        return Does(self, act)

    def hears(self, *events: Any) -> Hears:
        """Hears these, in order."""
        return Hears(self, events)


class Playbook:
    """The stage: one switchboard a node, and what it needs from outside, answered at once."""

    def __init__(self, *people: Person, nodes: int = 1, limits: Limits | None = None) -> None:
        self.now = 0.0
        self._limits = limits
        self.boards = [Switchboard(f"node{number}", limits) for number in range(nodes)]
        self.people = {person.number: person for person in people}
        self.parties: dict[str, Party] = {}
        self.allowed: set[tuple[str, str]] = set()
        self.holders: dict[str, int] = {}
        self.asks: dict[int, tuple[int, str]] = {}
        self.sessions = 0
        self.tickets: dict[tuple[str, str, str], tuple[Party, float | None]] = {}
        self.is_slow = False  # authority, about calls that come back: `vouch` answers then
        self.unvouched: list[tuple[int, int, str, bool]] = []
        self.observed: list[tuple[str, float]] = []
        self.outcomes: list[str] = []
        self.waits: list[tuple[int, float, Await]] = []  # node, until when, for whom
        for person in people:
            kind = isinstance(person.end, cameras.CameraEnd)
            name = person.token.removesuffix("-token")
            self.parties[person.token] = Party(kind, name, f"ses_{name}")

    def __rshift__(self, event: Does | Passed) -> Playbook:
        self._nothing_unheard()
        if isinstance(event, Passed):
            self.pass_time(event.seconds)
        else:
            event.act(self)
        return self

    def __lshift__(self, expected: Hears | Silence) -> Playbook:
        if isinstance(expected, Hears):
            for event in expected.events:
                assert expected.person.heard, f"{expected.person.token} hears nothing; not {event}"
                heard = expected.person.heard.popleft()
                told = f"{expected.person.token}\n hears    {heard}\n not      {event}"
                assert event == heard, told
        else:
            self._nothing_unheard()
        return self

    def run(self, person: Person, verb: str, *given: Any) -> None:
        """Tell the person's switchboard what happened, and do what it wants."""
        self._do(person.node, getattr(self.boards[person.node], verb)(*given))

    def pass_time(self, seconds: float) -> None:
        """So many seconds pass, on every node."""
        self.now += seconds
        for node, board in enumerate(self.boards):
            self._do(node, board.passed(self.now))
        for wait in [wait for wait in self.waits if wait[1] <= self.now]:
            self._arrived(wait, came=False)

    def drop(self, person: Person, *, clean: bool) -> None:
        """A person's socket is gone."""
        self._do(person.node, self.boards[person.node].left(person.number, self.now, clean=clean))

    def fresh_number(self, person: Person) -> int:
        """A number for a person's next socket."""
        number = max(self.people) + 1
        self.people[number] = person
        return number

    def lose_node(self, node: int) -> None:
        """A node dies with everybody that it holds; the others hear of it."""
        self.holders = {camera: at for camera, at in self.holders.items() if at != node}
        name = f"node{node}"
        self.boards[node] = Switchboard(name, self._limits)
        for other, board in enumerate(self.boards):
            if other != node:
                self._do(other, board.node_lost(name, self.now))

    def tell_node(self, node: int, verb: str, *given: Any, **more: Any) -> None:
        """Tell a whole node something, such as an announcement."""
        self._do(node, getattr(self.boards[node], verb)(*given, **more))

    def _nothing_unheard(self) -> None:
        for person in set(self.people.values()):
            assert not person.heard, f"nobody expected {person.token} to hear {list(person.heard)}"

    def _do(self, node: int, wanted: list[Command]) -> None:
        for command in wanted:
            self._do_one(node, command)

    def _do_one(self, node: int, command: Command) -> None:
        board = self.boards[node]
        match command:
            case Say(number, frame):
                self._hear(self.people[number], frame)
            case Hang(number, close):
                self.people[number].heard.append(Closed(close))
                self._do(node, board.left(number, self.now, clean=True))
            case Attach(socket, endpoint):
                person = self.people.pop(socket)
                person.number, self.people[endpoint] = endpoint, person
            case Await():
                self.waits.append((node, self.now + command.within, command))
            case Who() | MayCall() | Vouch() | Hold() | Back() | Release():
                self._find_out(node, command)
            case Ask() | AnswerAsk() | Tell():
                self._carry(node, command)
            case Observe(stage, ms):
                self.observed.append((stage, ms))
            case Count(outcome):
                self.outcomes.append(outcome.value)
            case Forget():
                pass

    def _find_out(self, node: int, command: Who | MayCall | Vouch | Hold | Back | Release) -> None:
        board = self.boards[node]
        match command:
            case Who(number, request_id, tokens):
                parties = [self.parties.get(token) for token in tokens]
                self._do(node, board.known(number, request_id, parties, self.now))
            case MayCall():
                self._decide(node, command)
            case Vouch():
                self._vouch(node, command)
            case Hold(camera_id, number, request_id):
                before = self.holders.get(camera_id)
                self.holders[camera_id] = node
                if before is not None and before != node:
                    self._do(before, self.boards[before].taken(camera_id))
                self._do(node, board.held(number, request_id, self.now))
                self._came(camera_id)
            case Back(camera_id):
                self._came(camera_id)
            case Release(camera_id):
                if self.holders.get(camera_id) == node:
                    del self.holders[camera_id]

    def _came(self, camera_id: str) -> None:
        for wait in [wait for wait in self.waits if wait[2].camera_id == camera_id]:
            self._arrived(wait, came=True)

    def _arrived(self, wait: tuple[int, float, Await], *, came: bool) -> None:
        self.waits.remove(wait)
        node, _, wanted = wait
        arrived = self.boards[node].arrived(wanted.endpoint, wanted.request_id, self.now, came=came)
        self._do(node, arrived)

    def _decide(self, node: int, ask: MayCall) -> None:
        token = ask.token or f"{ask.party_id}-token"
        party = self.parties.get(token)
        board = self.boards[node]
        if party is None or party.id != ask.party_id:
            self._do(node, board.denied(ask.endpoint, ask.request_id, UNAUTHORISED))
        elif (party.id, ask.camera_id) in self.allowed:
            self.sessions += 1
            session, ticket = ask.session or f"call_{self.sessions}", f"ticket_{self.sessions}"
            lasts = self._limits.session_lasts if self._limits else None
            ends = None if lasts is None else self.now + lasts
            self.tickets[ticket, ask.camera_id, session] = (party, ends)
            given = (ask.endpoint, ask.request_id, session, ICE)
            self._do(node, board.allowed(*given, self.now, ticket=ticket))
        else:
            self._do(node, board.denied(ask.endpoint, ask.request_id, FORBIDDEN))

    def vouch(self) -> None:
        """Authority answers about the calls that came back, as it stood when it was asked."""
        unvouched, self.unvouched = self.unvouched, []
        for node, number, session, may in unvouched:
            board = self.boards[node]
            self._do(node, board.vouched(number, session, self.now, may_go_on=may))

    def _vouch(self, node: int, asked: Vouch) -> None:
        for call in asked.calls:
            party, ends = self.tickets.get(
                (call.ticket, asked.camera_id, call.session), (None, None)
            )
            left = None if ends is None else ends - self.now
            given = (asked.endpoint, call.session, party, left, self.now)
            self._do(node, self.boards[node].claimed(*given))
            may = party is not None and (party.id, asked.camera_id) in self.allowed
            self.unvouched.append((node, asked.endpoint, call.session, may))
        if not self.is_slow:
            self.vouch()

    def _carry(self, node: int, command: Ask | AnswerAsk | Tell) -> None:
        match command:
            case Ask(session, camera_id, message):
                holder = self.holders.get(camera_id)
                if holder is None:
                    self._do(node, self.boards[node].replied(session, None, self.now))
                    return
                number = len(self.asks) + 1
                self.asks[number] = (node, session)
                self._do(holder, self.boards[holder].asked(number, camera_id, message, self.now))
            case AnswerAsk(number, message):
                asker, session = self.asks[number]
                self._do(asker, self.boards[asker].replied(session, message, self.now))
            case Tell(name, message):
                other = int(name.removeprefix("node"))
                self._do(other, self.boards[other].told(message))

    def _hear(self, person: Person, frame: bytes) -> None:
        if person.end is None:
            person.heard.append(Frame(frame.decode()))
        else:
            person.heard.extend(person.end.receive(frame))


def a_camera(
    number: int = 1,
    camera_id: str = "cam_porch",
    node: int = 0,
    capabilities: tuple[str, ...] = ("trickle",),
    running: Mapping[str, str] | None = None,
) -> Person:
    """A camera with its end, and the tickets of what it has running."""
    token = f"{camera_id}-token"
    tickets = running if running is not None else dict[str, str]()
    end = cameras.CameraEnd(token, capabilities=capabilities, running=lambda: tickets)
    return Person(number, token, end, node)


def a_viewer(number: int = 2, account_id: str = "acc_anna", node: int = 0) -> Person:
    """A viewer with its end."""
    token = f"{account_id}-token"
    return Person(number, token, viewers.ViewerEnd(token), node)
