"""What was known of places before anybody could choose: the country stays, sealed; no town does."""

import secrets
from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text

from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.vault.key_file import FileKeys
from server.foundation.vault.keyring import Vault
from server.foundation.vault.sealing_rules import Place, opened, seal
from server.migrations.migrate import downgrade, migrate
from server.security.events import SecurityEvent

NOW = "2026-11-25 08:00:00+00:00"
BEFORE = {
    # an event before: what is left of its place
    "evt_1": ("Lisbon, Portugal", "Portugal"),
    "evt_2": ("Portugal", "Portugal"),
    "evt_3": ("unknown", "unknown"),
    "evt_4": ("Kralendijk, Bonaire, Sint Eustatius, and Saba", "Bonaire, Sint Eustatius, and Saba"),
    "evt_5": (None, None),
}


@pytest.fixture
async def database(database_url: str, keys: FileKeys) -> AsyncIterator[Database]:
    """The database, not migrated yet, with the keys that it will be sealed with."""
    database = Database(database_url, Vault(keys, SystemClock()))
    yield database
    await database.close()


async def plant(database: Database, keys: FileKeys) -> AESGCM:
    """An account with a key and its events, and one whose key is gone; the first one's key."""
    raw = secrets.token_bytes(32)
    wrapped = keys.wrap("acc_1", raw)
    key = AESGCM(raw)
    event = text(
        "INSERT INTO security_event (id, account_id, kind, at, place, place_id)"
        f" VALUES (:id, :account, 'signed_in', '{NOW}', :place, :place)"
    )
    async with database.engine.begin() as db:
        for account in ("acc_1", "acc_erased"):
            await db.execute(
                text("INSERT INTO account (id, email_verified, created_at)"
                     f" VALUES ('{account}', false, '{NOW}')")
            )  # fmt: skip
        await db.execute(
            text("INSERT INTO subject_key (id, wrapped_key, master_version, created_at)"
                 f" VALUES ('acc_1', :key, :version, '{NOW}')"),
            {"key": wrapped.wrapped, "version": wrapped.master_version},
        )  # fmt: skip
        for name, (place, _) in BEFORE.items():
            sealed = place and sealed_at(key, "place", name, place)
            await db.execute(event, {"id": name, "account": "acc_1", "place": sealed})
        await db.execute(event, {"id": "evt_6", "account": "acc_erased", "place": b"whatever"})
    return key


def sealed_at(key: AESGCM, column: str, id: str, place: str) -> bytes:
    return seal(key, Place("security_event", column, (id,)), place, secrets.token_bytes(12))


async def test_of_each_place_the_country_is_left(
    database: Database, database_url: str, keys: FileKeys
) -> None:
    await migrate(database_url, keys, "0002")
    await plant(database, keys)
    await migrate(database_url, keys)
    async with database.reading() as db:
        for name, (_, country) in BEFORE.items():
            event = await db.get_one(SecurityEvent, name)
            assert (event.seen_country, event.seen_town) == (country, None)
        erased = await db.get_one(SecurityEvent, "evt_6")
        assert erased.seen_country is None


async def test_the_way_back_leaves_the_country_as_the_place(
    database: Database, database_url: str, keys: FileKeys
) -> None:
    await migrate(database_url, keys, "0002")
    key = await plant(database, keys)
    await migrate(database_url, keys)
    await downgrade(database_url, keys, "0002")
    async with database.engine.connect() as db:
        rows = (await db.execute(text("SELECT id, place FROM security_event"))).all()
    found = {
        row.id: row.place
        and opened(key, Place("security_event", "place", (row.id,)), bytes(row.place))
        for row in rows
    }
    assert found == {name: country for name, (_, country) in BEFORE.items()} | {"evt_6": None}
