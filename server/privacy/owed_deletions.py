"""Deletions that a legal hold delays: noted with the hold, done by retention when it is over.

Then all of what was to go goes, also what was added to it since: in doubt nothing is left.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import col, select, update

from server.foundation.database import Db
from server.privacy.deletion_work import Part, Work, parts_where, work_of
from server.privacy.erasure.hold_rules import OF_HOLDS
from server.privacy.erasure.tables import LegalHold
from server.privacy.subject_paths import rows_about

OWING: Final = col(LegalHold.owed).is_not(None)
Owed = Sequence[tuple[str, list[Part]]]  # of which account what


async def owe(db: Db, account_id: str, parts: Sequence[Part], now: datetime) -> None:
    """Note these with the account's holds that keep them."""
    holds = select(LegalHold.id, LegalHold.category, LegalHold.owed).where(
        LegalHold.account_id == account_id, LegalHold.until > now
    )
    for hold_id, category, before in (await db.exec(holds)).all():
        keeps = [it for it in parts if category in it.held_by | {OF_HOLDS}]
        kept = {str(column) for it in keeps for column in it.columns}
        if kept:
            owed = " ".join(sorted(kept | _columns(before)))
            await db.exec(update(LegalHold).where(col(LegalHold.id) == hold_id).values(owed=owed))


async def owed_now(db: Db, now: datetime) -> Owed:
    """What is owed by holds that are over."""
    holds = select(LegalHold.account_id, LegalHold.owed).where(OWING, LegalHold.until <= now)
    return [(account_id, _parts(_columns(owed))) for account_id, owed in await db.exec(holds)]


def work_owed(owed: Owed, now: datetime) -> Iterator[Work]:
    """How it is deleted, as far as no other hold keeps it."""
    for account_id, parts in owed:
        for it in parts:
            yield from work_of(it, rows_about(it.table, account_id), now)


async def settle(db: Db, owed: Owed, now: datetime) -> None:
    """Note that it was done. A hold that was set meanwhile and keeps a part of it owes it now."""
    for account_id, parts in owed:
        await owe(db, account_id, parts, now)
    await db.exec(update(LegalHold).where(OWING, col(LegalHold.until) <= now).values(owed=None))


def _columns(owed: str | None) -> frozenset[str]:
    return frozenset((owed or "").split())


def _parts(columns: frozenset[str]) -> list[Part]:
    return parts_where(lambda column, _: str(column) in columns)
