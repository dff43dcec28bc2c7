"""What a node does for the viewers that it holds: the legs of their calls."""

import msgspec

from signaling.protocol import envelopes, faults, messages
from signaling.protocol.board import Board, Endpoint, Leg, Party
from signaling.protocol.commands import MayCall
from signaling.protocol.envelopes import CallAsk, CallDeclined, SessionOver
from signaling.protocol.faults import Fault
from signaling.protocol.messages import Failure, Id, Notification, Request, Response


class ViewerDesk:
    """Hears viewers, and hears about them from cameras' nodes."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def heard(self, viewer: Endpoint, party: Party, message: messages.Message) -> None:
        """A registered viewer says something."""
        match message:
            case Request(method="connect"):
                self._wants_call(viewer, party, message)
            case Request():
                self._board.blame(viewer, message.id, faults.METHOD)
            case Notification(method="trickle"):
                self._trickled(viewer, message)
            case Notification(method="error"):
                self._ended(viewer, message)
            case Notification():
                pass  # JSON-RPC §4.1: never answered
            case Response():
                self._answered(viewer, message)
            case Failure():
                self._failed(viewer, message)

    def allowed(
        self, viewer: Endpoint, request_id: Id, session: str, ice_servers: bytes
    ) -> CallAsk:
        """The viewer may call. The question for the camera's node."""
        leg = Leg(session, viewer.number, request_id, ice_servers)
        self._board.legs[session] = leg
        viewer.sessions.add(session)
        profile = viewer.deciding.pop(request_id, None)
        return CallAsk(session, self._board.node, profile, ice_servers)

    def replied(self, session: str, reply: envelopes.Reply | None) -> None:
        """What the camera's node replied; None where no node holds the camera."""
        leg = self._board.legs.get(session)
        if leg is None:  # the viewer left while we asked
            if isinstance(reply, envelopes.CallTaken):
                self._tell_gone(reply.node, session)
            return
        if reply is None or isinstance(reply, CallDeclined):
            self._board.forget_leg(leg)
            code, message = (
                (reply.code, reply.message)
                if reply
                else (faults.UNAVAILABLE.code, faults.UNAVAILABLE.message)
            )
            self._board.say(leg.viewer, messages.failure(leg.request_id, code, message))
            return
        leg.camera_node = reply.node
        result = messages.ConnectResult(session, envelopes.as_raw(leg.ice_servers))
        if reply.capabilities is not None:
            result.capabilities = reply.capabilities
        self._board.say(leg.viewer, messages.response(leg.request_id, result))
        early, leg.early = leg.early, []
        for told in early:
            self.told(told)

    def told(self, told: envelopes.Told) -> None:
        """A camera's node tells something about a call of a viewer of ours."""
        leg = self._board.legs.get(told.session)
        if leg is None:
            return
        if leg.camera_node is None:
            leg.early.append(told)  # it overtook the reply to `connect`
            return
        match told:
            case envelopes.ForViewer():
                self._board.say(leg.viewer, told.frame)
            case envelopes.Offer():
                params = envelopes.as_raw(told.params)
                viewer = self._board.endpoints[leg.viewer]
                self._board.ask_endpoint(viewer, "invite", leg.session, params)
            case SessionOver():
                self._board.forget_leg(leg)
                if not told.quietly:
                    over = messages.session_over(told.session, told.code, told.message)
                    self._board.say(leg.viewer, over)
            case _:
                pass

    def left(self, viewer: Endpoint) -> None:
        """A viewer's socket is gone, or it said goodbye."""
        for session in sorted(viewer.sessions):
            leg = self._board.legs.pop(session)
            if leg.camera_node is not None:
                self._tell_gone(leg.camera_node, session)
        viewer.sessions.clear()

    def _wants_call(self, viewer: Endpoint, party: Party, request: Request) -> None:
        try:
            params = messages.read(request.params, messages.ConnectParams)
        except msgspec.DecodeError:
            self._board.blame(viewer, request.id, faults.PARAMS)
            return
        asked = len(viewer.sessions) + len(viewer.deciding)
        if asked >= self._board.limits.calls_per_viewer or request.id in viewer.deciding:
            self._board.blame(viewer, request.id, faults.NO_RESOURCES)
            return
        profile = None if params.profile is msgspec.UNSET else bytes(params.profile)
        viewer.deciding[request.id] = profile
        token = params.authorization.removeprefix("Bearer ")
        may_call = MayCall(viewer.number, request.id, token, params.peer, party.id)
        self._board.out.append(may_call)

    def _trickled(self, viewer: Endpoint, told: Notification) -> None:
        try:
            session = messages.read(told.params, messages.TrickleParams).session
        except msgspec.DecodeError:
            self._board.count_fault(viewer)
            return
        leg = self._leg_of(viewer, session)
        if leg is None or leg.camera_node is None:
            self._board.count_fault(viewer)
            return
        self._board.tell(leg.camera_node, envelopes.ForCamera(session, told.frame))

    def _answered(self, viewer: Endpoint, answer: Response) -> None:
        leg = self._leg_of(viewer, viewer.sent.pop(answer.id, ""))
        if leg is None or leg.camera_node is None:
            return
        try:
            messages.read(answer.result, messages.InviteResult)
        except msgspec.DecodeError:
            self._refuse_answer(leg, faults.BAD_SESSION)
            return
        self._board.tell(leg.camera_node, envelopes.Answer(leg.session, bytes(answer.result)))

    def _failed(self, viewer: Endpoint, failure: Failure) -> None:
        if failure.id is None:
            self._end(viewer, failure.session, Fault(failure.code, "", failure.message))
            return
        if leg := self._leg_of(viewer, viewer.sent.pop(failure.id, "")):
            self._refuse_answer(leg, Fault(failure.code, "", failure.message))

    def _ended(self, viewer: Endpoint, told: Notification) -> None:
        try:
            over = messages.read(told.params, messages.ErrorParams)
        except msgspec.DecodeError:
            self._board.count_fault(viewer)
            return
        self._end(viewer, over.session, Fault(over.code, "", over.message), told.frame)

    def _end(
        self, viewer: Endpoint, session: str | None, fault: Fault, frame: bytes | None = None
    ) -> None:
        leg = self._leg_of(viewer, session or "")
        if leg is None or leg.camera_node is None:
            self._board.count_fault(viewer)
            return
        told = frame or messages.session_over(leg.session, fault.code, fault.message)
        self._board.tell(leg.camera_node, envelopes.ForCamera(leg.session, told))
        self._tell_gone(leg.camera_node, leg.session, quietly=True)
        self._board.forget_leg(leg)

    def _refuse_answer(self, leg: Leg, fault: Fault) -> None:
        if leg.camera_node is not None:
            refused = envelopes.AnswerRefused(leg.session, fault.code, fault.message)
            self._board.tell(leg.camera_node, refused)
        self._board.forget_leg(leg)

    def _tell_gone(self, node: str, session: str, *, quietly: bool = False) -> None:
        fault = faults.DISCONNECTED
        self._board.tell(node, SessionOver(session, fault.code, fault.message, quietly))

    def _leg_of(self, viewer: Endpoint, session: str) -> Leg | None:
        leg = self._board.legs.get(session)
        return leg if leg is not None and leg.viewer == viewer.number else None
