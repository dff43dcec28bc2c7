"""Calls that run: taken back from a camera that returns, kept without their viewer, cut off.

The picture needs no socket of ours, so it outlives a gateway, and the viewer's connection. What it
must not outlive is the right to it.
"""

from collections.abc import Callable

from signaling.protocol import faults
from signaling.protocol.board import EXTENDS, Board, Call, Endpoint, Party, Route
from signaling.protocol.call_states import Event, State
from signaling.protocol.commands import Outcome
from signaling.protocol.envelopes import CallDeclined
from signaling.protocol.faults import Fault
from signaling.protocol.limits import Seconds


class RunningCalls:
    """Those of the cameras that this node holds."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def detached(self, call: Call) -> None:
        """A running call's viewer has no socket in it any more."""
        call.viewer_node = None
        if camera := self._board.endpoints.get(call.camera):
            camera.sessions[call.session] = Route(head=b"", left=0)

    def claimed(
        self, camera: Endpoint, session: str, viewer: Party | None, left: Seconds | None
    ) -> None:
        """A camera that came back says that this call runs; its ticket names the viewer.

        `viewer` is None where the ticket is none of ours, `left` the seconds until it expires, or
        None. Until `vouched` the call is known already: what ends meanwhile ends it.
        """
        board = self._board
        ends_in = left if camera.can(EXTENDS) else None
        if viewer is None or (ends_in is not None and ends_in <= 0):
            board.count(Outcome.REVOKED)
            board.say_over(camera.number, session, faults.REVOKED)
        elif session in board.calls:
            return
        elif len(camera.sessions) >= board.limits.calls_per_camera:
            board.say_over(camera.number, session, faults.NO_RESOURCES)
        else:
            call = Call(session, camera.number, viewer, None, None, State.CLAIMED)
            board.calls[session] = call
            camera.sessions[session] = Route(head=b"", left=0)
            if ends_in is not None:
                board.lasts(call, ends_in)

    def vouched(self, camera: Endpoint, session: str, *, may_go_on: bool) -> None:
        """Whether authority still holds behind a call that a camera claimed."""
        call = self._board.calls.get(session)
        if call is None or call.camera != camera.number or call.state is not State.CLAIMED:
            return
        if may_go_on:
            self._board.move(call, Event.VOUCHED)
            self._board.count(Outcome.TAKEN_BACK)
        else:
            self._board.count(Outcome.REVOKED)
            self._end(call, faults.REVOKED)

    def room_for_one(self, camera: Endpoint) -> bool:
        """Whether a camera may have one call more.

        The oldest call without a viewer's socket makes room: its picture has perhaps stopped long
        ago, and if it has not, whoever watches may call again.
        """
        if len(camera.sessions) < self._board.limits.calls_per_camera:
            return True
        for session in camera.sessions:
            call = self._board.calls[session]
            if call.state is State.DETACHED:
                self._end(call, faults.NO_RESOURCES)
                return True
        return False

    def revoke(self, concerns: Callable[[Call], bool]) -> None:
        """Authority has ended: the calls that it concerns are over, at both ends."""
        for call in [call for call in self._board.calls.values() if concerns(call)]:
            self._board.count(Outcome.REVOKED)
            if call.state is State.ASKED:
                no = faults.FORBIDDEN
                self._board.reply(call, CallDeclined(no.code, no.message))
            else:
                self._board.tell_viewer_over(call, faults.REVOKED)
            self._end(call, faults.REVOKED)

    def _end(self, call: Call, fault: Fault) -> None:
        self._board.move(call, Event.HUNG_UP)
        self._board.say_over(call.camera, call.session, fault)
