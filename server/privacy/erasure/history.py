"""What is done for somebody who may be erased by now: they have no history any more."""

from datetime import datetime

from server.foundation.database import Db
from server.foundation.ids import Ids
from server.privacy.erasure.tables import Tombstone
from server.security.events import EventKind, note


async def note_unless_erased(
    db: Db, ids: Ids, account_id: str | None, kind: EventKind, at: datetime, about: str
) -> None:
    """Write it into the account's history, if there is one: their key is gone with the erasure."""
    if account_id is not None and await db.get(Tombstone, account_id) is None:
        await note(db, id=ids.new("evt"), account_id=account_id, kind=kind, at=at, about=about)
