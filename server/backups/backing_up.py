"""A backup is made: one state of the database, read while others write.

The rows are read in one transaction that sees nothing of what is written meanwhile: SQLite's
snapshot of its write-ahead log, PostgreSQL's REPEATABLE READ. Nobody waits for it, and no second,
plain copy is ever on a disk. Only a change of tables waits, on PostgreSQL, until it is done.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.backups.raw_tables import tables_in
from server.backups.records import End, Header, Record, Rows, Table, header_bytes, record_bytes
from server.backups.refusals import NO_TABLES, BackupRefused
from server.backups.sealed_file import file_to_be, new_header
from server.backups.stream_rules import Sealing
from server.foundation.clock import Clock
from server.foundation.database import Database
from server.foundation.ids import Ids
from server.foundation.vault.keys import KeyProvider
from server.foundation.vault.subject_keys import MASTER_CHECK, recognise
from server.migrations.migrate import LOCK, revision_of

AT_ONCE: Final = 200  # rows in memory, and in a record
STREAMED: Final[dict[str, Any]] = {"yield_per": AT_ONCE}


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds: rows of each table. And what its header says."""

    counts: dict[str, int]
    header: Header

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(self.counts.values())


async def back_up(
    database: Database,
    keys: KeyProvider,
    cell: str,
    clock: Clock,
    path: Path,
    *,
    replace: bool = False,
) -> Made:
    """Write a backup of the database into a new file. May run while servers do.

    Raises BackupRefused (FILE_THERE, FILE_BUSY, NO_TABLES), BadSettings for keys that aren't the
    database's, OSError where the file can't be written; then there is no new file.
    """
    with file_to_be(path, replace=replace) as file:
        async with _one_state(database) as connection:
            revision = await connection.run_sync(_revision, keys)
            backup_id = Ids(cell, clock).new("bak")
            header, key = new_header(keys, backup_id, cell, revision, clock.now())
            told = header_bytes(header)
            file.write(told)
            sealing, counts = Sealing(key, told), dict[str, int]()
            async for record in _records(connection, counts):
                file.write(sealing.after(record_bytes(record)))
            file.write(sealing.at_the_end())
    return Made(counts, header)


@asynccontextmanager
async def _one_state(database: Database) -> AsyncGenerator[AsyncConnection]:
    """A connection whose every read sees the same state."""
    async with database.engine.connect() as connection:
        if database.is_sqlite:
            yield connection
            return
        # before the transaction: its first statement decides which state it sees
        await connection.execute(text("SELECT pg_advisory_lock_shared(:lock)"), {"lock": LOCK})
        await connection.rollback()
        try:
            yield await connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        finally:
            await connection.invalidate()  # the lock belongs to the connection, and ends with it


def _revision(connection: Connection, keys: KeyProvider) -> str:
    revision = revision_of(connection)
    if revision is None:
        raise BackupRefused(NO_TABLES)
    if inspect(connection).has_table(MASTER_CHECK.name):
        recognise(connection, keys)
    return revision


async def _records(connection: AsyncConnection, counts: dict[str, int]) -> AsyncGenerator[Record]:
    for table in await connection.run_sync(tables_in):
        name = str(table.name)  # SQLAlchemy's own strings aren't msgpack's
        counts[name] = 0
        yield Table(name, tuple(str(column.name) for column in table.columns))
        async with connection.stream(select(table), execution_options=STREAMED) as found:
            async for rows in found.partitions(AT_ONCE):
                counts[name] += len(rows)
                yield Rows(tuple(tuple(row) for row in rows))
    yield End(counts)
