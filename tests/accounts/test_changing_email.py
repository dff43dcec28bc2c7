"""Another e-mail address counts once its mailbox was read, and for the owner alone."""

from datetime import timedelta
from typing import Any

import httpx

from server.accounts.tables import Account, EmailChange
from tests.people import PASSWORD, People, bearer

OLD, NEW = "anna@example.com", "anna@new.example"


async def ask(
    browser: httpx.AsyncClient, session: dict[str, Any], to: str = NEW, **other: str
) -> httpx.Response:
    body = {"email": to, "password": PASSWORD, **other}
    return await browser.post("/v1/account/email", json=body, headers=bearer(session))


async def confirm(browser: httpx.AsyncClient, session: dict[str, Any], code: str) -> httpx.Response:
    path = "/v1/account/email/confirmation"
    return await browser.post(path, json={"code": code}, headers=bearer(session))


async def test_the_new_address_signs_in_and_the_old_one_is_told_and_forgotten(
    house: People,
) -> None:
    async with house.browser() as mine, house.browser() as other:
        session = await house.register(mine, OLD)
        assert (await ask(mine, session, to=NEW.upper())).status_code == 202
        assert "asked to replace this e-mail address" in house.letters(OLD)[-1]
        assert NEW not in house.letters(OLD)[-1]
        assert (await house.sign_in(other, OLD)).status_code == 201  # nothing is changed yet
        done = await confirm(mine, session, house.code_for(NEW))
        assert (done.status_code, done.json()["email"]) == (200, NEW)
        assert (await house.sign_in(other, NEW)).status_code == 201
        assert (await house.sign_in(other, OLD)).json()["code"] == "wrong_credentials"
        history = (await mine.get("/v1/account/history", headers=bearer(session))).json()
        assert "Changed the e-mail address" in [it["text"] for it in history["events"]]
        assert house.letters(OLD) == []
        assert await house.rows(EmailChange) == []
        await house.register(other, OLD)  # it is free again


async def test_who_does_not_know_the_password_changes_nothing(house: People) -> None:
    async with house.browser() as mine:
        session = await house.register(mine, OLD)
        refused = await ask(mine, session, password="amber ladder under tin rain")
        assert (refused.status_code, refused.json()["code"]) == (401, "wrong_credentials")
    assert house.letters(NEW) == []
    assert await house.rows(EmailChange) == []


async def test_guesses_at_the_code_are_counted_and_it_runs_out(house: People) -> None:
    async with house.browser() as mine:
        session = await house.register(mine, OLD)
        await ask(mine, session)
        code = house.code_for(NEW)
        wrong = f"{(int(code) + 1) % 10**6:06}"
        codes = [(await confirm(mine, session, wrong)).json()["code"] for _ in range(5)]
        assert codes == ["wrong_code"] * 5
        assert (await confirm(mine, session, code)).json()["code"] == "email_change_over"
        await ask(mine, session)  # a new one takes its place
        house.clock.advance(minutes=9)
        await ask(mine, session)
        assert (await confirm(mine, session, house.code_for(NEW))).status_code == 200
        session = (await mine.post("/v1/sessions/refresh")).json()
        await ask(mine, session, to=OLD)
        house.clock.advance(seconds=timedelta(minutes=30).total_seconds())
        session = (await mine.post("/v1/sessions/refresh")).json()
        late = await confirm(mine, session, house.code_for(OLD))
        assert (late.status_code, late.json()["code"]) == (410, "email_change_over")
        (account,) = await house.rows(Account)
        assert account.email == NEW


async def test_nobody_learns_whether_an_address_has_an_account(house: People) -> None:
    async with house.browser() as mine, house.browser() as bens:
        session = await house.register(mine, OLD)
        await house.register(bens, "ben@example.com")
        free = await ask(mine, session, to="free@example.com")
        taken = await ask(mine, session, to="ben@example.com")
        assert free.status_code == taken.status_code == 202
        assert free.json().keys() == taken.json().keys()
        letter = house.letters("ben@example.com")[-1]
        assert "belongs to an account already" in letter
        assert not any(digit in letter for digit in "0123456789")
        assert (await confirm(mine, session, "000000")).json()["code"] == "wrong_code"


async def test_an_address_that_was_registered_meanwhile_stays_its_holders(house: People) -> None:
    async with house.browser() as mine, house.browser() as other:
        session = await house.register(mine, OLD)
        await ask(mine, session)
        code = house.code_for(NEW)
        await house.register(other, NEW)
        over = await confirm(mine, session, code)
        assert (over.status_code, over.json()["code"]) == (410, "email_change_over")
        emails = sorted(str(it.email) for it in await house.rows(Account))
        assert emails == [OLD, NEW]


async def test_anothers_code_confirms_nothing(house: People) -> None:
    async with house.browser() as mine, house.browser() as bens:
        session = await house.register(mine, OLD)
        ben = await house.register(bens, "ben@example.com")
        await ask(mine, session)
        answer = await confirm(bens, ben, house.code_for(NEW))
        assert (answer.status_code, answer.json()["code"]) == (410, "email_change_over")
