"""Security events end: the network after thirty days, the whole event after half a year."""

from datetime import datetime

from sqlmodel import col, delete, update

from server.foundation.database import Db
from server.security.events import KEPT, NETWORK_KEPT, SecurityEvent


async def forget_overdue_events(db: Db, now: datetime) -> None:
    """Delete what its label no longer covers. May be run at any time and as often as one likes."""
    await db.exec(delete(SecurityEvent).where(col(SecurityEvent.at) < now - KEPT))
    await db.exec(
        update(SecurityEvent)
        .where(col(SecurityEvent.at) < now - NETWORK_KEPT, col(SecurityEvent.network).is_not(None))
        .values(network=None)
    )
