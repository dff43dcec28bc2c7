"""What a node does for the viewers that it holds: the legs of their calls."""

import msgspec

from signaling.protocol import envelopes, faults, messages
from signaling.protocol.board import (
    Board,
    Connecting,
    Endpoint,
    Extending,
    Leg,
    Party,
    Route,
)
from signaling.protocol.commands import Await, MayCall, Outcome
from signaling.protocol.envelopes import CallAsk, CallDeclined, CallTaken, SessionOver
from signaling.protocol.faults import Fault
from signaling.protocol.messages import Failure, Id, Notification, Request, Response


class ViewerDesk:
    """Hears viewers, and hears about them from cameras' nodes."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def heard(self, viewer: Endpoint, party: Party, message: messages.Message) -> None:
        """A registered viewer says something."""
        match message:
            case Request(method="secuhome.close") | Notification(method="secuhome.close"):
                self._closed(viewer, message)
            case Request():
                self._asked(viewer, party, message)
            case Notification():
                self._notified(viewer, message)
            case Response():
                self._answered(viewer, message)
            case Failure():
                self._failed(viewer, message)

    def _asked(self, viewer: Endpoint, party: Party, request: Request) -> None:
        match request.method:
            case "connect":
                self._wants_call(viewer, party, request)
            case "extend":
                self._wants_more(viewer, party, request)
            case _:
                self._board.blame(viewer, request.id, faults.METHOD)

    def _notified(self, viewer: Endpoint, told: Notification) -> None:
        match told.method:
            case "trickle":
                self._trickled(viewer, told)
            case "error":
                self._ended(viewer, told)
            case "secuhome.stage":
                self._board.observe(viewer, told)
            case _:
                pass  # JSON-RPC §4.1: never answered

    def allowed(
        self,
        viewer: Endpoint,
        request_id: Id,
        wish: Connecting,
        session: str,
        ice_servers: bytes,
        ticket: str | None,
    ) -> CallAsk:
        """The viewer may call. The question for the camera's node."""
        leg = Leg(session, viewer.number, request_id, wish, ice_servers)
        self._board.legs[session] = leg
        head = messages.head_of_trickle(session)
        viewer.sessions[session] = Route(head, self._board.limits.trickles_per_call)
        party = viewer.party or Party(is_camera=False, id="")
        return CallAsk(
            session=session,
            node=self._board.node,
            profile=wish.profile,
            ice_servers=ice_servers,
            relay_only=wish.relay_only,
            account=party.id,
            sign_in=party.sign_in,
            ticket=ticket,
        )

    def denied(self, viewer: Endpoint, request_id: Id, fault: Fault) -> None:
        """The viewer may not call, or not any more."""
        self._board.count(Outcome.FORBIDDEN)
        self._board.refuse(viewer, request_id, fault)

    def may_extend(
        self, viewer: Endpoint, request_id: Id, session: str, ticket: str | None
    ) -> None:
        """The viewer may go on; whether the camera can is asked at its node."""
        leg = self._leg_of(viewer, session)
        if leg is None or leg.camera_node is None or leg.extend_id is not None:
            self._board.refuse(viewer, request_id, faults.FORBIDDEN)
            return
        leg.extend_id = request_id
        self._board.tell(leg.camera_node, envelopes.Extend(session, ticket))

    def replied(self, session: str, reply: envelopes.Reply | None) -> None:
        """What the camera's node replied; None where no node holds the camera, or none answers."""
        leg = self._board.legs.get(session)
        if leg is None:  # the viewer left while we asked
            if isinstance(reply, CallTaken):
                self._tell_gone(reply.node, session)
        elif isinstance(reply, CallTaken):
            self._taken(leg, reply)
        elif isinstance(reply, CallDeclined):
            self._board.forget_leg(leg)
            self._board.say(leg.viewer, messages.failure(leg.request_id, reply.code, reply.message))
        else:
            self._hold(leg)

    def arrived(self, viewer: Endpoint, party: Party, request_id: Id, *, came: bool) -> None:
        """The wait for a camera is over (see Await). Authority may have ended meanwhile."""
        wish = viewer.deciding.get(request_id)
        if not isinstance(wish, Connecting):
            return
        if came:
            again = MayCall(viewer.number, request_id, None, wish.camera_id, party.id)
            self._board.out.append(again)
            return
        del viewer.deciding[request_id]
        self._unavailable(viewer, request_id)

    def node_lost(self, node: str) -> None:
        """A camera's node is gone: who waits for its camera waits on, who was in set-up is told."""
        for leg in list(self._board.legs.values()):
            if leg.camera_node == node:
                self._board.forget_leg(leg)
                if not leg.running:
                    self._board.say_over(leg.viewer, leg.session, faults.NODE_LOST)
            elif leg.camera_node is None and leg.ringing_at == node:
                self._hold(leg)

    def _hold(self, leg: Leg) -> None:
        """The camera is not connected: wait for it, and tell the viewer for how long at most."""
        self._board.forget_leg(leg)
        viewer, limits = self._board.endpoints.get(leg.viewer), self._board.limits
        if viewer is None:
            return
        wish = leg.wish
        if wish.until is None:
            wish = wish._replace(until=self._board.now + limits.hold_for)
            held = messages.HeldParams(leg.request_id, limits.hold_for)
            self._board.count(Outcome.HELD)
            self._board.say(leg.viewer, messages.notification("secuhome.held", held))
        left = (wish.until or 0.0) - self._board.now
        if left <= 0:
            self._unavailable(viewer, leg.request_id)
            return
        viewer.deciding[leg.request_id] = wish
        self._board.out.append(Await(viewer.number, leg.request_id, wish.camera_id, left))

    def _unavailable(self, viewer: Endpoint, request_id: Id) -> None:
        self._board.count(Outcome.CAMERA_AWAY)
        self._board.refuse(viewer, request_id, faults.UNAVAILABLE)

    def _taken(self, leg: Leg, reply: CallTaken) -> None:
        leg.camera_node = reply.node
        if viewer := self._board.endpoints.get(leg.viewer):
            route = viewer.sessions[leg.session]
            here = reply.node == self._board.node
            route.node, route.peer = (None, reply.peer) if here else (reply.node, 0)
        result = messages.ConnectResult(leg.session, envelopes.as_raw(leg.ice_servers))
        if reply.capabilities is not None:
            result.capabilities = reply.capabilities
        if reply.expires_s is not None:
            result.expiryTimeSeconds = reply.expires_s
        if leg.wish.relay_only:
            result.secuhome = messages.Privacy(relay_only=True)
        self._board.say(leg.viewer, messages.response(leg.request_id, result))
        early, leg.early = leg.early, []
        for told in early:
            self.told(told)

    def told(self, told: envelopes.Told) -> None:
        """A camera's node tells something about a call of a viewer of ours."""
        leg = self._board.legs.get(told.session)
        if leg is None:
            return
        if isinstance(told, envelopes.Ringing):
            leg.ringing_at = told.node
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
            case envelopes.Extended():
                self._extended(leg, told.seconds)
            case SessionOver():
                self._board.forget_leg(leg)
                if not told.quietly:
                    fault = Fault(told.code, "", told.message)
                    self._board.say_over(leg.viewer, told.session, fault)
            case _:
                pass

    def revoke(self, leg: Leg) -> None:
        """The viewer may see this camera no more: both ends hear that it is over."""
        fault = faults.REVOKED
        if leg.camera_node is not None:
            self._board.tell(leg.camera_node, SessionOver(leg.session, fault.code, fault.message))
            self._board.say_over(leg.viewer, leg.session, fault)
        else:
            self._board.count(Outcome.REVOKED)  # of others its camera's node keeps count
            refusal = messages.failure(leg.request_id, fault.code, fault.message)
            self._board.say(leg.viewer, refusal)
        self._board.forget_leg(leg)

    def left(self, viewer: Endpoint) -> None:
        """A viewer's socket is gone, or it said goodbye."""
        for session in sorted(viewer.sessions):
            leg = self._board.legs.pop(session)
            if leg.camera_node is not None:
                self._tell_gone(leg.camera_node, session)
        viewer.sessions.clear()
        viewer.deciding.clear()

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
        ours = params.secuhome
        relay_only = ours is not msgspec.UNSET and ours.relay_only
        viewer.deciding[request.id] = Connecting(params.peer, profile, relay_only)
        token = params.authorization.removeprefix("Bearer ")
        may_call = MayCall(viewer.number, request.id, token, params.peer, party.id)
        self._board.out.append(may_call)

    def _wants_more(self, viewer: Endpoint, party: Party, request: Request) -> None:
        try:
            params = messages.read(request.params, messages.ExtendParams)
        except msgspec.DecodeError:
            self._board.blame(viewer, request.id, faults.PARAMS)
            return
        leg = self._leg_of(viewer, params.session)
        if leg is None or request.id in viewer.deciding:
            self._board.blame(viewer, request.id, faults.FORBIDDEN)
            return
        viewer.deciding[request.id] = Extending(params.session)
        given = params.authorization
        token = None if given is None else given.removeprefix("Bearer ")
        camera_id, session = leg.wish.camera_id, leg.session
        may_call = MayCall(viewer.number, request.id, token, camera_id, party.id, session)
        self._board.out.append(may_call)

    def _extended(self, leg: Leg, seconds: int | None) -> None:
        request_id, leg.extend_id = leg.extend_id, None
        viewer = self._board.endpoints.get(leg.viewer)
        if request_id is None or viewer is None:
            return
        if seconds is None:
            self._board.refuse(viewer, request_id, faults.METHOD)
        else:
            result = messages.ExtendResult(seconds)
            self._board.say(leg.viewer, messages.response(request_id, result))

    def _closed(self, viewer: Endpoint, message: Request | Notification) -> None:
        try:
            params = messages.read(message.params, messages.CloseParams)
        except msgspec.DecodeError:
            self._board.blame_message(viewer, message, faults.PARAMS)
            return
        gone = Fault(faults.GONE.code, "", params.reason)
        if self._end(viewer, params.session, gone) or viewer.had(params.session):
            self._board.say_done(viewer, message)
        else:
            self._board.blame_message(viewer, message, faults.FORBIDDEN)

    def _trickled(self, viewer: Endpoint, told: Notification) -> None:
        try:
            session = messages.read(told.params, messages.TrickleParams).session
        except msgspec.DecodeError:
            self._board.count_fault(viewer)
            return
        leg, route = self._leg_of(viewer, session), viewer.sessions.get(session)
        if leg is None or leg.camera_node is None or route is None or route.left <= 0:
            if not viewer.had(session):
                self._board.count_fault(viewer)
            return
        route.left -= 1
        self._board.tell(leg.camera_node, envelopes.ForCamera(session, told.frame))

    def _answered(self, viewer: Endpoint, answer: Response) -> None:
        leg = self._leg_of(viewer, self._board.answered(viewer, answer.id).session)
        if leg is None or leg.camera_node is None:
            return
        try:
            messages.read(answer.result, messages.InviteResult)
        except msgspec.DecodeError:
            self._refuse_answer(leg, faults.BAD_SESSION)
            return
        leg.running = True
        self._board.tell(leg.camera_node, envelopes.Answer(leg.session, bytes(answer.result)))

    def _failed(self, viewer: Endpoint, failure: Failure) -> None:
        if failure.id is None:
            fault = Fault(failure.code, "", failure.message)
            self._end(viewer, failure.session or "", fault, failure.frame)
            return
        if leg := self._leg_of(viewer, self._board.answered(viewer, failure.id).session):
            self._refuse_answer(leg, Fault(failure.code, "", failure.message))

    def _ended(self, viewer: Endpoint, told: Notification) -> None:
        try:
            over = messages.read(told.params, messages.ErrorParams)
        except msgspec.DecodeError:
            self._board.count_fault(viewer)
            return
        fault = Fault(over.code, "", over.message)
        self._end(viewer, over.session, fault, told.frame)

    def _end(
        self, viewer: Endpoint, session: str, fault: Fault, frame: bytes | None = None
    ) -> bool:
        """End a session of this viewer; the camera hears it.

        False where there is none, which is no fault: both ends may leave at once.
        """
        leg = self._leg_of(viewer, session)
        if leg is None or leg.camera_node is None:
            return False
        told = frame or messages.session_over(leg.session, fault.code, fault.message)
        self._board.tell(leg.camera_node, envelopes.ForCamera(leg.session, told))
        self._tell_gone(leg.camera_node, leg.session, quietly=True)
        self._board.forget_leg(leg)
        return True

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
