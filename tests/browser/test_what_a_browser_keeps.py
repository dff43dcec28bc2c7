"""Whoever refuses, allows or deletes what a browser keeps is obeyed, and told what it costs."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from bench.chromium_viewer import CHROMIUM
from tests.browser.chromium import FLAGS, WEB, page_of
from tests.browser.companion import (
    EMAIL,
    PASSWORD,
    accept_policy,
    answer,
    heading,
    press,
    register,
)
from tests.browser.home import Served
from tests.browser.in_process import in_process
from tests.browser.test_accessibility import fits_everybody
from tests.browser.test_requests import write
from tests.browser.wire import Wire, kept

pytestmark = [pytest.mark.browser, pytest.mark.flow]

TEN: Final = (
    "/app/", "/app/#/register", "/app/#/policy", "/app/#/contact", "/app/#/cookies",
    "/app/#/cameras", "/app/#/privacy", "/app/#/history", "/staff/", "/nothing/here",
)  # fmt: skip


async def test_only_a_browser_that_was_asked_to_remembers(browser: Browser, tmp_path: Path):
    async with in_process(tmp_path) as server, page_of(browser) as page:
        await register(page, server.here)
        assert await lifetime(page) == -1  # until the browser closes
        await sign_in_again(page, server.here, remember=True)
        assert await lifetime(page) > 0
        await sign_in_again(page, server.here, remember=False)
        assert await lifetime(page) == -1


async def test_a_remembered_browser_asks_less_until_it_is_ended_from_another(
    browser: Browser, tmp_path: Path
):
    async with (
        in_process(tmp_path) as server,
        page_of(browser) as page,
        page_of(browser) as remembered,
    ):
        await register(page, server.here)
        await sign_in_again(remembered, server.here, remember=True)
        await close_and_open(remembered, server.here)
        await expect(heading(remembered, "Before you start")).to_be_visible()  # no password asked

        await page.goto(f"{server.here.url}/app/#/account")
        mine = page.get_by_role("region", name="Where you are signed in")
        await expect(mine.locator("[data-remembered=true]")).to_have_count(1)
        await expect(mine.locator("[data-remembered=false]")).to_contain_text("(this one)")
        await fits_everybody(page)
        await mine.get_by_role("button", name="Sign out").click()
        await expect(mine.get_by_role("listitem")).to_have_count(1)

        await close_and_open(remembered, server.here)
        await expect(heading(remembered, "Sign in")).to_be_visible()
        await sign_in_again(remembered, server.here, remember=False)
        await close_and_open(remembered, server.here)  # not opted in: nothing is left of it
        await expect(heading(remembered, "Sign in")).to_be_visible()


async def close_and_open(page: Page, server: Served) -> None:
    """What a browser does at its end: cookies without a lifetime go."""
    lasting = [it for it in await page.context.cookies() if it.get("expires", -1) > 0]
    await page.context.clear_cookies()
    await page.goto("about:blank")
    await page.context.add_cookies(lasting)  # pyright: ignore[reportArgumentType] - as it gave them
    await page.goto(f"{server.url}/app/")


async def test_deleted_is_deleted_on_ten_pages_more(browser: Browser, tmp_path: Path):
    """What the browser has cached of our files stays, and brings nothing back."""
    async with in_process(tmp_path) as server, page_of(browser) as page:
        await register(page, server.here)
        await sign_in_again(page, server.here, remember=True)
        assert await kept(page) == {"secuhome_refresh"}
        await delete_all(page, server.here)
        wire = Wire()
        await wire.listen_to(page)
        await page.goto("about:blank")
        for path in TEN:
            await page.goto(f"{server.here.url}{path}")
            await page.reload()
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert await kept(page) == set()
        assert "if-none-match" in wire.sent  # the cache was there
        assert wire.cookies == set()
        await sign_in_again(page, server.here, remember=False)
        assert await lifetime(page) == -1  # that it was remembered once counts for nothing


async def delete_all(page: Page, server: Served) -> None:
    """As in the browser's settings: cookies and the site's data, of any kind but files."""
    session = await page.context.new_cdp_session(page)
    kinds = "cookies,local_storage,indexeddb,service_workers,cache_storage,shared_storage"
    what = {"origin": server.url, "storageTypes": kinds}
    await session.send("Storage.clearDataForOrigin", what)
    await page.context.clear_cookies()


async def test_files_have_one_tag_for_everybody(tmp_path: Path):
    """A tag that differs from visitor to visitor is a cookie by another name."""
    files = [it.relative_to(WEB) for it in WEB.rglob("*") if it.is_file()]
    async with (
        in_process(tmp_path) as server,
        httpx.AsyncClient(base_url=server.here.url) as one,
        httpx.AsyncClient(base_url=server.here.url, headers={"user-agent": "Other"}) as other,
    ):
        assert len(files) > 40
        for file in files:
            first = (await one.get(f"/{file}")).headers
            server.clock.advance(days=1)
            second = (await other.get(f"/{file}", headers={"if-none-match": '"mine"'})).headers
            assert first["etag"] == second["etag"]
            assert first["last-modified"] == second["last-modified"]
        for path in ("/v1/policy", "/v1/providers", "/v1/account", "/healthz"):
            assert "etag" not in (await one.get(path)).headers


async def test_who_blocks_cookies_reads_and_asks_and_is_told_why_a_sign_in_ends(tmp_path: Path):
    async with in_process(tmp_path) as server, without_cookies(tmp_path / "profile") as page:
        here = server.here
        await page.goto(f"{here.url}/app/")
        refused = page.get_by_role("status").filter(has_text="keeps no cookies")
        await expect(refused).to_contain_text("only by a cookie")
        await fits_everybody(page)
        await refused.get_by_role("link", name="Which cookies").click()
        await expect(heading(page, "Cookies")).to_be_visible()
        await page.goto(f"{here.url}/app/#/policy")
        await expect(page.locator("[data-policy]")).to_be_visible()

        await write(page, here, "access", "What do you keep?", email="stranger@secuhome.example")
        await expect(answer(page, "Code from the mail")).to_be_visible()
        await answer(page, "Code from the mail").fill(await here.code())
        await press(page, "Confirm")
        await press(page, "Follow it")
        await expect(page.locator("[data-state=open]")).to_be_visible()

        await register(page, here)
        await accept_policy(page)
        await page.goto(f"{here.url}/app/#/cameras/new")
        await answer(page, "What do you call it?").fill("Porch")
        await press(page, "Show the code")
        await expect(page.get_by_role("alert")).to_contain_text("This browser keeps nothing")
        await page.reload()
        await expect(heading(page, "Sign in")).to_be_visible()
        await expect(refused).to_be_visible()
        assert await page.context.cookies() == []


@asynccontextmanager
async def without_cookies(profile: Path) -> AsyncGenerator[Page]:
    """A browser whose owner has chosen, in its settings, to block all cookies."""
    settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (profile / "Default").mkdir(parents=True)
    (profile / "Default" / "Preferences").write_text(json.dumps(settings))
    async with async_playwright() as driver:
        context = await driver.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=FLAGS, reduced_motion="reduce"
        )
        try:
            yield await context.new_page()
        finally:
            await context.close()


async def lifetime(page: Page) -> float:
    (cookie,) = await page.context.cookies(f"{page.url.split('/app')[0]}/v1/sessions")
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Strict"
    return cookie.get("expires", 0.0)


async def sign_in_again(page: Page, house: Served, *, remember: bool) -> None:
    await page.context.clear_cookies()
    await page.goto("about:blank")
    await page.goto(f"{house.url}/app/")
    await answer(page, "E-mail").fill(EMAIL)
    await answer(page, "Password").fill(PASSWORD)
    await expect(answer(page, "Remember me on this device")).not_to_be_checked()
    if remember:
        await answer(page, "Remember me on this device").check()
    await press(page, "Sign in")
    await expect(heading(page, "Before you start")).to_be_visible()
