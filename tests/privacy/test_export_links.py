"""A link to an export: for who proves to be the owner, once, soon, and for nobody who looks on."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from server.privacy.erasure.tables import Erasure
from server.privacy.tables import ExportLink
from server.security.events import SecurityEvent
from tests.people import PASSWORD, People, bearer
from tests.privacy.archives import Archive
from tests.raw_bytes import bytes_of, found_in
from tests.registry.world import World, running_world

LINKS = "/v1/privacy/export-links"
EMAIL = "anna@example.com"


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


async def ask(browser: httpx.AsyncClient, token: str, **body: object) -> httpx.Response:
    return await browser.post(LINKS, json=body, headers=bearer(token))


async def path_of(browser: httpx.AsyncClient, token: str) -> str:
    made = await ask(browser, token, password=PASSWORD)
    assert made.status_code == 201, made.text
    return made.json()["path"]


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_stolen_sign_in_alone_gets_nothing(house: People):
    async with house.browser() as browser, house.browser() as thief:
        token = (await house.register(browser, EMAIL))["access_token"]
        assert told(await ask(thief, token)) == (401, "wrong_credentials")
        assert told(await ask(thief, token, password="not the right one")) == (
            401,
            "wrong_credentials",
        )
        gone = await thief.get("/v1/privacy/export", headers=bearer(token))
        assert gone.status_code == 404
        assert await house.rows(ExportLink) == []
        for _ in range(28):
            await ask(thief, token, password="not the right one")
        assert told(await ask(thief, token, password=PASSWORD)) == (429, "too_many_requests")


async def test_without_a_password_the_sign_in_must_be_fresh(world: World):
    person = await world.person()
    session = person.identity.session_id
    world.clock.advance(minutes=10)
    again = world.again(person.id, session)
    assert (await world.ask("POST", LINKS, again.headers, json={})).status_code == 201
    world.clock.advance(seconds=1)
    assert told(await world.ask("POST", LINKS, again.headers, json={})) == (
        403,
        "fresh_sign_in_needed",
    )


async def test_a_link_opens_once_and_whoever_opened_it_is_in_the_history(house: People):
    async with house.browser() as browser, house.browser() as anybody:
        session = await house.register(browser, EMAIL, name="Anna")
        path = await path_of(browser, session["access_token"])
        opened = await anybody.get(path)
        assert Archive.of(opened.content).data["account_id"] == session["account_id"]
        assert told(await anybody.get(path)) == (404, "unknown_export_link")
    assert await house.rows(ExportLink) == []
    (event,) = [it for it in await house.rows(SecurityEvent) if it.kind == "data_exported"]
    assert (event.account_id, event.at) == (session["account_id"], house.clock.now())


async def test_of_two_who_open_a_link_at_once_one_gets_it(world: World):
    person = await world.person()
    path = (await world.ask("POST", LINKS, person.headers, json={})).json()["path"]
    await world.connections_at_hand()
    answers = await asyncio.gather(*(world.ask("GET", path) for _ in range(4)))
    assert sorted(it.status_code for it in answers) == [200, 404, 404, 404]


async def test_a_link_is_over_after_ten_minutes_and_looks_like_one_that_never_was(house: People):
    async with house.browser() as browser:
        token = (await house.register(browser, EMAIL))["access_token"]
        paths = [await path_of(browser, token) for _ in range(2)]
        house.clock.advance(minutes=10, seconds=-1)
        assert (await browser.get(paths[0])).status_code == 200
        house.clock.advance(seconds=1)
        late, never = (
            await browser.get(paths[1]),
            await browser.get(f"/v1/privacy/exports/{'a' * 43}"),
        )
        assert told(late) == told(never) == (404, "unknown_export_link")
        for member in ("title", "remedy"):
            assert late.json()[member] == never.json()[member]


async def test_an_account_that_ends_takes_its_links_along_at_once(house: People):
    """Even where the erasure gets no further than its first steps."""
    house.settings.tombstones.mkdir()  # nothing can be written there
    async with house.browser() as browser:
        session = await house.register(browser, EMAIL)
        path = await path_of(browser, session["access_token"])
        body = {"password": PASSWORD, "at_once": True}
        headers = bearer(session["access_token"])
        await browser.post("/v1/account/cancellation", json=body, headers=headers)
        await house.erasures.run_due()
        assert told(await browser.get(path)) == (404, "unknown_export_link")
    assert await house.rows(ExportLink) == []
    (erasure,) = await house.rows(Erasure)
    assert erasure.next_step == "key"


async def test_neither_the_database_nor_the_log_has_the_link_and_it_names_nobody(
    house: People, capfd: pytest.CaptureFixture[str]
):
    async with house.browser() as browser:
        session = await house.register(browser, EMAIL)
        path = await path_of(browser, session["access_token"])
        token = path.rpartition("/")[2]
        assert len(token) == 43  # 256 bits
        assert session["account_id"] not in path
        assert found_in(await bytes_of(house.database), [token]) == set()
        await browser.get(path)
        await browser.get(path)
    said = "".join(capfd.readouterr())
    assert "/v1/privacy/exports/{token}" in said
    assert token not in said
