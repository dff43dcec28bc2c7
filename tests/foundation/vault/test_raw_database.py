"""Somebody gets the database, or a backup of it: no word about anybody is in there."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary
from sqlmodel import select

from server.accounts.tables import Account
from server.foundation.vault.checking import check
from server.foundation.vault.keyring import Vault
from server.foundation.vault.layout import layout_of_table
from server.foundation.vault.sealed_text import SealedText
from server.migrations.known_tables import METADATA
from tests.people import PASSWORD
from tests.privacy.canaries import ANNA, unique_words
from tests.privacy.test_export import two
from tests.raw_bytes import bytes_of, found_in
from tests.registry.world import World, running_world

WAITING_MAIL, WAITING_NAME = "canary.waiting@example.com", "Canary Waiting"
SPELT = "canary.person@example.com"


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


async def register(world: World, email: str, name: str) -> None:
    body = {"email": email, "password": PASSWORD, "area": "PT", "name": name}
    asked = await world.ask("POST", "/v1/registrations", json=body)
    assert asked.status_code == 202, asked.text


async def live(world: World) -> set[str]:
    """All that can be told about somebody. The words of it that are nobody's business."""
    both = await two(world)
    await register(world, WAITING_MAIL, WAITING_NAME)
    told = unique_words({**both.annas, **both.bens}, {})
    sealed = {it for it in told if isinstance(it, SealedText)}
    assert {ANNA.email, ANNA.name, ANNA.camera_name, ANNA.reason} < sealed
    return (sealed - await written_plainly(world)) | {WAITING_MAIL, WAITING_NAME}


async def written_plainly(world: World) -> set[str]:
    """Ids, numbers and words of closed lists: what a sealed text may name, too."""
    words: set[str] = set()
    async with world.database.engine.connect() as connection:
        for table in METADATA.sorted_tables:
            sealed = layout_of_table(table).sealed
            for column in table.columns:
                if column.name not in sealed and not isinstance(column.type, LargeBinary):
                    found = (await connection.execute(select(column))).scalars()
                    words |= {it for it in found if isinstance(it, str)}
    return words


async def test_no_word_about_anybody_is_in_the_database(world: World):
    words = {it for it in await live(world) if it.lower() != "unknown"}  # PostgreSQL's own word
    assert len(words) > 20
    vault = world.database.vault
    assert isinstance(vault, Vault)
    found = [it async for it in check(world.database, vault, METADATA.sorted_tables)]
    # a column that nobody filled would prove nothing below
    assert [it for it in found if it.open == 0] == []
    assert [it for it in found if it.broken or it.erased] == []
    stored = await bytes_of(world.database)
    assert found_in(stored, words) == set()
    assert found_in(stored, ["SH-C1"]) == {"SH-C1"}  # what isn't sealed is found by the same means


async def test_what_is_sealed_is_found_by_those_who_may_look(world: World):
    await live(world)
    async with world.database.reading() as db:
        index = db.index(Account.email_index, ANNA.email)
        account = (await db.exec(select(Account).where(Account.email_index == index))).one()
        assert (account.name, account.email, account.area) == (ANNA.name, ANNA.email, ANNA.area)


@pytest.mark.parametrize("before", range(3))
def test_the_search_knows_the_spellings(before: int):
    text = "x" * before + SPELT + "y"
    for stored in (
        text.encode(),
        text.upper().encode(),
        text.encode("utf-16-le"),
        text.encode().hex().upper().encode(),
        base64.b64encode(text.encode()),
        base64.urlsafe_b64encode(text.encode()),
    ):
        assert found_in(b"\0" + stored + b"\0", [SPELT]) == {SPELT}
