"""Somebody who can't sign in any more asks us to end the account, and it ends."""

import asyncio
from typing import Any

import pytest

from server.accounts.tables import Account
from server.privacy.acts.tables import CaseAct
from server.privacy.cases.tables import PrivacyCase
from server.privacy.erasure.counting import Counted
from server.privacy.erasure.tables import Erasure, Tombstone
from tests.privacy.cases.counter import ADA, Counter, code

CHILD = "child@example.com"
WHY = "The address was proven, and the account is theirs."
SEEN = "A birth certificate, shown at the counter."


async def act(
    counter: Counter, staff: dict[str, str], number: str, **change: Any
) -> tuple[int, str]:
    """The staff acts; the status, and the code of a refusal."""
    body = {"act": "cancel", "reason": WHY} | change
    answer = await counter.post(f"/v1/support/requests/{number}/acts", body, staff)
    return answer.status_code, answer.json().get("code", "")


async def opened(counter: Counter, number: str) -> dict[str, str]:
    """Somebody on the staff who has opened the request."""
    staff = await counter.staff()
    assert (await counter.open(staff, number)).status_code == 201
    return staff


async def erased(counter: Counter) -> set[str]:
    """The ids of the accounts that were erased by the end of their grace."""
    counter.world.clock.advance(days=7)
    await counter.world.house.erasures.run_due()
    return {it.account_id for it in await counter.world.rows(Tombstone)}


async def test_with_the_proof_alone_the_account_is_cancelled_and_then_erased(counter: Counter):
    ada, ben = await counter.owner_of(ADA), await counter.owner_of("ben@example.com")
    await counter.proven(kind="cancellation")
    me = await counter.world.ask("GET", "/v1/account", ada.headers)
    assert code(me) == (401, "bad_token")  # signed out everywhere
    assert any("/erasures/era_" in it for it in counter.letters())
    (done,) = await counter.world.rows(CaseAct)
    assert (done.account_id, done.act, done.staff_id) == (ada.id, "cancel", None)
    assert await erased(counter) == {ada.id}
    assert (await counter.me(ben)).status_code == 200
    (case,) = await counter.world.rows(PrivacyCase)
    assert (case.state, case.contact) == ("open", None)  # a person still owes the answer
    (erasure,) = await counter.world.rows(Erasure)
    kept = [it for it in Counted.read(erasure.counted).kept if it.table == "privacy_case"]
    assert {it.until for it in kept} == {None}  # since its answer, which is to come


async def test_before_the_proof_nothing_happens(counter: Counter):
    ada = await counter.owner_of(ADA)
    asked = await counter.asked(kind="cancellation")
    assert code(await counter.prove(asked["request_id"], "000000"))[0] == 422
    assert (await counter.world.ask("GET", "/v1/account", ada.headers)).status_code == 200
    assert await counter.world.rows(Erasure) == await counter.world.rows(CaseAct) == []


async def test_two_proofs_at_once_are_one_erasure(counter: Counter):
    await counter.owner_of(ADA)
    asks = [await counter.asked(kind="cancellation") for _ in range(2)]
    codes = [it.split("\n\n    ")[2].split("\n")[0] for it in counter.letters()]
    await counter.world.connections_at_hand()
    answers = await asyncio.gather(
        *(counter.prove(it["request_id"], typed) for it, typed in zip(asks, codes, strict=True))
    )
    assert [it.status_code for it in answers] == [201, 201]
    assert len(await counter.world.rows(Erasure)) == 1
    assert len(await erased(counter)) == 1


async def test_an_address_without_an_account_ends_nothing(counter: Counter):
    await counter.owner_of("ben@example.com")
    told = await counter.proven(kind="cancellation")
    assert await counter.world.rows(Erasure) == []
    staff = await opened(counter, told["number"])
    assert await act(counter, staff, told["number"]) == (409, "nothing_to_act_on")


async def test_who_asks_from_the_app_is_left_to_the_staff(counter: Counter):
    """A phone that was found unlocked must not be enough; in the app it takes the password."""
    ada = await counter.owner_of(ADA)
    wish = {"kind": "cancellation", "region": "PT", "message": "End it."}
    told = (await counter.post("/v1/account/requests", wish, ada.headers)).json()
    assert await counter.world.rows(Erasure) == []
    staff = await opened(counter, told["number"])
    assert await act(counter, staff, told["number"]) == (201, "")
    assert await act(counter, staff, told["number"]) == (201, "")  # changes nothing more
    assert await erased(counter) == {ada.id}


@pytest.mark.parametrize("kind", ["access", "complaint"])
async def test_nothing_is_ended_that_nobody_asked_to_end(counter: Counter, kind: str):
    ada = await counter.owner_of(ADA)
    wish = {"kind": kind, "region": "PT", "message": "Where is it?"}
    told = (await counter.post("/v1/account/requests", wish, ada.headers)).json()
    staff = await opened(counter, told["number"])
    assert await act(counter, staff, told["number"]) == (422, "invalid_request")


async def test_the_staff_acts_only_on_what_it_has_opened_with_a_reason(counter: Counter):
    await counter.owner_of(ADA)
    told = await counter.proven(kind="deletion")
    number, staff = told["number"], await counter.staff()
    assert await act(counter, staff, number) == (403, "request_not_opened")
    await counter.open(staff, number)
    assert await act(counter, staff, number, reason="why") == (422, "invalid_request")
    assert await act(counter, {}, number) == (401, "bad_token")
    assert await counter.world.rows(CaseAct) == []
    await counter.answer(staff, number)
    assert await act(counter, staff, number) == (409, "request_closed")


async def test_the_owner_reads_who_cancelled_and_may_take_it_back(counter: Counter):
    ada = await counter.owner_of(ADA)
    told = await counter.proven(kind="deletion")
    assert await act(counter, await opened(counter, told["number"]), told["number"]) == (201, "")
    async with counter.world.database.writing() as db:  # as a sign-in with take_back does
        (await db.get_one(Account, ada.id)).ends_at = None
    anew = await counter.sign_in_again(ada)
    events = {it["kind"]: it["text"] for it in await counter.world.history(anew)}
    assert (
        events["account_cancelled_by_staff"]
        == f"Support cancelled this account upon {told['number']}"
    )
    assert await erased(counter) == set()


async def test_a_guardians_request_ends_neither_account_before_the_staff_saw_a_proof(
    counter: Counter,
):
    guardian, child = await counter.owner_of(ADA), await counter.owner_of(CHILD)
    told = await counter.proven(kind="cancellation", on_behalf_of="child")
    number = told["number"]
    assert await counter.world.rows(Erasure) == []
    staff = await opened(counter, number)
    assert await act(counter, staff, number) == (422, "invalid_request")
    assert (await act(counter, staff, number, concerning=CHILD))[0] == 422
    assert (await act(counter, staff, number, proof_seen=SEEN))[0] == 422
    unknown = {"concerning": "nobody@example.com", "proof_seen": SEEN}
    assert await act(counter, staff, number, **unknown) == (409, "nothing_to_act_on")
    known = {"concerning": CHILD, "proof_seen": SEEN}
    assert await act(counter, staff, number, **known) == (201, "")
    assert await erased(counter) == {child.id}
    assert (await counter.me(guardian)).status_code == 200


async def test_who_asks_for_themselves_can_not_have_somebody_elses_account_ended(counter: Counter):
    await counter.owner_of(ADA)
    await counter.owner_of(CHILD)
    told = await counter.proven(kind="deletion")
    staff = await opened(counter, told["number"])
    other = {"concerning": CHILD, "proof_seen": SEEN}
    assert await act(counter, staff, told["number"], **other) == (422, "invalid_request")
    assert await counter.world.rows(Erasure) == []


async def test_an_unproven_letter_ends_nothing(counter: Counter):
    staff = await counter.staff()
    entered = (await counter.enter(staff, kind="cancellation")).json()
    await counter.open(staff, entered["number"])
    assert await act(counter, staff, entered["number"]) == (409, "identity_not_proven")
