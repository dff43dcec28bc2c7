"""Whoever says that we gathered something without consent: the program looks the consents up."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from devices.registry.tables import CameraTown
from server.accounts.tables import Account
from server.privacy.tables import Consent
from server.security.events import SecurityEvent
from tests.places import LISBON
from tests.privacy.grounds.conftest import Asker, refused

PLANTED = "Canaryville, Nowhere"


async def plant_town(asker: Asker, days_ago: int = 0) -> None:
    """A town in the history that nobody was asked for, and the number of that place."""
    world = asker.counter.world
    async with world.database.writing() as db:
        db.add(
            SecurityEvent(
                id=world.house.foundation.ids.new("evt"),
                account_id=asker.id,
                kind="session_refreshed",
                at=world.clock.now() - timedelta(days=days_ago),
                network=None,
                seen_town=PLANTED,
                seen_town_id="4711",
                device=None,
                about=None,
            )
        )


def by_purpose(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What was found of data, by purpose."""
    return {it["purpose"]: it for it in found["data"]}


async def events(asker: Asker) -> list[SecurityEvent]:
    """All events of the person."""
    its = await asker.counter.world.rows(SecurityEvent)
    return [it for it in its if it.account_id == asker.id]


async def test_what_no_consent_is_on_record_for_goes_with_what_was_made_of_it(asker: Asker):
    world = asker.counter.world
    camera = await world.camera()
    await world.pair(asker.person, camera, seen_at=LISBON)
    await plant_town(asker)
    async with world.database.writing() as db:
        town = CameraTown(camera_id=camera.id, account_id=asker.id, town_noted=PLANTED)
        db.add(town)
    number = await asker.ask("without_consent")
    found = await asker.findings(number)
    data = by_purpose(found)
    unfounded = {code: it["values"] for code, it in data.items() if it["basis"] is None}
    assert unfounded == {"town_of_use": {"town of use": 2}, "camera_town": {"town of a camera": 1}}
    assert data["account"]["basis"] == data["country_of_use"]["basis"] == "contract"
    assert (found["proposed"]["outcome"], found["recipients"]) == ("answered", [])
    assert "Town of each use" in found["proposed"]["reply"]

    # Neither a refusal nor words alone can close it.
    assert refused(await asker.refuse(number)) == (422, "invalid_request", ["outcome"])
    early = await asker.counter.answer(asker.staff, number)
    assert refused(early) == (422, "invalid_request", ["outcome"])
    countries = {it.seen_country for it in await events(asker)}
    assert (await asker.act(number, act="uphold")).status_code == 201
    assert PLANTED not in str([it.model_dump() for it in await events(asker)])
    assert {it.seen_town_id for it in await events(asker)} == {None}
    assert await world.rows(CameraTown) == []
    assert {it.seen_country for it in await events(asker)} == countries  # it has a basis
    archive = await world.ask("POST", "/v1/privacy/export", asker.headers, json={})
    assert PLANTED.encode() not in archive.content
    again = await asker.findings(number)
    assert [it for it in again["data"] if it["basis"] is None] == []
    reply = found["proposed"]["reply"]
    answer = await asker.counter.answer(asker.staff, number, reply=reply)
    assert answer.status_code == 204
    told = (await asker.get("/v1/account/requests"))["requests"][0]
    assert (told["answer"]["reply"], told["done"][0]["act"]) == (reply, "uphold")
    assert "data_deleted_by_staff" in {it.kind for it in await events(asker)}


async def test_with_a_record_the_answer_names_it_and_the_remedies(asker: Asker):
    await asker.choose("town_of_use")
    await asker.use()
    (yes,) = await asker.counter.world.rows(Consent)
    number = await asker.ask("without_consent")
    found = await asker.findings(number)
    town = by_purpose(found)["town_of_use"]
    assert town["basis"] == "consent"
    assert town["consent"] == {
        "receipt_id": yes.id,
        "at": yes.at.isoformat().replace("+00:00", "Z"),
        "policy_version": yes.policy_version,
    }
    assert (await asker.get(f"/v1/privacy/receipts/{yes.id}"))["receipt"] == yes.receipt
    assert refused(await asker.act(number, act="uphold")) == (422, "invalid_request", ["act"])
    proposed = found["proposed"]
    assert (proposed["outcome"], yes.id in proposed["reason"]) == ("refused", True)
    assert all(proposed["remedies"].values())
    answer = await asker.counter.answer(asker.staff, number, **proposed)
    assert answer.status_code == 204, answer.text
    told = (await asker.get("/v1/account/requests"))["requests"][0]
    assert (told["answer"]["reason"], told["answer"]["remedies"]) == (
        proposed["reason"],
        proposed["remedies"],
    )
    assert any(it.seen_town for it in await events(asker))


async def test_a_yes_proves_nothing_that_is_older(asker: Asker):
    await plant_town(asker, days_ago=3)
    await asker.choose("town_of_use")
    await asker.use()
    data = by_purpose(await asker.findings(await asker.ask("without_consent")))
    assert (data["town_of_use"]["basis"], data["town_of_use"]["consent"]) == (None, None)


@pytest.mark.parametrize("forged", [False, True], ids=["withdrawn", "forged"])
async def test_a_no_and_a_yes_that_was_written_past_us_are_no_proof(asker: Asker, forged: bool):
    world = asker.counter.world
    await asker.choose("town_of_use")
    if forged:
        async with world.database.engine.begin() as connection:
            columns = "account_id, number, purpose, state, policy_version, text_sha256, at, chain"
            others = columns.replace("number", "number + 1").replace("purpose", "'vicinity_of_use'")
            await connection.execute(
                text(f"INSERT INTO consent (id, {columns}) SELECT 'con_x', {others} FROM consent")
            )
        async with world.database.writing() as db:
            event = await db.get_one(SecurityEvent, (await events(asker))[0].id)
            event.seen_vicinity = PLANTED
    else:
        await asker.choose("town_of_use", on=False)
        await plant_town(asker)
    data = by_purpose(await asker.findings(await asker.ask("without_consent")))
    assert data["vicinity_of_use" if forged else "town_of_use"]["basis"] is None


async def test_the_findings_are_for_who_has_opened_the_request_and_about_nobody_else(asker: Asker):
    counter = asker.counter
    other = Asker(counter, await counter.owner_of("ben@example.com"), asker.staff)
    await plant_town(other)
    number = await asker.ask("without_consent")
    assert by_purpose(await asker.findings(number))["account"]["basis"] == "contract"
    assert "town_of_use" not in by_purpose(await asker.findings(number))
    stranger = await counter.staff("Pavel")
    path = f"/v1/support/requests/{number}/findings"
    answer = await counter.world.ask("GET", path, stranger)
    assert refused(answer)[:2] == (403, "request_not_opened")
    answer = await counter.world.ask("GET", path, asker.headers)
    assert answer.status_code in (401, 403)
    assert len(await counter.world.rows(Account)) == 2
    for ground in ("unlawful", "breach"):
        act = await asker.act(await asker.ask(ground), act="uphold")
        assert refused(act) == (422, "invalid_request", ["act"])
