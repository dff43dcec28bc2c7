"""Whoever was erased after a backup was made is erased again when it is restored.

By the same rules as the first time, all in the restore's own unit of work: the key is destroyed,
rows and values go as their columns say. What a law makes us keep stays, unreadable where it was
sealed.
"""

from collections.abc import Mapping
from datetime import datetime

from devices.registry.queries import let_all_go
from server.accounts import queries as accounts
from server.foundation.database import Db
from server.foundation.vault.keyring import destroy_keys
from server.privacy.erasure.counting import Counted
from server.privacy.erasure.sweeping import sweep
from server.privacy.erasure.tables import Tombstone


async def erase_again(db: Db, gone: Mapping[str, datetime]) -> None:
    """Erase these, where they are there. May be run as often as one likes."""
    await destroy_keys(db, gone)
    for account_id, at in gone.items():
        account = await accounts.locked_account(db, account_id)
        if account is None:
            continue
        account.ended_at = at
        if await db.get(Tombstone, account_id) is None:
            db.add(Tombstone(account_id=account_id, ended_at=at))
        await let_all_go(db, account_id, at)
        await db.flush()
        while await sweep(db, account_id, at, Counted()):
            pass
