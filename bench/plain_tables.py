"""The product's tables without encryption: text is text, and is found again by its own index.

Keys of subjects, and what the database remembers of master keys, aren't needed there.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from sqlalchemy import Column, Index, MetaData, Table, Text, UniqueConstraint
from sqlmodel import SQLModel

from server.foundation.vault.layout import layout_of_table
from server.foundation.vault.sealed_text import Sealed

OF_THE_VAULT: Final = ("subject_key", "master_check")


@cache
def plain_columns(table: Table) -> tuple[str, ...]:
    """The columns of a table's plain copy: all but keyed hashes."""
    hashes = layout_of_table(table).indexes
    return tuple(str(it.name) for it in table.columns if it.name not in hashes)


def plain_tables() -> MetaData:
    """A plain copy of every table that people have rows in, with the same names and indexes."""
    copies = MetaData()
    for table in SQLModel.metadata.tables.values():
        if table.name not in OF_THE_VAULT:
            _copy(table, copies)
    return copies


def _copy(table: Table, copies: MetaData) -> None:
    hashes = layout_of_table(table).indexes
    key = _instead((str(it.name) for it in table.primary_key.columns), hashes)
    columns = [
        Column(
            name,
            Text() if isinstance(table.c[name].type, Sealed) else table.c[name].type,
            primary_key=name in key,
            nullable=table.c[name].nullable,
        )
        for name in plain_columns(table)
    ]
    Table(str(table.name), copies, *columns, *_uniques(table, hashes), *_indexes(table, hashes))


def _uniques(table: Table, hashes: dict[str, tuple[str, ...]]) -> list[UniqueConstraint]:
    return [
        UniqueConstraint(*_instead((it.name for it in each.columns), hashes))
        for each in table.constraints
        if isinstance(each, UniqueConstraint)
    ]


def _indexes(table: Table, hashes: dict[str, tuple[str, ...]]) -> list[Index]:
    return [
        Index(
            str(each.name),
            *_instead((it.name for it in each.columns), hashes),
            unique=each.unique,
            **_options(each),
        )
        for each in table.indexes
    ]


def _options(index: Index) -> dict[str, Any]:
    return {
        f"{dialect}_where": index.dialect_options[dialect]["where"]
        for dialect in ("sqlite", "postgresql")
        if index.dialect_options[dialect]["where"] is not None
    }


def _instead(names: Iterable[str], hashes: dict[str, tuple[str, ...]]) -> list[str]:
    """What a keyed hash stands for, in its place."""
    return [it for name in names for it in hashes.get(name, (name,))]
