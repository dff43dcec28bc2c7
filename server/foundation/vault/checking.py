"""Whether every sealed value opens: for an operator, after a restore or a change of keys."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, LargeBinary, Table, select, tuple_, type_coerce

from server.foundation.database import Database
from server.foundation.vault.faults import VaultFault
from server.foundation.vault.keyring import Keyring, Vault
from server.foundation.vault.layout import Layout, layout_of_table
from server.foundation.vault.sealed_text import ErasedText, SealedText

AT_ONCE: Final = 400


@dataclass(slots=True)
class Count:
    """What was found in a column: how many open, belong to an erased subject, or don't open."""

    table: str
    column: str
    open: int = 0
    erased: int = 0
    broken: int = 0


async def check(database: Database, vault: Vault, tables: Iterable[Table]) -> AsyncGenerator[Count]:
    """Open every sealed value and compare every index; a count for each column. Changes nothing."""
    for table in tables:
        layout = layout_of_table(table)
        counts = {name: Count(table.name, name) for name in (*layout.sealed, *layout.indexes)}
        last: tuple[Any, ...] | None = None
        while counts:
            async with database.reading() as db:
                connection = await db.connection()
                rows = await connection.run_sync(_rows, table, layout, last)
                await connection.run_sync(_count, layout, rows, Keyring(vault), counts)
            if not rows:
                break
            last = layout.row(rows[-1])
        for count in counts.values():
            yield count


def _rows(
    connection: Connection, table: Table, layout: Layout, last: tuple[Any, ...] | None
) -> list[dict[str, Any]]:
    columns = [
        type_coerce(column, LargeBinary).label(column.name)
        if column.name in layout.sealed
        else column
        for column in table.columns
        if column.name in {*layout.key, *layout.sealed.values(), *layout.sealed, *layout.indexes}
    ]
    key = [table.columns[name] for name in layout.key]
    query = select(*columns).order_by(*key).limit(AT_ONCE)
    if last is not None:
        query = query.where(tuple_(*key) > tuple_(*last))
    return [dict(row) for row in connection.execute(query).mappings()]


def _count(
    connection: Connection,
    layout: Layout,
    rows: list[dict[str, Any]],
    keyring: Keyring,
    counts: dict[str, Count],
) -> None:
    keyring.fetch(connection, {row[name] for row in rows for name in layout.sealed.values()})
    for row in rows:
        texts = {name: _text(layout, name, row, keyring) for name in layout.sealed}
        for name in (name for name in layout.sealed if row[name] is not None):
            _add(counts[name], texts[name])
        for name, of in layout.indexes.items():
            values = [texts[each] for each in of]
            if any(isinstance(value, ErasedText | VaultFault) for value in values):
                continue  # counted with the value itself
            found = layout.index(keyring.vault.keys.index_key(), name, tuple(map(_plain, values)))
            counts[name].broken += found != row[name]
            counts[name].open += found == row[name] is not None


def _text(
    layout: Layout, name: str, row: dict[str, Any], keyring: Keyring
) -> SealedText | VaultFault | None:
    if row[name] is None:
        return None
    try:
        return keyring.open(row[layout.sealed[name]], layout.place(name, row), row[name])
    except VaultFault as fault:
        return fault


def _plain(value: SealedText | VaultFault | None) -> str | None:
    return value if isinstance(value, str) else None


def _add(count: Count, value: SealedText | VaultFault | None) -> None:
    count.broken += isinstance(value, VaultFault)
    count.erased += isinstance(value, ErasedText)
    count.open += isinstance(value, SealedText) and not isinstance(value, ErasedText)
