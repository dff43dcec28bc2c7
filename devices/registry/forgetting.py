"""What ends by itself: assertions that are refused for their age by now."""

from datetime import datetime

from sqlmodel import col, delete

from devices.registry.tables import UsedAssertion
from server.foundation.database import Db


async def forget_overdue_assertions(db: Db, now: datetime) -> None:
    """Delete what needs no remembering. May be run at any time and as often as one likes."""
    await db.exec(delete(UsedAssertion).where(col(UsedAssertion.expires_at) <= now))
