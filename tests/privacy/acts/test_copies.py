"""Somebody who can't sign in gets all that we hold, once, by a link and a code."""

import asyncio
from typing import Any

import httpx
import pytest

from server.privacy.acts.tables import CaseCopy
from server.privacy.retention import end_what_is_over
from tests.privacy.archives import Archive
from tests.privacy.cases.counter import ADA, CODE, Counter, code


async def fetch(counter: Counter, told: dict[str, Any], typed: str) -> httpx.Response:
    """Fetch the copy with the token of a request and a code."""
    headers = {"Authorization": f"Bearer {told['token']}"}
    path = f"/v1/privacy/requests/{told['number']}/copy"
    return await counter.post(path, {"code": typed}, headers)


def code_of(counter: Counter) -> str:
    """The code of the newest letter about a copy."""
    (*_, letter) = [it for it in counter.letters() if "can be fetched" in it]
    found = CODE.search(letter)
    assert found is not None
    return found[1]


async def test_the_proven_person_fetches_everything_once(counter: Counter):
    ada, ben = await counter.owner_of(ADA), await counter.owner_of("ben@example.com")
    told = await counter.proven()
    answer = await fetch(counter, told, code_of(counter))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    archive = Archive.of(answer.content)
    assert archive.data["account_id"] == ada.id
    assert ADA in archive.data_text
    assert "ben@example.com" not in archive.data_text
    assert code(await fetch(counter, told, code_of(counter))) == (410, "copy_over")
    kinds = [it["kind"] for it in await counter.world.history(ada)]
    assert {"copy_offered", "copy_fetched"} <= set(kinds)
    assert "copy_offered" not in {it["kind"] for it in await counter.world.history(ben)}


async def test_of_two_at_once_one_gets_it(counter: Counter):
    await counter.owner_of(ADA)
    told = await counter.proven()
    await counter.world.connections_at_hand()
    answers = await asyncio.gather(*(fetch(counter, told, code_of(counter)) for _ in range(3)))
    assert sorted(it.status_code for it in answers) == [200, 410, 410]


async def test_the_link_without_the_code_and_the_code_without_the_link_open_nothing(
    counter: Counter,
):
    await counter.owner_of(ADA)
    told = await counter.proven()
    typed = code_of(counter)
    wrong = "000000" if typed != "000000" else "000001"
    assert code(await fetch(counter, told | {"token": "x" * 43}, typed)) == (404, "unknown_request")
    for _ in range(5):
        assert code(await fetch(counter, told, wrong)) == (422, "wrong_code")
    assert code(await fetch(counter, told, typed)) == (410, "copy_over")  # out of tries


async def test_after_a_week_the_link_is_over_and_the_row_gone(counter: Counter):
    await counter.owner_of(ADA)
    told = await counter.proven()
    counter.world.clock.advance(days=7)
    assert code(await fetch(counter, told, code_of(counter))) == (410, "copy_over")
    async with counter.world.database.writing() as db:
        await end_what_is_over(db, counter.world.clock.now())
    assert await counter.world.rows(CaseCopy) == []


async def test_a_copy_of_an_account_that_ended_meanwhile_is_over(counter: Counter):
    await counter.owner_of(ADA)
    access, end = await counter.proven(), await counter.proven(kind="cancellation")
    assert end["number"] != access["number"]
    typed = code_of(counter)
    counter.world.clock.advance(days=7, seconds=-1)
    await counter.world.house.erasures.run_due()
    counter.world.clock.advance(seconds=1)
    await counter.world.house.erasures.run_due()
    assert code(await fetch(counter, access, typed)) == (410, "copy_over")


@pytest.mark.parametrize("change", [{"kind": "question"}, {"kind": "access"}])
async def test_without_an_account_or_a_wish_no_copy_waits(counter: Counter, change: dict[str, str]):
    if change["kind"] == "access":
        told = await counter.proven(**change)
    else:
        await counter.owner_of(ADA)
        told = (await counter.asked(**change))["followed"]
    assert code(await fetch(counter, told, "123456")) == (410, "copy_over")


async def test_an_owner_in_the_app_is_not_sent_a_copy_to_any_address(counter: Counter):
    """A phone that was found unlocked must not mail everything to whoever found it."""
    ada = await counter.owner_of(ADA)
    contact = {"kind": "email", "value": "thief@example.com"}
    wish = {"kind": "access", "region": "PT", "message": "All of it.", "contact": contact}
    told = (await counter.post("/v1/account/requests", wish, ada.headers)).json()
    staff = await counter.staff()
    await counter.open(staff, told["number"])
    body = {"act": "copy", "reason": "It was asked for in the app."}
    refused = await counter.post(f"/v1/support/requests/{told['number']}/acts", body, staff)
    assert code(refused) == (422, "invalid_request")
    assert await counter.world.rows(CaseCopy) == []


async def test_the_staff_offers_it_again_and_the_code_before_opens_nothing(counter: Counter):
    await counter.owner_of(ADA)
    told = await counter.proven()
    first, staff = code_of(counter), await counter.staff()
    await counter.open(staff, told["number"])
    body = {"act": "copy", "reason": "The download broke off."}
    path = f"/v1/support/requests/{told['number']}/acts"
    assert (await counter.post(path, body, staff)).status_code == 201
    second = code_of(counter)
    if first != second:
        assert code(await fetch(counter, told, first)) == (422, "wrong_code")
    assert (await fetch(counter, told, second)).status_code == 200
