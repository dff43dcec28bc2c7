"""Two sealed tables to try things on, and a database that holds them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import MetaData, text
from sqlmodel import SQLModel

from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.labels import ACCOUNT_LIFE, OnErasure, Why, personal, plain
from server.foundation.vault.key_file import FileKeys, make_key_file
from server.foundation.vault.keyring import Vault
from server.foundation.vault.subject_keys import MASTER_CHECK, SUBJECT_KEY

OURS = MetaData()  # its own, so that the project's tables stay as they are
HERS: dict[str, Any] = {
    "why": Why.ACCOUNT,
    "keep": ACCOUNT_LIFE,
    "on_erasure": OnErasure.DELETE,
}


class Writer(SQLModel, table=True):
    """A subject."""

    __tablename__: ClassVar[Any] = "test_writer"
    metadata: ClassVar[MetaData] = OURS  # pyright: ignore[reportIncompatibleVariableOverride] - SQLModel documents this very line

    id: str = plain(primary_key=True)
    email: str | None = personal("e-mail", **HERS, sealed_for="id", default=None)
    email_index: bytes | None = personal("e-mail", **HERS, index_of=("email",), unique=True)
    motto: str | None = personal("motto", **HERS, sealed_for="id", default=None)


class Page(SQLModel, table=True):
    """Something of a subject's, in a row named by two columns."""

    __tablename__: ClassVar[Any] = "test_page"
    metadata: ClassVar[MetaData] = OURS  # pyright: ignore[reportIncompatibleVariableOverride] - see above

    writer_id: str = plain(primary_key=True)
    number: int = plain(primary_key=True)
    motto: str | None = personal("motto", **HERS, sealed_for="writer_id", default=None)
    coins: int = plain(default=0)


def keys_in(folder: Path, name: str = "master.key") -> FileKeys:
    """The keys of the file, which is made if there is none."""
    make_key_file(folder / name)
    return FileKeys(folder / name)


@asynccontextmanager
async def diary(url: str, keys: FileKeys) -> AsyncGenerator[Database]:
    """The database with the two tables and the vault's."""
    database = Database(url, Vault(keys, SystemClock()))
    async with database.engine.begin() as connection:
        await connection.run_sync(OURS.create_all)
        await connection.run_sync(SQLModel.metadata.create_all, tables=[SUBJECT_KEY, MASTER_CHECK])
    try:
        yield database
    finally:
        await database.close()


async def do(database: Database, command: str, **values: Any) -> None:
    """Something that our own code would never say."""
    async with database.engine.begin() as connection:
        await connection.execute(text(command), values)


async def raw(database: Database, query: str) -> Any:
    """The one value that a query finds, as it stands in the database."""
    async with database.engine.connect() as connection:
        return (await connection.execute(text(query))).scalar_one()
