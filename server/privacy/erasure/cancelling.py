"""The owner cancels the account: signed out everywhere at once, erased after the grace."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import aiosmtplib

from server.accounts import queries as account_queries
from server.accounts import sessions
from server.accounts.errors import FreshSignInNeeded, WrongCredentials
from server.accounts.tables import Account
from server.accounts.visit import Visit
from server.foundation.database import Db
from server.foundation.identity import Identity
from server.foundation.log import log_fault
from server.foundation.mail import Letter, Mail
from server.foundation.requests import Foundation
from server.foundation.settings import Settings
from server.privacy.cases.calendars import calendar_of
from server.privacy.cases.kinds import CaseKind
from server.privacy.erasure import queries
from server.privacy.erasure.counting import Counted
from server.privacy.erasure.erasure_rules import Step
from server.privacy.erasure.letters import cancelled_letter
from server.privacy.erasure.tables import Erasure
from server.security.errors import BadToken
from server.security.events import EventKind
from server.security.passwords import Passwords

FRESH: Final = timedelta(minutes=10)  # since signing in, for accounts without a password
ID_BYTES: Final = 20  # 160 bits: who has the id reads the certificate


@dataclass(frozen=True, slots=True)
class Terms:
    """What cancelling would take and bring, if it were done now."""

    needs_password: bool
    starts_at: datetime
    due_on: date


async def terms(db: Db, owner: Identity, now: datetime, settings: Settings) -> Terms:
    """What cancelling would take and bring. Raises BadToken."""
    account = await account_queries.own_account(db, owner)
    return Terms(
        needs_password=account.password_hash is not None,
        starts_at=now + settings.erasure_grace,
        due_on=_due_on(account, now),
    )


async def prove(
    foundation: Foundation, passwords: Passwords, owner: Identity, password: str | None
) -> None:
    """See that it is the owner who asks, not somebody who found the phone unlocked.

    Raises WrongCredentials, FreshSignInNeeded, BadToken.
    """
    async with foundation.database.reading() as db:
        account = await account_queries.own_account(db, owner)
        session = await account_queries.session_of(db, owner)
    if account.password_hash is not None:
        if not await passwords.verify(password or "", account.password_hash):
            raise WrongCredentials(field="password")
    elif session is None or foundation.clock.now() > session.created_at + FRESH:
        raise FreshSignInNeeded


async def cancel(
    db: Db, owner: Identity, visit: Visit, foundation: Foundation, *, at_once: bool
) -> Erasure:
    """Cancel the account. Of two at once, both get the one erasure. Raises BadToken.

    A letter leaves with the commit; the erasure doesn't depend on it.
    """
    account = await account_queries.locked_account(db, owner.id)
    if account is None or account.ended_at is not None:
        raise BadToken
    settings = foundation.settings
    ends_at = visit.now if at_once else visit.now + settings.erasure_grace
    running = await queries.unfinished(db, owner.id) if account.ends_at is not None else None
    if running is not None:
        running.starts_at = account.ends_at = min(running.starts_at, ends_at)
        return running
    await queries.forget_unfinished(db, owner.id)
    account.ends_at = ends_at
    erasure = _erasure(account, visit.now, ends_at, settings)
    db.add(erasure)
    await sessions.end_all(db, account.id, visit.now)
    await visit.note(db, account.id, EventKind.ACCOUNT_CANCELLED)
    _write_to(db, account, erasure, foundation)
    return erasure


def _erasure(account: Account, now: datetime, starts_at: datetime, settings: Settings) -> Erasure:
    return Erasure(
        id=f"era_{settings.cell}_{secrets.token_hex(ID_BYTES)}",
        account_id=account.id,
        asked_at=now,
        starts_at=starts_at,
        due_on=_due_on(account, now),
        next_step=Step.AUTHORITY.value,
        counted=Counted().text(),
    )


def _due_on(account: Account, now: datetime) -> date:
    calendar = calendar_of(account.area or "")
    return calendar.due_on(calendar.received_on(now), CaseKind.CANCELLATION)


def _write_to(db: Db, account: Account, erasure: Erasure, foundation: Foundation) -> None:
    if not account.email:
        return
    address = f"{foundation.settings.public_url}/app/#/erasures/{erasure.id}"
    due = erasure.due_on.isoformat()
    letter = cancelled_letter(str(account.email), erasure.starts_at, due, address)
    db.after_commit(lambda: _send(foundation.mail, letter))


async def _send(mail: Mail, letter: Letter) -> None:
    try:
        await mail.send(letter)
    except (OSError, aiosmtplib.SMTPException) as fault:  # the answer told the address too
        log_fault("mail_not_sent", fault)
