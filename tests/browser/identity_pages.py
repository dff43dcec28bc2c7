"""A provider with pages, and a person who walks through them.

`tests/identity_provider` lets people in without showing anything. Here a browser has to see what
its owner would see, so the same package runs with its own login and consent pages.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Page, expect

from tests.identity_provider.process import CLIENT_ID, CLIENT_SECRET, FOLDER

PROGRAM: Final = Path(__file__).with_suffix(".mjs")
STARTS_WITHIN_S: Final = 20.0


@asynccontextmanager
async def identity_pages(redirect_uri: str) -> AsyncGenerator[str]:
    """The issuer's address, while it runs."""
    node = shutil.which("node")
    assert node is not None, "these tests need node"
    assert (FOLDER / "node_modules").is_dir(), f"run `npm ci` in {FOLDER.name} first"
    process = await asyncio.create_subprocess_exec(
        node,
        str(PROGRAM),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # its warnings that it isn't meant for production
        env={
            "CLIENT_ID": CLIENT_ID,
            "CLIENT_SECRET": CLIENT_SECRET,
            "REDIRECT_URI": redirect_uri,
        },
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), STARTS_WITHIN_S)
        yield json.loads(line)["issuer"]
    finally:
        process.terminate()
        await process.wait()


async def log_in(page: Page, person: str) -> None:
    """Say who one is, on the provider's login page."""
    await expect(page.get_by_role("heading", name="Sign-in")).to_be_visible()
    await page.get_by_placeholder("Enter any login").fill(person)
    await page.get_by_placeholder("and password").fill("any password")
    await page.get_by_role("button", name="Sign-in").click()


async def agree(page: Page) -> None:
    """Let the provider tell us what we asked for, on its consent page."""
    await expect(page.get_by_role("heading", name="Authorize")).to_be_visible()
    await page.get_by_role("button", name="Continue").click()
