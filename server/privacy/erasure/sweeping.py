"""The rows of one person, deleted or blanked by their labels, so many in one unit of work."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, func, or_, select, true, tuple_
from sqlmodel import delete, update

from server.foundation.database import Db
from server.foundation.table_labels import row_label
from server.privacy.erasure.counting import Counted, Kept
from server.privacy.erasure.erasure_rules import GROUNDS, Plan, kept_until, plan_of
from server.privacy.subject_paths import SubjectTable, all_about

AT_ONCE: Final = 500  # rows; others write in between


async def sweep(db: Db, account_id: str, ended_at: datetime, counted: Counted) -> int:
    """Delete or blank some rows, children before parents; how many. 0: nothing is left.

    What it counts is added to `counted`.
    """
    left = AT_ONCE
    for it in all_about():
        plan = plan_of(it.table)
        found = await _some(db, it, plan, account_id, left)
        if found:
            _count(plan, found, counted)
            await _end(db, plan, found)
            left -= len(found)
        if left <= 0:
            break
        if kept := await _kept(db, it, plan, account_id, ended_at):
            counted.keep(str(it.table.name), kept)
    return AT_ONCE - left


async def _some(
    db: Db, it: SubjectTable, plan: Plan, account_id: str, most: int
) -> list[dict[str, Any]]:
    """Rows that have something to end: their keys, and which of their values are there."""
    there = [column.is_not(None).label(_flag(column)) for column, _ in plan.personal]
    query = select(*it.table.primary_key.columns, *there).where(it.is_of(account_id)).limit(most)
    if not plan.goes:
        if not plan.blanked:
            return []
        query = query.where(or_(*(column.is_not(None) for column in plan.blanked)))
    rows = await (await db.connection()).execute(query)
    return [dict(row) for row in rows.mappings()]


def _count(plan: Plan, found: list[dict[str, Any]], counted: Counted) -> None:
    for column, label in plan.personal:
        if plan.goes or column in plan.blanked:
            count = sum(bool(row[_flag(column)]) for row in found)
            counted.add(label.category, str(plan.table.name), count)


async def _end(db: Db, plan: Plan, found: list[dict[str, Any]]) -> None:
    these = _with_keys(plan.table.primary_key.columns, found)
    if plan.goes:
        await db.exec(delete(plan.table).where(these))
    else:
        nothing = {str(column.name): None for column in plan.blanked}
        await db.exec(update(plan.table).where(these).values(nothing))


def _with_keys(key: Iterable[Column[Any]], found: list[dict[str, Any]]) -> ColumnElement[bool]:
    columns = tuple(key)
    if len(columns) == 1:
        return columns[0].in_([row[str(columns[0].name)] for row in found])
    return tuple_(*columns).in_([tuple(row[str(it.name)] for it in columns) for row in found])


async def _kept(
    db: Db, it: SubjectTable, plan: Plan, account_id: str, ended_at: datetime
) -> list[Kept]:
    """What stays of the account in this table; nothing where no row is found to be its any more."""
    if not plan.kept:
        return []
    counted_from = row_label(it.table).counted_from
    newest = func.max(it.table.c[counted_from]) if counted_from else true()
    begun = func.count(it.table.c[counted_from]) if counted_from else func.count()
    counts = [func.count(column) for column, _ in plan.kept]
    query = select(newest, func.count() == begun, *counts)
    query = query.select_from(it.table).where(it.is_of(account_id))
    moment, all_begun, *numbers = tuple((await (await db.connection()).execute(query)).one())
    newest_at = moment if isinstance(moment, datetime) and all_begun else None
    by_category: dict[str, Kept] = {}
    for (_, label), number in zip(plan.kept, numbers, strict=True):
        if number:
            before = by_category.get(label.category)
            by_category[label.category] = Kept(
                label.category,
                str(it.table.name),
                number + (before.count if before else 0),
                GROUNDS[label.why],
                kept_until(label, newest_at, ended_at),
            )
    return list(by_category.values())


def _flag(column: Column[Any]) -> str:
    return f"{column.name}_there"
