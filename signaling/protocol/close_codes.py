"""Why a socket is closed, and what its peer should do then: the range says it.

41xx: never again with these credentials. 42xx: come back after a back-off. 43xx: come back at
once. RFC 6455 §7.4.2 leaves 4000 to 4999 to applications.
"""

from enum import StrEnum
from typing import Final, NamedTuple


class Then(StrEnum):
    """What a peer does after a close."""

    NEVER = "not again with these credentials"
    LATER = "again after a back-off"
    AT_ONCE = "again at once"


class Close(NamedTuple):
    """A close code with its reason (at most 123 bytes, RFC 6455 §5.5)."""

    number: int
    name: str
    then: Then
    reason: str


BAD_TOKEN = Close(4100, "bad_token", Then.NEVER, "the token doesn't hold; get a new one")
REPLACED = Close(4101, "replaced", Then.NEVER, "this camera registered anew; its calls are there")
REVOKED = Close(4102, "revoked", Then.NEVER, "the sign-in behind this socket has ended")
RESUMED = Close(4103, "resumed", Then.NEVER, "this endpoint goes on over a newer socket")
NOT_IN_TIME = Close(4200, "not_in_time", Then.LATER, "register did not come in time")
BROKEN = Close(4201, "broken", Then.LATER, "too many messages that break the protocol")
TOO_FAST = Close(4202, "too_fast", Then.LATER, "more messages or calls than the limit allows")
SLOW_READER = Close(4203, "slow_reader", Then.LATER, "what was sent is not being read")
INTERNAL = Close(4204, "internal", Then.LATER, "a fault on our side")
CROWDED = Close(4205, "crowded", Then.LATER, "too many sockets of this account or network")
DRAINING = Close(4300, "draining", Then.AT_ONCE, "this gateway is going away")

CLOSE_CODES: Final = (
    BAD_TOKEN, REPLACED, REVOKED, RESUMED, NOT_IN_TIME, BROKEN, TOO_FAST, SLOW_READER, INTERNAL,
    CROWDED, DRAINING,
)  # fmt: skip
RANGE_OF: Final = {
    Then.NEVER: range(4100, 4200),
    Then.LATER: range(4200, 4300),
    Then.AT_ONCE: range(4300, 4400),
}


def then_of(number: int) -> Then:
    """What to do after any close code; a code that is not ours means: later."""
    return next((then for then, codes in RANGE_OF.items() if number in codes), Then.LATER)
