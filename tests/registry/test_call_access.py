"""What the gateway is told about callers, asked on the running parts."""

from datetime import timedelta

import pytest
from sqlmodel import select

from devices.registry.call_access import CallAccess
from server.accounts.tables import Session
from server.foundation.database import Db
from server.foundation.identity import Identity, Kind
from server.privacy.editions import load_editions
from server.privacy.gate import PolicyGate
from server.security.call_tickets import CallTickets
from server.security.signing_keys import load_signing_keys
from signaling.access import Decision
from signaling.protocol.faults import FORBIDDEN, UNAUTHORISED
from tests.registry.world import Person, World


def tickets_of(world: World) -> CallTickets:
    """The tickets of the world's cell."""
    parts = world.house.foundation
    return CallTickets(load_signing_keys(parts.settings), parts.settings.cell, parts.clock)


@pytest.fixture
def access(world: World) -> CallAccess:
    """The gateway's port, put together as `server.main` does it."""
    parts, security = world.house.foundation, world.house.security
    accepted = PolicyGate(load_editions(), parts.clock).accepted
    sessions = security.session_checks[Kind.ACCOUNT]
    tickets = tickets_of(world)
    return CallAccess(parts.database, parts.clock, security.tokens, sessions, accepted, tickets)


def token_of(headers: dict[str, str]) -> str:
    return headers["Authorization"].removeprefix("Bearer ")


async def end_session(world: World, person: Person) -> None:
    async with world.database.writing() as db:
        rows = await db.exec(select(Session).where(Session.id == person.identity.session_id))
        rows.one().ended_at = world.clock.now()


async def test_cameras_and_people_may_signal(world: World, access: CallAccess):
    ann, camera = await world.person(), await world.camera()
    assert await access.who(token_of(ann.headers)) == ann.identity
    told = await access.who(token_of(camera.headers))
    assert told is not None
    assert (told.kind, told.id) == (Kind.CAMERA, camera.id)


async def test_nobody_else_does(world: World, access: CallAccess):
    ann, unaccepted = await world.person(), await world.person(accepted=False)
    issue = world.house.security.tokens.issue
    assert await access.who("") is None
    assert await access.who("no token") is None
    assert await access.who(token_of(unaccepted.headers)) is None
    assert await access.who(issue(Kind.STAFF, "stf_eu1_x", "ses_eu1_x")) is None
    assert await access.who(issue(Kind.CAMERA, "cam_eu1_x", "ses_eu1_x")) is None
    assert await access.who(issue(Kind.ACCOUNT, ann.id, "ses_eu1_x")) is None
    await end_session(world, ann)
    assert await access.who(token_of(ann.headers)) is None


async def test_a_token_that_ran_out_is_nobodys(world: World, access: CallAccess):
    ann = await world.person()
    world.clock.advance(minutes=10)
    assert await access.who(token_of(ann.headers)) is None


async def test_the_owner_may_call_and_others_can_not_tell_what_is_there(
    world: World, access: CallAccess
):
    ann, ben, camera = await world.person(), await world.person(), await world.camera()
    unowned = await world.camera()
    await world.pair(ann, camera)
    assert await access.may_call(ann.identity, camera.id) == Decision(allowed=True)
    no = Decision(allowed=False, code=FORBIDDEN.code, reason=FORBIDDEN.message)
    for caller, camera_id in (
        (ben, camera.id),
        (ben, unowned.id),
        (ben, "cam_eu1_nothing"),
        (ann, unowned.id),
        (ann, "\0"),
    ):
        assert await access.may_call(caller.identity, camera_id) == no
    itself = Identity(Kind.CAMERA, camera.id, "ses_x", world.clock.now() + timedelta(minutes=1))
    assert await access.may_call(itself, camera.id) == no


async def test_what_ends_counts_at_the_next_question(world: World, access: CallAccess):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    await world.ask("DELETE", f"/v1/cameras/{camera.id}", ann.headers)
    assert not (await access.may_call(ann.identity, camera.id)).allowed
    await world.pair(ann, camera)
    assert (await access.may_call(ann.identity, camera.id)).allowed
    await end_session(world, ann)
    assert (await access.may_call(ann.identity, camera.id)).code == UNAUTHORISED.code


async def test_a_policy_that_has_to_be_accepted_anew_stops_calls(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)

    async def not_any_more(db: Db, account_id: str) -> bool:
        return False

    parts, security = world.house.foundation, world.house.security
    access = CallAccess(
        parts.database,
        parts.clock,
        security.tokens,
        security.session_checks[Kind.ACCOUNT],
        not_any_more,
        tickets_of(world),
    )
    assert await access.who(token_of(ann.headers)) is None
    assert not (await access.may_call(ann.identity, camera.id)).allowed


async def test_a_database_that_is_away_is_no_yes(world: World, access: CallAccess):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    async with world.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE ownership RENAME TO gone")
    with pytest.raises(Exception, match="ownership"):
        await access.may_call(ann.identity, camera.id)


async def test_a_viewer_named_by_a_ticket_may_watch_as_long_as_anybody(
    world: World, access: CallAccess
):
    """Long after the token is over with which the call began, and not a moment after the right."""
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    ticket = access.seal_ticket(ann.identity, camera.id, "call_1", None)
    world.clock.advance(hours=2)
    told = access.open_ticket(ticket, camera.id, "call_1")
    assert told is not None
    assert (await access.may_call(told.viewer, camera.id)).allowed
    again = world.again(ann.id, ann.identity.session_id)
    await world.ask("DELETE", f"/v1/cameras/{camera.id}", again.headers)
    assert not (await access.may_call(told.viewer, camera.id)).allowed


async def test_a_ticket_of_a_sign_in_that_ended_lets_nobody_watch(world: World, access: CallAccess):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    ticket = access.seal_ticket(ann.identity, camera.id, "call_1", None)
    await end_session(world, ann)
    told = access.open_ticket(ticket, camera.id, "call_1")
    assert told is not None
    assert not (await access.may_call(told.viewer, camera.id)).allowed
