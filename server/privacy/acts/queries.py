"""Reads for acts. Those that a change follows take the row's lock, where there is one."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, delete, select

from server.foundation.database import Db
from server.privacy.acts.errors import CopyOver
from server.privacy.acts.tables import CaseAct, CaseCopy


async def acts_of(db: Db, case_id: str) -> Sequence[CaseAct]:
    """What was done upon a case, the first act first."""
    query = select(CaseAct).where(CaseAct.case_id == case_id)
    return (await db.exec(query.order_by(col(CaseAct.at), CaseAct.id))).all()


async def copy_to_fetch(db: Db, case_id: str, now: datetime) -> CaseCopy:
    """The copy that waits for whoever asked, locked. Raises CopyOver."""
    query = select(CaseCopy).where(
        CaseCopy.case_id == case_id,
        CaseCopy.tries_left > 0,
        CaseCopy.expires_at > now,
        col(CaseCopy.fetched_at).is_(None),
    )
    found = (await db.exec(query.with_for_update())).one_or_none()
    if found is None:
        raise CopyOver
    return found


async def copy_waits_until(db: Db, case_id: str, now: datetime) -> datetime | None:
    """Until when a copy can be fetched; None where none waits."""
    query = select(CaseCopy.expires_at).where(
        CaseCopy.case_id == case_id,
        CaseCopy.tries_left > 0,
        CaseCopy.expires_at > now,
        col(CaseCopy.fetched_at).is_(None),
    )
    return (await db.exec(query)).one_or_none()


async def forget_copies(db: Db, case_id: str) -> None:
    """Take away the copies that waited: their codes open nothing any more."""
    await db.exec(delete(CaseCopy).where(col(CaseCopy.case_id) == case_id))
