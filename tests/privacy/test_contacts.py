"""Who answers for the data, and where: changed only with a notice, and told to everybody."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from server.foundation.settings import PREFIX, BadSettings, Settings
from server.privacy.contact_rules import Published, deployed
from server.privacy.contacts import contacts_in, settle_contacts
from server.privacy.declaration_rules import Contacts
from server.privacy.tables import PolicyAcceptance, PublishedContacts
from tests.movable_clock import MORNING
from tests.people import People, people
from tests.privacy.choosing import chooser
from tests.privacy.declaring import FIRST, edition, with_more

NOTICE = "letter of 1 December 2026"
CHANGES = {
    "controller_name": "Home Ltd",
    "contact_department": "The data desk",
    "contact_email": "data@home.example",
    "contact_postal_address": "2 Other Street",
}


def production(house: People, **changed: Any) -> Settings:
    """The house's settings with others, as production checks them."""
    return house.settings.model_copy(update={"mode": "production", **changed})


async def settle(house: People, settings: Settings) -> Sequence[Published]:
    under = FIRST.version
    return await settle_contacts(house.database, settings, under, house.clock.now())


@pytest.mark.parametrize("name", CHANGES)
async def test_a_changed_contact_starts_with_a_notice_and_not_without(
    house: People, name: str
) -> None:
    changed = {name: CHANGES[name]}
    assert len(await settle(house, production(house))) == 1
    assert len(await settle(house, production(house))) == 1  # the same again is no change
    with pytest.raises(BadSettings, match=f"{PREFIX}CONTACT_NOTICE") as refused:
        await settle(house, production(house, **changed))
    assert CHANGES[name] not in str(refused.value)
    assert len(await house.rows(PublishedContacts)) == 1
    told = production(house, contact_notice=NOTICE, **changed)
    assert (await settle(house, told))[-1].contacts == contacts_in(told)
    assert len(await settle(house, told)) == 2  # the next start, the notice still there
    back = production(house, contact_notice=NOTICE)
    with pytest.raises(BadSettings):  # a notice tells of one change
        await settle(house, back)
    assert [it.notice for it in await house.rows(PublishedContacts)] == ["", NOTICE]


async def test_a_demo_publishes_only_what_it_names_a_notice_for(house: People) -> None:
    for changed in ({}, CHANGES):
        assert len(await settle(house, house.settings.model_copy(update=changed))) == 0
    named = house.settings.model_copy(update={"contact_notice": NOTICE})
    assert len(await settle(house, named)) == 1


async def test_processes_that_start_at_once_publish_once(house: People) -> None:
    settings = production(house)
    found = await asyncio.gather(*(settle(house, settings) for _ in range(4)))
    assert [len(it) for it in found] == [1] * 4


async def test_a_changed_contact_is_told_to_everybody_before_anything_else(
    tmp_path: Path, database_url: str
) -> None:
    async with people(tmp_path, database_url) as house, house.browser() as browser:
        policy = vars(house.app)["_app"].state.policy
        policy.know_contacts(await settle(house, production(house)))
        person = await chooser(house, browser)
        assert (await person.ask("GET", "/gated/person")).status_code == 200
        house.clock.advance(seconds=60)
        told = production(house, contact_notice=NOTICE, contact_email="data@home.example")
        policy.know_contacts(await settle(house, told))

        assert (await person.ask("GET", "/gated/person")).status_code == 403
        shown = (await person.ask("GET", "/v1/policy")).json()
        assert shown["version"] == f"{FIRST.version}.2"
        assert shown["html"] == FIRST.html
        before = house.settings.contact_email
        assert shown["changes"] == [
            {
                "text": "the e-mail address for questions and complaints: "
                f"data@home.example instead of {before}",
                "narrows": False,
            }
        ]
        body = {"version": shown["version"], "sha256": shown["sha256"]}
        assert (await person.ask("POST", "/v1/policy/acceptance", json=body)).is_success
        assert (await person.ask("GET", "/gated/person")).status_code == 200
        versions = {it.version for it in await house.rows(PolicyAcceptance)}
        assert versions == {FIRST.version, f"{FIRST.version}.2"}


# ---- which contacts a version has

HERE = Contacts("SecuHome", "Desk", "a@home.example", "1 Street")
THERE = replace(HERE, email="b@home.example")
NEXT = edition(2027, with_more())


def published(number: int, under: str, days: int, contacts: Contacts) -> Published:
    return Published(number, under, MORNING + timedelta(days=days), contacts, f"notice {number}")


def test_without_anything_published_the_versions_are_as_they_were_written() -> None:
    assert deployed((FIRST, NEXT), ()) == (FIRST, NEXT)


def test_a_version_takes_over_the_contacts_of_the_one_before() -> None:
    rows = published(1, FIRST.version, 0, HERE), published(2, FIRST.version, 3, THERE)
    found = [(it.version, it.declared.contacts) for it in deployed((FIRST, NEXT), rows)]
    assert found == [
        (FIRST.version, HERE),
        (f"{FIRST.version}.2", THERE),
        (NEXT.version, THERE),
    ]


def test_who_deploys_late_takes_nobody_back_to_an_earlier_text() -> None:
    """The contacts changed under the first version, when the second had begun elsewhere."""
    rows = published(1, FIRST.version, 0, HERE), published(2, FIRST.version, 100, THERE)
    assert [it.version for it in deployed((FIRST, NEXT), rows)][-1] == NEXT.version
