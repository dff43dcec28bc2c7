"""The master key changes while people are served; broken off anywhere, it goes on later."""

import asyncio
from collections import Counter
from pathlib import Path

from sqlmodel import select

from server.foundation.database import Database
from server.foundation.vault.key_file import FileKeys
from server.foundation.vault.keyring import destroy_keys
from server.foundation.vault.rotation import new_version, rewrap
from server.foundation.vault.subject_keys import SubjectKey, remember
from tests.foundation.vault.diary import Page, Writer, diary, keys_in, raw

SEVERAL = 20


async def fill(database: Database) -> None:
    async with database.writing() as db:
        db.add_all([Writer(id=f"w_{number}", motto=f"m {number}") for number in range(SEVERAL)])


async def versions(database: Database) -> Counter[int]:
    async with database.reading() as db:
        return Counter(await db.exec(select(SubjectKey.master_version)))


async def mottos(database: Database) -> set[str | None]:
    async with database.reading() as db:
        return {it.motto for it in await db.exec(select(Writer))}


ALL = {f"m {number}" for number in range(SEVERAL)}


async def test_every_key_is_wrapped_anew_and_no_value_is_touched(
    database: Database, keys: FileKeys
):
    await fill(database)
    before = await raw(database, "SELECT motto FROM test_writer WHERE id = 'w_3'")
    assert await new_version(database, keys) == 2
    steps = [(it.done, it.left) async for it in rewrap(database, keys, batch=8)]
    assert steps == [(8, 12), (16, 4), (20, 0), (20, 0)]
    assert await versions(database) == {2: SEVERAL}
    assert await mottos(database) == ALL
    assert await raw(database, "SELECT motto FROM test_writer WHERE id = 'w_3'") == before


async def test_who_was_running_reads_and_writes_in_the_middle_of_it(
    database_url: str, tmp_path: Path
):
    """Two processes with their own memory of the file; here the server, there the operator."""
    async with diary(database_url, keys_in(tmp_path)) as server:
        await fill(server)
        operator_keys = keys_in(tmp_path)
        async with diary(database_url, operator_keys) as operator:
            await new_version(operator, operator_keys)
            async for step in rewrap(operator, operator_keys, batch=5):
                assert await mottos(server) >= ALL
                async with server.writing() as db:
                    db.add(Writer(id=f"new_{step.done}_{step.left}", motto="new"))
                    (await db.get_one(Writer, "w_0")).motto = "m 0"
                    db.add(Page(writer_id="w_19", number=step.done, motto="page"))
                if step.done >= SEVERAL:
                    break
        assert await versions(server) == {2: SEVERAL + 4}  # the new ones are never left behind


async def test_broken_off_it_goes_on_with_the_same_version(database: Database, keys: FileKeys):
    await fill(database)
    await new_version(database, keys)
    async for _ in rewrap(database, keys, batch=8):
        break
    assert await versions(database) == {1: 12, 2: 8}
    assert await mottos(database) == ALL
    assert await new_version(database, keys) == 2  # the last change isn't over yet
    assert [it.left async for it in rewrap(database, keys)] == [0, 0]
    assert await versions(database) == {2: SEVERAL}
    assert await new_version(database, keys) == 3


async def test_two_operators_at_once_make_one_version(database_url: str, tmp_path: Path):
    async with diary(database_url, keys_in(tmp_path)) as first:
        await fill(first)
        others = [keys_in(tmp_path) for _ in range(4)]
        async with first.writing() as db:
            await (await db.connection()).run_sync(remember, others[0])
        made = await asyncio.gather(*(new_version(first, keys) for keys in others))
        assert made == [2, 2, 2, 2]
        assert keys_in(tmp_path).current_version() == 2


async def test_whoever_is_erased_meanwhile_stays_erased(database: Database, keys: FileKeys):
    await fill(database)
    await new_version(database, keys)
    async for step in rewrap(database, keys, batch=8):
        if step.done == 8:
            async with database.writing() as db:
                await destroy_keys(db, ["w_0", "w_9"])
    assert sum((await versions(database)).values()) == SEVERAL - 2
    assert await mottos(database) == {"", *ALL} - {"m 0", "m 9"}
