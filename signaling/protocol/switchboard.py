"""One node's signaling, whole, without a socket: tell it what happened, do what it answers.

Each input returns the commands that follow from it, in order. `now` is in seconds, from any
clock that never goes back.
"""

from collections.abc import Callable, Sequence

import msgspec

from signaling.protocol import envelopes, faults, messages
from signaling.protocol.board import (
    Board,
    Connecting,
    Endpoint,
    Expired,
    Extending,
    Limits,
    Party,
    Seconds,
    Stuck,
    Unregistered,
)
from signaling.protocol.camera_desk import CameraDesk
from signaling.protocol.close_codes import BAD_TOKEN, NOT_IN_TIME, REPLACED, REVOKED
from signaling.protocol.commands import AnswerAsk, Ask, Command, Hold, Release, Who
from signaling.protocol.faults import Fault
from signaling.protocol.messages import Id, Request, Unreadable
from signaling.protocol.viewer_desk import ViewerDesk


class Switchboard:
    """The calls of one node. `node` is the name that other nodes reach it by."""

    def __init__(self, node: str, limits: Limits | None = None) -> None:
        self._board = Board(node, limits or Limits())
        self._cameras = CameraDesk(self._board)
        self._viewers = ViewerDesk(self._board)

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many endpoints, cameras held and calls there are now."""
        return len(self._board.endpoints), len(self._board.cameras), len(self._board.calls)

    def joined(self, number: int, token: str | None, now: Seconds) -> list[Command]:
        """A socket opened; `token` came with its header or address."""
        self._board.endpoints[number] = Endpoint(number, token)
        self._board.wait(now + self._board.limits.register_within, Unregistered(number))
        return self._commands()

    def heard(self, number: int, frame: bytes, now: Seconds) -> list[Command]:
        """A socket's text frame."""
        endpoint = self._board.endpoints.get(number)
        if endpoint is None:
            return []
        if endpoint.registering:
            self._keep_waiting(endpoint, frame)
        else:
            self._hear(endpoint, frame, now)
        return self._commands()

    def known(
        self, number: int, request_id: Id, parties: Sequence[Party | None], now: Seconds
    ) -> list[Command]:
        """Whose tokens they are (see Who); None for one that doesn't hold."""
        endpoint = self._board.endpoints.get(number)
        if endpoint is None:
            return []
        party = parties[0] if parties and len(set(parties)) == 1 else None
        if party is None:
            self._board.refuse(endpoint, request_id, faults.UNAUTHORISED)
            self._board.hang(number, BAD_TOKEN)
        elif party.is_camera:
            endpoint.party = party
            self._replace(party.id, number)
            self._board.out.append(Hold(party.id, number, request_id))
        else:
            endpoint.party = party
            self._registered(endpoint, request_id, party, now)
        return self._commands()

    def held(self, number: int, request_id: Id, now: Seconds) -> list[Command]:
        """The engine brings us the camera's calls from now on (see Hold)."""
        endpoint = self._board.endpoints.get(number)
        if endpoint and endpoint.party:
            self._registered(endpoint, request_id, endpoint.party, now)
        return self._commands()

    def allowed(
        self, number: int, request_id: Id, session: str, ice_servers: bytes, now: Seconds
    ) -> list[Command]:
        """The viewer may see the camera (see MayCall). `session` is a fresh id."""
        viewer = self._board.endpoints.get(number)
        if viewer is None:
            return []
        match viewer.deciding.pop(request_id, None):
            case Connecting() as wish:
                ask = self._viewers.allowed(viewer, request_id, wish, session, ice_servers)
                self._ask(wish.camera_id, ask, now)
            case Extending(extended):
                self._viewers.may_extend(viewer, request_id, extended)
            case None:
                pass
        return self._commands()

    def denied(self, number: int, request_id: Id, fault: Fault) -> list[Command]:
        """The viewer may not call the camera (see MayCall)."""
        if viewer := self._board.endpoints.get(number):
            viewer.deciding.pop(request_id, None)
            self._board.refuse(viewer, request_id, fault)
        return self._commands()

    def replied(self, session: str, message: bytes | None) -> list[Command]:
        """What the camera's node replied (see Ask); None where nobody holds the camera."""
        self._viewers.replied(session, None if message is None else envelopes.read_reply(message))
        return self._commands()

    def asked(self, ask: int, camera_id: str, message: bytes, now: Seconds) -> list[Command]:
        """Another node asks for a camera of ours; AnswerAsk names `ask` again."""
        if reply := self._cameras.asked(camera_id, envelopes.read_ask(message), ask, now):
            self._board.out.append(AnswerAsk(ask, envelopes.pack(reply)))
        return self._commands()

    def told(self, message: bytes) -> list[Command]:
        """Another node tells us something (see Tell)."""
        self._board.here.append(envelopes.read_told(message))
        return self._commands()

    def sign_in_ended(self, sign_in: str) -> list[Command]:
        """A person's sign-in is over: its sockets are closed, and their calls end."""
        self._revoke_viewers(lambda party: party.sign_in == sign_in)
        return self._commands()

    def account_ended(self, account_id: str) -> list[Command]:
        """An account may do nothing more: its sockets are closed, and their calls end."""
        self._revoke_viewers(lambda party: party.id == account_id)
        return self._commands()

    def camera_changed_hands(self, camera_id: str) -> list[Command]:
        """A camera has another owner, or none: its calls end, whoever watches."""
        self._cameras.revoke(camera_id)
        for leg in [leg for leg in self._board.legs.values() if leg.camera_id == camera_id]:
            if leg.camera_node is None:
                self._viewers.revoke(leg)  # on its way to the camera, and now in vain
        return self._commands()

    def share_ended(self, account_id: str, camera_id: str) -> list[Command]:
        """One person may see one camera no more."""
        for leg in [leg for leg in self._board.legs.values() if leg.camera_id == camera_id]:
            party = self._board.endpoints[leg.viewer].party
            if party is not None and party.id == account_id:
                self._viewers.revoke(leg)
        return self._commands()

    def passed(self, now: Seconds) -> list[Command]:
        """Time has passed."""
        for deadline in self._board.due(now):
            match deadline:
                case Unregistered(number):
                    self._still_unregistered(number)
                case Stuck(session, state):
                    if (call := self._board.calls.get(session)) and call.state is state:
                        self._cameras.passed(call)
                case Expired(session):
                    if call := self._board.calls.get(session):
                        self._cameras.expired(call, now)
        return self._commands()

    def left(self, number: int) -> list[Command]:
        """A socket is gone."""
        if endpoint := self._board.endpoints.get(number):
            self._leave(endpoint)
            del self._board.endpoints[number]
        return self._commands()

    def _ask(self, camera_id: str, ask: envelopes.CallAsk, now: Seconds) -> None:
        if camera_id not in self._board.cameras:
            self._board.out.append(Ask(ask.session, camera_id, envelopes.pack(ask)))
        elif reply := self._cameras.asked(camera_id, ask, None, now):
            self._viewers.replied(ask.session, reply)

    def _hear(self, endpoint: Endpoint, frame: bytes, now: Seconds) -> None:
        try:
            message = messages.parse(frame)
        except Unreadable as reason:
            self._board.blame(endpoint, reason.id, reason.fault)
            return
        if isinstance(message, Request) and message.method == "register":
            self._register(endpoint, message)
        elif isinstance(message, Request) and message.method == "unregister":
            self._unregister(endpoint, message)
        elif endpoint.party is None:
            request_id = message.id if isinstance(message, Request) else None
            self._board.blame(endpoint, request_id, faults.UNAUTHORISED)
        elif endpoint.party.is_camera:
            self._cameras.heard(endpoint, message, now)
        else:
            self._viewers.heard(endpoint, endpoint.party, message)

    def _keep_waiting(self, endpoint: Endpoint, frame: bytes) -> None:
        if len(endpoint.waiting) >= self._board.limits.waiting_frames:
            self._board.count_fault(endpoint)
        else:
            endpoint.waiting.append(frame)

    def _register(self, endpoint: Endpoint, request: Request) -> None:
        if endpoint.party is not None:
            self._board.blame(endpoint, request.id, faults.REQUEST)
            return
        try:
            params = messages.read(request.params, messages.RegisterParams)
        except msgspec.DecodeError:
            self._board.blame(endpoint, request.id, faults.PARAMS)
            return
        given = (endpoint.token, (params.authorization or "").removeprefix("Bearer "))
        tokens = tuple(token for token in given if token)
        endpoint.token = None  # it has done its work
        if not tokens:
            self._board.blame(endpoint, request.id, faults.UNAUTHORISED)
            return
        endpoint.capabilities = params.capabilities
        endpoint.registering = True
        self._board.out.append(Who(endpoint.number, request.id, tokens))

    def _registered(self, endpoint: Endpoint, request_id: Id, party: Party, now: Seconds) -> None:
        endpoint.registering = False
        self._board.say(endpoint.number, messages.response(request_id, {"id": party.id}))
        waiting, endpoint.waiting = endpoint.waiting, []
        for frame in waiting:
            self._hear(endpoint, frame, now)

    def _unregister(self, endpoint: Endpoint, request: Request) -> None:
        if endpoint.party is None:
            self._board.blame(endpoint, request.id, faults.NOT_REGISTERED)
            return
        self._leave(endpoint)
        endpoint.party = None
        self._board.say(endpoint.number, messages.response(request.id, None))

    def _replace(self, camera_id: str, number: int) -> None:
        older = self._board.cameras.get(camera_id)
        if older is not None and (endpoint := self._board.endpoints.get(older)):
            self._cameras.left(endpoint)
            endpoint.party = None
            self._board.hang(older, REPLACED)
        self._board.cameras[camera_id] = number

    def _leave(self, endpoint: Endpoint) -> None:
        if endpoint.party is None:
            return
        if not endpoint.party.is_camera:
            self._viewers.left(endpoint)
            return
        self._cameras.left(endpoint)
        if self._board.cameras.get(endpoint.party.id) == endpoint.number:
            del self._board.cameras[endpoint.party.id]
            self._board.out.append(Release(endpoint.party.id))

    def _revoke_viewers(self, concerns: Callable[[Party], bool]) -> None:
        for endpoint in list(self._board.endpoints.values()):
            party = endpoint.party
            if party is None or party.is_camera or not concerns(party):
                continue
            for session in sorted(endpoint.sessions):
                self._viewers.revoke(self._board.legs[session])
            self._board.hang(endpoint.number, REVOKED)

    def _still_unregistered(self, number: int) -> None:
        endpoint = self._board.endpoints.get(number)
        if endpoint and endpoint.party is None:
            self._board.hang(number, NOT_IN_TIME)

    def _commands(self) -> list[Command]:
        board = self._board
        while board.here or board.replies_here:
            while board.replies_here:
                self._viewers.replied(*board.replies_here.popleft())
            if board.here:
                self._dispatch(board.here.popleft())
        out, board.out = board.out, []
        return out

    def _dispatch(self, told: envelopes.Told) -> None:
        # SessionOver is for whichever half of the session is here: never both have it to hear,
        # because the half that told it has forgotten the session already.
        match told:
            case envelopes.ForViewer() | envelopes.Offer() | envelopes.Extended():
                self._viewers.told(told)
            case envelopes.SessionOver():
                self._viewers.told(told)
                self._cameras.told(told)
            case _:
                self._cameras.told(told)
