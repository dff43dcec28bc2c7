"""A call, from the viewer's first word to the last.

Every move is a row. What would need an `if` elsewhere needs a state here instead.
No row knows which end is ours: the gateway keeps to this table, and PROTOCOL.md prints it.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final


class State(Enum):
    """Where a call stands."""

    ASKED = auto()  # the camera has been told, and has not answered
    RINGING = auto()  # the camera takes the call; its offer is awaited
    OFFERED = auto()  # the viewer has the offer; its answer is awaited
    RUNNING = auto()  # both have what they need; media goes its own way
    CLAIMED = auto()  # a camera that came back says that it runs; authority is being asked
    DETACHED = auto()  # it runs, and its viewer has no socket in it: camera or authority end it
    OVER = auto()


class Event(Enum):
    """What can happen to a call."""

    CAMERA_ACCEPTED = auto()
    CAMERA_REFUSED = auto()
    OFFERED = auto()
    ANSWERED = auto()
    ANSWER_REFUSED = auto()
    WAITED_ENOUGH = auto()
    CAMERA_LEFT = auto()
    VIEWER_LEFT = auto()
    HUNG_UP = auto()
    EXTENDED = auto()
    EXPIRED = auto()  # nobody extended the session in time
    VOUCHED = auto()  # authority holds behind what a camera that came back says


S, E = State, Event

ENDS: Final = {
    E.HUNG_UP: S.OVER,
    E.CAMERA_LEFT: S.OVER,
    E.VIEWER_LEFT: S.OVER,
    E.EXPIRED: S.OVER,
}
ENDS_DETACHED: Final = {event: S.OVER for event in ENDS if event is not E.VIEWER_LEFT}
SET_UP: Final = frozenset({S.ASKED, S.RINGING, S.OFFERED})

CALL: Final[Mapping[State, Mapping[Event, State]]] = {
    # a call in this state becomes, when this happens:
    S.ASKED: {E.CAMERA_ACCEPTED: S.RINGING, E.CAMERA_REFUSED: S.OVER, E.WAITED_ENOUGH: S.OVER}
    | ENDS,
    S.RINGING: {E.OFFERED: S.OFFERED, E.WAITED_ENOUGH: S.OVER} | ENDS,
    S.OFFERED: {E.ANSWERED: S.RUNNING, E.ANSWER_REFUSED: S.OVER, E.WAITED_ENOUGH: S.OVER} | ENDS,
    # ONVIF lets either end leave us once media flows, and the picture goes on. A camera that comes
    # back claims the call; without its viewer it is kept for as long as the camera has it.
    S.RUNNING: {E.EXTENDED: S.RUNNING} | ENDS | {E.VIEWER_LEFT: S.DETACHED},
    S.CLAIMED: {E.VOUCHED: S.DETACHED} | ENDS_DETACHED,
    S.DETACHED: {E.EXTENDED: S.DETACHED} | ENDS_DETACHED,
    S.OVER: ENDS,  # both may leave at once
}


class OutOfTurn(Exception):  # noqa: N818 - says what it is
    """This can't happen to a call in that state; the caller knows whose fault it is."""


def after(state: State, event: Event) -> State:
    """The state that follows. Raises OutOfTurn."""
    if (following := CALL[state].get(event)) is None:
        raise OutOfTurn(f"{event.name} can't follow {state.name}")
    return following
