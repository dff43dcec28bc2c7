"""Signing in with a password. Who has no account costs the same work as who has one."""

from server.accounts import queries
from server.accounts.errors import WrongCredentials
from server.accounts.tables import Account
from server.foundation.database import Database
from server.security.passwords import Passwords


async def prove(database: Database, email: str, password: str, passwords: Passwords) -> Account:
    """The account that these credentials open. Raises WrongCredentials.

    The database is given back before the password is hashed: guessing holds up nobody's writing.
    """
    async with database.reading() as db:
        account = await queries.account_with_email(db, email)
    right = await passwords.verify(password, account.password_hash if account else None)
    if account is None or not right:
        raise WrongCredentials
    return account
