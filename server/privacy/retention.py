"""What is over is deleted, by the labels alone. Run every hour by the server; a dry run counts.

Of an account under a legal hold the categories that it names stay, until the hold ends; then what
somebody has deleted meanwhile goes (`owed_deletions.py`).
May be run at any time and as often as one likes: what is over is found anew each time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Table, and_, false, or_
from sqlmodel import SQLModel, func, select

from server.foundation.database import Db
from server.foundation.labels import Personal, label_of
from server.privacy.after_the_end import over_after_the_end
from server.privacy.deletion_work import Work, carry_out, with_children
from server.privacy.erasure.hold_rules import protected_by
from server.privacy.erasure.holds import not_held
from server.privacy.owed_deletions import Owed, owed_now, settle, work_owed
from server.privacy.retention_rules import Ending, endings

ROWS: Final = "(whole rows)"


@dataclass(frozen=True, slots=True)
class Due:
    """How many values of a column, or whole rows, are over."""

    table: str
    column: str
    count: int


async def what_is_over(db: Db, now: datetime) -> list[Due]:
    """What `end_what_is_over` would delete now. Changes nothing; tables without any are left out.

    Each row is told once, under its own table, whether its term is over or it goes with another;
    a value in a row that goes is told with the row.
    """
    rows, values = _at_once(now, await owed_now(db, now))
    due: list[Due] = []
    for table, over in rows.items():
        if count := await _count(db, table, or_(*over)):
            due.append(Due(str(table.name), ROWS, count))
    for (table, column), over in values.items():
        goes = func.coalesce(or_(false(), *rows.get(table, ())), false())  # nothing known is no
        if count := await _count(db, table, and_(or_(*over), ~goes)):
            due.append(Due(str(table.name), column, count))
    return due


async def _count(db: Db, table: Table, over: ColumnElement[bool]) -> int:
    return (await db.exec(select(func.count()).select_from(table).where(over))).one()


def _at_once(
    now: datetime, owed: Owed
) -> tuple[
    dict[Table, list[ColumnElement[bool]]], dict[tuple[Table, str], list[ColumnElement[bool]]]
]:
    """All reasons for a table's rows to go, and for a column's values, whatever comes first."""
    rows: dict[Table, list[ColumnElement[bool]]] = {}
    values: dict[tuple[Table, str], list[ColumnElement[bool]]] = {}
    for table, column, over in _work(now, owed):
        if column is None:
            rows.setdefault(table, []).append(over)
        else:
            values.setdefault((table, column), []).append(over)
    return rows, values


async def end_what_is_over(db: Db, now: datetime, due: Sequence[Due] | None = None) -> None:
    """Delete each row and blank each value whose term is over, or that only a hold had kept.

    Only what is `due`, where somebody has looked before: others wait while this looks for more.
    """
    owed = await owed_now(db, now)
    places = None if due is None else {(it.table, it.column) for it in due}
    await carry_out(
        db,
        (
            (table, column, over)
            for table, column, over in _work(now, owed)
            if places is None or (str(table.name), column or ROWS) in places
        ),
        now,
    )
    await settle(db, owed, now)


def _work(now: datetime, owed: Owed) -> Iterator[Work]:
    """Each table with the column to blank (None: delete the rows) and the condition; in order."""
    yield from work_owed(owed, now)
    for table in SQLModel.metadata.sorted_tables:
        for ending in endings(table):
            yield from _of_ending(ending, now)
    for table, over in over_after_the_end(now):
        yield from with_children(table, and_(over, not_held(table, protected_by(table), now)))


def _of_ending(ending: Ending, now: datetime) -> Iterator[Work]:
    over = ending.moment <= ending.over_since(now)
    if ending.column is None:
        free = not_held(ending.table, protected_by(ending.table), now)
        yield from with_children(ending.table, and_(over, free))
        return
    label = label_of(ending.column)
    if isinstance(label, Personal):
        over = and_(over, not_held(ending.table, frozenset({label.category}), now))
    if ending.row_keep is not None:
        over = and_(over, ending.moment > now - ending.row_keep)
    yield ending.table, str(ending.column.name), and_(over, ending.column.is_not(None))
