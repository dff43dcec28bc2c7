"""What a person of the canaries chooses and asks us, and what the staff answers."""

import re
from typing import Any

from tests.registry.world import Person, World

CODE = re.compile(r"^\s+(\d{6})\s*$", re.MULTILINE)
CHOSEN = ("town_of_use", "vicinity_of_use", "camera_town", "news", "invitations")
REMEDIES = {
    "review": "Answer this letter and say that you want a review.",
    "authority": "You can complain to the Comissão Nacional de Proteção de Dados.",
    "court": "You can go to the court of the place where you live or where we are (GDPR, Art. 79).",
}


async def choose(world: World, person: Person, headers: dict[str, str]) -> None:
    """Allow all that is off at first."""
    shown = await _done(world, "GET", "/v1/privacy/purposes", person.headers)
    texts = {it["code"]: it["sha256"] for it in shown["purposes"]}
    await _done(world, "PUT", "/v1/privacy/place-source", headers, {"source": "off"})
    await _done(world, "PUT", "/v1/privacy/place-source", headers, {"source": "network"})
    for code in CHOSEN:
        body = {"on": True, "sha256": texts[code]}
        await _done(world, "PUT", f"/v1/privacy/purposes/{code}", headers, body)


async def tell(world: World, told: dict[str, str], headers: dict[str, str]) -> None:
    """Type what nobody asks for."""
    body = {"corrections": [{"field": name, "value": value} for name, value in told.items()]}
    await _done(world, "PATCH", "/v1/privacy/corrections", headers, body)


async def ask_us(world: World, who: str, person: Person, staff: dict[str, str]) -> None:
    """A deletion that is refused, and a fault that was found. `who` makes each text somebody's."""
    refused = {
        "outcome": "refused",
        "reply": f"We can't do this, {who}.",
        "reason": f"{who}: the invoice must be kept for ten years (tax law).",
        "remedies": {name: f"{text} ({who})" for name, text in REMEDIES.items()},
    }
    found = {
        "outcome": "answered",
        "cause": f"A firmware fault at {who}'s.",
        "resolution": f"Fixed for {who} in 1.4.2.",
        "reply": f"Please update, {who}.",
    }
    for kind, answer in (("deletion", refused), ("feedback", found)):
        contact = {"kind": "post", "value": f"Rua 1, for {who}"}
        wish = {"kind": kind, "region": "PT", "message": f"{who} on {kind}", "contact": contact}
        wish |= {"ground": "breach"} if kind == "deletion" else {}
        asked = await _done(world, "POST", "/v1/account/requests", person.headers, wish)
        desk = f"/v1/support/requests/{asked['number']}"
        await _done(world, "POST", f"{desk}/openings", staff, {"reason": f"Due for {who}."})
        await _done(world, "POST", f"{desk}/answer", staff, answer)


async def ask_by_mail(world: World, who: str, email: str, staff: dict[str, str]) -> None:
    """A copy, asked for by form as if for a child, and offered by the staff that saw a proof."""
    wish = {
        "kind": "access",
        "region": "PT",
        "message": f"{who} asks for a copy",
        "contact": {"kind": "email", "value": email},
        "on_behalf_of": "child",
    }
    asked = await _done(world, "POST", "/v1/privacy/requests", {}, wish)
    letters = [it.read_text() for it in sorted((world.folder / "mail").glob("*.eml"))]
    codes = [CODE.findall(it) for it in letters if asked["request_id"] in it.replace("=\n", "")]
    proof = f"/v1/privacy/requests/{asked['request_id']}/proof"
    told = await _done(world, "POST", proof, {}, {"code": codes[-1][0]})
    desk = f"/v1/support/requests/{told['number']}"
    await _done(world, "POST", f"{desk}/openings", staff, {"reason": f"Due for {who} as well."})
    act = {
        "act": "copy",
        "reason": f"It is right, says {who}.",
        "concerning": email,
        "proof_seen": f"A paper of {who}'s.",
    }
    await _done(world, "POST", f"{desk}/acts", staff, act)


async def _done(
    world: World, method: str, path: str, headers: dict[str, str], body: object = None
) -> Any:
    answer = await world.ask(method, path, headers, **({} if body is None else {"json": body}))
    assert answer.is_success, answer.text
    world.clock.advance(seconds=7)
    return answer.json() if answer.content else None
