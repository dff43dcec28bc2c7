"""A heavy account: each row once, in bounded memory, over tables with keys of every kind."""

import tracemalloc
from collections.abc import AsyncGenerator, AsyncIterable
from importlib import import_module
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import delete

from server.accounts.tables import Account, ProviderIdentity
from server.foundation.database import Database
from server.privacy import held
from server.privacy.export import archive
from server.privacy.held import PAGE
from server.privacy.receipts import Receipts
from server.security.events import EventKind, SecurityEvent
from server.security.signing_keys import SigningKey
from tests.movable_clock import MORNING
from tests.people import People
from tests.privacy.archives import Archive
from tests.privacy.sqlite_plans import plan_of

import_module("server.main")  # so that every table is known

MIB = 1 << 20
RECEIPTS = Receipts((SigningKey.of(Ed25519PrivateKey.generate()),))


async def _heavy(database: Database, account_id: str, events: int, identities: int) -> None:
    async with database.writing() as db:
        db.add(Account(id=account_id, created_at=MORNING))
        await db.flush()
        rows = [
            SecurityEvent(
                id=f"evt_{account_id}_{number:06}",
                account_id=account_id,
                kind=EventKind.SIGNED_IN,
                at=MORNING,
                seen_town=f"Place {number:06} " + "of a long name " * 8,
            )
            for number in range(events)
        ]
        keys = [
            ProviderIdentity(
                issuer=f"{account_id} {number % 3}",
                subject=f"{number:06}",
                account_id=account_id,
            )
            for number in range(identities)
        ]
        db.add_all([*rows, *keys])


async def _whole(chunks: AsyncIterable[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_each_row_comes_once_over_many_pages(house: People) -> None:
    events, identities = 2 * PAGE, 2 * PAGE + 1  # pages that end with the last row, and that don't
    await _heavy(house.database, "acc_heavy", events, identities)
    await _heavy(house.database, "acc_other", PAGE, PAGE)
    opened = Archive.of(await _whole(archive(house.database, "acc_heavy", MORNING, RECEIPTS)))
    places = [it["seen_town"][:12] for it in opened.records("security_event")]
    assert places == [f"Place {number:06}" for number in range(events)]
    subjects = [it["subject"] for it in opened.records("provider_identity")]
    assert sorted(subjects) == [f"{number:06}" for number in range(identities)]
    assert len(opened.cells("security_event")) == events
    assert len(opened.cells("provider_identity")) == identities


async def test_a_page_of_events_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    """Else each page of a long history would read and sort all of it."""
    (events,) = [it for it in held.held_tables() if it.rows.table.name == "security_event"]
    lines = await plan_of(held.page_of(events, "acc_1", ("evt_1",)), tmp_path)
    assert not [line for line in lines if "ORDER BY" in line or line.startswith("SCAN")], lines
    assert "(account_id=? AND id>?)" in lines[0]


@pytest.mark.slow
async def test_a_heavy_account_takes_no_more_memory_than_a_light_one(house: People) -> None:
    peaks: list[int] = []
    for number, events in enumerate((2 * PAGE, 20 * PAGE)):
        account_id = f"acc_{number}"
        await _heavy(house.database, account_id, events, 1)
        tracemalloc.start()
        size = 0
        async for chunk in archive(house.database, account_id, MORNING, RECEIPTS):
            size += len(chunk)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert size > 0
    light, heavy = peaks
    assert heavy < light + MIB, peaks


async def test_who_stops_reading_holds_no_connection(house: People) -> None:
    """A pool has a few connections: as many slow readers would shut everybody else out."""
    await _heavy(house.database, "acc_heavy", 4 * PAGE, 1)
    chunks = archive(house.database, "acc_heavy", MORNING, RECEIPTS).__aiter__()
    await anext(chunks)
    pool = house.database.engine.pool
    assert "Current Checked out connections: 0" in pool.status() or "NullPool" in pool.status()
    assert len(await _whole(chunks)) > 0


async def test_who_leaves_in_the_middle_leaves_nothing_running(house: People) -> None:
    await _heavy(house.database, "acc_heavy", 4 * PAGE, 1)
    chunks = archive(house.database, "acc_heavy", MORNING, RECEIPTS)
    assert isinstance(chunks, AsyncGenerator)
    await anext(chunks)
    await chunks.aclose()
    async with house.database.writing() as db:  # nobody else holds the lock
        await db.exec(delete(SecurityEvent))
    assert await house.rows(SecurityEvent) == []
