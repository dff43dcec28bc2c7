"""A receipt holds without us: its signature, what it says, and that it is nothing else."""

import base64
import json
from typing import Any

import pytest

from server.foundation.vault.keyring import destroy_keys
from server.privacy.purposes import PURPOSES
from server.privacy.tables import Consent
from tests.people import People, bearer
from tests.privacy.choosing import Chooser, chooser
from tests.receipt_reader.process import read

TYP = "secuhome-consent-receipt+jws"
TOWN = next(row for row in PURPOSES if row.code == "town_of_use")


async def receipt_of(person: Chooser, *, on: bool) -> tuple[dict[str, Any], str]:
    """A choice about the town, and its receipt."""
    choice = await person.chosen("town_of_use", on=on)
    answer = await person.ask("GET", f"/v1/privacy/receipts/{choice['id']}")
    assert answer.status_code == 200, answer.text
    return choice, answer.json()["receipt"]


def altered(receipt: str, change: Any) -> str:
    """The receipt with a changed payload, under the signature of the old one."""
    head, payload, signature = receipt.split(".")
    members = json.loads(base64.urlsafe_b64decode(payload + "=="))
    change(members)
    raw = json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
    return f"{head}.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}.{signature}"


@pytest.mark.parametrize("on", [True, False], ids=["given", "withdrawn"])
async def test_both_ways_give_a_receipt_that_verifies_without_us(house: People, on: bool) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        choice, receipt = await receipt_of(person, on=on)
        jwks = (await browser.get("/.well-known/jwks.json")).json()
    told = await read(jwks, receipt, TYP)
    assert told["header"]["alg"] == "EdDSA"
    members = told["members"]
    assert members["record_id"] == choice["id"]
    assert members["event"]["state"] == ("given" if on else "withdrawn")
    assert members["event"]["time"] == house.clock.now().isoformat()
    assert members["event"]["number"] == choice["number"]
    assert members["privacy_notice"] == {
        "policy_version": "2026-11-24",
        "policy_url": f"{house.settings.public_url}/v1/policy/versions/2026-11-24",
        "text_sha256": TOWN.sha256,
        "language": "en",
    }
    processing = members["processing"]
    assert (processing["purpose"], processing["lawful_basis"]) == ("town_of_use", "consent")
    assert processing["purpose_description"] == TOWN.explanation
    assert processing["pii_categories"] == ["town of use"]
    assert "/v1/privacy/purposes/town_of_use" in processing["withdrawal"]
    assert members["pii_controller"]["email"] == house.settings.contact_email
    assert members["pii_controller"]["address"] == house.settings.contact_postal_address
    assert person.id not in json.dumps(told)  # a pseudonym, and nothing that leads to the account


async def test_a_pseudonym_is_the_same_in_all_receipts_of_a_person_and_in_nobody_elses(
    house: People,
) -> None:
    pseudonyms: list[str] = []
    async with house.browser() as anna, house.browser() as ben:
        jwks = (await anna.get("/.well-known/jwks.json")).json()
        of_anna, of_ben = await chooser(house, anna), await chooser(house, ben)
        for person, on in ((of_anna, True), (of_anna, False), (of_ben, True)):
            _, receipt = await receipt_of(person, on=on)
            told = await read(jwks, receipt, TYP)
            pseudonyms.append(told["members"]["pii_principal_id"])
    assert pseudonyms[0] == pseudonyms[1] != pseudonyms[2]


@pytest.mark.parametrize("section", ["event", "processing", "privacy_notice", "pii_controller"])
async def test_a_receipt_that_was_tampered_with_fails_there(house: People, section: str) -> None:
    async with house.browser() as browser:
        _, receipt = await receipt_of(await chooser(house, browser), on=True)
        jwks = (await browser.get("/.well-known/jwks.json")).json()
    changed = altered(receipt, lambda members: members[section].update(added="x"))
    refused = {"refused": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"}
    assert await read(jwks, changed, TYP) == refused
    assert "members" in await read(jwks, receipt, TYP)
    assert await read({"keys": []}, receipt, TYP) == {"refused": "ERR_JWKS_NO_MATCHING_KEY"}


async def test_a_receipt_is_no_access_token_and_a_token_is_no_receipt(house: People) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        _, receipt = await receipt_of(person, on=True)
        jwks = (await browser.get("/.well-known/jwks.json")).json()
        answer = await browser.get("/v1/account", headers=bearer(receipt))
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")
    token = person.session["access_token"]
    assert await read(jwks, token, TYP) == {"refused": "ANOTHER_TYP"}


async def test_the_receipt_is_sealed_and_goes_with_its_owners_key(house: People) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        _, receipt = await receipt_of(person, on=True)
    async with house.database.reading() as db:
        raw = await (await db.connection()).exec_driver_sql("SELECT receipt FROM consent")
        assert receipt.encode() not in bytes(raw.scalar_one())
    async with house.database.writing() as db:
        await destroy_keys(db, [person.id])
    (row,) = await house.rows(Consent)
    assert (row.receipt, row.purpose) == ("", "town_of_use")
