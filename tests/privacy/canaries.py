"""A person's life with us through the public interface, so told that each value is theirs alone.

What a life left in the database is found by looking before and after, not by links or labels:
the code under test may not tell where to look.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import Column, Table
from sqlmodel import SQLModel, select

from server.foundation.labels import Personal, label_of
from server.foundation.mail import FolderMail
from server.foundation.table_labels import NoAccount, row_label
from server.privacy.subject_paths import model_of
from tests.privacy.canary_letters import get_a_letter
from tests.privacy.canary_requests import ask_by_mail, ask_us, choose, tell
from tests.privacy.planted_rows import given_for, kind_of, plant
from tests.registry.world import Camera, Person, World

PASSWORD = "violet ladder under tin rain"
Key = tuple[Any, ...]
Found = dict[tuple[str, Key], dict[str, Any]]  # the personal values of each row, by table and key


@dataclass(frozen=True)
class Life:
    """What one person gives us."""

    email: str
    new_email: str
    name: str
    area: str
    address: str
    browser: str
    camera_name: str
    birthday: str
    gender: str
    hobbies: str
    avatar_url: str
    case_number: str
    reason: str

    @property
    def typed(self) -> tuple[str, ...]:
        """What must come back word for word, whatever a label says."""
        mine = (
            self.email,
            self.new_email,
            self.name,
            self.camera_name,
            self.birthday,
            self.hobbies,
        )
        return (*mine, self.case_number, self.reason)


ANNA = Life(
    email="anna.canary@example.com",
    new_email="anna.canary.new@example.com",
    name="Anna <script>alert('canary')</script> & Söhne",
    area="PT",
    address="203.0.113.7",
    browser="Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36",
    camera_name="Anna's <b>porch</b>",
    birthday="1987-03-14",
    gender="woman",
    hobbies="beekeeping, Anna's choir",
    avatar_url="https://pictures.example/anna-canary.png",
    case_number="SUP-2026-17001",
    reason="Anna asks how long the porch camera is covered.",
)
BEN = Life(
    email="ben.canary@example.com",
    new_email="ben.canary.new@example.com",
    name="Ben Canary",
    area="DE",
    address="2001:db8:1:2::3",
    browser="Mozilla/5.0 (Windows NT 10.0; rv:150.0) Gecko/20100101 Firefox/150.0",
    camera_name="Ben's cellar",
    birthday="1992-09-05",
    gender="man",
    hobbies="Ben's model trains",
    avatar_url="https://pictures.example/ben-canary.png",
    case_number="SUP-2026-23001",
    reason="Ben asks how long the cellar camera is covered.",
)


@asynccontextmanager
async def browser_of(world: World, life: Life) -> AsyncGenerator[httpx.AsyncClient]:
    """The person's browser, with its own cookies."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(world.house.app, raise_app_exceptions=False),
        base_url=world.house.foundation.settings.public_url,
        headers={"user-agent": life.browser, "x-forwarded-for": life.address},
    ) as browser:
        yield browser


async def live(world: World, life: Life, camera: Camera, staff: dict[str, str]) -> Person:
    """Register, accept, come back, sign out elsewhere, own a camera, ask support, give it away."""
    async with browser_of(world, life) as browser:
        session = await _register(world, browser, life)
        person = world.again(session["account_id"], session["session_id"])
        policy = (await browser.get("/v1/policy")).json()
        body = {"version": policy["version"], "sha256": policy["sha256"]}
        await _did(world, browser.post("/v1/policy/acceptance", json=body, headers=person.headers))
        await choose(world, person, _from(life, person))
        told = {"account.birthday": life.birthday, "account.gender": life.gender}
        told |= {"account.hobbies": life.hobbies, "account.avatar_url": life.avatar_url}
        await tell(world, told, _from(life, person))
        await get_a_letter(world, browser, life.email, life.area)
        wish = {"email": life.new_email, "password": PASSWORD}  # never confirmed
        await _did(world, browser.post("/v1/account/email", json=wish, headers=person.headers))
        await _did(world, browser.post("/v1/sessions/refresh"))
        begun = {"email": life.email, "password": PASSWORD}
        await _did(world, browser.post("/v1/sessions", json=begun))
        await _did(world, browser.delete("/v1/sessions/current"))
    await world.pair(person, camera, life.camera_name, seen_at=life.address)
    world.clock.advance(seconds=7)
    path = f"/v1/cameras/{camera.id}"
    await _did(world, world.ask("PUT", f"{path}/warranty", _from(life, person)))
    kept = await world.camera()  # with a town, which goes when a camera is released
    await world.pair(person, kept, f"{life.camera_name} 2", seen_at=life.address)
    town = f"/v1/cameras/{kept.id}/town"
    await _did(world, world.ask("PUT", town, _from(life, person)))
    await ask_us(world, life.email.partition(".")[0], person, staff)
    await ask_by_mail(world, life.email.partition(".")[0], life.email, staff)
    look = {"case_number": life.case_number, "reason": life.reason, "serial": camera.made.serial}
    await _did(world, world.ask("POST", "/v1/support/lookups", staff, json=look))
    await _did(world, world.ask("DELETE", path, _from(life, person)))
    return person


async def _register(world: World, browser: httpx.AsyncClient, life: Life) -> dict[str, Any]:
    wish = {"email": life.email, "password": PASSWORD, "area": life.area, "name": life.name}
    asked = (await _did(world, browser.post("/v1/registrations", json=wish))).json()
    mail = world.house.foundation.mail
    assert isinstance(mail, FolderMail)
    letters = sorted((world.folder / "mail").glob("*.eml"), key=lambda it: it.stat().st_mtime_ns)
    code = re.search(r"^\s+(\d{6})\s*$", letters[-1].read_text(), re.MULTILINE)
    assert code is not None
    path = f"/v1/registrations/{asked['registration_id']}/confirmation"
    confirmed = (await _did(world, browser.post(path, json={"code": code[1]}))).json()
    claims = world.house.security.tokens.verify(confirmed["access_token"])
    return confirmed | {"session_id": claims.session_id}


def _from(life: Life, person: Person) -> dict[str, str]:
    return {**person.headers, "x-forwarded-for": life.address, "user-agent": life.browser}


async def _did(world: World, asked: Any) -> httpx.Response:
    answer: httpx.Response = await asked
    assert answer.is_success, answer.text
    world.clock.advance(seconds=7)  # each moment is its own; all within one token
    return answer


def personal_tables() -> list[Table]:
    """The tables with personal data about people with accounts."""
    return [
        table
        for table in SQLModel.metadata.sorted_tables
        if personal(table) and not isinstance(row_label(table).whose, NoAccount)
    ]


def personal(table: Table) -> list[tuple[Column[Any], Personal]]:
    """The labelled columns of a table."""
    labels = ((column, label_of(column)) for column in table.columns)
    return [(column, label) for column, label in labels if isinstance(label, Personal)]


async def found(world: World, tables: list[Table]) -> Found:
    """All rows of the tables, with their personal values as an export should tell them."""
    rows: Found = {}
    async with world.database.reading() as db:
        for table in tables:
            for row in (await db.exec(select(model_of(table)))).all():
                key = tuple(getattr(row, str(it.name)) for it in table.primary_key.columns)
                rows[str(table.name), key] = {
                    str(column.name): label.told_as
                    if label.told_as and getattr(row, str(column.name)) is not None
                    else getattr(row, str(column.name))
                    for column, label in personal(table)
                }
    return rows


# What stands there only once somebody leaves: an account that has it can't be cancelled any more.
LEAVING = frozenset({"account.ends_at", "account.ended_at"})


async def fill(
    world: World, account_id: str, mine: Found, but: frozenset[str] = frozenset()
) -> list[str]:
    """Plant what no public interface could: in the person's rows, into columns with nothing yet.

    A table of accounts without any row of the person gets one. Returns the columns planted, which
    are all `but` those.
    """
    planted: list[str] = []
    tables = personal_tables()
    async with world.database.writing() as db:
        for table in tables:
            keys = [key for name, key in mine if name == table.name]
            if not keys and "account_id" in table.columns:
                await plant(db, table, account_id=account_id)
                planted += [str(column) for column, _ in personal(table)]
            for column, _ in personal(table) if keys else ():
                if str(column) in but:
                    continue
                values = [mine[str(table.name), key][str(column.name)] for key in keys]
                if all(value is None for value in values):
                    assert kind_of(column) in (str, datetime)
                    text = f"{account_id} {column.name}"[:512]
                    row = await db.get_one(model_of(table), keys[0])
                    world.clock.advance(seconds=1)
                    value = given_for(column, text) if kind_of(column) is str else world.clock.now()
                    setattr(row, str(column.name), value)
                    planted.append(str(column))
    return planted


def unique_words(mine: Found, others: Found) -> set[str]:
    """The values of one person that nobody else has, long enough to be looked for in a text.

    Days are left aside: a whole file is made on one.
    """
    return {word for word in _words(mine) - _words(others) if len(word) > 5}


def _words(rows: Found) -> set[str]:
    values = [value for row in rows.values() for value in row.values()]
    moments = {it.isoformat() for it in values if isinstance(it, datetime)}
    return moments | {it for it in values if isinstance(it, str)}
