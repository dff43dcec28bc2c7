"""What sealing costs the ordinary read and write, beside the same tables in plain text.

A read is an account, its cameras and its newest events; a write renames a camera and adds an
event, in one unit of work. Both sides take turns with the same statements.
"""

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import registry

from bench.erasing import SEEN, settings_of
from bench.plain_tables import plain_tables
from bench.population import id_of
from bench.stores import Store
from devices.registry.tables import Device, Ownership
from server.accounts.tables import Account
from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.ids import Ids
from server.foundation.origins import Collected, Origin
from server.foundation.vault.key_file import load_keys
from server.foundation.vault.keyring import Vault
from server.security.events import EventKind, SecurityEvent

NEWEST: Final = 50  # events, as a page of the history has


class Kinds(NamedTuple):
    """The classes of rows that are read and written."""

    account: Any
    device: Any
    ownership: Any
    event: Any


@dataclass(frozen=True, slots=True)
class Side:
    """Rows of one kind, and how a unit of work with them begins."""

    kinds: Kinds
    reading: Callable[[], AbstractAsyncContextManager[Any]]
    writing: Callable[[], AbstractAsyncContextManager[Any]]


class Cost(NamedTuple):
    """Milliseconds of one read and of one write, round by round."""

    read: list[float]
    write: list[float]


async def costs(store: Store, folder: Path, numbers: Sequence[int], rounds: int) -> dict[str, Cost]:
    """Each round reads and writes about all of these accounts, sealed and plain in turn."""
    found = {"sealed": Cost([], []), "plain": Cost([], [])}
    async with AsyncExitStack() as stack:
        sides = {
            "sealed": await stack.enter_async_context(_sealed(store, folder)),
            "plain": await stack.enter_async_context(_plain(store)),
        }
        for place in range(rounds + 1):  # the first prepares statements, and doesn't count
            for name in found if place % 2 else reversed(found):
                read = await _timed(_read, sides[name], numbers)
                write = await _timed(_write, sides[name], numbers)
                if place:
                    found[name].read.append(read)
                    found[name].write.append(write)
    return found


async def _timed(
    act: Callable[[Side, str], Awaitable[None]], side: Side, numbers: Sequence[int]
) -> float:
    began = time.perf_counter()
    for number in numbers:
        await act(side, id_of("acc", number))
    return (time.perf_counter() - began) * 1e3 / len(numbers)


async def _read(side: Side, account_id: str) -> None:
    _, device, ownership, event = side.kinds
    cameras = (
        select(device, ownership)
        .join(ownership, ownership.camera_id == device.id)
        .where(ownership.account_id == account_id, ownership.until.is_(None))
    )
    newest = select(event).where(event.account_id == account_id).order_by(event.id.desc())
    async with side.reading() as db:
        account = await db.get(side.kinds.account, account_id)
        ((_, owned),) = (await db.execute(cameras)).all()
        events = (await db.execute(newest.limit(NEWEST))).scalars().all()
    if not (account.email and owned.name and all(it.device for it in events)):
        raise RuntimeError("something that was stored can't be read")


async def _write(side: Side, account_id: str) -> None:
    ownership, event = side.kinds.ownership, side.kinds.event
    now = SystemClock().now()
    async with side.writing() as db:
        query = select(ownership).where(ownership.account_id == account_id)
        name = Collected(f"Door at {now:%H:%M:%S.%f}", origin=Origin.INTERACTION)
        (await db.execute(query)).scalars().one().name = name
        db.add(
            event(
                id=Ids("eu1", SystemClock()).new("evt"),
                account_id=account_id,
                at=now,
                kind=EventKind.SESSION_REFRESHED.value,
                network=SEEN.network,
                device=SEEN.device,
                seen_country="Germany",
                about=None,
            )
        )


@asynccontextmanager
async def _sealed(store: Store, folder: Path) -> AsyncGenerator[Side]:
    """As the product has it."""
    keys = load_keys(settings_of(store, folder))
    database = Database(store.sealed, Vault(keys, SystemClock()))
    kinds = Kinds(Account, Device, Ownership, SecurityEvent)
    yield Side(kinds, database.reading, database.writing)
    await database.close()


@asynccontextmanager
async def _plain(store: Store) -> AsyncGenerator[Side]:
    """The same tables, and sessions that know nothing of sealing."""
    database = Database(store.plain)
    tables, classes = plain_tables().tables, registry()
    names = ("account", "device", "ownership", "security_event")
    kinds = Kinds(*(type(f"Plain_{name}", (_PlainRow,), {}) for name in names))
    for kind, name in zip(kinds, names, strict=True):
        classes.map_imperatively(kind, tables[name])
    writers = database.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")

    @asynccontextmanager
    async def writing() -> AsyncGenerator[AsyncSession]:
        async with AsyncSession(writers, expire_on_commit=False) as db, db.begin():
            yield db

    yield Side(kinds, lambda: AsyncSession(database.engine, expire_on_commit=False), writing)
    await database.close()


class _PlainRow:
    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
