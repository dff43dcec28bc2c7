"""The counter: what people do who ask us something, and what the staff does behind it."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from server.accounts.tables import Account, Session
from server.foundation.origins import Collected, Origin
from server.privacy.cases.tables import PrivacyCase
from server.support.service import add_staff
from tests.registry.world import Person, World

ADA = "ada@example.com"
REASON = "The answer is due this week."
PASSWORD = "violet ladder under tin rain"
CODE = re.compile(r"^\s+(\d{6})\s*$", re.MULTILINE)
REMEDIES = {
    "review": "Answer this letter and say that you want a review.",
    "authority": "You can complain to the Comissão Nacional de Proteção de Dados.",
    "court": "You can go to the court of the place where you live or where we are (GDPR, Art. 79).",
}
WHY_NOT = "The invoice must be kept for ten years (tax law)."
REFUSAL = {
    "outcome": "refused",
    "reply": "We can't do this.",
    "reason": WHY_NOT,
    "remedies": REMEDIES,
}


@dataclass
class Counter:
    """The running server, and both sides of a request."""

    world: World

    async def post(
        self, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """One POST request."""
        return await self.world.ask("POST", path, headers, json=body)

    async def ask(self, **change: Any) -> httpx.Response:
        """A stranger asks."""
        contact = {"kind": "email", "value": ADA}
        body = {"kind": "access", "region": "PT", "message": "Send me all.", "contact": contact}
        return await self.post("/v1/privacy/requests", body | change)

    async def asked(self, **change: Any) -> dict[str, Any]:
        """What a stranger hears who asks."""
        answer = await self.ask(**change)
        assert answer.status_code == 202, answer.text
        return answer.json()

    async def prove(self, request_id: str, code: str) -> httpx.Response:
        """Type the code."""
        return await self.post(f"/v1/privacy/requests/{request_id}/proof", {"code": code})

    async def proven(self, to: str = ADA, **change: Any) -> dict[str, Any]:
        """A stranger's request about a person, proven: its number, token and date."""
        asked = await self.asked(**{"contact": {"kind": "email", "value": to}, **change})
        answer = await self.prove(asked["request_id"], self.code_for(to))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def follow(self, followed: dict[str, Any], **change: str) -> httpx.Response:
        """Look at one's own request, with its token."""
        told = followed | change
        headers = {"Authorization": f"Bearer {told['token']}"}
        return await self.world.ask("GET", f"/v1/privacy/requests/{told['number']}", headers)

    def letters(self, to: str = ADA) -> list[str]:
        """The texts of the letters to an address, the oldest first."""
        files = sorted((self.world.folder / "mail").glob("*.eml"))
        read = [
            email.message_from_bytes(it.read_bytes(), policy=email.policy.default) for it in files
        ]
        return [str(letter.get_content()) for letter in read if letter["To"] == to]

    def code_for(self, to: str = ADA) -> str:
        """The code of the newest letter that has one."""
        return [found[1] for text in self.letters(to) if (found := CODE.search(text))][-1]

    async def owner_of(self, address: str) -> Person:
        """Somebody with an account whose address this is."""
        person = await self.world.person()
        async with self.world.database.writing() as db:
            account = await db.get_one(Account, person.id)
            account.email = Collected(address, origin=Origin.REGISTRATION)
            account.email_verified = True
        return person

    async def sign_in_again(self, person: Person) -> Person:
        """The same person in a new sign-in, the earlier ones having ended."""
        ids, now = self.world.house.foundation.ids, self.world.clock.now()
        session = Session(
            id=ids.new("ses"),
            account_id=person.id,
            device="Chrome on Android",
            remember=False,
            created_at=now,
            last_used_at=now,
            expires_at=now + timedelta(days=365),
        )
        async with self.world.database.writing() as db:
            db.add(session)
        return self.world.again(person.id, session.id)

    async def me(self, person: Person) -> httpx.Response:
        """Whether the account is there for its owner, whatever time has passed."""
        again = self.world.again(person.id, person.identity.session_id)
        return await self.world.ask("GET", "/v1/account", again.headers)

    async def staff(self, name: str = "Olga") -> dict[str, str]:
        """Somebody on the staff, signed in."""
        parts, passwords = self.world.house.foundation, self.world.house.security.passwords
        async with self.world.database.writing() as db:
            await add_staff(db, parts.ids, parts.clock, passwords, name, PASSWORD)
        return await self.staff_again(name)

    async def staff_again(self, name: str = "Olga") -> dict[str, str]:
        """The same member of the staff, signed in anew."""
        answer = await self.post("/v1/staff/sessions", {"name": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def enter(self, staff: dict[str, str], **change: Any) -> httpx.Response:
        """The staff enters a letter that came today."""
        body = {
            "channel": "post",
            "kind": "complaint",
            "region": "PT",
            "received_on": self.world.clock.now().date().isoformat(),
            "message": "It is too loud.",
            "contact": {"kind": "post", "value": "Rua 1\nLisboa"},
        }
        return await self.post("/v1/support/requests", body | change, staff)

    async def open(
        self, staff: dict[str, str], number: str, reason: object = REASON
    ) -> httpx.Response:
        """The staff opens a request."""
        path = f"/v1/support/requests/{number}/openings"
        return await self.post(path, {"reason": reason}, staff)

    async def answer(self, staff: dict[str, str], number: str, **change: Any) -> httpx.Response:
        """The staff answers."""
        body = {"outcome": "answered", "reply": "Here it is."}
        return await self.post(f"/v1/support/requests/{number}/answer", body | change, staff)

    async def due(self, staff: dict[str, str], after: str = "") -> dict[str, Any]:
        """The list of what is due."""
        path = "/v1/support/requests" + (f"?after={after}" if after else "")
        answer = await self.world.ask("GET", path, staff)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def case(self) -> PrivacyCase:
        """The only case there is."""
        (only,) = await self.world.rows(PrivacyCase)
        return only


def code(answer: httpx.Response) -> tuple[int, str]:
    """The status of a refusal, and its code."""
    return answer.status_code, answer.json()["code"]
