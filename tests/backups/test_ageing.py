"""Backups leave after their term, and no other file with them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from server.backups.ageing import delete_aged
from server.backups.records import Rows
from server.backups.sealed_file import key_of, opened_backup, records_of
from server.foundation.vault.key_file import FileKeys, make_key_file
from server.foundation.vault.keyring import Vault
from server.foundation.vault.subject_keys import SubjectKey
from tests.backups.rows import BEFORE, CELL, backed_up, fill_much
from tests.backups.test_canaries_after_restore import vault_of
from tests.movable_clock import MovableClock
from tests.privacy.erasure.test_erasing import erase
from tests.registry.world import World, running_world

pytestmark = pytest.mark.timeout(400)  # a month of nights; a loaded machine is slow
KEEP = timedelta(days=30)


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


async def test_what_is_older_than_its_term_is_deleted(
    database_url: str, keys: FileKeys, tmp_path: Path
):
    folder, clock = tmp_path / "backups", MovableClock(BEFORE)
    folder.mkdir()
    await fill_much(database_url, Vault(keys, clock), 1)
    for day in range(40):
        if day % 10 == 0:
            await backed_up(database_url, Vault(keys, clock), folder / f"day-{day}")
        clock.advance(days=1)
    clock.advance(days=-10)  # the morning of day 30
    assert delete_aged(folder, keys, CELL, clock.now(), KEEP) == []
    clock.advance(seconds=1)
    assert delete_aged(folder, keys, CELL, clock.now(), KEEP) == [folder / "day-0"]
    clock.advance(days=15)
    deleted = delete_aged(folder, keys, CELL, clock.now(), KEEP)
    assert deleted == [folder / "day-10"]
    assert sorted(it.name for it in folder.iterdir()) == ["day-20", "day-30"]
    clock.advance(days=1_000)  # nobody made any since
    assert delete_aged(folder, keys, CELL, clock.now(), KEEP) == [folder / "day-20"]
    assert delete_aged(folder, keys, CELL, clock.now(), KEEP) == []


async def test_what_is_not_ours_stays(database_url: str, keys: FileKeys, tmp_path: Path):
    folder, clock = tmp_path / "backups", MovableClock(BEFORE)
    folder.mkdir()
    await fill_much(database_url, Vault(keys, clock), 1)
    await backed_up(database_url, Vault(keys, clock), folder / "ours")
    (folder / "notes").write_bytes(b"SecuHome backup")
    (folder / "below").mkdir()
    whole = (folder / "ours").read_bytes()
    (folder / "changed").write_bytes(whole.replace(b'"id":"bak_', b'"id":"bac_', 1))
    clock.advance(days=1_000)
    make_key_file(tmp_path / "another.key")
    others = FileKeys(tmp_path / "another.key")
    for other_keys, cell in ((others, CELL), (keys, "us1")):
        assert delete_aged(folder, other_keys, cell, clock.now(), KEEP) == []
    await backed_up(database_url, Vault(keys, clock), folder / "newer")
    assert delete_aged(folder, keys, CELL, clock.now(), KEEP) == [folder / "ours"]
    assert sorted(it.name for it in folder.iterdir()) == ["below", "changed", "newer", "notes"]


async def test_who_was_erased_has_left_every_backup_after_the_term(world: World, tmp_path: Path):
    """A backup every night; each is opened, as somebody with the master key could."""
    folder, vault = tmp_path / "backups", vault_of(world)
    folder.mkdir()
    person, other = await world.person(), await world.person()
    async with world.database.reading() as db:
        hers, his = [(await db.get_one(SubjectKey, it.id)).wrapped_key for it in (person, other)]
    holding: list[int] = []
    for day in range(34):
        await backed_up(world.database.url, vault, folder / f"day-{day:02}")
        if day == 0:
            await erase(world, person, None)
        delete_aged(folder, vault.keys, CELL, world.clock.now(), KEEP)
        assert all(await told_in(folder, vault, his))
        holding.append(sum(await told_in(folder, vault, hers)))
        world.clock.advance(days=1)
    assert holding == [1] * 31 + [0] * 3
    assert len(list(folder.iterdir())) == 31


async def told_in(folder: Path, vault: Vault, key: bytes) -> list[bool]:
    """Whether each backup has that subject's key."""
    found: list[bool] = []
    for path in sorted(folder.iterdir()):
        with opened_backup(path) as backup:
            records = records_of(backup, key_of(backup.header, vault.keys, CELL))
            rows = [row for it in records if isinstance(it, Rows) for row in it.rows]
        found.append(any(key in row for row in rows))
    return found
