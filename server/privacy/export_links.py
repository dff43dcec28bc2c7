"""Links to an export: whoever has one gets everything, so each is random, good once, and soon over.

What makes one has proven whose data it is; what opens one asks nothing more. Only a hash is stored.
The address names nobody. A program that looks at mail would use a link up before its reader could,
so letters name a page of the app, and the link is made there.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, delete

from server.accounts.sessions import hash_of
from server.accounts.visit import Visit
from server.foundation.database import Db
from server.privacy.errors import UnknownExportLink
from server.privacy.tables import ExportLink
from server.security.events import EventKind

PATH: Final = "/v1/privacy/exports"
TOKEN_BYTES: Final = 32
LASTS: Final = timedelta(minutes=10)  # time to find the button that one has just made


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that was made, told once and never stored. `path` is under our public address."""

    path: str = field(repr=False)
    expires_at: datetime


def new_link(db: Db, account_id: str, now: datetime) -> NewLink:
    """A link to everything held about the account. It works once `db` has committed.

    The caller has seen proof that whoever gets it is this account's owner.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = now + LASTS
    db.add(ExportLink(hash=hash_of(token), account_id=account_id, expires_at=expires_at))
    return NewLink(f"{PATH}/{token}", expires_at)


async def use_link(db: Db, token: str, visit: Visit) -> str:
    """Use a link up; the id of the account that it is for, whose history tells of it.

    Raises UnknownExportLink for one that was used, is over, or never was. Of two at once, one
    gets it.
    """
    query = (
        delete(ExportLink)
        .where(col(ExportLink.hash) == hash_of(token), col(ExportLink.expires_at) > visit.now)
        .returning(col(ExportLink.account_id))
    )
    account_id = (await db.exec(query)).scalar_one_or_none()
    if account_id is None:
        raise UnknownExportLink
    await visit.note(db, account_id, EventKind.DATA_EXPORTED)
    return account_id


async def end_links(db: Db, account_id: str) -> None:
    """No link to this account's data opens any more."""
    await db.exec(delete(ExportLink).where(col(ExportLink.account_id) == account_id))
