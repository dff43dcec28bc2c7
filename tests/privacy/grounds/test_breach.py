"""Whoever says that we used data against our agreement: recorded uses are held against it."""

from datetime import UTC, datetime

import pytest

from server.privacy.data_map_rules import DataMap, MappedColumn, MappedTable
from server.privacy.declaration_rules import Declaration, DeclaredUse
from server.privacy.erasure.tables import Tombstone
from server.privacy.findings.finding_rules import Beyond, RecordedUse, beyond
from server.privacy.news.tables import NewsIssue, NewsLetter
from server.privacy.tables import Consent
from tests.privacy.grounds.conftest import Asker, refused


async def plant_use(asker: Asker, purpose: str) -> None:
    """A letter that was sent for a purpose, under the person's only choice."""
    world = asker.counter.world
    (yes,) = await world.rows(Consent)
    now, ids = world.clock.now(), world.house.foundation.ids
    async with world.database.writing() as db:
        issue = NewsIssue(
            id=ids.new("nws"), purpose=purpose, subject="Buy", text="Now.", queued_at=now
        )
        db.add(issue)
        await db.flush()
        db.add(
            NewsLetter(
                id=ids.new("nwl"),
                issue_id=issue.id,
                account_id=asker.id,
                consent_id=yes.id,
                state="sent",
                queued_at=now,
                taken_at=now,
                try_at=now,
            )
        )


@pytest.mark.parametrize(
    ("purpose", "how"),
    [("profiling", "purpose_not_told"), ("invitations", "not_chosen")],
)
async def test_a_use_beyond_the_accepted_version_is_found_and_upheld(
    asker: Asker, purpose: str, how: str
):
    world = asker.counter.world
    await asker.choose("news")
    assert await asker.letters() == 1
    await plant_use(asker, purpose)
    number = await asker.ask("breach")
    found = await asker.findings(number)
    version = found["accepted"][0]["version"]
    assert [(it["purpose"], it["version"], it["beyond"]) for it in found["uses"]] == [
        ("news", version, None),
        (purpose, version, how),
    ]
    assert found["uses"][1]["data"] == ["e-mail address"]
    assert found["proposed"]["outcome"] == "answered"
    assert purpose in found["proposed"]["reply"]
    assert refused(await asker.refuse(number)) == (422, "invalid_request", ["outcome"])
    assert refused(await asker.counter.answer(asker.staff, number))[2] == ["outcome"]
    assert (await asker.act(number, act="cancel")).status_code == 201
    reply = found["proposed"]["reply"]
    assert (await asker.counter.answer(asker.staff, number, reply=reply)).status_code == 204
    world.clock.advance(days=7)
    await world.house.erasures.run_due()
    assert [it.account_id for it in await world.rows(Tombstone)] == [asker.id]
    assert await world.rows(NewsLetter) == []


async def test_a_clean_record_gets_an_answer_with_its_reasons(asker: Asker):
    world = asker.counter.world
    camera = await world.camera()
    await world.pair(asker.person, camera)
    await asker.choose("news")
    assert await asker.letters() == 1
    look = {"case_number": "4711", "reason": "How long is it covered?"}
    look |= {"serial": camera.made.serial}
    assert (await asker.counter.post("/v1/support/lookups", look, asker.staff)).status_code == 201
    number = await asker.ask("breach")
    found = await asker.findings(number)
    assert {(it["what"], it["beyond"]) for it in found["uses"]} == {
        ("letter", None),
        ("look by our staff", None),
    }
    proposed = found["proposed"]
    assert (proposed["outcome"], "2 uses" in proposed["reason"]) == ("refused", True)
    assert found["accepted"][0]["version"] in proposed["reason"]
    assert all(proposed["remedies"].values())
    answer = await asker.counter.answer(asker.staff, number, **proposed)
    assert answer.status_code == 204, answer.text
    told = (await asker.get("/v1/account/requests"))["requests"][0]
    assert (told["state"], told["answer"]["reason"]) == ("refused", proposed["reason"])


TOLD = Declaration(
    purposes=(
        DeclaredUse("news", "News", "consent", "off_at_first", "low", "", None),
        DeclaredUse("support", "Support", "contract", "none", "low", "", None),
    ),
    rights={},
    working_days={},
    authorities={},
    data_map=DataMap(
        (
            MappedTable(
                "account",
                "",
                (),
                (MappedColumn("email", "e-mail", "", "", 0, "", "", ""),),
            ),
        ),
        (),
    ),
)


@pytest.mark.parametrize(
    ("purpose", "column", "chosen", "accepted", "found"),
    [
        ("news", "account.email", True, TOLD, None),
        ("support", "account.email", False, TOLD, None),
        ("news", "account.email", False, TOLD, Beyond.NOT_CHOSEN),
        ("news", "account.birthday", True, TOLD, Beyond.DATA_NOT_TOLD),
        ("shops", "account.email", True, TOLD, Beyond.PURPOSE_NOT_TOLD),
        ("news", "account.email", True, None, Beyond.NOTHING_ACCEPTED),
    ],
)
def test_a_use_keeps_to_what_was_told_and_chosen(
    purpose: str, column: str, chosen: bool, accepted: Declaration | None, found: Beyond | None
):
    at = datetime(2026, 11, 24, tzinfo=UTC)
    use = RecordedUse("letter", purpose, at, (column,), chosen)
    assert beyond(use, accepted) is found
