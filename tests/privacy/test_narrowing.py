"""Rights shrink only for who agrees: everybody else keeps their version, and the service."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.privacy.editions import EVERY_RIGHT, Edition, Right, load_editions
from server.privacy.policy_rules import in_force_for
from tests.people import People, people
from tests.privacy.choosing import Chooser, chooser

FIRST = load_editions()[0]


def edition(year: int, rights: frozenset[Right]) -> Edition:
    text = f"<p>{year}</p>"
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return Edition(f"{year}-01-01", datetime(year, 1, 1, tzinfo=UTC), "en", sha256, text, rights)


NARROWER = edition(2028, EVERY_RIGHT - {Right.COPY})
LATER = edition(2029, EVERY_RIGHT)


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
            assert Right.COPY in told["rights"]
            assert person.session["policy_accepted"] is True
        body = {"version": NARROWER.version, "sha256": NARROWER.sha256}
        agreed = await agreeing.ask("POST", "/v1/policy/acceptance", json=body)
        assert agreed.status_code == 201, agreed.text

        moved, kept = await policy(agreeing), await policy(silent)
        assert (moved["version"], moved["offered"]) == (NARROWER.version, None)
        assert Right.COPY not in moved["rights"]
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


RIGHTS = st.frozensets(st.sampled_from(sorted(Right)), min_size=0, max_size=3)


@given(st.lists(RIGHTS, min_size=1, max_size=6), st.data())
def test_nobody_is_ever_moved_to_fewer_rights_than_they_accepted(
    rights: list[frozenset[Right]], data: st.DataObject
) -> None:
    editions = [edition(2020 + number, each) for number, each in enumerate(rights)]
    now = datetime(2020 + data.draw(st.integers(0, len(rights) - 1)), 6, 1, tzinfo=UTC)
    come = [it for it in editions if it.in_force_since <= now]
    accepted = data.draw(st.sets(st.sampled_from([it.version for it in come])))
    found = in_force_for(editions, accepted, now)
    assert found in come
    if not accepted:
        assert found == come[-1]
    else:
        newest = max(accepted)
        theirs = next(it for it in come if it.version == newest)
        assert found.rights >= theirs.rights
        assert found.version >= newest
