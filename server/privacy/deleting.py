"""Values of an account go before it does: for its owner, upon a request, with a purpose.

One way for all of them. What a legal hold keeps stays, and is owed until the hold is over.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from server.foundation.database import Db
from server.privacy import queries
from server.privacy.deletion_work import Part, carry_out, free_of_holds, work_of
from server.privacy.erasure import holds
from server.privacy.erasure.hold_rules import OF_HOLDS, Hold
from server.privacy.owed_deletions import owe
from server.privacy.subject_paths import rows_about


async def number_that_goes(db: Db, account_id: str, parts: Sequence[Part], now: datetime) -> int:
    """How many values of these parts `delete_values` would end now."""
    return sum(
        [
            await _number(db, it, free_of_holds(it, rows_about(it.table, account_id), now))
            for it in parts
        ]
    )


async def delete_values(
    db: Db, account_id: str, parts: Sequence[Part], now: datetime
) -> tuple[Hold, ...]:
    """End the account's values of these parts; the holds that keep some of them, and why.

    What they keep goes when they are over. No hold is set meanwhile: that, too, locks the account.
    """
    await queries.lock_account(db, account_id)
    for it in parts:
        await carry_out(db, work_of(it, rows_about(it.table, account_id), now), now)
    left = [it for it in parts if await _number(db, it, rows_about(it.table, account_id))]
    if not left:
        return ()
    await owe(db, account_id, left, now)
    held = await holds.in_force(db, account_id, now)
    keeping = {name for it in left for name in it.held_by & held.keys() or {OF_HOLDS}}
    return tuple(held[name] for name in sorted(keeping))


async def _number(db: Db, part: Part, these: ColumnElement[bool]) -> int:
    counted = [func.count(column) for column in part.columns]
    query = select(*counted).select_from(part.table).where(these)
    return sum((await (await db.connection()).execute(query)).one())
