"""What is held about an account: the one source of the privacy page and of the export.

Tables, columns and their words come from the labels; which rows are whose, from the links. Rows
are read by their classes, a page at a time, each page in a unit of work of its own: a slow reader
holds no connection, and memory holds a page. What changes meanwhile may be in it or not.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Column, Select, func, literal, select, tuple_
from sqlmodel import SQLModel

from server.foundation.database import Database, Db
from server.foundation.labels import Personal, Plain, label_of
from server.foundation.origins import origin_of
from server.privacy.data_map import data_map, personal_columns
from server.privacy.data_map_rules import MappedTable
from server.privacy.subject_paths import SubjectTable, all_about

PAGE: Final = 500  # rows; some hundred KB at most

# One row as its subject may see it: by column; None where nothing is stored.
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One row: what identifies it for machines, its values, and how those came that were given."""

    key: Record
    values: Record
    came_by: dict[str, str]


@dataclass(frozen=True, slots=True)
class HeldTable:
    """A table with personal data about accounts: how its rows are found, and what the map says."""

    rows: SubjectTable
    columns: tuple[tuple[Column[Any], Personal], ...]
    mapped: MappedTable

    @property
    def key(self) -> tuple[Column[Any], ...]:
        """The primary key."""
        return tuple(self.rows.table.primary_key.columns)


def held_tables() -> tuple[HeldTable, ...]:
    """Every table with personal data about accounts; the account itself first."""
    mapped = {it.table: it for it in data_map().tables}
    return tuple(
        HeldTable(rows, columns, mapped[str(rows.table.name)])
        for rows in reversed(all_about())
        if (columns := personal_columns(rows.table))
    )


async def counts(db: Db, held: HeldTable, account_id: str) -> dict[str, int]:
    """How many values each column holds about the account."""
    counted = [func.count(column).label(str(column.name)) for column, _ in held.columns]
    query = select(*counted).select_from(held.rows.table).where(held.rows.is_of(account_id))
    return dict((await (await db.connection()).execute(query)).mappings().one())


async def newest(db: Db, held: HeldTable, account_id: str, most: int) -> list[HeldRow]:
    """The newest rows, as far as their keys tell."""
    query = held.rows.rows_of(account_id).order_by(*(it.desc() for it in held.key)).limit(most)
    return [_held(held, row) for row in await read_rows(db, query)]


async def records(database: Database, held: HeldTable, account_id: str) -> AsyncGenerator[HeldRow]:
    """All rows, in order of their keys."""
    after: tuple[Any, ...] | None = None
    while True:
        async with database.reading() as db:
            page = await read_rows(db, page_of(held, account_id, after))
        for row in page:
            yield _held(held, row)
        if len(page) < PAGE:
            return
        after = tuple(getattr(page[-1], str(column.name)) for column in held.key)


def page_of(held: HeldTable, account_id: str, after: tuple[Any, ...] | None) -> Select[Any]:
    """The query for the rows that follow a key, or for the first ones."""
    query = held.rows.rows_of(account_id).order_by(*held.key).limit(PAGE)
    if after is None:
        return query
    mark = [literal(it, column.type) for it, column in zip(after, held.key, strict=True)]
    return query.where(tuple_(*held.key) > tuple_(*mark))


def plain_value(value: Any) -> Any:
    """A stored value as JSON has it: moments and days in ISO 8601."""
    return value.isoformat() if isinstance(value, date) else value


async def read_rows(db: Db, query: Any) -> Sequence[SQLModel]:
    """Whole rows, opened."""
    return (await db.exec(query)).scalars().all()


def _held(held: HeldTable, row: SQLModel) -> HeldRow:
    return HeldRow(_key(held, row), _values(held, row), _came_by(held, row))


def _came_by(held: HeldTable, row: SQLModel) -> dict[str, str]:
    """By column, as each value says itself, or the one that it came with."""
    named = {
        str(column.name): label.collected_with or str(column.name)
        for column, label in held.columns
        if label.collected or label.collected_with
    }
    came = {column: origin_of(getattr(row, by)) for column, by in named.items()}
    return {
        column: origin.value
        for column, origin in came.items()
        if origin is not None and getattr(row, column) is not None
    }


def _key(held: HeldTable, row: SQLModel) -> Record:
    keys = [column for column in held.key if isinstance(label_of(column), Plain)]
    return {str(column.name): getattr(row, str(column.name)) for column in keys}


def _values(held: HeldTable, row: SQLModel) -> Record:
    return {
        str(column.name): _told(getattr(row, str(column.name)), label)
        for column, label in held.columns
    }


def _told(value: Any, label: Personal) -> Any:
    return label.told_as if value is not None and label.told_as else value
