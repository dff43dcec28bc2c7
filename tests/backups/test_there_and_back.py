"""A backup restored is the database that it was made of, on either kind, whoever writes."""

import asyncio
import stat
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, func, select, update

from devices.registry.tables import Device, UsedAssertion
from server.accounts.tables import Account, Registration
from server.backups.refusals import FILE_BUSY, FILE_THERE, NO_TABLES, BackupRefused
from server.backups.sealed_file import file_to_be
from server.foundation.database import Database
from server.foundation.origins import Collected, Origin
from server.foundation.settings import BadSettings
from server.foundation.vault.key_file import FileKeys, make_key_file
from server.foundation.vault.keyring import Vault
from server.foundation.vault.subject_keys import MasterCheck
from server.migrations.migrate import is_current, migrate
from tests.backups.conftest import Fresh
from tests.backups.rows import (
    backed_up,
    digests,
    fill,
    fill_much,
    opened,
    restored,
)
from tests.movable_clock import MORNING
from tests.raw_bytes import found_in

POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)


@pytest.mark.parametrize("to", ["sqlite", POSTGRES])
async def test_every_row_of_every_table_comes_back(
    database_url: str, to: str, fresh: Fresh, vault: Vault, tmp_path: Path
):
    await fill(database_url, vault)
    before = await digests(database_url, vault)
    assert not [it for it in before.values() if it.startswith("0 ")]
    made = await backed_up(database_url, vault, tmp_path / "backup")
    other = await fresh(to)
    done = await restored(other, vault, tmp_path / "backup")
    assert await digests(other, vault) == before
    assert done.counts == made.counts
    assert {name: it.split()[0] for name, it in before.items()} == {
        name: str(it) for name, it in made.counts.items()
    }
    assert await is_current(other)


@pytest.mark.postgres
async def test_a_small_company_that_grows_can_go_back(fresh: Fresh, vault: Vault, tmp_path: Path):
    urls = [await fresh(kind) for kind in ("sqlite", "postgres", "sqlite")]
    await fill(urls[0], vault)
    before = await digests(urls[0], vault)
    for number, (one, next_one) in enumerate(pairwise(urls)):
        path = tmp_path / f"backup-{number}"
        await backed_up(one, vault, path)
        await restored(next_one, vault, path)
        assert await digests(next_one, vault) == before


async def keep_moving(database: Database, over: asyncio.Event) -> int:
    """Move one from a camera's count to a registration's, again and again; how often."""
    moved = 0
    while not over.is_set():
        async with database.writing() as db:
            await db.exec(update(Device).values(epoch=col(Device.epoch) - 1))
            await db.exec(update(Registration).values(tries_left=col(Registration.tries_left) + 1))
            number = f"moved {moved}"
            db.add(UsedAssertion(device_id="cam_1", jti=number, expires_at=MORNING))
        moved += 1
    return moved


async def counted(database: Database) -> tuple[int, int, int]:
    """What is in both counts together, how often it was moved, how many rows say so."""
    async with database.reading() as db:
        camera = (await db.exec(select(Device.epoch))).one()
        waiting = (await db.exec(select(Registration.tries_left))).one()
        of_moves = select(func.count()).where(col(UsedAssertion.jti).startswith("moved"))
        return camera + waiting, waiting, (await db.exec(of_moves)).one()


async def test_a_backup_is_of_one_moment_while_others_write(
    database_url: str, database_kind: str, fresh: Fresh, vault: Vault, tmp_path: Path
):
    await fill_much(database_url, vault)
    async with opened(database_url, vault) as database:
        async with database.writing() as db:
            db.add(
                Registration(
                    id="reg_1",
                    email=Collected("e", origin=Origin.REGISTRATION),
                    password_hash=Collected("h", origin=Origin.REGISTRATION),
                    area=Collected("PT", origin=Origin.REGISTRATION),
                    code_hash="c",
                    tries_left=0,
                    expires_at=MORNING,
                )
            )
        over = asyncio.Event()
        writing = asyncio.create_task(keep_moving(database, over))
        seen: list[tuple[int, int]] = []
        for number in range(3):
            before = (await counted(database))[1]
            await backed_up(database_url, vault, tmp_path / f"backup-{number}")
            seen.append((before, (await counted(database))[1]))
        over.set()
        await writing
    for number, (before, after) in enumerate(seen):
        assert before < after  # who wrote wasn't held up
        other = await fresh(database_kind)
        await restored(other, vault, tmp_path / f"backup-{number}")
        async with opened(other, vault) as database:
            total, moved, rows = await counted(database)
        assert (total, moved) == (0, rows)
        assert before <= moved <= after


async def test_a_backup_of_an_older_release_comes_up_to_this_one(
    database_url: str, database_kind: str, fresh: Fresh, vault: Vault, tmp_path: Path
):
    """And what that release didn't seal is nevertheless in no backup."""
    await migrate(database_url, vault.keys, "0001")
    async with opened(database_url, vault) as database, database.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO account (id, name, email_verified, created_at)"
                " VALUES ('acc_a', 'Canary Person', true, :now)"
            ),
            {"now": MORNING},
        )
    await backed_up(database_url, vault, tmp_path / "backup")
    assert found_in((tmp_path / "backup").read_bytes(), ["Canary Person", "acc_a"]) == set()
    other = await fresh(database_kind)
    await restored(other, vault, tmp_path / "backup")
    assert await is_current(other)
    async with opened(other, vault) as database, database.reading() as db:
        account = await db.get_one(Account, "acc_a")
        assert (account.name, account.created_at) == ("Canary Person", MORNING)


async def test_a_backup_opens_when_the_master_key_was_changed_since(
    database_url: str, database_kind: str, fresh: Fresh, vault: Vault, tmp_path: Path
):
    await fill(database_url, vault)
    await backed_up(database_url, vault, tmp_path / "backup")
    assert isinstance(vault.keys, FileKeys)
    vault.keys.add_version()
    other = await fresh(database_kind)
    await restored(other, vault, tmp_path / "backup")
    async with opened(other, vault) as database, database.reading() as db:
        known = (await db.exec(select(MasterCheck.name))).all()
    assert sorted(known) == ["index", "master 1", "master 2"]  # an older file is refused from now


async def test_a_backup_is_its_owners_alone_and_replaces_none(
    database_url: str, vault: Vault, tmp_path: Path
):
    path = tmp_path / "backup"
    await fill(database_url, vault)
    await backed_up(database_url, vault, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    with pytest.raises(BackupRefused) as why:
        await backed_up(database_url, vault, path)
    assert why.value.refusal == FILE_THERE
    assert path.read_bytes() == before
    await backed_up(database_url, vault, path, replace=True)
    assert path.read_bytes() != before  # a key of its own
    assert [it.name for it in tmp_path.glob("backup*")] == ["backup"]


async def test_two_backups_into_one_file_are_one(database_url: str, vault: Vault, tmp_path: Path):
    path = tmp_path / "backup"
    await fill_much(database_url, vault, 1)
    with file_to_be(path, replace=False) as file:
        with pytest.raises(BackupRefused) as why:
            await backed_up(database_url, vault, path)
        assert why.value.refusal == FILE_BUSY
        file.write(b"mine")
    assert path.read_bytes() == b"mine"


async def test_what_a_killed_backup_left_is_written_over(
    database_url: str, database_kind: str, fresh: Fresh, vault: Vault, tmp_path: Path
):
    await fill_much(database_url, vault, 1)
    (tmp_path / "backup.part").write_bytes(b"x" * 1_000_000)
    await backed_up(database_url, vault, tmp_path / "backup")
    await restored(await fresh(database_kind), vault, tmp_path / "backup")
    assert not (tmp_path / "backup.part").exists()


async def test_a_database_without_tables_has_no_backup(
    database_url: str, vault: Vault, tmp_path: Path
):
    with pytest.raises(BackupRefused) as why:
        await backed_up(database_url, vault, tmp_path / "backup")
    assert why.value.refusal == NO_TABLES
    assert list(tmp_path.glob("backup*")) == []


async def test_only_the_databases_own_keys_make_a_backup(
    database_url: str, vault: Vault, tmp_path: Path
):
    """With others nobody could open what is in it."""
    await fill_much(database_url, vault, 1)
    make_key_file(tmp_path / "another.key")
    others = Vault(FileKeys(tmp_path / "another.key"), vault.clock)
    with pytest.raises(BadSettings, match="not the key file"):
        await backed_up(database_url, others, tmp_path / "backup")
    assert list(tmp_path.glob("backup*")) == []
