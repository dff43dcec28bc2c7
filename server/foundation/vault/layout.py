"""Where the sealed columns of a table are, read from its labels once."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Column, Table, inspect
from sqlalchemy.orm import Mapper

from server.foundation.labels import Label, Personal, label_of
from server.foundation.vault.sealing_rules import Part, Place, index_of


@dataclass(frozen=True, slots=True)
class Layout:
    """What is sealed in a table. Attributes of the class and columns have the same names."""

    table: str
    key: tuple[str, ...]  # the primary key's columns
    sealed: dict[str, str]  # a sealed column: the column that names its subject
    indexes: dict[str, tuple[str, ...]]  # an index column: what it finds again
    collected: frozenset[str] = frozenset()  # sealed columns whose values name their origin

    @property
    def owner(self) -> str | None:
        """The column with the subject's id where a row *is* a subject: its key is made with it."""
        subjects = set(self.sealed.values())
        return self.key[0] if subjects == set(self.key) and len(self.key) == 1 else None

    def place(self, column: str, values: dict[str, Any]) -> Place:
        """The place of a column's value in the row with these values."""
        return Place(self.table, column, self.row(values))

    def row(self, values: dict[str, Any]) -> tuple[Part, ...]:
        """The primary key of the row with these values."""
        return tuple(values[name] for name in self.key)

    def index(self, key: bytes, column: str, values: tuple[str | None, ...]) -> bytes | None:
        """What stands in an index column; None where one of the values is missing."""
        present = [value for value in values if value is not None]
        whole = len(present) == len(values)
        return index_of(key, self.table, column, present) if whole else None


NOTHING_SEALED: Final = Layout("", (), {}, {})


@cache
def layout_of(kind: type) -> Layout:
    """The layout of a mapped class; NOTHING_SEALED for one without sealed columns."""
    mapper: Mapper[Any] | None = inspect(kind, raiseerr=False)
    return layout_of_table(mapper.local_table) if mapper is not None else NOTHING_SEALED


def layout_of_table(table: Any) -> Layout:
    """The layout of a table; NOTHING_SEALED for one without sealed columns."""
    if not isinstance(table, Table):
        return NOTHING_SEALED
    labels = {column.name: label for column in table.columns if (label := _personal(column))}
    sealed = {name: label.sealed_for for name, label in labels.items() if label.sealed_for}
    indexes = {name: label.index_of for name, label in labels.items() if label.index_of}
    if not sealed:
        return NOTHING_SEALED
    key = tuple(column.name for column in table.primary_key.columns)
    collected = frozenset(name for name, label in labels.items() if label.collected)
    return Layout(table.name, key, sealed, indexes, collected)


def _personal(column: Column[Any]) -> Personal | None:
    label: Label | None = label_of(column)
    return label if isinstance(label, Personal) else None
