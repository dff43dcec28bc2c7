"""From the moment of cancelling on, nothing that opened the account opens it any more.

Each credential is seen to work just before, and refused just after, in the same moment of the
clock. What is left is the owner's way back, by `take_back`, for some days.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from websockets.asyncio.client import ClientConnection, connect

from devices.registry.tables import Ownership
from server.accounts.tables import Account
from server.privacy.news.tables import LettersWanted
from server.privacy.purposes import PURPOSES
from signaling.protocol import faults
from signaling.protocol.camera import Answered, CallWanted, CameraEnd
from signaling.protocol.close_codes import REVOKED
from signaling.protocol.end import CallEnded
from signaling.protocol.viewer import Offered, ViewerEnd
from tests.faults.two_gateways import Socketed
from tests.gateway.conftest import close_of, hear, register
from tests.people import PASSWORD, bearer
from tests.privacy.archives import Archive
from tests.privacy.canary_letters import letters_in, links_in
from tests.privacy.cases.counter import CODE, Counter
from tests.privacy.declaring import COPY, FIRST, edition, without
from tests.protocol.playbook import ANSWER, SDP
from tests.registry.world import Camera, Person, World, running_world

EMAIL: Final = "leaver@example.com"
REFRESH: Final = "secuhome_refresh"
NARROWER: Final = edition(2027, without(COPY))
CANCELLATION: Final = "/v1/account/cancellation"
SIGNING_OUT: Final = "DELETE /v1/sessions/current"  # of what is over already: no reason to refuse


@dataclass
class Leaver:
    """Somebody with a password, a phone, a laptop and a camera, who is about to leave."""

    world: World
    phone: httpx.AsyncClient
    laptop: httpx.AsyncClient
    camera: Camera
    headers: dict[str, str]
    laptops: dict[str, str]

    @property
    def token(self) -> str:
        """The phone's access token."""
        return _token_in(self.headers)

    async def sign_in(self, **other: Any) -> httpx.Response:
        """Sign in with the right password."""
        wish = {"email": EMAIL, "password": PASSWORD, **other}
        return await self.laptop.post("/v1/sessions", json=wish)

    async def leaves(self) -> str:
        """Cancel the account, on the phone; the erasure's id."""
        told = await self.phone.post(
            CANCELLATION, json={"password": PASSWORD}, headers=self.headers
        )
        assert told.status_code == 202, told.text
        return told.json()["id"]

    async def account(self) -> Account:
        """The only account there is."""
        (only,) = await self.world.rows(Account)
        return only


@pytest.fixture
async def leaver(world: World) -> AsyncIterator[Leaver]:
    """Registered on the phone, signed in on the laptop, the policy accepted, a camera paired."""
    async with AsyncExitStack() as stack:
        phone, laptop = [
            await stack.enter_async_context(_browser(world, address))
            for address in ("203.0.113.7", "203.0.113.8")
        ]
        wish = {"email": EMAIL, "password": PASSWORD, "area": "PT"}
        asked = (await phone.post("/v1/registrations", json=wish)).json()
        path = f"/v1/registrations/{asked['registration_id']}/confirmation"
        code = Counter(world).code_for(EMAIL)
        headers = bearer((await phone.post(path, json={"code": code})).json())
        policy = (await phone.get("/v1/policy")).json()
        body = {"version": policy["version"], "sha256": policy["sha256"]}
        accepted = await phone.post("/v1/policy/acceptance", json=body, headers=headers)
        assert accepted.status_code == 201, accepted.text
        leaver = Leaver(world, phone, laptop, await world.camera(), headers, {})
        leaver.laptops = bearer((await leaver.sign_in()).json())
        redeemed = await world.redeem(leaver.camera, await _code_shown(leaver))
        assert redeemed.status_code == 200, redeemed.text
        yield leaver


def _browser(world: World, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(world.house.app, raise_app_exceptions=False),
        base_url=world.house.foundation.settings.public_url,
        headers={"x-forwarded-for": address},
    )


async def _code_shown(leaver: Leaver) -> str:
    """The token in a code that the phone shows to a camera."""
    identity = leaver.world.house.security.tokens.verify(leaver.token)
    person = Person(identity.id, identity, leaver.headers)
    return (await leaver.world.begin(person))["token"]


def _told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_no_route_takes_an_access_token_any_more(leaver: Leaver):
    world = leaver.world
    routes = list(iter_route_contexts(vars(world.house.app)["_app"].routes))
    operations = [(m, str(it.path)) for it in routes for m in it.methods or () if m != "HEAD"]
    assert len(operations) > 40
    for headers in (leaver.headers, leaver.laptops):
        assert (await world.ask("GET", "/v1/account", headers)).status_code == 200
    await leaver.leaves()
    refused = 0
    for method, path in operations:
        filled = re.sub(r"{[^}]+}", leaver.camera.id, path)
        anybody = await world.ask(method, filled, json={})
        for headers in (leaver.headers, leaver.laptops):
            told = await world.ask(method, filled, headers, json={})
            if told.status_code == 401:
                refused += told.json()["code"] == "bad_token"
            elif f"{method} {path}" != SIGNING_OUT:  # open to anybody, or for staff and cameras
                assert told.status_code in (anybody.status_code, 403), (method, path)
                assert told.status_code != 403 or anybody.status_code in (401, 403), (method, path)
    assert refused > 40
    assert (await leaver.account()).ends_at is not None


async def test_what_is_open_to_everybody_says_no_more_than_to_anybody(
    tmp_path: Path, database_url: str
):
    """The policy is told to its reader with what they accepted; who has left is any reader."""
    paths = ("/v1/policy", f"/v1/policy/versions/{NARROWER.version}")
    async with running_world(tmp_path, database_url, (FIRST, NARROWER)) as world:
        person = await world.person()
        world.clock.advance(days=60)
        person = await Counter(world).sign_in_again(person)
        anybody = [(await world.ask("GET", path)).text for path in paths]
        theirs = [(await world.ask("GET", path, person.headers)).text for path in paths]
        assert all(a != b for a, b in zip(anybody, theirs, strict=True))
        told = await world.ask("POST", CANCELLATION, person.headers, json={})
        assert told.status_code == 202, told.text
        assert [(await world.ask("GET", path, person.headers)).text for path in paths] == anybody


async def test_no_device_renews_its_sign_in(leaver: Leaver):
    for device in (leaver.phone, leaver.laptop):
        assert (await device.post("/v1/sessions/refresh")).status_code == 200
    kept = [device.cookies[REFRESH] for device in (leaver.phone, leaver.laptop)]
    await leaver.leaves()
    assert REFRESH not in leaver.phone.cookies
    for token, device in zip(kept, (leaver.phone, leaver.laptop), strict=True):
        device.cookies.clear()
        presented = {"cookie": f"{REFRESH}={token}"}
        refused = await device.post("/v1/sessions/refresh", headers=presented)
        assert _told(refused) == (401, "session_over")


async def test_the_password_opens_the_way_back_and_nothing_else(leaver: Leaver):
    assert (await leaver.sign_in()).status_code == 201
    await leaver.leaves()
    refused = await leaver.sign_in()
    assert _told(refused) == (403, "account_cancelled")
    assert "set-cookie" not in refused.headers
    assert (await leaver.sign_in(take_back=True)).status_code == 201
    # the way back is a new sign-in: what was signed in before stays out
    for headers in (leaver.headers, leaver.laptops):
        assert (await leaver.phone.get("/v1/account", headers=headers)).status_code == 401


async def test_registering_with_the_address_anew_brings_nothing_back(leaver: Leaver):
    await leaver.leaves()
    wish = {"email": EMAIL, "password": "another lantern over the bay", "area": "PT"}
    asked = await leaver.laptop.post("/v1/registrations", json=wish)
    assert asked.status_code == 202  # as for any address: nobody learns who has an account
    newest = Counter(leaver.world).letters(EMAIL)[-1]
    assert CODE.search(newest) is None
    assert (await leaver.account()).ends_at is not None


async def test_a_code_before_a_lens_gives_the_account_no_camera(leaver: Leaver):
    """The phone showed it, and its owner cancelled while the camera was still reading."""
    world, second = leaver.world, await leaver.world.camera()
    shown = await _code_shown(leaver)
    await leaver.leaves()
    assert _told(await world.redeem(second, shown)) == (410, "pairing_expired")
    assert [it.camera_id for it in await world.rows(Ownership)] == [leaver.camera.id]
    assert (await leaver.sign_in(take_back=True)).status_code == 201
    assert (await world.redeem(second, shown)).status_code == 200  # its minutes aren't over


async def test_a_code_of_somebody_who_is_gone_gives_nobody_a_camera(leaver: Leaver):
    world, second = leaver.world, await leaver.world.camera()
    shown = await _code_shown(leaver)
    at_once = {"password": PASSWORD, "at_once": True}
    told = await leaver.phone.post(CANCELLATION, json=at_once, headers=leaver.headers)
    assert told.status_code == 202, told.text
    for refusal in ((410, "pairing_expired"), (404, "unknown_pairing")):
        assert _told(await world.redeem(second, shown)) == refusal
        await world.house.erasures.run_due()
    assert second.id not in {it.camera_id for it in await world.rows(Ownership)}


async def test_a_letters_link_switches_nothing_on_any_more(leaver: Leaver):
    world, sha256 = leaver.world, {it.code: it.sha256 for it in PURPOSES}["news"]
    on = {"on": True, "sha256": sha256}
    chosen = await leaver.phone.put("/v1/privacy/purposes/news", json=on, headers=leaver.headers)
    assert chosen.is_success, chosen.text
    link = links_in(letters_in(world.folder / "mail", EMAIL)[-1])[-1]
    await leaver.leaves()
    refused = await leaver.laptop.post(link)
    assert refused.status_code == 404
    (wanted,) = await world.rows(LettersWanted)
    assert wanted.news_confirmed_at is None
    assert (await leaver.sign_in(take_back=True)).status_code == 201
    assert (await leaver.laptop.post(link)).status_code == 200


async def test_a_copy_that_was_asked_for_is_still_its_owners_and_signs_nobody_in(leaver: Leaver):
    """As long as we hold something its owner may have it; the code is good for that alone."""
    counter = Counter(leaver.world)
    told = await counter.proven(EMAIL)
    code = counter.code_for(EMAIL)
    await leaver.leaves()
    path = f"/v1/privacy/requests/{told['number']}/copy"
    answer = await counter.post(path, {"code": code}, bearer(told["token"]))
    assert answer.status_code == 200, answer.text
    assert "set-cookie" not in answer.headers
    assert EMAIL in Archive.of(answer.content).data_text
    assert (await leaver.account()).ends_at is not None
    assert (await leaver.phone.get("/v1/account", headers=leaver.headers)).status_code == 401


async def test_sockets_close_a_running_call_ends_and_no_new_one_begins(leaver: Leaver):
    gateway = leaver.world.house.gateway
    await gateway.start("127.0.0.1", 0)
    try:
        lens = CameraEnd(_token_in(leaver.camera.headers))
        watcher = ViewerEnd(leaver.token)
        camera, phone = Socketed(lens), Socketed(watcher)
        await camera.open(gateway.port)
        await phone.open(gateway.port)
        await phone.say(watcher.call(leaver.camera.id))
        wanted = await camera.hears(CallWanted)
        await camera.say(lens.accept(wanted.request_id))
        await camera.say(lens.invite(wanted.session, SDP))
        offered = await phone.hears(Offered)
        await phone.say(watcher.answer(offered.request_id, ANSWER))
        await camera.hears(Answered)
        async with connect(f"ws://127.0.0.1:{gateway.port}/signal") as laptops:
            await laptops.send(register(_token_in(leaver.laptops)))
            assert "result" in await hear(laptops)
            await leaver.leaves()
            over = CallEnded(wanted.session, faults.REVOKED.code, faults.REVOKED.message)
            assert await camera.hears(CallEnded) == over
            assert await phone.hears(CallEnded) == over
            assert phone.socket is not None
            assert [await close_of(it) for it in (phone.socket, laptops)] == [REVOKED.number] * 2
        for token in (leaver.token, _token_in(leaver.laptops)):
            async with connect(f"ws://127.0.0.1:{gateway.port}/signal") as anew:
                assert await _refusal(anew, token) == faults.UNAUTHORISED.code
        assert camera.socket is not None
        await camera.socket.close()
    finally:
        await gateway.stop()


async def _refusal(socket: ClientConnection, token: str) -> int:
    await socket.send(register(token))
    return (await hear(socket))["error"]["code"]


def _token_in(headers: dict[str, str]) -> str:
    return headers["Authorization"].removeprefix("Bearer ")
