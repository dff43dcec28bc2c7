"""The one way in which a person's own correction reaches a row, whichever route it came by."""

from datetime import date
from typing import Any

from sqlmodel import SQLModel

from server.foundation.correction_rules import Correction
from server.foundation.labels import Personal, label_of
from server.foundation.origins import Origin, given


def correction_of(column: Any) -> Correction | None:
    """How the column is put right; None for one that people can't."""
    label = label_of(column)
    return label.correctable if isinstance(label, Personal) else None


def put_right(row: SQLModel, column: str, told: str | None, today: date, *, origin: Origin) -> bool:
    """Set a value as its column's label allows, as it came by `origin`; whether it is another now.

    Raises Unfit for an impossible value, LookupError for a column that can't be corrected.
    """
    table: Any = getattr(type(row), "__table__")  # noqa: B009 - SQLModel declares no such member
    correction = correction_of(table.c[column])
    if correction is None:
        raise LookupError(f"{table.name}.{column} can't be corrected")
    value = correction.value_of(told, today)
    if getattr(row, column) == value:
        return False
    setattr(row, column, given(value, origin))
    return True
