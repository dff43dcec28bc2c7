"""The owner cancels the account: signed out everywhere at once, erased after the grace."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.accounts import queries as account_queries
from server.accounts import sessions
from server.accounts.letters import deliver_if_possible
from server.accounts.tables import Account
from server.accounts.visit import Visit
from server.foundation.database import Db
from server.foundation.identity import Identity
from server.foundation.mail import Letter
from server.foundation.requests import Foundation
from server.foundation.settings import Settings
from server.privacy.erasure import queries
from server.privacy.erasure.counting import Counted
from server.privacy.erasure.erasure_rules import Step
from server.privacy.erasure.letters import cancelled_letter
from server.privacy.erasure.tables import Erasure
from server.privacy.erasure.terms import last_day_for
from server.security.errors import BadToken
from server.security.events import EventKind

ID_BYTES: Final = 20  # 160 bits: who has the id reads the certificate
# To whom, until when it can be taken back, its last day, where the certificate will be.
EndLetter = Callable[[str, datetime, str, str], Letter]


@dataclass(frozen=True, slots=True)
class Begun:
    """An erasure that waits or is under way, and whether it began just now."""

    erasure: Erasure
    is_new: bool


async def cancel(
    db: Db, owner: Identity, visit: Visit, foundation: Foundation, *, at_once: bool
) -> Erasure:
    """Cancel the account. Of two at once, both get the one erasure. Raises BadToken.

    A letter leaves with the commit; the erasure doesn't depend on it.
    """
    begun = await begin(db, foundation, owner.id, visit.now, cancelled_letter, at_once=at_once)
    if begun is None:
        raise BadToken
    if begun.is_new:
        await visit.note(db, owner.id, EventKind.ACCOUNT_CANCELLED)
    return begun.erasure


async def begin(
    db: Db,
    foundation: Foundation,
    account_id: str,
    now: datetime,
    letter: EndLetter,
    *,
    at_once: bool = False,
) -> Begun | None:
    """Begin to erase an account, whoever decided it; None where it has ended or never was.

    Signed out everywhere now. Whoever calls this notes why in the owner's history, if it is new.
    """
    account = await account_queries.locked_account(db, account_id)
    if account is None or account.ended_at is not None:
        return None
    settings = foundation.settings
    ends_at = now if at_once else now + settings.erasure_grace
    running = await queries.unfinished(db, account_id) if account.ends_at is not None else None
    if running is not None:
        running.starts_at = account.ends_at = min(running.starts_at, ends_at)
        return Begun(running, is_new=False)
    await queries.forget_unfinished(db, account_id)
    account.ends_at = ends_at
    erasure = _erasure(account, now, ends_at, settings)
    db.add(erasure)
    await sessions.end_all(db, account.id, now)
    _write_to(db, account, erasure, foundation, letter)
    return Begun(erasure, is_new=True)


def _erasure(account: Account, now: datetime, starts_at: datetime, settings: Settings) -> Erasure:
    return Erasure(
        id=f"era_{settings.cell}_{secrets.token_hex(ID_BYTES)}",
        account_id=account.id,
        asked_at=now,
        starts_at=starts_at,
        due_on=last_day_for(account, now),
        next_step=Step.AUTHORITY.value,
        counted=Counted().text(),
    )


def _write_to(
    db: Db, account: Account, erasure: Erasure, foundation: Foundation, letter: EndLetter
) -> None:
    if not account.email:
        return
    address = f"{foundation.settings.public_url}/app/#/erasures/{erasure.id}"
    due = erasure.due_on.isoformat()
    written = letter(str(account.email), erasure.starts_at, due, address)
    # The answer told the address of the certificate, too: a letter that fails changes nothing.
    db.after_commit(lambda: deliver_if_possible(foundation.mail, written))
