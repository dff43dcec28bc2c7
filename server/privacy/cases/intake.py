"""How a case comes to be: by form, from an owner who is signed in, or entered by the staff.

Nothing here looks up whether somebody is known to us, so no answer can tell it. The clock begins
with the receipt, also where an address is still to be proven.
"""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime

from server.accounts.sessions import TOKEN_BYTES, hash_of
from server.foundation.database import Db
from server.foundation.errors import InvalidRequest
from server.foundation.ids import Ids
from server.foundation.origins import Collected, Origin, given
from server.foundation.settings import Settings
from server.privacy.cases import queries
from server.privacy.cases.calendars import calendar_of
from server.privacy.cases.case_rules import NUMBER_BYTES, fault_of_ground, number_of
from server.privacy.cases.codes import Code
from server.privacy.cases.deadline_rules import Stage
from server.privacy.cases.kinds import (
    CaseKind,
    CaseState,
    Channel,
    ContactKind,
    Ground,
    OnBehalfOf,
)
from server.privacy.cases.tables import PrivacyCase


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, and how they want to hear from us.

    Raises InvalidRequest for a ground that doesn't fit.
    """

    kind: CaseKind
    region: str
    message: str
    contact_kind: ContactKind
    contact: str | None = None
    on_behalf_of: OnBehalfOf = OnBehalfOf.SELF
    ground: Ground | None = None

    def __post_init__(self) -> None:
        """No wish stands on a ground of another kind."""
        if fault := fault_of_ground(self.kind, self.ground):
            raise InvalidRequest([fault._asdict()])


@dataclass(frozen=True, slots=True)
class Taken:
    """A case with the token that follows it, which is told once and never stored."""

    case: PrivacyCase
    token: str = field(repr=False)


async def take(
    db: Db,
    ids: Ids,
    wish: Wish,
    channel: Channel,
    now: datetime,
    *,
    code: Code | None = None,
    account_id: str | None = None,
    received_on: date | None = None,  # of what reached us earlier, by mail or by post
) -> Taken:
    """A new case. With a code it waits for that, unless the staff has entered it."""
    calendar = calendar_of(wish.region)
    received_on = received_on or calendar.received_on(now)
    case = PrivacyCase(
        id=ids.new("cas"),
        number=await _new_number(db),
        kind=wish.kind.value,
        ground=wish.ground,
        channel=channel.value,
        on_behalf_of=wish.on_behalf_of.value,
        region=wish.region,
        received_on=received_on,
        due_on=calendar.due_on(received_on, wish.kind),
        state=(CaseState.UNPROVEN if code and channel is Channel.FORM else CaseState.OPEN).value,
        stage=Stage.LATER.value,
        account_id=account_id,
        contact_kind=wish.contact_kind.value,
        contact=given(wish.contact, Origin.INTERACTION),
        message=Collected(wish.message, origin=Origin.INTERACTION),
        proven_at=now if account_id else None,
        code_hash=code.hash if code else None,
        tries_left=code.tries if code else 0,
        proof_expires_at=code.expires_at if code else None,
        token_hash="",
    )
    db.add(case)
    return Taken(case, new_token(case))


def new_token(case: PrivacyCase) -> str:
    """A fresh token of the case; the one before it, if there was one, opens nothing any more."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    case.token_hash = hash_of(token)
    return token


def follow_link(settings: Settings, taken: Taken) -> str:
    """The page that shows the case. Behind the `#`, so that no server on the way logs it."""
    return f"{settings.public_url}/app/#/requests/{taken.case.number}/{taken.token}"


async def _new_number(db: Db) -> str:
    while await queries.number_is_taken(db, number := number_of(secrets.token_bytes(NUMBER_BYTES))):
        pass
    return number
