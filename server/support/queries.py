"""What is read about the staff."""

from datetime import datetime

from sqlmodel import col, select

from server.foundation.database import Db
from server.security.two_people import Operator
from server.support import lookup_rules
from server.support.tables import StaffMember, StaffSession


async def member_named(db: Db, name: str) -> StaffMember | None:
    """The staff member of that name, active or not."""
    if not lookup_rules.is_staff_name(name):
        return None
    index = db.index(StaffMember.name_index, name)
    rows = await db.exec(select(StaffMember).where(StaffMember.name_index == index))
    return rows.one_or_none()


async def operator(db: Db, staff_id: str) -> Operator:
    """The staff member of this id, as one who asks for something or agrees to it."""
    since = select(StaffMember.created_at).where(StaffMember.id == staff_id)
    return Operator(staff_id, (await db.exec(since)).one())


async def session_in_force(
    db: Db, staff_id: str, session_id: str, now: datetime
) -> StaffSession | None:
    """The sign-in, if it holds and its staff member is active."""
    rows = await db.exec(
        select(StaffSession)
        .join(StaffMember, col(StaffMember.id) == col(StaffSession.staff_id))
        .where(
            StaffSession.id == session_id,
            StaffSession.staff_id == staff_id,
            col(StaffSession.ended_at).is_(None),
            StaffSession.expires_at > now,
            col(StaffMember.active),
        )
    )
    return rows.one_or_none()
