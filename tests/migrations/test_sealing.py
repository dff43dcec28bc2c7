"""The change that seals what is stored: nothing is lost there and back, nothing stays behind."""

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from devices.pairing.tables import FirstUse, Pairing
from devices.registry.tables import Ownership
from server.accounts import queries
from server.accounts.tables import Account, Registration, Session
from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.origins import Collected, Origin
from server.foundation.settings import BadSettings
from server.foundation.vault.checking import check
from server.foundation.vault.key_file import FileKeys
from server.foundation.vault.keyring import Vault
from server.migrations.known_tables import METADATA
from server.migrations.migrate import downgrade, migrate
from server.security.events import SecurityEvent
from server.support.queries import member_named
from server.support.tables import Lookup
from tests.foundation.vault.diary import keys_in
from tests.raw_bytes import bytes_of, found_in

NOW: Final = "2026-11-24 12:00:00+00:00"
MANY: Final = 600  # more than are taken at a time
ROWS: Final[dict[str, list[dict[str, Any]]]] = {
    "account": [
        {
            "id": "acc_a", "name": "Änne Canary", "email": "canary.a@example.com",
            "email_verified": True, "password_hash": "$argon2id$canary-a", "area": "PT",
            "avatar_url": "https://canary.example/a.png", "created_at": NOW,
        },
        {
            "id": "acc_b", "name": None, "email": None, "email_verified": False,
            "password_hash": None, "area": None, "avatar_url": None, "created_at": NOW,
        },
    ],
    "registration": [
        {
            "id": "reg_a", "email": "canary.r@example.com", "name": None,
            "password_hash": "$argon2id$canary-r", "area": "PT", "code_hash": "hash",
            "tries_left": 5, "expires_at": NOW,
        }
    ],
    "staff_member": [
        {
            "id": "stf_a", "name": "Canary Olga", "password_hash": "$argon2id$canary-s",
            "active": True, "created_at": NOW,
        }
    ],
    "device": [
        {
            "id": "cam_a", "serial": "SN-1", "model": "SH-C1", "region": "DE", "public_key": "",
            "key_thumbprint": "t", "epoch": 0, "imported_at": NOW,
        }
    ],
    "session": [
        {
            "id": "ses_a", "account_id": "acc_a", "device": "Canary on Android", "remember": True,
            "created_at": NOW, "last_used_at": NOW, "expires_at": NOW, "ended_at": None,
        }
    ],
    "refresh_token": [{"hash": "h", "session_id": "ses_a", "used_at": None}],
    "provider_identity": [
        {"issuer": "https://canary.example", "subject": f"canary-{who}", "account_id": f"acc_{who}"}
        for who in "ab"
    ],
    "security_event": [
        {
            "id": f"evt_{number}", "account_id": "acc_a", "kind": "signed_in", "at": NOW,
            "network": None if number % 2 else "203.0.113.0/24", "place_id": "2267057",
            "place": "Canary, Portugal", "device": "Canary on Android", "about": None,
        }
        for number in range(MANY)
    ],
    "ownership": [
        {
            "id": "own_a", "camera_id": "cam_a", "account_id": "acc_a", "name": "Canary Porch",
            "epoch": 1, "since": NOW, "until": None,
        }
    ],
    "pairing": [
        {
            "id": "pai_a", "account_id": "acc_a", "name": "Canary Attic", "phone_key": "canary key",
            "place_id": None, "country": "PT", "token_sha256": "x", "created_at": NOW,
            "expires_at": NOW, "paired_at": None, "camera_id": None, "epoch": None, "proof": None,
        }
    ],
    "first_use": [
        {
            "device_id": "cam_a", "account_id": "acc_a", "phone_thumbprint": "canary thumb",
            "place_id": "2267057", "country": None, "at": NOW,
        }
    ],
    "lookup": [
        {
            "id": "lkp_a", "staff_id": "stf_a", "device_id": None, "case_number": "CANARY-4711",
            "reason": "Canary asks", "at": NOW,
        }
    ],
}  # fmt: skip
PLANTED: Final = {
    value for rows in ROWS.values() for row in rows for value in row.values()
    if isinstance(value, str) and ("anary" in value or value in ("203.0.113.0/24", "2267057"))
}  # fmt: skip


def put(connection: Connection) -> None:
    """Store all rows as release 0001 did."""
    for table, rows in ROWS.items():
        names = list(rows[0])
        values = [f"'{NOW}'" if rows[0][name] == NOW else f":{name}" for name in names]
        given = [{k: v for k, v in row.items() if v != NOW} for row in rows]
        command = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(values)})"
        connection.execute(text(command), given)


def take(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows as release 0001 would read them, moments left out."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table, rows in ROWS.items():
        read = connection.execute(text(f"SELECT * FROM {table}")).mappings()
        told = [{k: v for k, v in row.items() if rows[0][k] != NOW} for row in read]
        found[table] = sorted(told, key=lambda row: str(sorted(row.items(), key=str)))
    return found


def expected(*, coarse: bool) -> dict[str, list[dict[str, Any]]]:
    """What was put; `coarse`: as it is after a release that keeps countries alone."""
    told = {
        table: [
            _coarse(table, row) if coarse else row
            for row in ({k: v for k, v in row.items() if rows[0][k] != NOW} for row in rows)
        ]
        for table, rows in ROWS.items()
    }
    return {
        table: sorted(rows, key=lambda row: str(sorted(row.items(), key=str)))
        for table, rows in told.items()
    }


def _coarse(table: str, row: dict[str, Any]) -> dict[str, Any]:
    row = {name: None if name == "place_id" else value for name, value in row.items()}
    if table == "security_event" and row.get("place"):
        row["place"] = row["place"].rpartition(", ")[2]
    return row


@pytest.fixture
async def filled(database_url: str, keys: FileKeys) -> AsyncIterator[Database]:
    """A database of release 0001 with something in every sealed column."""
    await migrate(database_url, keys, "0001")
    database = Database(database_url, Vault(keys, SystemClock()))
    async with database.engine.begin() as connection:
        await connection.run_sync(put)
    assert found_in(await bytes_of(database), PLANTED) == PLANTED
    await database.engine.dispose()  # nobody else is there while it is migrated
    yield database
    await database.close()


async def test_what_is_stored_is_sealed_and_reads_as_before(filled: Database, keys: FileKeys):
    await migrate(filled.url, keys)
    async with filled.reading() as db:
        account = await queries.account_with_email(db, "canary.a@example.com")
        assert account is not None
        assert (account.id, account.name, account.area) == ("acc_a", "Änne Canary", "PT")
        assert (await db.get_one(Account, "acc_b")).name is None
        theirs = await queries.account_at_provider(db, "https://canary.example", "canary-b")
        assert theirs is not None
        assert theirs.id == "acc_b"
        assert await queries.account_at_provider(db, "https://canary.example", "canary-c") is None
        assert (await db.get_one(Registration, "reg_a")).email == "canary.r@example.com"
        assert (await db.get_one(Session, "ses_a")).device == "Canary on Android"
        staff = await member_named(db, "Canary Olga")
        assert staff is not None
        assert staff.password_hash == "$argon2id$canary-s"
        events = (await db.exec(select(SecurityEvent))).all()
        assert len(events) == MANY
        seen = {(it.network, it.seen_country) for it in events}
        assert seen == {("203.0.113.0/24", "Portugal"), (None, "Portugal")}
        assert (await db.get_one(Ownership, "own_a")).name == "Canary Porch"
        pairing = await db.get_one(Pairing, "pai_a")
        assert (pairing.name, pairing.phone_key) == ("Canary Attic", "canary key")
        assert (await db.get_one(FirstUse, ("cam_a", "acc_a"))).place_id is None  # nobody chose it
        assert (await db.get_one(Lookup, "lkp_a")).reason == "Canary asks"
    assert isinstance(filled.vault, Vault)
    found = [it async for it in check(filled, filled.vault, METADATA.sorted_tables)]
    assert [it for it in found if it.broken or it.erased] == []


async def test_nothing_of_it_stays_behind_on_the_disk(filled: Database, keys: FileKeys):
    """A table that was made anew leaves its old pages where anybody with the file reads them."""
    await migrate(filled.url, keys)
    assert found_in(await bytes_of(filled), PLANTED) == set()


async def test_the_way_back_opens_everything(filled: Database, keys: FileKeys):
    await migrate(filled.url, keys)
    await downgrade(filled.url, keys, "0001")
    async with filled.engine.connect() as connection:
        assert await connection.run_sync(take) == expected(coarse=True)
    await migrate(filled.url, keys)
    async with filled.reading() as db:
        assert await queries.account_with_email(db, "canary.a@example.com") is not None
    await downgrade(filled.url, keys, "0001")
    async with filled.engine.connect() as connection:
        assert await connection.run_sync(take) == expected(coarse=True)


async def test_what_was_unique_still_is(filled: Database, keys: FileKeys):
    await migrate(filled.url, keys)
    again = [
        Account(
            id="acc_c",
            email=Collected("canary.a@example.com", origin=Origin.REGISTRATION),
            created_at=SystemClock().now(),
        ),
    ]
    for row in again:
        with pytest.raises(IntegrityError):
            async with filled.writing() as db:
                db.add(row)


async def test_foreign_keys_change_nothing(filled: Database, keys: FileKeys, tmp_path: Any):
    await migrate(filled.url, keys)
    for way in (migrate, downgrade):
        with pytest.raises(BadSettings, match="SECUHOME_MASTER_KEY_PATH"):
            await way(filled.url, keys_in(tmp_path, "foreign.key"))
    async with filled.reading() as db:
        assert (await db.get_one(Account, "acc_a")).name == "Änne Canary"
