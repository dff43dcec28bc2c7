"""Which version of the policy counts: for whoever is new, and for whoever accepted one before."""

from collections.abc import Collection, Sequence
from datetime import datetime

from server.privacy.editions import Edition


def in_force(editions: Sequence[Edition], now: datetime) -> Edition:
    """The newest whose day has come. `editions` is in order of time, and not empty.

    The first counts even before its day: there is no moment without a policy.
    """
    return next((it for it in reversed(editions) if it.in_force_since <= now), editions[0])


def in_force_for(editions: Sequence[Edition], accepted: Collection[str], now: datetime) -> Edition:
    """The version that counts for somebody who accepted these versions, of those in force.

    The newest that takes none of the rights which their newest one gives. A version with fewer
    rights binds only who accepts it: everybody else is asked for what came before it, if anything,
    and keeps what they have. Who has accepted nothing is asked for the newest.
    """
    newest = in_force(editions, now)
    come = editions[: editions.index(newest) + 1]
    theirs = next((it for it in reversed(come) if it.version in accepted), None)
    if theirs is None:
        return newest
    return next(it for it in reversed(come) if it.rights >= theirs.rights)
