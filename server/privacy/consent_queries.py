"""Reads of choices. Those that only look at what counts open nothing that is sealed."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from server.accounts.tables import Account
from server.foundation.database import Db
from server.foundation.identity import Identity
from server.privacy.consent_rules import Choice
from server.privacy.errors import UnknownReceipt
from server.privacy.tables import Consent


async def hold_choices(db: AsyncSession, account_id: str) -> None:
    """Let nobody choose for this account until the unit of work ends; others may hold it too.

    PostgreSQL's weakest row lock: what `queries.lock_account` waits for and hardly anything else.
    (A writer on SQLite is alone anyway.)
    """
    query = select(Account.id).where(Account.id == account_id)
    await db.exec(query.with_for_update(read=True, key_share=True))


async def newest_choices(db: AsyncSession, account_id: str) -> dict[str, Choice]:
    """The newest choice about each purpose that the account ever chose about."""
    newest = (
        select(func.max(Consent.number))
        .where(Consent.account_id == account_id)
        .group_by(col(Consent.purpose))
    )
    query = select(Consent.purpose, Consent.state, Consent.text_sha256).where(
        Consent.account_id == account_id, col(Consent.number).in_(newest)
    )
    rows = await db.exec(query)
    return {purpose: Choice(state, sha256) for purpose, state, sha256 in rows}


async def last_link(db: Db, account_id: str) -> tuple[int, bytes | None]:
    """Number and chain of the account's newest row; 0 and None if it has none."""
    query = (
        select(Consent.number, Consent.chain)
        .where(Consent.account_id == account_id)
        .order_by(col(Consent.number).desc())
        .limit(1)
    )
    found = (await db.exec(query)).first()
    return (found[0], found[1]) if found else (0, None)


async def newest_about(db: Db, account_id: str, purpose: str) -> Consent | None:
    """The account's newest choice about this purpose."""
    query = (
        select(Consent)
        .where(Consent.account_id == account_id, Consent.purpose == purpose)
        .order_by(col(Consent.number).desc())
        .limit(1)
    )
    return (await db.exec(query)).first()


async def choices_of(db: Db, owner: Identity, before: int | None, most: int) -> Sequence[Consent]:
    """The owner's choices, the newest first, older than number `before`."""
    query = select(Consent).where(Consent.account_id == owner.id)
    if before is not None:
        query = query.where(col(Consent.number) < before)
    return (await db.exec(query.order_by(col(Consent.number).desc()).limit(most))).all()


async def own_receipt(db: Db, owner: Identity, consent_id: str) -> str:
    """The receipt of the owner's choice of that id. Raises UnknownReceipt, for others' too."""
    query = select(Consent).where(Consent.account_id == owner.id, Consent.id == consent_id)
    found = (await db.exec(query)).one_or_none()
    if found is None or found.receipt is None:
        raise UnknownReceipt
    return found.receipt
