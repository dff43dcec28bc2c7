"""What ends by itself: the staff's sign-ins after a month, their looks after three years."""

from datetime import datetime

from sqlmodel import col, delete

from server.foundation.database import Db
from server.support.tables import LOOKS_KEPT, SESSIONS_KEPT, Lookup, StaffSession


async def forget_overdue_looks(db: Db, now: datetime) -> None:
    """Delete what its label no longer covers. May be run at any time and as often as one likes."""
    await db.exec(delete(StaffSession).where(col(StaffSession.created_at) <= now - SESSIONS_KEPT))
    await db.exec(delete(Lookup).where(col(Lookup.at) <= now - LOOKS_KEPT))
