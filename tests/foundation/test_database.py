"""Units of work: whole or not at all, and what follows a commit follows only a commit."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import MetaData, text
from sqlalchemy.exc import StatementError
from sqlmodel import SQLModel, select

from server.foundation.columns import UtcMoment
from server.foundation.database import Database
from server.foundation.labels import plain


class Jar(SQLModel, table=True):
    """A row to try things on."""

    __tablename__: ClassVar[Any] = "test_jar"
    # its own, so that the project's tables stay as they are; SQLModel documents this very line
    metadata: ClassVar[MetaData] = MetaData()  # pyright: ignore[reportIncompatibleVariableOverride] - see above

    id: str = plain(primary_key=True)
    coins: int = plain(default=0)
    at: datetime | None = plain(default=None, sa_type=UtcMoment)


async def _open(url: str) -> Database:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Jar.metadata.create_all)
    return database


async def _jar(database: Database) -> Jar | None:
    async with database.reading() as db:
        return (await db.exec(select(Jar))).one_or_none()


async def test_a_unit_of_work_is_kept_and_what_follows_it_happens_after(
    database_url: str,
) -> None:
    database = await _open(database_url)
    seen: list[Jar | None] = []

    async def look() -> None:
        seen.append(await _jar(database))

    async with database.writing() as db:
        db.add(Jar(id="a", coins=1))
        db.after_commit(look)
        assert seen == []
    assert seen[0] is not None
    assert seen[0].coins == 1
    await database.close()


async def test_a_fault_undoes_everything_and_nothing_follows(database_url: str) -> None:
    database = await _open(database_url)
    followed: list[str] = []

    async def follow() -> None:
        followed.append("followed")

    with pytest.raises(ZeroDivisionError):
        async with database.writing() as db:
            db.add(Jar(id="a"))
            await db.flush()
            db.after_commit(follow)
            raise ZeroDivisionError
    assert await _jar(database) is None
    assert followed == []
    await database.close()


async def test_writers_queue_and_no_change_is_lost(database_url: str) -> None:
    """Read, think, write, in ten tasks at once: the lock is taken before the read."""
    database = await _open(database_url)
    async with database.writing() as db:
        db.add(Jar(id="a"))

    async def add() -> None:
        async with database.writing() as db:
            jar = await db.get_one(Jar, "a", with_for_update=True)
            await asyncio.sleep(0)
            jar.coins += 1

    await asyncio.gather(*(add() for _ in range(10)))
    jar = await _jar(database)
    assert jar is not None
    assert jar.coins == 10
    await database.close()


async def test_on_sqlite_writers_have_their_turn_in_the_order_they_came(tmp_path: Path) -> None:
    """Else one that keeps losing the race is refused at last, though each alone is quick."""
    database = await _open(f"sqlite+aiosqlite:///{tmp_path / 'queue.sqlite'}")
    turns: list[int] = []

    async def write(number: int) -> None:
        async with database.writing() as db:
            db.add(Jar(id=str(number)))
            await db.flush()
            turns.append(number)

    await asyncio.gather(*(write(number) for number in range(30)))
    assert turns == list(range(30))
    await database.close()


async def test_a_moment_comes_back_in_utc_from_either_database(database_url: str) -> None:
    database = await _open(database_url)
    there = datetime(2026, 11, 25, 9, 30, 0, 123456, timezone(timedelta(hours=5, minutes=30)))
    async with database.writing() as db:
        db.add(Jar(id="a", at=there))
    jar = await _jar(database)
    assert jar is not None
    assert jar.at == there
    assert jar.at is not None
    assert jar.at.tzinfo is UTC
    await database.close()


async def test_a_moment_without_a_zone_is_refused(database_url: str) -> None:
    database = await _open(database_url)
    with pytest.raises(StatementError, match="without a zone"):
        async with database.writing() as db:
            db.add(Jar(id="a", at=datetime(2026, 11, 25)))  # noqa: DTZ001 - the very point
    await database.close()


async def test_a_database_that_isnt_there_doesnt_answer(database_url: str) -> None:
    database = await _open(database_url)
    assert await database.answers()
    await database.close()
    gone = Database("postgresql+asyncpg://127.0.0.1:1/nowhere")
    assert not await gone.answers()
    await gone.close()


async def test_what_is_deleted_is_overwritten(tmp_path: Path) -> None:
    """SQLite leaves deleted rows in the file's free pages, unless it is told otherwise."""
    database = await _open(f"sqlite+aiosqlite:///{tmp_path / 'secuhome.sqlite'}")
    async with database.reading() as db:
        told = await (await db.connection()).execute(text("PRAGMA secure_delete"))
        assert told.scalar_one() == 1
    await database.close()
