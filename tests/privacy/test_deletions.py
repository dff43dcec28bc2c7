"""Particular data goes when its owner says so; what can't go says why, and until when."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from devices.registry.tables import CameraTown
from server.accounts.tables import Account
from server.privacy.erasure.tables import LegalHold
from server.privacy.purposes import PURPOSES
from server.privacy.retention import end_what_is_over, what_is_over
from server.security.events import SecurityEvent
from tests.places import LISBON
from tests.privacy.canaries import LEAVING
from tests.privacy.test_corrections import OWN, events, one, send, values
from tests.privacy.test_export import two, world
from tests.registry.world import Person, World

__all__ = ["world"]
PATH = "/v1/privacy/deletions"
AT = {"x-forwarded-for": LISBON}


async def delete(world: World, who: Person, category: str) -> Any:
    return await world.ask("POST", PATH, who.headers, json={"category": category})


async def held(world: World, who: Person) -> dict[str, Any]:
    told = (await world.ask("GET", "/v1/privacy/held", who.headers)).json()
    return {it["category"]: it for it in told["categories"]}


async def test_each_category_of_a_life_goes_or_says_why_not(world: World) -> None:
    """What the page about what is held says, deletion does; nobody else loses anything."""
    both = await two(world, LEAVING)
    anna, bens, told = both.anna, await held(world, both.ben), await held(world, both.anna)
    assert len(told) > 30
    for category, it in told.items():
        world.clock.advance(seconds=10)
        anna = world.again(anna.id, anna.identity.session_id)
        before = number_of((await held(world, anna))[category])
        answer = await delete(world, anna, category)
        assert it["deletable"] is (it["kept_because"] is None)
        if it["deletable"]:
            assert answer.status_code == 200, category
            left = (await held(world, anna)).get(category)
            assert answer.json()["deleted"] == before - (number_of(left) if left else 0) > 0
            assert bool(left) is bool(answer.json()["kept"])
        else:
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (409, "not_deletable"), category
            assert problem["detail"] == it["kept_because"]
            assert "/v1/account/cancellation" in problem["remedy"]
            assert {why["category"] for why in problem["kept"]} == {category}
    ben = world.again(both.ben.id, both.ben.identity.session_id)
    assert await held(world, ben) == bens
    gone = {category for category, it in told.items() if it["deletable"]}
    assert gone >= {"name", "birthday", "gender", "hobbies", "picture's address", "town of use"}
    assert not gone & {"e-mail address", "password, hashed", "account use", "support case"}


def number_of(category: Any) -> int:
    return sum(use["count"] for use in category["uses"])


async def test_what_was_typed_is_gone_and_the_rest_stays(world: World) -> None:
    anna, ben = await world.person(), await world.person()
    for who in (anna, ben):
        await send(world, who, *(one(*it) for it in OWN.items()))
    world.clock.advance(seconds=1)
    answer = await delete(world, anna, "hobbies")
    assert answer.json() == {"category": "hobbies", "deleted": 1, "kept": []}
    assert await values(world, anna) == OWN | {"account.hobbies": None}
    assert await values(world, ben) == OWN
    assert (await world.history(anna))[0]["text"] == "Deleted own data: hobbies"
    again = await delete(world, anna, "hobbies")
    assert (again.status_code, again.json()["deleted"]) == (200, 0)
    assert [kind for kind, _ in await events(world, anna)].count("data_deleted") == 1


async def test_a_reason_names_the_day_on_which_it_goes_by_itself(world: World) -> None:
    anna = await world.person()
    problem = (await delete(world, anna, "device family")).json()
    assert problem["code"] == "not_deletable"
    # of a sign-in that lasts for ten years, and of events that are kept for half a year
    assert [it["why"] for it in problem["kept"]] == [
        "It protects your account: a stranger could wipe out the traces."
    ]
    assert problem["kept"][0]["until"] > world.clock.now().date().isoformat()
    evidence = (await delete(world, anna, "acceptance of the policy")).json()["kept"]
    assert [(it["until"], "legal claims" in it["why"]) for it in evidence] == [(None, True)]


async def test_a_town_goes_without_switching_its_purpose_off(world: World) -> None:
    anna, camera = await world.person(), await world.camera()
    for code in ("camera_town", "town_of_use"):
        sha256 = next(it.sha256 for it in PURPOSES if it.code == code)
        path = f"/v1/privacy/purposes/{code}"
        body = {"on": True, "sha256": sha256}
        assert (await world.ask("PUT", path, anna.headers, json=body)).status_code == 200
    await world.pair(anna, camera, seen_at=LISBON)
    await world.ask("PUT", f"/v1/cameras/{camera.id}/town", {**anna.headers, **AT})
    assert [it.town_noted for it in await world.rows(CameraTown)] == ["Lisbon, Portugal"]
    assert (await delete(world, anna, "town of a camera")).json()["deleted"] == 1
    assert await world.rows(CameraTown) == []
    assert (await delete(world, anna, "town of use")).status_code == 200
    assert [it.seen_town for it in await world.rows(SecurityEvent) if it.seen_town] == []
    shown = (await world.ask("GET", "/v1/privacy/purposes", anna.headers)).json()["purposes"]
    assert [it["on"] for it in shown if it["code"] in ("camera_town", "town_of_use")] == [
        True,
        True,
    ]


async def test_a_category_that_nobody_has_is_unknown(world: World) -> None:
    anna = await world.person()
    answer = await delete(world, anna, "shoe size")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_category")
    assert "shoe" not in answer.text


async def test_what_is_kept_is_kept_although_it_is_asked_for_when_nothing_is_there(
    world: World,
) -> None:
    anna = await world.person()
    answer = await delete(world, anna, "password, hashed")  # an account without one
    assert (answer.status_code, answer.json()["field"]) == (409, "category")
    assert answer.json()["kept"] == [
        {"category": "password, hashed", "why": "Your account can't do without it.", "until": None}
    ]


async def test_it_is_for_the_person_alone(world: World) -> None:
    camera = await world.camera()
    for headers, code in ((camera.headers, 403), ({}, 401)):
        told = await world.ask("POST", PATH, headers, json={"category": "name"})
        assert told.status_code == code


@pytest.mark.parametrize("path", [PATH, "/v1/privacy/corrections"])
async def test_of_an_account_that_has_ended_nothing_is_stored(world: World, path: str) -> None:
    """The sign-in may outlast the account by the moment in which both are asked for."""
    anna = await world.person()
    async with world.database.writing() as db:
        account = (await db.exec(select(Account))).one()
        account.ended_at = world.clock.now()
    body = {"category": "name"} if path == PATH else {"corrections": [one("account.name", "A")]}
    method = "POST" if path == PATH else "PATCH"
    assert (await world.ask(method, path, anna.headers, json=body)).status_code == 401
    (row,) = await world.rows(Account)
    assert row.name is None


async def test_what_a_hold_keeps_is_told_with_its_day_and_goes_after_it(world: World) -> None:
    anna, ben = await world.person(), await world.person()
    until = world.clock.now() + timedelta(days=3)
    for who in (anna, ben):
        await send(world, who, *(one(*it) for it in OWN.items()))
    await keep(world, anna, "hobbies", until)
    answer = await delete(world, anna, "hobbies")
    assert (answer.status_code, answer.json()["deleted"]) == (200, 0)
    (kept,) = answer.json()["kept"]
    assert "Order 12/26" in kept["why"]
    last = (until - timedelta(microseconds=1)).date()
    assert (kept["category"], kept["until"]) == ("hobbies", last.isoformat())
    assert "data_deleted" not in {kind for kind, _ in await events(world, anna)}
    other = (await delete(world, anna, "gender")).json()
    assert (other["deleted"], other["kept"]) == (1, [])
    left = {anna.id: OWN["account.hobbies"], ben.id: OWN["account.hobbies"]}
    for moment, hobbies in ((until - timedelta(hours=1), left), (until, left | {anna.id: None})):
        async with world.database.writing() as db:
            owed = {(it.table, it.column): it.count for it in await what_is_over(db, moment)}
            assert owed.get(("account", "hobbies"), 0) == list(hobbies.values()).count(None)
            await end_what_is_over(db, moment)
        assert {it.id: it.hobbies for it in await world.rows(Account)} == hobbies
    assert [it.owed for it in await world.rows(LegalHold)] == [None]


async def keep(world: World, who: Person, category: str, until: datetime) -> None:
    """A legal hold is set, as the staff does it."""
    async with world.database.writing() as db:
        db.add(
            LegalHold(
                id=f"hld_{who.id}",
                account_id=who.id,
                category=category,
                ground="Order 12/26",
                until=until,
            )
        )
