"""The staff on the running parts: they sign in, they look, and the owner reads of it."""

import asyncio
import json

import httpx
import pytest

from server.foundation.identity import Kind
from server.privacy.retention import end_what_is_over
from server.security.errors import BreachedPassword, WeakPassword
from server.security.events import SecurityEvent
from server.support.errors import StaffNameTaken
from server.support.service import add_staff
from server.support.tables import Lookup, StaffMember, StaffSession
from tests.registry.world import World

PASSWORD = "violet ladder under tin rain"
REASON = "The customer asks how long the camera is covered."


async def hire(world: World, name: str = "Olga", password: str = PASSWORD) -> StaffMember:
    parts = world.house.foundation
    async with world.database.writing() as db:
        return await add_staff(
            db, parts.ids, parts.clock, world.house.security.passwords, name, password
        )


async def sign_in(world: World, name: str = "Olga", password: str = PASSWORD) -> httpx.Response:
    body = {"name": name, "password": password}
    return await world.ask("POST", "/v1/staff/sessions", json=body)


async def on_staff(world: World, name: str = "Olga") -> dict[str, str]:
    await hire(world, name)
    answer = await sign_in(world, name)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def look(world: World, headers: dict[str, str], **change: object) -> httpx.Response:
    body = json.dumps({"case_number": "4711", "reason": REASON, "serial": "SN-1", **change})
    headers = {**headers, "content-type": "application/json"}
    return await world.ask("POST", "/v1/support/lookups", headers, content=body)


async def test_a_look_shows_model_region_and_warranty_and_nothing_else(world: World):
    ann, camera = await world.person(), await world.camera("SH-C2", "DE")
    await world.pair(ann, camera, "Porch")
    olga = await on_staff(world)
    answer = await look(world, olga, serial=camera.made.serial)
    assert answer.status_code == 201
    assert answer.json() == {
        "model": "SH-C2",
        "region": "DE",
        "warranty": {
            "state": "not_activated",
            "starts_on": None,
            "ends_on": None,
            "region": "DE",
            "model": "SH-C2",
            "activated_at": None,
        },
        "looked_at": "2026-11-25T08:00:00Z",
    }
    assert answer.headers["cache-control"] == "no-store"
    await world.ask("PUT", f"/v1/cameras/{camera.id}/warranty", ann.headers)
    told = (await look(world, olga, serial=camera.made.serial)).json()["warranty"]
    assert (told["state"], told["ends_on"]) == ("active", "2029-11-25")


async def test_the_look_and_the_owners_reading_of_it_are_stored_together(world: World):
    ann, ben, camera = await world.person(), await world.person(), await world.camera()
    await world.pair(ann, camera, "Porch")
    olga = await on_staff(world)
    world.clock.advance(seconds=1)
    await look(world, olga, serial=camera.made.serial)
    (kept,) = await world.rows(Lookup)
    assert (kept.device_id, kept.case_number, kept.reason) == (camera.id, "4711", REASON)
    newest = (await world.history(ann))[0]
    assert newest["text"] == "Support looked up the warranty of Porch (case 4711)"
    assert (newest["place"], newest["network"], newest["device"]) == (None, None, None)
    assert not any(it["kind"] == "support_looked_up" for it in await world.history(ben))


async def test_an_owner_can_read_what_our_staff_did_and_nothing_else(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera, "Porch")
    path = "/v1/account/history?by_staff=true"
    assert (await world.ask("GET", path, ann.headers)).json() == {"events": [], "next": None}
    await look(world, await on_staff(world), serial=camera.made.serial)
    told = (await world.ask("GET", path, ann.headers)).json()["events"]
    assert [it["kind"] for it in told] == ["support_looked_up"]


async def test_if_the_owner_can_not_be_told_there_is_no_look_and_no_answer(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera, "Porch")
    olga = await on_staff(world)
    async with world.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE security_event RENAME TO gone")
    answer = await look(world, olga, serial=camera.made.serial)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_fault")
    assert await world.rows(Lookup) == []


async def test_a_camera_that_is_nobodys_can_be_looked_up(world: World):
    camera = await world.camera()
    answer = await look(world, await on_staff(world), serial=camera.made.serial)
    assert answer.status_code == 201
    assert len(await world.rows(Lookup)) == 1
    assert await world.rows(SecurityEvent) == []


async def test_a_past_owner_is_not_told_of_looks_that_are_not_about_them(world: World):
    ann, ben, camera = await world.person(), await world.person(), await world.camera()
    await world.pair(ann, camera)
    await world.ask("DELETE", f"/v1/cameras/{camera.id}", ann.headers)
    await world.pair(ben, camera)
    await look(world, await on_staff(world), serial=camera.made.serial)
    assert "support_looked_up" not in {it["kind"] for it in await world.history(ann)}
    assert "support_looked_up" in {it["kind"] for it in await world.history(ben)}


async def test_a_serial_that_we_never_made_is_refused_and_on_record(world: World):
    olga = await on_staff(world)
    for serial in ("SN-9999", "Ann Smith", "../etc"):
        answer = await look(world, olga, serial=serial)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_serial")
        assert serial not in answer.text
    kept = await world.rows(Lookup)
    assert [it.device_id for it in kept] == [None] * 3
    assert "Smith" not in str([it.model_dump() for it in kept])


BAD_LOOKS: tuple[dict[str, object], ...] = (
    {"case_number": ""},
    {"case_number": "the porch case"},
    {"case_number": None},
    {"reason": "asked"},
    {"reason": "x" * 501},
    {"reason": "................"},
    {"reason": "\ud800 and other reasons"},
    {"serial": ""},
    {"serial": "S" * 65},
    {"owner": "acc_eu1_x"},
)


async def test_without_a_case_and_a_reason_there_is_no_look(world: World):
    olga = await on_staff(world)
    for change in BAD_LOOKS:
        answer = await look(world, olga, **change)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), change
    assert await world.rows(Lookup) == []


async def test_nobody_but_the_staff_looks(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    for headers in (ann.headers, camera.headers):
        answer = await look(world, headers, serial=camera.made.serial)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_kind_of_caller")
    assert (await look(world, {}, serial=camera.made.serial)).status_code == 401
    assert await world.rows(Lookup) == []


ELSEWHERE = (
    ("GET", "/v1/cameras"),
    ("GET", "/v1/cameras/{id}"),
    ("PATCH", "/v1/cameras/{id}"),
    ("DELETE", "/v1/cameras/{id}"),
    ("PUT", "/v1/cameras/{id}/warranty"),
    ("POST", "/v1/pairings"),
    ("GET", "/v1/pairings/pai_eu1_x"),
    ("POST", "/v1/pairings/redemption"),
    ("GET", "/v1/account"),
    ("GET", "/v1/account/history"),
)


async def test_nothing_else_is_open_to_the_staff(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    olga = await on_staff(world)
    for method, path in ELSEWHERE:
        answer = await world.ask(method, path.format(id=camera.id), olga)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_kind_of_caller"), path


async def test_looks_are_slowed_down_long_before_serials_can_be_gone_through(world: World):
    olga, camera = await on_staff(world), await world.camera()
    codes = [
        (await look(world, olga, serial=f"SN-{number:04}")).status_code for number in range(22)
    ]
    assert codes == [404] * 20 + [429] * 2
    world.clock.advance(seconds=30)
    assert (await look(world, olga, serial=camera.made.serial)).status_code == 201


WRONG = (
    ("Olga", "violet ladder under tin rai"),
    ("olga", PASSWORD),
    ("Nobody", PASSWORD),
)


async def test_wrong_credentials_are_one_answer(world: World):
    await hire(world)
    for name, password in WRONG:
        answer = await sign_in(world, name, password)
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_staff_credentials")
        assert name not in answer.text
    assert await world.rows(StaffSession) == []


async def test_what_can_be_no_name_and_no_password_is_refused(world: World):
    for change in ({"password": ""}, {"password": "x" * 257}, {"password": "\ud800"},
                   {"name": ""}, {"name": "x" * 65}, {"name": "\ud800"}):  # fmt: skip
        body = json.dumps({"name": "Olga", "password": PASSWORD, **change})
        headers = {"content-type": "application/json"}
        answer = await world.ask("POST", "/v1/staff/sessions", headers, content=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_who_left_neither_signs_in_nor_goes_on(world: World):
    olga, camera = await on_staff(world), await world.camera()
    async with world.database.writing() as db:
        (member,) = await world.rows(StaffMember)
        (await db.get_one(StaffMember, member.id)).active = False
    assert (await look(world, olga, serial=camera.made.serial)).json()["code"] == "bad_token"
    assert (await sign_in(world)).json()["code"] == "wrong_staff_credentials"


async def test_a_sign_in_ends_when_it_is_ended(world: World):
    olga, camera = await on_staff(world), await world.camera()
    assert (await world.ask("DELETE", "/v1/staff/sessions/current", olga)).status_code == 204
    assert (await look(world, olga, serial=camera.made.serial)).json()["code"] == "bad_token"


async def test_a_sign_in_ends_by_itself_after_ten_minutes(world: World):
    olga, camera = await on_staff(world), await world.camera()
    world.clock.advance(minutes=10)
    assert (await look(world, olga, serial=camera.made.serial)).json()["code"] == "bad_token"


async def test_a_token_of_one_is_no_good_with_the_session_of_another(world: World):
    await on_staff(world, "Olga")
    await on_staff(world, "Piet")
    camera = await world.camera()
    sessions = {it.staff_id: it.id for it in await world.rows(StaffSession)}
    olga, piet = sessions
    mixed = world.house.security.tokens.issue(Kind.STAFF, olga, sessions[piet])
    answer = await look(world, {"Authorization": f"Bearer {mixed}"}, serial=camera.made.serial)
    assert answer.json()["code"] == "bad_token"


async def test_a_guesser_is_slowed_down(world: World):
    codes = [(await sign_in(world, "Nobody", "x")).status_code for _ in range(31)]
    assert codes == [401] * 30 + [429]


async def test_two_of_one_name_can_not_be(world: World):
    await hire(world)
    with pytest.raises(StaffNameTaken):
        await hire(world)
    await world.connections_at_hand()
    done = await asyncio.gather(*(hire(world, "Piet") for _ in range(3)), return_exceptions=True)
    assert sorted(type(it).__name__ for it in done) == [
        "StaffMember", "StaffNameTaken", "StaffNameTaken",
    ]  # fmt: skip
    assert sorted(it.name for it in await world.rows(StaffMember)) == ["Olga", "Piet"]


async def test_the_staffs_passwords_keep_the_same_rules(world: World):
    with pytest.raises(WeakPassword):
        await hire(world, password="short")
    with pytest.raises(BreachedPassword):
        await hire(world, password="passwordpassword1")
    for name in ("", " Olga", "Ol\nga", "x" * 65):
        with pytest.raises(ValueError, match="64 printable"):
            await hire(world, name)
    assert await world.rows(StaffMember) == []


async def test_sign_ins_and_looks_are_forgotten_when_their_terms_are_over(world: World):
    olga, camera = await on_staff(world), await world.camera()
    await look(world, olga, serial=camera.made.serial)
    for days, sessions, looks in ((29, 1, 1), (1, 0, 1), (3 * 366 - 31, 0, 1), (1, 0, 0)):
        world.clock.advance(days=days)
        async with world.database.writing() as db:
            await end_what_is_over(db, world.clock.now())
        assert len(await world.rows(StaffSession)) == sessions
        assert len(await world.rows(Lookup)) == looks
