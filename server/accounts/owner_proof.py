"""Proof, beyond a sign-in, that the owner is there: before what can't be taken back."""

from datetime import timedelta
from typing import Final

from server.accounts import queries
from server.accounts.errors import FreshSignInNeeded, WrongCredentials
from server.accounts.tables import Account
from server.foundation.identity import Identity
from server.foundation.requests import Foundation
from server.security.passwords import Passwords

FRESH: Final = timedelta(minutes=10)  # since signing in, for accounts without a password


async def prove(
    foundation: Foundation, passwords: Passwords, owner: Identity, password: str | None
) -> Account:
    """See that it is the owner who asks, not somebody who found the phone unlocked.

    The database is given back before the password is hashed. Raises WrongCredentials,
    FreshSignInNeeded, BadToken.
    """
    async with foundation.database.reading() as db:
        account = await queries.own_account(db, owner)
        session = await queries.session_of(db, owner)
    if account.password_hash is not None:
        if not await passwords.verify(password or "", account.password_hash):
            raise WrongCredentials(field="password")
    elif session is None or foundation.clock.now() > session.created_at + FRESH:
        raise FreshSignInNeeded
    return account
