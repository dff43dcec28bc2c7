"""Who comes to an account that its owner has cancelled: only the owner, to take it back.

Every way in leads through here (`entrance.py`). Until the account's end has come it can be taken
back; from then on it is as if there were none.
"""

from server.accounts import queries
from server.accounts.errors import AccountCancelled, WrongCredentials
from server.accounts.tables import Account
from server.accounts.visit import Visit
from server.foundation.database import Db
from server.security.events import EventKind


async def admit(db: Db, account: Account, visit: Visit, *, take_back: bool) -> None:
    """Let somebody who has proven to be the owner in; with `take_back` the account goes on.

    Raises AccountCancelled for one that waits for its end, WrongCredentials for one that has ended.
    """
    now = await queries.locked_account(db, account.id)  # proven a moment ago, in another unit
    if now is None or now.ended_at is not None:
        raise WrongCredentials
    if now.ends_at is None:
        return
    if now.ends_at <= visit.now:
        raise WrongCredentials
    if not take_back:
        raise AccountCancelled
    now.ends_at = None
    await visit.note(db, now.id, EventKind.ACCOUNT_TAKEN_BACK)
