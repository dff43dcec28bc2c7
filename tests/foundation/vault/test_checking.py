"""The check finds every value that doesn't open, counts what does, and says no value."""

from server.foundation.database import Database
from server.foundation.vault import checking
from server.foundation.vault.checking import Count, check
from server.foundation.vault.keyring import Vault, destroy_keys
from tests.foundation.vault.diary import OURS, Page, Writer, do


async def checked(database: Database) -> dict[str, Count]:
    assert isinstance(database.vault, Vault)
    found = check(database, database.vault, OURS.sorted_tables)
    return {f"{it.table}.{it.column}": it async for it in found}


async def test_it_counts_what_opens_page_by_page(database: Database):
    many = checking.AT_ONCE + 7
    async with database.writing() as db:
        db.add_all(
            [
                Writer(id="w_1", motto="m", email="w@example.com"),
                Writer(id="w_2"),
                *(Page(writer_id="w_1", number=number, motto="p") for number in range(many)),
            ]
        )
    found = await checked(database)
    assert {name: (it.open, it.erased, it.broken) for name, it in found.items()} == {
        "test_writer.email": (1, 0, 0),
        "test_writer.motto": (1, 0, 0),
        "test_writer.email_index": (1, 0, 0),
        "test_page.motto": (many, 0, 0),
    }


async def test_it_counts_what_does_not_open_and_goes_on(database: Database):
    async with database.writing() as db:
        for number in range(3):
            db.add(Writer(id=f"w_{number}", motto="m", email=f"{number}@example.com"))
    await do(database, "UPDATE test_writer SET motto = email WHERE id = 'w_0'")
    await do(database, "UPDATE test_writer SET email_index = motto WHERE id = 'w_1'")
    async with database.writing() as db:
        await destroy_keys(db, ["w_2"])
    found = await checked(database)
    assert {name: (it.open, it.erased, it.broken) for name, it in found.items()} == {
        "test_writer.email": (2, 1, 0),
        "test_writer.motto": (1, 1, 1),
        "test_writer.email_index": (1, 0, 1),
        "test_page.motto": (0, 0, 0),
    }
