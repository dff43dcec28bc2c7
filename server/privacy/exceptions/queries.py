"""Reads of exceptions. Those that a change follows take the row's lock, where there is one."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from server.foundation.database import Db
from server.foundation.identity import Identity
from server.privacy.exceptions.errors import UnknownException
from server.privacy.exceptions.situations import Situation
from server.privacy.exceptions.tables import ConsentException


async def in_force(db: AsyncSession, account_id: str, now: datetime) -> dict[str, Situation]:
    """The purposes that this account's exceptions allow now, each with a situation.

    Of several about one purpose, one that outweighs most is told.
    """
    its = ConsentException
    query = select(its.purpose, its.situation).where(
        its.account_id == account_id,
        col(its.approved_at).is_not(None),
        col(its.ended_at).is_(None),
        its.until > now,
    )
    found = [(purpose, Situation(it)) for purpose, it in (await db.exec(query)).all()]
    return dict(sorted(found, key=lambda it: [*Situation].index(it[1]), reverse=True))


async def locked(db: Db, exception_id: str) -> ConsentException:
    """The exception of this id. Raises UnknownException."""
    found = await db.get(
        ConsentException, exception_id, with_for_update=True, populate_existing=True
    )
    if found is None:
        raise UnknownException
    return found


async def not_over(db: Db, now: datetime, most: int) -> Sequence[ConsentException]:
    """The exceptions that wait for somebody's approval or are in force, the newest first."""
    its = ConsentException
    query = select(its).where(col(its.ended_at).is_(None), its.until > now)
    return (await db.exec(query.order_by(col(its.id).desc()).limit(most))).all()


async def of_owner(db: Db, owner: Identity, most: int) -> Sequence[ConsentException]:
    """The owner's exceptions that were ever in force, the newest first."""
    its = ConsentException
    query = select(its).where(its.account_id == owner.id, col(its.approved_at).is_not(None))
    return (await db.exec(query.order_by(col(its.id).desc()).limit(most))).all()


async def run_out(db: Db, now: datetime, most: int) -> Sequence[ConsentException]:
    """Exceptions whose end has come, and after which nobody has cleared up yet."""
    its = ConsentException
    query = select(its).where(its.until <= now, col(its.ended_at).is_(None))
    return (await db.exec(query.order_by(its.id).limit(most))).all()
