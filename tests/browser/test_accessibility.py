"""The companion app without eyes, without a mouse, and on a small screen."""

import re
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.chromium import NARROW, WEB, page_of
from tests.browser.companion import (
    EMAIL,
    PASSWORD,
    accept_policy,
    answer,
    heading,
    pair,
    press,
    register,
)
from tests.browser.home import Home, home

pytestmark = [pytest.mark.browser, pytest.mark.flow]

BEFORE: Final = {
    # address: its title, before anybody has signed in
    "/": "Sign in",
    "/register": "Create an account",
    "/policy": "Privacy policy",
    "/cookies": "Cookies",
    "/contact": "Contact",
}
AFTER: Final = {
    "/cameras": "Cameras",
    "/cameras/new": "Add a camera",
    "/history": "History",
    "/account": "Account",
    "/requests": "My requests",
    "/privacy": "Privacy",
    "/privacy/held": "What we hold about you",
    "/privacy/corrections": "Correct something",
    "/privacy/cancel": "Cancel the account",
}
NAMELESS: Final = re.compile(
    r"^\s*- (?:button|link|textbox|combobox|checkbox|img|video|dialog)(?: \[.*\])?:?$", re.MULTILINE
)
TOO_WIDE = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
SMALL_TARGETS = """() => [...document.querySelectorAll("button, input, select, nav a, a.button")]
    .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.width < 24 || box.height < 24))
    .map(([markup]) => markup)"""
MOVING = """() => document.getAnimations()
    .filter((one) => one.playState === "running" && one.effect.getTiming().duration > 1).length"""


async def open_at(page: Page, house: Home, path: str, title: str) -> None:
    await page.goto(f"{house.url}/app/#{path}")
    await expect(heading(page, title)).to_be_visible()
    await expect(page.locator("main [aria-busy]")).to_have_count(0)


async def fits_everybody(page: Page) -> None:
    """What has to hold for any view."""
    for landmark in ("banner", "main", "contentinfo"):
        await expect(page.get_by_role(landmark)).to_have_count(1)  # pyright: ignore[reportArgumentType] - all three are roles
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    nameless = NAMELESS.findall(await page.locator("body").aria_snapshot())
    assert nameless == []
    assert not await page.evaluate(TOO_WIDE), "it has to be scrolled sideways"
    assert await page.evaluate(SMALL_TARGETS) == []  # WCAG 2.2, 2.5.8
    assert await page.evaluate(MOVING) == 0, "something moves although that was declined"


async def test_every_view_has_landmarks_names_and_room_on_a_small_screen(
    browser: Browser, tmp_path: Path
):
    async with home(tmp_path) as house, page_of(browser, size=NARROW) as page:
        for path, title in BEFORE.items():
            await open_at(page, house, path, title)
            await fits_everybody(page)
        await register(page, house)
        await fits_everybody(page)
        await accept_policy(page)
        await pair(page, house)
        await fits_everybody(page)
        for path, title in AFTER.items():
            await open_at(page, house, path, title)
            await fits_everybody(page)
            await expect(page.get_by_role("navigation", name="Main")).to_be_visible()
        await page.goto(f"{house.url}/app/#/cameras")
        await press(page, "Settings of Porch")
        await expect(heading(page, "Porch")).to_be_visible()
        await fits_everybody(page)
        await press(page, "Watch live")
        await expect(page.locator("[data-live=playing]")).to_be_visible(timeout=20_000)
        await fits_everybody(page)
        await page.goto(f"{house.url}/staff/")
        await expect(heading(page, "Staff sign-in")).to_be_visible()
        await fits_everybody(page)


async def test_one_can_sign_in_and_look_around_by_keyboard_alone(browser: Browser, tmp_path: Path):
    async with home(tmp_path) as house, page_of(browser) as page:
        await register(page, house)
        await accept_policy(page)
        await page.context.clear_cookies()
        await page.goto("about:blank")
        await page.goto(f"{house.url}/app/")
        await expect(heading(page, "Sign in")).to_be_visible()

        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("main")).to_be_focused()
        await tab_to(page, answer(page, "E-mail"))
        await page.keyboard.type(EMAIL)
        await tab_to(page, answer(page, "Password"))
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")

        # a new view is read out from its title, and the browser's title says it too
        await expect(heading(page, "Cameras")).to_be_focused()
        await expect(page).to_have_title("Cameras · SecuHome")
        await tab_to(page, page.get_by_role("link", name="Add a camera"))
        await page.keyboard.press("Enter")
        await expect(heading(page, "Add a camera")).to_be_focused()
        await tab_to(page, answer(page, "What do you call it?"))
        await page.keyboard.press("Enter")
        await expect(answer(page, "What do you call it?")).to_be_focused()
        field = page.get_by_role("textbox", name="What do you call it?")
        await expect(field).to_have_attribute("aria-invalid", "true")
        await expect(field).to_have_accessible_description(re.compile("is needed"))


async def tab_to(page: Page, target: Locator, most: int = 12) -> None:
    """Walk by Tab until the target has the focus, and see where it is."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if await target.evaluate("(one) => one === document.activeElement"):
            outline = await target.evaluate("(one) => getComputedStyle(one).outlineStyle")
            assert outline != "none", "the focus can't be seen"
            return
    raise AssertionError(f"{target} can't be reached by Tab")


async def test_key_terms_are_strong_for_whoever_listens(browser: Browser, tmp_path: Path):
    """The terms that weigh are set off for the ear as for the eye, and without an account."""
    async with home(tmp_path) as house, page_of(browser) as page:
        await open_at(page, house, "/policy", "Privacy policy")
        article = page.get_by_role("article")
        await expect(article).to_be_visible()
        seen = [
            " ".join(text.split()) for text in await article.locator("strong").all_inner_texts()
        ]
        await expect(page.get_by_role("link", name="privacy@secuhome.invalid")).to_be_visible()
        session = await page.context.new_cdp_session(page)
        tree = await session.send("Accessibility.getFullAXTree")
        heard = [node for node in tree["nodes"] if node.get("role", {}).get("value") == "strong"]
        assert len(seen) > 5
        assert len(heard) == len(seen)


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance, of #rrggbb."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Between 1 and 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palettes() -> dict[str, dict[str, str]]:
    """The colours of both themes, by name."""
    css = (WEB / "app" / "css" / "base.css").read_text()
    light, dark = re.findall(r":root \{(.*?)\n\s*\}", css, re.DOTALL)[:2]
    return {
        name: dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", text))
        for name, text in (("light", light), ("dark", dark))
    }


READ: Final = (
    # ink, paper
    ("ink", "ground"), ("ink", "surface"), ("soft", "ground"), ("soft", "surface"),
    ("soft", "sunken"), ("accent", "ground"), ("accent", "surface"), ("accent", "accent-soft"),
    ("accent-strong", "accent-soft"), ("ink", "accent-soft"), ("on-accent", "accent"),
    ("on-accent", "accent-strong"), ("danger", "surface"), ("danger", "danger-soft"),
    ("ink", "danger-soft"), ("good", "surface"), ("good", "good-soft"), ("ink", "good-soft"),
)  # fmt: skip
SEEN: Final = (("field-line", "surface"), ("away", "surface"), ("accent", "ground"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_written_can_be_read(theme: str):
    """WCAG 2.2 AA: 4.5 for text, 3 for the edges of controls."""
    colours = palettes()[theme]
    faint = {
        f"{ink} on {paper}": round(contrast(colours[ink], colours[paper]), 2)
        for pairs, least in ((READ, 4.5), (SEEN, 3.0))
        for ink, paper in pairs
        if contrast(colours[ink], colours[paper]) < least
    }
    assert faint == {}
