"""Bring a database to the tables of this code, or back.

The whole way is one transaction, on both databases: a migration that fails half-way leaves what
was there. Two processes that start at the same time queue; the second finds nothing to do.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, inspect, text

from server.foundation.database import Database
from server.foundation.vault.keys import KeyProvider
from server.foundation.vault.subject_keys import MASTER_CHECK, recognise

FOLDER: Final = Path(__file__).parent
LOCK: Final = 0x5EC0_0001  # any number, as long as every process takes the same


class BrokenLinks(Exception):  # noqa: N818 - says what was found
    """After the change some rows point at rows that aren't there. Nothing was changed."""


async def migrate(database_url: str, keys: KeyProvider, revision: str = "head") -> None:
    """Bring the database up to `revision`. `keys` seal what a migration finds to be sealed.

    Raises BrokenLinks, BadSettings for keys that aren't this database's, or what the driver raises.
    """
    await _run(database_url, lambda config: command.upgrade(config, revision), keys)


async def downgrade(database_url: str, keys: KeyProvider, revision: str = "base") -> None:
    """Bring the database back to `revision`; "base" takes every table, with what is in it."""

    def back(config: Config) -> None:
        command.downgrade(config, revision)
        if revision == "base":  # Alembic would leave its own, empty table behind
            config.attributes["connection"].execute(text("DROP TABLE alembic_version"))

    await _run(database_url, back, keys)


async def is_current(database_url: str) -> bool:
    """Whether the database stands at this code's newest revision. Changes nothing."""
    database = Database(database_url)
    try:
        async with database.engine.connect() as connection:
            return await connection.run_sync(_stands_at_head)
    finally:
        await database.close()


def upgrade_within(
    connection: Connection, keys: KeyProvider | None, revision: str = "head"
) -> None:
    """Bring the database up inside of a transaction that the caller ends, as `migrate` does.

    On SQLite its connection was made by a database prepared with `without_link_checks`.
    """
    _act(connection, lambda config: command.upgrade(config, revision), keys)


def wait_for_turn(connection: Connection) -> None:
    """Let nobody else change tables until the transaction ends. On SQLite its BEGIN did that."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def revision_of(connection: Connection) -> str | None:
    """The revision that a database stands at; None for one without our tables."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(revision: str) -> bool:
    """Whether this code has the revision."""
    return revision in {it.revision for it in _script(Config()).walk_revisions()}


def check_links(connection: Connection) -> None:
    """See that no row points nowhere, where nobody looked meanwhile. Raises BrokenLinks."""
    if connection.dialect.name != "sqlite":
        return
    if connection.execute(text("PRAGMA foreign_key_check")).first():
        raise BrokenLinks("rows point at rows that aren't there; the database is as it was")


def without_link_checks(database: Database) -> None:
    """Making a table anew drops the old one, whose links would be followed; checked at the end."""

    @event.listens_for(database.engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.close()


async def write_revision(database_url: str, message: str) -> None:
    """Write a new file in `versions` with what the code declares beyond the database. Read it."""
    await _run(
        database_url, lambda config: command.revision(config, message=message, autogenerate=True)
    )


def shown_type(kind: str, thing: Any, context: AutogenContext) -> str | bool:
    """How our own column type is written in a revision, and SQLModel's strings plainly."""
    del context
    if kind == "type" and type(thing).__name__ == "UtcMoment":
        return "UtcMoment()"
    if kind == "type" and type(thing).__name__ == "Sealed":
        return "sa.LargeBinary()"
    if kind == "type" and type(thing).__name__ == "AutoString":
        return f"sa.String(length={thing.length})" if thing.length else "sa.String()"
    return False


COMPARING: Final[dict[str, Any]] = {
    "compare_type": True,
    "render_as_batch": True,  # SQLite changes a table by making it anew
    "render_item": shown_type,
}


async def _run(
    database_url: str, act: Callable[[Config], object], keys: KeyProvider | None = None
) -> None:
    database = Database(database_url)
    if database.is_sqlite:
        without_link_checks(database)
    try:
        engine = database.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        async with engine.begin() as connection:
            await connection.run_sync(_act, act, keys)
    finally:
        await database.close()


def _stands_at_head(connection: Connection) -> bool:
    heads = set(_script(Config()).get_heads())
    return set(MigrationContext.configure(connection).get_current_heads()) == heads


def _script(config: Config) -> ScriptDirectory:
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return ScriptDirectory.from_config(config)


def _act(connection: Connection, act: Callable[[Config], object], keys: KeyProvider | None) -> None:
    wait_for_turn(connection)
    if keys is not None and inspect(connection).has_table(MASTER_CHECK.name):
        recognise(connection, keys)
    config = Config(attributes={"connection": connection, "keys": keys})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    act(config)
    check_links(connection)
