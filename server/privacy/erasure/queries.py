"""Reads of erasures. Those that a change follows take the row's lock, where there is one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy.orm import load_only
from sqlmodel import col, delete, func, select, update

from server.accounts.tables import Account
from server.foundation.database import Db
from server.privacy.erasure.errors import UnknownErasure
from server.privacy.erasure.tables import Erasure, Tombstone

_MOMENTS: Final[Any] = Account  # as SQLAlchemy sees them, not as values


async def locked(db: Db, erasure_id: str) -> tuple[Erasure, Account] | None:
    """The erasure as it is now, with its account's moments; None for one that is no more."""
    query = (
        select(Erasure, Account)
        .join(Account, col(Account.id) == col(Erasure.account_id))
        .where(Erasure.id == erasure_id)
        .options(load_only(_MOMENTS.ends_at, _MOMENTS.ended_at))  # opens nothing, asks for no key
        .with_for_update()
    )
    return (await db.exec(query)).one_or_none()


async def unfinished(db: Db, account_id: str) -> Erasure | None:
    """The account's erasure that waits or is under way."""
    query = select(Erasure).where(
        Erasure.account_id == account_id, col(Erasure.finished_at).is_(None)
    )
    return (await db.exec(query)).one_or_none()


async def forget_unfinished(db: Db, account_id: str) -> None:
    """Take away what is left of an erasure that was taken back."""
    await db.exec(
        delete(Erasure).where(
            col(Erasure.account_id) == account_id, col(Erasure.finished_at).is_(None)
        )
    )


async def erasure_told(db: Db, erasure_id: str) -> Erasure:
    """The erasure, to whoever knows its id. Raises UnknownErasure, for one taken back too."""
    query = (
        select(Erasure)
        .join(Account, col(Account.id) == col(Erasure.account_id))
        .where(
            Erasure.id == erasure_id,
            col(Account.ends_at).is_not(None) | col(Account.ended_at).is_not(None),
        )
    )
    if (found := (await db.exec(query)).one_or_none()) is None:
        raise UnknownErasure
    return found


async def due(db: Db, now: datetime) -> Sequence[str]:
    """The ids of those that are to go on now, the oldest first."""
    query = (
        select(Erasure.id)
        .where(col(Erasure.finished_at).is_(None), Erasure.starts_at <= now)
        .order_by(col(Erasure.starts_at), Erasure.id)
    )
    return (await db.exec(query)).all()


async def all_unfinished(db: Db) -> Sequence[Erasure]:
    """Those that wait or are under way, the one that is due first at the front."""
    query = select(Erasure).where(col(Erasure.finished_at).is_(None))
    return (await db.exec(query.order_by(col(Erasure.due_on), Erasure.id))).all()


async def late(db: Db, now: datetime, today: date) -> int:
    """How many are due by `today` and should have been done."""
    query = select(func.count()).where(
        col(Erasure.finished_at).is_(None),
        Erasure.starts_at <= now,
        Erasure.due_on <= today,
    )
    return (await db.exec(query)).one()


async def tell_tombstone(db: Db, account_id: str, kept: str) -> None:
    """Write on the account's tombstone what was kept of it."""
    row = update(Tombstone).where(col(Tombstone.account_id) == account_id)
    await db.exec(row.values(kept=kept))
