"""What browser tests share: a browser for each test, and a page that has only its own files."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import ALONE, chromium, page_of, serve_alone
from tests.databases import database_kind, database_url, postgres_address

__all__ = ["browser", "database_kind", "database_url", "lone_page", "postgres_address"]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture
async def lone_page(browser: Browser) -> AsyncIterator[Page]:
    """The companion app, opened without any server behind it."""
    async with page_of(browser) as page:
        await serve_alone(page)
        await page.goto(f"{ALONE}/app/")
        yield page
