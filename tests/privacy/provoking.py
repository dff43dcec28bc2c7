"""A server in which two people live, and everything that can go wrong goes wrong.

Run as `python -m tests.privacy.provoking DATABASE_URL FOLDER`. What it says on its streams is what
an operator would find in the log; what it told callers, and the words that nobody may be told, go
to `FOLDER/told.json`.
"""

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from prometheus_client import generate_latest
from sqlalchemy import LargeBinary, text, type_coerce, update
from sqlmodel import SQLModel

from server.foundation.log import log_fault, start_log
from server.foundation.origins import MARKS, Origin
from server.foundation.vault.layout import layout_of_table
from server.foundation.vault.sealed_text import SealedText
from server.privacy.retention import end_what_is_over
from tests.privacy.canaries import ANNA, BEN, LEAVING, PASSWORD
from tests.privacy.test_export import Two, two
from tests.registry.world import Person, World, running_world
from tests.support.test_support import on_staff

TABLES = list(SQLModel.metadata.sorted_tables)
NOT_THERE = "not-there"
SEEN = {"x-forwarded-for": ANNA.address, "user-agent": ANNA.browser, "referer": ANNA.email}
RIGHT = {"email": ANNA.email, "password": PASSWORD, "area": "PT", "name": ANNA.name}


async def provoke(world: World) -> dict[str, Any]:
    """What was told to callers who got no answer, and what must not be in it."""
    both, staff = await two(world, LEAVING), await on_staff(world, "Otto")
    words, ask = words_of(both), Asking(world, both.anna)
    told = [await ask.wrongly(words), await ask.rightly(staff), await ask.rightly({})]
    async with every_write_refused(world):
        told.append(await ask.rightly())
        await work(world)
    async with no_mail_folder(world):
        told.append(await ask.rightly({}))
    for table in ("session", "security_event", "ownership"):
        async with without(world, table):
            told.append(await ask.rightly())
            await work(world)
    await break_what_is_sealed(world)
    told.append(await ask.rightly())
    await work(world)
    metrics = generate_latest(world.house.metrics.registry).decode()
    return {"told": told, "metrics": metrics, "words": words}


def words_of(both: Two) -> list[str]:
    """All that is sealed about either, and what they hold in their hands."""
    values = [
        it for rows in (both.annas, both.bens) for row in rows.values() for it in row.values()
    ]
    sealed = {str.__str__(it) for it in values if isinstance(it, SealedText)}
    tokens = {it.headers["Authorization"].removeprefix("Bearer ") for it in (both.anna, both.ben)}
    lives = {word for life in (ANNA, BEN) for word in (*life.typed, life.address, life.browser)}
    words = {it for it in {*sealed, *tokens, *lives, PASSWORD} if len(it) > 5}
    return sorted(it for it in words if it.lower() != "unknown")  # a place; and a route in the log


class Asking:
    """Asks every route there is, each time a minute later, with words in paths and headers too."""

    def __init__(self, world: World, person: Person) -> None:
        self._world, self._person = world, person

    async def wrongly(self, words: list[str]) -> str:
        """With bodies that are wrong in every way."""
        return await self._ask_all(None, bodies(words))

    async def rightly(self, headers: dict[str, str] | None = None) -> str:
        """With what somebody would send; as the person, unless `headers` are somebody else's."""
        return await self._ask_all(headers, [{"json": RIGHT}])

    async def _ask_all(self, headers: dict[str, str] | None, hows: list[dict[str, Any]]) -> str:
        self._world.clock.advance(minutes=1)  # else it would be too many tries, and nothing else
        again = self._world.again(self._person.id, self._person.identity.session_id)
        headers = {**SEEN, **(again.headers if headers is None else headers)}
        told: list[str] = []
        for method, path in await self._routes():
            for how in hows if method in ("post", "put", "patch") else [{}]:
                filled = path.replace("{", "").replace("}", f"-{quote(ANNA.email)}")
                asked = f"{filled}?before={quote(ANNA.name)}&q={quote(ANNA.email)}"
                answer = await self._world.ask(method, asked, headers, **how)
                told += [answer.text, str(answer.headers)] if answer.is_error else []
        for path in (f"/{quote(ANNA.email)}", f"/app/{quote(ANNA.name)}", "/v1/account"):
            bad = {**SEEN, "authorization": f"Bearer {quote(ANNA.reason)}"}
            told.append((await self._world.ask("GET", path, bad)).text)
        return "\n".join(told)

    async def _routes(self) -> list[tuple[str, str]]:
        paths = (await self._world.ask("GET", "/openapi.json")).json()["paths"]
        return [(method, path) for path, methods in paths.items() for method in methods]


def bodies(words: list[str]) -> list[dict[str, Any]]:
    """Words as values of everything that any route takes; half of a text; far too much of it."""
    names = (
        "email", "password", "name", "area", "message", "reason", "case_number", "serial", "code",
        "sha256", "version", "token", "proof", "phone_key", "kind", "region", "contact", "reply",
    )  # fmt: skip
    values = dict(zip(names, words * 2, strict=False))
    return [
        {"json": values},
        {"json": words},
        {"content": f'{{"email": "{ANNA.email}'.encode()},
        {"content": (ANNA.reason * 2_000).encode()},
    ]


async def work(world: World) -> None:
    """What the server does by itself."""
    await world.house.erasures.run_due()
    try:
        async with world.database.writing() as db:
            await end_what_is_over(db, world.clock.now())
    except Exception as fault:  # noqa: BLE001 - as the chores do, for any that they would meet
        log_fault("chores", fault)


@asynccontextmanager
async def without(world: World, table: str) -> AsyncGenerator[None]:
    """A database that lacks a table."""
    await say(world, f'ALTER TABLE "{table}" RENAME TO "{NOT_THERE}"')
    try:
        yield
    finally:
        await say(world, f'ALTER TABLE "{NOT_THERE}" RENAME TO "{table}"')


@asynccontextmanager
async def every_write_refused(world: World) -> AsyncGenerator[None]:
    """A database that refuses each new row; PostgreSQL tells the whole row when it does."""
    for table in TABLES:
        if world.database.is_sqlite:
            begin = f"CREATE TRIGGER no_{table.name} BEFORE INSERT ON {table.name}"
            await say(world, f"{begin} BEGIN SELECT RAISE(ABORT, 'no'); END")
        else:
            await say(world, f"ALTER TABLE {table.name} ADD CONSTRAINT no CHECK (false) NOT VALID")
    try:
        yield
    finally:
        for table in TABLES:
            drop = f"ALTER TABLE {table.name} DROP CONSTRAINT no"
            await say(world, f"DROP TRIGGER no_{table.name}" if world.database.is_sqlite else drop)


@asynccontextmanager
async def no_mail_folder(world: World) -> AsyncGenerator[None]:
    """A disk that takes no letters."""
    shutil.move(world.folder / "mail", world.folder / "mail-was")
    (world.folder / "mail").touch()
    try:
        yield
    finally:
        (world.folder / "mail").unlink()
        shutil.move(world.folder / "mail-was", world.folder / "mail")


async def break_what_is_sealed(world: World) -> None:
    """Nothing about anybody opens any more."""
    for table in TABLES:
        for name in layout_of_table(table).sealed:
            if f"{table.name}.{name}" != "consent.receipt":  # the database itself refuses that
                told = layout_of_table(table).collected
                mark = MARKS[Origin.REGISTRATION] if name in told else b""
                broken = type_coerce(mark + b"\x01" + bytes(40), LargeBinary)
                async with world.database.engine.begin() as connection:
                    some = table.c[name].is_not(None)
                    await connection.execute(update(table).where(some).values({name: broken}))


async def say(world: World, command: str) -> None:
    async with world.database.engine.begin() as connection:
        await connection.execute(text(command))


def note_destinations(into: set[str]) -> None:
    """Write down from now on whom the process connects to."""

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            into.add(str(arguments[1]))

    sys.addaudithook(note)


async def main(database_url: str, folder: Path) -> None:
    """Provoke, and write down what came of it."""
    start_log("debug")
    note_destinations(destinations := set[str]())
    async with running_world(folder, database_url) as world:
        found = await provoke(world) | {"destinations": sorted(destinations)}
    (folder / "told.json").write_text(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
