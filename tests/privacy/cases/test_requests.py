"""Somebody asks, without an account or with one; nobody learns who is known to us."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from server.accounts.tables import Account
from server.foundation.vault.subject_keys import SubjectKey
from server.privacy.cases.forgetting import forget_unproven_cases
from server.privacy.cases.tables import PrivacyCase
from tests.privacy.cases.counter import ADA, Counter, code

RIGHTS = ("access", "correction", "deletion", "cancellation")
WORDS = ("question", "comment", "suggestion", "complaint", "feedback")
NUMBER = re.compile(r"PR-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")
CONTACTS = (
    {"kind": "email", "value": ADA},
    {"kind": "phone", "value": "+351 21 000 000"},
    {"kind": "elsewhere", "value": "@ada at the birds' place"},
    {"kind": "post", "value": "Rua 1\nLisboa"},
)


def shape(told: dict[str, Any]) -> dict[str, Any]:
    """An answer without what chance and time put into it."""
    return {name: value if value is None else type(value) for name, value in told.items()}


async def test_a_request_is_proven_by_a_code_and_followed_by_a_token(counter: Counter):
    asked = await counter.asked()
    assert asked["followed"] is None
    assert asked["prove_until"] == "2026-11-26T08:00:00Z"
    (letter,) = counter.letters()
    assert f"https://app.secuhome.example/app/#/requests/prove/{asked['request_id']}" in letter
    proof = await counter.prove(asked["request_id"], counter.code_for())
    assert proof.status_code == 201
    assert proof.headers["cache-control"] == "no-store"
    told = proof.json()
    assert NUMBER.fullmatch(told["number"])
    assert told["due_on"] == "2026-12-18"  # two holidays in Portugal before that
    receipt = counter.letters()[-1]
    assert told["number"] in receipt
    assert "18 December 2026" in receipt
    assert f"/app/#/requests/{told['number']}/{told['token']}" in receipt
    shown = await counter.follow(told)
    assert shown.json() == {
        "number": told["number"],
        "kind": "access",
        "ground": None,
        "state": "open",
        "message": "Send me all.",
        "received_on": "2026-11-25",
        "due_on": "2026-12-18",
        "closed_at": None,
        "answer": None,
        "opened": [],
        "done": [],
        "copy_until": None,
    }


@pytest.mark.parametrize("kind", RIGHTS)
async def test_whether_an_address_is_known_can_not_be_told(counter: Counter, kind: str):
    ben = await counter.owner_of("ben@example.com")
    known = await counter.ask(kind=kind, contact={"kind": "email", "value": "ben@example.com"})
    unknown = await counter.ask(kind=kind)
    assert known.status_code == unknown.status_code == 202
    assert shape(known.json()) == shape(unknown.json())
    texts = (counter.letters("ben@example.com")[0], counter.letters()[0])
    code_and_id = re.compile(r"\d{6}|cas_[a-z0-9_]+")
    assert code_and_id.sub("", texts[0]) == code_and_id.sub("", texts[1])
    assert "request_made" not in {it["kind"] for it in await counter.world.history(ben)}


async def test_an_unproven_request_is_nobodys_case(counter: Counter):
    staff = await counter.staff()
    await counter.asked()
    case = await counter.case()
    assert (await counter.due(staff))["requests"] == []
    assert code(await counter.open(staff, case.number)) == (404, "unknown_request")
    assert case.account_id is None


async def test_the_clock_runs_from_the_receipt_and_not_from_the_proof(counter: Counter):
    asked = await counter.asked()
    counter.world.clock.advance(hours=23)
    told = (await counter.prove(asked["request_id"], counter.code_for())).json()
    assert told["due_on"] == "2026-12-18"


async def test_wrong_codes_and_late_ones_and_strange_ids_are_refused(counter: Counter):
    asked = await counter.asked()
    right = counter.code_for()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        answer = await counter.prove(asked["request_id"], wrong)
        assert code(answer) == (422, "wrong_code")
        assert ADA not in answer.text
    used_up = await counter.prove(asked["request_id"], right)
    late = await counter.asked()
    counter.world.clock.advance(days=1)
    expired = await counter.prove(late["request_id"], counter.code_for())
    never = await counter.prove("cas_eu1_0000", right)
    told = [it.json() | {"request_id": ""} for it in (used_up, expired, never)]
    assert told[0] == told[1] == told[2]
    assert code(never) == (410, "request_proof_over")


async def test_a_code_works_once_also_for_two_at_once(counter: Counter):
    asked = await counter.asked()
    right = counter.code_for()
    await counter.world.connections_at_hand()
    answers = await asyncio.gather(*(counter.prove(asked["request_id"], right) for _ in range(3)))
    assert sorted(it.status_code for it in answers) == [201, 410, 410]
    told = next(it.json() for it in answers if it.status_code == 201)
    assert (await counter.follow(told)).status_code == 200


async def test_the_code_goes_to_the_address_concerned_and_to_nobody_else(counter: Counter):
    """Who asks with another's address has nothing of it: the other one reads the letter."""
    ben = await counter.owner_of("ben@example.com")
    asked = await counter.asked(contact={"kind": "email", "value": "ben@example.com"})
    assert counter.letters() == []
    assert code(await counter.prove(asked["request_id"], "000000"))[0] == 422
    assert (await counter.world.ask("GET", "/v1/account/requests", ben.headers)).json() == {
        "requests": []
    }


async def test_a_proven_address_finds_its_account_and_the_owner_reads_of_it(counter: Counter):
    ben = await counter.owner_of("ben@example.com")
    counter.world.clock.advance(seconds=1)
    told = await counter.proven(
        "ben@example.com", kind="correction"
    )  # nothing else happens by itself
    newest = (await counter.world.history(ben))[0]
    assert newest["text"] == f"Made the request {told['number']}"
    own = (await counter.world.ask("GET", "/v1/account/requests", ben.headers)).json()["requests"]
    assert [it["number"] for it in own] == [told["number"]]


async def test_a_number_opens_nothing_and_a_token_only_its_own(counter: Counter):
    one, other = await counter.proven(), await counter.proven("cleo@example.com")
    for change in (
        {"token": other["token"]},
        {"token": "x"},
        {"token": ""},
        {"number": "PR-0000-0000"},
    ):
        answer = await counter.follow(one, **change)
        assert code(answer) == (404, "unknown_request"), change
    bare = await counter.world.ask("GET", f"/v1/privacy/requests/{one['number']}")
    assert code(bare) == (404, "unknown_request")
    heard = one["number"].lower().replace("-", "").replace("pr", "pr-")
    assert (await counter.follow(one, number=heard)).status_code == 200


@pytest.mark.parametrize("kind", WORDS)
async def test_words_need_no_proof_and_are_numbered_at_once(counter: Counter, kind: str):
    for contact in CONTACTS:
        told = (await counter.asked(kind=kind, contact=contact))["followed"]
        shown = (await counter.follow(told)).json()
        assert (shown["kind"], shown["state"], shown["due_on"]) == (kind, "open", "2026-12-18")
    (receipt,) = counter.letters()  # of the one that gave an address
    assert "no answer" in receipt


BAD: tuple[dict[str, object], ...] = (
    {"contact": None},
    {"contact": {"kind": "phone", "value": "+351 21 000 000"}},  # where would the code go?
    {"contact": {"kind": "email", "value": "ada"}},
    {"contact": {"kind": "app", "value": "x"}},
    {"kind": "question", "contact": {"kind": "phone", "value": "ring me"}},
    {"kind": "unclear"},
    {"kind": "everything"},
    {"region": "XX"},
    {"region": "pt"},
    {"message": ""},
    {"message": "x" * 4001},
    {"message": "\x07"},
    {"account_id": "acc_eu1_x"},
)


@pytest.mark.parametrize("change", BAD, ids=str)
async def test_what_can_not_be_a_request_is_refused(counter: Counter, change: dict[str, object]):
    answer = await counter.ask(**change)
    assert code(answer) == (422, "invalid_request")
    assert await counter.world.rows(PrivacyCase) == []
    assert counter.letters() == []


async def test_strangers_are_slowed_down_per_network_and_per_mailbox(counter: Counter):
    answers = [(await counter.ask(kind="question")).status_code for _ in range(11)]
    assert answers == [202] * 10 + [429]
    others = [
        (await counter.ask(kind="comment", contact=CONTACTS[1])).status_code for _ in range(20)
    ]
    assert others == [202] * 19 + [429]
    codes = [(await counter.prove("cas_eu1_0000", "000000")).status_code for _ in range(31)]
    assert codes == [410] * 30 + [429]


async def test_an_owner_needs_no_code_and_no_contact(counter: Counter):
    ada = await counter.world.person(accepted=False)  # a right doesn't wait for an acceptance
    body = {"kind": "deletion", "region": "DE", "message": "The pictures of May."}
    made = await counter.post("/v1/account/requests", body, ada.headers)
    assert made.status_code == 201
    own = (await counter.world.ask("GET", "/v1/account/requests", ada.headers)).json()["requests"]
    assert [(it["number"], it["state"]) for it in own] == [(made.json()["number"], "open")]
    assert (await counter.follow(made.json())).status_code == 200
    ben = await counter.world.person()
    others = (await counter.world.ask("GET", "/v1/account/requests", ben.headers)).json()
    assert others == {"requests": []}
    assert (await counter.world.history(ada))[0]["kind"] == "request_made"


async def test_own_requests_are_for_owners(counter: Counter):
    staff = await counter.staff()
    body = {"kind": "access", "region": "DE", "message": "All."}
    assert code(await counter.post("/v1/account/requests", body))[0] == 401
    assert code(await counter.post("/v1/account/requests", body, staff))[0] == 403
    assert (await counter.world.ask("GET", "/v1/account/requests")).status_code == 401


async def test_a_contact_never_enters_the_profile(counter: Counter):
    ada = await counter.owner_of(ADA)
    before = (await counter.world.ask("GET", "/v1/account", ada.headers)).json()
    contact = {"kind": "phone", "value": "+351 21 000 000"}
    body = {"kind": "feedback", "region": "PT", "message": "No picture.", "contact": contact}
    await counter.post("/v1/account/requests", body, ada.headers)
    assert (await counter.world.ask("GET", "/v1/account", ada.headers)).json() == before
    assert len(await counter.world.rows(Account)) == 1


async def test_what_was_written_is_in_the_raw_database_nowhere(counter: Counter):
    canaries = ("canary-message", "canary@example.com", "canary-reply", "canary-reason")
    told = await counter.proven(canaries[1], message=canaries[0])
    staff = await counter.staff()
    await counter.open(staff, told["number"], f"{canaries[3]} {canaries[3]}")
    await counter.answer(staff, told["number"], reply=canaries[2])
    seen: list[str] = []
    async with counter.world.database.engine.connect() as connection:
        for table in ("privacy_case", "case_opening", "security_event", "subject_key"):
            rows = await connection.exec_driver_sql(f"SELECT * FROM {table}")
            seen += [repr(tuple(row)) for row in rows]
    assert len(seen) > 3
    assert not [canary for canary in canaries if canary in "".join(seen)]
    assert (await counter.follow(told)).json()["answer"]["reply"] == canaries[2]


async def test_what_nobody_proves_is_gone_with_its_key(counter: Counter):
    await counter.asked()
    assert len(await counter.world.rows(SubjectKey)) == 1
    for passed, left in ((timedelta(hours=23), 1), (timedelta(hours=1), 0)):
        counter.world.clock.advance(seconds=passed.total_seconds())
        async with counter.world.database.writing() as db:
            await forget_unproven_cases(db, counter.world.clock.now())
        assert len(await counter.world.rows(PrivacyCase)) == left
        assert len(await counter.world.rows(SubjectKey)) == left
