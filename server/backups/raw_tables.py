"""A database's tables as they stand there, whatever release made them.

A backup may be of another revision than this code declares, so nothing here reads our classes:
types come from the database, and are such that both kinds of database give and take the same.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    event,
    inspect,
)

from server.foundation.columns import UtcMoment

ALEMBICS_OWN: Final = "alembic_version"  # the header names the revision
KINDS: Final = (Boolean, Date, UtcMoment, Integer, LargeBinary, String)


class UnknownKind(Exception):  # noqa: N818 - says what was found
    """A column is of a type that a backup has no way to hold yet: add it to `KINDS`, and a test."""


def tables_in(connection: Connection) -> list[Table]:
    """Every table of ours, those that links lead to first. Raises UnknownKind."""
    found = MetaData()
    event.listen(found, "column_reflect", _same_on_both)
    names = [it for it in inspect(connection).get_table_names() if it != ALEMBICS_OWN]
    found.reflect(connection, only=names)
    for table in found.sorted_tables:
        for column in table.columns:
            if not isinstance(column.type, KINDS):
                raise UnknownKind(f"{table.name}.{column.name}")
    return found.sorted_tables


def is_empty(connection: Connection) -> bool:
    """Whether there is no table at all."""
    return not inspect(connection).get_table_names()


def reader_of(column: Column[Any]) -> Callable[[Any], Any] | None:
    """What makes a value of what msgpack has made of one; None where it is the same."""
    return _day if isinstance(column.type, Date) else None


def _day(told: str | None) -> date | None:
    return None if told is None else date.fromisoformat(told)


def _same_on_both(_inspector: Any, _table: Any, column: Any) -> None:
    if isinstance(column["type"], DateTime):
        column["type"] = UtcMoment()
