"""Purposes are chosen one by one, off until chosen, and a withdrawal counts at once."""

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import delete

from server.foundation.labels import Personal, Why, label_of
from server.foundation.purposes import Purpose, UndeclaredPurpose, allowed
from server.migrations.known_tables import METADATA
from server.privacy.purposes import PURPOSES, Assessment, DeclaredPurpose, Risk, Switch
from server.privacy.tables import Consent
from server.security.events import SecurityEvent
from tests.people import People, people
from tests.privacy.choosing import chooser

OPTIONAL = [row.code for row in PURPOSES if row.switch is Switch.OFF_AT_FIRST]
ANALYSIS = DeclaredPurpose(
    "analysis",
    "Analysis",
    "To count.",
    Switch.OFF_AT_FIRST,
    (),
    shares_or_analyses=True,
    assessment=Assessment(Risk.LOW, "Counts alone, no person."),
)
SIGNAL = {"sec-gpc": "1"}


def test_each_reason_of_a_label_belongs_to_one_purpose() -> None:
    """A label that no purpose covers would be used for something that nobody was told of."""
    covered = [why for row in PURPOSES for why in row.covers]
    assert sorted(covered) == sorted(Why)
    assert {row.code for row in PURPOSES} == set(Purpose)


def test_every_optional_purpose_has_something_to_end() -> None:
    used = {
        label.why
        for table in METADATA.sorted_tables
        for column in table.columns
        if isinstance(label := label_of(column), Personal)
    }
    for row in PURPOSES:
        assert set(row.covers) <= used, row.code


async def test_after_acceptance_all_that_is_optional_is_off(house: People) -> None:
    async with house.browser() as browser:
        shown = await (await chooser(house, browser)).purposes()
    assert {code for code, it in shown.items() if it["basis"] == "consent"} == set(OPTIONAL)
    assert [code for code in OPTIONAL if shown[code]["on"]] == []
    assert shown["country_of_use"]["on"] is True  # what the safety of the account needs
    for it in shown.values():
        text = f"{it['title']}\n\n{it['text']}"
        assert hashlib.sha256(text.encode()).hexdigest() == it["sha256"]
    assert shown["town_of_use"]["data"] == ["town of use"]


@pytest.mark.parametrize("code", [row.code for row in PURPOSES if row.switch is not Switch.NONE])
async def test_one_request_switches_one_purpose_either_way(house: People, code: str) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        before = await person.purposes()
        for on in (not before[code]["on"], before[code]["on"]):
            choice = await person.chosen(code, on=on)
            assert choice["state"] == ("given" if on else "withdrawn")
            after = await person.purposes()
            assert after[code]["on"] is on
            assert {it: after[it] for it in after if it != code} == {
                it: before[it] for it in before if it != code
            }


PLACES: list[tuple[set[str], str, str]] = [
    # what is on, what the history tells of Lisbon, what the session is told
    (set(), "", "not recorded"),
    ({"country_of_use"}, "Portugal", "Portugal"),
    ({"town_of_use"}, "Lisbon, Portugal", "Lisbon, Portugal"),
    ({"country_of_use", "town_of_use"}, "Lisbon, Portugal", "Lisbon, Portugal"),
    (
        {"vicinity_of_use"},
        "Lisbon, Portugal, within 25 km",
        "Lisbon, Portugal, within 25 km",
    ),
]


@pytest.mark.parametrize(
    ("on", "place", "told"),
    PLACES,
    ids=lambda it: "+".join(sorted(it)) if isinstance(it, set) else it or "none",
)
async def test_a_place_is_kept_as_finely_as_was_chosen(
    house: People, on: set[str], place: str, told: str
) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        for code in ("country_of_use", "town_of_use", "vicinity_of_use"):
            await person.chosen(code, on=code in on)
        used = await person.use()
    assert (used["place"] or "", used["told"]) == (place, told)
    assert used["network"] == "203.0.113.0/24"
    newest = max(await house.rows(SecurityEvent), key=lambda it: it.id)
    kept = {
        "country_of_use": newest.seen_country,
        "town_of_use": newest.seen_town and newest.seen_town_id,
        "vicinity_of_use": newest.seen_vicinity,
    }
    assert {code for code, value in kept.items() if value} == on


async def test_withdrawing_takes_what_was_held_for_that_purpose_alone(house: People) -> None:
    async with house.browser() as browser, house.browser() as others:
        person, other = await chooser(house, browser), await chooser(house, others)
        for each in (person, other):
            await each.chosen("town_of_use", on=True)
            await each.chosen("vicinity_of_use", on=True)
            await each.use()
        await person.chosen("town_of_use", on=False)
        used = await person.use()
    assert used["place"] == "Lisbon, Portugal, within 25 km"
    mine = [it for it in await house.rows(SecurityEvent) if it.account_id == person.id]
    hers = [it for it in await house.rows(SecurityEvent) if it.account_id == other.id]
    assert [it.seen_town for it in mine if it.seen_town or it.seen_town_id] == []
    assert [it.seen_vicinity for it in mine if it.seen_vicinity]  # the other purpose goes on
    assert all(it.seen_country == "Portugal" for it in mine)
    assert [it.seen_town for it in hers if it.seen_town] == ["Lisbon, Portugal"]


@pytest.mark.parametrize(
    ("code", "body", "status", "problem"),
    [
        ("made_up", {"on": True, "sha256": "0" * 64}, 404, "unknown_purpose"),
        ("town_of_use", {"on": True, "sha256": "0" * 64}, 422, "purpose_text_differs"),
        ("town_of_use", {"on": False, "sha256": "0" * 64}, 422, "purpose_text_differs"),
        ("town_of_use", {"on": True}, 422, "purpose_text_differs"),
        ("account", {"on": False}, 409, "purpose_has_no_switch"),
        ("town_of_use", {"on": "perhaps"}, 422, "invalid_request"),
        ("town_of_use", {"on": True, "all": True}, 422, "invalid_request"),
        ("Town", {"on": True}, 422, "invalid_request"),
    ],
)
async def test_what_cannot_be_chosen_is_refused_and_leaves_nothing(
    house: People, code: str, body: dict[str, Any], status: int, problem: str
) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        answer = await person.ask("PUT", f"/v1/privacy/purposes/{code}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, problem)
    assert await house.rows(Consent) == []


async def test_who_has_not_accepted_the_policy_can_withdraw_and_not_give(house: People) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser, accept=False)
        given = await person.switch("town_of_use", on=True)
        assert (given.status_code, given.json()["code"]) == (403, "policy_not_accepted")
        path = "/v1/privacy/purposes/country_of_use"
        assert (await person.ask("PUT", path, json={"on": False})).status_code == 200
        assert (await person.use())["place"] is None


async def test_the_same_choice_again_changes_nothing(house: People) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        first = await person.chosen("town_of_use", on=True)
        house.clock.advance(minutes=1)
        assert await person.chosen("town_of_use", on=True) == first
        choices = (await person.ask("GET", "/v1/privacy/choices")).json()
    assert choices == {"choices": [first], "next": None}


async def test_choices_made_at_once_stand_in_one_line(house: People) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        await asyncio.gather(
            *(person.chosen(code, on=on) for code in OPTIONAL for on in (True, False))
        )
        choices = (await person.ask("GET", "/v1/privacy/choices")).json()["choices"]
    numbers = [it["number"] for it in choices]
    assert numbers == list(range(len(numbers), 0, -1))
    assert len(numbers) == len(await house.rows(Consent))


async def test_a_text_that_was_changed_asks_anew(tmp_path: Path, database_url: str) -> None:
    async with people(tmp_path, database_url) as house, house.browser() as browser:
        person = await chooser(house, browser)
        await person.chosen("town_of_use", on=True)
        await person.chosen("country_of_use", on=False)
    wider = tuple(replace(row, explanation=row.explanation + " And more.") for row in PURPOSES)
    async with people(tmp_path, database_url, purposes=wider) as house, house.browser() as browser:
        person.house, person.browser = house, browser
        shown = await person.purposes()
        assert shown["town_of_use"]["on"] is False
        assert shown["country_of_use"]["on"] is False  # a no is a no to any text
        await person.chosen("town_of_use", on=True)
        assert (await person.purposes())["town_of_use"]["on"] is True


async def test_an_undeclared_purpose_is_nobodys_to_allow(house: People) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
    async with house.database.reading() as db:
        assert await allowed(db, person.id, Purpose.ACCOUNT)
        assert not await allowed(db, person.id, Purpose.TOWN_OF_USE)
        with pytest.raises(UndeclaredPurpose):
            await allowed(db, person.id, "marketing")


async def test_without_anybody_who_knows_the_choices_nothing_is_allowed(house: People) -> None:
    from server.foundation.database import Database  # noqa: PLC0415 - one that nobody has wired

    bare = Database(house.settings.database, house.database.vault)
    async with bare.reading() as db:
        assert not await allowed(db, "acc_1", Purpose.ACCOUNT)
    await bare.close()


async def test_the_browsers_signal_keeps_what_shares_or_analyses_off(
    tmp_path: Path, database_url: str
) -> None:
    declared = (*PURPOSES, ANALYSIS)
    async with (
        people(tmp_path, database_url, purposes=declared) as house,
        house.browser() as browser,
    ):
        person = await chooser(house, browser)
        refused = await person.switch("analysis", on=True, headers=SIGNAL)
        assert (refused.status_code, refused.json()["code"]) == (409, "browser_objects")
        assert (await person.switch("town_of_use", on=True, headers=SIGNAL)).status_code == 200
        await person.chosen("analysis", on=True)
        assert (await person.purposes())["analysis"]["on"] is True
        visit = await person.purposes(headers=SIGNAL)
        assert (visit["analysis"]["on"], visit["analysis"]["off_for_this_visit"]) == (False, True)
        assert visit["town_of_use"]["on"] is True
        assert (await person.purposes(headers={"sec-gpc": "0"}))["analysis"]["on"] is True
        assert (await person.switch("analysis", on=False, headers=SIGNAL)).status_code == 200


async def test_nobody_reads_anothers_choices(house: People) -> None:
    async with house.browser() as anna, house.browser() as ben:
        of_anna, of_ben = await chooser(house, anna), await chooser(house, ben)
        choice = await of_anna.chosen("town_of_use", on=True)
        assert (await of_ben.ask("GET", "/v1/privacy/choices")).json()["choices"] == []
        for receipt in (choice["id"], "con_eu1_0"):
            answer = await of_ben.ask("GET", f"/v1/privacy/receipts/{receipt}")
            assert (answer.status_code, answer.json()["code"]) == (404, "unknown_receipt")


async def test_a_long_history_comes_in_pages(tmp_path: Path, database_url: str) -> None:
    async with (
        people(tmp_path, database_url, tries_per_minute=1000) as house,
        house.browser() as browser,
    ):
        person = await chooser(house, browser)
        for number in range(60):
            await person.chosen("town_of_use", on=number % 2 == 0)
        first = (await person.ask("GET", "/v1/privacy/choices")).json()
        query = {"before": first["next"]}
        second = (await person.ask("GET", "/v1/privacy/choices", params=query)).json()
    assert [len(it["choices"]) for it in (first, second)] == [50, 10]
    assert (first["next"], second["next"]) == (11, None)


async def test_the_database_refuses_to_rewrite_or_delete_a_choice(house: People) -> None:
    async with house.browser() as browser:
        await (await chooser(house, browser)).chosen("town_of_use", on=True)
    before = await house.rows(Consent)
    with pytest.raises(DBAPIError, match="append-only"):
        async with house.database.writing() as db:
            row = await db.get_one(Consent, before[0].id)
            row.state = "withdrawn"
    with pytest.raises(DBAPIError, match="append-only"):
        async with house.database.writing() as db:
            await db.exec(delete(Consent))
    assert await house.rows(Consent) == before
