"""A new password needs the old one, and whoever else is in is out."""

import asyncio
from typing import Any

import httpx
import pytest

from server.accounts.tables import Account
from tests.people import PASSWORD, People, bearer

NEW = "copper kettle beside winter gate"
MAIL = "anna@example.com"


async def change(
    browser: httpx.AsyncClient, session: dict[str, Any], old: str = PASSWORD, new: str = NEW
) -> httpx.Response:
    body = {"password": old, "new_password": new}
    return await browser.post("/v1/account/password", json=body, headers=bearer(session))


async def is_in(browser: httpx.AsyncClient, session: dict[str, Any]) -> bool:
    answer = await browser.get("/v1/account", headers=bearer(session))
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


async def test_a_new_password_counts_and_other_sign_ins_end(house: People) -> None:
    async with house.browser() as mine, house.browser() as other, house.browser() as bens:
        session = await house.register(mine, MAIL)
        ben = await house.register(bens, "ben@example.com")
        stolen = (await house.sign_in(other, MAIL)).json()
        house.clock.advance(seconds=1)
        answer = await change(mine, session)
        assert (answer.status_code, answer.content) == (204, b"")
        assert await is_in(mine, session)
        assert not await is_in(other, stolen)
        assert (await other.post("/v1/sessions/refresh")).json()["code"] == "session_over"
        assert (await mine.post("/v1/sessions/refresh")).status_code == 200
        assert await is_in(bens, ben)
        assert (await house.sign_in(other, MAIL)).json()["code"] == "wrong_credentials"
        assert (await house.sign_in(other, MAIL, NEW)).status_code == 201
        history = (await mine.get("/v1/account/history", headers=bearer(session))).json()
        assert "Changed the password" in [it["text"] for it in history["events"]]
    assert "password of your SecuHome account was changed" in house.letters(MAIL)[-1]
    assert NEW not in house.letters(MAIL)[-1]


async def test_without_the_old_password_nothing_changes(house: People) -> None:
    """Who finds an unlocked phone doesn't get to keep the account."""
    async with house.browser() as mine, house.browser() as other:
        session = await house.register(mine, MAIL)
        another = (await house.sign_in(other, MAIL)).json()
        refused = await change(mine, session, old="amber ladder under tin rain")
        assert (refused.status_code, refused.json()["code"]) == (401, "wrong_credentials")
        assert refused.json()["field"] == "password"
        assert await is_in(other, another)
        assert (await house.sign_in(mine, MAIL)).status_code == 201


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("short", "weak_password"),
        ("anna@example.com1", "weak_password"),
        ("passwordpassword", "breached_password"),
    ],
)
async def test_a_weak_password_is_refused(house: People, new: str, code: str) -> None:
    async with house.browser() as mine, house.browser() as other:
        session = await house.register(mine, MAIL)
        another = (await house.sign_in(other, MAIL)).json()
        refused = await change(mine, session, new=new)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["field"] == "new_password"
        assert new not in refused.text
        assert await is_in(other, another)


async def test_guessing_the_old_password_is_slowed_down(house: People) -> None:
    async with house.browser() as mine:
        session = await house.register(mine, MAIL)
        codes = [(await change(mine, session, old="x")).status_code for _ in range(31)]
        assert (codes[0], codes[-1]) == (401, 429)


async def test_of_two_changes_at_once_one_counts(house: People) -> None:
    async with house.browser() as mine, house.browser() as other:
        session = await house.register(mine, MAIL)
        both = await asyncio.gather(
            change(mine, session), change(mine, session, new="silver spoon along quiet river")
        )
        assert sorted(it.status_code for it in both) == [204, 401]
        known = NEW if both[0].status_code == 204 else "silver spoon along quiet river"
        assert (await house.sign_in(other, MAIL, known)).status_code == 201


async def test_who_comes_by_a_provider_has_no_password_to_change(house: People) -> None:
    async with house.browser() as mine:
        session = await house.register(mine, MAIL)
        async with house.database.writing() as db:
            account = await db.get_one(Account, session["account_id"])
            account.password_hash = None
        refused = await change(mine, session)
        assert (refused.status_code, refused.json()["code"]) == (409, "no_password")
