"""A changed policy in the browser: what weighs comes first, and a loss is asked about by itself."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import page_of
from tests.browser.companion import (
    EMAIL,
    PASSWORD,
    accept_policy,
    answer,
    heading,
    press,
    register,
)
from tests.browser.in_process import in_process
from tests.privacy.declaring import COPY, FIRST, edition, with_more, without

pytestmark = [pytest.mark.browser]


async def sign_in(page: Page) -> None:
    """Come back after weeks: the session is over."""
    await page.reload()
    await answer(page, "E-mail").fill(EMAIL)
    await answer(page, "Password").fill(PASSWORD)
    await press(page, "Sign in")


async def test_what_weighs_is_shown_before_anything_else_and_once(browser: Browser, tmp_path: Path):
    later = edition(2027, with_more())
    async with in_process(tmp_path, FIRST, later) as server, page_of(browser) as page:
        await register(page, server.here)
        await expect(page.get_by_role("heading", name="What has changed")).to_have_count(0)
        await accept_policy(page)
        server.clock.advance(days=60)
        await sign_in(page)
        news = page.get_by_role("region", name="What has changed")
        await expect(news.get_by_role("listitem")).to_have_text(
            ["Advertising: a new purpose, on the ground of consent."]
        )
        await page.goto(f"{server.here.url}/app/#/cameras")  # nothing else is to be had
        await expect(news).to_be_visible()
        await expect(page.locator(f'[data-policy="{later.version}"]')).to_be_visible()
        await accept_policy(page)
        await page.reload()
        await expect(heading(page, "Cameras")).to_be_visible()


async def test_fewer_rights_are_offered_and_a_no_costs_nothing(browser: Browser, tmp_path: Path):
    later = edition(2027, without(COPY))
    async with in_process(tmp_path, FIRST, later) as server, page_of(browser) as page:
        await register(page, server.here)
        await accept_policy(page)
        server.clock.advance(days=60)
        await sign_in(page)
        await expect(heading(page, "Cameras")).to_be_visible()  # nobody has to answer
        await press(page, "Read what it takes")
        loss = page.get_by_role("listitem").filter(has_text=f"You can no longer {COPY}.")
        await expect(loss).to_have_attribute("data-narrows", "")
        for box in await page.get_by_role("checkbox").all():
            await expect(box).not_to_be_checked()
        await press(page, "Keep the rights that I have")
        await expect(heading(page, "Cameras")).to_be_visible()
        await page.goto(f"{server.here.url}/app/#/policy")
        await expect(page.locator(f'[data-policy="{FIRST.version}"]')).to_be_visible()

        await press(page, "read it")
        await press(page, "I agree to fewer rights")
        await expect(page.locator(f'[data-policy="{later.version}"]')).to_be_visible()
        await expect(page.get_by_role("button", name="I agree to fewer rights")).to_have_count(0)
        await page.goto(f"{server.here.url}/app/#/cameras")
        await expect(heading(page, "Cameras")).to_be_visible()
        await expect(page.get_by_text("fewer rights")).to_have_count(0)
