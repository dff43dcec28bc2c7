"""The warranty desk: a case and a reason; then model, region, warranty, nothing of the owner."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.chromium import page_of
from tests.browser.companion import EMAIL, accept_policy, answer, heading, pair, press, register
from tests.browser.home import SERIAL, STAFF, STAFF_PASSWORD, home

pytestmark = [pytest.mark.browser, pytest.mark.flow]


async def test_the_desk_sees_the_warranty_and_the_owner_sees_the_desk(
    browser: Browser, tmp_path: Path
):
    async with home(tmp_path) as house, page_of(browser) as owner, page_of(browser) as desk:
        await register(owner, house)
        await accept_policy(owner)
        await pair(owner, house)

        await desk.goto(f"{house.url}/staff/")
        await answer(desk, "Name").fill(STAFF)
        await answer(desk, "Password").fill(STAFF_PASSWORD)
        await press(desk, "Sign in")
        await expect(heading(desk, "Look up a warranty")).to_be_focused()
        await answer(desk, "Case number").fill("4711")
        await answer(desk, "Reason").fill("Asks whether the lens is covered")
        await answer(desk, "Serial number").fill("SH-NOBODY-1")
        await press(desk, "Look up")
        await expect(desk.get_by_role("alert")).to_be_visible()

        await answer(desk, "Serial number").fill(SERIAL)
        await press(desk, "Look up")
        result = desk.get_by_role("region", name="Case 4711")
        await expect(result).to_contain_text("SH-C1")
        await expect(result).to_contain_text("Portugal")
        await expect(result).to_contain_text("Not activated")
        shown = await result.inner_text()
        assert EMAIL not in shown
        assert "Porch" not in shown

        await owner.goto(f"{house.url}/app/#/history")
        await expect(owner.get_by_text("4711")).to_be_visible()

        await desk.reload()  # nothing is kept: a reload is a sign-out
        await expect(heading(desk, "Staff sign-in")).to_be_visible()
        assert await desk.context.cookies() == []
