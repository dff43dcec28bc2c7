"""What was held for a purpose alone goes when the purpose does. Read from the labels."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, update
from sqlmodel import SQLModel

from server.foundation.database import Db
from server.foundation.labels import Link, Personal, label_of
from server.privacy.purposes import DeclaredPurpose


async def delete_what_served(db: Db, account_id: str, purpose: DeclaredPurpose) -> None:
    """Blank the account's values that are labelled for this purpose.

    A row that can't do without one goes whole. What serves other purposes stays.
    """
    for table in SQLModel.metadata.sorted_tables:
        columns = columns_for(table, purpose)
        if not columns:
            continue
        await end_values(db, table, columns, subject_column(table) == account_id)


async def end_values(
    db: Db, table: Table, columns: Sequence[Column[Any]], these: ColumnElement[bool]
) -> None:
    """Blank these columns of some rows; delete the rows where one of them can't be blanked."""
    if all(column.nullable for column in columns):
        blank = dict.fromkeys(str(column.name) for column in columns)
        await db.exec(update(table).where(these).values(blank))
    else:
        await db.exec(delete(table).where(these))


def columns_for(table: Table, purpose: DeclaredPurpose) -> list[Column[object]]:
    """The columns of a table that are labelled for the purpose."""
    return [
        column
        for column in table.columns
        if isinstance(label := label_of(column), Personal) and label.why in purpose.covers
    ]


def subject_column(table: Table) -> Column[object]:
    """The column by which a row is an account's. Raises LookupError where there is none."""
    for column in table.columns:
        label = label_of(column)
        if isinstance(label, Link) and label.target == "account.id":
            return column
    raise LookupError(f"{table.name} holds data for a purpose that can end, and names no account")
