"""What somebody with the database in their hands can't do: move, change or put in values."""

import re
from typing import Any

import pytest

from server.foundation.database import Database
from server.foundation.vault.faults import CannotOpen, CannotUnwrap
from server.foundation.vault.keyring import Vault
from tests.foundation.vault.diary import Page, Writer, do, raw


@pytest.fixture(autouse=True)
async def two_writers(database: Database) -> None:
    """Two subjects, and two rows of the first one's."""
    async with database.writing() as db:
        db.add_all(
            [
                Writer(id="w_1", motto="first canary", email="canary@example.com"),
                Writer(id="w_2", motto="second canary"),
                Page(writer_id="w_1", number=1, motto="third canary"),
                Page(writer_id="w_1", number=2, motto="fourth canary"),
            ]
        )


async def look(database: Database) -> None:
    async with database.reading() as db:
        await db.get_one(Writer, "w_1")
        await db.get_one(Page, ("w_1", 1))


def move(table: str, column: str, where: str, source: str) -> str:
    return f"UPDATE {table} SET {column} = ({source}) WHERE {where}"


@pytest.mark.parametrize(
    ("told", "moved"),
    [
        (
            "test_page.motto",
            move(
                "test_page", "motto", "number = 1", "SELECT motto FROM test_page WHERE number = 2"
            ),
        ),
        ("test_writer.motto", move("test_writer", "motto", "id = 'w_1'", "email")),
        (
            "test_page.motto",
            move(
                "test_page", "motto", "number = 1", "SELECT motto FROM test_writer WHERE id = 'w_1'"
            ),
        ),
        (
            "test_writer.motto",
            move(
                "test_writer",
                "motto",
                "id = 'w_1'",
                "SELECT motto FROM test_writer AS other WHERE other.id = 'w_2'",
            ),
        ),
    ],
    ids=["another row", "another column", "another table", "another subject"],
)
async def test_a_value_that_was_moved_does_not_open(database: Database, told: str, moved: str):
    await do(database, moved)
    with pytest.raises(CannotOpen, match=f"^a value of {re.escape(told)} doesn't open$"):
        await look(database)


@pytest.mark.parametrize("at", [0, 5, 20, -1], ids=["format", "nonce", "text", "tag"])
async def test_a_flipped_bit_is_told_by_table_and_column_and_by_nothing_else(
    database: Database, at: int
):
    stored = bytearray(await raw(database, "SELECT motto FROM test_writer WHERE id = 'w_1'"))
    stored[at] ^= 1
    await do(database, "UPDATE test_writer SET motto = :it WHERE id = 'w_1'", it=bytes(stored))
    with pytest.raises(CannotOpen) as told:
        await look(database)
    assert str(told.value) == "a value of test_writer.motto doesn't open"
    assert told.value.__suppress_context__ or told.value.__context__ is None


@pytest.mark.parametrize("size", [0, 1, 12, 13, 28])
async def test_a_value_that_was_cut_short_does_not_open(database: Database, size: int):
    stored: Any = await raw(database, "SELECT motto FROM test_writer WHERE id = 'w_1'")
    await do(database, "UPDATE test_writer SET motto = :it WHERE id = 'w_1'", it=stored[:size])
    with pytest.raises(CannotOpen):
        await look(database)


async def test_one_subjects_key_can_not_be_given_to_another(database: Database):
    """Else whoever writes to the database could keep an erased subject's key in another's row."""
    await do(
        database,
        "UPDATE subject_key SET wrapped_key ="
        " (SELECT wrapped_key FROM subject_key AS other WHERE other.id = 'w_2') WHERE id = 'w_1'",
    )
    with pytest.raises(CannotUnwrap):
        await look(database)


async def test_the_same_text_looks_different_in_each_place(database: Database):
    """Equal ciphertexts would tell who shares a street, and equal indexes who is the same."""
    async with database.writing() as db:
        db.add(Page(writer_id="w_2", number=1, motto="second canary"))
    first = await raw(database, "SELECT motto FROM test_writer WHERE id = 'w_2'")
    second = await raw(database, "SELECT motto FROM test_page WHERE writer_id = 'w_2'")
    assert first[13:] != second[13:]
    vault = database.vault
    assert isinstance(vault, Vault)
    async with database.reading() as db:
        index = db.index(Writer.email_index, "canary@example.com")
    assert index == await raw(database, "SELECT email_index FROM test_writer WHERE id = 'w_1'")
    assert vault.keys.index_key() not in index
