"""Rights shrink only for who agrees: everybody else keeps their version, and the service."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.privacy.data_map_rules import Change
from server.privacy.declaration_rules import Declaration, changes, narrows
from server.privacy.editions import Edition
from server.privacy.policy_rules import standing
from tests.people import People, people
from tests.privacy.choosing import Chooser, chooser
from tests.privacy.declaring import COPY, FIRST, edition, with_more, without

NARROWER = edition(2028, without(COPY))
LATER = edition(2029, with_more())


def compared(old: Edition, new: Edition) -> tuple[Change, ...]:
    return changes(old.declared, new.declared)


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[People]:
    """Today the first edition; a year later a narrower one; then all rights again."""
    async with people(tmp_path, database_url, editions=(FIRST, NARROWER, LATER)) as running:
        yield running


async def policy(person: Chooser) -> dict[str, Any]:
    return (await person.ask("GET", "/v1/policy")).json()


async def sign_in(person: Chooser, email: str) -> None:
    person.session = (await person.house.sign_in(person.browser, email)).json()


async def test_who_says_nothing_keeps_rights_and_service_and_who_agrees_moves(
    house: People,
) -> None:
    async with house.browser() as anna, house.browser() as ben, house.browser() as newcomer:
        silent, agreeing = await chooser(house, anna), await chooser(house, ben)
        house.clock.advance(days=500)
        for number, person in enumerate((silent, agreeing)):
            await sign_in(person, f"person{number}@example.com")
            told = await policy(person)
            assert (told["version"], told["offered"]) == (FIRST.version, NARROWER.version)
            assert COPY in told["rights"]
            assert person.session["policy_accepted"] is True
            offered = await person.ask("GET", f"/v1/policy/versions/{NARROWER.version}")
            assert offered.json()["changes"] == [
                {"text": f"you can no longer {COPY}", "narrows": True}
            ]
        body: dict[str, Any] = {"version": NARROWER.version, "sha256": NARROWER.sha256}
        for unasked in ({}, {"fewer_rights": False}):  # a yes to the policy is none to a loss
            answer = await agreeing.ask("POST", "/v1/policy/acceptance", json=body | unasked)
            assert (answer.status_code, answer.json()["code"]) == (409, "fewer_rights")
        assert (await policy(agreeing))["version"] == FIRST.version
        body["fewer_rights"] = True
        agreed = await agreeing.ask("POST", "/v1/policy/acceptance", json=body)
        assert agreed.status_code == 201, agreed.text

        moved, kept = await policy(agreeing), await policy(silent)
        assert (moved["version"], moved["offered"]) == (NARROWER.version, None)
        assert COPY not in moved["rights"]
        assert (kept["version"], kept["offered"]) == (FIRST.version, NARROWER.version)
        for person in (silent, agreeing):
            assert (await person.ask("GET", "/gated/person")).status_code == 200
        choice = await silent.chosen("town_of_use", on=True)
        assert choice["policy_version"] == FIRST.version

        fresh = await chooser(house, newcomer)  # who is new is shown the newest, and agrees to it
        assert (await policy(fresh))["version"] == NARROWER.version


async def test_a_version_that_takes_nothing_is_asked_of_everybody(house: People) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        house.clock.advance(days=1000)
        await sign_in(person, "person0@example.com")
        assert person.session["policy_accepted"] is False
        assert (await policy(person))["version"] == LATER.version
        shut = await person.ask("GET", "/gated/person")
        assert (shut.status_code, shut.json()["code"]) == (403, "policy_not_accepted")


DAYS = "an answer to whatever you ask"
LOSSES = (
    without(COPY),
    with_more(rights={**FIRST.declared.rights, COPY: FIRST.declared.rights[COPY][:1]}),
    with_more(working_days={**FIRST.declared.working_days, DAYS: 16}),
    with_more(working_days={}),
)
GAINS = (
    with_more(rights={**FIRST.declared.rights, "take it to another company": ("by a file",)}),
    with_more(rights={**FIRST.declared.rights, COPY: (*FIRST.declared.rights[COPY], "by fax")}),
    with_more(working_days={**FIRST.declared.working_days, DAYS: 14}),
    with_more(working_days={**FIRST.declared.working_days, "a correction": 5}),
)


@pytest.mark.parametrize("after", LOSSES, ids=["right", "way", "longer", "no term"])
async def test_each_loss_is_flagged_and_binds_only_who_agrees(
    tmp_path: Path, database_url: str, after: Declaration
) -> None:
    first = changes(FIRST.declared, after)[0]
    assert (first.material, first.narrows) == (True, True)
    later = edition(2028, after)
    async with (
        people(tmp_path, database_url, editions=(FIRST, later)) as house,
        house.browser() as browser,
    ):
        person = await chooser(house, browser)
        house.clock.advance(days=500)
        await sign_in(person, "person0@example.com")
        assert (await policy(person))["version"] == FIRST.version
        assert (await person.ask("GET", "/gated/person")).status_code == 200


@pytest.mark.parametrize("after", GAINS, ids=["right", "way", "sooner", "term"])
def test_a_gain_is_told_and_needs_no_yes_to_a_loss(after: Declaration) -> None:
    found = changes(FIRST.declared, after)
    assert [(it.material, it.narrows) for it in found] == [(True, False)]
    later = edition(2028, after)
    now = later.in_force_since
    known = standing((FIRST, later), {FIRST.version}, now, compared)
    assert (known.counts, known.offered, known.accepted) == (later, None, False)


RIGHTS = st.frozensets(st.sampled_from(sorted(FIRST.declared.rights)), min_size=0, max_size=3)


@given(st.lists(RIGHTS, min_size=1, max_size=6), st.data())
def test_nobody_is_ever_moved_to_fewer_rights_than_they_accepted(
    rights: list[frozenset[str]], data: st.DataObject
) -> None:
    editions = [edition(2020 + number, without(*each)) for number, each in enumerate(rights)]
    now = datetime(2020 + data.draw(st.integers(0, len(rights) - 1)), 6, 1, tzinfo=UTC)
    come = [it for it in editions if it.in_force_since <= now]
    accepted = data.draw(st.sets(st.sampled_from([it.version for it in come])))
    found = standing(editions, accepted, now, compared).counts
    assert found in come
    if not accepted:
        assert found == come[-1]
    else:
        newest = max(accepted)
        theirs = next(it for it in come if it.version == newest)
        assert not narrows(theirs.declared, found.declared)
        assert found.declared.rights.keys() >= theirs.declared.rights.keys()
        assert found.version >= newest
