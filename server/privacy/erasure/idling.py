"""Accounts that nobody uses any more are warned by letter, and then erased like any other.

Run every hour. The letter leaves first and is noted then: a crash in between sends it twice, and
nobody is erased without it. An account without an address can't be warned and is not ended: its
owner may come back by the sign-in provider.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, func, select

from server.accounts import queries as accounts
from server.accounts.errors import MailNotSent
from server.accounts.letters import deliver
from server.accounts.tables import Account
from server.foundation.database import Db
from server.foundation.requests import Foundation
from server.privacy.erasure.cancelling import begin
from server.privacy.erasure.idle_rules import NOTICE, Idle, ends_on, idle_after, idle_stage
from server.privacy.erasure.letters import idle_ended_letter, idle_letter
from server.security.events import EventKind, note

AT_ONCE: Final = 200  # in an hour; the others have their turn in the next


async def end_idle_accounts(parts: Foundation) -> None:
    """Warn whose account has long been idle; end those that were warned and stayed away."""
    async with parts.database.reading() as db:
        quiet = await _long_quiet(db, parts.clock.now() - _lasts(parts) + NOTICE)
    for account in quiet:
        match _stage(account, parts):
            case Idle.WARN:
                await _warn(parts, account)
            case Idle.END:
                await _end(parts, account.id)
            case Idle.NOTHING:
                pass


async def _long_quiet(db: Db, since: datetime) -> list[Account]:
    row = Account
    used_at = func.coalesce(row.last_used_at, row.created_at)
    query = select(row).where(
        used_at <= since,
        col(row.ends_at).is_(None),
        col(row.ended_at).is_(None),
        col(row.email_index).is_not(None),
    )
    # who was warned longest ago first, then those who were not: none waits behind the others
    order = (func.coalesce(row.idle_warned_at, used_at), col(row.id))
    return list((await db.exec(query.order_by(*order).limit(AT_ONCE))).all())


async def _warn(parts: Foundation, account: Account) -> None:
    now = parts.clock.now()
    used_at = _used_at(account)
    ends_at = ends_on(used_at, now, _lasts(parts))
    try:
        await deliver(parts.mail, idle_letter(str(account.email), ends_at))
    except MailNotSent:  # told in the log; tried again in an hour
        return
    async with parts.database.writing() as db:
        locked = await accounts.locked_account(db, account.id)
        if locked is not None and _stage(locked, parts) is Idle.WARN:
            locked.idle_warned_at = now


async def _end(parts: Foundation, account_id: str) -> None:
    now = parts.clock.now()
    async with parts.database.writing() as db:
        account = await accounts.locked_account(db, account_id)
        if account is None or account.ends_at is not None or _stage(account, parts) is not Idle.END:
            return  # used at the last moment
        if await begin(db, parts, account_id, now, idle_ended_letter) is not None:
            await note(
                db,
                id=parts.ids.new("evt"),
                account_id=account_id,
                kind=EventKind.ACCOUNT_IDLE,
                at=now,
            )


def _stage(account: Account, parts: Foundation) -> Idle:
    now = parts.clock.now()
    return idle_stage(_used_at(account), account.idle_warned_at, now, _lasts(parts))


def _used_at(account: Account) -> datetime:
    moment = account.last_used_at or account.created_at
    if moment is None:
        raise LookupError("an account that is in use has no beginning")
    return moment


def _lasts(parts: Foundation) -> timedelta:
    return idle_after(parts.settings.account_idle_months)
