"""Reads of acceptances."""

from collections.abc import Sequence

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from server.accounts.tables import Account
from server.foundation.database import Db
from server.privacy.tables import PolicyAcceptance


async def acceptance_of(db: Db, account_id: str, version: str) -> PolicyAcceptance | None:
    """The account's acceptance of this version; None if it hasn't accepted it."""
    query = select(PolicyAcceptance).where(
        PolicyAcceptance.account_id == account_id, PolicyAcceptance.version == version
    )
    return (await db.exec(query)).one_or_none()


async def accepted_versions(db: AsyncSession, account_id: str) -> Sequence[str]:
    """The versions that the account has accepted, at any time."""
    query = select(PolicyAcceptance.version).where(PolicyAcceptance.account_id == account_id)
    return (await db.exec(query)).all()


async def lock_account(db: Db, account_id: str) -> None:
    """Let nobody else decide for this account meanwhile, where the database has row locks."""
    await db.get_one(Account, account_id, with_for_update=True)
