"""Every route of the API, asked by somebody whose things these are not, and by nobody at all.

The routes come from the API's own description: one that is added is asked too, and whoever adds it
says here whose the ids in its path are.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.foundation.vault.keyring import Vault
from tests.backups.rows import digests
from tests.registry.world import Person, World, running_world
from tests.support.test_support import on_staff

pytestmark = pytest.mark.timeout(400)  # every route; a loaded machine is slow

# Routes that ask for no token, and what stands in its place.
OPEN = {
    "POST /v1/registrations": "whoever wants an account",
    "POST /v1/registrations/{registration_id}/confirmation": "the code from the mail",
    "POST /v1/sessions": "the password",
    "POST /v1/sessions/refresh": "the cookie",
    "GET /v1/providers": "the same for everybody",
    "GET /v1/providers/{name}/sign-in": "begins a sign-in",
    "GET /v1/providers/{name}/callback": "the provider's code, and the browser's cookie",
    "GET /v1/closing": "the same for everybody",
    "GET /v1/policy": "the same for everybody; whoever is signed in sees theirs",
    "GET /v1/policy/versions/{version}": "the same for everybody",
    "POST /v1/privacy/requests": "whoever wants to ask",
    "POST /v1/privacy/requests/{request_id}/proof": "the code from the mail",
    "GET /v1/erasures/{erasure_id}": "160 random bits; who was erased has no account any more",
    **dict.fromkeys(
        (
            "GET /v1/letters/{purpose}/confirm/{token}",
            "POST /v1/letters/{purpose}/confirm/{token}",
            "GET /v1/letters/{purpose}/end/{token}",
            "POST /v1/letters/{purpose}/end/{token}",
        ),
        "a random id and its keyed hash, from the letter",
    ),
    "POST /v1/oauth/token": "the camera's own key",
    "POST /v1/staff/sessions": "the password",
    "GET /v1/signaling": "the same for everybody",
    "GET /.well-known/jwks.json": "public keys",
    "GET /healthz": "nothing but that we live",
    "GET /readyz": "nothing but that we serve",
}
# It ends the caller's own sign-in among people's, and there is none of another kind's.
FOR_ANY_KIND = {"DELETE /v1/sessions/current"}
OURS = {
    "code",
    "name",
    "permission",
    "version",
}  # in paths: words of our own, the same for everybody
BODIES: dict[str, Any] = {
    "PATCH /v1/cameras/{camera_id}": {"name": "Mine"},
    "POST /v1/privacy/requests/{number}/copy": {"code": "000000"},
}


@dataclass(frozen=True)
class Two:
    """Somebody with things of every kind, by the names of their ids in paths; and somebody else."""

    owner: Person
    things: dict[str, str]
    never: dict[str, str]  # the like, that never were
    other: Person


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


@pytest.fixture
async def two(world: World) -> Two:
    """The owner, with a camera, a pairing, a receipt and a request."""
    owner, other = await world.person(), await world.person()
    camera = await world.camera()
    await world.pair(owner, camera)
    pairing = await world.begin(owner, "Cellar")
    for person in (owner, other):  # what somebody hasn't switched on is refused by that alone
        await switch_all_on(world, person)
    choices = (await world.ask("GET", "/v1/privacy/choices", owner.headers)).json()
    wish = {"kind": "question", "region": "PT", "message": "What do you have?"}
    case = await did(world, "POST", "/v1/account/requests", owner, wish)
    contact = {"kind": "email", "value": "other@example.com"}
    others = {**wish, "contact": contact}
    await did(world, "POST", "/v1/account/requests", other, others)
    signed_in = (await world.ask("GET", "/v1/account/sign-ins", owner.headers)).json()
    things = {
        "sign_in_id": signed_in["sign_ins"][0]["id"],
        "camera_id": camera.id,
        "pairing_id": pairing["id"],
        "receipt_id": choices["choices"][0]["id"],
        "number": case["number"],
        "exception_id": world.house.foundation.ids.new("exc"),  # for staff alone, there or not
    }
    never = {
        name: thing[:-1] + ("2" if thing[-1] != "2" else "3") for name, thing in things.items()
    }
    return Two(owner, things, never, other)


async def switch_all_on(world: World, person: Person) -> None:
    told = (await world.ask("GET", "/v1/privacy/purposes", person.headers)).json()
    for it in told["purposes"]:
        if it["has_switch"]:
            body = {"on": True, "sha256": it["sha256"]}
            await did(world, "PUT", f"/v1/privacy/purposes/{it['code']}", person, body)


async def did(world: World, method: str, path: str, person: Person, body: Any) -> Any:
    answer = await world.ask(method, path, person.headers, json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def routes(world: World) -> dict[str, dict[str, Any]]:
    """Each route by method and path, as our own description tells it."""
    paths = (await world.ask("GET", "/openapi.json")).json()["paths"]
    return {
        f"{method.upper()} {path}": how
        for path, its in paths.items()
        for method, how in its.items()
    }


def ids_in(route: dict[str, Any]) -> set[str]:
    return {it["name"] for it in route.get("parameters", []) if it["in"] == "path"}


def address(route: str, ids: dict[str, str]) -> tuple[str, str]:
    method, _, path = route.partition(" ")
    return method, path.format(**dict.fromkeys(OURS, "x"), **ids)


async def test_nobody_gets_anything_but_by_a_route_that_says_why(world: World, two: Two):
    told = await routes(world)
    assert not OPEN.keys() - told.keys()
    for route, how in told.items():
        if route in OPEN:
            continue
        assert how.get("security"), f"{route}: takes no token; say in OPEN what else it asks for"
        method, path = address(route, two.things)
        refused = await world.ask(method, path, json=BODIES.get(route, {}))
        assert (route, refused.status_code) == (route, 401 if is_bearers(how) else 404)


def is_bearers(how: dict[str, Any]) -> bool:
    return {"HTTPBearer": []} in how["security"]


async def test_another_persons_things_look_as_if_they_were_not_there_and_stay_as_they_are(
    world: World, two: Two
):
    vault = world.database.vault
    assert isinstance(vault, Vault)
    before, asked = await digests(world.database.url, vault), 0
    for route, how in (await routes(world)).items():
        names = ids_in(how) - OURS
        if route in OPEN or not names:
            continue
        assert names <= two.things.keys(), f"{route}: say in `two` whose {names} is"
        answers = []
        for ids in (two.things, two.never):
            method, path = address(route, ids)
            answer = await world.ask(method, path, two.other.headers, json=BODIES.get(route, {}))
            assert answer.status_code in (403, 404), f"{route}: {answer.status_code} {answer.text}"
            answers.append({**answer.json(), "request_id": ""})
        theirs, nobodys = answers
        assert theirs == nobodys, route
        asked += 1
    assert asked > 9
    assert await digests(world.database.url, vault) == before


async def test_the_owner_gets_them(world: World, two: Two):
    """Else the refusals above would prove nothing."""
    for route in (
        "GET /v1/cameras/{camera_id}",
        "GET /v1/pairings/{pairing_id}",
        "GET /v1/privacy/receipts/{receipt_id}",
        "PATCH /v1/cameras/{camera_id}",
        "PUT /v1/cameras/{camera_id}/warranty",
        "DELETE /v1/cameras/{camera_id}",
    ):
        method, path = address(route, two.things)
        body = {"json": BODIES[route]} if route in BODIES else {}
        answer = await world.ask(method, path, two.owner.headers, **body)
        assert answer.is_success, f"{route}: {answer.text}"


@pytest.mark.parametrize("path", ["/v1/cameras", "/v1/account/requests", "/v1/privacy/choices"])
async def test_a_list_has_ones_own_things_alone(world: World, two: Two, path: str):
    answer = await world.ask("GET", path, two.other.headers)
    assert answer.status_code == 200
    assert not [it for it in two.things.values() if it in answer.text]
    mine = await world.ask("GET", path, two.owner.headers)
    assert [it for it in two.things.values() if it in mine.text]


async def test_no_kind_of_caller_passes_for_another(world: World, two: Two):
    """A camera and one of the staff hold good tokens too."""
    camera, staff = await world.camera(), await on_staff(world)
    opens: dict[str, set[str]] = {}
    callers = {"person": two.other.headers, "camera": camera.headers, "staff": staff}
    for route, how in (await routes(world)).items():
        if route in OPEN or not is_bearers(how):
            continue
        for who, headers in callers.items():
            method, path = address(route, two.never)
            answer = await world.ask(method, path, headers, json=BODIES.get(route, {}))
            if answer.is_error and answer.json()["code"] in ("wrong_kind_of_caller", "bad_token"):
                continue
            opens.setdefault(route, set()).add(who)
    either = {route for route, who in opens.items() if len(who) > 1}
    assert either == FOR_ANY_KIND, "only one kind of caller has any business there"
