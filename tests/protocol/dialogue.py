"""Whole calls as they were really spoken: recorded once, to be said again with changes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from signaling.protocol.board import KEEPS_TICKETS, Limits
from signaling.protocol.call_states import State
from signaling.protocol.camera import CallWanted, CameraEnd
from signaling.protocol.commands import Command, MayCall, Say, Who
from signaling.protocol.end import Reply
from signaling.protocol.faults import NO_RESOURCES
from signaling.protocol.viewer import CallAllowed, Offered, ViewerEnd
from tests.protocol.playbook import ANSWER, SDP, Person, Playbook, a_camera, a_viewer
from tests.protocol.stage import HOST

LIMITS = Limits(session_lasts=60, calls_per_camera=4, calls_per_viewer=4, trickles_per_call=8)
PEOPLE = {
    1: "cam_porch",
    2: "acc_anna",
    3: "cam_barn",
    4: "acc_bert",
    5: "acc_eve",
    6: "cam_porch",  # the same camera, on its next socket
}
ENDS_BY_ITSELF = "cam_porch"  # the other one does not know `extend`, nor tickets
MAY_CALL = {("acc_anna", "cam_porch"), ("acc_bert", "cam_barn"), ("acc_eve", "cam_porch")}


@dataclass(frozen=True)
class Input:
    """One thing that happened to the switchboard of somebody's node."""

    who: int
    verb: str  # joined, heard, left; or passed, for everybody
    frame: bytes = b""
    seconds: float = 0.0


@dataclass
class Owners:
    """Whose session it is: one viewer's socket, and one socket of the camera that was asked for."""

    viewer: int
    camera_id: str
    camera: int | None = None


@dataclass(eq=False)
class Watched(Playbook):
    """A playbook in which nobody hears of, or is heard in, a session that isn't theirs."""

    nodes: int
    speaker: int | None = None
    owners: dict[str, Owners] = field(default_factory=dict[str, Owners])
    running: dict[str, str] = field(default_factory=dict[str, str])  # on the porch: tickets
    brought: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])  # by whom, anew

    def __post_init__(self) -> None:
        people = [self._person(number, name) for number, name in PEOPLE.items()]
        super().__init__(*people, nodes=self.nodes, limits=LIMITS)
        self.allowed = set(MAY_CALL)

    def happens(self, it: Input) -> None:
        """Something happens."""
        if it.verb == "passed":
            self.pass_time(it.seconds)
            return
        given: dict[str, tuple[Any, ...]] = {
            "joined": (it.who, None, self.now),
            "heard": (it.who, it.frame, self.now),
        }
        person = self.people[it.who]
        if it.verb == "joined":  # on a socket of its own: the one before is gone by then
            self.leave(person, it.who)
        self.speaker = it.who if it.verb == "heard" else None
        if it.verb == "left":
            self.leave(person, it.who)
        else:
            self.run(person, it.verb, *given[it.verb])
        self.speaker = None

    def leave(self, person: Person, number: int) -> None:
        """A socket is closed in words."""
        self._do(person.node, self.boards[person.node].left(number, self.now, clean=True))

    def everybody_leaves(self, *, cameras_first: bool = False) -> None:
        """And nothing is left; of a call not even while its other end is still there.

        But for a call that ran without its viewer's socket: it is known while its camera is there.
        """
        cameras = [number for number, name in PEOPLE.items() if name.startswith("cam_")]
        viewers = [number for number in PEOPLE if number not in cameras]
        for leaving in (cameras, viewers) if cameras_first else (viewers, cameras):
            for number in leaving:
                self.leave(self.people[number], number)
            for _ in range(3):  # some deadlines lead to others
                self.happens(Input(0, "passed", seconds=10_000))
            for board in self.boards:
                kept = {call.state for call in board._board.calls.values()}
                assert kept <= (set() if cameras_first else {State.DETACHED})
                assert not board._board.legs
        for board in self.boards:
            assert board.counts == (0, 0, 0)
            assert not board._board._deadlines
            assert not board._board.out
        assert not self.holders

    def _person(self, number: int, name: str) -> Person:
        if not name.startswith("cam_"):  # viewers are at another node, where there is one
            return a_viewer(number, name, self.nodes - 1)
        if name != ENDS_BY_ITSELF:
            return a_camera(number, name)
        return a_camera(number, name, 0, ("trickle", "extend", KEEPS_TICKETS), self.running)

    def _do_one(self, node: int, command: Command) -> None:
        if isinstance(command, Who):
            claims = self.boards[node]._board.endpoints[command.endpoint].claims
            self.brought |= {(command.endpoint, claim.session) for claim in claims}
        if isinstance(command, Say):
            self._heard_rightly(command.endpoint, command.frame)
        super()._do_one(node, command)

    def _decide(self, node: int, ask: MayCall) -> None:
        self.owners[f"call_{self.sessions + 1}"] = Owners(ask.endpoint, ask.camera_id)
        super()._decide(node, ask)

    def _heard_rightly(self, number: int, frame: bytes) -> None:
        told = json.loads(frame)
        if self._makes_room(number, told):
            return
        for place in ("params", "result", "error"):
            members = told.get(place)
            if isinstance(members, dict) and "session" in members:
                if told.get("method") == "error" and (number, members["session"]) in self.brought:
                    continue  # whoever says that a call runs is told that it does not
                owners = self.owners[members["session"]]
                if told.get("method") == "connect" and owners.camera_id == self._id_of(number):
                    owners.camera = number
                assert number in (owners.viewer, owners.camera), f"{number} hears {frame!r}"
                assert self._is_of(owners, self.speaker), f"{self.speaker} causes {frame!r}"
        if self.speaker not in (None, number):
            shared = [it for it in self.owners.values() if number in (it.viewer, it.camera)]
            assert any(self._is_of(it, self.speaker) for it in shared), f"{number}: {frame!r}"

    def _makes_room(self, number: int, told: dict[str, Any]) -> bool:
        """Whether a camera is told that an old call of its ends, because somebody calls it anew."""
        params = told["params"] if told.get("method") == "error" else {}
        if params.get("message") != NO_RESOURCES.message:
            return False
        owners = self.owners.get(params["session"])
        return owners is not None and owners.camera_id == self._id_of(number)

    def _is_of(self, owners: Owners, speaker: int | None) -> bool:
        """Whether it is their session; a camera's next socket ends what was on the one before."""
        if speaker in (None, owners.viewer, owners.camera):
            return True
        return self._id_of(speaker) == owners.camera_id

    def _id_of(self, number: int) -> str | None:
        board = self.boards[self.people[number].node]._board
        endpoint = board.endpoints.get(number)
        return endpoint.party.id if endpoint and endpoint.party else None


class Recorder(Watched):
    """Plays a script with well-behaved ends, and keeps what came in."""

    def __init__(self, nodes: int) -> None:
        super().__init__(nodes)
        self.inputs: list[Input] = []
        self.sessions_of: dict[int, list[str]] = {number: [] for number in PEOPLE}
        self.moods: dict[int, str] = {}

    def happens(self, it: Input) -> None:
        """Something happens, is kept, and is answered by whoever is asked something."""
        self.inputs.append(it)
        super().happens(it)
        for person in self.people.values():
            while person.heard:
                self._answer(person, person.heard.popleft())

    def says(self, who: int, *frames: str) -> None:
        """Somebody says something."""
        for frame in frames:
            self.happens(Input(who, "heard", frame.encode()))

    def camera(self, who: int) -> CameraEnd:
        """A camera's end."""
        end = self.people[who].end
        assert isinstance(end, CameraEnd)
        return end

    def viewer(self, who: int) -> ViewerEnd:
        """A viewer's end."""
        end = self.people[who].end
        assert isinstance(end, ViewerEnd)
        return end

    def comes(self, who: int) -> None:
        """Somebody opens a socket and registers."""
        self.happens(Input(who, "joined"))
        end = self.people[who].end
        assert end is not None
        self.says(who, *end.start())

    def calls(self, who: int, camera_id: str) -> str:
        """Somebody calls; the session, or an empty word."""
        known = len(self.sessions_of[who])
        self.says(who, self.viewer(who).call(camera_id))
        return (self.sessions_of[who][known:] or [""])[0]

    def _answer(self, person: Person, event: Any) -> None:
        number, mood = person.number, self.moods.get(person.number, "")
        match event:
            case CallWanted(request_id=ring) if mood == "declines":
                self.says(number, self.camera(number).decline(ring, 480, "asleep"))
            case CallWanted(session, _, ring, ticket=ticket):
                if ticket is not None:
                    self.running[session] = ticket
                lens = self.camera(number)
                self.says(number, lens.accept(ring), lens.candidate(session, HOST))
                self.says(number, lens.invite(session, SDP), lens.candidate(session, None))
            case CallAllowed(session):
                self.sessions_of[number].append(session)
            case Offered(request_id=asked) if mood == "refuses":
                self.says(number, self.viewer(number).refuse_offer(asked, 400, "no codec"))
            case Offered(session, _, asked) if mood != "is silent":
                phone = self.viewer(number)
                self.says(number, phone.candidate(session, HOST), phone.answer(asked, ANSWER))
                self.says(number, phone.candidate(session, None))
            case Reply(frame):
                self.says(number, frame)
            case _:
                pass


@cache
def dialogues(nodes: int) -> tuple[tuple[Input, ...], ...]:
    """What is said on one node, or with the viewers on another than the cameras."""
    recorded: list[tuple[Input, ...]] = []
    for script in (_two_homes, _second_thoughts):
        recorder = Recorder(nodes)
        for who in range(1, 6):
            recorder.comes(who)
        script(recorder)
        recorded.append(tuple(recorder.inputs))
    return tuple(recorded)


def _two_homes(play: Recorder) -> None:
    """Three calls that go well, one of them a guest's on the porch."""
    porch, barn = play.camera(1), play.camera(3)
    anna, bert, eve = (play.viewer(number) for number in (2, 4, 5))
    first, second = play.calls(2, "cam_porch"), play.calls(4, "cam_barn")
    guest = play.calls(5, "cam_porch")
    play.says(2, anna.candidate(first, HOST), anna.stage(first, "first_frame", 80))
    play.says(1, porch.candidate(guest, HOST), porch.stage(guest, "offer", 3))
    play.says(4, bert.extend(second))
    play.happens(Input(0, "passed", seconds=50))
    play.says(2, anna.extend(first))
    play.says(5, eve.close(guest, "seen enough"))
    play.says(3, barn.hang_up(second, 1001, "too hot"))
    play.happens(Input(0, "passed", seconds=59))
    play.calls(4, "cam_barn")
    play.comes(6)
    play.calls(5, "cam_porch")
    play.says(6, play.camera(6).unregister())
    play.happens(Input(2, "left"))


def _second_thoughts(play: Recorder) -> None:
    """Calls that are declined, refused, forbidden, left alone, forgotten."""
    anna = play.viewer(2)
    play.moods = {3: "declines", 5: "refuses"}
    play.calls(4, "cam_barn")
    play.calls(5, "cam_porch")
    play.calls(4, "cam_porch")
    play.moods = {5: "is silent", 2: "is silent"}
    play.calls(5, "cam_porch")
    session = play.calls(2, "cam_porch")
    bare = {"jsonrpc": "2.0", "error": {"session": session, "code": 410, "message": "gone"}}
    play.says(2, json.dumps(bare))
    play.happens(Input(5, "left"))
    play.comes(5)
    play.calls(5, "cam_porch")
    play.happens(Input(0, "passed", seconds=31))
    play.moods = {}
    session = play.calls(2, "cam_porch")
    play.happens(Input(1, "left"))
    play.comes(1)
    play.says(2, anna.unregister(), *anna.start())
    play.calls(2, "cam_porch")
