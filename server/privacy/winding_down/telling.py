"""Everybody is told that the service ends: by letter, or, whom none reaches, by our page.

The note is written with the letter's place in the database first, so that of several processes one
sends it; if nobody takes our mail it goes again, and the next hour tries anew.
"""

import asyncio

import aiosmtplib
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select, update

from server.accounts.queries import locked_account
from server.accounts.tables import Account
from server.foundation.database import Db
from server.foundation.mail import Letter
from server.foundation.requests import Foundation
from server.privacy.news.states import is_of_the_server
from server.privacy.term_words import value_words
from server.privacy.winding_down.tables import EndNotice, EndOfService, Way

AT_ONCE = 100  # accounts of one look


async def tell_everybody(parts: Foundation, end: EndOfService, over: asyncio.Event) -> bool:
    """Tell all who were not told; whether that was done. Raises what mail raises."""
    while not over.is_set():
        async with parts.database.reading() as db:
            some = await _untold(db)
        for account_id in some:
            await _tell(parts, end, account_id)
        if len(some) < AT_ONCE:
            return True
    return False


async def _untold(db: Db) -> list[str]:
    told = select(EndNotice.account_id)
    query = select(Account.id).where(col(Account.ended_at).is_(None), col(Account.id).not_in(told))
    return list((await db.exec(query.order_by(col(Account.id)).limit(AT_ONCE))).all())


async def _tell(parts: Foundation, end: EndOfService, account_id: str) -> None:
    try:
        async with parts.database.writing() as db:
            account = await locked_account(db, account_id)
            if account is None or account.ended_at is not None:  # erased meanwhile
                return
            to = str(account.email) if account.email else None
            way = Way.LETTER if to else Way.ANNOUNCEMENT
            db.add(EndNotice(account_id=account_id, way=way.value, at=parts.clock.now()))
    except IntegrityError:  # another process tells them
        return
    if to is not None and not await _sent(parts, end, account_id, to):
        way = Way.ANNOUNCEMENT
    counter = col(EndOfService.by_letter if way is Way.LETTER else EndOfService.by_announcement)
    async with parts.database.writing() as db:
        await db.exec(update(EndOfService).values({counter: counter + 1}))


async def _sent(parts: Foundation, end: EndOfService, account_id: str, to: str) -> bool:
    """Whether our mail server took the letter. One whose address it refuses is told by our page.

    Raises what mail raises where the next letter would meet the same.
    """
    try:
        await parts.mail.send(end_letter(to, end, f"{parts.settings.public_url}/closing"))
    except (OSError, aiosmtplib.SMTPException) as fault:
        notice = col(EndNotice.account_id) == account_id
        async with parts.database.writing() as db:
            if is_of_the_server(fault):
                await db.exec(delete(EndNotice).where(notice))
            else:
                announced = update(EndNotice).where(notice)
                await db.exec(announced.values(way=Way.ANNOUNCEMENT.value))
        if is_of_the_server(fault):
            raise
        return False
    return True


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
