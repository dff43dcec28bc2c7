"""Deleting in mass takes two people: one proposes it, another one agrees.

It ends the accounts of a country, or the whole service.

Both prove who they are with their password as staff. Whoever came to the staff after the proposal
can't agree: else the first would make the second.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from server.foundation.database import Db
from server.foundation.ids import Ids
from server.privacy.erasure.tables import AreaEnd
from server.security.staff_acts import Deed, note_deed
from server.security.two_people import Objection, Operator, objection

OPEN: Final = timedelta(days=7)  # then the number of accounts that was agreed upon is stale


class WhyNot(StrEnum):
    """Why nothing is ended, and what to do."""

    UNKNOWN = "there is no such proposal; make one with end-service or close-service"
    SAME_PERSON = "whoever proposed it can't agree to it; another member of the staff must"
    CAME_LATER = "whoever joined the staff after the proposal can't agree to it; another one must"
    TOO_LATE = "the proposal is more than 7 days old; make a new one"
    ONE_ALONE = "only one person wants this; another one must agree with secuhome confirm-end"


class EndNotAgreed(Exception):  # noqa: N818 - says what was done
    """The accounts stay. Nothing was changed."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


Whose = str | date  # a country's (ISO 3166-1), or everybody's, erased from a day on


def why_not(end: AreaEnd, by: Operator, now: datetime) -> WhyNot | None:
    """Why this person can't agree to it now; None if they can."""
    if (why := objection(by, end.proposed_by, end.proposed_at)) is not None:
        return WhyNot.SAME_PERSON if why is Objection.SAME_PERSON else WhyNot.CAME_LATER
    if now - end.proposed_at > OPEN:
        return WhyNot.TOO_LATE
    return None


async def propose_end(
    db: Db, ids: Ids, whose: Whose, reason: str, accounts: int, by: Operator, now: datetime
) -> AreaEnd:
    """Write down that somebody wants to end these accounts. Nothing is ended by it."""
    country, erases_on = (None, whose) if isinstance(whose, date) else (whose, None)
    end = AreaEnd(
        id=ids.new("aen"),
        country=country,
        erases_on=erases_on,
        reason=reason,
        accounts=accounts,
        proposed_by=by.staff_id,
        proposed_at=now,
    )
    db.add(end)
    await note_deed(db, ids, by.staff_id, Deed.END_PROPOSED, end.id, now)
    return end


async def proposed_end(
    db: Db, end_id: str, by: Operator, now: datetime, *, lock: bool = False
) -> AreaEnd:
    """The proposal, if this person may agree to it, or it was agreed to lately.

    Raises EndNotAgreed.
    """
    end = await db.get(AreaEnd, end_id, with_for_update=lock)
    if end is None:
        raise EndNotAgreed(WhyNot.UNKNOWN)
    why = why_not(end, by, now) if end.confirmed_at is None else _stale(end.confirmed_at, now)
    if why:
        raise EndNotAgreed(why)
    return end


async def confirm_end_of(db: Db, ids: Ids, end_id: str, by: Operator, now: datetime) -> AreaEnd:
    """Agree to a proposal; once agreed, it stays so. Raises EndNotAgreed."""
    end = await proposed_end(db, end_id, by, now, lock=True)
    if end.confirmed_at is None:
        end.confirmed_by, end.confirmed_at = by.staff_id, now
        await note_deed(db, ids, by.staff_id, Deed.END_CONFIRMED, end.id, now)
    return end


async def agreed_end(db: Db, end_id: str, now: datetime) -> AreaEnd:
    """The proposal, if two people want it, and have lately agreed to it. Raises EndNotAgreed."""
    end = await db.get(AreaEnd, end_id)
    if end is None:
        raise EndNotAgreed(WhyNot.UNKNOWN)
    if end.confirmed_by in (None, end.proposed_by):
        raise EndNotAgreed(WhyNot.ONE_ALONE)
    if end.confirmed_at is None or _stale(end.confirmed_at, now):
        raise EndNotAgreed(WhyNot.TOO_LATE)
    return end


def _stale(agreed_at: datetime, now: datetime) -> WhyNot | None:
    return WhyNot.TOO_LATE if now - agreed_at > OPEN else None
