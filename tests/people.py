"""The part of the house that people come in by: security, accounts and policy, nothing else.

Everything is real: the routes, the database, the letters in their folder. Only the clock is moved
by the test, and passwords are hashed with less work.
"""

import email
import email.policy
import itertools
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter, Depends, FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

import server.accounts.routes
import server.privacy.erasure.routes
import server.privacy.routes
import server.service_routes
from server.accounts.cookies import NAMES
from server.accounts.parts import AccountsParts
from server.accounts.provider_desk import ProviderDesk
from server.accounts.sessions import AccountSessions
from server.foundation.database import Database
from server.foundation.http_edge import HttpEdge, content_security_policy
from server.foundation.identity import Kind
from server.foundation.ids import Ids
from server.foundation.mail import FolderMail, Mail
from server.foundation.problem_responses import install_problem_handlers
from server.foundation.requests import Foundation
from server.foundation.settings import ProviderRow, Settings
from server.foundation.vault.key_file import load_keys
from server.foundation.vault.keyring import Vault
from server.migrations.known_tables import METADATA
from server.privacy.editions import Edition, load_editions
from server.privacy.erasure.metrics import ErasureMetrics
from server.privacy.erasure.work import ErasureWork
from server.privacy.gate import PolicyGate, require_acceptance
from server.privacy.purpose_gate import PurposeGate
from server.privacy.purposes import PURPOSES, DeclaredPurpose
from server.privacy.receipts import Receipts
from server.privacy.tombstone_file import tombstones_of
from server.security.authority import OnStaff, RegisteredCamera, SignedIn
from server.security.parts import SecurityParts
from server.security.passwords import Passwords
from server.security.signing_keys import load_signing_keys
from server.security.throttle import Throttle
from server.security.tokens import TokenDesk
from tests.movable_clock import MovableClock
from tests.places import LISBON, AskedLocator, write_places

PUBLIC_URL = "https://app.secuhome.example"
PASSWORD = "violet ladder under tin rain"
CHROME = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36"
CODE = re.compile(r"^\s+(\d{6})\s*$", re.MULTILINE)


@dataclass
class People:
    """The running parts and the few things that a test does with them again and again."""

    app: Any
    settings: Settings
    clock: MovableClock
    database: Database
    tokens: TokenDesk
    mailbox: Path
    erasures: ErasureWork
    foundation: Foundation
    security: SecurityParts
    _numbers: Any = field(default_factory=itertools.count)

    def browser(self, address: str = LISBON, **headers: str) -> httpx.AsyncClient:
        """A browser with its own cookies, seen at `address` through our proxy."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url=self.settings.public_url,
            headers={"user-agent": CHROME, "x-forwarded-for": address, **headers},
        )

    def letters(self, to: str) -> list[str]:
        """The texts of the letters to an address, the oldest first."""
        files = sorted(self.mailbox.glob("*.eml"))
        read = [
            email.message_from_bytes(it.read_bytes(), policy=email.policy.default) for it in files
        ]
        return [str(letter.get_content()) for letter in read if letter["To"] == to]

    def code_for(self, to: str) -> str:
        """The code in the newest letter."""
        found = CODE.search(self.letters(to)[-1])
        assert found is not None, "the newest letter has no code"
        return found[1]

    async def ask(self, browser: httpx.AsyncClient, to: str, **other: Any) -> httpx.Response:
        """Ask for an account."""
        body = {"email": to, "password": PASSWORD, "area": "PT", **other}
        return await browser.post("/v1/registrations", json=body)

    async def register(
        self, browser: httpx.AsyncClient, to: str | None = None, **other: Any
    ) -> dict[str, Any]:
        """Register and confirm; the body of the session that follows."""
        to = to or f"person{next(self._numbers)}@example.com"
        asked = await self.ask(browser, to, **other)
        assert asked.status_code == 202, asked.text
        address = f"/v1/registrations/{asked.json()['registration_id']}/confirmation"
        confirmed = await browser.post(address, json={"code": self.code_for(to)})
        assert confirmed.status_code == 201, confirmed.text
        return confirmed.json()

    async def sign_in(
        self, browser: httpx.AsyncClient, to: str, password: str = PASSWORD, **other: Any
    ) -> httpx.Response:
        """Sign in with a password."""
        body = {"email": to, "password": password, **other}
        return await browser.post("/v1/sessions", json=body)

    async def rows(self, table: type[Any]) -> list[Any]:
        """Everything in a table."""
        async with self.database.reading() as db:
            return list((await db.exec(select(table))).all())


def bearer(session: dict[str, Any] | str) -> dict[str, str]:
    """The header for a session's body, or for a token."""
    token = session if isinstance(session, str) else session["access_token"]
    return {"Authorization": f"Bearer {token}"}


def cheap_passwords() -> Passwords:
    """argon2id, with hardly any work."""
    hasher = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    return Passwords(PasswordHash((hasher,)))


async def make_tables(engine: AsyncEngine) -> None:
    """Create every table that is known."""
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)


@asynccontextmanager
async def people(
    folder: Path,
    database_url: str,
    *,
    clock: MovableClock | None = None,
    providers: tuple[ProviderRow, ...] = (),
    editions: tuple[Edition, ...] | None = None,
    purposes: tuple[DeclaredPurpose, ...] = PURPOSES,
    mail: Mail | None = None,
    http: httpx.AsyncClient | None = None,
    **settings: Any,
) -> AsyncGenerator[People]:
    """Put the parts together over an empty database."""
    clock = clock or MovableClock()
    given = Settings.model_validate(
        {
            "public_url": PUBLIC_URL,
            "data_dir": folder,
            "database_url": database_url,
            "trusted_proxies": ("127.0.0.1/32",),
            "geoip_path": write_places(folder / "places.mmdb"),
            "providers": providers,
            **settings,
        }
    )
    database = Database(given.database, Vault(load_keys(given), clock))
    await make_tables(database.engine)
    foundation = Foundation(
        given,
        database,
        clock,
        Ids(given.cell, clock),
        mail or FolderMail(folder / "mail", "us@x.example"),
    )
    tokens = TokenDesk(
        load_signing_keys(given), given.public_url, clock, timedelta(minutes=10), given.cell
    )
    security = SecurityParts(
        tokens,
        AskedLocator(given.geoip_path),
        Throttle(clock, given.tries_per_minute),
        cheap_passwords(),
        {Kind.ACCOUNT: AccountSessions(clock)},
        AskedLocator(given.geoip_second_path),
    )
    desk = ProviderDesk(given, clock, http)
    tombstones = tombstones_of(given, load_keys(given))
    erasures = ErasureWork(
        foundation, Receipts(load_signing_keys(given)), tombstones, ErasureMetrics()
    )
    gate = PolicyGate(editions or load_editions(), clock)
    app = _app(foundation, security, desk, gate, erasures)
    app.state.purposes = PurposeGate(purposes, gate.risks_told)
    app.state.receipts = Receipts(load_signing_keys(given))
    database.choices = app.state.purposes.granted
    csp = content_security_policy("'none'")
    edge = HttpEdge(app, max_bytes=65_536, csp=csp, secure=True, cookies=NAMES)
    try:
        yield People(
            edge, given, clock, database, tokens, folder / "mail", erasures, foundation, security
        )
    finally:
        for locator in security.locators:
            locator.close()
        await desk.close()
        await database.close()


def _app(
    foundation: Foundation,
    security: SecurityParts,
    desk: ProviderDesk,
    gate: PolicyGate,
    erasures: ErasureWork,
) -> FastAPI:
    app = FastAPI()
    app.state.foundation, app.state.security = foundation, security
    app.state.accounts, app.state.policy = AccountsParts(gate.accepted, desk), gate
    app.state.erasures = erasures
    install_problem_handlers(app)
    app.include_router(server.accounts.routes.router)
    app.include_router(server.privacy.routes.router)
    app.include_router(server.service_routes.router)
    app.include_router(server.privacy.erasure.routes.router)
    app.include_router(_doors())
    app.include_router(_gated(), dependencies=[Depends(require_acceptance)])
    return app


def _doors() -> APIRouter:
    """One route for each kind of caller."""
    doors = APIRouter()

    @doors.get("/door/person")
    async def person(caller: SignedIn) -> str:
        return caller.id

    @doors.get("/door/camera")
    async def camera(caller: RegisteredCamera) -> str:
        return caller.id

    @doors.get("/door/staff")
    async def staff(caller: OnStaff) -> str:
        return caller.id

    return doors


def _gated() -> APIRouter:
    """Routes behind the acceptance of the policy, as most of the house's are."""
    gated = APIRouter()

    @gated.get("/gated/person")
    async def person(caller: SignedIn) -> str:
        return caller.id

    @gated.get("/gated/camera")
    async def camera(caller: RegisteredCamera) -> str:
        return caller.id

    return gated
