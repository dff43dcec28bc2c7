"""Every labelled column ends: by its own term, after its account's end, or with its account.

The columns come from the labels. One that is declared tomorrow is in these tests tomorrow.
"""

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, Table, func, select, type_coerce
from sqlmodel import SQLModel, col

from server.accounts.tables import Account
from server.foundation.labels import (
    AfterAccountEnds,
    OnErasure,
    Personal,
    Plain,
    Term,
    UntilAccountEnds,
    label_of,
)
from server.foundation.table_labels import NoAccount, row_label
from server.foundation.vault.keyring import destroy_keys
from server.foundation.vault.subject_keys import SubjectKey
from server.privacy.retention import ROWS, end_what_is_over, what_is_over
from tests.movable_clock import MORNING
from tests.privacy.planted_rows import plant, value_for
from tests.raw_bytes import bytes_of
from tests.registry.world import World, running_world

import_module("server.main")  # so that every table is known

pytestmark = pytest.mark.timeout(400)  # every term of every column; a loaded machine is slow
SECOND = timedelta(seconds=1)
TABLES = tuple(SQLModel.metadata.sorted_tables)
PERSONAL = [
    (column, label)
    for table in TABLES
    for column in table.columns
    if isinstance(label := label_of(column), Personal)
]
ENDING = {column: it.keep for column, it in PERSONAL if not isinstance(it.keep, UntilAccountEnds)}
Rows = dict[tuple[Any, ...], set[str]]
LASTING = {column: it for column, it in PERSONAL if isinstance(it.keep, UntilAccountEnds)}


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


@pytest.fixture
async def planted(world: World) -> World:
    """Something in each column of each table that ends, all of it counted from the morning."""
    async with world.database.writing() as db:
        for table in dict.fromkeys(column.table for column in ENDING):
            moment = row_label(table).counted_from
            since = {moment: value_for(table.c[moment])} if moment else {}
            await plant(db, table, **since)
        await destroy_keys(db, select(col(Account.id)))  # all of them have ended
    return world


def length(term: Term) -> timedelta:
    """How long after the morning, on which planted accounts have ended too."""
    assert not isinstance(term, UntilAccountEnds)
    return term.further if isinstance(term, AfterAccountEnds) else term


async def retain(world: World, now: datetime) -> None:
    async with world.database.writing() as db:
        await end_what_is_over(db, now)


async def number_in(world: World, column: Column[Any]) -> int:
    async with world.database.reading() as db:
        query = select(func.count()).select_from(column.table).where(column.is_not(None))
        return (await (await db.connection()).execute(query)).scalar_one()


def moments() -> list[datetime]:
    """Just before and at the end of each term, in their order."""
    terms = sorted({length(term) for term in ENDING.values()})
    return [MORNING + term + by for term in terms for by in (-SECOND, timedelta())]


async def test_each_value_is_there_just_before_its_end_and_not_any_more_at_it(planted: World):
    """Rows that go with a row that they are part of may go before their time, and never after."""
    assert len(ENDING) > 40
    for moment in moments():
        await retain(planted, moment)
        for column, term in ENDING.items():
            over = MORNING + length(term) <= moment
            assert bool(await number_in(planted, column)) is not over, f"{column} at {moment}"


async def test_a_dry_run_tells_exactly_what_the_run_then_deletes(planted: World):
    told_of = set[str]()
    for moment in moments():
        before = await values_there(planted)
        async with planted.database.reading() as db:
            due = await what_is_over(db, moment)
        assert await values_there(planted) == before  # it was a dry one
        await retain(planted, moment)
        told: Counter[tuple[str, str]] = Counter()
        for it in due:
            told[it.table, it.column] += it.count
        assert taken(before, await values_there(planted)) == told
        told_of |= {it.table for it in due}
    assert told_of >= {str(column.table.name) for column in ENDING}


async def values_there(world: World) -> Rows:
    """Each row, with the columns that hold something about somebody; subjects' keys aren't told."""
    found: Rows = {}
    async with world.database.engine.connect() as connection:
        for table in TABLES:
            key, there = list(table.primary_key.columns), [it.is_not(None) for it in table.columns]
            plain = {str(it.name) for it in table.columns if isinstance(label_of(it), Plain)}
            for row in await connection.execute(select(*key, *there)):
                names = zip(table.columns.keys(), row[len(key) :], strict=True)
                if table.name != SubjectKey.__tablename__:
                    at = (str(table.name), *row[: len(key)])
                    found[at] = {name for name, holds in names if holds} - plain
    return found


def taken(before: Rows, after: Rows) -> Counter[tuple[str, str]]:
    """Rows that went, and values that went from rows that stayed."""
    gone = Counter((at[0], ROWS) for at in before if at not in after)
    stay = [at for at in before if at in after]
    return gone + Counter((at[0], name) for at in stay for name in before[at] - after[at])


async def test_what_is_over_is_in_no_index_and_no_page_of_the_file_either(planted: World):
    stored = await stored_as(planted)
    assert len(stored) > 25
    there = await everything(planted)
    assert [str(column) for column, value in stored.items() if value not in there] == []
    for moment in moments():
        await retain(planted, moment)
        there = await everything(planted)
        for column, value in stored.items():
            if MORNING + length(ENDING[column]) <= moment:
                assert value not in there, f"{column} at {moment}"


async def stored_as(world: World) -> dict[Column[Any], bytes]:
    """A value of each column as it stands in the database, where no other column has the like."""
    found: dict[Column[Any], bytes] = {}
    async with world.database.engine.connect() as connection:
        for column in ENDING:
            asked = type_coerce(column, LargeBinary) if is_sealed(column) else column
            value = (await connection.execute(select(asked).where(column.is_not(None)))).scalar()
            raw = value.encode() if isinstance(value, str) else value
            if isinstance(raw, bytes) and len(raw) > 6:
                found[column] = raw
    return found


def is_sealed(column: Column[Any]) -> bool:
    label = label_of(column)
    return isinstance(label, Personal) and label.sealed_for is not None


async def everything(world: World) -> bytes:
    """The database as a copy of it would be: SQLite's file, PostgreSQL's rows."""
    if not world.database.is_sqlite:
        return await rows_of(world)
    with closing(sqlite3.connect(world.folder / "secuhome.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return await bytes_of(world.database)


async def rows_of(world: World) -> bytes:
    told: list[bytes] = []
    async with world.database.engine.connect() as connection:
        for table in TABLES:
            columns = [
                type_coerce(it, LargeBinary) if is_sealed(it) else it for it in table.columns
            ]
            for row in await connection.execute(select(*columns)):
                told += [it.encode() if isinstance(it, str) else it for it in row if is_text(it)]
    return b"\n".join(told)


def is_text(value: object) -> bool:
    return isinstance(value, str | bytes)


def test_what_lasts_as_long_as_the_account_goes_with_it():
    """Erasure takes it (tests/privacy/erasure); here, that no label says otherwise."""
    kept = [
        str(column)
        for column, label in LASTING.items()
        if label.on_erasure is OnErasure.KEEP and not is_nobodys(column.table)
    ]
    assert kept == []
    assert ENDING.keys() | LASTING.keys() == {column for column, _ in PERSONAL}


def is_nobodys(table: Table) -> bool:
    return isinstance(row_label(table).whose, NoAccount)
