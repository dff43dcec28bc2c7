"""A law makes us keep something for a time: it stays, alone, and goes when that time is over."""

from datetime import date, timedelta
from typing import Any

import jwt
import pytest

from server.accounts.tables import Session
from server.foundation.labels import days
from server.foundation.vault.faults import CannotOpen
from server.foundation.vault.subject_keys import SubjectKey
from server.privacy.cases.tables import PrivacyCase
from server.privacy.erasure.tables import Erasure, LegalHold, LockedData, Tombstone
from server.privacy.legal_limits import LegalLimits, Limit
from server.privacy.retention import end_what_is_over
from server.security.events import SecurityEvent
from tests.privacy.cases.counter import ADA, Counter
from tests.privacy.opening_locked import opened
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


async def test_what_is_held_is_locked_away_alone_is_told_and_goes_on_the_day(counter: Counter):
    ada, staff, number = await ordered(counter)
    assert await hold(counter, staff, number, concerning=ADA) == (201, "")
    assert "data_held" in {it["kind"] for it in await counter.world.history(ada)}
    told = await cancelled(counter)
    assert (told["state"], told["held_until"]) == ("done", "2027-07-01T00:00:00Z")
    certificate = told["certificate"]
    assert certificate["key_destroyed"] is True
    held = [it for it in certificate["kept"] if it["held"]]
    assert {(it["ground"], it["until"]) for it in held} == {(GROUND, "2027-06-30")}
    fields = {"session": ["session.device"], "security_event": ["security_event.device"]}
    assert {it["table"]: it["fields"] for it in held} == fields
    gone = {it["category"]: it["count"] for it in certificate["destroyed"]}
    assert "device family" not in gone  # it is not, yet
    for table in (Session, SecurityEvent, LegalHold):
        assert await counter.world.rows(table) == []
    (tombstone,) = await counter.world.rows(Tombstone)
    assert tombstone.account_id not in {it.id for it in await counter.world.rows(SubjectKey)}
    assert (await counter.me(ada)).status_code == 401  # closed to every other use
    await _opens_for_its_law_alone(counter)
    await _on_the_day(counter)


async def _opens_for_its_law_alone(counter: Counter) -> None:
    locked = await counter.world.rows(LockedData)
    assert {it.category for it in locked} == {"device family"}
    for it in locked:
        assert b"Chrome" not in it.content
        told = {one["device"] for one in await opened(counter.world, it.id, GROUND)}
        assert told in ({"Chrome on Android"}, {"Unknown"})
        for other in ("", "Order 12/27 of the court of Lisbon", "to improve the service"):
            with pytest.raises(CannotOpen):
                await opened(counter.world, it.id, other)


async def _on_the_day(counter: Counter) -> None:
    clock, world = counter.world.clock, counter.world
    clock.advance(days=(LAST_DAY - clock.now().date()).days)
    await retain(counter)
    locked = {it.id for it in await world.rows(LockedData)}
    assert len(locked) == 2
    assert locked <= {it.id for it in await world.rows(SubjectKey)}
    clock.advance(days=1)
    await retain(counter)
    assert await world.rows(LockedData) == []
    assert not locked & {it.id for it in await world.rows(SubjectKey)}


async def retain(counter: Counter) -> None:
    """What the server does every hour."""
    async with counter.world.database.writing() as db:
        await end_what_is_over(db, counter.world.clock.now())


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


async def test_what_is_locked_goes_earlier_when_its_hold_is_shortened_and_never_later(
    counter: Counter,
):
    _, staff, number = await ordered(counter)
    await hold(counter, staff, number, concerning=ADA)
    assert (await cancelled(counter))["state"] == "done"
    (own,) = [it for it in await counter.world.rows(PrivacyCase) if it.account_id]
    staff = await counter.staff_again()
    assert await hold(counter, staff, own.number) == (403, "request_not_opened")
    await counter.open(staff, own.number)
    assert await hold(counter, staff, own.number, categories=["password, hashed"]) == (
        409,
        "nothing_to_act_on",
    )
    today = counter.world.clock.now().date().isoformat()
    for day in (today, LAST_DAY.isoformat()):
        assert await hold(counter, staff, own.number, last_day=day) == (201, "")
    counter.world.clock.advance(days=1)
    await retain(counter)
    assert await counter.world.rows(LockedData) == []


async def test_what_a_law_keeps_of_somebody_erased_is_not_shortened_by_us(counter: Counter):
    demanded = Limit("eu", "Some Act, s. 7", None, frozenset({"device family"}), least=days(90))
    counter.world.database.limits = LegalLimits([demanded], "eu")
    await counter.owner_of(ADA)
    await counter.staff()
    assert (await cancelled(counter))["state"] == "done"
    locked = {it.id: it.until for it in await counter.world.rows(LockedData)}
    assert locked
    (own,) = [it for it in await counter.world.rows(PrivacyCase) if it.account_id]
    staff = await counter.staff_again()
    await counter.open(staff, own.number)
    today = counter.world.clock.now().date().isoformat()
    answer = await hold(counter, staff, own.number, last_day=today)
    assert answer == (409, "nothing_to_act_on")
    assert {it.id: it.until for it in await counter.world.rows(LockedData)} == locked


@pytest.mark.parametrize(
    "change",
    [
        {"categories": ["no such thing"]},
        {"categories": []},
        {"last_day": "2026-11-24"},
        {"last_day": "2096-11-24"},
        {"ground": ""},
        {"ground": "some law or other"},
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
