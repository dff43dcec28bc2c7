"""Signing in and switching letters on take the same four members, and none of them is needed."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.accounts.schemas import SignInIn
from server.accounts.sent_along import NEEDED, Context
from server.accounts.tables import Session
from server.privacy.news.tables import LettersWanted
from server.privacy.purpose_schemas import ChoiceIn
from server.privacy.tables import Consent
from server.security.events import SecurityEvent
from tests.people import PASSWORD, People
from tests.privacy.archives import Archive
from tests.privacy.choosing import chooser

NUMBERS = count()
ANNA, BEN = "anna@example.com", "ben@example.com"
FOUR = ["user_id", "device_id", "phone_number", "place"]
DEVICE, PHONE, TOWN = "dev_canary00000000001", "+351912345678", "Canarytown"
EXTRAS = st.dictionaries(
    st.text(min_size=1).filter(lambda it: it not in FOUR),
    st.none() | st.booleans() | st.integers() | st.text(),
    min_size=1,
    max_size=3,
)


def test_the_schema_of_both_is_the_list():
    for kind in (SignInIn, ChoiceIn):
        schema = kind.model_json_schema()
        assert schema["properties"]["sent"]["$ref"] == "#/$defs/SentAlong"
        sent = schema["$defs"]["SentAlong"]
        assert (list(sent["properties"]), sent["additionalProperties"]) == (FOUR, False)
        assert "required" not in sent
        assert schema["additionalProperties"] is False
    assert list(NEEDED) == FOUR
    assert {it for uses in NEEDED.values() for it in uses} == set(Context)


@pytest.mark.parametrize(
    "sent",
    [
        {"place": {"country": "PT", "town": "38.72, -9.14"}},
        {"place": {"country": "PT", "latitude": 38.72, "longitude": -9.14}},
        {"place": {"country": "Portugal"}},
        {"place": "38.72,-9.14"},
        {"phone_number": "call me"},
        {"device_id": "35-209900-176148-1"},
    ],
)
async def test_coordinates_and_other_shapes_are_refused(house: People, sent: dict[str, Any]):
    async with house.browser() as browser:
        answer = await house.sign_in(browser, ANNA, sent=sent)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        assert answer.json()["errors"][0]["field"].startswith("sent.")


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(extras=EXTRAS)
async def test_a_fifth_member_is_refused_and_nothing_is_stored(
    house: People, extras: dict[str, Any]
):
    async with house.browser() as browser:
        house.clock.advance(seconds=600)  # tries are counted by the minute
        anna = await chooser(house, browser, to=f"anna{next(NUMBERS)}@example.com")
        email = (await anna.ask("GET", "/v1/account")).json()["email"]
        before = await stored(house)
        answers = [
            await house.sign_in(browser, email, sent=extras),
            await anna.switch("news", on=True, sent=extras),
        ]
        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        assert await stored(house) == before


async def stored(house: People) -> list[Any]:
    """What a sign-in or a switch that was taken would change."""
    tables = (Session, LettersWanted, Consent, SecurityEvent)
    return [len(await house.rows(table)) for table in tables]


async def test_signing_in_and_switching_on_work_without_any_of_them(house: People):
    async with house.browser() as browser:
        anna = await chooser(house, browser, to=ANNA)
        account = {"user_id": anna.id, "device_id": DEVICE}
        for sent in ({}, account, {"phone_number": PHONE}, {"place": {"country": "PT"}}):
            house.clock.advance(seconds=60)
            assert (await house.sign_in(browser, ANNA, sent=sent)).status_code == 201, sent
            assert (await anna.switch("news", on=True, sent=sent)).status_code == 200, sent
        assert (await house.sign_in(browser, ANNA)).status_code == 201
        assert (await anna.switch("news", on=True)).status_code == 200


async def test_what_nothing_needs_is_found_nowhere_afterwards(
    house: People, capsys: pytest.CaptureFixture[str]
):
    sent = {"device_id": DEVICE, "phone_number": PHONE, "place": {"country": "PT", "town": TOWN}}
    async with house.browser() as browser:
        anna = await chooser(house, browser, to=ANNA)
        await anna.chosen("town_of_use", on=True)
        assert (await house.sign_in(browser, ANNA, sent=sent)).status_code == 201
        assert (await anna.switch("news", on=True, sent=sent)).status_code == 200
        body = {"password": PASSWORD}
        archive = Archive.of((await anna.ask("POST", "/v1/privacy/export", json=body)).content)
    said = "".join(capsys.readouterr()) + archive.data_text + archive.page
    assert "Lisbon" in said  # she chose no phone as the source of places
    for word in (DEVICE, PHONE, PHONE[1:], TOWN):
        assert word not in said


async def test_an_app_that_means_another_account_gets_neither(house: People):
    async with house.browser() as browser, house.browser() as other:
        anna = await chooser(house, browser, to=ANNA)
        ben = await chooser(house, other, to=BEN)
        house.clock.advance(seconds=60)
        refused = await house.sign_in(browser, ANNA, sent={"user_id": ben.id})
        assert (refused.status_code, refused.json()["code"]) == (401, "wrong_credentials")
        refused = await anna.switch("news", on=True, sent={"user_id": ben.id})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "sent.user_id")
        refused = await anna.switch("town_of_use", on=True, sent={"user_id": anna.id})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "sent")
        assert await house.rows(LettersWanted) == []
