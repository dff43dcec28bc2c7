"""Everybody is told that the service ends: by letter, or, whom none reaches, by our page.

The note is written with the letter's place in the database first, so that of several processes one
sends it; if nobody takes our mail it goes again, and the next hour tries anew.
"""

import asyncio

import aiosmtplib
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select, update

from server.accounts.tables import Account
from server.foundation.database import Db
from server.foundation.mail import Letter
from server.foundation.requests import Foundation
from server.privacy.term_words import value_words
from server.privacy.winding_down.tables import EndNotice, EndOfService, Way

AT_ONCE = 100  # accounts of one look


async def tell_everybody(parts: Foundation, end: EndOfService, over: asyncio.Event) -> bool:
    """Tell all who were not told; whether that was done. Raises what mail raises."""
    while not over.is_set():
        async with parts.database.reading() as db:
            some = await _untold(db)
        for account in some:
            await _tell(parts, end, account)
        if len(some) < AT_ONCE:
            return True
    return False


async def _untold(db: Db) -> list[Account]:
    told = select(EndNotice.account_id)
    query = select(Account).where(col(Account.ended_at).is_(None), col(Account.id).not_in(told))
    return list((await db.exec(query.order_by(col(Account.id)).limit(AT_ONCE))).all())


async def _tell(parts: Foundation, end: EndOfService, account: Account) -> None:
    way = Way.LETTER if account.email else Way.ANNOUNCEMENT
    now = parts.clock.now()
    try:
        async with parts.database.writing() as db:
            db.add(EndNotice(account_id=account.id, way=way.value, at=now))
    except IntegrityError:  # another process tells them
        return
    if account.email:
        try:
            page = f"{parts.settings.public_url}/closing"
            await parts.mail.send(end_letter(str(account.email), end, page))
        except (OSError, aiosmtplib.SMTPException):
            async with parts.database.writing() as db:
                await db.exec(delete(EndNotice).where(col(EndNotice.account_id) == account.id))
            raise
    counter = col(EndOfService.by_letter if way is Way.LETTER else EndOfService.by_announcement)
    async with parts.database.writing() as db:
        await db.exec(update(EndOfService).values({counter: counter + 1}))


def end_letter(to: str, end: EndOfService, page: str) -> Letter:
    """That the service ends, why, what still works, and when all is erased."""
    return Letter(
        to,
        "SecuHome is closing",
        f"Hello,\n\nSecuHome is closing. {end.reason}\n\nFrom now on we take nothing new. Until "
        f"{value_words(end.erases_on)} you can sign in, fetch all that we hold about you (Privacy, "
        "Download), and cancel your account. On that day we erase everything. What a law makes us "
        "keep is locked away, and named with its last day in a certificate that you get then.\n\n"
        f"This announcement is at\n\n    {page}\n",
    )
