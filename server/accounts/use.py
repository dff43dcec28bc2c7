"""That an account is in use, by its owner or by a camera: noted once a day, and no oftener."""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, or_, update

from server.accounts.tables import Account
from server.foundation.database import Db

A_DAY: Final = timedelta(days=1)  # nothing needs it finer, and a finer moment would tell habits


async def mark_used(db: Db, account_id: str, now: datetime) -> None:
    """Note that the account is in use. Who was warned that it lies idle is not idle any more."""
    row = Account
    stale = or_(
        col(row.last_used_at).is_(None),
        col(row.last_used_at) <= now - A_DAY,
        col(row.idle_warned_at).is_not(None),
    )
    await db.exec(
        update(row)
        .where(col(row.id) == account_id, col(row.ended_at).is_(None), stale)
        .values(last_used_at=now, idle_warned_at=None)
        .execution_options(synchronize_session=False)
    )
