"""Copies for those who have no sign-in: offered by a letter with a code, fetched once.

Nothing is made in advance and nothing stored: who types the code gets the export as it is then.
While an account that was cancelled waits for its end its copy can be fetched all the same: as long
as we hold something its owner may see it. That uses nothing and signs nobody in.
"""

from datetime import timedelta
from typing import Final

from server.accounts import queries as accounts
from server.accounts.errors import WrongCode
from server.accounts.letters import deliver_if_possible
from server.accounts.visit import Visit
from server.foundation.database import Db
from server.foundation.requests import Foundation
from server.privacy.acts import queries
from server.privacy.acts.errors import CopyOver
from server.privacy.acts.letters import copy_letter
from server.privacy.acts.tables import CaseCopy
from server.privacy.cases.codes import Code
from server.privacy.cases.queries import case_with_token
from server.privacy.cases.tables import PrivacyCase
from server.security.events import EventKind
from server.security.passwords import Passwords

WAITS: Final = timedelta(days=7)  # as the proof of a letter: nobody waits before a screen


async def offer(parts: Foundation, db: Db, case: PrivacyCase, account_id: str, code: Code) -> None:
    """Let the copy be fetched by who has the case's link and this code; one before it is over.

    The letter leaves with the commit. One that can't be sent is told in the log, and the staff may
    offer the copy again.
    """
    await queries.forget_copies(db, case.id)
    db.add(
        CaseCopy(
            id=parts.ids.new("cpy"),
            case_id=case.id,
            account_id=account_id,
            code_hash=code.hash,
            tries_left=code.tries,
            expires_at=code.expires_at,
        )
    )
    letter = copy_letter(case.contact or "", case.number, code.digits, code.expires_at)
    db.after_commit(lambda: deliver_if_possible(parts.mail, letter))


async def fetch(
    parts: Foundation,
    passwords: Passwords,
    number: str,
    token_hash: str,
    digits: str,
    visit: Visit,
) -> str:
    """Spend the copy; the id of the account that it is of.

    The try is committed by itself and first, as in registering. Raises UnknownRequest, CopyOver,
    WrongCode.
    """
    async with parts.database.writing() as db:
        case = await case_with_token(db, number, token_hash)
        copy = await queries.copy_to_fetch(db, case.id, visit.now)
        copy.tries_left -= 1
    if not await passwords.verify(digits, copy.code_hash):
        raise WrongCode(field="code")
    async with parts.database.writing() as db:
        copy = await db.get(CaseCopy, copy.id, with_for_update=True, populate_existing=True)
        if copy is None or copy.fetched_at is not None:  # of two at once, one gets it
            raise CopyOver
        account = await accounts.locked_account(db, copy.account_id)
        if account is None or account.ended_at is not None:
            raise CopyOver
        copy.fetched_at = visit.now
        await visit.note(db, account.id, EventKind.COPY_FETCHED, case.number)
    return account.id
