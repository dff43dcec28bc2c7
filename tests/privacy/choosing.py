"""Somebody who has accepted the policy and switches purposes."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.people import People, bearer


@dataclass
class Chooser:
    """A person with a browser."""

    house: People
    browser: httpx.AsyncClient
    session: dict[str, Any]

    @property
    def id(self) -> str:
        return self.session["account_id"]

    async def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        headers = {**bearer(self.session), **how.pop("headers", {})}
        return await self.browser.request(method, path, headers=headers, **how)

    async def purposes(self, **how: Any) -> dict[str, dict[str, Any]]:
        """What the page shows, by code."""
        answer = await self.ask("GET", "/v1/privacy/purposes", **how)
        assert answer.status_code == 200, answer.text
        return {it["code"]: it for it in answer.json()["purposes"]}

    async def switch(self, code: str, *, on: bool, **other: Any) -> httpx.Response:
        """Choose, with the fingerprint of what the page shows."""
        headers = other.pop("headers", {})
        sha256 = (await self.purposes())[code]["sha256"]
        body = {"on": on, "sha256": sha256, **other}
        return await self.ask("PUT", f"/v1/privacy/purposes/{code}", json=body, headers=headers)

    async def chosen(self, code: str, *, on: bool) -> dict[str, Any]:
        """The choice, which must have been taken."""
        answer = await self.switch(code, on=on)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def use(self) -> dict[str, Any]:
        """Use the account once; what was recorded, as the history tells it."""
        self.house.clock.advance(seconds=1)  # events of one moment stand in any order
        answer = await self.browser.post("/v1/sessions/refresh")
        assert answer.status_code == 200, answer.text
        self.session = answer.json()
        events = (await self.ask("GET", "/v1/account/history")).json()["events"]
        return {**events[0], "told": self.session["place"]["text"]}


async def chooser(
    house: People, browser: httpx.AsyncClient, *, accept: bool = True, **registered: Any
) -> Chooser:
    """Somebody new."""
    person = Chooser(house, browser, await house.register(browser, **registered))
    if accept:
        policy = (await browser.get("/v1/policy")).json()
        body = {"version": policy["version"], "sha256": policy["sha256"]}
        answer = await person.ask("POST", "/v1/policy/acceptance", json=body)
        assert answer.status_code == 201, answer.text
    return person
