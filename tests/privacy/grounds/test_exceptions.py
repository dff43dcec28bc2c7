"""Consent isn't needed in eleven situations, each with its evidence, a second person and an end."""

from datetime import timedelta
from typing import Any

import httpx

from server.foundation.purposes import granted_by
from server.privacy.exceptions.excepting import end_run_out
from server.privacy.exceptions.situations import SITUATIONS, Situation
from server.privacy.exceptions.tables import ConsentException
from server.security.events import SecurityEvent
from tests.privacy.archives import Archive
from tests.privacy.cases.counter import ADA
from tests.privacy.grounds.conftest import Asker, refused

SEES = "Lisbon, Portugal"
SHOWN = "Order 12/26 of the court of Lisbon"  # long enough, and with a number


def wish(asker: Asker, situation: str, **change: Any) -> dict[str, Any]:
    """An exception that lacks nothing."""
    until = asker.counter.world.clock.now() + timedelta(days=20)
    terms = SITUATIONS[Situation(situation)]
    return {
        "situation": situation,
        "purpose": "town_of_use",
        "concerning": ADA,
        "evidence": dict.fromkeys(terms.evidence, SHOWN),
        "until": until.isoformat(),
    } | change


async def ask(asker: Asker, body: dict[str, Any]) -> httpx.Response:
    """The staff asks for an exception."""
    return await asker.counter.post("/v1/support/exceptions", body, asker.staff)


async def approve(asker: Asker, staff: dict[str, str], exception_id: str) -> httpx.Response:
    """Somebody on the staff approves it."""
    path = f"/v1/support/exceptions/{exception_id}/approval"
    return await asker.counter.post(path, None, staff)


async def second(asker: Asker) -> dict[str, str]:
    """Another member of the staff, who is there before anybody asks for anything."""
    pavel = await asker.counter.staff("Pavel")
    asker.counter.world.clock.advance(seconds=1)
    return pavel


async def is_on(asker: Asker, purpose: str = "town_of_use") -> bool:
    """What the gate answers."""
    async with asker.counter.world.database.reading() as db:
        return purpose in await granted_by(db, asker.id)


def test_there_are_eleven_and_each_demands_evidence_and_an_end():
    assert len(SITUATIONS) == len(Situation) == 11
    assert all(it.evidence and it.longest <= timedelta(days=366) for it in SITUATIONS.values())
    assert "statute" in SITUATIONS[[*Situation][-1]].evidence
    assert [code for code, it in SITUATIONS.items() if "statute" in it.evidence] == ["statute"]


async def test_incomplete_each_is_refused_and_complete_allowed_and_logged(asker: Asker):
    pavel = await second(asker)
    for number, situation in enumerate(Situation, 1):
        whole = wish(asker, situation)
        for missing in whole["evidence"]:
            less = {name: text for name, text in whole["evidence"].items() if name != missing}
            for evidence in (less, less | {missing: "because"}):
                answer = await ask(asker, whole | {"evidence": evidence})
                assert refused(answer)[2] == [f"evidence.{missing}"], situation
        far = asker.counter.world.clock.now() + SITUATIONS[situation].longest
        for until in (far + timedelta(seconds=1), far - SITUATIONS[situation].longest):
            answer = await ask(asker, whole | {"until": until.isoformat()})
            assert refused(answer)[2] == ["until"], situation
        made = await ask(asker, whole)
        assert (made.status_code, await is_on(asker)) == (201, False), made.text
        own = await approve(asker, asker.staff, made.json()["id"])
        assert (refused(own)[:2], await is_on(asker)) == ((403, "own_exception"), False)
        assert (await approve(asker, pavel, made.json()["id"])).status_code == 200
        assert await is_on(asker)
        again = await approve(asker, pavel, made.json()["id"])
        assert refused(again)[:2] == (409, "exception_over")

        (mine, *_) = (await asker.get("/v1/privacy/exceptions"))["exceptions"]
        assert (mine["situation"], mine["evidence"]) == (situation, whole["evidence"])
        event = (await asker.get("/v1/account/history?by_staff=true"))["events"][0]
        assert (event["kind"], mine["situation_title"] in event["text"]) == (
            "consent_dispensed",
            True,
        )
        path = f"/v1/support/exceptions/{made.json()['id']}"
        assert (await asker.counter.world.ask("DELETE", path, pavel)).status_code == 200
        assert not await is_on(asker)
        assert len(await asker.counter.world.rows(ConsentException)) == number
        asker.counter.world.clock.advance(seconds=20)


async def test_what_is_unknown_or_says_too_little_is_refused(asker: Asker):
    for change, field in (
        ({"situation": "our_interest"}, "situation"),
        ({"evidence": {"statute": "The law on data", "duty": SHOWN}}, "evidence.statute"),
        ({"evidence": wish(asker, "statute")["evidence"] | {"else": SHOWN}}, "evidence.else"),
        ({"purpose": "calls"}, "purpose"),
        ({"until": None}, "until"),
    ):
        answer = await ask(asker, wish(asker, "statute") | change)
        assert refused(answer) == (422, "invalid_request", [field]), answer.text
    unknown = await ask(asker, wish(asker, "statute", purpose="marketing"))
    assert refused(unknown)[:2] == (404, "unknown_purpose")
    nobody = await ask(asker, wish(asker, "statute", concerning="nobody@example.com"))
    assert refused(nobody)[:2] == (409, "nothing_to_act_on")
    assert (await asker.counter.post("/v1/support/exceptions", {}, {})).status_code == 401
    assert await asker.counter.world.rows(ConsentException) == []


async def test_who_joins_the_staff_after_it_was_asked_for_does_not_approve_it(asker: Asker):
    """Else the first would make the second."""
    made = (await ask(asker, wish(asker, "crime"))).json()
    asker.counter.world.clock.advance(seconds=1)
    accomplice = await asker.counter.staff("Quentin")
    answer = await approve(asker, accomplice, made["id"])
    assert (refused(answer)[:2], await is_on(asker)) == ((403, "own_exception"), False)


async def test_it_is_honoured_until_its_end_and_then_what_it_brought_goes(asker: Asker):
    world = asker.counter.world
    other = Asker(asker.counter, await asker.counter.owner_of("ben@example.com"), asker.staff)
    pavel = await second(asker)
    made = (await ask(asker, wish(asker, "crime"))).json()
    listed = await world.ask("GET", "/v1/support/exceptions", pavel)
    assert [it["id"] for it in listed.json()["exceptions"]] == [made["id"]]
    assert ADA not in listed.text
    assert "Lisbon" not in (await asker.use())["place"]
    assert (await approve(asker, pavel, made["id"])).status_code == 200
    assert SEES in (await asker.use())["place"]
    assert not await is_on(other)
    archive = await world.ask("POST", "/v1/privacy/export", asker.headers, json={})
    assert SHOWN in Archive.of(archive.content).data_text

    # A law outweighs a restriction that the person has asked for; a contract wouldn't.
    number = await asker.ask("unlawful")
    assert await is_on(asker)
    assert (await asker.refuse(number)).status_code == 204

    world.clock.advance(days=20)
    assert not await is_on(asker)
    parts = world.house.foundation
    async with world.database.writing() as db:  # as the server does every hour
        await end_run_out(db, parts.ids, world.house.purposes, world.clock.now())
    again = await asker.counter.sign_in_again(asker.person)
    late = Asker(asker.counter, again, await asker.counter.staff_again())
    assert "Lisbon" not in (await late.use())["place"]
    assert {it.seen_town for it in await world.rows(SecurityEvent)} == {None}
    assert "consent_needed_again" in {it["kind"] for it in await world.history(again)}


async def test_what_is_no_law_waits_while_a_request_is_examined(asker: Asker):
    pavel = await second(asker)
    made = (await ask(asker, wish(asker, "contract_asked_for"))).json()
    await approve(asker, pavel, made["id"])
    assert await is_on(asker)
    await asker.ask("unlawful")
    assert not await is_on(asker)
