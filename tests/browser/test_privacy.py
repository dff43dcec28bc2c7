"""The privacy page: each switch moves its own feature, at once, and gives a receipt that holds."""

from pathlib import Path
from typing import Final

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.chromium import page_of
from tests.browser.companion import accept_policy, heading, pair, press, register
from tests.browser.home import FROM_LISBON, Served, home, served
from tests.receipt_reader.process import read

pytestmark = [pytest.mark.browser, pytest.mark.flow]

TYP: Final = "secuhome-consent-receipt+jws"
GRADES: Final = ("Nothing", "Country", "Town", "About 10 km")
AT_FIRST: Final = "Country"  # before anybody has chosen


def switch(page: Page, title: str) -> Locator:
    return page.get_by_role("switch", name=title, exact=True)


def grade(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name, exact=True)


async def choose_grade(page: Page, name: str) -> None:
    await grade(page, name).check()
    await press(page, "Save this choice")


async def grade_is(page: Page, chosen: str) -> None:
    """One grade is chosen, and no other."""
    for name in GRADES:
        await expect(grade(page, name)).to_be_checked(checked=name == chosen)


async def open_privacy(page: Page, server: Served) -> None:
    await page.goto(f"{server.url}/app/#/privacy")
    await expect(heading(page, "Privacy")).to_be_visible()
    await expect(page.locator("main [aria-busy]")).to_have_count(0)


async def newest_use(page: Page, server: Served) -> Locator:
    """Use the account once more, and look at it in the history."""
    await page.goto(f"{server.url}/app/#/history")
    await page.reload()
    await expect(heading(page, "History")).to_be_visible()
    row = page.locator(".day > ul > li").first
    await expect(row).to_be_visible()
    return row


async def test_a_switch_is_off_until_moved_and_ends_what_it_began(browser: Browser, tmp_path: Path):
    async with served(tmp_path) as server, page_of(browser) as page:
        await page.set_extra_http_headers(FROM_LISBON)
        await register(page, server)
        await accept_policy(page)
        await press(page, "Account")
        await page.get_by_role("link", name="Privacy What we hold").click()
        await expect(heading(page, "Privacy")).to_be_visible()
        await expect(switch(page, "Town of a camera")).not_to_be_checked()
        await grade_is(page, AT_FIRST)
        await expect(page.get_by_text("Nothing yet.")).to_be_visible()
        await expect(await newest_use(page, server)).not_to_contain_text("Lisbon")

        await open_privacy(page, server)
        await grade(page, "Country").focus()
        await page.keyboard.press("ArrowDown")
        await press(page, "Save this choice")
        await expect(page.get_by_text("On: Town of each use")).to_be_visible()
        await expect(page.locator("[data-state]")).to_have_count(1)
        await receipt_holds(page, server, "given")
        await grade_is(page, "Town")
        await expect(switch(page, "Town of a camera")).not_to_be_checked()  # nothing else moved
        await expect(await newest_use(page, server)).to_contain_text("Lisbon, Portugal")

        await open_privacy(page, server)
        await choose_grade(page, "Country")
        await expect(page.locator("[data-state=withdrawn]")).to_have_count(1)
        await receipt_holds(page, server, "withdrawn")
        await expect(await newest_use(page, server)).to_contain_text("Portugal")  # goes on
        await expect(page.get_by_text("Lisbon")).to_have_count(0)  # in older rows neither
        await open_privacy(page, server)
        await grade_is(page, "Country")


async def test_a_finer_grade_is_agreed_to_with_each_of_its_texts(browser: Browser, tmp_path: Path):
    async with served(tmp_path) as server, page_of(browser) as page:
        await register(page, server)
        await accept_policy(page)
        await open_privacy(page, server)
        await choose_grade(page, "Nothing")
        await expect(page.get_by_text("Off: Country of each use")).to_be_visible()
        await choose_grade(page, "About 10 km")
        for title in ("Country of each use", "Town of each use", "Place of each use, to about 10"):
            await expect(page.get_by_text(f"On: {title}")).to_be_visible()
        await grade_is(page, "About 10 km")
        await choose_grade(page, "Nothing")
        await expect(page.locator("[data-state=withdrawn]")).to_have_count(4)
        await grade_is(page, "Nothing")


async def receipt_holds(page: Page, server: Served, state: str) -> None:
    """Save the newest receipt and have it read by somebody else's library."""
    async with page.expect_download() as saving:
        await page.get_by_role("button", name="Receipt").first.click()
    download = await saving.value
    path = server.folder / download.suggested_filename
    await download.save_as(path)
    async with httpx.AsyncClient() as client:
        jwks = (await client.get(f"{server.url}/.well-known/jwks.json")).json()
    told = await read(jwks, path.read_text(), TYP)
    assert told["members"]["event"]["state"] == state
    assert f"{told['members']['record_id']}.jws" == path.name


async def test_a_switch_that_was_not_taken_goes_back_and_says_why(browser: Browser, tmp_path: Path):
    async with served(tmp_path) as server, page_of(browser) as page:
        await register(page, server)
        await open_privacy(page, server)  # the policy isn't accepted yet
        await switch(page, "Town of a camera").click()
        await expect(page.get_by_role("alert")).to_contain_text("not accepted yet")
        await expect(switch(page, "Town of a camera")).not_to_be_checked()
        await choose_grade(page, "Town")
        await expect(page.get_by_role("alert")).to_have_count(2)
        await press(page, "Show what counts now")
        await grade_is(page, AT_FIRST)
        await choose_grade(page, "Nothing")  # a no is always taken
        await expect(page.locator("[data-state=withdrawn]")).to_have_count(1)


@pytest.mark.media
async def test_the_town_of_a_camera_lives_and_ends_with_its_switch(
    browser: Browser, tmp_path: Path
):
    async with home(tmp_path) as house, page_of(browser) as page:
        await page.set_extra_http_headers(FROM_LISBON)
        await register(page, house)
        await accept_policy(page)
        await pair(page, house)
        await page.goto(f"{house.url}/app/#/cameras")
        await press(page, "Settings of Porch")
        await press(page, "It is where I am now")
        await expect(page.get_by_text("You have not allowed this yet")).to_be_visible()
        await press(page, "Open Privacy")
        await switch(page, "Town of a camera").click()
        await expect(page.locator("[data-state=given]")).to_have_count(1)
        await page.goto(f"{house.url}/app/#/cameras")
        await press(page, "Settings of Porch")
        await press(page, "It is where I am now")
        await expect(page.locator(".town dd")).to_have_text("Lisbon, Portugal")
        await open_privacy(page, house)
        await switch(page, "Town of a camera").click()
        await expect(page.locator("[data-state=withdrawn]")).to_have_count(1)
        await page.goto(f"{house.url}/app/#/cameras")
        await press(page, "Settings of Porch")
        await expect(heading(page, "Porch")).to_be_visible()
        await expect(page.get_by_text("Not noted.")).to_be_visible()
        await expect(page.get_by_text("Online")).to_be_visible()  # the camera goes on
