"""Which version of the policy counts."""

from collections.abc import Sequence
from datetime import datetime

from server.privacy.editions import Edition


def in_force(editions: Sequence[Edition], now: datetime) -> Edition:
    """The newest whose day has come. `editions` is in order of time, and not empty.

    The first counts even before its day: there is no moment without a policy.
    """
    return next((it for it in reversed(editions) if it.in_force_since <= now), editions[0])
