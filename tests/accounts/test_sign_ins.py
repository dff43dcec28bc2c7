"""Where one is signed in: listed with what is remembered, and ended from anywhere."""

import httpx

from tests.people import People, bearer

ANNA, BEN = "anna@example.com", "ben@example.com"
LISTED = "/v1/account/sign-ins"


async def listed(browser: httpx.AsyncClient, headers: dict[str, str]) -> list[dict[str, object]]:
    answer = await browser.get(LISTED, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["sign_ins"]


async def test_what_is_remembered_is_listed_and_its_end_asks_for_a_full_sign_in(house: People):
    async with house.browser() as here, house.browser() as away:
        own = bearer(await house.register(here, ANNA))
        house.clock.advance(minutes=1)
        wish = {"email": ANNA, "password": "violet ladder under tin rain", "remember": True}
        opened = (await away.post("/v1/sessions", json=wish)).json()
        other, this = await listed(here, own)
        assert (other["remembered"], other["is_this"]) == (True, False)
        assert (this["remembered"], this["is_this"]) == (False, True)
        assert other["device"]
        assert (await away.post("/v1/sessions/refresh")).status_code == 200  # no password asked
        ended = await here.delete(f"{LISTED}/{other['id']}", headers=own)
        assert ended.status_code == 204, ended.text
        assert (await away.get("/v1/account", headers=bearer(opened))).status_code == 401
        refused = await away.post("/v1/sessions/refresh")
        assert refused.json()["code"] == "session_over"
        assert [it["is_this"] for it in await listed(here, own)] == [True]
        again = await here.delete(f"{LISTED}/{other['id']}", headers=own)
        assert again.status_code == 204  # what has ended stays as it is
        history = (await here.get("/v1/account/history", headers=own)).json()["events"]
        assert [it["kind"] for it in history].count("signed_out") == 1


async def test_somebody_elses_sign_in_looks_as_if_it_were_not_there(house: People):
    async with house.browser() as one, house.browser() as other:
        own = bearer(await house.register(one, ANNA))
        ben = bearer(await house.register(other, BEN))
        (theirs,) = await listed(other, ben)
        refused = await one.delete(f"{LISTED}/{theirs['id']}", headers=own)
        nothing = await one.delete(f"{LISTED}/ses_none", headers=own)
        for answer in (refused, nothing):
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_sign_in")
        assert len(await listed(other, ben)) == 1


async def test_one_that_ran_out_is_listed_no_more(house: People):
    async with house.browser() as browser:
        await house.register(browser, ANNA)
        house.clock.advance(days=400)
        own = bearer((await house.sign_in(browser, ANNA)).json())
        assert [it["is_this"] for it in await listed(browser, own)] == [True]
