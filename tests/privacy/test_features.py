"""What depends on an optional purpose ends with it, and nothing else does."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from devices.pairing.tables import FirstUse, Pairing
from devices.registry.tables import CameraTown
from server.foundation.purposes import Purpose, granted_by
from server.privacy.erasure.tables import LegalHold
from server.privacy.purposes import PURPOSES, Switch
from server.privacy.retention import end_what_is_over
from server.security.events import EventKind, SecurityEvent, note
from server.security.place_rules import Place
from server.security.sightings import Seen
from tests.places import LISBON, PORTO_V6
from tests.registry.world import Person, World, running_world

# Tried last: nobody would be let in after them.
LAST = ("POST /v1/account/cancellation", "DELETE /v1/sessions/current")
SWITCHABLE = [row for row in PURPOSES if row.switch is not Switch.NONE]
AT = {"x-forwarded-for": LISBON}
PLACE = Place("2267057", "Lisbon, Portugal", "PT", 25, "Portugal")
SEEN = Seen(None, "Chrome", lambda _: PLACE)


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


async def operations(world: World) -> dict[str, str]:
    """Every operation of the API, with what its description says of a 409."""
    told = (await world.ask("GET", "/openapi.json")).json()["paths"]
    return {
        f"{method.upper()} {path}": operation["responses"].get("409", {}).get("description", "")
        for path, methods in told.items()
        for method, operation in methods.items()
    }


async def switch(world: World, person: Person, code: str, *, on: bool) -> None:
    sha256 = next(row.sha256 for row in PURPOSES if row.code == code)
    path, body = f"/v1/privacy/purposes/{code}", {"on": on, "sha256": sha256}
    answer = await world.ask("PUT", path, person.headers, json=body)
    assert answer.status_code == 200, answer.text


async def shut(world: World, person: Person) -> set[str]:
    """The operations that say that something is off, of all that there are."""
    found: set[str] = set()
    everything = sorted(await operations(world), key=lambda it: it in LAST)
    for operation in everything:
        method, _, path = operation.partition(" ")
        filled = re.sub(r"{[^}]+}", "cam_eu1_0", path)
        told = await world.ask(method, filled, person.headers, json={})
        if told.status_code == 409 and told.json()["code"] == "purpose_off":
            assert told.json()["switch"] == f"/v1/privacy/purposes/{told.json()['purpose']}"
            found.add(operation)
    return found


async def test_the_table_and_the_apis_description_agree(world: World) -> None:
    told = await operations(world)
    assert len(told) > 30
    described = {operation for operation, text in told.items() if "`purpose_off`" in text}
    assert described == {operation for row in PURPOSES for operation in row.routes}


@pytest.mark.parametrize("row", SWITCHABLE, ids=lambda it: it.code)
async def test_a_purpose_that_is_off_shuts_its_own_routes_alone(world: World, row: Any) -> None:
    answers: dict[bool, set[str]] = {}
    for on in (True, False):
        person = await world.person()
        for other in SWITCHABLE:
            await switch(world, person, other.code, on=on if other is row else True)
        answers[on] = await shut(world, person)
    assert answers == {True: set(), False: set(row.routes)}


async def test_a_cameras_town_is_noted_read_and_gone_with_the_purpose(world: World) -> None:
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    path = f"/v1/cameras/{camera.id}"
    assert (await world.ask("PUT", f"{path}/town", ann.headers | AT)).status_code == 409
    assert await world.rows(CameraTown) == []
    await switch(world, ann, "camera_town", on=True)
    for address, town in ((PORTO_V6, "Porto, Portugal"), (LISBON, "Lisbon, Portugal")):
        headers = ann.headers | {"x-forwarded-for": address}
        told = await world.ask("PUT", f"{path}/town", headers)
        assert (told.status_code, told.json()["town"]) == (200, town)
    assert (await world.ask("GET", path, ann.headers)).json()["town"] == "Lisbon, Portugal"
    assert len(await world.rows(CameraTown)) == 1  # and no trace of Porto
    await switch(world, ann, "camera_town", on=False)
    assert await world.rows(CameraTown) == []
    told = await world.ask("GET", path, ann.headers)
    assert (told.status_code, told.json()["town"]) == (200, None)


async def test_a_town_goes_with_the_camera_and_is_nobody_elses_to_note(world: World) -> None:
    ann, ben, camera = await world.person(), await world.person(), await world.camera()
    await world.pair(ann, camera)
    for person in (ann, ben):
        await switch(world, person, "camera_town", on=True)
    path = f"/v1/cameras/{camera.id}"
    stranger = await world.ask("PUT", f"{path}/town", ben.headers | AT)
    assert (stranger.status_code, stranger.json()["code"]) == (404, "unknown_camera")
    assert (await world.ask("PUT", f"{path}/town", ann.headers | AT)).status_code == 200
    unknown = await world.ask("PUT", f"{path}/town", ann.headers)
    assert (unknown.status_code, unknown.json()["town"]) == (200, None)
    await world.ask("PUT", f"{path}/town", ann.headers | AT)
    assert (await world.ask("DELETE", path, ann.headers)).status_code == 204
    assert await world.rows(CameraTown) == []


async def test_what_was_begun_before_the_withdrawal_does_not_use_it_later(world: World) -> None:
    """A pairing waits for its camera: what was allowed at its start is asked about again."""
    ann, camera = await world.person(), await world.camera()
    await switch(world, ann, "town_of_use", on=True)
    begun = await world.begin(ann, seen_at=LISBON)
    assert [it.place_id for it in await world.rows(Pairing)] == ["2267057"]
    await switch(world, ann, "town_of_use", on=False)
    assert [it.place_id for it in await world.rows(Pairing)] == [None]
    await switch(world, ann, "town_of_use", on=True)
    assert (await world.redeem(camera, begun["token"])).status_code == 200
    assert [it.place_id for it in await world.rows(FirstUse)] == [None]
    assert [it.country for it in await world.rows(FirstUse)] == ["PT"]  # the warranty's


async def test_a_withdrawal_waits_for_what_is_being_written_and_takes_it_too(
    world: World,
) -> None:
    ann = await world.person()
    await switch(world, ann, "town_of_use", on=True)
    async with world.database.writing() as db:
        assert Purpose.TOWN_OF_USE in await granted_by(db, ann.id)
        withdrawal = asyncio.create_task(switch(world, ann, "town_of_use", on=False))
        done, _ = await asyncio.wait([withdrawal], timeout=0.5)
        assert not done
        now = world.clock.now()
        await note(db, id="evt_1", account_id=ann.id, kind=EventKind.SIGNED_IN, at=now, seen=SEEN)
    await withdrawal
    assert [it.seen_town for it in await world.rows(SecurityEvent) if it.seen_town] == []


async def test_without_the_country_of_use_a_warranty_is_that_of_where_the_camera_was_sold(
    world: World,
) -> None:
    ann, camera = await world.person(), await world.camera()
    await switch(world, ann, "country_of_use", on=False)
    await world.pair(ann, camera, seen_at=LISBON)
    assert [it.country for it in await world.rows(FirstUse)] == [None]
    told = await world.ask("PUT", f"/v1/cameras/{camera.id}/warranty", ann.headers)
    assert (told.status_code, told.json()["region"]) == (200, camera.made.region)


async def test_what_a_hold_keeps_is_used_no_more_and_goes_when_the_hold_is_over(
    world: World,
) -> None:
    ann, camera = await world.person(), await world.camera()
    path = f"/v1/cameras/{camera.id}"
    for code in ("camera_town", "town_of_use"):
        await switch(world, ann, code, on=True)
    await world.pair(ann, camera, seen_at=LISBON)
    assert (await world.ask("PUT", f"{path}/town", ann.headers | AT)).status_code == 200
    until = world.clock.now() + timedelta(days=3)
    async with world.database.writing() as db:
        for number, category in enumerate(("town of a camera", "town of use")):
            db.add(
                LegalHold(
                    id=f"hld_{number}",
                    account_id=ann.id,
                    category=category,
                    ground="Order 12/26",
                    until=until,
                )
            )
    for code in ("camera_town", "town_of_use"):
        await switch(world, ann, code, on=False)
    assert (await world.ask("GET", path, ann.headers)).json()["town"] is None
    assert not any("Lisbon" in (it["place"] or "") for it in await world.history(ann))
    for moment, towns in ((until - timedelta(hours=1), 1), (until, 0)):
        async with world.database.writing() as db:
            await end_what_is_over(db, moment)
        assert len(await world.rows(CameraTown)) == towns
        uses = [it.place_id for it in await world.rows(FirstUse)]
        assert uses == (["2267057"] if towns else [None])
