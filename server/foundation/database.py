"""The database: SQLite or PostgreSQL behind one door, and the only `commit` of the project.

A request either reads or writes. On SQLite a writer takes its lock at the start (BEGIN IMMEDIATE),
so that two writers queue for it and neither finds half-way that the other was first. The queue of
one process is ours and in order; SQLite's own, left to writers of other processes, is a race in
which one that keeps losing is refused at last.

Text about people is sealed on its way in and opened on its way out; see `vault/`.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from sqlite3 import OperationalError
from typing import Any, Final

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only
from sqlmodel.ext.asyncio.session import AsyncSession

from server.foundation.file_labels import plain_file
from server.foundation.log import log_fault
from server.foundation.purposes import CHOICES, WRITES, AskChoices, nobody_knows
from server.foundation.vault.keyring import KEYRING, Keyring, Vault
from server.foundation.vault.sealing_rules import index_of
from server.foundation.vault.sealing_session import SealingSession, keyring_of

DATABASE_FILE: Final = plain_file("secuhome.sqlite*", "the database; each column has its own label")
BUSY_TIMEOUT_MS: Final = 5_000  # how long a writer queues before it gives up
WAL_RETRY_MS: Final = 20
SQLITE: Final = (
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted, a subject's key above all, is overwritten in the file
)
AFTER_COMMIT: Final = "after_commit"
ANNOUNCE: Final = "announce"
LIMITS: Final = "limits"


async def _nobody_listens(message: bytes) -> None:
    del message


Announce = Callable[[bytes], Awaitable[None]]


class Db(AsyncSession):
    """One unit of work. Leaves with its commit, whole, or not at all."""

    sync_session_class = SealingSession

    def index(self, column: Any, *values: str) -> bytes:
        """What stands in an index column (`Account.email_index`) for these values.

        The way to look a sealed value up: `T.email_index == db.index(T.email_index, email)`.
        """
        keys = keyring_of(self.sync_session).vault.keys
        return index_of(keys.index_key(), column.table.name, column.key, values)

    def after_commit(self, act: Callable[[], Awaitable[None]]) -> None:
        """Do this once the work is safe; never if it is rolled back."""
        self.info.setdefault(AFTER_COMMIT, []).append(act)

    def announce(self, message: bytes) -> None:
        """Tell every gateway of the cell this, once the work is safe; never if it is undone.

        If they can't be reached the work stands, and the log says so.
        """
        announce: Announce = self.info[ANNOUNCE]

        async def tell() -> None:
            try:
                await announce(message)
            except OSError as fault:
                log_fault("announcing", fault)

        self.after_commit(tell)


class Database:
    """One database, named by an async SQLAlchemy URL.

    Without a vault nothing sealed can be stored or read; migrations need no more.
    """

    def __init__(self, url: str, vault: Vault | None = None) -> None:
        self.url = url
        self.vault = vault
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self._turn: AbstractAsyncContextManager[None] = (
            asyncio.Lock() if self.is_sqlite else nullcontext()
        )
        self.announce: Announce = _nobody_listens  # `server.main` names the engine's
        self.choices: AskChoices = nobody_knows  # and the gate of `server.privacy`
        self.limits: object = None  # and what its table of laws says of the region

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Db]:
        """A unit of work that changes nothing."""
        async with Db(self.engine, expire_on_commit=False, info=self._info()) as db:
            yield db

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[Db]:
        """A unit of work that is committed at its end, or undone if anything is raised."""
        bind = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        async with self._turn, Db(bind, expire_on_commit=False, info=self._info()) as db:
            db.info.update({ANNOUNCE: self.announce, WRITES: True})
            yield db
            await db.commit()
            acts = db.info.pop(AFTER_COMMIT, [])
        for act in acts:
            await act()

    @asynccontextmanager
    async def within(self, connection: AsyncConnection) -> AsyncGenerator[Db]:
        """A unit of work that is part of a transaction of the caller's, who ends it."""
        async with Db(connection, expire_on_commit=False, info=self._info()) as db:
            yield db
            await db.flush()

    async def answers(self) -> bool:
        """Whether the database can be reached now. Raises nothing."""
        try:
            async with self.reading() as db:
                await (await db.connection()).execute(text("SELECT 1"))
        except Exception:  # noqa: BLE001 - whatever the driver raises, the answer is no
            return False
        return True

    async def recognise_keys(self) -> None:
        """See that the vault's keys are those of this database. Raises BadSettings."""
        if self.vault is not None:
            async with self.reading() as db:
                await (await db.connection()).run_sync(self.vault.recognise)

    async def close(self) -> None:
        """Give back every connection."""
        await self.engine.dispose()

    def _info(self) -> dict[Any, Any]:
        keyring = {KEYRING: Keyring(self.vault)} if self.vault else {}
        return {CHOICES: self.choices, LIMITS: self.limits, **keyring}


# A statement that fails tells its parameters, unless told not to; they are what people entrust us.
ENGINE: Final = {"hide_parameters": True}


def _postgres_engine(url: str) -> AsyncEngine:
    return create_async_engine(url, pool_pre_ping=True, **ENGINE)


def _use_wal(cursor: Any) -> None:
    # A new file is changed by whoever opens it first, and for that change, alone among them,
    # SQLite doesn't queue: it refuses at once while another process writes.
    for _ in range(BUSY_TIMEOUT_MS // WAL_RETRY_MS):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except OperationalError:
            await_only(asyncio.sleep(WAL_RETRY_MS / 1000))
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")


def _sqlite_engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}, **ENGINE)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins, not the driver
        cursor = connection.cursor()
        for pragma in SQLITE:
            cursor.execute(f"PRAGMA {pragma}")
        _use_wal(cursor)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(
            connection.get_execution_options().get("sqlite_begin", "BEGIN"),
        )

    return engine
