"""A browser on all our pages: it keeps, loads and sends what docs/cookies.md names, and no more.

Each address of the companion app's own table is opened, the staff console, the pages behind links
in letters, and those that tell of errors. Nobody but our own origin is asked for anything.
"""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, expect

from server.demo.processes import free_port
from tests.browser.chromium import WEB, page_of
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
    watch,
)
from tests.browser.home import SERIAL, STAFF, STAFF_PASSWORD, Home, home
from tests.browser.identity_pages import identity_pages
from tests.browser.test_requests import NUMBER, write
from tests.browser.wire import Wire, kept
from tests.house.cookie_register import ANSWERED, KEPT, SENT, TAGS, table
from tests.identity_provider.process import CLIENT_ID, CLIENT_SECRET, NAME
from tests.privacy.canary_letters import letters_in

pytestmark = [pytest.mark.browser, pytest.mark.flow, pytest.mark.media, pytest.mark.timeout(300)]

ROUTES: Final = re.findall(r'\{ path: "([^"]+)", audience', (WEB / "app" / "main.js").read_text())
LETTERS_LINK: Final = re.compile(r"http\S+/v1/letters/\S+/confirm/\S+")
PATIENCE_MS: Final = 20_000
TAGS_THAT_LOAD: Final = """() => [...document.querySelectorAll(
    "[src], [srcset], [href], [action], [ping], [data], [background], [http-equiv], " +
    "form, video, audio, script, iframe, object, embed, portal, fencedframe")]
    .filter((one) => !one.matches("a[href]:not([ping])"))
    .map((one) => one.localName === "link" ? `link rel=${one.rel}` : one.localName)"""
# Sent or heard only where something is otherwise than here.
BY_ITS_OWNER_OR_A_PROXY: Final = {"sec-gpc", "x-forwarded-for"}
ONLY_SOMETIMES: Final = {
    "strict-transport-security",  # on https
    "content-range", "allow", "retry-after",  # parts of files, wrong methods, too many requests
    "pragma",  # of cameras' tokens
}  # fmt: skip
OF_HTTP_ITSELF: Final = {"date", "connection", "transfer-encoding"}


@dataclass
class Visit:
    """One browser's way through our pages."""

    page: Page
    house: Home
    wire: Wire
    kept: set[str] = field(default_factory=set[str])
    tags: set[str] = field(default_factory=set[str])
    seen: set[str] = field(default_factory=set[str])  # routes of the app

    async def look(self) -> None:
        """Note what is on this page and in this browser now."""
        await expect(self.page.locator("main [aria-busy]")).to_have_count(0)
        self.tags |= set(await self.page.evaluate(TAGS_THAT_LOAD))
        self.kept |= await kept(self.page)
        here = urlsplit(self.page.url)
        if here.path == "/app/":
            self.seen |= {it for it in ROUTES if _fits(it, here.fragment or "/")}

    async def open(self, *paths: str) -> None:
        """Look at these views of the app."""
        for path in paths:
            await self.page.goto(f"{self.house.url}/app/#{path}")
            await expect(self.page.get_by_role("heading", level=1)).to_be_visible()
            await self.look()

    async def goto(self, address: str) -> None:
        """Look at what is at an address of ours, whatever it answers."""
        await self.page.goto(f"{self.house.url}{address.removeprefix(self.house.url)}")
        self.tags |= set(await self.page.evaluate(TAGS_THAT_LOAD))
        self.kept |= await kept(self.page)


def _fits(route: str, path: str) -> bool:
    return re.fullmatch(re.sub(r":\w+", "[^/]+", route), path) is not None


async def before_signing_in(visit: Visit) -> None:
    await visit.goto("/")
    await visit.open("/", "/register", "/policy", "/contact", "/cookies", "/nowhere")
    shown = await visit.page.context.request.get(f"{visit.house.url}/v1/policy")
    await visit.open(f"/policy/versions/{(await shown.json())['version']}")
    await visit.open("/requests/prove/prv_none", "/requests/PR-0000-0000/none")
    await visit.goto("/nothing/here")
    await visit.goto(f"/v1/providers/{NAME}/callback?state=forged&code=forged")
    for address in ("/healthz", "/.well-known/jwks.json", "/v1/account"):
        await visit.goto(address)
    assert visit.kept == set()


async def signed_in(visit: Visit) -> None:
    await register(visit.page, visit.house)
    await visit.look()
    await accept_policy(visit.page)
    await visit.look()
    await write(visit.page, visit.house, "question", "How long do pictures stay?")
    await press(visit.page, "Follow it")
    await expect(visit.page.locator("[data-state=open]")).to_be_visible()
    assert visit.kept == {"secuhome_refresh"}


async def with_a_camera(visit: Visit) -> None:
    page = visit.page
    await pair(page, visit.house)
    await visit.look()
    await press(page, "Watch now")
    await watch(page)
    await visit.look()
    await page.go_back()
    await visit.open("/cameras")
    await press(page, "Settings of Porch")
    await expect(heading(page, "Porch")).to_be_visible()
    await visit.look()
    await visit.open(*(it for it in ROUTES if ":" not in it and it != "/privacy/cancel"))


async def with_an_archive(visit: Visit) -> None:
    await visit.open("/privacy")
    await answer(visit.page, "Password").fill(PASSWORD)
    async with visit.page.expect_download() as saving:
        await press(visit.page, "Download everything")
    await (await saving.value).path()
    await visit.look()


async def by_a_letters_link(visit: Visit) -> None:
    await visit.open("/privacy")
    await visit.page.locator("[data-purpose=news]").click()
    await expect(visit.page.locator("[data-state=given]")).to_have_count(1)
    newest = letters_in(visit.house.folder / "mail", EMAIL)[-1]
    link = LETTERS_LINK.search(str(newest.get_content()))
    assert link is not None
    await visit.goto(link[0])
    await visit.page.get_by_role("button").click()
    await expect(visit.page.get_by_role("button")).to_have_count(0)
    await visit.goto(visit.page.url)


async def at_the_desk(visit: Visit, number: str) -> None:
    """The staff console, in a browser of its own: it keeps nothing."""
    desk = visit.page
    await visit.goto("/staff/")
    await answer(desk, "Name").fill(STAFF)
    await answer(desk, "Password").fill(STAFF_PASSWORD)
    await press(desk, "Sign in")
    await answer(desk, "Case number").fill("4711")
    await answer(desk, "Reason").fill("Asks whether the lens is covered")
    await answer(desk, "Serial number").fill(SERIAL)
    await press(desk, "Look up")
    await expect(desk.get_by_role("region", name="Case 4711")).to_be_visible()
    await visit.look()
    await press(desk, "Requests")
    await press(desk, "Enter a letter")
    await visit.look()
    await press(desk, "All requests")
    await press(desk, f"Open {number}")
    await answer(desk, "Reason").fill("The answer is due this week")
    await press(desk, "Open")
    await expect(heading(desk, number)).to_be_focused()
    await visit.look()
    assert visit.kept == set()


async def to_the_end(visit: Visit) -> None:
    await visit.open("/privacy/cancel")
    await cancel(visit.page, visit.house, at_once=True)
    await expect(visit.page.locator("[data-erasure=done]")).to_be_visible(timeout=PATIENCE_MS)
    await visit.look()
    assert await kept(visit.page) == {"phone_keys"}  # which goes with the site's data


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Home]:
    """A server that knows a provider, and a camera."""
    port = free_port(0)
    url = f"http://localhost:{port}"
    async with identity_pages(f"{url}/v1/providers/{NAME}/callback") as issuer:
        row = {"name": NAME, "title": "Certified", "issuer": issuer}
        row |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        told = {"PUBLIC_URL": url, "HTTP_PORT": str(port), "PROVIDERS": json.dumps([row])}
        async with home(tmp_path, **told) as started:
            yield started


async def test_all_pages_keep_load_and_send_what_the_register_names(browser: Browser, house: Home):
    wire = Wire()
    async with page_of(browser) as page, page_of(browser) as desk:
        for each in (page, desk):
            await wire.listen_to(each)
        visit = Visit(page, house, wire)
        await before_signing_in(visit)
        await signed_in(visit)
        found = NUMBER.search(page.url)
        assert found is not None
        await with_a_camera(visit)
        await with_an_archive(visit)
        await by_a_letters_link(visit)
        at_desk = Visit(desk, house, wire)
        await at_the_desk(at_desk, found[0])
        await to_the_end(visit)
    async with page_of(browser) as leaving:
        await leaving.goto(f"{house.url}/app/")
        await leaving.get_by_role("link", name="Continue with Certified").click()
        await expect(leaving.get_by_role("heading", name="Sign-in")).to_be_visible()
        ours = await leaving.context.cookies(f"{house.url}/v1/providers")
        on_the_way = {str(one.get("name")) for one in ours}
        assert on_the_way == {"secuhome_provider_sign_in"}
    assert visit.seen == set(ROUTES)
    assert visit.kept | on_the_way == set(table(KEPT))
    assert visit.tags | at_desk.tags == set(table(TAGS))
    assert wire.asked == {urlsplit(house.url).netloc, _sockets(house)}
    assert wire.sent == set(table(SENT)) - BY_ITS_OWNER_OR_A_PROXY
    assert wire.heard - OF_HTTP_ITSELF == set(table(ANSWERED)) - ONLY_SOMETIMES
    assert wire.cookies == {"secuhome_refresh"}


def _sockets(house: Home) -> str:
    """Where our own signaling is: here a port of its own, which the content policy names."""
    return f"localhost:{house.env['SECUHOME_SIGNALING_PORT']}"
