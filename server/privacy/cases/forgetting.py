"""What ends by itself: wishes that nobody proved, contacts after half a year, cases after three."""

from datetime import datetime

from sqlmodel import col, delete, select, update

from server.foundation.database import Db
from server.foundation.vault.keyring import destroy_keys
from server.privacy.cases.kinds import CaseState
from server.privacy.cases.tables import CASE_KEPT, CONTACT_KEPT, CaseOpening, PrivacyCase


async def forget_overdue_cases(db: Db, now: datetime) -> None:
    """Delete what its label no longer covers. May be run at any time and as often as one likes.

    An open case stays, however old: it is owed an answer.
    """
    await db.exec(
        update(PrivacyCase)
        .where(col(PrivacyCase.closed_at) <= now - CONTACT_KEPT)
        .where(col(PrivacyCase.contact).is_not(None))
        .values(contact=None)
    )
    unproven = (col(PrivacyCase.state) == CaseState.UNPROVEN.value) & (
        col(PrivacyCase.proof_expires_at) <= now
    )
    ended = unproven | (col(PrivacyCase.closed_at) <= now - CASE_KEPT)
    over = select(PrivacyCase.id).where(ended)
    await destroy_keys(db, over)
    await db.exec(delete(CaseOpening).where(col(CaseOpening.case_id).in_(over)))
    await db.exec(delete(PrivacyCase).where(ended))
