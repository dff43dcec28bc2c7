"""A node that leaves well: everybody is told when to come back elsewhere, and nobody at once.

A call in set-up is finished first, as far as patience goes. Calls that run don't need us.
"""

from signaling.protocol import messages
from signaling.protocol.board import Board, Endpoint, Leave
from signaling.protocol.call_states import SET_UP
from signaling.protocol.close_codes import DRAINING
from signaling.protocol.entrance import Entrance
from signaling.protocol.limits import Seconds

LOOK_AGAIN_S = 0.25


class Draining:
    """Sends a node's endpoints away, in their turn."""

    def __init__(self, board: Board, entrance: Entrance) -> None:
        self._board = board
        self._entrance = entrance
        self._latest: Seconds | None = None

    def begin(self, over: Seconds) -> None:
        """Give every endpoint its turn, spread evenly over so many seconds."""
        board = self._board
        if self._latest is not None:
            return
        self._latest = board.now + over + board.limits.set_up_within
        endpoints = list(board.endpoints.values())
        for place, endpoint in enumerate(endpoints):
            after = round(over * place / len(endpoints), 3)
            if endpoint.said is not None:
                told = messages.DrainParams(after)
                board.say(endpoint.number, messages.notification("secuhome.drain", told))
            board.wait(board.now + after, Leave(endpoint.number))

    def joined(self, number: int) -> None:
        """A socket opened; too late, where we are leaving."""
        if self._latest is not None:
            self._board.hang(number, DRAINING)

    def turn_of(self, number: int) -> None:
        """An endpoint's turn has come: it goes, unless it is in a set-up that may still be done."""
        board = self._board
        endpoint = board.endpoints.get(number)
        if endpoint is None or self._latest is None:
            return
        if endpoint.away_until is not None:
            self._entrance.remove(endpoint)
        elif board.now < self._latest and self._in_set_up(endpoint):
            board.wait(board.now + LOOK_AGAIN_S, Leave(number))
        else:
            board.hang(number, DRAINING)

    def _in_set_up(self, endpoint: Endpoint) -> bool:
        board = self._board
        calls = (board.calls.get(session) for session in endpoint.sessions)
        legs = (board.legs.get(session) for session in endpoint.sessions)
        return (
            bool(endpoint.deciding)
            or any(call is not None and call.state in SET_UP for call in calls)
            or any(leg is not None and not leg.running for leg in legs)
        )
