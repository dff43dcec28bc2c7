"""The whole server as `server.main` puts it together, over an empty database, with its callers.

Everything is real but the clock. The gateway isn't listening; a test that wants a camera online
says so to the engine that it would tell.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlmodel import SQLModel, select

from devices.registry.factory_import import import_file
from server.accounts.tables import Account, Session
from server.foundation.database import Database
from server.foundation.identity import Identity, Kind
from server.foundation.settings import Settings
from server.foundation.vault.key_file import load_keys
from server.main import House, build
from server.migrations.migrate import migrate
from server.privacy.editions import Edition
from tests.movable_clock import MovableClock
from tests.places import NOWHERE, write_places
from tests.registry.keys import ASSERTION_TYPE, FactoryCamera, factory_file, jwk_of, new_key

AUDIENCE = "https://app.secuhome.example/v1/oauth/token"
PROOF = "p" * 43
AT_ONCE = 5  # what the pool keeps open
Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in and has accepted the policy."""

    id: str
    identity: Identity
    headers: dict[str, str]


@dataclass(frozen=True)
class Camera:
    """A camera that the factory told of, with a token."""

    made: FactoryCamera
    id: str
    headers: dict[str, str]


@dataclass
class World:
    """The running server and the few things that a test does with it again and again."""

    house: House
    clock: MovableClock
    http: httpx.AsyncClient
    folder: Path
    _numbers: Any = field(default_factory=count)

    @property
    def database(self) -> Database:
        """The database, for looking at what is stored."""
        return self.house.foundation.database

    async def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **how: Any
    ) -> httpx.Response:
        """One request, at an address that no place is known of, unless `headers` say another."""
        return await self.http.request(
            method, path, headers={"x-forwarded-for": NOWHERE, **(headers or {})}, **how
        )

    async def connections_at_hand(self) -> None:
        """Open them now: where each had to be opened first, nothing would happen at once."""
        async with AsyncExitStack() as stack:
            for _ in range(AT_ONCE):
                await stack.enter_async_context(self.database.engine.connect())

    async def rows(self, table: type[Row]) -> list[Row]:
        """Everything in a table."""
        async with self.database.reading() as db:
            return list(await db.exec(select(table)))

    async def person(self, *, accepted: bool = True) -> Person:
        """Somebody new, signed in."""
        ids, now = self.house.foundation.ids, self.clock.now()
        account = Account(id=ids.new("acc"), created_at=now)
        session = Session(
            id=ids.new("ses"),
            account_id=account.id,
            device="Chrome on Android",
            remember=False,
            created_at=now,
            last_used_at=now,
            expires_at=now + timedelta(days=3650),
        )
        async with self.database.writing() as db:
            db.add(account)
            await db.flush()
            db.add(session)
        person = self.again(account.id, session.id)
        if accepted:
            policy = (await self.ask("GET", "/v1/policy")).json()
            body = {"version": policy["version"], "sha256": policy["sha256"]}
            answer = await self.ask("POST", "/v1/policy/acceptance", person.headers, json=body)
            assert answer.status_code == 201, answer.text
        return person

    def again(self, account_id: str, session_id: str) -> Person:
        """The same person with a fresh token, for tests in which much time goes by."""
        tokens = self.house.security.tokens
        token = tokens.issue(Kind.ACCOUNT, account_id, session_id)
        headers = {"Authorization": f"Bearer {token}"}
        return Person(account_id, tokens.verify(token), headers)

    async def take_in(self, *made: FactoryCamera) -> None:
        """Import these cameras as the factory's file would bring them."""
        path = self.folder / f"factory-{next(self._numbers)}.csv"
        path.write_bytes(factory_file(camera.record() for camera in made))
        parts = self.house.foundation
        await import_file(parts.database, parts.ids, parts.clock, path)

    async def token(self, assertion: str, **form: str) -> httpx.Response:
        """Ask for a camera's token with this assertion."""
        honest = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        return await self.ask("POST", "/v1/oauth/token", data={**honest, **form})

    async def camera(self, model: str = "SH-C1", region: str = "DE") -> Camera:
        """A new camera that the factory told of, with a token that it asked for."""
        made = FactoryCamera(f"SN-{1000 + next(self._numbers)}", model, region)
        await self.take_in(made)
        answer = await self.token(made.assertion(AUDIENCE, self.clock.now()))
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        identity = self.house.security.tokens.verify(token)
        return Camera(made, identity.id, {"Authorization": f"Bearer {token}"})

    async def begin(
        self, person: Person, name: str = "Porch", *, seen_at: str = NOWHERE
    ) -> dict[str, Any]:
        """A pairing that the person begins."""
        body = {"name": name, "phone_key": jwk_of(new_key())}
        headers = {**person.headers, "x-forwarded-for": seen_at}
        answer = await self.ask("POST", "/v1/pairings", headers, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def redeem(self, camera: Camera, token: str, proof: str = PROOF) -> httpx.Response:
        """The camera redeems a token that it saw."""
        body = {"token": token, "proof": proof}
        return await self.ask("POST", "/v1/pairings/redemption", camera.headers, json=body)

    async def pair(
        self, person: Person, camera: Camera, name: str = "Porch", *, seen_at: str = NOWHERE
    ) -> dict[str, Any]:
        """Make the camera the person's."""
        begun = await self.begin(person, name, seen_at=seen_at)
        answer = await self.redeem(camera, begun["token"])
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def history(self, person: Person) -> list[dict[str, Any]]:
        """What the person reads of what happened to the account."""
        return (await self.ask("GET", "/v1/account/history", person.headers)).json()["events"]


@asynccontextmanager
async def running_world(
    folder: Path, database_url: str, editions: Sequence[Edition] | None = None, **more: Any
) -> AsyncGenerator[World]:
    """The server over an empty database, migrated as an operator would."""
    clock = MovableClock()
    settings = Settings.model_validate(
        {
            "public_url": AUDIENCE.removesuffix("/v1/oauth/token"),
            "data_dir": folder,
            "database_url": database_url,
            "trusted_proxies": ("127.0.0.1/32",),
            "geoip_path": write_places(folder / "places.mmdb"),
            **more,
        }
    )
    await migrate(database_url, load_keys(settings))
    house = build(settings, clock, editions)
    transport = httpx.ASGITransport(house.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=settings.public_url) as http:
        try:
            yield World(house, clock, http, folder)
        finally:
            house.security.locator.close()
            await house.providers.close()
            await house.foundation.database.close()
