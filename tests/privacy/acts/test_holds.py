"""A law makes us keep something for a time: it stays, alone, and goes when that time is over."""

from datetime import date, timedelta
from typing import Any

import jwt
import pytest

from server.accounts.tables import Account, Session
from server.foundation.vault.subject_keys import SubjectKey
from server.privacy.cases.tables import PrivacyCase
from server.privacy.erasure.tables import Erasure, LegalHold, Tombstone
from server.privacy.retention import end_what_is_over
from server.security.events import SecurityEvent
from tests.privacy.cases.counter import ADA, Counter
from tests.registry.world import Person

GROUND = "Order 12/26 of the court of Lisbon"
LAST_DAY = date(2027, 6, 30)
WHY = "The order lies before us in writing."


async def hold(
    counter: Counter, staff: dict[str, str], number: str, **change: Any
) -> tuple[int, str]:
    """The staff sets a hold; the status, and the code of a refusal."""
    body = {
        "reason": WHY,
        "ground": GROUND,
        "categories": ["device family"],
        "last_day": LAST_DAY.isoformat(),
    }
    path = f"/v1/support/requests/{number}/holds"
    answer = await counter.post(path, body | change, staff)
    return answer.status_code, answer.json().get("code", "")


async def ordered(counter: Counter) -> tuple[Person, dict[str, str], str]:
    """Ada, the staff, and the number under which a court's letter about her was entered."""
    ada, staff = await counter.owner_of(ADA), await counter.staff()
    entered = (await counter.enter(staff, kind="question")).json()
    await counter.open(staff, entered["number"])
    return ada, staff, entered["number"]


async def cancelled(counter: Counter) -> dict[str, Any]:
    """Ada's account is cancelled by request, and its grace is over: how the erasure stands."""
    await counter.proven(kind="cancellation")
    counter.world.clock.advance(days=7)
    await counter.world.house.erasures.run_due()
    return await stands(counter)


async def stands(counter: Counter) -> dict[str, Any]:
    """How the only erasure stands, with what its certificate says."""
    (erasure,) = await counter.world.rows(Erasure)
    told = (await counter.world.ask("GET", f"/v1/erasures/{erasure.id}")).json()
    if told["certificate"] is not None:
        unverified = jwt.decode(told["certificate"], options={"verify_signature": False})
        told["certificate"] = unverified
    return told


async def test_what_is_held_stays_alone_is_told_and_goes_on_the_day(counter: Counter):
    ada, staff, number = await ordered(counter)
    assert await hold(counter, staff, number, concerning=ADA) == (201, "")
    assert "data_held" in {it["kind"] for it in await counter.world.history(ada)}
    told = await cancelled(counter)
    assert (told["state"], told["held_until"]) == ("held", "2027-07-01T00:00:00Z")
    certificate = told["certificate"]
    assert (certificate["key_destroyed"], certificate["finished_at"]) == (False, None)
    held = [it for it in certificate["kept"] if it["held"]]
    assert {(it["ground"], it["until"]) for it in held} == {(GROUND, "2027-06-30")}
    assert {"session", "security_event", "legal_hold"} == {it["table"] for it in held}
    (account,) = await counter.world.rows(Account)
    assert (account.email, account.email_index, account.area) == (None, None, None)
    (session,) = await counter.world.rows(Session)
    assert session.device == "Chrome on Android"
    events = await counter.world.rows(SecurityEvent)
    assert {it.network for it in events} == {it.about for it in events} == {None}
    assert (await counter.me(ada)).status_code == 401  # closed to every other use
    await _on_the_day(counter)


async def _on_the_day(counter: Counter) -> None:
    clock, house = counter.world.clock, counter.world.house
    clock.advance(days=(LAST_DAY - clock.now().date()).days)
    await house.erasures.run_due()
    assert (await stands(counter))["state"] == "held"
    assert len(await counter.world.rows(Session)) == 1
    clock.advance(days=1)
    await house.erasures.run_due()
    told = await stands(counter)
    assert (told["state"], told["held_until"]) == ("done", None)
    assert told["certificate"]["key_destroyed"] is True
    assert [it for it in told["certificate"]["kept"] if it["held"]] == []
    for table in (Session, SecurityEvent, LegalHold):
        assert await counter.world.rows(table) == []
    (tombstone,) = await counter.world.rows(Tombstone)
    assert tombstone.account_id not in {it.id for it in await counter.world.rows(SubjectKey)}


async def test_a_hold_outlasts_the_terms_of_what_it_holds(counter: Counter):
    _, staff, number = await ordered(counter)
    await counter.owner_of("ben@example.com")
    assert await hold(counter, staff, number, concerning=ADA) == (201, "")
    async with counter.world.database.writing() as db:
        for session in await counter.world.rows(Session):
            (await db.get_one(Session, session.id)).expires_at = counter.world.clock.now()
    for moment, left in (
        (counter.world.clock.now() + timedelta(days=200), 1),  # Ben's are over
        (counter.world.clock.now().replace(year=2027, month=7, day=1, hour=0), 0),
    ):
        async with counter.world.database.writing() as db:
            await end_what_is_over(db, moment)
        assert len(await counter.world.rows(Session)) == left
        assert len({it.account_id for it in await counter.world.rows(SecurityEvent)}) == left


async def test_a_hold_that_is_shortened_lets_the_erasure_go_on(counter: Counter):
    _, staff, number = await ordered(counter)
    await hold(counter, staff, number, concerning=ADA)
    assert (await cancelled(counter))["state"] == "held"
    (own,) = [it for it in await counter.world.rows(PrivacyCase) if it.account_id]
    staff = await counter.staff_again()
    assert await hold(counter, staff, own.number) == (403, "request_not_opened")
    await counter.open(staff, own.number)
    today = counter.world.clock.now().date().isoformat()
    assert await hold(counter, staff, own.number, last_day=today) == (201, "")
    counter.world.clock.advance(days=1)
    await counter.world.house.erasures.run_due()
    assert (await stands(counter))["state"] == "done"


@pytest.mark.parametrize(
    "change",
    [
        {"categories": ["no such thing"]},
        {"categories": []},
        {"last_day": "2026-11-24"},
        {"last_day": "2096-11-24"},
        {"ground": ""},
        {"reason": "why"},
    ],
)
async def test_a_hold_without_ground_end_or_object_is_refused(
    counter: Counter, change: dict[str, Any]
):
    _, staff, number = await ordered(counter)
    refused = await hold(counter, staff, number, concerning=ADA, **change)
    assert refused == (422, "invalid_request")
    assert await counter.world.rows(LegalHold) == []


async def test_nobody_is_held_who_is_not_there_or_is_gone(counter: Counter):
    _, staff, number = await ordered(counter)
    assert await hold(counter, staff, number) == (409, "nothing_to_act_on")
    assert await hold(counter, staff, number, concerning="x@example.com") == (
        409,
        "nothing_to_act_on",
    )
    assert (await cancelled(counter))["state"] == "done"
    staff = await counter.staff_again()
    await counter.open(staff, number)
    assert await hold(counter, staff, number, concerning=ADA) == (409, "nothing_to_act_on")
