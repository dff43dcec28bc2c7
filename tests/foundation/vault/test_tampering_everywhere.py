"""Every sealed column of every table: what was moved there or changed there doesn't open there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, Table, and_, null, select, text, type_coerce, update
from sqlmodel import SQLModel

from server.foundation.database import Database
from server.foundation.labels import Personal, label_of
from server.foundation.origins import MARKS, Origin, check_name
from server.foundation.vault.checking import check
from server.foundation.vault.faults import CannotOpen
from server.foundation.vault.key_file import FileKeys, make_key_file
from server.foundation.vault.keyring import Vault
from server.privacy.subject_paths import model_of
from tests.backups.rows import BEFORE, fill, opened
from tests.movable_clock import MovableClock
from tests.privacy.canaries import ANNA, live
from tests.registry.world import World, running_world
from tests.support.test_support import on_staff

import_module("server.main")  # so that every table is known

pytestmark = pytest.mark.timeout(400)  # every column, many ways; a loaded machine is slow
TABLES = list(SQLModel.metadata.sorted_tables)
SEALED = [
    column
    for table in TABLES
    for column in table.columns
    if isinstance(label := label_of(column), Personal) and label.sealed_for
]


def is_collected(column: Column[Any]) -> bool:
    label = label_of(column)
    return isinstance(label, Personal) and label.collected


@dataclass(frozen=True)
class Stored:
    """A sealed value where it stands."""

    column: Column[Any]
    key: tuple[Any, ...]
    value: bytes

    @property
    def table(self) -> Table:
        return self.column.table

    @property
    def here(self) -> Any:
        columns = zip(self.table.primary_key.columns, self.key, strict=True)
        return and_(*(column == value for column, value in columns))


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    """A row in each table, in the hands of somebody whom no trigger or constraint stops."""
    make_key_file(tmp_path / "master.key")
    vault = Vault(FileKeys(tmp_path / "master.key"), MovableClock(BEFORE))
    await fill(database_url, vault)
    async with opened(database_url, vault) as it:
        await without_triggers(it)
        yield it


async def without_triggers(database: Database) -> None:
    async with database.engine.begin() as connection:
        if database.is_sqlite:
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for (name,) in (await connection.execute(text(names))).all():
                await connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in TABLES:
                stop = f"ALTER TABLE {table.name} DISABLE TRIGGER USER"
                await connection.execute(text(stop))
            for column in (it for it in SEALED if is_collected(it)):
                name = check_name(column.table.name, column.name)
                stop = f"ALTER TABLE {column.table.name} DROP CONSTRAINT {name}"
                await connection.execute(text(stop))


async def all_stored(database: Database) -> list[Stored]:
    """A value of each sealed column."""
    found: list[Stored] = []
    async with database.engine.connect() as connection:
        for column in SEALED:
            key = list(column.table.primary_key.columns)
            query = select(*key, type_coerce(column, LargeBinary)).where(column.is_not(None))
            *its_key, value = (await connection.execute(query.limit(1))).one()
            found.append(Stored(column, tuple(its_key), bytes(value)))
    return found


async def put(database: Database, at: Stored, value: bytes | None) -> None:
    async with database.engine.begin() as connection:
        if database.is_sqlite:
            await connection.execute(text("PRAGMA ignore_check_constraints=ON"))
        changed = update(at.table).where(at.here)
        new = null() if value is None else type_coerce(value, LargeBinary)
        result = await connection.execute(changed.values({at.column.name: new}))
        assert result.rowcount == 1


async def look(database: Database, at: Stored) -> None:
    async with database.reading() as db:
        await db.get_one(model_of(at.table), at.key)


async def broken_columns(database: Database) -> list[str]:
    """What `secuhome vault check` would name."""
    vault = database.vault
    assert isinstance(vault, Vault)
    counts = [it async for it in check(database, vault, TABLES)]
    return [f"{it.table}.{it.column}" for it in counts for _ in range(it.broken)]


async def check_noticed(database: Database, at: Stored, value: bytes) -> None:
    await put(database, at, value)
    with pytest.raises(CannotOpen) as told:
        await look(database, at)
    assert str(told.value) == f"a value of {at.column} doesn't open"
    assert told.value.__suppress_context__ or told.value.__context__ is None
    await put(database, at, at.value)


async def test_a_changed_bit_of_any_sealed_value_is_noticed(database: Database):
    assert len(SEALED) > 30
    for at in await all_stored(database):
        await look(database, at)
        for place in (0, 1, len(at.value) // 2, len(at.value) - 1):
            changed = bytearray(at.value)
            changed[place] ^= 0x10
            await check_noticed(database, at, bytes(changed))
        await look(database, at)


async def test_an_origin_that_was_changed_or_taken_is_noticed(database: Database):
    collected = [it for it in await all_stored(database) if is_collected(it.column)]
    assert {it.value[:1] for it in collected} == {MARKS[Origin.INTERACTION]}
    for at in collected:
        for mark in (MARKS[Origin.SURVEY], b""):
            await check_noticed(database, at, mark + at.value[1:])


async def test_a_sealed_value_opens_nowhere_but_in_its_own_place(database: Database):
    """Into each column comes a value of each other one: of the same row, or another, or a table."""
    stored = await all_stored(database)
    for at in stored:
        its_row = [it for it in stored if it.table is at.table and it is not at]
        other_tables = [it for it in stored if it.table is not at.table]
        assert other_tables
        for source in (*its_row[:2], *other_tables[:3], other_tables[-1]):
            await check_noticed(database, at, source.value)


async def test_the_check_names_the_column_of_each_value_that_was_touched(database: Database):
    stored = await all_stored(database)
    assert await broken_columns(database) == []
    for at in stored:
        await put(database, at, bytes([*at.value[:-1], at.value[-1] ^ 1]))
    assert set(await broken_columns(database)) >= {str(it.column) for it in stored}
    for at in stored:
        await put(database, at, at.value)
    assert await broken_columns(database) == []


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


ASKED = {
    "account.name": "/v1/account",
    "security_event.device": "/v1/account/history",
    "ownership.name": "/v1/cameras",
    "privacy_case.message": "/v1/privacy/held",
}


async def test_whoever_asks_for_it_learns_that_something_is_wrong_and_no_more(
    world: World, capfd: pytest.CaptureFixture[str]
):
    person = await live(world, ANNA, await world.camera(), await on_staff(world))
    for name, path in ASKED.items():
        table = SQLModel.metadata.tables[name.split(".")[0]]
        async with world.database.engine.begin() as connection:
            column = table.c[name.split(".")[1]]
            raw = type_coerce(column, LargeBinary)
            there = select(raw).where(column.is_not(None)).distinct()
            for (value,) in (await connection.execute(there)).all():
                changed = bytes([*value[:-1], value[-1] ^ 1])
                new = {column.name: type_coerce(changed, LargeBinary)}
                await connection.execute(update(table).where(raw == value).values(new))
        assert (await world.ask("GET", "/v1/policy")).status_code == 200
        capfd.readouterr()
        answer = await world.ask("GET", path, person.headers)
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_fault")
        said = "".join(capfd.readouterr())
        assert "CannotOpen" in said
        for word in (*ANNA.typed, *ANNA.browser.split(" ", 1)):
            assert word not in answer.text + said
