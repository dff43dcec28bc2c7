"""A backup becomes a database again: an empty one, of either kind, in one transaction.

In this order, so that nothing stands there that mustn't be served: the tables of the backup's
revision, its rows, the way up to this release's tables, then what happened since: who was erased
is erased again, what is over is deleted, and every sign-in is ended.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from server.accounts.tables import Session
from server.backups import records
from server.backups.erasing_again import erase_again
from server.backups.raw_tables import is_empty, reader_of, tables_in
from server.backups.refusals import DAMAGED, NOT_EMPTY, UNKNOWN_SCHEMA, BackupRefused
from server.backups.sealed_file import key_of, opened_backup, records_of
from server.foundation.database import Database, Db
from server.foundation.vault.keyring import Vault
from server.foundation.vault.subject_keys import SUBJECT_KEY, remember
from server.migrations import migrate
from server.privacy.cases.forgetting import forget_unproven_cases
from server.privacy.retention import end_what_is_over
from server.support.tables import StaffSession


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: of when it is, and rows of each table as the backup had them."""

    made_at: datetime
    counts: dict[str, int]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(self.counts.values())


async def restore(
    database_url: str,
    vault: Vault,
    cell: str,
    path: Path,
    gone: Mapping[str, datetime],
    limits: object = None,
) -> Restored:
    """Bring the backup back into an empty database.

    `gone` says who is to be erased again, and when they were erased at first; `limits` what laws
    make us keep of what is over by now. Raises
    BackupRefused and BadSettings, and OSError where file or database can't be reached; then the
    database is as empty as it was.
    """
    with opened_backup(path) as backup:
        key = key_of(backup.header, vault.keys, cell)
        if not migrate.knows(backup.header.revision):
            raise BackupRefused(UNKNOWN_SCHEMA)
        database = Database(database_url, vault)
        database.limits = limits
        if database.is_sqlite:
            migrate.without_link_checks(database)
        try:
            engine = database.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
            async with engine.begin() as connection:
                await connection.run_sync(_make_tables, vault, backup.header.revision)
                counts = await _load(connection, records_of(backup, key), gone)
                await connection.run_sync(_come_up, vault)
                async with database.within(connection) as db:
                    await _catch_up(db, gone, vault.clock.now())
                await connection.run_sync(migrate.check_links)
        finally:
            await database.close()
    return Restored(backup.header.made_at, counts)


def _make_tables(connection: Connection, vault: Vault, revision: str) -> None:
    migrate.wait_for_turn(connection)
    if not is_empty(connection):
        raise BackupRefused(NOT_EMPTY)
    migrate.upgrade_within(connection, vault.keys, revision)
    for table in reversed(tables_in(connection)):
        connection.execute(delete(table))  # what migrations put into tables that they made


async def _load(
    connection: AsyncConnection, told: Iterator[records.Record], gone: Mapping[str, datetime]
) -> dict[str, int]:
    """Put the rows in; how many the backup has of each table. Raises BackupRefused.

    A key that is to be destroyed isn't put in at all: it would stay on the disk for a while.
    """
    tables = {it.name: it for it in await connection.run_sync(tables_in)}
    into: _Into | None = None
    counts = dict[str, int]()
    for record in told:
        match record:
            case records.Table(name, columns):
                into = _Into(tables.get(name), columns)
                counts[name] = 0
            case records.Rows(rows) if into is not None:
                counts[into.table.name] += len(rows)
                values = into.values(rows)
                if into.table.name == SUBJECT_KEY.name:
                    values = [it for it in values if it["id"] not in gone]
                if values:
                    await connection.execute(insert(into.table), values)
            case records.End(expected) if expected == counts:
                return counts
            case _:
                break
    raise BackupRefused(DAMAGED)


class _Into:
    """A table, and how rows of the backup become rows of it. Raises BackupRefused."""

    def __init__(self, table: Table | None, columns: tuple[str, ...]) -> None:
        if table is None or set(columns) != set(table.columns.keys()):
            raise BackupRefused(UNKNOWN_SCHEMA)
        self.table = table
        self._readers = [(name, reader_of(table.columns[name])) for name in columns]

    def values(self, rows: tuple[tuple[Any, ...], ...]) -> list[dict[str, Any]]:
        """The rows by the names of their columns."""
        return [
            {
                name: read(value) if read else value
                for (name, read), value in zip(self._readers, row, strict=True)
            }
            for row in rows
        ]


def _come_up(connection: Connection, vault: Vault) -> None:
    migrate.upgrade_within(connection, vault.keys)
    remember(connection, vault.keys)  # versions of the master key that came after the backup


async def _catch_up(db: Db, gone: Mapping[str, datetime], now: datetime) -> None:
    await erase_again(db, gone)
    await forget_unproven_cases(db, now)
    await end_what_is_over(db, now)
    for sessions in (Session, StaffSession):  # some of them were ended since, and we can't know
        open_ones = update(sessions).where(col(sessions.ended_at).is_(None))
        await db.exec(open_ones.values(ended_at=now))
