"""Which version of the policy counts, for whom, and who must be told of a change before it does."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.privacy.data_map_rules import Change
from server.privacy.declaration_rules import narrows
from server.privacy.editions import Edition

Compare = Callable[[Edition, Edition], tuple[Change, ...]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands to the policy.

    `counts` is the version that counts for it, `theirs` the newest that it accepted, `told` the
    material changes from the one to the other, `offered` a newer version that gives fewer rights.
    """

    counts: Edition
    theirs: Edition | None
    told: tuple[Change, ...]
    offered: Edition | None

    @property
    def accepted(self) -> bool:
        """Whether nothing is to be asked first. A change that isn't material asks nobody."""
        return self.theirs is not None and not self.told


def in_force(editions: Sequence[Edition], now: datetime) -> Edition:
    """The newest whose day has come. `editions` is in order of time, and not empty.

    The first counts even before its day: there is no moment without a policy.
    """
    return next((it for it in reversed(editions) if it.in_force_since <= now), editions[0])


def standing(
    editions: Sequence[Edition], accepted: Collection[str], now: datetime, compare: Compare
) -> Standing:
    """How somebody stands who accepted these versions.

    The newest version that takes no right which their newest one gives counts for them. One with
    fewer rights binds only who accepts it: everybody else is asked for what came before it, if
    anything, and keeps what they have. Who has accepted nothing is asked for the newest.
    """
    newest = in_force(editions, now)
    come = editions[: editions.index(newest) + 1]
    theirs = next((it for it in reversed(come) if it.version in accepted), None)
    if theirs is None:
        return Standing(newest, None, (), None)
    counts = next(it for it in reversed(come) if not narrows(theirs.declared, it.declared))
    told = () if counts is theirs else material(compare(theirs, counts))
    return Standing(counts, theirs, told, None if counts is newest else newest)


def material(found: Collection[Change]) -> tuple[Change, ...]:
    """Those changes that people are told of before they count."""
    return tuple(it for it in found if it.material)
