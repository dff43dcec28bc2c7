"""What happens when somebody asks: a code for those who must be proven, a receipt for the others.

The answer to a stranger is the same whether or not we know the address, because nothing is looked
up before the address is proven.
"""

from datetime import date

from server.accounts import queries as accounts
from server.accounts.errors import MailNotSent, WrongCode
from server.accounts.letters import deliver
from server.accounts.visit import Visit
from server.foundation.database import Database, Db
from server.foundation.identity import Identity
from server.foundation.log import log_fault
from server.foundation.mail import Letter
from server.foundation.requests import Foundation
from server.privacy.cases import intake, queries
from server.privacy.cases.case_rules import needs_proof
from server.privacy.cases.codes import PROOF_OF_MAIL, new_code, send_code
from server.privacy.cases.errors import RequestProofOver
from server.privacy.cases.intake import Taken, Wish
from server.privacy.cases.kinds import CaseState, Channel, ContactKind
from server.privacy.cases.letters import receipt_letter
from server.privacy.cases.tables import PrivacyCase
from server.privacy.restriction import lock_for_ground
from server.security.events import EventKind
from server.security.passwords import Passwords
from server.security.staff_acts import Deed, note_deed


async def ask(parts: Foundation, passwords: Passwords, wish: Wish) -> Taken:
    """Take a stranger's wish. One about a person waits until the address is proven.

    Raises MailNotSent, once the case is stored, if our mail server doesn't take the code.
    """
    proof = needs_proof(wish.kind)
    lasts = parts.settings.request_proof if proof else None
    code = await new_code(parts, passwords, lasts)
    async with parts.database.writing() as db:
        taken = await intake.take(db, parts.ids, wish, Channel.FORM, parts.clock.now(), code=code)
    if code is None:
        await _send_receipt(parts, taken)
    else:
        await send_code(parts, taken.case, code)
    return taken


async def ask_as_owner(parts: Foundation, owner: Identity, wish: Wish, visit: Visit) -> Taken:
    """Take the wish of somebody who is signed in: the sign-in is proof enough."""
    async with parts.database.writing() as db:
        account = await accounts.own_account(db, owner)
        taken = await intake.take(
            db, parts.ids, wish, Channel.APP, visit.now, account_id=account.id
        )
        await lock_for_ground(db, taken.case)
        await visit.note(db, account.id, EventKind.REQUEST_MADE, taken.case.number)
    await _send_receipt(parts, taken)
    return taken


async def enter(
    parts: Foundation,
    passwords: Passwords,
    staff_id: str,
    wish: Wish,
    channel: Channel,
    received_on: date,
) -> Taken:
    """Take what reached us by mail or by post. An e-mail contact gets a code, or a receipt."""
    mailed = wish.contact_kind is ContactKind.EMAIL
    lasts = PROOF_OF_MAIL if mailed and needs_proof(wish.kind) else None
    code = await new_code(parts, passwords, lasts)
    now = parts.clock.now()
    async with parts.database.writing() as db:
        taken = await intake.take(
            db, parts.ids, wish, channel, now, code=code, received_on=received_on
        )
        await note_deed(db, parts.ids, staff_id, Deed.REQUEST_ENTERED, taken.case.id, now)
    await _send_receipt(parts, taken)
    if code is not None:
        await send_code(parts, taken.case, code)
    return taken


async def spend_try(
    database: Database, request_id: str, digits: str, passwords: Passwords, visit: Visit
) -> str:
    """Spend one try on a code; the id of the case, if it is the right one.

    The try is committed by itself and first, as in registering. Raises RequestProofOver, WrongCode.
    """
    async with database.writing() as db:
        case = await queries.case_to_prove(db, request_id, visit.now)
        case.tries_left -= 1
    if not await passwords.verify(digits, case.code_hash):
        raise WrongCode(field="code")
    return case.id


async def prove(parts: Foundation, case_id: str, visit: Visit) -> Taken:
    """The address concerned is proven: the case is its owner's, and so is the token from now on.

    An account with this address is linked, and its history tells. Raises RequestProofOver for the
    second of two proofs made at once.
    """
    async with parts.database.writing() as db:
        case = await db.get(PrivacyCase, case_id, with_for_update=True)
        if case is None or case.proven_at is not None or case.closed_at is not None:
            raise RequestProofOver
        case.proven_at, case.code_hash = visit.now, None
        case.state = CaseState.OPEN.value
        await _link_account(db, case, visit)
        taken = Taken(case, intake.new_token(case))
    await _send_receipt(parts, taken)
    return taken


async def _link_account(db: Db, case: PrivacyCase, visit: Visit) -> None:
    account = await accounts.account_with_email(db, case.contact) if case.contact else None
    if account is not None:
        case.account_id = account.id
        await lock_for_ground(db, case)
        await visit.note(db, account.id, EventKind.REQUEST_MADE, case.number)


async def _send_receipt(parts: Foundation, taken: Taken) -> None:
    """A receipt that can't be mailed is no reason to refuse a case that is stored already."""
    case = taken.case
    if case.contact_kind != ContactKind.EMAIL or case.contact is None:
        return
    link = intake.follow_link(parts.settings, taken)
    letter: Letter = receipt_letter(case.contact, case.number, case.due_on, link)
    try:
        await deliver(parts.mail, letter)
    except MailNotSent as fault:
        log_fault("receipt_not_sent", fault)
