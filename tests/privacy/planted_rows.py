"""A row of any table, filled from its declaration, with the rows that it points at."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import count
from types import NoneType
from typing import Any, get_args

from sqlalchemy import Column, Table
from sqlmodel import SQLModel

from server.foundation.database import Db
from server.foundation.labels import Personal, days, label_of
from server.foundation.origins import Collected, Origin
from server.privacy.subject_paths import model_of
from tests.movable_clock import MORNING

_numbers: Iterator[int] = count(1)

SHORT = 5
# What is locked stays so for a while: retention would take it before anybody looks.
LASTING: dict[str, dict[str, Any]] = {"locked_data": {"until": MORNING + days(400)}}


async def plant(db: Db, table: Table, **given: Any) -> SQLModel:
    """Add a row in which every column holds something: what is `given`, else a value of its own.

    Rows that it points at are planted too, unless their key is given.
    """
    values = {str(column.name): value_for(column) for column in table.columns}
    values |= LASTING.get(table.name, {}) | given
    for column in table.columns:
        for key in column.foreign_keys:
            if column.name not in given:
                parent = await plant(db, key.column.table)
                values[str(column.name)] = getattr(parent, str(key.column.name))
    row = model_of(table)(**values)
    db.add(row)
    await db.flush()
    return row


def value_for(column: Column[Any]) -> Any:
    """A value that no other column and no earlier row has, as far as its type can tell apart."""
    kind, number = kind_of(column), next(_numbers)
    if kind is str:
        length = getattr(column.type, "length", None) or 64
        wide = 1 if length < SHORT else 4  # else one word might be found as the end of another
        text = f"{number:0{wide}x}-{column.table.name}-{column.name}"[:length].ljust(2, "z")
        return given_for(column, text)
    if kind is datetime:
        return MORNING
    if kind is date:
        return MORNING.date()
    return kind(number) if kind is int else kind()


def given_for(column: Column[Any], text: str) -> str:
    """The text as the column takes it: one of collected values wants its origin."""
    label = label_of(column)
    is_collected = isinstance(label, Personal) and label.collected
    return Collected(text, origin=Origin.INTERACTION) if is_collected else text


def kind_of(column: Column[Any]) -> type:
    """The type of a column's values, as its class declares it, None left aside."""
    declared = model_of(column.table).model_fields[str(column.name)].annotation
    kinds = [it for it in get_args(declared) if it is not NoneType] or [declared]
    assert isinstance(kinds[0], type)
    return str if kinds[0] is Collected else kinds[0]
