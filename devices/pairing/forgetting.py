"""What ends by itself: pairings whose phone has long asked for the proof."""

from datetime import datetime

from sqlmodel import col, delete

from devices.pairing.tables import KEPT, Pairing
from server.foundation.database import Db


async def forget_overdue_pairings(db: Db, now: datetime) -> None:
    """Delete what its label no longer covers. May be run at any time and as often as one likes."""
    await db.exec(delete(Pairing).where(col(Pairing.created_at) <= now - KEPT))
