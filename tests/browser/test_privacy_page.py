"""All that a person can do about their own data, in a real browser, from first to last."""

import re
import zipfile
from pathlib import Path
from typing import Final

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import NARROW, page_of
from tests.browser.companion import (
    EMAIL,
    PASSWORD,
    accept_policy,
    answer,
    cancel,
    heading,
    pair,
    press,
    register,
)
from tests.browser.home import (
    FROM_LISBON,
    SERIAL,
    STAFF,
    STAFF_PASSWORD,
    Home,
    Served,
    home,
    served,
)
from tests.browser.test_accessibility import fits_everybody
from tests.receipt_reader.process import read

pytestmark = [pytest.mark.browser, pytest.mark.flow, pytest.mark.timeout(240)]

TYP: Final = "secuhome-erasure-certificate+jws"
PATIENCE_MS: Final = 20_000
ANOTHER: Final = "seven lanterns over the quiet bay"
MOVED: Final = "ada@elsewhere.example"
WRONG: Final = "not the right one, by far"


async def go(page: Page, server: Served, path: str, title: str) -> None:
    await page.goto(f"{server.url}/app/#{path}")
    await expect(heading(page, title)).to_be_visible()
    await expect(page.locator("main [aria-busy]")).to_have_count(0)


async def read_what_is_held(page: Page, server: Served, name: str) -> None:
    """Open what is held under the name, and see who has seen it."""
    await go(page, server, "/privacy/held", "What we hold about you")
    mine = page.locator("[data-category=name]")
    await expect(mine.get_by_text("To run the account, until the account ends")).to_be_visible()
    await expect(mine.get_by_text(name, exact=True)).to_be_hidden()
    await mine.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(mine.get_by_text(name, exact=True)).to_be_visible()
    await expect(page.get_by_text("Nobody outside of SecuHome.")).to_be_visible()


async def correct_and_delete(page: Page, server: Served) -> None:
    """Change the name, add hobbies and a birthday, delete the hobbies; the rest stays."""
    await go(page, server, "/privacy/corrections", "Correct something")
    await answer(page, "Your name").fill("Ada Lovelace")
    await answer(page, "Your hobbies").fill("Otters")
    await answer(page, "Your birthday").fill("2999-01-01")
    await press(page, "Save")
    birthday = answer(page, "Your birthday")
    await expect(birthday).to_be_focused()
    await expect(birthday).to_have_attribute("aria-invalid", "true")
    await expect(birthday).to_have_accessible_description(re.compile("still to come"))
    await birthday.fill("1990-12-10")
    await press(page, "Save")
    await expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    await fits_everybody(page)

    await read_what_is_held(page, server, "Ada Lovelace")
    hobbies = page.locator("[data-category=hobbies]")
    await hobbies.locator("summary").click()
    await press(page, "Delete: hobbies")
    await page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    await expect(hobbies).to_have_count(0)
    await expect(page.locator("[data-category] summary:focus")).to_have_count(1)
    birthday = page.locator("[data-category=birthday]")
    await birthday.locator("summary").click()
    await expect(birthday.get_by_text("10 December 1990")).to_be_visible()
    staying = page.locator("[data-category='e-mail address']")
    await staying.locator("summary").click()
    await expect(staying).to_contain_text("Your account can't do without it.")
    await expect(staying.get_by_role("button")).to_have_count(0)
    await fits_everybody(page)


async def staff_looks(desk: Page, server: Served) -> None:
    await desk.goto(f"{server.url}/staff/")
    await answer(desk, "Name").fill(STAFF)
    await answer(desk, "Password").fill(STAFF_PASSWORD)
    await press(desk, "Sign in")
    await answer(desk, "Case number").fill("4711")
    await answer(desk, "Reason").fill("Asks whether the lens is covered")
    await answer(desk, "Serial number").fill(SERIAL)
    await press(desk, "Look up")
    await expect(desk.get_by_role("region", name="Case 4711")).to_be_visible()


async def download_and_open(page: Page, server: Served, *words: str) -> None:
    """Save the archive, and read its page in the browser, without a server."""
    await go(page, server, "/privacy", "Privacy")
    await answer(page, "Password").fill(PASSWORD)
    async with page.expect_download() as saving:
        await press(page, "Download everything")
    download = await saving.value
    assert re.fullmatch(r"secuhome-\d{4}-\d\d-\d\d\.zip", download.suggested_filename)
    await download.save_as(server.folder / download.suggested_filename)
    with zipfile.ZipFile(server.folder / download.suggested_filename) as archive:
        assert archive.testzip() is None
        archive.extractall(server.folder / "opened")
    opened = await page.context.new_page()
    await opened.goto((server.folder / "opened" / "index.html").as_uri())
    await expect(heading(opened, "What SecuHome holds about you")).to_be_visible()
    for word in words:
        told = re.compile(rf"^{re.escape(word)}( \(came by .+\))?$")
        await expect(opened.get_by_text(told).first).to_be_visible()
    await opened.close()


async def choose_places(page: Page, server: Served, grade: str) -> None:
    await go(page, server, "/privacy", "Privacy")
    await page.get_by_role("radio", name=grade, exact=True).check()
    await press(page, "Save this choice")
    await expect(
        page.get_by_role("status").filter(has_text=f"Place of each use: {grade}")
    ).to_be_visible()


async def newest_use_says(page: Page, server: Served, place: str) -> None:
    """Use the account once more, and read what its history says about where."""
    await page.goto(f"{server.url}/app/#/history")
    await page.reload()
    newest = page.locator(".day > ul > li").first.locator(".where").first
    await expect(newest).to_have_text(re.compile(rf"^{place} ·"))


async def save_certificate(page: Page, server: Served) -> str:
    async with page.expect_download() as saving:
        await press(page, "Save the certificate")
    download = await saving.value
    await download.save_as(server.folder / download.suggested_filename)
    return (server.folder / download.suggested_filename).read_text()


async def sign_in(
    page: Page, server: Served, password: str = PASSWORD, *, email: str = EMAIL
) -> None:
    await page.goto(f"{server.url}/app/#/")
    await answer(page, "E-mail").fill(email)
    await answer(page, "Password").fill(password)
    await press(page, "Sign in")


@pytest.mark.media
async def test_from_the_first_yes_to_the_certificate(browser: Browser, tmp_path: Path):
    async with home(tmp_path) as house, page_of(browser) as page, page_of(browser) as desk:
        await page.set_extra_http_headers(FROM_LISBON)
        await register(page, house)
        await accept_policy(page)
        await pair(page, house)
        await choose_places(page, house, "Town")
        await newest_use_says(page, house, "Lisbon, Portugal")

        await read_what_is_held(page, house, "Ada")
        await expect(page.get_by_text("Nobody so far.")).to_be_visible()
        await staff_looks(desk, house)
        await correct_and_delete(page, house)
        looks = page.get_by_role("region", name="Who of our staff has seen it")
        await expect(looks).to_contain_text("Support looked up the warranty of Porch (case 4711)")
        await expect(looks.get_by_role("listitem")).to_have_count(1)

        await choose_places(page, house, "Country")
        await newest_use_says(page, house, "Portugal")
        await expect(page.get_by_text("Lisbon")).to_have_count(0)
        await camera_is_there(page, house)  # only what hung on it has ended

        await download_and_open(page, house, EMAIL, "Ada Lovelace", "Porch")
        await ask_something(page, house)  # an open request keeps nobody here
        await page_of_the_end(page, house)


async def ask_something(page: Page, house: Home) -> None:
    await go(page, house, "/privacy", "Privacy")
    await press(page, "Ask us For whatever this page can’t do")
    await answer(page, "What is it?").select_option("question")
    await answer(page, "Your message").fill("How long do pictures stay with you?")
    await press(page, "Send")
    await expect(page.get_by_text("We have it")).to_be_visible()
    await go(page, house, "/privacy", "Privacy")
    await press(page, "My requests What you have asked us, and the answers")
    await expect(page.locator("[data-state=open]")).to_be_visible()


async def camera_is_there(page: Page, house: Home) -> None:
    await page.goto(f"{house.url}/app/#/cameras")
    await expect(page.get_by_text("Online")).to_be_visible()


async def page_of_the_end(page: Page, house: Home) -> None:
    """Cancel at once; the certificate is true, signed, and readable by whoever has the address."""
    await cancel(page, house, at_once=True)
    await expect(heading(page, "Your account’s end")).to_be_visible()
    await expect(page.locator("[data-erasure=done]")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_role("navigation", name="Main")).to_have_count(0)
    kept = page.get_by_role("region", name="What stays, and until when")
    await expect(kept).to_contain_text("Acceptance of the policy")
    async with httpx.AsyncClient() as client:
        jwks = (await client.get(f"{house.url}/.well-known/jwks.json")).json()
    members = (await read(jwks, await save_certificate(page, house), TYP))["members"]
    assert members["key_destroyed"] is True
    assert ("name", "account") in {(it["category"], it["table"]) for it in members["destroyed"]}
    await page.get_by_text(re.compile(r"^\d+ values$")).click()
    number = sum(it["count"] for it in members["destroyed"])
    await expect(page.locator(".erased summary")).to_have_text(f"{number} values")
    await fits_everybody(page)

    address = page.url
    await sign_in(page, house)
    await expect(page.get_by_role("alert")).to_contain_text("wrong")
    await page.context.clear_cookies()
    await page.goto(address)
    await expect(page.locator("[data-erasure=done]")).to_be_visible()


async def change_password(page: Page, server: Served) -> None:
    await go(page, server, "/privacy/corrections", "Correct something")
    old = answer(page, "Password as it is")
    await old.fill(WRONG)
    await answer(page, "New password").fill(ANOTHER)
    await press(page, "Change the password")
    await expect(old).to_be_focused()
    await expect(old).to_have_accessible_description(re.compile("not your password"))
    await old.fill(PASSWORD)
    await press(page, "Change the password")
    await expect(page.get_by_text("all other sign-ins have ended")).to_be_visible()
    await expect(old).to_have_value("")


async def test_a_new_password_ends_the_other_sign_ins(browser: Browser, tmp_path: Path):
    async with served(tmp_path) as server, page_of(browser) as page, page_of(browser) as other:
        await register(page, server)
        await sign_in(other, server)
        await expect(heading(other, "Before you start")).to_be_visible()
        await change_password(page, server)
        await other.reload()
        await expect(heading(other, "Sign in")).to_be_visible()
        await sign_in(other, server, ANOTHER)
        await expect(heading(other, "Before you start")).to_be_visible()


async def test_a_new_address_counts_once_its_code_is_typed(browser: Browser, tmp_path: Path):
    async with served(tmp_path) as server, page_of(browser, size=NARROW) as page:
        await register(page, server)
        await accept_policy(page)
        await go(page, server, "/privacy/corrections", "Correct something")
        mine = page.get_by_role("region", name="Your e-mail address")
        await expect(mine).to_contain_text(EMAIL)
        await mine.get_by_label("New e-mail address").fill(MOVED)
        secret = mine.get_by_role("textbox", name="Password")
        await secret.fill(WRONG)
        await press(page, "Send the code")
        await expect(secret).to_be_focused()
        await expect(secret).to_have_accessible_description(re.compile("not your password"))
        await secret.fill(PASSWORD)
        await press(page, "Send the code")
        code = mine.get_by_label("Code from the mail")
        await expect(code).to_be_focused()
        await fits_everybody(page)
        right = await server.code()
        await code.fill(f"{(int(right) + 1) % 10**6:06}")
        await press(page, "Confirm")
        await expect(code).to_have_accessible_description(re.compile("not the code"))
        await code.fill(right)
        await press(page, "Confirm")
        await expect(mine).to_contain_text(f"It is {MOVED}.")
        await page.context.clear_cookies()
        await page.reload()
        await sign_in(page, server, email=MOVED)
        await expect(page.get_by_role("heading", level=1)).not_to_have_text("Sign in")


async def test_who_changes_their_mind_takes_the_account_back(browser: Browser, tmp_path: Path):
    async with served(tmp_path) as server, page_of(browser, size=NARROW) as page:
        await register(page, server)
        await expect(heading(page, "Before you start")).to_be_visible()
        await press(page, "Your data")  # the policy isn't accepted: one may leave all the same
        await press(page, "Cancel the account And erase what belongs to it")
        await fits_everybody(page)
        await cancel(page, server, at_once=False, password=WRONG)
        field = page.get_by_role("textbox", name="Password")
        await expect(field).to_be_focused()
        await expect(field).to_have_attribute("aria-invalid", "true")
        await expect(field).to_have_accessible_description(re.compile("not your password"))
        await cancel(page, server, at_once=False)
        await expect(page.locator("[data-erasure=waiting]")).to_contain_text("you can take it back")
        await fits_everybody(page)
        address = page.url

        await sign_in(page, server)
        asked = page.get_by_role("status").filter(has_text="was cancelled")
        await expect(asked).to_be_focused()
        await expect(page.get_by_role("navigation", name="Main")).to_have_count(0)
        await press(page, "Take it back")
        await expect(heading(page, "Before you start")).to_be_visible()
        await accept_policy(page)
        await page.goto(address)
        await expect(page.get_by_role("alert")).to_contain_text("no such erasure")


async def test_without_a_server_nothing_is_lost_and_one_can_try_again(
    browser: Browser, tmp_path: Path
):
    async with served(tmp_path) as server, page_of(browser) as page:
        await register(page, server)
        await accept_policy(page)
        await go(page, server, "/privacy", "Privacy")
        await answer(page, "Password").fill(PASSWORD)
        await page.context.set_offline(True)
        await press(page, "Download everything")
        await expect(page.get_by_role("alert")).to_contain_text("can’t be reached")
        await press(page, "What we hold about you All of it, and who has seen it")
        await expect(page.get_by_role("alert")).to_contain_text("Check that this device is online")
        await page.context.set_offline(False)
        await press(page, "Try again")
        await expect(page.locator("[data-category=name]")).to_be_visible()
        await go(page, server, "/privacy/cancel", "Cancel the account")
        await page.context.set_offline(True)
        await answer(page, "Password").fill(PASSWORD)
        await press(page, "Cancel the account")
        await press(page, "Cancel it")
        await expect(page.get_by_role("alert")).to_contain_text("can’t be reached")
        await expect(answer(page, "Password")).to_have_value(PASSWORD)
        await page.context.set_offline(False)
        await go(page, server, "/account", "Account")  # nobody was signed out
