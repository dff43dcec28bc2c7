"""Authority that ended, as it was announced: whose sockets close, and which calls are over.

Every node hears every announcement. A viewer's node ends the viewer's part; a camera's node ends
the camera's, because a call that runs without its viewer's socket is known there alone.
"""

from collections.abc import Callable

from signaling.protocol.board import Board, Leg, Party
from signaling.protocol.close_codes import REVOKED
from signaling.protocol.running_calls import RunningCalls
from signaling.protocol.viewer_desk import ViewerDesk


class Endings:
    """Ends what was begun under an authority that is no more."""

    def __init__(self, board: Board, viewers: ViewerDesk, running: RunningCalls) -> None:
        self._board = board
        self._viewers = viewers
        self._running = running

    def of_people(self, concerns: Callable[[Party], bool]) -> None:
        """These people may do nothing more: their sockets are closed, and their calls end."""
        for endpoint in list(self._board.endpoints.values()):
            party = endpoint.party
            if party is None or party.is_camera or not concerns(party):
                continue
            for session in sorted(endpoint.sessions):
                self._viewers.revoke(self._board.legs[session])
            self._board.hang(endpoint.number, REVOKED)
        self._running.revoke(lambda call: concerns(call.viewer))

    def of_camera(self, camera_id: str) -> None:
        """A camera has another owner, or none: its calls end, whoever watches."""
        self._revoke_calls_to(camera_id, lambda _: True)
        for leg in self._legs_to(camera_id):
            if leg.camera_node is None:
                self._viewers.revoke(leg)  # on its way to the camera, and now in vain

    def of_share(self, account_id: str, camera_id: str) -> None:
        """One person may see one camera no more."""
        for leg in self._legs_to(camera_id):
            party = self._board.endpoints[leg.viewer].party
            if party is not None and party.id == account_id:
                self._viewers.revoke(leg)
        self._revoke_calls_to(camera_id, lambda viewer: viewer.id == account_id)

    def _legs_to(self, camera_id: str) -> list[Leg]:
        return [leg for leg in self._board.legs.values() if leg.wish.camera_id == camera_id]

    def _revoke_calls_to(self, camera_id: str, concerns: Callable[[Party], bool]) -> None:
        if camera := self._board.camera(camera_id):
            number = camera.number
            self._running.revoke(lambda call: call.camera == number and concerns(call.viewer))
