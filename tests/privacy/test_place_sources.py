"""Who finds somebody's place is theirs to choose, and nobody else is asked for it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.security.events import SecurityEvent
from tests.people import PASSWORD, People, people
from tests.places import AskedLocator, write_places
from tests.privacy.archives import Archive
from tests.privacy.choosing import Chooser, chooser

PATH = "/v1/privacy/place-source"
ANNA, BEN = "anna@example.com", "ben@example.com"
PHONE = {"place": {"country": "ES", "town": "Madrid"}}
SOURCES = {
    # what is chosen: what is told of a sign-in, and which databases were asked
    "off": ("not recorded", [False, False]),
    "second_network": ("Lissabon, Portugal", [False, True]),
    "phone": ("Madrid, ES", [False, False]),
    "network": ("Lisbon, Portugal", [True, False]),
}


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[People]:
    """The running parts, with two databases that call one place by two names."""
    second = write_places(tmp_path / "second.mmdb", lisbon="Lissabon")
    async with people(tmp_path, database_url, geoip_second_path=second) as running:
        yield running


async def asked_meanwhile(house: People, doing: Any) -> tuple[Any, list[bool]]:
    """What was answered, and which of the two databases were asked for it."""
    locators = [it for it in house.security.locators if isinstance(it, AskedLocator)]
    before = [it.asked for it in locators]
    answer = await doing
    return answer, [it.asked > count for it, count in zip(locators, before, strict=True)]


async def sign_in(house: People, who: Chooser, email: str, **sent: Any) -> tuple[str, list[bool]]:
    """The place that the answer tells, which is the history's too; and who was asked."""
    house.clock.advance(seconds=20)
    signing = house.sign_in(who.browser, email, sent=sent)
    answer, asked = await asked_meanwhile(house, signing)
    assert answer.status_code == 201, answer.text
    told = answer.json()["place"]["text"]
    who.session = answer.json()
    newest = (await who.ask("GET", "/v1/account/history")).json()["events"][0]
    assert (newest["kind"], newest["place"] or "not recorded") == ("signed_in", told)
    return told, asked


async def with_towns(house: People, browser: Any, email: str) -> Chooser:
    """Somebody who wants towns written down."""
    person = await chooser(house, browser, to=email)
    await person.chosen("town_of_use", on=True)
    return person


async def test_each_choice_asks_its_own_source_from_the_next_event_on(house: People):
    async with house.browser() as browser, house.browser() as other:
        anna = await with_towns(house, browser, ANNA)
        ben = await with_towns(house, other, BEN)
        shown = (await anna.ask("GET", PATH)).json()
        assert (shown["source"], set(shown["sources"])) == ("network", {*SOURCES})
        seen_before = await sign_in(house, anna, ANNA, **PHONE)
        assert seen_before == SOURCES["network"]  # a phone that wasn't chosen isn't believed
        for source, expected in SOURCES.items():
            answer = await anna.ask("PUT", PATH, json={"source": source})
            assert (answer.status_code, answer.json()["source"]) == (200, source)
            assert await sign_in(house, anna, ANNA, **PHONE) == expected
            assert await sign_in(house, ben, BEN, **PHONE) == SOURCES["network"]
        events = (await anna.ask("GET", "/v1/account/history")).json()["events"]
        texts = [it["place"] for it in events]
        assert "Lissabon, Portugal" in texts  # what was written down before stays


async def test_a_phone_that_says_nothing_leaves_no_place_and_off_asks_nobody_at_any_use(
    house: People,
):
    async with house.browser() as browser:
        anna = await with_towns(house, browser, ANNA)
        for source in ("phone", "off"):
            await anna.ask("PUT", PATH, json={"source": source})
            assert await sign_in(house, anna, ANNA) == ("not recorded", [False, False])
            used, asked = await asked_meanwhile(house, anna.use())
            assert (used["told"], used["place"], asked) == ("not recorded", None, [False, False])
        rows = [it for it in await house.rows(SecurityEvent) if it.account_id == anna.id]
        newest = max(rows, key=lambda it: it.id)
        assert (newest.seen_country, newest.seen_town, newest.seen_vicinity) == (None, None, None)


async def test_accuracy_counts_for_what_a_phone_says_too(house: People):
    async with house.browser() as browser:
        anna = await chooser(house, browser, to=ANNA)  # who never asked for towns
        await anna.ask("PUT", PATH, json={"source": "phone"})
        assert (await sign_in(house, anna, ANNA, **PHONE))[0] == "ES"
        await anna.chosen("country_of_use", on=False)
        assert (await sign_in(house, anna, ANNA, **PHONE))[0] == "not recorded"


async def test_the_choice_is_in_the_history_and_in_the_export(house: People):
    async with house.browser() as browser:
        anna = await chooser(house, browser, to=ANNA)
        for _ in range(2):  # the second time nothing changes
            await anna.ask("PUT", PATH, json={"source": "off"})
        events = (await anna.ask("GET", "/v1/account/history")).json()["events"]
        told = [it["text"] for it in events if it["kind"] == "data_corrected"]
        assert told == ["Changed own data: how your place is found"]
        body = {"password": PASSWORD}
        archive = Archive.of((await anna.ask("POST", "/v1/privacy/export", json=body)).content)
        assert archive.records("place_source") == [{"source": "off"}]


async def test_off_is_taken_before_the_policy_is_accepted_and_nothing_else_is(house: People):
    async with house.browser() as browser:
        anna = await chooser(house, browser, accept=False, to=ANNA)
        answer = await anna.ask("PUT", PATH, json={"source": "phone"})
        assert (answer.status_code, answer.json()["code"]) == (403, "policy_not_accepted")
        assert (await anna.ask("PUT", PATH, json={"source": "off"})).json()["source"] == "off"


async def test_no_other_word_is_taken(house: People):
    async with house.browser() as browser:
        anna = await chooser(house, browser, to=ANNA)
        for body in ({"source": "gps"}, {}, {"source": "off", "latitude": 38.7}):
            answer = await anna.ask("PUT", PATH, json=body)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        assert (await anna.ask("GET", PATH)).json()["source"] == "network"


async def test_a_second_database_is_offered_only_where_there_is_one(
    tmp_path: Path, database_url: str
):
    async with people(tmp_path, database_url) as house, house.browser() as browser:
        anna = await chooser(house, browser, to=ANNA)
        assert (await anna.ask("GET", PATH)).json()["sources"] == ["off", "network", "phone"]
        answer = await anna.ask("PUT", PATH, json={"source": "second_network"})
        (error,) = answer.json()["errors"]
        assert error == {"field": "source", "message": "choose one of `sources`"}
