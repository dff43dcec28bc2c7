"""Data that shouldn't be held is deleted by category upon a request, and the account goes on."""

from datetime import timedelta
from typing import Any

import pytest

from server.accounts.tables import Account, RefreshToken, Session
from server.privacy.acts.deleting import categories_that_can_go
from server.privacy.retention import end_what_is_over
from server.security.events import SecurityEvent
from tests.privacy.cases.counter import ADA, Counter

WHY = "No consent to it is on record."


async def delete(
    counter: Counter, staff: dict[str, str], number: str, *categories: str, **change: Any
) -> tuple[int, str]:
    """The staff deletes; the status, and the code of a refusal."""
    body = {"act": "delete", "reason": WHY, "categories": list(categories)} | change
    answer = await counter.post(f"/v1/support/requests/{number}/acts", body, staff)
    return answer.status_code, answer.json().get("code", "")


async def asked(counter: Counter) -> tuple[str, dict[str, str]]:
    """The number of a proven wish for a deletion, and the staff that has opened it."""
    number, staff = (await counter.proven(kind="deletion"))["number"], await counter.staff()
    await counter.open(staff, number)
    return number, staff


def of(rows: list[SecurityEvent], account_id: str) -> list[SecurityEvent]:
    """The events of one account."""
    return [it for it in rows if it.account_id == account_id]


async def test_a_category_goes_everywhere_and_nothing_else_does(counter: Counter):
    ada, ben = await counter.owner_of(ADA), await counter.owner_of("ben@example.com")
    number, staff = await asked(counter)
    before = await counter.world.rows(SecurityEvent)
    assert {it.network for it in of(before, ada.id)} != {None}
    assert await delete(counter, staff, number, "IP prefix, /24 or /48") == (201, "")
    after = await counter.world.rows(SecurityEvent)
    assert {it.network for it in of(after, ada.id)} == {None}
    assert of(after, ben.id) == of(before, ben.id)
    assert (await counter.me(ada)).json()["email"] == ADA
    told = {it["kind"]: it["text"] for it in await counter.world.history(ada)}
    assert told["data_deleted_by_staff"] == f"Support deleted some data upon {number}"


async def test_a_row_that_can_not_do_without_it_goes_with_what_hangs_on_it(counter: Counter):
    ada, ben = await counter.owner_of(ADA), await counter.owner_of("ben@example.com")
    async with counter.world.database.writing() as db:
        db.add(RefreshToken(hash="h", session_id=ada.identity.session_id))
    number, staff = await asked(counter)
    assert await delete(counter, staff, number, "device family") == (201, "")
    assert {it.account_id for it in await counter.world.rows(Session)} == {ben.id}
    assert await counter.world.rows(RefreshToken) == []
    assert {it.device for it in of(await counter.world.rows(SecurityEvent), ada.id)} == {None}
    assert len([it for it in await counter.world.rows(Account) if it.email]) == 2


async def hold(
    counter: Counter, staff: dict[str, str], number: str, category: str, last_day: str
) -> None:
    """The staff sets a hold."""
    order = {
        "reason": "The order lies before us.",
        "ground": "Order 12/26 of the court of Lisbon",
        "categories": [category],
        "last_day": last_day,
    }
    path = f"/v1/support/requests/{number}/holds"
    assert (await counter.post(path, order, staff)).status_code == 201


async def test_what_a_hold_keeps_stays_until_the_last_that_keeps_it_is_over(counter: Counter):
    """Also one that was set later: an event can lose a value, a sign-in goes whole or not."""
    ada = await counter.owner_of(ADA)
    number, staff = await asked(counter)
    today = counter.world.clock.now()
    days = [(today + timedelta(days=it)).date().isoformat() for it in (2, 9)]
    await hold(counter, staff, number, "device family", days[0])
    both = ("device family", "IP prefix, /24 or /48")
    assert await delete(counter, staff, number, *both) == (201, "")
    await hold(counter, staff, number, "account use", days[1])
    for day, devices, sessions in ((0, True, 1), (3, False, 1), (10, False, 0)):
        async with counter.world.database.writing() as db:
            await end_what_is_over(db, today + timedelta(days=day))
        events = of(await counter.world.rows(SecurityEvent), ada.id)
        assert {it.network for it in events if it.kind != "data_held"} == {None}
        assert any(it.device for it in events) is devices
        assert len(await counter.world.rows(Session)) == sessions


@pytest.mark.parametrize(
    "categories",
    [(), ("e-mail address",), ("acceptance of the policy",), ("account use",), ("no such thing",)],
)
async def test_what_the_account_needs_or_a_law_keeps_is_not_deleted_so(
    counter: Counter, categories: tuple[str, ...]
):
    await counter.owner_of(ADA)
    number, staff = await asked(counter)
    assert await delete(counter, staff, number, *categories) == (422, "invalid_request")


def test_some_categories_can_go():
    assert {
        "device family",
        "IP prefix, /24 or /48",
        "town of a camera",
    } <= categories_that_can_go()
