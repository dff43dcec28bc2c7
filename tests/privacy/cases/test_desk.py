"""The staff at work: what is due, who opens what, and what an answer must hold."""

import asyncio
from typing import Any

import aiosmtplib
import pytest

from server.foundation.mail import Letter
from server.privacy.cases.calendars import calendar_of
from server.privacy.cases.remedy_rules import BODIES, proposed
from server.privacy.cases.tables import CaseOpening, PrivacyCase
from tests.privacy.cases.counter import ADA, REFUSAL, REMEDIES, WHY_NOT, Counter, code

FEEDBACK = {"kind": "feedback", "message": "No picture at night."}
GOOD = {"cause": "A firmware fault.", "resolution": "Fixed in 1.4.2.", "reply": "Please update."}


async def opened(counter: Counter, told: dict[str, Any]) -> dict[str, str]:
    """Somebody on the staff who has opened this request."""
    staff = await counter.staff()
    assert (await counter.open(staff, told["number"])).status_code == 201
    return staff


async def test_the_list_shows_the_nearest_date_first_and_nothing_of_who_asks(counter: Counter):
    staff = await counter.staff()
    late = (await counter.asked(kind="question"))["followed"]
    soon = await counter.proven(kind="cancellation")
    found = await counter.due(staff)
    assert found == {
        "requests": [
            {"number": soon["number"], "kind": "cancellation", "state": "open",
             "due_on": "2026-12-11", "stage": "later"},
            {"number": late["number"], "kind": "question", "state": "open",
             "due_on": "2026-12-18", "stage": "later"},
        ],
        "next": None,
    }  # fmt: skip


async def test_a_long_list_is_read_page_by_page(counter: Counter):
    staff = await counter.staff()
    contact = {"kind": "phone", "value": "+351 21 000 000"}
    for n in range(53):
        if n == 29:
            counter.world.clock.advance(minutes=1)
        await counter.asked(kind="comment", contact=contact)
    first = await counter.due(staff)
    rest = await counter.due(staff, first["next"])
    numbers = [it["number"] for it in first["requests"] + rest["requests"]]
    assert (len(first["requests"]), rest["next"], len(set(numbers))) == (50, None, 53)


async def test_a_case_is_opened_with_a_reason_and_whoever_asked_reads_of_it(counter: Counter):
    ada = await counter.owner_of(ADA)
    told = await counter.proven()
    counter.world.clock.advance(seconds=1)
    staff = await counter.staff()
    for reason in ("", "asked", "...............", None):
        assert code(await counter.open(staff, told["number"], reason))[0] == 422
    assert await counter.world.rows(CaseOpening) == []
    shown = await counter.open(staff, told["number"])
    assert shown.status_code == 201
    assert shown.headers["cache-control"] == "no-store"
    seen = shown.json()
    assert seen["contact"] == {"kind": "email", "value": ADA}
    assert (seen["message"], seen["proven"]) == ("Send me all.", True)
    assert "Comissão Nacional" in seen["remedies"]["authority"]
    newest = (await counter.world.history(ada))[0]
    assert newest["text"] == f"Support opened the request {told['number']}"
    assert (newest["place"], newest["network"]) == (None, None)
    assert (await counter.follow(told)).json()["opened"] == ["2026-11-25T08:00:01Z"]


async def test_if_the_opening_can_not_be_recorded_nothing_is_shown(counter: Counter):
    await counter.owner_of(ADA)
    told = await counter.proven()
    staff = await counter.staff()
    async with counter.world.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE security_event RENAME TO gone")
    answer = await counter.open(staff, told["number"])
    assert code(answer) == (500, "internal_fault")
    assert ADA not in answer.text
    assert await counter.world.rows(CaseOpening) == []


async def test_nobody_but_the_staff_sees_the_desk(counter: Counter):
    told, ada = await counter.proven(), await counter.world.person()
    camera = await counter.world.camera()
    number = told["number"]
    for method, path, body in (
        ("GET", "/v1/support/requests", None),
        ("POST", "/v1/support/requests", {}),
        ("POST", f"/v1/support/requests/{number}/openings", {"reason": "I am so curious"}),
        ("PUT", f"/v1/support/requests/{number}/kind", {"kind": "access"}),
        ("POST", f"/v1/support/requests/{number}/answer", {"outcome": "answered", "reply": "x"}),
    ):
        for headers in (ada.headers, camera.headers):
            answer = await counter.world.ask(method, path, headers, json=body)
            assert code(answer) == (403, "wrong_kind_of_caller"), path
        assert (await counter.world.ask(method, path, json=body)).status_code == 401
    assert (await counter.case()).state == "open"


async def test_only_who_opened_it_lately_answers(counter: Counter):
    told = await counter.proven()
    olga = await opened(counter, told)
    piet = await counter.staff("Piet")
    assert code(await counter.answer(piet, told["number"])) == (403, "request_not_opened")
    counter.world.clock.advance(hours=1)
    olga = await counter.staff_again()
    assert code(await counter.answer(olga, told["number"])) == (403, "request_not_opened")
    await counter.open(olga, told["number"])
    assert (await counter.answer(olga, told["number"])).status_code == 204


async def test_an_answer_closes_the_case_and_reaches_whoever_asked(counter: Counter):
    ada = await counter.owner_of(ADA)
    told = await counter.proven()
    staff = await opened(counter, told)
    counter.world.clock.advance(minutes=5)
    assert (await counter.answer(staff, told["number"])).status_code == 204
    shown = (await counter.follow(told)).json()
    assert (shown["state"], shown["closed_at"]) == ("answered", "2026-11-25T08:05:00Z")
    assert shown["answer"]["reply"] == "Here it is."
    assert "Here it is." in counter.letters()[-1]
    assert (await counter.due(staff))["requests"] == []
    assert (await counter.world.history(ada))[0][
        "text"
    ] == f"Support answered the request {told['number']}"
    assert code(await counter.answer(staff, told["number"])) == (409, "request_closed")


INCOMPLETE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"reason": None}, "reason"),
    ({"reason": " "}, "reason"),
    ({"remedies": None}, "remedies"),
    ({"remedies": {**REMEDIES, "review": "no"}}, "remedies.review"),
    ({"remedies": {**REMEDIES, "authority": "Ask the authority that is competent."}},
     "remedies.authority"),
    ({"remedies": {**REMEDIES, "court": "There are courts, you know."}}, "remedies.court"),
    ({"remedies": {"review": REMEDIES["review"]}}, "remedies.authority"),
    ({"reply": ""}, "reply"),
    ({"outcome": "forgotten"}, "outcome"),
)  # fmt: skip


async def test_no_refusal_without_reason_and_the_regions_own_remedies(counter: Counter):
    told = await counter.proven(kind="deletion")
    staff = await opened(counter, told)
    for outcome in ("refused", "partly"):
        for change, field in INCOMPLETE:
            answer = await counter.answer(
                staff, told["number"], **{**REFUSAL, "outcome": outcome, **change}
            )
            assert code(answer) == (422, "invalid_request"), change
            assert field in {it["field"] for it in answer.json()["errors"]}, change
    assert (await counter.case()).state == "open"
    assert (await counter.answer(staff, told["number"], **REFUSAL)).status_code == 204
    shown = (await counter.follow(told)).json()
    assert (shown["state"], shown["answer"]["remedies"]) == ("refused", REMEDIES)
    letter = counter.letters()[-1]
    assert all(text in letter.replace("\n", " ") for text in (*REMEDIES.values(), WHY_NOT))


@pytest.mark.parametrize("region", ["DE", "CN", "US", "GB", "BR", "JP"])
async def test_a_refusal_names_the_bodies_of_its_region(counter: Counter, region: str):
    told = await counter.proven(region=region)
    staff = await counter.staff()
    remedies = (await counter.open(staff, told["number"])).json()["remedies"]
    assert BODIES[region].authority in remedies["authority"]
    await counter.answer(staff, told["number"], **{**REFUSAL, "remedies": remedies})
    letter = " ".join(counter.letters()[-1].split())
    assert BODIES[region].authority in letter
    assert BODIES[region].court in letter


def test_where_we_know_no_body_somebody_has_to_find_out():
    assert (proposed("AQ").authority, proposed("AQ").court) == ("", "")
    assert all(calendar_of(region) for region in BODIES)


@pytest.mark.parametrize("lacking", ["cause", "resolution", "reply"])
async def test_feedback_ends_with_cause_resolution_and_reply(counter: Counter, lacking: str):
    told = (await counter.asked(**FEEDBACK))["followed"]
    staff = await opened(counter, told)
    answer = await counter.answer(staff, told["number"], **{**GOOD, lacking: None})
    assert code(answer) == (422, "invalid_request")
    assert [it["field"] for it in answer.json()["errors"]] == [lacking]
    assert (await counter.answer(staff, told["number"], **GOOD)).status_code == 204
    answered = (await counter.follow(told)).json()["answer"]
    assert {name: answered[name] for name in GOOD} == GOOD
    assert all(text in counter.letters()[-1] for text in GOOD.values())


async def test_mail_and_post_become_cases_too_and_their_time_runs_from_the_day_they_came(
    counter: Counter,
):
    staff = await counter.staff()
    entered = await counter.enter(staff, received_on="2026-11-20")
    assert (entered.status_code, entered.json()["due_on"]) == (201, "2026-12-15")
    mail = {"kind": "email", "value": ADA}
    by_mail = await counter.enter(staff, channel="mail", kind="question", contact=mail)
    assert "no answer" in counter.letters()[0]
    found = (await counter.due(staff))["requests"]
    assert [it["number"] for it in found] == [it.json()["number"] for it in (entered, by_mail)]


@pytest.mark.parametrize("channel", ["mail", "post"])
@pytest.mark.parametrize("kind", ["question", "comment", "suggestion", "complaint"])
async def test_each_type_by_each_way_is_numbered_and_dated(
    counter: Counter, kind: str, channel: str
):
    staff = await counter.staff()
    contact = {"kind": "email", "value": ADA}
    entered = await counter.enter(staff, channel=channel, kind=kind, contact=contact)
    assert (entered.status_code, entered.json()["due_on"]) == (201, "2026-12-18")
    assert entered.json()["number"] in counter.letters()[-1]
    assert [it["kind"] for it in (await counter.due(staff))["requests"]] == [kind]


@pytest.mark.parametrize(
    "change",
    [
        {"received_on": "2026-11-26"},
        {"received_on": "2025-11-20"},
        {"received_on": "yesterday"},
        {"channel": "form"},
        {"contact": None},
        {"region": "XX"},
        {"message": ""},
    ],
    ids=str,
)
async def test_what_can_not_have_come_so_is_not_entered(counter: Counter, change: dict[str, Any]):
    assert code(await counter.enter(await counter.staff(), **change)) == (422, "invalid_request")
    assert await counter.world.rows(PrivacyCase) == []


async def test_whose_mail_is_about_a_person_gets_a_code_and_nothing_before_it(counter: Counter):
    staff = await counter.staff()
    mail = {"kind": "email", "value": ADA}
    entered = (await counter.enter(staff, channel="mail", kind="access", contact=mail)).json()
    seen = (await counter.open(staff, entered["number"])).json()
    assert seen["proven"] is False
    refused = await counter.answer(staff, entered["number"])
    assert code(refused) == (409, "identity_not_proven")
    partly = await counter.answer(staff, entered["number"], **{**REFUSAL, "outcome": "partly"})
    assert code(partly) == (409, "identity_not_proven")
    proof = await counter.prove((await counter.case()).id, counter.code_for())
    assert proof.status_code == 201
    assert (await counter.answer(staff, entered["number"])).status_code == 204
    assert (await counter.follow(proof.json())).json()["state"] == "answered"


async def test_who_can_not_be_proven_is_refused_with_reasons(counter: Counter):
    staff = await counter.staff()
    entered = (await counter.enter(staff, kind="access")).json()
    await counter.open(staff, entered["number"])
    assert code(await counter.answer(staff, entered["number"])) == (409, "identity_not_proven")
    assert (await counter.answer(staff, entered["number"], **REFUSAL)).status_code == 204


async def test_unclear_mail_waits_to_be_sorted_and_is_not_lost(counter: Counter):
    staff = await counter.staff()
    mail = {"kind": "email", "value": ADA}
    entered = (await counter.enter(staff, channel="mail", kind="unclear", contact=mail)).json()
    number = entered["number"]
    assert entered["due_on"] == "2026-12-11"  # it may be a cancellation
    path = f"/v1/support/requests/{number}/kind"
    change = {"kind": "access"}
    assert code(await counter.world.ask("PUT", path, staff, json=change))[0] == 403
    await counter.open(staff, number)
    answer = await counter.answer(staff, number)
    assert [it["field"] for it in answer.json()["errors"]] == ["kind"]
    sorted_ = await counter.world.ask("PUT", path, staff, json=change)
    assert (sorted_.json()["kind"], sorted_.json()["due_on"]) == ("access", "2026-12-18")
    assert (await counter.prove((await counter.case()).id, counter.code_for())).status_code == 201
    assert (await counter.answer(staff, number)).status_code == 204


async def test_two_answers_at_once_are_one_letter(counter: Counter):
    told = await counter.proven()
    staff = await opened(counter, told)
    before = len(counter.letters())
    await counter.world.connections_at_hand()
    answers = await asyncio.gather(*(counter.answer(staff, told["number"]) for _ in range(4)))
    assert sorted(it.status_code for it in answers) == [204, 409, 409, 409]
    assert len(counter.letters()) == before + 1


class Refusing:
    """A mail server that takes nothing."""

    async def send(self, letter: Letter) -> None:
        """Refuse."""
        raise aiosmtplib.SMTPServerDisconnected("gone")


async def test_an_answer_that_can_not_leave_is_none(counter: Counter):
    told = await counter.proven()
    staff = await opened(counter, told)
    parts = counter.world.house.foundation
    kept = parts.mail
    object.__setattr__(parts, "mail", Refusing())
    assert code(await counter.answer(staff, told["number"])) == (503, "mail_not_sent")
    assert (await counter.follow(told)).json()["state"] == "open"
    assert code(await counter.ask()) == (503, "mail_not_sent")  # a code must arrive
    words = await counter.ask(kind="question")  # a receipt need not: the number is told here
    assert words.status_code == 202
    object.__setattr__(parts, "mail", kept)
    assert (await counter.answer(staff, told["number"])).status_code == 204
