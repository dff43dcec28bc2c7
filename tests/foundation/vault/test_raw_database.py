"""Somebody gets the database, or a backup of it: no word about anybody is in there."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from server.accounts import provider_sign_in
from server.accounts.provider_rules import ProviderPerson
from server.accounts.tables import Account
from server.accounts.visit import Visit
from server.foundation.vault.checking import check
from server.foundation.vault.keyring import Vault
from server.migrations.known_tables import METADATA
from server.security.place_rules import Place
from server.security.sightings import Seen
from server.support.service import add_staff
from tests.people import CHROME, CODE, PASSWORD
from tests.places import LISBON
from tests.raw_bytes import bytes_of, found_in
from tests.registry.world import World, running_world

HER_MAIL, HER_NAME = "canary.person@example.com", "Canary Person"
WAITING_MAIL, WAITING_NAME = "canary.waiting@example.com", "Canary Waiting"
CAMERA, REASON, CASE, STAFF = "Canary Porch", "Canary asks for a look", "CANARY-778899", "Canary S"
PROVIDER = ProviderPerson(
    "https://canary.issuer.example", "canary-subject", "Canary Nick", "https://canary.pic.example/1"
)
SEEN = {"device": "Chrome on Android", "place": "Lisbon, Portugal", "network": "203.0.113.0/24"}
PLANTED = {
    *(HER_MAIL, HER_NAME, WAITING_MAIL, WAITING_NAME, CAMERA, REASON, CASE, STAFF),
    *(PROVIDER.issuer, PROVIDER.subject, "Canary Nick", "https://canary.pic.example/1"),
    *(*SEEN.values(), "2267057"),
}


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


async def register(world: World, email: str, name: str) -> tuple[dict[str, str], dict[str, Any]]:
    body = {"email": email, "password": PASSWORD, "area": "PT", "name": name}
    headers = {"x-forwarded-for": LISBON, "user-agent": CHROME}
    asked = await world.ask("POST", "/v1/registrations", headers, json=body)
    assert asked.status_code == 202, asked.text
    return headers, asked.json()


async def live(world: World) -> None:
    """All that can be told about somebody, told through the doors by which it comes in."""
    await register(world, WAITING_MAIL, WAITING_NAME)
    headers, asked = await register(world, HER_MAIL, HER_NAME)
    letters = sorted((world.folder / "mail").glob("*.eml"))
    code = CODE.search(letters[-1].read_text())
    assert code is not None
    path = f"/v1/registrations/{asked['registration_id']}/confirmation"
    told = await world.ask("POST", path, headers, json={"code": code[1]})
    assert told.status_code == 201, told.text
    headers["Authorization"] = f"Bearer {told.json()['access_token']}"
    policy = (await world.ask("GET", "/v1/policy")).json()
    accepted = {"version": policy["version"], "sha256": policy["sha256"]}
    await world.ask("POST", "/v1/policy/acceptance", headers, json=accepted)
    person = world.again(told.json()["account_id"], _session_of(told.json()["access_token"]))
    for purpose in (await world.ask("GET", "/v1/privacy/purposes", headers)).json()["purposes"]:
        if purpose["has_switch"]:
            path, yes = f"/v1/privacy/purposes/{purpose['code']}", {"on": True}
            body = {**yes, "sha256": purpose["sha256"]}
            assert (await world.ask("PUT", path, headers, json=body)).status_code == 200
    camera = await world.camera()
    await world.pair(person, camera, CAMERA, seen_at=LISBON)
    noted = await world.ask("PUT", f"/v1/cameras/{camera.id}/town", headers)
    assert noted.json()["town"] == SEEN["place"]
    await look(world, camera.made.serial)
    parts = world.house.foundation
    place = Place("2267057", SEEN["place"], "PT", 25, "Portugal")
    seen = Seen(SEEN["network"], place, SEEN["device"])
    visit = Visit(world.clock.now(), seen, parts.ids)
    await provider_sign_in.find_or_make_account(world.database, PROVIDER, visit)


async def look(world: World, serial: str) -> None:
    parts = world.house.foundation
    async with world.database.writing() as db:
        passwords = world.house.security.passwords
        await add_staff(db, parts.ids, parts.clock, passwords, STAFF, PASSWORD)
    body = {"name": STAFF, "password": PASSWORD}
    token = (await world.ask("POST", "/v1/staff/sessions", json=body)).json()["access_token"]
    wanted = {"case_number": CASE, "reason": REASON, "serial": serial}
    headers = {"Authorization": f"Bearer {token}"}
    answer = await world.ask("POST", "/v1/support/lookups", headers, json=wanted)
    assert answer.status_code == 201, answer.text


def _session_of(token: str) -> str:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["sid"]


async def test_no_word_about_anybody_is_in_the_database(world: World):
    await live(world)
    vault = world.database.vault
    assert isinstance(vault, Vault)
    found = [it async for it in check(world.database, vault, METADATA.sorted_tables)]
    # a column that nobody filled would prove nothing below
    assert [it for it in found if it.open == 0] == []
    assert [it for it in found if it.broken or it.erased] == []
    stored = await bytes_of(world.database)
    assert found_in(stored, PLANTED) == set()
    assert found_in(stored, ["SH-C1"]) == {"SH-C1"}  # what isn't sealed is found by the same means


async def test_what_is_sealed_is_found_by_those_who_may_look(world: World):
    await live(world)
    async with world.database.reading() as db:
        index = db.index(Account.email_index, HER_MAIL)
        account = (await db.exec(select(Account).where(Account.email_index == index))).one()
        assert (account.name, account.email, account.area) == (HER_NAME, HER_MAIL, "PT")
    body = {"email": HER_MAIL, "password": PASSWORD}
    signed_in = await world.ask("POST", "/v1/sessions", json=body)
    assert signed_in.status_code == 201
    headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    events = (await world.ask("GET", "/v1/account/history", headers)).json()["events"]
    texts = " ".join(it["text"] for it in events)
    assert f"{CAMERA} (case {CASE})" in texts
    assert SEEN["network"] in {it["network"] for it in events}


@pytest.mark.parametrize("before", range(3))
def test_the_search_knows_the_spellings(before: int):
    text = "x" * before + HER_MAIL + "y"
    for stored in (
        text.encode(),
        text.upper().encode(),
        text.encode("utf-16-le"),
        text.encode().hex().upper().encode(),
        base64.b64encode(text.encode()),
        base64.urlsafe_b64encode(text.encode()),
    ):
        assert found_in(b"\0" + stored + b"\0", PLANTED) == {HER_MAIL}
