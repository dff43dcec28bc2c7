"""Signing in with a provider, with the certified one of npm as a process of its own."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from pydantic import SecretStr, ValidationError
from sqlmodel import SQLModel, select

from server.accounts.tables import Account, ProviderIdentity, ProviderSignIn, Session
from server.foundation.settings import ProviderRow
from server.security.events import SecurityEvent
from tests.identity_provider.process import (
    CLIENT_ID,
    CLIENT_SECRET,
    NAME,
    IdentityProvider,
    identity_provider,
)
from tests.movable_clock import MovableClock
from tests.people import PUBLIC_URL, People, bearer, people
from tests.privacy.archives import Archive

pytestmark = pytest.mark.flow

CALLBACK = f"/v1/providers/{NAME}/callback"


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    """A provider that knows us."""
    async with identity_provider(f"{PUBLIC_URL}{CALLBACK}") as running:
        yield running


@pytest.fixture
async def house(
    tmp_path: Path, database_url: str, provider: IdentityProvider
) -> AsyncIterator[People]:
    """Our side, with two rows for the provider: one of them for another name."""
    rows = tuple(_row(name, provider) for name in (NAME, "other"))
    # the provider lives in real time, so our clock starts there
    clock = MovableClock(datetime.now(UTC))
    async with people(tmp_path, database_url, clock=clock, providers=rows) as running:
        yield running


def _row(name: str, provider: IdentityProvider) -> ProviderRow:
    return ProviderRow(
        name=name,
        title=name.title(),
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=SecretStr(CLIENT_SECRET),
    )


async def _begin(browser: httpx.AsyncClient, name: str = NAME) -> str:
    answer = await browser.get(f"/v1/providers/{name}/sign-in")
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def _come_in(
    browser: httpx.AsyncClient, provider: IdentityProvider, person: str
) -> httpx.Response:
    query = await provider.let_in(await _begin(browser), person)
    return await browser.get(CALLBACK, params=query)


async def _refused(house: People, answer: httpx.Response) -> None:
    """The problem, and nothing half-written."""
    assert (answer.status_code, answer.json()["code"]) == (400, "provider_sign_in_refused")
    assert "secuhome_refresh" not in answer.headers.get("set-cookie", "")
    for table in (Account, ProviderIdentity, Session, SecurityEvent):
        assert await house.rows(table) == []


async def test_a_person_comes_in_and_is_known_the_next_time(
    house: People, provider: IdentityProvider
) -> None:
    async with house.browser() as browser:
        answer = await _come_in(browser, provider, "anna")
        assert (answer.status_code, answer.headers["location"]) == (303, "/app/")
        session = (await browser.post("/v1/sessions/refresh")).json()
        account = (await browser.get("/v1/account", headers=bearer(session))).json()
    assert account["name"] == "anna the nickname"
    assert account["avatar_url"] == "https://pictures.example/anna.png"
    assert account["email"] is None
    async with house.browser() as another_browser:
        await _come_in(another_browser, provider, "anna")
        again = (await another_browser.post("/v1/sessions/refresh")).json()
    assert again["account_id"] == account["id"]
    kinds = sorted(it.kind for it in await house.rows(SecurityEvent))
    assert kinds == ["registered"] + ["session_refreshed"] * 2 + ["signed_in"] * 2


async def test_only_name_and_picture_are_asked_for_and_nothing_else_is_kept(
    house: People, provider: IdentityProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    """The provider tells more than it was asked: e-mail address, telephone, birthdate."""
    async with house.browser() as browser:
        address = await _begin(browser)
        (row,) = [it for it in house.settings.providers if it.name == NAME]
        asked = dict(parse_qsl(urlsplit(address).query))["scope"]
        assert asked == row.scope == "openid profile"
        await browser.get(CALLBACK, params=await provider.let_in(address, "anna"))
        session = (await browser.post("/v1/sessions/refresh")).json()
        exported = await browser.post("/v1/privacy/export", json={}, headers=bearer(session))
    out, err = capsys.readouterr()
    assert "/v1/providers/{name}/callback" in out + err
    archive = Archive.of(exported.content)
    assert "anna the nickname" in archive.data_text
    assert "anna the nickname" in archive.page
    stored = await _everything(house)
    assert "anna the nickname" in stored
    assert "canary" not in stored + out + err + archive.data_text + archive.page


def test_a_row_asks_for_no_more_than_name_and_picture() -> None:
    row = {"name": "a", "title": "A", "issuer": "i", "client_id": "c", "client_secret": "s"}
    assert ProviderRow.model_validate(row).scope == "openid profile"
    with pytest.raises(ValidationError):
        ProviderRow.model_validate(row | {"scope": "openid profile email"})


async def test_an_account_is_never_joined_by_its_e_mail_address(
    house: People, provider: IdentityProvider
) -> None:
    """Else whoever sets an address at a careless provider would own the account of its holder."""
    async with house.browser() as browser, house.browser() as other:
        mine = await house.register(browser, "canary-email-anna@example.com")
        await _come_in(other, provider, "anna")
        theirs = (await other.post("/v1/sessions/refresh")).json()
    assert mine["account_id"] != theirs["account_id"]


async def test_a_forged_state_is_refused(house: People, provider: IdentityProvider) -> None:
    async with house.browser() as browser:
        query = await provider.let_in(await _begin(browser), "anna")
        for forged in ({**query, "state": "forged"}, {"code": query["code"]}, {}):
            await _refused(house, await browser.get(CALLBACK, params=forged))


async def test_a_callback_in_another_browser_is_refused(
    house: People, provider: IdentityProvider
) -> None:
    """A link that signs its victim into the attacker's account (login forgery)."""
    async with house.browser() as attacker, house.browser() as victim:
        query = await provider.let_in(await _begin(attacker), "mallory")
        await _refused(house, await victim.get(CALLBACK, params=query))
        # and the victim's own cookie, of a sign-in under way, doesn't fit either
        await _begin(victim)
        query = await provider.let_in(await _begin(attacker), "mallory")
        await _refused(house, await victim.get(CALLBACK, params=query))


async def test_a_callback_counts_once(house: People, provider: IdentityProvider) -> None:
    async with house.browser() as browser:
        address = await _begin(browser)
        cookies = dict(browser.cookies)
        query = await provider.let_in(address, "anna")
        assert (await browser.get(CALLBACK, params=query)).status_code == 303
        browser.cookies.update(cookies)  # even from the browser that began it
        again = await browser.get(CALLBACK, params=query)
        fresh = {**query, "code": (await provider.let_in(address, "anna"))["code"]}
        with_a_fresh_code = await browser.get(CALLBACK, params=fresh)
    assert again.status_code == with_a_fresh_code.status_code == 400
    assert len(await house.rows(Session)) == 1


async def test_of_two_callbacks_at_once_one_counts(
    house: People, provider: IdentityProvider
) -> None:
    async with house.browser() as browser:
        query = await provider.let_in(await _begin(browser), "anna")
        answers = await asyncio.gather(
            *(browser.get(CALLBACK, params=query, cookies=None) for _ in range(3))
        )
    assert sorted(it.status_code for it in answers) == [303, 400, 400]
    assert len(await house.rows(Session)) == 1


async def test_a_refused_callback_uses_its_state_up(
    house: People, provider: IdentityProvider
) -> None:
    async with house.browser() as browser:
        query = await provider.let_in(await _begin(browser), "anna")
        await _refused(house, await browser.get(CALLBACK, params={**query, "code": "forged"}))
        await _refused(house, await browser.get(CALLBACK, params=query))


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "another sign-in's nonce"},  # an ID token that was made for somebody else
        {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"},  # a stolen code
    ],
    ids=["nonce", "pkce"],
)
async def test_a_code_that_was_made_for_another_sign_in_is_refused(
    house: People, provider: IdentityProvider, changed: dict[str, str]
) -> None:
    async with house.browser() as browser:
        query = await provider.let_in(await _begin(browser), "anna", **changed)
        await _refused(house, await browser.get(CALLBACK, params=query))


async def test_a_callback_for_another_provider_is_refused(
    house: People, provider: IdentityProvider
) -> None:
    async with house.browser() as browser:
        query = await provider.let_in(await _begin(browser), "anna")
        other = CALLBACK.replace(NAME, "other")
        await _refused(house, await browser.get(other, params=query))
        query = await provider.let_in(await _begin(browser), "anna")
        mixed_up = {**query, "iss": "https://attacker.example"}
        await _refused(house, await browser.get(CALLBACK, params=mixed_up))


async def test_a_callback_that_comes_too_late_is_refused(
    house: People, provider: IdentityProvider
) -> None:
    async with house.browser() as browser:
        query = await provider.let_in(await _begin(browser), "anna")
        house.clock.advance(seconds=house.settings.provider_sign_in_s)
        await _refused(house, await browser.get(CALLBACK, params=query))


async def test_who_says_no_over_there_stays_outside(
    house: People, provider: IdentityProvider
) -> None:
    async with house.browser() as browser:
        query = await provider.let_in(await _begin(browser), "refuses")
        assert query["error"] == "access_denied"
        await _refused(house, await browser.get(CALLBACK, params=query))
        page = await browser.get(CALLBACK, headers={"sec-fetch-mode": "navigate"})
        assert "text/html" in page.headers["content-type"]


async def test_the_binding_cookie_is_short_and_out_of_reach(house: People) -> None:
    async with house.browser() as browser:
        answer = await browser.get(f"/v1/providers/{NAME}/sign-in")
    cookie = answer.headers["set-cookie"].lower()
    for part in ("httponly", "secure", "samesite=lax", "path=/v1/providers", "max-age=600"):
        assert part in cookie


async def test_nothing_of_the_flow_can_be_read_from_the_database(
    house: People, provider: IdentityProvider
) -> None:
    async with house.browser() as browser:
        address = await _begin(browser)
        query = dict(parse_qsl(urlsplit(address).query))
        binder = browser.cookies["secuhome_provider_sign_in"]
    stored = await _everything(house)
    assert len(await house.rows(ProviderSignIn)) == 1
    for secret in (query["state"], query["nonce"], query["code_challenge"], binder):
        assert secret not in stored


async def test_who_cancelled_takes_the_account_back_by_the_same_way(
    house: People, provider: IdentityProvider
) -> None:
    """Such an account has no password that could be given together with the wish."""
    async with house.browser() as browser:
        await _come_in(browser, provider, "anna")
        session = (await browser.post("/v1/sessions/refresh")).json()
        cancelled = await browser.post("/v1/account/cancellation", json={}, headers=bearer(session))
        assert cancelled.status_code == 202, cancelled.text
        refused = await _come_in(browser, provider, "anna")
        assert (refused.status_code, refused.json()["code"]) == (403, "account_cancelled")
        begun = await browser.get(f"/v1/providers/{NAME}/sign-in?take_back=true")
        query = await provider.let_in(begun.headers["location"], "anna")
        assert (await browser.get(CALLBACK, params=query)).status_code == 303
        again = (await browser.post("/v1/sessions/refresh")).json()
        house.clock.advance(days=30)  # the provider's own clock doesn't move along
        await house.erasures.run_due()
    (account,) = await house.rows(Account)
    assert (account.ends_at, account.ended_at) == (None, None)
    assert again["account_id"] == session["account_id"]


async def _cancel(browser: httpx.AsyncClient, **how: bool) -> httpx.Response:
    session = (await browser.post("/v1/sessions/refresh")).json()
    return await browser.post("/v1/account/cancellation", json=how, headers=bearer(session))


async def test_a_cancelled_account_is_not_brought_back_by_the_provider(
    house: People, provider: IdentityProvider
) -> None:
    """Nor by a sign-in that was under way when its owner cancelled."""
    async with house.browser() as browser, house.browser() as elsewhere:
        await _come_in(browser, provider, "anna")
        under_way = await provider.let_in(await _begin(elsewhere), "anna")
        assert (await _cancel(browser)).status_code == 202
        for refused in (
            await elsewhere.get(CALLBACK, params=under_way),
            await _come_in(browser, provider, "anna"),
        ):
            assert (refused.status_code, refused.json()["code"]) == (403, "account_cancelled")
            assert "secuhome_refresh" not in refused.headers.get("set-cookie", "")
    (waiting,) = await house.rows(Account)
    assert waiting.ends_at is not None
    assert all(it.ended_at is not None for it in await house.rows(Session))


async def test_after_the_end_the_provider_leads_to_a_new_account_and_not_to_the_old(
    house: People, provider: IdentityProvider
) -> None:
    async with house.browser() as browser:
        await _come_in(browser, provider, "anna")
        (old,) = [it.account_id for it in await house.rows(ProviderIdentity)]
        assert (await _cancel(browser, at_once=True)).status_code == 202
        begun = await browser.get(f"/v1/providers/{NAME}/sign-in?take_back=true")
        query = await provider.let_in(begun.headers["location"], "anna")
        late = await browser.get(CALLBACK, params=query)
        assert (late.status_code, late.json()["code"]) == (401, "wrong_credentials")
        await house.erasures.run_due()
        assert (await _come_in(browser, provider, "anna")).status_code == 303
    (new,) = [it.account_id for it in await house.rows(ProviderIdentity)]
    assert new != old
    assert {it.account_id for it in await house.rows(Session)} == {new}


async def test_who_signed_in_long_ago_signs_in_anew_before_cancelling(
    house: People, provider: IdentityProvider
) -> None:
    """Without a password, a sign-in just now is the proof, and one is enough."""
    async with house.browser() as browser:
        await _come_in(browser, provider, "anna")
        async with house.database.writing() as db:  # the provider's clock can't be moved along
            for session in await db.exec(select(Session)):
                session.created_at -= timedelta(minutes=11)
        refused = await _cancel(browser)
        assert (refused.status_code, refused.json()["code"]) == (403, "fresh_sign_in_needed")
        await _come_in(browser, provider, "anna")
        answer = await _cancel(browser)
        assert answer.status_code == 202, answer.text


async def test_providers_are_listed_and_unknown_ones_unknown(house: People) -> None:
    async with house.browser() as browser:
        listed = (await browser.get("/v1/providers")).json()
        unknown = await browser.get("/v1/providers/nobody/sign-in")
    assert listed == {
        "providers": [{"name": NAME, "title": "Certified"}, {"name": "other", "title": "Other"}]
    }
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_provider")
    assert CLIENT_SECRET not in str(listed)


async def _everything(house: People) -> str:
    """Every row as the code reads it, sealed text opened."""
    kinds = [mapper.class_ for mapper in Account._sa_registry.mappers]
    ours = [kind for kind in kinds if kind.metadata is SQLModel.metadata]
    rows = [row.model_dump() for kind in ours for row in await house.rows(kind)]
    return json.dumps(rows, default=str)
