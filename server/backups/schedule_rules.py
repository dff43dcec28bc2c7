"""When a backup is due, and when it, or a drill, is late.

The age of a backup is that of what it holds: it counts from the moment that it was read of, and
that of a drill from the moment that it succeeded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

GRACE: Final = 1.25  # of the time between two: a failed one is tried again in it, each hour


class Kind(StrEnum):
    """What is done with backups, and remembered."""

    BACKUP = "backup"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Terms:
    """How often a backup is made, and how often its restore is practised."""

    backup: timedelta
    drill: timedelta

    def of(self, kind: Kind) -> timedelta:
        """The longest time between two of a kind, if all goes well."""
        return self.backup if kind is Kind.BACKUP else self.drill


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one kind: the newest that was whole, and whether the last one failed."""

    newest: datetime | None = None
    failed: bool = False


def is_due(newest: datetime | None, every: timedelta, now: datetime) -> bool:
    """Whether the next one is to be made now. One from the future (a clock was wrong) is none."""
    return newest is None or not timedelta(0) <= now - newest < every


def late(known: Mapping[Kind, Known], terms: Terms, now: datetime) -> set[Kind]:
    """The kinds that nobody has done for too long. What was never done is late at once."""
    return {kind for kind in Kind if is_due(known[kind].newest, terms.of(kind) * GRACE, now)}
