"""What the migrations build is what the code declares, there and back, on both databases."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from server.foundation.database import Database
from server.foundation.vault.key_file import FileKeys
from server.migrations.known_tables import METADATA
from server.migrations.migrate import COMPARING, FOLDER, BrokenLinks, downgrade, migrate

T = TypeVar("T")
NAMES = re.compile(r"(pk|fk|uq|ix|ux)_[a-z0-9_]+")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The database, not migrated yet."""
    database = Database(database_url)
    yield database
    await database.close()


async def ask(database: Database, question: Callable[[Connection], T]) -> T:
    async with database.engine.connect() as connection:
        return await connection.run_sync(question)


async def do(database: Database, *commands: str) -> None:
    async with database.engine.begin() as connection:
        for command in commands:
            await connection.execute(text(command))


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def everything(connection: Connection) -> set[str]:
    """The names of all that a migration can leave behind."""
    if connection.dialect.name == "sqlite":
        return {row.name for row in connection.execute(text("SELECT name FROM sqlite_master"))}
    kinds = """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
    """
    return {row.relname for row in connection.execute(text(kinds))}


async def test_the_migrated_tables_are_those_that_the_code_declares(
    database: Database, database_url: str, keys: FileKeys
):
    await migrate(database_url, keys)

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={**COMPARING, "target_metadata": METADATA}
        )
        return compare_metadata(context, METADATA)

    assert await ask(database, differences) == []
    assert await ask(database, tables) == {*METADATA.tables, "alembic_version"}


async def test_the_way_back_leaves_an_empty_database(
    database: Database, database_url: str, keys: FileKeys
):
    await migrate(database_url, keys)
    assert await ask(database, everything)
    await downgrade(database_url, keys)
    assert await ask(database, everything) == set()


async def test_there_and_back_and_there_again(
    database: Database, database_url: str, keys: FileKeys
):
    await migrate(database_url, keys)
    await migrate(database_url, keys)  # nothing to do
    await downgrade(database_url, keys)
    await migrate(database_url, keys)
    assert await ask(database, tables) == {*METADATA.tables, "alembic_version"}


async def test_two_processes_that_start_at_once_queue(
    database: Database, database_url: str, keys: FileKeys
):
    await asyncio.gather(*(migrate(database_url, keys) for _ in range(4)))
    assert await ask(database, tables) == {*METADATA.tables, "alembic_version"}


async def test_a_migration_that_fails_half_way_leaves_what_was_there(
    database: Database, database_url: str, keys: FileKeys
):
    await do(database, "CREATE TABLE warranty (mine INTEGER)")  # in the way of a later step
    with pytest.raises(DBAPIError):
        await migrate(database_url, keys)
    assert await ask(database, tables) == {"warranty"}


async def test_every_constraint_has_a_name_by_which_a_later_change_finds_it(
    database: Database, database_url: str, keys: FileKeys, database_kind: str
):
    """What has no name of ours is called otherwise in each database, and can't be dropped."""
    await migrate(database_url, keys)

    def names(connection: Connection) -> list[str | None]:
        seen = inspect(connection)
        return [
            constraint["name"]
            for table in METADATA.tables
            for constraint in (
                seen.get_pk_constraint(table),
                *seen.get_foreign_keys(table),
                *seen.get_unique_constraints(table),
                *seen.get_indexes(table),
            )
        ]

    found = await ask(database, names)
    assert len(found) > len(METADATA.tables)
    assert [name for name in found if not name or not NAMES.fullmatch(name)] == []


async def test_a_camera_has_one_owner_at_a_time_in_the_database_itself(
    database: Database, database_url: str, keys: FileKeys
):
    await migrate(database_url, keys)
    name = "CAST('Irrelevant' AS BLOB)" if database.is_sqlite else "'Irrelevant'::bytea"
    now = "'2026-11-24 12:00:00+00:00'"
    await do(
        database,
        f"INSERT INTO account (id, email_verified, created_at) VALUES ('acc_a', true, {now})",
        "INSERT INTO device (id, serial, model, region, public_key, key_thumbprint, epoch,"
        f" imported_at) VALUES ('cam_a', 's', 'SH-C1', 'DE', '', 't', 0, {now})",
    )

    def owned(id: str, epoch: int, until: str) -> str:
        return (
            "INSERT INTO ownership (id, camera_id, account_id, name, epoch, since, until)"
            f" VALUES ('{id}', 'cam_a', 'acc_a', {name}, {epoch}, {now}, {until})"
        )

    await do(database, owned("own_1", 1, now), owned("own_2", 2, now), owned("own_3", 3, "NULL"))
    with pytest.raises(IntegrityError):
        await do(database, owned("own_4", 4, "NULL"))


async def test_an_acceptance_is_never_rewritten(
    database: Database, database_url: str, keys: FileKeys
):
    await migrate(database_url, keys)
    now = "'2026-11-24 12:00:00+00:00'"
    await do(
        database,
        f"INSERT INTO account (id, email_verified, created_at) VALUES ('acc_a', true, {now})",
        "INSERT INTO policy_acceptance (id, account_id, version, sha256, accepted_at)"
        f" VALUES ('pol_a', 'acc_a', '1', 'x', {now})",
    )
    with pytest.raises(DBAPIError, match="append-only"):
        await do(database, "UPDATE policy_acceptance SET sha256 = 'y'")


async def test_rows_that_point_nowhere_undo_the_whole_change(tmp_path: Path, keys: FileKeys):
    path = tmp_path / "secuhome.sqlite"
    url = f"sqlite+aiosqlite:///{path}"
    await migrate(url, keys)
    with closing(sqlite3.connect(path)) as careless:  # checks no links unless it is told to
        careless.execute("INSERT INTO refresh_token (hash, session_id) VALUES ('x', 'nowhere')")
        careless.commit()
    with pytest.raises(BrokenLinks):
        await migrate(url, keys)


def test_the_changes_are_one_line_without_branches():
    script = ScriptDirectory(str(FOLDER))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
