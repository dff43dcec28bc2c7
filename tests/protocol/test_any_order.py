"""Whatever comes, in whatever order: the switchboard neither falls over nor forgets to forget."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from signaling.protocol import messages
from signaling.protocol.board import Party
from signaling.protocol.camera import CameraEnd
from signaling.protocol.commands import Command, Hang, Hold, MayCall, Release, Say, Vouch, Who
from signaling.protocol.limits import Limits
from signaling.protocol.messages import Unreadable
from signaling.protocol.switchboard import Switchboard
from signaling.protocol.viewer import ViewerEnd
from tests.protocol.playbook import ANSWER, ICE, SDP

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["session", "peer", "candidate", "offer", "authorization", "code", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
METHODS = ["register", "connect", "invite", "trickle", "extend", "error", "unregister", "x"]
frames = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.sampled_from(["2.0", "1.0", 2]),
        "id": st.none() | st.integers(0, 3) | st.text(max_size=3) | st.floats(allow_nan=False),
        "method": st.sampled_from(METHODS) | json_values,
        "params": json_values,
        "result": json_values,
        "error": json_values,
    },
).map(lambda frame: json.dumps(frame).encode())


@given(st.binary(max_size=200) | frames)
def test_any_bytes_are_a_message_or_unreadable(frame: bytes):
    try:
        messages.parse(frame)
    except Unreadable as reason:
        assert reason.fault.code in (-32700, -32600)


@given(st.lists(st.binary(max_size=100) | frames, max_size=20))
def test_an_end_survives_any_gateway(heard: list[bytes]):
    for end in (CameraEnd("token"), ViewerEnd("token")):
        end.start()
        for frame in heard:
            end.receive(frame)


class AnyOrder(RuleBasedStateMachine):
    """Cameras and viewers that come, go, behave and misbehave, on one node."""

    sockets = Bundle("sockets")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        limits = Limits(calls_per_camera=3, calls_per_viewer=3, faults_per_endpoint=50)
        self.board = Switchboard("node", limits)
        self.numbers = 0
        self.sessions = 0
        self.open: set[int] = set()
        self.parties: dict[int, Party] = {}
        self.held: set[str] = set()
        self.requests: dict[int, list[dict[str, Any]]] = {}
        self.told: set[str] = set()
        self.asked: list[tuple[int, str]] = []  # calls that came back, and may they go on?

    @rule(target=sockets, is_camera=st.booleans(), who=st.sampled_from("ab"))
    def comes(self, is_camera: bool, who: str) -> int:
        """Somebody opens a socket and registers."""
        self.numbers += 1
        number = self.numbers
        self.open.add(number)
        self.parties[number] = Party(is_camera, who)
        self._do(self.board.joined(number, "token", self.now))
        self._say(number, {"id": 1, "method": "register"})
        return number

    @rule(number=sockets, data=st.data())
    def comes_back(self, number: int, data: st.DataObject) -> None:
        """Somebody registers once more, and names calls, perhaps another's or none at all."""
        sessions = data.draw(st.lists(st.sampled_from([*sorted(self.told), "x"]), max_size=5))
        calls = [{"session": session, "ticket": f"of {session}"} for session in sessions]
        params = {"authorization": "token", "secuhome": {"calls": calls}}
        self._say(number, {"id": 5, "method": "unregister"})
        self._say(number, {"id": 6, "method": "register", "params": params})

    @rule(may_go_on=st.booleans())
    def authority_answers(self, may_go_on: bool) -> None:
        """About the calls that came back, too late perhaps."""
        asked, self.asked = self.asked, []
        for number, session in asked:
            self._do(self.board.vouched(number, session, self.now, may_go_on=may_go_on))

    @rule(who=st.sampled_from("ab"), camera=st.sampled_from("ab"))
    def authority_ends(self, who: str, camera: str) -> None:
        """Somebody may see a camera no more: no call of theirs to it is left."""
        self._do(self.board.share_ended(who, camera))
        board = self.board._board
        for call in board.calls.values():
            party = board.endpoints[call.camera].party
            assert party is not None
            assert (call.viewer.id, party.id) != (who, camera)

    @rule(number=consumes(sockets))
    def goes(self, number: int) -> None:
        """Somebody's socket is gone."""
        self.open.discard(number)
        self._do(self.board.left(number, self.now, clean=True))

    @rule(number=sockets)
    def says_goodbye(self, number: int) -> None:
        """Somebody unregisters, and may register again."""
        self._say(number, {"id": 3, "method": "unregister"})
        self._say(number, {"id": 4, "method": "register", "params": {"authorization": "token"}})

    @rule(number=sockets, camera=st.sampled_from("ab"))
    def calls(self, number: int, camera: str) -> None:
        """Somebody calls a camera; a camera may try it too."""
        params = {"peer": camera, "authorization": "token"}
        self._say(number, {"id": 2, "method": "connect", "params": params})

    @rule(number=sockets, well=st.booleans(), data=st.data())
    def answers(self, number: int, well: bool, data: st.DataObject) -> None:
        """Somebody answers something that it was asked, twice perhaps."""
        asked = self.requests.get(number)
        if not asked:
            return
        request = data.draw(st.sampled_from(asked))
        good = {"answer": ANSWER} if request["method"] == "invite" else {"capabilities": []}
        answer = {"result": good} if well else {"error": {"code": 480, "message": "no"}}
        self._say(number, {"id": request["id"], **answer})

    @rule(number=sockets, data=st.data(), method=st.sampled_from(["invite", "trickle", "error"]))
    def speaks_in_a_session(self, number: int, data: st.DataObject, method: str) -> None:
        """Somebody speaks in a session, perhaps another's."""
        if not self.told:
            return
        session = data.draw(st.sampled_from(sorted(self.told)))
        more = {"offer": SDP, "candidate": {}, "code": 410, "message": ""}
        frame: dict[str, Any] = {"method": method, "params": {"session": session, **more}}
        self._say(number, frame | ({"id": 9} if method == "invite" else {}))

    @rule(number=sockets, frame=frames)
    def says_anything(self, number: int, frame: bytes) -> None:
        """Somebody says anything at all."""
        self._do(self.board.heard(number, frame, self.now))

    @rule(seconds=st.floats(0.1, 40))
    def time_passes(self, seconds: float) -> None:
        """Deadlines come."""
        self.now += seconds
        self._do(self.board.passed(self.now))

    @invariant()
    def nothing_is_counted_twice(self) -> None:
        """Endpoints are the open sockets, held cameras have one of them, calls keep their limit."""
        endpoints, cameras, calls = self.board.counts
        assert endpoints == len(self.open)
        assert cameras == len(self.held) <= endpoints
        assert calls <= 3 * cameras

    def teardown(self) -> None:
        """When everybody has left, nothing is left."""
        for number in sorted(self.open):
            self._do(self.board.left(number, self.now, clean=True))
        assert self.board.counts == (0, 0, 0)
        assert not self.held

    def _say(self, number: int, frame: dict[str, Any]) -> None:
        said = json.dumps({"jsonrpc": "2.0", **frame}).encode()
        self._do(self.board.heard(number, said, self.now))

    def _do(self, wanted: list[Command]) -> None:
        for command in wanted:
            match command:
                case Say(number, frame):
                    self._hear(number, json.loads(frame))
                case Hang(number, _):
                    self.open.discard(number)
                    self._do(self.board.left(number, self.now, clean=True))
                case Who(number, request_id, tokens):
                    known = [self.parties[number] if t == "token" else None for t in tokens]
                    self._do(self.board.known(number, request_id, known, self.now))
                case Hold(camera_id, number, request_id):
                    self.held.add(camera_id)
                    self._do(self.board.held(number, request_id, self.now))
                case Vouch(number, _, calls):
                    for call in calls:
                        self._claimed(number, call.session)
                case Release(camera_id):
                    self.held.remove(camera_id)
                case MayCall():
                    self.sessions += 1
                    given = (command.endpoint, command.request_id, f"call_{self.sessions}")
                    self._do(self.board.allowed(*given, ICE, self.now))
                case other:
                    self._elsewhere(other)

    def _claimed(self, number: int, session: str) -> None:
        viewer = None if session == "x" else Party(is_camera=False, id="a")
        self._do(self.board.claimed(number, session, viewer, None, self.now))
        self.asked.append((number, session))

    def _elsewhere(self, command: Command) -> None:
        session = getattr(command, "session", None)
        if session is not None:  # an Ask: no other node holds the camera
            self._do(self.board.replied(session, None, self.now))

    def _hear(self, number: int, frame: dict[str, Any]) -> None:
        assert number in self.open
        if "method" in frame and "id" in frame:
            self.requests.setdefault(number, []).append(frame)
        told = frame.get("params") or frame.get("result") or {}
        if isinstance(told, dict) and "session" in told:
            self.told.add(told["session"])


TestAnyOrder = AnyOrder.TestCase
