"""The history stays readable after weeks of use, and hides nothing."""

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import page_of
from tests.browser.companion import accept_policy, heading, press, register
from tests.browser.home import FROM_LISBON, served

pytestmark = [pytest.mark.browser]

FROM_ELSEWHERE: Final = {"X-Forwarded-For": "192.168.1.7"}
RUNS = """async ({ events, last }) => {
    const { runsOf } = await import("/app/views/history_runs.js");
    return runsOf(events, last).map((run) => run.map((event) => event.id));
}"""
USE = """async (times) => {
    for (let n = 0; n < times; n += 1) {
        const answer = await fetch("/v1/sessions/refresh", { method: "POST" });
        if (!answer.ok) throw new Error(`${answer.status}`);
    }
}"""
LISBON: Final = {"kind": "session_refreshed", "place": "Lisbon, Portugal", "device": "Chrome"}


def event(number: int, **other: Any) -> dict[str, Any]:
    """A use of the account; a lower number is a later one."""
    at = f"2026-11-24T12:{59 - number:02}:00Z"
    return {"id": f"evt_{number}", "at": at, "network": "203.0.113.0/24", **LISBON, **other}


async def runs(page: Page, *events: dict[str, Any], last: Any = None) -> list[list[str]]:
    """The numbers of the events of each row."""
    found = await page.evaluate(RUNS, {"events": list(events), "last": last})
    return [[name.removeprefix("evt_") for name in run] for run in found]


async def test_uses_in_a_row_are_one_row_if_place_device_and_day_are_the_same(lone_page: Page):
    assert await runs(lone_page) == []
    assert await runs(lone_page, event(1), event(2), event(3)) == [["1", "2", "3"]]
    assert await runs(lone_page, event(1), event(2, network="198.51.100.0/24")) == [["1", "2"]]
    for other in (
        {"place": "Porto, Portugal"},
        {"place": "unknown"},
        {"device": "Firefox"},
        {"kind": "signed_in"},
        {"at": "2026-11-20T12:00:00Z"},
    ):
        parted = await runs(lone_page, event(1), event(2, **other), event(3))
        assert parted == [["1"], ["2"], ["3"]], other


async def test_only_uses_are_joined(lone_page: Page):
    """Two sign-ins one after the other are two things to think about."""
    signed_in = [event(number, kind="signed_in") for number in (1, 2)]
    assert await runs(lone_page, *signed_in) == [["1"], ["2"]]


async def test_a_row_goes_on_with_the_next_page(lone_page: Page):
    last = [event(1), event(2)]
    assert await runs(lone_page, event(3), event(4), last=last) == [["1", "2", "3", "4"]]
    parted = event(3, device="Firefox")
    assert await runs(lone_page, parted, last=last) == [["1", "2"], ["3"]]
    assert await runs(lone_page, last=last) == [["1", "2"]]


@pytest.mark.flow
async def test_many_uses_are_told_in_one_row_that_opens(browser: Browser, tmp_path: Path):
    async with served(tmp_path, TRIES_PER_MINUTE="1000") as server, page_of(browser) as page:
        await page.set_extra_http_headers(FROM_ELSEWHERE)
        await register(page, server)
        await accept_policy(page)
        await page.evaluate(USE, 30)
        await page.set_extra_http_headers(FROM_LISBON)
        await page.evaluate(USE, 60)
        await press(page, "History")

        row = page.locator("[data-kind=session_refreshed]").first
        await expect(row).to_contain_text("Used the account 50 times")  # all of the first page
        await expect(row).to_contain_text("Portugal")
        await expect(page.get_by_text("Signed in")).to_have_count(0)
        first = row.locator("details li").first
        await expect(first).to_be_hidden()
        await row.locator("summary").focus()
        await page.keyboard.press("Enter")
        await expect(first).to_be_visible()

        await press(page, "Show older")
        await expect(row).to_contain_text("Used the account 60 times")
        await expect(row).to_be_focused()
        await expect(first).to_be_visible()  # it was open, so it stays open
        await expect(row.locator("details li")).to_have_count(60)
        before = page.locator("[data-kind=session_refreshed]").nth(1)
        await expect(before).to_contain_text("Used the account 30 times")
        await expect(before).to_contain_text("Place unknown")
        await expect(page.get_by_text("Accepted the privacy policy")).to_be_visible()
        await expect(page.get_by_text("Registered this account")).to_be_visible()
        await expect(page.get_by_role("button", name="Show older")).to_have_count(0)
        await page.reload()
        await expect(heading(page, "History")).to_be_visible()
