"""Who tells us no place loses what lives from places and nothing else, and nobody is tracked."""

import io
import re
import zipfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from sqlmodel import SQLModel, select

from devices.registry.call_access import CallAccess
from devices.registry.tables import CameraTown
from server.foundation.identity import Kind
from server.privacy.editions import load_editions
from server.privacy.gate import PolicyGate
from server.privacy.purposes import PURPOSES, Switch
from server.privacy.subject_paths import model_of
from server.security.call_tickets import CallTickets
from server.security.signing_keys import load_signing_keys
from signaling.access import Decision
from tests.people import People
from tests.places import LISBON, TWENTY_TOWNS
from tests.privacy.choosing import chooser
from tests.privacy.test_features import LAST, operations, switch
from tests.registry.world import Camera, Person, World, running_world
from tests.support.test_support import on_staff

# Each walks all of the API, some of them several times: beside other work that takes a while.
pytestmark = pytest.mark.timeout(400)
LOCATION = [row.code for row in PURPOSES if row.permission == "location"]
PLACES = [*LOCATION, "country_of_use"]
SWITCHABLE = [row.code for row in PURPOSES if row.switch is not Switch.NONE]
BASED_ON_LOCATION = {route for row in PURPOSES if row.code in PLACES for route in row.routes}
TOWNS = {town for _, town in TWENTY_TOWNS}
LATE = ("DELETE /v1/cameras/{camera_id}", *LAST)
Answer = tuple[int, str]


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


def at(address: str, headers: Mapping[str, str]) -> dict[str, str]:
    return {**headers, "x-forwarded-for": address}


def access_of(world: World) -> CallAccess:
    parts, security = world.house.foundation, world.house.security
    accepted = PolicyGate(load_editions(), parts.clock).accepted
    tickets = CallTickets(load_signing_keys(parts.settings), parts.settings.cell, parts.clock)
    sessions = security.session_checks[Kind.ACCOUNT]
    return CallAccess(parts.database, parts.clock, security.tokens, sessions, accepted, tickets)


async def walk(world: World, person: Person, camera: Camera) -> dict[str, Answer]:
    """What every operation of the API answers, the camera's own among them."""
    answers: dict[str, Answer] = {}
    for operation in sorted(await operations(world), key=lambda it: (it in LATE, it in LAST, it)):
        method, _, path = operation.partition(" ")
        filled = re.sub(r"{[^}]+}", "cam_eu1_0", path.replace("{camera_id}", camera.id))
        told = await world.ask(method, filled, at(LISBON, person.headers), json={})
        is_problem = told.headers.get("content-type", "").startswith("application/problem")
        answers[operation] = told.status_code, told.json()["code"] if is_problem else ""
        world.clock.advance(seconds=3)
    return answers


async def test_denying_every_place_shuts_what_lives_from_places_and_nothing_else(
    world: World,
) -> None:
    answers: list[dict[str, Answer]] = []
    for places in (True, False):
        person, camera = await world.person(), await world.camera()
        for code in SWITCHABLE:
            await switch(world, person, code, on=places or code not in PLACES)
        await world.pair(person, camera, seen_at=LISBON)  # pairing works
        allowed = await access_of(world).may_call(person.identity, camera.id)
        assert allowed == Decision(allowed=True)  # live view works
        path = f"/v1/cameras/{camera.id}/warranty"
        assert (await world.ask("PUT", path, at(LISBON, person.headers))).status_code == 200
        answers.append(await walk(world, person, camera))
    before, denied = answers
    assert {it for it in before if before[it] != denied[it]} == BASED_ON_LOCATION
    assert {denied[it] for it in BASED_ON_LOCATION} == {(409, "purpose_off")}
    assert len(before) > 40


async def test_signing_in_works_and_tells_no_place_where_every_place_is_denied(
    house: People, capfd: pytest.CaptureFixture[str]
) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser, to="anna@example.com")
        await person.chosen("country_of_use", on=False)
        capfd.readouterr()
        answer = await house.sign_in(browser, "anna@example.com")
        assert answer.status_code == 201
        assert not re.search("Lisbon|Portugal", answer.text)
        history = (await person.ask("GET", "/v1/account/history")).json()["events"]
        assert {it["place"] for it in history[:1]} == {None}
    logged = "".join(capfd.readouterr())
    assert "/v1/sessions" in logged
    assert not re.search("Lisbon|Portugal", logged)


async def stored(world: World) -> set[str]:
    """The towns that stand anywhere in the database, opened."""
    found: set[str] = set()
    async with world.database.reading() as db:
        for table in SQLModel.metadata.sorted_tables:
            if not any(it.name in ("account_id", "id") for it in table.columns):
                continue
            for row in (await db.exec(select(model_of(table)))).all():
                words = [it for it in row.model_dump().values() if isinstance(it, str)]
                found |= {town for town in TOWNS for word in words if town in word}
    return found


async def told_to(world: World, headers: Mapping[str, str], camera: Camera) -> dict[str, set[str]]:
    """The towns that each operation tells this caller."""
    told: dict[str, set[str]] = {}
    for operation in await operations(world):
        method, _, path = operation.partition(" ")
        filled = re.sub(r"{[^}]+}", "cam_eu1_0", path.replace("{camera_id}", camera.id))
        looking = {"case_number": "SUP-2026-1", "reason": "To look.", "serial": camera.made.serial}
        if method == "DELETE" or operation in LAST:
            continue
        answer = await world.ask(method, filled, headers, json=looking)
        text = answer.text
        if answer.headers.get("content-type") == "application/zip":
            archive = zipfile.ZipFile(io.BytesIO(answer.content))
            text = "".join(archive.read(name).decode() for name in archive.namelist())
        told[operation] = {town for town in TOWNS if town in text}
        world.clock.advance(seconds=3)
    return told


async def test_a_camera_that_moves_through_twenty_places_is_known_to_be_in_one(
    world: World,
) -> None:
    ann, camera, staff = await world.person(), await world.camera(), await on_staff(world)
    await world.pair(ann, camera)
    await switch(world, ann, "camera_town", on=True)
    last = TWENTY_TOWNS[-1][1]
    for address, town in TWENTY_TOWNS:
        path = f"/v1/cameras/{camera.id}/town"
        told = await world.ask("PUT", path, at(address, ann.headers))
        assert told.json()["town"] == f"{town}, Portugal"
        world.clock.advance(seconds=3)
    assert await stored(world) == {last}
    assert [it.town_noted for it in await world.rows(CameraTown)] == [f"{last}, Portugal"]
    told_owner = await told_to(world, ann.headers, camera)
    assert {town for towns in told_owner.values() for town in towns} == {last}
    told_staff = await told_to(world, staff, camera)
    assert {town for towns in told_staff.values() for town in towns} == set()


async def test_where_somebody_was_is_told_in_a_row_to_them_alone(world: World) -> None:
    ann, ben = await world.person(), await world.person()
    camera, staff = await world.camera(), await on_staff(world)
    await world.pair(ann, camera)
    await switch(world, ann, "town_of_use", on=True)
    for address, _ in TWENTY_TOWNS:
        await world.begin(ann, seen_at=address)
        world.clock.advance(seconds=20)
    ann = world.again(ann.id, ann.identity.session_id)
    told = await told_to(world, ann.headers, camera)
    in_a_row = {operation for operation, towns in told.items() if len(towns) > 1}
    assert in_a_row == {
        "GET /v1/account/history",
        "GET /v1/privacy/held",
    }
    for headers in (staff, world.again(ben.id, ben.identity.session_id).headers):
        assert not any((await told_to(world, headers, camera)).values())
    assert await stored(world) == TOWNS
    ann = world.again(ann.id, ann.identity.session_id)
    await switch(world, ann, "town_of_use", on=False)
    assert await stored(world) == set()
