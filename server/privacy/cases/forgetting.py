"""Wishes that nobody proved end with the time for their proof. Labels end all else of a case."""

from datetime import datetime

from sqlmodel import col, delete, select

from server.foundation.database import Db
from server.foundation.vault.keyring import destroy_keys
from server.privacy.cases.kinds import CaseState
from server.privacy.cases.tables import CaseOpening, PrivacyCase


async def forget_unproven_cases(db: Db, now: datetime) -> None:
    """Delete them, and their keys. May be run at any time and as often as one likes."""
    unproven = (col(PrivacyCase.state) == CaseState.UNPROVEN.value) & (
        col(PrivacyCase.proof_expires_at) <= now
    )
    over = select(PrivacyCase.id).where(unproven)
    await destroy_keys(db, over)
    await db.exec(delete(CaseOpening).where(col(CaseOpening.case_id).in_(over)))
    await db.exec(delete(PrivacyCase).where(unproven))
