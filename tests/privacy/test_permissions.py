"""Location denied in the phone's settings is a withdrawal, as if each switch had been used."""

import json
from typing import Any

import jwt
import pytest

from server.privacy.purposes import PURPOSES, Switch
from server.privacy.tables import Consent
from tests.people import People
from tests.privacy.choosing import Chooser, chooser

STANDING = [row.code for row in PURPOSES if row.permission == "location"]
DENIAL = "/v1/privacy/permissions/location/denial"


async def verified(person: Chooser, choice: str) -> Any:
    """What the choice's receipt says, checked with the keys that we publish."""
    answer = await person.ask("GET", f"/v1/privacy/receipts/{choice}")
    receipt = answer.json()["receipt"]
    published = (await person.ask("GET", "/.well-known/jwks.json")).json()
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(receipt)["kid"]]
    return json.loads(jwt.PyJWS().decode(receipt, key, algorithms=["EdDSA"]))


@pytest.mark.parametrize("code", [row.code for row in PURPOSES if row.switch is not Switch.NONE])
async def test_each_switch_that_is_turned_off_gives_a_receipt_of_that(
    house: People, code: str
) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        await person.chosen(code, on=True)
        choice = await person.chosen(code, on=False)
        told = await verified(person, choice["id"])
    assert (told["processing"]["purpose"], told["event"]["state"]) == (code, "withdrawn")


async def test_a_denied_location_ends_what_stood_on_it_and_nothing_takes_its_place(
    house: People,
) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        for code in STANDING:
            await person.chosen(code, on=True)
        assert (await person.use())["place"] == "Lisbon, Portugal, within 25 km"
        told = await person.ask("POST", DENIAL)
        assert told.status_code == 200, told.text
        made = told.json()["choices"]
        assert {(it["purpose"], it["state"]) for it in made} == {
            (code, "withdrawn") for code in STANDING
        }
        for it in made:
            told_in_receipt = await verified(person, it["id"])
            assert told_in_receipt["processing"]["purpose"] == it["purpose"]
            assert told_in_receipt["event"]["state"] == "withdrawn"
        # the network still tells a town, and is not asked in the phone's place
        assert (await person.use())["place"] == "Portugal"
        after = await person.purposes()
        assert [code for code in STANDING if after[code]["on"]] == []
        assert after["country_of_use"]["on"] is True
        again = await person.ask("POST", DENIAL)
        assert again.json()["choices"] == []  # nothing was left to withdraw
        refused = await person.ask(
            "PUT", "/v1/privacy/purposes/town_of_use", json={"on": True, "sha256": "0" * 64}
        )
        assert refused.status_code == 422  # a new yes is to the text, as at first
        assert (await person.chosen("town_of_use", on=True))["state"] == "given"
    assert len(await house.rows(Consent)) == 2 * len(STANDING) + 1


async def test_a_permission_that_nothing_stands_on_ends_nothing(house: People) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        await person.chosen("town_of_use", on=True)
        answer = await person.ask("POST", "/v1/privacy/permissions/camera/denial")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_permission")
        assert (await person.purposes())["town_of_use"]["on"] is True


async def test_a_denial_is_the_callers_own_and_needs_no_accepted_policy(house: People) -> None:
    async with house.browser() as a, house.browser() as b:
        anna, ben = await chooser(house, a), await chooser(house, b, accept=False)
        await anna.chosen("town_of_use", on=True)
        assert (await ben.ask("POST", DENIAL)).status_code == 200
        assert (await b.post(DENIAL)).status_code == 401
        assert (await anna.purposes())["town_of_use"]["on"] is True
