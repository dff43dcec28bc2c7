"""What one of our staff asks for and another one agrees to: who that other one may be."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Operator(NamedTuple):
    """A member of the staff who has proven to be one, and since when they are."""

    staff_id: str
    since: datetime


class Objection(StrEnum):
    """Why somebody can't agree to what was asked for."""

    SAME_PERSON = "same person"
    CAME_LATER = "came later"


def objection(by: Operator, asked_by: str, asked_at: datetime) -> Objection | None:
    """Why this person can't agree to it; None if they can.

    Whoever came to the staff after it was asked for can't: else the first would make the second.
    """
    if by.staff_id == asked_by:
        return Objection.SAME_PERSON
    return Objection.CAME_LATER if by.since >= asked_at else None
