"""The main job in a browser: from no account to a live picture and a history of it."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import page_of
from tests.browser.companion import accept_policy, answer, heading, pair, press, register, watch
from tests.browser.home import FROM_LISBON, home

pytestmark = [pytest.mark.browser, pytest.mark.flow, pytest.mark.media]


async def test_from_no_account_to_a_live_picture_and_its_history(
    browser: Browser, tmp_path: Path, database_url: str
):
    async with home(tmp_path, DATABASE_URL=database_url) as house, page_of(browser) as page:
        await page.set_extra_http_headers(FROM_LISBON)
        complaints = listen(page)
        await register(page, house)
        await expect(page.locator("article strong").first).to_be_visible()
        await accept_policy(page)
        await expect(page.get_by_role("heading", name="No camera yet")).to_be_visible()

        await pair(page, house)
        await press(page, "Watch now")
        live = await watch(page)
        for name, value in {
            "data-codec": "H264",
            "data-path": "direct",
            "data-local-candidate": "host",
            "data-width": "1280",
            "data-height": "720",
        }.items():
            await expect(live).to_have_attribute(name, value)
        assert await live.get_attribute("data-remote-candidate") in {"host", "prflx"}
        await expect(page.get_by_text("Peer to peer")).to_be_visible()

        await page.get_by_role("link", name="History").first.click()
        await expect(page.get_by_text("Added the camera Porch")).to_be_visible()
        first = page.locator("main li", has_text="Registered this account")
        await expect(first).to_contain_text("Portugal")

        await page.reload()
        await expect(
            heading(page, "History")
        ).to_be_visible()  # the cookie brought the session back
        await warranty_rename_and_release(page)
        await press(page, "Account")
        await press(page, "Sign out")
        await expect(heading(page, "Sign in")).to_be_visible()
        await page.reload()
        await expect(heading(page, "Sign in")).to_be_visible()
        assert complaints == []


async def test_a_live_view_says_why_there_is_no_picture(
    browser: Browser, tmp_path: Path, database_url: str
):
    """A camera of somebody else's looks just like one that doesn't exist."""
    async with home(tmp_path, DATABASE_URL=database_url) as house, page_of(browser) as page:
        await register(page, house)
        await accept_policy(page)
        await pair(page, house)
        live = page.locator("[data-live]")
        await page.goto(f"{house.url}/app/#/cameras/cam_nobody/watch")
        await expect(live).to_have_attribute("data-problem", "not_yours")
        await expect(page.get_by_role("alert")).to_contain_text("ask its owner")

        await house.camera.stop()
        await page.goto(f"{house.url}/app/#/cameras")
        await press(page, "Porch, offline")
        await expect(live).to_have_attribute("data-problem", "camera_away")
        await expect(page.get_by_role("alert")).to_contain_text("power and Wi-Fi")
        await expect(page.get_by_role("button", name="Try again")).to_be_visible()


async def warranty_rename_and_release(page: Page) -> None:
    await page.get_by_role("link", name="Cameras").first.click()
    await expect(page.get_by_text("Online")).to_be_visible()
    await press(page, "Settings of Porch")
    await press(page, "Activate the warranty")
    await expect(page.locator("[data-state=active]")).to_be_visible()
    await answer(page, "What do you call it?").fill("Front door")
    await press(page, "Save")
    await expect(heading(page, "Front door")).to_be_visible()
    await press(page, "Release this camera")
    await page.get_by_role("dialog").get_by_role("button", name="Release").click()
    await expect(page.get_by_role("heading", name="No camera yet")).to_be_visible()


def listen(page: Page) -> list[str]:
    """What the page complains of from now on: faults, and what the content policy refused."""
    complaints: list[str] = []
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    page.on(
        "console",
        lambda said: (
            complaints.append(said.text)
            if said.type == "error"
            and "status of 401" not in said.text  # no session to restore yet
            else None
        ),
    )
    return complaints
