"""Pictures of the main pages, from a server and a camera that really run.

`python -m tests.browser.screenshots` writes them into ./screenshots/, at phone and desktop width.
"""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Final

from playwright.async_api import Page, expect

from tests.browser.chromium import DESKTOP, PHONE, chromium, page_of
from tests.browser.companion import (
    EMAIL,
    PASSWORD,
    accept_policy,
    answer,
    cancel,
    heading,
    pair,
    press,
    register,
    watch,
)
from tests.browser.home import FROM_LISBON, SERIAL, STAFF, STAFF_PASSWORD, Home, Served, home

FOLDER: Final = Path("screenshots")
SIZES: Final = {"phone": PHONE, "desktop": DESKTOP}
# A button to look at; nobody listens where it leads.
PROVIDER: Final = {
    "name": "example",
    "title": "Example ID",
    "issuer": "http://127.0.0.1:9",
    "client_id": "secuhome",
    "client_secret": "none",
}
STILL: Final = {
    "/history": "History",
    "/account": "Account",
    "/privacy": "Privacy",
    "/cookies": "Cookies",
}
OWN_DATA: Final = {
    "/privacy/corrections": "Correct something",
    "/privacy/cancel": "Cancel the account",
}
RESIZED = """([width, height]) => innerWidth === width && innerHeight === height &&
    new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"""


class Album:
    """Takes one page's pictures at every size."""

    def __init__(self, page: Page, folder: Path) -> None:
        self._page, self._folder = page, folder
        self._number = 0

    async def take(self, name: str) -> None:
        """The page as it is now, as far down as it goes."""
        self._number += 1
        await expect(self._page.locator("main [aria-busy]")).to_have_count(0)
        await expect(self._page.locator(".toast.shown")).to_have_count(0, timeout=10_000)
        for size, (width, height) in SIZES.items():
            await self._resize(width, height)
            # as tall as the page: in a "full page" picture the tabs would lie across its middle
            whole = await self._page.evaluate("() => document.documentElement.scrollHeight")
            await self._resize(width, max(height, whole))
            path = self._folder / f"{self._number:02}-{name}-{size}.png"
            await self._page.screenshot(path=path, animations="disabled")
        await self._resize(*PHONE)

    async def _resize(self, width: int, height: int) -> None:
        """Also wait until the page has been laid out anew, else its old height is measured."""
        await self._page.set_viewport_size({"width": width, "height": height})
        await self._page.wait_for_function(RESIZED, arg=[width, height])


async def tell(page: Page, house: Home, album: Album) -> None:
    """The owner's story, with a picture at each stop."""
    for path, name in (("/", "sign-in"), ("/register", "register"), ("/policy", "policy")):
        await page.goto(f"{house.url}/app/#{path}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await album.take(name)
    await register(page, house)
    await album.take("accept")
    await accept_policy(page)
    await album.take("no-camera-yet")
    await pair_with_pictures(page, house, album)
    await press(page, "Watch now")
    await watch(page)
    await album.take("live")
    await page.goto(f"{house.url}/app/#/cameras")
    await expect(page.get_by_text("Online")).to_be_visible()
    await album.take("cameras")
    await press(page, "Settings of Porch")
    await press(page, "Activate the warranty")
    await expect(page.locator("[data-state=active]")).to_be_visible()
    await album.take("camera")
    await look_up(page, house, album)
    await page.goto(f"{house.url}/app/#/cameras")
    for _ in range(4):
        await expect(heading(page, "Cameras")).to_be_visible()
        await page.reload()
    await expect(heading(page, "Cameras")).to_be_visible()
    for path, title in STILL.items():
        await page.goto(f"{house.url}/app/#{path}")
        await expect(heading(page, title)).to_be_visible()
        await album.take(title.lower())
    await look_at_own_data(page, house, album)
    await house.camera.stop()
    await page.goto(f"{house.url}/app/#/cameras")
    await press(page, "Porch, offline")
    await expect(page.get_by_role("alert")).to_be_visible()
    await album.take("offline")
    await page.goto(f"{house.url}/v1/providers/example/callback?state=forged&code=forged")
    await album.take("problem")
    await end(page, house, album)


async def look_at_own_data(page: Page, house: Served, album: Album) -> None:
    """What is held, one kind of it opened; correcting it; and what cancelling would bring."""
    await page.goto(f"{house.url}/app/#/privacy/held")
    for category in ("name", "account use"):
        await page.locator(f"[data-category='{category}'] summary").click()
    await album.take("held")
    for path, title in OWN_DATA.items():
        await page.goto(f"{house.url}/app/#{path}")
        await expect(heading(page, title)).to_be_visible()
        await album.take(title.lower().replace(" ", "-"))


async def end(page: Page, house: Served, album: Album) -> None:
    """The account's end: waiting, asked about at the sign-in, and done with its certificate."""
    await cancel(page, house, at_once=False)
    await expect(page.locator("[data-erasure=waiting]")).to_be_visible()
    await album.take("cancelled")
    await page.goto(f"{house.url}/app/#/")
    await answer(page, "E-mail").fill(EMAIL)
    await answer(page, "Password").fill(PASSWORD)
    await press(page, "Sign in")
    await expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    await album.take("take-back")
    await press(page, "Take it back")
    await expect(heading(page, "Cameras")).to_be_visible()
    await cancel(page, house, at_once=True)
    await expect(page.locator("[data-erasure=done]")).to_be_visible(timeout=20_000)
    await page.locator(".erased summary").click()
    await album.take("certificate")


async def pair_with_pictures(page: Page, house: Home, album: Album) -> None:
    """Show a code for its picture, then do it in earnest."""
    await page.goto(f"{house.url}/app/#/cameras/new")
    await answer(page, "What do you call it?").fill("Porch")
    await press(page, "Show the code")
    await expect(page.get_by_role("img", name="Pairing code")).to_be_visible()
    await album.take("pairing-code")
    await page.goto(f"{house.url}/app/#/cameras")
    await pair(page, house)
    await album.take("paired")


async def look_up(page: Page, house: Home, album: Album) -> None:
    """The warranty desk, in the same browser."""
    await page.goto(f"{house.url}/staff/")
    await answer(page, "Name").fill(STAFF)
    await answer(page, "Password").fill(STAFF_PASSWORD)
    await album.take("staff-sign-in")
    await press(page, "Sign in")
    await answer(page, "Case number").fill("4711")
    await answer(page, "Reason").fill("Asks whether the lens is covered")
    await answer(page, "Serial number").fill(SERIAL)
    await press(page, "Look up")
    await expect(page.get_by_role("region", name="Case 4711")).to_be_visible()
    await album.take("staff-look-up")


async def main() -> None:
    """Write all pictures anew."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        providers = json.dumps([PROVIDER])
        async with (
            home(Path(folder), PROVIDERS=providers) as house,
            chromium() as browser,
            page_of(browser) as page,
        ):
            await page.set_extra_http_headers(FROM_LISBON)
            await tell(page, house, Album(page, FOLDER))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}/")


if __name__ == "__main__":
    asyncio.run(main())
