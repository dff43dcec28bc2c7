"""What a row of choices means, and what its link in the chain is made of."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from server.privacy.purposes import DeclaredPurpose, Switch

BEGINNING: Final = ""  # what the first row of an account is linked to


class State(StrEnum):
    """What somebody chose about a purpose."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class Choice(NamedTuple):
    """What counts of the newest choice about a purpose."""

    state: str
    text_sha256: str


class Link(NamedTuple):
    """What a row says, as the chain has it."""

    id: str
    account_id: str
    number: int
    purpose: str
    state: str
    policy_version: str
    text_sha256: str
    at: datetime


def is_on(purpose: DeclaredPurpose, newest: Choice | None) -> bool:
    """Whether the purpose may be followed, after the newest choice about it.

    A yes counts for the text that was shown and no other. A no counts whatever the text was. What
    has a high risk that nobody reviewed is off for everybody.
    """
    if purpose.held_off:
        return False
    match purpose.switch:
        case Switch.NONE:
            return True
        case Switch.ON_AT_FIRST:
            return newest is None or newest.state != State.WITHDRAWN
        case Switch.OFF_AT_FIRST:
            return newest == Choice(State.GIVEN, purpose.sha256)


def linked(row: Link, before: bytes | None) -> tuple[str, ...]:
    """The values that the keyed hash of a row goes over; `before` is the hash of the row before."""
    return (
        before.hex() if before is not None else BEGINNING,
        row.id,
        row.account_id,
        str(row.number),
        row.purpose,
        row.state,
        row.policy_version,
        row.text_sha256,
        row.at.astimezone(UTC).isoformat(),
    )
