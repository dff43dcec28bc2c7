"""The legal holds on an account, as they are in force."""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, false, func, not_, select
from sqlmodel import col
from sqlmodel import select as select_rows

from server.foundation.database import Db
from server.privacy.erasure.hold_rules import OF_HOLDS, Hold, Holds
from server.privacy.erasure.tables import LegalHold
from server.privacy.subject_paths import rows_about


async def in_force(db: Db, account_id: str, now: datetime) -> Holds:
    """What is held of an account, by category; the holds themselves among it. Empty: nothing."""
    query = select_rows(LegalHold).where(LegalHold.account_id == account_id, LegalHold.until > now)
    rows = (await db.exec(query)).all()
    held = {it.category: Hold(str(it.ground), it.until) for it in rows}
    if held:
        held[OF_HOLDS] = max(held.values(), key=lambda it: it.until)
    return held


def not_held(table: Table, categories: frozenset[str], now: datetime) -> ColumnElement[bool]:
    """The condition under which no hold keeps a row of this table for one of these categories."""
    accounts = select(col(LegalHold.account_id)).where(
        col(LegalHold.until) > now, col(LegalHold.category).in_(categories | {OF_HOLDS})
    )
    # a row that is nobody's (yet) has a link without a value, and is held by nobody
    return not_(func.coalesce(rows_about(table, accounts), false()))
