"""Sign-ins: opened by a password, renewed by a token that is good once, ended at once."""

import asyncio
import json
from datetime import timedelta
from http.cookies import SimpleCookie

import httpx
import pytest

from server.accounts.tables import RefreshToken, Session
from server.security.events import SecurityEvent
from server.security.passwords import Passwords
from tests.people import PASSWORD, People, bearer

ANNA = "anna@example.com"


async def test_signing_in_needs_the_right_password(house: People) -> None:
    async with house.browser() as browser:
        await house.register(browser, ANNA)
    async with house.browser() as browser:
        wrong = await house.sign_in(browser, ANNA, PASSWORD + "!")
        right = await house.sign_in(browser, " Anna@Example.COM".strip())
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
    assert "set-cookie" not in wrong.headers
    assert right.status_code == 201
    assert right.json()["expires_in"] == 600


async def test_the_same_password_typed_on_another_keyboard_is_the_same(house: People) -> None:
    """One keyboard sends é as one code point, another as two (NFC against NFD)."""
    async with house.browser() as browser:
        await house.register(browser, ANNA, password="un café très serré au comptoir")
        decomposed = "un café très serré au comptoir"
        assert (await house.sign_in(browser, ANNA, decomposed)).status_code == 201


async def test_nobody_and_a_wrong_password_get_the_same_answer(house: People) -> None:
    async with house.browser() as browser:
        await house.register(browser, ANNA)
        wrong = await house.sign_in(browser, ANNA, PASSWORD + "!")
        nobody = await house.sign_in(browser, "nobody@example.com")
    strip = {"request_id"}
    assert wrong.status_code == nobody.status_code == 401
    assert {k: v for k, v in wrong.json().items() if k not in strip} == {
        k: v for k, v in nobody.json().items() if k not in strip
    }


async def test_nobody_costs_the_same_hash_as_somebody(
    house: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    real = Passwords._matches

    def count(self: Passwords, password: str, kept: str) -> bool:
        hashed.append(kept.split("$")[3])  # argon2's parameters
        return real(self, password, kept)

    async with house.browser() as browser:
        await house.register(browser, ANNA)
        monkeypatch.setattr(Passwords, "_matches", count)
        await house.sign_in(browser, ANNA, PASSWORD + "!")
        await house.sign_in(browser, "nobody@example.com")
    assert len(hashed) == 2
    assert hashed[0] == hashed[1]


async def test_guessing_is_slowed_per_address_and_per_network(house: People) -> None:
    most = house.settings.tries_per_minute
    async with house.browser() as browser:
        await house.register(browser, ANNA)
    async with house.browser("203.0.113.200") as guesser:
        for _ in range(most):
            assert (await house.sign_in(guesser, ANNA, "a guess")).status_code == 401
        refused = await house.sign_in(guesser, ANNA, PASSWORD)
        neighbour = await house.sign_in(guesser, "other@example.com", "a guess")
        assert refused.status_code == neighbour.status_code == 429
        assert refused.json()["code"] == "too_many_requests"
    async with house.browser("198.51.100.1") as elsewhere:
        assert (await house.sign_in(elsewhere, ANNA)).status_code == 429
        house.clock.advance(seconds=int(refused.headers["retry-after"]))
        assert (await house.sign_in(elsewhere, ANNA)).status_code == 201


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(house: People) -> None:
    async with house.browser() as browser:
        await house.register(browser, ANNA)
        short = _cookie(await house.sign_in(browser, ANNA))
        long = _cookie(await house.sign_in(browser, ANNA, remember=True))
    for cookie in (short, long):
        assert cookie["httponly"] and cookie["secure"]
        assert (cookie["samesite"], cookie["path"]) == ("strict", "/v1/sessions")
        assert not cookie["domain"]
    assert short["max-age"] == ""
    assert long["max-age"] == str(house.settings.refresh_token_s)


async def test_a_refresh_gives_a_new_token_and_notes_the_use(house: People) -> None:
    async with house.browser() as browser:
        first = await house.register(browser, ANNA)
        before = dict(browser.cookies)
        house.clock.advance(minutes=9)
        again = await browser.post(
            "/v1/sessions/refresh", headers={"x-forwarded-for": "198.51.100.4"}
        )
        assert again.status_code == 200
        assert dict(browser.cookies) != before
        assert again.json()["account_id"] == first["account_id"]
        assert again.json()["place"] == {"text": "Portugal"}
        assert (await browser.get("/v1/account", headers=bearer(again.json()))).status_code == 200
    events = await house.rows(SecurityEvent)
    assert sorted(it.kind for it in events) == ["registered", "session_refreshed"]


async def test_a_copied_token_ends_the_whole_sign_in(house: People) -> None:
    """Thief and owner can't be told apart, so both are out, at once, and the owner reads why."""
    async with house.browser() as browser, house.browser("198.51.100.66") as thief:
        await house.register(browser, ANNA)
        thief.cookies.update(browser.cookies)
        owner = (await browser.post("/v1/sessions/refresh")).json()
        stolen = await thief.post("/v1/sessions/refresh")
        assert (stolen.status_code, stolen.json()["code"]) == (401, "session_over")
        assert (await browser.post("/v1/sessions/refresh")).status_code == 401
        assert (await browser.get("/v1/account", headers=bearer(owner))).status_code == 401
    (session,) = await house.rows(Session)
    assert session.ended_at == house.clock.now()
    events = {it.kind: it for it in await house.rows(SecurityEvent)}
    assert events["session_copied"].network == "198.51.100.0/24"


async def test_another_sign_in_of_the_account_survives_a_copied_token(house: People) -> None:
    async with house.browser() as browser, house.browser() as other:
        await house.register(browser, ANNA)
        await house.sign_in(other, ANNA)
        copied = dict(browser.cookies)
        await browser.post("/v1/sessions/refresh")
        async with house.browser() as thief:
            thief.cookies.update(copied)
            await thief.post("/v1/sessions/refresh")
        assert (await other.post("/v1/sessions/refresh")).status_code == 200


async def test_of_two_refreshes_at_once_one_succeeds_at_most(house: People) -> None:
    async with house.browser() as browser:
        await house.register(browser, ANNA)
        token = browser.cookies["secuhome_refresh"]

        async def refresh() -> int:
            async with house.browser() as twin:
                twin.cookies.set("secuhome_refresh", token)
                return (await twin.post("/v1/sessions/refresh")).status_code

        assert sorted(await asyncio.gather(*(refresh() for _ in range(5)))) == [200] + [401] * 4


async def test_no_token_and_a_made_up_one_are_refused_alike(house: People) -> None:
    async with house.browser() as browser:
        none = await browser.post("/v1/sessions/refresh")
        browser.cookies.set("secuhome_refresh", "made-up")
        made_up = await browser.post("/v1/sessions/refresh")
    assert none.json()["code"] == made_up.json()["code"] == "session_over"
    assert none.status_code == made_up.status_code == 401


@pytest.mark.parametrize(
    ("remember", "lasts"), [(True, timedelta(days=30)), (False, timedelta(days=1))]
)
async def test_a_sign_in_without_use_runs_out(
    house: People, remember: bool, lasts: timedelta
) -> None:
    async with house.browser() as browser:
        await house.register(browser, ANNA)
        await house.sign_in(browser, ANNA, remember=remember)
        house.clock.advance(seconds=lasts.total_seconds() - 1)
        assert (await browser.post("/v1/sessions/refresh")).status_code == 200  # use renews it
        house.clock.advance(seconds=lasts.total_seconds())
        assert (await browser.post("/v1/sessions/refresh")).status_code == 401


async def test_signing_out_ends_both_tokens_at_once(house: People) -> None:
    async with house.browser() as browser:
        session = await house.register(browser, ANNA)
        token = browser.cookies["secuhome_refresh"]
        out = await browser.delete("/v1/sessions/current", headers=bearer(session))
        assert out.status_code == 204
        assert "secuhome_refresh" not in browser.cookies
        assert (await browser.get("/v1/account", headers=bearer(session))).status_code == 401
        browser.cookies.set("secuhome_refresh", token)
        assert (await browser.post("/v1/sessions/refresh")).status_code == 401


async def test_one_can_sign_out_with_an_access_token_that_ran_out(house: People) -> None:
    async with house.browser() as browser:
        session = await house.register(browser, ANNA)
        house.clock.advance(minutes=11)
        out = await browser.delete("/v1/sessions/current", headers=bearer(session))
        assert out.status_code == 204
    (row,) = await house.rows(Session)
    assert row.ended_at is not None


async def test_signing_out_leaves_the_other_sign_ins_alone(house: People) -> None:
    async with house.browser() as browser, house.browser() as other:
        session = await house.register(browser, ANNA)
        still_in = (await house.sign_in(other, ANNA)).json()
        await browser.delete("/v1/sessions/current", headers=bearer(session))
        assert (await other.get("/v1/account", headers=bearer(still_in))).status_code == 200


async def test_nobody_signs_out_without_a_token(house: People) -> None:
    async with house.browser() as browser:
        assert (await browser.delete("/v1/sessions/current")).json()["code"] == "bad_token"


async def test_another_sites_page_can_neither_sign_in_nor_refresh_nor_sign_out(
    house: People,
) -> None:
    """SameSite takes another port of our host for us; the browser's own word doesn't."""
    async with house.browser() as browser:
        await house.register(browser, ANNA)
        for foreign in (
            {"sec-fetch-site": "same-site"},
            {"sec-fetch-site": "cross-site"},
            {"origin": "https://app.secuhome.example:8443"},
            {"origin": "null"},
        ):
            body = {"email": ANNA, "password": PASSWORD}
            for answer in (
                await browser.post("/v1/sessions", json=body, headers=foreign),
                await browser.post("/v1/sessions/refresh", headers=foreign),
                await browser.delete("/v1/sessions/current", headers=foreign),
            ):
                assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
        ours = {"origin": "https://app.secuhome.example", "sec-fetch-site": "same-origin"}
        assert (await browser.post("/v1/sessions/refresh", headers=ours)).status_code == 200


async def test_no_token_is_stored_as_it_is(house: People) -> None:
    async with house.browser() as browser:
        session = await house.register(browser, ANNA)
        token = browser.cookies["secuhome_refresh"]
    rows = [row.model_dump() for t in (RefreshToken, Session) for row in await house.rows(t)]
    stored = json.dumps(rows, default=str)  # sealed text opened
    assert token not in stored
    assert session["access_token"] not in stored


async def test_answers_with_tokens_are_not_cached(house: People) -> None:
    async with house.browser() as browser:
        await house.register(browser, ANNA)
        assert (await house.sign_in(browser, ANNA)).headers["cache-control"] == "no-store"


def _cookie(answer: httpx.Response) -> dict[str, str]:
    jar = SimpleCookie(answer.headers["set-cookie"])
    return dict(jar["secuhome_refresh"])
