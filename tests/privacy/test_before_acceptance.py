"""Nothing of the service goes before the policy that counts is accepted: each way is tried."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from fastapi.routing import iter_route_contexts
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from server.foundation.identity import Kind
from server.privacy.purposes import PURPOSES, Switch
from server.privacy.tables import PolicyAcceptance
from signaling.protocol.asyncapi import FROM_PEER, METHODS
from signaling.protocol.close_codes import BAD_TOKEN
from signaling.protocol.faults import FORBIDDEN, UNAUTHORISED
from tests.gateway.conftest import frame, hear, register
from tests.privacy.declaring import FIRST, edition, with_more
from tests.registry.world import Person, World, running_world

LATER: Final = edition(2027, with_more())

# What answers a person before acceptance, and why. Whatever isn't here is shut.
OPEN: Final = {
    "reading and accepting": {
        "GET /v1/policy",
        "GET /v1/policy/versions/{version}",
        "POST /v1/policy/acceptance",
    },
    "reading that the service ends": {"GET /v1/closing", "GET /closing"},
    "contact and requests": {
        "GET /v1/account/requests",
        "POST /v1/account/requests",
        "POST /v1/privacy/requests",
        "POST /v1/privacy/requests/{request_id}/proof",
        "GET /v1/privacy/requests/{number}",
        "POST /v1/privacy/requests/{number}/copy",
    },
    "seeing and exporting what is held": {
        "GET /v1/account",
        "GET /v1/account/history",
        "GET /v1/account/sign-ins",
        "GET /v1/privacy/held",
        "GET /v1/privacy/exceptions",
        "POST /v1/privacy/export",
    },
    "putting right, deleting and guarding what is held": {
        "GET /v1/privacy/corrections",
        "PATCH /v1/privacy/corrections",
        "POST /v1/privacy/deletions",
        "DELETE /v1/account/sign-ins/{sign_in_id}",
        "POST /v1/account/password",
        "POST /v1/account/email",
        "POST /v1/account/email/confirmation",
    },
    "withdrawing": {  # giving is shut: see below
        "GET /v1/privacy/place-source",
        "PUT /v1/privacy/place-source",
        "GET /v1/privacy/purposes",
        "PUT /v1/privacy/purposes/{code}",
        "GET /v1/privacy/choices",
        "GET /v1/privacy/receipts/{receipt_id}",
        "POST /v1/privacy/permissions/{permission}/denial",
        "GET /v1/letters/{purpose}/end/{token}",
        "POST /v1/letters/{purpose}/end/{token}",
    },
    "saying yes to a letter that was asked for": {
        "GET /v1/letters/{purpose}/confirm/{token}",
        "POST /v1/letters/{purpose}/confirm/{token}",
    },
    "cancelling": {
        "GET /v1/account/cancellation",
        "POST /v1/account/cancellation",
        "GET /v1/erasures/{erasure_id}",
    },
    "coming in and going": {
        "POST /v1/registrations",
        "POST /v1/registrations/{registration_id}/confirmation",
        "POST /v1/sessions",
        "POST /v1/sessions/refresh",
        "DELETE /v1/sessions/current",
        "GET /v1/providers",
        "GET /v1/providers/{name}/sign-in",
        "GET /v1/providers/{name}/callback",
    },
    "the same for everybody, about nobody": {
        "GET /",
        "GET /openapi.json",
        "GET /healthz",
        "GET /readyz",
        "GET /.well-known/jwks.json",
        "GET /v1/signaling",
    },
    "for cameras and staff, who accept nothing": {
        "POST /v1/oauth/token",
        "POST /v1/pairings/redemption",
        "POST /v1/staff/sessions",
        "DELETE /v1/staff/sessions/current",
        "POST /v1/support/lookups",
        "GET /v1/support/requests",
        "POST /v1/support/requests",
        "POST /v1/support/requests/{number}/answer",
        "POST /v1/support/requests/{number}/acts",
        "POST /v1/support/requests/{number}/holds",
        "PUT /v1/support/requests/{number}/kind",
        "POST /v1/support/requests/{number}/openings",
        "GET /v1/support/requests/{number}/findings",
        "GET /v1/support/exceptions",
        "POST /v1/support/exceptions",
        "POST /v1/support/exceptions/{exception_id}/approval",
        "DELETE /v1/support/exceptions/{exception_id}",
    },
}
EVERY_OPEN: Final = frozenset[str]().union(*OPEN.values())
LAST: Final = ("POST /v1/account/cancellation", "DELETE /v1/sessions/current")  # they end it all
PAGES: Final = {"/app", "/staff"}  # files, the same for everybody


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server; from the new year on with a policy that adds a purpose."""
    async with running_world(tmp_path, database_url, (FIRST, LATER)) as running:
        yield running


def operations(world: World) -> list[str]:
    """Every operation of the application's own table of routes; those that end a sign-in last."""
    routes = list(iter_route_contexts(vars(world.house.app)["_app"].routes))
    assert {it.path for it in routes if not it.methods} == PAGES
    found = {
        f"{method} {it.path}" for it in routes for method in it.methods or () if method != "HEAD"
    }
    assert len(found) > 40
    return sorted(found, key=lambda it: it in LAST)


async def shut(world: World, person: Person) -> set[str]:
    """The operations that tell this person to accept first."""
    found: set[str] = set()
    for operation in operations(world):
        method, _, path = operation.partition(" ")
        filled = re.sub(r"{[^}]+}", "cam_eu1_0", path)
        told = await world.ask(method, filled, person.headers, json={})
        if told.status_code == 403 and told.json()["code"] == "policy_not_accepted":
            found.add(operation)
    return found


async def noticed(world: World) -> Person:
    """Somebody who accepted the policy of before, on the first day of a new one that weighs."""
    person = await world.person()
    world.clock.advance(days=60)
    return world.again(person.id, person.identity.session_id)


@pytest.mark.parametrize("who", ["new", "noticed"])
async def test_all_but_what_is_listed_is_shut_before_acceptance(world: World, who: str) -> None:
    person = await (world.person(accepted=False) if who == "new" else noticed(world))
    everything = set(operations(world))
    assert everything >= EVERY_OPEN  # nothing that is gone stays listed
    assert await shut(world, person) == everything - EVERY_OPEN
    accepted = [it.version for it in await world.rows(PolicyAcceptance)]
    assert accepted == ([] if who == "new" else [FIRST.version])  # browsing accepted nothing


@pytest.mark.parametrize("who", ["new", "noticed"])
async def test_after_acceptance_all_is_open_and_what_is_optional_still_off(
    world: World, who: str
) -> None:
    person = await (world.person(accepted=False) if who == "new" else noticed(world))
    optional = {it.code: it.sha256 for it in PURPOSES if it.switch is Switch.OFF_AT_FIRST}
    assert len(optional) > 2
    for code, sha256 in optional.items():  # giving is part of the service
        body: dict[str, Any] = {"on": True, "sha256": sha256}
        path = f"/v1/privacy/purposes/{code}"
        given = await world.ask("PUT", path, person.headers, json=body)
        assert (given.status_code, given.json()["code"]) == (403, "policy_not_accepted")
        assert (await world.ask("PUT", path, person.headers, json={"on": False})).is_success
    policy = (await world.ask("GET", "/v1/policy", person.headers)).json()
    body = {"version": policy["version"], "sha256": policy["sha256"]}
    assert (await world.ask("POST", "/v1/policy/acceptance", person.headers, json=body)).is_success
    told = (await world.ask("GET", "/v1/privacy/purposes", person.headers)).json()["purposes"]
    assert {it["code"] for it in told if not it["on"]} == set(optional)
    assert await shut(world, person) == set()


def params(person: Person, method: str, camera_id: str) -> dict[str, Any]:
    """What would do for any method, if its sender were anybody."""
    token = person.headers["Authorization"].removeprefix("Bearer ")
    session = {"session": "ses_0", "code": 410, "message": "over", "stage": "offer", "ms": 1}
    return {"authorization": token, "peer": camera_id, "offer": "v=0", **session}


async def answer_to(socket: ClientConnection, method: str, sent: dict[str, Any]) -> Any:
    """What the gateway says to a method, or the number with which it closes."""
    try:
        await socket.send(frame(id=7, method=method, params=sent))
        return await hear(socket)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


@pytest.mark.parametrize("who", ["new", "noticed"])
async def test_no_signaling_method_works_before_acceptance(world: World, who: str) -> None:
    person = await (world.person(accepted=False) if who == "new" else noticed(world))
    camera = await world.camera()
    gateway = world.house.gateway
    await gateway.start("127.0.0.1", 0)
    try:
        for method in dict.fromkeys(it.name for it in METHODS if FROM_PEER in it.ways):
            for first in (False, True):  # at once, or after asking to be let in
                async with connect(f"ws://127.0.0.1:{gateway.port}/signal") as socket:
                    sent = params(person, method, camera.id)
                    if first:
                        await socket.send(register(sent["authorization"]))
                        assert (await hear(socket))["error"]["code"] == UNAUTHORISED.code
                    told = await answer_to(socket, method, sent)
                    assert told == BAD_TOKEN.number or "error" in told, method
    finally:
        await gateway.stop()


async def test_who_is_registered_already_makes_no_call_after_a_change_that_weighs(
    world: World,
) -> None:
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    tokens, gateway = world.house.security.tokens, world.house.gateway
    await gateway.start("127.0.0.1", 0)
    try:
        async with connect(f"ws://127.0.0.1:{gateway.port}/signal") as socket:
            await socket.send(register(params(ann, "register", camera.id)["authorization"]))
            assert "result" in await hear(socket)
            world.clock.advance(days=60)
            fresh = world.again(ann.id, ann.identity.session_id)
            assert tokens.verify(params(fresh, "", "")["authorization"]).kind is Kind.ACCOUNT
            told = await answer_to(socket, "connect", params(fresh, "connect", camera.id))
            assert told["error"]["code"] in (UNAUTHORISED.code, FORBIDDEN.code)
    finally:
        await gateway.stop()
