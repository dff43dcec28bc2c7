"""What our pages leave in a browser is what docs/cookies.md says, both ways."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import page_of
from tests.browser.companion import (
    EMAIL,
    PASSWORD,
    accept_policy,
    answer,
    heading,
    pair,
    press,
    register,
    watch,
)
from tests.browser.home import Home, home

pytestmark = [pytest.mark.browser, pytest.mark.flow, pytest.mark.media]

ONLY_WITH_A_PROVIDER: Final = {"secuhome_provider_sign_in"}  # this home has none
REGISTER: Final = Path(__file__).parents[2] / "docs" / "cookies.md"
DATABASES = """async () => {
    const names = (await indexedDB.databases()).map((one) => one.name);
    const stores = await Promise.all(names.map((name) => new Promise((resolve) => {
        indexedDB.open(name).onsuccess = ({ target: { result } }) => {
            resolve([...result.objectStoreNames]);
            result.close();
        };
    })));
    return stores.flat();
}"""
ELSEWHERE = """async () => ({
    local: localStorage.length, session: sessionStorage.length,
    caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length, cookie: document.cookie,
})"""
NOTHING: Final = {"local": 0, "session": 0, "caches": 0, "workers": 0, "cookie": ""}


def registered() -> set[str]:
    """The items of the page's table."""
    return set(re.findall(r"^\| `(?:secuhome` / `)?(\w+)` \|", REGISTER.read_text(), re.MULTILINE))


async def kept(page: Page) -> set[str]:
    """What this browser keeps of us, by name."""
    cookies = {str(cookie.get("name")) for cookie in await page.context.cookies()}
    assert await page.evaluate(ELSEWHERE) == NOTHING
    return cookies | set(await page.evaluate(DATABASES))


async def test_a_browser_keeps_what_the_register_names_and_nothing_else(
    browser: Browser, tmp_path: Path
):
    async with home(tmp_path) as house, page_of(browser) as page:
        asked: set[str] = set()
        page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
        for path in ("/", "/register", "/policy", "/contact", "/cookies"):
            await page.goto(f"{house.url}/app/#{path}")
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await kept(page) == set()
        await register(page, house)
        await accept_policy(page)
        assert await kept(page) == {"secuhome_refresh"}
        await pair(page, house)
        await press(page, "Watch now")
        await watch(page)
        assert await kept(page) == registered() - ONLY_WITH_A_PROVIDER
        assert asked == {urlsplit(house.url).netloc}


async def test_only_a_browser_that_was_asked_to_remembers(browser: Browser, tmp_path: Path):
    async with home(tmp_path) as house, page_of(browser) as page:
        await register(page, house)
        assert await lifetime(page) == -1  # until the browser closes
        await sign_in_again(page, house, remember=True)
        assert await lifetime(page) > 0
        await sign_in_again(page, house, remember=False)
        assert await lifetime(page) == -1


async def lifetime(page: Page) -> float:
    (cookie,) = await page.context.cookies(f"{page.url.split('/app')[0]}/v1/sessions")
    assert cookie.get("httpOnly")
    assert cookie.get("sameSite") == "Strict"
    return cookie.get("expires", 0.0)


async def sign_in_again(page: Page, house: Home, *, remember: bool) -> None:
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
