"""Whoever says that we handle data against the law: it is hardly used until we have answered."""

import asyncio

from server.foundation.purposes import Granted, granted_by
from server.privacy.cases.kinds import CaseKind
from server.privacy.cases.tables import PrivacyCase
from server.privacy.data_map import RECIPIENTS
from server.privacy.purposes import PURPOSES
from server.privacy.restriction import GOES_ON
from server.support.tables import Lookup
from tests.privacy.archives import Archive
from tests.privacy.canaries import LEAVING, found, unique_words
from tests.privacy.cases.counter import ADA, Counter, code
from tests.privacy.erasure.test_erasing import (
    TABLES,
    check_gone,
    check_no_word,
    kept_values,
    stored_bytes,
)
from tests.privacy.grounds.conftest import Asker, refused
from tests.privacy.test_export import two
from tests.registry.world import Camera

SEES = "Lisbon, Portugal"


async def granted(asker: Asker) -> Granted:
    """What the gate answers at this moment."""
    async with asker.counter.world.database.reading() as db:
        return await granted_by(db, asker.id)


async def look(asker: Asker, camera: Camera) -> tuple[int, str]:
    """The staff looks up a warranty; the status, and the code of a refusal."""
    wanted = {"case_number": "4711", "reason": "How long is it covered?"}
    body = wanted | {"serial": camera.made.serial}
    answer = await asker.counter.post("/v1/support/lookups", body, asker.staff)
    return answer.status_code, answer.json().get("code", "")


async def note_town(asker: Asker, camera: Camera) -> int:
    """The owner wants the town of a camera to be noted; the status."""
    path = f"/v1/cameras/{camera.id}/town"
    return (await asker.counter.world.ask("PUT", path, asker.headers)).status_code


async def test_while_it_is_examined_only_what_the_person_does_goes_on(asker: Asker):
    world = asker.counter.world
    camera = await world.camera()
    await world.pair(asker.person, camera)
    await asker.choose_all()
    assert SEES in (await asker.use())["place"]
    assert (await look(asker, camera), await note_town(asker, camera)) == ((201, ""), 200)
    assert await asker.letters() == 1

    number = await asker.ask("unlawful")
    now = await granted(asker)
    assert {it.code for it in PURPOSES if it.code in now} == GOES_ON
    assert (await asker.use())["place"] is None  # no new place is written down
    assert await look(asker, camera) == (409, "processing_restricted")
    assert len(await world.rows(Lookup)) == 2  # and on record all the same
    assert await note_town(asker, camera) == 409
    assert await asker.letters() == 0
    shown = await asker.purposes()
    assert {it for it in shown if shown[it]["paused"]} == set(shown) - GOES_ON

    # Storing and the owner's own reading go on, all of it.
    events = (await asker.get("/v1/account/history"))["events"]
    assert any(SEES in (it["place"] or "") for it in events)
    archive = await world.ask("POST", "/v1/privacy/export", asker.headers, json={})
    assert SEES in Archive.of(archive.content).data_text
    (shown_camera,) = (await asker.get("/v1/cameras"))["cameras"]
    assert SEES in shown_camera["town"]

    assert refused(await asker.refuse(number, reason=None)) == (422, "invalid_request", ["reason"])
    assert (await asker.refuse(number)).status_code == 204
    told = (await asker.get("/v1/account/requests"))["requests"][0]
    assert (told["ground"], told["state"]) == ("unlawful", "refused")
    assert told["answer"]["reason"] == "The law allows it."
    assert set(told["answer"]["remedies"]) == {"review", "authority", "court"}
    assert (await granted(asker)).paused == frozenset()
    assert SEES in (await asker.use())["place"]
    assert (await look(asker, camera), await asker.letters()) == ((201, ""), 1)


async def test_it_begins_with_the_proof_and_is_about_nobody_else(counter: Counter):
    ada, ben = await counter.owner_of(ADA), await counter.owner_of("ben@example.com")
    asked = await counter.asked(kind="deletion", ground="unlawful")
    mine = Asker(counter, ada, await counter.staff())
    theirs = Asker(counter, ben, mine.staff)
    assert (await granted(mine)).paused == frozenset()
    answer = await counter.prove(asked["request_id"], counter.code_for(ADA))
    assert (await granted(mine)).paused != frozenset()
    assert (await granted(theirs)).paused == frozenset()
    # Sorted as something else it would be over; and so it can't be.
    number = answer.json()["number"]
    await counter.open(mine.staff, number)
    for kind in ("question", "cancellation"):
        path = f"/v1/support/requests/{number}/kind"
        again = await counter.world.ask("PUT", path, mine.staff, json={"kind": kind})
        assert refused(again) == (422, "invalid_request", ["ground"])
    assert (await granted(mine)).paused != frozenset()


async def test_a_letter_whose_ground_the_staff_reads_restricts_from_the_proof_on(counter: Counter):
    mine = Asker(counter, await counter.owner_of(ADA), await counter.staff())
    contact = {"kind": "email", "value": ADA}
    entered = (await counter.enter(mine.staff, kind="unclear", contact=contact)).json()
    await counter.open(mine.staff, entered["number"])
    path = f"/v1/support/requests/{entered['number']}/kind"
    read = {"kind": "deletion", "ground": "unlawful"}
    assert (await counter.world.ask("PUT", path, mine.staff, json=read)).status_code == 200
    assert (await granted(mine)).paused == frozenset()
    request_id = (await counter.case()).id
    assert (await counter.prove(request_id, counter.code_for(ADA))).status_code == 201
    assert (await granted(mine)).paused != frozenset()


async def test_upheld_no_canary_is_found_anywhere_and_nothing_less_closes_it(counter: Counter):
    world = counter.world
    both = await two(world, LEAVING)
    words = unique_words(both.annas, {**both.bens, **kept_values(both.annas)})
    words -= {it.number for it in await world.rows(PrivacyCase)}
    sealed = await stored_bytes(world, both.annas)
    anna = world.again(both.anna.id, both.anna.identity.session_id)
    asker = Asker(counter, anna, await counter.staff_again())
    number = await asker.ask("unlawful")
    early = await counter.answer(asker.staff, number)
    assert refused(early) == (422, "invalid_request", ["outcome"])
    assert (await asker.act(number, act="cancel")).status_code == 201
    assert (await counter.answer(asker.staff, number)).status_code == 204
    world.clock.advance(days=7)
    await world.house.erasures.run_due()
    assert code(await counter.me(anna)) == (401, "bad_token")
    check_gone(both.annas, await found(world, TABLES))
    await check_no_word(world, words, sealed)
    assert RECIPIENTS == ()  # nobody has got any of it: who gets some is told from then on


async def test_only_a_deletion_has_a_ground(counter: Counter):
    for kind in sorted({*CaseKind} - {CaseKind.DELETION, CaseKind.UNCLEAR}):
        answer = await counter.ask(kind=kind, ground="unlawful")
        assert refused(answer) == (422, "invalid_request", ["ground"])
    assert code(await counter.ask(kind="deletion", ground="whim")) == (422, "invalid_request")


async def test_a_use_that_runs_at_the_same_moment_comes_before_or_not_at_all(asker: Asker):
    """A use is taken in the unit of work that asked the gate; the request waits for it."""
    await asker.choose_all()
    await asker.counter.world.connections_at_hand()
    number, sent = await asyncio.gather(asker.ask("unlawful"), asker.letters())
    assert (number != "", sent in (0, 1)) == (True, True)
    assert await asker.letters() == 0
