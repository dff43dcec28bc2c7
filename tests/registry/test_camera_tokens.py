"""How a camera gets its token, and all the ways in which it doesn't."""

import asyncio
import time
from datetime import timedelta

import jwt
import pytest

from devices.registry.tables import UsedAssertion
from server.foundation.identity import Kind
from server.privacy.retention import end_what_is_over
from tests.registry.keys import FactoryCamera, new_key
from tests.registry.world import AUDIENCE, World

CAMERA = FactoryCamera("SN-0001")


async def test_a_camera_gets_a_token_that_speaks_for_it(world: World):
    await world.take_in(CAMERA)
    answer = await world.token(CAMERA.assertion(AUDIENCE, world.clock.now()))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 600)
    assert answer.headers["cache-control"] == "no-store"
    identity = world.house.security.tokens.verify(told["access_token"])
    assert identity.kind is Kind.CAMERA
    assert identity.id.startswith("cam_eu1_")


async def test_an_assertion_works_once(world: World):
    await world.take_in(CAMERA)
    assertion = CAMERA.assertion(AUDIENCE, world.clock.now())
    assert (await world.token(assertion)).status_code == 200
    again = await world.token(assertion)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


async def test_of_many_uses_at_once_one_gets_a_token(world: World):
    await world.take_in(CAMERA)
    assertion = CAMERA.assertion(AUDIENCE, world.clock.now())
    await world.connections_at_hand()
    answers = await asyncio.gather(*(world.token(assertion) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]
    assert len(await world.rows(UsedAssertion)) == 1


async def test_two_cameras_may_choose_the_same_jti(world: World):
    other = FactoryCamera("SN-0002")
    await world.take_in(CAMERA, other)
    for camera in (CAMERA, other):
        assertion = camera.assertion(AUDIENCE, world.clock.now(), jti="0123456789")
        assert (await world.token(assertion)).status_code == 200


async def test_a_used_assertion_is_forgotten_only_when_its_age_refuses_it(world: World):
    await world.take_in(CAMERA)
    assertion = CAMERA.assertion(AUDIENCE, world.clock.now())
    await world.token(assertion)
    for _ in range(40):
        world.clock.advance(seconds=10)
        async with world.database.writing() as db:
            await end_what_is_over(db, world.clock.now())
        assert (await world.token(assertion)).status_code == 401
    assert await world.rows(UsedAssertion) == []


async def refusals(world: World) -> dict[str, str]:
    """Assertions that must not work, by what is wrong with them."""
    now = world.clock.now()
    unsigned = jwt.encode({"iss": "SN-0001"}, key="", algorithm="none")
    claims = {
        "iss": "SN-0001", "sub": "SN-0001", "aud": AUDIENCE, "jti": "0123456789abcdef",
        "iat": int(now.timestamp()), "exp": int(now.timestamp()) + 60,
    }  # fmt: skip
    return {
        "unknown serial": FactoryCamera("SN-9999").assertion(AUDIENCE, now),
        "another camera's key": CAMERA.assertion(AUDIENCE, now, key=new_key()),
        "another's name": CAMERA.assertion(AUDIENCE, now, iss="SN-9999", sub="SN-9999"),
        "other audience": CAMERA.assertion("https://elsewhere.example/v1/oauth/token", now),
        "too old": CAMERA.assertion(AUDIENCE, now - timedelta(minutes=3)),
        "from the future": CAMERA.assertion(AUDIENCE, now + timedelta(seconds=61)),
        "too long a life": CAMERA.assertion(AUDIENCE, now, life=timedelta(seconds=301)),
        "no jti": CAMERA.assertion(AUDIENCE, now, jti=None),
        "no expiry": CAMERA.assertion(AUDIENCE, now, exp=None),
        "NUL in the serial": CAMERA.assertion(AUDIENCE, now, iss="SN\0", sub="SN\0"),
        "unsigned": unsigned,
        "signed with a public text as a secret": jwt.encode(claims, AUDIENCE, "HS256"),
        "no JWT": "not.a.jwt",
        "an access token of ours": world.house.security.tokens.issue(Kind.CAMERA, "cam_x", "ses_x"),
    }


async def test_every_refusal_is_the_same(world: World):
    """Whoever tries serials learns nothing from words, members or headers."""
    await world.take_in(CAMERA)
    seen: set[str] = set()
    for why, assertion in (await refusals(world)).items():
        answer = await world.token(assertion)
        assert answer.status_code == 401, why
        told = answer.json()
        told.pop("request_id")
        seen.add(str(sorted(told.items())))
        assert told["error"] == told["code"] == "invalid_client"
        assert "SN-" not in answer.text
    assert len(seen) == 1
    assert await world.rows(UsedAssertion) == []


@pytest.mark.parametrize("form", [{"client_assertion_type": "urn:other"}])
async def test_another_type_of_assertion_is_refused_alike(world: World, form: dict[str, str]):
    await world.take_in(CAMERA)
    answer = await world.token(CAMERA.assertion(AUDIENCE, world.clock.now()), **form)
    assert answer.json()["error"] == "invalid_client"


async def test_there_is_one_grant_type(world: World):
    answer = await world.token("x", grant_type="password")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


async def test_a_form_with_something_else_in_it_is_refused(world: World):
    answer = await world.token("x", scope="everything")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_a_camera_run_wild_is_slowed_down_and_its_neighbour_is_not(world: World):
    other = FactoryCamera("SN-0002")
    await world.take_in(CAMERA, other)
    now = world.clock.now()
    codes = [(await world.token(CAMERA.assertion(AUDIENCE, now))).status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]
    assert (await world.token(other.assertion(AUDIENCE, now))).status_code == 200


async def test_an_unknown_serial_costs_as_much_as_a_known_one(world: World):
    await world.take_in(CAMERA)
    now = world.clock.now()

    took: dict[str, list[float]] = {"SN-0001": [], "SN-9999": []}
    for _ in range(20):  # by turns, so that whatever else the machine does meets both
        for camera in (CAMERA, FactoryCamera("SN-9999")):
            assertion = camera.assertion(AUDIENCE, now, key=new_key())
            began = time.perf_counter()
            await world.token(assertion)
            took[camera.serial].append(time.perf_counter() - began)
    assert 0.5 < min(took["SN-0001"]) / min(took["SN-9999"]) < 2
