"""An owner leaves: cancels, takes back, or is gone; and nobody else can do it."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.accounts.tables import Account, Session
from server.foundation.mail import Letter
from server.privacy.erasure.tables import Erasure, Tombstone
from server.security.events import SecurityEvent
from tests.people import PASSWORD, People, bearer, people
from tests.registry.world import World

EMAIL = "anna@example.com"
RIGHT = {"password": PASSWORD}


async def cancel(browser: httpx.AsyncClient, session: dict[str, Any], **how: Any) -> httpx.Response:
    return await browser.post("/v1/account/cancellation", json=how, headers=bearer(session))


async def test_a_cancelled_account_is_signed_out_everywhere_and_waits(house: People):
    async with house.browser() as browser, house.browser() as elsewhere:
        session = await house.register(browser, EMAIL)
        other = (await house.sign_in(elsewhere, EMAIL)).json()
        told = await cancel(browser, session, **RIGHT)
        assert (told.status_code, told.headers["cache-control"]) == (202, "no-store")
        erasure = told.json()
        assert (erasure["state"], erasure["certificate"]) == ("waiting", None)
        assert erasure["starts_at"] == "2026-12-02T08:00:00Z"
        assert erasure["due_on"] == "2026-12-11"  # in Portugal the 1st and the 8th are holidays
        for of in (session, other):
            assert (await browser.get("/v1/account", headers=bearer(of))).status_code == 401
        for at in (browser, elsewhere):
            refused = await at.post("/v1/sessions/refresh")
            assert refused.json()["code"] == "session_over"
        refused = await house.sign_in(browser, EMAIL)
        assert (refused.status_code, refused.json()["code"]) == (403, "account_cancelled")
        wrong = await house.sign_in(browser, EMAIL, "not the right one")
        assert wrong.json()["code"] == "wrong_credentials"  # a stranger learns nothing
        assert (await browser.get(f"/v1/erasures/{erasure['id']}")).json() == erasure
    letter = house.letters(EMAIL)[-1]
    assert f"https://app.secuhome.example/app/#/erasures/{erasure['id']}\n" in letter
    assert "2 December 2026" in letter


async def test_what_cancelling_takes_and_brings_is_told_before_and_changes_nothing(house: People):
    async with house.browser() as browser:
        session = await house.register(browser, EMAIL)
        path = "/v1/account/cancellation"
        told = (await browser.get(path, headers=bearer(session))).json()
        assert told == {
            "needs_password": True,
            "starts_at": "2026-12-02T08:00:00Z",
            "due_on": "2026-12-11",
        }
        assert (await browser.get(path, headers=bearer(session))).json() == told
        cancelled = (await cancel(browser, session, **RIGHT)).json()
        assert cancelled | told == cancelled | {"needs_password": True}
        assert (await browser.get(path, headers=bearer(session))).status_code == 401
        assert (await browser.get(path)).status_code == 401


async def test_within_the_grace_the_owner_takes_it_back_and_nothing_is_lost(house: People):
    async with house.browser() as browser:
        session = await house.register(browser, EMAIL, name="Anna")
        erasure = (await cancel(browser, session, **RIGHT)).json()
        house.clock.advance(days=6.9)
        await house.erasures.run_due()
        back = await house.sign_in(browser, EMAIL, take_back=True)
        assert back.status_code == 201, back.text
        house.clock.advance(days=30)
        await house.erasures.run_due()
        signed_in = (await house.sign_in(browser, EMAIL)).json()
        account = (await browser.get("/v1/account", headers=bearer(signed_in))).json()
        assert (account["email"], account["name"]) == (EMAIL, "Anna")
        history = (await browser.get("/v1/account/history", headers=bearer(signed_in))).json()
        kinds = sorted(it["kind"] for it in history["events"])
        assert kinds[:3] == ["account_cancelled", "account_taken_back", "registered"]
        gone = await browser.get(f"/v1/erasures/{erasure['id']}")
        assert (gone.status_code, gone.json()["code"]) == (404, "unknown_erasure")
    assert await house.rows(Erasure) == await house.rows(Tombstone) == []


async def test_one_that_was_taken_back_can_be_cancelled_again_with_a_new_grace(house: People):
    async with house.browser() as browser:
        first = await cancel(browser, await house.register(browser, EMAIL), **RIGHT)
        house.clock.advance(days=3)
        back = (await house.sign_in(browser, EMAIL, take_back=True)).json()
        second = await cancel(browser, back, **RIGHT)
        assert second.json()["id"] != first.json()["id"]
        assert second.json()["starts_at"] == "2026-12-05T08:00:00Z"
    assert len(await house.rows(Erasure)) == 1


async def test_after_the_grace_it_is_as_if_there_never_had_been_an_account(house: People):
    async with house.browser() as browser:
        session = await house.register(browser, EMAIL)
        erasure = (await cancel(browser, session, **RIGHT)).json()
        house.clock.advance(days=7)
        late = await house.sign_in(browser, EMAIL, take_back=True)
        unknown = await house.sign_in(browser, "nobody@example.com", take_back=True)
        assert _told(late) == _told(unknown) == (401, "wrong_credentials")
        await house.erasures.run_due()
        assert _told(await house.sign_in(browser, EMAIL)) == (401, "wrong_credentials")
        assert _told(await browser.post("/v1/sessions/refresh")) == (401, "session_over")
        done = (await browser.get(f"/v1/erasures/{erasure['id']}")).json()
        assert done["state"] == "done"
        anew = await house.register(browser, EMAIL)
        assert anew["account_id"] != session["account_id"]
        assert anew["policy_accepted"] is False


async def test_who_skips_the_grace_is_erased_at_once(house: People):
    async with house.browser() as browser:
        session = await house.register(browser, EMAIL)
        erasure = (await cancel(browser, session, at_once=True, **RIGHT)).json()
        assert erasure["starts_at"] == erasure["asked_at"]
        await house.erasures.run_due()
        done = (await browser.get(f"/v1/erasures/{erasure['id']}")).json()
        assert done["finished_at"] == erasure["asked_at"]
    assert house.letters(EMAIL) == []  # the demo's folder is ours: its letters go along


async def test_of_two_at_once_both_get_the_one_erasure(world: World):
    person = await world.person()
    await world.connections_at_hand()
    asked = [
        world.ask("POST", "/v1/account/cancellation", person.headers, json={"at_once": True})
        for _ in range(4)
    ]
    answers = await asyncio.gather(*asked)
    told = [it.json() for it in answers if it.status_code == 202]
    assert {it.status_code for it in answers} <= {202, 401}  # 401: signed out by the first
    assert told
    assert len({it["id"] for it in told}) == 1
    await asyncio.gather(*(world.house.erasures.run_due() for _ in range(3)))
    (erasure,) = await world.rows(Erasure)
    assert erasure.finished_at is not None
    assert len(await world.rows(Tombstone)) == 1


@pytest.mark.parametrize("given", [{"password": "not the right one"}, {}])
async def test_a_stranger_with_the_phone_can_not_cancel(house: People, given: dict[str, str]):
    async with house.browser() as browser:
        session = await house.register(browser, EMAIL)
        refused = await cancel(browser, session, **given)
        assert _told(refused) == (401, "wrong_credentials")
        assert (await browser.get("/v1/account", headers=bearer(session))).status_code == 200
    assert await house.rows(Erasure) == []
    (account,) = await house.rows(Account)
    assert account.ends_at is None


async def test_without_a_password_one_must_have_signed_in_just_now(world: World):
    person = await world.person()
    world.clock.advance(minutes=11)
    later = world.again(person.id, person.identity.session_id)
    refused = await world.ask("POST", "/v1/account/cancellation", later.headers, json={})
    assert _told(refused) == (403, "fresh_sign_in_needed")
    async with world.database.writing() as db:
        session = await db.get_one(Session, person.identity.session_id)
        session.created_at = world.clock.now() - timedelta(minutes=1)
    answer = await world.ask("POST", "/v1/account/cancellation", later.headers, json={})
    assert answer.status_code == 202


async def test_cameras_and_staff_have_no_account_to_cancel(world: World):
    camera = await world.camera()
    for headers, status in ((camera.headers, 403), ({}, 401)):
        answer = await world.ask("POST", "/v1/account/cancellation", headers, json={})
        assert answer.status_code == status


async def test_an_id_that_was_never_given_opens_nothing(house: People):
    async with house.browser() as browser:
        for path, status in (("era_eu1_" + "0" * 40, 404), ("era_eu1_OR1=1", 422)):
            assert (await browser.get(f"/v1/erasures/{path}")).status_code == status


class NoMail:
    """A mail server that is away."""

    async def send(self, letter: Letter) -> None:
        if "cancelled" in letter.subject:
            raise OSError
        self.code = letter.text

    async def forget(self, address: str) -> None:
        del address

    async def forget_before(self, moment: datetime) -> None:
        del moment


async def test_a_letter_that_can_not_be_sent_stops_nothing(tmp_path: Path, database_url: str):
    mail = NoMail()
    async with people(tmp_path, database_url, mail=mail) as house, house.browser() as browser:
        asked = (await house.ask(browser, EMAIL)).json()
        code = next(it.strip() for it in mail.code.splitlines() if it.strip().isdigit())
        path = f"/v1/registrations/{asked['registration_id']}/confirmation"
        session = (await browser.post(path, json={"code": code})).json()
        assert (await cancel(browser, session, **RIGHT)).status_code == 202
        assert len(await house.rows(Erasure)) == 1
        kinds = [it.kind for it in await house.rows(SecurityEvent)]
        assert "account_cancelled" in kinds


def _told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
