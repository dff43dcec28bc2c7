"""An old backup comes back, and nobody who was erased since comes with it, wherever one looks.

The same canaries as for the erasure itself: a value in each labelled column, planted by people who
live with us; what they left is searched for in each table, index and file of the new installation.
"""

import shutil
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from server.backups.restoring import restore
from server.foundation.vault.checking import check
from server.foundation.vault.keyring import Vault
from server.foundation.vault.layout import layout_of_table
from server.foundation.vault.sealed_text import SealedText
from server.foundation.vault.subject_keys import SubjectKey
from server.privacy.cases.tables import PrivacyCase
from server.privacy.chain_check import check_chains
from server.privacy.tombstone_file import tombstones_of
from tests.backups.conftest import Fresh
from tests.backups.rows import CELL, backed_up
from tests.privacy.canaries import ANNA, BEN, LEAVING, PASSWORD, Found, found, unique_words
from tests.privacy.erasure.test_erasing import (
    TABLES,
    check_gone,
    check_no_word,
    erase,
    kept_values,
    readable,
    stored_bytes,
)
from tests.privacy.test_export import Two, download, two
from tests.raw_bytes import bytes_of, found_in
from tests.registry.world import World, running_world

pytestmark = pytest.mark.timeout(400)  # two whole lives; a loaded machine is slow
ENDED_BY_A_RESTORE = "session.ended_at"
CARRIED_OVER = ("master.key", "tombstones")  # what docs/operations.md says to keep elsewhere


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


@dataclass(frozen=True)
class Canaries:
    """What Anna left that must be nowhere: words, sealed values and her key, keyed hashes."""

    words: set[str]
    sealed: set[bytes]
    indexes: set[bytes]
    key: bytes


async def canaries_of(world: World, both: Two) -> Canaries:
    words = unique_words(both.annas, {**both.bens, **kept_values(both.annas)})
    words -= {it.number for it in await world.rows(PrivacyCase)}  # a case keeps its number
    assert {ANNA.email, ANNA.name, ANNA.camera_name, ANNA.reason} < words
    sealed, indexes = await stored_bytes(world, both.annas), await index_bytes(world, both.annas)
    assert len(sealed) > 20
    assert len(indexes) > 1
    async with world.database.reading() as db:
        key = (await db.get_one(SubjectKey, both.anna.id)).wrapped_key
    return Canaries({*words, PASSWORD}, sealed, indexes, key)


async def index_bytes(world: World, rows: Found) -> set[bytes]:
    """The keyed hashes by which the person's values are found."""
    hashes: set[bytes] = set()
    async with world.database.engine.connect() as connection:
        for table in TABLES:
            key = list(table.primary_key.columns)
            for name in layout_of_table(table).indexes:
                for *its_key, value in await connection.execute(select(*key, table.c[name])):
                    if value and (table.name, tuple(its_key)) in rows:
                        hashes.add(bytes(value))
    return hashes


@asynccontextmanager
async def installed_anew(
    world: World, backup: Path, kind: str, fresh: Fresh, *, with_the_list: bool = True
) -> AsyncGenerator[World]:
    """A new installation as an operator makes it: the keys, the list, the backup, and a start."""
    folder = world.folder / "anew"
    folder.mkdir()
    for name in CARRIED_OVER:
        shutil.copy(world.folder / name, folder / name)
    url = f"sqlite+aiosqlite:///{folder / 'secuhome.sqlite'}"
    url = url if kind == "sqlite" else await fresh(kind)
    vault = vault_of(world)
    settings = world.house.foundation.settings.model_copy(update={"data_dir": folder})
    gone = tombstones_of(settings, vault.keys).erased() if with_the_list else {}
    await restore(url, vault, CELL, backup, gone)
    async with running_world(folder, url) as anew:
        anew.clock.advance(seconds=(world.clock.now() - anew.clock.now()).total_seconds())
        yield anew


def vault_of(world: World) -> Vault:
    """The server's vault, at the server's time."""
    vault = world.database.vault
    assert isinstance(vault, Vault)
    return Vault(vault.keys, world.clock)


async def check_nothing_of_her(anew: World, both: Two, canaries: Canaries) -> None:
    now = await found(anew, TABLES)
    check_gone({at: row for at, row in both.annas.items() if at[0] != "erasure"}, now)
    assert not [word for word in canaries.words if word in readable(now)]
    await check_no_word(anew, canaries.words, canaries.sealed | canaries.indexes)
    stored = await bytes_of(anew.database)  # old pages too
    assert found_in(stored, in_old_pages(anew, canaries)) == set()
    assert canaries.key not in stored
    assert canaries.key.hex().encode() not in stored
    signed_in = await sign_in(anew, ANNA.email)
    assert (signed_in.status_code, signed_in.json()["code"]) == (401, "wrong_credentials")


def in_old_pages(anew: World, canaries: Canaries) -> set[str]:
    """What not even a page that is free again may hold.

    PostgreSQL overwrites deleted rows when it gets there; until then a word of a closed list may
    still stand in one, with nobody's name.
    """
    return canaries.words if anew.database.is_sqlite else sealed_words(canaries)


def sealed_words(canaries: Canaries) -> set[str]:
    """All but words of closed lists and moments, which stand in the database as they are."""
    sealed: set[str] = {it for it in canaries.words if isinstance(it, SealedText)}
    assert len(sealed) > 20
    return sealed


async def sign_in(world: World, email: str) -> Any:
    body = {"email": email, "password": PASSWORD}
    return await world.ask("POST", "/v1/sessions", json=body)


async def check_all_of_him(anew: World, both: Two) -> None:
    now = await found(anew, TABLES)
    for at, row in both.bens.items():
        told = {name: row[name] for name in row if f"{at[0]}.{name}" != ENDED_BY_A_RESTORE}
        assert {name: now[at][name] for name in told} == told
    assert (await sign_in(anew, BEN.email)).status_code == 201
    archive = await download(anew, both.ben)
    for typed in BEN.typed:
        assert typed in archive.data_text


async def test_an_old_backup_brings_back_nothing_of_who_was_erased_since(
    world: World,
    database_kind: str,
    fresh: Fresh,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capfd: pytest.CaptureFixture[str],
):
    both = await two(world, LEAVING)
    backup = tmp_path_factory.mktemp("elsewhere") / "backup"
    await backed_up(world.database.url, vault_of(world), backup)
    canaries = await canaries_of(world, both)
    assert found_in(backup.read_bytes(), canaries.words) == set()
    assert found_in(await bytes_of(world.database), sealed_words(canaries)) == set()
    await erase(world, both.anna)
    async with installed_anew(world, backup, database_kind, fresh) as anew:
        await check_nothing_of_her(anew, both, canaries)
        await check_all_of_him(anew, both)
        vault = vault_of(anew)
        checked = [it async for it in check(anew.database, vault, TABLES)]
        assert not [it for it in checked if it.broken]
        assert (await check_chains(anew.database)).broken == ()
    said = "".join(capfd.readouterr())
    assert not [word for word in canaries.words if word in said]


async def test_without_the_list_of_the_erased_she_would_be_back(
    world: World, database_kind: str, fresh: Fresh, tmp_path_factory: pytest.TempPathFactory
):
    """Else the search above would be one that never finds anything."""
    both = await two(world, LEAVING)
    backup = tmp_path_factory.mktemp("elsewhere") / "backup"
    await backed_up(world.database.url, vault_of(world), backup)
    canaries = await canaries_of(world, both)
    await erase(world, both.anna)
    async with installed_anew(world, backup, database_kind, fresh, with_the_list=False) as anew:
        assert canaries.key in await bytes_of(anew.database)
        assert ANNA.email in readable(await found(anew, TABLES))
        with pytest.raises(AssertionError):
            await check_nothing_of_her(anew, both, canaries)
        assert (await sign_in(anew, ANNA.email)).status_code == 201
