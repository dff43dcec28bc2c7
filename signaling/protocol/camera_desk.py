"""What a node does for the cameras that it holds: the home of their calls."""

import msgspec

from signaling.protocol import envelopes, faults, messages
from signaling.protocol.board import Board, Call, Endpoint, Seconds
from signaling.protocol.call_states import Event, State
from signaling.protocol.commands import AnswerAsk
from signaling.protocol.envelopes import CallAsk, CallDeclined, CallTaken, SessionOver
from signaling.protocol.faults import Fault
from signaling.protocol.messages import Failure, Notification, Request, Response


class CameraDesk:
    """Hears cameras, and hears about them from viewers' nodes."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def asked(
        self, camera_id: str, ask: CallAsk, ticket: int | None, now: Seconds
    ) -> envelopes.Reply | None:
        """A viewer's node asks for a camera of ours. The reply, where it is known at once."""
        camera = self._board.endpoints.get(self._board.cameras.get(camera_id, -1))
        if camera is None:
            return CallDeclined(faults.UNAVAILABLE.code, faults.UNAVAILABLE.message)
        if len(camera.sessions) >= self._board.limits.calls_per_camera:
            return CallDeclined(faults.NO_RESOURCES.code, faults.NO_RESOURCES.message)
        if ask.session in self._board.calls:
            return CallDeclined(faults.BAD_SESSION.code, faults.BAD_SESSION.message)
        call = Call(ask.session, camera.number, ask.node, ticket)
        self._board.calls[ask.session] = call
        camera.sessions.add(ask.session)
        params = messages.CallParams(ask.session, envelopes.as_raw(ask.ice_servers))
        if ask.profile is not None:
            params.profile = envelopes.as_raw(ask.profile)
        self._board.ask_endpoint(camera, "connect", ask.session, params)
        self._await_move(call, now + self._board.limits.camera_answers_within)
        return None

    def heard(self, camera: Endpoint, message: messages.Message, now: Seconds) -> None:
        """A registered camera says something."""
        match message:
            case Request(method="invite"):
                self._invited(camera, message, now)
            case Request():
                self._board.blame(camera, message.id, faults.METHOD)
            case Notification(method="trickle"):
                self._trickled(camera, message)
            case Notification(method="error"):
                self._ended(camera, message)
            case Notification():
                pass  # JSON-RPC §4.1: never answered
            case Response():
                self._took_call(camera, message, now)
            case Failure():
                self._failed(camera, message)

    def told(self, told: envelopes.Told) -> None:
        """A viewer's node tells something about a call of ours."""
        call = self._board.calls.get(told.session)
        if call is None:
            return
        match told:
            case envelopes.ForCamera():
                self._candidate_for(call, told.frame)
            case envelopes.Answer():
                self._answered(call, messages.Raw(told.result))
            case envelopes.AnswerRefused():
                self._answer_refused(call, told)
            case SessionOver():
                self._viewer_gone(call, told)
            case _:
                pass

    def passed(self, call: Call) -> None:
        """A call has waited enough where it stands."""
        state = call.state
        camera = self._board.endpoints.get(call.camera)
        self._board.move(call, Event.WAITED_ENOUGH)
        if state is State.ASKED:
            self._reply(call, CallDeclined(faults.UNAVAILABLE.code, faults.UNAVAILABLE.message))
        else:
            self._tell_viewer_over(call, faults.NO_REACTION)
        if state is State.OFFERED and camera and call.invite_id is not None:
            self._board.refuse(camera, call.invite_id, faults.NO_REACTION)
        elif camera:
            self._say_over(camera, call.session, faults.NO_REACTION)

    def left(self, camera: Endpoint) -> None:
        """A camera's socket is gone, or it said goodbye."""
        for session in sorted(camera.sessions):
            call = self._board.calls[session]
            state = call.state
            self._board.move(call, Event.CAMERA_LEFT)
            if state is State.ASKED:
                declined = CallDeclined(faults.UNAVAILABLE.code, faults.UNAVAILABLE.message)
                self._reply(call, declined)
            else:
                quietly = state is State.RUNNING
                self._tell_viewer_over(call, faults.DISCONNECTED, quietly=quietly)

    def _took_call(self, camera: Endpoint, answer: Response, now: Seconds) -> None:
        call = self._board.calls.get(camera.sent.pop(answer.id, ""))
        if call is None or not self._board.move(call, Event.CAMERA_ACCEPTED):
            return
        try:
            result = messages.read(answer.result, messages.CapabilitiesResult)
            told = None if result.capabilities is msgspec.UNSET else result.capabilities
        except msgspec.DecodeError:
            told = None  # the list is a courtesy: nothing is made up
        self._await_move(call, now + self._board.limits.camera_answers_within)
        self._reply(call, CallTaken(self._board.node, told))

    def _failed(self, camera: Endpoint, failure: Failure) -> None:
        if failure.id is None:
            self._end(camera, failure.session, failure.frame)
            return
        call = self._board.calls.get(camera.sent.pop(failure.id, ""))
        if call is not None and self._board.move(call, Event.CAMERA_REFUSED):
            self._reply(call, CallDeclined(failure.code, failure.message))

    def _invited(self, camera: Endpoint, request: Request, now: Seconds) -> None:
        try:
            params = messages.read(request.params, messages.InviteParams)
        except msgspec.DecodeError:
            self._board.blame(camera, request.id, faults.PARAMS)
            return
        call = self._call_of(camera, params.session)
        if call is None or not is_description(params.offer):
            self._board.blame(camera, request.id, faults.BAD_SESSION)
            return
        if not self._board.move(call, Event.OFFERED):
            self._board.blame(camera, request.id, faults.BAD_SESSION)
            return
        call.invite_id = request.id
        self._await_move(call, now + self._board.limits.viewer_answers_within)
        self._board.tell(call.viewer_node, envelopes.Offer(call.session, bytes(request.params)))

    def _trickled(self, camera: Endpoint, told: Notification) -> None:
        try:
            session = messages.read(told.params, messages.TrickleParams).session
        except msgspec.DecodeError:
            self._board.count_fault(camera)
            return
        call = self._call_of(camera, session)
        if call is None or call.from_camera >= self._board.limits.trickles_per_call:
            self._board.count_fault(camera)
            return
        call.from_camera += 1
        self._board.tell(call.viewer_node, envelopes.ForViewer(session, told.frame))

    def _ended(self, camera: Endpoint, told: Notification) -> None:
        try:
            session = messages.read(told.params, messages.ErrorParams).session
        except msgspec.DecodeError:
            self._board.count_fault(camera)
            return
        self._end(camera, session, told.frame)

    def _end(self, camera: Endpoint, session: str | None, frame: bytes) -> None:
        call = self._call_of(camera, session or "")
        if call is None:
            self._board.count_fault(camera)
            return
        if call.state is State.ASKED:
            self._board.move(call, Event.HUNG_UP)
            self._reply(call, CallDeclined(faults.UNAVAILABLE.code, faults.UNAVAILABLE.message))
            return
        self._board.move(call, Event.HUNG_UP)
        self._board.tell(call.viewer_node, envelopes.ForViewer(call.session, frame))
        self._tell_viewer_over(call, faults.GONE, quietly=True)

    def _candidate_for(self, call: Call, frame: bytes) -> None:
        if call.from_viewer < self._board.limits.trickles_per_call:
            call.from_viewer += 1
            self._board.say(call.camera, frame)

    def _answered(self, call: Call, result: messages.Raw) -> None:
        if self._board.move(call, Event.ANSWERED) and call.invite_id is not None:
            self._board.say(call.camera, messages.response(call.invite_id, result))

    def _answer_refused(self, call: Call, told: envelopes.AnswerRefused) -> None:
        camera, invite_id = call.camera, call.invite_id
        if self._board.move(call, Event.ANSWER_REFUSED) and invite_id is not None:
            self._board.say(camera, messages.failure(invite_id, told.code, told.message))

    def _viewer_gone(self, call: Call, told: SessionOver) -> None:
        state, camera = call.state, self._board.endpoints.get(call.camera)
        self._board.move(call, Event.VIEWER_LEFT)
        if camera is None or told.quietly:
            return
        if state is State.OFFERED and call.invite_id is not None:
            self._board.refuse(camera, call.invite_id, faults.GONE)
        elif state is not State.RUNNING:
            self._say_over(camera, call.session, Fault(told.code, "", told.message))

    def _call_of(self, camera: Endpoint, session: str) -> Call | None:
        call = self._board.calls.get(session)
        return call if call is not None and call.camera == camera.number else None

    def _await_move(self, call: Call, until: Seconds) -> None:
        self._board.wait(until, call.session, call.state)

    def _reply(self, call: Call, reply: envelopes.Reply) -> None:
        if call.ask is None:
            self._board.replies_here.append((call.session, reply))
        else:
            self._board.out.append(AnswerAsk(call.ask, envelopes.pack(reply)))

    def _tell_viewer_over(self, call: Call, fault: Fault, *, quietly: bool = False) -> None:
        over = SessionOver(call.session, fault.code, fault.message, quietly)
        self._board.tell(call.viewer_node, over)

    def _say_over(self, camera: Endpoint, session: str, fault: Fault) -> None:
        self._board.say(camera.number, messages.session_over(session, fault.code, fault.message))


def is_description(sdp: str) -> bool:
    """Whether this could be a session description: `v=0` first (RFC 8866 §5), media, not huge."""
    return sdp.startswith("v=0") and len(sdp) <= messages.SDP_BYTES and "\nm=" in sdp
