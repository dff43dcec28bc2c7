"""Headless Chromium as our tests start it, and pages of ours that need no server behind them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from mimetypes import guess_type
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, Route, async_playwright

from bench.chromium_viewer import CHROMIUM, QUIET
from server.foundation.http_edge import content_security_policy

FLAGS: Final = (
    *QUIET,
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-features=WebRtcHideLocalIpsWithMdns",  # nobody resolves .local names here
)
PHONE: Final = (390, 844)  # CSS pixels: the most common phone of these years
NARROW: Final = (360, 740)
DESKTOP: Final = (1280, 800)

WEB: Final = Path(__file__).parents[2] / "server" / "web"
ALONE: Final = "http://localhost"  # a secure context, so that the page may make keys


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    """A fresh browser with a fresh profile, closed at the end."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def page_of(
    browser: Browser,
    *,
    size: tuple[int, int] = PHONE,
    still: bool = True,
) -> AsyncGenerator[Page]:
    """A page in a context of its own: no cookie, no storage. `still` asks for no animation."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        reduced_motion="reduce" if still else "no-preference",
        locale="en-GB",
    )
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def serve_alone(page: Page) -> None:
    """Answer the page's requests from the folder, under our own content policy; the API is away."""

    async def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ALONE).split("?")[0].split("#")[0]
        file = WEB / path.strip("/")
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file():
            await route.fulfill(status=404, content_type="application/problem+json", body="{}")
            return
        await route.fulfill(
            body=file.read_bytes(),
            content_type=guess_type(file.name)[0] or "application/octet-stream",
            headers={"content-security-policy": content_security_policy("ws:").decode()},
        )

    await page.route(f"{ALONE}/**", answer)
