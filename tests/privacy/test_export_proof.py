"""An export is for who proves to be the owner, and for nobody who has only their sign-in."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from server.security.events import SecurityEvent
from tests.people import PASSWORD, People, bearer
from tests.privacy.archives import Archive
from tests.registry.world import World, running_world

EXPORT = "/v1/privacy/export"
EMAIL = "anna@example.com"


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


async def ask(browser: httpx.AsyncClient, token: str, **body: object) -> httpx.Response:
    return await browser.post(EXPORT, json=body, headers=bearer(token))


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_stolen_sign_in_alone_gets_nothing(house: People):
    wrong = {"password": "not the right one"}
    async with house.browser() as browser, house.browser() as thief:
        token = (await house.register(browser, EMAIL))["access_token"]
        assert told(await ask(thief, token)) == (401, "wrong_credentials")
        assert told(await ask(thief, token, **wrong)) == (401, "wrong_credentials")
        for _ in range(28):
            await ask(thief, token, **wrong)
        assert told(await ask(thief, token, password=PASSWORD)) == (429, "too_many_requests")
    assert "data_exported" not in [it.kind for it in await house.rows(SecurityEvent)]


async def test_with_the_password_it_comes_and_the_history_tells_of_it(house: People):
    async with house.browser() as browser:
        session = await house.register(browser, EMAIL, name="Anna")
        answer = await ask(browser, session["access_token"], password=PASSWORD)
    assert Archive.of(answer.content).data["account_id"] == session["account_id"]
    (event,) = [it for it in await house.rows(SecurityEvent) if it.kind == "data_exported"]
    assert (event.account_id, event.at) == (session["account_id"], house.clock.now())


async def test_without_a_password_the_sign_in_must_be_fresh(world: World):
    person = await world.person()
    session = person.identity.session_id
    world.clock.advance(minutes=10)
    again = world.again(person.id, session)
    assert (await world.ask("POST", EXPORT, again.headers, json={})).status_code == 200
    world.clock.advance(seconds=1)
    late = await world.ask("POST", EXPORT, again.headers, json={})
    assert told(late) == (403, "fresh_sign_in_needed")
