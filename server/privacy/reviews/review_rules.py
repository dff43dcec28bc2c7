"""What is reviewed, how often, and when it is overdue."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

FINDING_OPEN: Final = timedelta(days=30)  # by then something was done about a finding
LEAST_ACTION: Final = 10  # characters: "done" says nothing that can be checked
MOST_TEXT: Final = 1_000


class Area(StrEnum):
    """What policy §4.2 promises to review."""

    COLLECTION = "collection"
    STORAGE = "storage"
    HANDLING = "handling"
    PHYSICAL = "physical"


# Half a year for what changes with each release, a year for doors, locks and who has a key.
INTERVALS: Final[Mapping[Area, timedelta]] = {
    Area.COLLECTION: timedelta(days=183),
    Area.STORAGE: timedelta(days=183),
    Area.HANDLING: timedelta(days=183),
    Area.PHYSICAL: timedelta(days=366),
}


def due_at(area: Area, newest: datetime | None) -> datetime | None:
    """When the area is to be reviewed again; None: now, as it never was."""
    return None if newest is None else newest + INTERVALS[area]


def is_overdue(due: datetime | None, now: datetime) -> bool:
    """Whether a date has passed. What has none was never done, and is overdue at once."""
    return due is None or now > due


def says_something(text: str, least: int = 1) -> bool:
    """Whether a person has written something that others can read."""
    return text.isprintable() and least <= len(text.strip()) and len(text) <= MOST_TEXT
