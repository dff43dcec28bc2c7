"""The registration form says what it needs and why, and nothing else stands in the way."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from server.accounts.registration_fields import FIELDS, NEEDED, REASONS
from tests.browser.chromium import page_of
from tests.browser.companion import EMAIL, PASSWORD, answer, heading, press
from tests.browser.home import Served, served

pytestmark = [pytest.mark.browser, pytest.mark.flow]

LABELS = {
    "email": "E-mail",
    "password": "Password",
    "area": "Country or area",
    "name": "Name",
}
ANSWERS = {"email": EMAIL, "password": PASSWORD, "area": "PT"}


def field(page: Page, name: str) -> Locator:
    """The control for this answer."""
    return answer(page, LABELS[name])


async def open_form(page: Page, house: Served) -> None:
    await page.goto("about:blank")  # the next line alone would not begin anew
    await page.goto(f"{house.url}/app/#/register")
    await expect(heading(page, "Create an account")).to_be_visible()


async def give(page: Page, *names: str) -> None:
    for name in names:
        if name == "area":
            await field(page, name).select_option(ANSWERS[name])
        else:
            await field(page, name).fill(ANSWERS[name])


async def test_each_field_is_marked_as_needed_or_not(browser: Browser, tmp_path: Path):
    """For the eye by a word beside the label, for whoever listens by the field itself."""
    async with served(tmp_path) as house, page_of(browser) as page:
        await open_form(page, house)
        assert {it.name for it in FIELDS} == set(LABELS)
        for it in FIELDS:
            word = "Required" if it.needed else "Optional"
            label = page.locator("label").filter(has_text=re.compile(f"^{LABELS[it.name]}"))
            await expect(label.get_by_text(word, exact=True)).to_be_visible()
            assert await field(page, it.name).evaluate("(one) => one.required") is it.needed


async def test_what_is_needed_is_enough_and_what_is_left_out_is_named_with_its_reason(
    browser: Browser, tmp_path: Path
):
    async with served(tmp_path) as house, page_of(browser) as page:
        for missing in NEEDED:
            await open_form(page, house)
            await give(page, *(it for it in NEEDED if it != missing))
            await press(page, "Continue")
            gap = field(page, missing)
            await expect(gap).to_be_focused()
            told = f"{LABELS[missing]} is needed. {REASONS[missing]}"
            await expect(gap).to_have_accessible_description(re.compile(re.escape(told)))
            await expect(page.get_by_text(told)).to_be_visible()
            await expect(page.locator("[aria-invalid=true]")).to_have_count(1)
            await expect(heading(page, "Create an account")).to_be_visible()
        await give(page, NEEDED[-1])
        await expect(field(page, "name")).to_be_empty()
        await press(page, "Continue")
        await expect(heading(page, "Check your mail")).to_be_visible()
        assert await house.code()
