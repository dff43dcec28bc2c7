"""A drill of the service's end: nothing new, everybody told, all erased, the rest reported."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from sqlmodel import SQLModel

from server.accounts.provider_rules import ProviderPerson
from server.accounts.provider_sign_in import find_or_make_account
from server.accounts.visit import Visit
from server.foundation.errors import ServiceCloses
from server.foundation.labels import days
from server.foundation.mail import FolderMail
from server.privacy.cases.tables import PrivacyCase
from server.privacy.erasure.agreeing import EndNotAgreed, confirm_end_of
from server.privacy.erasure.tables import LegalHold, LockedData
from server.privacy.retention import end_what_is_over
from server.privacy.winding_down.closing import EndRefused, begin_the_end, propose_closing
from server.privacy.winding_down.closing_rules import STILL_OPEN, is_closed
from server.privacy.winding_down.report import KIND, what_is_left
from server.privacy.winding_down.tables import EndNotice, EndOfService, Way
from server.security.place_rules import UNKNOWN
from server.security.sightings import Seen
from server.security.two_people import Operator
from server.support.tables import StaffMember
from tests.privacy.canaries import ANNA, PASSWORD, Found, found, live, unique_words
from tests.privacy.erasure.test_erasing import check_no_word, kept_values, readable
from tests.privacy.opening_locked import opened
from tests.registry.world import World
from tests.support.test_support import on_staff

pytestmark = pytest.mark.timeout(400)  # a whole life; a loaded machine is slow
WHY = "We could not go on."
TAX = "Commercial Records Act, s. 257(1) no. 4"
CLOSED = {
    "POST /v1/registrations", "POST /v1/registrations/{registration_id}/confirmation",
    "POST /v1/account/email", "POST /v1/account/email/confirmation",
    "PATCH /v1/privacy/corrections", "POST /v1/letters/{purpose}/confirm/{token}",
    "POST /v1/oauth/token", "POST /v1/pairings", "POST /v1/pairings/redemption",
    "PATCH /v1/cameras/{camera_id}", "PUT /v1/cameras/{camera_id}/town",
    "PUT /v1/cameras/{camera_id}/warranty",
    "POST /v1/support/exceptions", "POST /v1/support/exceptions/{exception_id}/approval",
}  # fmt: skip


async def operator(world: World, name: str) -> Operator:
    """Somebody who has long been on the staff, and has shown a password."""
    since = world.clock.now() - days(300)
    async with world.database.writing() as db:
        id_ = f"stf_{name}"
        if await db.get(StaffMember, id_) is None:
            db.add(StaffMember(id=id_, name=name, password_hash="-", created_at=since))
    return Operator(f"stf_{name}", since)


async def close(world: World) -> None:
    """One operator proposes to end the service, another agrees; the server does what is due."""
    parts, day = world.house.foundation, (world.clock.now() + days(31)).date()
    uma, vic = await operator(world, "Uma"), await operator(world, "Vic")
    end = await propose_closing(parts, WHY, day, uma)
    with pytest.raises(EndNotAgreed):
        await begin_the_end(parts, end.id)
    async with world.database.writing() as db:
        with pytest.raises(EndNotAgreed):
            await confirm_end_of(db, parts.ids, end.id, uma, world.clock.now())
        await confirm_end_of(db, parts.ids, end.id, vic, world.clock.now())
    await begin_the_end(parts, end.id)
    await world.house.winding_down.run_due()


def letters(world: World, to: str) -> list[str]:
    mail = world.house.foundation.mail
    assert isinstance(mail, FolderMail)
    files = sorted((world.folder / "mail").glob("*.eml"), key=lambda it: it.stat().st_mtime_ns)
    return [text for it in files if f"To: {to}" in (text := it.read_text())]


async def answers(world: World) -> dict[str, tuple[int, str]]:
    """What a stranger hears at each route that isn't a mere look."""
    description = (await world.ask("GET", "/openapi.json")).json()["paths"]
    heard: dict[str, tuple[int, str]] = {}
    for path, methods in description.items():
        for method in methods.keys() - {"get", "head"}:
            filled = path.replace("{purpose}", "news").replace("{", "").replace("}", "")
            answer = await world.ask(method.upper(), filled)
            told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
            heard[f"{method.upper()} {path}"] = answer.status_code, told.get("code", "")
    return heard


async def test_whatever_collects_says_gone_and_all_else_goes_on(world: World):
    owner, camera = await world.person(), await world.camera()
    before = await answers(world)
    assert not [it for it in before.values() if it[1] == "service_closes"]
    assert (await world.ask("GET", "/v1/closing")).json()["closing"] is False
    await close(world)
    heard = await answers(world)
    gone = (410, "service_closes")
    assert {route for route, it in heard.items() if it == gone} == CLOSED
    assert {route: it for route, it in heard.items() if route not in CLOSED} == {
        route: it for route, it in before.items() if route not in CLOSED
    }
    assertion = camera.made.assertion(
        f"{world.house.foundation.settings.public_url}/v1/oauth/token", world.clock.now()
    )
    assert (await world.token(assertion)).status_code == 410  # a camera registers no more
    on = {"on": True, "sha256": "0" * 64}
    path = "/v1/privacy/purposes/news"
    assert (await world.ask("PUT", path, owner.headers, json=on)).json()["code"] == gone[1]
    exported = await world.ask("POST", "/v1/privacy/export", owner.headers, json={})
    assert (exported.status_code, exported.headers["content-type"]) == (200, "application/zip")
    body = {"at_once": True}
    ended = await world.ask("POST", "/v1/account/cancellation", owner.headers, json=body)
    assert ended.status_code == 202
    await _nobody_new_comes_by_a_provider(world)


async def _nobody_new_comes_by_a_provider(world: World) -> None:
    app: Any = world.house.app
    takes_new = app._app.state.accounts.takes_new
    stranger = ProviderPerson("https://provider.example", "stranger", None, None)
    parts = world.house.foundation
    seen = Seen(None, "Unknown", lambda _: UNKNOWN)
    visit = Visit(parts.clock.now(), seen, parts.ids)
    with pytest.raises(ServiceCloses):
        await find_or_make_account(world.database, stranger, visit, takes_new)


async def test_each_route_that_goes_on_is_there_and_a_new_one_is_closed(world: World):
    description = (await world.ask("GET", "/openapi.json")).json()["paths"]
    ids = [it["operationId"] for path in description.values() for it in path.values()]
    assert [it for it in STILL_OPEN if not any(one.startswith(f"{it}_v1_") for one in ids)] == []
    assert is_closed("POST", "collect_telemetry")
    assert not is_closed("GET", "show_held")


async def test_everybody_is_told_once_by_letter_or_by_the_announcement(world: World):
    parts, owner = world.house.foundation, await world.person()  # without an address
    staff, camera = await on_staff(world), await world.camera()
    anna = await live(world, ANNA, camera, staff)
    for reason, day in ((WHY, 29), ("", 31)):
        with pytest.raises(EndRefused):
            last = (parts.clock.now() + days(day)).date()
            await propose_closing(parts, reason, last, await operator(world, "Uma"))
    await close(world)
    with pytest.raises(EndRefused):
        await close(world)
    await asyncio.gather(*(world.house.winding_down.run_due() for _ in range(2)))
    ways = {it.account_id: it.way for it in await world.rows(EndNotice)}
    assert ways == {anna.id: Way.LETTER, owner.id: Way.ANNOUNCEMENT}
    (told,) = [it for it in letters(world, ANNA.email) if "closing" in it]
    assert WHY in told
    assert "/closing" in told
    (end,) = await world.rows(EndOfService)
    assert (end.by_letter, end.by_announcement) == (1, 1)
    page = await world.ask("GET", "/closing")
    assert WHY in page.text
    said = (await world.ask("GET", "/v1/closing")).json()
    assert (said["closing"], said["reason"], said["report"]) == (True, WHY, None)


async def test_after_the_drill_only_what_a_law_names_is_left_until_its_day(world: World):
    staff, camera = await on_staff(world), await world.camera()
    anna = await live(world, ANNA, camera, staff)
    tables = list(SQLModel.metadata.sorted_tables)
    left_by_anna = await found(world, tables)
    until = world.clock.now() + days(400)
    async with world.database.writing() as db:
        db.add(LegalHold(id="hld_1", account_id=anna.id, category="name", ground=TAX, until=until))
    await close(world)
    world.clock.advance(days=31)
    await world.house.winding_down.run_due()
    await world.house.erasures.run_due()
    await world.house.winding_down.run_due()
    assert (await world.rows(EndOfService))[0].report is None  # a request is open: it is owed
    await _answered_and_retained(world)
    await world.house.winding_down.run_due()
    report = await _report(world)
    assert report["accounts_erased"] == 1
    assert report["told"] == {"letter": 1, "announcement": 0}
    assert {"category": "e-mail address", "count": 2} in report["destroyed"]
    assert all(any(it.isdigit() for it in one["law"]) and one["until"] for one in report["kept"])
    (name,) = [it for it in report["kept"] if it["law"] == TAX]
    assert (name["category"], name["until"]) == ("name", until.date().isoformat())
    await _canaries_are_in_the_hold_alone(world, left_by_anna)
    await _nothing_outlasts_its_day(world, report)


async def _answered_and_retained(world: World) -> None:
    """The staff answers what is still owed, though who asked has no history any more."""
    staff = await on_staff(world, "Rosa")
    (owed,) = [it for it in await world.rows(PrivacyCase) if it.closed_at is None]
    desk, reply = f"/v1/support/requests/{owed.number}", {"outcome": "answered", "reply": "Done."}
    for path, body in (("openings", {"reason": "It is owed."}), ("answer", reply)):
        answer = await world.ask("POST", f"{desk}/{path}", staff, json=body)
        assert answer.is_success, answer.text
    async with world.database.writing() as db:
        await end_what_is_over(db, world.clock.now())


async def _report(world: World) -> dict[str, Any]:
    """Verified as the keys that we publish verify it."""
    signed = (await world.ask("GET", "/v1/closing")).json()["report"]
    keys = (await world.ask("GET", "/.well-known/jwks.json")).json()["keys"]
    header = jwt.get_unverified_header(signed)
    assert header["typ"] == f"secuhome-{KIND}+jws"
    (key,) = [it for it in keys if it["kid"] == header["kid"]]
    return json.loads(jwt.api_jws.decode(signed, jwt.PyJWK(key).key, algorithms=["EdDSA"]))


async def _canaries_are_in_the_hold_alone(world: World, before: Found) -> None:
    words = unique_words(before, kept_values(before)) - {PASSWORD}
    words -= {it.number for it in await world.rows(PrivacyCase)}
    words = {it for it in words if any(mine in it for mine in ANNA.typed)}
    assert {ANNA.name, ANNA.email, ANNA.camera_name} <= words
    now = await found(world, list(SQLModel.metadata.sorted_tables))
    assert not [it for it in words if it in readable(now)]
    await check_no_word(world, words, set())
    (locked,) = await world.rows(LockedData)
    (told,) = await opened(world, locked.id, TAX)
    assert told["name"] == ANNA.name


async def _nothing_outlasts_its_day(world: World, report: dict[str, Any]) -> None:
    """The locked name goes on its day; of all the rest, nothing is there after the last one."""
    (locked,) = await world.rows(LockedData)
    last = max(it["until"] for it in report["kept"])
    for moment, there in ((locked.until - timedelta(seconds=1), 1), (locked.until, 0)):
        async with world.database.writing() as db:
            await end_what_is_over(db, moment)
        assert len(await world.rows(LockedData)) == there
    async with world.database.writing() as db:
        after = locked.until.fromisoformat(f"{last}T00:00:00+00:00") + days(1)
        await end_what_is_over(db, after)
        assert await what_is_left(db) == []
