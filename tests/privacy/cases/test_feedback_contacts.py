"""The contact given with feedback is for the answer: sealed, told to few, then gone."""

from typing import Any

from server.privacy.cases.tables import CONTACT_KEPT, PrivacyCase
from server.privacy.retention import end_what_is_over
from tests.privacy.archives import Archive
from tests.privacy.cases.counter import ADA, Counter, code
from tests.raw_bytes import bytes_of, found_in
from tests.registry.world import Person

PHONE = "+351 21 909 808 707"
SOLVED = {"cause": "A firmware fault.", "resolution": "Fixed in 1.4.2."}


async def told_us(counter: Counter, person: Person, contact: str) -> str:
    """The number of a feedback with a phone number for the answer."""
    wish = {
        "kind": "feedback",
        "region": "PT",
        "message": "No picture.",
        "contact": {"kind": "phone", "value": contact},
    }
    return (await counter.post("/v1/account/requests", wish, person.headers)).json()["number"]


async def exported(counter: Counter, person: Person) -> str:
    """The person's export."""
    again = await counter.sign_in_again(person)  # an export asks for a fresh one
    answer = await counter.world.ask("POST", "/v1/privacy/export", again.headers, json={})
    return Archive.of(answer.content).data_text


async def test_it_is_sealed_stays_out_of_the_profile_and_goes_when_its_term_is_over(
    counter: Counter,
):
    ada = await counter.owner_of(ADA)
    profile: dict[str, Any] = (await counter.me(ada)).json()
    number = await told_us(counter, ada, PHONE)
    assert found_in(await bytes_of(counter.world.database), {PHONE}) == set()
    assert (await counter.me(ada)).json() == profile
    assert PHONE in await exported(counter, ada)
    staff = await counter.staff()
    await counter.open(staff, number)
    assert (await counter.answer(staff, number, **SOLVED)).status_code == 204
    for early, there in ((1, True), (0, False)):
        clock = counter.world.clock
        clock.advance(seconds=CONTACT_KEPT.total_seconds() - 1 if early else 1)
        async with counter.world.database.writing() as db:
            await end_what_is_over(db, clock.now())
        assert [it.contact for it in await counter.world.rows(PrivacyCase)] == [
            PHONE if there else None
        ]
        assert (PHONE in await exported(counter, ada)) is there


async def test_it_is_shown_for_that_very_case_to_who_opened_it_and_the_owner_reads_of_it(
    counter: Counter,
):
    ada, ben = await counter.owner_of(ADA), await counter.owner_of("ben@example.com")
    camera = await counter.world.camera()
    number, other = await told_us(counter, ada, PHONE), await told_us(counter, ben, "+351 1 2345")
    staff = await counter.staff()
    assert PHONE not in str(await counter.due(staff))
    assert PHONE not in (await counter.open(staff, other)).text
    for caller in (ben.headers, ada.headers, camera.headers):
        assert code(await counter.open(caller, number)) == (403, "wrong_kind_of_caller")
    assert "request_opened" not in {it["kind"] for it in await counter.world.history(ada)}
    assert (await counter.open(staff, number)).json()["contact"]["value"] == PHONE
    assert "request_opened" in {it["kind"] for it in await counter.world.history(ada)}
