"""Signing in by a provider's button, page by page, and what becomes of callbacks seen before.

We are `localhost` and the provider is `127.0.0.1`: two sites to the browser, as in real life, so
that what it sends along on the way back is decided by our cookies' own attributes.
"""

import json
import re
import sqlite3
import zipfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, Response, expect
from sqlmodel import select, update

from server.accounts.cookies import REFRESH, SIGN_IN
from server.accounts.errors import FreshSignInNeeded, ProviderSignInRefused
from server.accounts.tables import Account, Session
from server.demo.processes import free_port
from server.foundation.database import Database
from tests.browser.chromium import page_of
from tests.browser.companion import EMAIL, PATIENCE_MS, accept_policy, answer, heading, press
from tests.browser.home import Served, served
from tests.browser.identity_pages import agree, identity_pages, log_in
from tests.browser.test_accessibility import fits_everybody
from tests.identity_provider.process import CLIENT_ID, CLIENT_SECRET, NAME

pytestmark = [pytest.mark.browser, pytest.mark.flow]

BUTTON: Final = "Continue with Certified"
CALLBACK: Final = f"/v1/providers/{NAME}/callback"


@asynccontextmanager
async def served_with_provider(folder: Path, **given: str) -> AsyncGenerator[Served]:
    """A server that knows the provider, and the provider."""
    port = free_port(0)
    url = f"http://localhost:{port}"
    async with identity_pages(f"{url}{CALLBACK}") as issuer:
        row = {
            "name": NAME,
            "title": "Certified",
            "issuer": issuer,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        told = {"PUBLIC_URL": url, "HTTP_PORT": str(port), "PROVIDERS": json.dumps([row])}
        async with served(folder, **told | given) as server:
            yield server


def rows(server: Served, table: str) -> int:
    """How many rows the server's database has there."""
    with closing(sqlite3.connect(server.folder / "secuhome.sqlite")) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


async def cookie(page: Page, name: str) -> str | None:
    """The value of a cookie that this browser keeps."""
    kept = {one.get("name"): one.get("value") for one in await page.context.cookies()}
    return kept.get(name)


async def to_provider(page: Page, server: Served) -> None:
    """Leave the app by the provider's button."""
    await page.goto(f"{server.url}/app/")
    await page.get_by_role("link", name=BUTTON).click()


async def come_in(page: Page, server: Served, person: str = "anna") -> str:
    """Sign in through all pages; the callback's address."""
    await to_provider(page, server)
    await log_in(page, person)
    async with page.expect_request(lambda request: CALLBACK in request.url) as callback:
        await agree(page)
    await page.wait_for_url(f"{server.url}/app/**")
    return (await callback.value).url


async def refused(page: Page, answer: Response | None) -> None:
    """The browser shows a page that says what happened, what to do, and leads on."""
    assert answer is not None
    assert answer.status == 400
    assert (await answer.header_value("content-type") or "").startswith("text/html")
    await expect(heading(page, ProviderSignInRefused.title)).to_be_visible()
    await expect(page).to_have_title(f"{ProviderSignInRefused.title} · SecuHome")
    await expect(page.get_by_text(ProviderSignInRefused.remedy)).to_be_visible()
    await expect(page.get_by_role("link", name="Open the app")).to_be_visible()
    assert "{" not in await page.locator("body").inner_text()


async def accounts_in(database_url: str) -> int:
    """How many accounts a database holds."""
    database = Database(database_url)
    async with database.reading() as db:
        found = (await db.exec(select(Account.id))).all()
    await database.close()
    return len(found)


async def test_a_person_comes_in_by_the_button_and_is_known_the_next_time(
    browser: Browser, tmp_path: Path, database_url: str
):
    with_provider = served_with_provider(tmp_path, DATABASE_URL=database_url)
    async with with_provider as server, page_of(browser) as page:
        await come_in(page, server)
        await expect(heading(page, "Before you start")).to_be_visible()
        await accept_policy(page)
        await press(page, "Account")
        facts = page.locator("main dl")
        await expect(facts).to_contain_text("anna the nickname")
        await expect(facts).not_to_contain_text("canary")  # an address was told, not asked for
        await press(page, "Sign out")
        await expect(heading(page, "Sign in")).to_be_visible()

        await to_provider(page, server)  # who knows this browser by now, and asks nothing
        await expect(heading(page, "Cameras")).to_be_visible()  # the acceptance still counts
        async with page_of(browser) as elsewhere:
            await come_in(elsewhere, server)
            await expect(heading(elsewhere, "Cameras")).to_be_visible()
            await press(elsewhere, "History")
            signed_in = elsewhere.locator("[data-kind=signed_in]")
            await expect(signed_in).to_have_count(3)
            await expect(elsewhere.locator("[data-kind=registered]")).to_have_count(1)
    assert await accounts_in(database_url) == 1


async def test_who_has_no_password_is_asked_for_none(browser: Browser, tmp_path: Path):
    """A sign-in just now is the proof: for the archive, and for an address to reach them by."""
    async with served_with_provider(tmp_path) as server, page_of(browser) as page:
        await come_in(page, server)
        await accept_policy(page)
        await page.goto(f"{server.url}/app/#/privacy")
        async with page.expect_download() as saving:
            await press(page, "Download everything")
        with zipfile.ZipFile(await (await saving.value).path()) as archive:
            assert archive.testzip() is None
        await expect(page.get_by_label(re.compile("[Pp]assword"))).to_have_count(0)

        await page.goto(f"{server.url}/app/#/privacy/corrections")
        await answer(page, "New e-mail address").fill(EMAIL)
        await expect(page.get_by_label(re.compile("[Pp]assword"))).to_have_count(0)
        await press(page, "Send the code")
        await answer(page, "Code from the mail").fill(await server.code())
        await press(page, "Confirm")
        mine = page.get_by_role("region", name="Your e-mail address")
        await expect(mine).to_contain_text(f"It is {EMAIL}.")


async def test_who_signed_in_long_ago_signs_in_anew_and_leaves(browser: Browser, tmp_path: Path):
    """Nothing is accepted, so that there is no menu: the page that refuses shows the way itself."""
    async with served_with_provider(tmp_path) as server, page_of(browser) as page:
        await come_in(page, server)
        await expect(heading(page, "Before you start")).to_be_visible()
        await eleven_minutes_later(server)
        await to_the_end(page)
        await press(page, "Cancel the account")
        await press(page, "Cancel it")
        refusal = page.get_by_role("alert").filter(has_text=FreshSignInNeeded.title)
        await expect(refusal).to_be_visible()
        await fits_everybody(page)

        await refusal.get_by_role("button", name="Sign out, to sign in again").click()
        await expect(heading(page, "Sign in")).to_be_visible()
        assert await cookie(page, REFRESH) is None
        await page.get_by_role("link", name=BUTTON).click()  # and it knows this browser
        await expect(heading(page, "Before you start")).to_be_visible()
        await to_the_end(page)
        await answer(page, "Erase it at once").check()
        await press(page, "Cancel the account")
        await press(page, "Erase it now")
        await expect(page.locator("[data-erasure=done]")).to_be_visible(timeout=PATIENCE_MS)
        assert await cookie(page, REFRESH) is None


async def to_the_end(page: Page) -> None:
    """From any page, by what everybody who is signed in is shown."""
    await press(page, "Your data")
    await press(page, "Cancel the account And erase what belongs to it")
    await expect(heading(page, "Cancel the account")).to_be_visible()


async def eleven_minutes_later(server: Served) -> None:
    """All sign-ins are older by this; the provider's clock can't be moved along."""
    database = Database(f"sqlite+aiosqlite:///{server.folder / 'secuhome.sqlite'}")
    then = datetime.now(UTC) - timedelta(minutes=11)
    async with database.writing() as db:
        await db.exec(update(Session).values(created_at=then))
    await database.close()


async def test_a_callback_that_is_opened_again_is_refused_on_a_readable_page(
    browser: Browser, tmp_path: Path
):
    async with served_with_provider(tmp_path) as server, page_of(browser) as page:
        address = await come_in(page, server)
        await accept_policy(page)
        await refused(page, await page.goto(address))
        await refused(page, await page.reload())
        await press(page, "Open the app")
        await expect(heading(page, "Cameras")).to_be_visible()  # the first session goes on
        await page.go_back()
        await expect(heading(page, ProviderSignInRefused.title)).to_be_visible()

        await press(page, "Open the app")
        await press(page, "Account")
        await press(page, "Sign out")
        await expect(heading(page, "Sign in")).to_be_visible()
        await refused(page, await page.goto(address))
        assert await cookie(page, REFRESH) is None
        await press(page, "Open the app")
        await expect(heading(page, "Sign in")).to_be_visible()
        assert rows(server, "session") == 1


async def test_a_callback_with_all_that_belonged_to_it_counts_once(
    browser: Browser, tmp_path: Path
):
    """Whoever reads address and cookie off a browser comes too late."""
    async with served_with_provider(tmp_path) as server, page_of(browser) as page:
        await to_provider(page, server)
        binder = await cookie(page, SIGN_IN)
        assert binder is not None
        await log_in(page, "anna")
        async with page.expect_request(lambda request: CALLBACK in request.url) as callback:
            await agree(page)
        await expect(heading(page, "Before you start")).to_be_visible()
        assert await cookie(page, SIGN_IN) is None
        async with page_of(browser) as thief:
            kept = {"name": SIGN_IN, "value": binder, "url": f"{server.url}{CALLBACK}"}
            await thief.context.add_cookies([kept])  # pyright: ignore[reportArgumentType] - a TypedDict
            await refused(thief, await thief.goto((await callback.value).url))
            assert await cookie(thief, REFRESH) is None
        assert rows(server, "session") == 1


async def test_a_forged_state_is_refused_on_a_readable_page(browser: Browser, tmp_path: Path):
    async with served_with_provider(tmp_path) as server, page_of(browser) as page:
        complaints: list[tuple[str, str]] = []
        page.on("console", lambda said: complaints.append((said.location["url"], said.text)))
        await to_provider(page, server)  # so that a sign-in is under way in this browser
        forged = f"{server.url}{CALLBACK}?state=forged&code=forged"
        await refused(page, await page.goto(forged))
        ours = [text for url, text in complaints if url.startswith(f"{server.url}{CALLBACK}")]
        assert [text for text in ours if "status of 400" not in text] == []
        button = page.get_by_role("link", name="Open the app")
        height = await button.evaluate("(one) => one.getBoundingClientRect().height")
        assert height >= 44, "the page has lost its style"
        assert rows(server, "session") == rows(server, "account") == 0

        await button.click()  # the way that the page shows leads to the goal
        await come_in(page, server)
        await expect(heading(page, "Before you start")).to_be_visible()
