"""Warranties on the running parts: activated once, for ever the same."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest

from devices.registry.tables import Device
from devices.warranty.tables import KEPT, Warranty
from server.accounts.tables import Session
from server.privacy.retention import end_what_is_over
from tests.places import LISBON, NOWHERE
from tests.registry.world import Camera, Person, World


async def activate(
    world: World, person: Person, camera: Camera, seen_at: str = NOWHERE
) -> httpx.Response:
    headers = {**person.headers, "x-forwarded-for": seen_at}
    return await world.ask("PUT", f"/v1/cameras/{camera.id}/warranty", headers)


async def test_the_first_activation_fixes_the_dates(world: World):
    ann, camera = await world.person(), await world.camera("SH-C2", "DE")
    await world.pair(ann, camera)
    world.clock.advance(seconds=1)
    answer = await activate(world, ann, camera)
    assert answer.status_code == 200
    assert answer.json() == {
        "state": "active",
        "starts_on": "2026-11-25",
        "ends_on": "2029-11-25",
        "region": "DE",
        "model": "SH-C2",
        "activated_at": "2026-11-25T08:00:01Z",
    }
    shown = (await world.ask("GET", f"/v1/cameras/{camera.id}", ann.headers)).json()
    assert shown["warranty"] == answer.json()
    assert (await world.history(ann))[0]["text"] == "Activated the warranty of Porch"


async def test_later_activations_change_nothing(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    first = await activate(world, ann, camera)
    world.clock.advance(days=100)
    ann = world.again(ann.id, ann.identity.session_id)
    again = await activate(world, ann, camera, LISBON)
    assert (again.status_code, again.json()) == (200, first.json())
    texts = [it["text"] for it in await world.history(ann)]
    assert texts.count("Activated the warranty of Porch") == 1


async def test_many_at_once_are_one(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    await world.connections_at_hand()
    answers = await asyncio.gather(*(activate(world, ann, camera) for _ in range(6)))
    assert {it.status_code for it in answers} == {200}
    assert len({it.text for it in answers}) == 1
    assert len(await world.rows(Warranty)) == 1
    texts = [it["text"] for it in await world.history(ann)]
    assert texts.count("Activated the warranty of Porch") == 1


async def test_a_new_owner_finds_the_warranty_as_it_was(world: World):
    ann, ben, camera = await world.person(), await world.person(), await world.camera()
    await world.pair(ann, camera)
    first = await activate(world, ann, camera)
    await world.ask("DELETE", f"/v1/cameras/{camera.id}", ann.headers)
    assert (await activate(world, ann, camera)).json()["code"] == "unknown_camera"
    await world.pair(ben, camera, "Door", seen_at=LISBON)
    assert (await activate(world, ben, camera)).json() == first.json()


async def test_the_region_is_where_it_was_first_used_if_that_is_known(world: World):
    ann, camera = await world.person(), await world.camera("SH-C1", "US")
    await world.pair(ann, camera, seen_at=LISBON)
    told = (await activate(world, ann, camera)).json()
    assert (told["region"], told["ends_on"]) == ("PT", "2028-11-25")


async def test_else_it_is_where_it_was_sold(world: World):
    ann, camera = await world.person(), await world.camera("SH-C1", "US")
    await world.pair(ann, camera)
    told = (await activate(world, ann, camera, LISBON)).json()  # a later place doesn't count
    assert (told["region"], told["ends_on"]) == ("US", "2027-11-25")


async def test_it_runs_out_after_its_last_day(world: World):
    ann, camera = await world.person(), await world.camera("SH-C1", "US")
    await world.pair(ann, camera)
    await activate(world, ann, camera)

    async def state() -> str:
        person = world.again(ann.id, ann.identity.session_id)
        told = await world.ask("GET", "/v1/cameras", person.headers)
        return told.json()["cameras"][0]["warranty"]["state"]

    last_moment = datetime.fromisoformat("2027-11-25T23:59:59+00:00")
    world.clock.advance(seconds=(last_moment - world.clock.now()).total_seconds())
    assert await state() == "active"
    world.clock.advance(seconds=1)
    assert await state() == "expired"


async def test_a_camera_that_is_not_made_yet_has_no_warranty(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    async with world.database.writing() as db:
        device = await db.get_one(Device, camera.id)
        device.imported_at = datetime.fromisoformat("2026-11-26T00:00:00+00:00")
    answer = await activate(world, ann, camera)
    assert (answer.status_code, answer.json()["code"]) == (409, "warranty_before_manufacture")
    assert await world.rows(Warranty) == []


async def test_a_model_without_a_term_is_told_and_nothing_is_stored(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    async with world.database.writing() as db:
        (await db.get_one(Device, camera.id)).model = "SH-X9"
    answer = await activate(world, ann, camera)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_warranty_term")
    assert await world.rows(Warranty) == []


async def test_a_term_that_was_forgotten_does_not_begin_anew(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    await activate(world, ann, camera)
    world.clock.advance(seconds=KEPT.total_seconds())
    assert (await activate(world, await _later(world, ann), camera)).status_code == 200
    async with world.database.writing() as db:
        await end_what_is_over(db, world.clock.now())
    assert await world.rows(Warranty) == []
    answer = await activate(world, await _later(world, ann), camera)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_warranty_term")


async def _later(world: World, person: Person) -> Person:
    """The same person in a sign-in of today."""
    now, session_id = world.clock.now(), world.house.foundation.ids.new("ses")
    async with world.database.writing() as db:
        db.add(
            Session(
                id=session_id,
                account_id=person.id,
                device="Chrome on Android",
                remember=False,
                created_at=now,
                last_used_at=now,
                expires_at=now + timedelta(days=1),
            )
        )
    return world.again(person.id, session_id)


@pytest.mark.parametrize("owned", [True, False])
async def test_nobody_activates_what_is_not_theirs(world: World, owned: bool):
    ann, ben, camera = await world.person(), await world.person(), await world.camera()
    if owned:
        await world.pair(ann, camera)
    answer = await activate(world, ben, camera)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_camera")
    assert await world.rows(Warranty) == []
