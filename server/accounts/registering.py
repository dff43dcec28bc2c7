"""Registering: asked for by anybody, confirmed by whoever reads the mailbox.

No account exists before its address is proven, so nobody can sit in one and wait for its owner
(Sudhodanan & Paverd 2022). A stranger learns nothing about an address: for one that has an
account, everything happens as for a new one, except that the letter has no code.
"""

import asyncio
import secrets
from typing import Final

from sqlalchemy.exc import IntegrityError

from server.accounts import letters, queries
from server.accounts.errors import RegistrationOver, WrongCode
from server.accounts.schemas import RegistrationIn
from server.accounts.tables import Account, Registration
from server.accounts.visit import Visit
from server.foundation.database import Database, Db
from server.foundation.mail import Mail
from server.foundation.origins import Collected, Origin, given
from server.foundation.settings import Settings
from server.foundation.vault.keyring import destroy_keys
from server.security.events import EventKind
from server.security.passwords import Passwords, check_new_password

CODE_DIGITS: Final = 6


def new_digits() -> str:
    """A code for a letter, told once."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


async def register(
    db: Db,
    asked: RegistrationIn,
    visit: Visit,
    *,
    passwords: Passwords,
    mail: Mail,
    settings: Settings,
) -> Registration:
    """Begin a registration; a letter leaves with the commit.

    Raises WeakPassword or BreachedPassword before anything is looked up, and MailNotSent, once
    the registration is stored, if our mail server doesn't take the letter.
    """
    check_new_password(asked.password, [asked.email, asked.name or ""])
    code = new_digits()
    # Before the first word to the database: nobody waits for its lock while we hash.
    password_hash, code_hash = await asyncio.gather(
        passwords.hash(asked.password), passwords.hash(code)
    )
    taken = await queries.account_with_email(db, asked.email) is not None
    registration = Registration(
        id=visit.ids.new("reg"),
        email=Collected(asked.email, origin=Origin.REGISTRATION),
        name=given(asked.name, Origin.REGISTRATION),
        password_hash=Collected(password_hash, origin=Origin.REGISTRATION),
        area=Collected(asked.area, origin=Origin.REGISTRATION),
        code_hash=code_hash,  # of a code that nobody is told, if the address is taken
        tries_left=settings.registration_tries,
        expires_at=visit.now + settings.registration,
    )
    db.add(registration)
    minutes = settings.registration_s // 60
    letter = (
        letters.taken_letter(asked.email)
        if taken
        else letters.code_letter(asked.email, code, minutes)
    )
    db.after_commit(lambda: letters.deliver(mail, letter))
    return registration


async def confirm(
    database: Database, registration_id: str, code: str, passwords: Passwords, visit: Visit
) -> Registration:
    """Spend one try on a code; the registration, if it is the right one.

    The try is committed by itself and first: no refusal takes it back, and guesses made side by
    side are each counted. Raises RegistrationOver or WrongCode.
    """
    async with database.writing() as db:
        registration = await queries.open_registration(db, registration_id, visit.now)
        registration.tries_left -= 1
    if not await passwords.verify(code, registration.code_hash):
        raise WrongCode(field="code")
    return registration


async def make_account(db: Db, confirmed: Registration, visit: Visit) -> Account:
    """The account that was registered; the registration is gone. Raises RegistrationOver.

    That is for a registration that was confirmed twice at once, or whose address got its account
    by another registration meanwhile: the mailbox's owner has one, and its password stays.
    """
    registration = await db.get(Registration, confirmed.id, with_for_update=True)
    if registration is None or await queries.account_with_email(db, registration.email):
        raise RegistrationOver
    account = Account(
        id=visit.ids.new("acc"),
        name=registration.name,
        email=registration.email,
        email_verified=True,
        password_hash=registration.password_hash,
        area=registration.area,
        created_at=visit.now,
    )
    await db.delete(registration)
    await destroy_keys(db, [registration.id])
    db.add(account)
    try:
        await db.flush()
    except IntegrityError:  # another registration of the address, at this very moment
        raise RegistrationOver from None
    await visit.note(db, account.id, EventKind.REGISTERED)
    return account
