"""A new password: the old one is asked for, all other sign-ins end, and the owner gets a letter."""

from server.accounts import letters, owner_proof, queries, sessions
from server.accounts.errors import NoPassword, WrongCredentials
from server.accounts.visit import Visit
from server.foundation.identity import Identity
from server.foundation.origins import Collected, Origin
from server.foundation.requests import Foundation
from server.security.events import EventKind
from server.security.passwords import Passwords, check_new_password


async def change_password(
    parts: Foundation, passwords: Passwords, owner: Identity, old: str, new: str, visit: Visit
) -> None:
    """Put `new` in the place of `old`. The caller's own sign-in goes on.

    Raises NoPassword, WrongCredentials, WeakPassword, BreachedPassword, BadToken.
    """
    async with parts.database.reading() as db:
        if (await queries.own_account(db, owner)).password_hash is None:
            raise NoPassword
    proven = await owner_proof.prove(parts, passwords, owner, old)
    check_new_password(new, [proven.email or "", proven.name or ""], field="new_password")
    hashed = await passwords.hash(new)
    async with parts.database.writing() as db:
        account = await queries.locked_account(db, owner.id)
        if account is None or account.password_hash != proven.password_hash:
            raise WrongCredentials(field="password")  # of two changes at once, the second
        account.password_hash = Collected(hashed, origin=Origin.INTERACTION)
        await sessions.end_others(db, owner, visit.now)
        await visit.note(db, account.id, EventKind.PASSWORD_CHANGED)
        if account.email:
            letter = letters.password_letter(str(account.email))
            db.after_commit(lambda: letters.deliver_if_possible(parts.mail, letter))
