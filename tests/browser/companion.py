"""The companion app as its user drives it: by labels and names, as a screen reader would."""

import re
from typing import Final

from playwright.async_api import Locator, Page, expect

from tests.browser.home import Home, Served

EMAIL: Final = "ada@secuhome.example"
PASSWORD: Final = "harbour velvet nineteen otters"
MORE_THAN_30: Final = re.compile(r"^(3[1-9]|[4-9]\d|\d{3,})$")
PATIENCE_MS: Final = 20_000


def heading(page: Page, name: str) -> Locator:
    """The page's own title."""
    return page.get_by_role("heading", level=1, name=name, exact=True)


def answer(page: Page, label: str) -> Locator:
    """The field of this label, whatever the label says behind it."""
    return page.get_by_label(re.compile(f"^{re.escape(label)}"))


async def press(page: Page, name: str) -> None:
    """Press the button or follow the link of this name."""
    button = page.get_by_role("button", name=name, exact=True)
    await button.or_(page.get_by_role("link", name=name, exact=True)).first.click()


async def register(page: Page, home: Served) -> None:
    """Create an account, with the code from the mail; ends before the policy is accepted."""
    await page.goto(f"{home.url}/")
    await press(page, "Create an account")
    await answer(page, "E-mail").fill(EMAIL)
    await answer(page, "Password").fill(PASSWORD)
    await answer(page, "Country or area").select_option("PT")
    await answer(page, "Name").fill("Ada")
    await press(page, "Continue")
    await expect(heading(page, "Check your mail")).to_be_visible()
    await answer(page, "Code from the mail").fill(await home.code())
    await press(page, "Confirm")
    await expect(heading(page, "Before you start")).to_be_visible()


async def accept_policy(page: Page) -> None:
    """Accept what is shown; ends at the list of cameras."""
    await press(page, "I have read it and accept")
    await expect(heading(page, "Cameras")).to_be_visible()


async def pair(page: Page, home: Home, name: str = "Porch") -> None:
    """Add the camera by showing it the page; ends at the good news."""
    await page.goto(f"{home.url}/app/#/cameras/new")
    await answer(page, "What do you call it?").fill(name)
    await press(page, "Show the code")
    code = page.get_by_role("img", name="Pairing code")
    await expect(code).to_be_visible()
    await code.scroll_into_view_if_needed()
    await home.hold_before_lens(await page.screenshot())
    done = page.locator("[data-pairing=paired]")
    await expect(done).to_be_visible(timeout=PATIENCE_MS)
    await home.camera_said("online")


async def watch(page: Page) -> Locator:
    """The live view, once more than 30 frames have been decoded."""
    live = page.locator("[data-live]")
    await expect(live).to_have_attribute("data-live", "playing", timeout=PATIENCE_MS)
    await expect(live).to_have_attribute("data-frames-decoded", MORE_THAN_30, timeout=PATIENCE_MS)
    return live


async def cancel(page: Page, home: Served, *, at_once: bool, password: str = PASSWORD) -> None:
    """Cancel the account: fill in the form, and say yes where the question comes."""
    await page.goto(f"{home.url}/app/#/privacy/cancel")
    await answer(page, "Password").fill(password)
    if at_once:
        await answer(page, "Erase it at once").check()
    await press(page, "Cancel the account")
    await press(page, "Erase it now" if at_once else "Cancel it")
