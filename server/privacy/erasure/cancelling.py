"""The owner cancels the account: signed out everywhere at once, erased after the grace."""

import secrets
from datetime import datetime
from typing import Final

from server.accounts import queries as account_queries
from server.accounts import sessions
from server.accounts.letters import deliver_if_possible
from server.accounts.tables import Account
from server.accounts.visit import Visit
from server.foundation.database import Db
from server.foundation.identity import Identity
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
        due_on=last_day_for(account, now),
        next_step=Step.AUTHORITY.value,
        counted=Counted().text(),
    )


def _write_to(db: Db, account: Account, erasure: Erasure, foundation: Foundation) -> None:
    if not account.email:
        return
    address = f"{foundation.settings.public_url}/app/#/erasures/{erasure.id}"
    due = erasure.due_on.isoformat()
    letter = cancelled_letter(str(account.email), erasure.starts_at, due, address)
    # The answer told the address of the certificate, too: a letter that fails changes nothing.
    db.after_commit(lambda: deliver_if_possible(foundation.mail, letter))
