"""Another e-mail address: asked for with the password, confirmed by whoever reads the new mailbox.

The address as it is gets a letter before anything changes. A new one that has an account gets one
without a code, and all else is as for a free one: nobody learns who has an account.
"""

from sqlalchemy.exc import IntegrityError

from server.accounts import letters, owner_proof, queries
from server.accounts.errors import EmailChangeOver, WrongCode
from server.accounts.registering import new_digits
from server.accounts.tables import Account, EmailChange
from server.accounts.visit import Visit
from server.foundation.database import Db
from server.foundation.identity import Identity
from server.foundation.log import log_fault
from server.foundation.mail import Letter, Mail
from server.foundation.origins import Collected, Origin
from server.foundation.requests import Foundation
from server.security.errors import BadToken
from server.security.events import EventKind
from server.security.passwords import Passwords


async def ask(
    parts: Foundation,
    passwords: Passwords,
    owner: Identity,
    email: str,
    password: str | None,
    visit: Visit,
) -> EmailChange:
    """Begin a change, in the place of one that was begun before; a code goes to the new address.

    Raises WrongCredentials, FreshSignInNeeded, BadToken; and MailNotSent, once it is stored.
    """
    await owner_proof.prove(parts, passwords, owner, password)
    code = new_digits()
    code_hash = await passwords.hash(code)
    async with parts.database.writing() as db:
        account = await _account(db, owner)
        taken = await queries.account_with_email(db, email) is not None
        if earlier := await queries.email_change_of(db, owner.id):
            await db.delete(earlier)
            await db.flush()
        change = EmailChange(
            id=visit.ids.new("emc"),
            account_id=owner.id,
            email=Collected(email, origin=Origin.INTERACTION),
            code_hash=code_hash,  # of a code that nobody is told, if the address is taken
            tries_left=parts.settings.registration_tries,
            expires_at=visit.now + parts.settings.registration,
        )
        db.add(change)
        await visit.note(db, owner.id, EventKind.EMAIL_CHANGE_ASKED)
        minutes = parts.settings.registration_s // 60
        letter = (
            letters.address_in_use_letter(email)
            if taken
            else letters.new_address_letter(email, code, minutes)
        )
        _write(db, parts.mail, account, letter)
    return change


async def confirm(
    parts: Foundation, passwords: Passwords, owner: Identity, code: str, visit: Visit
) -> Account:
    """Spend one try on a code; with the right one the account has its new address.

    The try is committed by itself and first, as in registering. Raises EmailChangeOver, WrongCode,
    BadToken.
    """
    async with parts.database.writing() as db:
        change = await queries.open_email_change(db, owner.id, visit.now)
        change.tries_left -= 1
    if not await passwords.verify(code, change.code_hash):
        raise WrongCode(field="code")
    async with parts.database.writing() as db:
        account = await _account(db, owner)
        waiting = await queries.email_change_of(db, owner.id)
        if waiting is None or waiting.id != change.id:
            raise EmailChangeOver
        if await queries.account_with_email(db, waiting.email):
            raise EmailChangeOver
        before = account.email
        account.email, account.email_verified = waiting.email, True
        await db.delete(waiting)
        try:
            await db.flush()
        except IntegrityError:  # an account with this address came to be at this very moment
            raise EmailChangeOver from None
        await visit.note(db, owner.id, EventKind.EMAIL_CHANGED)
        if before:
            db.after_commit(lambda: _forget_letters(parts.mail, str(before)))
    return account


def _write(db: Db, mail: Mail, account: Account, letter: Letter) -> None:
    """To the address as it is first: its owner may have to act."""
    if account.email:
        leaving = letters.address_leaving_letter(str(account.email))
        db.after_commit(lambda: letters.deliver_if_possible(mail, leaving))
    db.after_commit(lambda: letters.deliver(mail, letter))


async def _account(db: Db, owner: Identity) -> Account:
    account = await queries.locked_account(db, owner.id)
    if account is None or account.ended_at is not None:
        raise BadToken
    return account


async def _forget_letters(mail: Mail, address: str) -> None:
    """Letters that lie with us go with the address: nothing would lead to them later."""
    try:
        await mail.forget(address)
    except OSError as fault:
        log_fault("letters_not_forgotten", fault)
