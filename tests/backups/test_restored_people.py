"""People after a restore: whoever was erased since stays erased, and nobody is signed in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import false, or_
from sqlmodel import func, select

from devices.registry.tables import Ownership
from server.accounts.tables import Account, ProviderIdentity, Session
from server.backups.erasing_again import erase_again
from server.foundation.database import Database
from server.foundation.labels import Link, OnErasure, label_of
from server.foundation.vault.checking import check
from server.foundation.vault.keyring import Vault
from server.foundation.vault.subject_keys import SubjectKey
from server.migrations.known_tables import METADATA
from server.privacy.chain_check import check_chains
from server.privacy.subject_paths import all_about
from server.privacy.tables import PolicyAcceptance
from server.security.events import SecurityEvent
from server.support.tables import StaffSession
from tests.backups.conftest import Fresh
from tests.backups.rows import BEFORE, backed_up, fill, opened, restored
from tests.foundation.vault.test_raw_database import live
from tests.privacy.canaries import ANNA
from tests.privacy.planted_rows import plant
from tests.raw_bytes import bytes_of, found_in
from tests.registry.world import World, running_world

HERS = {ANNA.email, ANNA.name, ANNA.camera_name, ANNA.reason}


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


def vault_of(world: World) -> Vault:
    """The server's vault, at the server's time."""
    vault = world.database.vault
    assert isinstance(vault, Vault)
    return Vault(vault.keys, world.clock)


async def her_id(database: Database) -> str:
    async with database.reading() as db:
        index = db.index(Account.email_index, ANNA.email)
        return (await db.exec(select(Account.id).where(Account.email_index == index))).one()


async def test_no_word_about_anybody_is_in_a_backup(world: World, tmp_path: Path):
    words = await live(world)
    await backed_up(world.database.url, vault_of(world), tmp_path / "backup")
    stored = (tmp_path / "backup").read_bytes()
    assert found_in(stored, {*words, await her_id(world.database), "SH-C1"}) == set()
    assert found_in(stored, ["SecuHome backup"]) == {"SecuHome backup"}  # by the same means


async def test_all_that_is_sealed_opens_and_every_chain_is_whole(
    world: World, database_kind: str, fresh: Fresh, tmp_path: Path
):
    await live(world)
    vault = vault_of(world)
    await backed_up(world.database.url, vault, tmp_path / "backup")
    other = await fresh(database_kind)
    await restored(other, vault, tmp_path / "backup")
    async with opened(other, vault) as database:
        found = [it async for it in check(database, vault, METADATA.sorted_tables)]
        assert [it for it in found if it.broken or it.erased] == []
        assert sum(it.open for it in found) > len(found) / 2
        chains = await check_chains(database)
        assert chains.rows > 0
        assert chains.broken == ()
        assert await her_id(database) == await her_id(world.database)


async def test_every_sign_in_has_ended(
    world: World, database_kind: str, fresh: Fresh, tmp_path: Path
):
    await live(world)
    person = await world.person()
    assert (await world.ask("GET", "/v1/account", person.headers)).status_code == 200
    vault = vault_of(world)
    await backed_up(world.database.url, vault, tmp_path / "backup")
    other = await fresh(database_kind)
    await restored(other, vault, tmp_path / "backup")
    async with running_world(tmp_path, other) as back:
        assert (await back.ask("GET", "/v1/account", person.headers)).status_code == 401
        for table in (Session, StaffSession):
            rows = await back.rows(table)
            assert rows
            assert [it for it in rows if it.ended_at is None] == []


async def test_whoever_was_erased_since_is_not_in_the_restored_database(
    world: World, database_kind: str, fresh: Fresh, tmp_path: Path
):
    await live(world)
    vault = vault_of(world)
    hers = await her_id(world.database)
    async with world.database.reading() as db:
        wrapped = (await db.get_one(SubjectKey, hers)).wrapped_key
        of_others = set((await db.exec(select(SubjectKey.id))).all()) - {hers}
    await backed_up(world.database.url, vault, tmp_path / "backup")
    other = await fresh(database_kind)
    await restored(other, vault, tmp_path / "backup", hers)
    async with opened(other, vault) as database:
        stored = await bytes_of(database)
        assert wrapped in await bytes_of(world.database)
        assert wrapped not in stored  # not in an old page either
        assert found_in(stored, HERS) == set()
        async with database.reading() as db:
            assert await db.get(SubjectKey, hers) is None
            assert of_others <= set((await db.exec(select(SubjectKey.id))).all())
            for table in (Ownership, Session, SecurityEvent, ProviderIdentity):
                whose = set((await db.exec(select(table.account_id))).all())
                assert hers not in whose, table
            account = await db.get_one(Account, hers)  # what she agreed to is evidence, and kept
            assert (account.email, account.email_index, account.name) == (None, None, None)
            kept = (await db.exec(select(PolicyAcceptance.account_id))).all()
            assert hers in kept
        assert (await check_chains(database)).broken == ()


async def test_of_an_account_that_nothing_kept_points_at_an_empty_shell_stays(
    database_url: str, database_kind: str, fresh: Fresh, vault: Vault, tmp_path: Path
):
    await fill(database_url, vault)
    async with opened(database_url, vault) as database, database.writing() as db:
        gone = await plant(db, METADATA.tables["account"])
        stays = await plant(db, METADATA.tables["account"])
        assert isinstance(gone, Account)
        assert isinstance(stays, Account)
    await backed_up(database_url, vault, tmp_path / "backup")
    other = await fresh(database_kind)
    await restored(other, vault, tmp_path / "backup", gone.id, "acc_nobody")
    async with opened(other, vault) as database, database.reading() as db:
        shell = await db.get_one(Account, gone.id)
        assert (shell.email, shell.name, shell.created_at) == (None, None, None)
        assert shell.ended_at is not None  # when retention takes it, counted from here
        assert (await db.get_one(Account, stays.id)).email == stays.email


async def rows_about_people(database: Database) -> dict[str, int]:
    """In each table, how many rows there are about the accounts, all together."""
    found: dict[str, int] = {}
    async with database.reading() as db:
        accounts = (await db.exec(select(Account.id))).all()
        connection = await db.connection()
        for it in all_about():
            theirs = or_(false(), *(it.is_of(account) for account in accounts))
            count = await connection.execute(
                select(func.count()).select_from(it.table).where(theirs)
            )
            found[it.table.name] = count.scalar_one()
    return found


async def test_rows_go_as_their_labels_say(database_url: str, vault: Vault):
    """People with a row in each table: nothing is left where the link says so."""
    await fill(database_url, vault)
    go = {
        it.table.name
        for it in all_about()
        for column in it.table.columns
        if isinstance(label := label_of(column), Link) and label.on_erasure is OnErasure.DELETE
    }
    async with opened(database_url, vault) as database:
        before = await rows_about_people(database)
        assert {name for name in go if before[name]} == go
        async with database.writing() as db:
            accounts = (await db.exec(select(Account.id))).all()
            await erase_again(db, dict.fromkeys(accounts, BEFORE))
        after = await rows_about_people(database)
        assert {name: after[name] for name in go} == dict.fromkeys(go, 0)
        assert after["consent"] == before["consent"] > 0
