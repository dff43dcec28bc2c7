"""What deleting does, as work on tables: values are blanked, rows go with what hangs on them.

A category's values in one table go together. No work made of them touches what a legal hold keeps.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_
from sqlmodel import delete, select, update

from server.foundation.database import Db
from server.foundation.labels import Link, Personal, label_of
from server.foundation.vault.keyring import destroy_keys
from server.privacy.data_map import personal_columns
from server.privacy.erasure.hold_rules import protected_by
from server.privacy.erasure.holds import not_held
from server.privacy.locking import lock_what_goes
from server.privacy.subject_paths import all_about

Work = tuple[Table, str | None, ColumnElement[bool]]  # the column to blank; None: the rows go


@dataclass(frozen=True, slots=True)
class Part:
    """Columns of one category in one table: they are blanked, or their rows go."""

    table: Table
    category: str
    columns: tuple[Column[Any], ...]

    @property
    def is_blanked(self) -> bool:
        """Whether the rows can do without the values."""
        return all(column.nullable for column in self.columns)

    @property
    def held_by(self) -> frozenset[str]:
        """The categories for whose sake a hold keeps it."""
        return frozenset({self.category}) if self.is_blanked else protected_by(self.table)


def parts_where(goes: Callable[[Column[Any], Personal], bool]) -> list[Part]:
    """The columns that this is true of, children before parents, accounts last."""
    parts: list[Part] = []
    for it in all_about():
        by_category: dict[str, list[Column[Any]]] = {}
        for column, label in personal_columns(it.table):
            if goes(column, label):
                by_category.setdefault(label.category, []).append(column)
        parts += (Part(it.table, name, tuple(them)) for name, them in by_category.items())
    return parts


def free_of_holds(part: Part, these: ColumnElement[bool], now: datetime) -> ColumnElement[bool]:
    """Those of these rows whose part no hold keeps."""
    return and_(these, not_held(part.table, part.held_by, now))


def work_of(part: Part, these: ColumnElement[bool], now: datetime) -> Iterator[Work]:
    """Ending a part of these rows, as far as no hold keeps it."""
    free = free_of_holds(part, these, now)
    if not part.is_blanked:
        yield from with_children(part.table, free)
        return
    for column in part.columns:
        yield part.table, str(column.name), and_(free, column.is_not(None))


def with_children(table: Table, over: ColumnElement[bool]) -> Iterator[Work]:
    """The rows, and before them those that a link makes part of them."""
    for child, column, key in _children(table):
        yield from with_children(child, column.in_(select(key).where(over)))
    yield table, None, over


async def carry_out(db: Db, work: Iterable[Work], now: datetime) -> None:
    """Do it, in its order. Keys that were made for rows which go are destroyed before.

    What only a law still keeps of them is locked before.
    """
    for table, column, over in work:
        await lock_what_goes(db, table, column, over, now)
        if column is None:
            if _are_subjects(table):
                await destroy_keys(db, select(*table.primary_key.columns).where(over))
            await db.exec(delete(table).where(over))
        else:
            await db.exec(update(table).where(over).values({column: None}))


def _are_subjects(table: Table) -> bool:
    """Whether what the rows say is sealed under keys of their own, which end with them."""
    labels = [label_of(column) for column in table.columns]
    return any(isinstance(it, Personal) and it.sealed_for == "id" for it in labels)


def _children(parent: Table) -> Iterator[tuple[Table, Any, Any]]:
    for table in parent.metadata.tables.values():
        for column in table.columns:
            label = label_of(column)
            if isinstance(label, Link) and label.target.split(".")[0] == parent.name:
                yield table, column, parent.c[label.target.split(".")[1]]
