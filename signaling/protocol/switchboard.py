"""One node's signaling, whole, without a socket: tell it what happened, do what it answers.

Each input returns the commands that follow from it, in order. `now` is in seconds, from any
clock that never goes back.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from signaling.protocol import envelopes, faults, messages
from signaling.protocol.board import (
    Away,
    Board,
    Connecting,
    Deadline,
    Endpoint,
    Expired,
    Extending,
    Goodbye,
    Leave,
    Party,
    Stuck,
    Told,
    Unregistered,
)
from signaling.protocol.call_states import State
from signaling.protocol.camera_desk import CameraDesk
from signaling.protocol.close_codes import INTERNAL
from signaling.protocol.commands import AnswerAsk, Ask, Command, Say, Tell
from signaling.protocol.draining import Draining
from signaling.protocol.endings import Endings
from signaling.protocol.entrance import Entrance
from signaling.protocol.faults import Fault
from signaling.protocol.limits import Limits, Seconds
from signaling.protocol.messages import Id, Request, Unreadable
from signaling.protocol.running_calls import RunningCalls
from signaling.protocol.viewer_desk import ViewerDesk

# How many of the frames went on, the endpoint that they are to be sent to together (0: none is
# here), and what else is to be done. A plain tuple, as nearly everything goes this way.
Relayed = tuple[int, int, Sequence[Command]]
NOT_RELAYED: Final[Relayed] = (0, 0, ())


class Counts(NamedTuple):
    """How many of what a node has at the moment."""

    endpoints: int
    cameras: int
    calls: int


class Switchboard:
    """The calls of one node. `node` is the name that other nodes reach it by."""

    def __init__(self, node: str, limits: Limits | None = None, *, has_relay: bool = True) -> None:
        self._has_relay = has_relay
        self._relayed_here = self._relayed_across = 0
        self._board = Board(node, limits or Limits())
        self._running = RunningCalls(self._board)
        self._cameras = CameraDesk(self._board, self._running)
        self._viewers = ViewerDesk(self._board)
        self._endings = Endings(self._board, self._viewers, self._running)
        self._entrance = Entrance(self._board, self._cameras, self._viewers, self._hear)
        self._draining = Draining(self._board, self._entrance)

    @property
    def counts(self) -> Counts:
        """How many endpoints, cameras held and calls there are now."""
        board = self._board
        return Counts(len(board.endpoints), len(board.cameras), len(board.calls))

    def take_relayed(self) -> tuple[int, int]:
        """How many candidates went on since this was last asked: at this node, to another."""
        taken = self._relayed_here, self._relayed_across
        self._relayed_here = self._relayed_across = 0
        return taken

    def is_there(self, camera_id: str) -> bool:
        """Whether the camera is connected here at this moment."""
        camera = self._board.camera(camera_id)
        return camera is not None and camera.is_connected

    def joined(self, number: int, token: str | None, now: Seconds) -> list[Command]:
        """A socket opened; `token` came with its header or address."""
        self._board.now = now
        self._entrance.joined(number, token)
        self._draining.joined(number)
        return self._commands()

    def heard(self, number: int, frame: bytes, now: Seconds) -> list[Command]:
        """A socket's text frame."""
        board = self._board
        endpoint = board.endpoints.get(number)
        if endpoint is None:
            return []
        board.now = now
        count, peer, told = self.relay(number, (frame,), now)
        if count:
            return [Say(peer, frame)] if peer else [*told]
        if endpoint.registering:
            self._entrance.keep_waiting(endpoint, frame)
        else:
            self._hear(endpoint, frame)
        return self._commands()

    def relay(self, number: int, frames: Sequence[bytes], now: Seconds) -> Relayed:
        """Pass on what a read brought, as far as it is candidates of one session, as it came."""
        board = self._board
        endpoint = board.endpoints.get(number)
        if endpoint is None or not endpoint.sessions:
            return NOT_RELAYED
        session = messages.session_of_trickle(frames[0])
        route = endpoint.sessions.get(session)
        if route is None:
            return NOT_RELAYED
        board.now = now
        count = messages.leading_trickles(frames, route.head, route.left)
        if count and route.peer:
            self._relayed_here += count
            route.left -= count
            endpoint.heard += count
            leading = frames if count == len(frames) else frames[:count]
            return count, self._to_peer(route.peer, leading), ()
        if count and route.node is not None:
            self._relayed_across += count
            route.left -= count
            endpoint.heard += count
            is_camera = endpoint.party is not None and endpoint.party.is_camera
            kind = envelopes.ForViewer if is_camera else envelopes.ForCamera
            told = [envelopes.pack(kind(session, frame)) for frame in frames[:count]]
            return count, 0, [Tell(route.node, message) for message in told]
        return NOT_RELAYED

    def known(
        self, number: int, request_id: Id, parties: Sequence[Party | None], now: Seconds
    ) -> list[Command]:
        """Whose tokens they are (see Who); None for one that doesn't hold."""
        self._board.now = now
        self._entrance.known(number, request_id, parties)
        return self._commands()

    def not_known(self, number: int) -> list[Command]:
        """Whose tokens they are can't be found out at the moment."""
        self._board.hang(number, INTERNAL)
        return self._commands()

    def held(self, number: int, request_id: Id, now: Seconds) -> list[Command]:
        """The engine brings us the camera's calls from now on (see Hold)."""
        self._board.now = now
        endpoint = self._board.endpoints.get(number)
        if endpoint and endpoint.party:
            self._entrance.registered(endpoint, request_id, endpoint.party)
        return self._commands()

    def allowed(
        self,
        number: int,
        request_id: Id,
        session: str,
        ice_servers: bytes,
        now: Seconds,
        *,
        relay_only: bool = False,
        ticket: str | None = None,
    ) -> list[Command]:
        """The viewer may see the camera (see MayCall), perhaps by a relay only.

        `session` is a fresh id, unless MayCall named one; `ticket` is for the camera.
        """
        self._board.now = now
        viewer = self._board.endpoints.get(number)
        if viewer is None:
            return []
        match viewer.deciding.pop(request_id, None):
            case Connecting() as wish:
                wish = wish._replace(relay_only=relay_only or wish.relay_only)
                if wish.relay_only and not self._has_relay:
                    self._viewers.denied(viewer, request_id, faults.NO_RELAY)
                    return self._commands()
                ask = self._viewers.allowed(viewer, request_id, wish, session, ice_servers, ticket)
                self._ask(wish.camera_id, ask)
            case Extending(extended):
                self._viewers.may_extend(viewer, request_id, extended, ticket)
            case None:
                pass
        return self._commands()

    def denied(self, number: int, request_id: Id, fault: Fault) -> list[Command]:
        """The viewer may not call the camera (see MayCall)."""
        if viewer := self._board.endpoints.get(number):
            viewer.deciding.pop(request_id, None)
            self._viewers.denied(viewer, request_id, fault)
        return self._commands()

    def claimed(
        self,
        number: int,
        session: str,
        viewer: Party | None,
        left: Seconds | None,
        now: Seconds,
    ) -> list[Command]:
        """Whose call it is that a camera says is running (see Vouch), and how long it may yet last.

        `viewer` is None where its ticket does not hold, `left` where it has no end.
        """
        self._board.now = now
        camera = self._board.endpoints.get(number)
        if camera and camera.party:
            self._running.claimed(camera, session, viewer, left)
        return self._commands()

    def vouched(self, number: int, session: str, now: Seconds, *, may_go_on: bool) -> list[Command]:
        """Whether a call that a camera says is running may go on (see Vouch)."""
        self._board.now = now
        if camera := self._board.endpoints.get(number):
            self._running.vouched(camera, session, may_go_on=may_go_on)
        return self._commands()

    def replied(self, session: str, message: bytes | None, now: Seconds) -> list[Command]:
        """What the camera's node replied (see Ask); None where nobody holds the camera."""
        self._board.now = now
        self._viewers.replied(session, None if message is None else envelopes.read_reply(message))
        return self._commands()

    def arrived(self, number: int, request_id: Id, now: Seconds, *, came: bool) -> list[Command]:
        """Whether the camera that was waited for has come (see Await)."""
        self._board.now = now
        viewer = self._board.endpoints.get(number)
        if viewer and viewer.party:
            self._viewers.arrived(viewer, viewer.party, request_id, came=came)
        return self._commands()

    def asked(self, ask: int, camera_id: str, message: bytes, now: Seconds) -> list[Command]:
        """Another node asks for a camera of ours; AnswerAsk names `ask` again."""
        self._board.now = now
        if reply := self._cameras.asked(camera_id, envelopes.read_ask(message), ask):
            self._board.out.append(AnswerAsk(ask, envelopes.pack(reply)))
        return self._commands()

    def told(self, message: bytes) -> list[Command]:
        """Another node tells us something (see Tell)."""
        self._board.here.append(envelopes.read_told(message))
        return self._commands()

    def taken(self, camera_id: str) -> list[Command]:
        """A camera of ours has registered at another node."""
        self._entrance.taken(camera_id)
        return self._commands()

    def node_lost(self, node: str, now: Seconds) -> list[Command]:
        """Another node stopped or died."""
        self._board.now = now
        self._viewers.node_lost(node)
        self._cameras.node_lost(node)
        return self._commands()

    def drain(self, over: Seconds, now: Seconds) -> list[Command]:
        """Let everybody go, spread over so many seconds; a call in set-up is finished first."""
        self._board.now = now
        self._draining.begin(over)
        return self._commands()

    def sign_in_ended(self, sign_in: str) -> list[Command]:
        """A person's sign-in is over: its sockets are closed, and their calls end."""
        self._endings.of_people(lambda party: party.sign_in == sign_in)
        return self._commands()

    def account_ended(self, account_id: str) -> list[Command]:
        """An account may do nothing more: its sockets are closed, and their calls end."""
        self._endings.of_people(lambda party: party.id == account_id)
        return self._commands()

    def camera_changed_hands(self, camera_id: str) -> list[Command]:
        """A camera has another owner, or none: its calls end, whoever watches."""
        self._endings.of_camera(camera_id)
        return self._commands()

    def share_ended(self, account_id: str, camera_id: str) -> list[Command]:
        """One person may see one camera no more."""
        self._endings.of_share(account_id, camera_id)
        return self._commands()

    def passed(self, now: Seconds) -> list[Command]:
        """Time has passed."""
        self._board.now = now
        for deadline in self._board.due(now):
            self._came_due(deadline)
        return self._commands()

    def left(self, number: int, now: Seconds, *, clean: bool) -> list[Command]:
        """A socket is gone; `clean` where somebody closed it in words."""
        self._board.now = now
        self._entrance.left(number, clean=clean)
        return self._commands()

    def _came_due(self, deadline: Deadline) -> None:
        match deadline:
            case Unregistered(number):
                self._entrance.still_unregistered(number)
            case Stuck(session, state):
                if (call := self._board.calls.get(session)) and call.state is state:
                    self._cameras.passed(call)
            case Expired(session):
                if call := self._board.calls.get(session):
                    self._cameras.expired(call)
            case Away(number):
                self._entrance.stayed_away(number)
            case Told(number):
                self._forget_said(number)
            case Goodbye(camera_id):
                self._entrance.forget_goodbye(camera_id)
            case Leave(number):
                self._draining.turn_of(number)

    def _to_peer(self, number: int, frames: Sequence[bytes]) -> int:
        """The peer, where its socket is there; one that is away hears them when it is back."""
        peer = self._board.endpoints.get(number)
        if peer is None:
            return 0
        self._board.keep(peer, frames)
        return number if peer.away_until is None else 0

    def _ask(self, camera_id: str, ask: envelopes.CallAsk) -> None:
        if camera_id not in self._board.cameras and camera_id not in self._board.goodbyes:
            self._board.out.append(Ask(ask.session, camera_id, envelopes.pack(ask)))
        elif reply := self._cameras.asked(camera_id, ask, None):
            self._viewers.replied(ask.session, reply)

    def _hear(self, endpoint: Endpoint, frame: bytes) -> None:
        if endpoint.party is not None:
            endpoint.heard += 1
        try:
            message = messages.parse(frame)
        except Unreadable as reason:
            self._board.blame(endpoint, reason.id, reason.fault)
            return
        if isinstance(message, Request) and message.method == "register":
            self._entrance.register(endpoint, message)
        elif isinstance(message, Request) and message.method == "unregister":
            self._entrance.unregister(endpoint, message)
        elif endpoint.party is None:
            request_id = message.id if isinstance(message, Request) else None
            self._board.blame(endpoint, request_id, faults.UNAUTHORISED)
        elif endpoint.party.is_camera:
            self._cameras.heard(endpoint, message)
        else:
            self._viewers.heard(endpoint, endpoint.party, message)

    def _forget_said(self, number: int) -> None:
        endpoint = self._board.endpoints.get(number)
        if endpoint is None or endpoint.said is None:
            return
        calls = map(self._board.calls.get, endpoint.sessions)
        if endpoint.deciding or any(not call or call.state is not State.DETACHED for call in calls):
            self._board.wait(self._board.now + self._board.limits.keep_for, Told(number))
        else:
            endpoint.said.forget()

    def _commands(self) -> list[Command]:
        board = self._board
        while board.here or board.replies_here:
            while board.replies_here:
                self._viewers.replied(*board.replies_here.popleft())
            if board.here:
                self._dispatch(board.here.popleft())
        return board.take_out()

    def _dispatch(self, told: envelopes.Told) -> None:
        # SessionOver is for whichever half of the session is here: never both have it to hear,
        # because the half that told it has forgotten the session already.
        match told:
            case (
                envelopes.Ringing()
                | envelopes.ForViewer()
                | envelopes.Offer()
                | envelopes.Extended()
            ):
                self._viewers.told(told)
            case envelopes.SessionOver():
                self._viewers.told(told)
                self._cameras.told(told)
            case _:
                self._cameras.told(told)
