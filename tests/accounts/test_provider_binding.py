"""A callback that doesn't fit is refused by us alone: its code never reaches the provider.

The provider would refuse most of them too, which would hide it if we didn't look.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from server.foundation.settings import ProviderRow
from tests.people import People, people

ISSUER = "https://id.example"
ROWS = tuple(
    ProviderRow(
        name=name, title=name, issuer=ISSUER, client_id="secuhome", client_secret=SecretStr("s")
    )
    for name in ("one", "two")
)


class Listening:
    """A provider that describes itself, refuses every code, and counts them."""

    def __init__(self) -> None:
        self.codes = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.url.path == "/token":
            self.codes += 1
            return httpx.Response(400, json={"error": "invalid_grant"})
        endpoints = {"authorization_endpoint": "auth", "token_endpoint": "token"}
        told = {name: f"{ISSUER}/{path}" for name, path in endpoints.items()}
        return httpx.Response(200, json={"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys", **told})


@pytest.fixture
def provider() -> Listening:
    """The provider."""
    return Listening()


@pytest.fixture
async def house(tmp_path: Path, database_url: str, provider: Listening) -> AsyncIterator[People]:
    """Our side."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(provider.answer))
    async with people(tmp_path, database_url, providers=ROWS, http=http) as running:
        yield running


async def _begin(browser: httpx.AsyncClient) -> dict[str, str]:
    answer = await browser.get("/v1/providers/one/sign-in")
    query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    return {"state": query["state"], "code": "a code"}


async def _come_back(browser: httpx.AsyncClient, query: dict[str, str], name: str = "one") -> None:
    answer = await browser.get(f"/v1/providers/{name}/callback", params=query)
    assert (answer.status_code, answer.json()["code"]) == (400, "provider_sign_in_refused")


async def test_a_callback_that_fits_reaches_the_provider_once(
    house: People, provider: Listening
) -> None:
    async with house.browser() as browser:
        query = await _begin(browser)
        house.clock.advance(seconds=house.settings.provider_sign_in_s - 1)
        for _ in range(2):
            await _come_back(browser, query)
    assert provider.codes == 1


async def test_without_the_browsers_cookie_it_doesnt(house: People, provider: Listening) -> None:
    async with house.browser() as browser, house.browser() as other:
        await _come_back(other, await _begin(browser))
        query = await _begin(browser)
        await _begin(other)
        await _come_back(other, query)
    assert provider.codes == 0


async def test_at_another_providers_address_it_doesnt(house: People, provider: Listening) -> None:
    async with house.browser() as browser:
        await _come_back(browser, await _begin(browser), "two")
    assert provider.codes == 0


async def test_when_its_time_is_over_it_doesnt(house: People, provider: Listening) -> None:
    async with house.browser() as browser:
        query = await _begin(browser)
        house.clock.advance(seconds=house.settings.provider_sign_in_s)
        await _come_back(browser, query)
    assert provider.codes == 0


async def test_leaving_for_a_provider_is_limited_per_network(house: People) -> None:
    async with house.browser() as browser:
        statuses = [
            (await browser.get("/v1/providers/one/sign-in")).status_code
            for _ in range(house.settings.tries_per_minute + 1)
        ]
    assert statuses == [302] * house.settings.tries_per_minute + [429]
