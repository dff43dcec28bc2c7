"""We cease to serve somebody, or everybody in a country: told by letter, and erased at once.

Nobody has to ask for it, and nobody can take it back, as the service is over. Announce it before:
who is told now can fetch nothing any more. For a country it takes two people (`agreeing.py`).
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import col, select

from server.accounts.queries import account_with_email
from server.accounts.tables import Account
from server.foundation.database import Database
from server.foundation.requests import Foundation
from server.privacy.erasure.agreeing import EndNotAgreed, WhyNot, agreed_end
from server.privacy.erasure.cancelling import begin
from server.privacy.erasure.letters import ceased_letter
from server.security.events import EventKind, note

PAGE: Final = 500  # accounts; each is ended in a unit of work of its own


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom we cease to serve: all of an area (ISO 3166-1), one address, or everybody there is."""

    area: str | None = None
    email: str | None = None
    everybody: bool = False
    came_by: datetime | None = None  # only whose account was there at this moment


async def concerned(database: Database, whom: Whom) -> list[str]:
    """The ids of the accounts that this is about and that have not ended.

    An area is what people told when they registered. Those who came by a provider told none, and
    are in no area.
    """
    if whom.email is not None:
        async with database.reading() as db:
            found = await account_with_email(db, whom.email)
        return [found.id] if found is not None and found.ended_at is None else []
    return [it.id async for it in _all(database) if _is_meant(it, whom)]


def _is_meant(account: Account, whom: Whom) -> bool:
    if not whom.everybody and account.area != whom.area:
        return False
    came = account.created_at
    return whom.came_by is None or (came is not None and came <= whom.came_by)


async def cease_country(parts: Foundation, end_id: str) -> int:
    """End all accounts of a country now, as two people have agreed; how many.

    Raises EndNotAgreed where only one of them has. May be run again for some days, if it was broken
    off; whoever came after they agreed is not meant.
    """
    async with parts.database.reading() as db:
        agreed = await agreed_end(db, end_id, parts.clock.now())
    if agreed.country is None:
        raise EndNotAgreed(WhyNot.UNKNOWN)  # that the whole service closes is no country's end
    whom = Whom(agreed.country, came_by=agreed.confirmed_at)
    return await cease(parts, await concerned(parts.database, whom), agreed.reason)


async def cease_one(parts: Foundation, email: str, reason: str) -> int:
    """End the account with this address now; 0 if there is none."""
    return await cease(parts, await concerned(parts.database, Whom(email=email)), reason)


async def cease(parts: Foundation, account_ids: list[str], reason: str) -> int:
    """End these accounts now; how many. Each owner is told, with the reason.

    For whoever has made sure that one person may: of more than one account, two have to agree.
    """
    ended = 0
    for account_id in account_ids:
        async with parts.database.writing() as db:
            now = parts.clock.now()
            begun = await begin(db, parts, account_id, now, ceased_letter(reason), at_once=True)
            if begun is None:
                continue
            ended += 1
            await note(
                db,
                id=parts.ids.new("evt"),
                account_id=account_id,
                kind=EventKind.SERVICE_CEASED,
                at=now,
            )
    return ended


async def _all(database: Database) -> AsyncGenerator[Account]:
    after = ""
    while True:
        query = select(Account).where(col(Account.id) > after, col(Account.ended_at).is_(None))
        async with database.reading() as db:
            page = (await db.exec(query.order_by(col(Account.id)).limit(PAGE))).all()
        for account in page:
            yield account
        if len(page) < PAGE:
            return
        after = page[-1].id
