"""Whatever state an account is in, its owner cancels it, alone and with one proof."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import pytest

from server.privacy.cases.tables import PrivacyCase
from server.privacy.erasure.tables import Tombstone
from tests.privacy.cases.counter import ADA, Counter
from tests.privacy.declaring import FIRST, edition, with_more
from tests.registry.world import Person, running_world

LATER: Final = edition(2027, with_more())
WISH: Final[dict[str, Any]] = {
    "kind": "question",
    "region": "PT",
    "message": "How long do pictures stay?",
    "contact": {"kind": "email", "value": ADA},
}


@pytest.fixture
async def counter(tmp_path: Path, database_url: str) -> AsyncIterator[Counter]:
    """The whole server; from the new year on with a policy that adds a purpose."""
    async with running_world(tmp_path, database_url, (FIRST, LATER)) as world:
        yield Counter(world)


async def unaccepted(counter: Counter) -> Person:
    """Somebody who has registered and accepted nothing."""
    return await counter.world.person(accepted=False)


async def owning_cameras(counter: Counter) -> Person:
    """Somebody with two cameras, of which one has a warranty, and a third that waits."""
    world = counter.world
    person = await world.person()
    first, second = await world.camera(), await world.camera()
    for camera in (first, second):
        await world.pair(person, camera)
    path = f"/v1/cameras/{first.id}/warranty"
    assert (await world.ask("PUT", path, person.headers)).is_success
    await world.begin(person)
    return person


async def with_open_cases(counter: Counter) -> Person:
    """Somebody who asked us something in the app, and for a copy by letter."""
    person = await counter.owner_of(ADA)
    asked = await counter.post("/v1/account/requests", WISH, person.headers)
    assert asked.status_code == 201, asked.text
    await counter.proven()
    assert {it.closed_at for it in await counter.world.rows(PrivacyCase)} == {None}
    return person


async def changing_the_address(counter: Counter) -> Person:
    """Somebody whose new e-mail address waits for its code."""
    person = await counter.owner_of(ADA)
    wish = {"email": "moved@example.com"}
    asked = await counter.post("/v1/account/email", wish, person.headers)
    assert asked.status_code == 202, asked.text
    return person


async def with_a_notice(counter: Counter) -> Person:
    """Somebody whom a new policy of weight has shut out until it is accepted."""
    person = await counter.world.person()
    counter.world.clock.advance(days=60)
    again = await counter.sign_in_again(person)
    shut = await counter.world.ask("GET", "/v1/cameras", again.headers)
    assert shut.json()["code"] == "policy_not_accepted"
    return again


State = Callable[[Counter], Awaitable[Person]]
STATES: Final[list[State]] = [
    unaccepted,
    owning_cameras,
    with_open_cases,
    changing_the_address,
    with_a_notice,
]


@pytest.mark.parametrize("at_once", [False, True], ids=["grace", "at once"])
@pytest.mark.parametrize("state", STATES, ids=lambda it: it.__name__)
async def test_whoever_wants_to_leave_may(counter: Counter, state: State, *, at_once: bool):
    world, person = counter.world, await state(counter)
    path = "/v1/account/cancellation"
    terms = (await world.ask("GET", path, person.headers)).json()
    assert terms["needs_password"] is False
    assert terms["starts_at"] > world.clock.now().isoformat()
    asked = await world.ask("POST", path, person.headers, json={"at_once": at_once})
    assert asked.status_code == 202, asked.text
    erasure = asked.json()
    await world.house.erasures.run_due()
    erasure_path = f"/v1/erasures/{erasure['id']}"
    standing = (await world.ask("GET", erasure_path)).json()
    assert standing["state"] == ("done" if at_once else "waiting")
    world.clock.advance(days=7)
    await world.house.erasures.run_due()
    assert (await world.ask("GET", erasure_path)).json()["state"] == "done"
    assert [it.account_id for it in await world.rows(Tombstone)] == [person.id]
