"""Somebody without an account asks, the staff answers, and both see no more than they need."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from server.demo.processes import run_once
from tests.browser.chromium import NARROW, page_of
from tests.browser.companion import EMAIL, accept_policy, answer, heading, press, register
from tests.browser.home import STAFF, STAFF_PASSWORD, Served, served
from tests.browser.test_accessibility import fits_everybody

pytestmark = [pytest.mark.browser, pytest.mark.flow]

STRANGER = "grandson@secuhome.example"
NUMBER = re.compile(r"PR-[0-9A-Z]{4}-[0-9A-Z]{4}")
WORDS = "My grandmother had a camera. Please delete it."


async def write(page: Page, house: Served, kind: str, message: str, **contact: str) -> None:
    await page.goto(f"{house.url}/app/#/contact")
    await answer(page, "What is it?").select_option(kind)
    await answer(page, "Your message").fill(message)
    await answer(page, "Country or area").select_option("PT")
    for way, value in contact.items():
        await answer(page, "How shall we answer?").select_option(way)
        await answer(page, "Address or number").fill(value)
    await press(page, "Send")


async def go_to_requests(desk: Page, house: Served) -> None:
    await desk.goto(f"{house.url}/staff/")
    await answer(desk, "Name").fill(STAFF)
    await answer(desk, "Password").fill(STAFF_PASSWORD)
    await press(desk, "Sign in")
    await press(desk, "Requests")
    await expect(heading(desk, "Requests")).to_be_focused()


async def open_with_reason(desk: Page, number: str) -> None:
    await press(desk, f"Open {number}")
    await answer(desk, "Reason").fill("The answer is due this week")
    await press(desk, "Open")
    await expect(heading(desk, number)).to_be_focused()


async def test_a_stranger_proves_the_address_and_reads_the_refusal_with_its_remedies(
    browser: Browser, tmp_path: Path
):
    async with served(tmp_path) as house, page_of(browser) as stranger, page_of(browser) as desk:
        await run_once(house.env, "staff-add", STAFF, stdin=STAFF_PASSWORD + "\n")
        await write(stranger, house, "deletion", WORDS, email=STRANGER)
        await answer(stranger, "Code from the mail").fill("000000")
        await press(stranger, "Confirm")
        await expect(stranger.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
        await answer(stranger, "Code from the mail").fill(await house.code())
        await press(stranger, "Confirm")
        good = stranger.get_by_role("status").filter(has_text="We have it")
        await expect(good).to_be_focused()
        found = NUMBER.search(await stranger.locator("main").inner_text())
        assert found is not None
        await press(stranger, "Follow it")
        await expect(stranger.locator("[data-state=open]")).to_be_visible()

        await go_to_requests(desk, house)
        listed = desk.get_by_role("listitem").filter(has_text=found[0])
        await expect(listed).to_contain_text("Delete something")
        assert STRANGER not in await desk.content()
        assert WORDS not in await desk.content()
        await open_with_reason(desk, found[0])
        await expect(desk.get_by_role("region", name="What was asked")).to_contain_text(STRANGER)
        await answer(desk, "Outcome").select_option("refused")
        await answer(desk, "Reply").fill("We can’t delete it yet.")
        await press(desk, "Send the answer")
        reason = desk.get_by_role("textbox", name=re.compile("^Reason"))
        await expect(reason).to_have_attribute("aria-invalid", "true")
        await reason.fill("The invoice must be kept for ten years.")
        await press(desk, "Send the answer")
        await expect(desk.get_by_text("The request is closed.")).to_be_visible()

        await stranger.reload()
        await expect(stranger.locator("[data-state=refused]")).to_be_visible()
        shown = stranger.get_by_role("main")
        for text in ("kept for ten years", "Comissão Nacional", "court of the place", "review"):
            await expect(shown).to_contain_text(text)


async def test_an_owner_asks_without_a_code_and_reads_who_looked(browser: Browser, tmp_path: Path):
    async with served(tmp_path) as house, page_of(browser) as owner, page_of(browser) as desk:
        await run_once(house.env, "staff-add", STAFF, stdin=STAFF_PASSWORD + "\n")
        await register(owner, house)
        await accept_policy(owner)
        await write(owner, house, "feedback", "No picture at night.")
        await expect(owner.get_by_text("We have it")).to_be_visible()
        found = NUMBER.search(await owner.locator("main").inner_text())
        assert found is not None

        await go_to_requests(desk, house)
        await open_with_reason(desk, found[0])
        assert EMAIL not in await desk.content()  # the answer is read in the app
        await answer(desk, "Outcome").select_option("answered")
        await answer(desk, "Reply").fill("Please update.")
        await answer(desk, "Cause").fill("A fault of the firmware.")
        await answer(desk, "What was done").fill("Mended in 1.4.2.")
        await press(desk, "Send the answer")
        await expect(desk.get_by_text("The request is closed.")).to_be_visible()

        await owner.goto(f"{house.url}/app/#/account")
        await press(owner, "My requests What you have asked us, and the answers")
        own = owner.get_by_role("region", name=re.compile(re.escape(found[0])))
        await expect(own).to_contain_text("Please update.")
        await expect(own).to_contain_text("Mended in 1.4.2.")
        await expect(own).not_to_contain_text("Not yet")
        await owner.goto(f"{house.url}/app/#/history")
        await expect(owner.get_by_text(f"Support opened the request {found[0]}")).to_be_visible()


async def test_a_letter_that_came_by_post_is_entered_and_sorted(browser: Browser, tmp_path: Path):
    async with served(tmp_path) as house, page_of(browser, size=NARROW) as desk:
        await run_once(house.env, "staff-add", STAFF, stdin=STAFF_PASSWORD + "\n")
        await go_to_requests(desk, house)
        await expect(desk.get_by_text("Nothing is open")).to_be_visible()
        await press(desk, "Enter a letter")
        await answer(desk, "Came by").select_option("post")
        await answer(desk, "Came on").fill("2019-01-01")
        await answer(desk, "Asks for").select_option("unclear")
        await answer(desk, "Country or area").select_option("DE")
        await answer(desk, "Message").fill("About the thing.")
        await answer(desk, "Answer by").select_option("post")
        await answer(desk, "Address or number").fill("Am Markt 1\nBonn")
        await press(desk, "Enter")
        came = desk.get_by_role("textbox", name=re.compile("^Came on"))
        await expect(came).to_have_attribute("aria-invalid", "true")
        today = await desk.evaluate("() => new Date().toISOString().slice(0, 10)")
        await came.fill(today)
        await press(desk, "Enter")
        found = NUMBER.search(await desk.get_by_text("Entered as").inner_text())
        assert found is not None
        await press(desk, "All requests")
        await open_with_reason(desk, found[0])
        await answer(desk, "It is").select_option("question")
        await press(desk, "Sort")
        await expect(desk.get_by_role("region", name="Answer")).to_be_visible()
        await fits_everybody(desk)
        await press(desk, "All requests")
        await expect(desk.get_by_text(found[0]).first).to_be_visible()
        await fits_everybody(desk)


async def test_the_policys_page_shows_form_mail_and_post(browser: Browser, tmp_path: Path):
    async with served(tmp_path) as house, page_of(browser) as page:
        await page.goto(f"{house.url}/app/#/policy")
        beside = page.get_by_role("region", name="Questions and remarks")
        await expect(beside.get_by_role("link", name="privacy@secuhome.invalid")).to_be_visible()
        await expect(beside).to_contain_text("1 Demo Street")
        await beside.get_by_role("link", name="Write to us").click()
        await expect(heading(page, "Contact")).to_be_focused()
        await expect(page.get_by_role("form", name="Write to us")).to_be_visible()
