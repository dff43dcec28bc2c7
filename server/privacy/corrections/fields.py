"""The fields that somebody may put right, with their values: made from the labels."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column
from sqlmodel import SQLModel

from server.foundation.correcting import correction_of
from server.foundation.correction_rules import Correction
from server.foundation.database import Db
from server.privacy import held
from server.privacy.held import HeldTable
from server.privacy.subject_paths import SUBJECT

MOST: Final = 200  # rows of each table, the newest; a form that people look through


@dataclass(frozen=True, slots=True)
class CorrectableField:
    """One value that may be put right, with its column's rule. `name` is `table.column`."""

    name: str
    row: str | None
    category: str
    value: str | None
    correction: Correction


def correctable_tables() -> Iterator[tuple[HeldTable, dict[str, tuple[str, Correction]]]]:
    """Each table with such columns: by column, its category and its rule. The account first."""
    for it in held.held_tables():
        rules = {
            str(column.name): (label.category, rule)
            for column, label in it.columns
            if (rule := correction_of(column))
        }
        if rules:
            yield it, rules


async def fields_of(db: Db, account_id: str) -> list[CorrectableField]:
    """The account's own fields, then those of its other rows, the newest row first."""
    fields: list[CorrectableField] = []
    for it, rules in correctable_tables():
        (key,) = it.key  # a house test holds this
        query = it.rows.rows_of(account_id).order_by(key.desc()).limit(MOST)
        for row in await held.read_rows(db, query):
            fields += _fields(it, rules, row, key)
    return fields


def _fields(
    it: HeldTable, rules: dict[str, tuple[str, Correction]], row: SQLModel, key: Column[Any]
) -> Iterator[CorrectableField]:
    table = str(it.rows.table.name)
    row_id = None if table == SUBJECT else str(getattr(row, str(key.name)))
    for column, (category, rule) in rules.items():
        value = getattr(row, column)
        told = None if value is None else str.__str__(value)
        yield CorrectableField(f"{table}.{column}", row_id, category, told, rule)
