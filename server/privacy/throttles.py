"""How often one may ask for one's own data. Counted before anything is read."""

from datetime import timedelta
from typing import Final

from server.foundation.identity import Identity
from server.security.throttle import Limit, Throttle

# An export reads every row of an account twice. Somebody whose download broke tries a few times.
EXPORTS: Final = Limit(5, timedelta(hours=1))


def spend_look(throttle: Throttle, owner: Identity) -> None:
    """Before a look at what is held. Raises TooManyRequests."""
    throttle.spend("held", owner.id)


def spend_change(throttle: Throttle, owner: Identity) -> None:
    """Before own data is put right or deleted. Raises TooManyRequests."""
    throttle.spend("correct", owner.id)


def spend_export(throttle: Throttle, owner: Identity) -> None:
    """Before an export. Raises TooManyRequests."""
    throttle.spend("export", owner.id, limit=EXPORTS)
