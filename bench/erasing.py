"""The product's own erasure in this process, over a populated database, with a watch beside it.

What is told as database work is the time in which the erasure holds a connection in order to change
something: statements, commits, and what Python does between them inside of a unit of work. The two
looks at what is due and what is late, once for all erasures of a run, are in the whole only.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event
from sqlmodel import col, select

from bench.population import id_of
from bench.stores import Store
from server.accounts.visit import Visit
from server.foundation.identity import Identity, Kind
from server.foundation.settings import Settings
from server.main import House, build
from server.privacy.erasure.cancelling import cancel
from server.privacy.erasure.tables import Erasure
from server.security.events import EventKind, SecurityEvent
from server.security.place_rules import UNKNOWN
from server.security.sightings import Seen

SEEN: Final = Seen("198.51.100.0/24", "Chrome on Android", lambda _: UNKNOWN)
CHANGES: Final = ("INSERT", "UPDATE", "DELETE")
AT_ONCE: Final = 1_000  # events of a heavy account in one unit of work


@dataclass(slots=True)
class Watch:
    """What was seen at the engine since `start`, of units that changed something."""

    held_s: float = 0.0
    statements: int = 0
    _since: float = 0.0
    _asked: int = 0
    _changes: bool = False

    def start(self) -> None:
        """Begin anew."""
        self.held_s, self.statements = 0.0, 0

    def attend(self, engine: Any) -> None:
        """Look at this engine, on which one unit of work follows the other."""
        event.listen(engine, "checkout", self._taken)
        event.listen(engine, "checkin", self._given_back)
        event.listen(engine, "before_cursor_execute", self._said)

    def _taken(self, *_: Any) -> None:
        self._since, self._asked, self._changes = time.perf_counter(), 0, False

    def _given_back(self, *_: Any) -> None:
        if self._changes:
            self.held_s += time.perf_counter() - self._since
            self.statements += self._asked

    def _said(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._asked += 1
        self._changes = self._changes or statement.startswith(CHANGES)


@dataclass(frozen=True, slots=True)
class Erased:
    """One account's end: milliseconds of database work, milliseconds in all, statements."""

    database_ms: float
    whole_ms: float
    statements: int


def settings_of(store: Store, folder: Path) -> Settings:
    """The product's settings over this database; keys and letters lie in `folder`."""
    return Settings(
        data_dir=folder, master_key_path=folder / "master.key", database_url=store.sealed
    )


class Eraser:
    """Cancels accounts at once and has them erased, one after the other."""

    def __init__(self, house: House) -> None:
        self._house, self._watch = house, Watch()
        self._watch.attend(house.foundation.database.engine.sync_engine)

    async def erase(self, number: int) -> Erased:
        """Measure the erasure of one account, from its first step to its certificate."""
        foundation = self._house.foundation
        now = foundation.clock.now()
        owner = Identity(Kind.ACCOUNT, id_of("acc", number), id_of("ses", number), now)
        visit = Visit(now, SEEN, foundation.ids)
        async with foundation.database.writing() as db:
            await cancel(db, owner, visit, foundation, at_once=True)
        self._watch.start()
        began = time.perf_counter()
        await self._house.erasures.run_due()
        whole_s = time.perf_counter() - began
        await self._see_that_it_is_done(owner.id)
        return Erased(self._watch.held_s * 1e3, whole_s * 1e3, self._watch.statements)

    async def grow(self, number: int, events: int) -> None:
        """Give an account so many events more."""
        foundation = self._house.foundation
        for first in range(0, events, AT_ONCE):
            async with foundation.database.writing() as db:
                for _ in range(first, min(first + AT_ONCE, events)):
                    db.add(
                        SecurityEvent(
                            id=foundation.ids.new("evt"),
                            account_id=id_of("acc", number),
                            kind=EventKind.SESSION_REFRESHED.value,
                            at=foundation.clock.now(),
                            network=SEEN.network,
                            seen_country="Germany",
                            device=SEEN.device,
                            about=None,
                        )
                    )

    async def _see_that_it_is_done(self, account_id: str) -> None:
        async with self._house.foundation.database.reading() as db:
            query = select(Erasure.certificate).where(col(Erasure.account_id) == account_id)
            if (await db.exec(query)).one() is None:
                raise RuntimeError("an erasure was not finished")


@asynccontextmanager
async def erasing(store: Store, folder: Path) -> AsyncGenerator[Eraser]:
    """The product over this store, as far as erasing needs it."""
    house = build(settings_of(store, folder))
    try:
        yield Eraser(house)
    finally:
        await house.foundation.database.close()
        await house.providers.close()
