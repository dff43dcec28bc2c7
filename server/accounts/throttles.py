"""How often one may try to get in. Counted before any work is done for the caller."""

from datetime import timedelta
from typing import Final

from server.security.sightings import Seen
from server.security.throttle import Limit, Throttle

# Letters that a stranger can make us send to one mailbox; an owner who mistypes needs two or three.
LETTERS: Final = Limit(10, timedelta(hours=1))


def spend_letter(throttle: Throttle, seen: Seen, email: str) -> None:
    """Before a registration. Raises TooManyRequests."""
    throttle.spend("register", seen.network)
    throttle.spend("letter", email, limit=LETTERS)


def spend_sign_in(throttle: Throttle, seen: Seen, email: str) -> None:
    """Before a password is looked at: per network, and per address that is tried.

    Raises TooManyRequests. Network first: who floods from one place is stopped there, and
    doesn't use up what the account's owner has.
    """
    throttle.spend("sign_in", seen.network)
    throttle.spend("sign_in_to", email)


def spend_try(throttle: Throttle, seen: Seen) -> None:
    """Before a code is looked at, and before somebody is sent to a provider.

    Raises TooManyRequests.
    """
    throttle.spend("try", seen.network)
