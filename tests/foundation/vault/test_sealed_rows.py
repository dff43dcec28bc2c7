"""Rows with sealed columns: code reads and sets text, the database holds what nobody else opens."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from server.foundation.database import Database
from server.foundation.vault.faults import NoSubjectKey, NotOpened, NotSealed
from server.foundation.vault.keyring import destroy_keys
from server.foundation.vault.sealed_text import ErasedText
from server.foundation.vault.subject_keys import SubjectKey
from tests.foundation.vault.diary import Page, Writer, raw

MOTTO = "SELECT motto FROM test_writer WHERE id = 'w_1'"


async def write(database: Database, *rows: Any) -> None:
    async with database.writing() as db:
        db.add_all(rows)


async def writer(database: Database, id: str = "w_1") -> Writer:
    async with database.reading() as db:
        return await db.get_one(Writer, id)


@contextmanager
def said(database: Database) -> Generator[list[str]]:
    """The statements that reach the database meanwhile."""
    statements: list[str] = []

    def hear(*heard: Any) -> None:
        statements.append(heard[2])

    event.listen(database.engine.sync_engine, "before_cursor_execute", hear)
    yield statements
    event.remove(database.engine.sync_engine, "before_cursor_execute", hear)


async def test_text_comes_back_by_every_way_to_a_row_and_is_bytes_in_the_database(
    database: Database,
):
    await write(database, Writer(id="w_1", motto="übermorgen"), Page(writer_id="w_1", number=1))
    async with database.reading() as db:
        assert (await db.get_one(Writer, "w_1")).motto == "übermorgen"
    async with database.reading() as db:
        assert (await db.exec(select(Writer))).one().motto == "übermorgen"
    async with database.reading() as db:
        both = select(Writer, Page, Page.number).join(Page, col(Page.writer_id) == Writer.id)
        found, page, number = (await db.exec(both)).one()
        assert (found.motto, page.motto, number) == ("übermorgen", None, 1)
    async with database.reading() as db:
        found = await db.scalar(select(Writer))
        assert found is not None
        assert found.motto == "übermorgen"
        db.expire(found)
        await db.refresh(found)
        assert found.motto == "übermorgen"
        await db.refresh(found, ["motto"])
        assert found.motto == "übermorgen"
    async with database.writing() as db:
        assert (await db.get_one(Writer, "w_1", with_for_update=True)).motto == "übermorgen"
    stored = await raw(database, MOTTO)
    assert isinstance(stored, bytes)
    assert "übermorgen".encode() not in stored
    assert len(stored) == len("übermorgen".encode()) + 29


async def test_a_row_that_is_stored_again_is_not_sealed_anew(database: Database):
    await write(database, Writer(id="w_1", motto="morgen"))
    before = await raw(database, MOTTO)
    with said(database) as statements:
        async with database.writing() as db:
            found = await db.get_one(Writer, "w_1")
            found.motto = "morgen"  # bare, and the same
            found.email = None
    assert not [it for it in statements if it.startswith("UPDATE")]
    assert await raw(database, MOTTO) == before


async def test_a_change_is_sealed_and_only_what_changed_is_written(database: Database):
    await write(database, Writer(id="w_1", motto="morgen", email="w@example.com"))
    before = await raw(database, MOTTO)
    with said(database) as statements:
        async with database.writing() as db:
            (await db.get_one(Writer, "w_1")).motto = "heute"
    assert [it for it in statements if "email" in it and it.startswith("UPDATE")] == []
    assert (await writer(database)).motto == "heute"
    assert await raw(database, MOTTO) != before


async def test_text_that_came_from_one_row_is_sealed_anew_for_another(database: Database):
    await write(database, Writer(id="w_1", motto="morgen"), Writer(id="w_2"))
    async with database.writing() as db:
        theirs = (await db.get_one(Writer, "w_1")).motto
        (await db.get_one(Writer, "w_2")).motto = theirs
        db.add(Page(writer_id="w_2", number=1, motto=theirs))
    assert (await writer(database, "w_2")).motto == "morgen"
    async with database.reading() as db:
        assert (await db.exec(select(Page))).one().motto == "morgen"


async def test_the_keys_of_many_subjects_take_one_question(database: Database):
    await write(database, *(Writer(id=f"w_{number}", motto="m") for number in range(50)))
    with said(database) as statements:
        async with database.reading() as db:
            assert {it.motto for it in await db.exec(select(Writer))} == {"m"}
            assert len((await db.exec(select(Writer))).all()) == 50
    assert len([it for it in statements if "FROM subject_key" in it]) == 1


async def test_bare_text_never_reaches_a_sealed_column(database: Database):
    await write(database, Writer(id="w_1", motto="morgen"))
    bulk = [
        update(Writer).values(motto="canary"),
        insert(Writer).values(id="w_2", motto="canary"),
        insert(Writer).values([{"id": "w_2", "motto": "canary"}]),
    ]
    for statement in bulk:
        with pytest.raises(NotSealed) as refused:
            async with database.writing() as db:
                await db.exec(statement)
        assert "canary" not in str(refused.value)
    assert (await writer(database)).motto == "morgen"


async def test_a_sealed_column_is_not_compared_with_text(database: Database):
    """A comparison with ciphertext would find nothing, quietly, and let a second one in."""
    await write(database, Writer(id="w_1", motto="morgen"))
    motto = (await writer(database)).motto
    column = col(Writer.motto)
    for compare in (column.__eq__, column.__ne__, column.like, column.startswith):
        with pytest.raises(NotSealed):
            compare("morgen")
    with pytest.raises(NotSealed):
        column.in_(["morgen"])
    with pytest.raises(NotSealed):
        column.__eq__(motto)
    async with database.reading() as db:
        assert (await db.exec(select(Writer.id).where(column.is_not(None)))).all() == ["w_1"]
        assert (await db.exec(select(Writer.id).where(column.is_(None)))).all() == []


async def test_a_column_that_is_read_by_itself_stays_shut(database: Database):
    await write(database, Writer(id="w_1", motto="morgen"))
    async with database.reading() as db:
        alone: Any = (await db.exec(select(Writer.motto))).one()
    for use in (str, bool, len, lambda it: it == "morgen", lambda it: f"{it}"):
        with pytest.raises(NotOpened):
            use(alone)


async def test_sealed_text_is_found_by_its_index(database: Database):
    await write(database, Writer(id="w_1", email="w@example.com"), Writer(id="w_2"))

    async def found(email: str) -> list[str]:
        async with database.reading() as db:
            index = db.index(Writer.email_index, email)
            return list(await db.exec(select(Writer.id).where(Writer.email_index == index)))

    assert await found("w@example.com") == ["w_1"]
    assert await found("v@example.com") == []
    async with database.writing() as db:
        (await db.get_one(Writer, "w_1")).email = "v@example.com"
    assert await found("w@example.com") == []
    assert await found("v@example.com") == ["w_1"]
    with pytest.raises(IntegrityError) as refused:
        await write(database, Writer(id="w_3", email="v@example.com"))
    assert "v@example.com" not in str(refused.value)
    async with database.writing() as db:
        (await db.get_one(Writer, "w_1")).email = None
    assert await found("v@example.com") == []


async def test_what_is_sealed_about_an_erased_subject_is_gone_and_its_rows_still_load(
    database: Database,
):
    await write(
        database,
        Writer(id="w_1", email="w@example.com", motto="morgen"),
        Writer(id="w_2", motto="heute"),
        Page(writer_id="w_1", number=1, motto="morgen"),
    )
    before = await raw(database, MOTTO)
    async with database.writing() as db:
        await db.get_one(Writer, "w_1")  # this unit of work knew the key
        await destroy_keys(db, ["w_1"])
        page = await db.get_one(Page, ("w_1", 1))
        assert isinstance(page.motto, ErasedText)
        page.coins = 3
    found = await writer(database)
    assert (found.email, found.motto) == ("", "")
    assert await raw(database, MOTTO) == before
    assert (await writer(database, "w_2")).motto == "heute"


async def test_nothing_new_is_stored_about_an_erased_subject(database: Database):
    """A request that comes late must not make a key, and with it a person, anew."""
    await write(database, Writer(id="w_1", motto="morgen"))
    async with database.writing() as db:
        await destroy_keys(db, select(Writer.id).where(Writer.id == "w_1"))
    with pytest.raises(NoSubjectKey):
        await write(database, Page(writer_id="w_1", number=1, motto="canary"))
    async with database.reading() as db:
        assert (await db.exec(select(SubjectKey))).all() == []


async def test_a_row_keeps_the_subject_that_it_is_sealed_for(database: Database):
    await write(
        database, Writer(id="w_1"), Writer(id="w_2"), Page(writer_id="w_1", number=1, motto="m")
    )
    with pytest.raises(NotSealed):
        async with database.writing() as db:
            (await db.get_one(Page, ("w_1", 1))).writer_id = "w_2"


async def test_a_key_that_was_made_in_vain_is_not_used(database: Database):
    with pytest.raises(ZeroDivisionError):
        async with database.writing() as db:
            db.add(Writer(id="w_1", motto="morgen"))
            await db.flush()
            raise ZeroDivisionError
    async with database.reading() as db:
        assert (await db.exec(select(SubjectKey))).all() == []
    async with database.writing() as db:
        db.add(Writer(id="w_1", motto="morgen"))
        await db.flush()
        await db.rollback()
        db.add(Writer(id="w_1", motto="heute"))
    assert (await writer(database)).motto == "heute"
    with pytest.raises(NoSubjectKey):
        async with database.writing() as db:
            db.add(Writer(id="w_2", motto="morgen"))
            await db.flush()
            await db.rollback()
            db.add(Page(writer_id="w_2", number=1, motto="under a key that nobody has"))


async def test_two_requests_that_make_one_subjects_key_at_once_end_up_with_one(
    database: Database,
):
    async def seal(number: int) -> None:
        async with database.writing() as db:
            keyring = db.sync_session.info["keyring"]
            connection = await db.connection()
            await connection.run_sync(keyring.make, ["w_1"])
            await asyncio.sleep(0)
            db.add(Page(writer_id="w_1", number=number, motto=f"motto {number}"))

    await asyncio.gather(*(seal(number) for number in range(5)))
    async with database.reading() as db:
        found = await db.exec(select(Page))
        assert sorted(page.motto or "" for page in found) == [
            f"motto {number}" for number in range(5)
        ]


async def test_without_a_vault_nothing_sealed_is_stored_or_read(database: Database):
    await write(database, Writer(id="w_1", motto="morgen"))
    bare = Database(database.url)
    try:
        with pytest.raises(NotSealed):
            await write(bare, Writer(id="w_2", motto="canary"))
        with pytest.raises(NotSealed):
            await writer(bare)
    finally:
        await bare.close()
