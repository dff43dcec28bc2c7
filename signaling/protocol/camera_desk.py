"""What a node does for the cameras that it holds: the home of their calls."""

import msgspec

from signaling.protocol import envelopes, faults, messages
from signaling.protocol.board import (
    EXTENDS,
    HIDES,
    KEEPS_TICKETS,
    Board,
    Call,
    Endpoint,
    Party,
    Route,
    Stuck,
)
from signaling.protocol.call_states import SET_UP, Event, State
from signaling.protocol.commands import Outcome
from signaling.protocol.envelopes import (
    CallAsk,
    CallDeclined,
    CallTaken,
    CameraIsAway,
    SessionOver,
)
from signaling.protocol.faults import Fault
from signaling.protocol.limits import Seconds
from signaling.protocol.messages import Failure, Notification, Request, Response
from signaling.protocol.running_calls import RunningCalls

EXPIRED = Fault(faults.GONE.code, "expired", "The session was not extended in time")


class CameraDesk:
    """Hears cameras, and hears about them from viewers' nodes."""

    def __init__(self, board: Board, running: RunningCalls) -> None:
        self._board = board
        self._running = running

    def asked(self, camera_id: str, ask: CallAsk, number: int | None) -> envelopes.Reply | None:
        """A viewer's node asks for a camera of ours. The reply, where it is known at once."""
        board = self._board
        if camera_id in board.goodbyes:
            return declined(faults.UNAVAILABLE)
        camera = board.camera(camera_id)
        if camera is None or not camera.is_connected:
            return CameraIsAway()
        if ask.relay_only and not camera.can(HIDES):
            return declined(faults.CANNOT_HIDE)
        if ask.session in board.calls:
            return declined(faults.BAD_SESSION)
        if not self._running.room_for_one(camera):
            return declined(faults.NO_RESOURCES)
        viewer = Party(is_camera=False, id=ask.account, sign_in=ask.sign_in)
        call = Call(ask.session, camera.number, viewer, ask.node, number)
        board.calls[ask.session] = call
        head = messages.head_of_trickle(ask.session)
        camera.sessions[ask.session] = Route(head, board.limits.trickles_per_call)
        board.ask_endpoint(camera, "connect", ask.session, self._call_params(camera, ask))
        self._await_move(call, board.limits.camera_answers_within)
        if number is not None:
            board.tell(ask.node, envelopes.Ringing(ask.session, board.node))
        return None

    def _call_params(self, camera: Endpoint, ask: CallAsk) -> messages.CallParams:
        params = messages.CallParams(ask.session, envelopes.as_raw(ask.ice_servers))
        if lasts := self._lasts(camera):
            params.expiryTimeSeconds = lasts
        if ask.profile is not None:
            params.profile = envelopes.as_raw(ask.profile)
        ticket = ask.ticket if camera.can(KEEPS_TICKETS) else None
        if ask.relay_only or ticket is not None:
            params.secuhome = messages.CallTerms(ask.relay_only, ticket)
        return params

    def heard(self, camera: Endpoint, message: messages.Message) -> None:
        """A registered camera says something."""
        match message:
            case Request(method="secuhome.close") | Notification(method="secuhome.close"):
                self._closed(camera, message)
            case Request(method="invite"):
                self._invited(camera, message)
            case Request():
                self._board.blame(camera, message.id, faults.METHOD)
            case Notification():
                self._notified(camera, message)
            case Response():
                self._answered_us(camera, message)
            case Failure():
                self._failed(camera, message)

    def _notified(self, camera: Endpoint, told: Notification) -> None:
        match told.method:
            case "trickle":
                self._trickled(camera, told)
            case "error":
                self._ended(camera, told)
            case "secuhome.stage":
                self._board.observe(camera, told)
            case _:
                pass  # JSON-RPC §4.1: never answered

    def told(self, told: envelopes.Told) -> None:
        """A viewer's node tells something about a call of ours."""
        call = self._board.calls.get(told.session)
        if call is None or call.viewer_node is None:
            return  # the viewer's part in it is over, and this is about the time before
        match told:
            case envelopes.ForCamera():
                self._board.say(call.camera, told.frame)
            case envelopes.Answer():
                self._answered(call, messages.Raw(told.result))
            case envelopes.AnswerRefused():
                self._answer_refused(call, told)
            case envelopes.Extend():
                self._extend(call, told.ticket)
            case SessionOver():
                self._viewer_gone(call, told)
            case _:
                pass

    def passed(self, call: Call) -> None:
        """A call has waited enough where it stands."""
        state = call.state
        camera = self._board.endpoints.get(call.camera)
        self._board.move(call, Event.WAITED_ENOUGH)
        self._board.count(Outcome.TIMED_OUT)
        if state is State.ASKED:
            self._board.reply(call, declined(faults.UNAVAILABLE))
        else:
            self._board.tell_viewer_over(call, faults.NO_REACTION)
        if state is State.OFFERED and camera and call.invite_id is not None:
            self._board.refuse(camera, call.invite_id, faults.NO_REACTION)
        elif camera:
            self._board.say_over(camera.number, call.session, faults.NO_REACTION)

    def expired(self, call: Call) -> None:
        """A session may have waited for its extension long enough."""
        if call.expires_at is None or call.expires_at > self._board.now:
            return  # it was extended since
        camera = self._board.endpoints.get(call.camera)
        self._board.move(call, Event.EXPIRED)
        self._board.count(Outcome.EXPIRED)
        self._board.tell_viewer_over(call, EXPIRED)
        if camera:
            self._board.say_over(camera.number, call.session, EXPIRED)

    def left(self, camera: Endpoint) -> None:
        """A camera's socket is gone, or it said goodbye."""
        for session in sorted(camera.sessions):
            call = self._board.calls[session]
            state = call.state
            self._board.move(call, Event.CAMERA_LEFT)
            self._count_unless(state, Outcome.CAMERA_LEFT)
            if state is State.ASKED:
                self._board.reply(call, CameraIsAway())
            else:
                quietly = state is State.RUNNING
                self._board.tell_viewer_over(call, faults.DISCONNECTED, quietly=quietly)

    def node_lost(self, node: str) -> None:
        """A viewer's node is gone: what was being set up with it can't be finished.

        What runs is kept here, where authority can end it.
        """
        fault = faults.NODE_LOST
        for call in [call for call in self._board.calls.values() if call.viewer_node == node]:
            over = SessionOver(call.session, fault.code, fault.message)
            self._viewer_gone(call, over, Outcome.NODE_LOST)

    def _answered_us(self, camera: Endpoint, answer: Response) -> None:
        sent = self._board.answered(camera, answer.id)
        if (call := self._board.calls.get(sent.session)) is None:
            return
        if sent.method == "extend":
            self._extended(call, answer)
        else:
            self._took_call(camera, call, answer)

    def _took_call(self, camera: Endpoint, call: Call, answer: Response) -> None:
        if not self._board.move(call, Event.CAMERA_ACCEPTED):
            return
        try:
            result = messages.read(answer.result, messages.CapabilitiesResult)
            told = None if result.capabilities is msgspec.UNSET else result.capabilities
        except msgspec.DecodeError:
            told = None  # the list is a courtesy: nothing is made up
        self._await_move(call, self._board.limits.camera_answers_within)
        lasts = self._lasts(camera)
        if lasts:
            self._board.lasts(call, lasts)
        self._open_route(camera, call)
        self._board.reply(call, CallTaken(self._board.node, camera.number, told, lasts))

    def _open_route(self, camera: Endpoint, call: Call) -> None:
        """From now on candidates go straight to the viewer, or to its node."""
        route = camera.sessions[call.session]
        if call.ask is not None:
            route.node = call.viewer_node
        elif leg := self._board.legs.get(call.session):
            route.peer = leg.viewer

    def _failed(self, camera: Endpoint, failure: Failure) -> None:
        if failure.id is None:
            self._end(camera, failure.session or "", failure.frame)
            return
        sent = self._board.answered(camera, failure.id)
        if (call := self._board.calls.get(sent.session)) is None:
            return
        if sent.method == "extend":
            self._board.tell_viewer(call, envelopes.Extended(call.session, None))
        elif self._board.move(call, Event.CAMERA_REFUSED):
            self._board.count(Outcome.CAMERA_REFUSED)
            self._board.reply(call, CallDeclined(failure.code, failure.message))

    def _invited(self, camera: Endpoint, request: Request) -> None:
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
        self._await_move(call, self._board.limits.viewer_answers_within)
        self._board.tell_viewer(call, envelopes.Offer(call.session, bytes(request.params)))

    def _trickled(self, camera: Endpoint, told: Notification) -> None:
        try:
            session = messages.read(told.params, messages.TrickleParams).session
        except msgspec.DecodeError:
            self._board.count_fault(camera)
            return
        call, route = self._call_of(camera, session), camera.sessions.get(session)
        if call is None or route is None or route.left <= 0:
            if not camera.had(session):
                self._board.count_fault(camera)
            return
        route.left -= 1
        self._board.tell_viewer(call, envelopes.ForViewer(session, told.frame))

    def _ended(self, camera: Endpoint, told: Notification) -> None:
        try:
            session = messages.read(told.params, messages.ErrorParams).session
        except msgspec.DecodeError:
            self._board.count_fault(camera)
            return
        self._end(camera, session, told.frame)

    def _end(self, camera: Endpoint, session: str, frame: bytes) -> bool:
        """End a session of this camera; the viewer hears `frame`.

        False where there is none, which is no fault: both ends may leave at once.
        """
        call = self._call_of(camera, session)
        if call is None:
            return False
        state = call.state
        self._board.move(call, Event.HUNG_UP)
        self._count_unless(state, Outcome.HUNG_UP)
        if state is State.ASKED:
            self._board.reply(call, declined(faults.UNAVAILABLE))
        else:
            self._board.tell_viewer(call, envelopes.ForViewer(call.session, frame))
            self._board.tell_viewer_over(call, faults.GONE, quietly=True)
        return True

    def _answered(self, call: Call, result: messages.Raw) -> None:
        if self._board.move(call, Event.ANSWERED) and call.invite_id is not None:
            self._board.count(Outcome.ANSWERED)
            self._board.say(call.camera, messages.response(call.invite_id, result))

    def _answer_refused(self, call: Call, told: envelopes.AnswerRefused) -> None:
        camera, invite_id = call.camera, call.invite_id
        if self._board.move(call, Event.ANSWER_REFUSED) and invite_id is not None:
            self._board.count(Outcome.VIEWER_REFUSED)
            self._board.say(camera, messages.failure(invite_id, told.code, told.message))

    def _viewer_gone(
        self, call: Call, told: SessionOver, outcome: Outcome = Outcome.VIEWER_LEFT
    ) -> None:
        state, camera = call.state, self._board.endpoints.get(call.camera)
        revoked = told.code == faults.REVOKED.code
        self._board.move(call, Event.HUNG_UP if told.quietly or revoked else Event.VIEWER_LEFT)
        if revoked:
            self._board.count(Outcome.REVOKED)
        else:
            self._count_unless(state, outcome)
        if call.state is State.DETACHED:
            self._running.detached(call)
            return
        if camera is None or told.quietly:
            return
        if revoked:  # media may be running: the camera must stop it
            self._board.say_over(camera.number, call.session, faults.REVOKED)
        elif state is State.OFFERED and call.invite_id is not None:
            self._board.refuse(camera, call.invite_id, faults.GONE)
        else:
            self._board.say_over(camera.number, call.session, Fault(told.code, "", told.message))

    def _count_unless(self, state: State, outcome: Outcome) -> None:
        if state in SET_UP:  # how a call that was answered went on is nobody's business
            self._board.count(outcome)

    def _call_of(self, camera: Endpoint, session: str) -> Call | None:
        call = self._board.calls.get(session)
        return call if call is not None and call.camera == camera.number else None

    def _await_move(self, call: Call, within: Seconds) -> None:
        self._board.wait(self._board.now + within, Stuck(call.session, call.state))

    def _lasts(self, camera: Endpoint) -> int | None:
        """For how long a session lasts; None for a camera that could not extend it."""
        lasts = self._board.limits.session_lasts
        return int(lasts) if lasts and camera.can(EXTENDS) else None

    def _extend(self, call: Call, ticket: str | None) -> None:
        camera = self._board.endpoints[call.camera]
        lasts = self._lasts(camera)
        if lasts is None or call.state is not State.RUNNING:
            self._board.tell_viewer(call, envelopes.Extended(call.session, None))
            return
        params = messages.ExtendCallParams(call.session, lasts)
        if ticket is not None and camera.can(KEEPS_TICKETS):
            params.secuhome = messages.NewTicket(ticket)
        self._board.ask_endpoint(camera, "extend", call.session, params)

    def _extended(self, call: Call, answer: Response) -> None:
        try:
            wished = messages.read(answer.result, messages.ExtendResult).expiryTimeSeconds
        except msgspec.DecodeError:
            wished = 0
        lasts = self._lasts(self._board.endpoints[call.camera])
        if lasts is None or wished <= 0 or not self._board.move(call, Event.EXTENDED):
            self._board.tell_viewer(call, envelopes.Extended(call.session, None))
            return
        lasts = min(lasts, wished)  # a camera may shorten, never stretch
        self._board.lasts(call, lasts)
        self._board.tell_viewer(call, envelopes.Extended(call.session, lasts))

    def _closed(self, camera: Endpoint, message: Request | Notification) -> None:
        try:
            params = messages.read(message.params, messages.CloseParams)
        except msgspec.DecodeError:
            self._board.blame_message(camera, message, faults.PARAMS)
            return
        over = messages.session_over(params.session, faults.GONE.code, params.reason)
        if self._end(camera, params.session, over) or camera.had(params.session):
            self._board.say_done(camera, message)
        else:
            self._board.blame_message(camera, message, faults.FORBIDDEN)


def declined(fault: Fault) -> CallDeclined:
    """The reply of a camera's node that says no with this fault."""
    return CallDeclined(fault.code, fault.message)


def is_description(sdp: str) -> bool:
    """Whether this could be a session description: `v=0` first (RFC 8866 §5), media, not huge."""
    return sdp.startswith("v=0") and len(sdp) <= messages.SDP_BYTES and "\nm=" in sdp
