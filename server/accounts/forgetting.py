"""What ends by itself: registrations nobody confirmed, ways to a provider, sign-ins long over."""

from datetime import datetime

from sqlmodel import col, delete, select

from server.accounts.tables import (
    SESSION_KEPT_OVER,
    ProviderSignIn,
    RefreshToken,
    Registration,
    Session,
)
from server.foundation.database import Db
from server.foundation.vault.keyring import destroy_keys


async def forget_overdue_accounts(db: Db, now: datetime) -> None:
    """Delete what is over. May be run at any time and as often as one likes.

    A sign-in stays for a while after its end, because a copy of its token may still turn up.
    """
    stale = col(Registration.expires_at) <= now
    await destroy_keys(db, select(Registration.id).where(stale))
    await db.exec(delete(Registration).where(stale))
    await db.exec(delete(ProviderSignIn).where(col(ProviderSignIn.expires_at) <= now))
    over = col(Session.expires_at) < now - SESSION_KEPT_OVER
    dead = select(Session.id).where(over).scalar_subquery()
    await db.exec(delete(RefreshToken).where(col(RefreshToken.session_id).in_(dead)))
    await db.exec(delete(Session).where(over))
