"""Who may: each door opens to one kind of caller, while their sign-in lasts."""

import pytest

from server.foundation.identity import Kind
from tests.people import People, bearer

DOORS = {Kind.ACCOUNT: "/door/person", Kind.CAMERA: "/door/camera", Kind.STAFF: "/door/staff"}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", DOORS)
async def test_a_door_opens_to_its_own_kind_only(house: People, kind: Kind, door: Kind) -> None:
    async with house.browser() as browser:
        person = await house.register(browser)
        token = (
            person["access_token"]
            if kind is Kind.ACCOUNT
            else house.tokens.issue(kind, f"{kind.value}_1", "ses_1")
        )
        if kind is door is Kind.STAFF:
            return  # this house has no staff to check; tests/support has
        answer = await browser.get(DOORS[door], headers=bearer(token))
    if kind is door:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_kind_of_caller")


@pytest.mark.parametrize("door", DOORS.values())
async def test_a_door_is_shut_without_a_good_token(house: People, door: str) -> None:
    async with house.browser() as browser:
        for headers in ({}, bearer("made-up"), {"Authorization": "Basic YTpi"}):
            answer = await browser.get(door, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_sign_in_that_never_was_opens_nothing(house: People) -> None:
    """A good signature is not enough: the session must be there, and be this account's."""
    async with house.browser() as browser:
        mine = await house.register(browser)
        hers = await house.register(browser)
        session_id = house.tokens.verify(hers["access_token"]).session_id
        for id_, session in (("acc_1", "ses_1"), (mine["account_id"], session_id)):
            token = house.tokens.issue(Kind.ACCOUNT, id_, session)
            assert (await browser.get("/door/person", headers=bearer(token))).status_code == 401
