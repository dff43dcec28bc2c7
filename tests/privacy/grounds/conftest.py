"""The counter where people ask, over the whole server, on both databases."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from server.foundation.purposes import Purpose
from server.privacy.news.issue_file import Draft
from server.privacy.news.queueing import queue_issue
from server.privacy.purposes import PURPOSES, Switch
from tests.places import LISBON
from tests.privacy.canary_letters import letters_in, links_in
from tests.privacy.cases.conftest import counter, database_kind, database_url, postgres_address
from tests.privacy.cases.counter import ADA, REMEDIES, Counter, code
from tests.registry.world import Person

__all__ = ["asker", "counter", "database_kind", "database_url", "postgres_address"]


@dataclass
class Asker:
    """Somebody in Lisbon who has an account, and asks for a deletion on a ground."""

    counter: Counter
    person: Person
    staff: dict[str, str]

    @property
    def id(self) -> str:
        """The account's id."""
        return self.person.id

    @property
    def headers(self) -> dict[str, str]:
        """Of a request out of Lisbon."""
        return {**self.person.headers, "x-forwarded-for": LISBON}

    async def get(self, path: str) -> Any:
        """What a page shows."""
        answer = await self.counter.world.ask("GET", path, self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def purposes(self) -> dict[str, dict[str, Any]]:
        """What the page of purposes shows, by code."""
        told = await self.get("/v1/privacy/purposes")
        return {it["code"]: it for it in told["purposes"]}

    async def choose(self, *codes: str, on: bool = True) -> None:
        """Switch purposes; letters are confirmed by their link."""
        shown, world = await self.purposes(), self.counter.world
        for it in codes:
            body = {"on": on, "sha256": shown[it]["sha256"]}
            path = f"/v1/privacy/purposes/{it}"
            answer = await world.ask("PUT", path, self.headers, json=body)
            assert answer.status_code == 200, answer.text
        for letter in letters_in(world.folder / "mail", ADA):
            for link in links_in(letter):
                if "/confirm/" in link:
                    assert (await world.http.post(link)).status_code == 200

    async def choose_all(self) -> None:
        """Switch everything on that has a switch."""
        await self.choose(*(it.code for it in PURPOSES if it.switch is not Switch.NONE))

    async def use(self) -> dict[str, Any]:
        """Use the account out of Lisbon; what the history shows of it."""
        world = self.counter.world
        world.clock.advance(seconds=1)
        answer = await world.ask("POST", "/v1/privacy/export", self.headers, json={})
        assert answer.status_code == 200, answer.text
        return (await self.get("/v1/account/history"))["events"][0]

    async def ask(self, ground: str) -> str:
        """Ask in the app; the number of the request, which the staff then opens."""
        wish = {"kind": "deletion", "region": "PT", "message": "Delete it.", "ground": ground}
        answer = await self.counter.post("/v1/account/requests", wish, self.headers)
        assert answer.status_code == 201, answer.text
        number = answer.json()["number"]
        assert (await self.counter.open(self.staff, number)).status_code == 201
        return number

    async def findings(self, number: str) -> dict[str, Any]:
        """What the program found out about the request."""
        path = f"/v1/support/requests/{number}/findings"
        answer = await self.counter.world.ask("GET", path, self.staff)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def act(self, number: str, **wanted: Any) -> httpx.Response:
        """The staff acts."""
        body = {"reason": "The request is right about it.", **wanted}
        return await self.counter.post(f"/v1/support/requests/{number}/acts", body, self.staff)

    async def refuse(self, number: str, **change: Any) -> httpx.Response:
        """The staff refuses, with reason and remedies."""
        body = {"outcome": "refused", "reason": "The law allows it.", "remedies": REMEDIES}
        return await self.counter.answer(self.staff, number, **body | change)

    async def letters(self) -> int:
        """How many letters of news reach them, of an issue that is sent now."""
        world = self.counter.world
        before = len(letters_in(world.folder / "mail", ADA))
        async with world.database.writing() as db:
            draft = Draft("A new camera", "It sees in the dark.")
            await queue_issue(db, draft, Purpose.NEWS, None, world.house.foundation)
        await world.house.news.run_due()
        return len(letters_in(world.folder / "mail", ADA)) - before


@pytest.fixture
async def asker(counter: Counter) -> AsyncIterator[Asker]:
    """Ada, with a member of the staff who answers her."""
    yield Asker(counter, await counter.owner_of(ADA), await counter.staff())


def refused(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """The status of a refusal, its code, and the fields that it names."""
    named = [it["field"] for it in answer.json().get("errors", [])]
    return *code(answer), named
