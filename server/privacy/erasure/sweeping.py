"""The rows of one person, deleted or blanked by their labels, so many in one unit of work.

One statement looks where there is something to end, one counts what stays, and then each table
that has something is told once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import update

from server.foundation.database import Db
from server.privacy.erasure.counting import Counted, Kept
from server.privacy.erasure.erasure_rules import GROUNDS, Plan, kept_until
from server.privacy.erasure.sweep_statements import (
    ACCOUNT,
    MOST,
    Ending,
    key_of,
    sweep_statements,
)

AT_ONCE: Final = 500  # rows; others write in between


async def sweep(db: Db, account_id: str, ended_at: datetime, counted: Counted) -> int:
    """Delete or blank some rows, children before parents; how many. 0: nothing is left.

    Fewer than AT_ONCE: nothing was left as far as this unit of work sees. What it counts is added
    to `counted`; what stays is counted while the rows are there by which it is known whose it is.
    """
    statements = sweep_statements()
    (there,) = await _rows(db, statements.look, {ACCOUNT: account_id})
    if not any(there):
        return 0
    for row in await _rows(db, statements.kept, {ACCOUNT: account_id}):
        number, newest, missing, *counts = row
        plan = statements.keeping[number]
        moment = newest if not missing else None
        if kept := _kept(plan, moment, counts, ended_at):
            counted.keep(str(plan.table.name), kept)
    left = AT_ONCE
    for ending, is_there in zip(statements.endings, there, strict=True):
        if is_there and left > 0:
            ended = await _end(db, ending, account_id, left)
            _count(ending.plan, ended, counted)
            left -= len(ended)
    return AT_ONCE - left


async def _end(db: Db, ending: Ending, account_id: str, most: int) -> Sequence[Sequence[Any]]:
    """End some rows of a table; of each, which of its values were there."""
    some = {ACCOUNT: account_id, MOST: most}
    if ending.goes is not None:
        return await _rows(db, ending.goes, some)
    plan, found = ending.plan, await _rows(db, ending.finds, some)
    width = len(plan.table.primary_key.columns)
    keys = [row[0] if width == 1 else tuple(row[:width]) for row in found]
    nothing = {str(column.name): None for column in plan.blanked}
    await db.exec(update(plan.table).where(key_of(plan).in_(keys)).values(nothing))
    return [row[width:] for row in found]


def _count(plan: Plan, ended: Sequence[Sequence[Any]], counted: Counted) -> None:
    for place, (column, label) in enumerate(plan.personal):
        if plan.goes or column in plan.blanked:
            count = sum(bool(row[place]) for row in ended)
            counted.add(label.category, str(plan.table.name), count)


def _kept(
    plan: Plan, newest: datetime | None, counts: Sequence[int], ended_at: datetime
) -> list[Kept]:
    """What stays of the account; nothing where no row is found to be its any more."""
    by_category: dict[str, Kept] = {}
    for (_, label), number in zip(plan.kept, counts, strict=False):  # the rest is padding
        if number:
            before = by_category.get(label.category)
            by_category[label.category] = Kept(
                label.category,
                str(plan.table.name),
                number + (before.count if before else 0),
                GROUNDS[label.why],
                kept_until(label, newest, ended_at),
            )
    return list(by_category.values())


async def _rows(db: Db, statement: Any, values: dict[str, Any]) -> Sequence[Sequence[Any]]:
    return (await (await db.connection()).execute(statement, values)).all()
